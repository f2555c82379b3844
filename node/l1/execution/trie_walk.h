/* One step at a time from the root of a Merkle-Patricia trie towards a key.
 *
 * Yellow Paper, appendix D. The walk says which hash it needs next; the caller finds that node, in
 * a proof or in a witness, and gives it its bytes. Does not allocate, does not hash.
 *
 * Only the canonical form of a node is accepted: shortest RLP, hex-prefix flags 0 to 3 with a zero
 * pad, a branch with 17 items of which at least two are there, an extension that is not empty and
 * leads to a branch, values that are not empty, nodes below 32 bytes inside their parent and never
 * behind a hash, others never inside. */
#ifndef HT_L1_EXECUTION_TRIE_WALK_H
#define HT_L1_EXECUTION_TRIE_WALK_H

#include "node/base/bytes.h"

enum ht_trie_walk_state {
    HT_TRIE_NEEDS_NODE, /* the node with the hash `next` comes next */
    HT_TRIE_FOUND,      /* the key has the value `value` */
    HT_TRIE_ABSENT,     /* the trie has no such key */
};

struct ht_trie_walk {
    enum ht_trie_walk_state state;
    ht_hash32 next;
    ht_bytes value; /* a view into the last node */
    ht_bytes key;
    size_t depth; /* nibbles of the key that are behind */
    bool needs_branch;
};

/* A walk that needs the node `root` first. The key is borrowed for as long as the walk lasts. */
void ht_trie_walk_init(struct ht_trie_walk *walk, const ht_hash32 *root, ht_bytes key);

/* Goes on through a node, whose hash the caller has compared with walk->next, and through the nodes
 * inside it. HT_EINPUT proof_malformed_node. */
enum ht_err ht_trie_walk_step(struct ht_trie_walk *walk, ht_bytes node,
                              struct ht_why *why) HT_MUST_USE;

/* The nibble at that place of a key, high half first. */
static inline unsigned ht_nibble(const uint8_t *key, size_t at) {
    return at % 2 == 0 ? key[at / 2] >> 4 : key[at / 2] & 15U;
}

#endif
