/* Keys derived from a seed: BIP-32 over secp256k1, private derivation only; paths of BIP-44
 * (m/44'/60'/0'/0/i) and NIP-06 (m/44'/1237'/account'/0/0).
 *
 * Secret, as bip39.h; does not allocate. */
#ifndef HT_CRYPTO_BIP32_H
#define HT_CRYPTO_BIP32_H

#include "node/base/bytes.h"

#define HT_BIP32_HARDENED UINT32_C(0x80000000)
#define HT_BIP32_DEPTH_MAX 10U

struct ht_bip32_key {
    uint8_t key[32];
    uint8_t chain_code[32];
};

struct ht_bip32_path {
    uint32_t steps[HT_BIP32_DEPTH_MAX]; /* with HT_BIP32_HARDENED added where hardened */
    size_t depth;
};

/* Reads "m/44'/60'/0'/0/0" ("h" or "H" for "'" too). HT_EINPUT "bad_path": numbers are below 2^31
 * and without leading zeros, at most HT_BIP32_DEPTH_MAX of them. */
enum ht_err ht_bip32_path_read(struct ht_bip32_path *out, const char *text,
                               struct ht_why *why) HT_MUST_USE;

/* The master key of 16 to 64 bytes of seed, HT_EINPUT "seed_size" for others. HT_EUNVERIFIED
 * "bad_seed" where BIP-32 has it invalid (one in 2^127). */
enum ht_err ht_bip32_master(struct ht_bip32_key *out, ht_bytes seed,
                            struct ht_why *why) HT_MUST_USE;
/* A child; HT_EUNVERIFIED "bad_child": BIP-32 says to go on with the next index. out may be parent.
 * HT_EINPUT "bad_key" when the parent holds no key. */
enum ht_err ht_bip32_child(struct ht_bip32_key *out, const struct ht_bip32_key *parent,
                           uint32_t index, struct ht_why *why) HT_MUST_USE;
/* The master key and all steps of the path from it. Errors of both. */
enum ht_err ht_bip32_derive(struct ht_bip32_key *out, ht_bytes seed,
                            const struct ht_bip32_path *path, struct ht_why *why) HT_MUST_USE;

#endif
