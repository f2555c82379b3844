/* The arithmetic of the EVM's words that node/base/u256.h does not have, and quick forms of what it
 * has: the machine works in place on its stack.
 *
 * All results are modulo 2^256; division by zero gives zero (Yellow Paper appendix H). Outputs may
 * be the same object as inputs. Cannot fail, do not allocate; not for secrets: time depends on
 * values. Any thread. */
#ifndef HT_EVM_WORD_H
#define HT_EVM_WORD_H

#include "node/base/u256.h"

__extension__ typedef unsigned __int128 ht_u128;

/* --- inline: what the machine's loop runs most ------------------------------------------------*/

/* a + b + *carry and a - b - *carry, where *carry is 0 or 1 before and after. */
static inline uint64_t ht_limb_add(uint64_t a, uint64_t b, unsigned char *carry) {
#if defined(__x86_64__)
    unsigned long long sum;
    *carry = __builtin_ia32_addcarryx_u64(*carry, a, b, &sum);
    return sum;
#else
    ht_u128 sum = (ht_u128)a + b + *carry;
    *carry = (unsigned char)(sum >> 64);
    return (uint64_t)sum;
#endif
}

static inline uint64_t ht_limb_sub(uint64_t a, uint64_t b, unsigned char *carry) {
#if defined(__x86_64__)
    unsigned long long difference;
#if defined(__clang__)
    *carry = __builtin_ia32_subborrow_u64(*carry, a, b, &difference);
#else
    *carry = __builtin_ia32_sbb_u64(*carry, a, b, &difference);
#endif
    return difference;
#else
    ht_u128 difference = (ht_u128)a - b - *carry;
    *carry = (unsigned char)(difference >> 64 & 1);
    return (uint64_t)difference;
#endif
}

/* ADD, SUB and MUL as ht_u256_add and its like have them. */
static inline void ht_word_add(ht_u256 *out, const ht_u256 *a, const ht_u256 *b) {
    unsigned char carry = 0;
    uint64_t l0 = ht_limb_add(a->limb[0], b->limb[0], &carry);
    uint64_t l1 = ht_limb_add(a->limb[1], b->limb[1], &carry);
    uint64_t l2 = ht_limb_add(a->limb[2], b->limb[2], &carry);
    uint64_t l3 = ht_limb_add(a->limb[3], b->limb[3], &carry);
    *out = (ht_u256){{l0, l1, l2, l3}};
}

static inline void ht_word_sub(ht_u256 *out, const ht_u256 *a, const ht_u256 *b) {
    unsigned char carry = 0;
    uint64_t l0 = ht_limb_sub(a->limb[0], b->limb[0], &carry);
    uint64_t l1 = ht_limb_sub(a->limb[1], b->limb[1], &carry);
    uint64_t l2 = ht_limb_sub(a->limb[2], b->limb[2], &carry);
    uint64_t l3 = ht_limb_sub(a->limb[3], b->limb[3], &carry);
    *out = (ht_u256){{l0, l1, l2, l3}};
}

/* Ten products, of which the last four only matter below 2^64. */
static inline void ht_word_mul(ht_u256 *out, const ht_u256 *a, const ht_u256 *b) {
    uint64_t a0 = a->limb[0];
    uint64_t a1 = a->limb[1];
    uint64_t a2 = a->limb[2];
    uint64_t b0 = b->limb[0];
    uint64_t b1 = b->limb[1];
    ht_u128 p = (ht_u128)a0 * b0;
    uint64_t l0 = (uint64_t)p;
    p = (p >> 64) + (ht_u128)a0 * b1;
    ht_u128 q = (ht_u128)a1 * b0 + (uint64_t)p;
    uint64_t l1 = (uint64_t)q;
    ht_u128 high = (p >> 64) + (q >> 64) + (ht_u128)a1 * b1;
    high += (ht_u128)a0 * b->limb[2];
    high += (ht_u128)a2 * b0;
    uint64_t l3 =
        (uint64_t)(high >> 64) + a0 * b->limb[3] + a1 * b->limb[2] + a2 * b1 + a->limb[3] * b0;
    *out = (ht_u256){{l0, l1, (uint64_t)high, l3}};
}

static inline bool ht_word_less(const ht_u256 *a, const ht_u256 *b) {
    unsigned char carry = 0;
    (void)ht_limb_sub(a->limb[0], b->limb[0], &carry);
    (void)ht_limb_sub(a->limb[1], b->limb[1], &carry);
    (void)ht_limb_sub(a->limb[2], b->limb[2], &carry);
    (void)ht_limb_sub(a->limb[3], b->limb[3], &carry);
    return carry != 0;
}

/* As two's complement. */
static inline bool ht_word_is_negative(const ht_u256 *a) {
    return a->limb[3] >> 63 != 0;
}

static inline bool ht_word_signed_less(const ht_u256 *a, const ht_u256 *b) {
    bool is_negative = ht_word_is_negative(a);
    return is_negative != ht_word_is_negative(b) ? is_negative : ht_word_less(a, b);
}

/* Unlike ht_u256_equal without a call. */
static inline bool ht_word_equal(const ht_u256 *a, const ht_u256 *b) {
    return ((a->limb[0] ^ b->limb[0]) | (a->limb[1] ^ b->limb[1]) | (a->limb[2] ^ b->limb[2]) |
            (a->limb[3] ^ b->limb[3])) == 0;
}

static inline void ht_word_and(ht_u256 *out, const ht_u256 *a, const ht_u256 *b) {
    *out = (ht_u256){{a->limb[0] & b->limb[0], a->limb[1] & b->limb[1], a->limb[2] & b->limb[2],
                      a->limb[3] & b->limb[3]}};
}

static inline void ht_word_or(ht_u256 *out, const ht_u256 *a, const ht_u256 *b) {
    *out = (ht_u256){{a->limb[0] | b->limb[0], a->limb[1] | b->limb[1], a->limb[2] | b->limb[2],
                      a->limb[3] | b->limb[3]}};
}

static inline void ht_word_xor(ht_u256 *out, const ht_u256 *a, const ht_u256 *b) {
    *out = (ht_u256){{a->limb[0] ^ b->limb[0], a->limb[1] ^ b->limb[1], a->limb[2] ^ b->limb[2],
                      a->limb[3] ^ b->limb[3]}};
}

static inline void ht_word_not(ht_u256 *out, const ht_u256 *a) {
    *out = (ht_u256){{~a->limb[0], ~a->limb[1], ~a->limb[2], ~a->limb[3]}};
}

/* To and from 32 bytes big-endian, as memory, storage and call data have words. */
static inline uint64_t ht_limb_load(const uint8_t big_endian[static 8]) {
    uint64_t limb;
    memcpy(&limb, big_endian, sizeof limb);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    limb = __builtin_bswap64(limb);
#endif
    return limb;
}

static inline void ht_limb_store(uint8_t big_endian[static 8], uint64_t limb) {
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    limb = __builtin_bswap64(limb);
#endif
    memcpy(big_endian, &limb, sizeof limb);
}

static inline void ht_word_load(ht_u256 *out, const uint8_t big_endian[static 32]) {
    *out = (ht_u256){{ht_limb_load(big_endian + 24), ht_limb_load(big_endian + 16),
                      ht_limb_load(big_endian + 8), ht_limb_load(big_endian)}};
}

static inline void ht_word_store(uint8_t big_endian[static 32], const ht_u256 *a) {
    ht_limb_store(big_endian, a->limb[3]);
    ht_limb_store(big_endian + 8, a->limb[2]);
    ht_limb_store(big_endian + 16, a->limb[1]);
    ht_limb_store(big_endian + 24, a->limb[0]);
}

/* SHL and SHR: by two limbs, by one, by bits, all in registers. */
static inline void ht_word_shl(ht_u256 *out, const ht_u256 *places, const ht_u256 *value) {
    uint64_t n = places->limb[0];
    if (!ht_u256_is_u64(places) || n > 255) {
        *out = ht_u256_of(0);
        return;
    }
    ht_u256 v = *value;
    if ((n & 128) != 0) v = (ht_u256){{0, 0, v.limb[0], v.limb[1]}};
    if ((n & 64) != 0) v = (ht_u256){{0, v.limb[0], v.limb[1], v.limb[2]}};
    unsigned bits = n % 64;
    unsigned rest = 63 - bits;
    /* A shift by 64 is not defined: in two steps. */
    *out = (ht_u256){{v.limb[0] << bits, v.limb[1] << bits | v.limb[0] >> 1 >> rest,
                      v.limb[2] << bits | v.limb[1] >> 1 >> rest,
                      v.limb[3] << bits | v.limb[2] >> 1 >> rest}};
}

static inline void ht_word_shr(ht_u256 *out, const ht_u256 *places, const ht_u256 *value) {
    uint64_t n = places->limb[0];
    if (!ht_u256_is_u64(places) || n > 255) {
        *out = ht_u256_of(0);
        return;
    }
    ht_u256 v = *value;
    if ((n & 128) != 0) v = (ht_u256){{v.limb[2], v.limb[3], 0, 0}};
    if ((n & 64) != 0) v = (ht_u256){{v.limb[1], v.limb[2], v.limb[3], 0}};
    unsigned bits = n % 64;
    unsigned rest = 63 - bits;
    *out = (ht_u256){{v.limb[0] >> bits | v.limb[1] << 1 << rest,
                      v.limb[1] >> bits | v.limb[2] << 1 << rest,
                      v.limb[2] >> bits | v.limb[3] << 1 << rest, v.limb[3] >> bits}};
}

/* BYTE: byte `index`, 0 being the highest. */
static inline void ht_word_byte(ht_u256 *out, const ht_u256 *index, const ht_u256 *value) {
    uint64_t place = 31 - index->limb[0];
    bool is_inside = ht_u256_is_u64(index) && index->limb[0] < 32;
    *out = ht_u256_of(is_inside ? value->limb[place / 8] >> 8 * (place % 8) & 0xff : 0);
}

/* Leading zero bits, 256 of zero (EIP-7939). */
static inline unsigned ht_word_clz(const ht_u256 *a) {
    for (unsigned i = 4; i-- > 0;) {
        if (a->limb[i] != 0) return 64 * (3 - i) + (unsigned)__builtin_clzll(a->limb[i]);
    }
    return 256;
}

/* --- word.c -----------------------------------------------------------------------------------*/

void ht_word_div(ht_u256 *out, const ht_u256 *a, const ht_u256 *b);
void ht_word_mod(ht_u256 *out, const ht_u256 *a, const ht_u256 *b);
/* Rounds towards zero; -2^255 / -1 is -2^255. */
void ht_word_sdiv(ht_u256 *out, const ht_u256 *a, const ht_u256 *b);
/* Has the sign of a. */
void ht_word_smod(ht_u256 *out, const ht_u256 *a, const ht_u256 *b);
/* Sum and product are not cut to 256 bits before the division. */
void ht_word_addmod(ht_u256 *out, const ht_u256 *a, const ht_u256 *b, const ht_u256 *modulus);
void ht_word_mulmod(ht_u256 *out, const ht_u256 *a, const ht_u256 *b, const ht_u256 *modulus);
/* 0 to the power of 0 is 1. */
void ht_word_exp(ht_u256 *out, const ht_u256 *base, const ht_u256 *exponent);
/* SIGNEXTEND: value's byte `index` (0 is the lowest) holds the sign. */
void ht_word_sign_extend(ht_u256 *out, const ht_u256 *index, const ht_u256 *value);
/* Moves to the right and fills with the sign. */
void ht_word_sar(ht_u256 *out, const ht_u256 *places, const ht_u256 *value);

#endif
