/* Ethereum's methods about what gas and blobs cost, from proven headers, bodies and receipts:
 * eth_gasPrice, eth_maxPriorityFeePerGas, eth_feeHistory, eth_blobBaseFee.
 *
 * The typical tip: of each of the last HT_ETH_TIP_BLOCKS blocks the priority fee that 60 % of its
 * transactions stayed below; of these the median, at least 1 wei, which is also the answer when
 * the blocks are empty. The gas price is the next block's base fee and that tip; the blob base fee
 * is the next block's. */
#ifndef HT_API_ETH_FEE_H
#define HT_API_ETH_FEE_H

#include "node/api/eth.h"

#define HT_ETH_TIP_BLOCKS 5U
#define HT_ETH_TIP_PERCENTILE_MILLI 60000U
#define HT_ETH_FEE_BLOCKS_MAX 128U /* of one eth_feeHistory; more are cut to that */
#define HT_ETH_PERCENTILES_MAX 100U

/* `start` functions for a table of methods; self is a struct ht_eth. */
void ht_eth_gas_price(void *self, struct ht_rpc_call *call, const json_t *params);
void ht_eth_max_priority_fee(void *self, struct ht_rpc_call *call, const json_t *params);
void ht_eth_blob_base_fee(void *self, struct ht_rpc_call *call, const json_t *params);

#endif
