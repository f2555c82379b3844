/* The extensions of bn254's field: their laws, and quick forms against plain ones. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "node/evm/bn254_tower.h"

#define ROUNDS 20

static uint64_t seed = 1;

/* xorshift64*: the same numbers in every run. */
static uint64_t next_random(void) {
    seed ^= seed >> 12;
    seed ^= seed << 25;
    seed ^= seed >> 27;
    return seed * 0x2545f4914f6cdd1dU;
}

static ht_fp random_fp(void) {
    ht_fp out;
    for (size_t i = 0; i < 4; i++) out.limb[i] = next_random();
    /* Below 2^253, so below p. */
    out.limb[3] >>= 11;
    return out;
}

static ht_fp2 random_fp2(void) {
    return (ht_fp2){random_fp(), random_fp()};
}

static ht_fp6 random_fp6(void) {
    return (ht_fp6){random_fp2(), random_fp2(), random_fp2()};
}

static ht_fp12 random_fp12(void) {
    return (ht_fp12){random_fp6(), random_fp6()};
}

static ht_fp12 product(const ht_fp12 *a, const ht_fp12 *b) {
    ht_fp12 out;
    ht_fp12_mul(&out, a, b);
    return out;
}

static void expect_same(const ht_fp12 *a, const ht_fp12 *b) {
    assert_true(ht_fp12_equal(a, b));
}

static ht_fp12 power_p(const ht_fp12 *a) {
    static const uint64_t p[4] = {HT_FP_P0, HT_FP_P1, HT_FP_P2, HT_FP_P3};
    ht_fp12 out = ht_fp12_one;
    for (unsigned bit = 256; bit-- > 0;) {
        out = product(&out, &out);
        if (p[bit / 64] >> (bit % 64) & 1) out = product(&out, a);
    }
    return out;
}

static void fp2_square_and_products_with_xi_and_fp_agree_with_the_product(void **state) {
    (void)state;
    ht_fp2 xi = {ht_fp_one, ht_fp_one};
    for (int i = 0; i < 8; i++) ht_fp_add(&xi.c0, &xi.c0, &ht_fp_one);
    for (int i = 0; i < ROUNDS; i++) {
        const ht_fp2 a = random_fp2();
        const ht_fp2 scalar = {.c0 = random_fp()};
        ht_fp2 want;
        ht_fp2 got = a;
        ht_fp2_mul(&want, &a, &a);
        ht_fp2_square(&got, &got);
        assert_true(ht_fp2_equal(&got, &want));
        got = a;
        ht_fp2_mul(&want, &a, &xi);
        ht_fp2_mul_xi(&got, &got);
        assert_true(ht_fp2_equal(&got, &want));
        got = a;
        ht_fp2_mul(&want, &a, &scalar);
        ht_fp2_mul_fp(&got, &got, &scalar.c0);
        assert_true(ht_fp2_equal(&got, &want));
        ht_fp2_inverse(&got, &a);
        ht_fp2_mul(&got, &got, &a);
        assert_true(ht_fp2_equal(&got, &ht_fp12_one.c0.c0));
    }
}

static void fp2_i_squared_is_minus_one(void **state) {
    (void)state;
    ht_fp2 i = {.c1 = ht_fp_one};
    ht_fp2_square(&i, &i);
    ht_fp2_neg(&i, &i);
    assert_true(ht_fp2_equal(&i, &ht_fp12_one.c0.c0));
}

static void fp12_w_to_the_sixth_is_xi(void **state) {
    (void)state;
    const ht_fp12 w = {.c1.c0.c0 = ht_fp_one};
    ht_fp12 power = ht_fp12_one;
    ht_fp12 xi = ht_fp12_one;
    ht_fp2_mul_xi(&xi.c0.c0, &xi.c0.c0);
    for (int i = 0; i < 6; i++) power = product(&power, &w);
    expect_same(&power, &xi);
}

static void fp12_products_obey_the_laws_of_a_field(void **state) {
    (void)state;
    for (int i = 0; i < ROUNDS; i++) {
        const ht_fp12 a = random_fp12();
        const ht_fp12 b = random_fp12();
        const ht_fp12 c = random_fp12();
        ht_fp12 left = product(&a, &b);
        ht_fp12 right = product(&b, &a);
        expect_same(&left, &right);
        left = product(&left, &c);
        right = product(&b, &c);
        right = product(&a, &right);
        expect_same(&left, &right);
        ht_fp12_square(&left, &a);
        right = product(&a, &a);
        expect_same(&left, &right);
        left = a;
        ht_fp12_square(&left, &left);
        expect_same(&left, &right);
        ht_fp12_inverse(&left, &a);
        left = product(&left, &a);
        assert_true(ht_fp12_is_one(&left));
    }
    assert_false(ht_fp12_is_one(&(ht_fp12){.c0 = random_fp6()}));
}

static void fp12_product_with_a_line_agrees_with_the_product(void **state) {
    (void)state;
    for (int i = 0; i < ROUNDS; i++) {
        ht_fp12 a = random_fp12();
        const ht_fp12 line = {.c0.c0 = random_fp2(), .c1.c0 = random_fp2(), .c1.c1 = random_fp2()};
        const ht_fp12 want = product(&a, &line);
        ht_fp12_mul_line(&a, &a, &line.c0.c0, &line.c1.c0, &line.c1.c1);
        expect_same(&a, &want);
    }
}

static void fp12_frobenius_is_the_power_p(void **state) {
    (void)state;
    const ht_fp12 a = random_fp12();
    ht_fp12 want = power_p(&a);
    ht_fp12 got;
    ht_fp12_frobenius(&got, &a);
    expect_same(&got, &want);
    ht_fp12_frobenius(&want, &want);
    ht_fp12_frobenius2(&got, &a);
    expect_same(&got, &want);
    ht_fp12_frobenius2(&got, &got);
    ht_fp12_frobenius2(&got, &got);
    ht_fp12_conjugate(&want, &a);
    expect_same(&got, &want);
}

static void fp12_cyclotomic_square_agrees_where_it_holds(void **state) {
    (void)state;
    for (int i = 0; i < ROUNDS; i++) {
        ht_fp12 a = random_fp12();
        ht_fp12 t;
        ht_fp12_inverse(&t, &a);
        ht_fp12_conjugate(&a, &a);
        a = product(&a, &t);
        ht_fp12_frobenius2(&t, &a);
        a = product(&a, &t);
        ht_fp12_conjugate(&t, &a);
        t = product(&t, &a);
        assert_true(ht_fp12_is_one(&t));
        t = product(&a, &a);
        ht_fp12_cyclotomic_square(&a, &a);
        expect_same(&a, &t);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fp2_square_and_products_with_xi_and_fp_agree_with_the_product),
        cmocka_unit_test(fp2_i_squared_is_minus_one),
        cmocka_unit_test(fp12_w_to_the_sixth_is_xi),
        cmocka_unit_test(fp12_products_obey_the_laws_of_a_field),
        cmocka_unit_test(fp12_product_with_a_line_agrees_with_the_product),
        cmocka_unit_test(fp12_frobenius_is_the_power_p),
        cmocka_unit_test(fp12_cyclotomic_square_agrees_where_it_holds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
