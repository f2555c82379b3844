/* Parts of a post that need further looks into the store. Only post.c, writing.c and tests include
 * this. */
#ifndef HT_SOCIAL_FEED_POST_PARTS_H
#define HT_SOCIAL_FEED_POST_PARTS_H

#include "social/feed/post.h"
#include "social/kinds.h"

#define HT_REACTION_MAX 64U        /* bytes of a reaction's content */
#define HT_REACTED_MAX 8U          /* contents that are told of */
#define HT_REACTIONS_READ_MAX 200U /* the newest, that "reacted" is counted over */
#define HT_POLL_OPTIONS_MAX 64U    /* of a poll that is shown */
#define HT_POLL_VOTES_MAX 5000U    /* the newest before the poll's end */

/* Sets "replies", "reactions", "reacted", "reposts" and "mine". */
enum ht_err ht_post_add_counts(json_t *post, struct ht_posts *posts, const ht_hash32 *id,
                               struct ht_why *why) HT_MUST_USE;
/* Sets "poll" (NIP-88): of each author the newest vote before the end counts, for options that are
 * there, the first or, where several may be chosen, each once; null for all that is none. */
enum ht_err ht_post_add_poll(json_t *post, struct ht_posts *posts, const json_t *event,
                             const ht_hash32 *id, struct ht_why *why) HT_MUST_USE;
/* When a poll ends, in seconds; false when it does not. */
bool ht_post_poll_ends(int64_t *out, const json_t *event);
bool ht_post_poll_is_multiple(const json_t *event);
/* What a repost or a quote shows, verified: an event, a new reference; NULL when it is not here. */
enum ht_err ht_post_embedded(json_t **out, struct ht_posts *posts, const json_t *event,
                             struct ht_why *why) HT_MUST_USE;

#endif
