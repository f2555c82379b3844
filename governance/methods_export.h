/* dao.export {"address", "id", "format"} and dao.audit {"bundle"}. Loop thread. */
#ifndef HT_GOVERNANCE_METHODS_EXPORT_H
#define HT_GOVERNANCE_METHODS_EXPORT_H

#include "governance/governance.h"

void ht_gov_start_export(void *self, struct ht_rpc_call *call, const json_t *params);
void ht_gov_start_audit(void *self, struct ht_rpc_call *call, const json_t *params);

#endif
