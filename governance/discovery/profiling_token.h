/* The token of a governor: steps of profiling, each of which leads to the next by itself. Only
 * profiling*.c include this. */
#ifndef HT_GOVERNANCE_DISCOVERY_PROFILING_TOKEN_H
#define HT_GOVERNANCE_DISCOVERY_PROFILING_TOKEN_H

#include "governance/discovery/profiling_impl.h"

/* What it is called. */
void ht_gov_profiling_token(struct ht_gov_profiling *profiling);
/* Where it keeps its checkpoints; the last step. */
void ht_gov_profiling_token_probe(struct ht_gov_profiling *profiling);

#endif
