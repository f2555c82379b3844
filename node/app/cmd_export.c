/* hearth export: everything that the wallet holds, into a new folder. */
#include "node/app/cmd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "node/app/cmd_export.h"
#include "node/base/hex.h"
#include "node/codec/json.h"

/* --- names ------------------------------------------------------------------------------------*/

static enum ht_err name_of(char *out, const char *before, const char *hex, size_t bytes,
                           const char *behind, struct ht_why *why) {
    uint8_t value[32];
    char text[HT_HEX_SIZE(sizeof value)];
    if (ht_hex_read(value, bytes, ht_bytes_str(hex)) != HT_OK) {
        return ht_fail(why, HT_EINPUT, "bad_list", "the list names something that is no key");
    }
    ht_hex_write(text, ht_bytes_of(value, bytes));
    (void)snprintf(out, HT_EXPORT_NAME_SIZE, "%s%s%s", before, text + 2, behind);
    return HT_OK;
}

enum ht_err ht_export_account_file(char out[static HT_EXPORT_NAME_SIZE], const json_t *account,
                                   struct ht_why *why) {
    return name_of(out, "keystore-", ht_wallet_text(account, "address"), 20, ".json", why);
}

enum ht_err ht_export_nostr_file(char out[static HT_EXPORT_NAME_SIZE], const json_t *nostr,
                                 struct ht_why *why) {
    return name_of(out, "nostr-", ht_wallet_text(nostr, "pubkey"), 32, ".ncryptsec", why);
}

enum ht_err ht_export_seed_file(char out[static HT_EXPORT_NAME_SIZE], const json_t *seed,
                                struct ht_why *why) {
    const char *id = ht_wallet_text(seed, "id");
    size_t n = strlen(id);
    bool is_name =
        n > 5 && n < 16 && strncmp(id, "seed-", 5) == 0 && strspn(id + 5, "0123456789") == n - 5;
    if (!is_name) return ht_fail(why, HT_EINPUT, "bad_list", "the list names what is no seed");
    (void)snprintf(out, HT_EXPORT_NAME_SIZE, "%s.words", id);
    return HT_OK;
}

/* --- secrets ----------------------------------------------------------------------------------*/

struct export {
    struct ht_wallet *wallet;
    int dir;
    struct ht_secret password; /* of keystores and Nostr keys */
    struct ht_secret secret;   /* what is being written */
    json_t *accounts;          /* what becomes accounts.json */
    size_t files;
};

static enum ht_err write_one(struct export *self, const json_t *one, const char *format,
                             const char *name, struct ht_why *why) {
    json_t *result = NULL;
    const struct ht_account_export what = {.id = json_object_get(one, "id"),
                                           .format = format,
                                           .password = &self->password,
                                           .secret = &self->secret};
    ht_secret_clear(&self->secret);
    enum ht_err err = ht_account_export(self->wallet, &result, &what, why);
    if (err == HT_OK) {
        err = ht_account_write_file(self->dir, name, ht_secret_view(&self->secret), why);
    }
    if (err == HT_OK) self->files++;
    ht_secret_clear(&self->secret);
    json_decref(result);
    return err;
}

static enum ht_err write_accounts(struct export *self, struct ht_why *why) {
    char name[HT_EXPORT_NAME_SIZE];
    enum ht_err err = HT_OK;
    size_t i;
    json_t *one;
    json_array_foreach(json_object_get(self->accounts, "accounts"), i, one) {
        if (err != HT_OK || strcmp(ht_wallet_text(one, "kind"), "watch") == 0) continue;
        err = ht_export_account_file(name, one, why);
        if (err == HT_OK) err = write_one(self, one, "keystore", name, why);
    }
    json_array_foreach(json_object_get(self->accounts, "nostr"), i, one) {
        if (err == HT_OK) err = ht_export_nostr_file(name, one, why);
        if (err == HT_OK) err = write_one(self, one, "nip49", name, why);
    }
    return err;
}

/* Words in plain are for whoever means it. */
static enum ht_err confirm_words(const struct ht_wallet *wallet, struct ht_why *why) {
    char line[64];
    enum ht_err err = ht_prompt_line(line, sizeof line, &wallet->prompt,
                                     "The words of seeds will stand there in plain; whoever reads "
                                     "them has the accounts.\nType the word plain to go on: ",
                                     why);
    if (err != HT_OK || strcmp(line, "plain") == 0) return err;
    return ht_fail(why, HT_EDENIED, "not_confirmed", "nothing was written");
}

static enum ht_err write_words(struct export *self, struct ht_why *why) {
    char name[HT_EXPORT_NAME_SIZE];
    enum ht_err err = HT_OK;
    size_t i;
    json_t *one;
    json_array_foreach(json_object_get(self->accounts, "seeds"), i, one) {
        json_t *result = NULL;
        const struct ht_account_export what = {
            .id = json_object_get(one, "id"), .format = "mnemonic", .secret = &self->secret};
        if (err == HT_OK) err = ht_export_seed_file(name, one, why);
        if (err != HT_OK) break;
        ht_secret_clear(&self->secret);
        err = ht_account_export(self->wallet, &result, &what, why);
        if (err == HT_OK) {
            err = ht_account_write_file(self->dir, name, ht_secret_view(&self->secret), why);
        }
        const json_t *has_passphrase = json_object_get(result, "has_passphrase");
        if (has_passphrase != NULL) {
            (void)json_object_set_new(one, "has_passphrase",
                                      json_boolean(json_is_true(has_passphrase)));
        }
        if (err == HT_OK) self->files++;
        json_decref(result);
    }
    return err;
}

/* --- the list ---------------------------------------------------------------------------------*/

/* Which tokens are watched; they come with balances, which need providers: without any they are
 * left out, as null. */
static json_t *tokens(const struct export *self) {
    json_t *balances = NULL, *one;
    size_t i;
    const json_t *account = json_array_get(json_object_get(self->accounts, "accounts"), 0);
    json_t *params = json_pack("{s:s}", "address", ht_wallet_text(account, "address"));
    enum ht_err err = ht_wallet_call(self->wallet, &balances, "wallet.balances", params, NULL);
    if (err != HT_OK) {
        ht_prompt_say(&self->wallet->prompt,
                      "Which tokens are watched is not known now; they are left out.\n");
        return json_null();
    }
    json_t *list = json_array();
    json_array_foreach(json_object_get(balances, "tokens"), i, one) {
        json_t *token = json_object();
        static const char *const members[] = {"token", "symbol", "decimals"};
        for (size_t k = 0; k < sizeof members / sizeof *members; k++) {
            json_t *value = json_object_get(one, members[k]);
            if (value != NULL) (void)json_object_set(token, members[k], value);
        }
        (void)json_array_append_new(list, token);
    }
    json_decref(balances);
    return list;
}

static enum ht_err write_list(struct export *self, struct ht_why *why) {
    json_t *permissions = NULL;
    enum ht_err err =
        ht_wallet_call(self->wallet, &permissions, "wallet.permissions", json_object(), why);
    if (err != HT_OK) return err;
    json_t *list = self->accounts;
    int failed = json_object_set_new(list, "format", json_string(HT_EXPORT_FORMAT));
    failed |= json_object_set_new(list, "version", json_integer(HT_EXPORT_VERSION));
    failed |= json_object_set(list, "permissions", json_object_get(permissions, "permissions"));
    failed |= json_object_set_new(list, "tokens", tokens(self));
    json_decref(permissions);
    char *text = failed == 0 ? json_dumps(list, JSON_INDENT(2)) : NULL;
    if (text == NULL) return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
    err = ht_account_write_file(self->dir, HT_EXPORT_LIST, ht_bytes_str(text), why);
    free(text);
    return err;
}

/* --- the verb ---------------------------------------------------------------------------------*/

static enum ht_err make_dir(int *out, const char *path, struct ht_why *why) {
    if (mkdir(path, 0700) != 0) {
        bool is_there = errno == EEXIST;
        return ht_fail(why, is_there ? HT_EDENIED : HT_ESTORE,
                       is_there ? "file_exists" : "unwritable", "%s: %s", path, strerror(errno));
    }
    *out = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    if (*out >= 0) return HT_OK;
    return ht_fail(why, HT_ESTORE, "unwritable", "%s: %s", path, strerror(errno));
}

static enum ht_err export_all(struct export *self, struct ht_why *why) {
    struct ht_wallet *wallet = self->wallet;
    enum ht_err err = ht_wallet_ask_passphrase(wallet, why);
    if (err == HT_OK) {
        err = ht_prompt_new_secret(&self->password, &wallet->prompt,
                                   "New password for the exported keys: ", HT_WALLET_PASSPHRASE_MIN,
                                   why);
    }
    if (err == HT_OK && wallet->options.with_words) err = confirm_words(wallet, why);
    if (err == HT_OK) {
        err = ht_wallet_call(wallet, &self->accounts, "wallet.accounts", json_object(), why);
    }
    if (err == HT_OK) err = make_dir(&self->dir, wallet->operands[0], why);
    if (err == HT_OK) err = write_accounts(self, why);
    if (err == HT_OK && wallet->options.with_words) err = write_words(self, why);
    return err == HT_OK ? write_list(self, why) : err;
}

static enum ht_err export(struct ht_wallet *wallet, json_t **result, struct ht_why *why) {
    struct export self = {.wallet = wallet, .dir = -1};
    enum ht_err err = ht_wallet_open(wallet, false, why);
    if (err == HT_OK) err = ht_secret_new(&self.password, HT_WALLET_PASSPHRASE_MAX, why);
    if (err == HT_OK) err = ht_secret_new(&self.secret, HT_WALLET_SECRET_MAX, why);
    if (err == HT_OK) err = export_all(&self, why);
    if (err == HT_OK){ *result = json_pack("{s:s, s:I, s:b}", "folder", wallet->operands[0],
                                           "secrets", (json_int_t)self.files, "has_words",
                                           (int)wallet->options.with_words);}
if (self.dir >= 0)(void) close(self.dir);
ht_secret_free(&self.password);
ht_secret_free(&self.secret);
json_decref(self.accounts);
return err;
}

static void print(const struct ht_wallet *wallet, const json_t *result) {
    printf("%-11s %s, with %lld secrets\n", "Exported", ht_wallet_text(result, "folder"),
           (long long)json_integer_value(json_object_get(result, "secrets")));
    if (wallet->options.with_words) return;
    printf("%-11s the words of seeds are not among them: --words\n", "");
}

static const struct ht_wallet_verb verb = {
    .cmd = {.name = "export",
            .summary = "write everything that the wallet holds into a new folder",
            .usage = "export DIR [--words]" HT_ACCOUNT_USAGE,
            .more = "\nKeys as keystore files (version 3) and NIP-49, under a new password; the "
                    "words of\nseeds only with --words; the rest as accounts.json. From standard "
                    "input: the\npassphrase, the new password twice, and with --words the word "
                    "plain.\n",
            .takes_operands = true},
    .allowed = "w" HT_ACCOUNT_OPTIONS,
    .operands_min = 1,
    .operands_max = 1,
    .work = export,
    .print = print,
};

static int run(int argc, char **argv) {
    return ht_wallet_run(&verb, argc, argv);
}

const struct ht_cmd ht_cmd_export = {
    .name = "export",
    .summary = "write everything that the wallet holds into a new folder",
    .run = run,
};
