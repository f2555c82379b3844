/* The index of messages as answers. */
#ifndef HT_SOCIAL_MESSAGES_MESSAGES_INDEX_JSON_H
#define HT_SOCIAL_MESSAGES_MESSAGES_INDEX_JSON_H

#include <jansson.h>

#include "social/messages/messages_index.h"

#define HT_CONVERSATIONS_SHOWN_MAX 500U /* of one answer, the newest */
#define HT_MESSAGES_SHOWN_MAX 200U      /* of one answer */

/* [{"with": pubkey, "others": [pubkey], "name": null, "last": text, "at": seconds, "unread": n}]
 * newest first: a new reference, NULL without memory. `with` is the first of a group, others the
 * rest. last is cut. *is_complete: none were left out. */
json_t *ht_message_index_conversations(bool *is_complete, const struct ht_message_index *index);
/* [{"id", "from", "at", "content", "reply_to", "kind"}] of one conversation newest first, none
 * later than until, at most limit, and fewer when the answer would be too long: a new reference,
 * NULL without memory. An unknown key is an empty conversation. */
json_t *ht_message_index_messages(bool *is_complete, const struct ht_message_index *index,
                                  const ht_hash32 *key, int64_t until, size_t limit);

#endif
