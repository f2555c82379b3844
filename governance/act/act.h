/* Acting: what the owner does in communities, each by a transaction or a signature that waits in
 * the owner's queue. dao.power (act_power.h), dao.vote (act_vote.h), dao.delegate (act_delegate.h),
 * dao.templates (act_actions.h), dao.preview and dao.propose (act_propose.h), dao.queue,
 * dao.execute and dao.cancel (act_step.h), dao.ballots (ballot_refresh.h), dao.relay
 * (ballot_relay.h).
 *
 * Before anything is asked of the owner it is proven what can be: that voting is open, that the
 * voter has not voted, the power at the snapshot (never the present one), the nonce of a ballot;
 * and a transaction is run over proven state first. Loop thread.
 *
 * Reasons, HT_EDENIED: "not_active", "has_voted", "zero_weight", "not_delegated", "would_fail"
 * (these only without "override": true), "no_ballots" (the governor takes none), "no_reason" (it
 * keeps no reason with a signed ballot), "no_split", "no_wallet"; HT_EINPUT "bad_support",
 * "bad_split", "bad_reason", "bad_by"; and those of what is read and of the queue. */
#ifndef HT_GOVERNANCE_ACT_ACT_H
#define HT_GOVERNANCE_ACT_ACT_H

#include "governance/governance.h"

extern const struct ht_gov_part ht_gov_act_part;

#endif
