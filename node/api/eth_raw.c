/* Proven things in RLP. */
#include "node/api/eth_raw.h"

#include <stdlib.h>

#include "node/api/eth_params.h"
#include "node/codec/rlp.h"
#include "node/l1/blocks_transaction.h"
#include "node/l1/execution/rpc_json.h"

#define RAW_MAX ((size_t)11 << 20) /* twice that in hex fits into a reply */

static enum ht_err too_large(enum ht_err err, struct ht_why *why) {
    if (err == HT_ENOMEM) return ht_eth_no_memory(why);
    return ht_fail(why, HT_ELIMIT, "raw_too_large", "more than %zu bytes", RAW_MAX);
}

/* The buffer's bytes as a result, or why there are none. */
static enum ht_err take(json_t **out, struct ht_buf *bytes, enum ht_err err, struct ht_why *why) {
    json_t *made = err == HT_OK ? ht_rpc_data(ht_buf_view(bytes)) : NULL;
    ht_buf_fini(bytes);
    if (err != HT_OK) return too_large(err, why);
    if (made == NULL) return ht_eth_no_memory(why);
    *out = made;
    return HT_OK;
}

/* --- results ---------------------------------------------------------------------------------- */

static enum ht_err make_header(json_t **out, const struct ht_block_read *read, struct ht_why *why) {
    struct ht_buf bytes;
    ht_buf_init(&bytes, HT_EXEC_HEADER_RLP_MAX);
    enum ht_err err = ht_exec_header_encode(&bytes, &read->header.header);
    return take(out, &bytes, err, why);
}

/* In a block, a legacy transaction is a list of its own and any other a string. */
static void write_transaction(struct ht_rlp_writer *writer, struct ht_buf *scratch,
                              const struct ht_transaction *tx) {
    ht_buf_clear(scratch);
    enum ht_err err = ht_tx_encode(scratch, tx);
    if (err != HT_OK) {
        writer->err = writer->err == HT_OK ? err : writer->err;
    } else if (tx->type == HT_TX_LEGACY) {
        ht_rlp_write_raw(writer, ht_buf_view(scratch));
    } else {
        ht_rlp_write_bytes(writer, ht_buf_view(scratch));
    }
}

static void write_withdrawals(struct ht_rlp_writer *writer, const struct ht_body *body) {
    size_t list = ht_rlp_list_begin(writer);
    for (size_t i = 0; i < body->withdrawal_count; i++) {
        const struct ht_withdrawal *one = &body->withdrawals[i];
        size_t begin = ht_rlp_list_begin(writer);
        ht_rlp_write_u64(writer, one->index);
        ht_rlp_write_u64(writer, one->validator_index);
        ht_rlp_write_bytes(writer, HT_BYTES(one->address.b));
        ht_rlp_write_u64(writer, one->amount);
        ht_rlp_list_end(writer, begin);
    }
    ht_rlp_list_end(writer, list);
}

static enum ht_err make_block(json_t **out, const struct ht_block_read *read, struct ht_why *why) {
    const struct ht_body *body = read->body;
    struct ht_buf bytes, scratch;
    struct ht_rlp_writer writer;
    if (body->has_uncles) {
        return ht_fail(why, HT_EDENIED, "uncles_not_proven",
                       "the block is from before the Merge and has uncles, which are not proven");
    }
    ht_buf_init(&bytes, RAW_MAX);
    ht_buf_init(&scratch, HT_TX_SIZE_MAX);
    ht_rlp_writer_init(&writer, &bytes);
    size_t block = ht_rlp_list_begin(&writer);
    enum ht_err err = ht_exec_header_encode(&scratch, &read->header.header);
    ht_rlp_write_raw(&writer, ht_buf_view(&scratch));
    size_t transactions = ht_rlp_list_begin(&writer);
    for (size_t i = 0; i < body->count; i++) {
        write_transaction(&writer, &scratch, &body->transactions[i]);
    }
    ht_rlp_list_end(&writer, transactions);
    ht_rlp_list_end(&writer, ht_rlp_list_begin(&writer)); /* no uncles */
    if (read->header.header.layout >= HT_EXEC_LAYOUT_SHANGHAI) write_withdrawals(&writer, body);
    ht_rlp_list_end(&writer, block);
    enum ht_err written = ht_rlp_finish(&writer);
    ht_buf_fini(&scratch);
    return take(out, &bytes, err == HT_OK ? written : err, why);
}

static enum ht_err make_receipts(json_t **out, const struct ht_block_read *read,
                                 struct ht_why *why) {
    enum ht_err err = HT_OK;
    size_t left = RAW_MAX;
    json_t *array = json_array();
    for (size_t i = 0; i < read->receipts->count && err == HT_OK; i++) {
        struct ht_buf bytes;
        json_t *one = NULL;
        ht_buf_init(&bytes, left);
        err = ht_receipt_encode(&bytes, &read->receipts->list[i]);
        left -= bytes.n;
        err = take(&one, &bytes, err, why);
        if (err == HT_OK && json_array_append_new(array, one) != 0) err = ht_eth_no_memory(why);
    }
    if (err == HT_OK && array == NULL) err = ht_eth_no_memory(why);
    if (err == HT_OK)
        *out = array;
    else
        json_decref(array);
    return err;
}

/* --- blocks ----------------------------------------------------------------------------------- */

struct raw_call {
    struct ht_block_read read;
    const struct ht_eth *eth;
    struct ht_rpc_call *call;
    enum ht_err (*make)(json_t **out, const struct ht_block_read *read, struct ht_why *why);
};

static void on_read(struct ht_block_read *read) {
    struct raw_call *waiting = (struct raw_call *)read;
    json_t *result = NULL;
    enum ht_err err = read->err;
    if (err == HT_OK) err = ht_eth_check_read(waiting->eth, read->is_final, &read->why);
    if (err == HT_OK) err = waiting->make(&result, read, &read->why);
    if (err == HT_OK) {
        const struct ht_eth_place place = {&read->header, read->is_final, read->source};
        ht_eth_finish(waiting->eth, waiting->call, result, &place);
    } else {
        ht_rpc_refuse(waiting->call, err, &read->why);
    }
    ht_block_read_fini(read);
    free(waiting);
}

static void begin(const struct ht_eth *eth, struct ht_rpc_call *call, const json_t *params,
                  enum ht_err (*make)(json_t **out, const struct ht_block_read *read,
                                      struct ht_why *why)) {
    struct ht_why why = {0};
    struct raw_call *waiting = calloc(1, sizeof *waiting);
    enum ht_err err = waiting != NULL ? HT_OK : ht_eth_no_memory(&why);
    if (err == HT_OK) err = ht_eth_take_params(params, 1, 1, &why);
    if (err == HT_OK) err = ht_eth_read_block(&waiting->read.id, params, 0, true, &why);
    if (err == HT_OK) err = ht_eth_check_ask(eth, &waiting->read.id, &why);
    if (err == HT_OK && eth->blocks == NULL) err = ht_eth_no_service(&why);
    if (err != HT_OK) {
        ht_rpc_refuse(call, err, &why);
        free(waiting);
        return;
    }
    waiting->eth = eth;
    waiting->call = call;
    waiting->make = make;
    waiting->read.wants_body = make != make_header;
    waiting->read.wants_receipts = make == make_receipts;
    waiting->read.done = on_read;
    ht_blocks_read(eth->blocks, &waiting->read);
}

void ht_eth_get_raw_header(void *self, struct ht_rpc_call *call, const json_t *params) {
    begin(self, call, params, make_header);
}

void ht_eth_get_raw_block(void *self, struct ht_rpc_call *call, const json_t *params) {
    begin(self, call, params, make_block);
}

void ht_eth_get_raw_receipts(void *self, struct ht_rpc_call *call, const json_t *params) {
    begin(self, call, params, make_receipts);
}

/* --- transactions ----------------------------------------------------------------------------- */

struct raw_transaction_call {
    struct ht_transaction_read read;
    const struct ht_eth *eth;
    struct ht_rpc_call *call;
};

static void on_transaction(struct ht_transaction_read *read) {
    struct raw_transaction_call *waiting = (struct raw_transaction_call *)read;
    json_t *result = NULL;
    enum ht_err err = read->err;
    if (ht_eth_is_null(err, &read->why)) {
        ht_eth_finish_null(waiting->eth, waiting->call, &read->why);
    } else {
        if (err == HT_OK) err = ht_eth_check_read(waiting->eth, read->block.is_final, &read->why);
        if (err == HT_OK) {
            struct ht_buf bytes;
            ht_buf_init(&bytes, RAW_MAX);
            err = ht_tx_encode(&bytes, &read->block.body->transactions[read->index]);
            err = take(&result, &bytes, err, &read->why);
        }
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

void ht_eth_get_raw_transaction(void *self, struct ht_rpc_call *call, const json_t *params) {
    const struct ht_eth *eth = self;
    struct ht_why why = {0};
    struct raw_transaction_call *waiting = calloc(1, sizeof *waiting);
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
    waiting->read.done = on_transaction;
    ht_blocks_read_transaction(eth->blocks, &waiting->read);
}
