/* dao.delegation: is somebody's signed delegation good, and what would it do? Nothing is sent; that
 * is dao.delegate's (act_delegate.h). Loop thread. */
#ifndef HT_GOVERNANCE_ACT_ACT_DELEGATION_H
#define HT_GOVERNANCE_ACT_ACT_DELEGATION_H

#include "governance/ballots/ballot.h"
#include "governance/governance.h"

/* {"delegation" (ballot_json.h)} -> {"delegator", "delegator_name" | null, "to", "to_name" | null,
 * "token", "community" (one that is followed and counts this token) | null, "symbol" | null,
 * "decimals" | null, "balance" | null, "delegate_now" | null, "nonce", "next_nonce" | null,
 * "nonce_provenance", "expires_s" | null (later than anybody counts), "state": "good" | "bad",
 * "why": {"code", "text"} | null, "as_of" | null}. What is bad by itself (wrong_chain,
 * bad_signature, expired) is answered without asking anybody, and as_of is null; else why is one of
 * wrong_domain, nonce_used, nonce_early, has_delegated. HT_EINPUT "bad_ballot", HT_ELIMIT
 * "ballot_too_large"; HT_EUNVERIFIED "no_nonce", "no_domain", "domain_differs"; those of proofs. */
void ht_gov_delegation_start(void *self, struct ht_rpc_call *call, const json_t *params);

/* What can be said of a signed delegation without the chain, at that time: HT_EUNVERIFIED
 * "wrong_chain", "bad_signature", HT_ESTALE "expired". */
enum ht_err ht_gov_delegation_alone(const struct ht_gov_ballot *ballot, uint64_t chain_id,
                                    uint64_t now_s, struct ht_why *why) HT_MUST_USE;
/* And with what the token says: its domain, and the delegator's next nonce. HT_EUNVERIFIED
 * "wrong_domain", HT_ESTALE "nonce_used", HT_EAGAIN "nonce_early". Both pure. */
enum ht_err ht_gov_delegation_at(const struct ht_gov_ballot *ballot,
                                 const struct ht_gov_domain *domain, const ht_u256 *next_nonce,
                                 struct ht_why *why) HT_MUST_USE;

#endif
