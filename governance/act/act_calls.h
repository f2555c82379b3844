/* Calldata of everything that is done to a governor or its token. All append to out; on an error
 * nothing is appended. HT_ENOMEM, HT_ELIMIT (out is full). Pure; any thread. Sources: OpenZeppelin
 * Governor and Votes 4.x and 5.x, GovernorBravoDelegate. */
#ifndef HT_GOVERNANCE_ACT_ACT_CALLS_H
#define HT_GOVERNANCE_ACT_ACT_CALLS_H

#include "governance/governor/proposal.h"

/* castVote, castVoteWithReason, or castVoteWithReasonAndParams: the first that keeps all there is.
 */
enum ht_err ht_gov_call_vote(struct ht_buf *out, const ht_u256 *proposal, uint8_t support,
                             ht_bytes reason, ht_bytes params, struct ht_why *why) HT_MUST_USE;
enum ht_err ht_gov_call_delegate(struct ht_buf *out, const ht_addr20 *to,
                                 struct ht_why *why) HT_MUST_USE;
/* Of actions and description alone. Bravo's form has signatures; in the other an action's
 * signature, if it has one, becomes the selector before its calldata. */
enum ht_err ht_gov_call_propose(struct ht_buf *out, const struct ht_gov_proposal *proposal,
                                bool is_bravo, struct ht_why *why) HT_MUST_USE;

enum ht_gov_step { HT_GOV_STEP_QUEUE, HT_GOV_STEP_EXECUTE, HT_GOV_STEP_CANCEL };
const char *ht_gov_step_name(enum ht_gov_step step); /* "queue", "execute", "cancel" */
/* By the actions and the description's hash, as OpenZeppelin's have it; or by the id alone
 * (is_by_id), as Bravo's and those with GovernorStorage do. */
enum ht_err ht_gov_call_step(struct ht_buf *out, enum ht_gov_step step,
                             const struct ht_gov_proposal *proposal, bool is_by_id,
                             struct ht_why *why) HT_MUST_USE;

/* Any function by its signature, "transfer(address,uint256)", with its arguments as a JSON array
 * (abi_word.h). HT_EINPUT "bad_signature" (no name and types), and those of abi.h. */
enum ht_err ht_gov_call_any(struct ht_buf *out, const char *signature, const json_t *arguments,
                            struct ht_why *why) HT_MUST_USE;

#endif
