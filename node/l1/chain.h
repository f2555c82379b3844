/* Proven headers of the execution chain: by tag, by number, by hash, and with their ancestors.
 *
 * The light client names two block hashes, the head's and the finalized block's; all else is an
 * ancestor of one of them, and is found by what is kept, by parent hashes (many headers to a
 * request) or by the hashes that a block's own state holds (EIP-2935: one request for 8191 blocks,
 * again from where it led). Blocks up to the finalized one are proven from that one, blocks above
 * it from the head. Verified headers that are final are kept on disk, newest HT_CHAIN_KEPT of them;
 * a block that was reached once needs no request again.
 *
 * All functions: loop thread. */
#ifndef HT_L1_CHAIN_H
#define HT_L1_CHAIN_H

#include "node/l1/ask.h"
#include "node/l1/execution/header.h"
#include "node/l1/sync.h"
#include "node/store/reader.h"

#define HT_CHAIN_KEPT 131072    /* headers on disk */
#define HT_CHAIN_BEFORE_MAX 63U /* ancestors that come with one read */

/* Which block is meant: the block parameter of execution-apis, EIP-1898. */
enum ht_block_kind {
    HT_BLOCK_LATEST,
    HT_BLOCK_SAFE, /* the finalized one: nothing in between is proven to a light client */
    HT_BLOCK_FINALIZED,
    HT_BLOCK_NUMBER,
    HT_BLOCK_HASH,
};

struct ht_block_id {
    enum ht_block_kind kind;
    uint64_t number; /* HT_BLOCK_NUMBER */
    ht_hash32 hash;  /* HT_BLOCK_HASH */
};

struct ht_chain;

/* One read; zeroed but for what is asked and done, and left alone until done. */
struct ht_header_read {
    struct ht_block_id id;
    size_t before_count; /* ancestors wanted with it, at most HT_CHAIN_BEFORE_MAX; fewer come where
                            the chain begins */
    /* On the loop, once, perhaps before ht_chain_read returns. */
    void (*done)(struct ht_header_read *read);

    /* The outcome. HT_OK, or HT_EAGAIN "no_head" (nothing is verified yet), HT_ENOTFOUND
     * "block_in_future" (above the head: proven not to be there yet), "block_not_found" (nobody
     * knows the hash), "not_in_chain" (a block of another branch), "too_far" (older than can be
     * reached), or the refusal of a question that nobody could prove. */
    enum ht_err err;
    struct ht_why why;
    struct ht_exec_header_verified header;
    bool is_final;    /* it is the finalized block or before it */
    char source[128]; /* who sent the last of what proves it; "kept" for what was on disk */
    struct ht_exec_header_verified *before; /* newest first; freed by ht_header_read_fini */
    size_t before_found;

    /* The service's own. */
    struct ht_chain *chain;
    struct ht_header_read *next;
};

struct ht_chain_options {
    struct ht_loop *loop;
    struct ht_sync *sync;
    struct ht_asker *asker;
    struct ht_reader *reader; /* with the writer: NULL, and nothing is kept */
    struct ht_writer *writer;
};

/* A change of the chain: what is told to listeners. */
struct ht_chain_change {
    const struct ht_exec_header_verified *removed; /* newest first; of another branch now */
    size_t removed_count;
    /* Oldest first; the last is the head. None when the head fell back to a block from before. */
    const struct ht_exec_header_verified *added;
    size_t added_count;
};

/* Somebody who wants every block; while there is one, each new head's header is fetched. */
struct ht_chain_listener {
    void (*on_change)(struct ht_chain_listener *listener, const struct ht_chain_change *change);
    struct ht_chain_listener *next; /* the service's own */
};

/* For people: how much is kept. */
struct ht_chain_counts {
    size_t recent; /* headers from finality to the head, in memory */
    size_t cached; /* others in memory */
    size_t kept;   /* on disk */
    uint64_t hits, misses;
};

extern const struct ht_migration ht_chain_migrations[];
extern const size_t ht_chain_migration_count;

/* What the options name outlives it. HT_ENOMEM. */
enum ht_err ht_chain_new(struct ht_chain **out, const struct ht_chain_options *options) HT_MUST_USE;
/* When the asker has been freed; reads that are left have ended. */
void ht_chain_free(struct ht_chain *chain);

/* The light client has a new head. */
void ht_chain_on_head(struct ht_chain *chain);

void ht_chain_read(struct ht_chain *chain, struct ht_header_read *read);
void ht_header_read_fini(struct ht_header_read *read);

/* The newest header whose place in the chain is known, without asking: the head's once it has been
 * fetched. NULL when there is none. */
const struct ht_exec_header_verified *ht_chain_head(const struct ht_chain *chain);
/* The same for the finalized block. */
const struct ht_exec_header_verified *ht_chain_finalized(const struct ht_chain *chain);

/* A header in memory of which it is known where it stands in the chain; NULL when there is none. */
const struct ht_exec_header_verified *ht_chain_find_hash(const struct ht_chain *chain,
                                                         const ht_hash32 *hash);

void ht_chain_listen(struct ht_chain *chain, struct ht_chain_listener *listener);
void ht_chain_unlisten(struct ht_chain *chain, struct ht_chain_listener *listener);

struct ht_chain_counts ht_chain_counts(const struct ht_chain *chain);
struct ht_sync *ht_chain_sync(const struct ht_chain *chain);
struct ht_asker *ht_chain_asker(const struct ht_chain *chain);

/* The provenance (DESIGN.md section 7) of a value proven at this block; age_ms counts from its
 * timestamp. NULL without memory. */
json_t *ht_chain_provenance_json(const struct ht_chain *chain,
                                 const struct ht_exec_header_verified *header, bool is_final,
                                 const char *source);

#endif
