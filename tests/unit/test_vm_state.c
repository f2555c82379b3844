/* What reading and writing the world costs, and what it answers. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/unit/evm_bench.h"

#define OTHER "PUSH20 11 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 02 "

static int set_up(void **state) {
    static struct evm_bench bench;
    evm_bench_init(&bench, HT_EVM_OSAKA);
    *state = &bench;
    return 0;
}

static int tear_down(void **state) {
    evm_bench_fini(*state);
    return 0;
}

/* Writes to slot 0 of an account, which held `original` before, and says what they cost. */
static uint64_t store_gas(struct evm_bench *b, uint64_t original, const char *text) {
    struct ht_evm_object *object = evm_put(b, evm_address(1), 0, text);
    ht_u256 key = ht_u256_of(0);
    ht_u256 value = ht_u256_of(original);
    assert_int_equal(ht_evm_world_override_slot(b->world, object, &key, &value), HT_OK);
    enum ht_evm_status status = evm_call(b, evm_address(1), 1000000);
    assert_int_equal(status, HT_EVM_SUCCESS);
    return 1000000 - b->result.gas_left;
}

#define TO_0 "PUSH1 00 PUSH1 00 SSTORE "
#define TO_1 "PUSH1 01 PUSH1 00 SSTORE "
#define TO_2 "PUSH1 02 PUSH1 00 SSTORE "

/* The cases of EIP-2200 with the numbers of EIP-2929 and EIP-3529. */
static void storage_costs_and_refunds_by_what_was_there(void **state) {
    struct evm_bench *b = *state;
    static const struct {
        uint64_t original;
        const char *text;
        uint64_t gas;   /* beside the pushes and the first access */
        int64_t refund; /* since London */
    } cases[] = {
        {0, TO_0, 100, 0},
        {0, TO_1, 20000, 0},
        {0, TO_1 TO_0, 20100, 19900},
        {0, TO_1 TO_2, 20100, 0},
        {0, TO_1 TO_1, 20100, 0},
        {1, TO_0, 2900, 4800},
        {1, TO_1, 100, 0},
        {1, TO_2, 2900, 0},
        {1, TO_0 TO_0, 3000, 4800},
        {1, TO_0 TO_1, 3000, 2800},
        {1, TO_0 TO_2, 3000, 0},
        {1, TO_2 TO_0, 3000, 4800},
        {1, TO_2 TO_1, 3000, 2800},
        {1, TO_2 TO_2, 3000, 0},
        {1, TO_1 TO_0, 3000, 4800},
        {0, TO_1 TO_0 TO_1, 40100, 19900},
        {1, TO_0 TO_1 TO_0, 5900, 7600},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t stores = strlen(cases[i].text) / strlen(TO_0);
        uint64_t gas = store_gas(b, cases[i].original, cases[i].text);
        assert_int_equal(gas, cases[i].gas + 2100 + 6 * stores);
        assert_int_equal(ht_evm_world_refunded(b->world), cases[i].refund);
    }
    b->fork = HT_EVM_BERLIN;
    evm_bench_set(b);
    (void)store_gas(b, 1, TO_0);
    assert_int_equal(ht_evm_world_refunded(b->world), 15000);
}

static void storing_needs_more_than_the_stipend(void **state) {
    struct evm_bench *b = *state;
    /* A warm slot that keeps its value costs 100, but 2301 must be there. */
    (void)evm_put(b, evm_address(1), 0, "PUSH1 00 SLOAD PUSH1 00 SSTORE");
    uint64_t before = 3 + 2100 + 3;
    assert_int_equal(evm_call(b, evm_address(1), before + 2300), HT_EVM_OUT_OF_GAS);
    assert_int_equal(evm_call(b, evm_address(1), before + 2301), HT_EVM_SUCCESS);
    assert_int_equal(b->result.gas_left, 2201);
}

static void the_first_look_at_a_slot_or_an_account_is_dear(void **state) {
    struct evm_bench *b = *state;
    assert_int_equal(evm_gas(b, "PUSH1 07 SLOAD"), 3 + 2100);
    assert_int_equal(evm_gas(b, "PUSH1 07 SLOAD PUSH1 07 SLOAD"), 6 + 2200);
    assert_int_equal(evm_gas(b, OTHER "BALANCE"), 3 + 2600);
    assert_int_equal(evm_gas(b, OTHER "BALANCE " OTHER "EXTCODESIZE"), 6 + 2700);
    assert_int_equal(evm_gas(b, OTHER "EXTCODEHASH " OTHER "EXTCODEHASH"), 6 + 2700);
    assert_int_equal(evm_gas(b, "PUSH1 21 PUSH1 00 PUSH1 00 " OTHER "EXTCODECOPY"),
                     12 + 2600 + 6 + 6);
    /* Precompiles are warm from the start. */
    assert_int_equal(evm_gas(b, "PUSH1 04 BALANCE"), 3 + 100);
    assert_int_equal(evm_gas(b, "PUSH1 12 BALANCE"), 3 + 2600);
}

static void what_was_warm_in_a_failed_call_is_cold_again(void **state) {
    struct evm_bench *b = *state;
    (void)evm_put(b, evm_address(2), 0, "PUSH1 55 BALANCE PUSH1 00 PUSH1 00 REVERT");
    uint64_t gas = evm_gas(b, "PUSH1 00 PUSH1 00 PUSH1 00 PUSH1 00 PUSH1 00 " OTHER
                              "GAS CALL PUSH1 55 BALANCE");
    assert_int_equal(gas, 6 * 3 + 2 + 2600 + 2609 + 3 + 2600);
}

static void a_hash_of_code_is_zero_for_an_empty_account(void **state) {
    struct evm_bench *b = *state;
    assert_int_equal(evm_eval_u64(b, OTHER "EXTCODEHASH"), 0);
    (void)evm_put(b, evm_address(2), 1, NULL);
    ht_u256 got = evm_eval(b, OTHER "EXTCODEHASH");
    assert_int_equal(got.limb[3], 0xc5d2460186f7233c);
    (void)evm_put(b, evm_address(2), 0, "STOP");
    got = evm_eval(b, OTHER "EXTCODEHASH");
    assert_int_equal(got.limb[3], 0xbc36789e7a1e2814);
    assert_int_equal(evm_eval_u64(b, OTHER "EXTCODESIZE"), 1);
}

static void code_of_others_is_copied_with_zeros_behind(void **state) {
    struct evm_bench *b = *state;
    (void)evm_put(b, evm_address(2), 0, "PUSH1 2a");
    ht_u256 got = evm_eval(b, "PUSH1 00 NOT PUSH1 00 MSTORE PUSH1 20 PUSH1 00 PUSH1 00 " OTHER
                              "EXTCODECOPY PUSH1 00 MLOAD");
    assert_true(got.limb[3] == (uint64_t)0x602a << 48);
    assert_int_equal(got.limb[0], 0);
}

static void the_last_256_blocks_have_hashes(void **state) {
    struct evm_bench *b = *state;
    /* The source's hash of a block is its number; this is block 1000. */
    assert_int_equal(evm_eval_u64(b, "PUSH2 03 e7 BLOCKHASH"), 999);
    assert_int_equal(evm_eval_u64(b, "PUSH2 02 e8 BLOCKHASH"), 744);
    assert_int_equal(evm_eval_u64(b, "PUSH2 02 e7 BLOCKHASH"), 0);
    assert_int_equal(evm_eval_u64(b, "PUSH2 03 e8 BLOCKHASH"), 0);
    assert_int_equal(evm_eval_u64(b, "PUSH2 03 e9 BLOCKHASH"), 0);
    assert_int_equal(evm_eval_u64(b, "PUSH1 00 NOT BLOCKHASH"), 0);
}

static void transient_storage_lasts_for_a_transaction(void **state) {
    struct evm_bench *b = *state;
    assert_int_equal(evm_eval_u64(b, "PUSH1 09 PUSH1 05 TSTORE PUSH1 05 TLOAD"), 9);
    assert_int_equal(evm_eval_u64(b, "PUSH1 05 TLOAD"), 0);
    assert_int_equal(evm_gas(b, "PUSH1 09 PUSH1 05 TSTORE"), 106);
    assert_int_equal(evm_gas(b, "PUSH1 05 TLOAD"), 103);
    /* What a call wrote before it failed is gone; each account has its own. */
    (void)evm_put(b, evm_address(2), 0, "PUSH1 09 PUSH1 05 TSTORE INVALID");
    assert_int_equal(evm_eval_u64(b, "PUSH1 04 PUSH1 05 TSTORE PUSH1 00 PUSH1 00 PUSH1 00 "
                                     "PUSH1 00 " OTHER "GAS DELEGATECALL POP PUSH1 05 TLOAD"),
                     4);
}

static void logs_are_the_worlds_unless_the_frame_fails(void **state) {
    struct evm_bench *b = *state;
    size_t count = 0;
    (void)evm_put(b, evm_address(1), 0,
                  "PUSH1 ab PUSH1 00 MSTORE8 PUSH1 02 PUSH1 01 PUSH1 02 PUSH1 00 LOG2");
    assert_int_equal(evm_call(b, evm_address(1), 100000), HT_EVM_SUCCESS);
    const struct ht_evm_log *logs = ht_evm_world_logs(b->world, &count);
    assert_int_equal(count, 1);
    ht_addr20 address = evm_address(1);
    assert_memory_equal(logs->address.b, address.b, sizeof address.b);
    assert_int_equal(logs->topic_count, 2);
    assert_int_equal(logs->topics[0].b[31], 1);
    assert_int_equal(logs->topics[1].b[31], 2);
    assert_int_equal(logs->data.n, 2);
    assert_int_equal(logs->data.p[0], 0xab);
    (void)evm_put(b, evm_address(1), 0, "PUSH1 00 PUSH1 00 LOG0 PUSH1 00 PUSH1 00 REVERT");
    assert_int_equal(evm_call(b, evm_address(1), 100000), HT_EVM_REVERT);
    (void)ht_evm_world_logs(b->world, &count);
    assert_int_equal(count, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(storage_costs_and_refunds_by_what_was_there),
        TEST(storing_needs_more_than_the_stipend),
        TEST(the_first_look_at_a_slot_or_an_account_is_dear),
        TEST(what_was_warm_in_a_failed_call_is_cold_again),
        TEST(a_hash_of_code_is_zero_for_an_empty_account),
        TEST(code_of_others_is_copied_with_zeros_behind),
        TEST(the_last_256_blocks_have_hashes),
        TEST(transient_storage_lasts_for_a_transaction),
        TEST(logs_are_the_worlds_unless_the_frame_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
