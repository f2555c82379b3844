/* Recovery of signers against the library's own signing, signing against the vectors of the
 * standards, and what is refused. */
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
#include "node/crypto/sha256.h"

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

/* --- signing ----------------------------------------------------------------------------------*/

#define ONE "0000000000000000000000000000000000000000000000000000000000000001"
#define LAST "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364140"

static void from_hex(uint8_t *out, size_t n, const char *hex) {
    assert_int_equal(ht_hex_read(out, n, ht_bytes_str(hex)), HT_OK);
}

/* Deterministic signatures over SHA-256 of a text, as libraries for Bitcoin and Ethereum share. */
static void secp256k1_signs_as_rfc_6979_says(void **state) {
    (void)state;
    static const struct {
        const char *key, *text, *r, *s;
    } cases[] = {
        {ONE, "Satoshi Nakamoto",
         "934b1ea10a4b3c1757e2b0c017d0b6143ce3c9a7e6a4a49860d7a6ab210ee3d8",
         "2442ce9d2b916064108014783e923ec36b49743e2ffa1c4496f01a512aafd9e5"},
        {ONE, "All those moments will be lost in time, like tears in rain. Time to die...",
         "8600dbd41e348fe5c9465ab92d23e3db8b98b873beecd930736488696438cb6b",
         "547fe64427496db33bf66019dacbf0039c04199abb0122918601db38a72cfc21"},
        {LAST, "Satoshi Nakamoto",
         "fd567d121db66e382991534ada77a6bd3106f0a1098c231e47993447cd6af2d0",
         "6b39cd0eb1bc8603e159ef5c20a5c8ad685a45b06ce9bebed3f153d10d93bed5"},
        {"f8b8af8ce3c7cca5e300d33939540c10d45ce001b8f252bfbc57ba0342904181", "Alan Turing",
         "7063ae83e7f62bbb171798131b4a0564b956930092b33b07b395615d9ec7e15c",
         "58dfcc1e00a35e1572f366ffe34ba0fc47db1e7189759b9fb233c5b05ab388ea"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint8_t key[32];
        uint8_t want[32];
        uint8_t pubkey[64];
        uint8_t signer[64];
        ht_hash32 digest;
        struct ht_ecdsa_signature got;
        from_hex(key, sizeof key, cases[i].key);
        ht_sha256(&digest, ht_bytes_str(cases[i].text));
        assert_int_equal(ht_ecdsa_sign(&got, &digest, key, NULL), HT_OK);
        from_hex(want, sizeof want, cases[i].r);
        assert_memory_equal(got.r, want, sizeof want);
        from_hex(want, sizeof want, cases[i].s);
        assert_memory_equal(got.s, want, sizeof want);
        assert_int_equal(ht_secp256k1_public_key(pubkey, key, NULL), HT_OK);
        assert_int_equal(ht_ecdsa_recover(signer, &digest, &got, HT_ECDSA_LOW_S, NULL), HT_OK);
        assert_memory_equal(signer, pubkey, sizeof pubkey);
    }
}

static void secp256k1_refuses_what_is_no_key(void **state) {
    (void)state;
    static const char *const bad[] = {
        "0000000000000000000000000000000000000000000000000000000000000000", ORDER,
        "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        uint8_t key[32];
        uint8_t out[64];
        const ht_hash32 digest = {{1}};
        struct ht_ecdsa_signature signature;
        struct ht_why why = {.code = "accepted"};
        from_hex(key, sizeof key, bad[i]);
        assert_int_equal(ht_secp256k1_check_key(key, &why), HT_EINPUT);
        assert_string_equal(why.code, "bad_key");
        assert_int_equal(ht_secp256k1_public_key(out, key, NULL), HT_EINPUT);
        assert_int_equal(ht_ecdsa_sign(&signature, &digest, key, NULL), HT_EINPUT);
        assert_int_equal(ht_schnorr_sign(out, &digest, key, NULL, NULL), HT_EINPUT);
    }
}

static void secp256k1_public_keys_have_three_forms(void **state) {
    (void)state;
    uint8_t key[32];
    uint8_t full[64];
    uint8_t short_form[33];
    uint8_t x[32];
    uint8_t want[33];
    from_hex(key, sizeof key, ONE);
    assert_int_equal(ht_secp256k1_public_key(full, key, NULL), HT_OK);
    assert_int_equal(ht_secp256k1_public_key_short(short_form, key, NULL), HT_OK);
    assert_int_equal(ht_secp256k1_public_key_x(x, key, NULL), HT_OK);
    from_hex(want, sizeof want,
             "0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798");
    assert_memory_equal(short_form, want, 33);
    assert_memory_equal(full, want + 1, 32);
    assert_memory_equal(x, want + 1, 32);
    /* n - 1 is the negative of 1: the same x, the other y. */
    from_hex(key, sizeof key, LAST);
    assert_int_equal(ht_secp256k1_public_key_short(short_form, key, NULL), HT_OK);
    assert_int_equal(short_form[0], 3);
    assert_memory_equal(short_form + 1, x, 32);
}

static void secp256k1_adds_keys_modulo_the_order(void **state) {
    (void)state;
    uint8_t one[32];
    uint8_t last[32];
    uint8_t order[32];
    uint8_t sum[32];
    struct ht_why why = {.code = "accepted"};
    from_hex(one, sizeof one, ONE);
    from_hex(last, sizeof last, LAST);
    from_hex(order, sizeof order, ORDER);
    assert_int_equal(ht_secp256k1_add_keys(sum, last, last, NULL), HT_OK);
    last[31]--;
    assert_memory_equal(sum, last, sizeof sum); /* -1 - 1 = -2 */
    last[31]++;
    assert_int_equal(ht_secp256k1_add_keys(sum, last, one, &why), HT_EINPUT); /* zero */
    assert_string_equal(why.code, "bad_key");
    assert_int_equal(ht_secp256k1_add_keys(sum, one, order, NULL), HT_EINPUT);
    assert_int_equal(ht_secp256k1_add_keys(sum, order, one, NULL), HT_EINPUT);
}

/* BIP-340's own vectors 0 to 3. */
static const struct schnorr_case {
    const char *key, *x, *aux, *message, *signature;
} SCHNORR[] = {
    {"0000000000000000000000000000000000000000000000000000000000000003",
     "f9308a019258c31049344f85f89d5229b531c845836f99b08601f113bce036f9",
     "0000000000000000000000000000000000000000000000000000000000000000",
     "0000000000000000000000000000000000000000000000000000000000000000",
     "e907831f80848d1069a5371b402410364bdf1c5f8307b0084c55f1ce2dca8215"
     "25f66a4a85ea8b71e482a74f382d2ce5ebeee8fdb2172f477df4900d310536c0"},
    {"b7e151628aed2a6abf7158809cf4f3c762e7160f38b4da56a784d9045190cfef",
     "dff1d77f2a671c5f36183726db2341be58feae1da2deced843240f7b502ba659",
     "0000000000000000000000000000000000000000000000000000000000000001",
     "243f6a8885a308d313198a2e03707344a4093822299f31d0082efa98ec4e6c89",
     "6896bd60eeae296db48a229ff71dfe071bde413e6d43f917dc8dcf8c78de3341"
     "8906d11ac976abccb20b091292bff4ea897efcb639ea871cfa95f6de339e4b0a"},
    {"c90fdaa22168c234c4c6628b80dc1cd129024e088a67cc74020bbea63b14e5c9",
     "dd308afec5777e13121fa72b9cc1b7cc0139715309b086c960e18fd969774eb8",
     "c87aa53824b4d7ae2eb035a2b5bbbccc080e76cdc6d1692c4b0b62d798e6d906",
     "7e2d58d8b3bcdf1abadec7829054f90dda9805aab56c77333024b9d0a508b75c",
     "5831aaeed7b44bb74e5eab94ba9d4294c49bcf2a60728d8b4c200f50dd313c1b"
     "ab745879a5ad954a72c45a91c3a51d3c7adea98d82f8481e0e1e03674a6f3fb7"},
    {"0b432b2677937381aef05bb02a66ecd012773062cf3fa2549e44f58ed2401710",
     "25d1dff95105f5253c4022f628a996ad3a0d95fbf21d468a1b33f8c160d8f517",
     "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
     "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
     "7eb0509757e246f19449885651611cb965ecc1a187dd51b64fda1edc9637d5ec"
     "97582b9cb13db3933705b32ba982af5af25fd78881ebb32771fc5922efc66ea3"},
};

static void schnorr_signs_and_verifies_as_bip_340_says(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof SCHNORR / sizeof *SCHNORR; i++) {
        uint8_t key[32];
        uint8_t x[32];
        uint8_t aux[32];
        uint8_t want[64];
        uint8_t got[64];
        ht_hash32 message;
        from_hex(key, sizeof key, SCHNORR[i].key);
        from_hex(aux, sizeof aux, SCHNORR[i].aux);
        from_hex(message.b, 32, SCHNORR[i].message);
        from_hex(want, sizeof want, SCHNORR[i].signature);
        assert_int_equal(ht_schnorr_sign(got, &message, key, aux, NULL), HT_OK);
        assert_memory_equal(got, want, sizeof want);
        from_hex(x, sizeof x, SCHNORR[i].x);
        assert_int_equal(ht_schnorr_verify(want, &message, x, NULL), HT_OK);
        assert_int_equal(ht_schnorr_sign(got, &message, key, NULL, NULL), HT_OK);
        assert_int_equal(ht_schnorr_verify(got, &message, x, NULL), HT_OK);
    }
}

static void schnorr_refuses_another_message_key_or_signature(void **state) {
    (void)state;
    uint8_t x[32];
    uint8_t signature[64];
    ht_hash32 message;
    struct ht_why why = {.code = "accepted"};
    from_hex(x, sizeof x, SCHNORR[1].x);
    from_hex(message.b, 32, SCHNORR[1].message);
    from_hex(signature, sizeof signature, SCHNORR[1].signature);
    message.b[0] ^= 1;
    assert_int_equal(ht_schnorr_verify(signature, &message, x, &why), HT_EUNVERIFIED);
    assert_string_equal(why.code, "bad_signature");
    message.b[0] ^= 1;
    signature[63] ^= 1;
    assert_int_equal(ht_schnorr_verify(signature, &message, x, NULL), HT_EUNVERIFIED);
    signature[63] ^= 1;
    /* BIP-340's vector 5: no point has this x. */
    from_hex(x, sizeof x, "eefdea4cdb677750a420fee807eacf21eb9898ae79b9768766e4faa04a2d4a34");
    why.code = "accepted";
    assert_int_equal(ht_schnorr_verify(signature, &message, x, &why), HT_EUNVERIFIED);
    assert_string_equal(why.code, "bad_public_key");
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
        cmocka_unit_test(secp256k1_signs_as_rfc_6979_says),
        cmocka_unit_test(secp256k1_refuses_what_is_no_key),
        cmocka_unit_test(secp256k1_public_keys_have_three_forms),
        cmocka_unit_test(secp256k1_adds_keys_modulo_the_order),
        cmocka_unit_test(schnorr_signs_and_verifies_as_bip_340_says),
        cmocka_unit_test(schnorr_refuses_another_message_key_or_signature),
    };
    context = secp256k1_context_create(SECP256K1_CONTEXT_NONE);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    secp256k1_context_destroy(context);
    return failed;
}
