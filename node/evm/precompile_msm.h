/* Sums of multiples of points of BLS12-381 (EIP-2537, G1MSM and G2MSM). Any thread. */
#ifndef HT_EVM_PRECOMPILE_MSM_H
#define HT_EVM_PRECOMPILE_MSM_H

#include "node/base/bytes.h"

/* The input is a positive number of points of the subgroup, each with a scalar of any 32 bytes
 * behind it. Errors of ht_precompile_bls12. */
enum ht_err ht_bls12_msm_g1(struct ht_buf *output, ht_bytes input, struct ht_why *why) HT_MUST_USE;
enum ht_err ht_bls12_msm_g2(struct ht_buf *output, ht_bytes input, struct ht_why *why) HT_MUST_USE;

#endif
