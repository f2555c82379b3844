/* What a contract says when it reverts (Solidity ABI, "Revert" and "Panic"). */
#ifndef HT_L1_SIMULATE_REVERT_H
#define HT_L1_SIMULATE_REVERT_H

#include <jansson.h>

#include "node/base/bytes.h"

/* {"reason", "error", "data"} as simulate.h has it, a new reference; NULL without memory. The
 * reason is the text of Error(string), that of a Panic(uint256)'s number in words, or a known
 * custom error written out, "ERC20InsufficientBalance(0x…, 1, 2)"; null when it is none of them. Of
 * a custom error that is not known here "name" and "args" are null; "error" is null when there is
 * no selector. The contract wrote it: it may say anything, and is escaped by nobody. Any thread. */
json_t *ht_revert_json(ht_bytes data);

#endif
