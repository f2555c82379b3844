/* What is proven of voters in a proposal, many at once: how they voted, and which nonce is next.
 * Loop thread.
 *
 * As in reads.h: each read lives in its owner's struct, zeroed but for what is asked and done, and
 * done comes once, perhaps before the function returns. */
#ifndef HT_GOVERNANCE_READS_READS_MARKS_H
#define HT_GOVERNANCE_READS_READS_MARKS_H

#include "governance/governor/votes.h"
#include "governance/reads/reads.h"

#define HT_GOV_MARKS_MAX 256U /* voters of one read */

/* Of one voter in one proposal. */
struct ht_gov_standing_of {
    struct ht_gov_mark mark; /* what is kept of the vote */
    bool has_nonce;          /* of ballots, by one counter for all proposals */
    ht_u256 nonce;
    bool has_keyed; /* the same under the key of the proposal: the whole nonce to sign */
    ht_u256 keyed;
};
/* By slots where the layout is known, else by proven calls. Errors of reads.h; HT_EUNVERIFIED
 * "wrong_layout", "no_answer"; HT_ELIMIT "too_many_voters". */
struct ht_gov_marks {
    struct ht_community *community;
    ht_u256 proposal;
    const ht_addr20 *voters; /* the caller's until done */
    size_t count;
    void (*done)(struct ht_gov_marks *read);
    void *user;

    enum ht_err err;
    struct ht_why why;
    struct ht_gov_standing_of *standings; /* count of them */
    enum ht_gov_provenance provenance;
    struct ht_gov_as_of as_of;
    /* Its own. */
    ht_hash32 *wanted;
    struct ht_gov_slots slots;
    struct ht_gov_view *view;
    struct ht_gov_views views;
    struct ht_block_id block;
    size_t done_count, part_count;
};
void ht_gov_marks_read(struct ht_gov_marks *read);
void ht_gov_marks_fini(struct ht_gov_marks *read);

#endif
