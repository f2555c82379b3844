/* Ethereum's JSON-RPC (execution-apis, EIP-1474) from what the light client has verified.
 *
 * Each answer is proven, or it is an error that says so: what cannot be proven yet is -32004 with
 * the code HT_RPC_NOT_PROVEN, and nothing is asked of a provider and passed on. Without a head,
 * with an old one, or with one that does not tell its number (Gloas), what depends on it is -32002
 * with the kind "stale". Loop thread. */
#ifndef HT_API_ETH_H
#define HT_API_ETH_H

#include "node/api/rpc.h"
#include "node/l1/state.h"

struct ht_eth {
    struct ht_sync *sync;
    struct ht_state *state; /* NULL: what reads state is refused */
    const char *version;    /* "0.1.0" */
};

/* HT_ESTALE "not_live" or "no_head" unless there is a verified head that is new enough to answer
 * from. */
enum ht_err ht_eth_check_live(const struct ht_eth *eth, struct ht_why *why) HT_MUST_USE;

/* Adds the methods to a table of HT_RPC_ETHEREUM; eth and what it points to outlive the table.
 * Errors as ht_rpc_add_methods. */
enum ht_err ht_eth_add(struct ht_rpc *rpc, struct ht_eth *eth) HT_MUST_USE;

#endif
