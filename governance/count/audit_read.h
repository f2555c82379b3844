/* The blocks of a bundle: headers and receipts. Internal to governance/count/audit*.c; reasons in
 * count.h. */
#ifndef HT_GOVERNANCE_COUNT_AUDIT_READ_H
#define HT_GOVERNANCE_COUNT_AUDIT_READ_H

#include "governance/count/audit_run.h"

/* A header in either of its forms: an object, which must say its hash, or RLP. */
enum ht_err ht_gov_audit_header(struct ht_exec_header_claimed *out, const json_t *json,
                                struct ht_why *why) HT_MUST_USE;
enum ht_err ht_gov_audit_headers(struct ht_gov_audit_run *run, const json_t *anchor,
                                 struct ht_why *why) HT_MUST_USE;
enum ht_err ht_gov_audit_receipts(struct ht_gov_audit_run *run, struct ht_why *why) HT_MUST_USE;

#endif
