/* The contracts on bn254: sums and multiples in G1, the pairing check, and what is refused. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "node/base/hex.h"
#include "node/evm/bn254.h"
#include "tests/unit/bn254_points.h"

#define PAIR 192

static const uint8_t INFINITE[64];

static uint64_t seed = 1;

/* xorshift64*: the same numbers in every run. */
static uint64_t next_random(void) {
    seed ^= seed >> 12;
    seed ^= seed << 25;
    seed ^= seed >> 27;
    return seed * 0x2545f4914f6cdd1dU;
}

static void random_scalar(uint8_t out[static 32]) {
    for (size_t i = 0; i < 32; i++) out[i] = (uint8_t)(next_random() >> 56);
}

/* a = a + by, modulo 2^256 */
static void scalar_add(uint8_t a[static 32], const uint8_t by[static 32]) {
    unsigned carry = 0;
    for (size_t i = 32; i-- > 0;) {
        carry += (unsigned)a[i] + by[i];
        a[i] = (uint8_t)carry;
        carry >>= 8;
    }
}

static void mul(uint8_t out[static 64], const uint8_t a[static 64], const uint8_t k[static 32]) {
    assert_int_equal(ht_bn254_mul(out, a, k, NULL), HT_OK);
}

static void add(uint8_t out[static 64], const uint8_t a[static 64], const uint8_t b[static 64]) {
    assert_int_equal(ht_bn254_add(out, a, b, NULL), HT_OK);
}

/* Bit by bit, with the sum alone. */
static void mul_slowly(uint8_t out[static 64], const uint8_t a[static 64],
                       const uint8_t k[static 32]) {
    uint8_t sum[64] = {0};
    for (size_t bit = 0; bit < 256; bit++) {
        add(sum, sum, sum);
        if (k[bit / 8] >> (7 - bit % 8) & 1) add(sum, sum, a);
    }
    memcpy(out, sum, sizeof sum);
}

static void random_point(uint8_t out[static 64]) {
    uint8_t k[32];
    random_scalar(k);
    mul(out, bn254_g1_generator, k);
}

static void expect_point(const uint8_t got[static 64], const char *x, const char *y) {
    char text[HT_HEX_SIZE(32)];
    ht_hex_write(text, ht_bytes_of(got, 32));
    assert_string_equal(text + 2, x);
    ht_hex_write(text, ht_bytes_of(got + 32, 32));
    assert_string_equal(text + 2, y);
}

static void expect_refused(enum ht_err err, const struct ht_why *why, const char *part) {
    assert_int_equal(err, HT_EINPUT);
    assert_string_equal(why->code, "precompile_input");
    if (strstr(why->text, part) == NULL) fail_msg("\"%s\" has no \"%s\"", why->text, part);
}

/* --- sums and multiples ----------------------------------------------------------------------- */

static void bn254_knows_the_first_multiples_of_the_generator(void **state) {
    (void)state;
    uint8_t sum[64];
    uint8_t k[32] = {[3] = 0xde, 0xad, 0xbe, 0xef};
    add(sum, bn254_g1_generator, bn254_g1_generator);
    expect_point(sum, "030644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd3",
                 "15ed738c0e0a7c92e7845f96b2ae9c0a68a6a449e3538fc7ff3ebf7a5a18a2c4");
    add(sum, sum, bn254_g1_generator);
    expect_point(sum, "0769bf9ac56bea3ff40232bcb1b6bd159315d84715b8e679f2d355961915abf0",
                 "2ab799bee0489429554fdb7c8d086475319e63b40b9c5b57cdf1ff3dd9fe2261");
    mul(sum, bn254_g1_generator, k);
    expect_point(sum, "2e485d36d9d6ddd80fb787358f7a9bf69c63befeefc65746b89ceafc9a2f5210",
                 "287b0e26673eccccf0e0b678307d7c2cab0c80bc40eacccd62f8f071e9fc622e");
}

static void bn254_sums_commute_and_associate(void **state) {
    (void)state;
    for (int i = 0; i < 100; i++) {
        uint8_t a[64];
        uint8_t b[64];
        uint8_t c[64];
        uint8_t left[64];
        uint8_t right[64];
        random_point(a);
        random_point(b);
        random_point(c);
        add(left, a, b);
        add(right, b, a);
        assert_memory_equal(left, right, 64);
        add(left, left, c);
        add(right, b, c);
        add(right, a, right);
        assert_memory_equal(left, right, 64);
    }
}

static void bn254_point_at_infinity_is_the_zero_of_sums(void **state) {
    (void)state;
    uint8_t minus_one[32];
    uint8_t a[64];
    uint8_t opposite[64];
    uint8_t sum[64];
    random_point(a);
    add(sum, a, INFINITE);
    assert_memory_equal(sum, a, 64);
    add(sum, INFINITE, a);
    assert_memory_equal(sum, a, 64);
    add(sum, INFINITE, INFINITE);
    assert_memory_equal(sum, INFINITE, 64);
    memcpy(minus_one, bn254_order, 32);
    minus_one[31] -= 1;
    mul(opposite, a, minus_one);
    assert_memory_equal(opposite, a, 32);
    assert_memory_not_equal(opposite, a, 64);
    add(sum, a, opposite);
    assert_memory_equal(sum, INFINITE, 64);
}

static void bn254_multiples_agree_with_repeated_sums(void **state) {
    (void)state;
    for (int i = 0; i < 40; i++) {
        uint8_t a[64];
        uint8_t k[32];
        uint8_t got[64];
        uint8_t want[64];
        random_point(a);
        random_scalar(k);
        /* Short scalars, and those with long runs of ones, too. */
        if (i % 4 == 1) memset(k, 0, next_random() % 33);
        if (i % 4 == 2) memset(k, 0xff, next_random() % 33);
        mul(got, a, k);
        mul_slowly(want, a, k);
        assert_memory_equal(got, want, 64);
    }
}

static void bn254_scalars_count_modulo_the_order(void **state) {
    (void)state;
    uint8_t a[64];
    uint8_t want[64];
    uint8_t got[64];
    uint8_t k[32] = {0};
    random_point(a);
    mul(got, a, k);
    assert_memory_equal(got, INFINITE, 64);
    k[31] = 5;
    mul(want, a, k);
    /* 2^256 is between 5 r and 6 r. */
    for (int i = 0; i < 5; i++) {
        scalar_add(k, bn254_order);
        mul(got, a, k);
        assert_memory_equal(got, want, 64);
    }
    memset(k, 0, sizeof k);
    for (int i = 0; i < 5; i++) {
        scalar_add(k, bn254_order);
        mul(got, a, k);
        assert_memory_equal(got, INFINITE, 64);
    }
    memset(k, 0xff, sizeof k);
    mul(got, INFINITE, k);
    assert_memory_equal(got, INFINITE, 64);
}

static void bn254_refuses_coordinates_that_are_not_below_the_prime(void **state) {
    (void)state;
    static const uint8_t prime[32] = {0x30, 0x64, 0x4e, 0x72, 0xe1, 0x31, 0xa0, 0x29,
                                      0xb8, 0x50, 0x45, 0xb6, 0x81, 0x81, 0x58, 0x5d,
                                      0x97, 0x81, 0x6a, 0x91, 0x68, 0x71, 0xca, 0x8d,
                                      0x3c, 0x20, 0x8c, 0x16, 0xd8, 0x7c, 0xfd, 0x47};
    uint8_t out[64];
    struct ht_why why = {.code = NULL};
    for (size_t at = 0; at < 64; at += 32) {
        /* The generator again, were numbers taken modulo p. */
        uint8_t a[64];
        memcpy(a, bn254_g1_generator, 64);
        scalar_add(a + at, prime);
        expect_refused(ht_bn254_mul(out, a, bn254_order, &why), &why, "below the prime");
        expect_refused(ht_bn254_add(out, a, INFINITE, &why), &why, "below the prime");
        expect_refused(ht_bn254_add(out, INFINITE, a, &why), &why, "below the prime");
    }
}

static void bn254_refuses_points_off_the_curve(void **state) {
    (void)state;
    uint8_t out[64];
    uint8_t a[64];
    struct ht_why why = {.code = NULL};
    memcpy(a, bn254_g1_generator, 64);
    a[63] = 3;
    expect_refused(ht_bn254_add(out, a, INFINITE, &why), &why, "not on the curve");
    expect_refused(ht_bn254_add(out, INFINITE, a, &why), &why, "not on the curve");
    expect_refused(ht_bn254_mul(out, a, INFINITE, &why), &why, "not on the curve");
    memset(a, 0, sizeof a);
    a[31] = 1;
    expect_refused(ht_bn254_mul(out, a, INFINITE, &why), &why, "not on the curve");
}

/* --- the pairing check ------------------------------------------------------------------------ */

static void put_pair(uint8_t *to, const uint8_t p[static 64], const uint8_t q[static 128]) {
    memcpy(to, p, 64);
    memcpy(to + 64, q, 128);
}

/* count pairs (k P, Q) whose k add up to zero. */
static void fill_balanced(uint8_t *pairs, size_t count) {
    uint8_t sum[32] = {0};
    uint8_t k[32];
    uint8_t p[64];
    for (size_t i = 0; i + 1 < count; i++) {
        random_scalar(k);
        memset(k, 0, 2);
        scalar_add(sum, k);
        mul(p, bn254_g1_generator, k);
        put_pair(pairs + PAIR * i, p, bn254_g2_generator);
    }
    memcpy(k, bn254_order, 32);
    k[31] -= 1;
    mul(p, bn254_g1_generator, sum);
    mul(p, p, k);
    put_pair(pairs + PAIR * (count - 1), p, bn254_g2_generator);
}

static bool check(const uint8_t *pairs, size_t count) {
    bool is_one;
    assert_int_equal(ht_bn254_pairing_check(&is_one, pairs, count, NULL), HT_OK);
    return is_one;
}

static void bn254_pairing_of_none_is_one(void **state) {
    (void)state;
    assert_true(check(INFINITE, 0));
}

static void bn254_pairing_of_infinity_is_one(void **state) {
    (void)state;
    uint8_t pairs[3 * PAIR] = {0};
    assert_true(check(pairs, 1));
    memcpy(pairs + PAIR, bn254_g1_generator, 64);
    memcpy(pairs + 2 * PAIR + 64, bn254_g2_generator, 128);
    assert_true(check(pairs, 3));
    memcpy(pairs, pairs + PAIR, 64);
    memcpy(pairs + 64, bn254_g2_generator, 128);
    assert_false(check(pairs, 3));
}

static void bn254_pairing_counts_every_pair_of_every_batch(void **state) {
    (void)state;
    static const size_t counts[] = {1, 2, 7, 8, 9, 17};
    uint8_t pairs[17 * PAIR];
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        fill_balanced(pairs, counts[i]);
        assert_true(check(pairs, counts[i]));
        uint8_t *last = pairs + PAIR * (counts[i] - 1);
        add(last, last, bn254_g1_generator);
        assert_false(check(pairs, counts[i]));
    }
}

static void bn254_pairing_reads_the_imaginary_part_first(void **state) {
    (void)state;
    uint8_t pair[PAIR];
    bool is_one;
    struct ht_why why = {.code = NULL};
    put_pair(pair, bn254_g1_generator, bn254_g2_generator);
    for (size_t i = 0; i < 4; i++) {
        memcpy(pair + 64 + 32 * i, bn254_g2_generator + 32 * (i ^ 1), 32);
    }
    expect_refused(ht_bn254_pairing_check(&is_one, pair, 1, &why), &why, "G2 is not on its curve");
}

static void bn254_pairing_refuses_bad_points_beside_infinity_and_in_any_place(void **state) {
    (void)state;
    uint8_t pairs[9 * PAIR] = {0};
    bool is_one = true;
    struct ht_g2 point;
    struct ht_why why = {.code = NULL};
    for (size_t at = 0; at < 9; at += 4) {
        uint8_t *bad = pairs + PAIR * at;
        bad[63] = 1;
        expect_refused(ht_bn254_pairing_check(&is_one, pairs, 9, &why), &why,
                       "G1 is not on the curve");
        memset(bad, 0xff, 32);
        expect_refused(ht_bn254_pairing_check(&is_one, pairs, 9, &why), &why,
                       "G1 is not below the prime");
        memset(bad, 0, 64);
        bad[PAIR - 1] = 1;
        expect_refused(ht_bn254_pairing_check(&is_one, pairs, 9, &why), &why,
                       "G2 is not on its curve");
        memset(bad + 160, 0xff, 32);
        expect_refused(ht_bn254_pairing_check(&is_one, pairs, 9, &why), &why,
                       "G2 is not below the prime");
        bn254_twist_point(&point, at);
        bn254_twist_write(bad + 64, &point);
        expect_refused(ht_bn254_pairing_check(&is_one, pairs, 9, &why), &why,
                       "not in the subgroup");
        memset(bad, 0, PAIR);
    }
    assert_true(is_one);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bn254_knows_the_first_multiples_of_the_generator),
        cmocka_unit_test(bn254_sums_commute_and_associate),
        cmocka_unit_test(bn254_point_at_infinity_is_the_zero_of_sums),
        cmocka_unit_test(bn254_multiples_agree_with_repeated_sums),
        cmocka_unit_test(bn254_scalars_count_modulo_the_order),
        cmocka_unit_test(bn254_refuses_coordinates_that_are_not_below_the_prime),
        cmocka_unit_test(bn254_refuses_points_off_the_curve),
        cmocka_unit_test(bn254_pairing_of_none_is_one),
        cmocka_unit_test(bn254_pairing_of_infinity_is_one),
        cmocka_unit_test(bn254_pairing_counts_every_pair_of_every_batch),
        cmocka_unit_test(bn254_pairing_reads_the_imaginary_part_first),
        cmocka_unit_test(bn254_pairing_refuses_bad_points_beside_infinity_and_in_any_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
