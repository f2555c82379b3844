/* dao.relay. Loop thread. */
#ifndef HT_GOVERNANCE_BALLOTS_BALLOT_RELAY_H
#define HT_GOVERNANCE_BALLOTS_BALLOT_RELAY_H

#include "governance/governance.h"

/* dao.relay {"address", "id", "ballots": [ids], "account", "deploy"?} -> {"hash", "hashes":
 * [hashes], "relayed": [ids], "dropped": [{"id", "why"}], "by": "batch" | "single"}. With the relay
 * contract all good ones go in one transaction; where it does not stand each has its own, one after
 * the other, or with "deploy": true the contract is put there first (that transaction alone:
 * "by": "deploy"). What would fail, run over proven state, is dropped; HT_EDENIED "none_good". */
void ht_gov_relay_start(void *self, struct ht_rpc_call *call, const json_t *params);

#endif
