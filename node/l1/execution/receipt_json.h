/* Receipts and logs as JSON-RPC objects: execution-apis, schema receipt.
 *
 * Reasons: those of node/codec/json.h and receipt.h, and
 *     receipt_order     HT_EINPUT: in a list, another index, block or cumulative gas than its place
 *     receipt_too_many  HT_ELIMIT: a longer list than asked for */
#ifndef HT_L1_EXECUTION_RECEIPT_JSON_H
#define HT_L1_EXECUTION_RECEIPT_JSON_H

#include "node/codec/json.h"
#include "node/l1/execution/receipt.h"

/* One receipt object of eth_getTransactionReceipt or eth_getBlockReceipts. Only what the receipts
 * trie covers is read; everything else (hashes, indices, from, to, contractAddress, prices) follows
 * from the block and its transactions and must be taken from there. *out borrows from the arena. */
enum ht_err ht_receipt_from_json(struct ht_receipt *out, struct ht_arena *arena,
                                 const json_t *object, struct ht_why *why) HT_MUST_USE;

/* The whole answer of eth_getBlockReceipts: an array, at most max receipts. Its order must be the
 * block's: transactionIndex counts up from 0, blockHash is the same in all and, when not NULL,
 * block_hash; cumulativeGasUsed grows. */
enum ht_err ht_receipts_from_json(const struct ht_receipt **out, size_t *count,
                                  struct ht_arena *arena, const json_t *array, size_t max,
                                  const ht_hash32 *block_hash, struct ht_why *why) HT_MUST_USE;

/* Where a receipt stands: its block, its transaction and what came before it. All of it must come
 * from proven data; nothing is looked up. */
struct ht_receipt_place {
    ht_hash32 block_hash;
    uint64_t block_number;
    uint64_t block_timestamp; /* seconds UTC */
    uint64_t transaction_index;
    ht_hash32 transaction_hash;
    const struct ht_transaction *transaction;
    ht_addr20 sender;
    ht_u256 base_fee_per_gas;   /* of the block; 0 before London */
    ht_u256 blob_gas_price;     /* of the block; used for type 3 only */
    uint64_t cumulative_before; /* cumulative_gas_used of the receipt before, or 0 */
    uint64_t logs_before;       /* logs of the block before this receipt's first */
};

/* One log object as in eth_getLogs: `index` is the log's within the receipt. */
enum ht_err ht_log_to_json(json_t **out, const struct ht_log *log, size_t index,
                           const struct ht_receipt_place *place) HT_MUST_USE;

/* A new object as eth_getTransactionReceipt answers it. HT_ENOMEM. */
enum ht_err ht_receipt_to_json(json_t **out, const struct ht_receipt *receipt,
                               const struct ht_receipt_place *place) HT_MUST_USE;

#endif
