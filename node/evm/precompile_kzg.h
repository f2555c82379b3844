/* POINT_EVALUATION, 0x0a: proofs about the polynomial of a blob (EIP-4844). Any thread. */
#ifndef HT_EVM_PRECOMPILE_KZG_H
#define HT_EVM_PRECOMPILE_KZG_H

#include "node/base/bytes.h"

/* Replaces what `output` holds. The input is versioned hash, z, y (32 bytes each), commitment and
 * proof (48 bytes each). HT_EINPUT "precompile_input" when it is malformed and also when the proof
 * does not hold; HT_ELIMIT or HT_ENOMEM "precompile_output". */
enum ht_err ht_precompile_point_evaluation(struct ht_buf *output, ht_bytes input,
                                           struct ht_why *why) HT_MUST_USE;

#endif
