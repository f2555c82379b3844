/* From a draft to an event: signed by the keeper of keys, put into our own relay, sent to the
 * owner's relays for writing. What people are to hear of (posts, reactions, reposts, deletions,
 * votes, reports, data of applications) goes to the relays that those read whom it names as well
 * (NIP-65): of each up to HT_PUBLISH_READERS_EACH, as far as their lists are in our store. Other
 * kinds do not. What answers a poll (votes, counts) also goes to relays that the poll names, at
 * most HT_FEED_MORE_MAX (NIP-88).
 *
 * Reasons: those of struct ht_nostr_keys and of ht_relay_publish; HT_EDENIED "no_nostr_key",
 * "not_stored" (our own relay has something newer, or its author deleted it); HT_ELIMIT "too_long".
 * Loop thread. */
#ifndef HT_SOCIAL_FEED_PUBLISH_H
#define HT_SOCIAL_FEED_PUBLISH_H

#include "social/client_task.h"

#define HT_PUBLISH_READERS_EACH 2U /* relays of each person */
#define HT_PUBLISH_READERS_MAX 8U  /* of all */

/* Publishes task->draft as the task's owner and ends the task: its result, {} when it has none,
 * gets "id" and "sent" (peers.h). */
void ht_publish_draft(struct ht_task *task);

/* Puts text and tags into a draft: both are the draft's then, also on an error. content is copied.
 * HT_ENOMEM; HT_ELIMIT "too_long" past HT_CLIENT_POST_MAX bytes. */
enum ht_err ht_draft_set(struct ht_draft *draft, uint32_t kind, const char *content, json_t *tags,
                         const char *what, struct ht_why *why) HT_MUST_USE;
/* Appends a tag of up to four texts; the rest NULL. Empty texts behind the second are kept when
 * another follows. HT_ENOMEM. */
enum ht_err ht_draft_tag(json_t *tags, const char *name, const char *a, const char *b,
                         const char *c, struct ht_why *why) HT_MUST_USE;

/* The event of a draft, unsigned, its texts the draft's and the arena's. HT_ENOMEM; HT_EINPUT
 * "bad_tag". */
enum ht_err ht_draft_event(struct ht_event *out, struct ht_arena *arena,
                           const struct ht_draft *draft, const ht_hash32 *author, int64_t now_s,
                           struct ht_why *why) HT_MUST_USE;

#endif
