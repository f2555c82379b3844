/* The API server over the websocket at /eth, when somebody decides about pages of other origins:
 * who connects, how often, what each is told. */
#include "tests/unit/page_admit.h"

static struct server server;

static int set_up(void **state) {
    (void)state;
    start_server(&server);
    on_loop(&server, ask_admit);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    stop_server(&server);
    return 0;
}

#define ASK(id, name) "{\"jsonrpc\":\"2.0\",\"id\":" id ",\"method\":\"" name "\"}"
#define WHO_IS(who) "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"origin\":" who "}}"

static int knock(const char *origin, int *status) {
    char head[1024];
    (void)snprintf(head, sizeof head, ETH_UPGRADE "Origin: %s\r\n\r\n", origin);
    return upgrade(&server, status, head);
}

static int open_from(const char *origin) {
    int status;
    int fd = knock(origin, &status);
    assert_int_equal(status, 101);
    return fd;
}

static void assert_too_many(const char *origin) {
    int status;
    close(knock(origin, &status));
    assert_int_equal(status, 429);
    assert_non_null(strstr(last.body, "\"too_many_sockets\""));
}

static void any_page_and_extension_gets_a_websocket_under_its_name(void **state) {
    (void)state;
    static const char *const origins[] = {KNOWN, STRANGER, "http://localhost:3000",
                                          "chrome-extension://nkbihfbeogaeaoehlefnkodbefgpgknn"};
    for (size_t i = 0; i < sizeof origins / sizeof *origins; i++) {
        char want[200];
        (void)snprintf(want, sizeof want, WHO_IS("\"%s\""), origins[i]);
        int fd = open_from(origins[i]);
        say(fd, ASK("1", "test.origin"));
        assert_heard(fd, want);
        close(fd);
    }
}

static void what_is_no_pages_origin_gets_no_websocket(void **state) {
    (void)state;
    static const char *const origins[] = {
        "null",    "evil.example",      "https://evil.example/", "https://Evil.example",
        "file://", KNOWN ", " STRANGER, "ws://evil.example"};
    int status;
    for (size_t i = 0; i < sizeof origins / sizeof *origins; i++) {
        close(knock(origins[i], &status));
        assert_int_equal(status, 403);
        assert_non_null(strstr(last.body, "\"bad_origin\""));
    }
    char text[257] = "https://";
    memset(text + 8, 'a', sizeof text - 9);
    close(knock(text, &status));
    assert_int_equal(status, 403);
    text[255] = '\0';
    close(open_from(text));
}

static void the_owners_session_makes_no_owner_of_another_page(void **state) {
    (void)state;
    char cookie[128];
    sign_in(&server, cookie);
    const struct {
        const char *origin;
        const char *cookie;
        const char *answer;
    } cases[] = {
        {FROM("http://127.0.0.1:1"), cookie, WHO_IS("\"http://127.0.0.1:1\"")},
        {FROM(KNOWN), cookie, WHO_IS("\"" KNOWN "\"")},
        {"", cookie, WHO_IS("\"\"")},
        {ORIGIN, "", WHO_IS("\"\"")},
        {ORIGIN, cookie, WHO_IS("null")},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char head[1024];
        int status;
        (void)snprintf(head, sizeof head, ETH_UPGRADE "%s%s\r\n", cases[i].origin, cases[i].cookie);
        int fd = upgrade(&server, &status, head);
        assert_int_equal(status, 101);
        say(fd, ASK("1", "test.origin"));
        assert_heard(fd, cases[i].answer);
        close(fd);
    }
}

static void a_page_without_permission_learns_nothing_by_its_websocket(void **state) {
    (void)state;
    int fd = open_from(STRANGER);
    static const char *const names[] = {"test.list", "test.echo", "test.none", "eth_accounts"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char request[100];
        (void)snprintf(request, sizeof request, ASK("1", "%s"), names[i]);
        say(fd, request);
        assert_heard(fd, "{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":4100,\"message\":"
                         "\"this page has no permission\",\"data\":{\"code\":\"no_permission\","
                         "\"kind\":\"denied\"}}}");
    }
    close(fd);
}

static void a_permission_is_looked_at_with_each_request(void **state) {
    (void)state;
    int fd = open_from(KNOWN);
    say(fd, ASK("1", "test.list"));
    assert_heard(fd, "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":[\"any\"]}");
    on_loop(&server, take_permission);
    say(fd, ASK("1", "test.list"));
    assert_int_equal(hear(fd), TEXT);
    assert_non_null(strstr(heard, "\"code\":4100,"));
    close(fd);
}

static bool no_websocket(const struct ht_api_counts *counts) {
    return counts->websockets == 0 && counts->connections == 0;
}

static bool three_websockets(const struct ht_api_counts *counts) {
    return counts->websockets == 3 && counts->connections == 3;
}

static bool one_websocket(const struct ht_api_counts *counts) {
    return counts->websockets == 1;
}

static void an_origin_without_permission_has_at_most_4_websockets(void **state) {
    (void)state;
    int fds[4];
    for (size_t i = 0; i < 4; i++) fds[i] = open_from(STRANGER);
    assert_too_many(STRANGER);
    close(open_from("https://other.example"));
    close(fds[0]);
    assert_true(wait_for(&server, three_websockets));
    fds[0] = open_from(STRANGER);
    assert_too_many(STRANGER);
    for (size_t i = 0; i < 4; i++) close(fds[i]);
}

static void an_origin_with_permission_has_at_most_16_websockets(void **state) {
    (void)state;
    int fds[16];
    for (size_t i = 0; i < 16; i++) fds[i] = open_from(KNOWN);
    assert_too_many(KNOWN);
    close(open_from(STRANGER));
    for (size_t i = 0; i < 16; i++) close(fds[i]);
}

static void origins_without_permission_have_at_most_16_websockets_together(void **state) {
    (void)state;
    int fds[16];
    for (int i = 0; i < 16; i++) {
        char origin[64];
        (void)snprintf(origin, sizeof origin, "https://n%d.evil.example", i / 2);
        fds[i] = open_from(origin);
    }
    assert_too_many(STRANGER);
    int status;
    close(open_from(KNOWN));
    close(upgrade(&server, &status, ETH_UPGRADE "\r\n"));
    assert_int_equal(status, 101);
    for (size_t i = 0; i < 16; i++) close(fds[i]);
    assert_true(wait_for(&server, no_websocket));
}

static void tell_known(struct server *s) {
    ht_api_notify_origin(s->api, KNOWN, "accountsChanged", json_pack("[s]", "0x01"));
}

static void tell_programs(struct server *s) {
    ht_api_notify_origin(s->api, "", "chainChanged", json_pack("[s]", "0x1"));
}

#define ACCOUNTS "{\"jsonrpc\":\"2.0\",\"method\":\"accountsChanged\",\"params\":[\"0x01\"]}"
#define CHAIN "{\"jsonrpc\":\"2.0\",\"method\":\"chainChanged\",\"params\":[\"0x1\"]}"

static void an_event_goes_to_all_websockets_of_its_origin_and_to_no_other(void **state) {
    (void)state;
    int status;
    int one = open_from(KNOWN);
    int two = open_from(KNOWN);
    int stranger = open_from(STRANGER);
    int program = upgrade(&server, &status, ETH_UPGRADE "\r\n");
    on_loop(&server, tell_known);
    on_loop(&server, tell_programs);
    assert_heard(one, ACCOUNTS);
    assert_heard(two, ACCOUNTS);
    assert_heard(program, CHAIN);
    const int others[] = {one, two, stranger};
    for (size_t i = 0; i < 3; i++) {
        say(others[i], ASK("1", "test.origin"));
        assert_int_equal(hear(others[i]), TEXT);
        assert_non_null(strstr(heard, "\"result\":{\"origin\":"));
    }
    close(one);
    close(two);
    close(stranger);
    close(program);
}

static enum ht_err notified;

static void notify_watched(struct server *s) {
    notified = ht_rpc_notify(s->peer, "eth_subscription", json_pack("{s:i}", "n", 7));
}

static void a_subscription_is_silent_after_its_permission_but_events_are_not(void **state) {
    (void)state;
    int fd = open_from(KNOWN);
    say(fd, ASK("1", "test.watch"));
    assert_heard(fd, "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"watched\":true}}");
    on_loop(&server, notify_watched);
    assert_int_equal(notified, HT_OK);
    assert_int_equal(hear(fd), TEXT);
    assert_non_null(strstr(heard, "eth_subscription"));
    on_loop(&server, take_permission);
    on_loop(&server, notify_watched);
    assert_int_equal(notified, HT_EDENIED);
    on_loop(&server, tell_known);
    assert_heard(fd, ACCOUNTS);
    close(fd);
}

static void pages_are_hung_up_when_nobody_decides_any_more(void **state) {
    (void)state;
    int status;
    int page = open_from(KNOWN);
    int program = upgrade(&server, &status, ETH_UPGRADE "\r\n");
    on_loop(&server, ask_nobody);
    assert_true(wait_for(&server, one_websocket));
    say(program, ASK("1", "test.origin"));
    assert_heard(program, WHO_IS("\"\""));
    close(knock(KNOWN, &status));
    assert_int_equal(status, 403);
    close(page);
    close(program);
}

static void who_waits_for_a_person_has_more_time(void **state) {
    (void)state;
    struct server s;
    int status;
    start_with(&s, (struct ht_api_options){.reply_timeout_ms = 50, .patient_timeout_ms = 400});
    int fd = upgrade(&s, &status, ETH_UPGRADE "\r\n");
    say(fd, ASK("1", "test.patient"));
    say(fd, ASK("2", "test.later"));
    assert_int_equal(hear(fd), TEXT);
    assert_non_null(strstr(heard, "\"id\":2,"));
    assert_non_null(strstr(heard, "\"timeout\""));
    assert_int_equal(hear(fd), TEXT);
    assert_non_null(strstr(heard, "\"id\":1,"));
    assert_non_null(strstr(heard, "\"timeout\""));
    close(fd);
    stop_server(&s);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(any_page_and_extension_gets_a_websocket_under_its_name),
        TEST(what_is_no_pages_origin_gets_no_websocket),
        TEST(the_owners_session_makes_no_owner_of_another_page),
        TEST(a_page_without_permission_learns_nothing_by_its_websocket),
        TEST(a_permission_is_looked_at_with_each_request),
        TEST(an_origin_without_permission_has_at_most_4_websockets),
        TEST(an_origin_with_permission_has_at_most_16_websockets),
        TEST(origins_without_permission_have_at_most_16_websockets_together),
        TEST(an_event_goes_to_all_websockets_of_its_origin_and_to_no_other),
        TEST(a_subscription_is_silent_after_its_permission_but_events_are_not),
        TEST(pages_are_hung_up_when_nobody_decides_any_more),
        TEST(who_waits_for_a_person_has_more_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
