/* Recovery of signers: against the library's own signing, and what is refused. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <pthread.h>
#include <secp256k1.h>
#include <secp256k1_recovery.h>

#include "node/base/hex.h"
#include "node/base/u256.h"
#include "node/crypto/secp256k1.h"

#define ORDER "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141"

static secp256k1_context *context;

/* A key, a digest and the signature, all from one small number. */
struct signing {
    uint8_t pubkey[64];
    ht_hash32 digest;
    struct ht_ecdsa_signature signature;
};

static void sign(struct signing *out, uint8_t n) {
    uint8_t key[32] = {[0] = n, [31] = 1};
    uint8_t point[65];
    uint8_t compact[64];
    size_t size = sizeof point;
    int y_parity = 0;
    secp256k1_pubkey pubkey;
    secp256k1_ecdsa_recoverable_signature signature;
    memset(out->digest.b, n, sizeof out->digest.b);
    assert_int_equal(secp256k1_ec_pubkey_create(context, &pubkey, key), 1);
    (void)secp256k1_ec_pubkey_serialize(context, point, &size, &pubkey, SECP256K1_EC_UNCOMPRESSED);
    memcpy(out->pubkey, point + 1, sizeof out->pubkey);
    assert_int_equal(
        secp256k1_ecdsa_sign_recoverable(context, &signature, out->digest.b, key, NULL, NULL), 1);
    (void)secp256k1_ecdsa_recoverable_signature_serialize_compact(context, compact, &y_parity,
                                                                  &signature);
    memcpy(out->signature.r, compact, 32);
    memcpy(out->signature.s, compact + 32, 32);
    out->signature.y_parity = (uint8_t)y_parity;
}

/* The other signature of the same key and digest: n - s, with the other parity. */
static void flip(struct ht_ecdsa_signature *signature) {
    uint8_t order[32];
    assert_int_equal(ht_hex_read(order, sizeof order, ht_bytes_str(ORDER)), HT_OK);
    ht_u256 n = ht_u256_from_be32(order);
    ht_u256 s = ht_u256_from_be32(signature->s);
    ht_u256_sub(&s, &n, &s);
    ht_u256_to_be(signature->s, &s);
    signature->y_parity ^= 1;
}

static void refuses(const struct signing *from, enum ht_ecdsa_s accept, const char *code) {
    uint8_t pubkey[64];
    struct ht_why why = {.code = "accepted"};
    enum ht_err err = ht_ecdsa_recover(pubkey, &from->digest, &from->signature, accept, &why);
    assert_string_equal(why.code, code);
    assert_int_equal(err, HT_EUNVERIFIED);
}

static void secp256k1_recovers_the_key_that_signed(void **state) {
    (void)state;
    for (uint8_t n = 0; n < 64; n++) {
        struct signing signing;
        uint8_t pubkey[64];
        sign(&signing, n);
        assert_int_equal(
            ht_ecdsa_recover(pubkey, &signing.digest, &signing.signature, HT_ECDSA_LOW_S, NULL),
            HT_OK);
        assert_memory_equal(pubkey, signing.pubkey, sizeof pubkey);
    }
}

static void secp256k1_address_of_the_key_one_is_the_known_one(void **state) {
    (void)state;
    uint8_t key[32] = {[31] = 1};
    uint8_t point[65];
    size_t size = sizeof point;
    secp256k1_pubkey pubkey;
    ht_addr20 address;
    char text[HT_HEX_SIZE(20)];
    assert_int_equal(secp256k1_ec_pubkey_create(context, &pubkey, key), 1);
    (void)secp256k1_ec_pubkey_serialize(context, point, &size, &pubkey, SECP256K1_EC_UNCOMPRESSED);
    ht_secp256k1_address(&address, point + 1);
    ht_hex_write(text, HT_BYTES(address.b));
    assert_string_equal(text, "0x7e5f4552091a69125d5dfcb7b8c2659029395bdf");
}

static void secp256k1_high_s_is_refused_only_where_low_s_is_asked_for(void **state) {
    (void)state;
    struct signing signing;
    uint8_t pubkey[64];
    sign(&signing, 7);
    flip(&signing.signature);
    refuses(&signing, HT_ECDSA_LOW_S, "high_s");
    assert_int_equal(
        ht_ecdsa_recover(pubkey, &signing.digest, &signing.signature, HT_ECDSA_ANY_S, NULL), HT_OK);
    assert_memory_equal(pubkey, signing.pubkey, sizeof pubkey);
}

static void secp256k1_accepts_s_up_to_half_the_order(void **state) {
    (void)state;
    struct signing signing;
    const char *half = "7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0";
    sign(&signing, 7);
    assert_int_equal(ht_hex_read(signing.signature.s, 32, ht_bytes_str(half)), HT_OK);
    assert_int_equal(ht_ecdsa_check(&signing.signature, HT_ECDSA_LOW_S, NULL), HT_OK);
    signing.signature.s[31]++;
    refuses(&signing, HT_ECDSA_LOW_S, "high_s");
}

static void secp256k1_rejects_values_outside_the_group(void **state) {
    (void)state;
    struct signing signing;
    sign(&signing, 9);
    memset(signing.signature.r, 0, 32);
    refuses(&signing, HT_ECDSA_ANY_S, "bad_r");
    sign(&signing, 9);
    memset(signing.signature.s, 0, 32);
    refuses(&signing, HT_ECDSA_ANY_S, "bad_s");
    sign(&signing, 9);
    assert_int_equal(ht_hex_read(signing.signature.r, 32, ht_bytes_str(ORDER)), HT_OK);
    refuses(&signing, HT_ECDSA_ANY_S, "bad_r");
    sign(&signing, 9);
    assert_int_equal(ht_hex_read(signing.signature.s, 32, ht_bytes_str(ORDER)), HT_OK);
    refuses(&signing, HT_ECDSA_ANY_S, "bad_s");
    sign(&signing, 9);
    signing.signature.y_parity = 2;
    refuses(&signing, HT_ECDSA_ANY_S, "bad_y_parity");
}

static void secp256k1_rejects_an_r_that_is_no_point(void **state) {
    (void)state;
    struct signing signing;
    sign(&signing, 9);
    memset(signing.signature.r, 0, 32);
    signing.signature.r[31] = 5; /* 5^3 + 7 is no square of the field */
    refuses(&signing, HT_ECDSA_ANY_S, "no_public_key");
}

static void secp256k1_another_digest_or_parity_gives_another_key(void **state) {
    (void)state;
    struct signing signing;
    ht_addr20 right;
    ht_addr20 other = {{0}};
    sign(&signing, 21);
    ht_secp256k1_address(&right, signing.pubkey);
    signing.digest.b[5] ^= 1;
    assert_int_equal(
        ht_ecdsa_recover_address(&other, &signing.digest, &signing.signature, HT_ECDSA_LOW_S, NULL),
        HT_OK);
    assert_memory_not_equal(other.b, right.b, sizeof right.b);
    signing.digest.b[5] ^= 1;
    signing.signature.y_parity ^= 1;
    assert_int_equal(
        ht_ecdsa_recover_address(&other, &signing.digest, &signing.signature, HT_ECDSA_LOW_S, NULL),
        HT_OK);
    assert_memory_not_equal(other.b, right.b, sizeof right.b);
}

/* Recovers the same key over and over beside others that do. */
static void *recover_many(void *user) {
    const struct signing *signing = user;
    uint8_t pubkey[64];
    for (int i = 0; i < 50; i++) {
        enum ht_err err =
            ht_ecdsa_recover(pubkey, &signing->digest, &signing->signature, HT_ECDSA_LOW_S, NULL);
        if (err != HT_OK || memcmp(pubkey, signing->pubkey, sizeof pubkey) != 0) return user;
    }
    return NULL;
}

static void secp256k1_is_used_from_several_threads_at_once(void **state) {
    (void)state;
    struct signing signings[4];
    pthread_t threads[4];
    void *failed = NULL;
    for (uint8_t i = 0; i < 4; i++) {
        sign(&signings[i], (uint8_t)(40 + i));
        assert_int_equal(pthread_create(&threads[i], NULL, recover_many, &signings[i]), 0);
    }
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(pthread_join(threads[i], &failed), 0);
        assert_null(failed);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(secp256k1_recovers_the_key_that_signed),
        cmocka_unit_test(secp256k1_address_of_the_key_one_is_the_known_one),
        cmocka_unit_test(secp256k1_high_s_is_refused_only_where_low_s_is_asked_for),
        cmocka_unit_test(secp256k1_accepts_s_up_to_half_the_order),
        cmocka_unit_test(secp256k1_rejects_values_outside_the_group),
        cmocka_unit_test(secp256k1_rejects_an_r_that_is_no_point),
        cmocka_unit_test(secp256k1_another_digest_or_parity_gives_another_key),
        cmocka_unit_test(secp256k1_is_used_from_several_threads_at_once),
    };
    context = secp256k1_context_create(SECP256K1_CONTEXT_NONE);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    secp256k1_context_destroy(context);
    return failed;
}
