/* Building a Merkle-Patricia trie's root from all of its entries.
 *
 * Yellow Paper, appendix D. For the tries of a block, whose entries come as one list, and for small
 * state and storage tries (genesis, the EVM over known state). Entries are kept as a flat list; the
 * root is made from them in key order in one pass, without nodes in memory.
 *
 * Reasons: trie_too_large HT_ELIMIT (entries, or a node over HT_TRIE_NODE_MAX), trie_key_too_long
 * HT_ELIMIT, trie_empty_value HT_EINPUT (in a list), no_memory HT_ENOMEM. */
#ifndef HT_L1_EXECUTION_TRIE_BUILD_H
#define HT_L1_EXECUTION_TRIE_BUILD_H

#include "node/base/bytes.h"

#define HT_TRIE_KEY_MAX 32U
/* A node and with it a value: more than a block may have (EIP-7934 allows 8 MiB). */
#define HT_TRIE_NODE_MAX ((size_t)16 << 20)
#define HT_TRIE_LIST_MAX 65536U

struct ht_trie_entry {
    uint8_t key[HT_TRIE_KEY_MAX];
    size_t key_n;
    size_t order;   /* of being put */
    ht_bytes value; /* empty when deleted */
};

/* After ht_trie_root the entries are in key order, one for each key that is there. */
struct ht_trie {
    struct ht_trie_entry *entries;
    size_t count, cap, count_max;
};

/* An empty trie of at most count_max puts and deletes between two roots; allocates nothing yet. */
void ht_trie_init(struct ht_trie *trie, size_t count_max);
/* Frees the entries; the trie is empty again. */
void ht_trie_fini(struct ht_trie *trie);

/* Sets a key's value, which is borrowed until the last root is made; an empty value deletes the
 * key, which need not be there. */
enum ht_err ht_trie_put(struct ht_trie *trie, ht_bytes key, ht_bytes value,
                        struct ht_why *why) HT_MUST_USE;
/* The same under keccak256(key), as state and storage tries have it. */
enum ht_err ht_trie_put_hashed(struct ht_trie *trie, ht_bytes key, ht_bytes value,
                               struct ht_why *why) HT_MUST_USE;

/* Is given each node that has a hash, children before parents, while a root is made: what a witness
 * for proofs needs. The view lasts for the call. An error ends the work and is returned. */
struct ht_trie_visitor {
    enum ht_err (*node)(void *user, ht_bytes node, struct ht_why *why);
    void *user;
};

/* The root of what was put so far; more may be put afterwards. visitor may be NULL. */
enum ht_err ht_trie_root(ht_hash32 *out, struct ht_trie *trie,
                         const struct ht_trie_visitor *visitor, struct ht_why *why) HT_MUST_USE;

/* The root over a whole list, keys rlp(index): transactionsRoot, receiptsRoot, withdrawalsRoot. At
 * most HT_TRIE_LIST_MAX values, none of them empty; none are copied. */
enum ht_err ht_trie_list_root(ht_hash32 *out, const ht_bytes *values, size_t count,
                              const struct ht_trie_visitor *visitor,
                              struct ht_why *why) HT_MUST_USE;

#endif
