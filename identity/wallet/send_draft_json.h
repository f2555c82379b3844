/* Transactions written as they are asked for (send_draft.h). */
#ifndef HT_IDENTITY_WALLET_SEND_DRAFT_JSON_H
#define HT_IDENTITY_WALLET_SEND_DRAFT_JSON_H

#include "identity/wallet/send_draft.h"

/* The object that ht_draft_read reads back as this transaction: what is shown, and what is sent
 * again. NULL without memory. */
json_t *ht_draft_json(const struct ht_transaction *tx, const ht_addr20 *from);

#endif
