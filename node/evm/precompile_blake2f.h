/* BLAKE2F, 0x09: the compression function of BLAKE2b (EIP-152). Any thread. */
#ifndef HT_EVM_PRECOMPILE_BLAKE2F_H
#define HT_EVM_PRECOMPILE_BLAKE2F_H

#include "node/base/bytes.h"

/* Replaces what `output` holds. The input is rounds (4 bytes big-endian), h, m, t and whether the
 * block is the last. HT_EINPUT "precompile_input" unless it is 213 bytes and that flag is 0 or 1;
 * HT_ELIMIT or HT_ENOMEM "precompile_output". Its time grows with the rounds, as its gas does. */
enum ht_err ht_precompile_blake2f(struct ht_buf *output, ht_bytes input,
                                  struct ht_why *why) HT_MUST_USE;

#endif
