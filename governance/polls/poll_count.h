/* Counting a poll: see poll.h. Pure; any thread. */
#ifndef HT_GOVERNANCE_POLLS_POLL_COUNT_H
#define HT_GOVERNANCE_POLLS_POLL_COUNT_H

#include "governance/polls/poll.h"

enum ht_poll_standing { HT_POLL_UNPROVEN, HT_POLL_MAY_VOTE, HT_POLL_MAY_NOT };
struct ht_poll_weight {
    enum ht_poll_standing standing;
    ht_u256 weight; /* of MAY_VOTE */
    char why[48];   /* of MAY_NOT and UNPROVEN: a reason's code */
};
/* Counts; weights[i] belongs to ballots[i]. closing_time_s: of the closing block, INT64_MAX while
 * it is not there. *out, a new reference: {"options": [{"label", "weight": decimal, "ballots"}],
 * "unit": decimal (what a weight of one is), "rounds": [{"weights": [decimal], "exhausted":
 * decimal, "eliminated": index | null, "by": "weight" | "earlier_round" | "order" | null}] (of
 * ranked; "options" then has the first choices), "counted", "late", "replaced", "refused": [{"id",
 * "why"}] (the first HT_POLL_REFUSED_TOLD by id), "refused_count", "unproven", "weight": decimal
 * (of all that is counted), "root": hex, "winner": index | null (a tie, or nothing)}. A ballot that
 * is given twice counts as one. What is unproven replaces nothing and is not counted: while there
 * is any, the result is not final.
 * HT_ELIMIT "too_many_ballots", "weight_too_large"; HT_ENOMEM. */
enum ht_err ht_poll_count(json_t **out, const struct ht_poll *poll,
                          const struct ht_poll_ballot *ballots,
                          const struct ht_poll_weight *weights, size_t count,
                          int64_t closing_time_s, struct ht_why *why) HT_MUST_USE;

#endif
