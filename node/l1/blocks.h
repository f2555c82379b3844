/* Whole blocks: bodies and receipts proven against verified headers.
 *
 * Bodies and receipts are kept in memory up to a bound of bytes, receipts of final blocks on disk
 * too, up to HT_BLOCKS_RECEIPTS_KEPT bytes: what was proven once is not asked again. Reads of the
 * same thing share one question. All functions: loop thread. */
#ifndef HT_L1_BLOCKS_H
#define HT_L1_BLOCKS_H

#include "node/l1/chain.h"
#include "node/l1/execution/body.h"

#define HT_BLOCKS_MEMORY_MAX ((size_t)12 << 20)      /* bytes of bodies and receipts */
#define HT_BLOCKS_BODY_MAX ((size_t)32 << 20)        /* of one answer */
#define HT_BLOCKS_RECEIPTS_KEPT ((int64_t)256 << 20) /* bytes on disk */

struct ht_blocks;
struct ht_block_read;

/* A read in the line of those that wait for the same body or receipts. */
struct ht_block_wait {
    struct ht_block_wait *next;
    struct ht_block_read *read;
};

/* Zeroed but for what is asked and done. */
struct ht_block_read {
    struct ht_block_id id;
    bool wants_body;
    bool wants_receipts;
    /* On the loop, once, perhaps before ht_blocks_read returns. */
    void (*done)(struct ht_block_read *read);

    /* The outcome: errors of ht_chain_read, of the proofs in body.h, and of questions. */
    enum ht_err err;
    struct ht_why why;
    struct ht_exec_header_verified header;
    bool is_final;
    char source[128];
    size_t received;              /* bytes that were sent for this read; 0: all was kept */
    struct ht_body *body;         /* references of the read's, NULL unless wanted; dropped by */
    struct ht_receipts *receipts; /* ht_block_read_fini */

    /* The service's own. */
    struct ht_blocks *blocks;
    struct ht_header_read at;
    struct ht_block_wait waits[2];
    size_t pending;
};

struct ht_blocks_options {
    struct ht_chain *chain;
    struct ht_reader *reader; /* with the writer: NULL, and nothing is kept on disk */
    struct ht_writer *writer;
};

struct ht_blocks_counts {
    size_t bodies, receipts; /* in memory */
    size_t bytes;
    size_t kept; /* receipts of blocks on disk */
    uint64_t hits, misses;
};

extern const struct ht_migration ht_blocks_migrations[];
extern const size_t ht_blocks_migration_count;

enum ht_err ht_blocks_new(struct ht_blocks **out,
                          const struct ht_blocks_options *options) HT_MUST_USE;
/* When the asker has been freed. */
void ht_blocks_free(struct ht_blocks *blocks);

void ht_blocks_read(struct ht_blocks *blocks, struct ht_block_read *read);
/* Drops what the outcome refers to. */
void ht_block_read_fini(struct ht_block_read *read);

struct ht_chain *ht_blocks_chain(const struct ht_blocks *blocks);
struct ht_blocks_counts ht_blocks_counts(const struct ht_blocks *blocks);

/* What blob gas cost in a block by the network's schedule; 0 where there are no blobs. */
void ht_blocks_blob_price(ht_u256 *out, const struct ht_blocks *blocks,
                          const struct ht_exec_header_verified *header);

#endif
