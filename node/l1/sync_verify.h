/* What verified objects change in the sync driver. Loop thread, while no job is under way. */
#ifndef HT_L1_SYNC_VERIFY_H
#define HT_L1_SYNC_VERIFY_H

#include "node/l1/sync_impl.h"

/* A worker has finished: takes over what held, records what did not, goes on. */
void ht_sync_job_done(struct ht_work *work);

/* Copies what people see out of the store. */
void ht_sync_take_view(struct ht_sync *sync);

/* Queues the newest head for the disk, with_store the whole store too. */
void ht_sync_keep(struct ht_sync *sync, bool with_store);

#endif
