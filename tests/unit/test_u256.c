/* 256-bit integers against GMP on random and awkward values, and their text. Links with -lgmp. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <gmp.h>

#include "node/base/u256.h"

#define ROUNDS 20000

static uint64_t seed = 1;

/* xorshift64*: the same numbers in every run. */
static uint64_t next_random(void) {
    seed ^= seed >> 12;
    seed ^= seed << 25;
    seed ^= seed >> 27;
    return seed * 0x2545f4914f6cdd1dU;
}

/* Limbs of all zeros, all ones and near them come often: that is where carries go wrong. */
static uint64_t awkward_limb(void) {
    switch (next_random() % 6) {
    case 0: return 0;
    case 1: return UINT64_MAX;
    case 2: return 1;
    case 3: return (uint64_t)1 << 63;
    default: return next_random();
    }
}

static ht_u256 awkward(void) {
    ht_u256 value;
    size_t used = next_random() % 5;
    for (size_t i = 0; i < 4; i++) value.limb[i] = i < used ? awkward_limb() : 0;
    return value;
}

static void to_gmp(mpz_t out, const ht_u256 *value) {
    mpz_import(out, 4, -1, sizeof(uint64_t), 0, 0, value->limb);
}

/* The low 256 bits. */
static ht_u256 from_gmp(const mpz_t value) {
    ht_u256 out = {{0}};
    mpz_t low;
    mpz_init(low);
    mpz_fdiv_r_2exp(low, value, 256);
    (void)mpz_export(out.limb, NULL, -1, sizeof(uint64_t), 0, 0, low);
    mpz_clear(low);
    return out;
}

static void same(const ht_u256 *got, const ht_u256 *want) {
    char got_text[HT_U256_QUANTITY_SIZE];
    char want_text[HT_U256_QUANTITY_SIZE];
    (void)ht_u256_to_quantity(got_text, got);
    (void)ht_u256_to_quantity(want_text, want);
    assert_string_equal(got_text, want_text);
}

static void same_as_gmp(const ht_u256 *got, const mpz_t want) {
    ht_u256 expected = from_gmp(want);
    same(got, &expected);
}

static void judge_pair(const ht_u256 *a, const ht_u256 *b, mpz_t x, mpz_t y, mpz_t z) {
    ht_u256 got;
    ht_u256 rest;
    to_gmp(x, a);
    to_gmp(y, b);
    mpz_add(z, x, y);
    assert_int_equal(ht_u256_add_overflow(&got, a, b), mpz_sizeinbase(z, 2) > 256);
    same_as_gmp(&got, z);
    ht_u256_add(&rest, a, b);
    same(&rest, &got);
    mpz_sub(z, x, y);
    assert_int_equal(ht_u256_sub_overflow(&got, a, b), mpz_sgn(z) < 0);
    same_as_gmp(&got, z);
    ht_u256_sub(&rest, a, b);
    same(&rest, &got);
    mpz_mul(z, x, y);
    assert_int_equal(ht_u256_mul_overflow(&got, a, b), mpz_sizeinbase(z, 2) > 256);
    same_as_gmp(&got, z);
    ht_u256_mul(&rest, a, b);
    same(&rest, &got);
    int order = mpz_cmp(x, y);
    int got_order = ht_u256_compare(a, b);
    assert_int_equal((got_order > 0) - (got_order < 0), (order > 0) - (order < 0));
    assert_int_equal(ht_u256_equal(a, b), order == 0);
    assert_int_equal(ht_u256_divmod(&got, &rest, a, b), mpz_sgn(y) != 0);
    if (mpz_sgn(y) == 0) return;
    mpz_tdiv_qr(z, x, x, y);
    same_as_gmp(&got, z);
    same_as_gmp(&rest, x);
}

static void u256_arithmetic_agrees_with_gmp(void **state) {
    (void)state;
    mpz_t x;
    mpz_t y;
    mpz_t z;
    mpz_inits(x, y, z, NULL);
    for (int i = 0; i < ROUNDS; i++) {
        ht_u256 a = awkward();
        ht_u256 b = awkward();
        judge_pair(&a, &b, x, y, z);
        judge_pair(&a, &a, x, y, z);
    }
    mpz_clears(x, y, z, NULL);
}

static void u256_division_corrects_quotient_digits_that_are_guessed_too_high(void **state) {
    (void)state;
    /* Knuth's step D6, which random operands reach about once in 2^63. */
    const ht_u256 a = {{0, 0, (uint64_t)1 << 63, ((uint64_t)1 << 63) - 1}};
    const ht_u256 b = {{1, 0, (uint64_t)1 << 63, 0}};
    const ht_u256 c = {{3, 0, (uint64_t)1 << 63, 0}};
    const ht_u256 d = {{0, UINT64_MAX - 1, (uint64_t)1 << 63, 0}};
    const ht_u256 e = {{UINT64_MAX, (uint64_t)1 << 63, 0, 0}};
    mpz_t x;
    mpz_t y;
    mpz_t z;
    mpz_inits(x, y, z, NULL);
    judge_pair(&a, &b, x, y, z);
    judge_pair(&c, &b, x, y, z);
    judge_pair(&d, &e, x, y, z);
    judge_pair(&a, &e, x, y, z);
    mpz_clears(x, y, z, NULL);
}

static void u256_shifts_agree_with_gmp(void **state) {
    (void)state;
    mpz_t x;
    mpz_t z;
    mpz_inits(x, z, NULL);
    for (unsigned places = 0; places < 300; places++) {
        ht_u256 a = {{next_random(), next_random(), next_random(), next_random()}};
        ht_u256 got;
        to_gmp(x, &a);
        mpz_mul_2exp(z, x, places);
        ht_u256_shift_left(&got, &a, places);
        same_as_gmp(&got, z);
        mpz_tdiv_q_2exp(z, x, places);
        ht_u256_shift_right(&got, &a, places);
        same_as_gmp(&got, z);
        ht_u256_shift_right(&a, &a, places);
        same_as_gmp(&a, z);
        assert_int_equal(ht_u256_bit_length(&a), mpz_sgn(z) == 0 ? 0 : mpz_sizeinbase(z, 2));
    }
    mpz_clears(x, z, NULL);
}

static void u256_operations_may_write_over_their_inputs(void **state) {
    (void)state;
    ht_u256 a = {{5, 6, 7, 8}};
    const ht_u256 b = {{UINT64_MAX, 2, 0, 0}};
    ht_u256 want;
    ht_u256 got = a;
    ht_u256_mul(&want, &a, &b);
    ht_u256_mul(&got, &got, &b);
    same(&got, &want);
    ht_u256_sub(&want, &b, &a);
    got = a;
    ht_u256_sub(&got, &b, &got);
    same(&got, &want);
    assert_true(ht_u256_divmod(&want, NULL, &a, &b));
    got = a;
    assert_true(ht_u256_divmod(&got, NULL, &got, &b));
    same(&got, &want);
}

static void u256_division_by_zero_is_said_and_gives_zero(void **state) {
    (void)state;
    const ht_u256 a = {{5, 6, 7, 8}};
    const ht_u256 zero = {{0}};
    ht_u256 quotient = a;
    ht_u256 remainder = a;
    assert_false(ht_u256_divmod(&quotient, &remainder, &a, &zero));
    assert_true(ht_u256_is_zero(&quotient));
    assert_true(ht_u256_is_zero(&remainder));
}

static void u256_bytes_are_big_endian_and_at_most_32(void **state) {
    (void)state;
    uint8_t bytes[33] = {0};
    bytes[31] = 2;
    bytes[30] = 1;
    ht_u256 value = {{9, 9, 9, 9}};
    assert_int_equal(ht_u256_from_be(&value, ht_bytes_of(bytes, 32)), HT_OK);
    ht_u256 want = ht_u256_of(0x102);
    same(&value, &want);
    assert_int_equal(ht_u256_from_be(&value, (ht_bytes){0}), HT_OK);
    assert_true(ht_u256_is_zero(&value));
    assert_int_equal(ht_u256_from_be(&value, HT_BYTES(bytes)), HT_ELIMIT);
    for (int i = 0; i < 100; i++) {
        ht_u256 a = awkward();
        uint8_t out[32];
        ht_u256_to_be(out, &a);
        ht_u256 back = ht_u256_from_be32(out);
        same(&back, &a);
    }
}

static void u256_text_reads_back_and_agrees_with_gmp(void **state) {
    (void)state;
    mpz_t x;
    mpz_init(x);
    for (int i = 0; i < 2000; i++) {
        ht_u256 a = awkward();
        ht_u256 back;
        char text[HT_U256_DECIMAL_SIZE];
        char want[HT_U256_DECIMAL_SIZE + 2];
        to_gmp(x, &a);
        assert_int_equal(ht_u256_to_decimal(text, &a), strlen(mpz_get_str(want, 10, x)));
        assert_string_equal(text, want);
        assert_int_equal(ht_u256_from_decimal(&back, ht_bytes_str(text)), HT_OK);
        same(&back, &a);
        assert_int_equal(ht_u256_to_quantity(text, &a), strlen(mpz_get_str(want, 16, x)) + 2);
        assert_string_equal(text + 2, want);
        assert_int_equal(ht_u256_from_quantity(&back, ht_bytes_str(text)), HT_OK);
        same(&back, &a);
    }
    mpz_clear(x);
}

#define TWO_256 "115792089237316195423570985008687907853269984665640564039457584007913129639936"
#define MAX_256 "115792089237316195423570985008687907853269984665640564039457584007913129639935"
#define F64 "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"

static void u256_text_readers_differ_in_strictness_only(void **state) {
    (void)state;
    const struct {
        const char *text;
        enum ht_err decimal, quantity, tolerant;
    } cases[] = {
        {"0", HT_OK, HT_EINPUT, HT_OK},
        {"17", HT_OK, HT_EINPUT, HT_OK},
        {"017", HT_EINPUT, HT_EINPUT, HT_OK},
        {"00", HT_EINPUT, HT_EINPUT, HT_OK},
        {"", HT_EINPUT, HT_EINPUT, HT_EINPUT},
        {"-1", HT_EINPUT, HT_EINPUT, HT_EINPUT},
        {"+1", HT_EINPUT, HT_EINPUT, HT_EINPUT},
        {" 1", HT_EINPUT, HT_EINPUT, HT_EINPUT},
        {"1e3", HT_EINPUT, HT_EINPUT, HT_EINPUT},
        {"0x", HT_EINPUT, HT_EINPUT, HT_EINPUT},
        {"0x0", HT_EINPUT, HT_OK, HT_OK},
        {"0x00", HT_EINPUT, HT_EINPUT, HT_OK},
        {"0x01", HT_EINPUT, HT_EINPUT, HT_OK},
        {"0xfF", HT_EINPUT, HT_OK, HT_OK},
        {"0XfF", HT_EINPUT, HT_EINPUT, HT_OK},
        {"0xg", HT_EINPUT, HT_EINPUT, HT_EINPUT},
        {"ff", HT_EINPUT, HT_EINPUT, HT_EINPUT},
        {MAX_256, HT_OK, HT_EINPUT, HT_OK},
        {TWO_256, HT_ELIMIT, HT_EINPUT, HT_ELIMIT},
        {TWO_256 "x", HT_EINPUT, HT_EINPUT, HT_EINPUT},
        {"0x" F64, HT_EINPUT, HT_OK, HT_OK},
        {"0x1" F64, HT_EINPUT, HT_ELIMIT, HT_ELIMIT},
        {"0x0000" F64, HT_EINPUT, HT_EINPUT, HT_OK},
        {"0x1" F64 "q", HT_EINPUT, HT_EINPUT, HT_EINPUT},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ht_bytes text = ht_bytes_str(cases[i].text);
        ht_u256 value = ht_u256_of(77);
        ht_u256 before = value;
        enum ht_err got = ht_u256_from_decimal(&value, text);
        if (got != cases[i].decimal) fail_msg("decimal \"%s\": %d", cases[i].text, got);
        if (got != HT_OK) same(&value, &before);
        value = before;
        got = ht_u256_from_quantity(&value, text);
        if (got != cases[i].quantity) fail_msg("quantity \"%s\": %d", cases[i].text, got);
        if (got != HT_OK) same(&value, &before);
        value = before;
        got = ht_u256_from_text(&value, text);
        if (got != cases[i].tolerant) fail_msg("tolerant \"%s\": %d", cases[i].text, got);
        if (got != HT_OK) same(&value, &before);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(u256_arithmetic_agrees_with_gmp),
        cmocka_unit_test(u256_division_corrects_quotient_digits_that_are_guessed_too_high),
        cmocka_unit_test(u256_shifts_agree_with_gmp),
        cmocka_unit_test(u256_operations_may_write_over_their_inputs),
        cmocka_unit_test(u256_division_by_zero_is_said_and_gives_zero),
        cmocka_unit_test(u256_bytes_are_big_endian_and_at_most_32),
        cmocka_unit_test(u256_text_reads_back_and_agrees_with_gmp),
        cmocka_unit_test(u256_text_readers_differ_in_strictness_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
