/* Ethereum's methods that look for a transaction by its hash: eth_getTransactionByHash and
 * eth_getTransactionReceipt.
 *
 * A transaction that is in no proven block is shown as pending when a provider has it (its hash
 * covers what it says; that it is pending nobody can prove), and answered with null when nobody
 * has it; its receipt is null in both cases. */
#ifndef HT_API_ETH_TRANSACTION_H
#define HT_API_ETH_TRANSACTION_H

#include "node/api/eth.h"

/* `start` functions for a table of methods; self is a struct ht_eth. */
void ht_eth_get_transaction(void *self, struct ht_rpc_call *call, const json_t *params);
void ht_eth_get_receipt(void *self, struct ht_rpc_call *call, const json_t *params);

#endif
