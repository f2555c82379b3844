/* eth_simulateV1: blocks that nobody made, on top of a proven one, with calls for transactions.
 *
 * Everything the answer says of a simulated block is computed here over proven state, its state
 * root with it (run_root.h). Source: execution-apis, eth_simulateV1; ERC-7528 for the address of
 * ether's transfers. */
#ifndef HT_API_ETH_SIMULATE_H
#define HT_API_ETH_SIMULATE_H

#include "node/api/eth.h"

void ht_eth_simulate_v1(void *self, struct ht_rpc_call *call, const json_t *params);

#endif
