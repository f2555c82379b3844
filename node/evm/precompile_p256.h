/* P256VERIFY, 0x100: ECDSA over secp256r1 (EIP-7951, RIP-7212). Any thread. */
#ifndef HT_EVM_PRECOMPILE_P256_H
#define HT_EVM_PRECOMPILE_P256_H

#include "node/base/bytes.h"

/* Replaces what `output` holds: by a one in 32 bytes when the signature holds, by nothing when it
 * does not or the input is malformed. The input is digest, r, s, x and y, 32 bytes each; any s is
 * taken. HT_ELIMIT or HT_ENOMEM "precompile_output". */
enum ht_err ht_precompile_p256verify(struct ht_buf *output, ht_bytes input,
                                     struct ht_why *why) HT_MUST_USE;

#endif
