/* Recovery of signers, and signing, over libsecp256k1. Verification uses the library's static
 * context; everything that a secret key goes into uses a context of its own, blinded with
 * randomness, and wipes what it leaves behind. */
#include "node/crypto/secp256k1.h"

#include <pthread.h>

#include <secp256k1.h>
#include <secp256k1_extrakeys.h>
#include <secp256k1_recovery.h>
#include <secp256k1_schnorrsig.h>
#include <sodium.h>

#include "node/base/clock.h"
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

/* Made once and never freed: blinding it anew would need a lock around each signature. */
static pthread_once_t made = PTHREAD_ONCE_INIT;
static secp256k1_context *signing;

static void make_signing(void) {
    uint8_t seed[32];
    signing = secp256k1_context_create(SECP256K1_CONTEXT_NONE);
    ht_assert(signing != NULL);
    ht_random_fill(&ht_system_random, seed, sizeof seed);
    ht_assert(secp256k1_context_randomize(signing, seed) == 1);
    sodium_memzero(seed, sizeof seed);
}

static const secp256k1_context *signing_context(void) {
    (void)pthread_once(&made, make_signing);
    return signing;
}

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

static enum ht_err parse_public_key(secp256k1_pubkey *out, ht_bytes key, struct ht_why *why) {
    /* The library would also read the hybrid form, which nobody uses. */
    bool is_form =
        (key.n == 33 && (key.p[0] == 2 || key.p[0] == 3)) || (key.n == 65 && key.p[0] == 4);
    (void)pthread_once(&tested, secp256k1_selftest);
    if (is_form && secp256k1_ec_pubkey_parse(secp256k1_context_static, out, key.p, key.n) == 1) {
        return HT_OK;
    }
    return ht_fail(why, HT_EUNVERIFIED, "bad_public_key", "it is no point of secp256k1");
}

enum ht_err ht_secp256k1_read_public_key(uint8_t out[static 33], ht_bytes key, struct ht_why *why) {
    secp256k1_pubkey parsed;
    size_t n = 33;
    enum ht_err err = parse_public_key(&parsed, key, why);
    if (err != HT_OK) return err;
    (void)secp256k1_ec_pubkey_serialize(secp256k1_context_static, out, &n, &parsed,
                                        SECP256K1_EC_COMPRESSED);
    return HT_OK;
}

enum ht_err ht_secp256k1_read_point(uint8_t pubkey[static HT_SECP256K1_PUBKEY_SIZE], ht_bytes key,
                                    struct ht_why *why) {
    secp256k1_pubkey parsed;
    uint8_t point[65];
    size_t n = sizeof point;
    enum ht_err err = parse_public_key(&parsed, key, why);
    if (err != HT_OK) return err;
    (void)secp256k1_ec_pubkey_serialize(secp256k1_context_static, point, &n, &parsed,
                                        SECP256K1_EC_UNCOMPRESSED);
    memcpy(pubkey, point + 1, HT_SECP256K1_PUBKEY_SIZE);
    return HT_OK;
}

enum ht_err ht_ecdsa_verify(const struct ht_ecdsa_signature *signature, const ht_hash32 *digest,
                            const uint8_t key[static 33], enum ht_ecdsa_s accept,
                            struct ht_why *why) {
    struct ht_ecdsa_signature plain = *signature;
    plain.y_parity = 0;
    secp256k1_pubkey parsed;
    enum ht_err err = ht_ecdsa_check(&plain, accept, why);
    if (err == HT_OK) err = parse_public_key(&parsed, ht_bytes_of(key, 33), why);
    if (err != HT_OK) return err;
    const secp256k1_context *context = secp256k1_context_static;
    uint8_t compact[64];
    memcpy(compact, signature->r, 32);
    memcpy(compact + 32, signature->s, 32);
    secp256k1_ecdsa_signature low;
    bool is_good = secp256k1_ecdsa_signature_parse_compact(context, &low, compact) == 1;
    /* The library takes the lower of both s only. */
    if (is_good) (void)secp256k1_ecdsa_signature_normalize(context, &low, &low);
    if (is_good && secp256k1_ecdsa_verify(context, &low, digest->b, &parsed) == 1) return HT_OK;
    return ht_fail(why, HT_EUNVERIFIED, "bad_signature", "the signature is not this key's");
}

/* --- signing ----------------------------------------------------------------------------------*/

static enum ht_err bad_key(struct ht_why *why) {
    return ht_fail(why, HT_EINPUT, "bad_key",
                   "it is no secp256k1 key: zero or not below the order");
}

enum ht_err ht_secp256k1_check_key(const uint8_t key[static 32], struct ht_why *why) {
    return secp256k1_ec_seckey_verify(signing_context(), key) == 1 ? HT_OK : bad_key(why);
}

enum ht_err ht_secp256k1_public_key(uint8_t pubkey[static HT_SECP256K1_PUBKEY_SIZE],
                                    const uint8_t key[static 32], struct ht_why *why) {
    secp256k1_pubkey point;
    uint8_t text[65];
    size_t n = sizeof text;
    if (secp256k1_ec_pubkey_create(signing_context(), &point, key) != 1) return bad_key(why);
    (void)secp256k1_ec_pubkey_serialize(secp256k1_context_static, text, &n, &point,
                                        SECP256K1_EC_UNCOMPRESSED);
    memcpy(pubkey, text + 1, HT_SECP256K1_PUBKEY_SIZE);
    return HT_OK;
}

enum ht_err ht_secp256k1_public_key_short(uint8_t out[static 33], const uint8_t key[static 32],
                                          struct ht_why *why) {
    uint8_t pubkey[HT_SECP256K1_PUBKEY_SIZE];
    enum ht_err err = ht_secp256k1_public_key(pubkey, key, why);
    if (err != HT_OK) return err;
    out[0] = (uint8_t)(2 | (pubkey[63] & 1));
    memcpy(out + 1, pubkey, 32);
    return HT_OK;
}

enum ht_err ht_secp256k1_public_key_x(uint8_t x[static 32], const uint8_t key[static 32],
                                      struct ht_why *why) {
    uint8_t pubkey[HT_SECP256K1_PUBKEY_SIZE];
    enum ht_err err = ht_secp256k1_public_key(pubkey, key, why);
    if (err == HT_OK) memcpy(x, pubkey, 32);
    return err;
}

enum ht_err ht_secp256k1_add_keys(uint8_t out[static 32], const uint8_t key[static 32],
                                  const uint8_t number[static 32], struct ht_why *why) {
    uint8_t sum[32];
    memcpy(sum, key, sizeof sum);
    bool is_good = secp256k1_ec_seckey_tweak_add(signing_context(), sum, number) == 1;
    if (is_good) memcpy(out, sum, sizeof sum);
    sodium_memzero(sum, sizeof sum);
    return is_good ? HT_OK : bad_key(why);
}

static enum ht_err signing_failed(struct ht_why *why) {
    return ht_fail(why, HT_EBUG, "signing_failed", "what was signed does not verify");
}

enum ht_err ht_ecdsa_sign(struct ht_ecdsa_signature *out, const ht_hash32 *digest,
                          const uint8_t key[static 32], struct ht_why *why) {
    uint8_t pubkey[HT_SECP256K1_PUBKEY_SIZE];
    uint8_t signer[HT_SECP256K1_PUBKEY_SIZE];
    uint8_t compact[64];
    int y_parity = 0;
    secp256k1_ecdsa_recoverable_signature made_one;
    struct ht_ecdsa_signature signature;
    enum ht_err err = ht_secp256k1_public_key(pubkey, key, why);
    if (err != HT_OK) return err;
    if (secp256k1_ecdsa_sign_recoverable(signing_context(), &made_one, digest->b, key,
                                         secp256k1_nonce_function_rfc6979, NULL) != 1) {
        return signing_failed(why);
    }
    (void)secp256k1_ecdsa_recoverable_signature_serialize_compact(secp256k1_context_static, compact,
                                                                  &y_parity, &made_one);
    memcpy(signature.r, compact, 32);
    memcpy(signature.s, compact + 32, 32);
    signature.y_parity = (uint8_t)y_parity;
    if (ht_ecdsa_recover(signer, digest, &signature, HT_ECDSA_LOW_S, NULL) != HT_OK ||
        memcmp(signer, pubkey, sizeof pubkey) != 0) {
        return signing_failed(why);
    }
    *out = signature;
    return HT_OK;
}

enum ht_err ht_schnorr_sign(uint8_t signature[static HT_SCHNORR_SIZE], const ht_hash32 *message,
                            const uint8_t key[static 32], const uint8_t *aux, struct ht_why *why) {
    secp256k1_keypair pair;
    uint8_t made_one[HT_SCHNORR_SIZE];
    uint8_t x[32];
    enum ht_err err = ht_secp256k1_public_key_x(x, key, why);
    if (err != HT_OK) return err;
    bool is_good =
        secp256k1_keypair_create(signing_context(), &pair, key) == 1 &&
        secp256k1_schnorrsig_sign32(signing_context(), made_one, message->b, &pair, aux) == 1;
    sodium_memzero(&pair, sizeof pair);
    if (!is_good || ht_schnorr_verify(made_one, message, x, NULL) != HT_OK) {
        return signing_failed(why);
    }
    memcpy(signature, made_one, HT_SCHNORR_SIZE);
    return HT_OK;
}

_Static_assert(sizeof(struct ht_schnorr_key) == sizeof(secp256k1_xonly_pubkey), "it holds one");

enum ht_err ht_schnorr_key_read(struct ht_schnorr_key *out, const uint8_t x[static 32],
                                struct ht_why *why) {
    secp256k1_xonly_pubkey parsed;
    (void)pthread_once(&tested, secp256k1_selftest);
    if (secp256k1_xonly_pubkey_parse(secp256k1_context_static, &parsed, x) != 1) {
        return ht_fail(why, HT_EUNVERIFIED, "bad_public_key", "x is that of no point of the curve");
    }
    memcpy(out->opaque, &parsed, sizeof out->opaque);
    return HT_OK;
}

enum ht_err ht_schnorr_verify_key(const uint8_t signature[static HT_SCHNORR_SIZE], ht_bytes message,
                                  const struct ht_schnorr_key *key, struct ht_why *why) {
    static const uint8_t nothing[1];
    secp256k1_xonly_pubkey parsed;
    memcpy(&parsed, key->opaque, sizeof parsed);
    if (secp256k1_schnorrsig_verify(secp256k1_context_static, signature,
                                    message.n > 0 ? message.p : nothing, message.n, &parsed) != 1) {
        return ht_fail(why, HT_EUNVERIFIED, "bad_signature", "the signature is not this key's");
    }
    return HT_OK;
}

enum ht_err ht_schnorr_verify(const uint8_t signature[static HT_SCHNORR_SIZE],
                              const ht_hash32 *message, const uint8_t x[static 32],
                              struct ht_why *why) {
    struct ht_schnorr_key key;
    enum ht_err err = ht_schnorr_key_read(&key, x, why);
    return err == HT_OK ? ht_schnorr_verify_key(signature, HT_BYTES(message->b), &key, why) : err;
}
