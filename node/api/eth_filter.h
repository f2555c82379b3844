/* Filters that are polled: eth_newFilter, eth_newBlockFilter, eth_getFilterChanges,
 * eth_getFilterLogs, eth_uninstallFilter.
 *
 * An id is 128 random bits; there are at most HT_ETH_FILTERS_MAX filters, and one that nobody asked
 * for HT_ETH_FILTER_IDLE_MS is gone. Changes are complete: while a block cannot be proven, asking
 * for them is the error logs_incomplete (eth_logs.h), and what was found is kept for the next time.
 * Logs of a block that a reorganisation took out come again with "removed": true.
 *
 * "filter not found" has the number -32000, by which libraries know that they have to make it anew.
 */
#ifndef HT_API_ETH_FILTER_H
#define HT_API_ETH_FILTER_H

#include "node/api/eth.h"
#include "node/base/clock.h"

#define HT_ETH_FILTERS_MAX 256U
#define HT_ETH_FILTER_IDLE_MS (5 * 60 * 1000)
#define HT_ETH_FILTER_CHANGES_MAX \
    10000U /* that wait to be asked for; past that the filter is gone */

/* "0x" and 32 digits of fresh randomness, with a terminating zero: also for subscriptions. */
#define HT_ETH_ID_SIZE 35U
void ht_eth_make_id(char out[static HT_ETH_ID_SIZE], const struct ht_random *random);

/* `start` functions for a table of methods; self is a struct ht_eth. */
void ht_eth_new_filter(void *self, struct ht_rpc_call *call, const json_t *params);
void ht_eth_new_block_filter(void *self, struct ht_rpc_call *call, const json_t *params);
void ht_eth_get_filter_changes(void *self, struct ht_rpc_call *call, const json_t *params);
void ht_eth_get_filter_logs(void *self, struct ht_rpc_call *call, const json_t *params);
void ht_eth_uninstall_filter(void *self, struct ht_rpc_call *call, const json_t *params);

/* Frees all filters of eth; eth->filters is NULL then. */
void ht_eth_filters_free(struct ht_eth *eth);

#endif
