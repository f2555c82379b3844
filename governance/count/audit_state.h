/* What storage proves of a bundle. Internal to governance/count/audit*.c; reasons in count.h. */
#ifndef HT_GOVERNANCE_COUNT_AUDIT_STATE_H
#define HT_GOVERNANCE_COUNT_AUDIT_STATE_H

#include "governance/count/audit_run.h"

enum ht_err ht_gov_audit_state(struct ht_gov_audit_run *run, struct ht_why *why) HT_MUST_USE;

#endif
