/* Ethereum's methods that read proven state, at any block: eth_getBalance, eth_getTransactionCount,
 * eth_getCode, eth_getStorageAt, eth_getStorageValues, eth_getProof. */
#ifndef HT_API_ETH_STATE_H
#define HT_API_ETH_STATE_H

#include "node/api/eth.h"

#define HT_ETH_ACCOUNTS_MAX 64U /* in one eth_getStorageValues */

/* `start` functions for a table of methods; self is a struct ht_eth. */
void ht_eth_get_balance(void *self, struct ht_rpc_call *call, const json_t *params);
void ht_eth_get_transaction_count(void *self, struct ht_rpc_call *call, const json_t *params);
void ht_eth_get_code(void *self, struct ht_rpc_call *call, const json_t *params);
void ht_eth_get_storage_at(void *self, struct ht_rpc_call *call, const json_t *params);
/* [{address: [slots]}, block]: each address has at most HT_STATE_SLOTS_MAX. */
void ht_eth_get_storage_values(void *self, struct ht_rpc_call *call, const json_t *params);
/* [address, [slots], block]: at most HT_STATE_SLOTS_MAX. */
void ht_eth_get_proof(void *self, struct ht_rpc_call *call, const json_t *params);

#endif
