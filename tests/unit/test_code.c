/* Analysis of code and the cache of analysed codes. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "node/crypto/keccak.h"
#include "node/evm/code.h"

static const struct ht_evm_code *analyse(ht_bytes code) {
    const struct ht_evm_code *out = NULL;
    assert_int_equal(ht_evm_code_new(&out, NULL, code), HT_OK);
    return out;
}

static const struct ht_evm_code *cached(ht_bytes bytes) {
    const struct ht_evm_code *out = NULL;
    ht_hash32 hash;
    ht_keccak256(&hash, bytes);
    assert_int_equal(ht_evm_code_cached(&out, &hash, bytes), HT_OK);
    assert_true(ht_hash32_equal(&out->hash, &hash));
    return out;
}

static void a_jumpdest_is_a_place_to_jump_to_but_not_as_an_operand(void **state) {
    (void)state;
    /* JUMPDEST PUSH2 5b5b JUMPDEST PUSH1 5b STOP JUMPDEST */
    static const uint8_t bytes[] = {0x5b, 0x61, 0x5b, 0x5b, 0x5b, 0x60, 0x5b, 0x00, 0x5b};
    const struct ht_evm_code *code = analyse(HT_BYTES(bytes));
    static const bool expected[] = {true, false, false, false, true, false, false, false, true};
    for (size_t i = 0; i < sizeof expected; i++) {
        assert_int_equal(ht_evm_code_is_jumpdest(code, i), expected[i]);
    }
    ht_evm_code_release(code);
}

static void places_behind_the_code_are_none(void **state) {
    (void)state;
    uint8_t bytes[130];
    memset(bytes, 0x5b, sizeof bytes);
    const struct ht_evm_code *code = analyse(HT_BYTES(bytes));
    assert_true(ht_evm_code_is_jumpdest(code, 129));
    assert_false(ht_evm_code_is_jumpdest(code, 130));
    assert_false(ht_evm_code_is_jumpdest(code, UINT64_MAX));
    ht_evm_code_release(code);
}

static void a_push_that_is_cut_off_hides_nothing_and_reads_zeros(void **state) {
    (void)state;
    static const uint8_t bytes[] = {0x5b, 0x7f, 0x5b};
    const struct ht_evm_code *code = analyse(HT_BYTES(bytes));
    assert_true(ht_evm_code_is_jumpdest(code, 0));
    assert_false(ht_evm_code_is_jumpdest(code, 2));
    assert_memory_equal(code->bytes, bytes, sizeof bytes);
    for (size_t i = 0; i < HT_EVM_CODE_PAD; i++) assert_int_equal(code->bytes[code->n + i], 0);
    ht_evm_code_release(code);
}

static void no_code_is_a_stop(void **state) {
    (void)state;
    const struct ht_evm_code *code = analyse((ht_bytes){NULL, 0});
    assert_int_equal(code->n, 0);
    assert_int_equal(code->bytes[0], 0);
    assert_false(ht_evm_code_is_jumpdest(code, 0));
    ht_evm_code_release(code);
    ht_evm_code_release(NULL);
}

static void a_delegation_is_three_bytes_and_an_address(void **state) {
    (void)state;
    uint8_t bytes[24] = {0xef, 0x01, 0x00};
    memset(bytes + 3, 0x77, 20);
    ht_addr20 target;
    assert_true(ht_evm_code_delegate(&target, ht_bytes_of(bytes, 23)));
    assert_memory_equal(target.b, bytes + 3, 20);
    assert_false(ht_evm_code_delegate(&target, ht_bytes_of(bytes, 22)));
    assert_false(ht_evm_code_delegate(&target, ht_bytes_of(bytes, 24)));
    bytes[2] = 1;
    assert_false(ht_evm_code_delegate(&target, ht_bytes_of(bytes, 23)));
    assert_false(ht_evm_code_delegate(&target, (ht_bytes){NULL, 0}));
}

static void a_code_that_was_seen_is_not_analysed_again(void **state) {
    (void)state;
    static const uint8_t bytes[] = {0x60, 0x01, 0x5b};
    const struct ht_evm_code *first = cached(HT_BYTES(bytes));
    const struct ht_evm_code *second = cached(HT_BYTES(bytes));
    assert_ptr_equal(first, second);
    ht_evm_code_release(first);
    ht_evm_code_release(second);
    const struct ht_evm_code *third = cached(HT_BYTES(bytes));
    assert_ptr_equal(first, third);
    ht_evm_code_release(third);
}

static void what_the_cache_drops_lives_as_long_as_it_is_held(void **state) {
    (void)state;
    static uint8_t bytes[24576];
    memset(bytes, 0x5b, sizeof bytes);
    const struct ht_evm_code *held = cached(HT_BYTES(bytes));
    /* More than the cache keeps, each another code. */
    for (uint32_t i = 1; i < 2 * HT_EVM_CODE_CACHE / sizeof bytes; i++) {
        ht_write_u32_le(bytes, i);
        ht_evm_code_release(cached(HT_BYTES(bytes)));
    }
    assert_int_equal(held->bytes[0], 0x5b);
    assert_true(ht_evm_code_is_jumpdest(held, 0));
    ht_write_u32_le(bytes, 0x5b5b5b5b);
    const struct ht_evm_code *again = cached(HT_BYTES(bytes));
    assert_ptr_not_equal(again, held);
    ht_evm_code_release(again);
    ht_evm_code_release(held);
}

static void a_code_larger_than_the_cache_is_analysed_and_not_kept(void **state) {
    (void)state;
    static uint8_t bytes[HT_EVM_CODE_CACHE + 1];
    const struct ht_evm_code *first = cached(HT_BYTES(bytes));
    const struct ht_evm_code *second = cached(HT_BYTES(bytes));
    assert_ptr_not_equal(first, second);
    ht_evm_code_release(first);
    ht_evm_code_release(second);
}

static void code_that_does_not_have_the_hash_is_never_kept_under_it(void **state) {
    (void)state;
    static const uint8_t bytes[] = {0x60, 0x02, 0x5b, 0x5b};
    const struct ht_evm_code *guess = NULL;
    ht_hash32 hash;
    ht_keccak256(&hash, HT_BYTES(bytes));
    assert_int_equal(ht_evm_code_cached(&guess, &hash, (ht_bytes){NULL, 0}), HT_OK);
    assert_int_equal(guess->n, 0);
    const struct ht_evm_code *real = cached(HT_BYTES(bytes));
    assert_int_equal(real->n, sizeof bytes);
    ht_evm_code_release(guess);
    ht_evm_code_release(real);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_jumpdest_is_a_place_to_jump_to_but_not_as_an_operand),
        cmocka_unit_test(places_behind_the_code_are_none),
        cmocka_unit_test(a_push_that_is_cut_off_hides_nothing_and_reads_zeros),
        cmocka_unit_test(no_code_is_a_stop),
        cmocka_unit_test(a_delegation_is_three_bytes_and_an_address),
        cmocka_unit_test(a_code_that_was_seen_is_not_analysed_again),
        cmocka_unit_test(what_the_cache_drops_lives_as_long_as_it_is_held),
        cmocka_unit_test(a_code_larger_than_the_cache_is_analysed_and_not_kept),
        cmocka_unit_test(code_that_does_not_have_the_hash_is_never_kept_under_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
