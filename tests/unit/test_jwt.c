/* Tokens: what is read, what is refused before anything is verified, and what a signature is. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "node/codec/json.h"
#include "tests/unit/token_maker.h"

static struct ht_buf text;
static struct ht_why why;

static int set_up(void **state) {
    (void)state;
    ht_buf_init(&text, HT_TM_TOKEN_MAX);
    why = (struct ht_why){.code = "none", .text = ""};
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    ht_buf_fini(&text);
    return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

static void refuses(ht_bytes token, enum ht_err err, const char *code) {
    struct ht_jwt jwt;
    assert_int_equal(ht_jwt_read(&jwt, token, &why), err);
    assert_string_equal(why.code, code);
    assert_int_equal(ht_jwt_read(&jwt, token, NULL), err);
}

static void refuses_header(const char *header, const char *code) {
    ht_tm_token(&text, header, "{}", HT_JWT_ES256K, 1);
    refuses(ht_buf_view(&text), HT_EINPUT, code);
}

static void refuses_text(const char *token, const char *code) {
    refuses(ht_bytes_str(token), HT_EINPUT, code);
}

static enum ht_err verify_with(const struct ht_jwt_key *key) {
    struct ht_jwt jwt;
    assert_int_equal(ht_jwt_read(&jwt, ht_buf_view(&text), &why), HT_OK);
    enum ht_err err = ht_jwt_verify(&jwt, key, &why);
    ht_jwt_fini(&jwt);
    return err;
}

static struct ht_jwt_key point_of(unsigned number) {
    struct ht_jwt_key key = {.kind = HT_JWT_KEY_SECP256K1};
    ht_tm_public_key(key.key, number);
    return key;
}

static struct ht_jwt_key address_of(unsigned number) {
    struct ht_jwt_key key = {.kind = HT_JWT_KEY_ADDRESS};
    ht_tm_address(&key.address, number);
    return key;
}

static struct ht_jwt_key ed25519_of(unsigned number) {
    struct ht_jwt_key key = {.kind = HT_JWT_KEY_ED25519};
    ht_tm_ed25519_key(key.key, number);
    return key;
}

static void jwt_reads_header_and_payload(void **state) {
    (void)state;
    struct ht_jwt jwt;
    ht_tm_token(&text, "{\"alg\":\"EdDSA\",\"kid\":\"#a\"}", "{\"iss\":\"did:x:y\"}", HT_JWT_EDDSA,
                1);
    assert_int_equal(ht_jwt_read(&jwt, ht_buf_view(&text), &why), HT_OK);
    assert_int_equal(jwt.alg, HT_JWT_EDDSA);
    assert_int_equal(jwt.signature_size, 64);
    assert_string_equal(json_string_value(ht_json_member(jwt.header, "kid")), "#a");
    assert_string_equal(json_string_value(ht_json_member(jwt.payload, "iss")), "did:x:y");
    assert_ptr_equal(jwt.signed_part.p, text.p);
    ht_jwt_fini(&jwt);
}

static void jwt_refuses_algorithms_before_anything_else(void **state) {
    (void)state;
    refuses_header("{\"alg\":\"none\"}", "jwt_alg");
    refuses_header("{\"alg\":\"None\"}", "jwt_alg");
    refuses_header("{\"alg\":\"HS256\"}", "jwt_alg");
    refuses_header("{\"alg\":\"ES256\"}", "jwt_alg");
    refuses_header("{\"alg\":\"es256k\"}", "jwt_alg");
    refuses_header("{\"alg\":\"ES256K\\u0000\"}", "jwt_alg");
    refuses_header("{\"alg\":[\"ES256K\"]}", "jwt_alg");
    refuses_header("{\"typ\":\"JWT\"}", "jwt_alg");
    /* {"alg":"none"} with nothing behind the second dot, and a payload that is no JSON. */
    refuses_text("eyJhbGciOiJub25lIn0.e30.", "jwt_alg");
    refuses_text("eyJhbGciOiJub25lIn0.####.", "jwt_alg");
}

static void jwt_refuses_headers_that_change_what_is_signed(void **state) {
    (void)state;
    refuses_header("{\"alg\":\"ES256K\",\"crit\":[\"b64\"],\"b64\":false}", "jwt_header");
    refuses_header("{\"alg\":\"ES256K\",\"b64\":false}", "jwt_header");
    refuses_header("{\"alg\":\"ES256K\",\"crit\":[]}", "jwt_header");
    refuses_header("{\"alg\":\"ES256K\",\"kid\":7}", "jwt_header");
    refuses_header("{\"alg\":\"ES256K\",\"kid\":\"#a\\u0000b\"}", "jwt_header");
    refuses_header("{\"alg\":\"ES256K\",\"typ\":{}}", "jwt_header");
}

static void jwt_refuses_members_that_are_there_twice(void **state) {
    (void)state;
    refuses_header("{\"alg\":\"none\",\"alg\":\"ES256K\"}", "jwt_json");
    ht_tm_plain_token(&text, "{\"iss\":\"did:x:a\",\"iss\":\"did:x:b\"}", HT_JWT_ES256K, 1);
    refuses(ht_buf_view(&text), HT_EINPUT, "jwt_json");
}

static void jwt_refuses_what_is_no_object(void **state) {
    (void)state;
    refuses_header("[]", "jwt_json");
    refuses_header("{\"alg\":\"ES256K\"} x", "jwt_json");
    ht_tm_plain_token(&text, "\"text\"", HT_JWT_ES256K, 1);
    refuses(ht_buf_view(&text), HT_EINPUT, "jwt_json");
}

static void jwt_has_three_parts(void **state) {
    (void)state;
    refuses_text("", "jwt_form");
    refuses_text("a", "jwt_form");
    refuses_text("a.b", "jwt_form");
    ht_tm_plain_token(&text, "{}", HT_JWT_ES256K, 1);
    assert_int_equal(ht_buf_add_str(&text, ".aaaa"), HT_OK);
    refuses(ht_buf_view(&text), HT_EINPUT, "jwt_form");
}

static void jwt_signature_has_the_size_of_its_algorithm(void **state) {
    (void)state;
    static const uint8_t bytes[66];
    static const struct {
        const char *header;
        size_t n;
    } cases[] = {{"{\"alg\":\"ES256K\"}", 63},   {"{\"alg\":\"ES256K\"}", 65},
                 {"{\"alg\":\"ES256K-R\"}", 64}, {"{\"alg\":\"ES256K-R\"}", 66},
                 {"{\"alg\":\"EdDSA\"}", 65},    {"{\"alg\":\"EdDSA\"}", 32}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ht_tm_parts(&text, ht_bytes_str(cases[i].header), ht_bytes_str("{}"),
                    ht_bytes_of(bytes, cases[i].n));
        refuses(ht_buf_view(&text), HT_EINPUT, "jwt_form");
    }
    refuses_text("eyJhbGciOiJFUzI1NksifQ.e30.", "jwt_form");
}

static void jwt_base64_is_strict(void **state) {
    (void)state;
    ht_tm_plain_token(&text, "{}", HT_JWT_ES256K, 1);
    assert_int_equal(ht_buf_add_str(&text, "=="), HT_OK);
    refuses(ht_buf_view(&text), HT_EINPUT, "jwt_base64");
    refuses_text("eyJhbGciOiJFUzI1NksifQ==.e30.AAAA", "jwt_base64");
    ht_tm_plain_token(&text, "{}", HT_JWT_ES256K, 1);
    text.p[text.n - 1] = 'B'; /* bits behind the last byte */
    refuses(ht_buf_view(&text), HT_EINPUT, "jwt_base64");
}

static void jwt_is_bounded(void **state) {
    (void)state;
    uint8_t *large = calloc(1, HT_JWT_MAX + 1);
    assert_non_null(large);
    memset(large, 'A', HT_JWT_MAX + 1);
    refuses(ht_bytes_of(large, HT_JWT_MAX + 1), HT_ELIMIT, "jwt_too_large");
    large[HT_JWT_MAX - 3] = large[HT_JWT_MAX - 1] = '.';
    refuses(ht_bytes_of(large, HT_JWT_MAX), HT_ELIMIT, "jwt_too_large");
    free(large);
}

static void jwt_nesting_is_bounded(void **state) {
    (void)state;
    char payload[256] = "";
    for (size_t i = 0; i < 40; i++) memcpy(payload + 5 * i, "{\"a\":", 6);
    ht_tm_plain_token(&text, payload, HT_JWT_ES256K, 1);
    refuses(ht_buf_view(&text), HT_ELIMIT, "jwt_json");
}

static void jwt_es256k_goes_by_key_or_address(void **state) {
    (void)state;
    struct ht_jwt_key point = point_of(1), address = address_of(1);
    struct ht_jwt_key other = point_of(2), other_address = address_of(2);
    for (unsigned i = 0; i < 8; i++) { /* both parities */
        char payload[32] = "{\"n\":0}";
        payload[5] = (char)('0' + i);
        ht_tm_plain_token(&text, payload, HT_JWT_ES256K, 1);
        assert_int_equal(verify_with(&point), HT_OK);
        assert_int_equal(verify_with(&address), HT_OK);
        assert_int_equal(verify_with(&other), HT_EUNVERIFIED);
        assert_string_equal(why.code, "jwt_signature");
        assert_int_equal(verify_with(&other_address), HT_EUNVERIFIED);
        ht_tm_plain_token(&text, payload, HT_JWT_ES256K_R, 1);
        assert_int_equal(verify_with(&point), HT_OK);
        assert_int_equal(verify_with(&address), HT_OK);
        assert_int_equal(verify_with(&other), HT_EUNVERIFIED);
        assert_int_equal(verify_with(&other_address), HT_EUNVERIFIED);
    }
}

/* The other s of the same signature, and with it the other parity. */
static void turn_s(struct ht_jwt *jwt) {
    static const uint8_t order[32] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                      0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe,
                                      0xba, 0xae, 0xdc, 0xe6, 0xaf, 0x48, 0xa0, 0x3b,
                                      0xbf, 0xd2, 0x5e, 0x8c, 0xd0, 0x36, 0x41, 0x41};
    unsigned borrow = 0;
    for (size_t i = 32; i-- > 0;) {
        unsigned take = jwt->signature[32 + i] + borrow;
        borrow = order[i] < take;
        jwt->signature[32 + i] = (uint8_t)(order[i] + 256U * borrow - take);
    }
    jwt->signature[64] ^= 1;
}

static void jwt_es256k_takes_a_high_s(void **state) {
    (void)state;
    struct ht_jwt jwt;
    struct ht_jwt_key point = point_of(1), address = address_of(1);
    for (unsigned r = 0; r < 2; r++) {
        ht_tm_plain_token(&text, "{}", r == 0 ? HT_JWT_ES256K : HT_JWT_ES256K_R, 1);
        assert_int_equal(ht_jwt_read(&jwt, ht_buf_view(&text), &why), HT_OK);
        turn_s(&jwt);
        assert_int_equal(ht_jwt_verify(&jwt, &point, &why), HT_OK);
        assert_int_equal(ht_jwt_verify(&jwt, &address, &why), HT_OK);
        ht_jwt_fini(&jwt);
    }
}

static void jwt_es256k_r_must_name_the_right_key(void **state) {
    (void)state;
    struct ht_jwt jwt;
    struct ht_jwt_key point = point_of(1), address = address_of(1);
    ht_tm_plain_token(&text, "{}", HT_JWT_ES256K_R, 1);
    assert_int_equal(ht_jwt_read(&jwt, ht_buf_view(&text), &why), HT_OK);
    jwt.signature[64] ^= 1;
    assert_int_equal(ht_jwt_verify(&jwt, &point, &why), HT_EUNVERIFIED);
    assert_int_equal(ht_jwt_verify(&jwt, &address, &why), HT_EUNVERIFIED);
    jwt.signature[64] = 27;
    assert_int_equal(ht_jwt_verify(&jwt, &address, &why), HT_EUNVERIFIED);
    ht_jwt_fini(&jwt);
}

static void jwt_signature_of_zeros_is_nobodys(void **state) {
    (void)state;
    struct ht_jwt jwt;
    struct ht_jwt_key keys[] = {point_of(1), address_of(1), ed25519_of(1)};
    for (unsigned alg = 0; alg < 3; alg++) {
        ht_tm_plain_token(&text, "{}", (enum ht_jwt_alg)alg, 1);
        assert_int_equal(ht_jwt_read(&jwt, ht_buf_view(&text), &why), HT_OK);
        memset(jwt.signature, 0, sizeof jwt.signature);
        for (size_t i = 0; i < 3; i++)
            assert_int_equal(ht_jwt_verify(&jwt, &keys[i], &why), HT_EUNVERIFIED);
        ht_jwt_fini(&jwt);
    }
}

static void jwt_eddsa_goes_by_its_key_alone(void **state) {
    (void)state;
    struct ht_jwt_key key = ed25519_of(1), other = ed25519_of(2), point = point_of(1);
    ht_tm_plain_token(&text, "{}", HT_JWT_EDDSA, 1);
    assert_int_equal(verify_with(&key), HT_OK);
    assert_int_equal(verify_with(&other), HT_EUNVERIFIED);
    assert_int_equal(verify_with(&point), HT_EUNVERIFIED);
    ht_tm_plain_token(&text, "{}", HT_JWT_ES256K, 1);
    assert_int_equal(verify_with(&key), HT_EUNVERIFIED);
}

static void jwt_small_order_key_signs_nothing(void **state) {
    (void)state;
    struct ht_jwt_key key = {.kind = HT_JWT_KEY_ED25519, .key = {1}}; /* the neutral point */
    struct ht_jwt jwt;
    ht_tm_plain_token(&text, "{}", HT_JWT_EDDSA, 1);
    assert_int_equal(ht_jwt_read(&jwt, ht_buf_view(&text), &why), HT_OK);
    memset(jwt.signature, 0, sizeof jwt.signature);
    jwt.signature[0] = 1;
    assert_int_equal(ht_jwt_verify(&jwt, &key, &why), HT_EUNVERIFIED);
    ht_jwt_fini(&jwt);
}

static void jwt_signature_covers_header_and_payload(void **state) {
    (void)state;
    struct ht_jwt_key key = address_of(1);
    ht_tm_token(&text, "{\"alg\":\"ES256K\",\"kid\":\"#a\"}", "{\"n\":1}", HT_JWT_ES256K, 1);
    struct ht_jwt jwt;
    assert_int_equal(ht_jwt_read(&jwt, ht_buf_view(&text), &why), HT_OK);
    for (size_t i = 0; i < jwt.signed_part.n; i++) {
        text.p[i] ^= 1;
        assert_int_equal(ht_jwt_verify(&jwt, &key, &why), HT_EUNVERIFIED);
        text.p[i] ^= 1;
    }
    assert_int_equal(ht_jwt_verify(&jwt, &key, &why), HT_OK);
    ht_jwt_fini(&jwt);
}

static void jwt_that_is_written_reads_back(void **state) {
    (void)state;
    struct ht_jwt jwt;
    static const uint8_t signature[65] = {1};
    json_t *extra = json_pack("{s:s, s:s}", "typ", "vc+jwt", "kid", "#controller");
    json_t *payload = json_pack("{s:s, s:i}", "iss", "did:x:y", "n", 7);
    assert_int_equal(ht_jwt_begin(&text, HT_JWT_ES256K_R, extra, payload, &why), HT_OK);
    assert_int_equal(ht_jwt_end(&text, HT_BYTES(signature)), HT_OK);
    assert_int_equal(ht_jwt_read(&jwt, ht_buf_view(&text), &why), HT_OK);
    assert_int_equal(jwt.alg, HT_JWT_ES256K_R);
    assert_true(json_equal(jwt.payload, payload));
    assert_string_equal(json_string_value(ht_json_member(jwt.header, "typ")), "vc+jwt");
    assert_memory_equal(jwt.signature, signature, sizeof signature);
    ht_jwt_fini(&jwt);
    json_decref(extra);
    json_decref(payload);
}

static void refuses_to_write(json_t *extra, json_t *payload, const char *code) {
    assert_int_equal(ht_buf_add_str(&text, ">"), HT_OK);
    assert_int_equal(ht_jwt_begin(&text, HT_JWT_ES256K, extra, payload, &why), HT_EINPUT);
    assert_string_equal(why.code, code);
    assert_int_equal(text.n, 1);
    ht_buf_clear(&text);
    json_decref(extra);
    json_decref(payload);
}

static void jwt_is_not_written_with_another_algorithm(void **state) {
    (void)state;
    refuses_to_write(json_pack("{s:s}", "alg", "none"), json_object(), "jwt_header");
    refuses_to_write(json_pack("{s:[]}", "crit"), json_object(), "jwt_header");
    refuses_to_write(NULL, json_array(), "jwt_json");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(jwt_reads_header_and_payload),
        TEST(jwt_refuses_algorithms_before_anything_else),
        TEST(jwt_refuses_headers_that_change_what_is_signed),
        TEST(jwt_refuses_members_that_are_there_twice),
        TEST(jwt_refuses_what_is_no_object),
        TEST(jwt_has_three_parts),
        TEST(jwt_signature_has_the_size_of_its_algorithm),
        TEST(jwt_base64_is_strict),
        TEST(jwt_is_bounded),
        TEST(jwt_nesting_is_bounded),
        TEST(jwt_es256k_goes_by_key_or_address),
        TEST(jwt_es256k_takes_a_high_s),
        TEST(jwt_es256k_r_must_name_the_right_key),
        TEST(jwt_signature_of_zeros_is_nobodys),
        TEST(jwt_eddsa_goes_by_its_key_alone),
        TEST(jwt_small_order_key_signs_nothing),
        TEST(jwt_signature_covers_header_and_payload),
        TEST(jwt_that_is_written_reads_back),
        TEST(jwt_is_not_written_with_another_algorithm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
