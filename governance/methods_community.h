/* dao.community {"address"}: settings, treasury, power, delegates. Loop thread. */
#ifndef HT_GOVERNANCE_METHODS_COMMUNITY_H
#define HT_GOVERNANCE_METHODS_COMMUNITY_H

#include "governance/governance.h"

void ht_gov_start_community(void *self, struct ht_rpc_call *call, const json_t *params);

#endif
