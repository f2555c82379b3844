/* Calldata of EAS and of its schema registry, and the typed data of delegated requests. Pure; any
 * thread. 0.26 and 1.4 differ in what a delegate signs: below 1.2.0 the form with a nonce alone,
 * from 1.2.0 value and deadline as well, from 1.3.0 attester or revoker first.
 *
 * Errors: those of abi.h; HT_EINPUT "eas_version", "eas_deadline" (one that the contract's version
 * would not hold anybody to), "schema_syntax" (not UTF-8); HT_ELIMIT "eas_too_large" (data, or how
 * many), "schema_too_large". On an error nothing is appended. */
#ifndef HT_IDENTITY_EAS_CALLS_H
#define HT_IDENTITY_EAS_CALLS_H

#include <jansson.h>

#include "identity/eas/storage.h"

#define HT_EAS_MANY_MAX 64U /* of one multi-call */

/* All append to out. attest and revoke: the attestations' schema, recipient, expiration_time,
 * is_revocable, ref_uid, data; uid to revoke. With a count over 1: multiAttest, multiRevoke, in
 * groups of one schema each, in the order given. value: wei for a payable resolver, 0. */
enum ht_err ht_eas_call_register(struct ht_buf *out, ht_bytes schema, const ht_addr20 *resolver,
                                 bool is_revocable, struct ht_why *why) HT_MUST_USE;
enum ht_err ht_eas_call_attest(struct ht_buf *out, const struct ht_attestation *list, size_t count,
                               struct ht_why *why) HT_MUST_USE;
enum ht_err ht_eas_call_revoke(struct ht_buf *out, const struct ht_attestation *list, size_t count,
                               struct ht_why *why) HT_MUST_USE;
enum ht_err ht_eas_call_revoke_offchain(struct ht_buf *out, const ht_hash32 *uids, size_t count,
                                        struct ht_why *why) HT_MUST_USE;
enum ht_err ht_eas_call_timestamp(struct ht_buf *out, const ht_hash32 *data, size_t count,
                                  struct ht_why *why) HT_MUST_USE;

/* A request that another sends: what its author signs, and the call with that signature. */
struct ht_eas_delegated {
    const struct ht_eas_contract *contract;
    bool is_revocation;
    struct ht_attestation attestation; /* attester: who signs; uid: to revoke */
    uint64_t nonce, deadline;          /* deadline: seconds, 0: none; from 1.2.0 */
};
/* EIP-712 document; a new reference. */
enum ht_err ht_eas_delegated_typed(json_t **out, const struct ht_eas_delegated *request,
                                   struct ht_why *why) HT_MUST_USE;
enum ht_err ht_eas_delegated_call(struct ht_buf *out, const struct ht_eas_delegated *request,
                                  const uint8_t signature[static 65],
                                  struct ht_why *why) HT_MUST_USE;

#endif
