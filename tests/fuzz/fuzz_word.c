/* The EVM's arithmetic against a second, slow one that works bit by bit: the first byte chooses the
 * operation, three words follow, short input being followed by zeros. */
#include <stdlib.h>

#include "node/evm/word.h"

#define BITS 512U

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* A number of 512 bits, lowest first. */
struct number {
    bool bit[BITS];
};

static void must(bool claim) {
    if (!claim) abort();
}

static struct number number_of(const ht_u256 *a) {
    struct number out = {{false}};
    for (size_t i = 0; i < 256; i++) out.bit[i] = (a->limb[i / 64] >> (i % 64) & 1) != 0;
    return out;
}

static ht_u256 word_of(const struct number *a) {
    ht_u256 out = {{0}};
    for (size_t i = 0; i < 256; i++) out.limb[i / 64] |= (uint64_t)a->bit[i] << (i % 64);
    return out;
}

/* How many bits it has. */
static size_t length_of(const struct number *a) {
    size_t n = BITS;
    while (n > 0 && !a->bit[n - 1]) n--;
    return n;
}

static void add(struct number *a, const struct number *b) {
    unsigned carry = 0;
    for (size_t i = 0; i < BITS; i++) {
        carry += (unsigned)a->bit[i] + b->bit[i];
        a->bit[i] = (carry & 1) != 0;
        carry >>= 1;
    }
}

static void negate(struct number *a) {
    struct number one = {{true}};
    for (size_t i = 0; i < BITS; i++) a->bit[i] = !a->bit[i];
    add(a, &one);
}

static void move_up(struct number *a, bool lowest) {
    for (size_t i = BITS; i-- > 1;) a->bit[i] = a->bit[i - 1];
    a->bit[0] = lowest;
}

static void multiply(struct number *a, const struct number *b) {
    struct number product = {{false}};
    for (size_t i = length_of(b); i-- > 0;) {
        move_up(&product, false);
        if (b->bit[i]) add(&product, a);
    }
    *a = product;
}

static bool less(const struct number *a, const struct number *b) {
    for (size_t i = BITS; i-- > 0;) {
        if (a->bit[i] != b->bit[i]) return b->bit[i];
    }
    return false;
}

/* Leaves the remainder in a; zero by zero. */
static struct number divide(struct number *a, const struct number *b) {
    struct number quotient = {{false}};
    struct number rest = {{false}};
    struct number minus = *b;
    negate(&minus);
    for (size_t i = length_of(b) == 0 ? 0 : length_of(a); i-- > 0;) {
        move_up(&rest, a->bit[i]);
        quotient.bit[i] = !less(&rest, b);
        if (quotient.bit[i]) add(&rest, &minus);
    }
    *a = rest;
    return quotient;
}

/* The magnitude of two's complement of 256 bits. */
static bool take_sign(struct number *a) {
    bool is_negative = a->bit[255];
    for (size_t i = 256; i < BITS; i++) a->bit[i] = is_negative;
    if (is_negative) negate(a);
    return is_negative;
}

static ht_u256 signed_division(struct number a, struct number b, bool is_modulo) {
    bool is_a_negative = take_sign(&a);
    bool is_b_negative = take_sign(&b);
    struct number quotient = divide(&a, &b);
    struct number out = is_modulo ? a : quotient;
    if (is_modulo ? is_a_negative : is_a_negative != is_b_negative) negate(&out);
    return word_of(&out);
}

static ht_u256 modular(struct number a, const struct number *b, const struct number *m,
                       bool is_product) {
    if (is_product) {
        multiply(&a, b);
    } else {
        add(&a, b);
    }
    (void)divide(&a, m);
    return word_of(&a);
}

/* From the lowest bit of the exponent up; by words, for bit by bit it would take a second. */
static ht_u256 power(const ht_u256 *base, const struct number *exponent) {
    ht_u256 out = ht_u256_of(1);
    ht_u256 square = *base;
    for (size_t i = 0; i < 256; i++) {
        if (exponent->bit[i]) ht_word_mul(&out, &out, &square);
        ht_word_mul(&square, &square, &square);
    }
    return out;
}

/* places above 255 move everything out; `fill` comes in from the left. */
static ht_u256 moved(const struct number *value, const ht_u256 *places, bool is_left, bool fill) {
    struct number out = {{false}};
    size_t by = ht_u256_is_u64(places) && places->limb[0] < 256 ? (size_t)places->limb[0] : 256;
    for (size_t i = 0; i < 256; i++) {
        if (is_left) {
            out.bit[i] = i >= by && value->bit[i - by];
        } else {
            out.bit[i] = i + by < 256 ? value->bit[i + by] : fill;
        }
    }
    return word_of(&out);
}

static ht_u256 byte_at(const struct number *value, const ht_u256 *index) {
    struct number out = {{false}};
    bool is_inside = ht_u256_is_u64(index) && index->limb[0] < 32;
    for (size_t i = 0; i < 8 && is_inside; i++) {
        out.bit[i] = value->bit[8 * (31 - index->limb[0]) + i];
    }
    return word_of(&out);
}

static ht_u256 sign_extended(struct number value, const ht_u256 *index) {
    bool is_inside = ht_u256_is_u64(index) && index->limb[0] < 32;
    size_t sign = is_inside ? 8 * (size_t)index->limb[0] + 7 : 255;
    for (size_t i = sign; i < 256; i++) value.bit[i] = value.bit[sign];
    return word_of(&value);
}

static void same(const ht_u256 *a, const ht_u256 *b) {
    must(ht_u256_equal(a, b));
}

static void judge_plain(unsigned operation, const ht_u256 *a, const ht_u256 *b) {
    struct number x = number_of(a);
    struct number y = number_of(b);
    struct number rest = x;
    ht_u256 got = *a;
    ht_u256 want = got;
    switch (operation) {
    case 0:
        add(&x, &y);
        want = word_of(&x);
        ht_word_add(&got, a, b);
        break;
    case 1:
        negate(&y);
        add(&x, &y);
        want = word_of(&x);
        ht_word_sub(&got, a, b);
        break;
    case 2:
        multiply(&x, &y);
        want = word_of(&x);
        ht_word_mul(&got, a, b);
        break;
    case 3:
        x = divide(&rest, &y);
        want = word_of(&x);
        ht_word_div(&got, a, b);
        break;
    case 4:
        (void)divide(&rest, &y);
        want = word_of(&rest);
        ht_word_mod(&got, a, b);
        break;
    default: must(ht_word_less(a, b) == less(&x, &y)); return;
    }
    same(&got, &want);
}

static void judge_rest(unsigned operation, const ht_u256 *a, const ht_u256 *b, const ht_u256 *m) {
    struct number x = number_of(a);
    struct number y = number_of(b);
    struct number z = number_of(m);
    ht_u256 got;
    ht_u256 want;
    switch (operation) {
    case 6: ht_word_sdiv(&got, a, b), want = signed_division(x, y, false); break;
    case 7: ht_word_smod(&got, a, b), want = signed_division(x, y, true); break;
    case 8: ht_word_addmod(&got, a, b, m), want = modular(x, &y, &z, false); break;
    case 9: ht_word_mulmod(&got, a, b, m), want = modular(x, &y, &z, true); break;
    case 10: ht_word_exp(&got, a, b), want = power(a, &y); break;
    case 11: ht_word_sign_extend(&got, a, b), want = sign_extended(y, a); break;
    case 12: ht_word_byte(&got, a, b), want = byte_at(&y, a); break;
    case 13: ht_word_shl(&got, a, b), want = moved(&y, a, true, false); break;
    case 14: ht_word_shr(&got, a, b), want = moved(&y, a, false, false); break;
    default: ht_word_sar(&got, a, b), want = moved(&y, a, false, y.bit[255]); break;
    }
    same(&got, &want);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    uint8_t bytes[97] = {0};
    ht_u256 words[3];
    if (n > 0) memcpy(bytes, data, n < sizeof bytes ? n : sizeof bytes);
    for (size_t i = 0; i < 3; i++) ht_word_load(&words[i], bytes + 1 + 32 * i);
    unsigned operation = bytes[0] % 16;
    if (operation < 6) {
        judge_plain(operation, &words[0], &words[1]);
    } else {
        judge_rest(operation, &words[0], &words[1], &words[2]);
    }
    return 0;
}
