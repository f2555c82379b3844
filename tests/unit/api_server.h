/* The API server of test_server*.c: on a loop in a thread, with a few methods,
 * a topic and files. Every wait has a deadline. */
#ifndef HT_TESTS_UNIT_API_SERVER_H
#define HT_TESTS_UNIT_API_SERVER_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above */
#include <cmocka.h>

#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <zlib.h>

#include "node/api/server.h"
#include "node/base/log.h"
#include "node/loop/thread.h"

#define DEADLINE_S 20
#define TOKEN "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

static const char index_text[] = "<!doctype html><title>Hearth</title>";
static char script_text[100000];
static uint8_t index_gz[512];
static uint8_t script_gz[sizeof script_text];
static struct ht_asset assets[4];

struct server {
    struct ht_loop *loop;
    struct ht_api *api;
    pthread_t thread;
    uint16_t port;
    char host[32];
    char dir[32];
    char socket_path[64];
    int ticks;                      /* value of the topic test.tick; loop thread */
    struct ht_rpc_call *calls[200]; /* of test.later, not ended; loop thread */
    size_t call_count;
    struct ht_rpc_peer *peer; /* of the last test.watch, while it is there; loop thread */
    struct ht_rpc_watch watch;
    unsigned gone;
};

/* A piece of work for the loop thread, waited for. */
struct errand {
    struct ht_job job;
    void (*fn)(struct server *s);
    struct server *server;
    sem_t done;
};

static inline void run_errand(struct ht_job *job) {
    struct errand *e = (struct errand *)job;
    e->fn(e->server);
    sem_post(&e->done);
}

static inline void on_loop(struct server *s, void (*fn)(struct server *s)) {
    struct errand e = {.job = {.run = run_errand}, .fn = fn, .server = s};
    assert_int_equal(sem_init(&e.done, 0, 0), 0);
    assert_int_equal(ht_loop_post(s->loop, &e.job), HT_OK);
    while (sem_wait(&e.done) != 0) {
    }
    sem_destroy(&e.done);
}

static inline size_t gzip(uint8_t *out, size_t size, const char *text, size_t n) {
    z_stream z = {0};
    assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY), Z_OK);
    z.next_in = (z_const Bytef *)text;
    z.avail_in = (uInt)n;
    z.next_out = out;
    z.avail_out = (uInt)size;
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    size_t len = size - z.avail_out;
    deflateEnd(&z);
    return len;
}

static inline void make_assets(void) {
    uint32_t seed = 1; /* text that does not compress well, to need several writes */
    for (size_t i = 0; i < sizeof script_text; i++) {
        seed = seed * 1664525 + 1013904223;
        script_text[i] = (char)(' ' + (seed >> 24) % 95);
    }
    size_t n = gzip(index_gz, sizeof index_gz, index_text, sizeof index_text - 1);
    assets[0] = (struct ht_asset){"/index.html", "text/html; charset=utf-8", index_gz, n, false};
    n = gzip(script_gz, sizeof script_gz, script_text, sizeof script_text);
    assets[1] = (struct ht_asset){"/assets/app-1a2b.js", "text/javascript; charset=utf-8",
                                  script_gz, n, true};
    assets[2] = (struct ht_asset){"/eth/provider.js", "text/javascript; charset=utf-8", script_gz,
                                  n, false};
}

static inline enum ht_err echo(void *self, json_t **result, const json_t *params,
                               struct ht_why *why) {
    (void)self;
    (void)why;
    *result = json_pack("{s:O}", "params", params);
    return *result != NULL ? HT_OK : HT_ENOMEM;
}

static inline enum ht_err big(void *self, json_t **result, const json_t *params,
                              struct ht_why *why) {
    (void)self;
    (void)params;
    (void)why;
    static char text[100001];
    memset(text, 'x', sizeof text - 1);
    *result = json_pack("{s:s}", "text", text);
    return *result != NULL ? HT_OK : HT_ENOMEM;
}

static inline void later(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct server *s = self;
    (void)params;
    assert_true(s->call_count < sizeof s->calls / sizeof *s->calls);
    s->calls[s->call_count++] = call;
}

/* Ends the calls that wait, the newest first. */
static inline void end_calls(struct server *s) {
    while (s->call_count > 0) {
        int n = (int)--s->call_count;
        ht_rpc_finish(s->calls[n], json_pack("{s:i}", "n", n));
    }
}

static inline enum ht_err list(void *self, json_t **result, const json_t *params,
                               struct ht_why *why) {
    (void)self;
    (void)params;
    (void)why;
    *result = json_pack("[s]", "any");
    return *result != NULL ? HT_OK : HT_ENOMEM;
}

static inline void on_gone(struct ht_rpc_watch *watch) {
    struct server *s = (struct server *)((char *)watch - offsetof(struct server, watch));
    s->peer = NULL;
    s->gone++;
}

/* For one websocket at a time. */
static inline void watch(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct server *s = self;
    (void)params;
    s->peer = ht_rpc_call_peer(call);
    s->watch.on_gone = on_gone;
    if (s->peer != NULL) ht_rpc_watch(s->peer, &s->watch);
    ht_rpc_finish(call, json_pack("{s:b}", "watched", s->peer != NULL));
}

static inline void tell_origin(void *self, struct ht_rpc_call *call, const json_t *params) {
    (void)self;
    (void)params;
    ht_rpc_finish(call, json_pack("{s:s?}", "origin", ht_rpc_call_origin(call)));
}

static inline enum ht_err get_tick(void *self, json_t **value, struct ht_why *why) {
    (void)why;
    *value = json_pack("{s:i}", "tick", ((const struct server *)self)->ticks);
    return *value != NULL ? HT_OK : HT_ENOMEM;
}

static const struct ht_rpc_method test_methods[] = {
    {.name = "test.echo", .fn = echo},
    {.name = "test.big", .fn = big},
    {.name = "test.later", .start = later},
    {.name = "test.list", .fn = list},
    {.name = "test.watch", .start = watch},
    {.name = "test.origin", .start = tell_origin},
    {.name = "test.patient", .start = later, .is_patient = true},
};

static inline void *run_loop(void *arg) {
    ht_loop_run(arg);
    return NULL;
}

static inline void start_with(struct server *s, struct ht_api_options options) {
    struct ht_why why = {0};
    ht_log_set_level(HT_LOG_ERROR);
    make_assets();
    *s = (struct server){0};
    (void)snprintf(s->dir, sizeof s->dir, "/tmp/hearth-api-XXXXXX");
    assert_non_null(mkdtemp(s->dir));
    (void)snprintf(s->socket_path, sizeof s->socket_path, "%s/node.sock", s->dir);
    assert_int_equal(ht_loop_new(&s->loop, &ht_system_clock, &why), HT_OK);
    options.unix_socket_path = s->socket_path;
    options.token = TOKEN;
    options.assets = assets;
    options.network = "devnet";
    options.version = "0.1.0";
    enum ht_err err = ht_api_new(&s->api, s->loop, &options, &why);
    if (err != HT_OK) fail_msg("ht_api_new: %s: %s", why.code, why.text);
    assert_int_equal(ht_api_add_methods(s->api, test_methods, 7, s), HT_OK);
    assert_int_equal(ht_rpc_add_methods(ht_api_ethereum(s->api), test_methods, 7, s), HT_OK);
    assert_int_equal(ht_api_add_topic(s->api, "test.tick", get_tick, s), HT_OK);
    unsigned port;
    assert_int_equal(sscanf(ht_api_url(s->api), "http://127.0.0.1:%u/#token=" TOKEN, &port), 1);
    s->port = (uint16_t)port;
    (void)snprintf(s->host, sizeof s->host, "127.0.0.1:%u", port);
    assert_int_equal(ht_thread_start(&s->thread, "test-loop", run_loop, s->loop, &why), HT_OK);
}

static inline void start_server(struct server *s) {
    start_with(s, (struct ht_api_options){0});
}

static inline void stop_server(struct server *s) {
    ht_loop_stop(s->loop);
    assert_int_equal(pthread_join(s->thread, NULL), 0);
    ht_api_free(s->api);
    end_calls(s);
    ht_loop_free(s->loop);
    assert_int_not_equal(access(s->socket_path, F_OK), 0);
    assert_int_equal(rmdir(s->dir), 0);
}

static struct ht_api_counts counts_now;

static inline void read_counts(struct server *s) {
    counts_now = ht_api_counts(s->api);
}

/* True as soon as the condition holds; gives up at the deadline. */
static inline bool wait_for(struct server *s, bool (*holds)(const struct ht_api_counts *counts)) {
    time_t end = time(NULL) + DEADLINE_S;
    do {
        on_loop(s, read_counts);
        if (holds(&counts_now)) return true;
        struct timespec pause = {.tv_nsec = 5000000};
        nanosleep(&pause, NULL);
    } while (time(NULL) < end);
    return false;
}

#endif
