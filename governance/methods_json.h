/* Communities and proposals in JSON, and what methods share. Loop thread. */
#ifndef HT_GOVERNANCE_METHODS_JSON_H
#define HT_GOVERNANCE_METHODS_JSON_H

#include "governance/community/community.h"
#include "governance/community/recount.h"

/* A row of dao.list, and of dao.proposals; new references, NULL without memory. */
json_t *ht_community_json(const struct ht_community *community);
json_t *ht_gov_item_json(const struct ht_gov_item *item);
/* Sets a member; a NULL value is null. */
void ht_gov_put(json_t *object, const char *key, json_t *value);
/* Name of an address by trust; NULL: none. */
json_t *ht_gov_name_json(const struct ht_governance *governance, const ht_addr20 *address);
/* Is the account one of the wallet's? */
bool ht_gov_is_mine(const struct ht_governance *governance, const ht_addr20 *address);
/* Ends a call with an error, or with a result (taken over). */
void ht_gov_answer(struct ht_rpc_call *call, enum ht_err err, const struct ht_why *why,
                   json_t *result);

#endif
