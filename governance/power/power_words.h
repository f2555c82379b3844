/* Power over a community as JSON and in words: ht_gov_power_json and _hidden of power.h. */
#ifndef HT_GOVERNANCE_POWER_POWER_WORDS_H
#define HT_GOVERNANCE_POWER_POWER_WORDS_H

#include "governance/power/power.h"

#endif
