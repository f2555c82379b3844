/* Constants of bn254, in Montgomery form. Computed with whole numbers of any size; each is
 * defined by the line above it, with p and xi = 9 + i as in the headers named below. */
#ifndef HT_EVM_BN254_GEN_H
#define HT_EVM_BN254_GEN_H

#include "node/base/u256.h"
#include "node/evm/bn254_tower.h"

/* xi^(k (p - 1) / 6) for k = 1 ... 5: what w^k gains when it is raised to p. */
static const ht_fp2 HT_BN254_FROBENIUS[5] = {
    {{{0xaf9ba69633144907, 0xca6b1d7387afb78a, 0x11bded5ef08a2087, 0x02f34d751a1f3a7c}},
     {{0xa222ae234c492d72, 0xd00f02a4565de15b, 0xdc2ff3a253dfc926, 0x10a75716b3899551}}},
    {{{0xb5773b104563ab30, 0x347f91c8a9aa6454, 0x7a007127242e0991, 0x1956bcd8118214ec}},
     {{0x6e849f1ea0aa4757, 0xaa1c7b6d89f89141, 0xb6e713cdfae0ca3a, 0x26694fbb4e82ebc3}}},
    {{{0xe4bbdd0c2936b629, 0xbb30f162e133bacb, 0x31a9d1b6f9645366, 0x253570bea500f8dd}},
     {{0xa1d77ce45ffe77c7, 0x07affd117826d1db, 0x6d16bd27bb7edc6b, 0x2c87200285defecc}}},
    {{{0x7361d77f843abe92, 0xa5bb2bd3273411fb, 0x9c941f314b3e2399, 0x15df9cddbb9fd3ec}},
     {{0x5dddfd154bd8c949, 0x62cb29a5a4445b60, 0x37bc870a0c7dd2b9, 0x24830a9d3171f0fd}}},
    {{{0xc970692f41690fe7, 0xe240342127694b0b, 0x32bee66b83c459e8, 0x12aabced0ab08841}},
     {{0x0d485d2340aebfa9, 0x05193418ab2fcc57, 0xd3b0a40b8a4910f5, 0x2f21ebb535d2925a}}},
};

/* xi^(k (p^2 - 1) / 6) for k = 1 ... 5, all in Fp. */
static const ht_fp HT_BN254_FROBENIUS2[5] = {
    {{0xca8d800500fa1bf2, 0xf0c5d61468b39769, 0x0e201271ad0d4418, 0x04290f65bad856e6}},
    {{0x3350c88e13e80b9c, 0x7dce557cdb5e56b9, 0x6001b4b8b615564a, 0x2682e617020217e0}},
    {{0x68c3488912edefaa, 0x8d087f6872aabf4f, 0x51e1a24709081231, 0x2259d6b14729c0fa}},
    {{0x71930c11d782e155, 0xa6bb947cffbe3323, 0xaa303344d4741444, 0x2c3b3f0d26594943}},
    {{0x08cfc388c494f1ab, 0x19b315148d1373d4, 0x584e90fdcb6c0213, 0x09e1685bdf2f8849}},
};

/* 3 / xi, the constant of the twist y^2 = x^3 + 3 / xi that G2 lies on, and three times it. */
static const ht_fp2 HT_BN254_TWIST_B = {
    {{0x3bf938e377b802a8, 0x020b1b273633535d, 0x26b7edf049755260, 0x2514c6324384a86d}},
    {{0x38e7ecccd1dcff67, 0x65f0b37d93ce0d3e, 0xd749d0dd22ac00aa, 0x0141b9ce4a688d4d}}};
static const ht_fp2 HT_BN254_TWIST_3B = {
    {{0x3baa927cb62e0d6a, 0xd71e7c52d1b664fd, 0x03873e63d95d4664, 0x0e75b5b1082ab8f4}},
    {{0xaab7c6667596fe35, 0x31d21a78bb6a27ba, 0x85dd7297680401ff, 0x03c52d6adf39a7e9}}};

/* 3, the constant of the curve that G1 lies on. */
static const ht_fp HT_BN254_B = {
    {0x7a17caa950ad28d7, 0x1f6ac17ae15521b9, 0x334bea4e696bd284, 0x2a1f6744ce179d8e}};

/* Multiplication of (x, y) of G1 by lambda = 36 x^3 + 18 x^2 + 6 x + 1 (a cube root of one mod r)
 * gives (beta x, y), beta = 18 x^3 + 18 x^2 + 9 x + 1. */
static const ht_fp HT_BN254_BETA = {
    {0x71930c11d782e155, 0xa6bb947cffbe3323, 0xaa303344d4741444, 0x2c3b3f0d26594943}};

/* A = 2 x + 1, C = 6 x^2 + 2 x, D = 6 x^2 + 4 x + 1: C lambda = A, A lambda = -D mod r, and
 * A^2 + C D = r. Plain numbers. */
static const ht_u256 HT_BN254_A = {
    {0x89d3256894d213e3, 0x0000000000000000, 0x0000000000000000, 0x0000000000000000}};
static const ht_u256 HT_BN254_C = {
    {0x8211bbeb7d4f1128, 0x6f4d8248eeb859fc, 0x0000000000000000, 0x0000000000000000}};
static const ht_u256 HT_BN254_D = {
    {0x0be4e1541221250b, 0x6f4d8248eeb859fd, 0x0000000000000000, 0x0000000000000000}};
/* 2^256 A / r and 2^256 C / r, rounded down. */
static const ht_u256 HT_BN254_A_OVER_R = {
    {0xd91d232ec7e0b3d7, 0x0000000000000002, 0x0000000000000000, 0x0000000000000000}};
static const ht_u256 HT_BN254_C_OVER_R = {
    {0x7a7bd9d4391eb18d, 0x4ccef014a773d2cf, 0x0000000000000002, 0x0000000000000000}};

/* 6 x + 2 in digits -1, 0, 1 and x in odd digits below 8 or 0, highest first; no two of two (of
 * four) digits in a row are not 0. */
static const int8_t HT_BN254_MILLER_DIGITS[66] = {
    1, 0, -1, 0, 1,  0, 0, 0, -1, 0, -1, 0,  0, 0,  -1, 0, 1, 0, -1, 0, 0, -1,
    0, 0, 0,  0, 0,  1, 0, 0, -1, 0, 1,  0,  0, -1, 0,  0, 0, 0, -1, 0, 1, 0,
    0, 0, -1, 0, -1, 0, 0, 1, 0,  0, 0,  -1, 0, 0,  -1, 0, 1, 0, 1,  0, 0, 0};
static const int8_t HT_BN254_X_DIGITS[63] = {1, 0, 0, 0, 0, 0, 5, 0, 0,  0, 0,  -3, 0,  0, 0,  3,
                                             0, 0, 0, 0, 5, 0, 0, 0, -5, 0, 0,  0,  -3, 0, 0,  0,
                                             1, 0, 0, 0, 0, 5, 0, 0, 0,  0, 7,  0,  0,  0, -7, 0,
                                             0, 0, 0, 0, 0, 5, 0, 0, 0,  0, -1, 0,  0,  0, 1};

#endif
