/* attest.issue, attest.schema_register, attest.revoke, attest.timestamp (attest.h). */
#ifndef HT_IDENTITY_ATTEST_ATTEST_ISSUE_H
#define HT_IDENTITY_ATTEST_ATTEST_ISSUE_H

#include "identity/identity.h"

void ht_attest_issue(void *self, struct ht_rpc_call *call, const json_t *params);
void ht_attest_schema_register(void *self, struct ht_rpc_call *call, const json_t *params);
void ht_attest_revoke(void *self, struct ht_rpc_call *call, const json_t *params);
void ht_attest_timestamp(void *self, struct ht_rpc_call *call, const json_t *params);

#endif
