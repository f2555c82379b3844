/* The EVM's arithmetic against GMP, on random and awkward words. Links with -lgmp. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <gmp.h>

#include "node/evm/word.h"

#define ROUNDS 40000

typedef void (*pair_operation)(ht_u256 *out, const ht_u256 *a, const ht_u256 *b);
typedef void (*triple_operation)(ht_u256 *out, const ht_u256 *a, const ht_u256 *b,
                                 const ht_u256 *c);

static uint64_t seed = 1;
static mpz_t two_256;

/* xorshift64*: the same numbers in every run. */
static uint64_t next_random(void) {
    seed ^= seed >> 12;
    seed ^= seed << 25;
    seed ^= seed >> 27;
    return seed * 0x2545f4914f6cdd1dU;
}

/* Limbs of all zeros, all ones and near them come often: that is where carries go wrong. */
static uint64_t awkward_limb(void) {
    switch (next_random() % 8) {
    case 0: return 0;
    case 1: return UINT64_MAX;
    case 2: return 1;
    case 3: return (uint64_t)1 << 63;
    case 4: return next_random() >> next_random() % 64;
    default: return next_random();
    }
}

static ht_u256 awkward(void) {
    ht_u256 value;
    size_t used = next_random() % 6;
    for (size_t i = 0; i < 4; i++) value.limb[i] = i < used ? awkward_limb() : 0;
    return value;
}

/* A dividend that makes quotient limbs hard to guess: near a multiple of the divisor, or the
 * divisor's own limbs. */
static ht_u256 dividend_for(const ht_u256 *divisor) {
    ht_u256 value = awkward();
    ht_u256 some = ht_u256_of(next_random() % 3);
    switch (next_random() % 6) {
    case 0:
        ht_u256_mul(&value, &value, divisor);
        ht_u256_sub(&value, &value, &some);
        break;
    case 1:
        ht_u256_shift_left(&value, divisor, (unsigned)(next_random() % 4) * 64);
        ht_u256_sub(&value, &value, &some);
        break;
    case 2:
        value = *divisor;
        value.limb[next_random() % 4] = awkward_limb();
        break;
    default: break;
    }
    return value;
}

static ht_u256 small(uint64_t below) {
    return next_random() % 8 == 0 ? awkward() : ht_u256_of(next_random() % below);
}

static void to_gmp(mpz_t out, const ht_u256 *value) {
    mpz_import(out, 4, -1, sizeof(uint64_t), 0, 0, value->limb);
}

static void to_gmp_signed(mpz_t out, const ht_u256 *value) {
    to_gmp(out, value);
    if (mpz_tstbit(out, 255)) mpz_sub(out, out, two_256);
}

/* The low 256 bits, of two's complement. */
static ht_u256 from_gmp(const mpz_t value) {
    ht_u256 out = {{0}};
    mpz_t low;
    mpz_init(low);
    mpz_fdiv_r_2exp(low, value, 256);
    (void)mpz_export(out.limb, NULL, -1, sizeof(uint64_t), 0, 0, low);
    mpz_clear(low);
    return out;
}

static void same(const char *name, const ht_u256 *got, const ht_u256 *want) {
    char text[2][HT_U256_QUANTITY_SIZE];
    if (ht_u256_equal(got, want)) return;
    (void)ht_u256_to_quantity(text[0], got);
    (void)ht_u256_to_quantity(text[1], want);
    fail_msg("%s: got %s, expected %s", name, text[0], text[1]);
}

/* Also with the output being one of the inputs. */
static void judge_pair(const char *name, pair_operation run, const ht_u256 *a, const ht_u256 *b,
                       const mpz_t want) {
    ht_u256 expected = from_gmp(want);
    ht_u256 got;
    run(&got, a, b);
    same(name, &got, &expected);
    got = *a;
    run(&got, &got, b);
    same(name, &got, &expected);
    got = *b;
    run(&got, a, &got);
    same(name, &got, &expected);
}

static void judge_triple(const char *name, triple_operation run, const ht_u256 *a, const ht_u256 *b,
                         const ht_u256 *c, const mpz_t want) {
    ht_u256 expected = from_gmp(want);
    ht_u256 got;
    run(&got, a, b, c);
    same(name, &got, &expected);
    got = *a;
    run(&got, &got, b, c);
    same(name, &got, &expected);
    got = *b;
    run(&got, a, &got, c);
    same(name, &got, &expected);
    got = *c;
    run(&got, a, b, &got);
    same(name, &got, &expected);
}

struct numbers {
    mpz_t x, y, z;
};

static void numbers_init(struct numbers *n) {
    mpz_inits(n->x, n->y, n->z, two_256, NULL);
    mpz_setbit(two_256, 256);
}

static void numbers_fini(struct numbers *n) {
    mpz_clears(n->x, n->y, n->z, two_256, NULL);
}

static void word_sums_products_and_comparisons_agree_with_gmp(void **state) {
    (void)state;
    struct numbers n;
    numbers_init(&n);
    for (int i = 0; i < ROUNDS; i++) {
        ht_u256 a = awkward();
        ht_u256 b = next_random() % 8 == 0 ? a : awkward();
        to_gmp(n.x, &a);
        to_gmp(n.y, &b);
        assert_int_equal(ht_word_less(&a, &b), mpz_cmp(n.x, n.y) < 0);
        assert_int_equal(ht_word_equal(&a, &b), mpz_cmp(n.x, n.y) == 0);
        assert_int_equal(ht_word_clz(&a), mpz_sgn(n.x) == 0 ? 256 : 256 - mpz_sizeinbase(n.x, 2));
        mpz_add(n.z, n.x, n.y);
        judge_pair("add", ht_word_add, &a, &b, n.z);
        mpz_sub(n.z, n.x, n.y);
        judge_pair("sub", ht_word_sub, &a, &b, n.z);
        mpz_mul(n.z, n.x, n.y);
        judge_pair("mul", ht_word_mul, &a, &b, n.z);
        mpz_and(n.z, n.x, n.y);
        judge_pair("and", ht_word_and, &a, &b, n.z);
        mpz_ior(n.z, n.x, n.y);
        judge_pair("or", ht_word_or, &a, &b, n.z);
        mpz_xor(n.z, n.x, n.y);
        judge_pair("xor", ht_word_xor, &a, &b, n.z);
        mpz_com(n.z, n.x);
        ht_u256 got;
        ht_u256 want = from_gmp(n.z);
        ht_word_not(&got, &a);
        same("not", &got, &want);
        to_gmp_signed(n.x, &a);
        to_gmp_signed(n.y, &b);
        assert_int_equal(ht_word_signed_less(&a, &b), mpz_cmp(n.x, n.y) < 0);
    }
    numbers_fini(&n);
}

static void word_division_agrees_with_gmp(void **state) {
    (void)state;
    struct numbers n;
    numbers_init(&n);
    for (int i = 0; i < 4 * ROUNDS; i++) {
        ht_u256 b = awkward();
        ht_u256 a = dividend_for(&b);
        if (ht_u256_is_zero(&b)) continue;
        to_gmp(n.x, &a);
        to_gmp(n.y, &b);
        mpz_tdiv_q(n.z, n.x, n.y);
        judge_pair("div", ht_word_div, &a, &b, n.z);
        mpz_tdiv_r(n.z, n.x, n.y);
        judge_pair("mod", ht_word_mod, &a, &b, n.z);
        to_gmp_signed(n.x, &a);
        to_gmp_signed(n.y, &b);
        mpz_tdiv_q(n.z, n.x, n.y);
        judge_pair("sdiv", ht_word_sdiv, &a, &b, n.z);
        mpz_tdiv_r(n.z, n.x, n.y);
        judge_pair("smod", ht_word_smod, &a, &b, n.z);
    }
    numbers_fini(&n);
}

static void word_modular_sums_and_products_agree_with_gmp(void **state) {
    (void)state;
    struct numbers n;
    mpz_t m;
    numbers_init(&n);
    mpz_init(m);
    for (int i = 0; i < 4 * ROUNDS; i++) {
        ht_u256 modulus = awkward();
        ht_u256 a = dividend_for(&modulus);
        ht_u256 b = dividend_for(&modulus);
        if (ht_u256_is_zero(&modulus)) continue;
        to_gmp(n.x, &a);
        to_gmp(n.y, &b);
        to_gmp(m, &modulus);
        mpz_add(n.z, n.x, n.y);
        mpz_tdiv_r(n.z, n.z, m);
        judge_triple("addmod", ht_word_addmod, &a, &b, &modulus, n.z);
        mpz_mul(n.z, n.x, n.y);
        mpz_tdiv_r(n.z, n.z, m);
        judge_triple("mulmod", ht_word_mulmod, &a, &b, &modulus, n.z);
    }
    mpz_clear(m);
    numbers_fini(&n);
}

static void word_division_by_zero_is_zero(void **state) {
    (void)state;
    static const pair_operation pairs[] = {ht_word_div, ht_word_mod, ht_word_sdiv, ht_word_smod};
    ht_u256 zero = ht_u256_of(0);
    for (int i = 0; i < 100; i++) {
        ht_u256 a = awkward();
        ht_u256 b = awkward();
        ht_u256 got;
        for (size_t k = 0; k < sizeof pairs / sizeof *pairs; k++) {
            pairs[k](&got, &a, &zero);
            same("division", &got, &zero);
        }
        ht_word_addmod(&got, &a, &b, &zero);
        same("addmod", &got, &zero);
        ht_word_mulmod(&got, &a, &b, &zero);
        same("mulmod", &got, &zero);
    }
}

static void word_lowest_negative_by_minus_one_is_itself(void **state) {
    (void)state;
    ht_u256 lowest = {{0, 0, 0, (uint64_t)1 << 63}};
    ht_u256 minus_one = {{UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX}};
    ht_u256 zero = ht_u256_of(0);
    ht_u256 got;
    ht_word_sdiv(&got, &lowest, &minus_one);
    same("sdiv", &got, &lowest);
    ht_word_smod(&got, &lowest, &minus_one);
    same("smod", &got, &zero);
}

static void word_powers_agree_with_gmp(void **state) {
    (void)state;
    struct numbers n;
    numbers_init(&n);
    for (int i = 0; i < ROUNDS / 8; i++) {
        ht_u256 base = small(20);
        ht_u256 exponent = small(300);
        to_gmp(n.x, &base);
        to_gmp(n.y, &exponent);
        mpz_powm(n.z, n.x, n.y, two_256);
        judge_pair("exp", ht_word_exp, &base, &exponent, n.z);
    }
    for (unsigned bit = 0; bit < 256; bit++) {
        ht_u256 base = ht_u256_of(1);
        ht_u256_shift_left(&base, &base, bit);
        ht_u256 exponent = ht_u256_of(next_random() % 5);
        to_gmp(n.x, &base);
        mpz_pow_ui(n.z, n.x, exponent.limb[0]);
        judge_pair("exp", ht_word_exp, &base, &exponent, n.z);
    }
    numbers_fini(&n);
}

static void word_shifts_agree_with_gmp(void **state) {
    (void)state;
    struct numbers n;
    numbers_init(&n);
    for (int i = 0; i < ROUNDS; i++) {
        ht_u256 value = awkward();
        ht_u256 places = small(i % 2 == 0 ? 260 : 70);
        bool is_far = !ht_u256_is_u64(&places) || places.limb[0] > 256;
        uint64_t count = is_far ? 256 : places.limb[0];
        to_gmp(n.x, &value);
        mpz_mul_2exp(n.z, n.x, count);
        judge_pair("shl", ht_word_shl, &places, &value, n.z);
        mpz_fdiv_q_2exp(n.z, n.x, count);
        judge_pair("shr", ht_word_shr, &places, &value, n.z);
        to_gmp_signed(n.x, &value);
        mpz_fdiv_q_2exp(n.z, n.x, count);
        judge_pair("sar", ht_word_sar, &places, &value, n.z);
    }
    numbers_fini(&n);
}

static void word_bytes_and_signs_agree_with_gmp(void **state) {
    (void)state;
    struct numbers n;
    numbers_init(&n);
    for (int i = 0; i < ROUNDS; i++) {
        ht_u256 value = awkward();
        ht_u256 index = small(36);
        bool is_inside = ht_u256_is_u64(&index) && index.limb[0] < 32;
        unsigned place = is_inside ? (unsigned)index.limb[0] : 0;
        to_gmp(n.x, &value);
        mpz_fdiv_q_2exp(n.z, n.x, 8UL * (31 - place));
        mpz_fdiv_r_2exp(n.z, n.z, 8);
        if (!is_inside) mpz_set_ui(n.z, 0);
        judge_pair("byte", ht_word_byte, &index, &value, n.z);
        mpz_set(n.z, n.x);
        if (is_inside) {
            mpz_fdiv_r_2exp(n.z, n.x, 8UL * place + 8);
            mpz_set_ui(n.y, 0);
            mpz_setbit(n.y, 8UL * place + 8);
            if (mpz_tstbit(n.x, 8UL * place + 7)) mpz_sub(n.z, n.z, n.y);
        }
        judge_pair("signextend", ht_word_sign_extend, &index, &value, n.z);
    }
    numbers_fini(&n);
}

static void word_loads_and_stores_big_endian_bytes(void **state) {
    (void)state;
    uint8_t bytes[32];
    for (unsigned i = 0; i < 32; i++) bytes[i] = (uint8_t)(i + 1);
    ht_u256 value;
    ht_u256 want = ht_u256_from_be32(bytes);
    ht_word_load(&value, bytes);
    same("load", &value, &want);
    uint8_t back[32] = {0};
    ht_word_store(back, &value);
    assert_memory_equal(back, bytes, sizeof back);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(word_sums_products_and_comparisons_agree_with_gmp),
        cmocka_unit_test(word_division_agrees_with_gmp),
        cmocka_unit_test(word_modular_sums_and_products_agree_with_gmp),
        cmocka_unit_test(word_division_by_zero_is_zero),
        cmocka_unit_test(word_lowest_negative_by_minus_one_is_itself),
        cmocka_unit_test(word_powers_agree_with_gmp),
        cmocka_unit_test(word_shifts_agree_with_gmp),
        cmocka_unit_test(word_bytes_and_signs_agree_with_gmp),
        cmocka_unit_test(word_loads_and_stores_big_endian_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
