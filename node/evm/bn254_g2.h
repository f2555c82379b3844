/* Points of the twist of bn254 over Fp2, y^2 = x^3 + 3 / (9 + i) (EIP-197). G2 are those of order
 * r; bn254_pairing.h says which are, as that falls off from the pairing. */
#ifndef HT_EVM_BN254_G2_H
#define HT_EVM_BN254_G2_H

#include "node/evm/bn254_tower.h"

/* A point, or the one at infinity, whose coordinates are zero. */
struct ht_g2 {
    ht_fp2 x, y;
    bool is_infinity;
};

/* x and y, of each the imaginary and then the real part, 32 bytes big-endian each; zeros are the
 * point at infinity. HT_EINPUT "precompile_input" for a number that is not below p and for a point
 * that is not on the twist. Does not say whether it is in the group. */
enum ht_err ht_g2_read(struct ht_g2 *out, const uint8_t bytes[static 128],
                       struct ht_why *why) HT_MUST_USE;

#endif
