/* Instant run-off: see poll.h. Pure; any thread. */
#ifndef HT_GOVERNANCE_POLLS_POLL_RUNOFF_H
#define HT_GOVERNANCE_POLLS_POLL_RUNOFF_H

#include "governance/polls/poll.h"

struct ht_poll_ranking {
    const uint8_t *choice; /* options, the preferred one first; none twice */
    size_t choice_count;
    ht_u256 weight;
    size_t at; /* the run-off's own: the first choice that is still there; zero at first */
};
/* *rounds, a new reference: as in a poll's result; *winner: option_count when nothing was cast.
 * option_count is 1 to HT_POLL_OPTIONS_MAX. HT_ENOMEM. */
enum ht_err ht_poll_run_off(json_t **rounds, size_t *winner, size_t option_count,
                            struct ht_poll_ranking *list, size_t count,
                            struct ht_why *why) HT_MUST_USE;

#endif
