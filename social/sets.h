/* Who counts as what for the relay's policy (owner, followed, friends of those, blocked), and what
 * else is read anew when lists or settings have changed. */
#ifndef HT_SOCIAL_SETS_H
#define HT_SOCIAL_SETS_H

#include "social/social.h"

/* Reads the sets of the policy, the settings, the owner's relays and profile anew, and hands them
 * to whom they concern. Soon, once for many calls. Loop thread. */
void ht_sets_reload(struct ht_social *social);

#endif
