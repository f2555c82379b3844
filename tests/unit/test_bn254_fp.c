/* The field of bn254 against GMP, on random and awkward values. Links with -lgmp. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <gmp.h>

#include "node/evm/bn254_fp.h"

#define ROUNDS 20000
#define PRIME "21888242871839275222246405745257275088696311157297823662689037894645226208583"

static uint64_t seed = 1;
static mpz_t prime;
/* 2^-256 mod p: what a product in Montgomery form has too little of. */
static mpz_t scale;

/* xorshift64*: the same numbers in every run. */
static uint64_t next_random(void) {
    seed ^= seed >> 12;
    seed ^= seed << 25;
    seed ^= seed >> 27;
    return seed * 0x2545f4914f6cdd1dU;
}

static int start(void **state) {
    (void)state;
    mpz_init_set_str(prime, PRIME, 10);
    mpz_init(scale);
    mpz_setbit(scale, 256);
    return mpz_invert(scale, scale, prime) != 0 ? 0 : -1;
}

static int stop(void **state) {
    (void)state;
    mpz_clear(prime);
    mpz_clear(scale);
    return 0;
}

static void to_gmp(mpz_t out, const ht_fp *value) {
    mpz_import(out, 4, -1, sizeof(uint64_t), 0, 0, value->limb);
}

/* Modulo p. */
static ht_fp from_gmp(const mpz_t value) {
    ht_fp out = {{0}};
    mpz_t rest;
    mpz_init(rest);
    mpz_fdiv_r(rest, value, prime);
    (void)mpz_export(out.limb, NULL, -1, sizeof(uint64_t), 0, 0, rest);
    mpz_clear(rest);
    return out;
}

static uint64_t awkward_limb(void) {
    switch (next_random() % 6) {
    case 0: return 0;
    case 1: return UINT64_MAX;
    case 2: return 1;
    default: return next_random();
    }
}

/* Any element; those near zero and near p come often. */
static ht_fp awkward(void) {
    ht_fp value;
    mpz_t number;
    mpz_init(number);
    for (size_t i = 0; i < 4; i++) value.limb[i] = awkward_limb();
    to_gmp(number, &value);
    uint64_t kind = next_random() % 8;
    if (kind < 2) mpz_set_ui(number, next_random() % 3);
    if (kind == 1) mpz_sub(number, prime, number);
    value = from_gmp(number);
    mpz_clear(number);
    return value;
}

static void same(const char *what, ht_fp got, ht_fp want) {
    if (ht_fp_equal(&got, &want)) return;
    fail_msg("%s: got %016lx %016lx %016lx %016lx, expected %016lx %016lx %016lx %016lx", what,
             (unsigned long)got.limb[3], (unsigned long)got.limb[2], (unsigned long)got.limb[1],
             (unsigned long)got.limb[0], (unsigned long)want.limb[3], (unsigned long)want.limb[2],
             (unsigned long)want.limb[1], (unsigned long)want.limb[0]);
}

static void fp_sums_and_differences_agree_with_gmp(void **state) {
    (void)state;
    mpz_t a;
    mpz_t b;
    mpz_t want;
    mpz_inits(a, b, want, NULL);
    for (int i = 0; i < ROUNDS; i++) {
        ht_fp x = awkward();
        ht_fp y = awkward();
        ht_fp got;
        to_gmp(a, &x);
        to_gmp(b, &y);
        mpz_add(want, a, b);
        ht_fp_add(&got, &x, &y);
        same("a + b", got, from_gmp(want));
        mpz_sub(want, a, b);
        ht_fp_sub(&got, &x, &y);
        same("a - b", got, from_gmp(want));
        mpz_neg(want, a);
        ht_fp_neg(&got, &x);
        same("-a", got, from_gmp(want));
        mpz_set(want, b);
        mpz_addmul_ui(want, a, 9);
        ht_fp_nine_plus(&got, &x, &y);
        same("9 a + b", got, from_gmp(want));
    }
    mpz_clears(a, b, want, NULL);
}

static void fp_products_agree_with_gmp(void **state) {
    (void)state;
    mpz_t a;
    mpz_t b;
    mpz_t want;
    mpz_inits(a, b, want, NULL);
    for (int i = 0; i < ROUNDS; i++) {
        ht_fp x[4] = {awkward(), awkward(), awkward(), awkward()};
        ht_fp got;
        to_gmp(a, &x[0]);
        to_gmp(b, &x[1]);
        mpz_mul(want, a, b);
        mpz_mul(a, want, scale);
        ht_fp_mul(&got, &x[0], &x[1]);
        same("a b", got, from_gmp(a));
        to_gmp(a, &x[2]);
        to_gmp(b, &x[3]);
        mpz_addmul(want, a, b);
        mpz_mul(want, want, scale);
        ht_fp_mul_add(&got, &x[0], &x[1], &x[2], &x[3]);
        same("a b + c d", got, from_gmp(want));
    }
    mpz_clears(a, b, want, NULL);
}

static void fp_inverse_agrees_with_gmp(void **state) {
    (void)state;
    mpz_t a;
    uint8_t bytes[32];
    mpz_init(a);
    for (int i = 0; i < ROUNDS / 4; i++) {
        ht_fp x = awkward();
        ht_fp got;
        ht_fp_write(bytes, &x);
        mpz_import(a, 32, 1, 1, 0, 0, bytes);
        if (mpz_invert(a, a, prime) == 0) mpz_set_ui(a, 0);
        ht_fp_inverse(&got, &x);
        /* In Montgomery form. */
        mpz_mul_2exp(a, a, 256);
        same("1 / a", got, from_gmp(a));
    }
    mpz_clear(a);
}

static void fp_operations_may_write_over_their_inputs(void **state) {
    (void)state;
    for (int i = 0; i < 100; i++) {
        const ht_fp a = awkward();
        const ht_fp b = awkward();
        ht_fp want;
        ht_fp got = a;
        ht_fp_sub(&want, &a, &b);
        ht_fp_sub(&got, &got, &b);
        same("a - b over a", got, want);
        got = b;
        ht_fp_sub(&got, &a, &got);
        same("a - b over b", got, want);
        ht_fp_mul_add(&want, &a, &b, &a, &a);
        got = a;
        ht_fp_mul_add(&got, &got, &b, &got, &got);
        same("a b + a a over a", got, want);
        ht_fp_nine_plus(&want, &a, &b);
        got = b;
        ht_fp_nine_plus(&got, &a, &got);
        same("9 a + b over b", got, want);
    }
}

static void fp_reads_what_is_below_the_prime_and_writes_it_back(void **state) {
    (void)state;
    uint8_t bytes[32] = {0};
    uint8_t back[32];
    mpz_t number;
    ht_fp value;
    mpz_init_set(number, prime);
    mpz_sub_ui(number, number, 1);
    (void)mpz_export(bytes, NULL, 1, 1, 0, 0, number);
    assert_true(ht_fp_read(&value, bytes));
    ht_fp_write(back, &value);
    assert_memory_equal(back, bytes, sizeof bytes);
    ht_fp_add(&value, &value, &ht_fp_one);
    assert_true(ht_fp_is_zero(&value));

    const ht_fp before = awkward();
    value = before;
    (void)mpz_export(bytes, NULL, 1, 1, 0, 0, prime);
    assert_false(ht_fp_read(&value, bytes));
    memset(bytes, 0xff, sizeof bytes);
    assert_false(ht_fp_read(&value, bytes));
    same("kept", value, before);
    mpz_clear(number);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fp_sums_and_differences_agree_with_gmp),
        cmocka_unit_test(fp_products_agree_with_gmp),
        cmocka_unit_test(fp_inverse_agrees_with_gmp),
        cmocka_unit_test(fp_operations_may_write_over_their_inputs),
        cmocka_unit_test(fp_reads_what_is_below_the_prime_and_writes_it_back),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
