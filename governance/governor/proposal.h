/* Proposals: what they say they are, and what storage proves of them.
 *
 * An OpenZeppelin proposal certifies itself: its id is the hash of its actions and its text, so
 * that both may come from anybody. Bravo's and sequential ids are numbers, compared with what is
 * stored; what is, is in proposal_state.h. Pure; any thread. */
#ifndef HT_GOVERNANCE_GOVERNOR_PROPOSAL_H
#define HT_GOVERNANCE_GOVERNOR_PROPOSAL_H

#include "governance/governor/layout_json.h"
#include "governance/governor/proposal_state.h"
#include "node/base/arena.h"

#define HT_GOV_ACTIONS_MAX 64U
#define HT_GOV_CALLDATA_MAX ((size_t)64 << 10) /* of one action */
#define HT_GOV_DESCRIPTION_MAX ((size_t)256 << 10)

struct ht_gov_action {
    ht_addr20 target;
    ht_u256 value;      /* wei */
    ht_bytes signature; /* Bravo's, "" without */
    ht_bytes calldata;
};
struct ht_gov_proposal {
    ht_u256 id;
    ht_addr20 proposer;
    struct ht_gov_action actions[HT_GOV_ACTIONS_MAX];
    size_t action_count;
    uint64_t start, end;  /* voteStart, voteEnd: blocks or seconds */
    ht_bytes description; /* UTF-8 as it is on chain; may be hostile */
    ht_hash32 description_hash;
};

/* From a ProposalCreated log's data (the ABI of OpenZeppelin and Bravo is the same). HT_EINPUT
 * "bad_proposal_log", HT_ELIMIT "proposal_too_large", HT_ENOMEM. Texts are the arena's. */
enum ht_err ht_gov_proposal_read(struct ht_gov_proposal *out, struct ht_arena *arena, ht_bytes data,
                                 struct ht_why *why) HT_MUST_USE;
/* OpenZeppelin's id: keccak256(abi.encode(targets, values, calldatas, descriptionHash)). HT_ENOMEM.
 */
enum ht_err ht_gov_proposal_hash(ht_u256 *out, const struct ht_gov_proposal *proposal) HT_MUST_USE;
/* TimelockController's id for it: salt = bytes20(governor) ^ descriptionHash (5.x), descriptionHash
 * alone (4.x). HT_ENOMEM. */
enum ht_err ht_gov_timelock_id(ht_hash32 *out, const struct ht_gov_proposal *proposal,
                               const ht_addr20 *governor, bool is_oz4) HT_MUST_USE;

/* Whether its proposer restricts who may submit it: "#proposer=0x…" at the description's end. */
bool ht_gov_proposal_guard(ht_addr20 *proposer, ht_bytes description);

#endif
