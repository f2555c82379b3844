/* Inside of the block service, shared by blocks*.c alone. */
#ifndef HT_L1_BLOCKS_IMPL_H
#define HT_L1_BLOCKS_IMPL_H

#include "node/l1/blocks.h"

#define HT_BLOCKS_ENTRIES 512U

/* What memory has of one block. */
struct ht_blocks_entry {
    ht_hash32 hash;
    struct ht_body *body;
    struct ht_receipts *receipts;
    uint64_t used; /* when, by blocks->uses; 0: free */
};

struct ht_blocks_fetch;

struct ht_blocks {
    struct ht_blocks_options options;
    struct ht_blocks_entry entries[HT_BLOCKS_ENTRIES];
    size_t bytes;
    uint64_t uses;
    struct ht_blocks_fetch *fetches; /* under way */
    uint64_t kept, hits, misses;
};

/* In memory, or NULL. */
struct ht_blocks_entry *ht_blocks_find(struct ht_blocks *blocks, const ht_hash32 *hash);
/* Takes over the references. */
void ht_blocks_keep(struct ht_blocks *blocks, const ht_hash32 *hash, struct ht_body *body,
                    struct ht_receipts *receipts);
/* The read has one thing less to wait for. */
void ht_blocks_got(struct ht_block_read *read, enum ht_err err, const struct ht_why *why,
                   const char *source, struct ht_body *body, struct ht_receipts *receipts);

#endif
