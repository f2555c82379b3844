/* Filling in the recent slots: walks back from the verified head by parent roots.
 *
 * Headers come from any provider; one is taken only when its hash_tree_root is the parent_root of a
 * block already known, so the walk proves itself. One request at a time, in no hurry. Loop thread.
 */
#ifndef HT_L1_SYNC_BACKFILL_H
#define HT_L1_SYNC_BACKFILL_H

#include "node/l1/sync_impl.h"

/* Asks for the newest block that is missing among those shown, if any and if none is asked for. */
void ht_sync_backfill(struct ht_sync *sync);
void ht_sync_cancel_backfill(struct ht_sync *sync);

#endif
