/* attest.issue and attest.revoke of many at once (attest.h): one transaction for all. */
#ifndef HT_IDENTITY_ATTEST_ATTEST_MANY_H
#define HT_IDENTITY_ATTEST_ATTEST_MANY_H

#include "identity/identity.h"

void ht_attest_issue_many(struct ht_identity *identity, struct ht_rpc_call *call,
                          const json_t *params);
void ht_attest_revoke_many(struct ht_identity *identity, struct ht_rpc_call *call,
                           const json_t *params);

#endif
