/* What is sent to the registry of did:ethr (ERC-1056): calldata, for transactions of the identity's
 * owner. Pure; any thread.
 *
 * All append; on an error out is as it was. Types and names are text of at most 32 bytes, padded
 * with zeros: HT_EINPUT when empty or longer. A value is at most HT_DID_VALUE_MAX bytes: HT_ELIMIT.
 * validity: seconds from the block that takes it. HT_ENOMEM. */
#ifndef HT_IDENTITY_DID_DID_ETHR_CALLS_H
#define HT_IDENTITY_DID_DID_ETHR_CALLS_H

#include "identity/did/did_ethr.h"

/* An owner of zero ends the identity for good: resolvers show it as deactivated from then on. */
enum ht_err ht_did_call_change_owner(struct ht_buf *out, const ht_addr20 *identity,
                                     const ht_addr20 *owner) HT_MUST_USE;
enum ht_err ht_did_call_add_delegate(struct ht_buf *out, const ht_addr20 *identity,
                                     const char *type, const ht_addr20 *delegate,
                                     uint64_t validity) HT_MUST_USE;
enum ht_err ht_did_call_revoke_delegate(struct ht_buf *out, const ht_addr20 *identity,
                                        const char *type, const ht_addr20 *delegate) HT_MUST_USE;
enum ht_err ht_did_call_set_attribute(struct ht_buf *out, const ht_addr20 *identity,
                                      const char *name, ht_bytes value,
                                      uint64_t validity) HT_MUST_USE;
enum ht_err ht_did_call_revoke_attribute(struct ht_buf *out, const ht_addr20 *identity,
                                         const char *name, ht_bytes value) HT_MUST_USE;

#endif
