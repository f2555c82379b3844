/* Inside of the header service, shared by chain*.c alone. */
#ifndef HT_L1_CHAIN_IMPL_H
#define HT_L1_CHAIN_IMPL_H

#include "node/l1/chain.h"
#include "node/l1/chain_span.h"
#include "node/store/writer.h"

#define HT_CHAIN_RECENT_MAX 256U
#define HT_CHAIN_CACHE_MAX 192U

/* Learning the headers of the light client's two blocks, and how the head hangs on what came
 * before. */
struct ht_chain_follow {
    bool is_active;
    bool wants_head, wants_finalized;
    struct ht_exec_hash_proven head_hash, finalized_hash;
    struct ht_exec_header_verified head, finalized; /* the worker's until proven */
    struct ht_question question;
    struct ht_chain_span gap;
    struct ht_exec_header_verified *added; /* newest first, the head among them */
    size_t added_count;
};

struct ht_chain_cached {
    struct ht_exec_header_verified header;
    uint64_t used; /* when, by chain->uses */
};

struct ht_chain {
    struct ht_chain_options options;
    struct ht_exec_header_verified *recent; /* linked, oldest first; the last is the head */
    size_t recent_count;
    bool has_finalized;
    struct ht_exec_header_verified finalized;
    struct ht_chain_cached *cache; /* final ones */
    size_t cache_count;
    uint64_t uses;
    struct ht_chain_follow follow;
    struct ht_header_read *waiting; /* for follow */
    struct ht_chain_listener *listeners;
    struct ht_chain_listener *next_told; /* while they are told of a change */
    int64_t last_read_ms;                /* monotonic; 0: never */
    uint64_t kept, hits, misses;
};

/* Goes on with a read when follow has ended; err is how. */
void ht_chain_resume(struct ht_header_read *read, enum ht_err err, const struct ht_why *why);
void ht_chain_end(struct ht_header_read *read, enum ht_err err);
/* Fills header and is_final when the header is in memory. */
bool ht_chain_find_number(struct ht_header_read *read, uint64_t number);
/* Verified headers that are final: into memory, and, keep, to disk. */
void ht_chain_add_final(struct ht_chain *chain, const struct ht_exec_header_verified *headers,
                        size_t count, bool keep);
/* Verified headers that are not final, newest first, the first one being the parent of `above`:
 * into memory if they go on below what is there. */
void ht_chain_add_below(struct ht_chain *chain, const struct ht_exec_header_verified *above,
                        const struct ht_exec_header_verified *headers, size_t count);

#endif
