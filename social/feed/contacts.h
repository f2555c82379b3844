/* The owner's lists: follows (NIP-02), mutes and bookmarks (NIP-51).
 *
 * A list is changed where it stands: what else it holds, which other programs may have put there,
 * is kept. Reasons: HT_EINPUT "bad_npub", "bad_id", "bad_word"; HT_ELIMIT "list_full"; those of
 * publish.h. Loop thread. */
#ifndef HT_SOCIAL_FEED_CONTACTS_H
#define HT_SOCIAL_FEED_CONTACTS_H

#include "social/client_task.h"

/* See struct ht_rpc_method. */
void ht_follow_start(void *self, struct ht_rpc_call *call, const json_t *params);
void ht_mute_start(void *self, struct ht_rpc_call *call, const json_t *params);
void ht_bookmark_start(void *self, struct ht_rpc_call *call, const json_t *params);

/* Sets task->draft, when there is something to change, and task->result. A word is written in lower
 * case, as NIP-51 asks; one that stands there otherwise is found as it stands. db is not used. On
 * the reader's worker. */
enum ht_err ht_mute_draft(struct ht_task *task, sqlite3 *db, struct ht_why *why) HT_MUST_USE;

#endif
