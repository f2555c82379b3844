/* Ethereum's methods that read proven state: eth_getBalance, eth_getTransactionCount, eth_getCode,
 * eth_getStorageAt. Each answers later, when a provider's answer was proven. */
#ifndef HT_API_ETH_STATE_H
#define HT_API_ETH_STATE_H

#include "node/api/eth.h"

/* `start` functions for a table of methods; self is a struct ht_eth. */
void ht_eth_get_balance(void *self, struct ht_rpc_call *call, const json_t *params);
void ht_eth_get_transaction_count(void *self, struct ht_rpc_call *call, const json_t *params);
void ht_eth_get_code(void *self, struct ht_rpc_call *call, const json_t *params);
void ht_eth_get_storage_at(void *self, struct ht_rpc_call *call, const json_t *params);

#endif
