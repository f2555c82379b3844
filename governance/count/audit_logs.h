/* The logs of a bundle: the proposal's, and the votes'. Internal to governance/count/audit*.c;
 * reasons in count.h. */
#ifndef HT_GOVERNANCE_COUNT_AUDIT_LOGS_H
#define HT_GOVERNANCE_COUNT_AUDIT_LOGS_H

#include "governance/count/audit_run.h"

enum ht_err ht_gov_audit_proposal(struct ht_gov_audit_run *run, struct ht_why *why) HT_MUST_USE;
enum ht_err ht_gov_audit_votes(struct ht_gov_audit_run *run, struct ht_why *why) HT_MUST_USE;

#endif
