/* Challenges are good once and for a while, and tickets open one door only. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

#include "identity/credentials/siwe_sessions.h"

#define DOMAIN "127.0.0.1:8420"
#define URI "http://127.0.0.1:8420/"
#define WALL INT64_C(1772366400000)

static const ht_addr20 alice = {{0xa1, 1}};
static const ht_addr20 bob = {{0xb0, 1}};
static struct ht_siwe_sessions sessions;
static struct ht_why why;

static int set_up(void **state) {
    (void)state;
    memset(&sessions, 0, sizeof sessions);
    why = (struct ht_why){.code = "none", .text = ""};
    return 0;
}

static struct ht_siwe_request request_of(const ht_addr20 *address) {
    return (struct ht_siwe_request){.address = address,
                                    .domain = DOMAIN,
                                    .uri = URI,
                                    .chain_id = 1,
                                    .wall_ms = WALL,
                                    .mono_ms = 1000};
}

/* The message of a new challenge for that address. */
static void ask(char out[static 2048], const ht_addr20 *address, const char *statement) {
    const struct ht_siwe_challenge *challenge = NULL;
    struct ht_siwe_request request = request_of(address);
    struct ht_buf text;
    ht_buf_init(&text, 2047);
    assert_int_equal(ht_siwe_challenge(&challenge, &sessions, &ht_system_random, &request, &why),
                     HT_OK);
    assert_int_equal(ht_siwe_challenge_text(&text, challenge, address, statement, &why), HT_OK);
    (void)snprintf(out, 2048, "%.*s", (int)text.n, (const char *)text.p);
    ht_buf_fini(&text);
}

static enum ht_err answer_at(const char *text, int64_t later_ms) {
    struct ht_siwe message;
    return ht_siwe_answer(&message, &sessions, ht_bytes_str(text), WALL + later_ms, 1000 + later_ms,
                          &why);
}

static void replace(char text[static 2048], const char *old, const char *new) {
    char *at = strstr(text, old);
    char rest[2048];
    assert_non_null(at);
    (void)snprintf(rest, sizeof rest, "%s", at + strlen(old));
    (void)snprintf(at, 2048 - (size_t)(at - text), "%s%s", new, rest);
}

static void refuses(const char *text, int64_t later_ms, enum ht_err err, const char *code) {
    assert_int_equal(answer_at(text, later_ms), err);
    assert_string_equal(why.code, code);
}

static void siwe_challenge_is_a_message_that_answers_it(void **state) {
    (void)state;
    char text[2048];
    ask(text, &alice, NULL);
    assert_non_null(strstr(text, "\n\n\nURI: " URI "\nVersion: 1\nChain ID: 1\nNonce: "));
    assert_non_null(strstr(text, "\nIssued At: 2026-03-01T12:00:00.000Z\n"));
    assert_int_equal(answer_at(text, 1000), HT_OK);
    ask(text, &alice, "Sign in to this node.");
    assert_non_null(strstr(text, "\n\nSign in to this node.\n\nURI: "));
    assert_int_equal(answer_at(text, 1000), HT_OK);
}

static void siwe_nonce_is_good_once(void **state) {
    (void)state;
    char text[2048];
    ask(text, &alice, NULL);
    assert_int_equal(answer_at(text, 0), HT_OK);
    refuses(text, 0, HT_EDENIED, "siwe_nonce_unknown");
}

static void siwe_nonce_is_used_up_by_a_message_that_does_not_fit(void **state) {
    (void)state;
    char text[2048], other[2048];
    ask(text, &alice, NULL);
    memcpy(other, text, sizeof other);
    replace(other, DOMAIN " wants", "evil.example wants");
    refuses(other, 0, HT_EDENIED, "siwe_domain");
    refuses(text, 0, HT_EDENIED, "siwe_nonce_unknown");
}

static void siwe_nonce_of_before_a_restart_is_unknown(void **state) {
    char text[2048], used[2048];
    ask(text, &alice, NULL);
    ask(used, &alice, NULL);
    assert_int_equal(answer_at(used, 0), HT_OK);
    assert_int_equal(set_up(state), 0);
    refuses(used, 0, HT_EDENIED, "siwe_nonce_unknown");
    refuses(text, 0, HT_EDENIED, "siwe_nonce_unknown");
}

static void siwe_challenge_ends(void **state) {
    (void)state;
    char text[2048];
    ask(text, &alice, NULL);
    refuses(text, HT_SIWE_CHALLENGE_MS, HT_EDENIED, "siwe_nonce_unknown");
    ask(text, &alice, NULL);
    assert_int_equal(answer_at(text, HT_SIWE_CHALLENGE_MS - 1), HT_OK);
}

static void siwe_message_ends_by_its_own_word_too(void **state) {
    (void)state;
    char text[2048];
    ask(text, &alice, NULL);
    replace(text, "Expiration Time: 2026-03-01T12:05:00.000Z",
            "Expiration Time: 2026-03-01T12:01:00Z");
    refuses(text, 60000, HT_ESTALE, "siwe_expired");
}

static void siwe_answer_must_fit_its_challenge(void **state) {
    (void)state;
    char text[2048];
    ask(text, &alice, NULL);
    replace(text, URI, URI "other");
    refuses(text, 0, HT_EDENIED, "siwe_uri_differs");
    ask(text, &alice, NULL);
    replace(text, "Chain ID: 1", "Chain ID: 2");
    refuses(text, 0, HT_EDENIED, "siwe_chain");
    ask(text, &alice, NULL);
    char with_scheme[sizeof text + 8];
    (void)snprintf(with_scheme, sizeof with_scheme, "https://%s", text);
    refuses(with_scheme, 0, HT_EDENIED, "siwe_scheme");
    const struct ht_siwe_challenge *challenge = NULL;
    struct ht_siwe_request request = request_of(&alice);
    assert_int_equal(ht_siwe_challenge(&challenge, &sessions, &ht_system_random, &request, &why),
                     HT_OK);
    char nonce[HT_SIWE_NONCE_LEN + 1];
    memcpy(nonce, challenge->nonce, sizeof nonce);
    ask(text, &bob, NULL);
    char *at = strstr(text, "Nonce: ");
    assert_non_null(at);
    memcpy(at + 7, nonce, HT_SIWE_NONCE_LEN);
    refuses(text, 0, HT_EDENIED, "siwe_address_differs");
}

static void siwe_answer_must_be_a_message_of_a_sensible_size(void **state) {
    (void)state;
    static char large[HT_SIWE_ANSWER_MAX + 2];
    memset(large, 'a', sizeof large - 1);
    refuses(large, 0, HT_ELIMIT, "siwe_too_large");
    refuses("hello", 0, HT_EINPUT, "siwe_format");
}

static void expect_refused(const char *domain, const char *uri, const char *code) {
    const struct ht_siwe_challenge *challenge = NULL;
    struct ht_siwe_request request = request_of(NULL);
    request.domain = domain;
    request.uri = uri;
    assert_int_equal(ht_siwe_challenge(&challenge, &sessions, &ht_system_random, &request, &why),
                     HT_EINPUT);
    assert_string_equal(why.code, code);
}

static void siwe_challenge_needs_a_uri_of_its_domain(void **state) {
    (void)state;
    expect_refused("", URI, "siwe_domain");
    expect_refused("a b", URI, "siwe_domain");
    expect_refused(DOMAIN, "no uri", "siwe_uri");
    expect_refused(DOMAIN, "http://127.0.0.1:84200/", "siwe_uri");
    expect_refused(DOMAIN, "http://127.0.0.1:8420@evil.example/", "siwe_uri");
    expect_refused("evil.example", URI, "siwe_uri");
    assert_int_equal(sessions.count, 0);
}

static void siwe_statement_is_one_line(void **state) {
    (void)state;
    const struct ht_siwe_challenge *challenge = NULL;
    struct ht_siwe_request request = request_of(&alice);
    struct ht_buf text;
    ht_buf_init(&text, 4096);
    assert_int_equal(ht_siwe_challenge(&challenge, &sessions, &ht_system_random, &request, &why),
                     HT_OK);
    assert_int_equal(
        ht_siwe_challenge_text(&text, challenge, &alice, "two\nURI: http://evil.example", &why),
        HT_EINPUT);
    assert_string_equal(why.code, "siwe_statement");
    ht_buf_fini(&text);
}

static void siwe_challenges_are_bounded_and_the_oldest_goes(void **state) {
    (void)state;
    char first[2048], text[2048];
    ask(first, &alice, NULL);
    for (size_t i = 0; i < HT_SIWE_CHALLENGES_MAX; i++) ask(text, &alice, NULL);
    refuses(first, 0, HT_EDENIED, "siwe_nonce_unknown");
    assert_int_equal(answer_at(text, 0), HT_OK);
}

static void siwe_ticket_is_good_once_at_its_domain_and_for_a_while(void **state) {
    (void)state;
    char ticket[HT_SIWE_TICKET_LEN + 1];
    ht_addr20 got;
    ht_bytes domain = ht_bytes_str(DOMAIN);
    ht_siwe_ticket(ticket, &sessions, &ht_system_random, &alice, domain, 1000);
    assert_int_equal(ht_siwe_redeem(&got, &sessions, ht_bytes_str(ticket), domain, 2000, &why),
                     HT_OK);
    assert_memory_equal(got.b, alice.b, sizeof got.b);
    assert_int_equal(ht_siwe_redeem(&got, &sessions, ht_bytes_str(ticket), domain, 2000, &why),
                     HT_EDENIED);
    assert_string_equal(why.code, "bad_ticket");
    ht_siwe_ticket(ticket, &sessions, &ht_system_random, &alice, domain, 1000);
    assert_int_equal(ht_siwe_redeem(&got, &sessions, ht_bytes_str(ticket),
                                    ht_bytes_str("localhost:8420"), 2000, &why),
                     HT_EDENIED);
    assert_int_equal(ht_siwe_redeem(&got, &sessions, ht_bytes_str(ticket), domain, 2000, &why),
                     HT_EDENIED);
    ht_siwe_ticket(ticket, &sessions, &ht_system_random, &alice, domain, 1000);
    assert_int_equal(ht_siwe_redeem(&got, &sessions, ht_bytes_str(ticket), domain,
                                    1000 + HT_SIWE_TICKET_MS, &why),
                     HT_EDENIED);
}

static void siwe_ticket_that_was_never_given_opens_nothing(void **state) {
    (void)state;
    ht_addr20 got;
    ht_bytes domain = ht_bytes_str(DOMAIN);
    assert_int_equal(ht_siwe_redeem(&got, &sessions, ht_bytes_str(""), domain, 0, &why),
                     HT_EDENIED);
    assert_string_equal(why.code, "bad_ticket");
    assert_int_equal(ht_siwe_redeem(&got, &sessions, domain, ht_bytes_str(""), 0, &why),
                     HT_EDENIED);
}

static void siwe_tickets_are_bounded_and_the_oldest_goes(void **state) {
    (void)state;
    char first[HT_SIWE_TICKET_LEN + 1], ticket[HT_SIWE_TICKET_LEN + 1];
    ht_addr20 got;
    ht_bytes domain = ht_bytes_str(DOMAIN);
    ht_siwe_ticket(first, &sessions, &ht_system_random, &alice, domain, 1000);
    for (size_t i = 0; i < HT_SIWE_TICKETS_MAX; i++)
        ht_siwe_ticket(ticket, &sessions, &ht_system_random, &bob, domain, 1000);
    assert_int_equal(ht_siwe_redeem(&got, &sessions, ht_bytes_str(first), domain, 1000, &why),
                     HT_EDENIED);
    assert_int_equal(ht_siwe_redeem(&got, &sessions, ht_bytes_str(ticket), domain, 1000, &why),
                     HT_OK);
    ht_siwe_ticket(ticket, &sessions, &ht_system_random, &bob, domain, 1000);
    ht_siwe_drop_tickets(&sessions);
    assert_int_equal(ht_siwe_redeem(&got, &sessions, ht_bytes_str(ticket), domain, 1000, &why),
                     HT_EDENIED);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(siwe_challenge_is_a_message_that_answers_it, set_up),
        cmocka_unit_test_setup(siwe_nonce_is_good_once, set_up),
        cmocka_unit_test_setup(siwe_nonce_is_used_up_by_a_message_that_does_not_fit, set_up),
        cmocka_unit_test_setup(siwe_nonce_of_before_a_restart_is_unknown, set_up),
        cmocka_unit_test_setup(siwe_challenge_ends, set_up),
        cmocka_unit_test_setup(siwe_message_ends_by_its_own_word_too, set_up),
        cmocka_unit_test_setup(siwe_answer_must_fit_its_challenge, set_up),
        cmocka_unit_test_setup(siwe_answer_must_be_a_message_of_a_sensible_size, set_up),
        cmocka_unit_test_setup(siwe_challenge_needs_a_uri_of_its_domain, set_up),
        cmocka_unit_test_setup(siwe_statement_is_one_line, set_up),
        cmocka_unit_test_setup(siwe_challenges_are_bounded_and_the_oldest_goes, set_up),
        cmocka_unit_test_setup(siwe_ticket_is_good_once_at_its_domain_and_for_a_while, set_up),
        cmocka_unit_test_setup(siwe_ticket_that_was_never_given_opens_nothing, set_up),
        cmocka_unit_test_setup(siwe_tickets_are_bounded_and_the_oldest_goes, set_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
