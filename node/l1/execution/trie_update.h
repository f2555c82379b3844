/* The root of a trie after some of its keys have changed, out of the nodes on their way alone.
 *
 * Yellow Paper, appendix D. For tries that are not known as a whole: of state that was proven piece
 * by piece. What is put needs the nodes that prove the key's old value or its absence. What is
 * deleted may need one node more: when a branch is left with a single way, that way's node moves up
 * and must be known. Which one is told as a gap, so that it can be asked for by a key below it.
 * Only tries whose keys have 32 bytes (state, storage). Any thread; changes nothing it is given.
 *
 * Reasons: those of trie_build.h, and
 *     proof_missing_node    HT_EUNVERIFIED: a node on the way of a changed key is not there
 *     proof_malformed_node  HT_EINPUT: a node is none of such a trie
 *     trie_sibling_missing  HT_EAGAIN: see the gap
 *     no_room               HT_ELIMIT: more nodes than a bound */
#ifndef HT_L1_EXECUTION_TRIE_UPDATE_H
#define HT_L1_EXECUTION_TRIE_UPDATE_H

#include "node/l1/execution/witness.h"

struct ht_trie_change {
    ht_hash32 key;
    ht_bytes value; /* empty: deleted, also when it was not there */
};

/* A proof of any key that begins with these nibbles holds the node that is missing. */
struct ht_trie_gap {
    uint8_t path[32];
    size_t nibbles; /* high half first */
};

/* The root after the changes, each of another key. *gap is written with trie_sibling_missing only.
 */
enum ht_err ht_trie_update(ht_hash32 *out, struct ht_trie_gap *gap,
                           const struct ht_witness *witness, const ht_hash32 *root,
                           const struct ht_trie_change *changes, size_t count,
                           struct ht_why *why) HT_MUST_USE;

#endif
