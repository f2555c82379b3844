/* G1 of bn254: the points of y^2 = x^3 + 3 over Fp (EIP-196). Their number is the prime r, so every
 * one of them is in the group.
 *
 * Cannot fail but where it says so, do not allocate; not for secrets: time depends on values. Any
 * thread. */
#ifndef HT_EVM_BN254_G1_H
#define HT_EVM_BN254_G1_H

#include "node/evm/bn254_fp.h"

/* A point, or the one at infinity, whose coordinates are zero. */
struct ht_g1 {
    ht_fp x, y;
    bool is_infinity;
};

/* x and y, 32 bytes big-endian each; zeros are the point at infinity. HT_EINPUT "precompile_input"
 * for a coordinate that is not below p and for a point that is not on the curve. */
enum ht_err ht_g1_read(struct ht_g1 *out, const uint8_t bytes[static 64],
                       struct ht_why *why) HT_MUST_USE;
void ht_g1_write(uint8_t out[static 64], const struct ht_g1 *a);

/* Outputs may be the same object as inputs. */
void ht_g1_add(struct ht_g1 *out, const struct ht_g1 *a, const struct ht_g1 *b);
/* a times the number of 32 bytes big-endian, which may be r or more. */
void ht_g1_mul(struct ht_g1 *out, const struct ht_g1 *a, const uint8_t scalar[static 32]);

#endif
