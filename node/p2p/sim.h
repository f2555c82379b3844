/* The simulator: the real core of the mesh (mesh.h, gossip.h, catchup.h, swarm.h), linked thousands
 * of times into one process, under virtual time.
 *
 * One heap of events, one seed: the same seed gives the same run to the byte. Links have a latency,
 * a rate and may lose their connection; nodes have a store in memory, a skewed clock, and may be
 * offline, dishonest or cut off. Signatures are a counted stub unless asked for. What comes out are
 * figures and assertions. */
#ifndef HT_P2P_SIM_H
#define HT_P2P_SIM_H

#include <jansson.h>

#include "node/p2p/mesh.h"

enum ht_sim_scenario {
    HT_SIM_GOSSIP,    /* events spread; offline share; catch-up closes the holes */
    HT_SIM_SYBIL,     /* a share of nodes is dishonest: lies about HAVE, withholds, floods, bad
                         signatures */
    HT_SIM_PARTITION, /* two halves, events in both, then they heal */
    HT_SIM_SKEW,      /* clocks off by up to 10 minutes */
    HT_SIM_SWARM,     /* a blob from its author to many */
    HT_SIM_TAIL,      /* two stores that differ by the newest share of events */
};

/* What runs on the wires of all but SWARM and TAIL. */
enum ht_sim_layer_kind {
    HT_SIM_LAYER_GOSSIP, /* gossip.h with its messages, links are there at once */
    HT_SIM_LAYER_MESH,   /* mesh.h: handshakes, records and all */
};

struct ht_sim_options {
    enum ht_sim_scenario scenario;
    enum ht_sim_layer_kind layer;
    uint64_t seed;
    unsigned nodes, degree, events;
    unsigned offline_percent, sybil_percent;
    unsigned latency_min_ms, latency_max_ms; /* 20, 150 */
    uint64_t blob_bytes, upload_bytes_per_s; /* of SWARM */
    unsigned store_events;                   /* of TAIL: 100000 */
    bool verifies;                           /* real signatures */
    int64_t (*cpu_us)(void *user); /* CPU time so far, for figures named "measured_…", which are not
                                      the same twice; NULL: none of them */
    void (*progress)(void *user, const char *line); /* or NULL */
    void *user;
};

#define HT_SIM_NODES_MAX 100000U

/* What a scenario is by itself: of the numbers, but fewer nodes where they do not matter.
 */
void ht_sim_defaults(struct ht_sim_options *out, enum ht_sim_scenario scenario);

/* Runs it. *out: {"scenario", "seed", "figures": {…}, "assertions": [{"name", "holds", "is",
 * "must_be": "at_most" | "at_least", "bound"}], "holds"}; a new reference. HT_OK even when an
 * assertion fails; HT_EINPUT "bad_nodes" and others named so, HT_ENOMEM. Runs for seconds to
 * minutes; any thread. */
enum ht_err ht_sim_run(json_t **out, const struct ht_sim_options *options,
                       struct ht_why *why) HT_MUST_USE;
/* "gossip", …; false: none is called so. */
bool ht_sim_scenario_of(enum ht_sim_scenario *out, const char *name);
const char *ht_sim_scenario_name(enum ht_sim_scenario scenario);

#endif
