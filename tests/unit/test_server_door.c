/* The API server over HTTP, when somebody decides about pages of other origins: who may POST at
 * /eth, what CORS says to whom, and whom the owner's session counts for. */
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

static int post(const char *path, const char *headers, const char *body) {
    char request[4096];
    (void)snprintf(request, sizeof request,
                   "POST %s HTTP/1.1\r\nHost: <HOST>\r\n%sContent-Length: %zu\r\n\r\n%s", path,
                   headers, strlen(body), body);
    return ask(&server, request);
}

static int options(const char *path, const char *headers) {
    char request[2048];
    (void)snprintf(request, sizeof request, "OPTIONS %s HTTP/1.1\r\nHost: <HOST>\r\n%s\r\n", path,
                   headers);
    return ask(&server, request);
}

static void assert_refused(int status, const char *code) {
    char want[64];
    (void)snprintf(want, sizeof want, "{\"error\":{\"code\":\"%s\",", code);
    if (last.status != status || strncmp(last.body, want, strlen(want)) != 0)
        fail_msg("want %d %s, got %s%s", status, want, last.head, last.body);
    assert_null(strcasestr(last.head, "\r\naccess-control"));
}

static void assert_shared_with_known(void) {
    assert_true(has_header(&last, "access-control-allow-origin: " KNOWN));
    assert_true(has_header(&last, "vary: Origin"));
    assert_null(strcasestr(last.head, "access-control-allow-credentials"));
    assert_null(strchr(last.head, '*'));
}

#define WHO "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"test.origin\"}"
#define WHO_IS(who) "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"origin\":" who "}}"
#define ASK_POST "Access-Control-Request-Method: POST\r\n"
#define ASK_TYPE "Access-Control-Request-Headers: content-type\r\n"
#define ASK_NETWORK "Access-Control-Request-Private-Network: true\r\n"

static void a_page_without_permission_may_not_post(void **state) {
    (void)state;
    (void)post("/eth", JSON_TYPE FROM(STRANGER), WHO);
    assert_refused(403, "bad_origin");
    on_loop(&server, take_permission);
    (void)post("/eth", JSON_TYPE FROM(KNOWN), WHO);
    assert_refused(403, "bad_origin");
}

static void a_page_with_permission_posts_and_may_read_the_answer(void **state) {
    (void)state;
    assert_int_equal(post("/eth", JSON_TYPE FROM(KNOWN), WHO), 200);
    assert_string_equal(last.body, WHO_IS("\"" KNOWN "\""));
    assert_shared_with_known();
    assert_null(strcasestr(last.head, "access-control-allow-methods"));
    assert_int_equal(post("/eth", FROM(KNOWN), WHO), 415);
    assert_shared_with_known();
}

static void a_permission_is_for_the_exact_origin(void **state) {
    (void)state;
    static const char *const others[] = {"http://app.example",
                                         "https://app.example:8443",
                                         "https://app.example.",
                                         "https://a.app.example",
                                         "https://app.example:443",
                                         "HTTPS://app.example",
                                         "https://app.example/",
                                         "null",
                                         "app.example"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        char headers[200];
        (void)snprintf(headers, sizeof headers, JSON_TYPE "Origin: %s\r\n", others[i]);
        (void)post("/eth", headers, WHO);
        assert_refused(403, "bad_origin");
    }
    (void)post("/eth", JSON_TYPE FROM(KNOWN) FROM(STRANGER), WHO);
    assert_refused(403, "bad_origin");
}

static void an_answer_is_shared_with_nobody_but_a_page_with_permission(void **state) {
    (void)state;
    static const char *const others[] = {"", ORIGIN, "Origin: moz-extension://0f3c6d2e\r\n"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        char headers[200];
        (void)snprintf(headers, sizeof headers, JSON_TYPE "%s", others[i]);
        assert_int_equal(post("/eth", headers, WHO), 200);
        assert_null(strcasestr(last.head, "\r\naccess-control"));
    }
    assert_int_equal(ask(&server, "GET / HTTP/1.1\r\nHost: <HOST>\r\n" FROM(KNOWN) "\r\n"), 200);
    assert_null(strcasestr(last.head, "\r\naccess-control"));
}

static void the_preflight_of_a_page_with_permission_is_granted(void **state) {
    (void)state;
    static const char *const asked[] = {ASK_POST ASK_TYPE ASK_NETWORK, ASK_POST ASK_TYPE, ASK_POST};
    for (size_t i = 0; i < sizeof asked / sizeof *asked; i++) {
        char headers[400];
        (void)snprintf(headers, sizeof headers, FROM(KNOWN) "%s", asked[i]);
        assert_int_equal(options("/eth", headers), 204);
        assert_shared_with_known();
        assert_true(has_header(&last, "access-control-allow-methods: POST"));
        assert_true(has_header(&last, "access-control-allow-headers: content-type"));
        assert_true(has_header(&last, "access-control-allow-private-network: true"));
        assert_true(has_header(&last, "access-control-max-age: 600"));
    }
}

static void other_preflights_are_refused(void **state) {
    (void)state;
    static const char *const pages[] = {"", ORIGIN, FROM("null"), FROM(STRANGER),
                                        FROM("moz-extension://0f3c6d2e")};
    for (size_t i = 0; i < sizeof pages / sizeof *pages; i++) {
        char headers[400];
        (void)snprintf(headers, sizeof headers, "%s" ASK_POST ASK_TYPE ASK_NETWORK, pages[i]);
        (void)options("/eth", headers);
        assert_refused(403, "bad_origin");
    }
    static const char *const asked[] = {
        "",
        ASK_TYPE,
        "Access-Control-Request-Method: PUT\r\n" ASK_TYPE,
        "Access-Control-Request-Method: post\r\n" ASK_TYPE,
        ASK_POST "Access-Control-Request-Headers: x-more\r\n",
        ASK_POST "Access-Control-Request-Headers: content-type,authorization\r\n",
        ASK_POST ASK_TYPE "Content-Length: 2\r\n",
    };
    for (size_t i = 0; i < sizeof asked / sizeof *asked; i++) {
        char headers[400];
        (void)snprintf(headers, sizeof headers, FROM(KNOWN) "%s", asked[i]);
        (void)options("/eth", headers);
        assert_refused(403, "bad_preflight");
    }
}

static void a_preflight_needs_the_exact_host(void **state) {
    (void)state;
    assert_int_equal(ask(&server, "OPTIONS /eth HTTP/1.1\r\nHost: evil.example\r\n" FROM(KNOWN)
                                      ASK_POST ASK_TYPE "\r\n"),
                     421);
    assert_refused(421, "bad_host");
}

static void the_owners_api_stays_closed_to_pages_with_permission(void **state) {
    (void)state;
    char cookie[128];
    char headers[400];
    sign_in(&server, cookie);
    (void)snprintf(headers, sizeof headers, JSON_TYPE FROM(KNOWN) "%s", cookie);
    (void)post("/api", headers, WHO);
    assert_refused(403, "bad_origin");
    (void)post("/login", JSON_TYPE FROM(KNOWN), "{\"token\":\"" TOKEN "\"}");
    assert_refused(403, "bad_origin");
    assert_int_equal(options("/api", FROM(KNOWN) ASK_POST ASK_TYPE), 405);
    assert_null(strcasestr(last.head, "\r\naccess-control"));
}

static void the_owners_session_counts_for_the_owners_page_alone(void **state) {
    (void)state;
    char cookie[128];
    sign_in(&server, cookie);
    const struct {
        const char *origin;
        const char *cookie;
        const char *answer;
    } cases[] = {
        {ORIGIN, cookie, WHO_IS("null")},
        {ORIGIN, "", WHO_IS("\"\"")},
        {ORIGIN, "Cookie: hearth_session=" TOKEN "\r\n", WHO_IS("\"\"")},
        {"", cookie, WHO_IS("\"\"")},
        {FROM(KNOWN), cookie, WHO_IS("\"" KNOWN "\"")},
        {FROM("moz-extension://0f3c"), cookie, WHO_IS("\"moz-extension://0f3c\"")},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char headers[400];
        (void)snprintf(headers, sizeof headers, JSON_TYPE "%s%s", cases[i].origin, cases[i].cookie);
        assert_int_equal(post("/eth", headers, WHO), 200);
        assert_string_equal(last.body, cases[i].answer);
    }
    char headers[400];
    (void)snprintf(headers, sizeof headers, JSON_TYPE FROM("http://127.0.0.1:1") "%s", cookie);
    (void)post("/eth", headers, WHO);
    assert_refused(403, "bad_origin");
}

static void a_connection_is_judged_anew_with_each_request(void **state) {
    (void)state;
    int fd = connect_tcp(&server);
    static const char *const heads[] = {FROM(KNOWN), "", FROM(KNOWN)};
    static const char *const answers[] = {WHO_IS("\"" KNOWN "\""), WHO_IS("\"\""),
                                          WHO_IS("\"" KNOWN "\"")};
    for (size_t i = 0; i < 3; i++) {
        char request[400];
        (void)snprintf(request, sizeof request,
                       "POST /eth HTTP/1.1\r\nHost: <HOST>\r\n" JSON_TYPE
                       "%sContent-Length: %zu\r\n\r\n" WHO,
                       heads[i], strlen(WHO));
        send_text(&server, fd, request);
        read_answer(fd, &last, true);
        assert_string_equal(last.body, answers[i]);
        assert_int_equal(strcasestr(last.head, "\r\naccess-control") != NULL, i != 1);
    }
    close(fd);
}

static void the_page_script_may_be_loaded_by_any_page_and_nothing_else_may(void **state) {
    (void)state;
    static const char *const others[] = {"/", "/assets/app-1a2b.js", "/session", "/eth"};
    assert_int_equal(ask(&server, "GET /eth/provider.js HTTP/1.1\r\nHost: <HOST>\r\n" FROM(
                                      STRANGER) "Accept-Encoding: gzip\r\n\r\n"),
                     200);
    assert_true(has_header(&last, "cross-origin-resource-policy: cross-origin"));
    assert_true(has_header(&last, "content-type: text/javascript; charset=utf-8"));
    assert_true(has_header(&last, "cache-control: no-cache"));
    assert_null(strcasestr(last.head, "cross-origin-resource-policy: same-origin"));
    assert_null(strcasestr(last.head, "\r\naccess-control"));
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        char request[200];
        (void)snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: <HOST>\r\n\r\n",
                       others[i]);
        (void)ask(&server, request);
        assert_true(has_header(&last, "cross-origin-resource-policy: same-origin"));
    }
    assert_int_equal(ask(&server, "GET /eth/provider.js HTTP/1.1\r\nHost: evil.example\r\n\r\n"),
                     421);
    assert_true(has_header(&last, "cross-origin-resource-policy: same-origin"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_page_without_permission_may_not_post),
        TEST(a_page_with_permission_posts_and_may_read_the_answer),
        TEST(a_permission_is_for_the_exact_origin),
        TEST(an_answer_is_shared_with_nobody_but_a_page_with_permission),
        TEST(the_preflight_of_a_page_with_permission_is_granted),
        TEST(other_preflights_are_refused),
        TEST(a_preflight_needs_the_exact_host),
        TEST(the_owners_api_stays_closed_to_pages_with_permission),
        TEST(the_owners_session_counts_for_the_owners_page_alone),
        TEST(a_connection_is_judged_anew_with_each_request),
        TEST(the_page_script_may_be_loaded_by_any_page_and_nothing_else_may),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
