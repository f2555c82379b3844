/* eth_call (execution-apis): what code answers at a block, run over proven state. */
#ifndef HT_API_ETH_CALL_H
#define HT_API_ETH_CALL_H

#include "node/api/eth.h"

/* (call, block, state override, block override). Without a gas limit the call has HT_RUN_GAS_MAX;
 * without a sender it is sent by the zero address; without a price nobody pays, and code reads base
 * fees of 0, as in the common client. The sender must have the value, and the gas when it has a
 * price. self: struct ht_eth. */
void ht_eth_call(void *self, struct ht_rpc_call *call, const json_t *params);

#endif
