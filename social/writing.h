/* What the owner says to others' posts: reactions, reposts, deletions, reports, votes (client.h).
 *
 * Each looks at what it is about, makes a draft, and publishes it (publish.h). Reasons:
 * HT_ENOTFOUND "no_event"; HT_EINPUT "bad_id", "bad_npub", "bad_kind", "bad_type", "not_yours",
 * "empty"; and those of publish.h. Loop thread. */
#ifndef HT_SOCIAL_WRITING_H
#define HT_SOCIAL_WRITING_H

#include "social/client_task.h"

/* See struct ht_rpc_method. */
void ht_react_start(void *self, struct ht_rpc_call *call, const json_t *params);
void ht_repost_start(void *self, struct ht_rpc_call *call, const json_t *params);
void ht_delete_start(void *self, struct ht_rpc_call *call, const json_t *params);
void ht_report_start(void *self, struct ht_rpc_call *call, const json_t *params);
void ht_vote_start(void *self, struct ht_rpc_call *call, const json_t *params);

#endif
