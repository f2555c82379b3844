/* Sign-in messages: the grammar of ERC-4361, and what a message is held against. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "identity/credentials/siwe.h"
#include "identity/credentials/siwe_text.h"
#include "node/codec/address.h"

#define HEAD "app.example wants you to sign in with your Ethereum account:\n"
#define ADDRESS "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed\n"
#define URI "URI: https://app.example/login\n"
#define VERSION "Version: 1\n"
#define CHAIN "Chain ID: 1\n"
#define NONCE "Nonce: 32891756abc\n"
#define ISSUED "Issued At: 2026-03-01T11:59:00.000Z"
#define TAIL URI VERSION CHAIN NONCE ISSUED
#define START HEAD ADDRESS "\nSign in.\n\n"

static const char GOOD[] = START TAIL "\nExpiration Time: 2026-03-02T00:00:00Z\nNot Before: "
                                      "2026-03-01T01:00:00+02:00\nRequest ID: r1\nResources:\n- "
                                      "ipfs://x/\n- https://app.example/a?b#c";

static void judge(const char *text, const char *code) {
    struct ht_siwe message;
    struct ht_why why = {.code = "ok", .text = ""};
    enum ht_err err = ht_siwe_read(&message, ht_bytes_str(text), &why);
    if (strcmp(why.code, code) != 0) fail_msg("%s: %s, %s", text, why.code, why.text);
    assert_int_equal(err == HT_OK, strcmp(code, "ok") == 0);
}

static void siwe_reads_all_fields(void **state) {
    (void)state;
    struct ht_siwe message;
    assert_int_equal(ht_siwe_read(&message, ht_bytes_str(GOOD), NULL), HT_OK);
    assert_true(ht_bytes_equal(message.domain, ht_bytes_str("app.example")));
    assert_int_equal(message.scheme.n, 0);
    assert_true(message.has_statement);
    assert_true(ht_bytes_equal(message.statement, ht_bytes_str("Sign in.")));
    assert_int_equal(message.chain_id, 1);
    assert_true(message.issued_ms == 1772366340000);
    assert_true(message.has_expiration && message.expiration_ms == 1772409600000);
    assert_true(message.has_not_before && message.not_before_ms == 1772319600000);
    assert_true(message.has_request_id);
    assert_int_equal(message.resource_count, 2);
    assert_true(ht_bytes_equal(message.resources[0], ht_bytes_str("ipfs://x/")));
}

static void siwe_accepts_a_message_without_a_statement_and_with_a_scheme(void **state) {
    (void)state;
    judge(HEAD ADDRESS "\n\n" TAIL, "ok");
    judge("https://" START TAIL, "ok");
}

static void siwe_refuses_other_lines_than_the_grammar_has(void **state) {
    (void)state;
    judge("", "siwe_format");
    judge("hello", "siwe_format");
    judge(" " START TAIL, "siwe_format");
    judge("1x://" START TAIL, "siwe_format");
    judge(" wants you to sign in with your Ethereum account:\n" ADDRESS "\n\n" TAIL, "siwe_format");
    judge(HEAD ADDRESS "\n" TAIL, "siwe_format");
    judge(HEAD ADDRESS "\nSign in.\n" TAIL, "siwe_format");
    judge(HEAD ADDRESS "\nSign\nin.\n\n" TAIL, "siwe_format");
    judge(HEAD ADDRESS "\nS\xc3\xaegn in.\n\n" TAIL, "siwe_format");
    judge(START VERSION CHAIN NONCE ISSUED, "siwe_format");
    judge(START URI CHAIN VERSION NONCE ISSUED, "siwe_format");
    judge(START URI "Version: 2\n" CHAIN NONCE ISSUED, "siwe_format");
    judge(START URI VERSION "Chain ID: 0x1\n" NONCE ISSUED, "siwe_format");
    judge(START URI VERSION "Chain ID: 01\n" NONCE ISSUED, "siwe_format");
    judge(START URI VERSION CHAIN NONCE NONCE ISSUED, "siwe_format");
    judge(START TAIL "\n", "siwe_format");
    judge(START TAIL "\nResources: x", "siwe_format");
    judge(START TAIL "\nResources:\n-https://x.example", "siwe_format");
    judge(START TAIL "\nRequest ID: a b", "siwe_format");
    judge(START TAIL "\nNot Before: 2026-03-01T11:59:00Z\nExpiration Time: 2026-03-01T11:59:00Z",
          "siwe_format");
}

static void siwe_refuses_an_address_without_its_checksum(void **state) {
    (void)state;
    judge(HEAD "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed\n\n\n" TAIL, "siwe_address");
    judge(HEAD "0x5AAeb6053F3E94C9b9A09f33669435E7Ef1BeAed\n\n\n" TAIL, "siwe_address");
    judge(HEAD "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAe\n\n\n" TAIL, "siwe_address");
}

static void siwe_refuses_short_and_odd_nonces(void **state) {
    (void)state;
    judge(START URI VERSION CHAIN "Nonce: 1234567\n" ISSUED, "siwe_nonce");
    judge(START URI VERSION CHAIN "Nonce: 1234-5678\n" ISSUED, "siwe_nonce");
}

static void siwe_refuses_what_is_no_uri(void **state) {
    (void)state;
    judge(START "URI: app.example\n" VERSION CHAIN NONCE ISSUED, "siwe_uri");
    judge(START "URI: https://a b\n" VERSION CHAIN NONCE ISSUED, "siwe_uri");
    judge(START "URI: https://a/%zz\n" VERSION CHAIN NONCE ISSUED, "siwe_uri");
    judge(START TAIL "\nResources:\n- x y", "siwe_uri");
}

static void siwe_refuses_times_that_are_none(void **state) {
    (void)state;
    static const char *const bad[] = {"yesterday",
                                      "2026-02-30T00:00:00Z",
                                      "2026-13-01T00:00:00Z",
                                      "2026-01-01T24:00:00Z",
                                      "2026-01-01T00:60:00Z",
                                      "2026-01-01T00:00:60Z",
                                      "2026-01-01 00:00:00Z",
                                      "2026-01-01T00:00:00",
                                      "2026-01-01T00:00:00.Z",
                                      "2026-01-01T00:00:00+2",
                                      "2026-01-01T00:00:00+24:00",
                                      "0000-01-01T00:00:00Z"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char text[1024];
        (void)snprintf(text, sizeof text, START URI VERSION CHAIN NONCE "Issued At: %s", bad[i]);
        judge(text, "siwe_time");
    }
}

static void siwe_refuses_messages_over_its_bounds(void **state) {
    (void)state;
    char *text = malloc(HT_SIWE_SIZE_MAX + 2);
    assert_non_null(text);
    memset(text, 'a', HT_SIWE_SIZE_MAX + 1);
    text[HT_SIWE_SIZE_MAX + 1] = '\0';
    judge(text, "siwe_too_large");
    size_t n = (size_t)snprintf(text, HT_SIWE_SIZE_MAX, "%s\nResources:", START TAIL);
    for (size_t i = 0; i <= HT_SIWE_RESOURCES_MAX; i++) {
        n += (size_t)snprintf(text + n, HT_SIWE_SIZE_MAX - n, "\n- a:b");
    }
    judge(text, "siwe_too_large");
    free(text);
}

static void siwe_sees_what_claims_to_be_a_sign_in(void **state) {
    (void)state;
    assert_true(ht_siwe_looks_like(ht_bytes_str(GOOD)));
    assert_true(ht_siwe_looks_like(ht_bytes_str("please SIGN IN with your ethereum Account!")));
    assert_false(ht_siwe_looks_like(ht_bytes_str("hello")));
    assert_false(ht_siwe_looks_like((ht_bytes){0}));
}

static void check(struct ht_siwe_expectation expected, enum ht_err err, const char *code) {
    struct ht_siwe message;
    struct ht_why why = {.code = "ok"};
    assert_int_equal(ht_siwe_read(&message, ht_bytes_str(GOOD), NULL), HT_OK);
    if (expected.now_ms == 0) expected.now_ms = 1772366400000;
    assert_int_equal(ht_siwe_check(&message, &expected, &why), err);
    assert_string_equal(why.code, code);
}

static void siwe_holds_a_message_against_what_is_expected(void **state) {
    (void)state;
    check((struct ht_siwe_expectation){.domain = "app.example",
                                       .scheme = "https",
                                       .nonce = "32891756abc",
                                       .has_chain_id = true,
                                       .chain_id = 1},
          HT_OK, "ok");
    check((struct ht_siwe_expectation){.domain = "evil.example"}, HT_EDENIED, "siwe_domain");
    check((struct ht_siwe_expectation){.domain = "app.example:1"}, HT_EDENIED, "siwe_domain");
    check((struct ht_siwe_expectation){.nonce = "32891756abd"}, HT_EDENIED, "siwe_nonce_differs");
    check((struct ht_siwe_expectation){.has_chain_id = true, .chain_id = 10}, HT_EDENIED,
          "siwe_chain");
    check((struct ht_siwe_expectation){.now_ms = 1772319599999}, HT_EDENIED, "siwe_early");
    check((struct ht_siwe_expectation){.now_ms = 1772409600000}, HT_ESTALE, "siwe_expired");
    check((struct ht_siwe_expectation){.now_ms = 1772409599999}, HT_OK, "ok");
}

static void siwe_holds_the_scheme_against_the_origins(void **state) {
    (void)state;
    struct ht_siwe message;
    struct ht_why why = {.code = "ok"};
    struct ht_siwe_expectation expected = {.scheme = "https"};
    assert_int_equal(ht_siwe_read(&message, ht_bytes_str("http://" START TAIL), NULL), HT_OK);
    assert_int_equal(ht_siwe_check(&message, &expected, &why), HT_EDENIED);
    assert_string_equal(why.code, "siwe_scheme");
}

static void authorities_are_told_from_other_text(void **state) {
    (void)state;
    static const char *const good[] = {"a", "a:1", "u@a:1", "127.0.0.1:80", "[::1]", "[::1]:80"};
    static const char *const bad[] = {"", ":1", "a:x", "a b", "[::1", "::1]", "[]", "a/b", "u@@a"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        assert_true(ht_is_uri_authority(ht_bytes_str(good[i])));
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        if (ht_is_uri_authority(ht_bytes_str(bad[i]))) fail_msg("accepted: %s", bad[i]);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(siwe_reads_all_fields),
        cmocka_unit_test(siwe_accepts_a_message_without_a_statement_and_with_a_scheme),
        cmocka_unit_test(siwe_refuses_other_lines_than_the_grammar_has),
        cmocka_unit_test(siwe_refuses_an_address_without_its_checksum),
        cmocka_unit_test(siwe_refuses_short_and_odd_nonces),
        cmocka_unit_test(siwe_refuses_what_is_no_uri),
        cmocka_unit_test(siwe_refuses_times_that_are_none),
        cmocka_unit_test(siwe_refuses_messages_over_its_bounds),
        cmocka_unit_test(siwe_sees_what_claims_to_be_a_sign_in),
        cmocka_unit_test(siwe_holds_a_message_against_what_is_expected),
        cmocka_unit_test(siwe_holds_the_scheme_against_the_origins),
        cmocka_unit_test(authorities_are_told_from_other_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
