/* dao.delegate: whose votes an account's tokens are. Loop thread. */
#ifndef HT_GOVERNANCE_ACT_ACT_DELEGATE_H
#define HT_GOVERNANCE_ACT_ACT_DELEGATE_H

#include "governance/governance.h"

#define HT_GOV_DELEGATION_HOURS_MAX 8760U

/* {"token" or "address" (of the community), "account", "to", "by": "transaction" | "signature",
 * "hours"? (168)} -> {"hash"} | {"delegation" (ballot_json.h), "token", "calldata", "notes":
 * [{"code", "text"}]}; or {"delegation", "account"}: sends somebody's signed delegation, at one's
 * own cost -> {"hash"}; dao.delegation looks at one before (act_delegation.h, whose reasons are
 * refusals here). HT_EDENIED "has_delegated" (it is so already), "would_fail"; HT_EUNVERIFIED
 * "bad_signature", "wrong_chain", "wrong_domain", "no_nonce"; HT_ESTALE "expired", "nonce_used";
 * HT_EAGAIN "nonce_early". */
void ht_gov_delegate_start(void *self, struct ht_rpc_call *call, const json_t *params);

#endif
