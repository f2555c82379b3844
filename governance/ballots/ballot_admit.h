/* How a ballot is judged. Loop thread. */
#ifndef HT_GOVERNANCE_BALLOTS_BALLOT_ADMIT_H
#define HT_GOVERNANCE_BALLOTS_BALLOT_ADMIT_H

#include "governance/ballots/ballot_impl.h"

/* Looks at the first of those that wait: it ends with ht_ballot_admitted. */
void ht_ballot_admit(struct ht_ballot_box *box);
/* By what was read of its voter: used, waits or good. HT_EDENIED "has_voted", HT_ESTALE
 * "nonce_used" for those that will never be good again. */
enum ht_err ht_gov_kept_judge(struct ht_gov_kept *kept, const struct ht_gov_standing_of *standing,
                              enum ht_gov_counting counting, struct ht_why *why) HT_MUST_USE;
#endif
