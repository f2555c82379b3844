/* Numbers for a second machine that is slow and obvious: bit by bit and byte by byte, with nothing
 * of node/evm/word.h in them. */
#ifndef HT_TESTS_FUZZ_SLOW_NUMBER_H
#define HT_TESTS_FUZZ_SLOW_NUMBER_H

#include "node/base/bytes.h"

/* Of 512 bits, lowest byte first. */
struct number {
    uint8_t b[64];
};

/* As on the stack: highest byte first. */
struct word {
    uint8_t b[32];
};

static inline struct number number_of(const struct word *word) {
    struct number out = {{0}};
    for (size_t i = 0; i < 32; i++) out.b[i] = word->b[31 - i];
    return out;
}

static inline struct word word_of(const struct number *number) {
    struct word out;
    for (size_t i = 0; i < 32; i++) out.b[31 - i] = number->b[i];
    return out;
}

static inline struct word small(uint64_t value) {
    struct word out = {{0}};
    for (size_t i = 0; i < 8; i++) out.b[31 - i] = (uint8_t)(value >> (8 * i));
    return out;
}

static inline bool bit_of(const struct number *a, size_t i) {
    return (a->b[i / 8] >> (i % 8) & 1) != 0;
}

static inline void put_bit(struct number *a, size_t i, bool bit) {
    a->b[i / 8] = (uint8_t)((a->b[i / 8] & ~(1U << (i % 8))) | (unsigned)bit << (i % 8));
}

static inline void add(struct number *a, const struct number *b) {
    unsigned carry = 0;
    for (size_t i = 0; i < 64; i++) {
        carry += (unsigned)a->b[i] + b->b[i];
        a->b[i] = (uint8_t)carry;
        carry >>= 8;
    }
}

static inline void negate(struct number *a) {
    struct number one = {{1}};
    for (size_t i = 0; i < 64; i++) a->b[i] = (uint8_t)~a->b[i];
    add(a, &one);
}

static inline void move_up(struct number *a, bool lowest) {
    unsigned carry = lowest;
    for (size_t i = 0; i < 64; i++) {
        carry |= (unsigned)a->b[i] << 1;
        a->b[i] = (uint8_t)carry;
        carry >>= 8;
    }
}

static inline bool is_less(const struct number *a, const struct number *b) {
    for (size_t i = 64; i-- > 0;) {
        if (a->b[i] != b->b[i]) return a->b[i] < b->b[i];
    }
    return false;
}

static inline bool is_zero(const struct number *a) {
    static const struct number zero;
    return memcmp(a, &zero, sizeof zero) == 0;
}

static inline struct number product(const struct number *a, const struct number *b) {
    struct number out = {{0}};
    for (size_t i = 256; i-- > 0;) {
        move_up(&out, false);
        if (bit_of(b, i)) add(&out, a);
    }
    return out;
}

/* Leaves the remainder in a; by zero, both are zero. */
static inline struct number divide(struct number *a, const struct number *b) {
    struct number quotient = {{0}}, rest = {{0}}, minus = *b;
    negate(&minus);
    for (size_t i = is_zero(b) ? 0 : 512; i-- > 0;) {
        move_up(&rest, bit_of(a, i));
        bool fits = !is_less(&rest, b);
        put_bit(&quotient, i, fits);
        if (fits) add(&rest, &minus);
    }
    *a = rest;
    return quotient;
}

/* The magnitude of two's complement of 256 bits. */
static inline bool take_sign(struct number *a) {
    bool is_negative = bit_of(a, 255);
    for (size_t i = 256; i < 512; i++) put_bit(a, i, is_negative);
    if (is_negative) negate(a);
    return is_negative;
}

static inline struct number signed_division(struct number a, struct number b, bool is_modulo) {
    bool is_a_negative = take_sign(&a);
    bool is_b_negative = take_sign(&b);
    struct number quotient = divide(&a, &b);
    struct number out = is_modulo ? a : quotient;
    if (is_modulo ? is_a_negative : is_a_negative != is_b_negative) negate(&out);
    return out;
}

static inline struct number power(const struct number *base, const struct number *exponent) {
    struct number out = {{1}};
    size_t i = 256;
    while (i > 0 && !bit_of(exponent, i - 1)) i--;
    while (i-- > 0) {
        out = product(&out, &out);
        memset(out.b + 32, 0, 32);
        if (bit_of(exponent, i)) out = product(&out, base);
        memset(out.b + 32, 0, 32);
    }
    return out;
}

/* At most `max`, which is what more counts as. */
static inline uint64_t bounded(const struct word *word, uint64_t max) {
    uint64_t out = 0;
    for (size_t i = 0; i < 32; i++) {
        if (out > max >> 8) return max;
        out = out << 8 | word->b[i];
    }
    return out < max ? out : max;
}

static inline struct number moved(const struct number *value, size_t by, bool is_up, bool fill) {
    struct number out = {{0}};
    for (size_t i = 0; i < 256; i++) {
        bool is_inside = is_up ? i >= by : i + by < 256;
        put_bit(&out, i, is_inside ? bit_of(value, is_up ? i - by : i + by) : !is_up && fill);
    }
    return out;
}

static inline bool is_signed_less(const struct number *a, const struct number *b) {
    bool is_negative = bit_of(a, 255);
    return is_negative != bit_of(b, 255) ? is_negative : is_less(a, b);
}

static inline struct number extended(struct number value, uint64_t index) {
    for (size_t i = 8 * index + 8; index < 32 && i < 256; i++) {
        put_bit(&value, i, bit_of(&value, 8 * index + 7));
    }
    return value;
}

#endif
