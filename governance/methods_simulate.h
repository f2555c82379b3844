/* dao.simulate {"address", "id"}: the actions, run as the treasury would. Loop thread. */
#ifndef HT_GOVERNANCE_METHODS_SIMULATE_H
#define HT_GOVERNANCE_METHODS_SIMULATE_H

#include "governance/governance.h"

void ht_gov_start_simulate(void *self, struct ht_rpc_call *call, const json_t *params);

#endif
