/* dao.proposal {"address", "id"}: one proposal, whole. "talk": how many comments and rationales are
 * known, null when the feeds could not be read. "provider_bytes": what providers sent of proofs and
 * receipts for what is shown: for this look (0 when it was known), for the code of targets, and for
 * the count; without those of proven calls. "weights" and "alarms": recount_weights.h. Loop thread.
 */
#ifndef HT_GOVERNANCE_METHODS_PROPOSAL_H
#define HT_GOVERNANCE_METHODS_PROPOSAL_H

#include "governance/governance.h"

void ht_gov_start_proposal(void *self, struct ht_rpc_call *call, const json_t *params);

#endif
