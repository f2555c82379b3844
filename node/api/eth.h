/* Ethereum's JSON-RPC (execution-apis, EIP-1474, EIP-1898) from what the light client has verified.
 *
 * Each answer is proven, or it is an error that says so: what cannot be proven is -32004 with the
 * code HT_RPC_NOT_PROVEN. Nothing is asked of a provider and passed on, unless the user named the
 * method in `unverified`: then the reply says so beside the result, in `provenance`. Without a
 * head, or with an old one, what depends on it is -32002 with the kind "stale"; a block that is
 * final is answered all the same, and its provenance tells that the head is old.
 *
 * "pending" stands for latest, "safe" for finalized (nothing in between is proven to a light
 * client), "earliest" for block 0. All functions: loop thread. */
#ifndef HT_API_ETH_H
#define HT_API_ETH_H

#include "node/api/rpc.h"
#include "node/l1/outbox.h"
#include "node/l1/run.h"

struct ht_eth_filters;
struct ht_eth_subscriptions;
struct ht_eth_forwarded;

/* A tip that was worked out at a head. */
struct ht_eth_tip {
    bool is_known;
    ht_hash32 head;
    ht_u256 wei;
};

/* Zeroed but for the first group. */
struct ht_eth {
    struct ht_sync *sync;
    struct ht_chain *chain;   /* NULL: what reads headers is refused */
    struct ht_blocks *blocks; /* NULL: what reads blocks and logs is refused */
    struct ht_state *state;   /* NULL: what reads state is refused */
    struct ht_runner *runner; /* NULL: what runs code is refused */
    struct ht_outbox *outbox; /* NULL: nothing can be sent */
    struct ht_asker *asker;   /* NULL: nothing is passed on unproven */
    const char *version;      /* "0.1.0" */
    char *const *unverified;  /* methods that may be passed on unproven */
    size_t unverified_count;

    /* Our own. */
    struct ht_eth_filters *filters;
    struct ht_eth_subscriptions *subscriptions;
    struct ht_eth_forwarded *forwarded;
    struct ht_eth_tip tip;
};

/* Adds the methods to a table of HT_RPC_ETHEREUM; eth and what it points to outlive the table.
 * Errors as ht_rpc_add_methods. */
enum ht_err ht_eth_add(struct ht_rpc *rpc, struct ht_eth *eth) HT_MUST_USE;

/* What a node without a wallet answers, where no module does: eth_accounts, with none. After the
 * modules' methods were added. */
enum ht_err ht_eth_add_keyless(struct ht_rpc *rpc, struct ht_eth *eth) HT_MUST_USE;

/* Frees filters and subscriptions. When the asker has been freed (reads that are left have ended),
 * and before the chain, the blocks and the loop. */
void ht_eth_fini(struct ht_eth *eth);

/* The light client's state may have changed ("l1.status"): tells those who subscribed to it. */
void ht_eth_on_status(struct ht_eth *eth);

/* HT_ESTALE "not_live" or "no_head" unless there is a verified head that is new enough to answer
 * from. */
enum ht_err ht_eth_check_live(const struct ht_eth *eth, struct ht_why *why) HT_MUST_USE;

/* The result of eth_syncing, false while live; NULL without memory. */
json_t *ht_eth_syncing_json(const struct ht_eth *eth);

#endif
