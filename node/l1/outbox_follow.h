/* What becomes of sent transactions. Inside of the outbox. */
#ifndef HT_L1_OUTBOX_FOLLOW_H
#define HT_L1_OUTBOX_FOLLOW_H

#include "node/l1/outbox_impl.h"

/* Listens to the chain while something is under way, and only then. */
void ht_outbox_follow(struct ht_outbox *outbox);
/* Looks for what is under way at a new head. */
void ht_outbox_on_chain(struct ht_chain_listener *listener, const struct ht_chain_change *change);

#endif
