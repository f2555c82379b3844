/* secp256k1: ECDSA as Ethereum uses it (who signed a digest, and signing one), Schnorr signatures
 * as Nostr does, and the arithmetic of keys that BIP-32 needs.
 *
 * Verification is over libsecp256k1's static context, which nobody can change, and does not
 * allocate. What takes a secret key uses one context for the whole program, made on first use (or
 * by ht_crypto_warm_up) and blinded with the system's randomness; read only from then on. Both are
 * usable from any thread at once. Secrets in memory of this file are wiped; keys are the caller's.
 * Sources: Yellow Paper appendix F, EIP-2 (low s), RFC 6979, BIP-340. */
#ifndef HT_CRYPTO_SECP256K1_H
#define HT_CRYPTO_SECP256K1_H

#include "node/base/bytes.h"

/* Uncompressed point without the leading 0x04: x, then y, 32 bytes big-endian each. */
#define HT_SECP256K1_PUBKEY_SIZE 64U
#define HT_SCHNORR_SIZE 64U

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

/* A public key as SEC 1 §2.3 writes it, 33 bytes (02 or 03, x) or 65 (04, x, y), in its 33 bytes.
 * HT_EUNVERIFIED "bad_public_key" for another form and for what is no point of the curve. */
enum ht_err ht_secp256k1_read_public_key(uint8_t out[static 33], ht_bytes key,
                                         struct ht_why *why) HT_MUST_USE;
/* The same, as x and y. */
enum ht_err ht_secp256k1_read_point(uint8_t pubkey[static HT_SECP256K1_PUBKEY_SIZE], ht_bytes key,
                                    struct ht_why *why) HT_MUST_USE;

/* Whether r and s (y_parity is not looked at) are that key's signature of the digest.
 * HT_EUNVERIFIED "bad_r", "bad_s", "high_s", "bad_public_key", "bad_signature". */
enum ht_err ht_ecdsa_verify(const struct ht_ecdsa_signature *signature, const ht_hash32 *digest,
                            const uint8_t key[static 33], enum ht_ecdsa_s accept,
                            struct ht_why *why) HT_MUST_USE;

/* --- With a secret key: 32 bytes, big-endian. HT_EINPUT "bad_key" unless 0 < key < n.
 * -----------*/

enum ht_err ht_secp256k1_check_key(const uint8_t key[static 32], struct ht_why *why) HT_MUST_USE;

/* Its public key: x and y; compressed as SEC 1 has it (02 or 03, x); x alone as BIP-340 has it. */
enum ht_err ht_secp256k1_public_key(uint8_t pubkey[static HT_SECP256K1_PUBKEY_SIZE],
                                    const uint8_t key[static 32], struct ht_why *why) HT_MUST_USE;
enum ht_err ht_secp256k1_public_key_short(uint8_t out[static 33], const uint8_t key[static 32],
                                          struct ht_why *why) HT_MUST_USE;
enum ht_err ht_secp256k1_public_key_x(uint8_t x[static 32], const uint8_t key[static 32],
                                      struct ht_why *why) HT_MUST_USE;

/* The sum modulo n of a key and a number. HT_EINPUT "bad_key" also when the number is not below n
 * or the sum is zero. out may be one of both. */
enum ht_err ht_secp256k1_add_keys(uint8_t out[static 32], const uint8_t key[static 32],
                                  const uint8_t number[static 32], struct ht_why *why) HT_MUST_USE;

/* Signs a digest: RFC 6979 with HMAC-SHA256, low s. What was signed is verified before it is given
 * out: HT_EBUG "signing_failed" when the key's public key does not come back. */
enum ht_err ht_ecdsa_sign(struct ht_ecdsa_signature *out, const ht_hash32 *digest,
                          const uint8_t key[static 32], struct ht_why *why) HT_MUST_USE;

/* Signs 32 bytes as BIP-340 does. aux: 32 bytes of fresh randomness, or NULL for none. Verified as
 * above. */
enum ht_err ht_schnorr_sign(uint8_t signature[static HT_SCHNORR_SIZE], const ht_hash32 *message,
                            const uint8_t key[static 32], const uint8_t *aux,
                            struct ht_why *why) HT_MUST_USE;

/* --- Without one
 * --------------------------------------------------------------------------------*/

/* A public key of BIP-340 that was parsed, which is a sixth of a verification: for whoever verifies
 * many signatures of one key. No secret; copied by value; meaningless to look into. */
struct ht_schnorr_key {
    uint8_t opaque[64];
};

/* HT_EUNVERIFIED "bad_public_key" when x is that of no point. */
enum ht_err ht_schnorr_key_read(struct ht_schnorr_key *out, const uint8_t x[static 32],
                                struct ht_why *why) HT_MUST_USE;
/* A message of any length, as BIP-340 allows. HT_EUNVERIFIED "bad_signature". */
enum ht_err ht_schnorr_verify_key(const uint8_t signature[static HT_SCHNORR_SIZE], ht_bytes message,
                                  const struct ht_schnorr_key *key, struct ht_why *why) HT_MUST_USE;

/* Both of the above. */
enum ht_err ht_schnorr_verify(const uint8_t signature[static HT_SCHNORR_SIZE],
                              const ht_hash32 *message, const uint8_t x[static 32],
                              struct ht_why *why) HT_MUST_USE;

#endif
