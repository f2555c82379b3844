/* Peer to peer in the simulator: what an event costs a node and how long it takes to all of them,
 * what is missed with a fifth of the nodes away, what a tail of missed events costs, and how much
 * sooner a blob is everywhere by swarm. Nothing here is the machine's speed but "cpu_ms": the
 * floors are a model's of the same network (facts, 4.3), and for the blob its author alone. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "node/p2p/sim.h"
#include "tests/bench/bench.h"

#define NODES 10000U
#define FEW_NODES 100U

/* The model: 780 bytes an event, 70 an announcement, 10,000 nodes with 8 links, 20 to 150 ms. */
#define MODEL_BYTES 2535.0
#define MODEL_P99_MS 839.0
#define MODEL_COVERAGE 0.99997
#define TAIL_BYTES_PER_ID 68.0

static int64_t cpu_us(void *user) {
    struct timespec now;
    (void)user;
    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* NULL, after a line on standard error, when it cannot run. */
static json_t *run(enum ht_sim_scenario scenario, unsigned nodes, unsigned offline_percent) {
    struct ht_sim_options options;
    struct ht_why why = {0};
    json_t *report = NULL;
    ht_sim_defaults(&options, scenario);
    if (nodes > 0) options.nodes = nodes;
    options.offline_percent = offline_percent;
    options.cpu_us = cpu_us;
    if (ht_sim_run(&report, &options, &why) != HT_OK) fprintf(stderr, "p2p: %s\n", why.text);
    return report;
}

/* A figure, or what an assertion is about. */
static double number_of(const json_t *report, const char *name) {
    const json_t *one = json_object_get(json_object_get(report, "figures"), name);
    if (one != NULL) return (double)json_integer_value(one);
    size_t i;
    json_array_foreach(json_object_get(report, "assertions"), i, one) {
        if (strcmp(json_string_value(json_object_get(one, "name")), name) == 0) {
            return (double)json_integer_value(json_object_get(one, "is"));
        }
    }
    return 0;
}

static void print(const char *name, double ours, const char *unit, double floor, const char *more) {
    printf("{\"bench\":\"%s\",\"ours\":%.5g,\"unit\":\"%s\",\"floor\":%.5g,\"ratio\":%.3f%s}\n",
           name, ours, unit, floor, ours / floor, more);
    (void)fflush(stdout);
}

static bool gossip(void) {
    char more[200];
    json_t *few = run(HT_SIM_GOSSIP, FEW_NODES, 0), *all = run(HT_SIM_GOSSIP, NODES, 0);
    if (few != NULL && all != NULL) {
        (void)snprintf(more, sizeof more,
                       ",\"nodes\":%u,\"bound\":2600,\"with_100_nodes\":%.0f,\"cpu_ms\":%.0f",
                       NODES, number_of(few, "bytes_in_per_event"),
                       number_of(all, "measured_cpu_ms"));
        print("gossip_bytes_per_event", number_of(all, "bytes_in_per_event"), "B", MODEL_BYTES,
              more);
        (void)snprintf(more, sizeof more, ",\"nodes\":%u,\"bound\":1000,\"p50_ms\":%.0f", NODES,
                       number_of(all, "p50_ms"));
        print("gossip_p99_ms", number_of(all, "p99_ms"), "ms", MODEL_P99_MS, more);
    }
    bool is_good = few != NULL && all != NULL;
    json_decref(few);
    json_decref(all);
    return is_good;
}

static bool coverage(void) {
    char more[200];
    json_t *report = run(HT_SIM_GOSSIP, NODES, 20);
    if (report == NULL) return false;
    (void)snprintf(more, sizeof more,
                   ",\"nodes\":%u,\"offline\":0.2,\"bound\":0.9999,\"after_catchup\":%.6g,"
                   "\"p99_ms\":%.0f",
                   NODES, number_of(report, "coverage_after_catchup_ppm") / 1e6,
                   number_of(report, "p99_ms"));
    print("gossip_coverage", number_of(report, "coverage_ppm") / 1e6, "share", MODEL_COVERAGE,
          more);
    json_decref(report);
    return true;
}

static bool tail(void) {
    char more[200];
    json_t *report = run(HT_SIM_TAIL, 0, 0);
    if (report == NULL) return false;
    double lacking = number_of(report, "lacking");
    (void)snprintf(more, sizeof more,
                   ",\"store\":%.0f,\"lacking\":%.0f,\"bound\":75000,\"rounds\":%.0f,"
                   "\"cpu_ms\":%.1f,\"cpu_bound_ms\":300,\"virtual_ms\":%.0f",
                   number_of(report, "store_events"), lacking, number_of(report, "rounds"),
                   number_of(report, "measured_cpu_us") / 1e3, number_of(report, "done_ms"));
    print("sync_tail_bytes", number_of(report, "sync_tail_bytes"), "B", lacking * TAIL_BYTES_PER_ID,
          more);
    json_decref(report);
    return true;
}

static bool swarm(void) {
    char more[200];
    json_t *report = run(HT_SIM_SWARM, 0, 0);
    if (report == NULL) return false;
    (void)snprintf(more, sizeof more,
                   ",\"peers\":%.0f,\"blob\":%.0f,\"bound_least\":5,\"swarm_s\":%.1f,"
                   "\"alone_s\":%.1f,\"late_comer_s\":%.1f",
                   number_of(report, "peers"), number_of(report, "blob_bytes"),
                   number_of(report, "swarm_last_ms") / 1e3,
                   number_of(report, "alone_last_ms") / 1e3,
                   number_of(report, "late_comer_ms") / 1e3);
    print("blob_swarm_speedup", number_of(report, "speedup_permille") / 1e3, "times", 1, more);
    json_decref(report);
    return true;
}

static bool run_all(const char *fixtures_dir) {
    (void)fixtures_dir;
    return gossip() && coverage() && tail() && swarm();
}

const struct ht_bench_group ht_bench_p2p = {.name = "p2p", .run = run_all};
