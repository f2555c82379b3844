/* Events spread among honest and other nodes: the phases of a run, and what is asserted of it. */
#include "node/p2p/sim_spread.h"

#include <stdio.h>

#include "node/p2p/sim_catchup.h"
#include "node/p2p/sim_net.h"
#include "node/p2p/sim_sybil.h"

#define SECOND_US INT64_C(1000000)
#define SETTLE_US (10 * SECOND_US) /* for handshakes, and for the last event to get everywhere */
#define GAP_US SECOND_US           /* between events: far apart, so that nothing is batched */
#define CATCHUP_US (5 * SECOND_US) /* in which all begin to catch up */
#define REPAIR_US (50 * SECOND_US) /* in which they are done, and silent ones given up */
#define MILLION UINT64_C(1000000)

/* What the issue asks for. */
#define BYTES_MAX 2600U
#define P99_MAX_MS 1000U
#define COVERAGE_MIN_PPM 999900U
#define CORE_MAX_PPM 500000U
#define SKEW_MAX_MS INT64_C(600000)

/* What a node's work costs, on the high side: a signature, and reading a message. */
#define VERIFY_US 100U
#define MESSAGE_US 20U

struct run {
    struct ht_sim_net net;
    struct ht_sim_report *report;
    const struct ht_sim_options *options;
    int64_t cpu_begin_us;
    uint64_t bytes_begin, bytes_end, bytes_most, honest; /* honest and online */
};

static void say(const struct run *run, const char *line) {
    if (run->options->progress != NULL) run->options->progress(run->options->user, line);
}

static bool is_counted(const struct ht_sim_node *node) {
    return node->is_online && node->vice == HT_SIM_HONEST;
}

static uint64_t sum_bytes(const struct run *run) {
    uint64_t sum = 0;
    for (unsigned i = 0; i < run->options->nodes; i++) {
        if (is_counted(&run->net.nodes[i])) sum += ht_sim_node_bytes_in(&run->net.nodes[i]);
    }
    return sum;
}

static void run_for(struct run *run, int64_t us) {
    ht_sim_run_until(&run->net.world, run->net.world.now_us + us);
}

/* --- phases ----------------------------------------------------------------------------------- */

static void switch_off(struct run *run) {
    unsigned wanted =
        (unsigned)((uint64_t)run->options->nodes * run->options->offline_percent / 100);
    for (unsigned done = 0; done < wanted;) {
        struct ht_sim_node *node =
            &run->net.nodes[ht_sim_below(&run->net.world, run->options->nodes)];
        if (!node->is_online) continue;
        ht_sim_net_set_online(node, false);
        done++;
    }
}

static void switch_on(struct run *run) {
    for (unsigned i = 0; i < run->options->nodes; i++) {
        struct ht_sim_node *node = &run->net.nodes[i];
        if (node->is_online) continue;
        ht_sim_net_set_online(node, true);
        for (unsigned k = 0; k < run->options->degree; k++) {
            (void)ht_sim_net_dial(node, ht_sim_net_other(node));
        }
    }
}

static struct ht_sim_node *choose_author(struct run *run) {
    for (;;) {
        struct ht_sim_node *node =
            &run->net.nodes[ht_sim_below(&run->net.world, run->options->nodes)];
        if (is_counted(node)) return node;
    }
}

static void publish_all(struct run *run) {
    run->bytes_begin = sum_bytes(run);
    for (unsigned i = 0; i < run->options->events; i++) {
        if (ht_sim_net_publish(choose_author(run)) == NULL) run->net.world.is_failed = true;
        run_for(run, GAP_US);
    }
    run_for(run, SETTLE_US);
    run->bytes_end = sum_bytes(run);
}

/* Ends with all of them having all, or something is wrong. */
static void catch_up(struct run *run) {
    uint64_t is, of;
    uint64_t before = sum_bytes(run);
    ht_sim_catchup_all(&run->net, CATCHUP_US);
    run_for(run, CATCHUP_US + REPAIR_US);
    ht_sim_net_coverage(&run->net, &is, &of);
    struct ht_sim_catchup_sums sums = ht_sim_catchup_sums(&run->net);
    ht_sim_figure(run->report, "catchup_sessions", sums.sessions);
    ht_sim_figure(run->report, "catchup_sessions_finished", sums.finished);
    ht_sim_figure(run->report, "catchup_events", sums.taken);
    ht_sim_figure(run->report, "catchup_bytes_in_per_node",
                  (sum_bytes(run) - before) / run->options->nodes);
    ht_sim_at_least(run->report, "coverage_after_catchup_ppm", is * MILLION / of, MILLION);
}

/* --- figures ---------------------------------------------------------------------------------- */

static void report_gossip(struct run *run) {
    struct ht_gossip_counts sum = {0};
    for (unsigned i = 0; i < run->options->nodes; i++) {
        if (!is_counted(&run->net.nodes[i])) continue;
        struct ht_gossip_counts one = ht_gossip_counts(run->net.nodes[i].gossip);
        sum.received += one.received;
        sum.announced += one.announced;
        sum.asked += one.asked;
        sum.asked_again += one.asked_again;
        sum.duplicates += one.duplicates;
        run->honest++;
    }
    uint64_t pieces = run->honest * run->options->events;
    ht_sim_figure(run->report, "honest_online", run->honest);
    ht_sim_figure(run->report, "copies_in_permille", sum.received * 1000 / pieces);
    ht_sim_figure(run->report, "announced_permille", sum.announced * 1000 / pieces);
    ht_sim_figure(run->report, "asked_permille", sum.asked * 1000 / pieces);
    ht_sim_figure(run->report, "asked_again", sum.asked_again);
    ht_sim_figure(run->report, "p50_ms", ht_sim_net_delay(&run->net, 500));
    ht_sim_figure(run->report, "p99_ms", ht_sim_net_delay(&run->net, 990));
}

static uint64_t coverage_ppm(const struct run *run) {
    uint64_t is, of;
    ht_sim_net_coverage(&run->net, &is, &of);
    return of == 0 ? 0 : is * MILLION / of;
}

static uint64_t bytes_per_event(const struct run *run) {
    return (run->bytes_end - run->bytes_begin) / (run->honest * run->options->events);
}

/* The busiest honest node, by what a signature and a message cost at most. */
static void report_cost(struct run *run) {
    uint64_t most_us = 0, vainly = 0;
    for (unsigned i = 0; i < run->options->nodes; i++) {
        const struct ht_sim_node *node = &run->net.nodes[i];
        if (!is_counted(node)) continue;
        uint64_t us = node->verified * VERIFY_US + ht_sim_node_messages_in(node) * MESSAGE_US;
        if (us > most_us) most_us = us;
        if (node->verified_vainly > vainly) vainly = node->verified_vainly;
    }
    ht_sim_figure(run->report, "verified_vainly_most", vainly);
    ht_sim_at_most(run->report, "core_of_busiest_ppm",
                   most_us * MILLION / (uint64_t)run->net.world.now_us, CORE_MAX_PPM);
    ht_sim_figure(run->report, "calls", run->net.world.done);
    ht_sim_figure(run->report, "virtual_ms", (uint64_t)run->net.world.now_us / 1000);
    if (run->options->cpu_us == NULL) return;
    uint64_t spent_us = (uint64_t)(run->options->cpu_us(run->options->user) - run->cpu_begin_us);
    ht_sim_figure(run->report, "measured_cpu_ms", spent_us / 1000);
    ht_sim_figure(run->report, "measured_core_of_mean_ppm",
                  spent_us * MILLION / (uint64_t)run->net.world.now_us / run->options->nodes);
}

/* --- scenarios -------------------------------------------------------------------------------- */

static void spread(struct run *run) {
    say(run, "links");
    ht_sim_net_weave(&run->net, run->options->degree, NULL);
    run_for(run, SETTLE_US);
    switch_off(run);
    say(run, "events");
    publish_all(run);
    report_gossip(run);
    ht_sim_at_most(run->report, "bytes_in_per_event", bytes_per_event(run), BYTES_MAX);
    ht_sim_at_most(run->report, "delay_p99_ms", ht_sim_net_delay(&run->net, 990), P99_MAX_MS);
    ht_sim_at_least(run->report, "coverage_ppm", coverage_ppm(run), COVERAGE_MIN_PPM);
    say(run, "catch-up");
    switch_on(run);
    run_for(run, SETTLE_US);
    catch_up(run);
}

static bool is_same_half(unsigned one, unsigned other) {
    return one % 2 == other % 2;
}

static void part(struct run *run) {
    say(run, "two halves");
    ht_sim_net_weave(&run->net, run->options->degree, is_same_half);
    run_for(run, SETTLE_US);
    publish_all(run);
    report_gossip(run);
    ht_sim_at_most(run->report, "coverage_apart_ppm", coverage_ppm(run), MILLION / 2);
    ht_sim_at_least(run->report, "coverage_of_own_half_ppm", coverage_ppm(run) * 2,
                    COVERAGE_MIN_PPM);
    say(run, "healed");
    /* A tenth of the nodes finds somebody of the other half, and asks what it has missed as soon as
     * they know each other. */
    for (unsigned i = 0; i < run->options->nodes; i += 10) {
        struct ht_sim_node *node = &run->net.nodes[i];
        struct ht_sim_node *other = ht_sim_net_other(node);
        while (is_same_half(node->index, other->index)) other = ht_sim_net_other(node);
        (void)ht_sim_net_dial(node, other);
    }
    run_for(run, SETTLE_US);
    for (struct ht_sim_pair *pair = run->net.pairs; pair != NULL; pair = pair->next) {
        if (is_same_half(pair->links[0].node->index, pair->links[1].node->index)) continue;
        ht_sim_catchup_begin(&pair->links[0]);
    }
    run_for(run, REPAIR_US);
    ht_sim_figure(run->report, "coverage_healed_ppm", coverage_ppm(run));
    catch_up(run);
}

/* Links from honest nodes to such with that vice that are still there. */
static uint64_t count_kept(const struct run *run, enum ht_sim_vice vice) {
    uint64_t kept = 0;
    for (const struct ht_sim_pair *pair = run->net.pairs; pair != NULL; pair = pair->next) {
        for (unsigned side = 0; side < 2; side++) {
            const struct ht_sim_link *link = &pair->links[side];
            kept +=
                link->is_up && link->node->vice == HT_SIM_HONEST && link->other->node->vice == vice;
        }
    }
    return kept;
}

static void report_vices(struct run *run) {
    static const char *const names[HT_SIM_VICES] = {"",       "liars",   "withholders",
                                                    "floods", "forgers", "replayers"};
    for (unsigned vice = 1; vice < HT_SIM_VICES; vice++) {
        char name[64];
        uint64_t kept = count_kept(run, (enum ht_sim_vice)vice), drops = run->net.drops[vice];
        (void)snprintf(name, sizeof name, "%s_dropped", names[vice]);
        ht_sim_figure(run->report, name, drops);
        (void)snprintf(name, sizeof name, "%s_let_go_ppm", names[vice]);
        if (drops + kept == 0) continue;
        ht_sim_at_least(run->report, name, drops * MILLION / (drops + kept), 950000);
    }
}

/* Why peers were let go, by what it was called; honest ones should not be. */
static void report_faults(struct run *run) {
    uint64_t honest = 0;
    for (unsigned kind = 0; kind < HT_SIM_FAULTS; kind++) {
        const char *fault = ht_peer_fault_name((enum ht_peer_fault_kind)kind);
        char name[64];
        (void)snprintf(name, sizeof name, "named_%s", fault);
        if (run->net.named[kind] > 0) ht_sim_figure(run->report, name, run->net.named[kind]);
        (void)snprintf(name, sizeof name, "honest_named_%s", fault);
        honest += run->net.wronged[kind];
        if (run->net.wronged[kind] > 0) ht_sim_figure(run->report, name, run->net.wronged[kind]);
    }
    ht_sim_at_most(run->report, "honest_dropped", honest, 0);
}

static void besiege(struct run *run) {
    run->net.redials = true;
    ht_sim_sybil_assign(&run->net, run->options->sybil_percent);
    say(run, "links to honest and others");
    ht_sim_net_weave(&run->net, run->options->degree, NULL);
    run_for(run, SETTLE_US);
    publish_all(run);
    report_gossip(run);
    ht_sim_figure(run->report, "bytes_in_per_event", bytes_per_event(run));
    ht_sim_figure(run->report, "coverage_of_gossip_ppm", coverage_ppm(run));
    say(run, "catch-up");
    catch_up(run);
    report_vices(run);
}

static void skew(struct run *run) {
    for (unsigned i = 0; i < run->options->nodes; i++) {
        run->net.nodes[i].skewed.skew_ms =
            (int64_t)ht_sim_below(&run->net.world, (uint64_t)SKEW_MAX_MS + 1) - SKEW_MAX_MS / 2;
    }
    spread(run);
}

enum ht_err ht_sim_spread(struct ht_sim_report *report, const struct ht_sim_options *options,
                          struct ht_why *why) {
    struct run run = {.report = report, .options = options};
    if (options->cpu_us != NULL) run.cpu_begin_us = options->cpu_us(options->user);
    enum ht_err err = ht_sim_net_init(&run.net, options, why);
    if (err == HT_OK) {
        switch (options->scenario) {
        case HT_SIM_GOSSIP: spread(&run); break;
        case HT_SIM_SYBIL: besiege(&run); break;
        case HT_SIM_PARTITION: part(&run); break;
        case HT_SIM_SKEW: skew(&run); break;
        case HT_SIM_SWARM:
        case HT_SIM_TAIL: err = HT_EBUG; break;
        }
    }
    if (err == HT_OK) {
        report_faults(&run);
        report_cost(&run);
    }
    if (err == HT_OK && run.net.world.is_failed) err = HT_ENOMEM;
    if (err == HT_OK) err = run.net.failed;
    ht_sim_net_fini(&run.net);
    return err == HT_OK ? HT_OK : ht_fail(why, err, "sim_failed", "the run failed");
}
