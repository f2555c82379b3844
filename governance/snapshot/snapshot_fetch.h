/* The method snapshot.read: see snapshot.h. Loop thread. */
#ifndef HT_GOVERNANCE_SNAPSHOT_SNAPSHOT_FETCH_H
#define HT_GOVERNANCE_SNAPSHOT_SNAPSHOT_FETCH_H

#include "governance/governance.h"

void ht_snapshot_method(void *self, struct ht_rpc_call *call, const json_t *params);

#endif
