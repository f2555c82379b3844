/* attest.delegate and attest.submit (attest.h): attestations and revocations that one signs and
 * another sends. */
#ifndef HT_IDENTITY_ATTEST_ATTEST_DELEGATE_H
#define HT_IDENTITY_ATTEST_ATTEST_DELEGATE_H

#include "identity/identity.h"

void ht_attest_delegate(void *self, struct ht_rpc_call *call, const json_t *params);
void ht_attest_submit(void *self, struct ht_rpc_call *call, const json_t *params);

#endif
