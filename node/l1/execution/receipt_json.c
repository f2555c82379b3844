/* Receipts from the JSON of providers, and to the JSON of our own answers. */
#include "node/l1/execution/receipt_json.h"

#include "node/codec/rlp.h"
#include "node/codec/transaction_rules.h"
#include "node/crypto/keccak.h"
#include "node/l1/execution/rpc_json.h"

/* --- reading ----------------------------------------------------------------------------------*/

static enum ht_err read_log(struct ht_log *log, struct ht_arena *arena, const json_t *object,
                            struct ht_why *why) {
    const json_t *topics = NULL;
    enum ht_err err = ht_json_hex(log->address.b, sizeof log->address.b, object, "address", why);
    if (err == HT_OK) err = ht_json_array(&topics, object, "topics", why);
    if (err == HT_OK) err = ht_rpc_read_data(&log->data, arena, object, "data", why);
    if (err != HT_OK) return err;
    log->topic_count = json_array_size(topics);
    if (log->topic_count > HT_LOG_TOPICS_MAX) {
        return ht_fail(why, HT_EINPUT, "receipt_topics", "a log with more than 4 topics");
    }
    for (size_t i = 0; i < log->topic_count && err == HT_OK; i++) {
        err = ht_json_hex(log->topics[i].b, 32, json_array_get(topics, i), "", why);
    }
    return err;
}

static enum ht_err read_logs(struct ht_receipt *receipt, struct ht_arena *arena,
                             const json_t *object, struct ht_why *why) {
    const json_t *array = NULL;
    void *room = NULL;
    enum ht_err err = ht_json_array(&array, object, "logs", why);
    if (err != HT_OK) return err;
    size_t count = json_array_size(array);
    err = ht_arena_array(&room, arena, count, sizeof(struct ht_log), why);
    struct ht_log *logs = room;
    for (size_t i = 0; i < count && err == HT_OK; i++) {
        err = read_log(&logs[i], arena, json_array_get(array, i), why);
        if (err != HT_OK) ht_why_context(why, "log %zu", i);
    }
    receipt->logs = logs;
    receipt->log_count = count;
    return err;
}

/* Some providers send a status for receipts from before Byzantium as well; the root is what was
 * hashed then. */
static enum ht_err read_outcome(struct ht_receipt *receipt, const json_t *object,
                                struct ht_why *why) {
    uint64_t status = 0;
    receipt->has_state_root = receipt->type == HT_TX_LEGACY && ht_rpc_has(object, "root");
    if (receipt->has_state_root) {
        return ht_json_hex(receipt->state_root.b, sizeof receipt->state_root.b, object, "root",
                           why);
    }
    enum ht_err err = ht_rpc_read_u64(&status, object, "status", why);
    if (err != HT_OK) return err;
    if (status > 1) return ht_fail(why, HT_EINPUT, "receipt_status", "the status is not 0 or 1");
    receipt->is_success = status == 1;
    return HT_OK;
}

enum ht_err ht_receipt_from_json(struct ht_receipt *out, struct ht_arena *arena,
                                 const json_t *object, struct ht_why *why) {
    struct ht_receipt receipt = {.type = HT_TX_LEGACY};
    uint64_t type = 0;
    enum ht_err err = HT_OK;
    if (ht_rpc_has(object, "type")) err = ht_rpc_read_u64(&type, object, "type", why);
    if (err == HT_OK && type >= HT_TX_TYPE_COUNT) {
        return ht_fail(why, HT_EINPUT, "receipt_type", "receipt type %llu is not known",
                       (unsigned long long)type);
    }
    receipt.type = (enum ht_tx_type)type;
    if (err == HT_OK) err = read_outcome(&receipt, object, why);
    if (err == HT_OK) {
        err = ht_rpc_read_u64(&receipt.cumulative_gas_used, object, "cumulativeGasUsed", why);
    }
    if (err == HT_OK)
        err = ht_json_hex(receipt.logs_bloom, HT_BLOOM_SIZE, object, "logsBloom", why);
    if (err == HT_OK) err = read_logs(&receipt, arena, object, why);
    if (err == HT_OK) *out = receipt;
    return err;
}

static enum ht_err check_place(const json_t *object, size_t index, const ht_hash32 *block_hash,
                               struct ht_why *why) {
    uint64_t said = 0;
    ht_hash32 hash;
    enum ht_err err = ht_rpc_read_u64(&said, object, "transactionIndex", why);
    if (err == HT_OK) err = ht_json_hex(hash.b, sizeof hash.b, object, "blockHash", why);
    if (err != HT_OK) return err;
    if (said != index || !ht_hash32_equal(&hash, block_hash)) {
        return ht_fail(why, HT_EINPUT, "receipt_order", "it says another place or block");
    }
    return HT_OK;
}

static enum ht_err read_one(struct ht_receipt *receipts, struct ht_arena *arena,
                            const json_t *array, size_t i, const ht_hash32 *block_hash,
                            struct ht_why *why) {
    const json_t *object = json_array_get(array, i);
    enum ht_err err = check_place(object, i, block_hash, why);
    if (err == HT_OK) err = ht_receipt_from_json(&receipts[i], arena, object, why);
    if (err != HT_OK) return err;
    uint64_t before = i > 0 ? receipts[i - 1].cumulative_gas_used : 0;
    if (receipts[i].cumulative_gas_used <= before) {
        return ht_fail(why, HT_EINPUT, "receipt_order", "the cumulative gas does not grow");
    }
    return HT_OK;
}

enum ht_err ht_receipts_from_json(const struct ht_receipt **out, size_t *count,
                                  struct ht_arena *arena, const json_t *array, size_t max,
                                  const ht_hash32 *block_hash, struct ht_why *why) {
    ht_hash32 first;
    void *room = NULL;
    if (!json_is_array(array)) {
        return ht_fail(why, HT_EINPUT, "json_type", "the receipts are not an array");
    }
    size_t n = json_array_size(array);
    if (n > max) {
        return ht_fail(why, HT_ELIMIT, "receipt_too_many", "%zu receipts, at most %zu", n, max);
    }
    enum ht_err err = ht_arena_array(&room, arena, n, sizeof(struct ht_receipt), why);
    if (err == HT_OK && n > 0 && block_hash == NULL) {
        err = ht_json_hex(first.b, sizeof first.b, array, "[0].blockHash", why);
        block_hash = &first;
    }
    for (size_t i = 0; i < n && err == HT_OK; i++) {
        err = read_one(room, arena, array, i, block_hash, why);
        if (err != HT_OK) ht_why_context(why, "receipt %zu", i);
    }
    if (err != HT_OK) return err;
    *out = room;
    *count = n;
    return HT_OK;
}

/* --- writing ----------------------------------------------------------------------------------*/

enum ht_err ht_log_to_json(json_t **out, const struct ht_log *log, size_t index,
                           const struct ht_receipt_place *place) {
    struct ht_rpc_object object;
    json_t *topics = json_array();
    for (size_t i = 0; i < log->topic_count && topics != NULL; i++) {
        if (json_array_append_new(topics, ht_rpc_data(HT_BYTES(log->topics[i].b))) == 0) continue;
        json_decref(topics);
        topics = NULL;
    }
    ht_rpc_begin(&object);
    ht_rpc_put_bool(&object, "removed", false);
    ht_rpc_put_u64(&object, "logIndex", place->logs_before + index);
    ht_rpc_put_u64(&object, "transactionIndex", place->transaction_index);
    ht_rpc_put_data(&object, "transactionHash", HT_BYTES(place->transaction_hash.b));
    ht_rpc_put_data(&object, "blockHash", HT_BYTES(place->block_hash.b));
    ht_rpc_put_u64(&object, "blockNumber", place->block_number);
    ht_rpc_put_u64(&object, "blockTimestamp", place->block_timestamp);
    ht_rpc_put_data(&object, "address", HT_BYTES(log->address.b));
    ht_rpc_put_data(&object, "data", log->data);
    ht_rpc_put(&object, "topics", topics);
    json_t *made = ht_rpc_end(&object);
    if (made == NULL) return HT_ENOMEM;
    *out = made;
    return HT_OK;
}

static json_t *logs_of(const struct ht_receipt *receipt, const struct ht_receipt_place *place) {
    json_t *array = json_array();
    for (size_t i = 0; i < receipt->log_count && array != NULL; i++) {
        json_t *log = NULL;
        if (ht_log_to_json(&log, &receipt->logs[i], i, place) == HT_OK &&
            json_array_append_new(array, log) == 0) {
            continue;
        }
        json_decref(array);
        array = NULL;
    }
    return array;
}

/* The address of a contract that a transaction makes: Yellow Paper (7.1), without init code. */
static enum ht_err address_made(ht_addr20 *out, const ht_addr20 *sender, uint64_t nonce) {
    struct ht_buf bytes;
    struct ht_rlp_writer writer;
    ht_buf_init(&bytes, 64);
    ht_rlp_writer_init(&writer, &bytes);
    size_t begin = ht_rlp_list_begin(&writer);
    ht_rlp_write_bytes(&writer, HT_BYTES(sender->b));
    ht_rlp_write_u64(&writer, nonce);
    ht_rlp_list_end(&writer, begin);
    enum ht_err err = ht_rlp_finish(&writer);
    if (err == HT_OK) {
        ht_hash32 hash;
        ht_keccak256(&hash, ht_buf_view(&bytes));
        memcpy(out->b, hash.b + 12, sizeof out->b);
    }
    ht_buf_fini(&bytes);
    return err;
}

static enum ht_err put_parties(struct ht_rpc_object *out, const struct ht_receipt_place *place) {
    const struct ht_transaction *tx = place->transaction;
    ht_addr20 made;
    ht_rpc_put_data(out, "from", HT_BYTES(place->sender.b));
    if (!tx->is_creation) {
        ht_rpc_put_data(out, "to", HT_BYTES(tx->to.b));
        ht_rpc_put_null(out, "contractAddress");
        return HT_OK;
    }
    enum ht_err err = address_made(&made, &place->sender, tx->nonce);
    if (err != HT_OK) return err;
    ht_rpc_put_null(out, "to");
    ht_rpc_put_data(out, "contractAddress", HT_BYTES(made.b));
    return HT_OK;
}

static void put_gas(struct ht_rpc_object *out, const struct ht_receipt *receipt,
                    const struct ht_receipt_place *place) {
    const struct ht_transaction *tx = place->transaction;
    ht_u256 price;
    ht_tx_effective_gas_price(&price, tx, &place->base_fee_per_gas);
    ht_rpc_put_u64(out, "cumulativeGasUsed", receipt->cumulative_gas_used);
    ht_rpc_put_u64(out, "gasUsed", receipt->cumulative_gas_used - place->cumulative_before);
    ht_rpc_put_u256(out, "effectiveGasPrice", &price);
    if (tx->type != HT_TX_BLOB) return;
    ht_rpc_put_u64(out, "blobGasUsed", (uint64_t)tx->blob_count * HT_GAS_PER_BLOB);
    ht_rpc_put_u256(out, "blobGasPrice", &place->blob_gas_price);
}

enum ht_err ht_receipt_to_json(json_t **out, const struct ht_receipt *receipt,
                               const struct ht_receipt_place *place) {
    struct ht_rpc_object object;
    ht_rpc_begin(&object);
    ht_rpc_put_data(&object, "transactionHash", HT_BYTES(place->transaction_hash.b));
    ht_rpc_put_u64(&object, "transactionIndex", place->transaction_index);
    ht_rpc_put_data(&object, "blockHash", HT_BYTES(place->block_hash.b));
    ht_rpc_put_u64(&object, "blockNumber", place->block_number);
    enum ht_err err = put_parties(&object, place);
    put_gas(&object, receipt, place);
    ht_rpc_put_u64(&object, "type", (uint64_t)receipt->type);
    if (receipt->has_state_root) {
        ht_rpc_put_data(&object, "root", HT_BYTES(receipt->state_root.b));
    } else {
        ht_rpc_put_u64(&object, "status", receipt->is_success ? 1 : 0);
    }
    ht_rpc_put_data(&object, "logsBloom", HT_BYTES(receipt->logs_bloom));
    ht_rpc_put(&object, "logs", logs_of(receipt, place));
    json_t *made = ht_rpc_end(&object);
    if (err == HT_OK && made == NULL) err = HT_ENOMEM;
    if (err == HT_OK) {
        *out = made;
    } else {
        json_decref(made);
    }
    return err;
}
