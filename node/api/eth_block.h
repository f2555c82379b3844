/* Ethereum's methods that read blocks, transactions and receipts, at any block.
 *
 * What is not there is answered with null, as the specification has it. With provenance asked for,
 * the reply tells apart what is proven not to be there (a number above the head, an index past the
 * last transaction) from what nobody knows ("unproven"). */
#ifndef HT_API_ETH_BLOCK_H
#define HT_API_ETH_BLOCK_H

#include "node/api/eth.h"

/* `start` functions for a table of methods; self is a struct ht_eth. */
void ht_eth_get_block(void *self, struct ht_rpc_call *call, const json_t *params);
void ht_eth_get_block_by_hash(void *self, struct ht_rpc_call *call, const json_t *params);
void ht_eth_get_header(void *self, struct ht_rpc_call *call, const json_t *params);
void ht_eth_get_header_by_hash(void *self, struct ht_rpc_call *call, const json_t *params);
void ht_eth_get_block_receipts(void *self, struct ht_rpc_call *call, const json_t *params);
void ht_eth_get_transaction_count_of_block(void *self, struct ht_rpc_call *call,
                                           const json_t *params);
void ht_eth_get_transaction_count_by_hash(void *self, struct ht_rpc_call *call,
                                          const json_t *params);
void ht_eth_get_uncle_count(void *self, struct ht_rpc_call *call, const json_t *params);
void ht_eth_get_uncle_count_by_hash(void *self, struct ht_rpc_call *call, const json_t *params);
void ht_eth_get_transaction_at(void *self, struct ht_rpc_call *call, const json_t *params);
void ht_eth_get_transaction_at_hash(void *self, struct ht_rpc_call *call, const json_t *params);

#endif
