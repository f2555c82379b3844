/* Who the owner's delegates are, and what they voted. Loop thread. */
#ifndef HT_GOVERNANCE_WATCH_WATCH_DELEGATES_H
#define HT_GOVERNANCE_WATCH_WATCH_DELEGATES_H

#include "governance/community/community.h"

/* To whom the owner's accounts have delegated by now: duplicates, the owner's own accounts and more
 * than HT_GOV_MINE_MAX are left out. Tells of what they voted where that was counted before. */
void ht_gov_set_delegates(struct ht_community *community, const ht_addr20 *delegates, size_t count);

/* Tells of the counted votes of the owner's delegates (community/notices_votes.h); what was gone
 * through is passed over. Not of proposals that ended more than HT_GOV_TELL_VOTES_S before the
 * block that was counted to. */
void ht_gov_tell_delegate_votes(struct ht_community *community);

#endif
