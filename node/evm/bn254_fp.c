/* The prime field of bn254: bytes in and out, and inversion. The arithmetic that must be quick is
 * in the header.
 *
 * Inversion is by division steps (Bernstein and Yang, "Fast constant-time gcd computation and
 * modular inversion", 2019), here in variable time: 62 steps at once are done on the lowest words
 * alone and their effect, a matrix of small numbers, is then applied to the whole ones. */
#include "node/evm/bn254_fp.h"

#define STEPS 62U
#define STEPS_MASK (UINT64_MAX >> (64 - STEPS))

__extension__ typedef __int128 s128;

const ht_fp ht_fp_one = {
    {0xd35d438dc58f0d9d, 0x0a78eb28f5c70b3d, 0x666ea36f7879462c, 0x0e0a77c19a07df2f}};

/* 2^512 mod p and 2^768 mod p. */
static const ht_fp TO_MONTGOMERY = {
    {0xf32cfc5b538afa89, 0xb5e71911d44501fb, 0x47ab1eff0a417ff6, 0x06d89f71cab8351f}};
static const ht_fp TO_MONTGOMERY_INVERSE = {
    {0xb1cd6dafda1530df, 0x62f210e6a7283db6, 0xef7f0b0c0ada0afb, 0x20fd6e902d592544}};

static const uint64_t PRIME[4] = {HT_FP_P0, HT_FP_P1, HT_FP_P2, HT_FP_P3};

/* Between the rows t stays below 2 p + 2^64. */
void ht_fp_mul(ht_fp *out, const ht_fp *a, const ht_fp *b) {
    uint64_t t[4] = {0};
#pragma GCC unroll 4
    for (unsigned i = 0; i < 4; i++) {
        uint64_t high = ht_fp_add_row(t, a, b->limb[i]);
        ht_fp_montgomery_step(t, high);
    }
    ht_fp_reduce_once(out, t);
}

static bool is_below_prime(const uint64_t a[4]) {
    unsigned char borrow = 0;
    uint64_t ignored;
    for (unsigned i = 0; i < 4; i++) borrow = ht_fp_borrow(&ignored, borrow, a[i], PRIME[i]);
    return borrow == 1;
}

bool ht_fp_read(ht_fp *out, const uint8_t big_endian[static 32]) {
    ht_fp plain = {{0}};
    for (unsigned i = 0; i < 32; i++) {
        plain.limb[3 - i / 8] = plain.limb[3 - i / 8] << 8 | big_endian[i];
    }
    if (!is_below_prime(plain.limb)) return false;
    ht_fp_mul(out, &plain, &TO_MONTGOMERY);
    return true;
}

void ht_fp_write(uint8_t out[static 32], const ht_fp *a) {
    static const ht_fp plain_one = {{1, 0, 0, 0}};
    ht_fp plain;
    ht_fp_mul(&plain, a, &plain_one);
    for (unsigned i = 0; i < 32; i++) {
        out[i] = (uint8_t)(plain.limb[3 - i / 8] >> (56 - 8 * (i % 8)));
    }
}

/* Two's complement, least significant limb first. */
struct wide {
    uint64_t limb[5];
};

/* What 62 steps do to (f, g), times 2^62; |first| + |second| of a row is at most 2^62. */
struct matrix {
    int64_t f[2], g[2];
};

/* Steps on the lowest words of f (odd) and g. Returns the new delta, which is kept as its negative:
 * below zero when g takes the place of f at its next odd value. */
static int64_t divide_steps(struct matrix *out, int64_t eta, uint64_t f, uint64_t g) {
    uint64_t u = 1;
    uint64_t v = 0;
    uint64_t q = 0;
    uint64_t r = 1;
    unsigned left = STEPS;
    for (;;) {
        /* A bit above what is left keeps the count in bounds when g has run out. */
        unsigned zeros = (unsigned)__builtin_ctzll(g | UINT64_MAX << left);
        g >>= zeros;
        u <<= zeros;
        v <<= zeros;
        eta -= zeros;
        left -= zeros;
        if (left == 0) break;
        if (eta < 0) {
            uint64_t old = f;
            eta = -eta;
            f = g;
            g = 0 - old;
            old = u;
            u = q;
            q = 0 - old;
            old = v;
            v = r;
            r = 0 - old;
        }
        g += f;
        q += u;
        r += v;
    }
    *out = (struct matrix){.f = {(int64_t)u, (int64_t)v}, .g = {(int64_t)q, (int64_t)r}};
    return eta;
}

/* a * x + b * y; a and b as signed numbers of four limbs. */
static struct wide combine(int64_t x, const uint64_t a[4], int64_t y, const uint64_t b[4]) {
    struct wide sum;
    s128 carry = 0;
    for (unsigned i = 0; i < 3; i++) {
        s128 first = (s128)x * (s128)a[i];
        s128 second = (s128)y * (s128)b[i];
        s128 low = (s128)(uint64_t)first + (s128)(uint64_t)second + (s128)(uint64_t)carry;
        sum.limb[i] = (uint64_t)low;
        carry = (carry >> 64) + (first >> 64) + (second >> 64) + (low >> 64);
    }
    carry += (s128)x * (int64_t)a[3] + (s128)y * (int64_t)b[3];
    sum.limb[3] = (uint64_t)carry;
    sum.limb[4] = (uint64_t)(carry >> 64);
    return sum;
}

static void shift_down(uint64_t out[4], const struct wide *a) {
    for (unsigned i = 0; i < 4; i++) {
        out[i] = a->limb[i] >> STEPS | a->limb[i + 1] << (64 - STEPS);
    }
}

/* a / 2^62 mod p, for a above -2^62 p and at most 2^62 p: the multiple of p that makes the lowest
 * 62 bits zero is added first, which leaves more than -p and less than 2 p. */
static void shift_down_mod(ht_fp *out, const struct wide *a) {
    uint64_t multiple = (a->limb[0] * HT_FP_MINUS_INVERSE) & STEPS_MASK;
    struct wide even;
    uint64_t t[4];
    uint64_t carry = 0;
    for (unsigned i = 0; i < 4; i++) {
        even.limb[i] = ht_fp_mac(&carry, a->limb[i], multiple, PRIME[i]);
    }
    even.limb[4] = a->limb[4] + carry;
    shift_down(t, &even);
    uint64_t is_negative = 0 - (t[3] >> 63);
    unsigned char up = 0;
    for (unsigned i = 0; i < 4; i++) up = ht_fp_carry(&t[i], up, t[i], PRIME[i] & is_negative);
    ht_fp_reduce_once(out, t);
}

/* Keeps f = d * a and g = e * a mod p, up to the division's end at g = 0 and f = 1 or -1. */
void ht_fp_inverse(ht_fp *out, const ht_fp *a) {
    uint64_t f[4] = {HT_FP_P0, HT_FP_P1, HT_FP_P2, HT_FP_P3};
    uint64_t g[4] = {a->limb[0], a->limb[1], a->limb[2], a->limb[3]};
    ht_fp d = {{0}};
    ht_fp e = {{1, 0, 0, 0}};
    int64_t eta = -1;
    while ((g[0] | g[1] | g[2] | g[3]) != 0) {
        struct matrix m;
        eta = divide_steps(&m, eta, f[0], g[0]);
        struct wide new_f = combine(m.f[0], f, m.f[1], g);
        struct wide new_g = combine(m.g[0], f, m.g[1], g);
        shift_down(f, &new_f);
        shift_down(g, &new_g);
        struct wide new_d = combine(m.f[0], d.limb, m.f[1], e.limb);
        struct wide new_e = combine(m.g[0], d.limb, m.g[1], e.limb);
        shift_down_mod(&d, &new_d);
        shift_down_mod(&e, &new_e);
    }
    if (f[3] >> 63) ht_fp_neg(&d, &d);
    ht_fp_mul(out, &d, &TO_MONTGOMERY_INVERSE);
}
