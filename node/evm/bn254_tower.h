/* The extensions of bn254's field that its pairing lives in:
 *
 *   Fp2  = Fp[i] / (i^2 + 1)
 *   Fp6  = Fp2[v] / (v^3 - xi), xi = 9 + i
 *   Fp12 = Fp6[w] / (w^2 - v)
 *
 * Outputs may be the same object as inputs. Cannot fail, do not allocate; not for secrets: time
 * depends on values. Any thread. */
#ifndef HT_EVM_BN254_TOWER_H
#define HT_EVM_BN254_TOWER_H

#include "node/evm/bn254_fp.h"

/* c0 + c1 i */
typedef struct ht_fp2 {
    ht_fp c0, c1;
} ht_fp2;

/* c0 + c1 v + c2 v^2 */
typedef struct ht_fp6 {
    ht_fp2 c0, c1, c2;
} ht_fp6;

/* c0 + c1 w */
typedef struct ht_fp12 {
    ht_fp6 c0, c1;
} ht_fp12;

extern const ht_fp12 ht_fp12_one;

/* --- Fp2 -------------------------------------------------------------------------------------- */

static inline bool ht_fp2_is_zero(const ht_fp2 *a) {
    return ht_fp_is_zero(&a->c0) && ht_fp_is_zero(&a->c1);
}

static inline bool ht_fp2_equal(const ht_fp2 *a, const ht_fp2 *b) {
    return ht_fp_equal(&a->c0, &b->c0) && ht_fp_equal(&a->c1, &b->c1);
}

static inline void ht_fp2_add(ht_fp2 *out, const ht_fp2 *a, const ht_fp2 *b) {
    ht_fp_add(&out->c0, &a->c0, &b->c0);
    ht_fp_add(&out->c1, &a->c1, &b->c1);
}

static inline void ht_fp2_sub(ht_fp2 *out, const ht_fp2 *a, const ht_fp2 *b) {
    ht_fp_sub(&out->c0, &a->c0, &b->c0);
    ht_fp_sub(&out->c1, &a->c1, &b->c1);
}

static inline void ht_fp2_double(ht_fp2 *out, const ht_fp2 *a) {
    ht_fp2_add(out, a, a);
}

static inline void ht_fp2_neg(ht_fp2 *out, const ht_fp2 *a) {
    ht_fp_neg(&out->c0, &a->c0);
    ht_fp_neg(&out->c1, &a->c1);
}

/* c0 - c1 i, which is also a^p. */
static inline void ht_fp2_conjugate(ht_fp2 *out, const ht_fp2 *a) {
    out->c0 = a->c0;
    ht_fp_neg(&out->c1, &a->c1);
}

/* a * xi = (9 c0 - c1) + (9 c1 + c0) i */
static inline void ht_fp2_mul_xi(ht_fp2 *out, const ht_fp2 *a) {
    ht_fp minus_c1;
    ht_fp c0;
    ht_fp_neg(&minus_c1, &a->c1);
    ht_fp_nine_plus(&c0, &a->c0, &minus_c1);
    ht_fp_nine_plus(&out->c1, &a->c1, &a->c0);
    out->c0 = c0;
}

void ht_fp2_mul(ht_fp2 *out, const ht_fp2 *a, const ht_fp2 *b);
void ht_fp2_square(ht_fp2 *out, const ht_fp2 *a);
void ht_fp2_mul_fp(ht_fp2 *out, const ht_fp2 *a, const ht_fp *b);
/* 1/a; zero for zero. */
void ht_fp2_inverse(ht_fp2 *out, const ht_fp2 *a);

/* --- Fp6 -------------------------------------------------------------------------------------- */

void ht_fp6_mul(ht_fp6 *out, const ht_fp6 *a, const ht_fp6 *b);

/* --- Fp12 ------------------------------------------------------------------------------------- */

bool ht_fp12_is_one(const ht_fp12 *a);
bool ht_fp12_equal(const ht_fp12 *a, const ht_fp12 *b);
void ht_fp12_mul(ht_fp12 *out, const ht_fp12 *a, const ht_fp12 *b);
void ht_fp12_square(ht_fp12 *out, const ht_fp12 *a);
/* 1/a; zero for zero. */
void ht_fp12_inverse(ht_fp12 *out, const ht_fp12 *a);

/* a * (at0 + at1 w + at3 w^3), the shape of a line through points of the twist. */
void ht_fp12_mul_line(ht_fp12 *out, const ht_fp12 *a, const ht_fp2 *at0, const ht_fp2 *at1,
                      const ht_fp2 *at3);

/* c0 - c1 w = a^(p^6); the inverse where a is in the cyclotomic subgroup. */
void ht_fp12_conjugate(ht_fp12 *out, const ht_fp12 *a);

/* a^p and a^(p^2). */
void ht_fp12_frobenius(ht_fp12 *out, const ht_fp12 *a);
void ht_fp12_frobenius2(ht_fp12 *out, const ht_fp12 *a);

/* a^2 for a of the cyclotomic subgroup: a^(p^4 - p^2 + 1) = 1, as every
 * a = b^((p^6 - 1)(p^2 + 1)) has it. Granger and Scott, "Faster squaring in the cyclotomic subgroup
 * of sixth degree extensions", 2010. */
void ht_fp12_cyclotomic_square(ht_fp12 *out, const ht_fp12 *a);

#endif
