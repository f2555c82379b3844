/* Methods that nobody here can prove, asked of a provider because the user said so by name.
 *
 * The reply always has "provenance": {"verdict": "unproven", "why", "sources": [name], …} beside
 * the result. What signs, names accounts or changes a server (eth_accounts, eth_sign…,
 * eth_sendTransaction, personal_…, wallet_…, admin_…, miner_…, engine_…) is never passed on, and
 * what can be proven is proven. */
#ifndef HT_API_ETH_FORWARD_H
#define HT_API_ETH_FORWARD_H

#include "node/api/eth.h"

#define HT_ETH_FORWARD_ANSWER_MAX ((size_t)8 << 20)

/* Whether the user may allow that method at all. */
bool ht_eth_may_forward(const char *method);

/* Adds what the user allowed and the table does not have yet; eth->forwarded keeps it. Errors as
 * ht_rpc_add_methods. */
enum ht_err ht_eth_forward_add(struct ht_rpc *rpc, struct ht_eth *eth) HT_MUST_USE;
void ht_eth_forward_free(struct ht_eth *eth);

/* Whether the user allowed the method. */
bool ht_eth_is_forwarded(const struct ht_eth *eth, const char *method);

#endif
