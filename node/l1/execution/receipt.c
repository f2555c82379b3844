/* Receipts in RLP, their blooms; JSON is in receipt_json.c. */
#include "node/l1/execution/receipt.h"

#include "node/codec/rlp.h"
#include "node/l1/execution/rpc_json.h"

static enum ht_err read_topics(struct ht_log *log, ht_bytes *rest, struct ht_why *why) {
    ht_bytes items = {0};
    enum ht_err err = ht_rlp_read_list(&items, rest, why);
    while (err == HT_OK && items.n > 0) {
        if (log->topic_count == HT_LOG_TOPICS_MAX) {
            return ht_fail(why, HT_EINPUT, "receipt_topics", "a log with more than 4 topics");
        }
        err = ht_rlp_read_hash32(&log->topics[log->topic_count++], &items, why);
    }
    return err;
}

static enum ht_err read_log(struct ht_log *log, ht_bytes *rest, struct ht_why *why) {
    ht_bytes parts = {0};
    enum ht_err err = ht_rlp_read_list(&parts, rest, why);
    if (err == HT_OK) err = ht_rlp_read_addr20(&log->address, &parts, why);
    if (err == HT_OK) err = read_topics(log, &parts, why);
    if (err == HT_OK) err = ht_rlp_read_bytes(&log->data, &parts, parts.n, why);
    if (err == HT_OK) err = ht_rlp_end(parts, why);
    return err;
}

static enum ht_err read_logs(struct ht_receipt *receipt, struct ht_arena *arena, ht_bytes *rest,
                             struct ht_why *why) {
    ht_bytes items = {0};
    void *room = NULL;
    size_t count = 0;
    enum ht_err err = ht_rlp_read_list(&items, rest, why);
    if (err == HT_OK) err = ht_rlp_count(&count, items, items.n, why);
    if (err == HT_OK) err = ht_arena_array(&room, arena, count, sizeof(struct ht_log), why);
    struct ht_log *logs = room;
    for (size_t i = 0; i < count && err == HT_OK; i++) err = read_log(&logs[i], &items, why);
    receipt->logs = logs;
    receipt->log_count = count;
    return err;
}

/* post-state root or status (EIP-658) */
static enum ht_err read_outcome(struct ht_receipt *receipt, ht_bytes *rest, struct ht_why *why) {
    ht_bytes outcome = {0};
    enum ht_err err = ht_rlp_read_bytes(&outcome, rest, rest->n, why);
    if (err != HT_OK) return err;
    receipt->has_state_root = outcome.n == sizeof receipt->state_root.b;
    receipt->is_success = outcome.n == 1 && outcome.p[0] == 1;
    if (receipt->has_state_root) memcpy(receipt->state_root.b, outcome.p, outcome.n);
    bool may_have_root = receipt->type == HT_TX_LEGACY;
    if (receipt->has_state_root ? may_have_root : receipt->is_success || outcome.n == 0) {
        return HT_OK;
    }
    return ht_fail(why, HT_EINPUT, "receipt_status", "neither a status nor a state root");
}

enum ht_err ht_receipt_decode(struct ht_receipt *out, struct ht_arena *arena, ht_bytes encoded,
                              struct ht_why *why) {
    struct ht_receipt receipt = {.type = HT_TX_LEGACY};
    ht_bytes rest = encoded;
    ht_bytes parts = {0};
    uint8_t first = encoded.n > 0 ? encoded.p[0] : 0;
    if (first < 0xc0) {
        if (first == 0 || first >= HT_TX_TYPE_COUNT) {
            return ht_fail(why, HT_EINPUT, "receipt_type", "receipt type 0x%02x is not known",
                           first);
        }
        receipt.type = (enum ht_tx_type)first;
        rest = ht_bytes_of(encoded.p + 1, encoded.n - 1);
    }
    enum ht_err err = ht_rlp_read_list(&parts, &rest, why);
    if (err == HT_OK) err = ht_rlp_end(rest, why);
    if (err == HT_OK) err = read_outcome(&receipt, &parts, why);
    if (err == HT_OK) err = ht_rlp_read_u64(&receipt.cumulative_gas_used, &parts, why);
    if (err == HT_OK) err = ht_rlp_read_fixed(receipt.logs_bloom, HT_BLOOM_SIZE, &parts, why);
    if (err == HT_OK) err = read_logs(&receipt, arena, &parts, why);
    if (err == HT_OK) err = ht_rlp_end(parts, why);
    if (err == HT_OK) *out = receipt;
    return err;
}

static void write_log(struct ht_rlp_writer *writer, const struct ht_log *log) {
    size_t begin = ht_rlp_list_begin(writer);
    ht_rlp_write_bytes(writer, HT_BYTES(log->address.b));
    size_t topics = ht_rlp_list_begin(writer);
    for (size_t i = 0; i < log->topic_count; i++) {
        ht_rlp_write_bytes(writer, HT_BYTES(log->topics[i].b));
    }
    ht_rlp_list_end(writer, topics);
    ht_rlp_write_bytes(writer, log->data);
    ht_rlp_list_end(writer, begin);
}

enum ht_err ht_receipt_encode(struct ht_buf *out, const struct ht_receipt *receipt) {
    uint8_t type = (uint8_t)receipt->type;
    struct ht_rlp_writer writer;
    ht_rlp_writer_init(&writer, out);
    if (type != HT_TX_LEGACY) ht_rlp_write_raw(&writer, ht_bytes_of(&type, 1));
    size_t begin = ht_rlp_list_begin(&writer);
    if (receipt->has_state_root) {
        ht_rlp_write_bytes(&writer, HT_BYTES(receipt->state_root.b));
    } else {
        ht_rlp_write_u64(&writer, receipt->is_success ? 1 : 0);
    }
    ht_rlp_write_u64(&writer, receipt->cumulative_gas_used);
    ht_rlp_write_bytes(&writer, HT_BYTES(receipt->logs_bloom));
    size_t logs = ht_rlp_list_begin(&writer);
    for (size_t i = 0; i < receipt->log_count; i++) write_log(&writer, &receipt->logs[i]);
    ht_rlp_list_end(&writer, logs);
    ht_rlp_list_end(&writer, begin);
    return ht_rlp_finish(&writer);
}

void ht_receipt_bloom(uint8_t out[static HT_BLOOM_SIZE], const struct ht_receipt *receipt) {
    struct ht_bloom_bits bits;
    memset(out, 0, HT_BLOOM_SIZE);
    for (size_t i = 0; i < receipt->log_count; i++) {
        const struct ht_log *log = &receipt->logs[i];
        ht_bloom_bits_of_address(&bits, &log->address);
        ht_bloom_set(out, &bits);
        for (size_t k = 0; k < log->topic_count; k++) {
            ht_bloom_bits_of_topic(&bits, &log->topics[k]);
            ht_bloom_set(out, &bits);
        }
    }
}

enum ht_err ht_receipt_check_bloom(const struct ht_receipt *receipt, struct ht_why *why) {
    uint8_t bloom[HT_BLOOM_SIZE];
    ht_receipt_bloom(bloom, receipt);
    if (memcmp(bloom, receipt->logs_bloom, sizeof bloom) == 0) return HT_OK;
    return ht_fail(why, HT_EUNVERIFIED, "receipt_bloom_differs",
                   "the bloom is not the one of the logs");
}
