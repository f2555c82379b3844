/* NEG-OPEN, NEG-MSG, NEG-CLOSE (NIP-77): listing on the reader in slices, the rest in the pool. */
#ifndef HT_SOCIAL_RELAY_RELAY_NEG_H
#define HT_SOCIAL_RELAY_RELAY_NEG_H

#include "social/relay/relay_impl.h"

/* A session whose filter was read; `hex` is the client's first message. Loop thread. */
void ht_relay_neg_open(struct ht_relay_request *request, ht_bytes hex);
void ht_relay_neg_message(struct ht_relay_peer *peer, ht_bytes id, ht_bytes hex);

/* On the reader's worker: some more of the items, newest first, with visit's visibility. */
void ht_relay_neg_list(struct ht_relay_request *request, struct ht_store *store,
                       const struct ht_store_limits *limits, const struct ht_store_visit *visit);
/* Loop thread, afterwards. */
void ht_relay_neg_listed(struct ht_relay_request *request);

#endif
