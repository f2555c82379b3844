/* polls.make: see polls.h. Loop thread. */
#ifndef HT_GOVERNANCE_POLLS_POLLS_MAKE_H
#define HT_GOVERNANCE_POLLS_POLLS_MAKE_H

#include "governance/polls/polls_impl.h"

void ht_polls_make(void *self, struct ht_rpc_call *call, const json_t *params);

#endif
