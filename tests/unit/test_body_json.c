/* Proven blocks as JSON: which members there are, and that none is a provider's. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "node/base/hex.h"
#include "node/codec/transaction_rules.h"
#include "node/l1/execution/body_json.h"
#include "tests/unit/block_maker.h"

static struct ht_block_maker maker;
static struct ht_body *body;
static struct ht_receipts *receipts;
static const ht_u256 BLOB_PRICE = {{12}};

static void make(enum ht_exec_layout layout) {
    ht_bm_init(&maker, layout);
    ht_bm_finish(&maker);
    body = ht_bm_body(&maker);
    receipts = ht_bm_receipts(&maker);
}

static void drop(void) {
    ht_body_unref(body);
    ht_receipts_unref(receipts);
    ht_bm_fini(&maker);
}

static int setup(void **state) {
    (void)state;
    make(HT_EXEC_LAYOUT_PRAGUE);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    drop();
    return 0;
}

static json_t *block_json(bool is_full) {
    json_t *block = NULL;
    assert_int_equal(ht_block_to_json(&block, &maker.verified, body, is_full, NULL), HT_OK);
    return block;
}

static json_t *receipts_json(void) {
    json_t *array = NULL;
    assert_int_equal(
        ht_block_receipts_to_json(&array, &maker.verified, body, receipts, &BLOB_PRICE), HT_OK);
    return array;
}

static const char *text_at(const json_t *object, const char *key) {
    const char *text = json_string_value(json_object_get(object, key));
    assert_non_null(text);
    return text;
}

static void expect_hash(const json_t *object, const char *key, const ht_hash32 *hash) {
    char text[HT_HEX_SIZE(32)];
    ht_hex_write(text, HT_BYTES(hash->b));
    assert_string_equal(text_at(object, key), text);
}

static void expect_number(const json_t *object, const char *key, uint64_t number) {
    char text[HT_U256_QUANTITY_SIZE];
    ht_u256 wide = ht_u256_of(number);
    (void)ht_u256_to_quantity(text, &wide);
    assert_string_equal(text_at(object, key), text);
}

/* Exactly these members, in any order. */
static void expect_members(const json_t *object, const char *const *names, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (json_object_get(object, names[i]) == NULL) fail_msg("%s is missing", names[i]);
    }
    assert_int_equal(json_object_size(object), count);
}

static void block_has_the_header_and_what_the_body_proves(void **state) {
    (void)state;
    for (unsigned layout = 0; layout < HT_EXEC_LAYOUT_COUNT; layout++) {
        struct ht_exec_header_claimed back;
        bool has_withdrawals = layout >= HT_EXEC_LAYOUT_SHANGHAI;
        drop();
        make((enum ht_exec_layout)layout);
        json_t *block = block_json(true);
        size_t fields = ht_exec_layout_field_count((enum ht_exec_layout)layout);
        assert_int_equal(json_object_size(block), 1 + fields + 3 + has_withdrawals);
        assert_int_equal(ht_exec_header_from_json(&back, block, NULL), HT_OK);
        expect_number(block, "size", body->size);
        assert_int_equal(json_array_size(json_object_get(block, "transactions")), body->count);
        assert_int_equal(json_array_size(json_object_get(block, "uncles")), 0);
        assert_true(json_is_array(json_object_get(block, "uncles")));
        assert_int_equal(json_object_get(block, "withdrawals") != NULL, has_withdrawals);
        json_decref(block);
    }
}

static void block_written_is_proven_again_when_read(void **state) {
    (void)state;
    struct ht_body *back = NULL;
    json_t *block = block_json(true);
    assert_int_equal(ht_body_from_json(&back, &maker.verified, block, HT_BM_BYTES_MAX, NULL),
                     HT_OK);
    assert_int_equal(back->size, body->size);
    ht_body_unref(back);
    json_decref(block);
}

static void block_without_full_transactions_lists_their_hashes(void **state) {
    (void)state;
    json_t *block = block_json(false);
    json_t *list = json_object_get(block, "transactions");
    assert_int_equal(json_array_size(list), 5);
    for (size_t i = 0; i < 5; i++) {
        char text[HT_HEX_SIZE(32)];
        ht_hex_write(text, HT_BYTES(body->hashes[i].b));
        assert_string_equal(json_string_value(json_array_get(list, i)), text);
    }
    json_decref(block);
}

static void withdrawals_have_their_four_numbers(void **state) {
    (void)state;
    static const char *const NAMES[] = {"index", "validatorIndex", "address", "amount"};
    json_t *block = block_json(false);
    const json_t *first = json_array_get(json_object_get(block, "withdrawals"), 0);
    expect_members(first, NAMES, 4);
    assert_string_equal(text_at(first, "index"), "0x3e8");
    assert_string_equal(text_at(first, "validatorIndex"), "0x7");
    assert_string_equal(text_at(first, "address"), "0x7700000000000000000000000000000000000000");
    assert_string_equal(text_at(first, "amount"), "0x1e240");
    json_decref(block);
}

static void transaction_is_the_same_alone_and_in_its_block(void **state) {
    (void)state;
    json_t *block = block_json(true);
    for (size_t i = 0; i < body->count; i++) {
        json_t *one = NULL;
        assert_int_equal(ht_block_transaction_to_json(&one, &maker.verified, body, i, NULL), HT_OK);
        assert_true(json_equal(one, json_array_get(json_object_get(block, "transactions"), i)));
        expect_hash(one, "blockHash", &maker.verified.hash);
        expect_hash(one, "hash", &body->hashes[i]);
        expect_number(one, "blockNumber", 100);
        expect_number(one, "blockTimestamp", 1700000000);
        expect_number(one, "transactionIndex", i);
        expect_number(one, "gasPrice", 1000 + i + 1);
        json_decref(one);
    }
    json_decref(block);
}

static void transaction_of_a_type_has_the_members_of_the_type(void **state) {
    (void)state;
    static const char *const BLOB[] = {"blockHash",
                                       "blockNumber",
                                       "blockTimestamp",
                                       "transactionIndex",
                                       "hash",
                                       "from",
                                       "type",
                                       "chainId",
                                       "nonce",
                                       "maxPriorityFeePerGas",
                                       "maxFeePerGas",
                                       "gas",
                                       "to",
                                       "value",
                                       "input",
                                       "accessList",
                                       "gasPrice",
                                       "maxFeePerBlobGas",
                                       "yParity",
                                       "blobVersionedHashes",
                                       "v",
                                       "r",
                                       "s"};
    json_t *one = NULL;
    assert_int_equal(ht_block_transaction_to_json(&one, &maker.verified, body, 3, NULL), HT_OK);
    expect_members(one, BLOB, sizeof BLOB / sizeof *BLOB);
    json_decref(one);
}

/* What a provider says besides the proven fields must not come out again. */
static void words_of_the_provider_do_not_get_into_the_answer(void **state) {
    (void)state;
    json_t *honest = block_json(true);
    json_t *honest_receipts = receipts_json();
    json_t *list = json_object_get(maker.block, "transactions");
    ht_body_unref(body);
    ht_receipts_unref(receipts);
    static const char *const KEYS[] = {"from",           "blockHash",        "blockNumber",
                                       "blockTimestamp", "transactionIndex", "evil"};
    for (size_t i = 0; i < sizeof KEYS / sizeof *KEYS; i++) {
        (void)json_object_set_new(json_array_get(list, 1), KEYS[i], json_string("0xe1"));
    }
    static const char *const RECEIPT_KEYS[] = {
        "from", "to",          "contractAddress", "gasUsed",      "effectiveGasPrice",
        "evil", "blobGasUsed", "transactionHash", "blobGasPrice", "blockNumber"};
    json_t *receipt = json_array_get(maker.receipts_json, 3);
    for (size_t i = 0; i < sizeof RECEIPT_KEYS / sizeof *RECEIPT_KEYS; i++) {
        (void)json_object_set_new(receipt, RECEIPT_KEYS[i], json_string("0xe1"));
    }
    json_t *log = json_array_get(json_object_get(receipt, "logs"), 0);
    (void)json_object_set_new(log, "logIndex", json_string("0xe1"));
    (void)json_object_set_new(log, "removed", json_true());
    (void)json_object_set_new(maker.block, "size", json_string("0xe1"));
    (void)json_object_set_new(maker.block, "evil", json_string("0xe1"));
    (void)json_object_set_new(json_array_get(json_object_get(maker.block, "withdrawals"), 0),
                              "evil", json_string("0xe1"));
    body = ht_bm_body(&maker);
    receipts = ht_bm_receipts(&maker);
    json_t *block = block_json(true);
    json_t *all = receipts_json();
    assert_true(json_equal(block, honest));
    assert_true(json_equal(all, honest_receipts));
    json_decref(block);
    json_decref(all);
    json_decref(honest);
    json_decref(honest_receipts);
}

static void receipts_count_gas_and_logs_through_the_block(void **state) {
    (void)state;
    json_t *all = receipts_json();
    assert_int_equal(json_array_size(all), 5);
    for (size_t i = 0; i < 5; i++) {
        const json_t *one = json_array_get(all, i);
        const json_t *logs = json_object_get(one, "logs");
        json_t *alone = NULL;
        assert_int_equal(
            ht_block_receipt_to_json(&alone, &maker.verified, body, receipts, i, &BLOB_PRICE),
            HT_OK);
        assert_true(json_equal(one, alone));
        json_decref(alone);
        expect_hash(one, "transactionHash", &body->hashes[i]);
        expect_hash(one, "blockHash", &maker.verified.hash);
        expect_number(one, "gasUsed", 21000 * (i + 1));
        expect_number(one, "effectiveGasPrice", 1000 + i + 1);
        expect_number(one, "status", i != 1);
        assert_int_equal(json_array_size(logs), i > 0 ? 2 : 0);
        for (size_t k = 0; k < json_array_size(logs); k++) {
            expect_number(json_array_get(logs, k), "logIndex", 2 * (i - 1) + k);
            expect_number(json_array_get(logs, k), "transactionIndex", i);
            expect_number(json_array_get(logs, k), "blockTimestamp", 1700000000);
        }
    }
    json_decref(all);
}

static void receipt_of_a_blob_transaction_alone_has_a_blob_price(void **state) {
    (void)state;
    json_t *all = receipts_json();
    for (size_t i = 0; i < 5; i++) {
        const json_t *one = json_array_get(all, i);
        assert_int_equal(json_object_get(one, "blobGasPrice") != NULL, i == HT_TX_BLOB);
    }
    expect_number(json_array_get(all, HT_TX_BLOB), "blobGasPrice", 12);
    expect_number(json_array_get(all, HT_TX_BLOB), "blobGasUsed", HT_GAS_PER_BLOB);
    json_decref(all);
}

static void place_of_a_receipt_comes_from_block_and_body(void **state) {
    (void)state;
    struct ht_receipt_place place;
    ht_receipt_place_of(&place, &maker.verified, body, receipts, 3, &BLOB_PRICE);
    assert_int_equal(place.transaction_index, 3);
    assert_int_equal(place.logs_before, 4);
    assert_int_equal(place.cumulative_before, 21000 * 6);
    assert_ptr_equal(place.transaction, &body->transactions[3]);
    assert_memory_equal(&place.sender, &body->senders[3], sizeof place.sender);
    assert_int_equal(place.base_fee_per_gas.limb[0], 1000);
}

static void receipts_of_another_count_are_our_own_mistake(void **state) {
    (void)state;
    json_t *out = NULL;
    receipts->count--;
    assert_int_equal(ht_block_receipts_to_json(&out, &maker.verified, body, receipts, &BLOB_PRICE),
                     HT_EBUG);
    assert_int_equal(
        ht_block_receipt_to_json(&out, &maker.verified, body, receipts, 0, &BLOB_PRICE), HT_EBUG);
    assert_null(out);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(block_has_the_header_and_what_the_body_proves),
        TEST(block_written_is_proven_again_when_read),
        TEST(block_without_full_transactions_lists_their_hashes),
        TEST(withdrawals_have_their_four_numbers),
        TEST(transaction_is_the_same_alone_and_in_its_block),
        TEST(transaction_of_a_type_has_the_members_of_the_type),
        TEST(words_of_the_provider_do_not_get_into_the_answer),
        TEST(receipts_count_gas_and_logs_through_the_block),
        TEST(receipt_of_a_blob_transaction_alone_has_a_blob_price),
        TEST(place_of_a_receipt_comes_from_block_and_body),
        TEST(receipts_of_another_count_are_our_own_mistake),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
