/* The curve alt_bn128 (bn254) as EIP-196 and EIP-197 have it: addition, multiplication and the
 * pairing check. Field elements are 32 bytes big-endian; those of Fp2 in a point of G2 stand
 * imaginary part first. Constant memory; not for secrets: time depends on values. Any thread. */
#ifndef HT_EVM_BN254_H
#define HT_EVM_BN254_H

#include "node/base/bytes.h"

/* x, y; zeros are the point at infinity. HT_EINPUT "precompile_input" for a coordinate that is not
 * below the prime, a point that is not on the curve, or (pairing) not in the subgroup of order r.
 */
enum ht_err ht_bn254_add(uint8_t out[static 64], const uint8_t a[static 64],
                         const uint8_t b[static 64], struct ht_why *why) HT_MUST_USE;
/* The scalar is any 32 bytes. */
enum ht_err ht_bn254_mul(uint8_t out[static 64], const uint8_t point[static 64],
                         const uint8_t scalar[static 32], struct ht_why *why) HT_MUST_USE;
/* pairs: count times 192 bytes, a point of G1 and one of G2. *is_one: whether the product of the
 * pairings is one; true of none. */
enum ht_err ht_bn254_pairing_check(bool *is_one, const uint8_t *pairs, size_t count,
                                   struct ht_why *why) HT_MUST_USE;

#endif
