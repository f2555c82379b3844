/* The precompiles for BLS12-381, 0x0b … 0x11 (EIP-2537). Any thread. */
#ifndef HT_EVM_PRECOMPILE_BLS12_H
#define HT_EVM_PRECOMPILE_BLS12_H

#include "node/base/bytes.h"

/* number: 0x0b G1ADD, 0c G1MSM, 0d G2ADD, 0e G2MSM, 0f PAIRING_CHECK, 10 MAP_FP_TO_G1, 11
 * MAP_FP2_TO_G2; UINT64_MAX for another. */
uint64_t ht_precompile_bls12_gas(unsigned number, ht_bytes input);

/* Replaces what `output` holds. HT_EINPUT "precompile_input" for a wrong length, a field element
 * that is not below the prime, a point that is not on the curve or, but for the additions, not in
 * the subgroup. HT_ELIMIT or HT_ENOMEM "precompile_output"; HT_ENOMEM "precompile_memory": sums of
 * multiples take a fixed multiple of the input's memory. HT_EBUG for another number. */
enum ht_err ht_precompile_bls12(struct ht_buf *output, unsigned number, ht_bytes input,
                                struct ht_why *why) HT_MUST_USE;

#endif
