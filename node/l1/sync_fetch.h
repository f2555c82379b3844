/* The sync driver's questions to beacon providers. Each picks the best provider that may be asked
 * now; when there is none, it sets the timer for when there will be. Loop thread. */
#ifndef HT_L1_SYNC_FETCH_H
#define HT_L1_SYNC_FETCH_H

#include "node/l1/sync_impl.h"

/* The bootstrap of the anchor's block. */
void ht_sync_fetch_bootstrap(struct ht_sync *sync);

/* `count` best updates from start_period on. */
void ht_sync_fetch_updates(struct ht_sync *sync, uint64_t start_period, uint64_t count);

/* The newest finality or optimistic update. */
void ht_sync_fetch_latest(struct ht_sync *sync, enum ht_lc_kind kind);

/* Opens the event stream unless it is open or failed a moment ago. */
void ht_sync_open_stream(struct ht_sync *sync);
void ht_sync_close_stream(struct ht_sync *sync);

/* Forgets what a provider's stream sent and is not verified yet. */
void ht_sync_drop_events(struct ht_sync *sync, size_t provider);

/* Hands the oldest event of the stream to a worker; false when none waits. */
bool ht_sync_submit_event(struct ht_sync *sync);

#endif
