/* Counting: are these all the votes, and do they add up to what the governor has stored?
 *
 * Votes that receipts prove are a part of the votes there were, and no weight is below zero. So
 * when they add up to the tallies that storage proves, every vote that may be missing has weight 0:
 * the tally is proven. When every block of the voting window whose bloom could hold a vote was
 * looked at as well, the voter list is proven. Less than the tallies: exactly so much is missing.
 * More: forged logs or a wrong layout, which is refused. Pure; any thread.
 *
 * Reasons of refusal (HT_EUNVERIFIED unless said): header_hash, header_chain, anchor,
 * receipts_without_header, receipts_root, wrong_emitter, log_block, log_unproven,
 * log_not_in_receipt, log_removed, proposal_id, proposal_hash, duplicate_log, not_a_vote,
 * other_proposal, log_omitted, proof_address, state_proof, proof_missing_slot, proposal_state,
 * vote_without_flag, tally_incomplete, tally_excess, bad_support, bad_params; HT_EINPUT malformed.
 */
#ifndef HT_GOVERNANCE_COUNT_COUNT_H
#define HT_GOVERNANCE_COUNT_COUNT_H

#include "governance/governor/votes.h"

#define HT_GOV_VOTES_MAX 200000U

/* Bytes that are kept of all reasons and params of a count. */
#define HT_GOV_COUNT_TEXT_MAX ((size_t)64 << 20)
/* Stands behind a reason that was cut. */
#define HT_GOV_CUT " [\xe2\x80\xa6]"

struct ht_gov_count; /* of one proposal */

struct ht_gov_shortfall {
    ht_u256 against, in_favour, abstain;
};

/* tally_proven: what storage proves is explained by votes that receipts prove; list_proven: and no
 * block of the window up to `block` can hold another vote. Where delegators may override their
 * delegate's vote (HT_GOV_OVERRIDABLE), votes that cancel each other out could be missing without
 * list_proven, and one choice's excess can come from a missing override: then tally_proven is
 * false, and nothing is refused. */
struct ht_gov_result {
    ht_u256 against, in_favour, abstain; /* proven by storage */
    struct ht_gov_shortfall missing;     /* 0 when tally_proven */
    size_t votes, voters;
    bool tally_proven, list_proven;
    uint64_t unchecked[64]; /* blocks of the window that may hide a vote of weight 0 */
    size_t unchecked_count; /* of all, may be above 64 */
    uint64_t block;         /* as of */
};

/* HT_ENOMEM. */
enum ht_err ht_gov_count_new(struct ht_gov_count **out, const struct ht_gov_layout *layout,
                             const ht_addr20 *governor, const ht_u256 *id) HT_MUST_USE;
void ht_gov_count_free(struct ht_gov_count *count);
/* A proven block: its logs, in order, all of them (from receipts whose root was rebuilt), or
 * has_receipts false and its bloom. Twice the same block is once; with receipts after without is
 * the former. Blocks may come in any order, and those outside of the window do no harm. What is
 * kept is copied. */
struct ht_gov_log {
    ht_addr20 address;
    const ht_hash32 *topics;
    size_t topic_count;
    ht_bytes data;
    uint32_t transaction;
    uint32_t log; /* its index within the block; of a partial one only, else its place in logs */
};
struct ht_gov_block {
    uint64_t number, time_s;
    const uint8_t *bloom;
    bool has_receipts;
    bool is_partial; /* logs of some of its receipts only, proven one by one: they count, but there
                        may be others. What is given of that block later is left aside. */
    const struct ht_gov_log *logs;
    size_t log_count;
};
/* HT_EINPUT those of ht_gov_vote_read, for votes on this proposal; HT_ELIMIT "too_many_votes",
 * "too_many_blocks"; HT_ENOMEM. */
enum ht_err ht_gov_count_block(struct ht_gov_count *count, const struct ht_gov_block *block,
                               struct ht_why *why) HT_MUST_USE;
/* Whether a block with that bloom can hold a vote of the governor. */
bool ht_gov_count_may_hold(const struct ht_gov_count *count, const uint8_t bloom[static 256]);
/* The block at which the facts are proven. Until it is told, list_proven is never true: nobody
 * would know where the window ends. */
void ht_gov_count_as_of(struct ht_gov_count *count, uint64_t number, uint64_t time_s);
/* Compares with what storage proves at that block. Missing votes are no error: tally_proven is
 * false then, and `missing` says how much. HT_EUNVERIFIED "tally_excess"; HT_ENOMEM. More blocks
 * may be given afterwards, and the end be asked again. */
enum ht_err ht_gov_count_end(struct ht_gov_result *out, struct ht_gov_count *count,
                             const struct ht_gov_facts *facts, struct ht_why *why) HT_MUST_USE;
/* The votes found, in the order of the chain once ht_gov_count_end was called. Borrowed until the
 * next block. Overrides are among them, reductions are not. */
const struct ht_gov_vote *ht_gov_count_votes(const struct ht_gov_count *count, size_t *n);
/* Whether the voter's proven mark (ht_gov_slot_voter) says that this vote was cast. */
bool ht_gov_count_is_marked(const struct ht_gov_layout *layout, const struct ht_gov_vote *vote,
                            const uint8_t mark[static 32]);

#endif
