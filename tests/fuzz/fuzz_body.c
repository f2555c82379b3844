/* Bodies and receipts from any bytes: a block object when they begin with "{", an array of receipt
 * objects when they begin with "[", else receipts as they are kept.
 *
 * No fuzzer finds a root, so a header is made here that has the right ones. Under it, what can be
 * read must be proven, written and read back the same; with any root changed it must be refused. */
#include <stdlib.h>

#include "node/codec/rlp.h"
#include "node/crypto/keccak.h"
#include "node/l1/execution/body_json.h"
#include "node/l1/execution/fees.h"
#include "node/l1/execution/log_filter.h"
#include "node/l1/execution/rpc_json.h"
#include "node/l1/execution/trie_build.h"

#define BYTES_MAX ((size_t)4 << 20)
#define ITEMS_MAX 64U

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void must(bool claim) {
    if (!claim) abort();
}

/* Values of a list, for its root. */
struct values {
    struct ht_buf bytes[ITEMS_MAX];
    size_t count;
};

static struct ht_buf *values_add(struct values *values) {
    ht_buf_init(&values->bytes[values->count], BYTES_MAX);
    return &values->bytes[values->count++];
}

static bool root_of(ht_hash32 *out, const struct values *values) {
    ht_bytes views[ITEMS_MAX];
    for (size_t i = 0; i < values->count; i++) views[i] = ht_buf_view(&values->bytes[i]);
    return ht_trie_list_root(out, views, values->count, NULL, NULL) == HT_OK;
}

static void values_fini(struct values *values) {
    for (size_t i = 0; i < values->count; i++) ht_buf_fini(&values->bytes[i]);
    values->count = 0;
}

static void verify(struct ht_exec_header_verified *out, const struct ht_exec_header *header) {
    struct ht_exec_header_claimed claimed = {.header = *header};
    struct ht_header_verified beacon = {.has_execution = true};
    struct ht_exec_hash_proven proven;
    must(ht_exec_header_hash(&claimed.hash, header) == HT_OK);
    beacon.execution_block_hash = claimed.hash;
    must(ht_exec_hash_of_beacon(&proven, &beacon, NULL) == HT_OK);
    must(ht_exec_header_verify(out, &claimed, &proven, NULL) == HT_OK);
}

/* --- roots ------------------------------------------------------------------------------------*/

static bool transactions_root(ht_hash32 *out, const json_t *array) {
    struct values values = {.count = 0};
    struct ht_arena arena;
    bool is_good = json_array_size(array) <= ITEMS_MAX;
    ht_arena_init(&arena, BYTES_MAX);
    for (size_t i = 0; i < json_array_size(array) && is_good; i++) {
        struct ht_transaction tx;
        is_good = ht_tx_from_json(&tx, &arena, json_array_get(array, i), NULL) == HT_OK &&
                  ht_tx_encode(values_add(&values), &tx) == HT_OK;
    }
    is_good = is_good && root_of(out, &values);
    values_fini(&values);
    ht_arena_fini(&arena);
    return is_good;
}

static bool encode_withdrawal(struct ht_buf *out, const json_t *object) {
    uint64_t index = 0, validator = 0, amount = 0;
    ht_addr20 address;
    if (ht_rpc_read_u64(&index, object, "index", NULL) != HT_OK ||
        ht_rpc_read_u64(&validator, object, "validatorIndex", NULL) != HT_OK ||
        ht_rpc_read_u64(&amount, object, "amount", NULL) != HT_OK ||
        ht_json_hex(address.b, sizeof address.b, object, "address", NULL) != HT_OK) {
        return false;
    }
    struct ht_rlp_writer writer;
    ht_rlp_writer_init(&writer, out);
    size_t begin = ht_rlp_list_begin(&writer);
    ht_rlp_write_u64(&writer, index);
    ht_rlp_write_u64(&writer, validator);
    ht_rlp_write_bytes(&writer, HT_BYTES(address.b));
    ht_rlp_write_u64(&writer, amount);
    ht_rlp_list_end(&writer, begin);
    return ht_rlp_finish(&writer) == HT_OK;
}

static bool withdrawals_root(ht_hash32 *out, const json_t *array) {
    struct values values = {.count = 0};
    bool is_good = json_array_size(array) <= ITEMS_MAX;
    for (size_t i = 0; i < json_array_size(array) && is_good; i++) {
        is_good = encode_withdrawal(values_add(&values), json_array_get(array, i));
    }
    is_good = is_good && root_of(out, &values);
    values_fini(&values);
    return is_good;
}

/* --- blocks -----------------------------------------------------------------------------------*/

static void judge_body(const struct ht_exec_header_verified *header, const struct ht_body *body,
                       bool has_withdrawals) {
    struct ht_body *back = NULL;
    json_t *full = NULL, *thin = NULL;
    ht_u256 fee;
    must(ht_block_to_json(&full, header, body, true, NULL) == HT_OK);
    must(ht_block_to_json(&thin, header, body, false, NULL) == HT_OK);
    must(ht_body_from_json(&back, header, full, BYTES_MAX, NULL) == HT_OK);
    must(back->size == body->size && back->count == body->count);
    must(back->withdrawal_count == body->withdrawal_count);
    for (size_t i = 0; i < body->count; i++) {
        must(ht_hash32_equal(&back->hashes[i], &body->hashes[i]));
        must(memcmp(&back->senders[i], &body->senders[i], sizeof(ht_addr20)) == 0);
    }
    must(ht_priority_fee_typical(&fee, 60000, &header->header, body) == (body->count > 0));
    ht_body_unref(back);
    struct ht_exec_header other = header->header;
    struct ht_exec_header_verified wrong;
    other.transactions_root.b[0] ^= 1;
    verify(&wrong, &other);
    must(ht_body_from_json(&back, &wrong, full, BYTES_MAX, NULL) == HT_EUNVERIFIED);
    other = header->header;
    other.withdrawals_root.b[31] ^= (uint8_t)has_withdrawals;
    verify(&wrong, &other);
    bool is_proven = ht_body_from_json(&back, &wrong, full, BYTES_MAX, NULL) == HT_OK;
    must(is_proven == !has_withdrawals);
    if (is_proven) ht_body_unref(back);
    json_decref(full);
    json_decref(thin);
}

static void run_block(const json_t *block) {
    struct ht_exec_header header = {.number = 100, .base_fee_per_gas = {{7}}};
    struct ht_exec_header_verified verified;
    struct ht_body *body = NULL;
    struct ht_why why = {.code = NULL};
    const json_t *withdrawals = ht_json_member(block, "withdrawals");
    const json_t *transactions = ht_json_member(block, "transactions");
    bool has_withdrawals = json_is_array(withdrawals);
    bool has_roots = json_is_array(transactions) &&
                     transactions_root(&header.transactions_root, transactions) &&
                     (!has_withdrawals || withdrawals_root(&header.withdrawals_root, withdrawals));
    header.layout = has_withdrawals ? HT_EXEC_LAYOUT_PRAGUE : HT_EXEC_LAYOUT_LONDON;
    ht_keccak256(&header.ommers_hash, ht_bytes_of("\xc0", 1));
    verify(&verified, &header);
    enum ht_err err = ht_body_from_json(&body, &verified, block, BYTES_MAX, &why);
    must(err == HT_OK || why.code != NULL);
    /* Without a root of ours it may be longer than this target makes roots for, never proven. */
    must(err != HT_OK || has_roots);
    if (err != HT_OK) return;
    judge_body(&verified, body, has_withdrawals);
    ht_body_unref(body);
}

/* --- receipts ---------------------------------------------------------------------------------*/

static void judge_receipts(const struct ht_exec_header_verified *header,
                           const struct ht_receipts *receipts, ht_bytes expected) {
    struct ht_receipts *back = NULL;
    struct ht_exec_header other = header->header;
    struct ht_exec_header_verified wrong;
    struct ht_buf kept;
    ht_buf_init(&kept, BYTES_MAX);
    must(ht_receipts_encode(&kept, receipts) == HT_OK);
    must(expected.p == NULL || ht_bytes_equal(ht_buf_view(&kept), expected));
    must(ht_receipts_decode(&back, header, ht_buf_view(&kept), 4 * BYTES_MAX, NULL) == HT_OK);
    must(back->count == receipts->count);
    ht_receipts_unref(back);
    other.receipts_root.b[0] ^= 1;
    verify(&wrong, &other);
    must(ht_receipts_decode(&back, &wrong, ht_buf_view(&kept), 4 * BYTES_MAX, NULL) ==
         HT_EUNVERIFIED);
    ht_buf_fini(&kept);
}

static void run_receipts(const json_t *array) {
    struct ht_exec_header header = {.number = 100};
    struct ht_exec_header_verified verified;
    struct values values = {.count = 0};
    struct ht_receipts *receipts = NULL;
    const struct ht_receipt *list = NULL;
    size_t count = 0;
    struct ht_why why = {.code = NULL};
    struct ht_arena arena;
    ht_arena_init(&arena, BYTES_MAX);
    enum ht_err err = ht_receipts_from_json(&list, &count, &arena, array, ITEMS_MAX, NULL, NULL);
    for (size_t i = 0; i < count && err == HT_OK; i++) {
        err = ht_receipt_encode(values_add(&values), &list[i]);
    }
    bool has_root = err == HT_OK && root_of(&header.receipts_root, &values);
    verify(&verified, &header);
    /* They name a block, and no fuzzer finds its hash. */
    if (count > 0) {
        must(ht_json_hex(verified.hash.b, 32, array, "[0].blockHash", NULL) == HT_OK);
    }
    err = ht_receipts_prove_json(&receipts, &verified, array, BYTES_MAX, &why);
    must(err == HT_OK || why.code != NULL);
    must(err != HT_OK || has_root);
    if (err == HT_OK) judge_receipts(&verified, receipts, (ht_bytes){0});
    ht_receipts_unref(receipts);
    values_fini(&values);
    ht_arena_fini(&arena);
}

/* The items of a list of strings, as far as it is one. */
static bool kept_root(ht_hash32 *out, ht_bytes data) {
    ht_bytes views[ITEMS_MAX];
    ht_bytes items = {0};
    size_t count = 0;
    if (ht_rlp_read_list(&items, &data, NULL) != HT_OK) return false;
    while (items.n > 0) {
        if (count == ITEMS_MAX) return false;
        if (ht_rlp_read_bytes(&views[count++], &items, items.n, NULL) != HT_OK) return false;
    }
    return ht_trie_list_root(out, views, count, NULL, NULL) == HT_OK;
}

static void run_kept(ht_bytes data) {
    struct ht_exec_header header = {.number = 100};
    struct ht_exec_header_verified verified;
    struct ht_receipts *receipts = NULL;
    struct ht_why why = {.code = NULL};
    bool has_root = kept_root(&header.receipts_root, data);
    verify(&verified, &header);
    enum ht_err err = ht_receipts_decode(&receipts, &verified, data, BYTES_MAX, &why);
    must(err == HT_OK || why.code != NULL);
    must(err != HT_OK || has_root);
    if (err == HT_OK) judge_receipts(&verified, receipts, data);
    ht_receipts_unref(receipts);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    json_t *value = NULL;
    if (n == 0 || (data[0] != '{' && data[0] != '[')) {
        run_kept(ht_bytes_of(data, n));
        return 0;
    }
    if (ht_json_parse(&value, ht_bytes_of(data, n), n, NULL) != HT_OK) return 0;
    if (json_is_array(value))
        run_receipts(value);
    else
        run_block(value);
    json_decref(value);
    return 0;
}
