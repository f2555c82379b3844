/* Division and what is built from it, powers, and the rarer operations on words.
 *
 * Division is Knuth's algorithm D (TAOCP 4.3.1) with 64-bit limbs, each quotient limb estimated
 * from the top three limbs of the dividend and two of the divisor with a reciprocal instead of a
 * division (Möller and Granlund, Improved division by invariant integers, 2011). */
#include "node/evm/word.h"

#define INLINE inline __attribute__((always_inline))

static const ht_u256 zero;

/* --- limbs ------------------------------------------------------------------------------------*/

/* The quotient of high:low by divisor, where high < divisor: fits a limb. */
static INLINE uint64_t divide_two_limbs(uint64_t high, uint64_t low, uint64_t divisor) {
#if defined(__x86_64__)
    /* For the compilers this is a call of a general division of 128 bits. */
    __asm__("divq %2" : "+a"(low), "+d"(high) : "r"(divisor) : "cc");
    return low;
#else
    return (uint64_t)(((ht_u128)high << 64 | low) / divisor);
#endif
}

/* floor((2^128 - 1) / divisor) - 2^64, the top bit of divisor being set. */
static INLINE uint64_t reciprocal_of(uint64_t divisor) {
    return divide_two_limbs(~divisor, UINT64_MAX, divisor);
}

/* floor((2^192 - 1) / (d1:d0)) - 2^64, the top bit of d1 being set (algorithm 6). */
static INLINE uint64_t reciprocal_of_two(uint64_t d1, uint64_t d0) {
    uint64_t v = reciprocal_of(d1);
    uint64_t p = d1 * v + d0;
    if (p < d0) {
        v--;
        if (p >= d1) {
            v--;
            p -= d1;
        }
        p -= d1;
    }
    ht_u128 t = (ht_u128)v * d0;
    uint64_t t1 = (uint64_t)(t >> 64);
    p += t1;
    if (p < t1) {
        v--;
        if (((ht_u128)p << 64 | (uint64_t)t) >= ((ht_u128)d1 << 64 | d0)) v--;
    }
    return v;
}

/* Quotient and *rest of *rest:low by a normalised divisor with its reciprocal (algorithm 4). */
static INLINE uint64_t divide_step(uint64_t *rest, uint64_t low, uint64_t divisor,
                                   uint64_t reciprocal) {
    ht_u128 q = (ht_u128)reciprocal * *rest + ((ht_u128)*rest << 64 | low);
    uint64_t q1 = (uint64_t)(q >> 64) + 1;
    uint64_t r = low - q1 * divisor;
    if (r > (uint64_t)q) {
        q1--;
        r += divisor;
    }
    if (__builtin_expect(r >= divisor, 0)) {
        q1++;
        r -= divisor;
    }
    *rest = r;
    return q1;
}

/* Quotient and *rest of u2:u1:u0 by d (two limbs, normalised), where u2:u1 < d (algorithm 5). */
static INLINE uint64_t divide_three(ht_u128 *rest, uint64_t u2, uint64_t u1, uint64_t u0, ht_u128 d,
                                    uint64_t reciprocal) {
    ht_u128 q = (ht_u128)reciprocal * u2 + ((ht_u128)u2 << 64 | u1);
    uint64_t q1 = (uint64_t)(q >> 64);
    uint64_t r1 = u1 - q1 * (uint64_t)(d >> 64);
    ht_u128 r = ((ht_u128)r1 << 64 | u0) - (ht_u128)(uint64_t)d * q1 - d;
    q1++;
    if ((uint64_t)(r >> 64) >= (uint64_t)q) {
        q1--;
        r += d;
    }
    if (__builtin_expect(r >= d, 0)) {
        q1++;
        r -= d;
    }
    *rest = r;
    return q1;
}

/* --- many limbs -------------------------------------------------------------------------------*/

/* u -= factor * v over n limbs; returns what has to come off the limb above. */
static INLINE uint64_t subtract_multiple(uint64_t *u, const uint64_t *v, size_t n,
                                         uint64_t factor) {
    uint64_t take = 0;
    for (size_t i = 0; i < n; i++) {
        ht_u128 product = (ht_u128)factor * v[i] + take;
        uint64_t low = (uint64_t)product;
        take = (uint64_t)(product >> 64) + (u[i] < low);
        u[i] -= low;
    }
    return take;
}

static INLINE uint64_t add_back(uint64_t *u, const uint64_t *v, size_t n) {
    unsigned char carry = 0;
    for (size_t i = 0; i < n; i++) u[i] = ht_limb_add(u[i], v[i], &carry);
    return carry;
}

/* One quotient limb: takes its multiple of v (n limbs, normalised) off u (n + 1 limbs). */
static INLINE uint64_t quotient_limb(uint64_t *u, const uint64_t *v, size_t n,
                                     uint64_t reciprocal) {
    ht_u128 d = (ht_u128)v[n - 1] << 64 | v[n - 2];
    if (__builtin_expect(u[n] == v[n - 1] && u[n - 1] == v[n - 2], 0)) {
        /* The limb is full, and exact: what lies below the top two cannot outweigh v. */
        u[n] -= subtract_multiple(u, v, n, UINT64_MAX);
        return UINT64_MAX;
    }
    ht_u128 rest;
    uint64_t q = divide_three(&rest, u[n], u[n - 1], u[n - 2], d, reciprocal);
    uint64_t take = subtract_multiple(u, v, n - 2, q);
    bool is_high = rest < take;
    rest -= take;
    if (__builtin_expect(is_high, 0)) {
        q--;
        rest += d + add_back(u, v, n - 2);
    }
    u[n - 2] = (uint64_t)rest;
    u[n - 1] = (uint64_t)(rest >> 64);
    u[n] = 0;
    return q;
}

static INLINE void divide_long(uint64_t *quotient, uint64_t *u, size_t count, const uint64_t *v,
                               size_t n) {
    uint64_t reciprocal = reciprocal_of_two(v[n - 1], v[n - 2]);
    for (size_t i = count - n + 1; i-- > 0;) {
        quotient[i] = quotient_limb(u + i, v, n, reciprocal);
    }
}

/* Divisor of one limb, normalised; u has count + 1 limbs and keeps the remainder. */
static void divide_short(uint64_t *quotient, uint64_t *u, size_t count, uint64_t divisor) {
    uint64_t reciprocal = reciprocal_of(divisor);
    uint64_t rest = u[count];
    for (size_t i = count; i-- > 0;) {
        quotient[i] = divide_step(&rest, u[i], divisor, reciprocal);
        u[i] = 0;
    }
    u[count] = 0;
    u[0] = rest;
}

/* Divides in place: u has count limbs (at most 8) and room for one more, and keeps the remainder in
 * its lowest four; quotient gets count limbs and was zero. v is not zero. */
static void divide(uint64_t *quotient, uint64_t *u, size_t count, const ht_u256 *v) {
    size_t n = 4;
    while (v->limb[n - 1] == 0) n--;
    while (count > 0 && u[count - 1] == 0) count--;
    if (count < n) return;
    unsigned bits = (unsigned)__builtin_clzll(v->limb[n - 1]);
    uint64_t divisor[4] = {0};
    /* A shift by 64 is not defined: in two steps. */
    for (size_t i = n; i-- > 0;) {
        uint64_t below = i > 0 ? v->limb[i - 1] : 0;
        divisor[i] = v->limb[i] << bits | below >> 1 >> (63 - bits);
    }
    u[count] = u[count - 1] >> 1 >> (63 - bits);
    for (size_t i = count; i-- > 0;) {
        uint64_t below = i > 0 ? u[i - 1] : 0;
        u[i] = u[i] << bits | below >> 1 >> (63 - bits);
    }
    /* With n known the loops over limbs are unrolled. */
    switch (n) {
    case 1: divide_short(quotient, u, count, divisor[0]); break;
    case 2: divide_long(quotient, u, count, divisor, 2); break;
    case 3: divide_long(quotient, u, count, divisor, 3); break;
    default: divide_long(quotient, u, count, divisor, 4); break;
    }
    for (size_t i = 0; i < 4; i++) u[i] = u[i] >> bits | u[i + 1] << 1 << (63 - bits);
}

/* hi:lo moved left by fewer than 64 places: the upper limb. By 64 is not defined: in two steps. */
static INLINE uint64_t moved_up(uint64_t hi, uint64_t lo, unsigned bits) {
    return hi << bits | lo >> 1 >> (63 - bits);
}

/* The remainder of count >= 4 limbs by a modulus of four. All that a step of the division works on
 * stands in registers, which is what makes it faster than divide. */
static void reduce_by_four(ht_u256 *out, const uint64_t *u, size_t count, const ht_u256 *modulus) {
    const uint64_t *m = modulus->limb;
    unsigned bits = (unsigned)__builtin_clzll(m[3]);
    uint64_t d3 = moved_up(m[3], m[2], bits), d2 = moved_up(m[2], m[1], bits);
    uint64_t d1 = moved_up(m[1], m[0], bits), d0 = m[0] << bits;
    ht_u128 d = (ht_u128)d3 << 64 | d2, low = (ht_u128)d1 << 64 | d0;
    uint64_t reciprocal = reciprocal_of_two(d3, d2);
    uint64_t r3 = moved_up(0, u[count - 1], bits);
    uint64_t r2 = moved_up(u[count - 1], u[count - 2], bits);
    uint64_t r1 = moved_up(u[count - 2], u[count - 3], bits);
    uint64_t r0 = moved_up(u[count - 3], u[count - 4], bits);
    for (size_t i = count - 3; i-- > 0;) {
        uint64_t next = moved_up(u[i], i > 0 ? u[i - 1] : 0, bits);
        ht_u128 rest = 0, below = (ht_u128)r0 << 64 | next;
        uint64_t q = UINT64_MAX, full = 0;
        if (__builtin_expect(r3 == d3 && r2 == d2, 0)) {
            /* The limb is full: q * d leaves r1 + d2 of two limbs and what is above them. */
            rest = (ht_u128)d3 << 64 | r1;
            full = (uint64_t)(rest + d2 < rest);
            rest += d2;
        } else {
            q = divide_three(&rest, r3, r2, r1, d, reciprocal);
        }
        ht_u128 product = (ht_u128)q * d0;
        ht_u128 upper = (ht_u128)q * d1 + (uint64_t)(product >> 64);
        ht_u128 take = upper << 64 | (uint64_t)product;
        uint64_t over = (uint64_t)(upper >> 64);
        uint64_t borrow = (uint64_t)(below < take);
        below -= take;
        bool is_high = full == 0 && rest < (ht_u128)over + borrow;
        rest -= (ht_u128)over + borrow;
        if (__builtin_expect(is_high, 0)) {
            below += low;
            rest += d + (below < low);
        }
        r3 = (uint64_t)(rest >> 64);
        r2 = (uint64_t)rest;
        r1 = (uint64_t)(below >> 64);
        r0 = (uint64_t)below;
    }
    *out = (ht_u256){{r0 >> bits | r1 << 1 << (63 - bits), r1 >> bits | r2 << 1 << (63 - bits),
                      r2 >> bits | r3 << 1 << (63 - bits), r3 >> bits}};
}

/* The remainder of count limbs, of which u has one more. */
static void reduce(ht_u256 *out, uint64_t *u, size_t count, const ht_u256 *modulus) {
    if (modulus->limb[3] != 0) {
        while (count > 4 && u[count - 1] == 0) count--;
        reduce_by_four(out, u, count, modulus);
        return;
    }
    uint64_t quotient[8];
    divide(quotient, u, count, modulus);
    *out = (ht_u256){{u[0], u[1], u[2], u[3]}};
}

/* --- division ---------------------------------------------------------------------------------*/

void ht_word_div(ht_u256 *out, const ht_u256 *a, const ht_u256 *b) {
    if (ht_u256_is_u64(b) && (ht_u256_is_u64(a) || b->limb[0] == 0)) {
        *out = ht_u256_of(b->limb[0] == 0 ? 0 : a->limb[0] / b->limb[0]);
        return;
    }
    uint64_t u[5] = {a->limb[0], a->limb[1], a->limb[2], a->limb[3], 0};
    uint64_t quotient[4] = {0};
    divide(quotient, u, 4, b);
    *out = (ht_u256){{quotient[0], quotient[1], quotient[2], quotient[3]}};
}

void ht_word_mod(ht_u256 *out, const ht_u256 *a, const ht_u256 *b) {
    if (ht_u256_is_u64(b) && (ht_u256_is_u64(a) || b->limb[0] == 0)) {
        *out = ht_u256_of(b->limb[0] == 0 ? 0 : a->limb[0] % b->limb[0]);
        return;
    }
    uint64_t u[5] = {a->limb[0], a->limb[1], a->limb[2], a->limb[3], 0};
    reduce(out, u, 4, b);
}

static ht_u256 absolute(const ht_u256 *a) {
    ht_u256 value = *a;
    if (ht_word_is_negative(a)) ht_word_sub(&value, &zero, a);
    return value;
}

void ht_word_sdiv(ht_u256 *out, const ht_u256 *a, const ht_u256 *b) {
    bool is_negative = ht_word_is_negative(a) != ht_word_is_negative(b);
    ht_u256 dividend = absolute(a);
    ht_u256 divisor = absolute(b);
    ht_word_div(out, &dividend, &divisor);
    if (is_negative) ht_word_sub(out, &zero, out);
}

void ht_word_smod(ht_u256 *out, const ht_u256 *a, const ht_u256 *b) {
    bool is_negative = ht_word_is_negative(a);
    ht_u256 dividend = absolute(a);
    ht_u256 divisor = absolute(b);
    ht_word_mod(out, &dividend, &divisor);
    if (is_negative) ht_word_sub(out, &zero, out);
}

/* --- modular ----------------------------------------------------------------------------------*/

/* a less m when that is not negative: the remainder of a number below 2m, `carry` standing above
 * its limbs. Chosen by masks: which it is, no branch predictor can know. */
static INLINE void take_off_once(ht_u256 *a, unsigned char carry, const ht_u256 *m) {
    unsigned char borrow = 0;
    uint64_t l0 = ht_limb_sub(a->limb[0], m->limb[0], &borrow);
    uint64_t l1 = ht_limb_sub(a->limb[1], m->limb[1], &borrow);
    uint64_t l2 = ht_limb_sub(a->limb[2], m->limb[2], &borrow);
    uint64_t l3 = ht_limb_sub(a->limb[3], m->limb[3], &borrow);
    uint64_t keep = (uint64_t)0 - (uint64_t)(carry < borrow);
    *a = (ht_u256){{(a->limb[0] & keep) | (l0 & ~keep), (a->limb[1] & keep) | (l1 & ~keep),
                    (a->limb[2] & keep) | (l2 & ~keep), (a->limb[3] & keep) | (l3 & ~keep)}};
}

void ht_word_addmod(ht_u256 *out, const ht_u256 *a, const ht_u256 *b, const ht_u256 *modulus) {
    ht_u256 m = *modulus;
    ht_u256 x = *a;
    ht_u256 y = *b;
    uint64_t top = m.limb[3];
    /* Then both are below 2m: (top + 1) * 2^192 <= 2 * top * 2^192. */
    bool is_near = top != 0 && x.limb[3] <= top && y.limb[3] <= top;
    if (is_near) {
        take_off_once(&x, 0, &m);
        take_off_once(&y, 0, &m);
    } else if (ht_u256_is_zero(&m)) {
        *out = zero;
        return;
    }
    unsigned char carry = 0;
    uint64_t l0 = ht_limb_add(x.limb[0], y.limb[0], &carry);
    uint64_t l1 = ht_limb_add(x.limb[1], y.limb[1], &carry);
    uint64_t l2 = ht_limb_add(x.limb[2], y.limb[2], &carry);
    uint64_t l3 = ht_limb_add(x.limb[3], y.limb[3], &carry);
    if (is_near) {
        x = (ht_u256){{l0, l1, l2, l3}};
        take_off_once(&x, carry, &m);
        *out = x;
        return;
    }
    uint64_t sum[6] = {l0, l1, l2, l3, carry, 0};
    reduce(out, sum, 5, &m);
}

/* row += factor * b over four limbs; returns the fifth. */
static INLINE uint64_t add_row(uint64_t *row, uint64_t factor, const ht_u256 *b) {
    ht_u128 sum = (ht_u128)factor * b->limb[0] + row[0];
    row[0] = (uint64_t)sum;
    sum = (ht_u128)factor * b->limb[1] + row[1] + (uint64_t)(sum >> 64);
    row[1] = (uint64_t)sum;
    sum = (ht_u128)factor * b->limb[2] + row[2] + (uint64_t)(sum >> 64);
    row[2] = (uint64_t)sum;
    sum = (ht_u128)factor * b->limb[3] + row[3] + (uint64_t)(sum >> 64);
    row[3] = (uint64_t)sum;
    return (uint64_t)(sum >> 64);
}

/* The whole product, in nine limbs of which the last is zero. */
static INLINE void multiply(uint64_t product[static 9], const ht_u256 *a, const ht_u256 *b) {
    memset(product, 0, 9 * sizeof *product);
    product[4] = add_row(product, a->limb[0], b);
    product[5] = add_row(product + 1, a->limb[1], b);
    product[6] = add_row(product + 2, a->limb[2], b);
    product[7] = add_row(product + 3, a->limb[3], b);
}

void ht_word_mulmod(ht_u256 *out, const ht_u256 *a, const ht_u256 *b, const ht_u256 *modulus) {
    if (ht_u256_is_zero(modulus)) {
        *out = zero;
        return;
    }
    uint64_t product[9];
    multiply(product, a, b);
    reduce(out, product, 8, modulus);
}

/* --- powers and signs -------------------------------------------------------------------------*/

static bool bit_at(const ht_u256 *a, unsigned bit) {
    return (a->limb[bit / 64] >> bit % 64 & 1) != 0;
}

/* A power of a power of two: one bit, moved. */
static void exp_of_bit(ht_u256 *out, unsigned bit, const ht_u256 *exponent) {
    ht_u256 one = ht_u256_of(1);
    ht_u256 places = ht_u256_of(256);
    if (ht_u256_is_u64(exponent) && exponent->limb[0] < 256) {
        places = ht_u256_of(bit * exponent->limb[0]);
    } else if (bit == 0) {
        places = zero;
    }
    ht_word_shl(out, &places, &one);
}

void ht_word_exp(ht_u256 *out, const ht_u256 *base, const ht_u256 *exponent) {
    ht_u256 factor = *base;
    unsigned bits = 256 - ht_word_clz(&factor);
    ht_u256 one = ht_u256_of(1);
    ht_u256 less;
    ht_word_sub(&less, &factor, &one);
    ht_word_and(&less, &less, &factor);
    if (bits > 0 && ht_u256_is_zero(&less)) {
        exp_of_bit(out, bits - 1, exponent);
        return;
    }
    ht_u256 result = one;
    ht_u256 power = *exponent;
    for (unsigned i = 256 - ht_word_clz(&power); i-- > 0;) {
        ht_word_mul(&result, &result, &result);
        if (bit_at(&power, i)) ht_word_mul(&result, &result, &factor);
    }
    *out = result;
}

void ht_word_sign_extend(ht_u256 *out, const ht_u256 *index, const ht_u256 *value) {
    if (!ht_u256_is_u64(index) || index->limb[0] > 30) {
        *out = *value;
        return;
    }
    unsigned sign = 8 * (unsigned)index->limb[0] + 7;
    ht_u256 above = ht_u256_of(sign + 1);
    ht_u256 mask;
    ht_word_not(&mask, &zero);
    bool is_negative = bit_at(value, sign);
    ht_word_shl(&mask, &above, &mask);
    if (is_negative) {
        ht_word_or(out, value, &mask);
    } else {
        ht_word_not(&mask, &mask);
        ht_word_and(out, value, &mask);
    }
}

void ht_word_sar(ht_u256 *out, const ht_u256 *places, const ht_u256 *value) {
    if (!ht_word_is_negative(value)) {
        ht_word_shr(out, places, value);
        return;
    }
    /* What comes in from the left are ones: zeros, in the complement. */
    ht_u256 flipped;
    ht_word_not(&flipped, value);
    ht_word_shr(&flipped, places, &flipped);
    ht_word_not(out, &flipped);
}
