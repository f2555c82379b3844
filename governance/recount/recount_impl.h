/* A count under way. Only recount*.c include this. */
#ifndef HT_GOVERNANCE_RECOUNT_RECOUNT_IMPL_H
#define HT_GOVERNANCE_RECOUNT_RECOUNT_IMPL_H

#include "governance/discovery/hints.h"
#include "governance/recount/recount.h"

#define RECOUNT_ROUNDS 3U /* providers that are asked where votes are */
#define RECOUNT_AT_ONCE 8U
#define RECOUNT_BLOCKS_MAX 16384U

/* A block whose receipts are read. */
struct recount_part {
    struct ht_block_read block; /* first */
    struct ht_gov_recounting *recounting;
    bool is_busy;
};

struct ht_gov_recounting {
    struct ht_gov_item *item;
    struct ht_governance *governance;
    struct ht_gov_counted *made;
    struct ht_gov_layout layout;
    bool is_full, is_sparse;
    uint64_t from, to; /* blocks that can have votes */
    uint64_t finalized;
    struct ht_gov_hints rounds[RECOUNT_ROUNDS];
    size_t round_count;
    /* Blocks to read, in parts at once. */
    uint64_t *blocks;
    size_t block_count, block_at, busy;
    bool is_starting, is_listing;
    struct recount_part parts[RECOUNT_AT_ONCE];
    /* The pass over all headers. */
    struct ht_header_read headers;
    uint64_t header_next;
    bool has_headers_left;
    size_t read_in_pass;
    /* Marks of voters. */
    ht_hash32 *marks;
    size_t mark_count, mark_at;
    struct ht_gov_slots slots;
};

/* All that was to be read is read. */
void ht_gov_recount_compare(struct ht_gov_recounting *recounting);
void ht_gov_recount_listed(struct ht_gov_recounting *recounting);
void ht_gov_recount_progress(struct ht_gov_recounting *recounting);

#endif
