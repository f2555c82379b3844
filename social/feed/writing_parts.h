/* What a post's text needs besides what was typed: addresses of its pictures, the name of what it
 * quotes. Only writing_post.c and tests include this. */
#ifndef HT_SOCIAL_FEED_WRITING_PARTS_H
#define HT_SOCIAL_FEED_WRITING_PARTS_H

#include "node/nostr/entity.h"
#include "social/client_task.h"

#define HT_POST_MEDIA_MAX 16U
#define HT_POST_URL_MAX 1024U
#define HT_POST_ALT_MAX 2000U

/* Appends an imeta tag (NIP-92: url, m, x, size, alt) for each of an array of {"url", "sha256",
 * "type", "size"?, "alt"?}, and to the text each address that is not there yet, on a line of its
 * own. HT_EINPUT "bad_media" says which part is wrong; HT_ELIMIT "too_much_media", "too_long";
 * HT_ENOMEM. */
enum ht_err ht_post_add_media(json_t *tags, struct ht_buf *text, const json_t *media,
                              struct ht_why *why) HT_MUST_USE;

/* Appends nostr:nevent… of an event (NIP-21, 27), unless the text names it already, in any way.
 * HT_ELIMIT "too_long", HT_ENOMEM. */
enum ht_err ht_post_add_quoted(struct ht_buf *text, const json_t *event,
                               struct ht_why *why) HT_MUST_USE;

/* Puts a zero behind the text, which does not count as its own: text->p is a string until something
 * is appended. HT_ELIMIT "too_long", HT_ENOMEM. */
enum ht_err ht_post_end_text(struct ht_buf *text, struct ht_why *why) HT_MUST_USE;

/* The next "nostr:…" at or behind *at that can be read; *at moves behind it. The entity's texts are
 * the arena's. false when there are no more. */
bool ht_post_next_entity(struct ht_entity *out, struct ht_arena *arena, const char **at);

#endif
