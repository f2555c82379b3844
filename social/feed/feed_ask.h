/* Questions of other modules to relays: ask of struct ht_feed, page by page. Who is asked is
 * peers.h's. Loop thread. */
#ifndef HT_SOCIAL_FEED_FEED_ASK_H
#define HT_SOCIAL_FEED_FEED_ASK_H

#include "social/social.h"

#define HT_FEED_PAGES_MAX 40U /* of one filter */

/* As ask of struct ht_feed. What is under way ends when relays are stopped (ht_peers_stop). */
void ht_feed_ask(struct ht_social *social, const json_t *filters, const json_t *more,
                 ht_feed_asked done, void *user);
/* As relays of struct ht_feed. */
json_t *ht_feed_relays(const struct ht_social *social);

#endif
