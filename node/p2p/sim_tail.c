/* Two stores that differ by the newest share of events: one side of a link was away. The real
 * session of catchup.h over the real trees, against a relay that has all. */
#include "node/p2p/sim_tail.h"

#include <stdio.h>
#include <stdlib.h>

#include "node/base/hex.h"
#include "node/p2p/catchup.h"
#include "node/p2p/sim_relay.h"
#include "node/p2p/sim_world.h"

#define SPAN_S INT64_C(5184000) /* over which events are spread: 60 days */
#define BYTES_MAX 75000U
#define CPU_MAX_MS 300U
#define TIMEOUT_US INT64_C(120000000)
#define RATE_BYTES_PER_S 1250000U

struct tail {
    const struct ht_sim_options *options;
    struct ht_sim_world world;
    struct ht_sim_clock clock_of;
    struct ht_clock clock;
    struct ht_sim_wire wire;
    struct ht_neg_item *items; /* of all, by time */
    size_t count, lacking;
    struct ht_fp_tree *all, *ours;
    struct ht_sim_relay *relay;
    struct ht_catchup *catchup;
    uint64_t taken;
    int64_t first_us, done_us; /* when the first event came, and it was done; -1: not yet */
    int64_t tick_us;           /* when it is to be called */
    bool is_failed;
};

/* --- the relay -------------------------------------------------------------------------------- */

/* An id ends with its event's number. */
static bool find(const struct tail *tail, size_t *out, const uint8_t id[static 32]) {
    size_t i = ht_read_u32_le(id + 28);
    if (i >= tail->count || memcmp(tail->items[i].id.b, id, 32) != 0) return false;
    *out = i;
    return true;
}

static bool json(void *user, struct ht_buf *out, const uint8_t id[static 32]) {
    const struct tail *tail = user;
    char hex[HT_HEX_SIZE(32)], text[900];
    size_t i;
    if (!find(tail, &i, id)) return false;
    ht_hex_write(hex, ht_bytes_of(id, 32));
    int n = snprintf(text, sizeof text,
                     "{\"id\":\"%s\",\"pubkey\":\"%s\",\"created_at\":%llu,\"kind\":1,\"tags\":[],"
                     "\"content\":\"%0440u\",\"sig\":\"%s%s\"}",
                     hex + 2, hex + 2, (unsigned long long)tail->items[i].created_at, 0U, hex + 2,
                     hex + 2);
    return n > 0 && ht_buf_add(out, ht_bytes_of(text, (size_t)n)) == HT_OK;
}

static enum ht_err list(void *user, struct ht_buf *items, int64_t since, int64_t until) {
    const struct tail *tail = user;
    enum ht_err err = HT_OK;
    for (size_t i = 0; i < tail->count && err == HT_OK; i++) {
        int64_t at = (int64_t)tail->items[i].created_at;
        if (at < since || at > until) continue;
        err = ht_buf_add(items, ht_bytes_of(&tail->items[i], sizeof *tail->items));
    }
    return err;
}

static void answer(void *user, ht_bytes text) {
    struct tail *tail = user;
    (void)ht_sim_wire_send(&tail->wire, 1, text, NULL);
}

static void relay_received(void *user, ht_bytes text, const void *shared) {
    struct tail *tail = user;
    (void)shared;
    ht_sim_relay_received(tail->relay, text);
}

/* --- the client ------------------------------------------------------------------------------- */

static bool send(void *user, ht_bytes text) {
    struct tail *tail = user;
    return ht_sim_wire_send(&tail->wire, 0, text, NULL);
}

static void take(void *user, ht_bytes event_json) {
    struct tail *tail = user;
    struct ht_event event;
    struct ht_arena arena;
    size_t i;
    bool is_new = false;
    ht_arena_init(&arena, HT_EVENT_ARENA(event_json.n));
    if (ht_event_read(&event, &arena, event_json, NULL) != HT_OK || !find(tail, &i, event.id.b) ||
        ht_fp_tree_insert(&is_new, tail->ours, &tail->items[i]) != HT_OK) {
        tail->is_failed = true;
    }
    ht_arena_fini(&arena);
    tail->taken += is_new;
    if (tail->first_us < 0) tail->first_us = tail->world.now_us;
}

static void offer(void *user, const ht_hash32 *id) {
    struct tail *tail = user;
    (void)id;
    tail->is_failed = true; /* it has nothing that the other lacks */
}

static void done(void *user, enum ht_err err, const struct ht_why *why) {
    struct tail *tail = user;
    (void)why;
    tail->done_us = tail->world.now_us;
    if (err != HT_OK) tail->is_failed = true;
}

static void plan(struct tail *tail);

static void tick(void *user, void *what) {
    struct tail *tail = user;
    (void)what;
    if (tail->tick_us == tail->world.now_us) plan(tail);
}

/* Calls it, and plans the next call, which may be sooner than was said before. */
static void plan(struct tail *tail) {
    int64_t due_ms = tail->done_us < 0 ? ht_catchup_tick(tail->catchup) : -1;
    tail->tick_us = INT64_MAX;
    if (due_ms < 0 || tail->done_us >= 0) return;
    tail->tick_us = tail->world.now_us + (due_ms > 0 ? due_ms : 1) * 1000;
    ht_sim_at(&tail->world, tail->tick_us, tick, tail, NULL);
}

static void client_received(void *user, ht_bytes text, const void *shared) {
    struct tail *tail = user;
    (void)shared;
    if (ht_catchup_received(tail->catchup, text)) plan(tail);
}

/* --- a run ------------------------------------------------------------------------------------ */

static enum ht_err fill(struct tail *tail, struct ht_why *why) {
    tail->count = tail->options->store_events;
    tail->lacking = tail->count / 100;
    tail->items = calloc(tail->count, sizeof *tail->items);
    if (tail->items == NULL) return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
    for (size_t i = 0; i < tail->count; i++) {
        int64_t age_s = SPAN_S * (int64_t)(tail->count - i) / (int64_t)tail->count;
        tail->items[i].created_at = (uint64_t)(HT_SIM_WALL_MS / 1000 - age_s);
        ht_random_fill(&tail->world.random, tail->items[i].id.b, 28);
        ht_write_u32_le(tail->items[i].id.b + 28, (uint32_t)i);
    }
    /* A tree sorts what it is given, where the items have their places by number. */
    struct ht_neg_item *copy = malloc(tail->count * sizeof *copy);
    if (copy == NULL) return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
    enum ht_err err = ht_fp_tree_new(&tail->all);
    if (err == HT_OK) err = ht_fp_tree_new(&tail->ours);
    memcpy(copy, tail->items, tail->count * sizeof *copy);
    if (err == HT_OK) err = ht_fp_tree_fill(tail->all, copy, tail->count, why);
    memcpy(copy, tail->items, tail->count * sizeof *copy);
    if (err == HT_OK) {
        err = ht_fp_tree_fill(tail->ours, copy, tail->count - tail->lacking, why);
    }
    free(copy);
    return err;
}

static enum ht_err start(struct tail *tail, struct ht_why *why) {
    const struct ht_sim_shelf shelf = {
        .list = list, .json = json, .send = answer, .tree = tail->all, .user = tail};
    tail->wire = (struct ht_sim_wire){.world = &tail->world,
                                      .ends = {{.received = client_received, .user = tail},
                                               {.received = relay_received, .user = tail}},
                                      .latency_us = (int64_t)tail->options->latency_max_ms * 1000,
                                      .bytes_per_s = RATE_BYTES_PER_S};
    ht_sim_wire_join(&tail->wire);
    json_t *filter = json_object();
    tail->relay = ht_sim_relay_new(&shelf);
    const struct ht_catchup_options options = {
        .clock = &tail->clock,
        .name = "tail",
        .filter = filter,
        .ours = tail->ours,
        .offers = true,
        .io = {.send = send, .take = take, .offer = offer, .done = done, .user = tail}};
    enum ht_err err = filter == NULL || tail->relay == NULL
                          ? ht_fail(why, HT_ENOMEM, "no_memory", "out of memory")
                          : ht_catchup_new(&tail->catchup, &options, why);
    json_decref(filter);
    if (err != HT_OK) return err;
    ht_catchup_begin(tail->catchup);
    plan(tail);
    return HT_OK;
}

static void end(struct tail *tail) {
    if (tail->wire.world != NULL) ht_sim_wire_cut(&tail->wire);
    ht_sim_world_fini(&tail->world);
    if (tail->catchup != NULL) ht_catchup_free(tail->catchup);
    ht_sim_relay_free(tail->relay);
    ht_fp_tree_free(tail->all);
    ht_fp_tree_free(tail->ours);
    free(tail->items);
}

static void report_all(struct ht_sim_report *report, const struct tail *tail, int64_t cpu_us) {
    struct ht_sim_relay_counts counts = ht_sim_relay_counts(tail->relay);
    uint64_t bytes = counts.neg_in + counts.neg_out;
    ht_sim_figure(report, "store_events", tail->count);
    ht_sim_figure(report, "lacking", tail->lacking);
    ht_sim_figure(report, "rounds", counts.rounds);
    ht_sim_figure(report, "neg_bytes_in", counts.neg_out);
    ht_sim_figure(report, "neg_bytes_out", counts.neg_in);
    ht_sim_figure(report, "neg_bytes_per_id_permille", bytes * 1000 / tail->lacking);
    ht_sim_figure(report, "req_bytes_out", counts.req_in);
    ht_sim_figure(report, "first_event_ms",
                  tail->first_us < 0 ? 0 : (uint64_t)tail->first_us / 1000);
    ht_sim_figure(report, "done_ms", (uint64_t)tail->done_us / 1000);
    ht_sim_at_least(report, "events_taken", tail->taken, tail->lacking);
    if (tail->count <= 100000) ht_sim_at_most(report, "sync_tail_bytes", bytes, BYTES_MAX);
    if (tail->options->cpu_us == NULL) return;
    ht_sim_figure(report, "measured_cpu_us", (uint64_t)cpu_us);
    ht_sim_at_most(report, "measured_cpu_ms", (uint64_t)cpu_us / 1000, CPU_MAX_MS);
}

static int64_t cpu_of(const struct ht_sim_options *options) {
    return options->cpu_us == NULL ? 0 : options->cpu_us(options->user);
}

enum ht_err ht_sim_tail(struct ht_sim_report *report, const struct ht_sim_options *options,
                        struct ht_why *why) {
    struct tail tail = {.options = options, .first_us = -1, .done_us = -1};
    ht_sim_world_init(&tail.world, options->seed);
    tail.clock_of.world = &tail.world;
    tail.clock = ht_sim_clock_of(&tail.clock_of);
    enum ht_err err = fill(&tail, why);
    int64_t begin_us = cpu_of(options);
    if (err == HT_OK) err = start(&tail, why);
    while (err == HT_OK && tail.done_us < 0 && tail.world.now_us < TIMEOUT_US) {
        ht_sim_run_until(&tail.world, tail.world.now_us + 1000000);
    }
    if (err == HT_OK && (tail.done_us < 0 || tail.is_failed || tail.world.is_failed)) {
        err = ht_fail(why, HT_EBUG, "sim_failed", "the session did not end well");
    }
    if (err == HT_OK) report_all(report, &tail, cpu_of(options) - begin_us);
    end(&tail);
    return err;
}
