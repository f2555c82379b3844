/* Fees: the schedules of real networks, and prices against numbers computed with another program
 * straight from the formulas of the EIPs. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "node/codec/transaction_rules.h"
#include "node/l1/execution/fees.h"
#include "tests/unit/block_maker.h"

#define GWEI 1000000000U

static const struct ht_blob_rules CANCUN = {3, 6, 3338477, false};
static const struct ht_blob_rules BPO2 = {14, 21, 11684671, true};

static void expect_number(const ht_u256 *got, const char *decimal) {
    char text[HT_U256_DECIMAL_SIZE];
    (void)ht_u256_to_decimal(text, got);
    assert_string_equal(text, decimal);
}

/* --- schedule ---------------------------------------------------------------------------------*/

static void expect_rules(const struct ht_network *network, uint64_t timestamp, uint64_t target,
                         uint64_t max, uint64_t fraction, bool has_reserve_price) {
    struct ht_blob_rules rules;
    assert_true(ht_blob_rules_at(&rules, network, timestamp));
    assert_int_equal(rules.target, target);
    assert_int_equal(rules.max, max);
    assert_int_equal(rules.update_fraction, fraction);
    assert_int_equal(rules.has_reserve_price, has_reserve_price);
}

static void rules_follow_the_forks_of_mainnet_to_the_second(void **state) {
    (void)state;
    const struct ht_network *mainnet = ht_network_find("mainnet");
    struct ht_blob_rules rules;
    assert_false(ht_blob_rules_at(&rules, mainnet, 0));
    assert_false(ht_blob_rules_at(&rules, mainnet, 1710338134));
    expect_rules(mainnet, 1710338135, 3, 6, 3338477, false);
    expect_rules(mainnet, 1746612310, 3, 6, 3338477, false);
    expect_rules(mainnet, 1746612311, 6, 9, 5007716, false);
    expect_rules(mainnet, 1764798550, 6, 9, 5007716, false);
    expect_rules(mainnet, 1764798551, 6, 9, 5007716, true);
    expect_rules(mainnet, 1765290070, 6, 9, 5007716, true);
    expect_rules(mainnet, 1765290071, 10, 15, 8346193, true);
    expect_rules(mainnet, 1767747670, 10, 15, 8346193, true);
    expect_rules(mainnet, 1767747671, 14, 21, 11684671, true);
    expect_rules(mainnet, UINT64_MAX, 14, 21, 11684671, true);
}

static void schedule_of_a_later_fork_does_not_count_before_it(void **state) {
    (void)state;
    struct ht_network network = *ht_network_find("mainnet");
    network.blob_schedule[0].epoch = network.forks[HT_ELECTRA].epoch;
    expect_rules(&network, 1746612311, 6, 9, 5007716, false);
    expect_rules(&network, 1764798551, 10, 15, 8346193, true);
}

static void schedule_beyond_all_reason_does_not_overflow(void **state) {
    (void)state;
    struct ht_network network = *ht_network_find("mainnet");
    struct ht_blob_rules rules;
    ht_u256 price;
    struct ht_why why = {.code = "accepted"};
    struct ht_exec_header header = {.layout = HT_EXEC_LAYOUT_PRAGUE, .blob_gas_used = UINT64_MAX};
    network.blob_schedule[1].max_blobs_per_block = UINT64_MAX;
    assert_true(ht_blob_rules_at(&rules, &network, 1767747671));
    assert_true(rules.target < rules.max && rules.update_fraction > 0);
    header.excess_blob_gas = UINT64_MAX;
    assert_int_equal(ht_next_blob_base_fee(&price, &header, &rules, &why), HT_ELIMIT);
    network.blob_schedule[1].max_blobs_per_block = 0;
    assert_true(ht_blob_rules_at(&rules, &network, 1767747671));
    assert_int_equal(ht_blob_base_fee(&price, &header, &rules, &why), HT_ELIMIT);
    assert_string_equal(why.code, "blob_fee_too_large");
}

/* --- gas --------------------------------------------------------------------------------------*/

static void next_base_fee_moves_with_the_gas_used(void **state) {
    (void)state;
    static const struct {
        uint64_t fee, limit, used;
        const char *next;
    } CASES[] = {
        {GWEI, 20000000, 10000000, "1000000000"},
        {GWEI, 20000000, 9000000, "987500000"},
        {GWEI, 20000000, 11000000, "1012500000"},
        {7, 20000000, 10000001, "8"},
        {GWEI, 30000000, 30000000, "1125000000"},
        {GWEI, 30000000, 0, "875000000"},
        {0, 30000000, 30000000, "1"},
        {7, 20000000, 9999999, "7"},
        {GWEI, 1, 1, "1000000000"},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        struct ht_exec_header header = {.layout = HT_EXEC_LAYOUT_LONDON,
                                        .base_fee_per_gas = ht_u256_of(CASES[i].fee),
                                        .gas_limit = CASES[i].limit,
                                        .gas_used = CASES[i].used};
        ht_u256 next;
        ht_next_base_fee(&next, &header);
        expect_number(&next, CASES[i].next);
    }
}

static void next_base_fee_is_zero_before_london_and_never_wraps(void **state) {
    (void)state;
    struct ht_exec_header header = {.gas_limit = 20000000, .gas_used = 20000000};
    ht_u256 next;
    ht_next_base_fee(&next, &header);
    assert_true(ht_u256_is_zero(&next));
    header.layout = HT_EXEC_LAYOUT_LONDON;
    memset(&header.base_fee_per_gas, 0xff, sizeof header.base_fee_per_gas);
    ht_next_base_fee(&next, &header);
    assert_true(ht_u256_equal(&next, &header.base_fee_per_gas));
}

/* --- blob gas ---------------------------------------------------------------------------------*/

static void blob_base_fee_is_the_exponential_of_the_excess(void **state) {
    (void)state;
    static const struct {
        uint64_t excess, fraction;
        const char *fee;
    } CASES[] = {
        {0, 3338477, "1"},
        {2314057, 3338477, "1"},
        {2314058, 3338477, "2"},
        {10485760, 3338477, "23"},
        {80000000, 5007716, "8669718"},
        {80000000, 11684671, "940"},
        {148099578, 3338477, "18446739238971471609"},
        {296199156, 3338477, "340282188626093968217329749905348181940"},
        {400000000, 3338477, "10840331274704280429132033759016842817414750029778539"},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        struct ht_exec_header header = {.layout = HT_EXEC_LAYOUT_CANCUN,
                                        .excess_blob_gas = CASES[i].excess};
        struct ht_blob_rules rules = {.update_fraction = CASES[i].fraction};
        ht_u256 fee;
        assert_int_equal(ht_blob_base_fee(&fee, &header, &rules, NULL), HT_OK);
        expect_number(&fee, CASES[i].fee);
    }
}

static void blob_base_fee_that_nobody_could_pay_is_no_number(void **state) {
    (void)state;
    static const uint64_t EXCESS[] = {1000000000, 1ULL << 40, UINT64_MAX};
    for (size_t i = 0; i < 3; i++) {
        struct ht_exec_header header = {.layout = HT_EXEC_LAYOUT_CANCUN,
                                        .excess_blob_gas = EXCESS[i]};
        struct ht_why why = {.code = "accepted"};
        ht_u256 fee;
        assert_int_equal(ht_blob_base_fee(&fee, &header, &CANCUN, &why), HT_ELIMIT);
        assert_string_equal(why.code, "blob_fee_too_large");
    }
}

static void headers_before_cancun_have_no_blob_fee(void **state) {
    (void)state;
    struct ht_exec_header header = {.layout = HT_EXEC_LAYOUT_SHANGHAI};
    struct ht_why why = {.code = "accepted"};
    ht_u256 fee;
    assert_int_equal(ht_blob_base_fee(&fee, &header, &CANCUN, &why), HT_EAGAIN);
    assert_string_equal(why.code, "no_blobs");
    why.code = "accepted";
    assert_int_equal(ht_next_blob_base_fee(&fee, &header, &CANCUN, &why), HT_EAGAIN);
    assert_string_equal(why.code, "no_blobs");
}

static void expect_next_blob_fee(uint64_t excess, uint64_t blobs, uint64_t base_fee,
                                 bool has_reserve_price, const char *fee) {
    struct ht_exec_header header = {.layout = HT_EXEC_LAYOUT_PRAGUE,
                                    .excess_blob_gas = excess,
                                    .blob_gas_used = blobs * HT_GAS_PER_BLOB,
                                    .base_fee_per_gas = ht_u256_of(base_fee)};
    struct ht_blob_rules rules = BPO2;
    ht_u256 got;
    rules.has_reserve_price = has_reserve_price;
    assert_int_equal(ht_next_blob_base_fee(&got, &header, &rules, NULL), HT_OK);
    expect_number(&got, fee);
}

static void next_blob_fee_moves_with_the_blobs_used(void **state) {
    (void)state;
    expect_next_blob_fee(100000000, 21, 10000, true, "5634");
    expect_next_blob_fee(100000000, 14, 10000, true, "5209");
    expect_next_blob_fee(100000000, 0, 10000, true, "4452");
    expect_next_blob_fee(1000, 1, 10000, true, "1");
    expect_next_blob_fee(0, 13, GWEI, true, "1");
}

/* At an excess of 100000000 a blob costs 131072 * 5209 wei, which is 8192 times 83344. */
static void next_blob_fee_does_not_fall_below_the_reserve_price(void **state) {
    (void)state;
    expect_next_blob_fee(100000000, 14, 83344, true, "5209");
    expect_next_blob_fee(100000000, 14, 83345, true, "5489");
    expect_next_blob_fee(100000000, 14, 83345, false, "5209");
    expect_next_blob_fee(100000000, 0, GWEI, true, "5209");
    expect_next_blob_fee(100000000, 0, GWEI, false, "4452");
}

/* --- priority fees ----------------------------------------------------------------------------*/

static struct ht_block_maker maker;

static void priority_fees_weigh_each_transaction_by_its_gas(void **state) {
    (void)state;
    static const uint32_t AT[] = {0, 10000, 20000, 20001, 50000, 100000};
    static const uint64_t EXPECTED[] = {1, 2, 2, 3, 4, 5};
    static const uint64_t REVERSED[] = {1, 1, 1, 1, 2, 5};
    ht_u256 rewards[6];
    for (int is_reversed = 0; is_reversed < 2; is_reversed++) {
        ht_bm_init(&maker, HT_EXEC_LAYOUT_PRAGUE);
        for (size_t i = 0; i < maker.count && is_reversed; i++) {
            maker.transactions[i].gas_price = ht_u256_of(1000 + 5 - i);
            maker.transactions[i].max_priority_fee_per_gas = ht_u256_of(i < 2 ? 0 : 5 - i);
        }
        ht_bm_finish(&maker);
        struct ht_body *body = ht_bm_body(&maker);
        struct ht_receipts *receipts = ht_bm_receipts(&maker);
        assert_int_equal(ht_priority_fees(rewards, AT, 6, &maker.header, body, receipts), HT_OK);
        for (size_t i = 0; i < 6; i++) {
            assert_true(ht_u256_is_u64(&rewards[i]));
            assert_int_equal(rewards[i].limb[0], is_reversed ? REVERSED[i] : EXPECTED[i]);
        }
        ht_body_unref(body);
        ht_receipts_unref(receipts);
        ht_bm_fini(&maker);
    }
}

static void typical_priority_fee_counts_each_transaction_once(void **state) {
    (void)state;
    static const uint32_t AT[] = {0, 20000, 40000, 60000, 100000};
    ht_u256 fee;
    ht_bm_init(&maker, HT_EXEC_LAYOUT_PRAGUE);
    ht_bm_finish(&maker);
    struct ht_body *body = ht_bm_body(&maker);
    static const uint64_t EXPECTED[] = {1, 1, 2, 3, 5};
    for (size_t i = 0; i < 5; i++) {
        assert_true(ht_priority_fee_typical(&fee, AT[i], &maker.header, body));
        assert_int_equal(fee.limb[0], EXPECTED[i]);
    }
    /* More than the fee allows is not paid, and less than nothing is nothing. */
    struct ht_exec_header header = maker.header;
    header.base_fee_per_gas = ht_u256_of(999998);
    assert_true(ht_priority_fee_typical(&fee, 100000, &header, body));
    assert_int_equal(fee.limb[0], 2);
    assert_true(ht_priority_fee_typical(&fee, 0, &header, body));
    assert_int_equal(fee.limb[0], 0);
    ht_body_unref(body);
    ht_bm_fini(&maker);
}

static void empty_block_has_no_typical_fee_and_rewards_of_zero(void **state) {
    (void)state;
    static const uint32_t AT[] = {50000, 100000};
    ht_u256 rewards[2] = {{{1}}, {{1}}};
    ht_bm_init(&maker, HT_EXEC_LAYOUT_PRAGUE);
    maker.count = 0;
    maker.header.gas_used = 0;
    ht_bm_finish(&maker);
    struct ht_body *body = ht_bm_body(&maker);
    struct ht_receipts *receipts = ht_bm_receipts(&maker);
    assert_int_equal(ht_priority_fees(rewards, AT, 2, &maker.header, body, receipts), HT_OK);
    assert_true(ht_u256_is_zero(&rewards[0]) && ht_u256_is_zero(&rewards[1]));
    assert_false(ht_priority_fee_typical(rewards, 60000, &maker.header, body));
    ht_body_unref(body);
    ht_receipts_unref(receipts);
    ht_bm_fini(&maker);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rules_follow_the_forks_of_mainnet_to_the_second),
        cmocka_unit_test(schedule_of_a_later_fork_does_not_count_before_it),
        cmocka_unit_test(schedule_beyond_all_reason_does_not_overflow),
        cmocka_unit_test(next_base_fee_moves_with_the_gas_used),
        cmocka_unit_test(next_base_fee_is_zero_before_london_and_never_wraps),
        cmocka_unit_test(blob_base_fee_is_the_exponential_of_the_excess),
        cmocka_unit_test(blob_base_fee_that_nobody_could_pay_is_no_number),
        cmocka_unit_test(headers_before_cancun_have_no_blob_fee),
        cmocka_unit_test(next_blob_fee_moves_with_the_blobs_used),
        cmocka_unit_test(next_blob_fee_does_not_fall_below_the_reserve_price),
        cmocka_unit_test(priority_fees_weigh_each_transaction_by_its_gas),
        cmocka_unit_test(typical_priority_fee_counts_each_transaction_once),
        cmocka_unit_test(empty_block_has_no_typical_fee_and_rewards_of_zero),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
