/* Typed data (EIP-712) in words, and its tree. */
#ifndef HT_IDENTITY_WALLET_EXPLAIN_TYPED_H
#define HT_IDENTITY_WALLET_EXPLAIN_TYPED_H

#include "identity/wallet/explain_part.h"
#include "node/codec/eip712.h"

/* Fills the explanation from a document of eth_signTypedData_v4. */
enum ht_err ht_explain_document(struct ht_explanation *explanation,
                                const struct ht_explain_context *context, const json_t *document,
                                struct ht_why *why) HT_MUST_USE;

/* [{"name": "domain", …}, {"name": "message", …}] as in explain.h; NULL without memory. */
json_t *ht_typed_tree(const struct ht_eip712 *data);

#endif
