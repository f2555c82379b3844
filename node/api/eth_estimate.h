/* eth_estimateGas (execution-apis): the least gas with which a transaction succeeds. */
#ifndef HT_API_ETH_ESTIMATE_H
#define HT_API_ETH_ESTIMATE_H

#include "node/api/eth.h"

/* (transaction, block, state override, block override). The least gas limit with which it would not
 * fail in that block, found by bisection between the gas it used and the most that it may have: its
 * own limit or the block's, at most what EIP-7825 allows one transaction, what its sender can pay
 * for, and HT_RUN_GAS_MAX. Exact, unless a transaction succeeds with some gas and fails with more.
 * What fails with the most is an error: the revert, or "gas required exceeds allowance". self:
 * struct ht_eth. */
void ht_eth_estimate_gas(void *self, struct ht_rpc_call *call, const json_t *params);

#endif
