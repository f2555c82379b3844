/* Keys by name, inside of the signer process: records of the vault, and what is derived from seeds,
 * which is kept in locked memory until the vault locks. */
#ifndef HT_SIGNER_SIGNER_KEYS_H
#define HT_SIGNER_SIGNER_KEYS_H

#include "node/crypto/bip32.h"
#include "node/signer/vault.h"

#define HT_SIGNER_KEY_TEXT_MAX 112U /* "seed-1 m/44'/60'/0'/0/0", the longest path included */
#define HT_SIGNER_DERIVED_MAX 32U

/* A seed's record, taken apart; views into it. */
struct ht_signer_seed {
    ht_bytes entropy;
    ht_bytes seed; /* 64 bytes */
    bool has_passphrase;
};

/* Lives in locked memory; zeroed at first. */
struct ht_signer_keys {
    struct ht_signer_derived {
        char text[HT_SIGNER_KEY_TEXT_MAX];
        struct ht_bip32_key key;
    } derived[HT_SIGNER_DERIVED_MAX];
    size_t next; /* that is overwritten */
};

/* Forgets what was derived. */
void ht_signer_keys_wipe(struct ht_signer_keys *keys);

/* The 32 bytes behind a KEY of the protocol: "key-1", or "seed-1 m/44'/60'/0'/0/0". Good until the
 * next call or lock. HT_EINPUT "key_path" (a seed without a path or a key with one), "bad_path";
 * those of ht_vault_find and ht_bip32_derive. */
enum ht_err ht_signer_keys_find(const uint8_t **out, struct ht_signer_keys *keys,
                                const struct ht_vault *vault, ht_bytes key,
                                struct ht_why *why) HT_MUST_USE;

/* The seed with that name. HT_EINPUT "not_a_seed"; those of ht_vault_find. */
enum ht_err ht_signer_keys_seed(struct ht_signer_seed *out, const struct ht_vault *vault,
                                ht_bytes name, struct ht_why *why) HT_MUST_USE;

/* Looks whether a record of that kind would hold what is known already: known is what an IMPORT has
 * as DATA (protocol.h), of Nostr keys when is_nostr. room is locked memory, left to be wiped.
 * HT_EINPUT "account_exists", "known_malformed"; those of ht_bip32_derive. */
enum ht_err ht_signer_keys_check_new(struct ht_bip32_key *room, const uint8_t *secret,
                                     enum ht_vault_kind kind, bool is_nostr, ht_bytes known,
                                     struct ht_why *why) HT_MUST_USE;

/* Writes what a seed's record holds to `secret`, which is locked memory: entropy (16 to 32 bytes)
 * and the BIP-39 seed made of it and the passphrase. Those of ht_bip39_seed. */
enum ht_err ht_signer_keys_pack_seed(uint8_t secret[static HT_VAULT_SEED_SIZE], ht_bytes entropy,
                                     ht_bytes passphrase, struct ht_why *why) HT_MUST_USE;

#endif
