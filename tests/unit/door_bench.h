/* A door of test_door*.c: on a loop in a thread, with a module that echoes. Every wait has a
 * deadline. */
#ifndef HT_TESTS_UNIT_DOOR_BENCH_H
#define HT_TESTS_UNIT_DOOR_BENCH_H

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
#include <time.h>
#include <unistd.h>

#include "node/base/log.h"
#include "node/loop/thread.h"
#include "node/p2p/door.h"

#define DEADLINE_S 20

struct bench {
    struct ht_loop *loop;
    struct ht_door *door;
    pthread_t thread;
    struct ht_door_conn *conns[64]; /* open ones; loop thread */
    unsigned opened, closed, drained, gone;
    bool turns_away;
    char address[64], origin[64];
    struct ht_door_http *asked; /* not answered */
    char path[256], query[128], header[128];
    struct ht_buf body;
    int file;
    uint64_t file_size;
};

static struct bench bench;

/* --- the module ------------------------------------------------------------------------------- */

static inline void *on_opened(void *self, struct ht_door_conn *conn,
                              const struct ht_door_caller *caller) {
    struct bench *b = self;
    if (b->turns_away) return NULL;
    (void)snprintf(b->address, sizeof b->address, "%s", caller->address);
    (void)snprintf(b->origin, sizeof b->origin, "%s", caller->origin);
    for (size_t i = 0; i < 64; i++) {
        if (b->conns[i] != NULL) continue;
        b->conns[i] = conn;
        b->opened++;
        assert_int_equal(ht_door_send(conn, ht_bytes_str("hello")), HT_OK);
        return &b->conns[i];
    }
    return NULL;
}

/* "flood N" is answered with N times 1000 bytes, "bye" with a hang-up, "hold" with silence;
 * anything else with itself. */
static inline void on_received(void *peer, ht_bytes text) {
    struct ht_door_conn *conn = *(struct ht_door_conn **)peer;
    char word[32] = "";
    (void)snprintf(word, sizeof word, "%.*s", (int)(text.n < 31 ? text.n : 31),
                   (const char *)text.p);
    unsigned n;
    if (sscanf(word, "flood %u", &n) == 1) {
        char chunk[1000];
        memset(chunk, 'x', sizeof chunk);
        enum ht_err err = HT_OK;
        for (unsigned i = 0; i < n && err == HT_OK; i++)
            err = ht_door_send(conn, ht_bytes_of(chunk, sizeof chunk));
        if (err != HT_OK) ht_door_hang_up(conn, "too slow");
    } else if (strcmp(word, "bye") == 0) {
        assert_int_equal(ht_door_send(conn, ht_bytes_str("lost")), HT_OK);
        ht_door_hang_up(conn, "as you wish");
        assert_int_equal(ht_door_send(conn, ht_bytes_str("lost")), HT_EDENIED);
    } else if (strcmp(word, "hold") == 0) {
        ht_door_set_reading(conn, false);
    } else {
        assert_int_equal(ht_door_send(conn, text), HT_OK);
    }
}

static inline void on_drained(void *peer) {
    (void)peer;
    bench.drained++;
}

static inline void on_closed(void *peer) {
    *(struct ht_door_conn **)peer = NULL;
    bench.closed++;
}

static inline json_t *information(void *self) {
    (void)self;
    return json_pack("{s:s}", "name", "bench");
}

static inline enum ht_err on_piece(void *user, ht_bytes piece) {
    struct bench *b = user;
    if (piece.n > 0 && piece.p[0] == '!') {
        b->asked = NULL;
        return HT_EINPUT;
    }
    return ht_buf_add(&b->body, piece);
}

static inline void on_whole(void *user) {
    struct bench *b = user;
    struct ht_door_http *http = b->asked;
    if (strcmp(b->path, "/later") == 0) return;
    b->asked = NULL;
    const struct ht_door_answer answer = {
        .status = 201, .type = "application/octet-stream", .body = ht_buf_view(&b->body)};
    ht_door_http_answer(http, &answer);
}

static inline void on_gone(void *user) {
    struct bench *b = user;
    b->asked = NULL;
    b->gone++;
}

static inline void note(char *out, size_t size, ht_bytes text) {
    (void)snprintf(out, size, "%.*s", (int)text.n, text.n > 0 ? (const char *)text.p : "");
}

/* /file gives the file; PUT /echo and /later read a body up to 300,000 bytes; /nothing forgets. */
static inline void on_http(void *self, struct ht_door_http *http) {
    struct bench *b = self;
    const struct ht_door_request *request = ht_door_http_request(http);
    note(b->path, sizeof b->path, request->path);
    note(b->query, sizeof b->query, request->query);
    note(b->header, sizeof b->header, request->sha256);
    if (strcmp(b->path, "/file") == 0) {
        const struct ht_door_answer answer = {.status = 200,
                                              .type = "image/png",
                                              .has_file = true,
                                              .file = dup(b->file),
                                              .file_size = b->file_size};
        ht_door_http_answer(http, &answer);
    } else if (strcmp(b->path, "/echo") == 0 || strcmp(b->path, "/later") == 0) {
        const struct ht_door_reader reader = {
            .piece = on_piece, .whole = on_whole, .gone = on_gone, .user = b};
        ht_buf_clear(&b->body);
        b->asked = http;
        enum ht_err err = ht_door_http_read(http, 300000, &reader);
        if (err != HT_OK) b->asked = NULL;
    } else if (strcmp(b->path, "/nothing") != 0) {
        ht_door_http_fail(http, 404, "there is no\r\nX-Evil: line");
    }
}

static const struct ht_module_door bench_module = {
    .opened = on_opened,
    .received = on_received,
    .drained = on_drained,
    .closed = on_closed,
    .information = information,
    .http = on_http,
};

/* --- life ------------------------------------------------------------------------------------- */

struct errand {
    struct ht_job job;
    void (*fn)(void);
    sem_t done;
};

static inline void run_errand(struct ht_job *job) {
    struct errand *e = (struct errand *)job;
    e->fn();
    sem_post(&e->done);
}

/* A piece of work for the loop thread, waited for. */
static inline void on_loop(void (*fn)(void)) {
    struct errand e = {.job = {.run = run_errand}, .fn = fn};
    assert_int_equal(sem_init(&e.done, 0, 0), 0);
    assert_int_equal(ht_loop_post(bench.loop, &e.job), HT_OK);
    while (sem_wait(&e.done) != 0) {
    }
    sem_destroy(&e.done);
}

static struct ht_door_counts counts;

static inline void read_counts(void) {
    counts = ht_door_counts(bench.door);
}

/* True as soon as the condition holds; gives up at the deadline. */
static inline bool wait_for(bool (*holds)(void)) {
    time_t end = time(NULL) + DEADLINE_S;
    do {
        on_loop(read_counts);
        if (holds()) return true;
        struct timespec pause = {.tv_nsec = 5000000};
        nanosleep(&pause, NULL);
    } while (time(NULL) < end);
    return false;
}

static inline void *run_loop(void *arg) {
    ht_loop_run(arg);
    return NULL;
}

static inline void start_bench(const struct ht_door_options *options) {
    struct ht_why why = {0};
    ht_log_set_level(HT_LOG_ERROR);
    bench = (struct bench){.file = -1};
    ht_buf_init(&bench.body, 400000);
    assert_int_equal(ht_loop_new(&bench.loop, &ht_system_clock, &why), HT_OK);
    enum ht_err err = ht_door_new(&bench.door, bench.loop, options, &why);
    if (err != HT_OK) fail_msg("ht_door_new: %s: %s", why.code, why.text);
    ht_door_serve(bench.door, &bench_module, &bench);
    assert_int_equal(ht_thread_start(&bench.thread, "test-loop", run_loop, bench.loop, &why),
                     HT_OK);
}

static inline void stop_bench(void) {
    ht_loop_stop(bench.loop);
    assert_int_equal(pthread_join(bench.thread, NULL), 0);
    ht_door_free(bench.door);
    assert_int_equal(bench.opened, bench.closed);
    assert_null(bench.asked);
    ht_loop_free(bench.loop);
    ht_buf_fini(&bench.body);
    if (bench.file >= 0) close(bench.file);
}

#endif
