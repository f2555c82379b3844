/* Hashes of older blocks out of proven state: EIP-2935.
 *
 * From Prague on, each block's state holds the hashes of the HT_HISTORY_WINDOW blocks before it, in
 * the storage of the history contract, slot number % HISTORY_SERVE_WINDOW. One storage proof leads
 * that far back; from the header found there the next one leads on.
 *
 * Reasons: those of eth_get_proof.h, and
 *     out_of_window  HT_ENOTFOUND: the number is not among the blocks that this state remembers
 *     no_history     HT_ENOTFOUND: this state has no such hash (before Prague, or just after it) */
#ifndef HT_L1_EXECUTION_HISTORY_H
#define HT_L1_EXECUTION_HISTORY_H

#include "node/l1/execution/eth_get_proof.h"
#include "node/l1/execution/header.h"

/* HISTORY_SERVE_WINDOW */
#define HT_HISTORY_WINDOW 8191U

/* HISTORY_STORAGE_ADDRESS */
extern const ht_addr20 ht_history_address;

/* Whether the state of that block can hold the hash of block `number`. */
bool ht_history_covers(const struct ht_exec_header_verified *at, uint64_t number);

/* The slot that holds it. */
void ht_history_slot(ht_hash32 *out, uint64_t number);

/* The hash of block `number`, an ancestor of `at`, out of an answer to eth_getProof for the history
 * contract and that one slot at `at`. Makes a proven hash: everything is checked here. */
enum ht_err ht_exec_hash_of_history(struct ht_exec_hash_proven *out,
                                    const struct ht_exec_header_verified *at, uint64_t number,
                                    const struct ht_get_proof *answer,
                                    struct ht_why *why) HT_MUST_USE;

#endif
