/* Decisions about what waits: wallet.decide, and the signatures that follow. Contract: queue.h. */
#ifndef HT_IDENTITY_WALLET_QUEUE_DECIDE_H
#define HT_IDENTITY_WALLET_QUEUE_DECIDE_H

#include "identity/wallet/queue_impl.h"

/* Whether a signature over the item's payload is its account's (65 bytes: r, s, y_parity; low s).
 * HT_EUNVERIFIED "signature_differs". */
enum ht_err ht_queue_check_signature(const struct ht_queue_item *item, ht_bytes signature,
                                     struct ht_why *why) HT_MUST_USE;

#endif
