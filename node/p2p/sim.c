/* The simulator's front: names, defaults, bounds, and which file runs what. */
#include "node/p2p/sim.h"

#include <string.h>

#include "node/p2p/sim_events.h"
#include "node/p2p/sim_report.h"
#include "node/p2p/sim_spread.h"
#include "node/p2p/sim_swarm.h"
#include "node/p2p/sim_tail.h"

static const char *const names[] = {
    [HT_SIM_GOSSIP] = "gossip", [HT_SIM_SYBIL] = "sybil", [HT_SIM_PARTITION] = "partition",
    [HT_SIM_SKEW] = "skew",     [HT_SIM_SWARM] = "swarm", [HT_SIM_TAIL] = "tail",
};

bool ht_sim_scenario_of(enum ht_sim_scenario *out, const char *name) {
    for (unsigned i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(names[i], name) != 0) continue;
        *out = (enum ht_sim_scenario)i;
        return true;
    }
    return false;
}

const char *ht_sim_scenario_name(enum ht_sim_scenario scenario) {
    return names[scenario];
}

void ht_sim_defaults(struct ht_sim_options *out, enum ht_sim_scenario scenario) {
    *out = (struct ht_sim_options){.scenario = scenario,
                                   .seed = 1,
                                   .nodes = 1000,
                                   .degree = HT_GOSSIP_LINKS,
                                   .events = 20,
                                   .latency_min_ms = 20,
                                   .latency_max_ms = 150,
                                   .blob_bytes = UINT64_C(100) << 20,
                                   .upload_bytes_per_s = UINT64_C(1) << 20,
                                   .store_events = 100000};
    if (scenario == HT_SIM_GOSSIP) out->nodes = 10000;
    if (scenario == HT_SIM_SYBIL) out->sybil_percent = 30;
    if (scenario == HT_SIM_SWARM) out->nodes = 20;
}

static enum ht_err check(const struct ht_sim_options *options, struct ht_why *why) {
    if (options->scenario == HT_SIM_TAIL) {
        if (options->store_events >= 1000 && options->store_events <= 900000) return HT_OK;
        return ht_fail(why, HT_EINPUT, "bad_events", "a store has 1,000 to 900,000 events");
    }
    if (options->scenario == HT_SIM_SWARM) {
        if (options->nodes < 1 || options->nodes > 60) {
            return ht_fail(why, HT_EINPUT, "bad_nodes", "1 to 60 peers share a blob");
        }
        if (options->blob_bytes >= 1 << 16 && options->blob_bytes <= UINT64_C(1) << 30 &&
            options->upload_bytes_per_s >= 1024) {
            return HT_OK;
        }
        return ht_fail(why, HT_EINPUT, "bad_blob", "a blob has 64 KiB to 1 GiB");
    }
    if (options->nodes < 20 || options->nodes > HT_SIM_NODES_MAX) {
        return ht_fail(why, HT_EINPUT, "bad_nodes", "20 to %u nodes can be simulated",
                       HT_SIM_NODES_MAX);
    }
    if (options->events < 1 || options->events > HT_SIM_EVENTS_MAX) {
        return ht_fail(why, HT_EINPUT, "bad_events", "1 to %u events can be published",
                       HT_SIM_EVENTS_MAX);
    }
    if (options->degree < 2 || options->degree > 16) {
        return ht_fail(why, HT_EINPUT, "bad_degree", "a node has 2 to 16 links");
    }
    if (options->offline_percent > 80 || options->sybil_percent > 80) {
        return ht_fail(why, HT_EINPUT, "bad_share", "at most 80 of 100 nodes");
    }
    if (options->latency_min_ms > options->latency_max_ms || options->latency_max_ms > 10000) {
        return ht_fail(why, HT_EINPUT, "bad_latency", "a latency is 0 to 10,000 ms");
    }
    return HT_OK;
}

enum ht_err ht_sim_run(json_t **out, const struct ht_sim_options *options, struct ht_why *why) {
    struct ht_sim_report report;
    enum ht_err err = check(options, why);
    if (err != HT_OK) return err;
    ht_sim_report_init(&report);
    switch (options->scenario) {
    case HT_SIM_GOSSIP:
    case HT_SIM_SYBIL:
    case HT_SIM_PARTITION:
    case HT_SIM_SKEW: err = ht_sim_spread(&report, options, why); break;
    case HT_SIM_SWARM: err = ht_sim_swarm(&report, options, why); break;
    case HT_SIM_TAIL: err = ht_sim_tail(&report, options, why); break;
    }
    if (err == HT_OK) {
        *out = ht_sim_report_take(&report, names[options->scenario], options->seed);
        if (*out == NULL) err = ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
    }
    ht_sim_report_fini(&report);
    return err;
}
