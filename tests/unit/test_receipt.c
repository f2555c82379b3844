/* Receipts: every type both ways, blooms, what is refused and why, and lists in a block's order. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "node/base/hex.h"
#include "node/codec/rlp.h"
#include "node/l1/execution/receipt_json.h"

static struct ht_arena arena;

static const struct ht_log LOGS[2] = {
    {.address = {{1}}, .topic_count = 4, .topics = {{{1}}, {{2}}, {{3}}, {{4}}}},
    {.address = {{2}}, .data = {(const uint8_t *)"data", 4}},
};

static int setup(void **state) {
    (void)state;
    ht_arena_init(&arena, 1 << 20);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    ht_arena_fini(&arena);
    return 0;
}

static struct ht_receipt some_receipt(enum ht_tx_type type) {
    struct ht_receipt receipt = {.type = type, .is_success = true, .cumulative_gas_used = 21000};
    receipt.logs = LOGS;
    receipt.log_count = 2;
    ht_receipt_bloom(receipt.logs_bloom, &receipt);
    return receipt;
}

static struct ht_buf encoded(const struct ht_receipt *receipt) {
    struct ht_buf buf;
    ht_buf_init(&buf, HT_RECEIPT_SIZE_MAX);
    assert_int_equal(ht_receipt_encode(&buf, receipt), HT_OK);
    return buf;
}

static void expect_same(const struct ht_receipt *a, const struct ht_receipt *b) {
    struct ht_buf first = encoded(a);
    struct ht_buf second = encoded(b);
    assert_int_equal(first.n, second.n);
    assert_memory_equal(first.p, second.p, first.n);
    ht_buf_fini(&first);
    ht_buf_fini(&second);
}

static void refuses(ht_bytes bytes, const char *code) {
    struct ht_receipt out;
    struct ht_why why = {.code = "accepted"};
    enum ht_err got = ht_receipt_decode(&out, &arena, bytes, &why);
    assert_string_equal(why.code, code);
    assert_int_equal(got, HT_EINPUT);
}

/* A receipt's JSON with the place that a list needs. */
static json_t *json_of(const struct ht_receipt *receipt, uint64_t index) {
    static const ht_hash32 block_hash = {{0xbb}};
    const struct ht_transaction tx = {.type = receipt->type};
    struct ht_receipt_place place = {.transaction = &tx, .transaction_index = index};
    json_t *object = NULL;
    place.block_hash = block_hash;
    assert_int_equal(ht_receipt_to_json(&object, receipt, &place), HT_OK);
    return object;
}

static void refuses_json(const json_t *object, const char *code) {
    struct ht_receipt out;
    struct ht_why why = {.code = "accepted"};
    enum ht_err got = ht_receipt_from_json(&out, &arena, object, &why);
    assert_string_equal(why.code, code);
    assert_int_equal(got, HT_EINPUT);
}

static void receipt_of_every_type_comes_back_from_rlp_and_json(void **state) {
    (void)state;
    for (unsigned type = 0; type < HT_TX_TYPE_COUNT; type++) {
        struct ht_receipt receipt = some_receipt((enum ht_tx_type)type);
        struct ht_receipt back;
        receipt.is_success = type % 2 == 0;
        struct ht_buf bytes = encoded(&receipt);
        assert_int_equal(ht_receipt_decode(&back, &arena, ht_buf_view(&bytes), NULL), HT_OK);
        expect_same(&back, &receipt);
        assert_int_equal(ht_receipt_check_bloom(&back, NULL), HT_OK);
        json_t *object = json_of(&receipt, 0);
        assert_int_equal(ht_receipt_from_json(&back, &arena, object, NULL), HT_OK);
        expect_same(&back, &receipt);
        json_decref(object);
        ht_buf_fini(&bytes);
    }
}

static void receipt_before_byzantium_has_a_state_root(void **state) {
    (void)state;
    struct ht_receipt receipt = some_receipt(HT_TX_LEGACY);
    struct ht_receipt back;
    receipt.has_state_root = true;
    memset(receipt.state_root.b, 0x5a, 32);
    struct ht_buf bytes = encoded(&receipt);
    assert_int_equal(ht_receipt_decode(&back, &arena, ht_buf_view(&bytes), NULL), HT_OK);
    assert_true(back.has_state_root);
    expect_same(&back, &receipt);
    json_t *object = json_of(&receipt, 0);
    assert_null(json_object_get(object, "status"));
    assert_int_equal(ht_receipt_from_json(&back, &arena, object, NULL), HT_OK);
    expect_same(&back, &receipt);
    json_decref(object);
    ht_buf_fini(&bytes);
    receipt.type = HT_TX_ACCESS_LIST; /* no such fork had typed transactions */
    bytes = encoded(&receipt);
    refuses(ht_buf_view(&bytes), "receipt_status");
    ht_buf_fini(&bytes);
}

static void receipt_rejects_what_is_none(void **state) {
    (void)state;
    struct ht_receipt receipt = some_receipt(HT_TX_FEE_MARKET);
    refuses((ht_bytes){0}, "receipt_type");
    refuses(ht_bytes_of("\x00\xc0", 2), "receipt_type");
    refuses(ht_bytes_of("\x05\xc0", 2), "receipt_type");
    refuses(ht_bytes_of("\x80", 1), "receipt_type");
    refuses(ht_bytes_of("\xc0", 1), "rlp_missing");
    refuses(ht_bytes_of("\xc1\x02", 2), "receipt_status");
    refuses(ht_bytes_of("\xc3\x82\x01\x01", 4), "receipt_status");
    struct ht_buf bytes = encoded(&receipt);
    for (size_t n = 0; n < bytes.n; n++) {
        struct ht_receipt out;
        assert_int_equal(ht_receipt_decode(&out, &arena, ht_bytes_of(bytes.p, n), NULL), HT_EINPUT);
    }
    assert_int_equal(ht_buf_add(&bytes, ht_bytes_of("", 1)), HT_OK);
    refuses(ht_buf_view(&bytes), "rlp_trailing");
    ht_buf_fini(&bytes);
}

static void receipt_rejects_a_fifth_topic(void **state) {
    (void)state;
    uint8_t bloom[HT_BLOOM_SIZE] = {0};
    const uint8_t zeros[32] = {0};
    struct ht_buf bytes;
    struct ht_rlp_writer writer;
    ht_buf_init(&bytes, 2000);
    ht_rlp_writer_init(&writer, &bytes);
    size_t begin = ht_rlp_list_begin(&writer);
    ht_rlp_write_u64(&writer, 1);
    ht_rlp_write_u64(&writer, 21000);
    ht_rlp_write_bytes(&writer, HT_BYTES(bloom));
    size_t logs = ht_rlp_list_begin(&writer);
    size_t log = ht_rlp_list_begin(&writer);
    ht_rlp_write_bytes(&writer, ht_bytes_of(zeros, 20));
    size_t topics = ht_rlp_list_begin(&writer);
    for (int i = 0; i < 5; i++) ht_rlp_write_bytes(&writer, HT_BYTES(zeros));
    ht_rlp_list_end(&writer, topics);
    ht_rlp_write_bytes(&writer, (ht_bytes){0});
    ht_rlp_list_end(&writer, log);
    ht_rlp_list_end(&writer, logs);
    ht_rlp_list_end(&writer, begin);
    assert_int_equal(ht_rlp_finish(&writer), HT_OK);
    refuses(ht_buf_view(&bytes), "receipt_topics");
    ht_buf_fini(&bytes);
    struct ht_receipt receipt = some_receipt(HT_TX_LEGACY);
    json_t *object = json_of(&receipt, 0);
    json_t *list = json_object_get(json_array_get(json_object_get(object, "logs"), 0), "topics");
    (void)json_array_append(list, json_array_get(list, 0));
    refuses_json(object, "receipt_topics");
    json_decref(object);
}

static void receipt_with_another_bloom_is_unverified(void **state) {
    (void)state;
    struct ht_receipt receipt = some_receipt(HT_TX_LEGACY);
    struct ht_why why = {.code = "accepted"};
    for (size_t bit = 0; bit < 8U * HT_BLOOM_SIZE; bit += 61) {
        receipt.logs_bloom[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_int_equal(ht_receipt_check_bloom(&receipt, &why), HT_EUNVERIFIED);
        assert_string_equal(why.code, "receipt_bloom_differs");
        receipt.logs_bloom[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    assert_int_equal(ht_receipt_check_bloom(&receipt, NULL), HT_OK);
}

static void bloom_has_what_was_put_in_and_hardly_anything_else(void **state) {
    (void)state;
    uint8_t bloom[HT_BLOOM_SIZE] = {0};
    uint8_t both[HT_BLOOM_SIZE] = {0};
    struct ht_bloom_bits bits;
    size_t set = 0;
    size_t wrong = 0;
    for (uint8_t i = 0; i < 20; i++) {
        const ht_addr20 address = {{i, 1}};
        ht_bloom_bits_of_address(&bits, &address);
        assert_false(i == 0 && ht_bloom_has(bloom, &bits));
        ht_bloom_set(bloom, &bits);
        assert_true(ht_bloom_has(bloom, &bits));
    }
    for (size_t i = 0; i < 8U * HT_BLOOM_SIZE; i++) set += bloom[i / 8] >> (i % 8) & 1;
    assert_true(set > 40 && set <= 60);
    for (uint8_t i = 0; i < 200; i++) {
        const ht_hash32 topic = {{i, 2}};
        ht_bloom_bits_of_topic(&bits, &topic);
        wrong += ht_bloom_has(bloom, &bits);
    }
    assert_true(wrong < 3);
    ht_bloom_set(both, &bits);
    ht_bloom_join(both, bloom);
    assert_true(ht_bloom_has(both, &bits));
    const ht_addr20 first = {{0, 1}};
    ht_bloom_bits_of_address(&bits, &first);
    assert_true(ht_bloom_has(both, &bits));
}

/* Which bits one value sets is fixed by the Yellow Paper: three pairs of bytes of its hash. */
static void bloom_bits_are_three_pairs_of_the_hash(void **state) {
    (void)state;
    struct ht_bloom_bits bits;
    uint8_t bloom[HT_BLOOM_SIZE] = {0};
    ht_bloom_bits_of(&bits, (ht_bytes){0}); /* c5d2 4601 86f7 … */
    assert_int_equal(bits.at[0], 0x5d2);
    assert_int_equal(bits.at[1], 0x601);
    assert_int_equal(bits.at[2], 0x6f7);
    ht_bloom_set(bloom, &bits);
    assert_int_equal(bloom[255 - 0x5d2 / 8], 1 << (0x5d2 % 8));
    assert_int_equal(bloom[255 - 0x601 / 8], 1 << (0x601 % 8));
    assert_int_equal(bloom[255 - 0x6f7 / 8], 1 << (0x6f7 % 8));
}

static json_t *block_of_three(void) {
    json_t *array = json_array();
    for (uint64_t i = 0; i < 3; i++) {
        struct ht_receipt receipt = some_receipt((enum ht_tx_type)i);
        receipt.cumulative_gas_used = 21000 * (i + 1);
        (void)json_array_append_new(array, json_of(&receipt, i));
    }
    return array;
}

static void expect_list(const json_t *array, size_t max, const ht_hash32 *hash, enum ht_err err,
                        const char *code) {
    const struct ht_receipt *receipts = NULL;
    size_t count = 0;
    struct ht_why why = {.code = "accepted"};
    enum ht_err got = ht_receipts_from_json(&receipts, &count, &arena, array, max, hash, &why);
    assert_string_equal(why.code, code);
    assert_int_equal(got, err);
    assert_int_equal(count, err == HT_OK ? json_array_size(array) : 0);
}

static void receipts_of_a_block_are_read_in_its_order(void **state) {
    (void)state;
    static const ht_hash32 block_hash = {{0xbb}};
    static const ht_hash32 other_hash = {{0xbc}};
    json_t *array = block_of_three();
    json_t *none = json_array();
    expect_list(array, 3, NULL, HT_OK, "accepted");
    expect_list(array, 3, &block_hash, HT_OK, "accepted");
    expect_list(none, 3, &block_hash, HT_OK, "accepted");
    expect_list(none, 3, NULL, HT_OK, "accepted");
    expect_list(array, 2, NULL, HT_ELIMIT, "receipt_too_many");
    expect_list(array, 3, &other_hash, HT_EINPUT, "receipt_order");
    expect_list(json_array_get(array, 0), 3, NULL, HT_EINPUT, "json_type");
    json_decref(none);
    json_decref(array);
}

static void receipts_out_of_order_or_of_two_blocks_are_refused(void **state) {
    (void)state;
    json_t *array = block_of_three();
    (void)json_array_remove(array, 1);
    expect_list(array, 3, NULL, HT_EINPUT, "receipt_order");
    json_decref(array);
    array = block_of_three();
    (void)json_object_set_new(json_array_get(array, 2), "blockHash",
                              json_string("0x0000000000000000000000000000000000000000000000000000"
                                          "000000000000"));
    expect_list(array, 3, NULL, HT_EINPUT, "receipt_order");
    json_decref(array);
    array = block_of_three();
    (void)json_object_set_new(json_array_get(array, 2), "cumulativeGasUsed", json_string("0xa410"));
    expect_list(array, 3, NULL, HT_EINPUT, "receipt_order");
    json_decref(array);
}

static void receipt_json_rejects_a_status_that_is_none(void **state) {
    (void)state;
    struct ht_receipt receipt = some_receipt(HT_TX_FEE_MARKET);
    json_t *object = json_of(&receipt, 0);
    (void)json_object_set_new(object, "status", json_string("0x2"));
    refuses_json(object, "receipt_status");
    (void)json_object_del(object, "status");
    refuses_json(object, "json_missing");
    (void)json_object_set_new(object, "type", json_string("0x7e"));
    refuses_json(object, "receipt_type");
    json_decref(object);
    refuses_json(NULL, "json_missing");
}

static void receipt_json_is_made_of_what_the_block_proves(void **state) {
    (void)state;
    struct ht_receipt receipt = some_receipt(HT_TX_BLOB);
    struct ht_transaction tx = {.type = HT_TX_BLOB, .blob_count = 2};
    struct ht_receipt_place place = {.transaction = &tx, .cumulative_before = 1000};
    json_t *object = NULL;
    place.logs_before = 7;
    place.base_fee_per_gas = ht_u256_of(5);
    place.blob_gas_price = ht_u256_of(3);
    tx.max_fee_per_gas = ht_u256_of(9);
    tx.max_priority_fee_per_gas = ht_u256_of(1);
    assert_int_equal(ht_receipt_to_json(&object, &receipt, &place), HT_OK);
    const struct {
        const char *path, *want;
    } cases[] = {{"gasUsed", "0x4e20"},      {"effectiveGasPrice", "0x6"},
                 {"blobGasUsed", "0x40000"}, {"blobGasPrice", "0x3"},
                 {"status", "0x1"},          {"type", "0x3"},
                 {"logs[1].logIndex", "0x8"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *text = NULL;
        assert_int_equal(ht_json_text(&text, object, cases[i].path, NULL), HT_OK);
        assert_string_equal(text, cases[i].want);
    }
    assert_true(json_is_null(json_object_get(object, "contractAddress")));
    json_decref(object);
}

static void receipt_json_names_the_contract_that_was_made(void **state) {
    (void)state;
    /* The first contract of the account of the private key 1. */
    struct ht_receipt receipt = some_receipt(HT_TX_LEGACY);
    const struct ht_transaction tx = {.type = HT_TX_LEGACY, .is_creation = true};
    struct ht_receipt_place place = {.transaction = &tx};
    json_t *object = NULL;
    const char *sender = "7e5f4552091a69125d5dfcb7b8c2659029395bdf";
    assert_int_equal(ht_hex_read(place.sender.b, 20, ht_bytes_str(sender)), HT_OK);
    assert_int_equal(ht_receipt_to_json(&object, &receipt, &place), HT_OK);
    assert_true(json_is_null(json_object_get(object, "to")));
    assert_string_equal(json_string_value(json_object_get(object, "contractAddress")),
                        "0xf2e246bb76df876cef8b38ae84130f4f55de395b");
    json_decref(object);
}

static void receipt_with_more_logs_than_the_arena_allows_is_refused(void **state) {
    (void)state;
    struct ht_receipt receipt = some_receipt(HT_TX_LEGACY);
    struct ht_receipt out;
    struct ht_arena small;
    struct ht_why why = {.code = "accepted"};
    struct ht_buf bytes = encoded(&receipt);
    ht_arena_init(&small, sizeof(struct ht_log));
    assert_int_equal(ht_receipt_decode(&out, &small, ht_buf_view(&bytes), &why), HT_ELIMIT);
    assert_string_equal(why.code, "no_room");
    ht_arena_fini(&small);
    ht_buf_fini(&bytes);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(receipt_of_every_type_comes_back_from_rlp_and_json),
        cmocka_unit_test(receipt_before_byzantium_has_a_state_root),
        cmocka_unit_test(receipt_rejects_what_is_none),
        cmocka_unit_test(receipt_rejects_a_fifth_topic),
        cmocka_unit_test(receipt_with_another_bloom_is_unverified),
        cmocka_unit_test(bloom_has_what_was_put_in_and_hardly_anything_else),
        cmocka_unit_test(bloom_bits_are_three_pairs_of_the_hash),
        cmocka_unit_test(receipts_of_a_block_are_read_in_its_order),
        cmocka_unit_test(receipts_out_of_order_or_of_two_blocks_are_refused),
        cmocka_unit_test(receipt_json_rejects_a_status_that_is_none),
        cmocka_unit_test(receipt_json_is_made_of_what_the_block_proves),
        cmocka_unit_test(receipt_json_names_the_contract_that_was_made),
        cmocka_unit_test(receipt_with_more_logs_than_the_arena_allows_is_refused),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
