/* A witness: trie nodes by their hash, from which many keys under many roots are proven.
 *
 * What a single proof says in a list, a witness says in a set: nodes that proofs share are kept and
 * hashed once, in any order. It holds copies. One thread at a time, also for proving, because it
 * remembers which nodes were used.
 *
 * Reasons, besides those of trie.h (proof_missing_node: no node of the set has the hash):
 *     witness_too_large  HT_ELIMIT: past its maximum of nodes or bytes
 *     no_memory          HT_ENOMEM */
#ifndef HT_L1_EXECUTION_WITNESS_H
#define HT_L1_EXECUTION_WITNESS_H

#include "node/base/arena.h"

struct ht_witness_node;

struct ht_witness {
    struct ht_arena bytes;         /* the nodes' */
    struct ht_witness_node *nodes; /* in order of arrival */
    uint32_t *slots;               /* two hash tables of indices into nodes */
    size_t count, cap, count_max;
    size_t used_count;
    size_t hash_count; /* how many nodes were hashed, duplicates that were noticed not */
};

/* An empty witness of at most count_max nodes (below 2^31) and bytes_max bytes; allocates nothing
 * yet. */
void ht_witness_init(struct ht_witness *witness, size_t count_max, size_t bytes_max);
/* Frees everything; the witness is empty again, with the same maxima. */
void ht_witness_fini(struct ht_witness *witness);

/* Adds a copy of a node; one that is there already is not added again. Any bytes are accepted:
 * what is no node is only noticed when a proof leads to it. */
enum ht_err ht_witness_add(struct ht_witness *witness, ht_bytes node,
                           struct ht_why *why) HT_MUST_USE;

/* Adds the nodes of another witness that were on the way of some key. Errors of ht_witness_add. */
enum ht_err ht_witness_add_used(struct ht_witness *witness, const struct ht_witness *from,
                                struct ht_why *why) HT_MUST_USE;

/* The node with that hash, a view that lasts as long as the witness; false when there is none. */
bool ht_witness_find(ht_bytes *out, const struct ht_witness *witness, const ht_hash32 *hash);

/* As ht_trie_prove, with nodes out of the set. The view lasts as long as the witness. Does not
 * allocate or hash. */
enum ht_err ht_witness_prove(ht_bytes *value, struct ht_witness *witness, const ht_hash32 *root,
                             ht_bytes key, struct ht_why *why) HT_MUST_USE;

/* The same and the nodes on the way, as a proof for ht_trie_prove: *count of them, at most max
 * (HT_ELIMIT proof_too_long), views into the witness. */
enum ht_err ht_witness_path(ht_bytes *value, ht_bytes *nodes, size_t *count, size_t max,
                            struct ht_witness *witness, const ht_hash32 *root, ht_bytes key,
                            struct ht_why *why) HT_MUST_USE;

/* HT_OK when every node was on the way of some key proven since it was added; otherwise
 * HT_EUNVERIFIED proof_extra_nodes. */
enum ht_err ht_witness_check_used(const struct ht_witness *witness, struct ht_why *why) HT_MUST_USE;

#endif
