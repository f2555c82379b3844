/* One post with what it answers and what was answered to it (client.h). Loop thread. */
#ifndef HT_SOCIAL_FEED_THREAD_H
#define HT_SOCIAL_FEED_THREAD_H

#include "social/client_task.h"

/* See struct ht_rpc_method. Reasons: HT_EINPUT "bad_id"; HT_ENOTFOUND "no_event": nobody has any of
 * it. */
void ht_thread_read_start(void *self, struct ht_rpc_call *call, const json_t *params);
/* Reads a thread: task->result {"root", "posts", "is_complete"}, and task->ask {"filters",
 * "relays", "root", "is_here", "is_same"}: what relays can be asked, whether the root is here, and
 * whether it is the one of the look before. db is not used. On the reader's worker; reasons as
 * above, "no_event" only when task->has_asked. */
enum ht_err ht_thread_look(struct ht_task *task, sqlite3 *db, struct ht_why *why) HT_MUST_USE;
/* social.refresh {"id"}: asks relays for the thread's root, replies, reactions, votes and comments:
 * the owner's relays, those that the root's author reads and writes, those that a poll names.
 * HT_EINPUT "bad_id". */
void ht_thread_refresh_start(void *self, struct ht_rpc_call *call, const json_t *params);

#endif
