/* One post with what it answers and what was answered to it (client.h). Loop thread. */
#ifndef HT_SOCIAL_THREAD_H
#define HT_SOCIAL_THREAD_H

#include "social/client_task.h"

/* See struct ht_rpc_method. Reasons: HT_EINPUT "bad_id"; HT_ENOTFOUND "no_event": nobody has any of
 * it. */
void ht_thread_read_start(void *self, struct ht_rpc_call *call, const json_t *params);

#endif
