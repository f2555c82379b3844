/* dao.proposals {"address"?, "state"?, "until"?, "limit"?}: newest first. Loop thread. */
#ifndef HT_GOVERNANCE_METHODS_PROPOSALS_H
#define HT_GOVERNANCE_METHODS_PROPOSALS_H

#include "governance/governance.h"

void ht_gov_start_proposals(void *self, struct ht_rpc_call *call, const json_t *params);

#endif
