/* Tries for tests: entries in, proofs of any key out. Everything fails the running test on error.
 */
#ifndef HT_TESTS_UNIT_TRIE_MAKER_H
#define HT_TESTS_UNIT_TRIE_MAKER_H

#include "node/l1/execution/trie_build.h"
#include "node/l1/execution/witness.h"

#define HT_TM_NODES_MAX 70U

struct ht_trie_maker {
    struct ht_trie trie;
    struct ht_witness witness; /* all nodes of the last root */
    struct ht_arena values;
    ht_hash32 root;
};

/* A proof as a list of nodes. */
struct ht_tm_proof {
    ht_bytes nodes[HT_TM_NODES_MAX];
    size_t count;
    ht_bytes value;
};

void ht_tm_init(struct ht_trie_maker *maker);
void ht_tm_fini(struct ht_trie_maker *maker);

/* Copies the value; call ht_tm_finish when all is put. */
void ht_tm_put(struct ht_trie_maker *maker, ht_bytes key, ht_bytes value);
void ht_tm_put_str(struct ht_trie_maker *maker, const char *key, const char *value);
void ht_tm_finish(struct ht_trie_maker *maker);

/* The proof of a key, of its presence or absence. */
void ht_tm_proof(struct ht_tm_proof *out, struct ht_trie_maker *maker, ht_bytes key);

/* A visitor that adds nodes to a witness (user). */
enum ht_err ht_tm_keep_node(void *user, ht_bytes node, struct ht_why *why);

/* Numbers that are the same in each run. */
uint64_t ht_tm_random(uint64_t *state);
void ht_tm_random_fill(uint8_t *out, size_t n, uint64_t *state);

#endif
