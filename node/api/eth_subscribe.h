/* eth_subscribe and eth_unsubscribe, over the websocket at /eth: newHeads, logs, syncing.
 *
 * A new head comes when its header is proven, after a reorganisation each block of the new branch.
 * Logs come when their block's receipts are proven, those of a block that was taken out again with
 * "removed": true. Of blocks that the chain service itself had to jump over (the providers were
 * gone for long) nothing is told. Transactions that wait in a mempool nobody can prove:
 * not_proven_yet. A connection has at most HT_ETH_SUBSCRIPTIONS_MAX, which end with it. */
#ifndef HT_API_ETH_SUBSCRIBE_H
#define HT_API_ETH_SUBSCRIBE_H

#include "node/api/eth.h"

#define HT_ETH_SUBSCRIPTIONS_MAX 64U

/* `start` functions for a table of methods; self is a struct ht_eth. */
void ht_eth_subscribe(void *self, struct ht_rpc_call *call, const json_t *params);
void ht_eth_unsubscribe(void *self, struct ht_rpc_call *call, const json_t *params);

/* Tells who subscribed to syncing, when the light client has become live or is no longer. */
void ht_eth_tell_syncing(struct ht_eth *eth);

/* Frees all subscriptions of eth; eth->subscriptions is NULL then. */
void ht_eth_subscriptions_free(struct ht_eth *eth);

#endif
