/* Transactions in words. */
#ifndef HT_IDENTITY_WALLET_EXPLAIN_TX_H
#define HT_IDENTITY_WALLET_EXPLAIN_TX_H

#include "identity/wallet/explain_part.h"
#include "node/codec/transaction.h"

/* The call alone, or what else it does (to, value, data, is_creation, nonce are looked at), without
 * what a transaction needs besides: fees, nonce, chain. */
enum ht_err ht_explain_action(struct ht_explanation *explanation,
                              const struct ht_explain_context *context,
                              const struct ht_transaction *tx, struct ht_why *why) HT_MUST_USE;
/* Fills the explanation from an unsigned transaction as EIP-2718 writes it. */
enum ht_err ht_explain_tx(struct ht_explanation *explanation,
                          const struct ht_explain_context *context, ht_bytes bytes,
                          struct ht_why *why) HT_MUST_USE;

#endif
