/* Headers, blocks, receipts and transactions as the bytes that they are hashed over:
 * execution-apis, debug_getRawHeader, debug_getRawBlock, debug_getRawReceipts,
 * debug_getRawTransaction.
 *
 * The bytes are made from what is proven, never taken over from a provider. A block that is not
 * there is an error; a transaction that is in no proven block is answered with null. */
#ifndef HT_API_ETH_RAW_H
#define HT_API_ETH_RAW_H

#include "node/api/eth.h"

/* `start` functions for a table of methods; self is a struct ht_eth. */
void ht_eth_get_raw_header(void *self, struct ht_rpc_call *call, const json_t *params);
void ht_eth_get_raw_block(void *self, struct ht_rpc_call *call, const json_t *params);
void ht_eth_get_raw_receipts(void *self, struct ht_rpc_call *call, const json_t *params);
void ht_eth_get_raw_transaction(void *self, struct ht_rpc_call *call, const json_t *params);

#endif
