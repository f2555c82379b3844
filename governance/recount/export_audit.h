/* An audit bundle of a live proposal: its blocks, receipts and proofs gathered, each proven first.
 * The anchor is the newest finalized block, with the update that made it final, when the proposal
 * is in a final block; else the head, which whoever checks has to trust. Loop thread. */
#ifndef HT_GOVERNANCE_RECOUNT_EXPORT_AUDIT_H
#define HT_GOVERNANCE_RECOUNT_EXPORT_AUDIT_H

#include "governance/look/look.h"

/* bundle: a new reference, the callee's. HT_EAGAIN "needs_block": it is not known in which block
 * the proposal was made; HT_EUNVERIFIED "no_layout"; errors of audit_make.h and of reading. */
typedef void (*ht_gov_audit_made)(void *user, enum ht_err err, const struct ht_why *why,
                                  json_t *bundle);
/* done may come from within. */
void ht_gov_export_audit(struct ht_gov_item *item, ht_gov_audit_made done, void *user);

#endif
