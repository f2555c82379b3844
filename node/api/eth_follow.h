/* Logs as the chain grows: every block that is added is looked at, its receipts are proven when its
 * bloom may match, and the logs of a block that a reorganisation takes out come again as removed.
 * For filters and subscriptions.
 *
 * Blocks come one after another, in the chain's order; one that cannot be proven holds up those
 * behind it and is tried again at the next change. All functions: loop thread. */
#ifndef HT_API_ETH_FOLLOW_H
#define HT_API_ETH_FOLLOW_H

#include "node/l1/logs.h"

#define HT_ETH_FOLLOW_BLOCKS_MAX 128U /* with matches, not final or not read yet */

struct ht_eth_follow;

struct ht_eth_follow_options {
    struct ht_blocks *blocks;
    uint64_t from_number, to_number; /* blocks outside are passed over */
    /* Logs were found or taken out: log objects as in eth_getLogs, borrowed. The follower may be
     * freed from within both of these. */
    void (*on_logs)(void *user, const json_t *logs);
    void (*on_rest)(void *user); /* nothing is read any more: all is done, or it failed; may be
                                    NULL */
    void *user;
};

/* Takes filter over. NULL without memory; filter is the caller's then. */
struct ht_eth_follow *ht_eth_follow_new(const struct ht_eth_follow_options *options,
                                        struct ht_log_filter *filter) HT_MUST_USE;
/* No callback comes any more. */
void ht_eth_follow_free(struct ht_eth_follow *follow);

void ht_eth_follow_change(struct ht_eth_follow *follow, const struct ht_chain_change *change);

/* Whether all blocks that were added have been looked at. */
bool ht_eth_follow_is_done(const struct ht_eth_follow *follow);
/* Tries again what failed; on_rest comes, perhaps before this returns, unless all is done. */
void ht_eth_follow_resume(struct ht_eth_follow *follow);
/* The blocks that could not be looked at, at most max ranges, in order; those that will never be
 * (the chain went past them too far) are told once. Returns how many. */
size_t ht_eth_follow_missing(struct ht_eth_follow *follow, struct ht_logs_gap *gaps, size_t max);

#endif
