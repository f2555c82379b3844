/* Simulations: calls are read, run one after the other on a worker, and what they did is told. What
 * is noted meanwhile is in simulate_record.c, how it is written in simulate_json.c. */
#include "node/l1/simulate.h"

#include <stdlib.h>

#include "node/l1/execution/rpc_json.h"
#include "node/l1/simulate_json.h"

#define CALLS_ARENA_MAX ((size_t)8 << 20)
#define ROUND_ARENA_MAX ((size_t)32 << 20)

struct ht_simulation_work {
    struct ht_arena arena; /* of what was asked */
    struct ht_call calls[HT_SIMULATE_CALLS_MAX];
    size_t call_count;
    struct ht_overrides overrides;
    struct ht_arena round; /* of what a round needs; a new one begins it anew */
    struct ht_sim_record record;
    json_t *results;
};

static struct ht_simulation *simulation_of(struct ht_run *run) {
    return (struct ht_simulation *)((char *)run - offsetof(struct ht_simulation, run));
}

void ht_simulation_fini(struct ht_simulation *simulation) {
    struct ht_simulation_work *work = simulation->work;
    json_decref(simulation->results);
    simulation->results = NULL;
    ht_run_fini(&simulation->run);
    if (work == NULL) return;
    json_decref(work->results);
    ht_arena_fini(&work->round);
    ht_arena_fini(&work->arena);
    free(work);
    simulation->work = NULL;
}

/* --- running, on a worker --------------------------------------------------------------------- */

static uint64_t gas_max(const struct ht_simulation *simulation, const struct ht_run_place *place) {
    uint64_t most =
        place->block.gas_limit < HT_RUN_GAS_MAX ? place->block.gas_limit : HT_RUN_GAS_MAX;
    uint64_t cap = place->rules->tx->gas_max;
    return simulation->is_transaction && cap > 0 && cap < most ? cap : most;
}

/* What the call does not say. */
static enum ht_err complete(struct ht_call *call, const struct ht_simulation *simulation,
                            const struct ht_run_place *place, struct ht_why *why) {
    uint64_t most = gas_max(simulation, place);
    bool is_over = !simulation->is_transaction && call->tx.gas_limit > most;
    if (!call->has_gas || is_over) call->tx.gas_limit = most;
    if (!call->has_chain_id) call->tx.chain_id = place->network->chain_id;
    call->tx.has_chain_id = true;
    if (call->has_nonce || !simulation->is_transaction) return HT_OK;
    struct ht_evm_object *sender = NULL;
    enum ht_err err = ht_evm_world_find(&sender, place->world, &call->from, why);
    if (err == HT_OK) call->tx.nonce = sender->account.nonce;
    return err;
}

/* HT_EDENIED is an answer, too: no block would take it. */
static enum ht_err run_call(struct ht_sim_outcome *out, const struct ht_simulation *simulation,
                            const struct ht_run_place *place, const struct ht_call *asked,
                            struct ht_why *why) {
    struct ht_call call = *asked;
    bool is_call = !simulation->is_transaction;
    const struct ht_evm_leave_out leave_out = {.fees = !call.has_fee,
                                               .balance = is_call,
                                               .nonce = is_call,
                                               .sender_code = is_call,
                                               .gas_cap = is_call};
    enum ht_err err = complete(&call, simulation, place, why);
    if (err != HT_OK) return err;
    out->gas_limit = call.tx.gas_limit;
    struct ht_why refusal = {0};
    err = ht_evm_transact(place->evm, &out->outcome, &call.tx, &call.from, &leave_out, &refusal);
    out->is_refused = err == HT_EDENIED;
    out->refusal = refusal;
    if (err == HT_OK || err == HT_EDENIED) return HT_OK;
    if (why != NULL) *why = refusal;
    return err;
}

static enum ht_err run_all(struct ht_simulation *simulation, const struct ht_run_place *place,
                           struct ht_why *why) {
    struct ht_simulation_work *work = simulation->work;
    struct ht_sim_before before = {0};
    enum ht_err err = HT_OK;
    for (size_t i = 0; i < work->call_count && err == HT_OK; i++) {
        struct ht_sim_outcome outcome = {.record = &work->record,
                                         .before = &before,
                                         .world = place->world,
                                         .arena = &work->round};
        json_t *result = NULL;
        if (i > 0) err = ht_sim_before_take(&before, &work->round, place->world, why);
        if (err != HT_OK) return err;
        ht_sim_record_begin(&work->record, &work->round);
        err = run_call(&outcome, simulation, place, &work->calls[i], why);
        /* With something missing, what came out counts for nothing. */
        if (err != HT_OK || simulation->run.facts.missing > 0) continue;
        err = ht_sim_json(&result, &outcome, why);
        if (err == HT_OK && json_array_append_new(work->results, result) != 0) {
            err = ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
        }
    }
    return err;
}

static enum ht_err work_round(struct ht_run *run, const struct ht_run_place *place,
                              struct ht_why *why) {
    struct ht_simulation *simulation = simulation_of(run);
    struct ht_simulation_work *work = simulation->work;
    const struct ht_evm_origin nobody = {0};
    const struct ht_evm_observer observer = ht_sim_record_observer(&work->record);
    const struct ht_evm_precompile_place *places = NULL;
    size_t place_count = 0;
    ht_arena_fini(&work->round);
    json_decref(work->results);
    work->results = json_array();
    enum ht_err err = ht_overrides_precompiles(&places, &place_count, &work->round,
                                               &work->overrides, place->rules, why);
    if (err == HT_OK) err = ht_overrides_apply(place->world, &work->overrides, why);
    if (err != HT_OK) return err;
    ht_evm_set(place->evm, place->rules, place->world, &place->block, &nobody, &observer,
               &place->limits);
    ht_evm_set_precompiles(place->evm, places, place_count);
    return run_all(simulation, place, why);
}

/* --- afterwards ------------------------------------------------------------------------------- */

static enum ht_err put_block(struct ht_simulation *simulation) {
    const struct ht_exec_header_verified *header = &simulation->header;
    json_t *provenance = ht_chain_provenance_json(ht_runner_chain(simulation->run.runner), header,
                                                  simulation->is_final, simulation->source);
    json_t *block = json_pack("{s:I, s:o, s:I}", "number", (json_int_t)header->header.number,
                              "hash", ht_rpc_data(HT_BYTES(header->hash.b)), "timestamp",
                              (json_int_t)header->header.timestamp);
    bool is_short = provenance == NULL || block == NULL;
    json_t *result;
    size_t i;
    json_array_foreach(simulation->results, i, result) {
        is_short |= json_object_set(result, "block", block) != 0 ||
                    json_object_set(result, "provenance", provenance) != 0;
    }
    json_decref(block);
    json_decref(provenance);
    return is_short ? ht_fail(&simulation->why, HT_ENOMEM, "no_memory", "out of memory") : HT_OK;
}

static void end(struct ht_simulation *simulation, enum ht_err err) {
    simulation->err = err;
    simulation->done(simulation);
}

static void ran(struct ht_run *run) {
    struct ht_simulation *simulation = simulation_of(run);
    simulation->why = run->why;
    simulation->header = run->header;
    simulation->is_final = run->is_final;
    memcpy(simulation->source, run->source, sizeof simulation->source);
    enum ht_err err = run->err;
    if (err == HT_OK) {
        simulation->results = simulation->work->results;
        simulation->work->results = NULL;
        err = put_block(simulation);
    }
    end(simulation, err);
}

/* --- beforehand ------------------------------------------------------------------------------- */

static enum ht_err read_calls(struct ht_simulation *simulation, struct ht_why *why) {
    struct ht_simulation_work *work = simulation->work;
    size_t count = json_array_size(simulation->calls), i;
    const json_t *object;
    if (count == 0) return ht_fail(why, HT_EINPUT, "json_value", "there is no call to simulate");
    if (count > HT_SIMULATE_CALLS_MAX) {
        return ht_fail(why, HT_ELIMIT, "too_many_calls", "at most %u calls are simulated",
                       HT_SIMULATE_CALLS_MAX);
    }
    json_array_foreach(simulation->calls, i, object) {
        enum ht_err err = ht_call_read(&work->calls[i], &work->arena, object, why);
        if (err != HT_OK) return err;
        work->call_count++;
    }
    return ht_overrides_read(&work->overrides, &work->arena, simulation->overrides, why);
}

/* What a provider runs for the hint is the first call over its own state. */
static bool is_hint_useful(const struct ht_overrides *overrides) {
    for (size_t i = 0; i < overrides->count; i++) {
        const struct ht_account_override *one = &overrides->accounts[i];
        if (one->has_code || one->has_state || one->has_state_diff || one->has_move) return false;
    }
    return true;
}

void ht_simulate(struct ht_runner *runner, struct ht_simulation *simulation) {
    struct ht_simulation_work *work = calloc(1, sizeof *work);
    if (work == NULL) {
        end(simulation, ht_fail(&simulation->why, HT_ENOMEM, "no_memory", "out of memory"));
        return;
    }
    simulation->work = work;
    ht_arena_init(&work->arena, CALLS_ARENA_MAX);
    ht_arena_init(&work->round, ROUND_ARENA_MAX);
    enum ht_err err = read_calls(simulation, &simulation->why);
    if (err != HT_OK) {
        end(simulation, err);
        return;
    }
    bool has_hint = is_hint_useful(&work->overrides);
    simulation->run = (struct ht_run){.block = simulation->block,
                                      .hint = has_hint ? ht_call_to_json(&work->calls[0]) : NULL,
                                      .work = work_round,
                                      .done = ran};
    ht_run_start(runner, &simulation->run);
}
