/* New seeds, imports, and accounts derived from a seed.
 *
 * The signer is told who is in the wallet with each import, and keeps no key a second time. What it
 * has kept comes into the list when the public key behind it is known: vault and list change in one
 * transaction. Where that goes wrong it must not stay in the signer either, where it would come
 * into the file with the next change, listed nowhere: the vault is locked then. */
#include "identity/keys/accounts_keys.h"

#include <stdio.h>
#include <stdlib.h>

#include "identity/keys/accounts_export.h"
#include "node/codec/json.h"
#include "node/crypto/secp256k1.h"

#define ACCOUNT_PATH "m/44'/60'/0'/0/" /* BIP-44; the index behind it */
#define NOSTR_PATH "m/44'/1237'/"      /* NIP-06; the account and NOSTR_PATH_END behind it */
#define NOSTR_PATH_END "'/0/0"
#define INDEX_MAX UINT32_C(0x7fffffff)
#define KNOWN_SIZE (HT_ACCOUNTS_MAX * 20U) /* Nostr keys take less */

_Static_assert(HT_NOSTR_MAX * 32U <= KNOWN_SIZE && KNOWN_SIZE <= HT_SIGNER_KNOWN_MAX,
               "all of them fit");

static void release(struct ht_vault_request *request) {
    ht_account_op_release((struct ht_account_op *)request);
}

/* The number of the next account with a key, for its label. */
static size_t next_number(const struct ht_identity *identity) {
    size_t number = 1;
    for (size_t i = 0; i < ht_accounts_count(identity); i++) {
        number += ht_accounts_at(identity, i)->kind != HT_ACCOUNT_WATCH;
    }
    return number;
}

/* --- public keys ------------------------------------------------------------------------------ */

static void on_public_key(struct ht_signer_call *call);

static void ask_public_key(struct ht_account_op *op) {
    struct ht_identity *identity = op->request.identity;
    struct ht_why why = {0};
    const char *key = op->has_nostr ? op->nostr.key : op->account.key;
    const struct ht_signer_field field = {HT_SIGNER_TAG_KEY, ht_bytes_str(key)};
    op->derive.request = HT_SIGNER_PUBLIC_KEY;
    op->derive.done = on_public_key;
    enum ht_err err = ht_signer_ask(identity->host->signer, &op->derive, &field, 1);
    if (err == HT_OK) return;
    (void)ht_fail(&why, err, "signer_busy", "the signer has too much to do");
    ht_account_op_refuse(op, err, &why);
}

static void derive_account(struct ht_account_op *op, const char *seed) {
    op->account.kind = HT_ACCOUNT_DERIVED;
    (void)snprintf(op->account.key, sizeof op->account.key, "%s " ACCOUNT_PATH "%u", seed,
                   (unsigned)op->index);
    ask_public_key(op);
}

/* An account of that address is there: one that was only watched gets its key. */
static enum ht_err join_watched(struct ht_account_op *op, const struct ht_account_info *there,
                                struct ht_why *why) {
    if (there->kind != HT_ACCOUNT_WATCH) {
        return ht_fail(why, HT_EINPUT, "account_exists", "this account is in the wallet already");
    }
    op->account.id = there->id;
    memcpy(op->account.label, there->label, sizeof op->account.label);
    return HT_OK;
}

static void got_account(struct ht_account_op *op, const uint8_t *public_key) {
    struct ht_identity *identity = op->request.identity;
    char seed[HT_RECORD_NAME_SIZE];
    struct ht_why why = {0};
    enum ht_err err = HT_OK;
    ht_secp256k1_address(&op->account.address, public_key);
    const struct ht_account_info *there = ht_accounts_find(identity, &op->account.address);
    bool is_next = op->file.n == 0 && op->index < INDEX_MAX; /* of a seed that is there already */
    if (there != NULL) err = join_watched(op, there, &why);
    if (err != HT_OK && is_next && ht_key_seed(seed, op->account.key)) {
        /* Bounded: as often as there are accounts. */
        op->index++;
        derive_account(op, seed);
        return;
    }
    if (err == HT_OK) {
        ht_account_op_commit(op);
    } else {
        ht_account_op_refuse(op, err, &why);
    }
}

static void got_nostr(struct ht_account_op *op, const uint8_t *public_key) {
    const struct ht_accounts *accounts = op->request.identity->accounts;
    struct ht_why why = {0};
    memcpy(op->nostr.public_key.b, public_key, sizeof op->nostr.public_key.b);
    for (size_t i = 0; i < accounts->nostr_count; i++) {
        if (!ht_hash32_equal(&accounts->nostr[i].public_key, &op->nostr.public_key)) continue;
        enum ht_err err =
            ht_fail(&why, HT_EINPUT, "account_exists", "this key is in the wallet already");
        ht_account_op_refuse(op, err, &why);
        return;
    }
    ht_account_op_commit(op);
}

static void on_public_key(struct ht_signer_call *call) {
    struct ht_account_op *op =
        (struct ht_account_op *)((char *)call - offsetof(struct ht_account_op, derive));
    ht_bytes key = ht_signer_field(&call->reply, HT_SIGNER_TAG_PUBLIC);
    enum ht_err err = call->err;
    if (err != HT_OK) {
        ht_vault_heard(op->request.identity, err, &call->why);
    } else if (key.n != HT_SECP256K1_PUBKEY_SIZE) {
        err = ht_fail(&call->why, HT_EBUG, "signer_reply", "the signer gave no public key");
    }
    if (err != HT_OK) {
        ht_account_op_refuse(op, err, &call->why);
    } else if (op->has_nostr) {
        got_nostr(op, key.p);
    } else {
        got_account(op, key.p);
    }
}

/* --- new seeds and imports -------------------------------------------------------------------- */

/* Room for one more of each, and the vault open and for us alone. */
static enum ht_err start_op(struct ht_account_op **out, struct ht_identity *identity,
                            struct ht_rpc_call *call, bool changes_vault, struct ht_why *why) {
    const struct ht_accounts *accounts = identity->accounts;
    enum ht_err err = ht_vault_check_unlocked(identity, why);
    bool is_full = accounts->count == HT_ACCOUNTS_MAX || accounts->seed_count == HT_SEEDS_MAX ||
                   accounts->nostr_count == HT_NOSTR_MAX;
    if (err == HT_OK && is_full) {
        err = ht_fail(why, HT_ELIMIT, "too_many_accounts",
                      "at most %u accounts, %u seeds and %u Nostr keys", HT_ACCOUNTS_MAX,
                      HT_SEEDS_MAX, HT_NOSTR_MAX);
    }
    if (err == HT_OK) err = ht_account_op_new(out, identity, call, why);
    if (err != HT_OK || !changes_vault) return err;
    err = ht_vault_change_begin(identity, why);
    if (err == HT_OK) {
        (*out)->begun_change = true;
        return HT_OK;
    }
    ht_account_op_release(*out);
    free(*out);
    return err;
}

/* The signer has a new record. */
static bool got_record(struct ht_vault_request *request, json_t **result) {
    struct ht_account_op *op = (struct ht_account_op *)request;
    struct ht_why why = {0};
    char name[HT_RECORD_NAME_SIZE];
    (void)result;
    enum ht_err err = ht_account_op_take(op, name, &why);
    ht_vault_touch(request->identity);
    if (err != HT_OK) {
        ht_account_op_refuse(op, err, &why);
    } else if (op->has_seed) {
        memcpy(op->seed.name, name, sizeof name);
        derive_account(op, name);
    } else {
        memcpy(op->has_nostr ? op->nostr.key : op->account.key, name, sizeof name);
        ask_public_key(op);
    }
    return false;
}

static void ask_record(struct ht_account_op *op, enum ht_signer_request what,
                       const struct ht_signer_field *fields, size_t count) {
    op->request.call.request = what;
    op->request.finish = got_record;
    op->request.failed = release;
    ht_vault_ask(&op->request, fields, count);
}

static enum ht_err read_seed_labels(struct ht_account_op *op, const json_t *params,
                                    struct ht_why *why) {
    const struct ht_identity *identity = op->request.identity;
    (void)snprintf(op->account.label, sizeof op->account.label, "Account %zu",
                   next_number(identity));
    return ht_accounts_label(op->seed.label, params, "Seed", identity->accounts->seed_count + 1,
                             why);
}

void ht_accounts_new_seed(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_identity *identity = self;
    struct ht_why why = {0};
    uint64_t words = 0;
    uint8_t reply_key[HT_HPKE_PUBLIC_SIZE], number[8];
    struct ht_account_op *op = NULL;
    enum ht_err err = ht_json_u64(&words, params, "words", &why);
    if (err == HT_OK && (words < 12 || words > 24 || words % 3 != 0)) {
        err = ht_fail(&why, HT_EINPUT, "words_count", "a seed has 12, 15, 18, 21 or 24 words");
    }
    if (err == HT_OK) err = ht_json_hex(reply_key, sizeof reply_key, params, "reply_key", &why);
    if (err == HT_OK) err = start_op(&op, identity, call, true, &why);
    if (err != HT_OK) {
        ht_rpc_refuse(call, err, &why);
        return;
    }
    op->has_seed = true;
    op->has_account = true;
    op->event = "created";
    op->seed.words = (unsigned)words;
    err = read_seed_labels(op, params, &why);
    if (err != HT_OK) {
        ht_account_op_refuse(op, err, &why);
        return;
    }
    ht_write_u64_le(number, words);
    const struct ht_signer_field fields[] = {
        {HT_SIGNER_TAG_NUMBER, HT_BYTES(number)},
        {HT_SIGNER_TAG_PUBLIC, HT_BYTES(reply_key)},
    };
    ask_record(op, HT_SIGNER_NEW_SEED, fields, 2);
}

/* What becomes of an import of that kind. */
static enum ht_err plan_import(struct ht_account_op *op, const json_t *params, struct ht_why *why) {
    const struct ht_identity *identity = op->request.identity;
    uint64_t words = 0;
    enum ht_err err = HT_OK;
    op->event = "imported";
    if (strcmp(op->kind, "mnemonic") == 0) {
        if (ht_json_member(params, "words") != NULL) {
            err = ht_json_u64(&words, params, "words", why);
        }
        op->has_seed = true;
        op->has_account = true;
        op->seed.is_backed_up = true;
        op->seed.words = words <= 24 ? (unsigned)words : 0;
        return err == HT_OK ? read_seed_labels(op, params, why) : err;
    }
    if (strcmp(op->kind, "nip49") == 0 || strcmp(op->kind, "nsec") == 0) {
        op->has_nostr = true;
        return ht_accounts_label(op->nostr.label, params, "Nostr",
                                 identity->accounts->nostr_count + 1, why);
    }
    if (strcmp(op->kind, "raw") == 0 || strcmp(op->kind, "keystore") == 0) {
        op->has_account = true;
        op->account.kind = HT_ACCOUNT_IMPORTED;
        return ht_accounts_label(op->account.label, params, "Account", next_number(identity), why);
    }
    return ht_fail(why, HT_EINPUT, "key_kind",
                   "an import is of kind mnemonic, raw, keystore, nip49 or nsec");
}

/* Those that a new key must not be, as protocol.h has it. Who is only watched may get a key. */
static ht_bytes known_to(uint8_t out[static KNOWN_SIZE], const struct ht_accounts *accounts,
                         bool is_nostr) {
    size_t n = 0;
    for (size_t i = 0; is_nostr && i < accounts->nostr_count; i++) {
        memcpy(out + n, accounts->nostr[i].public_key.b, 32);
        n += 32;
    }
    for (size_t i = 0; !is_nostr && i < accounts->count; i++) {
        if (accounts->list[i].kind == HT_ACCOUNT_WATCH) continue;
        memcpy(out + n, accounts->list[i].address.b, 20);
        n += 20;
    }
    return ht_bytes_of(out, n);
}

void ht_accounts_import(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_why why = {0};
    struct ht_account_op *op = NULL;
    struct ht_buf sealed;
    ht_buf_init(&sealed, HT_SEALED_MAX);
    enum ht_err err = ht_vault_sealed(&sealed, params, &why);
    if (err == HT_OK) err = start_op(&op, self, call, true, &why);
    if (err != HT_OK) {
        ht_rpc_refuse(call, err, &why);
        ht_buf_fini(&sealed);
        return;
    }
    err = ht_accounts_kind(op->kind, params, "kind", &why);
    if (err == HT_OK) err = plan_import(op, params, &why);
    if (err == HT_OK) {
        uint8_t known[KNOWN_SIZE];
        const struct ht_signer_field fields[] = {
            {HT_SIGNER_TAG_KIND, ht_bytes_str(op->kind)},
            {HT_SIGNER_TAG_SEALED, ht_buf_view(&sealed)},
            {HT_SIGNER_TAG_DATA, known_to(known, op->request.identity->accounts, op->has_nostr)},
        };
        ask_record(op, HT_SIGNER_IMPORT, fields, 3);
    } else {
        ht_account_op_refuse(op, err, &why);
    }
    ht_buf_fini(&sealed);
}

/* --- from a seed that is there ---------------------------------------------------------------- */

static enum ht_err find_seed(const struct ht_seed_info **out, const struct ht_identity *identity,
                             const json_t *params, struct ht_why *why) {
    const char *name;
    enum ht_err err = ht_json_text(&name, params, "seed", why);
    if (err != HT_OK) return err;
    const struct ht_seed_info *seed = ht_accounts_seed(identity, name);
    if (seed == NULL) return ht_fail(why, HT_ENOTFOUND, "no_such_account", "there is no such seed");
    *out = seed;
    return HT_OK;
}

/* One past the number behind `path` in a key of that seed; 0 when it is no such key. */
static uint32_t after(const char *key, const char *seed, const char *path) {
    size_t n = strlen(seed), m = strlen(path);
    bool is_its = strncmp(key, seed, n) == 0 && key[n] == ' ' && strncmp(key + n + 1, path, m) == 0;
    unsigned long index = is_its ? strtoul(key + n + 1 + m, NULL, 10) : 0;
    return is_its && index < INDEX_MAX ? (uint32_t)index + 1 : 0;
}

void ht_accounts_add_account(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_identity *identity = self;
    struct ht_why why = {0};
    const struct ht_seed_info *seed = NULL;
    struct ht_account_op *op = NULL;
    char label[HT_LABEL_MAX + 1];
    enum ht_err err = find_seed(&seed, identity, params, &why);
    if (err == HT_OK) {
        err = ht_accounts_label(label, params, "Account", next_number(identity), &why);
    }
    if (err == HT_OK) err = start_op(&op, identity, call, false, &why);
    if (err != HT_OK) {
        ht_rpc_refuse(call, err, &why);
        return;
    }
    for (size_t i = 0; i < ht_accounts_count(identity); i++) {
        uint32_t next = after(ht_accounts_at(identity, i)->key, seed->name, ACCOUNT_PATH);
        if (next > op->index) op->index = next;
    }
    op->has_account = true;
    op->event = "derived";
    op->account.is_backed_up = seed->is_backed_up;
    memcpy(op->account.label, label, sizeof label);
    derive_account(op, seed->name);
}

void ht_accounts_add_nostr(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_identity *identity = self;
    const struct ht_accounts *accounts = identity->accounts;
    struct ht_why why = {0};
    const struct ht_seed_info *seed = NULL;
    struct ht_account_op *op = NULL;
    char label[HT_LABEL_MAX + 1];
    enum ht_err err = find_seed(&seed, identity, params, &why);
    if (err == HT_OK) {
        err = ht_accounts_label(label, params, "Nostr", accounts->nostr_count + 1, &why);
    }
    if (err == HT_OK) err = start_op(&op, identity, call, false, &why);
    if (err != HT_OK) {
        ht_rpc_refuse(call, err, &why);
        return;
    }
    for (size_t i = 0; i < accounts->nostr_count; i++) {
        uint32_t next = after(accounts->nostr[i].key, seed->name, NOSTR_PATH);
        if (next > op->index) op->index = next;
    }
    op->has_nostr = true;
    op->event = "derived";
    memcpy(op->nostr.label, label, sizeof label);
    (void)snprintf(op->nostr.key, sizeof op->nostr.key, "%s " NOSTR_PATH "%u" NOSTR_PATH_END,
                   seed->name, (unsigned)op->index);
    ask_public_key(op);
}

static bool words_are_right(struct ht_vault_request *request, json_t **result) {
    struct ht_account_op *op = (struct ht_account_op *)request;
    (void)result;
    op->seed.is_backed_up = true;
    ht_account_op_commit(op);
    return false;
}

void ht_accounts_check_backup(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_identity *identity = self;
    struct ht_why why = {0};
    const struct ht_seed_info *seed = NULL;
    struct ht_account_op *op = NULL;
    struct ht_buf sealed;
    ht_buf_init(&sealed, HT_SEALED_MAX);
    enum ht_err err = find_seed(&seed, identity, params, &why);
    if (err == HT_OK) err = ht_vault_sealed(&sealed, params, &why);
    if (err == HT_OK) err = ht_vault_check_unlocked(identity, &why);
    if (err == HT_OK) err = ht_account_op_new(&op, identity, call, &why);
    if (err == HT_OK) {
        op->has_seed = true;
        op->seed = *seed;
        op->event = "backed_up";
        op->request.call.request = HT_SIGNER_CHECK_SEED;
        op->request.finish = words_are_right;
        op->request.failed = release;
        const struct ht_signer_field fields[] = {
            {HT_SIGNER_TAG_NAME, ht_bytes_str(op->seed.name)},
            {HT_SIGNER_TAG_SEALED, ht_buf_view(&sealed)},
        };
        ht_vault_ask(&op->request, fields, 2);
    } else {
        ht_rpc_refuse(call, err, &why);
    }
    ht_buf_fini(&sealed);
}
