/* Reading what is to be simulated. */
#include "node/api/eth_simulate_plan.h"

#include <stdio.h>

#include "node/l1/execution/rpc_json.h"

#define SECONDS_A_BLOCK 12U

void ht_eth_sim_refuse(struct ht_eth_sim_refusal *refusal, int number, const char *code,
                       const char *text) {
    refusal->number = number;
    (void)!ht_fail(&refusal->why, HT_EDENIED, code, "%s", text);
}

static enum ht_err too_many(struct ht_why *why, const char *what, size_t most) {
    return ht_fail(why, HT_ELIMIT, "sim_too_many", "at most %zu %s", most, what);
}

/* --- reading ---------------------------------------------------------------------------------- */

static enum ht_err read_flag(bool *out, const json_t *from, const char *name, struct ht_why *why) {
    *out = false;
    return ht_rpc_has(from, name) ? ht_json_bool(out, from, name, why) : HT_OK;
}

/* A blob fee without blobs makes no blob transaction, as common clients have it; and types follow
 * from the fields. */
static enum ht_err read_call(struct ht_call *out, struct ht_arena *arena, const json_t *from,
                             struct ht_why *why) {
    if (!json_is_object(from)) return ht_fail(why, HT_EINPUT, "json_type", "a call is an object");
    json_t *copy = json_copy((json_t *)from);
    if (copy == NULL) return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
    if (!ht_rpc_has(from, "blobVersionedHashes")) (void)json_object_del(copy, "maxFeePerBlobGas");
    (void)json_object_del(copy, "type");
    enum ht_err err = ht_call_read(out, arena, copy, why);
    json_decref(copy);
    return err;
}

static enum ht_err read_calls(struct ht_eth_sim_block *out, struct ht_arena *arena,
                              const json_t *from, size_t *left, struct ht_why *why) {
    const json_t *list = ht_json_member(from, "calls");
    void *room = NULL;
    if (list == NULL || json_is_null(list)) return HT_OK;
    if (!json_is_array(list)) return ht_fail(why, HT_EINPUT, "json_type", "calls are an array");
    const size_t count = json_array_size(list);
    if (count > *left) return too_many(why, "calls", HT_ETH_SIM_CALLS_MAX);
    *left -= count;
    enum ht_err err = ht_arena_array(&room, arena, count, sizeof(struct ht_call), why);
    struct ht_call *calls = room;
    for (size_t i = 0; i < count && err == HT_OK; i++) {
        err = read_call(&calls[i], arena, json_array_get(list, i), why);
        if (err != HT_OK) ht_why_context(why, "call %zu", i);
    }
    out->calls = calls;
    out->call_count = count;
    return err;
}

static enum ht_err read_withdrawals(struct ht_eth_sim_block *out, struct ht_arena *arena,
                                    const json_t *list, struct ht_why *why) {
    void *room = NULL;
    if (!json_is_array(list)) {
        return ht_fail(why, HT_EINPUT, "json_type", "withdrawals are an array");
    }
    const size_t count = json_array_size(list);
    if (count > HT_ETH_SIM_WITHDRAWALS_MAX) {
        return too_many(why, "withdrawals", HT_ETH_SIM_WITHDRAWALS_MAX);
    }
    enum ht_err err = ht_arena_array(&room, arena, count, sizeof(struct ht_withdrawal), why);
    struct ht_withdrawal *withdrawals = room;
    for (size_t i = 0; i < count && err == HT_OK; i++) {
        struct ht_withdrawal *one = &withdrawals[i];
        const json_t *from = json_array_get(list, i);
        err = ht_rpc_read_u64(&one->index, from, "index", why);
        if (err == HT_OK) {
            err = ht_rpc_read_u64(&one->validator_index, from, "validatorIndex", why);
        }
        if (err == HT_OK) err = ht_json_hex(one->address.b, 20, from, "address", why);
        if (err == HT_OK) err = ht_rpc_read_u64(&one->amount, from, "amount", why);
    }
    out->withdrawals = withdrawals;
    out->withdrawal_count = count;
    return err;
}

/* Two members are of this method alone. */
static enum ht_err read_block_override(struct ht_eth_sim_block *out, struct ht_arena *arena,
                                       const json_t *from, struct ht_why *why) {
    if (from == NULL || json_is_null(from)) return HT_OK;
    enum ht_err err = HT_OK;
    out->has_beacon_root = ht_rpc_has(from, "beaconRoot");
    if (out->has_beacon_root) err = ht_json_hex(out->beacon_root.b, 32, from, "beaconRoot", why);
    if (err == HT_OK && ht_rpc_has(from, "withdrawals")) {
        err = read_withdrawals(out, arena, ht_json_member(from, "withdrawals"), why);
    }
    if (err != HT_OK) return err;
    json_t *copy = json_copy((json_t *)from);
    if (copy == NULL) return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
    if (json_is_object(copy)) {
        (void)json_object_del(copy, "beaconRoot");
        (void)json_object_del(copy, "withdrawals");
    }
    err = ht_block_override_read(&out->block, copy, why);
    json_decref(copy);
    return err;
}

static enum ht_err read_block(struct ht_eth_sim_block *out, struct ht_arena *arena,
                              const json_t *from, size_t *calls_left, struct ht_why *why) {
    if (!json_is_object(from)) {
        return ht_fail(why, HT_EINPUT, "json_type", "a block's calls are an object");
    }
    enum ht_err err = read_block_override(out, arena, ht_json_member(from, "blockOverrides"), why);
    if (err == HT_OK) {
        err = ht_overrides_read(&out->state, arena, ht_json_member(from, "stateOverrides"), why);
    }
    return err == HT_OK ? read_calls(out, arena, from, calls_left, why) : err;
}

enum ht_err ht_eth_sim_read(struct ht_eth_sim_request *out, struct ht_arena *arena,
                            const json_t *from, struct ht_why *why) {
    const json_t *list = NULL;
    struct ht_eth_sim_request request = {.count = 0};
    void *room = NULL;
    size_t calls_left = HT_ETH_SIM_CALLS_MAX;
    enum ht_err err = ht_json_array(&list, from, "blockStateCalls", why);
    if (err == HT_OK) err = read_flag(&request.is_validated, from, "validation", why);
    if (err == HT_OK) err = read_flag(&request.traces_transfers, from, "traceTransfers", why);
    if (err == HT_OK) {
        err = read_flag(&request.has_full_transactions, from, "returnFullTransactions", why);
    }
    if (err != HT_OK) return err;
    request.count = json_array_size(list);
    if (request.count == 0) return ht_fail(why, HT_EINPUT, "sim_empty", "empty input");
    if (request.count > HT_ETH_SIM_BLOCKS_MAX) {
        return too_many(why, "blocks", HT_ETH_SIM_BLOCKS_MAX);
    }
    err = ht_arena_array(&room, arena, request.count, sizeof(struct ht_eth_sim_block), why);
    struct ht_eth_sim_block *blocks = room;
    for (size_t i = 0; i < request.count && err == HT_OK; i++) {
        err = read_block(&blocks[i], arena, json_array_get(list, i), &calls_left, why);
        if (err != HT_OK) ht_why_context(why, "block %zu", i);
    }
    request.blocks = blocks;
    if (err == HT_OK) *out = request;
    return err;
}

/* --- a chain of them -------------------------------------------------------------------------- */

struct layout {
    struct ht_eth_sim_block *blocks;
    size_t count;
    uint64_t base, number, time; /* the block to stand on; the last one so far */
    struct ht_eth_sim_refusal *refusal;
};

static void out_of_order(struct layout *layout, int number, const char *what, uint64_t now,
                         uint64_t before) {
    char text[96];
    (void)snprintf(text, sizeof text, "block %s must be in order: %llu <= %llu", what,
                   (unsigned long long)now, (unsigned long long)before);
    ht_eth_sim_refuse(layout->refusal, number, "sim_order", text);
}

static void append(struct layout *layout, const struct ht_eth_sim_block *block, uint64_t time) {
    struct ht_eth_sim_block *next = &layout->blocks[layout->count++];
    *next = *block;
    next->block.has_number = next->block.has_time = true;
    next->block.number = ++layout->number;
    next->block.time = layout->time = time;
}

/* Numbers and times near 2^64 are nobody's. */
static void lay(struct layout *layout, const struct ht_eth_sim_block *block) {
    static const struct ht_eth_sim_block empty;
    const uint64_t number = block->block.has_number ? block->block.number : layout->number + 1;
    if (number <= layout->number) {
        out_of_order(layout, HT_ETH_SIM_BLOCK_NUMBERS, "numbers", number, layout->number);
        return;
    }
    if (number - layout->base > HT_ETH_SIM_BLOCKS_MAX || layout->time > UINT64_MAX / 2) {
        ht_eth_sim_refuse(layout->refusal, HT_ETH_SIM_TOO_MANY, "sim_too_many", "too many blocks");
        return;
    }
    while (layout->number + 1 < number) append(layout, &empty, layout->time + SECONDS_A_BLOCK);
    const uint64_t time =
        block->block.has_time ? block->block.time : layout->time + SECONDS_A_BLOCK;
    if (time <= layout->time) {
        out_of_order(layout, HT_ETH_SIM_BLOCK_TIMES, "timestamps", time, layout->time);
        return;
    }
    append(layout, block, time);
}

enum ht_err ht_eth_sim_lay_out(struct ht_eth_sim_block **out, size_t *count,
                               struct ht_eth_sim_refusal *refusal, struct ht_arena *arena,
                               const struct ht_eth_sim_request *request, uint64_t number,
                               uint64_t time, struct ht_why *why) {
    struct layout layout = {.base = number, .number = number, .time = time, .refusal = refusal};
    void *room = NULL;
    enum ht_err err =
        ht_arena_array(&room, arena, HT_ETH_SIM_BLOCKS_MAX, sizeof(struct ht_eth_sim_block), why);
    if (err != HT_OK) return err;
    layout.blocks = room;
    for (size_t i = 0; i < request->count && refusal->number == 0; i++) {
        lay(&layout, &request->blocks[i]);
    }
    *out = layout.blocks;
    *count = layout.count;
    return HT_OK;
}
