/* Receipts from any bytes, as RLP or, when they begin with "{" or "[", as JSON: one, or a block's.
 *
 * What is accepted from RLP must encode back to the same bytes, what is accepted from JSON must
 * come back from RLP, our own JSON of it must read back, and a bloom that is said to be right must
 * hold every address and topic. */
#include <stdlib.h>

#include "node/l1/execution/receipt_json.h"

#define ARENA_MAX ((size_t)4 << 20)
#define LIST_MAX 64U

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void must(bool claim) {
    if (!claim) abort();
}

static struct ht_buf encoded(const struct ht_receipt *receipt) {
    struct ht_buf out;
    ht_buf_init(&out, HT_RECEIPT_SIZE_MAX);
    must(ht_receipt_encode(&out, receipt) == HT_OK);
    return out;
}

static void must_be_same(const struct ht_receipt *a, const struct ht_receipt *b) {
    struct ht_buf first = encoded(a);
    struct ht_buf second = encoded(b);
    must(ht_bytes_equal(ht_buf_view(&first), ht_buf_view(&second)));
    ht_buf_fini(&first);
    ht_buf_fini(&second);
}

static void check_bloom(const struct ht_receipt *receipt) {
    struct ht_bloom_bits bits;
    if (ht_receipt_check_bloom(receipt, NULL) != HT_OK) return;
    for (size_t i = 0; i < receipt->log_count; i++) {
        const struct ht_log *log = &receipt->logs[i];
        ht_bloom_bits_of_address(&bits, &log->address);
        must(ht_bloom_has(receipt->logs_bloom, &bits));
        for (size_t k = 0; k < log->topic_count; k++) {
            ht_bloom_bits_of_topic(&bits, &log->topics[k]);
            must(ht_bloom_has(receipt->logs_bloom, &bits));
        }
    }
}

static void judge(const struct ht_receipt *receipt, struct ht_arena *arena) {
    struct ht_receipt back;
    const struct ht_transaction tx = {.type = receipt->type, .is_creation = true};
    const struct ht_receipt_place place = {.transaction = &tx};
    json_t *object = NULL;
    struct ht_buf bytes = encoded(receipt);
    must(ht_receipt_decode(&back, arena, ht_buf_view(&bytes), NULL) == HT_OK);
    must_be_same(receipt, &back);
    must(ht_receipt_to_json(&object, receipt, &place) == HT_OK);
    must(ht_receipt_from_json(&back, arena, object, NULL) == HT_OK);
    must_be_same(receipt, &back);
    check_bloom(receipt);
    json_decref(object);
    ht_buf_fini(&bytes);
}

static void run_json(ht_bytes text, struct ht_arena *arena) {
    struct ht_receipt one;
    const struct ht_receipt *receipts = &one;
    size_t count = 1;
    struct ht_why why = {.code = NULL};
    json_t *value = NULL;
    if (ht_json_parse(&value, text, text.n, NULL) != HT_OK) return;
    enum ht_err err = json_is_array(value) ? ht_receipts_from_json(&receipts, &count, arena, value,
                                                                   LIST_MAX, NULL, &why)
                                           : ht_receipt_from_json(&one, arena, value, &why);
    must(err == HT_OK || why.code != NULL);
    for (size_t i = 0; i < count && err == HT_OK; i++) judge(&receipts[i], arena);
    json_decref(value);
}

static void run_rlp(ht_bytes data, struct ht_arena *arena) {
    struct ht_receipt receipt;
    struct ht_why why = {.code = NULL};
    enum ht_err err = ht_receipt_decode(&receipt, arena, data, &why);
    must(err == HT_OK || why.code != NULL);
    if (err != HT_OK) return;
    struct ht_buf again = encoded(&receipt);
    must(ht_bytes_equal(ht_buf_view(&again), data));
    ht_buf_fini(&again);
    judge(&receipt, arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    struct ht_arena arena;
    ht_arena_init(&arena, ARENA_MAX);
    bool is_json = n > 0 && (data[0] == '{' || data[0] == '[');
    if (is_json)
        run_json(ht_bytes_of(data, n), &arena);
    else
        run_rlp(ht_bytes_of(data, n), &arena);
    ht_arena_fini(&arena);
    return 0;
}
