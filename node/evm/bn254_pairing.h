/* The optimal ate pairing of bn254 (Vercauteren, "Optimal pairings", 2010) in its two parts, so
 * that a product of pairings takes the second part once. The result is a fixed power, prime to r,
 * of the textbook pairing, which does not matter to whether a product is one.
 *
 * Cannot fail but where it says so, do not allocate; not for secrets. Any thread. */
#ifndef HT_EVM_BN254_PAIRING_H
#define HT_EVM_BN254_PAIRING_H

#include "node/evm/bn254_g1.h"
#include "node/evm/bn254_g2.h"

/* Pairs in one call: they share squarings, and their state lies on the stack, 500 bytes each. */
#define HT_BN254_BATCH 8U

struct ht_bn254_pair {
    struct ht_g1 p;
    struct ht_g2 q;
};

/* The product of Miller's function over at most HT_BN254_BATCH pairs; pairs with a point at
 * infinity add nothing to it. False, with *out of no use, when some q on the twist is not in G2. */
bool ht_bn254_miller(ht_fp12 *out, const struct ht_bn254_pair *pairs, size_t count) HT_MUST_USE;

/* Makes of such a product the product of the pairings: f^(k (p^12 - 1) / r) with
 * k = 2 x (6 x^2 + 3 x + 1), which is prime to r. f must not be zero. */
void ht_bn254_final_exponentiation(ht_fp12 *out, const ht_fp12 *f);

#endif
