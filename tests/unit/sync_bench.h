/* The sync driver on a bench: a chain of our own, scripted beacons, a wall clock that stands still
 * until a test moves it, and a loop that runs on the test's thread until a condition holds.
 *
 * The clock stands 20 ms before the moment in a slot at which the driver looks for news, so that
 * the driver's "once a slot" comes every 20 ms of real time: its ticks are counted, and waiting for
 * a number of them shows that nothing more happens. Monotonic time stands still too, so
 * that pauses end when a test says so. */
#ifndef HT_TESTS_SYNC_BENCH_H
#define HT_TESTS_SYNC_BENCH_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above */
#include <cmocka.h>

#include "node/l1/status.h"
#include "node/l1/sync.h"
#include "tests/unit/beacon.h"

#define HT_BENCH_BEACONS 3U

struct ht_bench {
    struct ht_lcb *chain;
    struct ht_beacon beacons[HT_BENCH_BEACONS];
    struct ht_clock clock;
    int64_t wall_ms;
    int64_t mono_ms;
    struct ht_loop *loop;
    struct ht_pool *pool;
    struct ht_http *http;
    struct ht_writer *writer;
    char dir[64];
    char path[96];
    bool keeps; /* what is verified, for others; before the start */
    struct ht_reader *reader;
    struct ht_light_kept *kept; /* NULL unless keeps */
    struct ht_sync *sync;
    struct ht_sync_options options; /* for the next start */
    const char *urls[HT_BENCH_BEACONS];
    uint64_t checkpoint_slot;
    ht_hash32 checkpoint_root;
    unsigned ticks; /* l1.status told */
    unsigned ticks_wanted;
    unsigned number; /* for the conditions of a test */
    bool (*is_met)(struct ht_bench *bench);
    struct ht_timer check;
    int64_t deadline_ms;
    bool is_late;
};

/* Setup and teardown for cmocka: three beacons that know nothing yet, all of them configured as
 * beacon providers, a quorum of two; the driver is not started. */
int ht_bench_new(void **state);
int ht_bench_free(void **state);

/* Moves the wall clock to a slot. */
void ht_bench_set_slot(struct ht_bench *bench, uint64_t slot);

/* Makes a beacon say what an honest one says in a slot: checkpoint and bootstrap of
 * checkpoint_slot, the best update of each period up to then, finality and head. */
void ht_bench_publish(struct ht_bench *bench, size_t beacon, uint64_t slot);
/* Head and finality alone. */
void ht_bench_publish_head(struct ht_bench *bench, size_t beacon, uint64_t slot);
/* The update signed in a slot of that kind. The caller frees it. */
struct ht_lc_object *ht_bench_latest(struct ht_bench *bench, enum ht_lc_kind kind, uint64_t slot);
/* The best update of a period as of a slot. The caller frees it. */
struct ht_lc_object *ht_bench_best(struct ht_bench *bench, uint64_t period, uint64_t slot);

/* Opens the database and starts the driver. */
void ht_bench_start(struct ht_bench *bench);
/* Ends the driver as the node does, keeping the database. */
void ht_bench_stop(struct ht_bench *bench);

/* Runs the loop until the condition holds; fails the test after a long time, saying `what`. */
void ht_bench_until(struct ht_bench *bench, bool (*is_met)(struct ht_bench *bench),
                    const char *what);
#define UNTIL(bench, is_met) ht_bench_until((bench), (is_met), #is_met)
/* Runs the loop until the driver has told its status so many times more. */
void ht_bench_ticks(struct ht_bench *bench, unsigned count);

/* For conditions and assertions. */
enum ht_sync_state ht_bench_state(struct ht_bench *bench, struct ht_why *why);
bool ht_bench_is_live(struct ht_bench *bench);
bool ht_bench_is_stale(struct ht_bench *bench);
bool ht_bench_is_offline(struct ht_bench *bench);
bool ht_bench_is_error(struct ht_bench *bench);
bool ht_bench_is_streaming(struct ht_bench *bench); /* to the first beacon */
const struct ht_provider *ht_bench_provider(struct ht_bench *bench, size_t beacon);
uint64_t ht_bench_head(struct ht_bench *bench);

#endif
