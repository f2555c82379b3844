/* What was once, proven at today's head: histories of checkpoints never shrink.
 *
 * getPastVotes, getPastTotalSupply and quorumNumerator(timepoint) as machines without input or
 * output: next says which slots to prove, take gets their proven values, until next says 0. First
 * the number of checkpoints, then the last two, then thirds of what remains. Pure; any thread.
 * Sources: OpenZeppelin Checkpoints (Trace208, Trace224), ERC20Votes 4.x, Comp.sol. */
#ifndef HT_GOVERNANCE_GOVERNOR_PAST_H
#define HT_GOVERNANCE_GOVERNOR_PAST_H

#include "governance/governor/layout.h"

#define HT_GOV_PAST_SLOTS_MAX 2U

struct ht_gov_past {
    const struct ht_gov_token_layout *layout; /* NULL: a governor's history */
    ht_addr20 account;                        /* zero with is_total: getPastTotalSupply */
    bool is_total;
    uint64_t at; /* the snapshot */
    /* the search's own */
    unsigned key_bits;  /* 48 or 32, below the value */
    ht_hash32 array;    /* the slot of the number of checkpoints */
    uint64_t count;     /* checkpoints */
    uint64_t low, high; /* [0, low) are at or before the snapshot, [high, count) after it */
    uint64_t low_key, high_key;
    ht_u256 value; /* of checkpoint low - 1 */
    bool has_count, has_probed;
};
/* The layout is borrowed. COMP keeps no past totals: take then fails. */
void ht_gov_past_init(struct ht_gov_past *past, const struct ht_gov_token_layout *layout,
                      const ht_addr20 *account, bool is_total, uint64_t at);
/* A governor's history: the quorum's numerator, or a fixed quorum's. Needs HT_GOV_QUORUM_HISTORY.
 */
void ht_gov_past_init_quorum(struct ht_gov_past *past, const struct ht_gov_layout *layout,
                             uint64_t at);
/* Slots that are needed next, at most 2 at once; 0: it is done, ht_gov_past_value has it. */
size_t ht_gov_past_next(const struct ht_gov_past *past,
                        ht_hash32 out[static HT_GOV_PAST_SLOTS_MAX]);
/* Their proven values, in that order. HT_EUNVERIFIED "wrong_layout" (keys that do not rise, a
 * number of checkpoints that nobody has), "no_totals" (COMP's). */
enum ht_err ht_gov_past_take(struct ht_gov_past *past, const uint8_t (*values)[32], size_t count,
                             struct ht_why *why) HT_MUST_USE;
/* 0 when there was none at or before the snapshot. */
ht_u256 ht_gov_past_value(const struct ht_gov_past *past);

/* supply * numerator / denominator. HT_EUNVERIFIED "wrong_layout" past 256 bits, for a denominator
 * of 0, or a numerator above it. */
enum ht_err ht_gov_quorum_of(ht_u256 *out, const ht_u256 *supply, const ht_u256 *numerator,
                             uint64_t denominator, struct ht_why *why) HT_MUST_USE;

#endif
