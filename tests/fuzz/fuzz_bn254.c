/* The contracts on bn254, by the first byte of the input:
 *   0  two points: their sum does not depend on their order, and is a point again
 *   1  a point and a scalar: the multiple is that of the scalar's halves, added
 *   2  pairs: the answer does not depend on their order
 *   3  two scalars a, b: e(aP, Q) e(bP, Q) e((a + b)P, -Q) is one, and no longer with a changed
 * What is refused has a reason and leaves the output as it was. */
#include <stdlib.h>

#include "node/evm/bn254.h"

#define PAIRS_MAX 10U
#define PAIR 192U

/* The generators of EIP-197, the second with its y's negative too. */
static const uint8_t G1[64] = {[31] = 1, [63] = 2};
static const uint8_t G2[128] = {
    0x19, 0x8e, 0x93, 0x93, 0x92, 0x0d, 0x48, 0x3a, 0x72, 0x60, 0xbf, 0xb7, 0x31, 0xfb, 0x5d, 0x25,
    0xf1, 0xaa, 0x49, 0x33, 0x35, 0xa9, 0xe7, 0x12, 0x97, 0xe4, 0x85, 0xb7, 0xae, 0xf3, 0x12, 0xc2,
    0x18, 0x00, 0xde, 0xef, 0x12, 0x1f, 0x1e, 0x76, 0x42, 0x6a, 0x00, 0x66, 0x5e, 0x5c, 0x44, 0x79,
    0x67, 0x43, 0x22, 0xd4, 0xf7, 0x5e, 0xda, 0xdd, 0x46, 0xde, 0xbd, 0x5c, 0xd9, 0x92, 0xf6, 0xed,
    0x09, 0x06, 0x89, 0xd0, 0x58, 0x5f, 0xf0, 0x75, 0xec, 0x9e, 0x99, 0xad, 0x69, 0x0c, 0x33, 0x95,
    0xbc, 0x4b, 0x31, 0x33, 0x70, 0xb3, 0x8e, 0xf3, 0x55, 0xac, 0xda, 0xdc, 0xd1, 0x22, 0x97, 0x5b,
    0x12, 0xc8, 0x5e, 0xa5, 0xdb, 0x8c, 0x6d, 0xeb, 0x4a, 0xab, 0x71, 0x80, 0x8d, 0xcb, 0x40, 0x8f,
    0xe3, 0xd1, 0xe7, 0x69, 0x0c, 0x43, 0xd3, 0x7b, 0x4c, 0xe6, 0xcc, 0x01, 0x66, 0xfa, 0x7d, 0xaa};
static const uint8_t MINUS_G2_Y[64] = {
    0x27, 0x5d, 0xc4, 0xa2, 0x88, 0xd1, 0xaf, 0xb3, 0xcb, 0xb1, 0xac, 0x09, 0x18, 0x75, 0x24, 0xc7,
    0xdb, 0x36, 0x39, 0x5d, 0xf7, 0xbe, 0x3b, 0x99, 0xe6, 0x73, 0xb1, 0x3a, 0x07, 0x5a, 0x65, 0xec,
    0x1d, 0x9b, 0xef, 0xcd, 0x05, 0xa5, 0x32, 0x3e, 0x6d, 0xa4, 0xd4, 0x35, 0xf3, 0xb6, 0x17, 0xcd,
    0xb3, 0xaf, 0x83, 0x28, 0x5c, 0x2d, 0xf7, 0x11, 0xef, 0x39, 0xc0, 0x15, 0x71, 0x82, 0x7f, 0x9d};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void must(bool is_good) {
    if (!is_good) abort();
}

/* The bytes from `at` on, zeros behind the end. */
static void take(uint8_t *out, size_t size, ht_bytes from, size_t at) {
    memset(out, 0, size);
    if (at >= from.n) return;
    memcpy(out, from.p + at, from.n - at < size ? from.n - at : size);
}

static void judge(enum ht_err err, const struct ht_why *why) {
    must(err == HT_OK || (err == HT_EINPUT && strcmp(why->code, "precompile_input") == 0));
}

static void sum(uint8_t out[static 64], const uint8_t a[static 64], const uint8_t b[static 64]) {
    must(ht_bn254_add(out, a, b, NULL) == HT_OK);
}

static void multiple(uint8_t out[static 64], const uint8_t a[static 64],
                     const uint8_t scalar[static 32]) {
    must(ht_bn254_mul(out, a, scalar, NULL) == HT_OK);
}

static void run_add(ht_bytes data) {
    static const uint8_t zero[64];
    uint8_t a[64];
    uint8_t b[64];
    uint8_t got[64] = {1};
    uint8_t again[64] = {1};
    struct ht_why why = {.code = NULL};
    take(a, sizeof a, data, 0);
    take(b, sizeof b, data, 64);
    enum ht_err err = ht_bn254_add(got, a, b, &why);
    judge(err, &why);
    must(ht_bn254_add(again, b, a, NULL) == err && memcmp(got, again, 64) == 0);
    must(err == HT_OK || got[0] == 1);
    if (err != HT_OK) return;
    sum(again, zero, got);
    must(memcmp(got, again, 64) == 0);
}

static void run_mul(ht_bytes data) {
    static const uint8_t middle[32] = {[15] = 1};
    uint8_t a[64];
    uint8_t k[32];
    uint8_t high[32] = {0};
    uint8_t low[32] = {0};
    uint8_t got[64] = {1};
    uint8_t want[64];
    uint8_t rest[64];
    struct ht_why why = {.code = NULL};
    take(a, sizeof a, data, 0);
    take(k, sizeof k, data, 64);
    enum ht_err err = ht_bn254_mul(got, a, k, &why);
    judge(err, &why);
    if (err != HT_OK) {
        must(got[0] == 1);
        return;
    }
    memcpy(high + 16, k, 16);
    memcpy(low + 16, k + 16, 16);
    multiple(want, a, middle);
    multiple(want, want, high);
    multiple(rest, a, low);
    sum(want, want, rest);
    must(memcmp(got, want, 64) == 0);
}

static void run_pairs(ht_bytes data) {
    uint8_t back[PAIRS_MAX * PAIR];
    size_t count = data.n / PAIR < PAIRS_MAX ? data.n / PAIR : PAIRS_MAX;
    bool is_one = false;
    bool is_one_back = false;
    struct ht_why why = {.code = NULL};
    for (size_t i = 0; i < count; i++)
        memcpy(back + PAIR * (count - 1 - i), data.p + PAIR * i, PAIR);
    enum ht_err err = ht_bn254_pairing_check(&is_one, data.p, count, &why);
    judge(err, &why);
    must(ht_bn254_pairing_check(&is_one_back, back, count, NULL) == err && is_one == is_one_back);
}

static void run_laws(ht_bytes data) {
    uint8_t pairs[3 * PAIR];
    uint8_t a[32];
    uint8_t b[32];
    bool is_one = false;
    take(a, sizeof a, data, 0);
    take(b, sizeof b, data, 32);
    for (size_t i = 0; i < 3; i++) memcpy(pairs + PAIR * i + 64, G2, sizeof G2);
    memcpy(pairs + 2 * PAIR + 128, MINUS_G2_Y, sizeof MINUS_G2_Y);
    multiple(pairs, G1, a);
    multiple(pairs + PAIR, G1, b);
    sum(pairs + 2 * PAIR, pairs, pairs + PAIR);
    must(ht_bn254_pairing_check(&is_one, pairs, 3, NULL) == HT_OK && is_one);
    sum(pairs, pairs, G1);
    must(ht_bn254_pairing_check(&is_one, pairs, 3, NULL) == HT_OK && !is_one);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    if (n == 0) return 0;
    ht_bytes rest = ht_bytes_of(data + 1, n - 1);
    switch (data[0] % 4) {
    case 0: run_add(rest); break;
    case 1: run_mul(rest); break;
    case 2: run_pairs(rest); break;
    default: run_laws(rest); break;
    }
    return 0;
}
