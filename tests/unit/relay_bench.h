/* A relay with scripted connections: a store on disk, a loop, a pool, a writer and a reader. */
#ifndef HT_TESTS_RELAY_BENCH_H
#define HT_TESTS_RELAY_BENCH_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "node/codec/json.h"
#include "social/relay/relay.h"
#include "tests/unit/relay_event.h"

#define BENCH_URL "ws://127.0.0.1:8421"
#define BENCH_MESSAGES 4096U

/* One connection and what it was sent. */
struct bench_peer {
    struct ht_relay_peer *peer;
    char *messages[BENCH_MESSAGES];
    size_t count, read;
    bool is_hung_up, is_full, is_held;
    size_t waiting;
    char reason[80];
};

static struct {
    char dir[64], path[96];
    int64_t wall_ms, mono_ms;
    struct ht_loop *loop;
    struct ht_pool *pool;
    struct ht_writer *writer;
    struct ht_reader *reader;
    struct ht_policy *policy;
    struct ht_relay *relay;
    struct ht_host host;
    struct ht_clock clock;
    struct ht_timer tick;
    bool (*is_met)(void);
    unsigned turns;
} bench;

static inline bool bench_send(void *user, void *connection, ht_bytes text) {
    struct bench_peer *to = connection;
    (void)user;
    if (to->is_full || to->count == BENCH_MESSAGES) return false;
    char *copy = malloc(text.n + 1);
    assert_non_null(copy);
    memcpy(copy, text.p, text.n);
    copy[text.n] = 0;
    to->messages[to->count++] = copy;
    return true;
}

/* As a transport does that closes at once. */
static inline void bench_hang_up(void *user, void *connection, const char *reason) {
    struct bench_peer *to = connection;
    (void)user;
    to->is_hung_up = true;
    (void)snprintf(to->reason, sizeof to->reason, "%s", reason);
    if (to->peer != NULL) ht_relay_closed(to->peer);
    to->peer = NULL;
}

static inline size_t bench_waiting(void *user, void *connection) {
    const struct bench_peer *to = connection;
    (void)user;
    return to->waiting;
}

static inline void bench_hold(void *user, void *connection, bool is_held) {
    struct bench_peer *to = connection;
    (void)user;
    to->is_held = is_held;
}

static inline int64_t bench_wall(void *self) {
    (void)self;
    return bench.wall_ms;
}

static inline int64_t bench_mono(void *self) {
    (void)self;
    return bench.mono_ms;
}

static inline struct ht_relay_options bench_options(void) {
    return (struct ht_relay_options){
        .host = &bench.host,
        .writer = bench.writer,
        .reader = bench.reader,
        .policy = bench.policy,
        .io = {.send = bench_send,
               .hang_up = bench_hang_up,
               .waiting = bench_waiting,
               .hold = bench_hold},
        .url = BENCH_URL,
        .limits = {.limit_default = 500, .limit_max = 5000},
        .version = "1.2.3",
        .profile = {.name = "bench"},
    };
}

static inline int bench_start(void **state) {
    sqlite3 *db;
    (void)state;
    memset(&bench, 0, sizeof bench);
    bench.wall_ms = MAKER_TIME * 1000;
    bench.mono_ms = 1000000;
    bench.clock = (struct ht_clock){.wall_ms = bench_wall, .mono_ms = bench_mono};
    (void)snprintf(bench.dir, sizeof bench.dir, "/tmp/hearth-relay-XXXXXX");
    if (mkdtemp(bench.dir) == NULL) return -1;
    (void)snprintf(bench.path, sizeof bench.path, "%s/social.db", bench.dir);
    assert_int_equal(
        ht_db_open(&db, bench.path, ht_social_migrations, ht_social_migration_count, NULL), HT_OK);
    assert_int_equal(ht_loop_new(&bench.loop, &ht_system_clock, NULL), HT_OK);
    assert_int_equal(ht_pool_new(&bench.pool, bench.loop, 2, 64, NULL), HT_OK);
    assert_int_equal(ht_writer_new(&bench.writer, bench.loop, db, NULL), HT_OK);
    assert_int_equal(ht_reader_new(&bench.reader, bench.pool, bench.path, NULL), HT_OK);
    assert_int_equal(ht_policy_new(&bench.policy), HT_OK);
    ht_policy_settings(bench.policy)->write = HT_RANK_STRANGER;
    ht_policy_settings(bench.policy)->events_a_minute = 0;
    bench.host = (struct ht_host){
        .clock = &bench.clock, .random = &ht_system_random, .loop = bench.loop, .pool = bench.pool};
    struct ht_relay_options options = bench_options();
    assert_int_equal(ht_relay_new(&bench.relay, &options, NULL), HT_OK);
    return 0;
}

static inline int bench_end(void **state) {
    static const char *const suffixes[] = {"", "-wal", "-shm"};
    (void)state;
    ht_relay_stop(bench.relay);
    ht_reader_stop(bench.reader);
    ht_pool_free(bench.pool);
    ht_writer_free(bench.writer);
    ht_loop_drain(bench.loop);
    ht_relay_free(bench.relay);
    ht_reader_free(bench.reader);
    ht_loop_free(bench.loop);
    ht_policy_free(bench.policy);
    for (size_t i = 0; i < 3; i++) {
        char path[128];
        (void)snprintf(path, sizeof path, "%s%s", bench.path, suffixes[i]);
        (void)remove(path);
    }
    return rmdir(bench.dir);
}

/* --- the loop ----------------------------------------------------------------------------------*/

static inline void bench_tick(struct ht_timer *timer) {
    bool is_late = ++bench.turns > 10000;
    if (is_late || bench.is_met()) {
        ht_loop_stop(bench.loop);
        return;
    }
    ht_timer_set(bench.loop, timer, 1, bench_tick);
}

/* Runs the loop until the claim holds, at most some seconds. */
static inline void bench_until(bool (*is_met)(void)) {
    bench.is_met = is_met;
    bench.turns = 0;
    ht_timer_set(bench.loop, &bench.tick, 0, bench_tick);
    ht_loop_run(bench.loop);
    ht_timer_cancel(&bench.tick);
    if (!is_met()) fail_msg("%s", "it did not come about in time");
}

/* --- connections -------------------------------------------------------------------------------*/

static inline void bench_open(struct bench_peer *to) {
    memset(to, 0, sizeof *to);
    to->peer = ht_relay_opened(bench.relay, to, "127.0.0.1");
    assert_non_null(to->peer);
    /* The challenge. */
    assert_int_equal(to->count, 1);
    to->read = 1;
}

static inline void bench_close(struct bench_peer *to) {
    if (to->peer != NULL) ht_relay_closed(to->peer);
    to->peer = NULL;
    for (size_t i = 0; i < to->count; i++) free(to->messages[i]);
    to->count = to->read = 0;
}

static inline void bench_say(struct bench_peer *from, const char *text) {
    if (from->peer != NULL) ht_relay_received(from->peer, ht_bytes_str(text));
}

static struct {
    struct bench_peer *peer;
    size_t count;
} bench_wait;

static inline bool bench_has_come(void) {
    return bench_wait.peer->is_hung_up ||
           bench_wait.peer->count >= bench_wait.peer->read + bench_wait.count;
}

/* The next message; it waits for it. */
static inline const char *bench_next(struct bench_peer *to) {
    bench_wait.peer = to;
    bench_wait.count = 1;
    bench_until(bench_has_come);
    if (to->read == to->count) fail_msg("hung up: %s", to->reason);
    return to->messages[to->read++];
}

static inline void bench_expect(struct bench_peer *to, const char *start) {
    const char *got = bench_next(to);
    if (strncmp(got, start, strlen(start)) != 0) fail_msg("expected %s…, got %s", start, got);
}

/* Publishes and expects the OK to begin so. */
static inline void bench_publish(struct bench_peer *from, const struct bench_event *event,
                                 const char *ok) {
    char start[200];
    (void)snprintf(start, sizeof start, "[\"OK\",\"%s\",%s", event->id, ok);
    bench_say(from, event->message);
    bench_expect(from, start);
}

#endif
