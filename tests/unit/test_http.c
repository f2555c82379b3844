/* HTTP requests against a server that misbehaves in one way per test. Streams and cancelling are in
 * test_http_stream.c. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <sys/un.h>
#include <zlib.h>

#include "node/net/http.h"
#include "tests/unit/loopback.h"

#define LIMIT 100000
#define OK_HEAD "HTTP/1.1 200 OK\r\nConnection: close\r\n"

/* One request from the loop: the answer, with its body copied. */
struct got {
    struct ht_loop *loop;
    struct ht_http_answer answer;
    char body[256];
    unsigned calls;
};

static void keep_answer(void *user, const struct ht_http_answer *answer) {
    struct got *got = user;
    got->answer = *answer;
    size_t n = answer->body.n < sizeof got->body ? answer->body.n : sizeof got->body - 1;
    if (n > 0) memcpy(got->body, answer->body.p, n);
    got->calls++;
    ht_loop_stop(got->loop);
}

static struct ht_http_options options_for(const char *url) {
    return (struct ht_http_options){.url = url, .max_bytes = LIMIT, .timeout_ms = 10000};
}

/* Runs one request through the client's thread and the loop. */
static struct got request(const struct ht_http_options *options) {
    struct got got = {0};
    struct ht_why why = {0};
    struct ht_http *http = NULL;
    struct ht_http_request *handle = NULL;
    if (ht_loop_new(&got.loop, &ht_system_clock, &why) != HT_OK) fail_msg("%s", why.text);
    if (ht_http_new(&http, got.loop, "hearth-test", &why) != HT_OK) fail_msg("%s", why.text);
    assert_int_equal(ht_http_start(&handle, http, options, keep_answer, NULL, &got), HT_OK);
    ht_loop_run(got.loop);
    ht_http_free(http);
    ht_loop_free(got.loop);
    assert_int_equal(got.calls, 1);
    return got;
}

/* The same against a server with this script. */
static struct got ask(struct ht_peer *peer, void (*script)(struct ht_peer *, int),
                      struct ht_http_options options, const char *userinfo) {
    char url[128];
    assert_true(ht_peer_start(peer, script));
    (void)snprintf(url, sizeof url, "http://%s127.0.0.1:%u/path", userinfo, peer->port);
    options.url = url;
    struct got got = request(&options);
    ht_peer_stop(peer);
    return got;
}

static void expect_failure(const struct got *got, enum ht_err err, const char *code) {
    if (got->answer.err != err || got->answer.why.code == NULL)
        fail_msg("expected %s, got %s: %s", ht_err_name(err), ht_err_name(got->answer.err),
                 got->answer.why.text);
    assert_string_equal(got->answer.why.code, code);
    assert_int_equal(got->answer.body.n, 0);
}

static void send_json(struct ht_peer *peer, int fd) {
    (void)peer;
    ht_peer_say(fd, OK_HEAD "Content-Type: Application/JSON; charset=utf-8\r\n"
                            "Eth-Consensus-Version: deneb\r\nContent-Length: 2\r\n\r\n{}");
}

static void http_returns_status_body_and_headers(void **state) {
    (void)state;
    struct ht_peer peer;
    struct got got = ask(&peer, send_json, options_for(""), "");
    assert_int_equal(got.answer.err, HT_OK);
    assert_int_equal(got.answer.status, 200);
    assert_string_equal(got.body, "{}");
    assert_string_equal(got.answer.content_type, "application/json");
    assert_string_equal(got.answer.consensus_version, "deneb");
    assert_int_equal(got.answer.retry_after_ms, -1);
    assert_non_null(strstr(peer.request, "GET /path HTTP/1.1\r\n"));
    assert_non_null(strstr(peer.request, "User-Agent: hearth-test\r\n"));
}

static void http_posts_a_body_with_its_type(void **state) {
    (void)state;
    struct ht_peer peer;
    struct ht_http_options options = options_for("");
    options.body = ht_bytes_str("{\"id\":1}");
    options.content_type = "application/json";
    options.accept = "application/octet-stream";
    struct got got = ask(&peer, send_json, options, "");
    assert_int_equal(got.answer.err, HT_OK);
    assert_non_null(strstr(peer.request, "POST /path HTTP/1.1\r\n"));
    assert_non_null(strstr(peer.request, "Content-Type: application/json\r\n"));
    assert_non_null(strstr(peer.request, "Accept: application/octet-stream\r\n"));
    assert_non_null(strstr(peer.request, "\r\n\r\n{\"id\":1}"));
}

static void send_404(struct ht_peer *peer, int fd) {
    (void)peer;
    ht_peer_say(fd, "HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\nnone");
}

static void http_gives_404_as_an_answer(void **state) {
    (void)state;
    struct ht_peer peer;
    struct got got = ask(&peer, send_404, options_for(""), "");
    assert_int_equal(got.answer.err, HT_OK);
    assert_int_equal(got.answer.status, 404);
    assert_string_equal(got.body, "none");
}

static void send_429(struct ht_peer *peer, int fd) {
    (void)peer;
    ht_peer_say(fd, "HTTP/1.1 429 Slow down\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n");
}

static void http_reads_when_to_ask_again(void **state) {
    (void)state;
    struct ht_peer peer;
    struct got got = ask(&peer, send_429, options_for(""), "");
    assert_int_equal(got.answer.status, 429);
    assert_int_equal(got.answer.retry_after_ms, 7000);
}

static void send_redirect(struct ht_peer *peer, int fd) {
    char head[200];
    (void)snprintf(head, sizeof head,
                   "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:%u/other\r\n"
                   "Content-Length: 0\r\n\r\n",
                   peer->port);
    ht_peer_say(fd, head);
}

static void http_does_not_follow_a_redirect(void **state) {
    (void)state;
    struct ht_peer peer;
    struct got got = ask(&peer, send_redirect, options_for(""), "");
    assert_int_equal(got.answer.err, HT_OK);
    assert_int_equal(got.answer.status, 302);
    assert_int_equal(atomic_load(&peer.requests), 1);
}

static void reset_connection(struct ht_peer *peer, int fd) {
    (void)peer;
    struct linger now = {.l_onoff = 1};
    ht_peer_say(fd, OK_HEAD "Content-Length: 1000\r\n\r\npart");
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

static void http_reports_a_reset_connection(void **state) {
    (void)state;
    struct ht_peer peer;
    struct got got = ask(&peer, reset_connection, options_for(""), "");
    expect_failure(&got, HT_ENET, "connection_lost");
}

static void cut_body(struct ht_peer *peer, int fd) {
    (void)peer;
    ht_peer_say(fd, OK_HEAD "Content-Length: 1000\r\n\r\npart");
}

static void http_reports_a_body_that_is_cut_short(void **state) {
    (void)state;
    struct ht_peer peer;
    struct got got = ask(&peer, cut_body, options_for(""), "");
    expect_failure(&got, HT_ENET, "connection_lost");
}

static void http_sends_credentials_but_never_names_them(void **state) {
    (void)state;
    struct ht_peer peer;
    struct got got = ask(&peer, cut_body, options_for(""), "user:hunter2@");
    expect_failure(&got, HT_ENET, "connection_lost");
    assert_non_null(strstr(peer.request, "Authorization: Basic dXNlcjpodW50ZXIy\r\n"));
    assert_null(strstr(got.answer.why.text, "hunter2"));
    assert_non_null(strstr(got.answer.why.text, "127.0.0.1"));
}

static void announce_too_much(struct ht_peer *peer, int fd) {
    (void)peer;
    ht_peer_say(fd, OK_HEAD "Content-Length: 100001\r\n\r\n");
}

static void http_refuses_a_length_over_the_limit(void **state) {
    (void)state;
    struct ht_peer peer;
    struct got got = ask(&peer, announce_too_much, options_for(""), "");
    expect_failure(&got, HT_ELIMIT, "too_large");
}

static void send_exactly_the_limit(struct ht_peer *peer, int fd) {
    (void)peer;
    static char body[LIMIT];
    ht_peer_say(fd, OK_HEAD "Content-Length: 100000\r\n\r\n");
    ht_peer_send(fd, body, sizeof body);
}

static void http_accepts_exactly_the_limit(void **state) {
    (void)state;
    struct ht_peer peer;
    struct got got = ask(&peer, send_exactly_the_limit, options_for(""), "");
    assert_int_equal(got.answer.err, HT_OK);
    assert_int_equal(got.answer.body.n, LIMIT);
}

static void send_chunks_without_end(struct ht_peer *peer, int fd) {
    (void)peer;
    bool is_there = ht_peer_say(fd, OK_HEAD "Transfer-Encoding: chunked\r\n\r\n");
    for (unsigned i = 0; i < 10000000 && is_there; i++)
        is_there = ht_peer_say(fd, "10\r\n0123456789abcdef\r\n");
}

static void http_stops_an_endless_chunked_body(void **state) {
    (void)state;
    struct ht_peer peer;
    struct got got = ask(&peer, send_chunks_without_end, options_for(""), "");
    expect_failure(&got, HT_ELIMIT, "too_large");
}

static void send_headers_without_end(struct ht_peer *peer, int fd) {
    (void)peer;
    bool is_there = ht_peer_say(fd, OK_HEAD);
    for (unsigned i = 0; i < 10000000 && is_there; i++)
        is_there = ht_peer_say(fd, "X-Filler: 0123456789abcdef0123456789abcdef\r\n");
}

static void http_stops_endless_headers(void **state) {
    (void)state;
    struct ht_peer peer;
    struct got got = ask(&peer, send_headers_without_end, options_for(""), "");
    expect_failure(&got, HT_ELIMIT, "too_large");
}

/* `total` zero bytes, compressed as gzip does. */
static void send_gzip(int fd, size_t total) {
    static uint8_t zeros[65536];
    static uint8_t out[65536];
    z_stream z = {0};
    assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    bool is_there = ht_peer_say(fd, OK_HEAD "Content-Encoding: gzip\r\n\r\n");
    int result = Z_OK;
    while (is_there && result != Z_STREAM_END) {
        if (z.avail_in == 0) {
            z.next_in = zeros;
            z.avail_in = (uInt)(total < sizeof zeros ? total : sizeof zeros);
            total -= z.avail_in;
        }
        z.next_out = out;
        z.avail_out = sizeof out;
        result = deflate(&z, total == 0 ? Z_FINISH : Z_NO_FLUSH);
        is_there = ht_peer_send(fd, out, sizeof out - z.avail_out);
    }
    deflateEnd(&z);
}

static void send_small_gzip(struct ht_peer *peer, int fd) {
    (void)peer;
    send_gzip(fd, LIMIT);
}

static void send_gzip_bomb(struct ht_peer *peer, int fd) {
    (void)peer;
    send_gzip(fd, (size_t)50 * 1024 * 1024); /* under 51 kB on the wire */
}

static void http_decodes_gzip(void **state) {
    (void)state;
    struct ht_peer peer;
    struct got got = ask(&peer, send_small_gzip, options_for(""), "");
    assert_int_equal(got.answer.err, HT_OK);
    assert_int_equal(got.answer.body.n, LIMIT);
    assert_non_null(strstr(peer.request, "Accept-Encoding: gzip, deflate\r\n"));
}

static void http_counts_decompressed_bytes(void **state) {
    (void)state;
    struct ht_peer peer;
    struct got got = ask(&peer, send_gzip_bomb, options_for(""), "");
    expect_failure(&got, HT_ELIMIT, "too_large");
}

static void send_broken_gzip(struct ht_peer *peer, int fd) {
    (void)peer;
    ht_peer_say(fd, OK_HEAD "Content-Encoding: gzip\r\nContent-Length: 12\r\n\r\nnot gzip...!");
}

static void http_reports_a_body_that_does_not_decode(void **state) {
    (void)state;
    struct ht_peer peer;
    struct got got = ask(&peer, send_broken_gzip, options_for(""), "");
    expect_failure(&got, HT_ENET, "bad_answer");
}

static void speak_ssh(struct ht_peer *peer, int fd) {
    (void)peer;
    ht_peer_say(fd, "SSH-2.0-OpenSSH_9.2\r\n");
}

static void http_reports_a_server_that_does_not_speak_http(void **state) {
    (void)state;
    struct ht_peer peer;
    struct got got = ask(&peer, speak_ssh, options_for(""), "");
    expect_failure(&got, HT_ENET, "bad_answer");
}

static void drip(struct ht_peer *peer, int fd) {
    bool is_there = ht_peer_say(fd, OK_HEAD "Content-Length: 90000\r\n\r\n");
    while (is_there && ht_peer_pause(peer, fd, 50)) is_there = ht_peer_say(fd, "x");
}

static void http_gives_up_on_a_dripping_server(void **state) {
    (void)state;
    struct ht_peer peer;
    struct ht_http_options options = options_for("");
    options.timeout_ms = 1999; /* slow is noticed after one second */
    struct got got = ask(&peer, drip, options, "");
    expect_failure(&got, HT_ENET, "too_slow");
    assert_in_range(got.answer.elapsed_ms, 900, 1900);
}

static void trickle(struct ht_peer *peer, int fd) {
    static const char part[256];
    bool is_there = ht_peer_say(fd, OK_HEAD "Content-Length: 90000\r\n\r\n");
    while (is_there && ht_peer_pause(peer, fd, 50)) is_there = ht_peer_send(fd, part, sizeof part);
}

static void http_gives_up_on_a_body_that_takes_too_long(void **state) {
    (void)state;
    struct ht_peer peer;
    struct ht_http_options options = options_for("");
    options.timeout_ms = 1500;
    struct got got = ask(&peer, trickle, options, "");
    expect_failure(&got, HT_ENET, "timeout");
}

static void http_gives_up_when_the_time_is_over(void **state) {
    (void)state;
    struct ht_peer peer;
    struct ht_http_options options = options_for("");
    options.timeout_ms = 100;
    struct got got = ask(&peer, ht_peer_hold, options, "");
    expect_failure(&got, HT_ENET, "timeout");
    assert_in_range(got.answer.elapsed_ms, 90, 9000);
}

static void http_names_an_address_that_is_none(void **state) {
    (void)state;
    const char *const urls[] = {"ftp://127.0.0.1/",        "file:///etc/passwd", "http://",
                                "http://127.0.0.1:99999/", "http://a b/",        ""};
    for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++) {
        struct ht_http_options options = options_for(urls[i]);
        struct got got = request(&options);
        expect_failure(&got, HT_EINPUT, "bad_url");
    }
}

static void http_reports_a_name_that_does_not_resolve(void **state) {
    (void)state;
    /* A label over 63 bytes cannot be asked for, so nothing leaves this machine. */
    struct ht_http_options options = options_for(
        "http://aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.invalid/");
    struct got got = request(&options);
    expect_failure(&got, HT_ENET, "name_not_found");
}

static void http_reports_a_refused_connection(void **state) {
    (void)state;
    struct ht_peer peer;
    char url[64];
    assert_true(ht_peer_start(&peer, send_json));
    ht_peer_stop(&peer);
    (void)snprintf(url, sizeof url, "http://127.0.0.1:%u/", peer.port);
    struct ht_http_options options = options_for(url);
    struct got got = request(&options);
    expect_failure(&got, HT_ENET, "connect_failed");
}

static void http_reports_a_failed_tls_handshake(void **state) {
    (void)state;
    struct ht_peer peer;
    char url[64];
    assert_true(ht_peer_start(&peer, send_404)); /* plain text where TLS is expected */
    (void)snprintf(url, sizeof url, "https://127.0.0.1:%u/", peer.port);
    struct ht_http_options options = options_for(url);
    struct got got = request(&options);
    ht_peer_stop(&peer);
    expect_failure(&got, HT_ENET, "tls_failed");
}

static void http_talks_over_a_unix_socket(void **state) {
    (void)state;
    struct ht_peer peer = {.script = send_json};
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    char dir[] = "/tmp/hearth-http-XXXXXX";
    assert_non_null(mkdtemp(dir));
    (void)snprintf(at.sun_path, sizeof at.sun_path, "%s/socket", dir);
    assert_true(ht_peer_listen(&peer, (const struct sockaddr *)&at, sizeof at));
    assert_int_equal(pthread_create(&peer.thread, NULL, ht_peer_serve, &peer), 0);
    struct ht_http_options options = options_for("http://hearth/path");
    options.unix_socket = at.sun_path;
    struct got got = request(&options);
    ht_peer_stop(&peer);
    (void)unlink(at.sun_path);
    (void)rmdir(dir);
    assert_int_equal(got.answer.err, HT_OK);
    assert_string_equal(got.body, "{}");
}

static void http_fetch_blocks_for_the_answer(void **state) {
    (void)state;
    struct ht_peer peer;
    char url[64];
    assert_true(ht_peer_start(&peer, send_json));
    (void)snprintf(url, sizeof url, "http://127.0.0.1:%u/path", peer.port);
    struct ht_http_options options = options_for(url);
    struct ht_http_answer answer;
    struct ht_buf body;
    ht_http_fetch(&answer, &body, &options);
    ht_peer_stop(&peer);
    assert_int_equal(answer.err, HT_OK);
    assert_int_equal(answer.status, 200);
    assert_true(ht_bytes_equal(answer.body, ht_bytes_str("{}")));
    ht_buf_fini(&body);
}

static void http_fetch_reports_a_failure(void **state) {
    (void)state;
    struct ht_http_options options = options_for("gopher://127.0.0.1/");
    struct ht_http_answer answer;
    struct ht_buf body;
    ht_http_fetch(&answer, &body, &options);
    assert_int_equal(answer.err, HT_EINPUT);
    assert_string_equal(answer.why.code, "bad_url");
    ht_buf_fini(&body);
}

/* --- what strangers name ---------------------------------------------------------------------- */

static bool takes_all(const struct sockaddr *address) {
    (void)address;
    return true;
}

static void http_connects_to_no_address_of_this_computer_for_strangers(void **state) {
    (void)state;
    struct ht_peer peer;
    struct ht_http_options options = options_for("");
    options.is_public_only = true;
    struct got got = ask(&peer, send_json, options, "");
    expect_failure(&got, HT_EDENIED, "private_address");
    assert_int_equal(atomic_load(&peer.requests), 0);
}

static void http_looks_at_where_a_name_leads(void **state) {
    (void)state;
    struct ht_peer peer;
    char url[64];
    assert_true(ht_peer_start(&peer, send_json));
    (void)snprintf(url, sizeof url, "http://localhost:%u/", peer.port);
    struct ht_http_options options = options_for(url);
    options.is_public_only = true;
    struct got got = request(&options);
    ht_peer_stop(&peer);
    expect_failure(&got, HT_EDENIED, "private_address");
    assert_int_equal(atomic_load(&peer.requests), 0);
}

static void http_fetches_for_strangers_from_public_addresses(void **state) {
    (void)state;
    struct ht_peer peer;
    struct ht_http_options options = options_for("");
    options.is_public_only = true;
    options.is_public = takes_all;
    struct got got = ask(&peer, send_json, options, "");
    assert_int_equal(got.answer.err, HT_OK);
    assert_string_equal(got.body, "{}");
}

static void keep_open(struct ht_peer *peer, int fd) {
    ht_peer_say(fd, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
    ht_peer_hold(peer, fd);
}

struct pair {
    struct got first, second;
    struct ht_http *http;
    struct ht_http_request *handle;
    const char *url;
};

static void ask_again(void *user, const struct ht_http_answer *answer) {
    struct pair *pair = user;
    pair->first.answer = *answer;
    pair->first.calls++;
    struct ht_http_options options = options_for(pair->url);
    options.is_public_only = true;
    pair->second.loop = pair->first.loop;
    assert_int_equal(
        ht_http_start(&pair->handle, pair->http, &options, keep_answer, NULL, &pair->second),
        HT_OK);
}

/* The connection was made for a request that may go there, and is still open. */
static void http_shares_no_connection_with_what_strangers_name(void **state) {
    (void)state;
    struct ht_peer peer;
    char url[64];
    assert_true(ht_peer_start(&peer, keep_open));
    (void)snprintf(url, sizeof url, "http://127.0.0.1:%u/", peer.port);
    struct pair pair = {.url = url};
    struct ht_http_options options = options_for(url);
    assert_int_equal(ht_loop_new(&pair.first.loop, &ht_system_clock, NULL), HT_OK);
    assert_int_equal(ht_http_new(&pair.http, pair.first.loop, "hearth-test", NULL), HT_OK);
    assert_int_equal(ht_http_start(&pair.handle, pair.http, &options, ask_again, NULL, &pair),
                     HT_OK);
    ht_loop_run(pair.first.loop);
    ht_http_free(pair.http);
    ht_loop_free(pair.first.loop);
    ht_peer_stop(&peer);
    assert_int_equal(pair.first.answer.err, HT_OK);
    expect_failure(&pair.second, HT_EDENIED, "private_address");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(http_returns_status_body_and_headers),
        cmocka_unit_test(http_posts_a_body_with_its_type),
        cmocka_unit_test(http_gives_404_as_an_answer),
        cmocka_unit_test(http_reads_when_to_ask_again),
        cmocka_unit_test(http_does_not_follow_a_redirect),
        cmocka_unit_test(http_reports_a_reset_connection),
        cmocka_unit_test(http_reports_a_body_that_is_cut_short),
        cmocka_unit_test(http_sends_credentials_but_never_names_them),
        cmocka_unit_test(http_refuses_a_length_over_the_limit),
        cmocka_unit_test(http_accepts_exactly_the_limit),
        cmocka_unit_test(http_stops_an_endless_chunked_body),
        cmocka_unit_test(http_stops_endless_headers),
        cmocka_unit_test(http_decodes_gzip),
        cmocka_unit_test(http_counts_decompressed_bytes),
        cmocka_unit_test(http_reports_a_body_that_does_not_decode),
        cmocka_unit_test(http_reports_a_server_that_does_not_speak_http),
        cmocka_unit_test(http_gives_up_on_a_dripping_server),
        cmocka_unit_test(http_gives_up_on_a_body_that_takes_too_long),
        cmocka_unit_test(http_gives_up_when_the_time_is_over),
        cmocka_unit_test(http_names_an_address_that_is_none),
        cmocka_unit_test(http_reports_a_name_that_does_not_resolve),
        cmocka_unit_test(http_reports_a_refused_connection),
        cmocka_unit_test(http_reports_a_failed_tls_handshake),
        cmocka_unit_test(http_talks_over_a_unix_socket),
        cmocka_unit_test(http_fetch_blocks_for_the_answer),
        cmocka_unit_test(http_fetch_reports_a_failure),
        cmocka_unit_test(http_connects_to_no_address_of_this_computer_for_strangers),
        cmocka_unit_test(http_looks_at_where_a_name_leads),
        cmocka_unit_test(http_fetches_for_strangers_from_public_addresses),
        cmocka_unit_test(http_shares_no_connection_with_what_strangers_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
