/* The prices of now: the typical tip, the gas price, the blob base fee. */
#include "node/api/eth_fee.h"

#include <stdlib.h>

#include "node/api/eth_params.h"
#include "node/l1/execution/fees.h"

/* --- the typical tip -------------------------------------------------------------------------- */

struct tip_call;

struct tip_read {
    struct ht_block_read read;
    struct tip_call *owner;
};

struct tip_call {
    struct ht_header_read at;
    struct ht_eth *eth;
    struct ht_rpc_call *call;
    bool adds_base_fee;
    size_t open; /* reads under way, and one for who starts them */
    enum ht_err err;
    struct ht_why why;
    char source[128];
    ht_u256 tips[HT_ETH_TIP_BLOCKS];
    size_t tip_count;
    struct tip_read reads[HT_ETH_TIP_BLOCKS];
};

static int compare_tips(const void *a, const void *b) {
    return ht_u256_compare(a, b);
}

static void finish_tip(struct tip_call *all, const ht_u256 *tip, const char *source) {
    ht_u256 price = *tip;
    if (all->adds_base_fee) {
        ht_u256 base_fee;
        ht_next_base_fee(&base_fee, &all->at.header.header);
        ht_u256_add(&price, &price, &base_fee);
    }
    const struct ht_eth_place place = {&all->at.header, all->at.is_final, source};
    ht_eth_finish(all->eth, all->call, ht_eth_quantity256(&price), &place);
}

static void end_tip(struct tip_call *all) {
    if (--all->open > 0) return;
    if (all->err == HT_OK) all->err = ht_eth_check_read(all->eth, all->at.is_final, &all->why);
    if (all->err == HT_OK) {
        qsort(all->tips, all->tip_count, sizeof *all->tips, compare_tips);
        ht_u256 tip = all->tip_count > 0 ? all->tips[all->tip_count / 2] : ht_u256_of(0);
        if (ht_u256_is_zero(&tip)) tip = ht_u256_of(1);
        all->eth->tip =
            (struct ht_eth_tip){.is_known = true, .head = all->at.header.hash, .wei = tip};
        finish_tip(all, &tip, all->source);
    } else {
        ht_rpc_refuse(all->call, all->err, &all->why);
    }
    ht_header_read_fini(&all->at);
    free(all);
}

static void on_body(struct ht_block_read *read) {
    struct tip_call *all = ((struct tip_read *)read)->owner;
    if (read->err == HT_OK) {
        ht_u256 *tip = &all->tips[all->tip_count];
        if (ht_priority_fee_typical(tip, HT_ETH_TIP_PERCENTILE_MILLI, &read->header.header,
                                    read->body)) {
            all->tip_count++;
        }
        memcpy(all->source, read->source, sizeof all->source);
    } else if (all->err == HT_OK) {
        all->err = read->err;
        all->why = read->why;
    }
    ht_block_read_fini(read);
    end_tip(all);
}

static void on_headers(struct ht_header_read *at) {
    struct tip_call *all = (struct tip_call *)at;
    const struct ht_eth_tip *known = &all->eth->tip;
    all->err = at->err;
    all->why = at->why;
    all->open = 1;
    if (all->err == HT_OK && known->is_known && ht_hash32_equal(&known->head, &at->header.hash)) {
        finish_tip(all, &known->wei, at->source);
        ht_header_read_fini(at);
        free(all);
        return;
    }
    for (size_t i = 0; i <= at->before_found && all->err == HT_OK; i++) {
        struct ht_block_read *read = &all->reads[i].read;
        const ht_hash32 *hash = i == 0 ? &at->header.hash : &at->before[i - 1].hash;
        read->id = (struct ht_block_id){.kind = HT_BLOCK_HASH, .hash = *hash};
        read->wants_body = true;
        read->done = on_body;
        all->reads[i].owner = all;
        all->open++;
        ht_blocks_read(all->eth->blocks, read);
    }
    end_tip(all);
}

static void begin_tip(struct ht_eth *eth, struct ht_rpc_call *call, const json_t *params,
                      bool adds_base_fee) {
    struct ht_why why = {0};
    struct tip_call *all = calloc(1, sizeof *all);
    enum ht_err err = all != NULL ? HT_OK : ht_eth_no_memory(&why);
    if (err == HT_OK) err = ht_eth_take_params(params, 0, 0, &why);
    if (err == HT_OK) err = ht_eth_check_live(eth, &why);
    if (err == HT_OK && (eth->chain == NULL || eth->blocks == NULL)) err = ht_eth_no_service(&why);
    if (err != HT_OK) {
        ht_rpc_refuse(call, err, &why);
        free(all);
        return;
    }
    all->eth = eth;
    all->call = call;
    all->adds_base_fee = adds_base_fee;
    all->at.id.kind = HT_BLOCK_LATEST;
    all->at.before_count = HT_ETH_TIP_BLOCKS - 1;
    all->at.done = on_headers;
    ht_chain_read(eth->chain, &all->at);
}

void ht_eth_gas_price(void *self, struct ht_rpc_call *call, const json_t *params) {
    begin_tip(self, call, params, true);
}

void ht_eth_max_priority_fee(void *self, struct ht_rpc_call *call, const json_t *params) {
    begin_tip(self, call, params, false);
}

/* --- blobs ------------------------------------------------------------------------------------ */

struct blob_call {
    struct ht_header_read at;
    const struct ht_eth *eth;
    struct ht_rpc_call *call;
};

static void on_blob_header(struct ht_header_read *at) {
    struct blob_call *waiting = (struct blob_call *)at;
    ht_u256 price = ht_u256_of(0);
    enum ht_err err = at->err;
    if (err == HT_OK) err = ht_eth_check_read(waiting->eth, at->is_final, &at->why);
    if (err == HT_OK) {
        const struct ht_network *network = ht_sync_network(waiting->eth->sync);
        uint64_t next = at->header.header.timestamp + network->slot_duration_ms / 1000;
        struct ht_blob_rules rules;
        if (ht_blob_rules_at(&rules, network, next)) {
            err = ht_next_blob_base_fee(&price, &at->header.header, &rules, &at->why);
        } else {
            err = ht_fail(&at->why, HT_ENOTFOUND, "no_blobs", "this chain has no blobs yet");
        }
    }
    if (err == HT_OK) {
        const struct ht_eth_place place = {&at->header, at->is_final, at->source};
        ht_eth_finish(waiting->eth, waiting->call, ht_eth_quantity256(&price), &place);
    } else {
        ht_rpc_refuse(waiting->call, err, &at->why);
    }
    ht_header_read_fini(at);
    free(waiting);
}

void ht_eth_blob_base_fee(void *self, struct ht_rpc_call *call, const json_t *params) {
    const struct ht_eth *eth = self;
    struct ht_why why = {0};
    struct blob_call *waiting = calloc(1, sizeof *waiting);
    enum ht_err err = waiting != NULL ? HT_OK : ht_eth_no_memory(&why);
    if (err == HT_OK) err = ht_eth_take_params(params, 0, 0, &why);
    if (err == HT_OK) err = ht_eth_check_live(eth, &why);
    if (err == HT_OK && eth->chain == NULL) err = ht_eth_no_service(&why);
    if (err != HT_OK) {
        ht_rpc_refuse(call, err, &why);
        free(waiting);
        return;
    }
    waiting->eth = eth;
    waiting->call = call;
    waiting->at.id.kind = HT_BLOCK_LATEST;
    waiting->at.done = on_blob_header;
    ht_chain_read(eth->chain, &waiting->at);
}
