/* Where a governor of foreign code keeps what: a step of profiling, which leads to the next by
 * itself. Only profiling*.c include this. */
#ifndef HT_GOVERNANCE_DISCOVERY_PROFILING_PROBE_H
#define HT_GOVERNANCE_DISCOVERY_PROFILING_PROBE_H

#include "governance/discovery/profiling_impl.h"

void ht_gov_profiling_probe(struct ht_gov_profiling *profiling);

#endif
