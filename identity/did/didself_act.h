/* did.resolve, did.rotate, did.delegate, did.attribute (didself.h). */
#ifndef HT_IDENTITY_DID_DIDSELF_ACT_H
#define HT_IDENTITY_DID_DIDSELF_ACT_H

#include "identity/identity.h"

void ht_did_call_resolve(void *self, struct ht_rpc_call *call, const json_t *params);
void ht_did_call_rotate(void *self, struct ht_rpc_call *call, const json_t *params);
void ht_did_call_delegate(void *self, struct ht_rpc_call *call, const json_t *params);
void ht_did_call_attribute(void *self, struct ht_rpc_call *call, const json_t *params);

/* params.did, which must be one of did:ethr on this chain. HT_EINPUT "did_not_ethr", HT_ENOTFOUND
 * "did_network". */
enum ht_err ht_did_param(ht_addr20 *out, const struct ht_identity *identity, const json_t *params,
                         struct ht_why *why) HT_MUST_USE;

#endif
