/* Who counts as what for the relay's policy (owner, followed, friends of those, vouched for by the
 * owner's circle, blocked), and what else is read anew when lists, settings or trust have changed.
 */
#ifndef HT_SOCIAL_RELAY_SETS_H
#define HT_SOCIAL_RELAY_SETS_H

#include "social/social.h"

/* Reads the sets of the policy, the settings, the owner's relays and profile anew, and hands them
 * to whom they concern. Soon, once for many calls. Loop thread. */
void ht_sets_reload(struct ht_social *social);

/* The keys of the vault that post: at most max; returns how many there are. Loop thread. */
size_t ht_sets_owners(const struct ht_social *social, ht_hash32 *out, size_t max);
/* Whether the owner has muted what an event is about. Loop thread. */
bool ht_sets_hides(const struct ht_social *social, const struct ht_event *event);
void ht_sets_free(struct ht_social *social);

#endif
