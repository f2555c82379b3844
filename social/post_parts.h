/* Parts of a post that need further looks into the store. Only post.c and tests include this. */
#ifndef HT_SOCIAL_POST_PARTS_H
#define HT_SOCIAL_POST_PARTS_H

#include "social/kinds.h"
#include "social/post.h"

/* Sets "replies", "reactions", "reposts" and "mine". */
enum ht_err ht_post_add_counts(json_t *post, struct ht_posts *posts, const ht_hash32 *id,
                               struct ht_why *why) HT_MUST_USE;
/* Sets "poll" (NIP-88): of each author the newest vote counts; null for all that is none. */
enum ht_err ht_post_add_poll(json_t *post, struct ht_posts *posts, const json_t *event,
                             const ht_hash32 *id, struct ht_why *why) HT_MUST_USE;
/* What a repost or a quote shows, verified: an event, a new reference; NULL when it is not here. */
enum ht_err ht_post_embedded(json_t **out, struct ht_posts *posts, const json_t *event,
                             struct ht_why *why) HT_MUST_USE;

#endif
