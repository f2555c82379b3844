/* What polls*.c share. Loop thread. */
#ifndef HT_GOVERNANCE_POLLS_IMPL_H
#define HT_GOVERNANCE_POLLS_IMPL_H

#include "governance/polls.h"

#define HT_POLLS_WATCHED_MAX 200U

/* A poll of which the root is to be published when it is closed. */
struct ht_poll_watched {
    ht_hash32 id;
    uint64_t closing_block; /* 0: not known yet */
    int64_t not_before_ms;  /* monotonic; when it is tried again */
    bool is_done;
};

struct ht_gov_polls {
    struct ht_governance *governance;
    struct ht_poll_kept kept;
    struct ht_feed_listener polls, ballots, roots;
    bool is_listening;
    uint64_t changes;
    struct ht_timer timer;
    bool is_telling;
    struct ht_poll_watched watched[HT_POLLS_WATCHED_MAX];
    size_t watched_count;
    bool is_working; /* one at a time */
};

#endif
