/* The API server where somebody without a session signs in with an account: what of the table is
 * reached, from which page, how often, and what a ticket opens. Who may is made up here. */
#include "tests/unit/api_client.h"

#include "node/api/server_siwe.h"

#define TICKET "good-ticket"

static struct server server;

/* Loop thread. */
static struct {
    bool is_open;
    bool is_used;
    char host[64]; /* that the ticket came with */
    unsigned methods;
} fake;

static bool is_open(void *self) {
    (void)self;
    return fake.is_open;
}

static enum ht_err redeem(void *self, char who[static HT_SIGN_IN_WHO_SIZE], ht_bytes ticket,
                          ht_bytes host, struct ht_why *why) {
    (void)self;
    (void)snprintf(fake.host, sizeof fake.host, "%.*s", (int)host.n, (const char *)host.p);
    if (fake.is_used || !ht_bytes_equal(ticket, ht_bytes_str(TICKET)))
        return ht_fail(why, HT_EDENIED, "bad_ticket", "that ticket is not good");
    fake.is_used = true;
    (void)snprintf(who, HT_SIGN_IN_WHO_SIZE, "0x00");
    return HT_OK;
}

static const struct ht_sign_in_way way = {.is_open = is_open, .redeem = redeem};

static enum ht_err answer(void *self, json_t **result, const json_t *params, struct ht_why *why) {
    (void)self;
    (void)params;
    (void)why;
    fake.methods++;
    *result = json_pack("{s:i}", "asked", (int)fake.methods);
    return *result != NULL ? HT_OK : HT_ENOMEM;
}

static const struct ht_rpc_method methods[] = {
    {.name = "siwe.challenge", .fn = answer},
    {.name = "siwe.verify", .fn = answer},
    {.name = "siwe.settings", .fn = answer},
};

static void offer(struct server *s) {
    memset(&fake, 0, sizeof fake);
    fake.is_open = true;
    assert_int_equal(ht_api_add_methods(s->api, methods, 3, NULL), HT_OK);
    ht_api_set_sign_in(s->api, &way, NULL);
}

static void close_way(struct server *s) {
    (void)s;
    fake.is_open = false;
}

static void take_way(struct server *s) {
    ht_api_set_sign_in(s->api, NULL, NULL);
}

static int set_up(void **state) {
    (void)state;
    start_server(&server);
    on_loop(&server, offer);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    stop_server(&server);
    return 0;
}

static int post(const char *path, const char *headers, const char *body) {
    static char request[HT_API_SIWE_BODY_MAX + 4096];
    (void)snprintf(request, sizeof request,
                   "POST %s HTTP/1.1\r\nHost: <HOST>\r\n%sContent-Length: %zu\r\n\r\n%s", path,
                   headers, strlen(body), body);
    return ask(&server, request);
}

static void assert_refused(int status, const char *code) {
    char want[64];
    (void)snprintf(want, sizeof want, "{\"error\":{\"code\":\"%s\",", code);
    if (last.status != status || strncmp(last.body, want, strlen(want)) != 0)
        fail_msg("want %d %s, got %s%s", status, code, last.head, last.body);
}

#define GET "GET /siwe HTTP/1.1\r\nHost: <HOST>\r\n\r\n"
#define VERIFY "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"siwe.verify\"}"
#define LOGIN "{\"ticket\":\"" TICKET "\"}"

static const char *challenge(const char *domain, const char *uri) {
    static char body[512];
    (void)snprintf(body, sizeof body,
                   "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"siwe.challenge\",\"params\":"
                   "{\"domain\":\"%s\",\"uri\":\"%s\"}}",
                   domain, uri);
    return body;
}

static void without_a_session_it_is_told_whether_accounts_may_sign_in(void **state) {
    (void)state;
    assert_int_equal(ask(&server, GET), 200);
    assert_string_equal(last.body, "{\"is_enabled\":true}");
    on_loop(&server, close_way);
    assert_int_equal(ask(&server, GET), 200);
    assert_string_equal(last.body, "{\"is_enabled\":false}");
    on_loop(&server, take_way);
    assert_int_equal(ask(&server, GET), 200);
    assert_string_equal(last.body, "{\"is_enabled\":false}");
    assert_int_equal(ask(&server, "GET /siwe HTTP/1.1\r\nHost: evil.example\r\n\r\n"), 421);
    assert_int_equal(ask(&server, "PUT /siwe HTTP/1.1\r\nHost: <HOST>\r\n\r\n"), 405);
    assert_true(has_header(&last, "allow: GET, HEAD, POST"));
}

static void when_no_account_may_nothing_is_asked_and_no_ticket_opens(void **state) {
    (void)state;
    on_loop(&server, close_way);
    (void)post("/siwe", ORIGIN JSON_TYPE, VERIFY);
    assert_refused(404, "siwe_off");
    (void)post("/login", ORIGIN JSON_TYPE, LOGIN);
    assert_refused(403, "siwe_off");
    on_loop(&server, take_way);
    (void)post("/siwe", ORIGIN JSON_TYPE, VERIFY);
    assert_refused(404, "siwe_off");
    (void)post("/login", ORIGIN JSON_TYPE, LOGIN);
    assert_refused(403, "siwe_off");
    assert_int_equal(fake.methods, 0);
}

static void a_page_of_ours_asks_for_a_challenge_and_has_an_answer_judged(void **state) {
    (void)state;
    char uri[64];
    (void)snprintf(uri, sizeof uri, "http://%s/", server.host);
    assert_int_equal(post("/siwe", ORIGIN JSON_TYPE, challenge(server.host, uri)), 200);
    assert_string_equal(last.body, "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"asked\":1}}");
    assert_int_equal(post("/siwe", ORIGIN JSON_TYPE, VERIFY), 200);
    assert_string_equal(last.body, "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"asked\":2}}");
}

static void other_pages_and_programs_without_an_origin_are_refused(void **state) {
    (void)state;
    static const char *const from[] = {"", "Origin: http://evil.example\r\n", "Origin: null\r\n",
                                       "Origin: https://<HOST>\r\n",
                                       "Origin: moz-extension://0f3c6d2e\r\n"};
    for (size_t i = 0; i < sizeof from / sizeof *from; i++) {
        char headers[200];
        (void)snprintf(headers, sizeof headers, JSON_TYPE "%s", from[i]);
        (void)post("/siwe", headers, VERIFY);
        assert_refused(403, "bad_origin");
        (void)post("/login", headers, LOGIN);
        assert_refused(403, "bad_origin");
    }
    assert_int_equal(fake.methods, 0);
    assert_false(fake.is_used);
}

static void no_other_method_is_reached_without_a_session(void **state) {
    (void)state;
    static const char *const names[] = {"siwe.settings", "siwe.set_settings", "test.echo",
                                        "session.list", "siwe.verify "};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char body[200];
        (void)snprintf(body, sizeof body, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"%s\"}",
                       names[i]);
        (void)post("/siwe", ORIGIN JSON_TYPE, body);
        assert_refused(403, "siwe_method");
    }
    (void)post("/siwe", ORIGIN JSON_TYPE, "[" VERIFY "]");
    assert_refused(400, "bad_request");
    assert_int_equal(fake.methods, 0);
}

static void what_is_no_request_is_refused_for_its_own_reason(void **state) {
    (void)state;
    (void)post("/siwe", ORIGIN JSON_TYPE, "{");
    assert_int_equal(last.status, 400);
    (void)post("/siwe", ORIGIN JSON_TYPE, "{}");
    assert_refused(400, "json_missing");
    (void)post("/siwe", ORIGIN JSON_TYPE,
               "{\"method\":\"siwe.verify\",\"method\":\"siwe.settings\"}");
    assert_int_equal(last.status, 400);
    (void)post("/siwe", ORIGIN "Content-Type: text/plain\r\n", VERIFY);
    assert_refused(415, "bad_content_type");
    (void)ask(&server, "POST /siwe HTTP/1.1\r\nHost: <HOST>\r\n" ORIGIN JSON_TYPE
                       "Content-Length: 65537\r\n\r\n");
    assert_refused(413, "too_large");
    assert_int_equal(fake.methods, 0);
}

static void a_challenge_is_given_for_this_address_only(void **state) {
    (void)state;
    char own[64];
    char other[64];
    (void)snprintf(own, sizeof own, "http://%s/", server.host);
    (void)snprintf(other, sizeof other, "http://%s/x", server.host);
    const char *bad[][2] = {{"evil.example", "http://evil.example/"},
                            {"evil.example", own},
                            {server.host, "http://evil.example/"},
                            {server.host, other}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        (void)post("/siwe", ORIGIN JSON_TYPE, challenge(bad[i][0], bad[i][1]));
        assert_refused(400, "bad_domain");
    }
    (void)post("/siwe", ORIGIN JSON_TYPE, "{\"method\":\"siwe.challenge\"}");
    assert_refused(400, "json_missing");
    assert_int_equal(fake.methods, 0);
}

static void a_ticket_opens_a_session_once_at_the_host_it_came_to(void **state) {
    (void)state;
    char request[256];
    assert_int_equal(post("/login", ORIGIN JSON_TYPE, LOGIN), 204);
    assert_string_equal(fake.host, server.host);
    const char *at = strcasestr(last.head, "\r\nset-cookie: hearth_session=");
    assert_non_null(at);
    assert_non_null(strstr(at, "; HttpOnly; SameSite=Strict; Path=/\r\n"));
    (void)snprintf(request, sizeof request,
                   "GET /session HTTP/1.1\r\nHost: <HOST>\r\nCookie: hearth_session=%.64s\r\n\r\n",
                   at + 29);
    assert_int_equal(ask(&server, request), 200);
    (void)post("/login", ORIGIN JSON_TYPE, LOGIN);
    assert_refused(403, "bad_ticket");
    assert_null(strcasestr(last.head, "set-cookie"));
}

static void a_login_brings_a_token_or_a_ticket_and_not_both(void **state) {
    (void)state;
    (void)post("/login", ORIGIN JSON_TYPE, "{\"ticket\":\"" TICKET "\",\"token\":\"" TOKEN "\"}");
    assert_refused(400, "bad_login");
    (void)post("/login", ORIGIN JSON_TYPE, "{\"ticket\":7}");
    assert_refused(400, "json_type");
    assert_false(fake.is_used);
}

static void too_many_attempts_wait_and_leave_the_token_alone(void **state) {
    (void)state;
    char cookie[128];
    for (unsigned i = 0; i < HT_API_SIWE_BURST; i++) {
        bool is_login = i % 2 == 0;
        assert_int_equal(post(is_login ? "/login" : "/siwe", ORIGIN JSON_TYPE,
                              is_login ? "{\"ticket\":\"bad\"}" : VERIFY),
                         is_login ? 403 : 200);
    }
    (void)post("/siwe", ORIGIN JSON_TYPE, VERIFY);
    assert_refused(429, "too_many_attempts");
    (void)post("/login", ORIGIN JSON_TYPE, LOGIN);
    assert_refused(429, "too_many_attempts");
    assert_false(fake.is_used);
    sign_in(&server, cookie);
}

static void the_unix_socket_has_no_such_address(void **state) {
    (void)state;
    int fd = connect_unix(&server);
    send_text(&server, fd, GET);
    read_answer(fd, &last, true);
    close(fd);
    assert_int_equal(last.status, 404);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(without_a_session_it_is_told_whether_accounts_may_sign_in),
        TEST(when_no_account_may_nothing_is_asked_and_no_ticket_opens),
        TEST(a_page_of_ours_asks_for_a_challenge_and_has_an_answer_judged),
        TEST(other_pages_and_programs_without_an_origin_are_refused),
        TEST(no_other_method_is_reached_without_a_session),
        TEST(what_is_no_request_is_refused_for_its_own_reason),
        TEST(a_challenge_is_given_for_this_address_only),
        TEST(a_ticket_opens_a_session_once_at_the_host_it_came_to),
        TEST(a_login_brings_a_token_or_a_ticket_and_not_both),
        TEST(too_many_attempts_wait_and_leave_the_token_alone),
        TEST(the_unix_socket_has_no_such_address),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
