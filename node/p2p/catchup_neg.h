/* Comparing a window by negentropy, and fetching what it found by id. */
#ifndef HT_P2P_CATCHUP_NEG_H
#define HT_P2P_CATCHUP_NEG_H

#include "node/p2p/catchup_impl.h"

/* Says the first message of the window; what comes of it goes on by itself. */
void ht_catchup_neg_begin(struct ht_catchup *c);
/* Frees what it keeps between messages. */
void ht_catchup_neg_end(struct ht_catchup *c);
/* An answer, in hex. */
void ht_catchup_neg_message(struct ht_catchup *c, ht_bytes hex);
/* An event of the batch that was asked for. */
void ht_catchup_fetch_event(struct ht_catchup *c, const struct ht_catchup_message *message);
/* Asks for the next batch; without one, the window is through. */
void ht_catchup_fetch_next(struct ht_catchup *c);

#endif
