#include "tests/unit/sync_bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "node/base/log.h"
#include "node/l1/light_kept_sql.h"

#define PERIOD HT_LCB_PERIOD
#define DEADLINE_MS 30000
#define BEFORE_LOOK_MS 20

/* --- clock ------------------------------------------------------------------------------------ */

static int64_t wall_ms(void *self) {
    return ((struct ht_bench *)self)->wall_ms;
}

static int64_t mono_ms(void *self) {
    return ((struct ht_bench *)self)->mono_ms;
}

static void fill_zero(void *self, uint8_t *out, size_t n) {
    (void)self;
    memset(out, 0, n);
}

static const struct ht_random no_random = {.fill = fill_zero};

void ht_bench_set_slot(struct ht_bench *bench, uint64_t slot) {
    const struct ht_network *net = &bench->chain->network;
    bench->wall_ms =
        ht_slot_start_ms(net, slot) + (int64_t)net->slot_duration_ms / 3 - BEFORE_LOOK_MS;
}

/* --- chain ------------------------------------------------------------------------------------ */

struct ht_lc_object *ht_bench_latest(struct ht_bench *bench, enum ht_lc_kind kind, uint64_t slot) {
    struct ht_lcb_plan plan = {.kind = kind, .attested_slot = slot - 1};
    if (kind == HT_LC_FINALITY_UPDATE) {
        plan.has_finality = true;
        plan.finalized_slot = (slot - 1) / 8 * 8 - 8;
    }
    return ht_lcb_update(bench->chain, &plan);
}

struct ht_lc_object *ht_bench_best(struct ht_bench *bench, uint64_t period, uint64_t slot) {
    bool is_past = slot >= period * PERIOD + 52;
    struct ht_lcb_plan plan = {.kind = HT_LC_UPDATE,
                               .attested_slot = is_past ? period * PERIOD + 50 : slot - 1,
                               .finalized_slot = period * PERIOD + (is_past ? 40 : 1),
                               .has_finality = true,
                               .has_next_committee = true};
    return ht_lcb_update(bench->chain, &plan);
}

void ht_bench_publish_head(struct ht_bench *bench, size_t beacon, uint64_t slot) {
    struct ht_lc_object *object = ht_bench_latest(bench, HT_LC_FINALITY_UPDATE, slot);
    ht_beacon_give(&bench->beacons[beacon], HT_BEACON_FINALITY, bench->chain, object);
    free(object);
    object = ht_bench_latest(bench, HT_LC_OPTIMISTIC_UPDATE, slot);
    ht_beacon_give(&bench->beacons[beacon], HT_BEACON_OPTIMISTIC, bench->chain, object);
    free(object);
}

void ht_bench_publish(struct ht_bench *bench, size_t beacon, uint64_t slot) {
    struct ht_beacon *to = &bench->beacons[beacon];
    struct ht_lc_object *object = ht_lcb_bootstrap(bench->chain, bench->checkpoint_slot);
    ht_beacon_give_checkpoint(to, bench->checkpoint_slot / 8, &bench->checkpoint_root);
    ht_beacon_give(to, HT_BEACON_BOOTSTRAP, bench->chain, object);
    free(object);
    for (uint64_t period = bench->checkpoint_slot / PERIOD; period <= slot / PERIOD; period++) {
        if (slot < period * PERIOD + 3) break;
        object = ht_bench_best(bench, period, slot);
        ht_beacon_give_update(to, period, bench->chain, object);
        free(object);
    }
    ht_beacon_answer(to, HT_BEACON_UPDATES, HT_BEACON_DEFAULT, "", (ht_bytes){NULL, 0});
    ht_bench_publish_head(bench, beacon, slot);
}

/* --- life ------------------------------------------------------------------------------------- */

static void on_change(void *user, const char *topic) {
    struct ht_bench *bench = user;
    if (strcmp(topic, "l1.status") == 0) bench->ticks++;
}

int ht_bench_new(void **state) {
    struct ht_bench *bench = calloc(1, sizeof *bench);
    assert_non_null(bench);
    ht_log_set_level(HT_LOG_ERROR);
    bench->chain = ht_lcb_new_at(11, HT_ELECTRA, HT_ELECTRA);
    bench->chain->network.slot_duration_ms = 3000;
    bench->clock = (struct ht_clock){.wall_ms = wall_ms, .mono_ms = mono_ms, .self = bench};
    bench->mono_ms = 1000000;
    bench->checkpoint_slot = 8;
    struct ht_lc_object *bootstrap = ht_lcb_bootstrap(bench->chain, bench->checkpoint_slot);
    ht_lcb_root(&bench->checkpoint_root, &bootstrap->bootstrap.header);
    free(bootstrap);
    for (size_t i = 0; i < HT_BENCH_BEACONS; i++) {
        ht_beacon_start(&bench->beacons[i]);
        bench->urls[i] = bench->beacons[i].url;
    }
    bench->options = (struct ht_sync_options){.network = &bench->chain->network,
                                              .beacon_urls = bench->urls,
                                              .beacon_count = HT_BENCH_BEACONS,
                                              .checkpoint_quorum = 2};
    (void)snprintf(bench->dir, sizeof bench->dir, "/tmp/ht_sync.XXXXXX");
    assert_non_null(mkdtemp(bench->dir));
    (void)snprintf(bench->path, sizeof bench->path, "%s/hearth.db", bench->dir);
    assert_int_equal(ht_loop_new(&bench->loop, &ht_system_clock, NULL), HT_OK);
    assert_int_equal(ht_http_new(&bench->http, bench->loop, "hearth-test", NULL), HT_OK);
    *state = bench;
    return 0;
}

void ht_bench_start(struct ht_bench *bench) {
    sqlite3 *db = NULL, *reader = NULL;
    struct ht_why why = {.code = "", .text = ""};
    struct ht_sync_host host = {.loop = bench->loop,
                                .http = bench->http,
                                .clock = &bench->clock,
                                .random = &no_random,
                                .on_change = on_change,
                                .user = bench};
    struct ht_migration migrations[8];
    size_t count = 0;
    for (size_t i = 0; i < ht_sync_migration_count; i++)
        migrations[count++] = ht_sync_migrations[i];
    for (size_t i = 0; i < ht_light_kept_migration_count; i++) {
        migrations[count++] = ht_light_kept_migrations[i];
    }
    assert_int_equal(ht_db_open(&db, bench->path, migrations, count, NULL), HT_OK);
    assert_int_equal(ht_writer_new(&bench->writer, bench->loop, db, NULL), HT_OK);
    assert_int_equal(ht_db_open_reader(&reader, bench->path, NULL), HT_OK);
    assert_int_equal(ht_pool_new(&bench->pool, bench->loop, 1, 8, NULL), HT_OK);
    host.pool = bench->pool;
    host.writer = bench->writer;
    if (bench->keeps) {
        assert_int_equal(ht_reader_new(&bench->reader, bench->pool, bench->path, NULL), HT_OK);
        assert_int_equal(ht_light_kept_new(&bench->kept, &bench->chain->network, bench->writer,
                                           bench->reader, reader, NULL),
                         HT_OK);
        host.kept = bench->kept;
    }
    if (ht_sync_new(&bench->sync, &host, &bench->options, reader, &why) != HT_OK) {
        fail_msg("%s: %s", why.code, why.text);
    }
    ht_db_close(reader);
    ht_sync_start(bench->sync);
}

void ht_bench_stop(struct ht_bench *bench) {
    if (bench->sync == NULL) return;
    ht_sync_stop(bench->sync);
    ht_reader_stop(bench->reader);
    ht_pool_free(bench->pool);
    ht_loop_drain(bench->loop);
    ht_reader_free(bench->reader);
    bench->reader = NULL;
    ht_writer_free(bench->writer);
    ht_loop_drain(bench->loop);
    ht_sync_free(bench->sync);
    bench->sync = NULL;
    ht_light_kept_free(bench->kept);
    bench->kept = NULL;
}

int ht_bench_free(void **state) {
    static const char *const ends[] = {"", "-wal", "-shm", "-journal"};
    struct ht_bench *bench = *state;
    ht_bench_stop(bench);
    ht_http_free(bench->http);
    ht_loop_free(bench->loop);
    for (size_t i = 0; i < HT_BENCH_BEACONS; i++) ht_beacon_stop(&bench->beacons[i]);
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        char path[128];
        (void)snprintf(path, sizeof path, "%s%s", bench->path, ends[i]);
        (void)unlink(path);
    }
    assert_int_equal(rmdir(bench->dir), 0);
    ht_lcb_free(bench->chain);
    free(bench);
    return 0;
}

/* --- waiting ---------------------------------------------------------------------------------- */

static void check_condition(struct ht_timer *timer) {
    struct ht_bench *bench = (struct ht_bench *)((char *)timer - offsetof(struct ht_bench, check));
    bool is_met = bench->is_met(bench);
    bench->is_late = !is_met && ht_mono_ms(&ht_system_clock) > bench->deadline_ms;
    if (is_met || bench->is_late) {
        ht_loop_stop(bench->loop);
    } else {
        ht_timer_set(bench->loop, timer, 1, check_condition);
    }
}

void ht_bench_until(struct ht_bench *bench, bool (*is_met)(struct ht_bench *), const char *what) {
    bench->is_met = is_met;
    bench->deadline_ms = ht_mono_ms(&ht_system_clock) + DEADLINE_MS;
    ht_timer_set(bench->loop, &bench->check, 0, check_condition);
    ht_loop_run(bench->loop);
    if (!bench->is_late) return;
    struct ht_why why = {.code = "", .text = ""};
    enum ht_sync_state state = ht_bench_state(bench, &why);
    fail_msg("waited in vain: %s; %s (%s: %s), step %d, head %llu", what, ht_sync_state_name(state),
             why.code, why.text, (int)ht_sync_step(bench->sync),
             (unsigned long long)ht_bench_head(bench));
}

static bool has_ticked(struct ht_bench *bench) {
    return bench->ticks >= bench->ticks_wanted;
}

void ht_bench_ticks(struct ht_bench *bench, unsigned count) {
    bench->ticks_wanted = bench->ticks + count;
    UNTIL(bench, has_ticked);
}

enum ht_sync_state ht_bench_state(struct ht_bench *bench, struct ht_why *why) {
    struct ht_why unused;
    return ht_sync_state(bench->sync, why != NULL ? why : &unused);
}

bool ht_bench_is_live(struct ht_bench *bench) {
    return ht_bench_state(bench, NULL) == HT_SYNC_LIVE;
}

bool ht_bench_is_stale(struct ht_bench *bench) {
    return ht_bench_state(bench, NULL) == HT_SYNC_STALE;
}

bool ht_bench_is_offline(struct ht_bench *bench) {
    return ht_bench_state(bench, NULL) == HT_SYNC_OFFLINE;
}

bool ht_bench_is_error(struct ht_bench *bench) {
    return ht_bench_state(bench, NULL) == HT_SYNC_ERROR;
}

bool ht_bench_is_streaming(struct ht_bench *bench) {
    return ht_beacon_streams(&bench->beacons[0]) > 0;
}

const struct ht_provider *ht_bench_provider(struct ht_bench *bench, size_t beacon) {
    const struct ht_providers *providers = ht_sync_providers(bench->sync);
    for (size_t i = 0; i < providers->count; i++) {
        const struct ht_provider *one = &providers->list[i];
        if (strcmp(one->url, bench->urls[beacon]) == 0 && one->kind == HT_PROVIDER_BEACON) {
            return one;
        }
    }
    fail_msg("no such provider");
    return NULL;
}

uint64_t ht_bench_head(struct ht_bench *bench) {
    return ht_sync_view(bench->sync)->optimistic.beacon.slot;
}
