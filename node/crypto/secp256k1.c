/* Recovery of signers over libsecp256k1; signing and Schnorr will come beside it with a context of
 * their own, blinded with randomness. */
#include "node/crypto/secp256k1.h"

#include <pthread.h>

#include <secp256k1.h>
#include <secp256k1_recovery.h>

#include "node/crypto/keccak.h"

/* n, the order of the group, and (n - 1) / 2. */
static const uint8_t ORDER[32] = {
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe,
    0xba, 0xae, 0xdc, 0xe6, 0xaf, 0x48, 0xa0, 0x3b, 0xbf, 0xd2, 0x5e, 0x8c, 0xd0, 0x36, 0x41, 0x41,
};
static const uint8_t HALF_ORDER[32] = {
    0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0x5d, 0x57, 0x6e, 0x73, 0x57, 0xa4, 0x50, 0x1d, 0xdf, 0xe9, 0x2f, 0x46, 0x68, 0x1b, 0x20, 0xa0,
};

/* The static context skips the library's self-test, which aborts a miscompiled program. */
static pthread_once_t tested = PTHREAD_ONCE_INIT;

static bool is_zero(const uint8_t value[static 32]) {
    uint8_t any = 0;
    for (size_t i = 0; i < 32; i++) any |= value[i];
    return any == 0;
}

enum ht_err ht_ecdsa_check(const struct ht_ecdsa_signature *signature, enum ht_ecdsa_s accept,
                           struct ht_why *why) {
    if (signature->y_parity > 1) {
        return ht_fail(why, HT_EUNVERIFIED, "bad_y_parity", "y_parity is %u, not 0 or 1",
                       signature->y_parity);
    }
    if (is_zero(signature->r) || memcmp(signature->r, ORDER, 32) >= 0) {
        return ht_fail(why, HT_EUNVERIFIED, "bad_r", "r is zero or not below the curve's order");
    }
    if (is_zero(signature->s) || memcmp(signature->s, ORDER, 32) >= 0) {
        return ht_fail(why, HT_EUNVERIFIED, "bad_s", "s is zero or not below the curve's order");
    }
    if (accept == HT_ECDSA_LOW_S && memcmp(signature->s, HALF_ORDER, 32) > 0) {
        return ht_fail(why, HT_EUNVERIFIED, "high_s", "s is in the upper half (EIP-2)");
    }
    return HT_OK;
}

enum ht_err ht_ecdsa_recover(uint8_t pubkey[static HT_SECP256K1_PUBKEY_SIZE],
                             const ht_hash32 *digest, const struct ht_ecdsa_signature *signature,
                             enum ht_ecdsa_s accept, struct ht_why *why) {
    enum ht_err err = ht_ecdsa_check(signature, accept, why);
    if (err != HT_OK) return err;
    (void)pthread_once(&tested, secp256k1_selftest);
    const secp256k1_context *context = secp256k1_context_static;
    uint8_t compact[64];
    memcpy(compact, signature->r, 32);
    memcpy(compact + 32, signature->s, 32);
    secp256k1_ecdsa_recoverable_signature parsed;
    secp256k1_pubkey key;
    int is_good = secp256k1_ecdsa_recoverable_signature_parse_compact(context, &parsed, compact,
                                                                      signature->y_parity);
    if (is_good) is_good = secp256k1_ecdsa_recover(context, &key, &parsed, digest->b);
    if (!is_good) {
        return ht_fail(why, HT_EUNVERIFIED, "no_public_key", "no public key has this signature");
    }
    uint8_t point[65];
    size_t n = sizeof point;
    (void)secp256k1_ec_pubkey_serialize(context, point, &n, &key, SECP256K1_EC_UNCOMPRESSED);
    memcpy(pubkey, point + 1, HT_SECP256K1_PUBKEY_SIZE);
    return HT_OK;
}

void ht_secp256k1_address(ht_addr20 *out, const uint8_t pubkey[static HT_SECP256K1_PUBKEY_SIZE]) {
    ht_hash32 hash;
    ht_keccak256(&hash, ht_bytes_of(pubkey, HT_SECP256K1_PUBKEY_SIZE));
    memcpy(out->b, hash.b + 12, sizeof out->b);
}

enum ht_err ht_ecdsa_recover_address(ht_addr20 *out, const ht_hash32 *digest,
                                     const struct ht_ecdsa_signature *signature,
                                     enum ht_ecdsa_s accept, struct ht_why *why) {
    uint8_t pubkey[HT_SECP256K1_PUBKEY_SIZE];
    enum ht_err err = ht_ecdsa_recover(pubkey, digest, signature, accept, why);
    if (err == HT_OK) ht_secp256k1_address(out, pubkey);
    return err;
}
