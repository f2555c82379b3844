/* Simulated blocks in the words of execution-apis. */
#include "node/api/eth_simulate_json.h"

#include <stdio.h>

#include "node/codec/rlp.h"
#include "node/l1/execution/receipt_json.h"
#include "node/l1/execution/revert.h"
#include "node/l1/execution/rpc_json.h"
#include "node/l1/execution/transaction_json.h"

#define REVERTED 3
#define HALTED (-32015)

/* --- calls ------------------------------------------------------------------------------------ */

static json_t *log_json(const struct ht_eth_sim_done *done, const struct ht_eth_sim_call *call,
                        size_t place, const struct ht_eth_sim_log *log) {
    const struct ht_receipt_place at = {.block_hash = done->hash,
                                        .block_number = done->header.number,
                                        .block_timestamp = done->header.timestamp,
                                        .transaction_index = place,
                                        .transaction_hash = call->hash,
                                        .transaction = &call->tx,
                                        .sender = call->from};
    json_t *made = NULL;
    return ht_log_to_json(&made, &log->log, (size_t)log->index, &at) == HT_OK ? made : NULL;
}

static json_t *error_json(const struct ht_eth_sim_call *call) {
    static const char words[] = "execution reverted";
    char reason[HT_REVERT_REASON_MAX + 1];
    char message[sizeof words + sizeof reason + 2];
    if (call->status != HT_EVM_REVERT) {
        return json_pack("{s:s, s:i}", "message", ht_evm_status_text(call->status), "code", HALTED);
    }
    size_t n = ht_revert_reason(reason, call->output);
    (void)snprintf(message, sizeof message, "%s%s%s", words, n > 0 ? ": " : "", reason);
    return json_pack("{s:s, s:i, s:o}", "message", message, "code", REVERTED, "data",
                     ht_rpc_data(call->output));
}

static json_t *call_json(const struct ht_eth_sim_done *done, size_t i) {
    const struct ht_eth_sim_call *call = &done->calls[i];
    const bool is_success = call->status == HT_EVM_SUCCESS;
    struct ht_rpc_object object;
    json_t *logs = json_array();
    for (size_t k = 0; k < call->log_count && logs != NULL; k++) {
        if (json_array_append_new(logs, log_json(done, call, i, &call->logs[k])) == 0) continue;
        json_decref(logs);
        logs = NULL;
    }
    ht_rpc_begin(&object);
    ht_rpc_put_data(&object, "returnData", is_success ? call->output : (ht_bytes){0});
    ht_rpc_put(&object, "logs", logs);
    ht_rpc_put_u64(&object, "gasUsed", call->gas_used);
    ht_rpc_put_u64(&object, "maxUsedGas", call->gas_max);
    ht_rpc_put_u64(&object, "status", is_success);
    if (!is_success) ht_rpc_put(&object, "error", error_json(call));
    return ht_rpc_end(&object);
}

/* --- transactions ----------------------------------------------------------------------------- */

static json_t *transaction_json(const struct ht_eth_sim_done *done, size_t i) {
    const struct ht_eth_sim_call *call = &done->calls[i];
    const struct ht_tx_place place = {.block_hash = done->hash,
                                      .block_number = done->header.number,
                                      .block_timestamp = done->header.timestamp,
                                      .transaction_index = i,
                                      .base_fee_per_gas = done->header.base_fee_per_gas};
    json_t *made = NULL;
    if (ht_tx_known_to_json(&made, &call->tx, &call->hash, &call->from, &place) != HT_OK) {
        return NULL;
    }
    /* A signature of zeros, which no legacy transaction with one can have. */
    if (call->tx.type == HT_TX_LEGACY) (void)json_object_set_new(made, "v", json_string("0x0"));
    return made;
}

/* --- blocks ----------------------------------------------------------------------------------- */

static json_t *withdrawal_json(const struct ht_withdrawal *one) {
    struct ht_rpc_object object;
    ht_rpc_begin(&object);
    ht_rpc_put_u64(&object, "index", one->index);
    ht_rpc_put_u64(&object, "validatorIndex", one->validator_index);
    ht_rpc_put_data(&object, "address", HT_BYTES(one->address.b));
    ht_rpc_put_u64(&object, "amount", one->amount);
    return ht_rpc_end(&object);
}

/* Bytes of an item of RLP with that much in it. */
static size_t rlp_size(size_t payload) {
    uint8_t header[HT_RLP_HEADER_MAX];
    return ht_rlp_header(header, true, payload) + payload;
}

static size_t withdrawal_size(const struct ht_withdrawal *one) {
    struct ht_buf bytes;
    struct ht_rlp_writer writer;
    ht_buf_init(&bytes, 64);
    ht_rlp_writer_init(&writer, &bytes);
    ht_rlp_write_u64(&writer, one->index);
    ht_rlp_write_u64(&writer, one->validator_index);
    ht_rlp_write_bytes(&writer, HT_BYTES(one->address.b));
    ht_rlp_write_u64(&writer, one->amount);
    (void)!ht_rlp_finish(&writer);
    size_t n = rlp_size(bytes.n);
    ht_buf_fini(&bytes);
    return n;
}

/* Of the block's RLP (Yellow Paper 4.3.3). */
static size_t block_size(const struct ht_eth_sim_done *done) {
    struct ht_buf header;
    size_t transactions = 0, withdrawals = 0;
    ht_buf_init(&header, HT_EXEC_HEADER_RLP_MAX);
    (void)!ht_exec_header_encode(&header, &done->header);
    for (size_t i = 0; i < done->call_count; i++) {
        const struct ht_eth_sim_call *call = &done->calls[i];
        transactions += call->tx.type == HT_TX_LEGACY ? call->encoded.n : rlp_size(call->encoded.n);
    }
    for (size_t i = 0; i < done->withdrawal_count; i++) {
        withdrawals += withdrawal_size(&done->withdrawals[i]);
    }
    size_t n = header.n + rlp_size(transactions) + rlp_size(0);
    if (done->header.layout >= HT_EXEC_LAYOUT_SHANGHAI) n += rlp_size(withdrawals);
    ht_buf_fini(&header);
    return rlp_size(n);
}

/* An array of what `make` gives; NULL without memory. */
static json_t *list(const struct ht_eth_sim_done *done, size_t count,
                    json_t *(*make)(const struct ht_eth_sim_done *done, size_t i)) {
    json_t *array = json_array();
    for (size_t i = 0; i < count && array != NULL; i++) {
        if (json_array_append_new(array, make(done, i)) == 0) continue;
        json_decref(array);
        array = NULL;
    }
    return array;
}

static json_t *make_hash(const struct ht_eth_sim_done *done, size_t i) {
    return ht_rpc_data(HT_BYTES(done->calls[i].hash.b));
}

static json_t *make_withdrawal(const struct ht_eth_sim_done *done, size_t i) {
    return withdrawal_json(&done->withdrawals[i]);
}

json_t *ht_eth_sim_block_json(const struct ht_eth_sim_done *done, bool has_full_transactions) {
    struct ht_rpc_object object = {.object = NULL};
    if (ht_exec_header_to_json(&object.object, &done->header, &done->hash) != HT_OK) return NULL;
    ht_rpc_put_u64(&object, "size", block_size(done));
    ht_rpc_put(&object, "transactions",
               list(done, done->call_count, has_full_transactions ? transaction_json : make_hash));
    ht_rpc_put(&object, "uncles", json_array());
    if (done->header.layout >= HT_EXEC_LAYOUT_SHANGHAI) {
        ht_rpc_put(&object, "withdrawals", list(done, done->withdrawal_count, make_withdrawal));
    }
    ht_rpc_put(&object, "calls", list(done, done->call_count, call_json));
    return ht_rpc_end(&object);
}
