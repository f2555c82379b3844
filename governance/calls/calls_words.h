/* What a call does, in words. */
#ifndef HT_GOVERNANCE_CALLS_CALLS_WORDS_H
#define HT_GOVERNANCE_CALLS_CALLS_WORDS_H

#include "governance/calls/calls.h"

/* Sets title and sentence. */
void ht_gov_call_tell(struct ht_gov_calls *calls, size_t i);

#endif
