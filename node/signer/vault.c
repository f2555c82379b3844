/* The vault's keys and records: unlocked in locked memory, boxed for the file. The file's shape is
 * in vault_file.c; where it is kept is the node's matter. */
#include "node/signer/vault.h"

#include <stdio.h>

#include <sodium.h>

#include "node/signer/vault_file.h"

#define KDF_CONTEXT "hearthva"

_Static_assert(crypto_pwhash_SALTBYTES == HT_VAULT_SALT_SIZE, "Argon2's salt");
_Static_assert(crypto_aead_xchacha20poly1305_ietf_NPUBBYTES == HT_VAULT_NONCE_SIZE, "nonce");
_Static_assert(crypto_aead_xchacha20poly1305_ietf_ABYTES == HT_VAULT_TAG_SIZE, "tag");

const struct ht_vault_cost ht_vault_cost_moderate = {.operations = crypto_pwhash_OPSLIMIT_MODERATE,
                                                     .memory = crypto_pwhash_MEMLIMIT_MODERATE};
const struct ht_vault_cost ht_vault_cost_least = {.operations = crypto_pwhash_OPSLIMIT_MIN,
                                                  .memory = crypto_pwhash_MEMLIMIT_MIN};

/* What is wiped by locking. */
struct unlocked {
    struct ht_vault_head head; /* its count is that of records */
    uint8_t key[32];           /* the random one */
    uint8_t record_key[32];
    uint8_t mac_key[32];
    struct ht_vault_record records[HT_VAULT_RECORDS_MAX];
};

struct ht_vault {
    const struct ht_random *random;
    struct ht_vault_cost cost;
    bool is_open;
    uint8_t wrapping_key[32]; /* of a passphrase; wiped at once */
    uint8_t other_key[32];    /* the same */
    uint8_t plain[HT_VAULT_BOX_MAX];
    struct unlocked at;
};

enum ht_err ht_vault_new(struct ht_vault **out, const struct ht_random *random,
                         const struct ht_vault_cost *cost) {
    if (sodium_init() < 0) return HT_ENOMEM;
    struct ht_vault *vault = sodium_malloc(sizeof *vault);
    if (vault == NULL) return HT_ENOMEM;
    sodium_memzero(vault, sizeof *vault);
    vault->random = random;
    vault->cost = *cost;
    *out = vault;
    return HT_OK;
}

void ht_vault_free(struct ht_vault *vault) {
    sodium_free(vault);
}

void ht_vault_lock(struct ht_vault *vault) {
    vault->is_open = false;
    sodium_memzero(&vault->at, sizeof vault->at);
    sodium_memzero(vault->plain, sizeof vault->plain);
}

bool ht_vault_is_open(const struct ht_vault *vault) {
    return vault->is_open;
}

static enum ht_err must_be_open(const struct ht_vault *vault, struct ht_why *why) {
    if (vault->is_open) return HT_OK;
    return ht_fail(why, HT_EDENIED, "vault_locked", "the wallet is locked");
}

static enum ht_err changed(struct ht_why *why, const char *what) {
    return ht_fail(why, HT_EUNVERIFIED, "vault_changed", "the vault was changed: %s", what);
}

/* --- keys -------------------------------------------------------------------------------------*/

static void derive_keys(struct ht_vault *vault) {
    struct unlocked *at = &vault->at;
    (void)crypto_kdf_derive_from_key(at->record_key, sizeof at->record_key, 1, KDF_CONTEXT,
                                     at->key);
    (void)crypto_kdf_derive_from_key(at->mac_key, sizeof at->mac_key, 2, KDF_CONTEXT, at->key);
}

/* The key that a passphrase wraps with, to vault->wrapping_key. */
static enum ht_err stretch(struct ht_vault *vault, const struct ht_vault_head *head,
                           ht_bytes passphrase, struct ht_why *why) {
    int failed = crypto_pwhash(
        vault->wrapping_key, sizeof vault->wrapping_key, (const char *)passphrase.p, passphrase.n,
        head->salt, head->cost.operations, (size_t)head->cost.memory, crypto_pwhash_ALG_ARGON2ID13);
    if (failed == 0) return HT_OK;
    return ht_fail(why, HT_ENOMEM, "no_memory", "no %llu MiB of memory for the passphrase",
                   (unsigned long long)(head->cost.memory >> 20));
}

/* The random key out of a head, to `key`. */
static enum ht_err unwrap(struct ht_vault *vault, uint8_t key[static 32],
                          const struct ht_vault_head *head, ht_bytes passphrase,
                          struct ht_why *why) {
    bool can_be = passphrase.n <= HT_VAULT_PASSPHRASE_MAX;
    enum ht_err err = can_be ? stretch(vault, head, passphrase, why) : HT_OK;
    if (err != HT_OK) return err;
    uint8_t bound[HT_VAULT_BOUND_SIZE];
    ht_vault_file_bound(bound, head);
    int failed = !can_be || crypto_aead_xchacha20poly1305_ietf_decrypt(
                                key, NULL, NULL, head->wrapped, sizeof head->wrapped, bound,
                                sizeof bound, head->nonce, vault->wrapping_key);
    sodium_memzero(vault->wrapping_key, sizeof vault->wrapping_key);
    if (!failed) return HT_OK;
    return ht_fail(why, HT_EDENIED, "wrong_passphrase", "that is not the passphrase");
}

static enum ht_err wrap(struct ht_vault *vault, ht_bytes passphrase, struct ht_why *why) {
    if (passphrase.n < HT_VAULT_PASSPHRASE_MIN) {
        return ht_fail(why, HT_EDENIED, "passphrase_short", "a passphrase has at least %u bytes",
                       HT_VAULT_PASSPHRASE_MIN);
    }
    if (passphrase.n > HT_VAULT_PASSPHRASE_MAX) {
        return ht_fail(why, HT_ELIMIT, "passphrase_long", "a passphrase has at most %u bytes",
                       HT_VAULT_PASSPHRASE_MAX);
    }
    /* Into a copy: a failure must leave a head that the old passphrase still opens. */
    struct ht_vault_head head = vault->at.head;
    head.cost = vault->cost;
    ht_random_fill(vault->random, head.salt, sizeof head.salt);
    ht_random_fill(vault->random, head.nonce, sizeof head.nonce);
    enum ht_err err = stretch(vault, &head, passphrase, why);
    if (err != HT_OK) return err;
    uint8_t bound[HT_VAULT_BOUND_SIZE];
    ht_vault_file_bound(bound, &head);
    (void)crypto_aead_xchacha20poly1305_ietf_encrypt(head.wrapped, NULL, vault->at.key,
                                                     sizeof vault->at.key, bound, sizeof bound,
                                                     NULL, head.nonce, vault->wrapping_key);
    sodium_memzero(vault->wrapping_key, sizeof vault->wrapping_key);
    vault->at.head = head;
    return HT_OK;
}

enum ht_err ht_vault_create(struct ht_vault *vault, ht_bytes passphrase, struct ht_why *why) {
    ht_vault_lock(vault);
    ht_random_fill(vault->random, vault->at.head.id, sizeof vault->at.head.id);
    ht_random_fill(vault->random, vault->at.key, sizeof vault->at.key);
    derive_keys(vault);
    enum ht_err err = wrap(vault, passphrase, why);
    if (err != HT_OK)
        ht_vault_lock(vault);
    else
        vault->is_open = true;
    return err;
}

enum ht_err ht_vault_check_passphrase(struct ht_vault *vault, ht_bytes passphrase,
                                      struct ht_why *why) {
    enum ht_err err = must_be_open(vault, why);
    if (err == HT_OK) err = unwrap(vault, vault->other_key, &vault->at.head, passphrase, why);
    sodium_memzero(vault->other_key, sizeof vault->other_key);
    return err;
}

enum ht_err ht_vault_change_passphrase(struct ht_vault *vault, ht_bytes old, ht_bytes passphrase,
                                       struct ht_why *why) {
    enum ht_err err = ht_vault_check_passphrase(vault, old, why);
    return err == HT_OK ? wrap(vault, passphrase, why) : err;
}

/* --- records ----------------------------------------------------------------------------------*/

#define BOUND_TO_MAX (HT_VAULT_ID_SIZE + 4U + HT_VAULT_NAME_MAX)

/* What a record's box is bound to. Returns its length. */
static size_t bind_record(uint8_t out[static BOUND_TO_MAX], const struct ht_vault_head *head,
                          uint32_t version, ht_bytes name) {
    memcpy(out, head->id, HT_VAULT_ID_SIZE);
    ht_write_u32_le(out + HT_VAULT_ID_SIZE, version);
    memcpy(out + HT_VAULT_ID_SIZE + 4, name.p, name.n);
    return HT_VAULT_ID_SIZE + 4 + name.n;
}

static struct ht_vault_record *find(struct unlocked *at, ht_bytes name) {
    for (uint32_t i = 0; i < at->head.count; i++) {
        if (ht_bytes_equal(ht_bytes_str(at->records[i].name), name)) return &at->records[i];
    }
    return NULL;
}

/* Adds one of the file's records behind those that are there. */
static enum ht_err open_entry(struct ht_vault *vault, const struct ht_vault_entry *entry,
                              struct ht_why *why) {
    struct unlocked *at = &vault->at;
    if (find(at, entry->name) != NULL) return changed(why, "two records have one name");
    uint8_t bound[BOUND_TO_MAX];
    size_t bound_n = bind_record(bound, &at->head, entry->version, entry->name);
    unsigned long long n = 0;
    int failed = crypto_aead_xchacha20poly1305_ietf_decrypt(vault->plain, &n, NULL, entry->box.p,
                                                            entry->box.n, bound, bound_n,
                                                            entry->nonce, at->record_key);
    if (failed) return changed(why, "a record does not open");
    uint8_t kind = vault->plain[0];
    bool is_known = (kind == HT_VAULT_SEED && n == 1 + HT_VAULT_SEED_SIZE) ||
                    (kind == HT_VAULT_KEY && n == 1 + HT_VAULT_KEY_SIZE);
    if (!is_known) return changed(why, "an unknown record");
    struct ht_vault_record *record = &at->records[at->head.count++];
    memcpy(record->name, entry->name.p, entry->name.n);
    record->version = entry->version;
    record->kind = (enum ht_vault_kind)kind;
    record->secret_n = (size_t)n - 1;
    memcpy(record->secret, vault->plain + 1, record->secret_n);
    return HT_OK;
}

static enum ht_err open_file(struct ht_vault *vault, const struct ht_vault_file *file,
                             ht_bytes passphrase, uint64_t least, struct ht_why *why) {
    struct unlocked *at = &vault->at;
    enum ht_err err = unwrap(vault, at->key, &file->head, passphrase, why);
    if (err != HT_OK) return err;
    derive_keys(vault);
    uint8_t mac[HT_VAULT_MAC_SIZE];
    (void)crypto_generichash(mac, sizeof mac, file->body.p, file->body.n, at->mac_key,
                             sizeof at->mac_key);
    if (sodium_memcmp(mac, file->mac, sizeof mac) != 0) {
        return changed(why, "its seal is not that of its content");
    }
    if (file->head.generation < least) {
        return ht_fail(why, HT_ESTALE, "vault_older",
                       "this is an older vault: generation %llu, the last was %llu",
                       (unsigned long long)file->head.generation, (unsigned long long)least);
    }
    at->head = file->head;
    at->head.count = 0;
    for (uint32_t i = 0; err == HT_OK && i < file->head.count; i++) {
        err = open_entry(vault, &file->entries[i], why);
    }
    return err;
}

enum ht_err ht_vault_unlock(struct ht_vault *vault, ht_bytes file, ht_bytes passphrase,
                            uint64_t least, struct ht_why *why) {
    ht_vault_lock(vault);
    struct ht_vault_file read;
    enum ht_err err = ht_vault_file_read(&read, file, why);
    if (err == HT_OK) err = open_file(vault, &read, passphrase, least, why);
    sodium_memzero(vault->plain, sizeof vault->plain);
    if (err != HT_OK)
        ht_vault_lock(vault);
    else
        vault->is_open = true;
    return err;
}

enum ht_err ht_vault_add(char name[static HT_VAULT_NAME_MAX], struct ht_vault *vault,
                         enum ht_vault_kind kind, ht_bytes secret, struct ht_why *why) {
    enum ht_err err = must_be_open(vault, why);
    if (err != HT_OK) return err;
    struct unlocked *at = &vault->at;
    uint32_t *last = kind == HT_VAULT_SEED ? &at->head.last_seed : &at->head.last_key;
    if (at->head.count == HT_VAULT_RECORDS_MAX || *last == UINT32_MAX) {
        return ht_fail(why, HT_ELIMIT, "vault_full", "a vault has at most %u keys",
                       HT_VAULT_RECORDS_MAX);
    }
    ht_assert(secret.n == (kind == HT_VAULT_SEED ? HT_VAULT_SEED_SIZE : HT_VAULT_KEY_SIZE));
    struct ht_vault_record *record = &at->records[at->head.count++];
    (*last)++;
    (void)snprintf(record->name, sizeof record->name, "%s-%u",
                   kind == HT_VAULT_SEED ? "seed" : "key", (unsigned)*last);
    record->version = (uint32_t)(at->head.generation + 1);
    record->kind = kind;
    record->secret_n = secret.n;
    memcpy(record->secret, secret.p, secret.n);
    memcpy(name, record->name, HT_VAULT_NAME_MAX);
    return HT_OK;
}

static enum ht_err no_such_record(struct ht_why *why) {
    return ht_fail(why, HT_ENOTFOUND, "no_such_record", "there is no key with this name");
}

enum ht_err ht_vault_remove(struct ht_vault *vault, ht_bytes name, struct ht_why *why) {
    enum ht_err err = must_be_open(vault, why);
    if (err != HT_OK) return err;
    struct unlocked *at = &vault->at;
    struct ht_vault_record *record = find(at, name);
    if (record == NULL) return no_such_record(why);
    struct ht_vault_record *last = &at->records[--at->head.count];
    if (record != last) *record = *last;
    sodium_memzero(last, sizeof *last);
    return HT_OK;
}

enum ht_err ht_vault_find(const struct ht_vault_record **out, const struct ht_vault *vault,
                          ht_bytes name, struct ht_why *why) {
    enum ht_err err = must_be_open(vault, why);
    if (err != HT_OK) return err;
    for (uint32_t i = 0; i < vault->at.head.count; i++) {
        const struct ht_vault_record *record = &vault->at.records[i];
        if (!ht_bytes_equal(ht_bytes_str(record->name), name)) continue;
        *out = record;
        return HT_OK;
    }
    return no_such_record(why);
}

/* --- the file ---------------------------------------------------------------------------------*/

static enum ht_err write_record(struct ht_buf *out, struct ht_vault *vault,
                                const struct ht_vault_record *record) {
    uint8_t bound[BOUND_TO_MAX];
    uint8_t nonce[HT_VAULT_NONCE_SIZE];
    uint8_t box[HT_VAULT_BOX_MAX];
    ht_bytes name = ht_bytes_str(record->name);
    size_t bound_n = bind_record(bound, &vault->at.head, record->version, name);
    vault->plain[0] = (uint8_t)record->kind;
    memcpy(vault->plain + 1, record->secret, record->secret_n);
    ht_random_fill(vault->random, nonce, sizeof nonce);
    unsigned long long box_n = 0;
    (void)crypto_aead_xchacha20poly1305_ietf_encrypt(box, &box_n, vault->plain,
                                                     record->secret_n + 1, bound, bound_n, NULL,
                                                     nonce, vault->at.record_key);
    sodium_memzero(vault->plain, sizeof vault->plain);
    const struct ht_vault_entry entry = {.name = name,
                                         .version = record->version,
                                         .nonce = nonce,
                                         .box = ht_bytes_of(box, (size_t)box_n)};
    return ht_vault_file_write_entry(out, &entry);
}

enum ht_err ht_vault_write(struct ht_buf *out, struct ht_vault *vault, struct ht_why *why) {
    enum ht_err err = must_be_open(vault, why);
    if (err != HT_OK) return err;
    struct unlocked *at = &vault->at;
    size_t start = out->n;
    struct ht_vault_head head = at->head;
    head.generation++;
    err = ht_vault_file_write_head(out, &head);
    for (uint32_t i = 0; err == HT_OK && i < head.count; i++) {
        err = write_record(out, vault, &at->records[i]);
    }
    uint8_t mac[HT_VAULT_MAC_SIZE];
    if (err == HT_OK) {
        (void)crypto_generichash(mac, sizeof mac, out->p + start, out->n - start, at->mac_key,
                                 sizeof at->mac_key);
        err = ht_buf_add(out, HT_BYTES(mac));
    }
    if (err != HT_OK) {
        out->n = start;
        return ht_fail(why, err, "no_memory", "no room for the vault's file");
    }
    at->head.generation = head.generation;
    return HT_OK;
}
