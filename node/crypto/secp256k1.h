/* ECDSA over secp256k1 as Ethereum uses it: who signed a digest.
 *
 * Over libsecp256k1's static context, which nobody can change: usable from any thread at once.
 * Does not allocate. Sources: Yellow Paper appendix F, EIP-2 (low s). */
#ifndef HT_CRYPTO_SECP256K1_H
#define HT_CRYPTO_SECP256K1_H

#include "node/base/bytes.h"

/* Uncompressed point without the leading 0x04: x, then y, 32 bytes big-endian each. */
#define HT_SECP256K1_PUBKEY_SIZE 64U

struct ht_ecdsa_signature {
    uint8_t r[32]; /* big-endian */
    uint8_t s[32];
    uint8_t y_parity; /* 0 or 1: whether the y of the point behind r is odd */
};

/* Which s are accepted. Transactions since Homestead and authorizations (EIP-7702) must have the
 * lower of the two; the precompile 0x01 and Frontier's transactions take both. */
enum ht_ecdsa_s {
    HT_ECDSA_LOW_S,
    HT_ECDSA_ANY_S,
};

/* Whether 0 < r < n, 0 < s < n (or s <= n/2) and y_parity <= 1. HT_EUNVERIFIED with code
 * "bad_y_parity", "bad_r", "bad_s" or "high_s". */
enum ht_err ht_ecdsa_check(const struct ht_ecdsa_signature *signature, enum ht_ecdsa_s accept,
                           struct ht_why *why) HT_MUST_USE;

/* The public key whose signature of the digest this is. HT_EUNVERIFIED as above, and
 * "no_public_key" when r is the x of no point or the key would be the point at infinity. */
enum ht_err ht_ecdsa_recover(uint8_t pubkey[static HT_SECP256K1_PUBKEY_SIZE],
                             const ht_hash32 *digest, const struct ht_ecdsa_signature *signature,
                             enum ht_ecdsa_s accept, struct ht_why *why) HT_MUST_USE;

/* The last 20 bytes of the Keccak-256 hash of a public key. */
void ht_secp256k1_address(ht_addr20 *out, const uint8_t pubkey[static HT_SECP256K1_PUBKEY_SIZE]);

/* The address of the key that signed: both of the above. */
enum ht_err ht_ecdsa_recover_address(ht_addr20 *out, const ht_hash32 *digest,
                                     const struct ht_ecdsa_signature *signature,
                                     enum ht_ecdsa_s accept, struct ht_why *why) HT_MUST_USE;

#endif
