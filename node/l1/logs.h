/* Complete logs over a range of blocks.
 *
 * Every header of the range is proven; a bloom that cannot hold a match clears its block; of every
 * other block all receipts are fetched, their root rebuilt, and the logs filtered here. What comes
 * back is complete, or names exactly the blocks that could not be proven, and why. A provider that
 * leaves out a log is found out by the root. All functions: loop thread. */
#ifndef HT_L1_LOGS_H
#define HT_L1_LOGS_H

#include "node/l1/blocks.h"
#include "node/l1/execution/log_filter.h"

#define HT_LOGS_BLOCKS_MAX 10000U /* of one range */
#define HT_LOGS_COUNT_MAX 10000U  /* logs in one answer */
#define HT_LOGS_GAPS_MAX 32U

/* Blocks without an answer, both ends included. */
struct ht_logs_gap {
    uint64_t from, to;
    struct ht_why why;
};

struct ht_logs_work;

/* Zeroed but for what is asked and done. */
struct ht_logs_read {
    struct ht_block_id from, to; /* the same hash in both: that one block */
    struct ht_log_filter filter; /* the caller's until done */
    void (*done)(struct ht_logs_read *read);
    /* May be NULL: told now and then how far it is. */
    void (*progress)(struct ht_logs_read *read, uint64_t blocks_done, uint64_t blocks_total);

    /* HT_OK: `logs` holds what was found, and when gap_count is 0 it is all there is. Otherwise
     * HT_EINPUT "range_reversed", HT_ELIMIT "range_too_wide", "too_many_logs" (the text names a
     * range that fits), "too_many_gaps", HT_ENOTFOUND
     * "block_in_future" (it begins above the head), or the error of an end of the range. */
    enum ht_err err;
    struct ht_why why;
    json_t *logs; /* array of log objects, in the chain's order; the read's, dropped by fini */
    struct ht_logs_gap gaps[HT_LOGS_GAPS_MAX]; /* in order, not touching each other */
    size_t gap_count;
    uint64_t from_number, to_number;     /* the range that was meant */
    bool is_final;                       /* all of it */
    struct ht_exec_header_verified last; /* the range's last block; when err is HT_OK */
    uint64_t blocks_with_hits;           /* of whose receipts were needed */

    /* The service's own. */
    struct ht_blocks *blocks;
    struct ht_logs_work *work;
};

void ht_logs_read(struct ht_blocks *blocks, struct ht_logs_read *read);
/* Gives up a read under way: `done` does not come. */
void ht_logs_cancel(struct ht_logs_read *read);
void ht_logs_read_fini(struct ht_logs_read *read);

/* The matching logs of one block whose receipts are at hand, added to an array; is_removed: of a
 * block that a reorganisation took out. HT_ENOMEM. */
enum ht_err ht_logs_of_block(json_t *array, const struct ht_log_filter *filter,
                             const struct ht_block_read *block, bool is_removed) HT_MUST_USE;

#endif
