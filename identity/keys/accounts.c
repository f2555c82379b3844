/* Accounts as they are known: the list, who may be used, and what is told of them. What changes it
 * is in accounts_op.c, accounts_keys.c and accounts_edit.c. */
#include "identity/keys/accounts.h"

#include <stdio.h>
#include <stdlib.h>

#include "identity/identity_sql.h"
#include "identity/keys/accounts_edit.h"
#include "identity/keys/accounts_export.h"
#include "identity/keys/accounts_keys.h"
#include "node/base/hex.h"
#include "node/base/log.h"
#include "node/codec/json.h"

static enum ht_err no_memory(struct ht_why *why) {
    return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
}

/* --- looking ---------------------------------------------------------------------------------- */

const struct ht_account_info *ht_accounts_find(const struct ht_identity *identity,
                                               const ht_addr20 *address) {
    const struct ht_accounts *accounts = identity->accounts;
    for (size_t i = 0; i < accounts->count; i++) {
        if (memcmp(accounts->list[i].address.b, address->b, 20) == 0) return &accounts->list[i];
    }
    return NULL;
}

const struct ht_account_info *ht_accounts_by_id(const struct ht_identity *identity, int64_t id) {
    const struct ht_accounts *accounts = identity->accounts;
    for (size_t i = 0; i < accounts->count; i++) {
        if (accounts->list[i].id == id) return &accounts->list[i];
    }
    return NULL;
}

size_t ht_accounts_count(const struct ht_identity *identity) {
    return identity->accounts->count;
}

const struct ht_account_info *ht_accounts_at(const struct ht_identity *identity, size_t i) {
    return i < identity->accounts->count ? &identity->accounts->list[i] : NULL;
}

const struct ht_seed_info *ht_accounts_seed(const struct ht_identity *identity, const char *name) {
    const struct ht_accounts *accounts = identity->accounts;
    for (size_t i = 0; i < accounts->seed_count; i++) {
        if (strcmp(accounts->seeds[i].name, name) == 0) return &accounts->seeds[i];
    }
    return NULL;
}

bool ht_accounts_are_backed_up(const struct ht_identity *identity) {
    const struct ht_accounts *accounts = identity->accounts;
    bool are = true;
    for (size_t i = 0; i < accounts->seed_count; i++) are &= accounts->seeds[i].is_backed_up;
    return are;
}

enum ht_err ht_account_can_sign(const struct ht_identity *identity,
                                const struct ht_account_info *account, struct ht_why *why) {
    if (account->kind == HT_ACCOUNT_WATCH) {
        return ht_fail(why, HT_EDENIED, "watch_only",
                       "this account is only watched: its key is not here");
    }
    if (!ht_vault_is_unlocked(identity)) {
        return ht_fail(why, HT_EDENIED, "vault_locked", "the wallet is locked");
    }
    if (account->is_backed_up) return HT_OK;
    return ht_fail(why, HT_EDENIED, "backup_due",
                   "the words of this account's seed must be checked first");
}

bool ht_key_seed(char out[static HT_RECORD_NAME_SIZE], const char *key) {
    const char *space = strchr(key, ' ');
    if (space == NULL || (size_t)(space - key) >= HT_RECORD_NAME_SIZE) return false;
    memcpy(out, key, (size_t)(space - key));
    out[space - key] = '\0';
    return true;
}

/* --- parameters ------------------------------------------------------------------------------- */

static const struct ht_nostr_info *find_nostr(const struct ht_identity *identity,
                                              const char *text) {
    const struct ht_accounts *accounts = identity->accounts;
    for (size_t i = 0; i < accounts->nostr_count; i++) {
        char name[32];
        (void)snprintf(name, sizeof name, "nostr-%lld", (long long)accounts->nostr[i].id);
        if (strcmp(name, text) == 0) return &accounts->nostr[i];
    }
    return NULL;
}

enum ht_err ht_accounts_named(struct ht_account_named *out, const struct ht_identity *identity,
                              const json_t *params, const char *name, struct ht_why *why) {
    const json_t *id;
    const char *text = "";
    struct ht_account_named found = {0};
    enum ht_err err = ht_json_get(&id, params, name, why);
    if (err != HT_OK) return err;
    if (json_is_integer(id)) {
        found.account = ht_accounts_by_id(identity, json_integer_value(id));
    } else {
        err = ht_json_text(&text, params, name, why);
    }
    if (err != HT_OK) return err;
    found.seed = ht_accounts_seed(identity, text);
    found.nostr = find_nostr(identity, text);
    if (found.account == NULL && found.seed == NULL && found.nostr == NULL) {
        return ht_fail(why, HT_ENOTFOUND, "no_such_account", "there is none with that id");
    }
    *out = found;
    return HT_OK;
}

/* Controls, and what changes the direction of text or is not seen: a label stands on the sheet on
 * which signatures are decided. */
static bool is_deceptive(uint32_t c) {
    return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0xad || c == 0x061c ||
           (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
           (c >= 0x2060 && c <= 0x206f) || c == 0xfeff;
}

/* One character of UTF-8 that the JSON parser has checked. */
static uint32_t next_character(const unsigned char **at) {
    const unsigned char *p = *at;
    unsigned more = p[0] >= 0xf0 ? 3 : p[0] >= 0xe0 ? 2 : p[0] >= 0xc0 ? 1 : 0;
    uint32_t c = more == 0 ? p[0] : p[0] & (0x3fU >> more);
    for (unsigned i = 1; i <= more; i++) c = c << 6 | (p[i] & 0x3fU);
    *at = p + more + 1;
    return c;
}

enum ht_err ht_accounts_label(char out[static HT_LABEL_MAX + 1], const json_t *params,
                              const char *word, size_t number, struct ht_why *why) {
    const char *label;
    if (ht_json_member(params, "label") == NULL) {
        (void)snprintf(out, HT_LABEL_MAX + 1, "%s %zu", word, number);
        return HT_OK;
    }
    enum ht_err err = ht_json_text(&label, params, "label", why);
    if (err != HT_OK) return err;
    size_t n = strlen(label);
    if (n == 0 || n > HT_LABEL_MAX) {
        return ht_fail(why, HT_EINPUT, "bad_label", "a label has 1 to %u bytes", HT_LABEL_MAX);
    }
    for (const unsigned char *at = (const unsigned char *)label; *at != '\0';) {
        if (!is_deceptive(next_character(&at))) continue;
        return ht_fail(why, HT_EINPUT, "bad_label", "a label has no control characters");
    }
    memcpy(out, label, n + 1);
    return HT_OK;
}

/* --- JSON ------------------------------------------------------------------------------------- */

json_t *ht_account_json(const struct ht_account_info *account) {
    static const char *const kinds[] = {[HT_ACCOUNT_DERIVED] = "derived",
                                        [HT_ACCOUNT_IMPORTED] = "imported",
                                        [HT_ACCOUNT_WATCH] = "watch"};
    char address[HT_HEX_SIZE(20)], seed[HT_RECORD_NAME_SIZE];
    bool is_derived = ht_key_seed(seed, account->key);
    ht_hex_write(address, HT_BYTES(account->address.b));
    return json_pack("{s:I, s:s, s:s, s:s, s:s?, s:s?, s:b}", "id", (json_int_t)account->id,
                     "address", address, "label", account->label, "kind", kinds[account->kind],
                     "path", is_derived ? account->key + strlen(seed) + 1 : NULL, "seed",
                     is_derived ? seed : NULL, "is_hidden", (int)account->is_hidden);
}

json_t *ht_nostr_json(const struct ht_nostr_info *nostr) {
    char key[HT_HEX_SIZE(32)], id[32], seed[HT_RECORD_NAME_SIZE];
    ht_hex_write(key, HT_BYTES(nostr->public_key.b));
    (void)snprintf(id, sizeof id, "nostr-%lld", (long long)nostr->id);
    /* NIP-01 writes keys without the 0x. */
    return json_pack("{s:s, s:s, s:s, s:s}", "id", id, "pubkey", key + 2, "label", nostr->label,
                     "kind", ht_key_seed(seed, nostr->key) ? "derived" : "imported");
}

static json_t *seed_json(const struct ht_seed_info *seed) {
    json_t *words = seed->words > 0 ? json_integer(seed->words) : json_null();
    return json_pack("{s:s, s:s, s:b, s:o}", "id", seed->name, "label", seed->label, "is_backed_up",
                     (int)seed->is_backed_up, "words", words);
}

enum ht_err ht_accounts_json(void *self, json_t **out, struct ht_why *why) {
    const struct ht_accounts *accounts = ((const struct ht_identity *)self)->accounts;
    json_t *list = json_array(), *seeds = json_array(), *nostr = json_array();
    int failed = 0;
    for (size_t i = 0; i < accounts->count; i++) {
        failed |= json_array_append_new(list, ht_account_json(&accounts->list[i]));
    }
    for (size_t i = 0; i < accounts->seed_count; i++) {
        failed |= json_array_append_new(seeds, seed_json(&accounts->seeds[i]));
    }
    for (size_t i = 0; i < accounts->nostr_count; i++) {
        failed |= json_array_append_new(nostr, ht_nostr_json(&accounts->nostr[i]));
    }
    *out = json_pack("{s:o, s:o, s:o}", "accounts", list, "seeds", seeds, "nostr", nostr);
    if (failed == 0 && *out != NULL) return HT_OK;
    json_decref(*out);
    return no_memory(why);
}

/* --- life ------------------------------------------------------------------------------------- */

static void copy(char *out, size_t size, const char *text) {
    (void)snprintf(out, size, "%s", text != NULL ? text : "");
}

static enum ht_err load_seed(void *user, const struct ht_seed_row *row) {
    struct ht_accounts *accounts = user;
    if (accounts->seed_count == HT_SEEDS_MAX) return HT_OK;
    struct ht_seed_info *seed = &accounts->seeds[accounts->seed_count++];
    *seed = (struct ht_seed_info){.words = row->words, .is_backed_up = row->is_backed_up};
    copy(seed->name, sizeof seed->name, row->name);
    copy(seed->label, sizeof seed->label, row->label);
    return HT_OK;
}

static bool seed_is_backed_up(const struct ht_accounts *accounts, const char *name) {
    for (size_t i = 0; name != NULL && i < accounts->seed_count; i++) {
        if (strcmp(accounts->seeds[i].name, name) == 0) return accounts->seeds[i].is_backed_up;
    }
    return name == NULL;
}

static enum ht_err load_account(void *user, const struct ht_account_row *row) {
    struct ht_accounts *accounts = user;
    bool is_known = row->kind >= HT_ACCOUNT_DERIVED && row->kind <= HT_ACCOUNT_WATCH;
    if (accounts->count == HT_ACCOUNTS_MAX || !is_known) {
        ht_log(HT_LOG_WARN, "wallet", "an account is left out: %s",
               is_known ? "there are too many" : "of an unknown kind");
        return HT_OK;
    }
    struct ht_account_info *account = &accounts->list[accounts->count++];
    *account = (struct ht_account_info){.id = row->id,
                                        .address = row->address,
                                        .kind = (enum ht_account_kind)row->kind,
                                        .is_backed_up = seed_is_backed_up(accounts, row->seed),
                                        .is_hidden = row->is_hidden};
    copy(account->label, sizeof account->label, row->label);
    copy(account->key, sizeof account->key, row->key);
    return HT_OK;
}

static enum ht_err load_nostr(void *user, const struct ht_nostr_row *row) {
    struct ht_accounts *accounts = user;
    if (accounts->nostr_count == HT_NOSTR_MAX) return HT_OK;
    struct ht_nostr_info *nostr = &accounts->nostr[accounts->nostr_count++];
    *nostr = (struct ht_nostr_info){.id = row->id, .public_key = row->public_key};
    copy(nostr->label, sizeof nostr->label, row->label);
    copy(nostr->key, sizeof nostr->key, row->key);
    return HT_OK;
}

enum ht_err ht_accounts_new(struct ht_identity *identity, sqlite3 *db, struct ht_why *why) {
    struct ht_accounts *accounts = calloc(1, sizeof *accounts);
    if (accounts == NULL) return no_memory(why);
    enum ht_err err = ht_seed_sql_load(db, load_seed, accounts, why);
    if (err == HT_OK) err = ht_account_sql_load(db, load_account, accounts, why);
    if (err == HT_OK) err = ht_nostr_sql_load(db, load_nostr, accounts, why);
    if (err != HT_OK) {
        free(accounts);
        return err;
    }
    identity->accounts = accounts;
    return HT_OK;
}

void ht_accounts_free(struct ht_identity *identity) {
    free(identity->accounts);
    identity->accounts = NULL;
}

/* Patient: after wrong passphrases the signer lets them wait. */
static const struct ht_rpc_method METHODS[] = {
    {.name = "wallet.new_seed", .start = ht_accounts_new_seed},
    {.name = "wallet.check_backup", .start = ht_accounts_check_backup},
    {.name = "wallet.import", .start = ht_accounts_import},
    {.name = "wallet.export", .start = ht_accounts_export, .is_patient = true},
    {.name = "wallet.add_account", .start = ht_accounts_add_account},
    {.name = "wallet.add_nostr", .start = ht_accounts_add_nostr},
    {.name = "wallet.watch", .start = ht_accounts_watch},
    {.name = "wallet.rename", .start = ht_accounts_rename},
    {.name = "wallet.hide", .start = ht_accounts_hide},
    {.name = "wallet.remove", .start = ht_accounts_remove, .is_patient = true},
};
const struct ht_identity_methods ht_account_methods = {METHODS, sizeof METHODS / sizeof *METHODS};
_Static_assert(sizeof METHODS / sizeof *METHODS == HT_ACCOUNT_METHODS, "identity.h counts them");
