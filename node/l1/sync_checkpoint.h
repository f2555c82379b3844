/* The sync driver's first step: finding a block to start from. Loop thread. */
#ifndef HT_L1_SYNC_CHECKPOINT_H
#define HT_L1_SYNC_CHECKPOINT_H

#include "node/l1/sync_impl.h"

/* Asks all sources for the finalized block, or waits until the next round is due. The answers end
 * in ht_sync_advance, with sync->anchor set when enough of them agree. */
void ht_sync_ask_checkpoint(struct ht_sync *sync);

/* Cancels what is under way. */
void ht_sync_cancel_checkpoint(struct ht_sync *sync);

#endif
