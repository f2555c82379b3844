/* Executing the blocks of a recorded chain again with our own machine: each block is a case.
 *
 * The state in front of the first of them comes from elsewhere (chain_provider.mjs executes the
 * chain from its genesis with @ethereumjs/vm); its root must be the one in the header before, by
 * our own trie. From there on everything is ours: blocks from the Merge on as the node executes
 * them, blocks of Berlin and London step by step, with the rewards of their time. */
#ifndef HT_TESTS_VECTORS_CHAIN_BLOCKS_H
#define HT_TESTS_VECTORS_CHAIN_BLOCKS_H

#include "tests/vectors/vectors.h"

/* states_path: {"folder", "title", "first": number, "alloc": the state after block first - 1}. */
void ht_vec_chain_blocks(const char *states_path, struct ht_vec_report *report);

#endif
