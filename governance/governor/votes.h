/* Votes: logs that were proven. What storage proves of weights is past.h. Pure; any thread. */
#ifndef HT_GOVERNANCE_GOVERNOR_VOTES_H
#define HT_GOVERNANCE_GOVERNOR_VOTES_H

#include "governance/governor/past.h"
#include "governance/governor/proposal.h"

#define HT_GOV_REASON_MAX \
    ((size_t)16 << 10) /* of what is kept of a reason; longer ones are cut and marked */

struct ht_gov_vote {
    ht_addr20 voter;
    ht_u256 id;      /* the proposal */
    uint8_t support; /* 0 against, 1 for, 2 abstain, 255 by params */
    ht_u256 weight;
    ht_u256 split[3];   /* against, for, abstain: of params, else weight at its place */
    bool is_reduction;  /* VoteReduced: the voter's (a delegate's) weight less, at its support */
    bool is_override;   /* OverrideVoteCast: by whom the delegate stood for */
    bool is_reason_cut; /* longer than HT_GOV_REASON_MAX */
    ht_bytes reason, params;
    uint64_t block;
    uint32_t transaction, log; /* indices; log: within the block */
};

extern const ht_hash32 ht_gov_topic_proposal_created, ht_gov_topic_vote_cast,
    ht_gov_topic_vote_cast_with_params, ht_gov_topic_vote_reduced, ht_gov_topic_override_vote_cast;
/* Does it say how somebody voted: one of the last four? A reduction and an override that belong to
 * each other cancel out, so that of overridable counting equal sums do not prove that no such pair
 * is missing. */
bool ht_gov_is_vote(const ht_hash32 *topic);
/* From a log's topics and data; block, transaction and log are the caller's to set. HT_EINPUT
 * "bad_vote_log", "bad_support", "bad_params" (counting fractional: 48 bytes with support 255).
 * reason and params point into data; reason is cut to HT_GOV_REASON_MAX. */
enum ht_err ht_gov_vote_read(struct ht_gov_vote *out, const ht_hash32 *topics, size_t topic_count,
                             ht_bytes data, enum ht_gov_counting counting,
                             struct ht_why *why) HT_MUST_USE;

/* What a voter's mark says (ht_gov_slot_voter). Simple counting keeps only that there was a vote,
 * fractional how much of the weight was used, overridable the choice, Bravo choice and weight. */
struct ht_gov_mark {
    bool has_voted;
    bool has_support;
    uint8_t support;
    bool has_weight;
    ht_u256 weight;
};
/* HT_EUNVERIFIED "wrong_layout": a word that no such mark can be. */
enum ht_err ht_gov_mark_read(struct ht_gov_mark *out, const struct ht_gov_layout *layout,
                             const uint8_t value[static 32], struct ht_why *why) HT_MUST_USE;

#endif
