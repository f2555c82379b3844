/* Communities and proposals in JSON, and what methods share. Loop thread. */
#ifndef HT_GOVERNANCE_METHODS_JSON_H
#define HT_GOVERNANCE_METHODS_JSON_H

#include "governance/community/community.h"
#include "governance/recount/recount.h"

/* A row of dao.list, and of dao.proposals; new references, NULL without memory. */
json_t *ht_community_json(const struct ht_community *community);
json_t *ht_gov_item_json(const struct ht_gov_item *item);
/* Ends a call with an error, or with a result (taken over). */
void ht_gov_answer(struct ht_rpc_call *call, enum ht_err err, const struct ht_why *why,
                   json_t *result);

#endif
