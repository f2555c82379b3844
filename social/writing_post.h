/* social.post: notes, replies, comments, articles, polls (NIPs 01, 10, 22, 23, 27, 36, 40, 88).
 * Loop thread. */
#ifndef HT_SOCIAL_WRITING_POST_H
#define HT_SOCIAL_WRITING_POST_H

#include "social/client_task.h"

/* See struct ht_rpc_method; reasons of writing.h. */
void ht_post_start(void *self, struct ht_rpc_call *call, const json_t *params);

#endif
