/* Blocks for tests. */
#include "tests/unit/block_maker.h"

#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>

#include "node/codec/rlp.h"
#include "node/codec/transaction_rules.h"
#include "node/crypto/keccak.h"
#include "node/l1/execution/receipt_json.h"
#include "node/l1/execution/rpc_json.h"
#include "node/l1/execution/transaction_json.h"
#include "node/l1/execution/trie_build.h"

static const ht_hash32 KEYS[1] = {{{3}}};
static const struct ht_tx_access ACCESS[1] = {
    {.address = {{0xac}}, .storage_keys = KEYS, .key_count = 1}};
static const ht_hash32 BLOBS[1] = {{{1, 7}}};
static const struct ht_tx_authorization AUTHORIZATIONS[1] = {
    {.chain_id = {{5}}, .address = {{0xde}}, .nonce = 9, .y_parity = 1, .r = {{1}}, .s = {{2}}}};
static const struct ht_log LOGS[2] = {
    {.address = {{0x10}}, .topic_count = 2, .topics = {{{0xa}}, {{0xb}}}},
    {.address = {{0x20}},
     .topic_count = 1,
     .topics = {{{0xc}}},
     .data = {(const uint8_t *)"log data", 8}},
};

/* --- content ----------------------------------------------------------------------------------*/

static void make_transaction(struct ht_transaction *tx, enum ht_tx_type type, size_t index,
                             const ht_u256 *base_fee) {
    ht_u256 tip = ht_u256_of(index + 1);
    *tx = (struct ht_transaction){.type = type,
                                  .has_chain_id = true,
                                  .chain_id = 5,
                                  .nonce = index,
                                  .gas_limit = 1000000,
                                  .to = {{0x70, (uint8_t)index}},
                                  .value = ht_u256_of(7),
                                  .data = ht_bytes_str("some data")};
    if (type <= HT_TX_ACCESS_LIST) {
        ht_u256_add(&tx->gas_price, base_fee, &tip);
    } else {
        tx->max_fee_per_gas = ht_u256_of(1000000);
        tx->max_priority_fee_per_gas = tip;
    }
    if (type != HT_TX_LEGACY) {
        tx->access_list = ACCESS;
        tx->access_count = 1;
    }
    if (type == HT_TX_BLOB) {
        tx->max_fee_per_blob_gas = ht_u256_of(100);
        tx->blob_versioned_hashes = BLOBS;
        tx->blob_count = 1;
    }
    if (type == HT_TX_SET_CODE) {
        tx->authorization_list = AUTHORIZATIONS;
        tx->authorization_count = 1;
    }
}

static void make_header(struct ht_exec_header *header, enum ht_exec_layout layout) {
    *header = (struct ht_exec_header){.layout = layout,
                                      .number = 100,
                                      .gas_limit = 30000000,
                                      .timestamp = 1700000000,
                                      .extra_data = {.n = 4, .b = "test"}};
    /* Of a block without uncles. */
    ht_keccak256(&header->ommers_hash, ht_bytes_of("\xc0", 1));
    memset(header->parent_hash.b, 0x11, 32);
    memset(header->state_root.b, 0x22, 32);
    if (layout >= HT_EXEC_LAYOUT_LONDON) header->base_fee_per_gas = ht_u256_of(1000);
    if (layout >= HT_EXEC_LAYOUT_CANCUN) {
        header->blob_gas_used = HT_GAS_PER_BLOB;
        memset(header->parent_beacon_block_root.b, 0x33, 32);
    }
    if (layout >= HT_EXEC_LAYOUT_PRAGUE) memset(header->requests_hash.b, 0x44, 32);
    if (layout >= HT_EXEC_LAYOUT_AMSTERDAM) header->slot_number = 200;
}

void ht_bm_init(struct ht_block_maker *maker, enum ht_exec_layout layout) {
    static const size_t TYPES[HT_EXEC_LAYOUT_COUNT] = {1, 3, 3, 4, 5, 5};
    uint64_t gas = 0;
    *maker = (struct ht_block_maker){.count = TYPES[layout]};
    make_header(&maker->header, layout);
    for (size_t i = 0; i < maker->count; i++) {
        struct ht_receipt *receipt = &maker->receipts[i];
        enum ht_tx_type type = (enum ht_tx_type)i;
        make_transaction(&maker->transactions[i], type, i, &maker->header.base_fee_per_gas);
        gas += 21000 * (i + 1);
        *receipt =
            (struct ht_receipt){.type = type, .is_success = i != 1, .cumulative_gas_used = gas};
        receipt->logs = LOGS;
        receipt->log_count = i > 0 ? 2 : 0;
        receipt->has_state_root = layout == HT_EXEC_LAYOUT_FRONTIER;
    }
    maker->header.gas_used = gas;
    if (layout < HT_EXEC_LAYOUT_SHANGHAI) return;
    maker->withdrawal_count = 2;
    maker->withdrawals[0] = (struct ht_withdrawal){1000, 7, {{0x77}}, 123456};
    maker->withdrawals[1] = (struct ht_withdrawal){1001, 8, {{0x88}}, 0};
}

/* --- finishing --------------------------------------------------------------------------------*/

/* Any signature that some key could have made. */
static void sign(struct ht_transaction *tx) {
    tx->is_signed = true;
    tx->s = ht_u256_of(1);
    for (uint64_t r = 1; r < 100; r++) {
        ht_addr20 sender;
        tx->r = ht_u256_of(r);
        if (ht_tx_sender(&sender, tx, HT_ECDSA_ANY_S, NULL) == HT_OK) return;
    }
    fail_msg("no signature found");
}

static void encode_withdrawal(struct ht_buf *out, const struct ht_withdrawal *withdrawal) {
    struct ht_rlp_writer writer;
    ht_rlp_writer_init(&writer, out);
    size_t begin = ht_rlp_list_begin(&writer);
    ht_rlp_write_u64(&writer, withdrawal->index);
    ht_rlp_write_u64(&writer, withdrawal->validator_index);
    ht_rlp_write_bytes(&writer, HT_BYTES(withdrawal->address.b));
    ht_rlp_write_u64(&writer, withdrawal->amount);
    ht_rlp_list_end(&writer, begin);
    assert_int_equal(ht_rlp_finish(&writer), HT_OK);
}

static void root_of(ht_hash32 *out, struct ht_buf *encoded, size_t count) {
    ht_bytes values[HT_BM_TRANSACTIONS_MAX] = {{0}};
    for (size_t i = 0; i < count; i++) values[i] = ht_buf_view(&encoded[i]);
    assert_int_equal(ht_trie_list_root(out, values, count, NULL, NULL), HT_OK);
    for (size_t i = 0; i < count; i++) ht_buf_fini(&encoded[i]);
}

static void make_roots(struct ht_block_maker *maker) {
    struct ht_buf encoded[HT_BM_TRANSACTIONS_MAX];
    for (size_t i = 0; i < HT_BM_TRANSACTIONS_MAX; i++) ht_buf_init(&encoded[i], HT_BM_BYTES_MAX);
    for (size_t i = 0; i < maker->count; i++) {
        assert_int_equal(ht_tx_encode(&encoded[i], &maker->transactions[i]), HT_OK);
    }
    root_of(&maker->header.transactions_root, encoded, maker->count);
    for (size_t i = 0; i < maker->count; i++) {
        assert_int_equal(ht_receipt_encode(&encoded[i], &maker->receipts[i]), HT_OK);
    }
    root_of(&maker->header.receipts_root, encoded, maker->count);
    if (maker->header.layout < HT_EXEC_LAYOUT_SHANGHAI) return;
    for (size_t i = 0; i < maker->withdrawal_count; i++) {
        encode_withdrawal(&encoded[i], &maker->withdrawals[i]);
    }
    root_of(&maker->header.withdrawals_root, encoded, maker->withdrawal_count);
}

static json_t *withdrawals_of(const struct ht_block_maker *maker) {
    json_t *array = json_array();
    for (size_t i = 0; i < maker->withdrawal_count; i++) {
        const struct ht_withdrawal *from = &maker->withdrawals[i];
        struct ht_rpc_object one;
        ht_rpc_begin(&one);
        ht_rpc_put_u64(&one, "index", from->index);
        ht_rpc_put_u64(&one, "validatorIndex", from->validator_index);
        ht_rpc_put_data(&one, "address", HT_BYTES(from->address.b));
        ht_rpc_put_u64(&one, "amount", from->amount);
        (void)json_array_append_new(array, ht_rpc_end(&one));
    }
    return array;
}

static void make_block_json(struct ht_block_maker *maker) {
    json_t *transactions = json_array();
    for (size_t i = 0; i < maker->count; i++) {
        json_t *one = NULL;
        assert_int_equal(ht_tx_to_json(&one, &maker->transactions[i], NULL, NULL), HT_OK);
        (void)json_array_append_new(transactions, one);
    }
    assert_int_equal(ht_exec_header_to_json(&maker->block, &maker->header, &maker->verified.hash),
                     HT_OK);
    (void)json_object_set_new(maker->block, "transactions", transactions);
    (void)json_object_set_new(maker->block, "uncles", json_array());
    if (maker->header.layout < HT_EXEC_LAYOUT_SHANGHAI) return;
    (void)json_object_set_new(maker->block, "withdrawals", withdrawals_of(maker));
}

static void make_receipts_json(struct ht_block_maker *maker) {
    maker->receipts_json = json_array();
    for (size_t i = 0; i < maker->count; i++) {
        struct ht_receipt_place place = {.block_hash = maker->verified.hash,
                                         .block_number = maker->header.number,
                                         .transaction_index = i,
                                         .transaction = &maker->transactions[i]};
        json_t *one = NULL;
        assert_int_equal(ht_receipt_to_json(&one, &maker->receipts[i], &place), HT_OK);
        (void)json_array_append_new(maker->receipts_json, one);
    }
}

void ht_bm_verify(struct ht_exec_header_verified *out, const struct ht_exec_header *header) {
    struct ht_exec_header_claimed claimed = {.header = *header};
    struct ht_header_verified beacon = {.has_execution = true};
    struct ht_exec_hash_proven proven;
    assert_int_equal(ht_exec_header_hash(&claimed.hash, header), HT_OK);
    beacon.execution_block_hash = claimed.hash;
    assert_int_equal(ht_exec_hash_of_beacon(&proven, &beacon, NULL), HT_OK);
    assert_int_equal(ht_exec_header_verify(out, &claimed, &proven, NULL), HT_OK);
}

void ht_bm_finish(struct ht_block_maker *maker) {
    ht_bm_fini(maker);
    memset(maker->header.logs_bloom, 0, sizeof maker->header.logs_bloom);
    for (size_t i = 0; i < maker->count; i++) {
        struct ht_receipt *receipt = &maker->receipts[i];
        sign(&maker->transactions[i]);
        ht_receipt_bloom(receipt->logs_bloom, receipt);
        ht_bloom_join(maker->header.logs_bloom, receipt->logs_bloom);
    }
    make_roots(maker);
    ht_bm_verify(&maker->verified, &maker->header);
    make_block_json(maker);
    make_receipts_json(maker);
}

void ht_bm_fini(struct ht_block_maker *maker) {
    json_decref(maker->block);
    json_decref(maker->receipts_json);
    maker->block = NULL;
    maker->receipts_json = NULL;
}

struct ht_body *ht_bm_body(const struct ht_block_maker *maker) {
    struct ht_body *body = NULL;
    struct ht_why why = {.code = "ok"};
    if (ht_body_from_json(&body, &maker->verified, maker->block, HT_BM_BYTES_MAX, &why) != HT_OK) {
        fail_msg("%s: %s", why.code, why.text);
    }
    return body;
}

struct ht_receipts *ht_bm_receipts(const struct ht_block_maker *maker) {
    struct ht_receipts *receipts = NULL;
    struct ht_why why = {.code = "ok"};
    if (ht_receipts_prove_json(&receipts, &maker->verified, maker->receipts_json, HT_BM_BYTES_MAX,
                               &why) != HT_OK) {
        fail_msg("%s: %s", why.code, why.text);
    }
    return receipts;
}
