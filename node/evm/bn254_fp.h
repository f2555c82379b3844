/* The prime field of bn254, in Montgomery form: a value is kept as value * 2^256 mod p.
 *
 * Every element that a function here writes is below p, so that equal values have equal limbs, and
 * every element given to one must be. Outputs may be the same object as inputs. Cannot fail but
 * where it says so, do not allocate; not for secrets: time depends on values. Any thread. */
#ifndef HT_EVM_BN254_FP_H
#define HT_EVM_BN254_FP_H

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "node/base/bytes.h"

/* Least significant limb first. All zeros is zero. */
typedef struct ht_fp {
    uint64_t limb[4];
} ht_fp;

/* p = 36 x^4 + 36 x^3 + 24 x^2 + 6 x + 1 with x = 4965661367192848881 (EIP-196). */
#define HT_FP_P0 0x3c208c16d87cfd47U
#define HT_FP_P1 0x97816a916871ca8dU
#define HT_FP_P2 0xb85045b68181585dU
#define HT_FP_P3 0x30644e72e131a029U
/* -1/p mod 2^64 */
#define HT_FP_MINUS_INVERSE 0x87d20782e4866389U

#define HT_FP_INLINE static inline __attribute__((always_inline))
__extension__ typedef unsigned __int128 ht_fp_u128;

/* 1 as an element: 2^256 mod p. */
extern const ht_fp ht_fp_one;

/* The number of 32 bytes big-endian. False, and nothing written, when it is not below p. */
bool ht_fp_read(ht_fp *out, const uint8_t big_endian[static 32]) HT_MUST_USE;
void ht_fp_write(uint8_t out[static 32], const ht_fp *a);

/* 1/a; zero for zero. About eighty multiplications' time. */
void ht_fp_inverse(ht_fp *out, const ht_fp *a);

static inline bool ht_fp_is_zero(const ht_fp *a) {
    return (a->limb[0] | a->limb[1] | a->limb[2] | a->limb[3]) == 0;
}

static inline bool ht_fp_equal(const ht_fp *a, const ht_fp *b) {
    return ((a->limb[0] ^ b->limb[0]) | (a->limb[1] ^ b->limb[1]) | (a->limb[2] ^ b->limb[2]) |
            (a->limb[3] ^ b->limb[3])) == 0;
}

/* --- words with carries, for the arithmetic below --------------------------------------------- */

/* *sum = a + b + carry; returns the new carry, 0 or 1. */
HT_FP_INLINE unsigned char ht_fp_carry(uint64_t *sum, unsigned char carry, uint64_t a, uint64_t b) {
#if defined(__x86_64__)
    unsigned long long low;
    carry = _addcarry_u64(carry, a, b, &low);
    *sum = low;
    return carry;
#else
    ht_fp_u128 wide = (ht_fp_u128)a + b + carry;
    *sum = (uint64_t)wide;
    return (unsigned char)(wide >> 64);
#endif
}

/* *difference = a - b - borrow; returns the new borrow, 0 or 1. */
HT_FP_INLINE unsigned char ht_fp_borrow(uint64_t *difference, unsigned char borrow, uint64_t a,
                                        uint64_t b) {
#if defined(__x86_64__)
    unsigned long long low;
    borrow = _subborrow_u64(borrow, a, b, &low);
    *difference = low;
    return borrow;
#else
    ht_fp_u128 wide = (ht_fp_u128)a - b - borrow;
    *difference = (uint64_t)wide;
    return (unsigned char)(wide >> 64 & 1);
#endif
}

/* The low word of sum + a * b + *carry; the high word becomes *carry. Cannot overflow. */
HT_FP_INLINE uint64_t ht_fp_mac(uint64_t *carry, uint64_t sum, uint64_t a, uint64_t b) {
    ht_fp_u128 wide = (ht_fp_u128)a * b + sum + *carry;
    *carry = (uint64_t)(wide >> 64);
    return (uint64_t)wide;
}

/* A number below 2 p, brought below p. Without a branch, which would be guessed wrong half of the
 * time. */
HT_FP_INLINE void ht_fp_reduce_once(ht_fp *out, const uint64_t t[4]) {
    uint64_t s[4];
    unsigned char borrow = ht_fp_borrow(&s[0], 0, t[0], HT_FP_P0);
    borrow = ht_fp_borrow(&s[1], borrow, t[1], HT_FP_P1);
    borrow = ht_fp_borrow(&s[2], borrow, t[2], HT_FP_P2);
    borrow = ht_fp_borrow(&s[3], borrow, t[3], HT_FP_P3);
    uint64_t keep = 0 - (uint64_t)borrow;
#pragma GCC unroll 4
    for (unsigned i = 0; i < 4; i++) out->limb[i] = (t[i] & keep) | (s[i] & ~keep);
}

/* t becomes (t + low * p) / 2^64 + high * 2^192, where low makes the division come out even. */
HT_FP_INLINE void ht_fp_montgomery_step(uint64_t t[4], uint64_t high) {
    uint64_t carry = 0;
    uint64_t low = t[0] * HT_FP_MINUS_INVERSE;
    (void)ht_fp_mac(&carry, t[0], low, HT_FP_P0);
    t[0] = ht_fp_mac(&carry, t[1], low, HT_FP_P1);
    t[1] = ht_fp_mac(&carry, t[2], low, HT_FP_P2);
    t[2] = ht_fp_mac(&carry, t[3], low, HT_FP_P3);
    t[3] = carry + high;
}

/* t += a * b; returns what is above 2^256. */
HT_FP_INLINE uint64_t ht_fp_add_row(uint64_t t[4], const ht_fp *a, uint64_t b) {
    uint64_t carry = 0;
#pragma GCC unroll 4
    for (unsigned i = 0; i < 4; i++) t[i] = ht_fp_mac(&carry, t[i], a->limb[i], b);
    return carry;
}

/* --- arithmetic ------------------------------------------------------------------------------- */

HT_FP_INLINE void ht_fp_add(ht_fp *out, const ht_fp *a, const ht_fp *b) {
    uint64_t t[4];
    unsigned char carry = ht_fp_carry(&t[0], 0, a->limb[0], b->limb[0]);
    carry = ht_fp_carry(&t[1], carry, a->limb[1], b->limb[1]);
    carry = ht_fp_carry(&t[2], carry, a->limb[2], b->limb[2]);
    (void)ht_fp_carry(&t[3], carry, a->limb[3], b->limb[3]);
    ht_fp_reduce_once(out, t);
}

HT_FP_INLINE void ht_fp_sub(ht_fp *out, const ht_fp *a, const ht_fp *b) {
    uint64_t t[4];
    unsigned char borrow = ht_fp_borrow(&t[0], 0, a->limb[0], b->limb[0]);
    borrow = ht_fp_borrow(&t[1], borrow, a->limb[1], b->limb[1]);
    borrow = ht_fp_borrow(&t[2], borrow, a->limb[2], b->limb[2]);
    borrow = ht_fp_borrow(&t[3], borrow, a->limb[3], b->limb[3]);
    uint64_t is_below = 0 - (uint64_t)borrow;
    unsigned char carry = ht_fp_carry(&out->limb[0], 0, t[0], HT_FP_P0 & is_below);
    carry = ht_fp_carry(&out->limb[1], carry, t[1], HT_FP_P1 & is_below);
    carry = ht_fp_carry(&out->limb[2], carry, t[2], HT_FP_P2 & is_below);
    (void)ht_fp_carry(&out->limb[3], carry, t[3], HT_FP_P3 & is_below);
}

HT_FP_INLINE void ht_fp_double(ht_fp *out, const ht_fp *a) {
    ht_fp_add(out, a, a);
}

HT_FP_INLINE void ht_fp_neg(ht_fp *out, const ht_fp *a) {
    static const ht_fp zero;
    ht_fp_sub(out, &zero, a);
}

/* a * b */
void ht_fp_mul(ht_fp *out, const ht_fp *a, const ht_fp *b);

/* a * b + c * d with one reduction. Between the rows t stays below 3 p + 2^64, so four limbs hold
 * it: p leaves the two highest bits free. At the end it is below p + 2 p^2 / 2^256 < 2 p. */
HT_FP_INLINE void ht_fp_mul_add(ht_fp *out, const ht_fp *a, const ht_fp *b, const ht_fp *c,
                                const ht_fp *d) {
    uint64_t t[4] = {0};
#pragma GCC unroll 4
    for (unsigned i = 0; i < 4; i++) {
        uint64_t high = ht_fp_add_row(t, a, b->limb[i]);
        high += ht_fp_add_row(t, c, d->limb[i]);
        ht_fp_montgomery_step(t, high);
    }
    ht_fp_reduce_once(out, t);
}

/* 9 a + b. The sum is below 10 p; the quotient guessed from its highest bits is right or one too
 * small, since p / 2^252 is 3.0245 and 84 / 256 a little under its inverse. */
HT_FP_INLINE void ht_fp_nine_plus(ht_fp *out, const ht_fp *a, const ht_fp *b) {
    static const ht_fp p = {{HT_FP_P0, HT_FP_P1, HT_FP_P2, HT_FP_P3}};
    uint64_t t[4] = {b->limb[0], b->limb[1], b->limb[2], b->limb[3]};
    uint64_t high = ht_fp_add_row(t, a, 9);
    uint64_t quotient = ((high << 4 | t[3] >> 60) * 84) >> 8;
    uint64_t q[4] = {0};
    (void)ht_fp_add_row(q, &p, quotient);
    unsigned char borrow = ht_fp_borrow(&t[0], 0, t[0], q[0]);
    borrow = ht_fp_borrow(&t[1], borrow, t[1], q[1]);
    borrow = ht_fp_borrow(&t[2], borrow, t[2], q[2]);
    (void)ht_fp_borrow(&t[3], borrow, t[3], q[3]);
    ht_fp_reduce_once(out, t);
}

#endif
