/* Websocket connections to a server on loopback: messages both ways, bounds, certificates, losses,
 * and closing from anywhere. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include "node/base/log.h"
#include "node/net/websocket.h"
#include "tests/unit/loopback.h"
#include "tests/unit/ws_server.h"

#define LIMIT 300000U

static struct ht_loop *loop;
static struct ht_pool *pool;
static struct ht_websockets *all;
static struct ht_websocket *client;
static struct ht_timer deadline;
static unsigned opened, received, closed;
static char last[LIMIT + 1];
static size_t last_n;
static enum ht_err closed_err;
static struct ht_why closed_why;
static bool is_closing_on_message, is_public_only;

static void late(struct ht_timer *timer) {
    ht_loop_stop(timer->loop);
}

static int start(void **state) {
    (void)state;
    ht_log_set_level(HT_LOG_ERROR);
    opened = received = closed = 0;
    last_n = 0;
    client = NULL;
    is_closing_on_message = false;
    is_public_only = false;
    assert_int_equal(ht_loop_new(&loop, &ht_system_clock, NULL), HT_OK);
    assert_int_equal(ht_pool_new(&pool, loop, 1, 16, NULL), HT_OK);
    assert_int_equal(ht_websockets_new(&all, loop, pool), HT_OK);
    return 0;
}

static int end(void **state) {
    (void)state;
    ht_websockets_stop(all);
    ht_pool_free(pool);
    ht_loop_drain(loop);
    ht_websockets_free(all);
    ht_loop_free(loop);
    return 0;
}

/* Runs the loop until somebody stops it. */
static void run(void) {
    ht_timer_set(loop, &deadline, 15000, late);
    ht_loop_run(loop);
    ht_timer_cancel(&deadline);
}

static void on_opened(void *user) {
    (void)user;
    opened++;
    ht_loop_stop(loop);
}

static void on_received(void *user, ht_bytes message) {
    (void)user;
    received++;
    assert_true(message.n <= LIMIT);
    memcpy(last, message.p, message.n);
    last[message.n] = '\0';
    last_n = message.n;
    if (is_closing_on_message) ht_websocket_close(client);
    ht_loop_stop(loop);
}

static void on_closed(void *user, enum ht_err err, const struct ht_why *why) {
    (void)user;
    closed++;
    closed_err = err;
    closed_why = *why;
    ht_loop_stop(loop);
}

static const struct ht_websocket_handler handler = {
    .opened = on_opened, .received = on_received, .closed = on_closed};

static enum ht_err open_url(const char *url, struct ht_why *why) {
    struct ht_websocket_options options = {
        .url = url, .max_bytes = LIMIT, .is_public_only = is_public_only, .handler = &handler};
    return ht_websocket_open(&client, all, &options, why);
}

static void open_server(const char *scheme, const char *before, const char *host) {
    char url[160];
    (void)snprintf(url, sizeof url, "%s://%s%s:%u/key/abc", scheme, before, host, ws_server.port);
    assert_int_equal(open_url(url, NULL), HT_OK);
}

static void connect_plain(void) {
    open_server("ws", "", "127.0.0.1");
    run();
    assert_int_equal(opened, 1);
}

static void expect_closed(enum ht_err err, const char *code) {
    assert_int_equal(closed, 1);
    if (closed_err != err || strcmp(closed_why.code, code) != 0)
        fail_msg("expected %s, got %s: %s", code, closed_why.code, closed_why.text);
}

static void echo(struct ws_server *server, struct ws_session *session) {
    (void)server;
    ws_say(session, session->in);
}

static void hang_up(struct ws_server *server, struct ws_session *session) {
    (void)server;
    ws_hang_up(session);
}

static void websocket_sends_and_receives_text(void **state) {
    (void)state;
    ws_start(loop, NULL, NULL, echo);
    connect_plain();
    assert_int_equal(ht_websocket_send(client, ht_bytes_str("hello")), HT_OK);
    run();
    assert_string_equal(last, "hello");
    assert_string_equal(ws_server.path, "/key/abc");
    assert_int_equal(closed, 0);
}

static void websocket_queues_what_is_sent_before_it_is_open(void **state) {
    (void)state;
    ws_start(loop, NULL, NULL, echo);
    open_server("ws", "", "localhost");
    assert_int_equal(ht_websocket_send(client, ht_bytes_str("early")), HT_OK);
    assert_int_equal(ht_websocket_send(client, ht_bytes_str("bird")), HT_OK);
    while (received < 2 && closed == 0) run();
    assert_string_equal(last, "bird");
}

static void websocket_to_public_addresses_does_not_follow_a_name_into_this_computer(void **state) {
    (void)state;
    static const char *const hosts[] = {"localhost", "127.0.0.1", "[::1]"};
    ws_start(loop, NULL, NULL, echo);
    is_public_only = true;
    for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++) {
        closed = 0;
        open_server("ws", "", hosts[i]);
        run();
        expect_closed(HT_EDENIED, "link_private");
    }
    assert_int_equal(opened, 0);
    assert_string_equal(ws_server.path, "");
}

static void websocket_joins_long_messages(void **state) {
    (void)state;
    static char text[200001];
    memset(text, 'x', sizeof text - 1);
    text[0] = 'a';
    text[sizeof text - 2] = 'z';
    ws_start(loop, NULL, NULL, echo);
    connect_plain();
    assert_int_equal(ht_websocket_send(client, ht_bytes_str(text)), HT_OK);
    run();
    assert_int_equal(last_n, sizeof text - 1);
    assert_string_equal(last, text);
}

static void say_too_much(struct ws_server *server, struct ws_session *session) {
    (void)server;
    static char text[LIMIT + 2];
    memset(text, 'x', sizeof text - 1);
    ws_say(session, text);
}

static void websocket_closes_at_a_message_over_the_bound(void **state) {
    (void)state;
    ws_start(loop, NULL, NULL, say_too_much);
    connect_plain();
    assert_int_equal(ht_websocket_send(client, ht_bytes_str("?")), HT_OK);
    run();
    expect_closed(HT_ELIMIT, "too_large");
    assert_int_equal(received, 0);
}

static void websocket_refuses_to_queue_without_end(void **state) {
    (void)state;
    ws_start(loop, NULL, NULL, echo);
    open_server("ws", "", "127.0.0.1");
    for (size_t i = 0; i < HT_WEBSOCKET_QUEUE_MAX; i++) {
        assert_int_equal(ht_websocket_send(client, ht_bytes_str("x")), HT_OK);
    }
    assert_int_equal(ht_websocket_send(client, ht_bytes_str("x")), HT_ELIMIT);
}

static void websocket_says_when_the_server_hangs_up(void **state) {
    (void)state;
    ws_start(loop, NULL, NULL, hang_up);
    connect_plain();
    assert_int_equal(ht_websocket_send(client, ht_bytes_str("?")), HT_OK);
    run();
    expect_closed(HT_ENET, "connection_lost");
}

static void websocket_says_when_nobody_listens(void **state) {
    (void)state;
    assert_int_equal(open_url("ws://127.0.0.1:1/", NULL), HT_OK);
    run();
    expect_closed(HT_ENET, "connect_failed");
    assert_int_equal(opened, 0);
}

static void websocket_says_when_the_name_is_not_found(void **state) {
    (void)state;
    assert_int_equal(open_url("ws://nowhere.invalid/", NULL), HT_OK);
    run();
    expect_closed(HT_ENET, "name_not_found");
}

static void say_403(struct ht_peer *peer, int fd) {
    (void)peer;
    ht_peer_say(fd, "HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n");
}

static void say_429(struct ht_peer *peer, int fd) {
    (void)peer;
    ht_peer_say(fd, "HTTP/1.1 429 Slow down\r\nContent-Length: 0\r\n\r\n");
}

static void say_302(struct ht_peer *peer, int fd) {
    (void)peer;
    ht_peer_say(fd, "HTTP/1.1 302 There\r\nLocation: /other\r\nContent-Length: 0\r\n\r\n");
}

static void say_garbage(struct ht_peer *peer, int fd) {
    (void)peer;
    ht_peer_say(fd, "HTTP/1.1 101 Yes\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                    "Sec-WebSocket-Accept: bm90IHRoaXM=\r\n\r\n");
}

static void expect_refusal(void (*script)(struct ht_peer *, int), const char *code) {
    struct ht_peer peer;
    char url[64];
    assert_true(ht_peer_start(&peer, script));
    (void)snprintf(url, sizeof url, "ws://127.0.0.1:%u/key/abc", peer.port);
    assert_int_equal(open_url(url, NULL), HT_OK);
    run();
    ht_peer_stop(&peer);
    assert_int_equal(opened, 0);
    expect_closed(HT_ENET, code);
    assert_null(strstr(closed_why.text, "/key/abc"));
}

static void websocket_says_when_it_is_refused(void **state) {
    (void)state;
    expect_refusal(say_403, "http_status");
}

static void websocket_says_when_it_is_to_come_back_later(void **state) {
    (void)state;
    expect_refusal(say_429, "rate_limited");
}

static void websocket_follows_no_redirect(void **state) {
    (void)state;
    expect_refusal(say_302, "http_status");
}

static void websocket_says_when_the_handshake_is_wrong(void **state) {
    (void)state;
    expect_refusal(say_garbage, "not_websocket");
}

static void websocket_refuses_other_addresses(void **state) {
    (void)state;
    static const char *const bad[] = {"", "http://127.0.0.1/", "127.0.0.1", "ws://", "wsx://a/"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct ht_why why = {.code = ""};
        if (open_url(bad[i], &why) != HT_EINPUT) fail_msg("\"%s\" was taken", bad[i]);
        assert_string_equal(why.code, "bad_url");
    }
}

static void websocket_sends_the_credentials_of_the_address(void **state) {
    (void)state;
    ws_start(loop, NULL, NULL, echo);
    open_server("ws", "mara:se%20cret@", "127.0.0.1");
    run();
    assert_int_equal(opened, 1);
    assert_string_equal(ws_server.authorization, "Basic bWFyYTpzZSBjcmV0");
}

static void websocket_does_not_use_a_proxy_of_the_environment(void **state) {
    (void)state;
    setenv("http_proxy", "http://127.0.0.1:1", 1);
    ws_start(loop, NULL, NULL, echo);
    open_server("ws", "", "127.0.0.1");
    run();
    unsetenv("http_proxy");
    assert_int_equal(opened, 1);
}

static void websocket_can_be_closed_from_within_its_callback(void **state) {
    (void)state;
    ws_start(loop, NULL, NULL, echo);
    connect_plain();
    is_closing_on_message = true;
    assert_int_equal(ht_websocket_send(client, ht_bytes_str("bye")), HT_OK);
    run();
    assert_int_equal(received, 1);
    struct ht_timer poll = {0};
    for (int i = 0; i < 100 && ws_server.open > 0; i++) {
        ht_timer_set(loop, &poll, 20, late);
        ht_loop_run(loop);
    }
    assert_int_equal(ws_server.open, 0);
    assert_int_equal(closed, 0);
}

static void websocket_can_be_closed_at_any_step_without_a_call(void **state) {
    (void)state;
    ws_start(loop, NULL, NULL, echo);
    for (int wait_ms = 0; wait_ms < 12; wait_ms++) {
        struct ht_timer stop = {0};
        open_server("ws", "", "127.0.0.1");
        ht_timer_set(loop, &stop, wait_ms, late);
        opened = 0;
        if (wait_ms > 0) ht_loop_run(loop);
        ht_timer_cancel(&stop);
        ht_websocket_close(client);
    }
    struct ht_timer poll = {0};
    for (int i = 0; i < 100 && (i < 2 || ws_server.open > 0); i++) {
        ht_timer_set(loop, &poll, 20, late);
        ht_loop_run(loop);
    }
    assert_int_equal(ws_server.open, 0);
    assert_int_equal(closed, 0);
}

static void websocket_opens_no_more_after_stop(void **state) {
    (void)state;
    struct ht_why why = {.code = ""};
    ht_websockets_stop(all);
    assert_int_equal(open_url("ws://127.0.0.1/", &why), HT_EDENIED);
    assert_string_equal(why.code, "stopping");
}

/* --- certificates ----------------------------------------------------------------------------- */

static void add_name(X509 *cert, const char *name) {
    char text[80];
    (void)snprintf(text, sizeof text, "DNS:%s", name);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, text);
    assert_non_null(extension);
    assert_int_equal(X509_add_ext(cert, extension, -1), 1);
    X509_EXTENSION_free(extension);
}

/* A certificate of its own making for a name. */
static void write_certificate(const char *cert_path, const char *key_path, const char *name) {
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *cert = X509_new();
    assert_true(key != NULL && cert != NULL);
    X509_set_version(cert, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(cert), 1);
    X509_gmtime_adj(X509_getm_notBefore(cert), -86400);
    X509_gmtime_adj(X509_getm_notAfter(cert), 86400);
    X509_set_pubkey(cert, key);
    X509_NAME *subject = X509_get_subject_name(cert);
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, (const unsigned char *)name, -1, -1, 0);
    X509_set_issuer_name(cert, subject);
    add_name(cert, name);
    assert_true(X509_sign(cert, key, EVP_sha256()) > 0);
    FILE *file = fopen(cert_path, "w");
    assert_true(file != NULL && PEM_write_X509(file, cert) == 1 && fclose(file) == 0);
    file = fopen(key_path, "w");
    assert_true(file != NULL && PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL) == 1 &&
                fclose(file) == 0);
    X509_free(cert);
    EVP_PKEY_free(key);
}

/* A server with a certificate for `name`, asked for as localhost. */
static void connect_tls(const char *name, bool is_trusted) {
    char dir[] = "/tmp/ht_websocket.XXXXXX", cert[64], key[64];
    assert_non_null(mkdtemp(dir));
    (void)snprintf(cert, sizeof cert, "%s/cert.pem", dir);
    (void)snprintf(key, sizeof key, "%s/key.pem", dir);
    write_certificate(cert, key, name);
    if (is_trusted) setenv("SSL_CERT_FILE", cert, 1);
    ws_start(loop, cert, key, echo);
    open_server("wss", "", "localhost");
    run();
    unsetenv("SSL_CERT_FILE");
    (void)unlink(cert);
    (void)unlink(key);
    (void)rmdir(dir);
}

static void websocket_over_tls_takes_a_trusted_certificate(void **state) {
    (void)state;
    connect_tls("localhost", true);
    if (opened == 0) fail_msg("%s: %s", closed_why.code, closed_why.text);
    assert_int_equal(ht_websocket_send(client, ht_bytes_str("secret")), HT_OK);
    run();
    assert_string_equal(last, "secret");
}

static void websocket_over_tls_refuses_an_unknown_certificate(void **state) {
    (void)state;
    connect_tls("localhost", false);
    assert_int_equal(opened, 0);
    expect_closed(HT_ENET, "tls_failed");
}

static void websocket_over_tls_refuses_a_certificate_for_another_name(void **state) {
    (void)state;
    connect_tls("elsewhere.example", true);
    assert_int_equal(opened, 0);
    expect_closed(HT_ENET, "tls_failed");
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)
        TEST(websocket_sends_and_receives_text),
        TEST(websocket_queues_what_is_sent_before_it_is_open),
        TEST(websocket_to_public_addresses_does_not_follow_a_name_into_this_computer),
        TEST(websocket_joins_long_messages),
        TEST(websocket_closes_at_a_message_over_the_bound),
        TEST(websocket_refuses_to_queue_without_end),
        TEST(websocket_says_when_the_server_hangs_up),
        TEST(websocket_says_when_nobody_listens),
        TEST(websocket_says_when_the_name_is_not_found),
        TEST(websocket_says_when_it_is_refused),
        TEST(websocket_says_when_it_is_to_come_back_later),
        TEST(websocket_follows_no_redirect),
        TEST(websocket_says_when_the_handshake_is_wrong),
        TEST(websocket_refuses_other_addresses),
        TEST(websocket_sends_the_credentials_of_the_address),
        TEST(websocket_does_not_use_a_proxy_of_the_environment),
        TEST(websocket_can_be_closed_from_within_its_callback),
        TEST(websocket_can_be_closed_at_any_step_without_a_call),
        TEST(websocket_opens_no_more_after_stop),
        TEST(websocket_over_tls_takes_a_trusted_certificate),
        TEST(websocket_over_tls_refuses_an_unknown_certificate),
        TEST(websocket_over_tls_refuses_a_certificate_for_another_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
