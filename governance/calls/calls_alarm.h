/* What a call means, and what is to be feared of it. */
#ifndef HT_GOVERNANCE_CALLS_CALLS_ALARM_H
#define HT_GOVERNANCE_CALLS_CALLS_ALARM_H

#include "governance/calls/calls.h"

/* Adds alarms and sets title and sentence (calls_words.h); its own calls are known by then. */
void ht_gov_call_judge(struct ht_gov_calls *calls, size_t i);

#endif
