/* A door with TLS, links and requests to it, on one loop; the node's keys in a folder of the test.
 */
#ifndef HT_TESTS_UNIT_PEER_TLS_BENCH_H
#define HT_TESTS_UNIT_PEER_TLS_BENCH_H

#include <stdio.h>
#include <stdlib.h>

#include "node/base/log.h"
#include "node/net/http.h"
#include "node/p2p/dial.h"
#include "node/p2p/door.h"
#include "node/p2p/node_key.h"
#include "tests/unit/socks_server.h"

static char folder[128];
static struct ht_node_key key;
static struct ht_loop *loop;
static struct ht_pool *pool;
static struct ht_http *http;
static struct ht_links *links;
static struct ht_door *door;
static struct ht_door_conn *conn;
static struct ht_timer deadline;
static unsigned arrived, requests, opened, received, closed, answered;
static enum ht_err closed_err;
static char channel[80], caller_address[64], closed_code[32], authorization[128], last[64];
static size_t received_bytes;
static struct ht_http_answer answer;
static bool (*is_done)(void);

static inline void check(void) {
    if (is_done != NULL && is_done()) ht_loop_stop(loop);
}

/* --- the door --------------------------------------------------------------------------------- */

static inline void *on_arrived(void *self, struct ht_door_conn *one,
                               const struct ht_door_caller *caller) {
    arrived++;
    conn = one;
    (void)snprintf(channel, sizeof channel, "%s", caller->channel);
    (void)snprintf(caller_address, sizeof caller_address, "%s", caller->address);
    return self;
}

static inline void on_asked(void *peer, ht_bytes text) {
    (void)peer;
    assert_int_equal(ht_door_send(conn, text), HT_OK);
}

static inline void on_request(void *self, struct ht_door_http *one) {
    (void)self;
    const struct ht_door_request *request = ht_door_http_request(one);
    static const char text[] = "hello";
    requests++;
    (void)snprintf(authorization, sizeof authorization, "%.*s", (int)request->authorization.n,
                   (const char *)request->authorization.p);
    const struct ht_door_answer to = {
        .status = 200, .type = "text/plain", .body = ht_bytes_str(text)};
    ht_door_http_answer(one, &to);
}

static const struct ht_module_door module = {
    .opened = on_arrived, .received = on_asked, .http = on_request};

static inline struct ht_door *open_door(const struct ht_door_options *options) {
    struct ht_door *one = NULL;
    static int self;
    assert_int_equal(ht_door_new(&one, loop, options, NULL), HT_OK);
    ht_door_serve(one, &module, &self);
    return one;
}

static inline struct ht_door_options tls_options(void) {
    return (struct ht_door_options){.key_path = key.key_path,
                                    .certificate_path = key.certificate_path};
}

static inline void open_tls_door(void) {
    const struct ht_door_options options = tls_options();
    door = open_door(&options);
}

/* --- links and requests ----------------------------------------------------------------------- */

static inline void on_opened(void *user, struct ht_link *link) {
    (void)user;
    (void)link;
    opened++;
    check();
}

static inline void on_received(void *user, struct ht_link *link, ht_bytes message) {
    (void)user;
    (void)link;
    received++;
    received_bytes += message.n;
    (void)snprintf(last, sizeof last, "%.*s", (int)(message.n < 60 ? message.n : 60),
                   (const char *)message.p);
    check();
}

static inline void on_closed(void *user, struct ht_link *link, enum ht_err err,
                             const struct ht_why *why) {
    (void)user;
    (void)link;
    closed++;
    closed_err = err;
    (void)snprintf(closed_code, sizeof closed_code, "%s", why->code);
    check();
}

static const struct ht_link_handler handler = {
    .opened = on_opened, .received = on_received, .closed = on_closed};

static inline void on_answer(void *user, const struct ht_http_answer *one) {
    (void)user;
    answered++;
    answer = *one;
    (void)snprintf(last, sizeof last, "%.*s", (int)(one->body.n < 60 ? one->body.n : 60),
                   (const char *)one->body.p);
    check();
}

static inline void late(struct ht_timer *timer) {
    ht_loop_stop(timer->loop);
}

static inline void run_until(bool (*done)(void)) {
    is_done = done;
    ht_timer_set(loop, &deadline, 20000, late);
    if (!done()) ht_loop_run(loop);
    ht_timer_cancel(&deadline);
    is_done = NULL;
    assert_true(done());
}

static inline bool has_received(void) {
    return received > 0;
}

static inline bool has_closed(void) {
    return closed > 0;
}

static inline bool has_answer(void) {
    return answered > 0;
}

static inline struct ht_link *dial(const char *scheme, const char *host, unsigned port,
                                   const ht_hash32 *pin, const char *socks) {
    char url[128];
    struct ht_link *link = NULL;
    (void)snprintf(url, sizeof url, "%s://%s:%u", scheme, host, port);
    const struct ht_link_options options = {.url = url,
                                            .is_named = true,
                                            .is_kept = true,
                                            .pin = pin,
                                            .socks = socks,
                                            .handler = &handler};
    assert_int_equal(ht_link_open(&link, links, &options, NULL), HT_OK);
    return link;
}

static inline void say_hello(struct ht_link *link) {
    assert_int_equal(ht_link_send(link, ht_bytes_str("hello")), HT_OK);
    run_until(has_received);
    assert_string_equal(last, "hello");
}

static inline void assert_closed(enum ht_err err, const char *code) {
    run_until(has_closed);
    if (closed_err != err || strcmp(closed_code, code) != 0)
        fail_msg("expected %s, got %s", code, closed_code);
    assert_int_equal(opened, 0);
    assert_int_equal(arrived, 0);
}

static void ask(const char *scheme, const char *host, unsigned port, const ht_hash32 *pin,
                const char *bearer, const char *socks) {
    char url[128];
    struct ht_http_request *request = NULL;
    (void)snprintf(url, sizeof url, "%s://%s:%u/chunk", scheme, host, port);
    const struct ht_http_options options = {.url = url,
                                            .max_bytes = 1000,
                                            .timeout_ms = 15000,
                                            .pin = pin,
                                            .bearer = bearer,
                                            .socks = socks};
    answered = 0;
    assert_int_equal(ht_http_start(&request, http, &options, on_answer, NULL, NULL), HT_OK);
    run_until(has_answer);
}

static inline ht_hash32 another(const ht_hash32 *pin) {
    ht_hash32 other = *pin;
    other.b[31] ^= 1;
    return other;
}

/* --- life ------------------------------------------------------------------------------------- */

static inline int make_folder(void **state) {
    (void)state;
    const char *base = getenv("TMPDIR");
    (void)snprintf(folder, sizeof folder, "%s/peer_tls.XXXXXX", base != NULL ? base : "/tmp");
    if (mkdtemp(folder) == NULL) return -1;
    return ht_node_key_open(&key, folder, &ht_system_random, NULL) == HT_OK ? 0 : -1;
}

static inline int remove_folder(void **state) {
    (void)state;
    static const char *const names[] = {"peer/node.key", "peer/tls.key", "peer/tls.crt",
                                        "peer/old.crt",  "peer",         ""};
    char path[256];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        (void)remove(path);
    }
    return 0;
}

static inline int start(void **state) {
    (void)state;
    ht_log_set_level(HT_LOG_WARN);
    arrived = requests = opened = received = closed = answered = 0;
    received_bytes = 0;
    door = NULL;
    assert_int_equal(ht_loop_new(&loop, &ht_system_clock, NULL), HT_OK);
    assert_int_equal(ht_pool_new(&pool, loop, 1, 8, NULL), HT_OK);
    assert_int_equal(ht_http_new(&http, loop, "test", NULL), HT_OK);
    assert_int_equal(ht_links_new(&links, loop, pool, &ht_system_random), HT_OK);
    return 0;
}

static inline int end(void **state) {
    (void)state;
    ht_links_stop(links);
    ht_http_free(http);
    ht_pool_free(pool);
    ht_loop_drain(loop);
    ht_links_free(links);
    ht_door_free(door);
    ht_loop_free(loop);
    return 0;
}

#endif
