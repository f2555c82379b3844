/* dao.preview and dao.propose: a proposal before it is one. Loop thread. */
#ifndef HT_GOVERNANCE_ACT_ACT_PROPOSE_H
#define HT_GOVERNANCE_ACT_ACT_PROPOSE_H

#include "governance/governance.h"

/* dao.preview {"address", "account"?, "actions" (act_actions.h), "description"} -> {"id" | null,
 * "timelock_id" | null, "actions": [{"target", "wei", "signature", "calldata"}], "explain": [as the
 * wallet's | null], "executor": address, "treasury": {"wei", "needed",
 * "is_enough"} | null, "simulation": {"results": [simulate.h] | null, "error" |
 * null}, "propose": {"would_fail": text | null} | null}: the actions are run one after the other as
 * the treasury or governor would; with an account, proposing itself too (its threshold, the
 * proposer's guard). */
void ht_gov_preview_start(void *self, struct ht_rpc_call *call, const json_t *params);
/* dao.propose {the same, with account} -> {"hash", "id" | null, "timelock_id" | null}; HT_EDENIED
 * "would_fail". */
void ht_gov_propose_start(void *self, struct ht_rpc_call *call, const json_t *params);

#endif
