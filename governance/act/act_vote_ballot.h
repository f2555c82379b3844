/* dao.vote by ballot. Loop thread. */
#ifndef HT_GOVERNANCE_ACT_ACT_VOTE_BALLOT_H
#define HT_GOVERNANCE_ACT_ACT_VOTE_BALLOT_H

#include "governance/act/act_vote.h"

/* All that can be proven is: the ballot is made for the governor's own domain with the voter's next
 * nonce, signed, checked, kept and published; the voting ends. */
void ht_gov_voting_sign(struct ht_gov_voting *voting);

#endif
