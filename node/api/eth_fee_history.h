/* eth_feeHistory, from proven headers, and with percentiles from proven bodies and receipts. */
#ifndef HT_API_ETH_FEE_HISTORY_H
#define HT_API_ETH_FEE_HISTORY_H

#include "node/api/eth_fee.h"

/* `start` function for a table of methods; self is a struct ht_eth. */
void ht_eth_fee_history(void *self, struct ht_rpc_call *call, const json_t *params);

/* A JSON number from 0 to 100 in thousandths, rounded; HT_EINPUT for anything else. */
enum ht_err ht_eth_read_percentile(uint32_t *milli, const json_t *value) HT_MUST_USE;

/* part / whole as a JSON number, 0 for a whole of 0; NULL without memory. */
json_t *ht_eth_ratio(uint64_t part, uint64_t whole);

#endif
