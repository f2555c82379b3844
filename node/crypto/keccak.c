/* Keccak-f[1600] and the Keccak-256 sponge, portable C.
 *
 * On x86-64 the same code is compiled a second time with andn and rorx and chosen at run time. No
 * wider instruction set: compilers turn the rounds into AVX-512 shuffles that take twice as long.
 */
#include "node/crypto/keccak.h"

#define ALWAYS_INLINE inline __attribute__((always_inline))
#define RATE_LANES (HT_KECCAK256_RATE / 8)

static const uint64_t ROUND_CONSTANTS[24] = {
    0x0000000000000001, 0x0000000000008082, 0x800000000000808a, 0x8000000080008000,
    0x000000000000808b, 0x0000000080000001, 0x8000000080008081, 0x8000000000008009,
    0x000000000000008a, 0x0000000000000088, 0x0000000080008009, 0x000000008000000a,
    0x000000008000808b, 0x800000000000008b, 0x8000000000008089, 0x8000000000008003,
    0x8000000000008002, 0x8000000000000080, 0x000000000000800a, 0x800000008000000a,
    0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008,
};

static ALWAYS_INLINE uint64_t rotate(uint64_t v, unsigned by) {
    return by == 0 ? v : v << by | v >> (64 - by);
}

/* One row of chi over five lanes that rho and pi have brought together. */
static ALWAYS_INLINE void chi(uint64_t *row, uint64_t b0, uint64_t b1, uint64_t b2, uint64_t b3,
                              uint64_t b4) {
    row[0] = b0 ^ (~b1 & b2);
    row[1] = b1 ^ (~b2 & b3);
    row[2] = b2 ^ (~b3 & b4);
    row[3] = b3 ^ (~b4 & b0);
    row[4] = b4 ^ (~b0 & b1);
}

/* A round from a to e; lane (x, y) is at x + 5 y. All indices are constants, so that both arrays
 * become registers. */
static ALWAYS_INLINE void round_to(uint64_t e[25], const uint64_t a[25], uint64_t constant) {
    uint64_t c[5];
    uint64_t d[5];
#pragma GCC unroll 5
    for (unsigned x = 0; x < 5; x++) c[x] = a[x] ^ a[x + 5] ^ a[x + 10] ^ a[x + 15] ^ a[x + 20];
#pragma GCC unroll 5
    for (unsigned x = 0; x < 5; x++) d[x] = c[(x + 4) % 5] ^ rotate(c[(x + 1) % 5], 1);
    chi(e, a[0] ^ d[0], rotate(a[6] ^ d[1], 44), rotate(a[12] ^ d[2], 43), rotate(a[18] ^ d[3], 21),
        rotate(a[24] ^ d[4], 14));
    e[0] ^= constant;
    chi(e + 5, rotate(a[3] ^ d[3], 28), rotate(a[9] ^ d[4], 20), rotate(a[10] ^ d[0], 3),
        rotate(a[16] ^ d[1], 45), rotate(a[22] ^ d[2], 61));
    chi(e + 10, rotate(a[1] ^ d[1], 1), rotate(a[7] ^ d[2], 6), rotate(a[13] ^ d[3], 25),
        rotate(a[19] ^ d[4], 8), rotate(a[20] ^ d[0], 18));
    chi(e + 15, rotate(a[4] ^ d[4], 27), rotate(a[5] ^ d[0], 36), rotate(a[11] ^ d[1], 10),
        rotate(a[17] ^ d[2], 15), rotate(a[23] ^ d[3], 56));
    chi(e + 20, rotate(a[2] ^ d[2], 62), rotate(a[8] ^ d[3], 55), rotate(a[14] ^ d[4], 39),
        rotate(a[15] ^ d[0], 41), rotate(a[21] ^ d[1], 2));
}

static ALWAYS_INLINE void permute_lanes(uint64_t lanes[25]) {
    uint64_t a[25];
    uint64_t e[25];
    memcpy(a, lanes, sizeof a);
    for (unsigned i = 0; i < 24; i += 2) {
        round_to(e, a, ROUND_CONSTANTS[i]);
        round_to(a, e, ROUND_CONSTANTS[i + 1]);
    }
    memcpy(lanes, a, sizeof a);
}

static __attribute__((noinline)) void permute_plain(uint64_t lanes[25]) {
    permute_lanes(lanes);
}

#if defined(__x86_64__)
static __attribute__((noinline, target("bmi,bmi2"))) void permute_bmi(uint64_t lanes[25]) {
    permute_lanes(lanes);
}

static void permute(uint64_t lanes[25]) {
    if (__builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2")) {
        permute_bmi(lanes);
    } else {
        permute_plain(lanes);
    }
}
#else
static void permute(uint64_t lanes[25]) {
    permute_plain(lanes);
}
#endif

static void absorb_byte(struct ht_keccak256 *hash, uint8_t byte) {
    hash->lanes[hash->at / 8] ^= (uint64_t)byte << (8 * (hash->at % 8));
    if (++hash->at == HT_KECCAK256_RATE) {
        permute(hash->lanes);
        hash->at = 0;
    }
}

/* As many whole lanes as fit in front of the rate's end. Returns the bytes taken. */
static size_t absorb_lanes(struct ht_keccak256 *hash, ht_bytes more) {
    size_t first = hash->at / 8;
    size_t count = more.n / 8 < RATE_LANES - first ? more.n / 8 : RATE_LANES - first;
    for (size_t i = 0; i < count; i++) hash->lanes[first + i] ^= ht_read_u64_le(more.p + 8 * i);
    hash->at += 8 * count;
    if (hash->at == HT_KECCAK256_RATE) {
        permute(hash->lanes);
        hash->at = 0;
    }
    return 8 * count;
}

void ht_keccak256_init(struct ht_keccak256 *hash) {
    memset(hash, 0, sizeof *hash);
}

void ht_keccak256_update(struct ht_keccak256 *hash, ht_bytes more) {
    while (more.n > 0) {
        size_t taken = 1;
        if (hash->at % 8 == 0 && more.n >= 8) {
            taken = absorb_lanes(hash, more);
        } else {
            absorb_byte(hash, *more.p);
        }
        more = ht_bytes_of(more.p + taken, more.n - taken);
    }
}

void ht_keccak256_final(ht_hash32 *out, struct ht_keccak256 *hash) {
    hash->lanes[hash->at / 8] ^= (uint64_t)1 << (8 * (hash->at % 8));
    hash->lanes[RATE_LANES - 1] ^= (uint64_t)1 << 63;
    permute(hash->lanes);
    for (size_t i = 0; i < 4; i++) ht_write_u64_le(out->b + 8 * i, hash->lanes[i]);
}

/* What fits in front of the padding, as keys of tries and of mappings do: one permutation. */
static void hash_short(ht_hash32 *out, ht_bytes data) {
    uint64_t lanes[25] = {0};
    const size_t whole = data.n / 8;
    for (size_t i = 0; i < whole; i++) lanes[i] = ht_read_u64_le(data.p + 8 * i);
    for (size_t i = 8 * whole; i < data.n; i++)
        lanes[whole] |= (uint64_t)data.p[i] << (8 * (i % 8));
    lanes[whole] ^= (uint64_t)1 << (8 * (data.n % 8));
    lanes[RATE_LANES - 1] ^= (uint64_t)1 << 63;
    permute(lanes);
    for (size_t i = 0; i < 4; i++) ht_write_u64_le(out->b + 8 * i, lanes[i]);
}

void ht_keccak256(ht_hash32 *out, ht_bytes data) {
    if (data.n < HT_KECCAK256_RATE) {
        hash_short(out, data);
        return;
    }
    struct ht_keccak256 hash;
    ht_keccak256_init(&hash);
    ht_keccak256_update(&hash, data);
    ht_keccak256_final(out, &hash);
}
