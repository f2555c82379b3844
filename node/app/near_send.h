/* Passing on a transaction of a peer that has no provider of its own. Loop thread.
 *
 * The bytes must be a transaction that this chain takes at this moment, with a signature that is
 * one; then one of this node's own execution providers is given them, once. Nothing of it is kept
 * here, and it is not looked for: the sender follows it, by proofs. What comes back is its hash, or
 * the words with which that provider refused it, neither of which the sender has to believe. */
#ifndef HT_APP_NEAR_SEND_H
#define HT_APP_NEAR_SEND_H

#include "node/app/near_methods.h"

#define HT_NEAR_SEND "eth_sendRawTransaction"
#define HT_NEAR_SEND_MAX ((size_t)128 << 10) /* bytes of a transaction; most nodes take no more */
#define HT_NEAR_REJECTED (-32003)            /* EIP-1474: transaction rejected */

/* `start` function for a table of methods; self is a struct ht_near_methods. Refused with
 * HT_NEAR_REJECTED: what is wrong with the transaction (transaction.h, transaction_rules.h), and
 * "refused", in the provider's words. HT_ENOTFOUND "state_pruned" as ht_near_check_own. */
void ht_near_send(void *self, struct ht_rpc_call *call, const json_t *params);

#endif
