/* Calldata and delegated requests of EAS, held against what ethers makes of the same values. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "identity/eas/calls.h"
#include "node/codec/eip712.h"
#include "node/crypto/keccak.h"
#include "tests/unit/eas_sample.h"

#define CALL_MAX ((size_t)1 << 20)

static struct ht_attestation sample(void) {
    struct ht_attestation out = eas_sample();
    out.uid = eas_hash_of(0x99);
    return out;
}

/* Frees the call. hash: of the whole of it. */
static void expect_call(struct ht_buf *call, uint32_t selector, const char *hash) {
    ht_hash32 got;
    ht_hash32 want = eas_hash(hash);
    assert_true(call->n > 4);
    uint32_t first = (uint32_t)call->p[0] << 24 | (uint32_t)call->p[1] << 16 |
                     (uint32_t)call->p[2] << 8 | call->p[3];
    assert_int_equal(first, selector);
    ht_keccak256(&got, ht_buf_view(call));
    assert_memory_equal(got.b, want.b, sizeof want.b);
    ht_buf_fini(call);
}

static void call_register_takes_a_schema_its_resolver_and_no_resolver(void **state) {
    (void)state;
    struct ht_buf call;
    ht_addr20 resolver = eas_address_of(0xe5), nobody = {{0}};
    ht_buf_init(&call, CALL_MAX);
    assert_int_equal(
        ht_eas_call_register(&call, ht_bytes_str("uint8 warmth"), &resolver, true, NULL), HT_OK);
    expect_call(&call, 0x60d7a278,
                "0xf9b5123fdca3722ec7cf50b6c66585f77d40e767e98cc7ed2cb54258a0b38989");
    assert_int_equal(ht_eas_call_register(&call, (ht_bytes){0}, &nobody, false, NULL), HT_OK);
    expect_call(&call, 0x60d7a278,
                "0x69d2d7e747f6b26a920a8d8276157aaf63e24b62b8aada2b15325651531d598e");
}

static void call_register_refuses_text_that_is_not_utf8_or_too_long(void **state) {
    (void)state;
    static char text[8193];
    struct ht_buf call;
    ht_addr20 nobody = {{0}};
    struct ht_why why = {.code = "ok"};
    ht_buf_init(&call, CALL_MAX);
    assert_int_equal(ht_eas_call_register(&call, ht_bytes_str("bool \xff"), &nobody, true, &why),
                     HT_EINPUT);
    assert_string_equal(why.code, "schema_syntax");
    memset(text, 'a', sizeof text);
    assert_int_equal(
        ht_eas_call_register(&call, ht_bytes_of(text, sizeof text), &nobody, true, &why),
        HT_ELIMIT);
    assert_string_equal(why.code, "schema_too_large");
    assert_int_equal(call.n, 0);
}

static void call_attest_and_revoke_are_single_for_one(void **state) {
    (void)state;
    struct ht_buf call;
    struct ht_attestation one = sample();
    ht_buf_init(&call, CALL_MAX);
    assert_int_equal(ht_eas_call_attest(&call, &one, 1, NULL), HT_OK);
    expect_call(&call, 0xf17325e7,
                "0xb392374b287524a182b224754f51a0071d833c0b6c23ae7bc948260bca908b02");
    assert_int_equal(ht_eas_call_revoke(&call, &one, 1, NULL), HT_OK);
    expect_call(&call, 0x46926267,
                "0xb04d627bb86a4397e5d0d994effa49baf1e509a6e6eef79f51496cc8a048fcce");
}

static void calls_of_many_are_grouped_by_schema_in_the_order_given(void **state) {
    (void)state;
    struct ht_buf call;
    struct ht_attestation list[4] = {sample(), sample(), sample(), sample()};
    list[1].data = (ht_bytes){0};
    list[2].schema = eas_hash_of(0x52);
    ht_buf_init(&call, CALL_MAX);
    assert_int_equal(ht_eas_call_attest(&call, list, 4, NULL), HT_OK);
    expect_call(&call, 0x44adc90e,
                "0xd36ed55062509d7a85dc4fc9a737801ad9c4cdf24a32a8439eb16d77d61abe3b");
    assert_int_equal(ht_eas_call_revoke(&call, list, 3, NULL), HT_OK);
    expect_call(&call, 0x4cb7e9e5,
                "0xc28b3a29c47e9439a347eb9e5806c145054a4b4e888d51063e3568fc352eb7b3");
}

static void calls_of_hashes_have_a_form_for_one_and_one_for_many(void **state) {
    (void)state;
    struct ht_buf call;
    const ht_hash32 list[2] = {eas_hash_of(0x99), eas_hash_of(0x52)};
    ht_buf_init(&call, CALL_MAX);
    assert_int_equal(ht_eas_call_revoke_offchain(&call, list, 1, NULL), HT_OK);
    expect_call(&call, 0xcf190f34,
                "0xe89837b55cb059f3e424d071f0114480c2d709bd8b7bbf766ab9d71dfb8908cb");
    assert_int_equal(ht_eas_call_revoke_offchain(&call, list, 2, NULL), HT_OK);
    expect_call(&call, 0x13893f61,
                "0x3abf85b78b57029afba105d745d75b8028052ad5c44a7a6cc882c5e9a5cf9501");
    assert_int_equal(ht_eas_call_timestamp(&call, list, 1, NULL), HT_OK);
    expect_call(&call, 0x4d003070,
                "0xedfe301083b6e5a877105b1b16eb4c3372edbe5e813ee1f00f03c11db7a45f91");
    assert_int_equal(ht_eas_call_timestamp(&call, list, 2, NULL), HT_OK);
    expect_call(&call, 0xe71ff365,
                "0x4f9e31bff413c29a34337bdee35f9e7bc7b10bfa40697423e19979e3ff17518e");
}

static void calls_of_none_or_too_many_or_too_much_data_are_refused(void **state) {
    (void)state;
    struct ht_buf call;
    struct ht_attestation list[HT_EAS_MANY_MAX + 1];
    struct ht_why why = {.code = "ok"};
    ht_buf_init(&call, CALL_MAX);
    for (size_t i = 0; i <= HT_EAS_MANY_MAX; i++) list[i] = sample();
    assert_int_equal(ht_eas_call_attest(&call, list, 0, &why), HT_ELIMIT);
    assert_string_equal(why.code, "eas_too_large");
    assert_int_equal(ht_eas_call_revoke(&call, list, HT_EAS_MANY_MAX + 1, NULL), HT_ELIMIT);
    assert_int_equal(ht_eas_call_timestamp(&call, &list[0].uid, 0, NULL), HT_ELIMIT);
    assert_int_equal(ht_eas_call_attest(&call, list, HT_EAS_MANY_MAX, NULL), HT_OK);
    ht_buf_fini(&call);
    uint8_t *data = calloc(1, HT_EAS_DATA_MAX + 1);
    list[0].data = ht_bytes_of(data, HT_EAS_DATA_MAX + 1);
    why.code = "ok";
    assert_int_equal(ht_eas_call_attest(&call, list, 1, &why), HT_ELIMIT);
    assert_string_equal(why.code, "eas_too_large");
    assert_int_equal(call.n, 0);
    list[0].data.n--;
    assert_int_equal(ht_eas_call_attest(&call, list, 1, NULL), HT_OK);
    ht_buf_fini(&call);
    free(data);
}

static void call_that_does_not_fit_leaves_the_buffer_as_it_was(void **state) {
    (void)state;
    struct ht_buf call;
    struct ht_attestation one = sample();
    ht_buf_init(&call, 100);
    assert_int_equal(ht_buf_add_str(&call, "before"), HT_OK);
    assert_int_not_equal(ht_eas_call_attest(&call, &one, 1, NULL), HT_OK);
    assert_int_equal(call.n, 6);
    ht_buf_fini(&call);
}

/* --- delegated --------------------------------------------------------------------------------*/

static struct ht_eas_contract contract_of(const char *version) {
    struct ht_eas_contract out = {.chain_id = 10, .eas = eas_address_of(0xea)};
    memcpy(out.version, version, strlen(version) + 1);
    return out;
}

static void expect_digest(const char *version, bool is_revocation, const char *hex) {
    struct ht_eas_contract contract = contract_of(version);
    struct ht_eas_delegated request = {.contract = &contract,
                                       .is_revocation = is_revocation,
                                       .attestation = sample(),
                                       .nonce = 7,
                                       .deadline = version[0] == '0' ? 0 : 1900000000};
    json_t *typed = NULL;
    struct ht_arena arena;
    struct ht_eip712 data;
    ht_hash32 domain, message, digest;
    ht_hash32 want = eas_hash(hex);
    ht_arena_init(&arena, 1 << 16);
    assert_int_equal(ht_eas_delegated_typed(&typed, &request, NULL), HT_OK);
    assert_int_equal(ht_eip712_read(&data, &arena, typed, NULL), HT_OK);
    assert_int_equal(ht_eip712_domain_separator(&domain, &data, NULL), HT_OK);
    assert_int_equal(ht_eip712_struct_hash(&message, &data, NULL), HT_OK);
    ht_eip712_digest(&digest, &domain, &message);
    assert_memory_equal(digest.b, want.b, sizeof want.b);
    json_decref(typed);
    ht_arena_fini(&arena);
}

static void delegated_request_is_signed_as_the_contract_s_version_has_it(void **state) {
    (void)state;
    expect_digest("0.26", false,
                  "0xca6f04052d6a966953b44c082f4a918047ae571d35d3babbd5df4247980b7f80");
    expect_digest("0.26", true,
                  "0xb3ccdf145262df36205f9a67ed879d3dee4ae573f686cf5fe1a68db3a38cb8a1");
    expect_digest("1.2.0", false,
                  "0x234444dfb4c02484787e94b7a1aa02eb7cbd6a350f5199d4081d27e831d56834");
    expect_digest("1.2.0", true,
                  "0x8265e232f66a0cb318f6069f58b0d3311155d3dcbcd611a2c17ff4eafe898a05");
    expect_digest("1.3.0", false,
                  "0x4d82d31eb1caf4ffcea2a99dabd2a1e958651a4bf0962b08e8f9fe52b1e4e258");
    expect_digest("1.3.0", true,
                  "0xe76d06d596b92ed6c72bfc2d723c2518a9ffc2debb26f75ab765aa6af56cc6ff");
}

static void delegated_call_carries_the_signature_and_from_1_2_the_deadline(void **state) {
    (void)state;
    static const struct {
        const char *version;
        bool is_revocation;
        uint32_t selector;
        const char *hash;
    } CASES[] = {
        {"0.26", false, 0xe13458fc,
         "0x87972675319a17d71a70cbf587a97da0e62ca4a77ec0e56225c99d014a54d0a1"},
        {"0.26", true, 0xe57a6b1b,
         "0x3ac578d6bc8b6f85e8d89a9f6cd605b086df5841d036ad353040c603e88c6e9a"},
        {"1.4.0", false, 0x3c042715,
         "0x047ee11ca644b688c3235c53ba879e32fb64f0c22f66cadde3f99fb42013d936"},
        {"1.4.0", true, 0xa6d4dbc7,
         "0x7bbc619fbc33fbafa09bc744485489535af28e22d3bbb0a77265141e5c43b4ae"},
    };
    uint8_t signature[65];
    memset(signature, 1, 32);
    memset(signature + 32, 2, 32);
    for (size_t i = 0; i < 8; i++) {
        struct ht_eas_contract contract = contract_of(CASES[i / 2].version);
        bool is_legacy = contract.version[0] == '0';
        struct ht_eas_delegated request = {.contract = &contract,
                                           .is_revocation = CASES[i / 2].is_revocation,
                                           .attestation = sample(),
                                           .deadline = is_legacy ? 0 : 1900000000};
        struct ht_buf call;
        ht_buf_init(&call, CALL_MAX);
        signature[64] = i % 2 == 0 ? 1 : 28; /* a parity, or v */
        assert_int_equal(ht_eas_delegated_call(&call, &request, signature, NULL), HT_OK);
        expect_call(&call, CASES[i / 2].selector, CASES[i / 2].hash);
    }
}

static void expect_refusal(const struct ht_eas_delegated *request, const char *code) {
    static const uint8_t signature[65];
    json_t *typed = NULL;
    struct ht_buf call;
    struct ht_why why = {.code = "ok"};
    ht_buf_init(&call, CALL_MAX);
    assert_int_equal(ht_eas_delegated_typed(&typed, request, &why), HT_EINPUT);
    assert_string_equal(why.code, code);
    assert_null(typed);
    why.code = "ok";
    assert_int_equal(ht_eas_delegated_call(&call, request, signature, &why), HT_EINPUT);
    assert_string_equal(why.code, code);
    assert_int_equal(call.n, 0);
}

static void delegated_request_for_a_version_that_is_none_is_refused(void **state) {
    (void)state;
    static const char *const VERSIONS[] = {"",     "1",    "1.",   ".4",      "v1.4",    "1.x",
                                           "-1.4", "+1.4", "1.4x", "99999.1", "1.99999", "1 .4"};
    for (size_t i = 0; i < sizeof VERSIONS / sizeof *VERSIONS; i++) {
        struct ht_eas_contract contract = contract_of(VERSIONS[i]);
        struct ht_eas_delegated request = {.contract = &contract, .attestation = sample()};
        expect_refusal(&request, "eas_version");
    }
}

static void delegated_request_without_room_for_a_deadline_is_refused_with_one(void **state) {
    (void)state;
    struct ht_eas_contract contract = contract_of("1.0.1");
    struct ht_eas_delegated request = {
        .contract = &contract, .attestation = sample(), .deadline = 1900000000};
    expect_refusal(&request, "eas_deadline");
    request.is_revocation = true;
    expect_refusal(&request, "eas_deadline");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(call_register_takes_a_schema_its_resolver_and_no_resolver),
        cmocka_unit_test(call_register_refuses_text_that_is_not_utf8_or_too_long),
        cmocka_unit_test(call_attest_and_revoke_are_single_for_one),
        cmocka_unit_test(calls_of_many_are_grouped_by_schema_in_the_order_given),
        cmocka_unit_test(calls_of_hashes_have_a_form_for_one_and_one_for_many),
        cmocka_unit_test(calls_of_none_or_too_many_or_too_much_data_are_refused),
        cmocka_unit_test(call_that_does_not_fit_leaves_the_buffer_as_it_was),
        cmocka_unit_test(delegated_request_is_signed_as_the_contract_s_version_has_it),
        cmocka_unit_test(delegated_call_carries_the_signature_and_from_1_2_the_deadline),
        cmocka_unit_test(delegated_request_for_a_version_that_is_none_is_refused),
        cmocka_unit_test(delegated_request_without_room_for_a_deadline_is_refused_with_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
