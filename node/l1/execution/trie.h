/* Merkle-Patricia proofs: the value of a key under a root, or that there is none.
 *
 * Yellow Paper, appendix D; EIP-1186. Absence is a proof of its own, which ends at an empty slot of
 * a branch or at a leaf or an extension that leads elsewhere; a proof that merely stops early
 * proves nothing. Strict about nodes as trie_walk.h says.
 *
 * Reasons:
 *     proof_missing_node    HT_EUNVERIFIED: the proof stops before the key's place is reached
 *     proof_wrong_node      HT_EUNVERIFIED: a node is not the one that the one above refers to
 *     proof_extra_nodes     HT_EUNVERIFIED: further nodes behind the key's place
 *     proof_malformed_node  HT_EINPUT: the right node by its hash, but not in canonical form */
#ifndef HT_L1_EXECUTION_TRIE_H
#define HT_L1_EXECUTION_TRIE_H

#include "node/base/bytes.h"

/* The root of the trie without keys: keccak256 of 0x80. */
extern const ht_hash32 ht_trie_empty_root;

/* Most bytes of rlp(index). */
#define HT_TRIE_INDEX_KEY_MAX 9U

/* Proves `key` under `root` with exactly the nodes on its way, root first, without those that lie
 * inside others. *value is then a view into the last of them, or empty with p NULL when the key is
 * proven absent (a trie holds no empty values). Under the empty root, both no nodes and the single
 * node 0x80 prove absence. Does not allocate; every node is hashed once. Any thread. */
enum ht_err ht_trie_prove(ht_bytes *value, const ht_hash32 *root, ht_bytes key,
                          const ht_bytes *nodes, size_t count, struct ht_why *why) HT_MUST_USE;

/* The key of an entry in the transactions, receipts and withdrawals tries: rlp(index). Returns its
 * length. */
size_t ht_trie_index_key(uint8_t out[static HT_TRIE_INDEX_KEY_MAX], uint64_t index);

#endif
