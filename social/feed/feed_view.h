/* What a view is made of: which events, and which relays may have more. On the reader's worker.
 * Only feed*.c and thread.c include this. */
#ifndef HT_SOCIAL_FEED_FEED_VIEW_H
#define HT_SOCIAL_FEED_FEED_VIEW_H

#include "social/feed/look.h"
#include "social/feed/mutes.h"

/* look points into the view: it is not to be copied. */
struct ht_view {
    struct ht_look look;
    ht_hash32 *keys; /* of look: authors or ids */
    char hex[65];    /* of look: a tag's value */
    const char *name;
    struct ht_task *task;
    struct ht_mutes mutes; /* empty when the view shows what is muted */
    bool (*shows)(const struct ht_view *view, const ht_hash32 *pubkey, uint32_t kind,
                  ht_bytes json); /* NULL: all */
    size_t hidden;                /* posts that were passed over because they are muted */
};

/* Reads a task's parameters. Reasons of feed.h. */
enum ht_err ht_view_read(struct ht_view *view, struct ht_task *task,
                         struct ht_why *why) HT_MUST_USE;
void ht_view_fini(struct ht_view *view);

/* What relays are to be asked: {"filter", "relays": [url]}, a new reference: the relays that the
 * authors write to, those of most authors first. */
enum ht_err ht_view_ask(json_t **out, struct ht_task *task, const struct ht_view *view,
                        struct ht_why *why) HT_MUST_USE;

/* URLs of a list of relays (kind 10002), for reading or for writing, appended to an array. */
enum ht_err ht_view_relays_of(json_t *urls, const json_t *event, bool is_write,
                              struct ht_why *why) HT_MUST_USE;

#endif
