/* Blocks, their transactions and receipts as JSON, out of proven structs only. */
#include "node/l1/execution/body_json.h"

#include "node/l1/execution/rpc_json.h"

/* Takes over both; NULL when either is, or without memory. */
static json_t *append(json_t *array, json_t *value) {
    if (array != NULL && value != NULL && json_array_append_new(array, value) == 0) return array;
    if (array == NULL) json_decref(value);
    json_decref(array);
    return NULL;
}

static enum ht_err no_memory(struct ht_why *why) {
    return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
}

/* --- blocks -----------------------------------------------------------------------------------*/

/* NULL without memory. */
static json_t *transaction_at(const struct ht_exec_header_verified *header,
                              const struct ht_body *body, size_t index) {
    const struct ht_tx_place place = {.block_hash = header->hash,
                                      .block_number = header->header.number,
                                      .block_timestamp = header->header.timestamp,
                                      .transaction_index = index,
                                      .base_fee_per_gas = header->header.base_fee_per_gas};
    json_t *made = NULL;
    enum ht_err err = ht_tx_known_to_json(&made, &body->transactions[index], &body->hashes[index],
                                          &body->senders[index], &place);
    return err == HT_OK ? made : NULL;
}

static json_t *transactions_of(const struct ht_exec_header_verified *header,
                               const struct ht_body *body, bool is_full) {
    json_t *array = json_array();
    for (size_t i = 0; i < body->count && array != NULL; i++) {
        array = append(array, is_full ? transaction_at(header, body, i)
                                      : ht_rpc_data(HT_BYTES(body->hashes[i].b)));
    }
    return array;
}

static json_t *withdrawals_of(const struct ht_body *body) {
    json_t *array = json_array();
    for (size_t i = 0; i < body->withdrawal_count && array != NULL; i++) {
        const struct ht_withdrawal *from = &body->withdrawals[i];
        struct ht_rpc_object one;
        ht_rpc_begin(&one);
        ht_rpc_put_u64(&one, "index", from->index);
        ht_rpc_put_u64(&one, "validatorIndex", from->validator_index);
        ht_rpc_put_data(&one, "address", HT_BYTES(from->address.b));
        ht_rpc_put_u64(&one, "amount", from->amount);
        array = append(array, ht_rpc_end(&one));
    }
    return array;
}

enum ht_err ht_block_to_json(json_t **out, const struct ht_exec_header_verified *header,
                             const struct ht_body *body, bool is_full, struct ht_why *why) {
    struct ht_rpc_object block = {.object = NULL};
    if (body->has_uncles) {
        return ht_fail(why, HT_EDENIED, "uncles_not_proven",
                       "the block has uncles, which are not proven here");
    }
    enum ht_err err = ht_exec_header_to_json(&block.object, &header->header, &header->hash);
    if (err != HT_OK) return no_memory(why);
    ht_rpc_put_u64(&block, "size", body->size);
    ht_rpc_put(&block, "transactions", transactions_of(header, body, is_full));
    ht_rpc_put(&block, "uncles", json_array());
    if (header->header.layout >= HT_EXEC_LAYOUT_SHANGHAI) {
        ht_rpc_put(&block, "withdrawals", withdrawals_of(body));
    }
    json_t *made = ht_rpc_end(&block);
    if (made == NULL) return no_memory(why);
    *out = made;
    return HT_OK;
}

enum ht_err ht_block_transaction_to_json(json_t **out, const struct ht_exec_header_verified *header,
                                         const struct ht_body *body, size_t index,
                                         struct ht_why *why) {
    ht_assert(index < body->count);
    json_t *made = transaction_at(header, body, index);
    if (made == NULL) return no_memory(why);
    *out = made;
    return HT_OK;
}

/* --- receipts ---------------------------------------------------------------------------------*/

static void fill_place(struct ht_receipt_place *out, const struct ht_exec_header_verified *header,
                       const struct ht_body *body, const struct ht_receipts *receipts, size_t index,
                       const ht_u256 *blob_gas_price, uint64_t logs_before) {
    *out = (struct ht_receipt_place){
        .block_hash = header->hash,
        .block_number = header->header.number,
        .block_timestamp = header->header.timestamp,
        .transaction_index = index,
        .transaction_hash = body->hashes[index],
        .transaction = &body->transactions[index],
        .sender = body->senders[index],
        .base_fee_per_gas = header->header.base_fee_per_gas,
        .blob_gas_price = *blob_gas_price,
        .cumulative_before = index > 0 ? receipts->list[index - 1].cumulative_gas_used : 0,
        .logs_before = logs_before,
    };
}

void ht_receipt_place_of(struct ht_receipt_place *out, const struct ht_exec_header_verified *header,
                         const struct ht_body *body, const struct ht_receipts *receipts,
                         size_t index, const ht_u256 *blob_gas_price) {
    uint64_t logs = 0;
    ht_assert(index < body->count && index < receipts->count);
    for (size_t i = 0; i < index; i++) logs += receipts->list[i].log_count;
    fill_place(out, header, body, receipts, index, blob_gas_price, logs);
}

enum ht_err ht_block_receipt_to_json(json_t **out, const struct ht_exec_header_verified *header,
                                     const struct ht_body *body, const struct ht_receipts *receipts,
                                     size_t index, const ht_u256 *blob_gas_price) {
    struct ht_receipt_place place;
    if (receipts->count != body->count) return HT_EBUG;
    ht_receipt_place_of(&place, header, body, receipts, index, blob_gas_price);
    return ht_receipt_to_json(out, &receipts->list[index], &place);
}

enum ht_err ht_block_receipts_to_json(json_t **out, const struct ht_exec_header_verified *header,
                                      const struct ht_body *body,
                                      const struct ht_receipts *receipts,
                                      const ht_u256 *blob_gas_price) {
    uint64_t logs = 0;
    if (receipts->count != body->count) return HT_EBUG;
    json_t *array = json_array();
    for (size_t i = 0; i < receipts->count && array != NULL; i++) {
        struct ht_receipt_place place;
        json_t *one = NULL;
        fill_place(&place, header, body, receipts, i, blob_gas_price, logs);
        if (ht_receipt_to_json(&one, &receipts->list[i], &place) != HT_OK) one = NULL;
        array = append(array, one);
        logs += receipts->list[i].log_count;
    }
    if (array == NULL) return HT_ENOMEM;
    *out = array;
    return HT_OK;
}
