/* From the name of a key to its 32 bytes. What is done with them is for signer_requests.c. */
#include "node/signer/signer_keys.h"

#include <sodium.h>

#include "node/crypto/bip39.h"
#include "node/crypto/secp256k1.h"
#include "node/signer/protocol.h"

#define FIRST_ACCOUNT "m/44'/60'/0'/0/0" /* BIP-44 */
#define SEED_AT (1U + HT_BIP39_ENTROPY_MAX)

_Static_assert(SEED_AT + HT_BIP39_SEED_SIZE + 1U == HT_VAULT_SEED_SIZE, "a seed's record");

void ht_signer_keys_wipe(struct ht_signer_keys *keys) {
    sodium_memzero(keys, sizeof *keys);
}

static void unpack_seed(struct ht_signer_seed *out, const struct ht_vault_record *record) {
    size_t n = record->secret[0];
    ht_assert(n <= HT_BIP39_ENTROPY_MAX);
    *out = (struct ht_signer_seed){
        .entropy = ht_bytes_of(record->secret + 1, n),
        .seed = ht_bytes_of(record->secret + SEED_AT, HT_BIP39_SEED_SIZE),
        .has_passphrase = record->secret[SEED_AT + HT_BIP39_SEED_SIZE] != 0,
    };
}

enum ht_err ht_signer_keys_pack_seed(uint8_t secret[static HT_VAULT_SEED_SIZE], ht_bytes entropy,
                                     ht_bytes passphrase, struct ht_why *why) {
    sodium_memzero(secret, HT_VAULT_SEED_SIZE);
    secret[0] = (uint8_t)entropy.n;
    memcpy(secret + 1, entropy.p, entropy.n);
    secret[SEED_AT + HT_BIP39_SEED_SIZE] = passphrase.n > 0;
    return ht_bip39_seed(secret + SEED_AT, entropy, passphrase, why);
}

enum ht_err ht_signer_keys_seed(struct ht_signer_seed *out, const struct ht_vault *vault,
                                ht_bytes name, struct ht_why *why) {
    const struct ht_vault_record *record = NULL;
    enum ht_err err = ht_vault_find(&record, vault, name, why);
    if (err != HT_OK) return err;
    if (record->kind != HT_VAULT_SEED) {
        return ht_fail(why, HT_EINPUT, "not_a_seed", "this key did not come from words");
    }
    unpack_seed(out, record);
    return HT_OK;
}

static const struct ht_signer_derived *find_derived(const struct ht_signer_keys *keys,
                                                    const char *text) {
    for (size_t i = 0; i < HT_SIGNER_DERIVED_MAX; i++) {
        if (strcmp(keys->derived[i].text, text) == 0) return &keys->derived[i];
    }
    return NULL;
}

static enum ht_err derive(const uint8_t **out, struct ht_signer_keys *keys,
                          const struct ht_vault_record *record, const char *text, const char *path,
                          struct ht_why *why) {
    struct ht_signer_seed seed;
    struct ht_bip32_path steps;
    enum ht_err err = ht_bip32_path_read(&steps, path, why);
    if (err != HT_OK) return err;
    unpack_seed(&seed, record);
    struct ht_signer_derived *slot = &keys->derived[keys->next % HT_SIGNER_DERIVED_MAX];
    sodium_memzero(slot, sizeof *slot);
    err = ht_bip32_derive(&slot->key, seed.seed, &steps, why);
    if (err != HT_OK) return err;
    keys->next++;
    memcpy(slot->text, text, strlen(text));
    *out = slot->key.key;
    return HT_OK;
}

enum ht_err ht_signer_keys_find(const uint8_t **out, struct ht_signer_keys *keys,
                                const struct ht_vault *vault, ht_bytes key, struct ht_why *why) {
    char text[HT_SIGNER_KEY_TEXT_MAX] = "";
    const uint8_t *space = key.n > 0 ? memchr(key.p, ' ', key.n) : NULL;
    ht_bytes name = space == NULL ? key : ht_bytes_of(key.p, (size_t)(space - key.p));
    const struct ht_vault_record *record = NULL;
    enum ht_err err = ht_vault_find(&record, vault, name, why);
    if (err != HT_OK) return err;
    if ((space != NULL) != (record->kind == HT_VAULT_SEED)) {
        return ht_fail(why, HT_EINPUT, "key_path",
                       "a key of a seed has a path behind its name, any other has none");
    }
    if (space == NULL) {
        *out = record->secret;
        return HT_OK;
    }
    if (key.n >= sizeof text || memchr(key.p, '\0', key.n) != NULL) {
        return ht_fail(why, HT_EINPUT, "bad_path", "the key's path is too long or no text");
    }
    memcpy(text, key.p, key.n);
    const struct ht_signer_derived *known = find_derived(keys, text);
    if (known != NULL) {
        *out = known->key.key;
        return HT_OK;
    }
    return derive(out, keys, record, text, text + name.n + 1, why);
}

/* --- what is there already --------------------------------------------------------------------*/

/* The key of a record, or of a seed's first account. */
static enum ht_err first_key(const uint8_t **out, struct ht_bip32_key *room, const uint8_t *secret,
                             enum ht_vault_kind kind, struct ht_why *why) {
    struct ht_bip32_path steps;
    *out = secret;
    if (kind == HT_VAULT_KEY) return HT_OK;
    enum ht_err err = ht_bip32_path_read(&steps, FIRST_ACCOUNT, why);
    if (err == HT_OK) {
        err = ht_bip32_derive(room, ht_bytes_of(secret + SEED_AT, HT_BIP39_SEED_SIZE), &steps, why);
    }
    *out = room->key;
    return err;
}

enum ht_err ht_signer_keys_check_new(struct ht_bip32_key *room, const uint8_t *secret,
                                     enum ht_vault_kind kind, bool is_nostr, ht_bytes known,
                                     struct ht_why *why) {
    const uint8_t *key = NULL;
    uint8_t public_key[HT_SECP256K1_PUBKEY_SIZE];
    ht_addr20 address;
    size_t size = is_nostr ? 32 : sizeof address.b;
    if (known.n % size != 0 || known.n > HT_SIGNER_KNOWN_MAX) {
        return ht_fail(why, HT_EINPUT, "known_malformed", "no list of who is in the wallet");
    }
    enum ht_err err = first_key(&key, room, secret, kind, why);
    if (err == HT_OK) err = ht_secp256k1_public_key(public_key, key, why);
    if (err != HT_OK) return err;
    ht_secp256k1_address(&address, public_key);
    for (size_t i = 0; i < known.n; i += size) {
        if (memcmp(known.p + i, is_nostr ? public_key : address.b, size) != 0) continue;
        return ht_fail(why, HT_EINPUT, "account_exists", "this key is in the wallet already");
    }
    return HT_OK;
}
