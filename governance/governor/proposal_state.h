/* What proven words say of a proposal, and its state.
 *
 * State is derived from proven words and the proven head alone (OpenZeppelin's state(), Bravo's
 * state()), never asked. Pure; any thread. */
#ifndef HT_GOVERNANCE_GOVERNOR_PROPOSAL_STATE_H
#define HT_GOVERNANCE_GOVERNOR_PROPOSAL_STATE_H

#include "governance/governor/layout.h"

struct ht_gov_proposal; /* proposal.h */

/* What the words say. */
struct ht_gov_facts {
    bool exists;
    bool has_proposer; /* 4.x before 4.9 and nothing that does not exist has none */
    ht_addr20 proposer;
    uint64_t start,
        deadline; /* the deadline with its extension; voting is open in (start, deadline] */
    uint64_t end; /* as proposed, without an extension: what the log says */
    bool is_executed, is_canceled;
    uint64_t eta; /* seconds; 0: not queued */
    ht_u256 against, in_favour, abstain;
    ht_hash32 timelock_operation; /* zero without */
    uint64_t proposal_count;      /* Bravo, GovernorStorage, sequential ids; 0 else */
    size_t action_count;          /* Bravo's, to compare */
};
/* HT_EUNVERIFIED "wrong_layout": words that cannot be a proposal (a start after its deadline, a
 * bool that is none …): fails closed. */
enum ht_err ht_gov_words_read(struct ht_gov_facts *out, const struct ht_gov_layout *layout,
                              const struct ht_gov_words *words, struct ht_why *why) HT_MUST_USE;

enum ht_gov_state {
    HT_GOV_PENDING,
    HT_GOV_ACTIVE,
    HT_GOV_CANCELED,
    HT_GOV_DEFEATED,
    HT_GOV_SUCCEEDED,
    HT_GOV_QUEUED,
    HT_GOV_EXPIRED,
    HT_GOV_EXECUTED,
    HT_GOV_NONE
};
struct ht_gov_state_input {
    uint64_t clock;             /* of the head: number or timestamp */
    uint64_t time_s;            /* of the head */
    ht_u256 quorum;             /* at the snapshot */
    bool quorum_counts_abstain; /* COUNTING_MODE */
    uint64_t grace_s; /* of Compound's timelock: so long after its eta a proposal can be executed;
                         0: 14 days, as Compound's own has it */
    bool has_timelock_stamp; /* TimelockController's _timestamps of the operation */
    uint64_t timelock_stamp; /* 0 unset, 1 done, else ready at */
};
/* In the order of the contracts: facts c1, c3. With a TimelockController has_timelock_stamp is
 * needed once it is queued: without it QUEUED is what is known, though it may have been executed or
 * canceled in the timelock. */
enum ht_gov_state ht_gov_state_of(const struct ht_gov_layout *layout,
                                  const struct ht_gov_facts *facts,
                                  const struct ht_gov_state_input *input);
const char *ht_gov_state_name(enum ht_gov_state state); /* "Pending" … as contracts name them */

/* Whether a log's proposal is the stored one: start, end and, where stored, proposer; Bravo's
 * number of actions as well. HT_EUNVERIFIED "proposal_state". */
enum ht_err ht_gov_proposal_is(const struct ht_gov_proposal *proposal,
                               const struct ht_gov_layout *layout, const struct ht_gov_facts *facts,
                               struct ht_why *why) HT_MUST_USE;

#endif
