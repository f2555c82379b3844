/* BLAKE2F: the compression function of BLAKE2b (RFC 7693 section 3.2) with a number of rounds that
 * the caller chooses, which is why no library's hash serves. */
#include "node/evm/precompile_blake2f.h"

#include "node/evm/precompile_impl.h"

#define INPUT_SIZE 213U

static const uint64_t IV[8] = {
    0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1,
    0x510e527fade682d1, 0x9b05688c2b3e6c1f, 0x1f83d9abfb41bd6b, 0x5be0cd19137e2179,
};

static const uint8_t SIGMA[10][16] = {
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
    {14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3},
    {11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4},
    {7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8},
    {9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13},
    {2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9},
    {12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11},
    {13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10},
    {6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5},
    {10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0},
};

static inline uint64_t rotate_right(uint64_t a, unsigned places) {
    return a >> places | a << (64 - places);
}

/* The mixing function G on one column or diagonal. */
static inline __attribute__((always_inline)) void mix(uint64_t *a, uint64_t *b, uint64_t *c,
                                                      uint64_t *d, uint64_t x, uint64_t y) {
    *a += *b + x;
    *d = rotate_right(*d ^ *a, 32);
    *c += *d;
    *b = rotate_right(*b ^ *c, 24);
    *a += *b + y;
    *d = rotate_right(*d ^ *a, 16);
    *c += *d;
    *b = rotate_right(*b ^ *c, 63);
}

static void compress(uint64_t h[static 8], const uint64_t m[static 16], uint64_t t0, uint64_t t1,
                     bool is_last, uint32_t rounds) {
    uint64_t v[16];
    memcpy(v, h, 8 * sizeof *v);
    memcpy(v + 8, IV, sizeof IV);
    v[12] ^= t0;
    v[13] ^= t1;
    if (is_last) v[14] = ~v[14];
    for (uint32_t i = 0; i < rounds; i++) {
        const uint8_t *s = SIGMA[i % 10];
        mix(&v[0], &v[4], &v[8], &v[12], m[s[0]], m[s[1]]);
        mix(&v[1], &v[5], &v[9], &v[13], m[s[2]], m[s[3]]);
        mix(&v[2], &v[6], &v[10], &v[14], m[s[4]], m[s[5]]);
        mix(&v[3], &v[7], &v[11], &v[15], m[s[6]], m[s[7]]);
        mix(&v[0], &v[5], &v[10], &v[15], m[s[8]], m[s[9]]);
        mix(&v[1], &v[6], &v[11], &v[12], m[s[10]], m[s[11]]);
        mix(&v[2], &v[7], &v[8], &v[13], m[s[12]], m[s[13]]);
        mix(&v[3], &v[4], &v[9], &v[14], m[s[14]], m[s[15]]);
    }
    for (size_t i = 0; i < 8; i++) h[i] ^= v[i] ^ v[i + 8];
}

enum ht_err ht_precompile_blake2f(struct ht_buf *output, ht_bytes input, struct ht_why *why) {
    if (input.n != INPUT_SIZE) return ht_precompile_refuse(why, "BLAKE2F takes 213 bytes");
    const uint8_t *p = input.p;
    if (p[212] > 1) {
        return ht_precompile_refuse(why, "the last byte, whether the block is final, is 0 or 1");
    }
    uint32_t rounds = (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
    uint64_t h[8];
    uint64_t m[16];
    for (size_t i = 0; i < 8; i++) h[i] = ht_read_u64_le(p + 4 + 8 * i);
    for (size_t i = 0; i < 16; i++) m[i] = ht_read_u64_le(p + 68 + 8 * i);
    compress(h, m, ht_read_u64_le(p + 196), ht_read_u64_le(p + 204), p[212] == 1, rounds);
    uint8_t out[64];
    for (size_t i = 0; i < 8; i++) ht_write_u64_le(out + 8 * i, h[i]);
    return ht_precompile_answer(output, HT_BYTES(out), why);
}
