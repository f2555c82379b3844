/* Looking into the store for the owner's views: newest replaceable events, lists of keys, queries
 * as JSON. On the reader's worker, inside a task's `work`.
 *
 * Errors of the disk, HT_ENOMEM. */
#ifndef HT_SOCIAL_FEED_LOOK_H
#define HT_SOCIAL_FEED_LOOK_H

#include "social/client_task.h"

/* A query, up to a limit, newest first, or at most so many. Zeroed members are not asked for. */
struct ht_look {
    const ht_hash32 *ids, *authors;
    size_t id_count, author_count; /* an empty list of ids or authors finds nothing … */
    bool has_ids, has_authors;     /* … when these are set; in any order, each may come twice */
    const uint32_t *kinds;
    size_t kind_count;    /* 0: all kinds */
    char tag;             /* 0: none */
    ht_bytes tag_value;   /* as the tag has it */
    int64_t since, until; /* seconds; until 0: no bound */
    size_t limit;
    ht_bytes search;
    /* Whether it counts at all; NULL: all. */
    bool (*may)(void *user, const ht_hash32 *pubkey, uint32_t kind, ht_bytes json);
    void *user;
};

/* Events as JSON objects in an array, a new reference. *is_complete may be NULL. */
enum ht_err ht_look_events(json_t **out, bool *is_complete, struct ht_task *task,
                           const struct ht_look *look, struct ht_why *why) HT_MUST_USE;
/* The first of them, NULL when there is none: a new reference. */
enum ht_err ht_look_one(json_t **out, struct ht_task *task, const struct ht_look *look,
                        struct ht_why *why) HT_MUST_USE;
/* The newest of that author and kind; NULL when there is none. */
enum ht_err ht_look_newest(json_t **out, struct ht_task *task, const ht_hash32 *author,
                           uint32_t kind, struct ht_why *why) HT_MUST_USE;
enum ht_err ht_look_id(json_t **out, struct ht_task *task, const ht_hash32 *id,
                       struct ht_why *why) HT_MUST_USE;
enum ht_err ht_look_count(uint64_t *out, struct ht_task *task, const struct ht_look *look,
                          struct ht_why *why) HT_MUST_USE;

/* The keys in an event's tags of that name, without repetitions, sorted: malloc'd, at most
 * HT_SOCIAL_FOLLOWS_MAX. event may be NULL. */
enum ht_err ht_look_keys(ht_hash32 **out, size_t *count, const json_t *event, const char *tag,
                         struct ht_why *why) HT_MUST_USE;
/* Whether a sorted list has the key. */
bool ht_look_has_key(const ht_hash32 *keys, size_t count, const ht_hash32 *key);

/* Of an event: its i-th tag's item, a text or NULL; the first tag of a name; whether there is a tag
 * with that name and value. */
const char *ht_look_item(const json_t *tag, size_t i);
const json_t *ht_look_tag(const json_t *event, const char *name);
bool ht_look_has_tag(const json_t *event, const char *name, const char *value);
/* A member that is 32 bytes of hex; false when it is not. */
bool ht_look_hash(ht_hash32 *out, const json_t *object, const char *name);

#endif
