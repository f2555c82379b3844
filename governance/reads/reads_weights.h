/* What many voters could vote with at one snapshot, proven together; rules as in reads.h. Loop
 * thread.
 *
 * By checkpoints where the token's layout is known: all searches go on step by step side by side,
 * so that one proof answers for all of them; else by proven calls, some voters in each run. */
#ifndef HT_GOVERNANCE_READS_READS_WEIGHTS_H
#define HT_GOVERNANCE_READS_READS_WEIGHTS_H

#include "governance/reads/reads_past.h"

#define HT_GOV_WEIGHTS_MAX 100U /* voters of one read */
/* A snapshot so long ago is not reorganised. */
#define HT_GOV_WEIGHT_SURE_BLOCKS 96U
#define HT_GOV_WEIGHT_SURE_S 1200U

/* Of one voter: its power, or err and why there is none. */
struct ht_gov_weight {
    ht_addr20 voter;
    ht_u256 power;
    enum ht_gov_provenance provenance;
    bool is_sure; /* the snapshot was too long ago, at that block, to be reorganised */
    enum ht_err err;
    struct ht_why why;
};
/* err: of the whole read: those of reads.h, HT_ELIMIT "too_many_voters", HT_EAGAIN
 * "snapshot_in_future", "stopping". A single voter's: HT_EUNVERIFIED "wrong_layout", "no_answer".
 */
struct ht_gov_weights_read {
    struct ht_community *community;
    const ht_addr20 *voters;                            /* the caller's until done */
    size_t count;                                       /* 1 to HT_GOV_WEIGHTS_MAX */
    uint64_t at;                                        /* by the governor's clock */
    void (*progress)(struct ht_gov_weights_read *read); /* after each step; may be NULL */
    void (*done)(struct ht_gov_weights_read *read);
    void *user;

    enum ht_err err;
    struct ht_why why;
    struct ht_gov_weight *weights; /* count of them */
    size_t known;                  /* whose power is known by now */
    struct ht_gov_as_of as_of;
    size_t received; /* bytes that providers sent for its slots */
    /* Its own. */
    struct ht_gov_past *searches;
    ht_hash32 *wanted;
    struct ht_block_id block;
    struct ht_gov_slots slots;
    struct ht_gov_view *view;
    struct ht_gov_views views;
    size_t part_count;
};
void ht_gov_weights_read(struct ht_gov_weights_read *read);
void ht_gov_weights_fini(struct ht_gov_weights_read *read);

#endif
