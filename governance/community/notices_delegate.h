/* What those to whom the owner has delegated voted. Loop thread. */
#ifndef HT_GOVERNANCE_COMMUNITY_NOTICES_DELEGATE_H
#define HT_GOVERNANCE_COMMUNITY_NOTICES_DELEGATE_H

#include "governance/community/notices.h"
#include "governance/community/recount.h"
#include "governance/governor/votes.h"

/* To whom the owner's accounts have delegated by now: duplicates, the owner's own accounts and more
 * than HT_GOV_MINE_MAX are left out. Tells of what they voted where that was counted before. */
void ht_gov_set_delegates(struct ht_community *community, const ht_addr20 *delegates, size_t count);

/* Notices "delegate_voted" of the counted votes of the owner's delegates: who, how, why; once for
 * each delegate and proposal; what was gone through is passed over. Not of proposals that ended
 * more than HT_GOV_TELL_VOTES_S before the block that was counted to. */
#define HT_GOV_TELL_VOTES_S 604800
void ht_gov_tell_delegate_votes(struct ht_community *community);
/* The same of a vote that the governor's storage proves (look_marks.h), which may not say how it
 * was cast: the notice says so, and is completed when the vote's receipt is counted. */
void ht_gov_tell_delegate_mark(struct ht_gov_item *item, const ht_addr20 *voter,
                               const struct ht_gov_mark *mark);

#endif
