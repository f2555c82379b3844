/* The machine's loop: words, jumps, memory, gas, limits. What calls and creations do stands in
 * test_vm_call.c and test_vm_create.c, what storage costs in test_vm_state.c. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

#include "tests/unit/evm_bench.h"

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

static enum ht_evm_status end_of(struct evm_bench *bench, const char *text, uint64_t gas) {
    (void)evm_put(bench, evm_address(1), 0, text);
    return evm_call(bench, evm_address(1), gas);
}

/* --- words ------------------------------------------------------------------------------------*/

static void operands_are_taken_from_the_top(void **state) {
    struct evm_bench *b = *state;
    assert_int_equal(evm_eval_u64(b, "PUSH1 03 PUSH1 0a SUB"), 7);
    assert_int_equal(evm_eval_u64(b, "PUSH1 03 PUSH1 0a DIV"), 3);
    assert_int_equal(evm_eval_u64(b, "PUSH1 03 PUSH1 0a MOD"), 1);
    assert_int_equal(evm_eval_u64(b, "PUSH1 03 PUSH1 0a LT"), 0);
    assert_int_equal(evm_eval_u64(b, "PUSH1 03 PUSH1 0a GT"), 1);
    assert_int_equal(evm_eval_u64(b, "PUSH1 00 NOT PUSH1 0a SGT"), 1);
    assert_int_equal(evm_eval_u64(b, "PUSH1 0a PUSH1 00 NOT SLT"), 1);
    assert_int_equal(evm_eval_u64(b, "PUSH1 03 PUSH1 02 EXP"), 8);
    assert_int_equal(evm_eval_u64(b, "PUSH1 01 PUSH1 08 SHL"), 256);
    assert_int_equal(evm_eval_u64(b, "PUSH2 01 00 PUSH1 08 SHR"), 1);
    assert_int_equal(evm_eval_u64(b, "PUSH1 05 PUSH1 04 PUSH1 03 ADDMOD"), 2);
    assert_int_equal(evm_eval_u64(b, "PUSH1 05 PUSH1 04 PUSH1 03 MULMOD"), 2);
    assert_int_equal(evm_eval_u64(b, "PUSH1 ff PUSH1 1f BYTE"), 0xff);
    assert_int_equal(evm_eval_u64(b, "PUSH1 05 PUSH1 02 PUSH1 07 SWAP2 SUB"), 3);
}

static void a_push_of_each_length_puts_its_bytes(void **state) {
    struct evm_bench *b = *state;
    for (unsigned n = 1; n <= 32; n++) {
        char text[200] = {0};
        uint8_t word[32] = {0};
        size_t at = (size_t)snprintf(text, sizeof text, "PUSH%u", n);
        for (unsigned i = 0; i < n; i++) {
            word[32 - n + i] = (uint8_t)(0xa0 + i);
            at += (size_t)snprintf(text + at, sizeof text - at, " %02x", 0xa0 + i);
        }
        ht_u256 got = evm_eval(b, text);
        ht_u256 want = ht_u256_from_be32(word);
        assert_true(ht_u256_equal(&got, &want));
    }
    assert_int_equal(evm_eval_u64(b, "PUSH0"), 0);
}

static void dups_and_swaps_reach_sixteen_deep(void **state) {
    struct evm_bench *b = *state;
    char text[400] = "PUSH1 77";
    for (unsigned n = 1; n <= 16; n++) {
        char one[500];
        (void)snprintf(one, sizeof one, "%s DUP%u", text, n);
        assert_int_equal(evm_eval_u64(b, one), 0x77);
        (void)snprintf(one, sizeof one, "%s PUSH1 00 SWAP%u", text, n);
        assert_int_equal(evm_eval_u64(b, one), 0x77);
        (void)strncat(text, " PUSH1 01", sizeof text - strlen(text) - 1);
    }
}

static void a_word_of_call_data_ends_in_zeros(void **state) {
    struct evm_bench *b = *state;
    (void)evm_put(b, evm_address(1), 0, "PUSH1 02 CALLDATALOAD" EVM_RETURN);
    static const uint8_t input[] = {1, 2, 3, 4};
    struct ht_evm_message message = {.kind = HT_EVM_CALL,
                                     .sender = evm_address(0xaa),
                                     .to = evm_address(1),
                                     .code = evm_address(1),
                                     .gas = 100000,
                                     .input = HT_BYTES(input)};
    assert_int_equal(evm_send(b, &message), HT_OK);
    static const uint8_t want[32] = {3, 4};
    assert_memory_equal(b->result.output.p, want, sizeof want);
}

static void what_a_block_and_a_transaction_are_can_be_read(void **state) {
    struct evm_bench *b = *state;
    ht_hash32 blob = {{0}};
    blob.b[31] = 9;
    b->origin.blob_hashes = &blob;
    b->origin.blob_count = 1;
    b->origin.gas_price = ht_u256_of(12);
    b->block.base_fee = ht_u256_of(7);
    b->block.blob_base_fee = ht_u256_of(3);
    b->block.prev_randao.b[31] = 5;
    evm_bench_set(b);
    assert_int_equal(evm_eval_u64(b, "NUMBER"), 1000);
    assert_int_equal(evm_eval_u64(b, "TIMESTAMP"), 5000);
    assert_int_equal(evm_eval_u64(b, "GASLIMIT"), 30000000);
    assert_int_equal(evm_eval_u64(b, "CHAINID"), 1);
    assert_int_equal(evm_eval_u64(b, "BASEFEE"), 7);
    assert_int_equal(evm_eval_u64(b, "BLOBBASEFEE"), 3);
    assert_int_equal(evm_eval_u64(b, "GASPRICE"), 12);
    assert_int_equal(evm_eval_u64(b, "PREVRANDAO"), 5);
    assert_int_equal(evm_eval_u64(b, "PUSH1 00 BLOBHASH"), 9);
    assert_int_equal(evm_eval_u64(b, "PUSH1 01 BLOBHASH"), 0);
    assert_int_equal(evm_eval_u64(b, "ORIGIN CALLER EQ"), 1);
    assert_int_equal(evm_eval_u64(b, "ADDRESS PUSH1 ff AND"), 1);
}

/* --- jumps ------------------------------------------------------------------------------------*/

static void a_jump_lands_on_a_jumpdest(void **state) {
    struct evm_bench *b = *state;
    assert_int_equal(evm_eval_u64(b, "PUSH1 04 JUMP INVALID JUMPDEST PUSH1 2a"), 42);
    assert_int_equal(evm_eval_u64(b, "PUSH1 01 PUSH1 06 JUMPI INVALID JUMPDEST PC"), 7);
    assert_int_equal(evm_eval_u64(b, "PUSH1 00 PUSH1 ff JUMPI PUSH1 2a"), 42);
    /* Backwards, until nothing is left of 5. */
    assert_int_equal(
        evm_eval_u64(b, "PUSH1 00 PUSH1 05 JUMPDEST SWAP1 PUSH1 03 ADD SWAP1 PUSH1 01 SWAP1 SUB "
                        "DUP1 PUSH1 04 JUMPI POP"),
        15);
}

static void a_jump_to_anything_else_burns_the_gas(void **state) {
    struct evm_bench *b = *state;
    static const char *const bad[] = {
        "PUSH1 00 JUMP",          /* no JUMPDEST */
        "PUSH1 04 JUMP PUSH1 5b", /* an operand */
        "PUSH1 50 JUMP",          /* behind the end */
        "PUSH1 00 NOT JUMP",      /* behind any end */
        "PUSH1 01 PUSH1 00 JUMPI",
        /* 2^64 + 12, which has a JUMPDEST at its lower half. */
        "PUSH9 01 00 00 00 00 00 00 00 0c JUMP STOP JUMPDEST",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(end_of(b, bad[i], 100000), HT_EVM_BAD_JUMP);
        assert_int_equal(b->result.gas_left, 0);
        assert_int_equal(b->result.output.n, 0);
    }
}

static void the_end_of_the_code_stops(void **state) {
    struct evm_bench *b = *state;
    assert_int_equal(end_of(b, "PUSH1 01", 100), HT_EVM_SUCCESS);
    assert_int_equal(b->result.gas_left, 97);
    assert_int_equal(end_of(b, "PUSH32 01", 100), HT_EVM_SUCCESS);
    assert_int_equal(b->result.gas_left, 97);
}

/* --- what is no instruction -------------------------------------------------------------------*/

static void unknown_opcodes_burn_the_gas(void **state) {
    struct evm_bench *b = *state;
    assert_int_equal(end_of(b, "0c", 100000), HT_EVM_BAD_INSTRUCTION);
    assert_int_equal(b->result.gas_left, 0);
    assert_int_equal(end_of(b, "INVALID", 100000), HT_EVM_BAD_INSTRUCTION);
    assert_int_equal(end_of(b, "ef", 100000), HT_EVM_BAD_INSTRUCTION);
}

static void an_opcode_of_a_later_fork_is_unknown(void **state) {
    struct evm_bench *b = *state;
    assert_int_equal(end_of(b, "PUSH1 01 CLZ", 100000), HT_EVM_SUCCESS);
    b->fork = HT_EVM_PRAGUE;
    evm_bench_set(b);
    assert_int_equal(end_of(b, "PUSH1 01 CLZ", UINT64_MAX), HT_EVM_BAD_INSTRUCTION);
    assert_int_equal(end_of(b, "PUSH0", 100000), HT_EVM_SUCCESS);
    b->fork = HT_EVM_PARIS;
    evm_bench_set(b);
    assert_int_equal(end_of(b, "PUSH0", 100000), HT_EVM_BAD_INSTRUCTION);
}

static void a_stack_that_is_too_low_burns_the_gas(void **state) {
    struct evm_bench *b = *state;
    static const char *const bad[] = {"POP",
                                      "PUSH1 01 ADD",
                                      "DUP1",
                                      "SWAP1",
                                      "PUSH1 01 SWAP1",
                                      "PUSH1 01 PUSH1 02 ADDMOD",
                                      "PUSH1 01 LOG0",
                                      "PUSH1 00 PUSH1 00 PUSH1 00 PUSH1 00 CALL"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(end_of(b, bad[i], 100000), HT_EVM_STACK_UNDERFLOW);
        assert_int_equal(b->result.gas_left, 0);
    }
}

static void a_stack_holds_1024_words(void **state) {
    struct evm_bench *b = *state;
    uint8_t code[1026];
    memset(code, 0x5f, sizeof code);
    (void)evm_put_code(b, evm_address(1), ht_bytes_of(code, 1024));
    assert_int_equal(evm_call(b, evm_address(1), 100000), HT_EVM_SUCCESS);
    (void)evm_put_code(b, evm_address(1), ht_bytes_of(code, 1025));
    assert_int_equal(evm_call(b, evm_address(1), 100000), HT_EVM_STACK_OVERFLOW);
    code[1024] = 0x80;
    (void)evm_put_code(b, evm_address(1), ht_bytes_of(code, 1025));
    assert_int_equal(evm_call(b, evm_address(1), 100000), HT_EVM_STACK_OVERFLOW);
    code[1024] = 0x9f;
    (void)evm_put_code(b, evm_address(1), ht_bytes_of(code, 1025));
    assert_int_equal(evm_call(b, evm_address(1), 100000), HT_EVM_SUCCESS);
}

/* --- memory -----------------------------------------------------------------------------------*/

static void memory_grows_by_words_and_is_zero(void **state) {
    struct evm_bench *b = *state;
    assert_int_equal(evm_eval_u64(b, "PUSH1 00 MLOAD"), 0);
    assert_int_equal(evm_eval_u64(b, "PUSH1 01 MLOAD POP MSIZE"), 64);
    assert_int_equal(evm_eval_u64(b, "PUSH1 ab PUSH1 3f MSTORE8 MSIZE"), 64);
    assert_int_equal(evm_eval_u64(b, "PUSH1 ab PUSH1 3f MSTORE8 PUSH1 20 MLOAD"), 0xab);
    /* The memory of a run before is not seen. */
    assert_int_equal(evm_eval_u64(b, "PUSH1 ab PUSH1 3f MSTORE8 PUSH1 00"), 0);
    assert_int_equal(evm_eval_u64(b, "PUSH1 20 MLOAD"), 0);
}

static void overlapping_memory_is_copied_as_if_through_a_buffer(void **state) {
    struct evm_bench *b = *state;
    ht_u256 got = evm_eval(b, "PUSH2 01 02 PUSH1 00 MSTORE PUSH1 20 PUSH1 00 PUSH1 01 MCOPY "
                              "PUSH1 01 MLOAD");
    assert_int_equal(got.limb[0], 0x0102);
    got =
        evm_eval(b, "PUSH2 01 02 PUSH1 00 MSTORE PUSH1 1f PUSH1 01 PUSH1 00 MCOPY PUSH1 00 MLOAD");
    assert_int_equal(got.limb[0], 0x010202);
}

static void copies_read_zeros_behind_their_source(void **state) {
    struct evm_bench *b = *state;
    ht_u256 got = evm_eval(b, "PUSH1 00 NOT PUSH1 00 MSTORE PUSH1 20 PUSH1 00 PUSH1 00 "
                              "CALLDATACOPY PUSH1 00 MLOAD");
    assert_true(ht_u256_is_zero(&got));
    got = evm_eval(b, "PUSH1 00 NOT PUSH1 00 MSTORE PUSH1 20 PUSH1 00 NOT PUSH1 00 CODECOPY "
                      "PUSH1 00 MLOAD");
    assert_true(ht_u256_is_zero(&got));
    assert_int_equal(evm_eval_u64(b, "PUSH1 01 PUSH1 01 PUSH1 1f CODECOPY PUSH1 00 MLOAD"), 1);
}

static void the_empty_word_has_its_hash(void **state) {
    struct evm_bench *b = *state;
    ht_u256 got = evm_eval(b, "PUSH1 00 PUSH1 00 NOT KECCAK256");
    assert_int_equal(got.limb[3], 0xc5d2460186f7233c);
    got = evm_eval(b, "PUSH1 20 PUSH1 00 KECCAK256");
    assert_int_equal(got.limb[3], 0x290decd9548b62a8);
}

static void nothing_at_any_place_needs_no_memory(void **state) {
    struct evm_bench *b = *state;
    assert_int_equal(evm_eval_u64(b, "PUSH1 00 PUSH1 00 NOT PUSH1 00 NOT MCOPY MSIZE"), 0);
    assert_int_equal(evm_eval_u64(b, "PUSH1 00 PUSH1 00 PUSH1 00 NOT CALLDATACOPY MSIZE"), 0);
    assert_int_equal(end_of(b, "PUSH1 00 PUSH1 00 NOT RETURN", 100), HT_EVM_SUCCESS);
}

static void memory_beyond_all_gas_is_out_of_gas(void **state) {
    struct evm_bench *b = *state;
    assert_int_equal(end_of(b, "PUSH1 00 NOT MLOAD", UINT64_MAX), HT_EVM_OUT_OF_GAS);
    assert_int_equal(end_of(b, "PUSH8 7f ff ff ff ff ff ff ff MLOAD", UINT64_MAX),
                     HT_EVM_OUT_OF_GAS);
    assert_int_equal(end_of(b, "PUSH8 7f ff ff ff ff ff ff ff DUP1 KECCAK256", UINT64_MAX),
                     HT_EVM_OUT_OF_GAS);
    assert_int_equal(end_of(b, "PUSH5 01 00 00 00 00 MLOAD", 10000000), HT_EVM_OUT_OF_GAS);
}

static void memory_that_is_paid_for_but_over_the_bound_ends_the_run(void **state) {
    struct evm_bench *b = *state;
    b->limits.memory_max = 1 << 20;
    evm_bench_set(b);
    assert_int_equal(end_of(b, "PUSH3 0f ff e0 MLOAD", 10000000), HT_EVM_SUCCESS);
    (void)evm_put(b, evm_address(1), 0, "PUSH3 0f ff e1 MLOAD");
    struct ht_evm_message message = {.kind = HT_EVM_CALL,
                                     .sender = evm_address(0xaa),
                                     .to = evm_address(1),
                                     .code = evm_address(1),
                                     .gas = 10000000};
    assert_int_equal(evm_send(b, &message), HT_ELIMIT);
    assert_string_equal(b->why.code, "evm_memory");
    /* The machine is as good as new. */
    assert_int_equal(evm_eval_u64(b, "MSIZE"), 0);
}

/* --- gas --------------------------------------------------------------------------------------*/

static void gas_is_counted_to_the_last_unit(void **state) {
    struct evm_bench *b = *state;
    assert_int_equal(end_of(b, "PUSH1 01 PUSH1 02 ADD", 9), HT_EVM_SUCCESS);
    assert_int_equal(b->result.gas_left, 0);
    assert_int_equal(end_of(b, "PUSH1 01 PUSH1 02 ADD", 8), HT_EVM_OUT_OF_GAS);
    assert_int_equal(evm_gas(b, "PUSH1 00 MLOAD"), 3 + 3 + 3);
    assert_int_equal(evm_gas(b, "PUSH2 04 00 MLOAD"), 3 + 3 + 33 * 3 + 33 * 33 / 512);
    assert_int_equal(evm_gas(b, "PUSH1 41 PUSH1 00 KECCAK256"), 6 + 30 + 3 * 6 + 3 * 3);
    assert_int_equal(evm_gas(b, "PUSH2 01 00 PUSH1 02 EXP"), 6 + 10 + 100);
    assert_int_equal(evm_gas(b, "PUSH1 00 PUSH1 02 EXP"), 6 + 10);
    assert_int_equal(evm_gas(b, "PUSH1 21 PUSH1 00 PUSH1 00 CODECOPY"), 9 + 3 + 2 * 3 + 2 * 3);
    assert_int_equal(evm_gas(b, "PUSH1 04 JUMP STOP JUMPDEST"), 3 + 8 + 1);
    assert_int_equal(evm_gas(b, "PUSH1 21 PUSH1 00 LOG0"), 6 + 375 + 0x21 * 8 + 2 * 3);
}

static void gas_is_read_after_its_own_price(void **state) {
    struct evm_bench *b = *state;
    (void)evm_put(b, evm_address(1), 0, "GAS" EVM_RETURN);
    assert_int_equal(evm_call(b, evm_address(1), 50000), HT_EVM_SUCCESS);
    assert_int_equal(evm_output(b).limb[0], 49998);
    assert_int_equal(evm_call(b, evm_address(1), UINT64_MAX), HT_EVM_SUCCESS);
    assert_true(evm_output(b).limb[0] == UINT64_MAX - 2);
}

/* Slices are as short as they may be; the run is many times longer. */
static bool count_down(void *user) {
    unsigned *left = user;
    return (*left)-- == 0;
}

#define FOREVER "JUMPDEST PUSH1 00 JUMP"

static void a_run_that_takes_too_long_is_stopped(void **state) {
    struct evm_bench *b = *state;
    unsigned left = 3;
    b->limits = (struct ht_evm_limits){.is_over = count_down, .user = &left, .gas_step = 1};
    evm_bench_set(b);
    (void)evm_put(b, evm_address(1), 0, FOREVER);
    struct ht_evm_message message = {.kind = HT_EVM_CALL,
                                     .sender = evm_address(0xaa),
                                     .to = evm_address(1),
                                     .code = evm_address(1),
                                     .gas = 1000000000};
    assert_int_equal(evm_send(b, &message), HT_ELIMIT);
    assert_string_equal(b->why.code, "evm_time");
}

static void slices_change_nothing_of_the_gas(void **state) {
    struct evm_bench *b = *state;
    unsigned left = 1000;
    b->limits = (struct ht_evm_limits){.is_over = count_down, .user = &left, .gas_step = 1};
    evm_bench_set(b);
    assert_int_equal(end_of(b, FOREVER, 1000000), HT_EVM_OUT_OF_GAS);
    assert_int_equal(b->result.gas_left, 0);
    assert_in_range(1000 - left, 14, 16); /* a million in steps of 65,536 */
    left = 1000;
    (void)evm_put(b, evm_address(1), 0, "PUSH2 ff ff PUSH1 00 KECCAK256 POP GAS" EVM_RETURN);
    assert_int_equal(evm_call(b, evm_address(1), 200000), HT_EVM_SUCCESS);
    uint64_t sliced = evm_output(b).limb[0];
    b->limits = (struct ht_evm_limits){0};
    evm_bench_set(b);
    assert_int_equal(evm_call(b, evm_address(1), 200000), HT_EVM_SUCCESS);
    assert_int_equal(evm_output(b).limb[0], sliced);
}

static void each_status_has_its_words(void **state) {
    (void)state;
    assert_string_equal(ht_evm_status_text(HT_EVM_OUT_OF_GAS), "out of gas");
    assert_string_equal(ht_evm_status_text(HT_EVM_REVERT), "execution reverted");
    for (enum ht_evm_status status = HT_EVM_SUCCESS; status <= HT_EVM_NONCE_OVERFLOW; status++) {
        assert_string_not_equal(ht_evm_status_text(status), "unknown");
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(operands_are_taken_from_the_top),
        TEST(a_push_of_each_length_puts_its_bytes),
        TEST(dups_and_swaps_reach_sixteen_deep),
        TEST(a_word_of_call_data_ends_in_zeros),
        TEST(what_a_block_and_a_transaction_are_can_be_read),
        TEST(a_jump_lands_on_a_jumpdest),
        TEST(a_jump_to_anything_else_burns_the_gas),
        TEST(the_end_of_the_code_stops),
        TEST(unknown_opcodes_burn_the_gas),
        TEST(an_opcode_of_a_later_fork_is_unknown),
        TEST(a_stack_that_is_too_low_burns_the_gas),
        TEST(a_stack_holds_1024_words),
        TEST(memory_grows_by_words_and_is_zero),
        TEST(overlapping_memory_is_copied_as_if_through_a_buffer),
        TEST(copies_read_zeros_behind_their_source),
        TEST(the_empty_word_has_its_hash),
        TEST(nothing_at_any_place_needs_no_memory),
        TEST(memory_beyond_all_gas_is_out_of_gas),
        TEST(memory_that_is_paid_for_but_over_the_bound_ends_the_run),
        TEST(gas_is_counted_to_the_last_unit),
        TEST(gas_is_read_after_its_own_price),
        TEST(a_run_that_takes_too_long_is_stopped),
        TEST(slices_change_nothing_of_the_gas),
        cmocka_unit_test(each_status_has_its_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
