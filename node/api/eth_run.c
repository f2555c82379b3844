/* Runs of code for wallets and scripts. */
#include "node/api/eth_run.h"

#include <stdio.h>
#include <stdlib.h>

#include "node/l1/execution/revert.h"
#include "node/l1/execution/rpc_json.h"

#define EXECUTION_FAILED (-32000)
#define REVERTED 3
#define NOT_PROVEN (-32004) /* EIP-1474 */
#define ARENA_MAX ((size_t)16 << 20)
#define LISTS_MAX ((size_t)32 << 20) /* of one round */
#define OUTPUT_MAX ((size_t)1 << 20) /* of code; a reply has it in hex */

/* --- parameters ------------------------------------------------------------------------------- */

static enum ht_err read_call(struct ht_eth_running *running, const json_t *params,
                             struct ht_why *why) {
    struct ht_call *asked = &running->asked;
    const struct ht_network *network = ht_sync_network(running->eth->sync);
    enum ht_err err = ht_call_read(asked, &running->arena, json_array_get(params, 0), why);
    if (err != HT_OK) {
        ht_why_context(why, "invalid argument 0");
        return err;
    }
    if (!asked->has_chain_id) {
        asked->tx.has_chain_id = true;
        asked->tx.chain_id = network->chain_id;
    }
    if (asked->tx.chain_id == network->chain_id) return HT_OK;
    return ht_fail(why, HT_EINPUT, "call_chain", "chainId does not match: have %llu, want %llu",
                   (unsigned long long)asked->tx.chain_id, (unsigned long long)network->chain_id);
}

static enum ht_err read_params(struct ht_eth_running *running, const json_t *params,
                               struct ht_why *why) {
    static const size_t most[] = {[HT_ETH_RUN_OUTPUT] = 4, [HT_ETH_RUN_ACCESS_LIST] = 2};
    struct ht_run *run = &running->run;
    enum ht_err err = ht_eth_take_params(params, 1, most[running->kind], why);
    if (err == HT_OK) err = read_call(running, params, why);
    if (err == HT_OK) err = ht_eth_read_block(&run->block, params, 1, true, why);
    if (err != HT_OK) return err;
    err = ht_overrides_read(&running->overrides, &running->arena, json_array_get(params, 2), why);
    if (err != HT_OK) {
        ht_why_context(why, "invalid argument 2");
        return err;
    }
    err = ht_block_override_read(&running->block, json_array_get(params, 3), why);
    if (err != HT_OK) ht_why_context(why, "invalid argument 3");
    return err;
}

uint64_t ht_eth_run_gas(const struct ht_eth_running *running) {
    const struct ht_call *asked = &running->asked;
    bool is_less = asked->has_gas && asked->tx.gas_limit < HT_RUN_GAS_MAX;
    return is_less ? asked->tx.gas_limit : HT_RUN_GAS_MAX;
}

ht_u256 ht_eth_run_price(const struct ht_eth_running *running) {
    const struct ht_transaction *tx = &running->asked.tx;
    bool has_price = tx->type == HT_TX_LEGACY || tx->type == HT_TX_ACCESS_LIST;
    return has_price ? tx->gas_price : tx->max_fee_per_gas;
}

/* --- execution, on a worker ------------------------------------------------------------------- */

enum ht_err ht_eth_run_refuse(struct ht_eth_running *running, const char *code, const char *text) {
    running->refused = HT_EDENIED;
    (void)ht_fail(&running->refusal, HT_EDENIED, code, "%s", text);
    return HT_OK;
}

/* Where code runs when the call pays nothing: base fees are 0 then, so that no price is below them
 * (as in the common client, whose users rely on it). */
static void set_block(struct ht_evm_block *block, struct ht_evm_leave_out *leave_out,
                      const struct ht_eth_running *running) {
    const struct ht_transaction *tx = &running->asked.tx;
    ht_u256 price = ht_eth_run_price(running);
    bool is_free = ht_u256_is_zero(&price) && ht_u256_is_zero(&tx->max_priority_fee_per_gas);
    bool is_blob_free = ht_u256_is_zero(&tx->max_fee_per_blob_gas);
    ht_block_override_apply(block, &running->block);
    if (is_free) block->base_fee = ht_u256_of(0);
    if (is_blob_free && tx->type == HT_TX_BLOB) block->blob_base_fee = ht_u256_of(0);
    *leave_out = (struct ht_evm_leave_out){.fees = is_free && is_blob_free,
                                           .nonce = true,
                                           .sender_code = true,
                                           .gas_cap = true,
                                           .block_gas = true};
}

static enum ht_err keep_outcome(struct ht_eth_running *running,
                                const struct ht_evm_outcome *outcome, struct ht_why *why) {
    ht_buf_clear(&running->output);
    running->outcome = *outcome;
    running->outcome.result.output = (ht_bytes){0};
    if (ht_buf_add(&running->output, outcome->result.output) == HT_OK) return HT_OK;
    return ht_fail(why, HT_ELIMIT, "evm_memory", "the call returns more than %zu bytes",
                   OUTPUT_MAX);
}

enum ht_err ht_eth_run_execute(struct ht_eth_running *running, const struct ht_run_place *place,
                               const struct ht_eth_execution *execution, struct ht_why *why) {
    const struct ht_evm_origin nobody = {0};
    const struct ht_evm_precompile_place *places = NULL;
    size_t place_count = 0;
    struct ht_evm_block block = place->block;
    struct ht_evm_leave_out leave_out;
    struct ht_evm_outcome outcome;
    struct ht_arena arena;
    ht_arena_init(&arena, ARENA_MAX);
    running->refused = HT_OK;
    set_block(&block, &leave_out, running);
    ht_evm_set(place->evm, place->rules, execution->world, &block, &nobody, &execution->observer,
               &place->limits);
    enum ht_err err = ht_overrides_precompiles(&places, &place_count, &arena, &running->overrides,
                                               place->rules, why);
    if (err == HT_EINPUT) {
        running->refused = err;
        running->refusal = *why;
        ht_arena_fini(&arena);
        return HT_OK;
    }
    ht_evm_set_precompiles(place->evm, places, place_count);
    if (err == HT_OK) err = ht_overrides_apply(execution->world, &running->overrides, why);
    if (err == HT_OK) {
        err = ht_evm_transact(place->evm, &outcome, &execution->tx, &running->asked.from,
                              &leave_out, why);
    }
    ht_evm_set_precompiles(place->evm, NULL, 0);
    ht_arena_fini(&arena);
    if (running->run.facts.missing > 0) {
        return ht_fail(why, HT_EAGAIN, "missing", "state that has to be proven first");
    }
    if (err == HT_EDENIED) {
        running->refused = err;
        running->refusal = *why;
        return HT_OK;
    }
    return err == HT_OK ? keep_outcome(running, &outcome, why) : err;
}

enum ht_err ht_eth_run_execute_anew(struct ht_eth_running *running,
                                    const struct ht_run_place *place,
                                    const struct ht_transaction *tx, struct ht_why *why) {
    struct ht_eth_execution execution = {.tx = *tx};
    enum ht_err err = ht_run_world_new(&execution.world, &running->run);
    if (err != HT_OK) return ht_fail(why, err, "no_memory", "out of memory");
    err = ht_eth_run_execute(running, place, &execution, why);
    ht_evm_world_free(execution.world);
    return err;
}

/* --- the end ---------------------------------------------------------------------------------- */

/* Wallets tell these cases apart by words alone, those of the client most of them grew up with. */
static const char *common_words(const char *code) {
    static const struct {
        const char *code;
        const char *words;
    } table[] = {
        {"tx_no_funds", "insufficient funds for gas * price + value"},
        {"tx_fee_too_low", "max fee per gas less than block base fee"},
        {"tx_blob_fee_too_low", "max fee per blob gas less than block blob gas fee"},
        {"tx_gas_too_low", "intrinsic gas too low"},
        {"tx_type_too_new", "transaction type not supported"},
        {"tx_nonce_too_high", "nonce has max value"},
        {"tx_init_code", "max initcode size exceeded"},
        {"tx_fee_inconsistent", "max priority fee per gas higher than max fee per gas"},
        {"tx_authorizations", "EIP-7702 transaction with empty auth list"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        if (strcmp(table[i].code, code) == 0) return table[i].words;
    }
    return NULL;
}

static void end_refused(struct ht_eth_running *running) {
    const char *words = common_words(running->refusal.code);
    if (words != NULL) ht_why_context(&running->refusal, "%s", words);
    const struct ht_rpc_refusal refusal = {
        .err = running->refused, .why = &running->refusal, .number = EXECUTION_FAILED};
    ht_rpc_refuse_with(running->call, &refusal);
}

static void end_reverted(struct ht_eth_running *running) {
    static const char words[] = "execution reverted";
    char reason[HT_REVERT_REASON_MAX + 1];
    char message[sizeof words + sizeof reason + 2];
    size_t n = ht_revert_reason(reason, ht_buf_view(&running->output));
    (void)snprintf(message, sizeof message, "%s%s%s", words, n > 0 ? ": " : "", reason);
    struct ht_why why;
    enum ht_err err = ht_fail(&why, HT_EDENIED, "reverted", "%s", words);
    const struct ht_rpc_refusal refusal = {.err = err,
                                           .why = &why,
                                           .number = REVERTED,
                                           .message = message,
                                           .data = ht_rpc_data(ht_buf_view(&running->output))};
    ht_rpc_refuse_with(running->call, &refusal);
}

static void end_halted(struct ht_eth_running *running, enum ht_evm_status status) {
    struct ht_why why;
    enum ht_err err = ht_fail(&why, HT_EDENIED, "halted", "%s", ht_evm_status_text(status));
    const struct ht_rpc_refusal refusal = {.err = err, .why = &why, .number = EXECUTION_FAILED};
    ht_rpc_refuse_with(running->call, &refusal);
}

/* Whether a run failed because nobody could prove what it needs. */
static bool is_unproven(const struct ht_run *run) {
    static const char *const codes[] = {"too_many_rounds", "too_much_state", "run_time",
                                        "fork_not_run"};
    if (run->err == HT_ENET) return run->questions > 0;
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        if (strcmp(run->why.code, codes[i]) == 0) return true;
    }
    return false;
}

static void end_failed(struct ht_eth_running *running) {
    const struct ht_run *run = &running->run;
    const struct ht_rpc_refusal refusal = {
        .err = run->err, .why = &run->why, .number = is_unproven(run) ? NOT_PROVEN : 0};
    ht_rpc_refuse_with(running->call, &refusal);
}

static void free_running(struct ht_eth_running *running) {
    ht_run_fini(&running->run);
    ht_buf_fini(&running->output);
    ht_arena_fini(&running->lists);
    ht_arena_fini(&running->arena);
    free(running);
}

static void ended(struct ht_run *run) {
    struct ht_eth_running *running = (struct ht_eth_running *)run;
    if (run->err == HT_OK) {
        run->err = ht_eth_check_read(running->eth, run->is_final, &run->why);
    }
    enum ht_evm_status status = running->outcome.result.status;
    if (run->err != HT_OK) {
        end_failed(running);
    } else if (running->refused != HT_OK) {
        end_refused(running);
    } else if (status == HT_EVM_SUCCESS || running->kind == HT_ETH_RUN_ACCESS_LIST) {
        const struct ht_eth_place place = {&run->header, run->is_final, run->source};
        ht_eth_finish(running->eth, running->call, running->make(running), &place);
    } else if (status == HT_EVM_REVERT) {
        end_reverted(running);
    } else {
        end_halted(running, status);
    }
    free_running(running);
}

void ht_eth_run_start(const struct ht_eth *eth, struct ht_rpc_call *call, const json_t *params,
                      enum ht_eth_run_kind kind,
                      enum ht_err (*work)(struct ht_run *run, const struct ht_run_place *place,
                                          struct ht_why *why),
                      json_t *(*make)(struct ht_eth_running *running)) {
    struct ht_why why = {0};
    struct ht_eth_running *running = calloc(1, sizeof *running);
    if (running == NULL) {
        ht_rpc_refuse(call, ht_eth_no_memory(&why), &why);
        return;
    }
    running->eth = eth;
    running->call = call;
    running->make = make;
    running->kind = kind;
    ht_arena_init(&running->arena, ARENA_MAX);
    ht_arena_init(&running->lists, LISTS_MAX);
    ht_buf_init(&running->output, OUTPUT_MAX);
    ht_facts_init(&running->run.facts);
    enum ht_err err = read_params(running, params, &why);
    if (err == HT_OK) err = ht_eth_check_ask(eth, &running->run.block, &why);
    if (err == HT_OK && eth->runner == NULL) err = ht_eth_no_service(&why);
    if (err != HT_OK) {
        ht_rpc_refuse(call, err, &why);
        free_running(running);
        return;
    }
    running->run.work = work;
    running->run.done = ended;
    /* A provider does not know what is overridden; without that its list is of another call. */
    if (running->overrides.count == 0) running->run.hint = ht_call_to_json(&running->asked);
    ht_run_start(eth->runner, &running->run);
}
