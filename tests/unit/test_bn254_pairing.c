/* The pairing of bn254: that it is one, and that it knows who is in G2. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "node/evm/bn254_pairing.h"
#include "tests/unit/bn254_points.h"

static const uint8_t A[32] = {[8] = 0x5a, 0x17, [20] = 0xc3, 0x99, 0x01, [30] = 0x7f, 0xe1};
static const uint8_t B[32] = {[1] = 0x2c, 0xd4, [15] = 0x08, 0x6b, [28] = 0xaa, 0x10, 0x00, 0x35};

static struct ht_bn254_pair generators(void) {
    struct ht_bn254_pair pair;
    assert_int_equal(ht_g1_read(&pair.p, bn254_g1_generator, NULL), HT_OK);
    assert_int_equal(ht_g2_read(&pair.q, bn254_g2_generator, NULL), HT_OK);
    return pair;
}

static ht_fp12 pairing(const struct ht_bn254_pair *pairs, size_t count) {
    ht_fp12 out;
    assert_true(ht_bn254_miller(&out, pairs, count));
    ht_bn254_final_exponentiation(&out, &out);
    return out;
}

static ht_fp12 power(const ht_fp12 *a, const uint8_t scalar[static 32]) {
    ht_fp12 out = ht_fp12_one;
    for (size_t bit = 0; bit < 256; bit++) {
        ht_fp12_mul(&out, &out, &out);
        if (scalar[bit / 8] >> (7 - bit % 8) & 1) ht_fp12_mul(&out, &out, a);
    }
    return out;
}

static void pairing_of_the_generators_has_order_r(void **state) {
    (void)state;
    const struct ht_bn254_pair pair = generators();
    const ht_fp12 e = pairing(&pair, 1);
    assert_false(ht_fp12_is_one(&e));
    const ht_fp12 one = power(&e, bn254_order);
    assert_true(ht_fp12_is_one(&one));
}

static void pairing_is_bilinear(void **state) {
    (void)state;
    const struct ht_bn254_pair pair = generators();
    const ht_fp12 e = pairing(&pair, 1);
    const ht_fp12 e_a = power(&e, A);
    const ht_fp12 e_ab = power(&e_a, B);
    struct ht_bn254_pair left = pair;
    struct ht_bn254_pair right = pair;
    struct ht_bn254_pair both = pair;
    ht_g1_mul(&left.p, &pair.p, A);
    bn254_twist_mul(&right.q, &pair.q, A, sizeof A);
    ht_fp12 got = pairing(&left, 1);
    assert_true(ht_fp12_equal(&got, &e_a));
    got = pairing(&right, 1);
    assert_true(ht_fp12_equal(&got, &e_a));
    ht_g1_mul(&both.p, &pair.p, B);
    both.q = right.q;
    got = pairing(&both, 1);
    assert_true(ht_fp12_equal(&got, &e_ab));
    assert_false(ht_fp12_equal(&e_a, &e_ab));
}

static void pairing_of_a_sum_is_the_product(void **state) {
    (void)state;
    const struct ht_bn254_pair pair = generators();
    struct ht_bn254_pair two[2] = {pair, pair};
    struct ht_bn254_pair sum = pair;
    ht_g1_mul(&two[0].p, &pair.p, A);
    ht_g1_mul(&two[1].p, &pair.p, B);
    ht_g1_add(&sum.p, &two[0].p, &two[1].p);
    const ht_fp12 want = pairing(&sum, 1);
    ht_fp12 got = pairing(two, 2);
    assert_true(ht_fp12_equal(&got, &want));
    two[0].p = two[1].p = pair.p;
    bn254_twist_mul(&two[0].q, &pair.q, A, sizeof A);
    bn254_twist_mul(&two[1].q, &pair.q, B, sizeof B);
    got = pairing(two, 2);
    assert_true(ht_fp12_equal(&got, &want));
}

static void pairing_with_a_point_at_infinity_is_one(void **state) {
    (void)state;
    const struct ht_bn254_pair pair = generators();
    struct ht_bn254_pair pairs[HT_BN254_BATCH] = {pair, pair, pair};
    pairs[0].p = (struct ht_g1){.is_infinity = true};
    ht_fp12 e = pairing(pairs, 1);
    assert_true(ht_fp12_is_one(&e));
    pairs[2].q = (struct ht_g2){.is_infinity = true};
    e = pairing(pairs + 2, 1);
    assert_true(ht_fp12_is_one(&e));
    e = pairing(pairs, 3);
    const ht_fp12 want = pairing(&pair, 1);
    assert_true(ht_fp12_equal(&e, &want));
    e = pairing(pairs, 0);
    assert_true(ht_fp12_is_one(&e));
}

static bool is_member(const struct ht_g2 *q) {
    struct ht_bn254_pair pair = generators();
    ht_fp12 ignored;
    pair.q = *q;
    return ht_bn254_miller(&ignored, &pair, 1);
}

/* Says of q what r times q says, with P anywhere. */
static void expect_membership(const struct ht_g2 *q, bool expected) {
    struct ht_bn254_pair pair = {.p.is_infinity = true, .q = *q};
    struct ht_g2 multiple;
    ht_fp12 ignored;
    bn254_twist_mul(&multiple, q, bn254_order, 32);
    assert_int_equal(multiple.is_infinity, expected);
    assert_int_equal(is_member(q), expected);
    assert_int_equal(ht_bn254_miller(&ignored, &pair, 1), expected);
}

static void pairing_takes_of_the_twist_what_r_makes_infinite(void **state) {
    (void)state;
    const struct ht_bn254_pair pair = generators();
    for (uint64_t i = 0; i < 12; i++) {
        struct ht_g2 any;
        struct ht_g2 inside;
        struct ht_g2 outside;
        bn254_twist_point(&any, i);
        expect_membership(&any, false);
        bn254_twist_mul(&inside, &any, bn254_cofactor, 32);
        expect_membership(&inside, true);
        bn254_twist_mul(&outside, &any, bn254_order, 32);
        expect_membership(&outside, false);
        bn254_twist_add(&outside, &outside, &pair.q);
        expect_membership(&outside, false);
    }
}

static void pairing_refuses_points_of_the_smallest_order(void **state) {
    (void)state;
    const struct ht_bn254_pair pair = generators();
    struct ht_g2 point;
    struct ht_g2 multiple = {.is_infinity = true};
    struct ht_g2 sum;
    bn254_twist_point(&sum, 1);
    bn254_twist_mul(&point, &sum, bn254_over_10069, 64);
    assert_false(point.is_infinity);
    for (int i = 1; i < 10069; i++) {
        bn254_twist_add(&multiple, &multiple, &point);
        if (i % 50 == 1) assert_false(is_member(&multiple));
    }
    bn254_twist_add(&sum, &multiple, &pair.q);
    assert_false(is_member(&sum));
    bn254_twist_add(&multiple, &multiple, &point);
    assert_true(multiple.is_infinity);
}

static void pairing_finds_the_one_of_a_batch_that_is_not_in_the_group(void **state) {
    (void)state;
    const struct ht_bn254_pair pair = generators();
    struct ht_bn254_pair pairs[HT_BN254_BATCH];
    ht_fp12 ignored;
    for (size_t bad = 0; bad < HT_BN254_BATCH; bad++) {
        for (size_t i = 0; i < HT_BN254_BATCH; i++) pairs[i] = pair;
        assert_true(ht_bn254_miller(&ignored, pairs, HT_BN254_BATCH));
        bn254_twist_point(&pairs[bad].q, bad);
        assert_false(ht_bn254_miller(&ignored, pairs, HT_BN254_BATCH));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pairing_of_the_generators_has_order_r),
        cmocka_unit_test(pairing_is_bilinear),
        cmocka_unit_test(pairing_of_a_sum_is_the_product),
        cmocka_unit_test(pairing_with_a_point_at_infinity_is_one),
        cmocka_unit_test(pairing_takes_of_the_twist_what_r_makes_infinite),
        cmocka_unit_test(pairing_refuses_points_of_the_smallest_order),
        cmocka_unit_test(pairing_finds_the_one_of_a_batch_that_is_not_in_the_group),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
