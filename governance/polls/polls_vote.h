/* polls.vote: see polls.h. Loop thread. */
#ifndef HT_GOVERNANCE_POLLS_POLLS_VOTE_H
#define HT_GOVERNANCE_POLLS_POLLS_VOTE_H

#include "governance/polls/polls_impl.h"

void ht_polls_vote(void *self, struct ht_rpc_call *call, const json_t *params);

#endif
