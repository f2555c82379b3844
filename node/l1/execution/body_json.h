/* Proven blocks as JSON-RPC objects: execution-apis, schemas block, transaction, receipt.
 *
 * Everything written comes from a verified header and a proven body; nothing is taken over from a
 * provider's words. The body and the receipts are this header's. HT_ENOMEM; HT_EBUG for receipts of
 * another count than the transactions. */
#ifndef HT_L1_EXECUTION_BODY_JSON_H
#define HT_L1_EXECUTION_BODY_JSON_H

#include "node/l1/execution/body.h"
#include "node/l1/execution/receipt_json.h"
#include "node/l1/execution/transaction_json.h"

/* As eth_getBlockByHash answers; is_full: transaction objects instead of their hashes. HT_EDENIED
 * uncles_not_proven for a block from before the Merge that has uncles. */
enum ht_err ht_block_to_json(json_t **out, const struct ht_exec_header_verified *header,
                             const struct ht_body *body, bool is_full,
                             struct ht_why *why) HT_MUST_USE;

/* One transaction of it, as eth_getTransactionByHash answers; index < body->count. */
enum ht_err ht_block_transaction_to_json(json_t **out, const struct ht_exec_header_verified *header,
                                         const struct ht_body *body, size_t index,
                                         struct ht_why *why) HT_MUST_USE;

/* Where receipt `index` stands: what ht_receipt_to_json and ht_log_to_json need. blob_gas_price: of
 * the block, see fees.h. index < body->count, which is receipts->count. */
void ht_receipt_place_of(struct ht_receipt_place *out, const struct ht_exec_header_verified *header,
                         const struct ht_body *body, const struct ht_receipts *receipts,
                         size_t index, const ht_u256 *blob_gas_price);

/* One receipt, and all of them as eth_getBlockReceipts answers. */
enum ht_err ht_block_receipt_to_json(json_t **out, const struct ht_exec_header_verified *header,
                                     const struct ht_body *body, const struct ht_receipts *receipts,
                                     size_t index, const ht_u256 *blob_gas_price) HT_MUST_USE;
enum ht_err ht_block_receipts_to_json(json_t **out, const struct ht_exec_header_verified *header,
                                      const struct ht_body *body,
                                      const struct ht_receipts *receipts,
                                      const ht_u256 *blob_gas_price) HT_MUST_USE;

#endif
