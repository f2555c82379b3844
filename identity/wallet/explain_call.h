/* Call data in words: known functions with their arguments, down to the last call within calls. */
#ifndef HT_IDENTITY_WALLET_EXPLAIN_CALL_H
#define HT_IDENTITY_WALLET_EXPLAIN_CALL_H

#include "identity/wallet/explain_part.h"
#include "node/codec/known_calls.h"

#define HT_CALL_DEPTH_MAX 8U                   /* levels of inner calls */
#define HT_CALLS_MAX 256U                      /* in one transaction, the outer one among them */
#define HT_CALL_DATA_MAX ((size_t)128 * 1024)  /* longer data is only shown by its length */
#define HT_CALLS_DATA_MAX ((size_t)256 * 1024) /* of all inner calls together */

/* Explains a call to `contract` with this data, of 1 byte or more: sets title, sentence, kind and
 * tree, adds leaves, rows and warnings. Inner calls count for the account where the EVM would let
 * them: what its own contract code sends (a call to the account itself), what a contract moves out
 * of it by an allowance, and what a contract does to itself in the caller's name. HT_ENOMEM. */
enum ht_err ht_explain_call(struct ht_explanation *explanation,
                            const struct ht_explain_context *context, const ht_addr20 *contract,
                            ht_bytes data, struct ht_why *why) HT_MUST_USE;

#endif
