/* Calls as JSON: ht_gov_calls_json of calls.h. */
#ifndef HT_GOVERNANCE_CALLS_CALLS_JSON_H
#define HT_GOVERNANCE_CALLS_CALLS_JSON_H

#include "governance/calls/calls.h"

#endif
