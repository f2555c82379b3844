/* What a contract said when it reverted. */
#ifndef HT_L1_EXECUTION_REVERT_H
#define HT_L1_EXECUTION_REVERT_H

#include "node/base/bytes.h"

#define HT_REVERT_REASON_MAX 1024U /* bytes; what is longer is cut */

/* The text of Error(string), or the words for the code of Panic(uint256) (Solidity, "Panic via
 * assert and Error via require"; as Geth words them: "assert(false)"). UTF-8: bytes that are none,
 * and control characters, are '?'. Length of what is in out, without its terminating zero; 0 when
 * the output is of neither form. Any thread. */
size_t ht_revert_reason(char out[static HT_REVERT_REASON_MAX + 1], ht_bytes output);

#endif
