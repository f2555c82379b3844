/* Which subscriptions the owner's relays get: read from our own store, on the reader's worker. Only
 * peers*.c include this. */
#ifndef HT_SOCIAL_LINKS_PEERS_LIVE_SET_H
#define HT_SOCIAL_LINKS_PEERS_LIVE_SET_H

#include "social/links/peers_impl.h"

#define HT_LIVE_WRAPS 1U /* the subscription that has the gift wraps */

enum ht_live_since {
    HT_LIVE_SINCE_SEEN,
    HT_LIVE_SINCE_WRAPS, /* they name times up to two days ago (NIP-59) */
    HT_LIVE_SINCE_NOW,   /* of what nobody keeps: requests to the bunker */
};

struct ht_live_filter {
    json_t *object; /* without since and limit */
    struct ht_filter filter;
    enum ht_live_since since;
};

struct ht_live_sub {
    struct ht_live_filter filters[HT_LIVE_FILTERS];
    size_t count;
};

struct ht_live {
    ht_hash32 owner;
    ht_hash32 follows[HT_LIVE_CHUNK * HT_LIVE_CHUNKS]; /* those added last first */
    size_t follow_count;
    int64_t newest_s; /* of what the followed wrote, as far as it is here; 0: nothing is */
    struct ht_arena arena;
    struct ht_live_sub subs[HT_LIVE_SUBS];
    unsigned sub_count;
};

/* What is to be subscribed to for the task's owner; free with ht_peers_live_free. Errors of the
 * disk, HT_ENOMEM. */
enum ht_err ht_live_read(struct ht_live **out, struct ht_task *task, bool wants_newest,
                         struct ht_why *why) HT_MUST_USE;
/* The same subscriptions? NULL is equal to NULL. */
bool ht_live_equal(const struct ht_live *a, const struct ht_live *b);

#endif
