/* Making tokens. Everything fails the running test on error. */
#include "tests/unit/token_maker.h"

#include <setjmp.h>
#include <stdarg.h>
/* cmocka wants the two above */
#include <cmocka.h>

#include <stdio.h>

#include <sodium.h>

#include "node/codec/base64.h"
#include "node/crypto/secp256k1.h"

static void secret_of(uint8_t out[static 32], unsigned number) {
    memset(out, 0, 32);
    out[31] = (uint8_t)number;
}

void ht_tm_public_key(uint8_t out[static 33], unsigned number) {
    uint8_t key[32];
    secret_of(key, number);
    assert_int_equal(ht_secp256k1_public_key_short(out, key, NULL), HT_OK);
}

void ht_tm_address(ht_addr20 *out, unsigned number) {
    uint8_t key[32];
    uint8_t point[HT_SECP256K1_PUBKEY_SIZE];
    secret_of(key, number);
    assert_int_equal(ht_secp256k1_public_key(point, key, NULL), HT_OK);
    ht_secp256k1_address(out, point);
}

static void ed25519_pair(uint8_t public_key[static 32], uint8_t secret[static 64],
                         unsigned number) {
    uint8_t seed[32];
    secret_of(seed, number);
    assert_int_equal(crypto_sign_seed_keypair(public_key, secret, seed), 0);
}

void ht_tm_ed25519_key(uint8_t out[static 32], unsigned number) {
    uint8_t secret[64];
    ed25519_pair(out, secret, number);
}

void ht_tm_parts(struct ht_buf *text, ht_bytes header, ht_bytes payload, ht_bytes signature) {
    ht_buf_clear(text);
    assert_int_equal(ht_base64_write(text, HT_BASE64_URL, header), HT_OK);
    assert_int_equal(ht_buf_add_str(text, "."), HT_OK);
    assert_int_equal(ht_base64_write(text, HT_BASE64_URL, payload), HT_OK);
    if (signature.n > 0) assert_int_equal(ht_jwt_end(text, signature), HT_OK);
}

static void sign_ecdsa(struct ht_buf *text, enum ht_jwt_alg alg, unsigned number) {
    uint8_t key[32];
    uint8_t bytes[65];
    struct ht_ecdsa_signature signature;
    ht_hash32 digest;
    secret_of(key, number);
    ht_jwt_digest(&digest, ht_buf_view(text));
    assert_int_equal(ht_ecdsa_sign(&signature, &digest, key, NULL), HT_OK);
    memcpy(bytes, signature.r, 32);
    memcpy(bytes + 32, signature.s, 32);
    bytes[64] = signature.y_parity;
    size_t n = alg == HT_JWT_ES256K_R ? 65 : 64;
    assert_int_equal(ht_jwt_end(text, ht_bytes_of(bytes, n)), HT_OK);
}

void ht_tm_token(struct ht_buf *text, const char *header, const char *payload, enum ht_jwt_alg alg,
                 unsigned number) {
    uint8_t public_key[32], secret[64], signature[64];
    ht_tm_parts(text, ht_bytes_str(header), ht_bytes_str(payload), ht_bytes_of(NULL, 0));
    if (alg != HT_JWT_EDDSA) {
        sign_ecdsa(text, alg, number);
        return;
    }
    ed25519_pair(public_key, secret, number);
    assert_int_equal(crypto_sign_detached(signature, NULL, text->p, text->n, secret), 0);
    assert_int_equal(ht_jwt_end(text, HT_BYTES(signature)), HT_OK);
}

void ht_tm_plain_token(struct ht_buf *text, const char *payload, enum ht_jwt_alg alg,
                       unsigned number) {
    static const char *const names[] = {"ES256K", "ES256K-R", "EdDSA"};
    char header[64];
    (void)snprintf(header, sizeof header, "{\"alg\":\"%s\",\"typ\":\"JWT\"}", names[alg]);
    ht_tm_token(text, header, payload, alg, number);
}
