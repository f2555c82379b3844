/* The API server over HTTP: doors, checks, login, files, JSON-RPC by POST. */
#include "tests/unit/api_client.h"

static struct server server;

static int set_up(void **state) {
    (void)state;
    start_server(&server);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    stop_server(&server);
    return 0;
}

static void assert_code(const char *code) {
    char want[64];
    (void)snprintf(want, sizeof want, "{\"error\":{\"code\":\"%s\",\"message\":\"", code);
    if (strncmp(last.body, want, strlen(want)) != 0) fail_msg("want %s, got %s", want, last.body);
}

static int post(const char *path, const char *headers, const char *body) {
    char request[4096];
    (void)snprintf(request, sizeof request,
                   "POST %s HTTP/1.1\r\nHost: <HOST>\r\n%sContent-Length: %zu\r\n\r\n%s", path,
                   headers, strlen(body), body);
    return ask(&server, request);
}

static void a_wrong_host_is_misdirected(void **state) {
    (void)state;
    static const char *const hosts[] = {"evil.example", "127.0.0.1", "127.0.0.1:80",
                                        "<HOST>.evil.example", "127.0.0.1:<HOST>"};
    for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++) {
        char request[256];
        (void)snprintf(request, sizeof request, "GET / HTTP/1.1\r\nHost: %s\r\n\r\n", hosts[i]);
        assert_int_equal(ask(&server, request), 421);
    }
    assert_int_equal(ask(&server, "GET / HTTP/1.1\r\n\r\n"), 421);
    assert_int_equal(ask(&server, "GET /session HTTP/1.1\r\nHost: evil.example\r\n\r\n"), 421);
    assert_code("bad_host");
}

static void localhost_with_our_port_is_a_good_host(void **state) {
    (void)state;
    char request[128];
    (void)snprintf(request, sizeof request, "GET / HTTP/1.1\r\nHost: localhost:%u\r\n\r\n",
                   server.port);
    assert_int_equal(ask(&server, request), 200);
}

static void login_without_or_with_a_foreign_origin_is_refused(void **state) {
    (void)state;
    static const char body[] = "{\"token\":\"" TOKEN "\"}";
    assert_int_equal(post("/login", JSON_TYPE, body), 403);
    assert_code("bad_origin");
    assert_int_equal(post("/login", JSON_TYPE "Origin: http://evil.example\r\n", body), 403);
    assert_int_equal(post("/login", JSON_TYPE "Origin: null\r\n", body), 403);
    assert_int_equal(post("/login", JSON_TYPE "Origin: https://<HOST>\r\n", body), 403);
    assert_null(strcasestr(last.head, "set-cookie"));
}

static void a_wrong_token_gives_no_cookie(void **state) {
    (void)state;
    assert_int_equal(post("/login", ORIGIN JSON_TYPE, "{\"token\":\"00\"}"), 403);
    assert_code("bad_token");
    assert_null(strcasestr(last.head, "set-cookie"));
    assert_null(strstr(last.body, TOKEN));
    assert_int_equal(post("/login", ORIGIN JSON_TYPE, "{\"token\":5}"), 400);
    assert_int_equal(post("/login", ORIGIN JSON_TYPE, "token"), 400);
    assert_int_equal(post("/login", ORIGIN JSON_TYPE, ""), 400);
}

static void many_wrong_tokens_lock_the_login_for_a_while(void **state) {
    (void)state;
    for (int i = 0; i < 5; i++)
        assert_int_equal(post("/login", ORIGIN JSON_TYPE, "{\"token\":\"00\"}"), 403);
    assert_int_equal(post("/login", ORIGIN JSON_TYPE, "{\"token\":\"00\"}"), 429);
    assert_code("too_many_attempts");
}

static void login_sets_a_strict_cookie_that_opens_the_session(void **state) {
    (void)state;
    char cookie[128];
    sign_in(&server, cookie);
    assert_non_null(strstr(last.head, "; HttpOnly; SameSite=Strict; Path=/\r\n"));
    char request[512];
    (void)snprintf(request, sizeof request, "GET /session HTTP/1.1\r\nHost: <HOST>\r\n%s\r\n",
                   cookie);
    assert_int_equal(ask(&server, request), 200);
    assert_string_equal(last.body, "{\"network\":\"devnet\",\"version\":\"0.1.0\"}");
    assert_true(has_header(&last, "content-type: application/json"));
    assert_true(has_header(&last, "cache-control: no-store"));
}

static void the_session_without_a_good_cookie_is_401(void **state) {
    (void)state;
    assert_int_equal(ask(&server, "GET /session HTTP/1.1\r\nHost: <HOST>\r\n\r\n"), 401);
    assert_code("no_session");
    assert_int_equal(ask(&server, "GET /session HTTP/1.1\r\nHost: <HOST>\r\n"
                                  "Cookie: hearth_session=" TOKEN "\r\n\r\n"),
                     401);
}

static void files_come_gzipped_to_who_takes_gzip(void **state) {
    (void)state;
    assert_int_equal(ask(&server, "GET / HTTP/1.1\r\nHost: <HOST>\r\n"
                                  "Accept-Encoding: br, gzip;q=0.8\r\n\r\n"),
                     200);
    assert_true(has_header(&last, "content-encoding: gzip"));
    assert_true(has_header(&last, "vary: accept-encoding"));
    assert_true(has_header(&last, "cache-control: no-cache"));
    assert_true(has_header(&last, "content-type: text/html; charset=utf-8"));
    assert_int_equal(last.body_len, assets[0].len);
    assert_memory_equal(last.body, index_gz, last.body_len);
    assert_int_equal(ask(&server, "GET /assets/app-1a2b.js HTTP/1.1\r\nHost: <HOST>\r\n"
                                  "Accept-Encoding: gzip\r\n\r\n"),
                     200);
    assert_int_equal(last.body_len, assets[1].len);
    assert_memory_equal(last.body, script_gz, last.body_len);
    assert_true(has_header(&last, "cache-control: public, max-age=31536000, immutable"));
}

static void files_come_plain_to_who_does_not(void **state) {
    (void)state;
    assert_int_equal(ask(&server, "GET / HTTP/1.1\r\nHost: <HOST>\r\n\r\n"), 200);
    assert_string_equal(last.body, index_text);
    assert_null(strcasestr(last.head, "content-encoding"));
    assert_int_equal(ask(&server, "GET /assets/app-1a2b.js HTTP/1.1\r\nHost: <HOST>\r\n"
                                  "Accept-Encoding: gzip;q=0, br\r\n\r\n"),
                     200);
    assert_int_equal(last.body_len, sizeof script_text);
    assert_memory_equal(last.body, script_text, last.body_len);
}

static void head_has_the_headers_of_get_and_no_body(void **state) {
    (void)state;
    int fd = connect_tcp(&server);
    send_text(&server, fd, "HEAD / HTTP/1.1\r\nHost: <HOST>\r\nConnection: close\r\n\r\n");
    read_answer(fd, &last, false);
    assert_int_equal(last.status, 200);
    assert_int_equal(recv(fd, last.body, 1, 0), 0);
    char length[64];
    (void)snprintf(length, sizeof length, "content-length: %zu", sizeof index_text - 1);
    assert_true(has_header(&last, length));
    close(fd);
}

static void an_unknown_path_is_404_in_plain_words(void **state) {
    (void)state;
    assert_int_equal(ask(&server, "GET /etc/passwd HTTP/1.1\r\nHost: <HOST>\r\n\r\n"), 404);
    assert_string_equal(last.body, "there is nothing at this address.\n");
    assert_int_equal(ask(&server, "GET /assets/../index.htm HTTP/1.1\r\nHost: <HOST>\r\n\r\n"),
                     404);
    assert_int_equal(ask(&server, "GET /assets/ HTTP/1.1\r\nHost: <HOST>\r\n\r\n"), 404);
}

static void another_method_is_405_and_says_what_is_allowed(void **state) {
    (void)state;
    assert_int_equal(ask(&server, "DELETE / HTTP/1.1\r\nHost: <HOST>\r\n\r\n"), 405);
    assert_true(has_header(&last, "allow: GET, HEAD"));
    assert_string_equal(last.body, "this address only takes GET, HEAD.\n");
    assert_int_equal(ask(&server, "GET /login HTTP/1.1\r\nHost: <HOST>\r\n\r\n"), 405);
    assert_true(has_header(&last, "allow: POST"));
    assert_int_equal(ask(&server, "GET /api HTTP/1.1\r\nHost: <HOST>\r\n\r\n"), 405);
    assert_int_equal(ask(&server, "OPTIONS /api HTTP/1.1\r\nHost: <HOST>\r\n\r\n"), 405);
    assert_int_equal(post("/", ORIGIN JSON_TYPE, "{}"), 405);
}

static void every_answer_has_the_security_headers(void **state) {
    (void)state;
    static const char *const requests[] = {
        "GET / HTTP/1.1\r\nHost: <HOST>\r\n\r\n",
        "GET /nothing HTTP/1.1\r\nHost: <HOST>\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n",
        "PUT / HTTP/1.1\r\nHost: <HOST>\r\n\r\n",
        "GET /session HTTP/1.1\r\nHost: <HOST>\r\n\r\n",
        "POST /api HTTP/1.1\r\nHost: <HOST>\r\nContent-Length: 0\r\n\r\n",
        "GET relative HTTP/1.1\r\nHost: <HOST>\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: <HOST>\r\nConnection: upgrade\r\nUpgrade: irc\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: <HOST>\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n",
        "GET /api HTTP/1.1\r\nHost: <HOST>\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n",
    };
    static const char *const want[] = {
        "content-security-policy: default-src 'none'; script-src 'self'; style-src 'self'; "
        "img-src 'self' data: blob:; connect-src 'self'; font-src 'self'; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'",
        "x-content-type-options: nosniff",
        "referrer-policy: no-referrer",
        "cross-origin-opener-policy: same-origin",
        "cross-origin-resource-policy: same-origin",
    };
    for (size_t i = 0; i < sizeof requests / sizeof *requests; i++) {
        (void)ask(&server, requests[i]);
        for (size_t h = 0; h < sizeof want / sizeof *want; h++) {
            if (!has_header(&last, want[h]))
                fail_msg("no \"%s\" in the answer to %s: %s", want[h], requests[i], last.head);
        }
    }
}

static void rpc_by_post_needs_origin_and_session(void **state) {
    (void)state;
    static const char call[] = "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"test.tick\"}";
    char cookie[128];
    char headers[512];
    sign_in(&server, cookie);
    assert_int_equal(post("/api", ORIGIN JSON_TYPE, call), 401);
    assert_code("no_session");
    (void)snprintf(headers, sizeof headers, JSON_TYPE "%s", cookie);
    assert_int_equal(post("/api", headers, call), 403);
    assert_code("bad_origin");
    (void)snprintf(headers, sizeof headers, JSON_TYPE ORIGIN "%s", cookie);
    assert_int_equal(post("/api", headers, call), 200);
    assert_string_equal(last.body, "{\"jsonrpc\":\"2.0\",\"id\":7,\"result\":{\"tick\":0}}");
    assert_int_equal(post("/api", headers, "{\"jsonrpc\":\"2.0\",\"method\":\"test.tick\"}"), 204);
}

static int ask_unix(const char *request) {
    int fd = connect_unix(&server);
    send_text(&server, fd, request);
    read_answer(fd, &last, true);
    close(fd);
    return last.status;
}

static void the_unix_socket_takes_rpc_from_its_owner_and_nothing_else(void **state) {
    (void)state;
    struct stat at;
    assert_int_equal(stat(server.socket_path, &at), 0);
    assert_int_equal(at.st_mode & 0777, 0600);
    assert_int_equal(ask_unix("POST /api HTTP/1.1\r\nHost: x\r\n" JSON_TYPE
                              "Content-Length: 47\r\n\r\n"
                              "{\"jsonrpc\":\"2.0\",\"id\":\"a\",\"method\":\"test.tick\"}"),
                     200);
    assert_string_equal(last.body, "{\"jsonrpc\":\"2.0\",\"id\":\"a\",\"result\":{\"tick\":0}}");
    assert_int_equal(ask_unix("GET / HTTP/1.1\r\nHost: x\r\n\r\n"), 404);
    assert_int_equal(ask_unix("GET /session HTTP/1.1\r\nHost: x\r\n\r\n"), 404);
    assert_int_equal(ask_unix("GET /api HTTP/1.1\r\nHost: x\r\n\r\n"), 405);
    assert_int_equal(ask_unix("GET /api HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\n"
                              "Upgrade: websocket\r\nSec-WebSocket-Protocol: hearth\r\n\r\n"),
                     400);
}

static void bodies_are_bounded_and_must_say_their_length_and_type(void **state) {
    (void)state;
    static const char start[] = "POST /login HTTP/1.1\r\nHost: <HOST>\r\n" ORIGIN;
    char request[1024];
    (void)snprintf(request, sizeof request, "%s" JSON_TYPE "Content-Length: 999999999\r\n\r\n",
                   start);
    assert_int_equal(ask(&server, request), 413);
    assert_code("too_large");
    (void)snprintf(request, sizeof request, "%s" JSON_TYPE "\r\n", start);
    assert_int_equal(ask(&server, request), 411);
    (void)snprintf(request, sizeof request,
                   "%s" JSON_TYPE "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n", start);
    assert_int_equal(ask(&server, request), 411);
    (void)snprintf(request, sizeof request, "%s" JSON_TYPE "Content-Length: -1\r\n\r\n", start);
    assert_int_equal(ask(&server, request), 411);
    assert_int_equal(post("/login", ORIGIN "Content-Type: text/plain\r\n", "{}"), 415);
    assert_int_equal(post("/login", ORIGIN, "{}"), 415);
    assert_int_equal(ask(&server, "GET / HTTP/1.1\r\nHost: <HOST>\r\nContent-Length: 2\r\n\r\n{}"),
                     400);
}

static void a_refused_body_is_read_before_the_connection_closes(void **state) {
    (void)state;
    int fd = connect_tcp(&server);
    static char body[5001];
    memset(body, 'b', sizeof body - 1);
    send_text(&server, fd,
              "POST /api HTTP/1.1\r\nHost: <HOST>\r\n" JSON_TYPE "Content-Length: 10000\r\n\r\n");
    send_text(&server, fd, body);
    read_answer(fd, &last, true);
    assert_int_equal(last.status, 403);
    send_text(&server, fd, body);
    assert_int_equal(recv(fd, last.body, 1, 0), 0);
    close(fd);
}

static void a_request_may_come_in_pieces(void **state) {
    (void)state;
    static const char *const pieces[] = {"POST /lo",
                                         "gin HTTP/1.1\r\nHo",
                                         "st: <HOST>\r\n",
                                         ORIGIN JSON_TYPE "Content-Length: 76\r",
                                         "\n\r\n{\"tok",
                                         "en\":\"",
                                         TOKEN,
                                         "\"}"};
    int fd = connect_tcp(&server);
    const int yes = 1;
    assert_int_equal(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes), 0);
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        send_text(&server, fd, pieces[i]);
        on_loop(&server, read_counts); /* the loop has turned since */
    }
    read_answer(fd, &last, true);
    assert_int_equal(last.status, 204);
    close(fd);
}

static void what_is_no_request_for_us_is_closed(void **state) {
    (void)state;
    static const char *const odd[] = {
        "CONNECT evil.example:443 HTTP/1.1\r\nHost: <HOST>\r\n\r\n",
        "\x16\x03\x01\x02hello there\r\n\r\n",
        "TRACE / HTTP/1.1\r\nHost: <HOST>\r\n\r\n",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    };
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        int status = ask(&server, odd[i]);
        if (status != 0 && status != 403) fail_msg("got %d for %s", status, odd[i]);
    }
    char request[8000];
    int n = snprintf(request, sizeof request, "GET / HTTP/1.1\r\nHost: <HOST>\r\nCookie: ");
    memset(request + n, 'c', sizeof request - (size_t)n - 1);
    request[sizeof request - 1] = '\0';
    int fd = connect_tcp(&server);
    send_text(&server, fd, request);
    send_text(&server, fd, request);
    read_answer(fd, &last, true);
    assert_int_equal(last.status, 0);
    close(fd);
    assert_int_equal(ask(&server, "GET / HTTP/1.1\r\nHost: <HOST>\r\n\r\n"), 200);
}

static bool three_are_open(const struct ht_api_counts *counts) {
    return counts->connections == 3;
}

static bool none_is_open(const struct ht_api_counts *counts) {
    return counts->connections == 0;
}

static void connections_from_one_address_are_bounded(void **state) {
    (void)state;
    struct server s;
    start_with(&s, (struct ht_api_options){.max_per_address = 3});
    int fds[3];
    for (size_t i = 0; i < 3; i++) fds[i] = connect_tcp(&s);
    assert_true(wait_for(&s, three_are_open));
    assert_int_equal(ask(&s, "GET / HTTP/1.1\r\nHost: <HOST>\r\n\r\n"), 0);
    for (size_t i = 0; i < 3; i++) close(fds[i]);
    assert_true(wait_for(&s, none_is_open));
    assert_int_equal(counts_now.refused, 1);
    assert_int_equal(ask(&s, "GET / HTTP/1.1\r\nHost: <HOST>\r\n\r\n"), 200);
    stop_server(&s);
}

static void a_port_in_use_is_named(void **state) {
    (void)state;
    struct ht_loop *loop;
    struct ht_api *api;
    struct ht_why why = {0};
    assert_int_equal(ht_loop_new(&loop, &ht_system_clock, NULL), HT_OK);
    struct ht_api_options options = {.port = server.port};
    assert_int_equal(ht_api_new(&api, loop, &options, &why), HT_EAGAIN);
    assert_string_equal(why.code, "port_in_use");
    char port[8];
    (void)snprintf(port, sizeof port, "%u", server.port);
    assert_non_null(strstr(why.text, port));
    ht_loop_free(loop);
}

static void a_socket_path_is_taken_over_only_from_the_dead(void **state) {
    (void)state;
    struct ht_loop *loop;
    struct ht_api *api;
    struct ht_why why = {0};
    assert_int_equal(ht_loop_new(&loop, &ht_system_clock, NULL), HT_OK);
    struct ht_api_options options = {.unix_socket_path = server.socket_path};
    assert_int_equal(ht_api_new(&api, loop, &options, &why), HT_EAGAIN);
    assert_string_equal(why.code, "socket_in_use");
    char path[80];
    (void)snprintf(path, sizeof path, "%s/other", server.dir);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fclose(file);
    options.unix_socket_path = path;
    assert_int_equal(ht_api_new(&api, loop, &options, &why), HT_EINPUT);
    assert_string_equal(why.code, "socket_path");
    assert_int_equal(unlink(path), 0);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    memcpy(at.sun_path, path, strlen(path) + 1);
    assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof at), 0);
    close(fd);
    assert_int_equal(ht_api_new(&api, loop, &options, &why), HT_OK);
    ht_api_free(api);
    ht_loop_free(loop);
    assert_int_not_equal(access(path, F_OK), 0);
}

#define LIST "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"test.list\"}"

static void programs_use_the_ethereum_door_without_origin_and_session(void **state) {
    (void)state;
    assert_int_equal(post("/eth", JSON_TYPE, LIST), 200);
    assert_string_equal(last.body, "{\"jsonrpc\":\"2.0\",\"id\":7,\"result\":[\"any\"]}");
    assert_int_equal(post("/eth", JSON_TYPE ORIGIN, "[" LIST "]"), 200);
    assert_string_equal(last.body, "[{\"jsonrpc\":\"2.0\",\"id\":7,\"result\":[\"any\"]}]");
    assert_int_equal(post("/eth", JSON_TYPE, "{"), 200);
    assert_non_null(strstr(last.body, "-32700"));
    assert_null(strcasestr(last.head, "access-control"));
}

static void wallets_that_are_extensions_use_the_ethereum_door(void **state) {
    (void)state;
    static const char *const origins[] = {"chrome-extension://nkbihfbeogaeaoehlefnkodbefgpgknn",
                                          "moz-extension://0f3c6d2e-5f0f-4a1b-9c7e-3a1f6f2b9d10"};
    for (size_t i = 0; i < sizeof origins / sizeof *origins; i++) {
        char headers[200];
        (void)snprintf(headers, sizeof headers, JSON_TYPE "Origin: %s\r\n", origins[i]);
        assert_int_equal(post("/eth", headers, LIST), 200);
        assert_int_equal(post("/api", headers, LIST), 403);
        assert_code("bad_origin");
    }
}

static void the_ethereum_door_refuses_pages_of_other_origins(void **state) {
    (void)state;
    static const char *const origins[] = {"http://evil.example", "null", "https://<HOST>",
                                          "http://localhost"};
    for (size_t i = 0; i < sizeof origins / sizeof *origins; i++) {
        char headers[256];
        (void)snprintf(headers, sizeof headers, JSON_TYPE "Origin: %s\r\n", origins[i]);
        assert_int_equal(post("/eth", headers, LIST), 403);
        assert_code("bad_origin");
    }
    assert_int_equal(ask(&server, "OPTIONS /eth HTTP/1.1\r\nHost: <HOST>\r\n"
                                  "Origin: http://evil.example\r\n"
                                  "Access-Control-Request-Method: POST\r\n\r\n"),
                     403);
    assert_code("bad_origin");
    assert_null(strcasestr(last.head, "access-control"));
}

static void the_ethereum_door_wants_post_json_and_the_exact_host(void **state) {
    (void)state;
    assert_int_equal(post("/eth", "", LIST), 415);
    assert_code("bad_content_type");
    assert_int_equal(post("/eth", "Content-Type: text/plain\r\n", LIST), 415);
    assert_int_equal(ask(&server, "GET /eth HTTP/1.1\r\nHost: <HOST>\r\n\r\n"), 405);
    assert_true(has_header(&last, "allow: POST"));
    assert_int_equal(ask(&server, "POST /eth HTTP/1.1\r\nHost: evil.example\r\n" JSON_TYPE
                                  "Content-Length: 2\r\n\r\n{}"),
                     421);
    assert_int_equal(ask(&server, "POST /eth HTTP/1.1\r\nHost: <HOST>\r\n" JSON_TYPE
                                  "Content-Length: 3000000\r\n\r\n"),
                     413);
    assert_int_equal(
        ask_unix("POST /eth HTTP/1.1\r\nHost: x\r\n" JSON_TYPE "Content-Length: 2\r\n\r\n{}"), 404);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_wrong_host_is_misdirected),
        TEST(localhost_with_our_port_is_a_good_host),
        TEST(login_without_or_with_a_foreign_origin_is_refused),
        TEST(a_wrong_token_gives_no_cookie),
        TEST(many_wrong_tokens_lock_the_login_for_a_while),
        TEST(login_sets_a_strict_cookie_that_opens_the_session),
        TEST(the_session_without_a_good_cookie_is_401),
        TEST(files_come_gzipped_to_who_takes_gzip),
        TEST(files_come_plain_to_who_does_not),
        TEST(head_has_the_headers_of_get_and_no_body),
        TEST(an_unknown_path_is_404_in_plain_words),
        TEST(another_method_is_405_and_says_what_is_allowed),
        TEST(every_answer_has_the_security_headers),
        TEST(rpc_by_post_needs_origin_and_session),
        TEST(the_unix_socket_takes_rpc_from_its_owner_and_nothing_else),
        TEST(bodies_are_bounded_and_must_say_their_length_and_type),
        TEST(a_refused_body_is_read_before_the_connection_closes),
        TEST(a_request_may_come_in_pieces),
        TEST(what_is_no_request_for_us_is_closed),
        TEST(connections_from_one_address_are_bounded),
        TEST(a_port_in_use_is_named),
        TEST(a_socket_path_is_taken_over_only_from_the_dead),
        TEST(programs_use_the_ethereum_door_without_origin_and_session),
        TEST(wallets_that_are_extensions_use_the_ethereum_door),
        TEST(the_ethereum_door_refuses_pages_of_other_origins),
        TEST(the_ethereum_door_wants_post_json_and_the_exact_host),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
