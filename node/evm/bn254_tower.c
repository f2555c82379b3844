/* Arithmetic of the extensions of bn254's field. Products in Fp2 take two sums of two products;
 * above it the usual ways with fewer products (Karatsuba) pay. */
#include "node/evm/bn254_tower.h"

#include "node/evm/bn254_gen.h"

const ht_fp12 ht_fp12_one = {
    .c0.c0.c0 = {{0xd35d438dc58f0d9d, 0x0a78eb28f5c70b3d, 0x666ea36f7879462c, 0x0e0a77c19a07df2f}}};

/* --- Fp2 -------------------------------------------------------------------------------------- */

void ht_fp2_mul(ht_fp2 *out, const ht_fp2 *a, const ht_fp2 *b) {
    ht_fp minus;
    ht_fp c0;
    ht_fp_neg(&minus, &b->c1);
    ht_fp_mul_add(&c0, &a->c0, &b->c0, &a->c1, &minus);
    ht_fp_mul_add(&out->c1, &a->c0, &b->c1, &a->c1, &b->c0);
    out->c0 = c0;
}

/* (c0 + c1) (c0 - c1) + 2 c0 c1 i */
void ht_fp2_square(ht_fp2 *out, const ht_fp2 *a) {
    ht_fp sum;
    ht_fp difference;
    ht_fp twice;
    ht_fp_add(&sum, &a->c0, &a->c1);
    ht_fp_sub(&difference, &a->c0, &a->c1);
    ht_fp_double(&twice, &a->c0);
    ht_fp_mul(&out->c1, &twice, &a->c1);
    ht_fp_mul(&out->c0, &sum, &difference);
}

void ht_fp2_mul_fp(ht_fp2 *out, const ht_fp2 *a, const ht_fp *b) {
    ht_fp scale = *b;
    ht_fp_mul(&out->c0, &a->c0, &scale);
    ht_fp_mul(&out->c1, &a->c1, &scale);
}

void ht_fp2_inverse(ht_fp2 *out, const ht_fp2 *a) {
    ht_fp norm;
    ht_fp2 conjugate;
    ht_fp_mul_add(&norm, &a->c0, &a->c0, &a->c1, &a->c1);
    ht_fp_inverse(&norm, &norm);
    ht_fp2_conjugate(&conjugate, a);
    ht_fp2_mul_fp(out, &conjugate, &norm);
}

/* --- Fp6 -------------------------------------------------------------------------------------- */

static void fp6_add(ht_fp6 *out, const ht_fp6 *a, const ht_fp6 *b) {
    ht_fp2_add(&out->c0, &a->c0, &b->c0);
    ht_fp2_add(&out->c1, &a->c1, &b->c1);
    ht_fp2_add(&out->c2, &a->c2, &b->c2);
}

static void fp6_sub(ht_fp6 *out, const ht_fp6 *a, const ht_fp6 *b) {
    ht_fp2_sub(&out->c0, &a->c0, &b->c0);
    ht_fp2_sub(&out->c1, &a->c1, &b->c1);
    ht_fp2_sub(&out->c2, &a->c2, &b->c2);
}

static void fp6_neg(ht_fp6 *out, const ht_fp6 *a) {
    ht_fp2_neg(&out->c0, &a->c0);
    ht_fp2_neg(&out->c1, &a->c1);
    ht_fp2_neg(&out->c2, &a->c2);
}

/* a * v */
static void fp6_mul_v(ht_fp6 *out, const ht_fp6 *a) {
    ht_fp2 top;
    ht_fp2_mul_xi(&top, &a->c2);
    *out = (ht_fp6){top, a->c0, a->c1};
}

/* (a0 + a1)(b0 + b1) - m0 - m1, where m are the products of equal places. */
static void cross(ht_fp2 *out, const ht_fp2 *a0, const ht_fp2 *a1, const ht_fp2 *b0,
                  const ht_fp2 *b1, const ht_fp2 *m0, const ht_fp2 *m1) {
    ht_fp2 left;
    ht_fp2 right;
    ht_fp2_add(&left, a0, a1);
    ht_fp2_add(&right, b0, b1);
    ht_fp2_mul(&left, &left, &right);
    ht_fp2_sub(&left, &left, m0);
    ht_fp2_sub(out, &left, m1);
}

void ht_fp6_mul(ht_fp6 *out, const ht_fp6 *a, const ht_fp6 *b) {
    ht_fp2 m0;
    ht_fp2 m1;
    ht_fp2 m2;
    ht_fp2 x12;
    ht_fp2 x01;
    ht_fp2 x02;
    ht_fp2_mul(&m0, &a->c0, &b->c0);
    ht_fp2_mul(&m1, &a->c1, &b->c1);
    ht_fp2_mul(&m2, &a->c2, &b->c2);
    cross(&x12, &a->c1, &a->c2, &b->c1, &b->c2, &m1, &m2);
    cross(&x01, &a->c0, &a->c1, &b->c0, &b->c1, &m0, &m1);
    cross(&x02, &a->c0, &a->c2, &b->c0, &b->c2, &m0, &m2);
    ht_fp2_mul_xi(&x12, &x12);
    ht_fp2_mul_xi(&m2, &m2);
    ht_fp2_add(&out->c0, &x12, &m0);
    ht_fp2_add(&out->c1, &x01, &m2);
    ht_fp2_add(&out->c2, &x02, &m1);
}

/* a * (b0 + b1 v) */
static void fp6_mul_two(ht_fp6 *out, const ht_fp6 *a, const ht_fp2 *b0, const ht_fp2 *b1) {
    ht_fp2 m0;
    ht_fp2 m1;
    ht_fp2 x01;
    ht_fp2 high;
    ht_fp2 wrapped;
    ht_fp2_mul(&m0, &a->c0, b0);
    ht_fp2_mul(&m1, &a->c1, b1);
    cross(&x01, &a->c0, &a->c1, b0, b1, &m0, &m1);
    ht_fp2_mul(&wrapped, &a->c2, b1);
    ht_fp2_mul(&high, &a->c2, b0);
    ht_fp2_mul_xi(&wrapped, &wrapped);
    ht_fp2_add(&out->c0, &m0, &wrapped);
    out->c1 = x01;
    ht_fp2_add(&out->c2, &high, &m1);
}

/* The norm of a over Fp2 is c0 A + xi (c2 B + c1 C) with A, B, C as below, and the inverse
 * (A + B v + C v^2) over it. */
static void fp6_inverse(ht_fp6 *out, const ht_fp6 *a) {
    ht_fp2 t;
    ht_fp2 norm;
    ht_fp6 n;
    ht_fp2_mul(&t, &a->c1, &a->c2);
    ht_fp2_mul_xi(&t, &t);
    ht_fp2_square(&n.c0, &a->c0);
    ht_fp2_sub(&n.c0, &n.c0, &t);
    ht_fp2_square(&n.c1, &a->c2);
    ht_fp2_mul_xi(&n.c1, &n.c1);
    ht_fp2_mul(&t, &a->c0, &a->c1);
    ht_fp2_sub(&n.c1, &n.c1, &t);
    ht_fp2_square(&n.c2, &a->c1);
    ht_fp2_mul(&t, &a->c0, &a->c2);
    ht_fp2_sub(&n.c2, &n.c2, &t);
    ht_fp2_mul(&norm, &a->c2, &n.c1);
    ht_fp2_mul(&t, &a->c1, &n.c2);
    ht_fp2_add(&norm, &norm, &t);
    ht_fp2_mul_xi(&norm, &norm);
    ht_fp2_mul(&t, &a->c0, &n.c0);
    ht_fp2_add(&norm, &norm, &t);
    ht_fp2_inverse(&norm, &norm);
    ht_fp2_mul(&out->c0, &n.c0, &norm);
    ht_fp2_mul(&out->c1, &n.c1, &norm);
    ht_fp2_mul(&out->c2, &n.c2, &norm);
}

/* --- Fp12 ------------------------------------------------------------------------------------- */

static bool fp6_equal(const ht_fp6 *a, const ht_fp6 *b) {
    return ht_fp2_equal(&a->c0, &b->c0) && ht_fp2_equal(&a->c1, &b->c1) &&
           ht_fp2_equal(&a->c2, &b->c2);
}

bool ht_fp12_equal(const ht_fp12 *a, const ht_fp12 *b) {
    return fp6_equal(&a->c0, &b->c0) && fp6_equal(&a->c1, &b->c1);
}

bool ht_fp12_is_one(const ht_fp12 *a) {
    return ht_fp12_equal(a, &ht_fp12_one);
}

void ht_fp12_mul(ht_fp12 *out, const ht_fp12 *a, const ht_fp12 *b) {
    ht_fp6 m0;
    ht_fp6 m1;
    ht_fp6 left;
    ht_fp6 right;
    ht_fp6_mul(&m0, &a->c0, &b->c0);
    ht_fp6_mul(&m1, &a->c1, &b->c1);
    fp6_add(&left, &a->c0, &a->c1);
    fp6_add(&right, &b->c0, &b->c1);
    ht_fp6_mul(&left, &left, &right);
    fp6_sub(&left, &left, &m0);
    fp6_sub(&out->c1, &left, &m1);
    fp6_mul_v(&m1, &m1);
    fp6_add(&out->c0, &m0, &m1);
}

/* With m = c0 c1: c0^2 + v c1^2 = (c0 + c1)(c0 + v c1) - m - v m, and 2 m. */
void ht_fp12_square(ht_fp12 *out, const ht_fp12 *a) {
    ht_fp6 m;
    ht_fp6 left;
    ht_fp6 right;
    fp6_mul_v(&right, &a->c1);
    fp6_add(&right, &right, &a->c0);
    fp6_add(&left, &a->c0, &a->c1);
    ht_fp6_mul(&left, &left, &right);
    ht_fp6_mul(&m, &a->c0, &a->c1);
    fp6_sub(&left, &left, &m);
    fp6_mul_v(&right, &m);
    fp6_sub(&out->c0, &left, &right);
    fp6_add(&out->c1, &m, &m);
}

void ht_fp12_inverse(ht_fp12 *out, const ht_fp12 *a) {
    ht_fp6 norm;
    ht_fp6 t;
    ht_fp6_mul(&norm, &a->c0, &a->c0);
    ht_fp6_mul(&t, &a->c1, &a->c1);
    fp6_mul_v(&t, &t);
    fp6_sub(&norm, &norm, &t);
    fp6_inverse(&norm, &norm);
    ht_fp6_mul(&out->c0, &a->c0, &norm);
    fp6_neg(&t, &a->c1);
    ht_fp6_mul(&out->c1, &t, &norm);
}

void ht_fp12_mul_line(ht_fp12 *out, const ht_fp12 *a, const ht_fp2 *at0, const ht_fp2 *at1,
                      const ht_fp2 *at3) {
    ht_fp6 m0;
    ht_fp6 m1;
    ht_fp6 both;
    ht_fp2 sum;
    ht_fp2_mul(&m0.c0, &a->c0.c0, at0);
    ht_fp2_mul(&m0.c1, &a->c0.c1, at0);
    ht_fp2_mul(&m0.c2, &a->c0.c2, at0);
    fp6_mul_two(&m1, &a->c1, at1, at3);
    ht_fp2_add(&sum, at0, at1);
    fp6_add(&both, &a->c0, &a->c1);
    fp6_mul_two(&both, &both, &sum, at3);
    fp6_sub(&both, &both, &m0);
    fp6_sub(&out->c1, &both, &m1);
    fp6_mul_v(&m1, &m1);
    fp6_add(&out->c0, &m0, &m1);
}

void ht_fp12_conjugate(ht_fp12 *out, const ht_fp12 *a) {
    out->c0 = a->c0;
    fp6_neg(&out->c1, &a->c1);
}

/* The constant of place w^k, k > 0. */
static void frobenius_place(ht_fp2 *out, const ht_fp2 *a, unsigned k) {
    ht_fp2 conjugate;
    ht_fp2_conjugate(&conjugate, a);
    ht_fp2_mul(out, &conjugate, &HT_BN254_FROBENIUS[k - 1]);
}

void ht_fp12_frobenius(ht_fp12 *out, const ht_fp12 *a) {
    ht_fp2_conjugate(&out->c0.c0, &a->c0.c0);
    frobenius_place(&out->c1.c0, &a->c1.c0, 1);
    frobenius_place(&out->c0.c1, &a->c0.c1, 2);
    frobenius_place(&out->c1.c1, &a->c1.c1, 3);
    frobenius_place(&out->c0.c2, &a->c0.c2, 4);
    frobenius_place(&out->c1.c2, &a->c1.c2, 5);
}

void ht_fp12_frobenius2(ht_fp12 *out, const ht_fp12 *a) {
    out->c0.c0 = a->c0.c0;
    ht_fp2_mul_fp(&out->c1.c0, &a->c1.c0, &HT_BN254_FROBENIUS2[0]);
    ht_fp2_mul_fp(&out->c0.c1, &a->c0.c1, &HT_BN254_FROBENIUS2[1]);
    ht_fp2_mul_fp(&out->c1.c1, &a->c1.c1, &HT_BN254_FROBENIUS2[2]);
    ht_fp2_mul_fp(&out->c0.c2, &a->c0.c2, &HT_BN254_FROBENIUS2[3]);
    ht_fp2_mul_fp(&out->c1.c2, &a->c1.c2, &HT_BN254_FROBENIUS2[4]);
}

/* (even + odd s)^2 in Fp2[s] / (s^2 - xi). */
static void fp4_square(ht_fp2 *even, ht_fp2 *odd, const ht_fp2 *a, const ht_fp2 *b) {
    ht_fp2 a2;
    ht_fp2 b2;
    ht_fp2 sum;
    ht_fp2_square(&a2, a);
    ht_fp2_square(&b2, b);
    ht_fp2_add(&sum, a, b);
    ht_fp2_square(&sum, &sum);
    ht_fp2_sub(&sum, &sum, &a2);
    ht_fp2_sub(odd, &sum, &b2);
    ht_fp2_mul_xi(&b2, &b2);
    ht_fp2_add(even, &a2, &b2);
}

/* 3 t - 2 a, and 3 t + 2 a. */
static void three_minus_two(ht_fp2 *out, const ht_fp2 *t, const ht_fp2 *a) {
    ht_fp2 difference;
    ht_fp2_sub(&difference, t, a);
    ht_fp2_double(&difference, &difference);
    ht_fp2_add(out, &difference, t);
}

static void three_plus_two(ht_fp2 *out, const ht_fp2 *t, const ht_fp2 *a) {
    ht_fp2 sum;
    ht_fp2_add(&sum, t, a);
    ht_fp2_double(&sum, &sum);
    ht_fp2_add(out, &sum, t);
}

/* With s = w^3, s^2 = xi, an element is A + B w + C w^2 where A, B, C lie in Fp4 = Fp2[s]; its
 * square is (3 A^2 - 2 A') + (3 s C^2 + 2 B') w + (3 B^2 - 2 C') w^2, where ' maps s to -s. */
void ht_fp12_cyclotomic_square(ht_fp12 *out, const ht_fp12 *a) {
    ht_fp2 even[3];
    ht_fp2 odd[3];
    ht_fp2 turned;
    fp4_square(&even[0], &odd[0], &a->c0.c0, &a->c1.c1);
    fp4_square(&even[1], &odd[1], &a->c1.c0, &a->c0.c2);
    fp4_square(&even[2], &odd[2], &a->c0.c1, &a->c1.c2);
    ht_fp2_mul_xi(&turned, &odd[2]);
    three_minus_two(&out->c0.c0, &even[0], &a->c0.c0);
    three_plus_two(&out->c1.c1, &odd[0], &a->c1.c1);
    three_plus_two(&out->c1.c0, &turned, &a->c1.c0);
    three_minus_two(&out->c0.c2, &even[2], &a->c0.c2);
    three_minus_two(&out->c0.c1, &even[1], &a->c0.c1);
    three_plus_two(&out->c1.c2, &odd[1], &a->c1.c2);
}
