/* hearth account list, import, export, add and watch: single keys and addresses. */
#include "node/app/cmd.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "node/app/cmd_account.h"

/* --- saying -----------------------------------------------------------------------------------*/

static void print_account(const json_t *account) {
    char id[32];
    (void)snprintf(id, sizeof id, "%lld",
                   (long long)json_integer_value(json_object_get(account, "id")));
    printf("%-9s %s  %-8s ", id, ht_wallet_text(account, "address"),
           ht_wallet_text(account, "kind"));
    ht_wallet_put(stdout, ht_wallet_text(account, "label"));
    if (json_is_string(json_object_get(account, "path"))) {
        printf(" (%s, %s)", ht_wallet_text(account, "seed"), ht_wallet_text(account, "path"));
    }
    printf("%s\n", json_is_true(json_object_get(account, "is_hidden")) ? " hidden" : "");
}

static void print_nostr(const json_t *nostr) {
    printf("%-9s %s  %-8s ", ht_wallet_text(nostr, "id"), ht_wallet_text(nostr, "pubkey"),
           ht_wallet_text(nostr, "kind"));
    ht_wallet_put(stdout, ht_wallet_text(nostr, "label"));
    printf("\n");
}

static void print_list(const struct ht_wallet *wallet, const json_t *accounts) {
    size_t i;
    json_t *one;
    (void)wallet;
    bool is_empty = json_array_size(json_object_get(accounts, "accounts")) == 0 &&
                    json_array_size(json_object_get(accounts, "seeds")) == 0 &&
                    json_array_size(json_object_get(accounts, "nostr")) == 0;
    if (is_empty) printf("There is no account yet: hearth account create, restore or watch.\n");
    json_array_foreach(json_object_get(accounts, "accounts"), i, one) print_account(one);
    json_array_foreach(json_object_get(accounts, "nostr"), i, one) print_nostr(one);
    json_array_foreach(json_object_get(accounts, "seeds"), i, one) {
        printf("%-9s ", ht_wallet_text(one, "id"));
        ht_wallet_put(stdout, ht_wallet_text(one, "label"));
        const json_t *words = json_object_get(one, "words");
        if (json_is_integer(words)) printf(", %lld words", (long long)json_integer_value(words));
        printf("%s\n", json_is_true(json_object_get(one, "is_backed_up"))
                           ? ""
                           : ", cannot sign before its words are checked: hearth account backup");
    }
}

void ht_account_print_new(const struct ht_wallet *wallet, const json_t *result) {
    (void)wallet;
    const json_t *account = json_object_get(result, "account");
    const json_t *nostr = json_object_get(result, "nostr");
    if (json_is_object(account)) print_account(account);
    if (json_is_object(nostr)) print_nostr(nostr);
    if (!json_is_string(json_object_get(result, "seed"))) return;
    printf("%-9s %s\n", ht_wallet_text(result, "seed"),
           json_is_true(json_object_get(result, "is_backed_up")) ? "its words are kept"
                                                                 : "its words are not checked yet");
}

/* --- import -----------------------------------------------------------------------------------*/

enum ht_err ht_account_import(const struct ht_wallet *wallet, json_t **result,
                              const struct ht_account_import *what, struct ht_why *why) {
    bool has_password = what->password != NULL;
    const ht_bytes parts[] = {ht_secret_view(what->secret),
                              has_password ? ht_secret_view(what->password) : ht_bytes_of("", 0)};
    json_t *params = json_pack("{s:s}", "kind", what->kind);
    if (params != NULL && what->label != NULL) {
        (void)json_object_set_new(params, "label", json_string(what->label));
    }
    if (params != NULL && what->words > 0) {
        (void)json_object_set_new(params, "words", json_integer(what->words));
    }
    const struct ht_wallet_sealed sealed = {
        .method = "wallet.import",
        .request = HT_SIGNER_IMPORT,
        .params = params,
        .parts = parts,
        .part_count = has_password ? 2 : 1,
    };
    return ht_wallet_call_sealed(wallet, result, &sealed, why);
}

static void trim(struct ht_secret *text) {
    static const char white[] = " \t\r\n";
    size_t first = strspn(text->p, white);
    while (text->n > first && strchr(white, text->p[text->n - 1]) != NULL) text->n--;
    text->n -= first;
    memmove(text->p, text->p + first, text->n);
    text->p[text->n] = '\0';
}

/* What a text is, by how it begins. */
static const char *kind_of(const struct ht_secret *text) {
    if (text->p[0] == '{') return "keystore";
    if (strncmp(text->p, "ncryptsec1", 10) == 0) return "nip49";
    return strncmp(text->p, "nsec1", 5) == 0 ? "nsec" : "raw";
}

static enum ht_err import(struct ht_wallet *wallet, json_t **result, struct ht_why *why) {
    struct ht_secret secret = {0}, password = {0};
    enum ht_err err = ht_secret_new(&secret, HT_WALLET_SECRET_MAX, why);
    if (err == HT_OK && wallet->operand_count > 0) {
        err = ht_secret_read_file(&secret, wallet->operands[0], why);
    }
    if (err == HT_OK) err = ht_wallet_open(wallet, true, why);
    if (err == HT_OK && wallet->operand_count == 0) {
        err = ht_prompt_secret(&secret, &wallet->prompt,
                               "Key (64 hex digits, nsec1… or ncryptsec1…): ", why);
    }
    if (err == HT_OK) trim(&secret);
    if (err == HT_OK && secret.n == 0) {
        err = ht_fail(why, HT_EINPUT, "no_answer", "there is no key in it");
    }
    struct ht_account_import what = {.label = wallet->options.label, .secret = &secret, .kind = ""};
    if (err == HT_OK) what.kind = kind_of(&secret);
    if (strcmp(what.kind, "keystore") == 0 || strcmp(what.kind, "nip49") == 0) {
        err = ht_secret_new(&password, HT_WALLET_PASSPHRASE_MAX, why);
        what.password = &password;
        if (err == HT_OK) {
            err = ht_prompt_secret(&password, &wallet->prompt, "Password of this key: ", why);
        }
    }
    if (err == HT_OK) err = ht_account_import(wallet, result, &what, why);
    ht_secret_free(&secret);
    ht_secret_free(&password);
    return err;
}

/* --- export -----------------------------------------------------------------------------------*/

enum ht_err ht_account_write_file(int dir_fd, const char *path, ht_bytes content,
                                  struct ht_why *why) {
    int fd = openat(dir_fd, path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0 && errno == EEXIST) {
        return ht_fail(why, HT_EDENIED, "file_exists", "%s is there already", path);
    }
    bool is_good = fd >= 0;
    while (is_good && content.n > 0) {
        ssize_t wrote = write(fd, content.p, content.n);
        if (wrote < 0 && errno == EINTR) continue;
        is_good = wrote > 0;
        if (is_good) content = ht_bytes_of(content.p + wrote, content.n - (size_t)wrote);
    }
    is_good = is_good && fsync(fd) == 0;
    int number = errno;
    if (fd >= 0) is_good = close(fd) == 0 && is_good;
    if (is_good) return HT_OK;
    return ht_fail(why, HT_ESTORE, "unwritable", "%s: %s", path, strerror(number));
}

enum ht_err ht_account_export(const struct ht_wallet *wallet, json_t **result,
                              const struct ht_account_export *what, struct ht_why *why) {
    bool has_password = what->password != NULL;
    const ht_bytes parts[] = {ht_secret_view(&wallet->passphrase),
                              has_password ? ht_secret_view(what->password) : ht_bytes_of("", 0)};
    const struct ht_wallet_sealed sealed = {
        .method = "wallet.export",
        .request = HT_SIGNER_EXPORT,
        .params = json_pack("{s:O, s:s}", "id", what->id, "format", what->format),
        .parts = parts,
        .part_count = has_password ? 2 : 1,
        .reply = what->secret,
    };
    return ht_wallet_call_sealed(wallet, result, &sealed, why);
}

/* Straight from locked memory: a JSON value of jansson's would be a copy elsewhere. None of the
 * formats but the keystore, which is JSON, has anything in it that JSON would escape. */
static void write_secret(struct ht_wallet *wallet, const struct ht_secret *secret) {
    const char *format = wallet->options.format;
    const struct ht_prompt to = {.out = STDOUT_FILENO};
    const char *quote = strcmp(format, "keystore") == 0 ? "" : "\"";
    wallet->is_printed = true;
    if (wallet->options.is_json) {
        ht_prompt_say(&to, "{\"format\":\"%s\",\"secret\":%s", format, quote);
    }
    ht_prompt_show(&to, ht_secret_view(secret));
    ht_prompt_say(&to, "%s\n", !wallet->options.is_json ? "" : quote[0] != '\0' ? "\"}" : "}");
}

static bool is_one_of(const char *word, const char *const *list) {
    while (*list != NULL && strcmp(*list, word) != 0) list++;
    return *list != NULL;
}

static enum ht_err export_one(struct ht_wallet *wallet, json_t **result, json_t *id,
                              struct ht_why *why) {
    static const char *const sealed_formats[] = {"keystore", "nip49", NULL};
    struct ht_secret secret = {0}, password = {0};
    const char *format = wallet->options.format, *path = wallet->options.out;
    bool has_password = is_one_of(format, sealed_formats);
    enum ht_err err = ht_wallet_ask_passphrase(wallet, why);
    if (err == HT_OK) err = ht_secret_new(&secret, HT_WALLET_SECRET_MAX, why);
    if (err == HT_OK) err = ht_secret_new(&password, HT_WALLET_PASSPHRASE_MAX, why);
    if (err == HT_OK && has_password) {
        err = ht_prompt_new_secret(&password, &wallet->prompt,
                                   "New password for this key: ", HT_WALLET_PASSPHRASE_MIN, why);
    }
    if (err == HT_OK) {
        const struct ht_account_export what = {.id = id,
                                               .format = format,
                                               .password = has_password ? &password : NULL,
                                               .secret = &secret};
        err = ht_account_export(wallet, result, &what, why);
    }
    if (err == HT_OK && json_is_true(json_object_get(*result, "has_passphrase"))) {
        ht_prompt_say(&wallet->prompt,
                      "The words alone do not restore this seed: it has a BIP-39 passphrase.\n");
    }
    if (err == HT_OK && path != NULL) {
        err = ht_account_write_file(AT_FDCWD, path, ht_secret_view(&secret), why);
        if (err == HT_OK) (void)json_object_set_new(*result, "file", json_string(path));
    } else if (err == HT_OK) {
        write_secret(wallet, &secret);
    }
    ht_secret_free(&secret);
    ht_secret_free(&password);
    return err;
}

static enum ht_err export(struct ht_wallet *wallet, json_t **result, struct ht_why *why) {
    static const char *const formats[] = {"mnemonic", "raw", "keystore", "nip49", "nsec", NULL};
    json_t *id = NULL;
    if (wallet->options.format == NULL || !is_one_of(wallet->options.format, formats)){
        return ht_wallet_usage(wallet, why,
                               "--format mnemonic, raw, keystore, nip49 or nsec is needed");}
enum ht_err err = ht_wallet_open(wallet, false, why);
if (err == HT_OK) err = ht_wallet_find(wallet, &id, wallet->operands[0], why);
if (err == HT_OK) err = export_one(wallet, result, id, why);
json_decref(id);
return err;
}

static void print_file(const struct ht_wallet *wallet, const json_t *result) {
    (void)wallet;
    printf("%-11s %s\n", "Written", ht_wallet_text(result, "file"));
}

/* --- list, add, watch -------------------------------------------------------------------------*/

static enum ht_err list(struct ht_wallet *wallet, json_t **result, struct ht_why *why) {
    return ht_wallet_call(wallet, result, "wallet.accounts", json_object(), why);
}

static enum ht_err only_seed(const struct ht_wallet *wallet, json_t **seed, struct ht_why *why) {
    json_t *accounts = NULL;
    if (wallet->operand_count > 0) return ht_wallet_find(wallet, seed, wallet->operands[0], why);
    enum ht_err err = ht_wallet_call(wallet, &accounts, "wallet.accounts", json_object(), why);
    if (err != HT_OK) return err;
    const json_t *seeds = json_object_get(accounts, "seeds");
    size_t count = json_array_size(seeds);
    if (count == 1) *seed = json_incref(json_object_get(json_array_get(seeds, 0), "id"));
    json_decref(accounts);
    if (count == 1) return HT_OK;
    return ht_fail(why, HT_ENOTFOUND, "no_such_account",
                   count == 0 ? "there is no seed: hearth account create"
                              : "say which seed: hearth account list shows them");
}

static enum ht_err add(struct ht_wallet *wallet, json_t **result, struct ht_why *why) {
    json_t *seed = NULL;
    enum ht_err err = ht_wallet_open(wallet, false, why);
    if (err == HT_OK) err = only_seed(wallet, &seed, why);
    if (err != HT_OK) return err;
    json_t *params = json_pack("{s:o}", "seed", seed);
    if (params != NULL && wallet->options.label != NULL) {
        (void)json_object_set_new(params, "label", json_string(wallet->options.label));
    }
    const char *method = wallet->options.is_nostr ? "wallet.add_nostr" : "wallet.add_account";
    return ht_wallet_call(wallet, result, method, params, why);
}

static enum ht_err watch(struct ht_wallet *wallet, json_t **result, struct ht_why *why) {
    ht_addr20 address;
    enum ht_err err = ht_wallet_address(&address, wallet->operands[0], why);
    if (err != HT_OK) return err;
    json_t *params = json_pack("{s:s}", "address", wallet->operands[0]);
    if (params != NULL && wallet->options.label != NULL) {
        (void)json_object_set_new(params, "label", json_string(wallet->options.label));
    }
    return ht_wallet_call(wallet, result, "wallet.watch", params, why);
}

static const struct ht_wallet_verb verb_list = {
    .cmd = {.name = "account list",
            .summary = "accounts, Nostr keys and seeds",
            .usage = "account list" HT_ACCOUNT_USAGE,
            .takes_operands = true},
    .allowed = HT_ACCOUNT_OPTIONS,
    .work = list,
    .print = print_list,
};

static const struct ht_wallet_verb verb_import = {
    .cmd = {.name = "account import",
            .summary = "take a key in: a keystore file (version 3), or a key that is asked for",
            .usage = "account import [FILE] [--label TEXT]" HT_ACCOUNT_USAGE,
            .more = "\nFrom standard input: the passphrase when the wallet is locked, the key "
                    "when there is\nno FILE, its password when it has one.\n",
            .takes_operands = true},
    .allowed = "l" HT_ACCOUNT_OPTIONS,
    .operands_max = 1,
    .work = import,
    .print = ht_account_print_new,
};

static const struct ht_wallet_verb verb_export = {
    .cmd = {.name = "account export",
            .summary = "write a key or the words of a seed out",
            .usage = "account export ID --format FORMAT [--out FILE]" HT_ACCOUNT_USAGE,
            .more = "\nID: as hearth account list shows it, or an address. Whoever has what is "
                    "written has\nthe account. From standard input: the passphrase, then for "
                    "keystore and nip49 a new\npassword twice.\n",
            .takes_operands = true},
    .allowed = "FO" HT_ACCOUNT_OPTIONS,
    .operands_min = 1,
    .operands_max = 1,
    .work = export,
    .print = print_file,
};

static const struct ht_wallet_verb verb_add = {
    .cmd = {.name = "account add",
            .summary = "the next account of a seed",
            .usage = "account add [SEED] [--nostr] [--label TEXT]" HT_ACCOUNT_USAGE,
            .takes_operands = true},
    .allowed = "Nl" HT_ACCOUNT_OPTIONS,
    .operands_max = 1,
    .work = add,
    .print = ht_account_print_new,
};

static const struct ht_wallet_verb verb_watch = {
    .cmd = {.name = "account watch",
            .summary = "keep an eye on an address whose key is not here",
            .usage = "account watch ADDRESS [--label TEXT]" HT_ACCOUNT_USAGE,
            .takes_operands = true},
    .allowed = "l" HT_ACCOUNT_OPTIONS,
    .operands_min = 1,
    .operands_max = 1,
    .work = watch,
    .print = ht_account_print_new,
};

const struct ht_wallet_verb *const ht_account_verbs_keys[] = {
    &verb_list, &verb_import, &verb_export, &verb_add, &verb_watch, NULL};
