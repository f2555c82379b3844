/* Checks at the door. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above */
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "node/api/gate.h"

#define TOKEN "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

static uint8_t next_fill; /* the first byte of the next fill; the rest count up */

static void count_up(void *self, uint8_t *out, size_t n) {
    (void)self;
    for (size_t i = 0; i < n; i++) out[i] = (uint8_t)(next_fill + i);
    next_fill++;
}

static const struct ht_random counting = {.fill = count_up};
static struct ht_gate gate;

static int set_up(void **state) {
    (void)state;
    next_fill = 0;
    if (ht_gate_init(&gate, &counting, TOKEN, NULL) != HT_OK) return 1;
    ht_gate_set_port(&gate, 8420);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    ht_gate_fini(&gate);
    return 0;
}

static ht_bytes str(const char *text) {
    return ht_bytes_str(text);
}

static void assert_refused(enum ht_err err, const struct ht_why *why, const char *code) {
    assert_int_equal(err, HT_EDENIED);
    assert_string_equal(why->code, code);
}

static void only_our_three_hosts_with_our_port_are_good(void **state) {
    (void)state;
    static const char *const good[] = {"127.0.0.1:8420", "localhost:8420", "[::1]:8420"};
    static const char *const bad[] = {"",
                                      "127.0.0.1",
                                      "127.0.0.1:842",
                                      "127.0.0.1:84200",
                                      "127.0.0.1:8421",
                                      "127.0.0.2:8420",
                                      "localhost.:8420",
                                      "LOCALHOST:8420",
                                      "::1:8420",
                                      "127.0.0.1:8420.evil.example",
                                      "evil.example:8420",
                                      "127.0.0.1:8420, evil.example"};
    struct ht_why why;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_int_equal(ht_gate_check_host(&gate, str(good[i]), &why), HT_OK);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_refused(ht_gate_check_host(&gate, str(bad[i]), &why), &why, "bad_host");
}

static void an_origin_must_be_the_host_over_http(void **state) {
    (void)state;
    static const char *const bad[] = {"",
                                      "null",
                                      "http://",
                                      "localhost:8420",
                                      "https://localhost:8420",
                                      "http://localhost:8420/",
                                      "http://localhost",
                                      "http://127.0.0.1:8420",
                                      "http://evil.example"};
    struct ht_why why;
    ht_bytes host = str("localhost:8420");
    assert_int_equal(ht_gate_check_origin(str("http://localhost:8420"), host, &why), HT_OK);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_refused(ht_gate_check_origin(str(bad[i]), host, &why), &why, "bad_origin");
}

static void an_extension_is_known_by_its_scheme_and_plain_id(void **state) {
    (void)state;
    static const char *const good[] = {"chrome-extension://nkbihfbeogaeaoehlefnkodbefgpgknn",
                                       "moz-extension://0f3c6d2e-5f0f-4a1b",
                                       "safari-web-extension://0F3C6D2E"};
    static const char *const bad[] = {
        "chrome-extension://",    "chrome-extension:/x",    "chrome-extension://x/",
        "chrome-extension://x.y", "chrome-extension://x:1", "chrome-extension://x y",
        "Chrome-Extension://x",   "extension://x",
    };
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_int_equal(ht_gate_read_origin(str(good[i])), HT_GATE_ORIGIN_EXTENSION);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        if (ht_gate_read_origin(str(bad[i])) != HT_GATE_ORIGIN_NONE) fail_msg("took %s", bad[i]);
    }
}

static void a_pages_origin_has_one_spelling(void **state) {
    (void)state;
    static const char *const good[] = {
        "https://app.example",
        "http://app.example",
        "https://app.example:8443",
        "http://localhost:3000",
        "http://127.0.0.1:1",
        "http://[::1]:65535",
        "https://a",
        "https://xn--mnchen-3ya.de",
        "http://app.example:443",
        "https://a_b-c.example.",
    };
    static const char *const bad[] = {
        "",
        "null",
        "?",
        "file://",
        "data:text/html",
        "https://",
        "https:app.example",
        "HTTPS://app.example",
        "https://App.example",
        "https://app.example/",
        "https://app.example?",
        "https://app.example#",
        "https://me@app.example",
        "https://app.example:",
        "https://app.example:0",
        "https://app.example:01",
        "https://app.example:443",
        "http://app.example:80",
        "https://app.example:65536",
        "https://app.example:8443x",
        "https://app.example:8 443",
        "https://:8443",
        "https://.example",
        "https://app.example, https://other.example",
        "https://app.example https://other.example",
        "https://app\\.example",
        "https://m\xc3\xbcnchen.de",
        "https://app.example\r\nX: y",
        "https://[]",
        "https://[::1",
        "https://[::1]x",
        "https://[::g]",
        "http://chrome-extension://x",
        "ws://app.example",
    };
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        if (ht_gate_read_origin(str(good[i])) != HT_GATE_ORIGIN_PAGE) fail_msg("not %s", good[i]);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        if (ht_gate_read_origin(str(bad[i])) != HT_GATE_ORIGIN_NONE) fail_msg("took %s", bad[i]);
    }
    assert_int_equal(ht_gate_read_origin(ht_bytes_of("https://a\0b", 11)), HT_GATE_ORIGIN_NONE);
}

static void an_origin_has_at_most_255_bytes(void **state) {
    (void)state;
    char text[257] = "https://";
    memset(text + 8, 'a', sizeof text - 9);
    assert_int_equal(ht_gate_read_origin(ht_bytes_of(text, 255)), HT_GATE_ORIGIN_PAGE);
    assert_int_equal(ht_gate_read_origin(ht_bytes_of(text, 256)), HT_GATE_ORIGIN_NONE);
}

static uint64_t session; /* of the last good cookie */

static enum ht_err check_cookie(const char *secret, int64_t wall_ms) {
    char header[128];
    (void)snprintf(header, sizeof header, "a=b; hearth_session=%s", secret);
    return ht_gate_check_session(&gate, &session, str(header), wall_ms, NULL);
}

static enum ht_err login(char *secret, const char *token, int64_t mono_ms, struct ht_why *why) {
    const struct ht_gate_attempt attempt = {
        .token = str(token), .user_agent = str("Browser/1"), .mono_ms = mono_ms, .wall_ms = 7000};
    return ht_gate_login(&gate, secret, &attempt, why);
}

static void the_token_buys_a_session_and_sessions_differ(void **state) {
    (void)state;
    char one[HT_GATE_TOKEN_LEN + 1];
    char two[HT_GATE_TOKEN_LEN + 1];
    assert_int_equal(login(one, TOKEN, 0, NULL), HT_OK);
    assert_int_equal(login(two, TOKEN, 0, NULL), HT_OK);
    assert_int_equal(strspn(one, "0123456789abcdef"), HT_GATE_TOKEN_LEN);
    assert_string_not_equal(one, two);
    assert_int_equal(check_cookie(one, 1), HT_OK);
    assert_int_equal(check_cookie(two, 1), HT_OK);
}

static void who_came_in_another_way_has_a_session_as_well(void **state) {
    (void)state;
    char one[HT_GATE_TOKEN_LEN + 1];
    char two[HT_GATE_TOKEN_LEN + 1];
    const struct ht_gate_attempt attempt = {.user_agent = str("Browser/1"), .wall_ms = 7000};
    ht_gate_let_in(&gate, one, &attempt);
    ht_gate_let_in(&gate, two, &attempt);
    assert_int_equal(strspn(one, "0123456789abcdef"), HT_GATE_TOKEN_LEN);
    assert_string_not_equal(one, two);
    assert_int_equal(check_cookie(one, 1), HT_OK);
    assert_int_equal(check_cookie(two, 1), HT_OK);
    assert_string_equal(gate.sessions.list[0].user_agent, "Browser/1");
}

static void a_session_id_is_kept_only_as_a_hash(void **state) {
    (void)state;
    char id[HT_GATE_TOKEN_LEN + 1];
    assert_int_equal(login(id, TOKEN, 0, NULL), HT_OK);
    assert_null(memmem(&gate, sizeof gate, id, 16));
    uint8_t raw[8] = {0, 1, 2, 3, 4, 5, 6, 7}; /* what count_up gave it */
    assert_null(memmem(&gate, sizeof gate, raw, sizeof raw));
}

static void no_or_a_foreign_session_is_refused(void **state) {
    (void)state;
    struct ht_why why;
    session = 0;
    assert_refused(ht_gate_check_session(&gate, &session, str(""), 0, &why), &why, "no_session");
    assert_int_equal(check_cookie("", 0), HT_EDENIED);
    assert_int_equal(check_cookie(TOKEN, 0), HT_EDENIED);
    char id[HT_GATE_TOKEN_LEN + 1];
    assert_int_equal(login(id, TOKEN, 0, NULL), HT_OK);
    id[HT_GATE_TOKEN_LEN - 1] ^= 1;
    assert_int_equal(check_cookie(id, 0), HT_EDENIED);
    assert_int_equal(session, 0);
}

static void the_session_unused_for_longest_makes_room(void **state) {
    (void)state;
    char ids[HT_SESSIONS_MAX + 1][HT_GATE_TOKEN_LEN + 1];
    for (size_t i = 0; i < HT_SESSIONS_MAX; i++)
        assert_int_equal(login(ids[i], TOKEN, (int64_t)i, NULL), HT_OK);
    assert_int_equal(check_cookie(ids[0], 100), HT_OK);
    assert_int_equal(login(ids[HT_SESSIONS_MAX], TOKEN, 101, NULL), HT_OK);
    assert_int_equal(check_cookie(ids[1], 102), HT_EDENIED);
    assert_int_equal(check_cookie(ids[0], 102), HT_OK);
    assert_int_equal(check_cookie(ids[HT_SESSIONS_MAX], 102), HT_OK);
}

static void a_cookie_names_the_session_and_uses_it(void **state) {
    (void)state;
    char one[HT_GATE_TOKEN_LEN + 1];
    char two[HT_GATE_TOKEN_LEN + 1];
    assert_int_equal(login(one, TOKEN, 0, NULL), HT_OK);
    assert_int_equal(login(two, TOKEN, 0, NULL), HT_OK);
    assert_int_equal(check_cookie(two, 9000), HT_OK);
    const struct ht_session *used = ht_sessions_find(&gate.sessions, session);
    assert_non_null(used);
    assert_int_equal(used->created_ms, 7000);
    assert_int_equal(used->used_ms, 9000);
    assert_string_equal(used->user_agent, "Browser/1");
    uint64_t of_two = session;
    assert_int_equal(check_cookie(one, 9001), HT_OK);
    assert_int_not_equal(session, of_two);
    assert_int_equal(used->used_ms, 9000);
}

static void the_cookie_of_an_ended_session_is_refused(void **state) {
    (void)state;
    char one[HT_GATE_TOKEN_LEN + 1];
    char two[HT_GATE_TOKEN_LEN + 1];
    char header[128];
    struct ht_why why;
    assert_int_equal(login(one, TOKEN, 0, NULL), HT_OK);
    assert_int_equal(login(two, TOKEN, 0, NULL), HT_OK);
    assert_int_equal(check_cookie(one, 1), HT_OK);
    ht_session_end(ht_sessions_find(&gate.sessions, session));
    (void)snprintf(header, sizeof header, "hearth_session=%s", one);
    assert_refused(ht_gate_check_session(&gate, &session, str(header), 2, &why), &why,
                   "no_session");
    assert_int_equal(check_cookie(two, 2), HT_OK);
}

static void wrong_tokens_cost_more_and_more_time(void **state) {
    (void)state;
    char id[HT_GATE_TOKEN_LEN + 1];
    struct ht_why why;
    for (int i = 0; i < 5; i++) assert_refused(login(id, "no", 0, &why), &why, "bad_token");
    assert_int_equal(login(id, TOKEN, 999, &why), HT_EAGAIN);
    assert_string_equal(why.code, "too_many_attempts");
    assert_refused(login(id, "no", 1000, &why), &why, "bad_token");
    assert_int_equal(login(id, TOKEN, 2999, NULL), HT_EAGAIN);
    int64_t now_ms = 3000;
    for (int i = 0; i < 100; i++, now_ms += 30000)
        assert_refused(login(id, "no", now_ms, &why), &why, "bad_token");
    assert_int_equal(login(id, TOKEN, now_ms, NULL), HT_OK);
    assert_refused(login(id, "no", now_ms, &why), &why, "bad_token");
    assert_int_equal(login(id, TOKEN, now_ms, NULL), HT_OK);
}

static void tokens_of_another_length_or_case_are_refused(void **state) {
    (void)state;
    char id[HT_GATE_TOKEN_LEN + 1];
    assert_int_equal(login(id, "", 0, NULL), HT_EDENIED);
    assert_int_equal(login(id, TOKEN "0", 0, NULL), HT_EDENIED);
    assert_int_equal(
        login(id, "00112233445566778899aabbccddeeff00112233445566778899aabbccddeef", 0, NULL),
        HT_EDENIED);
}

static void a_gate_makes_its_own_token_and_refuses_an_odd_one(void **state) {
    (void)state;
    struct ht_gate other;
    struct ht_why why;
    assert_int_equal(ht_gate_init(&other, &counting, "abc", &why), HT_EINPUT);
    assert_string_equal(why.code, "bad_token");
    ht_gate_fini(&other);
    next_fill = 0;
    assert_int_equal(ht_gate_init(&other, &counting, NULL, NULL), HT_OK);
    assert_string_equal(other.token,
                        "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");
    ht_gate_fini(&other);
    assert_null(other.token);
}

static void cookies_are_found_by_their_whole_name(void **state) {
    (void)state;
    static const struct {
        const char *cookies;
        const char *value; /* NULL: none */
    } cases[] = {
        {"s=1", "1"},     {"a=2; s=1", "1"}, {"a=2;s=1;b=3", "1"}, {"  s=1 ; b=3", "1"},
        {"s=1=2", "1=2"}, {"s=", ""},        {"s=1; s=2", "1"},    {"", NULL},
        {"s", NULL},      {"xs=1", NULL},    {"sx=1", NULL},       {"a=s=1", NULL},
        {";;;", NULL},    {"S=1", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ht_bytes value;
        bool is_found = ht_gate_find_cookie(&value, str(cases[i].cookies), "s");
        if (is_found != (cases[i].value != NULL) ||
            (is_found && !ht_bytes_equal(value, str(cases[i].value))))
            fail_msg("wrong for \"%s\"", cases[i].cookies);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(only_our_three_hosts_with_our_port_are_good),
        TEST(an_origin_must_be_the_host_over_http),
        TEST(an_extension_is_known_by_its_scheme_and_plain_id),
        TEST(a_pages_origin_has_one_spelling),
        TEST(an_origin_has_at_most_255_bytes),
        TEST(the_token_buys_a_session_and_sessions_differ),
        TEST(who_came_in_another_way_has_a_session_as_well),
        TEST(a_session_id_is_kept_only_as_a_hash),
        TEST(no_or_a_foreign_session_is_refused),
        TEST(the_session_unused_for_longest_makes_room),
        TEST(a_cookie_names_the_session_and_uses_it),
        TEST(the_cookie_of_an_ended_session_is_refused),
        TEST(wrong_tokens_cost_more_and_more_time),
        TEST(tokens_of_another_length_or_case_are_refused),
        TEST(a_gate_makes_its_own_token_and_refuses_an_odd_one),
        TEST(cookies_are_found_by_their_whole_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
