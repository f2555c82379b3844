/* dao.votes, dao.recount, dao.weights: what was counted, vote by vote. Loop thread. */
#ifndef HT_GOVERNANCE_METHODS_VOTES_H
#define HT_GOVERNANCE_METHODS_VOTES_H

#include "governance/governance.h"

/* A vote's "tx" is there when the body of its block could be proven (methods_tx.h), else null; what
 * is known of its weight at the snapshot is in recount_weights.h, as is "weights" of them all. */
void ht_gov_start_votes(void *self, struct ht_rpc_call *call, const json_t *params);
enum ht_err ht_gov_recount_method(void *self, json_t **result, const json_t *params,
                                  struct ht_why *why);
/* Of 1 to HT_GOV_WEIGHTS_MAX (100) voters; kept, so that dao.votes and exports have it from then
 * on.
 */
void ht_gov_start_weights(void *self, struct ht_rpc_call *call, const json_t *params);

#endif
