/* Does a vote's weight, as its log has it, agree with what its voter had at the snapshot? Pure; any
 * thread. */
#ifndef HT_GOVERNANCE_COUNT_WEIGHTS_H
#define HT_GOVERNANCE_COUNT_WEIGHTS_H

#include "governance/governor/votes.h"

enum ht_gov_weight_says { HT_GOV_WEIGHT_UNKNOWN, HT_GOV_WEIGHT_AGREES, HT_GOV_WEIGHT_DIFFERS };

/* All that one voter cast, without overrides. */
struct ht_gov_cast {
    ht_u256 sum;
    bool is_over; /* it is over 256 bits */
};
void ht_gov_cast_add(struct ht_gov_cast *cast, const struct ht_gov_vote *vote);

/* Simple counting takes the whole of the power; where a voter can vote in parts, or delegators take
 * theirs back, all of one voter's votes together are at most that. Overrides are of balances, of
 * which nothing is said. power NULL: not known. */
enum ht_gov_weight_says ht_gov_weight_says(enum ht_gov_counting counting,
                                           const struct ht_gov_vote *vote,
                                           const struct ht_gov_cast *cast, const ht_u256 *power);

#endif
