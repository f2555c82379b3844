/* Methods of communities, proposals and votes; what each answers is the contract of the
 * dao.* methods. Loop thread. */
#ifndef HT_GOVERNANCE_METHODS_H
#define HT_GOVERNANCE_METHODS_H

#include "governance/community/notices.h"
#include "governance/recount/recount.h"

extern const struct ht_gov_part ht_gov_community_part;

/* Topic "dao.changed": {"communities", "active", "closing": [{"address", "id", "title", "end_s"}],
 * "alerts"}. */
enum ht_err ht_gov_changed_topic(void *self, json_t **value, struct ht_why *why);

#endif
