/* dao.power: what an account has, to whom it is delegated, and what it was at a snapshot. Loop
 * thread. */
#ifndef HT_GOVERNANCE_ACT_ACT_POWER_H
#define HT_GOVERNANCE_ACT_ACT_POWER_H

#include "governance/governance.h"

/* {"address", "account", "at"? (a point of the governor's clock) or "id"? (its snapshot)} ->
 * {"balance" | null, "delegate" | null, "votes_now" | null, "votes_at" | null,
 * "votes_at_provenance", "provenance": "called", "ballots": "5" | "4" | "bravo" | "none", "as_of",
 * "warnings": [{"code", "text"}]}. Codes: "not_delegated", "delegated_away", "no_power",
 * "snapshot_in_future", "ballot_irrevocable", "ballot_nonce_order". */
void ht_gov_power_start(void *self, struct ht_rpc_call *call, const json_t *params);

#endif
