/* Posts as the owner sees them (client.h): an event with its author's name, what was said to it,
 * what the owner did, whether it is muted. On the reader's worker.
 *
 * Errors of the disk, HT_ENOMEM. */
#ifndef HT_SOCIAL_FEED_POST_H
#define HT_SOCIAL_FEED_POST_H

#include "social/feed/look.h"
#include "social/feed/mutes.h"

/* What one answer needs to know once. */
struct ht_posts {
    struct ht_task *task;
    json_t *profiles;      /* pubkey: what kind 0 says, or {} */
    struct ht_mutes mutes; /* the owner's */
};

enum ht_err ht_posts_init(struct ht_posts *posts, struct ht_task *task,
                          struct ht_why *why) HT_MUST_USE;
/* All zero is fine. */
void ht_posts_fini(struct ht_posts *posts);

/* The owner's list of mutes; empty without an owner. To be ended with ht_mutes_fini. */
enum ht_err ht_posts_mutes(struct ht_mutes *out, struct ht_task *task,
                           struct ht_why *why) HT_MUST_USE;

/* What an author's profile says: an object, {} without one, borrowed until the fini. */
enum ht_err ht_posts_profile(const json_t **out, struct ht_posts *posts, const ht_hash32 *pubkey,
                             struct ht_why *why) HT_MUST_USE;
/* A text of a profile, NULL when it has none. */
const char *ht_profile_text(const json_t *profile, const char *name);

/* The post: a new reference. */
enum ht_err ht_post_json(json_t **out, struct ht_posts *posts, const json_t *event,
                         struct ht_why *why) HT_MUST_USE;
/* Posts of a list of events: a new reference. */
enum ht_err ht_post_list(json_t **out, struct ht_posts *posts, const json_t *events,
                         struct ht_why *why) HT_MUST_USE;

/* Which event a reply's thread begins with, and which it answers (NIP-10, 22); NULL: none. */
const char *ht_post_root(const json_t *event);
const char *ht_post_parent(const json_t *event);

#endif
