/* Transactions and receipts by hash. */
#include "node/api/eth_transaction.h"

#include <stdlib.h>

#include "node/api/eth_params.h"
#include "node/l1/blocks_transaction.h"
#include "node/l1/blocks_transaction.h"
#include "node/l1/execution/body_json.h"

struct transaction_call {
    struct ht_transaction_read read;
    const struct ht_eth *eth;
    struct ht_rpc_call *call;
};

static enum ht_err make_result(struct transaction_call *waiting, json_t **out) {
    struct ht_transaction_read *read = &waiting->read;
    const struct ht_block_read *block = &read->block;
    if (!read->wants_receipt) {
        return ht_block_transaction_to_json(out, &block->header, block->body, read->index,
                                            &read->why);
    }
    ht_u256 blob_price;
    ht_blocks_blob_price(&blob_price, waiting->eth->blocks, &block->header);
    return ht_block_receipt_to_json(out, &block->header, block->body, block->receipts, read->index,
                                    &blob_price);
}

/* HT_ESTALE while the head is old: the transaction may long be in a block. */
static void finish_pending(struct transaction_call *waiting) {
    struct ht_transaction_read *read = &waiting->read;
    struct ht_why stale = {0};
    enum ht_err err = ht_eth_check_live(waiting->eth, &stale);
    if (err != HT_OK) {
        ht_rpc_refuse(waiting->call, err, &stale);
    } else if (read->pending == NULL || read->wants_receipt) {
        ht_eth_finish_null(waiting->eth, waiting->call, &read->why);
    } else {
        json_t *provenance = ht_rpc_call_wants_provenance(waiting->call)
                                 ? ht_eth_unproven_json(read->why.text, read->question.source)
                                 : NULL;
        ht_rpc_finish_proven(waiting->call, json_incref(read->pending), provenance);
    }
}

static void on_read(struct ht_transaction_read *read) {
    struct transaction_call *waiting = (struct transaction_call *)read;
    json_t *result = NULL;
    enum ht_err err = read->err;
    if (ht_eth_is_null(err, &read->why)) {
        finish_pending(waiting);
    } else {
        if (err == HT_OK) err = ht_eth_check_read(waiting->eth, read->block.is_final, &read->why);
        if (err == HT_OK) err = make_result(waiting, &result);
        if (err == HT_OK) {
            const struct ht_eth_place place = {&read->block.header, read->block.is_final,
                                               read->block.source};
            ht_eth_finish(waiting->eth, waiting->call, result, &place);
        } else {
            ht_rpc_refuse(waiting->call, err, &read->why);
        }
    }
    ht_transaction_read_fini(read);
    free(waiting);
}

static void begin(const struct ht_eth *eth, struct ht_rpc_call *call, const json_t *params,
                  bool wants_receipt) {
    struct ht_why why = {0};
    struct transaction_call *waiting = calloc(1, sizeof *waiting);
    enum ht_err err = waiting != NULL ? HT_OK : ht_eth_no_memory(&why);
    if (err == HT_OK) err = ht_eth_take_params(params, 1, 1, &why);
    if (err == HT_OK) err = ht_eth_read_hash(&waiting->read.hash, params, 0, &why);
    if (err == HT_OK && eth->blocks == NULL) err = ht_eth_no_service(&why);
    if (err != HT_OK) {
        ht_rpc_refuse(call, err, &why);
        free(waiting);
        return;
    }
    waiting->eth = eth;
    waiting->call = call;
    waiting->read.wants_receipt = wants_receipt;
    waiting->read.done = on_read;
    ht_blocks_read_transaction(eth->blocks, &waiting->read);
}

void ht_eth_get_transaction(void *self, struct ht_rpc_call *call, const json_t *params) {
    begin(self, call, params, false);
}

void ht_eth_get_receipt(void *self, struct ht_rpc_call *call, const json_t *params) {
    begin(self, call, params, true);
}
