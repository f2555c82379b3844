/* What the owner's circle says of people, put beside posts and profiles just before they are
 * answered: host->trust belongs to the loop, posts are made on a worker. Loop thread. */
#ifndef HT_SOCIAL_FEED_TRUST_MARK_H
#define HT_SOCIAL_FEED_TRUST_MARK_H

#include "social/social.h"

/* Puts the member "trust" into each post of result's "posts", into what those embed, and into
 * result itself when it is a profile ("nip05_state"): {"address" | null, "name" | null, "distance"
 * | null, "vouches"}, or null when nothing is known about the author. "name" is a proven one.
 * result may be NULL. Without memory a member is left out. */
void ht_trust_mark(const struct ht_social *social, json_t *result);

#endif
