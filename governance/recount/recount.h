/* Counting a proposal again, from receipts: are these all the votes?
 *
 * Providers say in which blocks votes are; all receipts of those blocks are proven and counted
 * (count.h) and compared with what storage proves. When votes are missing other providers are
 * asked; one that left out a vote which a receipt proves is named, and recorded as a liar when the
 * block is final. Then the rest of the window is gone through by blooms, where that is affordable:
 * only so the list of voters is proven as well. Last, each voter's mark is proven.
 * A finished count stays until a newer one is finished. Loop thread. */
#ifndef HT_GOVERNANCE_RECOUNT_RECOUNT_H
#define HT_GOVERNANCE_RECOUNT_RECOUNT_H

#include "governance/count/count.h"
#include "governance/look/look.h"

#define HT_GOV_NAMED_MAX 4U

/* A finished count. */
struct ht_gov_counted {
    struct ht_gov_count *count;
    struct ht_gov_result result;
    struct ht_gov_as_of as_of;
    struct ht_gov_facts facts;
    enum ht_gov_provenance provenance; /* of the tallies */
    bool flags_checked;                /* marks were proven: flag[i] of vote i */
    uint8_t *flags;
    enum ht_err err; /* what kept it from being complete */
    struct ht_why why;
    char omitted_by[HT_GOV_NAMED_MAX][128]; /* providers that left votes out */
    size_t omitted_count;
    size_t received;       /* bytes of receipts and marks that providers sent for it */
    unsigned told_version; /* of my_delegates: what they voted was told */
};

struct ht_gov_recounting; /* one under way */
struct ht_gov_weighed;    /* recount_weights.h */

struct ht_gov_recount {
    struct ht_gov_counted *shown;      /* NULL: none yet */
    struct ht_gov_recounting *working; /* NULL: none is under way */
    uint64_t done, total;              /* of that */
    struct ht_gov_weighed *weighed;    /* of the voters' weights; NULL: nothing yet */
    int64_t asked_ms, ended_ms;        /* monotonic */
    enum ht_err err;                   /* why there is none */
    struct ht_why why;
};

/* Begins a count, unless one is under way. is_full: the whole window by blooms, whatever it takes.
 * Topic "dao.counting" tells how far it is. */
void ht_gov_recount_start(struct ht_gov_item *item, bool is_full);
/* The same when there is none yet, or a newer block was looked at since and some time has passed.
 */
void ht_gov_recount_want(struct ht_gov_item *item);
/* Of a forgotten community, or at the end. */
void ht_gov_recount_free(struct ht_gov_item *item);

enum ht_err ht_gov_counting_topic(void *self, json_t **value, struct ht_why *why);

#endif
