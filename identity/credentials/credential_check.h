/* credential.verify, see credential_methods.h. */
#ifndef HT_IDENTITY_CREDENTIALS_CREDENTIAL_CHECK_H
#define HT_IDENTITY_CREDENTIALS_CREDENTIAL_CHECK_H

#include "identity/identity.h"

void ht_credential_verify(void *self, struct ht_rpc_call *call, const json_t *params);

#endif
