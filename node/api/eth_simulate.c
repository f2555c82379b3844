/* eth_simulateV1: its parameters, its run, its end. */
#include "node/api/eth_simulate.h"

#include <stdlib.h>

#include "node/api/eth_params.h"
#include "node/api/eth_simulate_json.h"

#define REQUEST_MAX ((size_t)32 << 20)
#define ROUND_MAX ((size_t)64 << 20) /* what one round leaves */
#define NOT_PROVEN (-32004)          /* EIP-1474 */

struct simulating {
    struct ht_run run; /* first */
    const struct ht_eth *eth;
    struct ht_rpc_call *call;
    struct ht_arena arena; /* the request */
    struct ht_eth_sim_request request;
    /* What work leaves, anew in each round. */
    struct ht_arena round;
    struct ht_eth_sim_refusal refusal;
    json_t *result; /* an array */
};

static enum ht_err out_of_time(struct ht_why *why) {
    return ht_fail(why, HT_ELIMIT, "evm_time", "the simulation takes too long");
}

/* --- work ------------------------------------------------------------------------------------- */

static enum ht_err add_block(struct simulating *simulating, const struct ht_eth_sim_done *done,
                             struct ht_why *why) {
    json_t *block = ht_eth_sim_block_json(done, simulating->request.has_full_transactions);
    if (json_array_append_new(simulating->result, block) == 0) return HT_OK;
    return ht_eth_no_memory(why);
}

static enum ht_err run_blocks(struct simulating *simulating, struct ht_eth_sim *sim,
                              const struct ht_eth_sim_block *blocks, size_t count,
                              struct ht_why *why) {
    const struct ht_evm_limits *limits = &sim->place->limits;
    enum ht_err err = HT_OK;
    for (size_t i = 0; i < count && err == HT_OK && simulating->refusal.number == 0; i++) {
        struct ht_eth_sim_done done;
        if (limits->is_over != NULL && limits->is_over(limits->user)) return out_of_time(why);
        err = ht_eth_sim_block(&done, sim, &blocks[i], why);
        if (err == HT_OK && simulating->refusal.number == 0 && simulating->run.facts.missing == 0) {
            err = add_block(simulating, &done, why);
        }
    }
    if (err != HT_OK || simulating->run.facts.missing == 0) return err;
    return ht_fail(why, HT_EAGAIN, "missing", "state that has to be proven first");
}

static enum ht_err work(struct ht_run *run, const struct ht_run_place *place, struct ht_why *why) {
    struct simulating *simulating = (struct simulating *)run;
    struct ht_eth_sim_block *blocks = NULL;
    size_t count = 0;
    json_decref(simulating->result);
    simulating->result = json_array();
    simulating->refusal = (struct ht_eth_sim_refusal){.number = 0};
    ht_arena_fini(&simulating->round);
    struct ht_eth_sim *sim = ht_arena_alloc(&simulating->round, sizeof *sim);
    if (sim == NULL || simulating->result == NULL) return ht_eth_no_memory(why);
    const struct ht_exec_header *base = &run->header.header;
    enum ht_err err = ht_eth_sim_lay_out(&blocks, &count, &simulating->refusal, &simulating->round,
                                         &simulating->request, base->number, base->timestamp, why);
    if (err != HT_OK || simulating->refusal.number != 0) return err;
    err = ht_eth_sim_begin(sim, run, place, &simulating->request, &simulating->round,
                           &simulating->refusal);
    if (err == HT_OK) err = run_blocks(simulating, sim, blocks, count, why);
    ht_eth_sim_end(sim);
    return err;
}

/* --- the end ---------------------------------------------------------------------------------- */

static void free_simulating(struct simulating *simulating) {
    ht_run_fini(&simulating->run);
    ht_arena_fini(&simulating->arena);
    ht_arena_fini(&simulating->round);
    json_decref(simulating->result);
    free(simulating);
}

/* Whether nobody could prove what it needs. */
static bool is_unproven(const struct ht_run *run) {
    static const char *const codes[] = {"too_many_rounds", "too_much_state", "run_time",
                                        "fork_not_run", "sibling_not_proven"};
    if (run->err == HT_ENET) return run->questions > 0;
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        if (strcmp(run->why.code, codes[i]) == 0) return true;
    }
    return false;
}

static void ended(struct ht_run *run) {
    struct simulating *simulating = (struct simulating *)run;
    if (run->err == HT_OK) {
        run->err = ht_eth_check_read(simulating->eth, run->is_final, &run->why);
    }
    if (run->err != HT_OK) {
        const struct ht_rpc_refusal refusal = {
            .err = run->err, .why = &run->why, .number = is_unproven(run) ? NOT_PROVEN : 0};
        ht_rpc_refuse_with(simulating->call, &refusal);
    } else if (simulating->refusal.number != 0) {
        const struct ht_rpc_refusal refusal = {.err = HT_EDENIED,
                                               .why = &simulating->refusal.why,
                                               .number = simulating->refusal.number};
        ht_rpc_refuse_with(simulating->call, &refusal);
    } else {
        const struct ht_eth_place place = {&run->header, run->is_final, run->source};
        ht_eth_finish(simulating->eth, simulating->call, simulating->result, &place);
        simulating->result = NULL;
    }
    free_simulating(simulating);
}

static enum ht_err read_params(struct simulating *simulating, const json_t *params,
                               struct ht_why *why) {
    enum ht_err err = ht_eth_take_params(params, 1, 2, why);
    if (err != HT_OK) return err;
    err = ht_eth_sim_read(&simulating->request, &simulating->arena, json_array_get(params, 0), why);
    if (err != HT_OK) {
        ht_why_context(why, "invalid argument 0");
        return err;
    }
    return ht_eth_read_block(&simulating->run.block, params, 1, true, why);
}

void ht_eth_simulate_v1(void *self, struct ht_rpc_call *call, const json_t *params) {
    const struct ht_eth *eth = self;
    struct ht_why why = {0};
    struct simulating *simulating = calloc(1, sizeof *simulating);
    if (simulating == NULL) {
        ht_rpc_refuse(call, ht_eth_no_memory(&why), &why);
        return;
    }
    simulating->eth = eth;
    simulating->call = call;
    ht_arena_init(&simulating->arena, REQUEST_MAX);
    ht_arena_init(&simulating->round, ROUND_MAX);
    ht_facts_init(&simulating->run.facts);
    simulating->run.work = work;
    simulating->run.done = ended;
    enum ht_err err = read_params(simulating, params, &why);
    if (err == HT_OK) err = ht_eth_check_ask(eth, &simulating->run.block, &why);
    if (err == HT_OK && eth->runner == NULL) err = ht_eth_no_service(&why);
    if (err != HT_OK) {
        const bool is_many = strcmp(why.code, "sim_too_many") == 0;
        const struct ht_rpc_refusal refusal = {
            .err = err, .why = &why, .number = is_many ? HT_ETH_SIM_TOO_MANY : 0};
        ht_rpc_refuse_with(call, &refusal);
        free_simulating(simulating);
        return;
    }
    simulating->run.keeps_nodes = true;
    ht_run_start(eth->runner, &simulating->run);
}
