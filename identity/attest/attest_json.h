/* Attestations and schemas as the UI sees them (attest.h). Loop thread. New references; NULL
 * without memory. */
#ifndef HT_IDENTITY_ATTEST_ATTEST_JSON_H
#define HT_IDENTITY_ATTEST_ATTEST_JSON_H

#include "identity/attest/attest_impl.h"

json_t *ht_attest_row_json(const struct ht_identity *identity, const struct ht_attest_row *row);
/* text NULL: it is not known. */
json_t *ht_attest_schema_json(const struct ht_eas_schema_record *record);
/* {"number", "hash", "timestamp"} | null. */
json_t *ht_attest_as_of_json(const struct ht_attest *attest);
json_t *ht_attest_hex_json(ht_bytes bytes);
/* The steps and the verdict of a check, with the attestation: attest.verify's answer. */
json_t *ht_attest_check_json(const struct ht_attest_check *check, ht_bytes package);
/* As of now. */
const char *ht_attest_row_verdict(const struct ht_identity *identity,
                                  const struct ht_attest_row *row);

enum ht_attest_role { HT_ATTEST_OTHER = 0, HT_ATTEST_RECEIVED = 1, HT_ATTEST_ISSUED = 2 };
/* The sum of those that apply. */
unsigned ht_attest_roles(const struct ht_identity *identity,
                         const struct ht_attestation *attestation);

#endif
