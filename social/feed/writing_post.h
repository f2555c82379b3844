/* social.post: notes, replies, comments, articles, polls (NIPs 01, 10, 18, 22, 23, 27, 36, 40, 88,
 * 92). A post may have no text when it has pictures or quotes. Loop thread. */
#ifndef HT_SOCIAL_FEED_WRITING_POST_H
#define HT_SOCIAL_FEED_WRITING_POST_H

#include "social/client_task.h"

/* See struct ht_rpc_method; reasons of writing.h, and HT_EINPUT "bad_media", "bad_time";
 * HT_ELIMIT "too_much_media", "too_long". */
void ht_post_start(void *self, struct ht_rpc_call *call, const json_t *params);

/* Sets task->draft by its parameters. On the reader's worker. */
enum ht_err ht_post_draft(struct ht_task *task, struct ht_why *why) HT_MUST_USE;

#endif
