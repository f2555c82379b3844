/* Parameters of Ethereum's methods, and the numbers of eth_feeHistory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above */
#include <cmocka.h>

#include <stdlib.h>

#include "node/api/eth_fee_history.h"
#include "node/api/eth_params.h"
#include "node/codec/json.h"

#define HASH "0x11223344556677889900aabbccddeeff11223344556677889900aabbccddeeff"

static json_t *json;

static int tear_down(void **state) {
    (void)state;
    json_decref(json);
    json = NULL;
    return 0;
}

static const json_t *parse(const char *text) {
    json_decref(json);
    json = json_loads(text, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
    assert_non_null(json);
    return json;
}

static void assert_block(const char *params, size_t at, bool takes_hash, enum ht_block_kind kind,
                         uint64_t number) {
    struct ht_block_id id;
    struct ht_why why = {0};
    enum ht_err err = ht_eth_read_block(&id, parse(params), at, takes_hash, &why);
    if (err != HT_OK) fail_msg("%s: %s", params, why.text);
    assert_int_equal(id.kind, kind);
    assert_int_equal(id.number, number);
    assert_int_equal(id.hash.b[0], kind == HT_BLOCK_HASH ? 0x11 : 0);
}

static void assert_bad_block(const char *params, bool takes_hash) {
    struct ht_block_id id;
    struct ht_why why = {0};
    assert_int_equal(ht_eth_read_block(&id, parse(params), 0, takes_hash, &why), HT_EINPUT);
    assert_string_equal(why.code, "bad_block");
    assert_non_null(strstr(why.text, "invalid argument 0"));
}

static void blocks_are_named_by_tags(void **state) {
    (void)state;
    assert_block("[\"latest\"]", 0, false, HT_BLOCK_LATEST, 0);
    assert_block("[\"pending\"]", 0, false, HT_BLOCK_LATEST, 0);
    assert_block("[\"safe\"]", 0, true, HT_BLOCK_SAFE, 0);
    assert_block("[1,\"finalized\"]", 1, true, HT_BLOCK_FINALIZED, 0);
    assert_block("[\"earliest\"]", 0, false, HT_BLOCK_NUMBER, 0);
}

static void a_block_that_is_not_named_is_the_latest(void **state) {
    (void)state;
    assert_block("[]", 0, true, HT_BLOCK_LATEST, 0);
    assert_block("{}", 0, true, HT_BLOCK_LATEST, 0);
    assert_block("[1,null]", 1, true, HT_BLOCK_LATEST, 0);
}

static void blocks_are_named_by_numbers(void **state) {
    (void)state;
    assert_block("[\"0x0\"]", 0, false, HT_BLOCK_NUMBER, 0);
    assert_block("[\"0x1b4\"]", 0, true, HT_BLOCK_NUMBER, 436);
    assert_block("[\"0xffffffffffffffff\"]", 0, true, HT_BLOCK_NUMBER, UINT64_MAX);
}

static void blocks_are_named_by_hashes_where_those_are_taken(void **state) {
    (void)state;
    assert_block("[\"" HASH "\"]", 0, true, HT_BLOCK_HASH, 0);
    assert_bad_block("[\"" HASH "\"]", false);
}

static void blocks_are_named_by_objects_of_eip_1898(void **state) {
    (void)state;
    assert_block("[{\"blockNumber\":\"0x5\"}]", 0, true, HT_BLOCK_NUMBER, 5);
    assert_block("[{\"blockNumber\":\"latest\"}]", 0, true, HT_BLOCK_LATEST, 0);
    assert_block("[{\"blockHash\":\"" HASH "\"}]", 0, true, HT_BLOCK_HASH, 0);
    assert_block("[{\"blockHash\":\"" HASH "\",\"requireCanonical\":true}]", 0, true, HT_BLOCK_HASH,
                 0);
}

static void what_names_no_block_is_refused(void **state) {
    (void)state;
    static const char *const texts[] = {
        "[\"\"]",
        "[\"0x\"]",
        "[\"2\"]",
        "[\"0x01\"]",
        "[\"0x10000000000000000\"]",
        "[\"0xg\"]",
        "[\"LATEST\"]",
        "[\"latest\\u0000\"]",
        "[5]",
        "[true]",
        "[[]]",
        "[{}]",
        "[{\"blockNumber\":\"0x5\",\"blockHash\":\"" HASH "\"}]",
        "[{\"blockNumber\":\"0x5\",\"requireCanonical\":true}]",
        "[{\"blockHash\":\"" HASH "\",\"requireCanonical\":1}]",
        "[{\"blockHash\":\"0x11\"}]",
        "[{\"blockNumber\":\"" HASH "\"}]",
        "[{\"blockNumber\":{\"blockNumber\":\"0x5\"}}]",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) assert_bad_block(texts[i], true);
    assert_bad_block("[{\"blockNumber\":\"0x5\"}]", false);
}

static void too_few_and_too_many_parameters_are_refused(void **state) {
    (void)state;
    struct ht_why why = {0};
    assert_int_equal(ht_eth_take_params(parse("[1,2]"), 1, 2, &why), HT_OK);
    assert_int_equal(ht_eth_take_params(parse("{}"), 0, 0, &why), HT_OK);
    assert_int_equal(ht_eth_take_params(parse("[1]"), 2, 3, &why), HT_EINPUT);
    assert_string_equal(why.code, "params_missing");
    assert_string_equal(why.text, "missing value for required argument 1");
    assert_int_equal(ht_eth_take_params(parse("[1,2,3]"), 1, 2, &why), HT_EINPUT);
    assert_string_equal(why.code, "too_many_params");
    assert_int_equal(ht_eth_take_params(parse("{\"a\":1}"), 0, 2, &why), HT_EINPUT);
    assert_string_equal(why.code, "params_missing");
}

static void addresses_hashes_numbers_and_claims_are_exact(void **state) {
    (void)state;
    ht_addr20 address;
    ht_hash32 hash;
    uint64_t number = 0;
    bool claim = false;
    struct ht_why why = {0};
    parse("[\"0x00112233445566778899aabbccddeeff00112233\",\"" HASH "\",\"0x1f\",true,\"0x001f\"]");
    assert_int_equal(ht_eth_read_address(&address, json, 0, &why), HT_OK);
    assert_int_equal(address.b[19], 0x33);
    assert_int_equal(ht_eth_read_hash(&hash, json, 1, &why), HT_OK);
    assert_int_equal(hash.b[31], 0xff);
    assert_int_equal(ht_eth_read_quantity(&number, json, 2, &why), HT_OK);
    assert_int_equal(number, 31);
    assert_int_equal(ht_eth_read_bool(&claim, json, 3, &why), HT_OK);
    assert_true(claim);
    assert_int_equal(ht_eth_read_address(&address, json, 1, &why), HT_EINPUT);
    assert_string_equal(why.code, "bad_address");
    assert_int_equal(ht_eth_read_hash(&hash, json, 0, &why), HT_EINPUT);
    assert_string_equal(why.code, "bad_hash");
    assert_int_equal(ht_eth_read_quantity(&number, json, 4, &why), HT_EINPUT);
    assert_string_equal(why.code, "bad_quantity");
    assert_int_equal(ht_eth_read_bool(&claim, json, 2, &why), HT_EINPUT);
    assert_string_equal(why.code, "bad_bool");
    assert_int_equal(ht_eth_read_bool(&claim, json, 9, &why), HT_EINPUT);
}

static void slots_are_numbers_or_32_bytes(void **state) {
    (void)state;
    ht_hash32 slot;
    bool is_long = true;
    struct ht_why why = {0};
    assert_int_equal(ht_eth_read_slot(&slot, &is_long, parse("\"0x0\""), &why), HT_OK);
    assert_true(ht_hash32_is_zero(&slot) && !is_long);
    assert_int_equal(ht_eth_read_slot(&slot, &is_long, parse("\"0x00ff\""), &why), HT_OK);
    assert_true(slot.b[31] == 0xff && !is_long);
    assert_int_equal(ht_eth_read_slot(&slot, &is_long, parse("\"" HASH "\""), &why), HT_OK);
    assert_true(slot.b[0] == 0x11 && is_long);
    static const char *const bad[] = {"\"\"", "\"0x\"", "\"12\"", "5", "null", "\"" HASH "0\""};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(ht_eth_read_slot(&slot, &is_long, parse(bad[i]), &why), HT_EINPUT);
        assert_string_equal(why.code, "bad_slot");
    }
}

static void percentiles_are_read_to_a_thousandth(void **state) {
    (void)state;
    static const struct {
        const char *text;
        uint32_t milli;
    } good[] = {{"0", 0},        {"100", 100000},   {"25", 25000},      {"25.5", 25500},
                {"99.9", 99900}, {"0.001", 1},      {"33.3333", 33333}, {"66.6666", 66667},
                {"1e1", 10000},  {"100.0", 100000}, {"0.00000001", 0},  {"25.2", 25200}};
    static const char *const bad[] = {"-1",   "100.001", "101",   "1e3",  "\"50\"",
                                      "null", "-0.5",    "1e300", "-1e-9"};
    uint32_t milli = 7;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        if (ht_eth_read_percentile(&milli, parse(good[i].text)) != HT_OK || milli != good[i].milli)
            fail_msg("%s: %u", good[i].text, milli);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        if (ht_eth_read_percentile(&milli, parse(bad[i])) != HT_EINPUT) fail_msg("%s", bad[i]);
    }
}

static void ratios_are_the_nearest_numbers(void **state) {
    (void)state;
    static const struct {
        uint64_t part, whole;
        const char *text;
    } cases[] = {{0, 10, "0"},
                 {10, 0, "0"},
                 {10, 10, "1"},
                 {30000000, 10000000, "3"},
                 {1, 2, "0.5"},
                 {21000, 30000000, "0.00069999999999999999"},
                 {1, 3, "0.33333333333333331"},
                 {2, 3, "0.66666666666666663"},
                 {1, UINT64_MAX, "5.4210108624275222e-20"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        json_t *ratio = ht_eth_ratio(cases[i].part, cases[i].whole);
        char *text = json_dumps(ratio, JSON_ENCODE_ANY);
        assert_string_equal(text, cases[i].text);
        free(text);
        json_decref(ratio);
    }
}

#define TEST(name) cmocka_unit_test_teardown(name, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(blocks_are_named_by_tags),
        TEST(a_block_that_is_not_named_is_the_latest),
        TEST(blocks_are_named_by_numbers),
        TEST(blocks_are_named_by_hashes_where_those_are_taken),
        TEST(blocks_are_named_by_objects_of_eip_1898),
        TEST(what_names_no_block_is_refused),
        TEST(too_few_and_too_many_parameters_are_refused),
        TEST(addresses_hashes_numbers_and_claims_are_exact),
        TEST(slots_are_numbers_or_32_bytes),
        TEST(percentiles_are_read_to_a_thousandth),
        TEST(ratios_are_the_nearest_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
