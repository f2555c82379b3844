/* Points of bn254's G1: reading, writing, sums and multiples.
 *
 * A multiple is taken in two halves at once (Gallant, Lambert and Vanstone, "Faster point
 * multiplication on elliptic curves with efficient endomorphisms", 2001): k = k1 + k2 lambda with
 * k1 and k2 half as long, each in digits of five bits. The sum runs in Jacobian coordinates. */
#include "node/evm/bn254_g1.h"

#include "node/base/u256.h"
#include "node/evm/bn254_gen.h"

/* Digits of five bits: their odd values, but for the sign, are MULTIPLES. */
#define WINDOW_SIZE 32
#define MULTIPLES 8U
#define DIGITS_MAX 129U

/* (X / Z^2, Y / Z^3); infinity where Z is 0. */
struct jacobian {
    ht_fp x, y, z;
};

/* --- bytes ------------------------------------------------------------------------------------ */

enum ht_err ht_g1_read(struct ht_g1 *out, const uint8_t bytes[static 64], struct ht_why *why) {
    struct ht_g1 point = {.is_infinity = false};
    ht_fp left;
    ht_fp right;
    if (!ht_fp_read(&point.x, bytes) || !ht_fp_read(&point.y, bytes + 32)) {
        return ht_fail(why, HT_EINPUT, "precompile_input",
                       "a coordinate of the point of G1 is not below the prime");
    }
    point.is_infinity = ht_fp_is_zero(&point.x) && ht_fp_is_zero(&point.y);
    ht_fp_mul(&left, &point.y, &point.y);
    ht_fp_mul(&right, &point.x, &point.x);
    ht_fp_mul(&right, &right, &point.x);
    ht_fp_add(&right, &right, &HT_BN254_B);
    if (!point.is_infinity && !ht_fp_equal(&left, &right)) {
        return ht_fail(why, HT_EINPUT, "precompile_input", "the point of G1 is not on the curve");
    }
    *out = point;
    return HT_OK;
}

void ht_g1_write(uint8_t out[static 64], const struct ht_g1 *a) {
    ht_fp_write(out, &a->x);
    ht_fp_write(out + 32, &a->y);
}

/* --- sum -------------------------------------------------------------------------------------- */

/* The third point on the line of this slope through a and another one, mirrored. */
static void add_by_slope(struct ht_g1 *out, const ht_fp *slope, const struct ht_g1 *a,
                         const ht_fp *other_x) {
    ht_fp x;
    ht_fp y;
    ht_fp_mul(&x, slope, slope);
    ht_fp_sub(&x, &x, &a->x);
    ht_fp_sub(&x, &x, other_x);
    ht_fp_sub(&y, &a->x, &x);
    ht_fp_mul(&y, &y, slope);
    ht_fp_sub(&y, &y, &a->y);
    *out = (struct ht_g1){.x = x, .y = y};
}

void ht_g1_add(struct ht_g1 *out, const struct ht_g1 *a, const struct ht_g1 *b) {
    ht_fp top;
    ht_fp bottom;
    if (a->is_infinity || b->is_infinity) {
        *out = a->is_infinity ? *b : *a;
        return;
    }
    ht_fp_sub(&bottom, &b->x, &a->x);
    ht_fp_sub(&top, &b->y, &a->y);
    if (ht_fp_is_zero(&bottom) && !ht_fp_is_zero(&top)) {
        *out = (struct ht_g1){.is_infinity = true};
        return;
    }
    if (ht_fp_is_zero(&bottom)) {
        /* The same point: the tangent, 3 x^2 / 2 y. No y is zero, since r is odd. */
        ht_fp_mul(&bottom, &a->x, &a->x);
        ht_fp_double(&top, &bottom);
        ht_fp_add(&top, &top, &bottom);
        ht_fp_double(&bottom, &a->y);
    }
    ht_fp_inverse(&bottom, &bottom);
    ht_fp_mul(&top, &top, &bottom);
    ht_fp other_x = b->x;
    add_by_slope(out, &top, a, &other_x);
}

/* --- Jacobian coordinates --------------------------------------------------------------------- */

static void to_affine(struct ht_g1 *out, const struct jacobian *a) {
    ht_fp inverse;
    ht_fp square;
    if (ht_fp_is_zero(&a->z)) {
        *out = (struct ht_g1){.is_infinity = true};
        return;
    }
    ht_fp_inverse(&inverse, &a->z);
    ht_fp_mul(&square, &inverse, &inverse);
    ht_fp_mul(&out->x, &a->x, &square);
    ht_fp_mul(&square, &square, &inverse);
    ht_fp_mul(&out->y, &a->y, &square);
    out->is_infinity = false;
}

/* With b = y^2, d = 4 x b, m = 3 x^2: x' = m^2 - 2 d, y' = m (d - x') - 8 b^2, z' = 2 y z. */
static void jacobian_double(struct jacobian *a) {
    ht_fp b;
    ht_fp b_times;
    ht_fp d;
    ht_fp m;
    ht_fp t;
    ht_fp_mul(&a->z, &a->z, &a->y);
    ht_fp_double(&a->z, &a->z);
    ht_fp_mul(&b, &a->y, &a->y);
    ht_fp_double(&b_times, &b);
    ht_fp_double(&b_times, &b_times);
    ht_fp_mul(&d, &a->x, &b_times);
    ht_fp_double(&b_times, &b_times);
    ht_fp_neg(&b_times, &b_times);
    ht_fp_mul(&t, &a->x, &a->x);
    ht_fp_double(&m, &t);
    ht_fp_add(&m, &m, &t);
    ht_fp_mul(&t, &m, &m);
    ht_fp_sub(&t, &t, &d);
    ht_fp_sub(&a->x, &t, &d);
    ht_fp_sub(&d, &d, &a->x);
    ht_fp_mul_add(&a->y, &m, &d, &b, &b_times);
}

/* a += b. With u = x z_other^2, s = y z_other^3, h and t their differences, b's minus a's:
 * x' = t^2 - h^3 - 2 u h^2, y' = t (u h^2 - x') - s h^3, z' = z z_other h. */
static void jacobian_add(struct jacobian *a, const struct jacobian *b) {
    ht_fp az2;
    ht_fp bz2;
    ht_fp u;
    ht_fp s;
    ht_fp h;
    ht_fp t;
    ht_fp h2;
    if (ht_fp_is_zero(&b->z)) return;
    if (ht_fp_is_zero(&a->z)) {
        *a = *b;
        return;
    }
    ht_fp_mul(&az2, &a->z, &a->z);
    ht_fp_mul(&bz2, &b->z, &b->z);
    ht_fp_mul(&u, &a->x, &bz2);
    ht_fp_mul(&s, &bz2, &b->z);
    ht_fp_mul(&s, &s, &a->y);
    ht_fp_mul(&h, &b->x, &az2);
    ht_fp_mul(&t, &az2, &a->z);
    ht_fp_mul(&t, &t, &b->y);
    ht_fp_sub(&h, &h, &u);
    ht_fp_sub(&t, &t, &s);
    if (ht_fp_is_zero(&h) && ht_fp_is_zero(&t)) {
        jacobian_double(a);
        return;
    }
    /* Where only h is zero the points are opposite, and so becomes z. */
    ht_fp_mul(&a->z, &a->z, &b->z);
    ht_fp_mul(&a->z, &a->z, &h);
    ht_fp_mul(&h2, &h, &h);
    ht_fp_mul(&u, &u, &h2);
    ht_fp_mul(&h, &h, &h2);
    ht_fp_mul(&a->x, &t, &t);
    ht_fp_sub(&a->x, &a->x, &h);
    ht_fp_sub(&a->x, &a->x, &u);
    ht_fp_sub(&a->x, &a->x, &u);
    ht_fp_sub(&u, &u, &a->x);
    ht_fp_neg(&h, &h);
    ht_fp_mul_add(&a->y, &t, &u, &s, &h);
}

/* --- multiples -------------------------------------------------------------------------------- */

/* The limbs of a * b from the fifth on. */
static ht_u256 multiply_high(const ht_u256 *a, const ht_u256 *b) {
    uint64_t product[8] = {0};
    for (unsigned i = 0; i < 4; i++) {
        uint64_t carry = 0;
        for (unsigned j = 0; j < 4; j++) {
            product[i + j] = ht_fp_mac(&carry, product[i + j], a->limb[i], b->limb[j]);
        }
        product[i + 4] = carry;
    }
    return (ht_u256){{product[4], product[5], product[6], product[7]}};
}

/* k = k1 + k2 lambda or k1 - k2 lambda mod r, both below 2^128: (k, 0) less the multiples e1 of
 * (A, -C) and e2 of (D, A), which lie in the lattice of the pairs (u, v) with u + v lambda = 0.
 * Both are what k A / r and k C / r have above the point, or one less, so that 0 <= k1 < 2 (A + D)
 * and -2 C < k2 < 2 A. */
static void split(ht_u256 *k1, ht_u256 *k2, bool *is_k2_negative, const ht_u256 *k) {
    ht_u256 e1 = multiply_high(k, &HT_BN254_A_OVER_R);
    ht_u256 e2 = multiply_high(k, &HT_BN254_C_OVER_R);
    ht_u256 t;
    ht_u256 v;
    ht_u256_mul(&t, &e1, &HT_BN254_A);
    ht_u256_sub(k1, k, &t);
    ht_u256_mul(&t, &e2, &HT_BN254_D);
    ht_u256_sub(k1, k1, &t);
    ht_u256_mul(&v, &e1, &HT_BN254_C);
    ht_u256_mul(&t, &e2, &HT_BN254_A);
    *is_k2_negative = ht_u256_compare(&v, &t) < 0;
    if (*is_k2_negative) {
        ht_u256_sub(k2, &t, &v);
    } else {
        ht_u256_sub(k2, &v, &t);
    }
}

/* k in odd digits between -16 and 16, or zero, lowest first: at most one of five in a row is not
 * zero. */
static void to_digits(int8_t digits[static DIGITS_MAX], const ht_u256 *k) {
    ht_fp_u128 left = (ht_fp_u128)k->limb[1] << 64 | k->limb[0];
    for (unsigned i = 0; i < DIGITS_MAX; i++) {
        int digit = 0;
        if (left & 1) {
            digit = (int)(left & (WINDOW_SIZE - 1));
            left -= (unsigned)digit;
            if (digit >= WINDOW_SIZE / 2) {
                digit -= WINDOW_SIZE;
                left += WINDOW_SIZE;
            }
        }
        digits[i] = (int8_t)digit;
        left >>= 1;
    }
}

/* table[i] = (2 i + 1) a */
static void fill_table(struct jacobian table[static MULTIPLES], const struct ht_g1 *a) {
    struct jacobian twice = {a->x, a->y, ht_fp_one};
    table[0] = twice;
    jacobian_double(&twice);
    for (unsigned i = 1; i < MULTIPLES; i++) {
        table[i] = table[i - 1];
        jacobian_add(&table[i], &twice);
    }
}

static void add_digit(struct jacobian *sum, const struct jacobian table[static MULTIPLES],
                      int digit) {
    if (digit == 0) return;
    struct jacobian term = table[(digit < 0 ? -digit : digit) / 2];
    if (digit < 0) ht_fp_neg(&term.y, &term.y);
    jacobian_add(sum, &term);
}

void ht_g1_mul(struct ht_g1 *out, const struct ht_g1 *a, const uint8_t scalar[static 32]) {
    struct jacobian table[MULTIPLES];
    struct jacobian turned[MULTIPLES];
    struct jacobian sum = {.z = {{0}}};
    int8_t digits1[DIGITS_MAX];
    int8_t digits2[DIGITS_MAX];
    bool is_negative;
    ht_u256 k1;
    ht_u256 k2;
    ht_u256 k = ht_u256_from_be32(scalar);
    if (a->is_infinity) {
        *out = *a;
        return;
    }
    split(&k1, &k2, &is_negative, &k);
    to_digits(digits1, &k1);
    to_digits(digits2, &k2);
    fill_table(table, a);
    for (unsigned i = 0; i < MULTIPLES; i++) {
        turned[i] = table[i];
        ht_fp_mul(&turned[i].x, &turned[i].x, &HT_BN254_BETA);
        if (is_negative) ht_fp_neg(&turned[i].y, &turned[i].y);
    }
    for (unsigned i = DIGITS_MAX; i-- > 0;) {
        if (!ht_fp_is_zero(&sum.z)) jacobian_double(&sum);
        add_digit(&sum, table, digits1[i]);
        add_digit(&sum, turned, digits2[i]);
    }
    to_affine(out, &sum);
}
