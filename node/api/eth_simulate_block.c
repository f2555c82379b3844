/* A simulated block: its header as far as it is known before, its calls, and the rest of its header
 * out of them. */
#include "node/api/eth_simulate_block.h"

#include <stdio.h>

#include "node/api/eth_simulate_logs.h"
#include "node/codec/rlp.h"
#include "node/crypto/keccak.h"
#include "node/l1/execution/trie_build.h"
#include "node/l1/run_root.h"

#define WORLD_MAX ((size_t)64 << 20)

static enum ht_err no_room(struct ht_why *why) {
    return ht_fail(why, HT_ELIMIT, "no_room", "the simulation's answer is too large");
}

/* --- the chain's world ------------------------------------------------------------------------ */

static enum ht_err read_account(void *user, struct ht_evm_account *out, const ht_addr20 *address,
                                struct ht_why *why) {
    const struct ht_evm_source *facts = &((struct ht_eth_sim *)user)->facts;
    return facts->account(facts->user, out, address, why);
}

static enum ht_err read_slot(void *user, ht_u256 *out, const ht_addr20 *address,
                             const ht_u256 *slot, struct ht_why *why) {
    const struct ht_evm_source *facts = &((struct ht_eth_sim *)user)->facts;
    return facts->slot(facts->user, out, address, slot, why);
}

static enum ht_err read_code(void *user, ht_bytes *out, const ht_addr20 *address,
                             const ht_hash32 *code_hash, struct ht_why *why) {
    const struct ht_evm_source *facts = &((struct ht_eth_sim *)user)->facts;
    return facts->code(facts->user, out, address, code_hash, why);
}

static enum ht_err read_block_hash(void *user, ht_hash32 *out, uint64_t number,
                                   struct ht_why *why) {
    const struct ht_eth_sim *sim = user;
    const uint64_t base = sim->run->header.header.number;
    if (number < base) return sim->facts.block_hash(sim->facts.user, out, number, why);
    *out = number - base < sim->hash_count ? sim->hashes[number - base] : (ht_hash32){{0}};
    return HT_OK;
}

enum ht_err ht_eth_sim_begin(struct ht_eth_sim *sim, struct ht_run *run,
                             const struct ht_run_place *place,
                             const struct ht_eth_sim_request *request, struct ht_arena *arena,
                             struct ht_eth_sim_refusal *refusal) {
    const struct ht_evm_source source = {.account = read_account,
                                         .slot = read_slot,
                                         .code = read_code,
                                         .block_hash = read_block_hash,
                                         .user = sim};
    const struct ht_exec_header *base = &run->header.header;
    *sim = (struct ht_eth_sim){.run = run,
                               .place = place,
                               .request = request,
                               .arena = arena,
                               .refusal = refusal,
                               .parent = *base,
                               .hash_count = 1,
                               .gas_left = HT_ETH_SIM_GAS_MAX,
                               .coinbase = base->coinbase,
                               .gas_limit = base->gas_limit};
    sim->hashes[0] = run->header.hash;
    ht_facts_begin_run(&run->facts, &sim->facts);
    return ht_evm_world_new(&sim->world, &source, WORLD_MAX);
}

void ht_eth_sim_end(struct ht_eth_sim *sim) {
    ht_evm_world_free(sim->world);
    sim->world = NULL;
}

/* --- the header ------------------------------------------------------------------------------- */

/* What can be said before the calls run; recipient of fees and gas limit are the last block's. */
static enum ht_err make_header(struct ht_exec_header *out, struct ht_block_rules *rules,
                               struct ht_eth_sim *sim, const struct ht_eth_sim_block *block,
                               struct ht_why *why) {
    const struct ht_network *network = sim->place->network;
    const struct ht_block_override *given = &block->block;
    *rules =
        (struct ht_block_rules){.evm = ht_run_rules_at(network, given->time),
                                .chain_id = network->chain_id,
                                .deposit_contract = ht_block_deposit_contract(network->chain_id)};
    if (rules->evm == NULL) {
        return ht_fail(why, HT_EDENIED, "fork_not_run",
                       "block %llu is of a fork whose code this program does not run",
                       (unsigned long long)given->number);
    }
    if (given->has_fee_recipient) sim->coinbase = given->fee_recipient;
    if (given->has_gas_limit) sim->gas_limit = given->gas_limit;
    *out = (struct ht_exec_header){.layout = ht_block_layout(rules->evm->fork),
                                   .parent_hash = sim->hashes[sim->hash_count - 1],
                                   .ommers_hash = ht_block_no_ommers,
                                   .coinbase = sim->coinbase,
                                   .number = given->number,
                                   .gas_limit = sim->gas_limit,
                                   .timestamp = given->time};
    if (given->has_prev_randao) out->prev_randao = given->prev_randao;
    if (given->has_base_fee) {
        out->base_fee_per_gas = given->base_fee;
    } else if (sim->request->is_validated) {
        ht_next_base_fee(&out->base_fee_per_gas, &sim->parent);
    }
    if (!ht_blob_rules_at(&rules->blobs, network, given->time)) return HT_OK;
    out->parent_beacon_block_root = block->beacon_root;
    if (sim->parent.layout < HT_EXEC_LAYOUT_CANCUN) return HT_OK;
    return ht_next_excess_blob_gas(&out->excess_blob_gas, &sim->parent, &rules->blobs, why);
}

static enum ht_err set_machine(struct ht_eth_sim *sim, const struct ht_exec_header *header,
                               const struct ht_block_rules *rules,
                               const struct ht_eth_sim_block *block,
                               const struct ht_evm_observer *observer, struct ht_why *why) {
    const struct ht_evm_origin nobody = {0};
    struct ht_evm_block place = {.number = header->number,
                                 .timestamp = header->timestamp,
                                 .gas_limit = header->gas_limit,
                                 .base_fee = header->base_fee_per_gas,
                                 .coinbase = header->coinbase,
                                 .prev_randao = header->prev_randao,
                                 .chain_id = rules->chain_id};
    enum ht_err err = HT_OK;
    if (header->layout >= HT_EXEC_LAYOUT_CANCUN) {
        err = ht_blob_base_fee(&place.blob_base_fee, header, &rules->blobs, why);
    }
    if (block->block.has_blob_base_fee) place.blob_base_fee = block->block.blob_base_fee;
    ht_evm_set(sim->place->evm, rules->evm, sim->world, &place, &nobody, observer,
               &sim->place->limits);
    ht_evm_set_precompiles(sim->place->evm, sim->precompiles, sim->precompile_count);
    return err;
}

/* --- calls ------------------------------------------------------------------------------------ */

/* What a number of execution-apis there is for a transaction that no block could hold. */
static void refuse_call(struct ht_eth_sim *sim, const struct ht_why *why, uint64_t gas) {
    static const struct {
        const char *code;
        int number;
    } table[] = {
        {"tx_nonce_too_low", HT_ETH_SIM_NONCE_TOO_LOW},
        {"tx_nonce_mismatch", HT_ETH_SIM_NONCE_TOO_HIGH},
        {"tx_fee_too_low", HT_ETH_SIM_BASE_FEE_TOO_LOW},
        {"tx_gas_too_low", HT_ETH_SIM_INTRINSIC_GAS},
        {"tx_no_funds", HT_ETH_SIM_NO_FUNDS},
        {"tx_gas_over_block", HT_ETH_SIM_BLOCK_GAS},
        {"tx_init_code", HT_ETH_SIM_INIT_CODE},
        {"tx_wrong_chain", HT_ETH_SIM_INVALID},
    };
    int number = HT_ETH_SIM_INTERNAL;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        if (strcmp(table[i].code, why->code) == 0) number = table[i].number;
    }
    sim->refusal->number = number;
    sim->refusal->why = *why;
    ht_why_context(&sim->refusal->why, "supplied gas %llu", (unsigned long long)gas);
}

/* The nonce of the state and all the gas that is left, unless the call says otherwise. */
static enum ht_err complete(struct ht_transaction *tx, struct ht_eth_sim *sim,
                            const struct ht_block_run *run, const struct ht_call *call,
                            struct ht_why *why) {
    *tx = call->tx;
    tx->is_signed = true;
    tx->has_chain_id = tx->type != HT_TX_LEGACY;
    tx->chain_id = call->has_chain_id ? call->tx.chain_id : run->rules->chain_id;
    const uint64_t left = run->gas_limit - run->gas_used;
    if (!call->has_gas) tx->gas_limit = left;
    if (tx->gas_limit > left) {
        char text[96];
        (void)snprintf(text, sizeof text, "block gas limit reached: %llu >= %llu",
                       (unsigned long long)run->gas_used, (unsigned long long)run->gas_limit);
        ht_eth_sim_refuse(sim->refusal, HT_ETH_SIM_BLOCK_GAS, "sim_block_gas", text);
        return HT_OK;
    }
    if (tx->gas_limit > sim->gas_left) tx->gas_limit = sim->gas_left;
    if (call->has_nonce) return HT_OK;
    struct ht_evm_object *sender = NULL;
    enum ht_err err = ht_evm_world_find(&sender, sim->world, &call->from, why);
    if (err == HT_OK) tx->nonce = sender->account.nonce;
    return err;
}

/* A legacy transaction that nobody signed has zeros where v, r and s are. */
static enum ht_err write_legacy(struct ht_buf *out, const struct ht_transaction *tx) {
    struct ht_buf fields;
    struct ht_rlp_writer writer;
    ht_bytes items = {0};
    ht_buf_init(&fields, HT_TX_SIZE_MAX);
    enum ht_err err = ht_tx_encode_unsigned(&fields, tx);
    ht_bytes rest = ht_buf_view(&fields);
    if (err == HT_OK) err = ht_rlp_read_list(&items, &rest, NULL);
    if (err == HT_OK) {
        ht_rlp_writer_init(&writer, out);
        size_t begin = ht_rlp_list_begin(&writer);
        ht_rlp_write_raw(&writer, items);
        for (int i = 0; i < 3; i++) ht_rlp_write_u64(&writer, 0);
        ht_rlp_list_end(&writer, begin);
        err = ht_rlp_finish(&writer);
    }
    ht_buf_fini(&fields);
    return err;
}

static enum ht_err encode(struct ht_eth_sim_call *call, struct ht_arena *arena,
                          struct ht_why *why) {
    struct ht_buf bytes;
    ht_buf_init(&bytes, HT_TX_SIZE_MAX);
    enum ht_err err = call->tx.type == HT_TX_LEGACY ? write_legacy(&bytes, &call->tx)
                                                    : ht_tx_encode(&bytes, &call->tx);
    char *copy = err == HT_OK ? ht_arena_copy_str(arena, ht_buf_view(&bytes)) : NULL;
    call->encoded = ht_bytes_of(copy, bytes.n);
    ht_buf_fini(&bytes);
    if (copy == NULL) return no_room(why);
    ht_keccak256(&call->hash, call->encoded);
    return HT_OK;
}

static struct ht_evm_leave_out leave_out_of(const struct ht_eth_sim *sim,
                                            const struct ht_transaction *tx) {
    const bool is_free = ht_u256_is_zero(&tx->gas_price) && ht_u256_is_zero(&tx->max_fee_per_gas) &&
                         ht_u256_is_zero(&tx->max_priority_fee_per_gas);
    return (struct ht_evm_leave_out){.fees = !sim->request->is_validated && is_free,
                                     .nonce = !sim->request->is_validated,
                                     .sender_code = true,
                                     .gas_cap = true};
}

static enum ht_err keep_outcome(struct ht_eth_sim_call *out, struct ht_eth_sim *sim,
                                const struct ht_evm_outcome *outcome,
                                const struct ht_eth_sim_logs *logs, struct ht_why *why) {
    ht_bytes output = outcome->result.output;
    char *copy = ht_arena_copy_str(sim->arena, output);
    if (copy == NULL || logs->has_failed) return no_room(why);
    out->status = outcome->result.status;
    out->output = ht_bytes_of(copy, output.n);
    out->gas_used = outcome->gas_used;
    out->gas_max = outcome->gas_spent > outcome->gas_used ? outcome->gas_spent : outcome->gas_used;
    out->logs = logs->list;
    out->log_count = logs->count;
    sim->gas_left -= outcome->gas_used;
    return HT_OK;
}

static enum ht_err run_call(struct ht_eth_sim_call *out, struct ht_eth_sim *sim,
                            struct ht_block_run *run, const struct ht_call *call,
                            struct ht_eth_sim_logs *logs, struct ht_why *why) {
    struct ht_evm_outcome outcome;
    out->from = call->from;
    enum ht_err err = complete(&out->tx, sim, run, call, why);
    if (err != HT_OK || sim->refusal->number != 0) return err;
    err = encode(out, sim->arena, why);
    if (err != HT_OK) return err;
    const struct ht_evm_leave_out leave_out = leave_out_of(sim, &out->tx);
    ht_eth_sim_logs_clear(logs);
    err = ht_block_run_transaction(run, &outcome, &out->tx, &out->from, &leave_out, why);
    if (err == HT_EDENIED) {
        refuse_call(sim, why, out->tx.gas_limit);
        return HT_OK;
    }
    return err == HT_OK ? keep_outcome(out, sim, &outcome, logs, why) : err;
}

static enum ht_err run_calls(struct ht_eth_sim_done *out, struct ht_eth_sim *sim,
                             struct ht_block_run *run, const struct ht_eth_sim_block *block,
                             struct ht_eth_sim_logs *logs, struct ht_why *why) {
    void *room = NULL;
    enum ht_err err = ht_arena_array(&room, sim->arena, block->call_count, sizeof *out->calls, why);
    out->calls = room;
    for (size_t i = 0; i < block->call_count && err == HT_OK && sim->refusal->number == 0; i++) {
        err = run_call(&out->calls[out->call_count++], sim, run, &block->calls[i], logs, why);
    }
    return err;
}

/* --- the block -------------------------------------------------------------------------------- */

static enum ht_err transactions_root(ht_hash32 *out, const struct ht_eth_sim_done *done,
                                     struct ht_eth_sim *sim, struct ht_why *why) {
    void *room = NULL;
    enum ht_err err = ht_arena_array(&room, sim->arena, done->call_count, sizeof(ht_bytes), why);
    ht_bytes *values = room;
    for (size_t i = 0; i < done->call_count && err == HT_OK; i++) {
        values[i] = done->calls[i].encoded;
    }
    return err == HT_OK ? ht_trie_list_root(out, values, done->call_count, NULL, why) : err;
}

/* The rest of the header, and what comes after the block. */
static enum ht_err finish(struct ht_eth_sim_done *out, struct ht_eth_sim *sim,
                          struct ht_block_run *run, const struct ht_eth_sim_block *block,
                          struct ht_why *why) {
    struct ht_exec_header *header = &out->header;
    enum ht_err err = ht_block_run_end(run, block->withdrawals, block->withdrawal_count, why);
    if (err == HT_OK) err = transactions_root(&header->transactions_root, out, sim, why);
    if (err == HT_OK && header->layout >= HT_EXEC_LAYOUT_SHANGHAI) {
        err = ht_block_withdrawals_root(&header->withdrawals_root, block->withdrawals,
                                        block->withdrawal_count, why);
    }
    if (err == HT_OK) err = ht_run_root(&header->state_root, sim->run, sim->world, why);
    /* Without a root that counts: the blocks after it show what else is missing. */
    if (err == HT_EAGAIN && sim->run->facts.missing > 0) err = HT_OK;
    if (err != HT_OK) return err;
    header->receipts_root = run->receipts_root;
    header->gas_used = run->gas_used;
    header->blob_gas_used = run->blob_gas_used;
    header->requests_hash = run->requests_hash;
    memcpy(header->logs_bloom, run->logs_bloom, sizeof header->logs_bloom);
    err = ht_exec_header_hash(&out->hash, header);
    if (err != HT_OK) return ht_fail(why, err, "no_memory", "out of memory");
    out->withdrawals = block->withdrawals;
    out->withdrawal_count = block->withdrawal_count;
    sim->parent = *header;
    sim->hashes[sim->hash_count++] = out->hash;
    return HT_OK;
}

static enum ht_err run_block(struct ht_eth_sim_done *out, struct ht_eth_sim *sim,
                             const struct ht_block_rules *rules,
                             const struct ht_eth_sim_block *block, struct ht_why *why) {
    struct ht_exec_header *header = &out->header;
    struct ht_block_run run;
    struct ht_eth_sim_logs *logs = ht_arena_alloc(sim->arena, sizeof *logs);
    if (logs == NULL) return no_room(why);
    logs->arena = sim->arena;
    logs->traces_transfers = sim->request->traces_transfers;
    const struct ht_evm_observer observer = ht_eth_sim_logs_observer(logs);
    enum ht_err err = set_machine(sim, header, rules, block, &observer, why);
    if (err != HT_OK) return err;
    err = ht_block_run_begin(&run, sim->place->evm, sim->world, rules, header->gas_limit,
                             &header->parent_hash, &header->parent_beacon_block_root, why);
    logs->next_index = 0;
    if (err == HT_OK) err = run_calls(out, sim, &run, block, logs, why);
    if (err == HT_OK && sim->refusal->number == 0) err = finish(out, sim, &run, block, why);
    ht_block_run_fini(&run);
    return err;
}

enum ht_err ht_eth_sim_block(struct ht_eth_sim_done *out, struct ht_eth_sim *sim,
                             const struct ht_eth_sim_block *block, struct ht_why *why) {
    const struct ht_evm_precompile_place *places = NULL;
    size_t count = 0;
    struct ht_block_rules rules;
    *out = (struct ht_eth_sim_done){.calls = NULL};
    enum ht_err err = make_header(&out->header, &rules, sim, block, why);
    if (err == HT_OK) {
        err = ht_overrides_precompiles(&places, &count, sim->arena, &block->state, rules.evm, why);
    }
    if (err == HT_EINPUT) {
        sim->refusal->number = HT_ETH_SIM_OVERRIDE;
        sim->refusal->why = *why;
        return HT_OK;
    }
    if (err == HT_OK) err = ht_overrides_apply(sim->world, &block->state, why);
    if (err != HT_OK) return err;
    sim->precompiles = places;
    sim->precompile_count = count;
    err = run_block(out, sim, &rules, block, why);
    ht_evm_set_precompiles(sim->place->evm, NULL, 0);
    return err;
}
