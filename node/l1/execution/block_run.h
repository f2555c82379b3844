/* Executing a block: system calls, transactions, withdrawals, requests, and what the header must
 * say of all that.
 *
 * execution-specs `state_transition` of Paris to Osaka; EIP-1559, 4844, 4895, 4788, 2935, 6110,
 * 7002, 7251, 7685. The steps stand alone, for who simulates a block; all of them against a header
 * are block_check.h's. One thread at a time.
 *
 * Reasons, besides those of node/evm/transaction.h and trie_build.h:
 *     block_deposit      HT_EUNVERIFIED: a log of the deposit contract is no deposit (EIP-6110)
 *     block_system_call  HT_EUNVERIFIED: a system contract failed (EIP-7002, 7251)
 *     no_room            HT_ELIMIT: more receipts or requests than fit */
#ifndef HT_L1_EXECUTION_BLOCK_RUN_H
#define HT_L1_EXECUTION_BLOCK_RUN_H

#include "node/evm/transaction.h"
#include "node/l1/execution/body.h"
#include "node/l1/execution/fees.h"

#define HT_BLOCK_RECEIPTS_BYTES_MAX ((size_t)256 << 20)

/* What holds for the block besides its own fields. */
struct ht_block_rules {
    const struct ht_evm_rules *evm;
    uint64_t chain_id;
    struct ht_blob_rules blobs;        /* from Cancun on */
    const ht_addr20 *deposit_contract; /* EIP-6110; NULL: none is known */
};

/* The deposit contract of a public network; NULL for others. */
const ht_addr20 *ht_block_deposit_contract(uint64_t chain_id);

/* keccak256(rlp([])): ommersHash from the Merge on. */
extern const ht_hash32 ht_block_no_ommers;

/* The fields of a fork's headers. Berlin is FRONTIER. */
enum ht_exec_layout ht_block_layout(enum ht_evm_fork fork);

/* A block under way. What was used and its bloom may be read at any time. */
struct ht_block_run {
    uint64_t gas_used, blob_gas_used;
    uint8_t logs_bloom[HT_BLOOM_SIZE];
    /* After ht_block_run_end. */
    ht_hash32 receipts_root;
    ht_hash32 requests_hash; /* zero before Prague */

    /* Its own. */
    struct ht_evm *evm;
    struct ht_evm_world *world;
    const struct ht_block_rules *rules;
    uint64_t gas_limit;
    struct ht_arena arena; /* receipts, encoded */
    ht_bytes *receipts;
    size_t receipt_count, receipt_cap;
    struct ht_buf deposits; /* request_data of EIP-6110 */
};

/* Begins a block on a machine that is set up with it: EIP-4788 (beacon_root NULL: not) and 2935.
 * What is given outlives the run, which is to be ended by _fini in any case. Errors of vm.h. */
enum ht_err ht_block_run_begin(struct ht_block_run *run, struct ht_evm *evm,
                               struct ht_evm_world *world, const struct ht_block_rules *rules,
                               uint64_t gas_limit, const ht_hash32 *parent_hash,
                               const ht_hash32 *beacon_root, struct ht_why *why) HT_MUST_USE;
void ht_block_run_fini(struct ht_block_run *run);

/* Carries out the next transaction. HT_EDENIED tx_gas_over_block past the gas that is left, others
 * as ht_evm_transact; HT_EUNVERIFIED block_deposit; HT_ELIMIT no_room. */
enum ht_err ht_block_run_transaction(struct ht_block_run *run, struct ht_evm_outcome *out,
                                     const struct ht_transaction *tx, const ht_addr20 *sender,
                                     const struct ht_evm_leave_out *leave_out,
                                     struct ht_why *why) HT_MUST_USE;

/* Withdrawals and requests (EIP-7685), and the roots. Contracts of EIP-7002 and 7251 that are not
 * there make no requests. */
enum ht_err ht_block_run_end(struct ht_block_run *run, const struct ht_withdrawal *withdrawals,
                             size_t withdrawal_count, struct ht_why *why) HT_MUST_USE;

/* transactionsRoot; errors of ht_tx_encode and trie_build.h. */
enum ht_err ht_block_transactions_root(ht_hash32 *out, const struct ht_transaction *transactions,
                                       size_t count, struct ht_why *why) HT_MUST_USE;

/* withdrawalsRoot (EIP-4895). */
enum ht_err ht_block_withdrawals_root(ht_hash32 *out, const struct ht_withdrawal *withdrawals,
                                      size_t count, struct ht_why *why) HT_MUST_USE;

#endif
