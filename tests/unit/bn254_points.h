/* Slow and plain arithmetic on the twist of bn254, and points on it inside and outside of G2, for
 * tests of the pairing. */
#ifndef HT_TESTS_UNIT_BN254_POINTS_H
#define HT_TESTS_UNIT_BN254_POINTS_H

#include "node/evm/bn254_g2.h"

/* The generators of EIP-197. */
extern const uint8_t bn254_g1_generator[64];
extern const uint8_t bn254_g2_generator[128];

/* Big-endian: r, the order of the groups; 2 p - r, the twist's points over r; and those over 10069,
 * the smallest prime factor of 2 p - r. */
extern const uint8_t bn254_order[32];
extern const uint8_t bn254_cofactor[32];
extern const uint8_t bn254_over_10069[64];

/* Affine, by chord and tangent; multiples bit by bit of a scalar of n bytes, big-endian. */
void bn254_twist_add(struct ht_g2 *out, const struct ht_g2 *a, const struct ht_g2 *b);
void bn254_twist_mul(struct ht_g2 *out, const struct ht_g2 *a, const uint8_t *scalar, size_t n);
void bn254_twist_write(uint8_t out[static 128], const struct ht_g2 *a);

/* Some point of the twist for each number, in all likelihood outside of G2. */
void bn254_twist_point(struct ht_g2 *out, uint64_t number);

#endif
