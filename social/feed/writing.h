/* What the owner says to others' posts: reactions, reposts, deletions, reports, votes (client.h).
 *
 * Each looks at what it is about, makes a draft, and publishes it (publish.h). Reasons:
 * HT_ENOTFOUND "no_event"; HT_EINPUT "bad_id", "bad_npub", "bad_kind", "bad_type", "not_yours",
 * "empty", "bad_reaction" (not one line of 1 to 64 bytes), "too_many_options", "poll_ended"; and
 * those of publish.h. Loop thread. */
#ifndef HT_SOCIAL_FEED_WRITING_H
#define HT_SOCIAL_FEED_WRITING_H

#include "social/client_task.h"

/* See struct ht_rpc_method. */
void ht_react_start(void *self, struct ht_rpc_call *call, const json_t *params);
void ht_repost_start(void *self, struct ht_rpc_call *call, const json_t *params);
void ht_delete_start(void *self, struct ht_rpc_call *call, const json_t *params);
void ht_report_start(void *self, struct ht_rpc_call *call, const json_t *params);
void ht_vote_start(void *self, struct ht_rpc_call *call, const json_t *params);

/* Set task->draft by its parameters; db is not used. On the reader's worker. */
enum ht_err ht_react_draft(struct ht_task *task, sqlite3 *db, struct ht_why *why) HT_MUST_USE;
enum ht_err ht_vote_draft(struct ht_task *task, sqlite3 *db, struct ht_why *why) HT_MUST_USE;

#endif
