/* dao.add {"address", "label"?} -> {"community"}: a community is followed once it is known what it
 * is. Loop thread. */
#ifndef HT_GOVERNANCE_METHODS_ADD_H
#define HT_GOVERNANCE_METHODS_ADD_H

#include "governance/governance.h"

void ht_gov_start_add(void *self, struct ht_rpc_call *call, const json_t *params);

#endif
