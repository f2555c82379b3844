/* The prober: finds where a governor keeps what, by proof, or refuses.
 *
 * Machines without input or output, as past.h's: next says which slots of the contract to prove,
 * take gets the proven values, until next says 0; then there is a layout, or the reason why not.
 * What is compared with: one proposal whose ProposalCreated log is proven by its receipt, and
 * answers of proven eth_calls. A base slot is accepted when it is the only one of its range whose
 * words agree. What cannot be told from its neighbours is left out where it is only for display
 * (settings, nonces), else refused:
 *     no_layout         HT_EUNVERIFIED: no base agrees; another code than its kind's
 *     ambiguous_layout  HT_EUNVERIFIED: several do; a proposal with votes is needed
 * Which implementation a proxy has is for the caller to prove before (profile.h), and its code is
 * what is given here. Pure; any thread. */
#ifndef HT_GOVERNANCE_GOVERNOR_PROBE_H
#define HT_GOVERNANCE_GOVERNOR_PROBE_H

#include "governance/governor/probe_token.h"
#include "governance/governor/profile.h"
#include "governance/governor/proposal.h"

#define HT_GOV_PROBE_BASES_GAPS 512U /* upgradeable 4.x with its gaps */

/* Answers of proven eth_calls, at the block that the slots are proven at. */
struct ht_gov_called {
    bool has_tally;
    ht_u256 against, in_favour, abstain; /* proposalVotes(id), or Bravo's proposals(id) */
    bool has_settings;
    ht_u256 voting_delay, voting_period, threshold;
    bool has_timelock;
    ht_addr20 timelock;
    bool has_numerator;
    ht_u256 numerator, denominator;
    bool has_count;
    ht_u256 proposal_count;
    bool has_quorum_votes;
    ht_u256 quorum_votes; /* Bravo's quorumVotes() */
    bool has_extension;
    ht_u256 vote_extension; /* lateQuorumVoteExtension() */
    bool has_name;
    ht_bytes name;                      /* name(), borrowed for as long as the machine */
    ht_bytes clock_mode, counting_mode; /* CLOCK_MODE(), COUNTING_MODE(); empty without */
};

enum ht_gov_probe_step {
    HT_GOV_PROBE_PROPOSALS, /* which bases may have the proposal */
    HT_GOV_PROBE_CORE,      /* the rest of the words of those */
    HT_GOV_PROBE_VOTES,     /* which may have its tallies */
    HT_GOV_PROBE_TALLIES,
    HT_GOV_PROBE_SEQUENCE, /* where the id for the proposal's hash is */
    HT_GOV_PROBE_PLAIN,    /* single words */
    HT_GOV_PROBE_LISTS,    /* ends of what may be histories and lists */
    HT_GOV_PROBE_DONE,
};
#define HT_GOV_PROBE_LISTS_MAX 16U
struct ht_gov_probe {
    struct ht_gov_layout layout; /* when it is done */
    struct ht_gov_traits traits;
    enum ht_gov_quorum quorum;
    bool quorum_counts_abstain;
    bool is_sequential;
    /* the machine's own */
    enum ht_gov_probe_step step;
    const struct ht_gov_known *known; /* may be NULL */
    const struct ht_gov_called *called;
    const struct ht_gov_proposal *proposal;
    ht_u256 hash;          /* of its actions and text */
    uint64_t first, bases; /* of the range: the next base, and how many there are */
    ht_hash32 found[HT_GOV_PROBE_CANDIDATES];
    size_t found_count;
    uint64_t range; /* bases that there may be */
    bool is_ambiguous;
    uint8_t plain[HT_GOV_PROBE_BASES_GAPS][32];
    struct ht_gov_probe_list {
        enum ht_gov_slot slot;
        ht_hash32 base;
        uint64_t count;
    } lists[HT_GOV_PROBE_LISTS_MAX];
    size_t list_count;
};
/* The code (of the implementation, behind a proxy), what is known of it (NULL: nothing), the
 * proposal as its log has it, and answers; the last three are borrowed for as long as the machine.
 * The best proposal has votes and was queued. HT_EUNVERIFIED "no_layout" for a code of no known
 * kind, HT_EINPUT of the modes' readers, HT_ENOMEM. */
enum ht_err ht_gov_probe_init(struct ht_gov_probe *probe, ht_bytes code,
                              const struct ht_gov_known *known,
                              const struct ht_gov_proposal *proposal,
                              const struct ht_gov_called *called, struct ht_why *why) HT_MUST_USE;
size_t ht_gov_probe_next(const struct ht_gov_probe *probe,
                         ht_hash32 out[static HT_GOV_PROBE_SLOTS_MAX]);
enum ht_err ht_gov_probe_take(struct ht_gov_probe *probe, const uint8_t (*values)[32], size_t count,
                              struct ht_why *why) HT_MUST_USE;

#endif
