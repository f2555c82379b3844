/* What is to be attested or revoked by our own: read from a call's params, checked against what is
 * proven. Loop thread. Reasons are those of attest.h. */
#ifndef HT_IDENTITY_ATTEST_ATTEST_DRAFT_H
#define HT_IDENTITY_ATTEST_ATTEST_DRAFT_H

#include "identity/attest/attest_impl.h"

/* An attestation in the making. Zeroed, then init; fini may come twice. */
struct ht_attest_draft {
    struct ht_attestation attestation; /* its data is a view of `data` */
    bool has_revocable;
    struct ht_buf data;
    ht_hash32 root; /* of leaves */
    json_t *leaves; /* of "private", with their salts; NULL without */
};
void ht_attest_draft_init(struct ht_attest_draft *draft);
void ht_attest_draft_fini(struct ht_attest_draft *draft);

/* "recipient", "ref_uid", "expiration_time", "revocable", each of them optional. */
enum ht_err ht_attest_draft_read(struct ht_attest_draft *draft, const struct ht_identity *identity,
                                 const json_t *params, struct ht_why *why) HT_MUST_USE;
/* The data, by "values", "data" or "private", and whether it can be revoked, by the proven schema;
 * leaves get salts of their own. What is read of the schema is the arena's. */
enum ht_err ht_attest_draft_fill(struct ht_attest_draft *draft, struct ht_arena *arena,
                                 const struct ht_identity *identity,
                                 const struct ht_eas_schema_record *record, const json_t *params,
                                 struct ht_why *why) HT_MUST_USE;

/* The kept one that params name by "attester" and "uid", if an account of ours may revoke it. */
enum ht_err ht_attest_revocable(const struct ht_attest_item **out,
                                const struct ht_identity *identity, const json_t *params,
                                struct ht_why *why) HT_MUST_USE;

#endif
