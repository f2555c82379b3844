/* Actions of a proposal as the owner gives them, from templates or as they are. Pure; any thread.
 *
 * An action is one of
 *   {"kind": "raw", "target", "wei"?, "signature"?, "calldata"?} (also without "kind"); with a
 *       signature, calldata are the arguments behind its selector
 *   {"kind": "call", "target", "wei"?, "signature": "transfer(address,uint256)", "arguments": […]}
 *   {"kind": "pay_ether", "to", "wei"}
 *   {"kind": "pay_token", "token", "to", "amount"}
 *   {"kind": "voting_delay" | "voting_period" | "threshold" | "quorum" | "timelock_delay",
 * "value"}: of the community's own contracts Numbers are decimal text or integers. */
#ifndef HT_GOVERNANCE_ACT_ACT_ACTIONS_H
#define HT_GOVERNANCE_ACT_ACT_ACTIONS_H

#include "governance/governor/profile.h"
#include "governance/governor/proposal.h"

#define HT_GOV_ACTIONS_ARENA ((size_t)8 << 20)

/* Reads "actions" and "description" of params into out: texts and calldata are the arena's, the
 * description's hash is set, the id where it is a hash. HT_EINPUT "bad_action" (names which),
 * "no_actions", "bad_description"; HT_ELIMIT "too_many_actions" (10 of Bravo's),
 * "action_too_large"; and those of abi.h; HT_ENOMEM. */
enum ht_err ht_gov_actions_read(struct ht_gov_proposal *out, struct ht_arena *arena,
                                const struct ht_gov_profile *profile, const json_t *params,
                                struct ht_why *why) HT_MUST_USE;
/* [{"target", "wei", "signature", "calldata"}], a new reference; NULL without memory. */
json_t *ht_gov_actions_json(const struct ht_gov_proposal *proposal);
/* The whole calldata of an action, its signature's selector in front; appended. HT_ENOMEM. */
enum ht_err ht_gov_action_call(struct ht_buf *out, const struct ht_gov_action *action) HT_MUST_USE;

/* dao.templates: {"templates": [{"kind", "title", "fields": [{"name", "label", "type": "address" |
 * "wei" | "number" | "text" | "hex" | "list"}]}]}. */
enum ht_err ht_gov_templates(void *self, json_t **result, const json_t *params,
                             struct ht_why *why) HT_MUST_USE;

#endif
