/* One poll, gathered and counted: its event, its ballots, the blocks that it names, who may vote,
 * the count, and the roots that other nodes have published. On request relays are asked before, for
 * ballots and roots of people whom the owner does not follow, and for the links of those who voted,
 * by which their keys lead to accounts; a poll that is not here is asked for in any case.
 * Loop thread. */
#ifndef HT_GOVERNANCE_POLLS_POLL_JOB_H
#define HT_GOVERNANCE_POLLS_POLL_JOB_H

#include "governance/polls/poll_gate.h"

#define HT_POLL_ROOT_KIND 30078U
#define HT_POLL_ROOT_D "hearth:poll-root:" /* and the poll's id */

/* Made with ht_poll_job_new, given back with ht_poll_job_free, of which the first is from within
 * done or later. */
struct ht_poll_job {
    struct ht_governance *governance;
    ht_hash32 id;
    bool wants_count;  /* else only the event is looked for */
    bool asks;         /* relays, before it is counted */
    bool is_looked_at; /* by the owner: relays that the poll names are asked as well */
    bool only_asks;    /* and does not count */
    /* On the loop, once, perhaps before ht_poll_job_start returns. */
    void (*done)(struct ht_poll_job *job);
    void *user;

    /* HT_OK; HT_ENOTFOUND "no_such_poll", those of ht_poll_read and ht_poll_count; HT_EAGAIN
     * "no_feed", "stopping"; those of the feeds. */
    enum ht_err err;
    struct ht_why why;
    struct ht_poll poll;
    struct ht_poll_ballot *ballots;
    struct ht_poll_weight *weights;
    size_t count, malformed;
    bool is_complete; /* all ballots that are stored here are in it */
    bool has_asked;
    struct ht_feed_source source; /* who was asked for the poll and its ballots */
    /* The blocks, once they are final; block_why: why one that is could not be reached. */
    bool has_snapshot, has_closing;
    uint64_t snapshot_s, closing_s;
    struct ht_why block_why;
    json_t *result; /* of ht_poll_count */
    json_t *roots;  /* events, newest first */

    /* Its own. */
    size_t room;
    uint64_t page;
    int64_t until;
    bool has_until;
    void (*then)(struct ht_poll_job *job); /* of poll_ask.h */
    struct ht_poll_job *next_waiting;
    int64_t links_until_ms;
    struct ht_timer timer;
    struct ht_header_read header;
    struct ht_poll_gate_read gate;
    struct ht_work work;
    struct ht_arena arena;
};

/* NULL without memory. */
struct ht_poll_job *ht_poll_job_new(struct ht_governance *governance, const ht_hash32 *id);
void ht_poll_job_start(struct ht_poll_job *job);
void ht_poll_job_free(struct ht_poll_job *job);

#endif
