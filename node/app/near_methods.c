/* Methods for peers. */
#include "node/app/near_methods.h"

#include <stdlib.h>

#include "node/api/eth_block.h"
#include "node/api/eth_params.h"
#include "node/api/eth_state.h"
#include "node/api/eth_transaction.h"
#include "node/app/near_send.h"
#include "node/l1/execution/rpc_json.h"

/* --- receipts --------------------------------------------------------------------------------- */

static json_t *topics_of(const struct ht_log *log) {
    json_t *topics = json_array();
    for (size_t i = 0; i < log->topic_count; i++) {
        json_array_append_new(topics, ht_rpc_data(HT_BYTES(log->topics[i].b)));
    }
    return topics;
}

static json_t *logs_of(const struct ht_receipt *receipt) {
    json_t *logs = json_array();
    for (size_t i = 0; i < receipt->log_count; i++) {
        const struct ht_log *log = &receipt->logs[i];
        struct ht_rpc_object one;
        ht_rpc_begin(&one);
        ht_rpc_put_data(&one, "address", HT_BYTES(log->address.b));
        ht_rpc_put(&one, "topics", topics_of(log));
        ht_rpc_put_data(&one, "data", log->data);
        json_array_append_new(logs, ht_rpc_end(&one));
    }
    return logs;
}

static json_t *receipt_json(const struct ht_exec_header_verified *header,
                            const struct ht_receipt *receipt, size_t index) {
    struct ht_rpc_object one;
    ht_rpc_begin(&one);
    ht_rpc_put_data(&one, "blockHash", HT_BYTES(header->hash.b));
    ht_rpc_put_u64(&one, "blockNumber", header->header.number);
    ht_rpc_put_u64(&one, "transactionIndex", index);
    ht_rpc_put_u64(&one, "type", (uint64_t)receipt->type);
    if (receipt->has_state_root) {
        ht_rpc_put_data(&one, "root", HT_BYTES(receipt->state_root.b));
    } else {
        ht_rpc_put_u64(&one, "status", receipt->is_success ? 1 : 0);
    }
    ht_rpc_put_u64(&one, "cumulativeGasUsed", receipt->cumulative_gas_used);
    ht_rpc_put_data(&one, "logsBloom", HT_BYTES(receipt->logs_bloom));
    ht_rpc_put(&one, "logs", logs_of(receipt));
    return ht_rpc_end(&one);
}

json_t *ht_near_receipts_json(const struct ht_exec_header_verified *header,
                              const struct ht_receipts *receipts) {
    json_t *list = json_array();
    for (size_t i = 0; i < receipts->count; i++) {
        if (json_array_append_new(list, receipt_json(header, &receipts->list[i], i)) == 0) continue;
        json_decref(list);
        return NULL;
    }
    return list;
}

/* --- blocks ----------------------------------------------------------------------------------- */

enum ht_err ht_near_check_own(const struct ht_near_methods *methods, struct ht_why *why) {
    const struct ht_providers *providers = ht_sync_providers(methods->eth->sync);
    for (size_t i = 0; i < providers->count; i++) {
        const struct ht_provider *one = &providers->list[i];
        if (one->kind == HT_PROVIDER_EXECUTION && !one->is_peer && !one->has_lied &&
            one->failures_in_row == 0) {
            return HT_OK;
        }
    }
    return ht_fail(why, HT_ENOTFOUND, "state_pruned",
                   "this node has no provider to ask, and it is not kept (pruned)");
}

static void end_block(struct ht_near_block *block, enum ht_err err) {
    block->err = err;
    block->done(block);
}

static void on_asked(struct ht_block_read *read) {
    struct ht_near_block *block =
        (struct ht_near_block *)((char *)read - offsetof(struct ht_near_block, read));
    block->why = read->why;
    if (read->err == HT_OK) {
        block->header = read->header;
        block->receipts = read->receipts;
        read->receipts = NULL;
    }
    enum ht_err err = read->err;
    ht_block_read_fini(read);
    end_block(block, err);
}

static void ask(struct ht_near_block *block) {
    enum ht_err err = ht_near_check_own(block->methods, &block->why);
    if (err != HT_OK) {
        end_block(block, err);
        return;
    }
    block->read = (struct ht_block_read){
        .id = block->id, .wants_receipts = block->wants_receipts, .done = on_asked};
    ht_blocks_read(block->methods->eth->blocks, &block->read);
}

static void on_kept(struct ht_kept_read *read) {
    struct ht_near_block *block =
        (struct ht_near_block *)((char *)read - offsetof(struct ht_near_block, kept));
    if (read->err != HT_OK) {
        ask(block);
        return;
    }
    block->header = read->header;
    block->receipts = read->receipts;
    end_block(block, HT_OK);
}

void ht_near_read_block(struct ht_near_methods *methods, struct ht_near_block *block) {
    const struct ht_exec_header_verified *known =
        block->id.kind == HT_BLOCK_HASH ? ht_chain_find_hash(methods->eth->chain, &block->id.hash)
                                        : NULL;
    block->methods = methods;
    block->why = (struct ht_why){0};
    block->receipts = NULL;
    block->kept = (struct ht_kept_read){.by_number = block->id.kind == HT_BLOCK_NUMBER,
                                        .number = block->id.number,
                                        .hash = block->id.hash,
                                        .wants_receipts = block->wants_receipts,
                                        .done = on_kept};
    if (known != NULL) {
        block->header = *known;
        block->kept.header = *known;
        block->kept.has_header = true;
    }
    bool is_named = block->id.kind == HT_BLOCK_NUMBER || block->id.kind == HT_BLOCK_HASH;
    if (known != NULL && !block->wants_receipts) {
        end_block(block, HT_OK);
    } else if (!is_named || methods->cache == NULL ||
               ht_kept_block_read(methods->cache, &block->kept) != HT_OK) {
        ask(block);
    }
}

/* --- methods ---------------------------------------------------------------------------------- */

struct block_call {
    struct ht_near_block block;
    struct ht_rpc_call *call;
};

static json_t *block_json(const struct ht_near_block *block) {
    if (block->wants_receipts) return ht_near_receipts_json(&block->header, block->receipts);
    json_t *json = NULL;
    enum ht_err err = ht_exec_header_to_json(&json, &block->header.header, &block->header.hash);
    return err == HT_OK ? json : NULL;
}

static void on_block(struct ht_near_block *block) {
    struct block_call *waiting = (struct block_call *)block;
    struct ht_why *why = &block->why;
    json_t *result = block->err == HT_OK ? block_json(block) : NULL;
    if (result != NULL) {
        ht_rpc_finish(waiting->call, result);
    } else if (block->err == HT_OK) {
        ht_rpc_refuse(waiting->call, ht_eth_no_memory(why), why);
    } else if (ht_eth_is_null(block->err, why)) {
        ht_rpc_finish(waiting->call, json_null());
    } else {
        ht_rpc_refuse(waiting->call, block->err, why);
    }
    ht_receipts_unref(block->receipts);
    free(waiting);
}

/* Headers and receipts: what is there without asking for a body. */
static void get(struct ht_near_methods *methods, struct ht_rpc_call *call,
                const struct ht_block_id *id, bool wants_receipts) {
    struct ht_why why = {0};
    struct block_call *waiting = calloc(1, sizeof *waiting);
    if (waiting == NULL) {
        ht_rpc_refuse(call, ht_eth_no_memory(&why), &why);
        return;
    }
    waiting->call = call;
    waiting->block.id = *id;
    waiting->block.wants_receipts = wants_receipts;
    waiting->block.done = on_block;
    ht_near_read_block(methods, &waiting->block);
}

static void get_receipts(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_why why = {0};
    struct ht_block_id id;
    enum ht_err err = ht_eth_take_params(params, 1, 1, &why);
    if (err == HT_OK) err = ht_eth_read_block(&id, params, 0, true, &why);
    if (err == HT_OK) {
        get(self, call, &id, true);
    } else {
        ht_rpc_refuse(call, err, &why);
    }
}

static void get_block(struct ht_near_methods *methods, struct ht_rpc_call *call,
                      const json_t *params, bool by_hash) {
    struct ht_why why = {0};
    struct ht_block_id id = {.kind = HT_BLOCK_HASH};
    bool is_full = true;
    enum ht_err err = ht_eth_take_params(params, 2, 2, &why);
    if (err == HT_OK) {
        err = by_hash ? ht_eth_read_hash(&id.hash, params, 0, &why)
                      : ht_eth_read_block(&id, params, 0, false, &why);
    }
    if (err == HT_OK) err = ht_eth_read_bool(&is_full, params, 1, &why);
    if (err == HT_OK && is_full) err = ht_near_check_own(methods, &why);
    if (err != HT_OK) {
        ht_rpc_refuse(call, err, &why);
    } else if (!is_full) {
        get(methods, call, &id, false);
    } else if (by_hash) {
        ht_eth_get_block_by_hash(methods->eth, call, params);
    } else {
        ht_eth_get_block(methods->eth, call, params);
    }
}

static void get_by_number(void *self, struct ht_rpc_call *call, const json_t *params) {
    get_block(self, call, params, false);
}

static void get_by_hash(void *self, struct ht_rpc_call *call, const json_t *params) {
    get_block(self, call, params, true);
}

/* Those of /eth that have to ask. */
static void pass_on(struct ht_near_methods *methods, struct ht_rpc_call *call, const json_t *params,
                    void (*start)(void *self, struct ht_rpc_call *call, const json_t *params)) {
    struct ht_why why = {0};
    enum ht_err err = ht_near_check_own(methods, &why);
    if (err == HT_OK) {
        start(methods->eth, call, params);
    } else {
        ht_rpc_refuse(call, err, &why);
    }
}

static void get_proof(void *self, struct ht_rpc_call *call, const json_t *params) {
    pass_on(self, call, params, ht_eth_get_proof);
}

static void get_code(void *self, struct ht_rpc_call *call, const json_t *params) {
    pass_on(self, call, params, ht_eth_get_code);
}

static void get_transaction(void *self, struct ht_rpc_call *call, const json_t *params) {
    pass_on(self, call, params, ht_eth_get_transaction);
}

enum ht_err ht_near_methods_add(struct ht_rpc *rpc, struct ht_near_methods *methods) {
    static const struct ht_rpc_method table[] = {
        {.name = "eth_getProof", .start = get_proof},
        {.name = "eth_getCode", .start = get_code},
        {.name = "eth_getTransactionByHash", .start = get_transaction},
        {.name = "eth_getBlockByHash", .start = get_by_hash},
        {.name = "eth_getBlockByNumber", .start = get_by_number},
        {.name = "eth_getBlockReceipts", .start = get_receipts},
        {.name = HT_NEAR_SEND, .start = ht_near_send},
    };
    return ht_rpc_add_methods(rpc, table, sizeof table / sizeof *table, methods);
}
