/* Points of BLS12-381 as EIP-2537 writes them: field elements are 64 bytes big-endian and below the
 * prime, those of Fp2 stand real part first, infinity is all zeros. Any thread. */
#ifndef HT_EVM_PRECOMPILE_POINTS_H
#define HT_EVM_PRECOMPILE_POINTS_H

#include <blst.h>

#include "node/base/bytes.h"

#define HT_BLS12_FP_SIZE 64U
#define HT_BLS12_G1_SIZE 128U
#define HT_BLS12_G2_SIZE 256U

/* Which points are taken: of the curve, or only of its subgroup of order r. */
enum ht_bls12_group { HT_BLS12_ANY_POINT, HT_BLS12_SUBGROUP };

/* HT_EINPUT "precompile_input" when it is no field element or no such point. */
enum ht_err ht_bls12_read_fp(blst_fp *out, const uint8_t bytes[static HT_BLS12_FP_SIZE],
                             struct ht_why *why) HT_MUST_USE;
enum ht_err ht_bls12_read_fp2(blst_fp2 *out, const uint8_t bytes[static 2 * HT_BLS12_FP_SIZE],
                              struct ht_why *why) HT_MUST_USE;
enum ht_err ht_bls12_read_g1(blst_p1_affine *out, const uint8_t bytes[static HT_BLS12_G1_SIZE],
                             enum ht_bls12_group group, struct ht_why *why) HT_MUST_USE;
enum ht_err ht_bls12_read_g2(blst_p2_affine *out, const uint8_t bytes[static HT_BLS12_G2_SIZE],
                             enum ht_bls12_group group, struct ht_why *why) HT_MUST_USE;

/* Make the point the output; errors of ht_precompile_run. */
enum ht_err ht_bls12_answer_g1(struct ht_buf *output, const blst_p1 *point,
                               struct ht_why *why) HT_MUST_USE;
enum ht_err ht_bls12_answer_g2(struct ht_buf *output, const blst_p2 *point,
                               struct ht_why *why) HT_MUST_USE;

#endif
