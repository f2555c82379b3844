/* Execution blocks and receipts recorded from real networks. */
#ifndef HT_TESTS_VECTORS_LIGHT_BLOCKS_H
#define HT_TESTS_VECTORS_LIGHT_BLOCKS_H

#include "tests/vectors/vectors.h"

/* Finds, by their form, in any JSON file below dir (bare or as the result of a JSON-RPC answer):
 *   a block     the header must hash to its own hash, through RLP and JSON both ways; with whole
 *               transactions each must hash to its hash, be signed by its `from`, and all of them
 *               rebuild transactionsRoot; withdrawals rebuild withdrawalsRoot
 *   receipts    an array of them: encode, decode, blooms; they must rebuild the receiptsRoot of the
 *               recorded block header or beacon block with their block hash, and our own JSON of
 *               them must say the same
 * One case for each block and each array. */
void ht_lv_run_blocks(const char *dir, struct ht_vec_report *report);

#endif
