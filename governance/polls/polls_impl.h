/* What polls*.c share. Loop thread. */
#ifndef HT_GOVERNANCE_POLLS_POLLS_IMPL_H
#define HT_GOVERNANCE_POLLS_POLLS_IMPL_H

#include "governance/polls/polls.h"

#define HT_POLLS_WATCHED_MAX 200U
#define HT_POLLS_LOOKED_MAX 32U
#define HT_POLL_LINKS_KEPT 1024U

/* A poll of which the root is to be published when it is closed. */
struct ht_poll_watched {
    ht_hash32 id;
    uint64_t closing_block; /* 0: not known yet */
    int64_t not_before_ms;  /* monotonic; when it is tried again */
    bool has_asked;         /* relays, since it closed */
    bool is_done;
    int64_t roots_until_ms; /* when it is done: until when others' roots are of interest */
};

/* A poll that the owner looks at (polls_want.h). */
struct ht_poll_looked {
    ht_hash32 id;
    int64_t until_ms;
    bool is_asking, has_source;
    struct ht_feed_source source; /* of the last time it was asked for */
    int64_t asked_ms, asked_s;
};

/* A key whose link was asked for (poll_ask.h). */
struct ht_poll_link_asked {
    ht_hash32 author;
    int64_t at_ms; /* 0: there is none */
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
    struct ht_poll_looked looked[HT_POLLS_LOOKED_MAX];
    size_t looked_count;
    unsigned want;  /* the feeds' number of what is wanted */
    json_t *wanted; /* ids of the polls */
    struct ht_poll_link_asked links_asked[HT_POLL_LINKS_KEPT];
    struct ht_poll_job *waiting; /* for links */
};

/* Topic "polls.changed" is to be told. */
void ht_polls_changed(struct ht_gov_polls *polls);

#endif
