/* A whole block executed and held against its header, header first.
 *
 * execution-specs `state_transition` of Paris to Osaka, EIP-1559, 4844, 4895, 7685, 7918. One
 * thread at a time.
 *
 * Reasons, HT_EUNVERIFIED if not said otherwise, and those of block_run.h and world_root.h:
 *     fork_not_run           HT_EDENIED: a block from before the Merge, or of an unknown fork
 *     block_parent           not the hash, the number or a time after the parent's
 *     block_gas_limit        a step of 1/1024 or more, below 5000, or more used than the limit
 *     block_fields           not the fields of its fork; difficulty, nonce or uncles after the
 * Merge block_base_fee, block_excess_blob_gas   not what comes of the parent block_blobs more blob
 * gas than a block has block_gas_used, block_blob_gas_used, block_receipts, block_bloom,
 * block_withdrawals, block_requests, block_state_root        not what executing gives */
#ifndef HT_L1_EXECUTION_BLOCK_CHECK_H
#define HT_L1_EXECUTION_BLOCK_CHECK_H

#include "node/l1/execution/block_run.h"
#include "node/l1/execution/world_root.h"

/* A block's content, decoded. */
struct ht_block_content {
    const struct ht_transaction *transactions;
    const ht_addr20 *senders;
    size_t count;
    const struct ht_withdrawal *withdrawals;
    size_t withdrawal_count;
};

/* What a header says by itself and beside its parent. */
enum ht_err ht_block_check_header(const struct ht_exec_header *header,
                                  const struct ht_exec_header *parent,
                                  const struct ht_block_rules *rules,
                                  struct ht_why *why) HT_MUST_USE;

/* The block that code sees. */
enum ht_err ht_block_of_header(struct ht_evm_block *out, const struct ht_exec_header *header,
                               const struct ht_block_rules *rules, struct ht_why *why) HT_MUST_USE;

/* Executes a block, header first, on a world over the state after its parent; the world is the
 * state after it on HT_OK. limits may be NULL. */
enum ht_err ht_block_execute(struct ht_evm *evm, struct ht_evm_world *world,
                             const struct ht_known_state *state, const struct ht_block_rules *rules,
                             const struct ht_exec_header *header,
                             const struct ht_exec_header *parent,
                             const struct ht_block_content *content,
                             const struct ht_evm_limits *limits, struct ht_why *why) HT_MUST_USE;

#endif
