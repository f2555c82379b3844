/* Notices "delegate_voted": what one to whom the owner has delegated voted: who, how, why; once for
 * each delegate and proposal. Whose votes are the owner's delegates' is for the caller to know.
 * Loop thread. */
#ifndef HT_GOVERNANCE_COMMUNITY_NOTICES_VOTES_H
#define HT_GOVERNANCE_COMMUNITY_NOTICES_VOTES_H

#include "governance/community/notices.h"
#include "governance/governor/votes.h"

/* A vote that ended longer ago is no news. */
#define HT_GOV_TELL_VOTES_S 604800

/* A vote that a receipt proves. */
void ht_gov_tell_delegate_vote(struct ht_gov_item *item, const struct ht_gov_vote *vote);
/* A vote that the governor's storage proves (look/look_marks.h), which may not say how it was cast:
 * the notice says so, and is completed when the vote's receipt is counted. */
void ht_gov_tell_delegate_mark(struct ht_gov_item *item, const ht_addr20 *voter,
                               const struct ht_gov_mark *mark);

#endif
