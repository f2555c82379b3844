/* hearth import: takes back what hearth export wrote. Seeds first, with the accounts derived from
 * them; what is still missing then comes from the keystore files. Permissions are not taken back:
 * who may ask is granted anew, by the owner's word. */
#include "node/app/cmd.h"

#include "node/app/cmd_export.h"
#include "node/base/hex.h"
#include "node/codec/json.h"

#define DERIVED_MAX 256

struct import {
    struct ht_wallet *wallet;
    const char *dir;
    json_t *list;              /* accounts.json */
    json_t *there;             /* wallet.accounts, as it is now */
    struct ht_secret password; /* of keystores and Nostr keys */
    struct ht_secret secret;   /* what is being read */
    json_int_t taken, had, left;
};

/* --- what is there ----------------------------------------------------------------------------*/

static enum ht_err look(struct import *self, struct ht_why *why) {
    json_decref(self->there);
    self->there = NULL;
    return ht_wallet_call(self->wallet, &self->there, "wallet.accounts", json_object(), why);
}

/* The one of `list` in the wallet that has the same bytes under `key`; NULL without. */
static const json_t *counterpart(const struct import *self, const char *list, const char *key,
                                 const json_t *of) {
    uint8_t wanted[32] = {0}, its[32] = {0};
    size_t i, n = strcmp(key, "address") == 0 ? 20 : 32;
    json_t *one;
    const json_t *found = NULL;
    if (ht_hex_read(wanted, n, ht_bytes_str(ht_wallet_text(of, key))) != HT_OK) return NULL;
    json_array_foreach(json_object_get(self->there, list), i, one) {
        bool is_it = ht_hex_read(its, n, ht_bytes_str(ht_wallet_text(one, key))) == HT_OK &&
                     memcmp(its, wanted, n) == 0;
        if (is_it) found = one;
    }
    return found;
}

static bool has_key(const json_t *account) {
    return account != NULL && strcmp(ht_wallet_text(account, "kind"), "watch") != 0;
}

/* --- reading ----------------------------------------------------------------------------------*/

/* A file of the folder, into self->secret. */
static enum ht_err read_file(struct import *self, const char *name, struct ht_why *why) {
    char path[sizeof self->wallet->config.data_dir + HT_EXPORT_NAME_SIZE];
    int n = snprintf(path, sizeof path, "%s/%s", self->dir, name);
    if (n < 0 || (size_t)n >= sizeof path) {
        return ht_fail(why, HT_EINPUT, "path_too_long", "the folder's name is too long");
    }
    ht_secret_clear(&self->secret);
    return ht_secret_read_file(&self->secret, path, why);
}

static enum ht_err read_list(struct import *self, struct ht_why *why) {
    uint64_t version = 0;
    const char *format;
    const json_t *accounts;
    struct ht_secret text = {0};
    char path[sizeof self->wallet->config.data_dir + HT_EXPORT_NAME_SIZE];
    int n = snprintf(path, sizeof path, "%s/%s", self->dir, HT_EXPORT_LIST);
    if (n < 0 || (size_t)n >= sizeof path) {
        return ht_fail(why, HT_EINPUT, "path_too_long", "the folder's name is too long");
    }
    enum ht_err err = ht_secret_new(&text, HT_EXPORT_LIST_MAX, why);
    if (err == HT_OK) err = ht_secret_read_file(&text, path, why);
    if (err == HT_OK) {
        err = ht_json_parse(&self->list, ht_secret_view(&text), HT_EXPORT_LIST_MAX, why);
    }
    if (err == HT_OK) err = ht_json_text(&format, self->list, "format", why);
    if (err == HT_OK) err = ht_json_u64(&version, self->list, "version", why);
    if (err == HT_OK) err = ht_json_array(&accounts, self->list, "accounts", why);
    if (err == HT_OK && (strcmp(format, HT_EXPORT_FORMAT) != 0 || version != HT_EXPORT_VERSION)) {
        err = ht_fail(why, HT_EINPUT, "bad_list", "this is no export that this version can read");
    }
    ht_secret_free(&text);
    return err;
}

/* --- seeds ------------------------------------------------------------------------------------*/

/* Whether an account of that seed, by its name in the list, is not in the wallet with its key. */
static bool lacks_any(const struct import *self, const char *seed) {
    size_t i;
    json_t *one;
    bool lacks = false;
    json_array_foreach(json_object_get(self->list, "accounts"), i, one) {
        if (strcmp(ht_wallet_text(one, "seed"), seed) != 0) continue;
        lacks |= !has_key(counterpart(self, "accounts", "address", one));
    }
    return lacks;
}

/* Derives accounts until all that the list has of that seed are there. */
static enum ht_err derive(struct import *self, const char *name, const char *seed,
                          struct ht_why *why) {
    enum ht_err err = look(self, why);
    for (int i = 0; err == HT_OK && i < DERIVED_MAX && lacks_any(self, name); i++) {
        json_t *result = NULL;
        err = ht_wallet_call(self->wallet, &result, "wallet.add_account",
                             json_pack("{s:s}", "seed", seed), why);
        json_decref(result);
        if (err == HT_OK) self->taken++;
        if (err == HT_OK) err = look(self, why);
    }
    return err;
}

/* The first account of a seed of the list, as the wallet has it with its key; NULL without. */
static const json_t *first_of(const struct import *self, const char *name) {
    static const char path[] = "m/44'/60'/0'/0/0";
    size_t i;
    json_t *one;
    const json_t *found = NULL;
    json_array_foreach(json_object_get(self->list, "accounts"), i, one) {
        bool is_first = strcmp(ht_wallet_text(one, "seed"), name) == 0 &&
                        strcmp(ht_wallet_text(one, "path"), path) == 0;
        if (is_first) found = counterpart(self, "accounts", "address", one);
    }
    return has_key(found) ? found : NULL;
}

static enum ht_err import_words(struct import *self, const json_t *seed, struct ht_why *why) {
    char name[HT_EXPORT_NAME_SIZE];
    struct ht_secret passphrase = {0};
    json_t *result = NULL;
    bool has_passphrase = json_is_true(json_object_get(seed, "has_passphrase"));
    enum ht_err err = ht_export_seed_file(name, seed, why);
    if (err == HT_OK) err = read_file(self, name, why);
    if (err == HT_ENOTFOUND) return HT_OK; /* without --words: its accounts have keystores */
    if (err == HT_OK) err = ht_secret_new(&passphrase, HT_WALLET_PASSPHRASE_MAX, why);
    if (err == HT_OK && has_passphrase) {
        char question[64];
        (void)snprintf(question, sizeof question,
                       "BIP-39 passphrase of %.16s: ", ht_wallet_text(seed, "id"));
        err = ht_prompt_secret(&passphrase, &self->wallet->prompt, question, why);
    }
    if (err == HT_OK) {
        const json_t *words = json_object_get(seed, "words");
        const char *label = ht_wallet_text(seed, "label");
        const struct ht_account_import what = {.kind = "mnemonic",
                                               .label = label[0] != '\0' ? label : NULL,
                                               .secret = &self->secret,
                                               .password = passphrase.n > 0 ? &passphrase : NULL,
                                               .words = json_integer_value(words)};
        err = ht_account_import(self->wallet, &result, &what, why);
    }
    if (err == HT_OK) self->taken++;
    if (err == HT_OK) {
        err = derive(self, ht_wallet_text(seed, "id"), ht_wallet_text(result, "seed"), why);
    }
    ht_secret_free(&passphrase);
    ht_secret_clear(&self->secret);
    json_decref(result);
    return err;
}

static enum ht_err import_seed(struct import *self, const json_t *seed, struct ht_why *why) {
    const char *name = ht_wallet_text(seed, "id");
    char there[32];
    if (!lacks_any(self, name)) return HT_OK;
    const json_t *first = first_of(self, name);
    if (first == NULL) return import_words(self, seed, why);
    (void)snprintf(there, sizeof there, "%s", ht_wallet_text(first, "seed"));
    /* Its key alone is there: the rest comes from keystores, too. */
    return there[0] != '\0' ? derive(self, name, there, why) : HT_OK;
}

static enum ht_err import_seeds(struct import *self, struct ht_why *why) {
    enum ht_err err = HT_OK;
    size_t i;
    json_t *one;
    json_array_foreach(json_object_get(self->list, "seeds"), i, one) {
        if (err == HT_OK) err = import_seed(self, one, why);
    }
    return err;
}

/* --- single keys ------------------------------------------------------------------------------*/

static enum ht_err import_file(struct import *self, const char *name, const char *kind,
                               const json_t *one, struct ht_why *why) {
    json_t *result = NULL;
    const char *label = ht_wallet_text(one, "label");
    const struct ht_account_import what = {.kind = kind,
                                           .label = label[0] != '\0' ? label : NULL,
                                           .secret = &self->secret,
                                           .password = &self->password};
    enum ht_err err = read_file(self, name, why);
    if (err == HT_OK) err = ht_account_import(self->wallet, &result, &what, why);
    if (err == HT_OK) self->taken++;
    if (err != HT_OK) ht_why_context(why, "%s", name);
    ht_secret_clear(&self->secret);
    json_decref(result);
    return err;
}

static enum ht_err import_account(struct import *self, const json_t *one, struct ht_why *why) {
    char name[HT_EXPORT_NAME_SIZE];
    const json_t *there = counterpart(self, "accounts", "address", one);
    json_t *result = NULL;
    enum ht_err err = ht_export_account_file(name, one, why);
    if (err != HT_OK) return err;
    if (has_key(one) && !has_key(there)) return import_file(self, name, "keystore", one, why);
    if (there != NULL) {
        self->had++;
        return HT_OK;
    }
    json_t *params = json_pack("{s:s}", "address", ht_wallet_text(one, "address"));
    if (params != NULL && ht_wallet_text(one, "label")[0] != '\0') {
        (void)json_object_set(params, "label", json_object_get(one, "label"));
    }
    err = ht_wallet_call(self->wallet, &result, "wallet.watch", params, why);
    if (err == HT_OK) self->taken++;
    json_decref(result);
    return err;
}

static enum ht_err import_keys(struct import *self, struct ht_why *why) {
    char name[HT_EXPORT_NAME_SIZE];
    enum ht_err err = HT_OK;
    size_t i;
    json_t *one;
    json_array_foreach(json_object_get(self->list, "accounts"), i, one) {
        if (err == HT_OK) err = import_account(self, one, why);
    }
    json_array_foreach(json_object_get(self->list, "nostr"), i, one) {
        if (err == HT_OK) err = ht_export_nostr_file(name, one, why);
        if (err != HT_OK) break;
        bool is_there = counterpart(self, "nostr", "pubkey", one) != NULL;
        if (is_there) self->had++;
        if (!is_there) err = import_file(self, name, "nip49", one, why);
    }
    return err;
}

/* --- the rest ---------------------------------------------------------------------------------*/

/* Sets a member of an account where the wallet has another value. */
static enum ht_err set_member(const struct import *self, const json_t *one, const char *method,
                              const char *member, struct ht_why *why) {
    json_t *result = NULL;
    const json_t *there = counterpart(self, "accounts", "address", one);
    json_t *wanted = json_object_get(one, member);
    bool is_same =
        there == NULL || wanted == NULL || json_equal(wanted, json_object_get(there, member)) == 1;
    if (is_same) return HT_OK;
    json_t *params = json_pack("{s:O, s:O}", "id", json_object_get(there, "id"), member, wanted);
    enum ht_err err = ht_wallet_call(self->wallet, &result, method, params, why);
    json_decref(result);
    return err;
}

static enum ht_err import_rest(struct import *self, struct ht_why *why) {
    enum ht_err err = look(self, why);
    size_t i;
    json_t *one;
    json_array_foreach(json_object_get(self->list, "accounts"), i, one) {
        if (err == HT_OK) err = set_member(self, one, "wallet.rename", "label", why);
        if (err == HT_OK) err = set_member(self, one, "wallet.hide", "is_hidden", why);
    }
    if (err != HT_OK) return err;
    json_array_foreach(json_object_get(self->list, "tokens"), i, one) {
        json_t *result = NULL;
        /* Looking at a token again may need providers: what does not go now is told. */
        enum ht_err added =
            ht_wallet_call(self->wallet, &result, "wallet.add_token", json_incref(one), NULL);
        if (added == HT_OK) self->taken++;
        if (added != HT_OK) self->left++;
        json_decref(result);
    }
    return HT_OK;
}

/* --- the verb ---------------------------------------------------------------------------------*/

static enum ht_err import_all(struct import *self, struct ht_why *why) {
    enum ht_err err = read_list(self, why);
    if (err == HT_OK) err = ht_wallet_open(self->wallet, true, why);
    if (err == HT_OK) err = ht_secret_new(&self->password, HT_WALLET_PASSPHRASE_MAX, why);
    if (err == HT_OK) err = ht_secret_new(&self->secret, HT_WALLET_SECRET_MAX, why);
    if (err == HT_OK) {
        err = ht_prompt_secret(&self->password, &self->wallet->prompt,
                               "Password of the exported keys: ", why);
    }
    if (err == HT_OK) err = look(self, why);
    if (err == HT_OK) err = import_seeds(self, why);
    if (err == HT_OK) err = import_keys(self, why);
    return err == HT_OK ? import_rest(self, why) : err;
}

static enum ht_err import(struct ht_wallet *wallet, json_t **result, struct ht_why *why) {
    struct import self = {.wallet = wallet, .dir = wallet->operands[0]};
    enum ht_err err = import_all(&self, why);
    if (err == HT_OK) {
        *result = json_pack("{s:I, s:I, s:I, s:I}", "imported", self.taken, "there_already",
                            self.had, "tokens_left_out", self.left, "permissions_left_out",
                            (json_int_t)json_array_size(json_object_get(self.list, "permissions")));
    }
    ht_secret_free(&self.password);
    ht_secret_free(&self.secret);
    json_decref(self.list);
    json_decref(self.there);
    return err;
}

static long long number(const json_t *object, const char *key) {
    return json_integer_value(json_object_get(object, key));
}

static void print(const struct ht_wallet *wallet, const json_t *result) {
    (void)wallet;
    printf("%-11s %lld, %lld were there already\n", "Imported", number(result, "imported"),
           number(result, "there_already"));
    if (number(result, "tokens_left_out") > 0) {
        printf("%-11s %lld tokens, which could not be looked at now\n", "Left out",
               number(result, "tokens_left_out"));
    }
    if (number(result, "permissions_left_out") > 0) {
        printf("%-11s %lld permissions: those who ask must ask again\n", "Left out",
               number(result, "permissions_left_out"));
    }
}

static const struct ht_wallet_verb verb = {
    .cmd = {.name = "import",
            .summary = "take back what hearth export wrote",
            .usage = "import DIR" HT_ACCOUNT_USAGE,
            .more = "\nMakes the wallet first when there is none; what is there already stays. "
                    "From standard\ninput: the passphrase when it is locked (twice for a new "
                    "wallet), the password of the\nexported keys, the BIP-39 passphrases of seeds "
                    "that have one.\n",
            .takes_operands = true},
    .allowed = HT_ACCOUNT_OPTIONS,
    .operands_min = 1,
    .operands_max = 1,
    .work = import,
    .print = print,
};

static int run(int argc, char **argv) {
    return ht_wallet_run(&verb, argc, argv);
}

const struct ht_cmd ht_cmd_import = {
    .name = "import",
    .summary = "take back what hearth export wrote",
    .run = run,
};
