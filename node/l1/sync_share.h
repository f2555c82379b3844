/* What the sync driver does for others, and with others: a bootstrap of each period is fetched and
 * kept, so that nodes without a provider can start from here; peers come and go as providers. Loop
 * thread. */
#ifndef HT_L1_SYNC_SHARE_H
#define HT_L1_SYNC_SHARE_H

#include "node/l1/sync_impl.h"

/* Asks for the finalized block's bootstrap when there is none of its period. */
void ht_sync_share(struct ht_sync *sync);
void ht_sync_cancel_share(struct ht_sync *sync);

#endif
