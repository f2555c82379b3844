/* The owner's views: feeds, and asking relays for them again (client.h).
 *
 * An answer is read from our store. A view that is empty there is asked of relays once in a while,
 * before it is answered. Loop thread. */
#ifndef HT_SOCIAL_FEED_FEED_H
#define HT_SOCIAL_FEED_FEED_H

#include "social/client_task.h"

#define HT_FEED_LIMIT 50U
#define HT_FEED_LIMIT_MAX 100U

/* See struct ht_rpc_method. Reasons: HT_EINPUT "bad_view", "bad_npub", "bad_limit",
 * "bad_search"; HT_EDENIED "no_nostr_key" (a view that needs an owner). */
void ht_feed_start(void *self, struct ht_rpc_call *call, const json_t *params);
void ht_refresh_start(void *self, struct ht_rpc_call *call, const json_t *params);

#endif
