/* attest.import, attest.verify, attest.schema (attest.h): what comes from others is checked. */
#ifndef HT_IDENTITY_ATTEST_ATTEST_IMPORT_H
#define HT_IDENTITY_ATTEST_ATTEST_IMPORT_H

#include "identity/attest/attest_impl.h"

void ht_attest_import(void *self, struct ht_rpc_call *call, const json_t *params);
void ht_attest_verify(void *self, struct ht_rpc_call *call, const json_t *params);
void ht_attest_schema(void *self, struct ht_rpc_call *call, const json_t *params);

/* Checks and keeps, for a call or for nobody. */
struct ht_attest_taken {
    /* On the loop, once, perhaps before the function that was given it returns. steps: of the
     * check, borrowed, NULL when it did not come to that. HT_EUNVERIFIED: it is not kept. */
    void (*done)(void *user, enum ht_err err, const struct ht_why *why,
                 const struct ht_attest_item *item, json_t *steps);
    void *user;
};
/* The text of a package in any form, or of a uid. */
void ht_attest_take_text(struct ht_identity *identity, ht_bytes text,
                         const struct ht_attest_taken *taken);
/* One on chain. */
void ht_attest_take_uid(struct ht_identity *identity, const ht_hash32 *uid,
                        const struct ht_attest_taken *taken);

#endif
