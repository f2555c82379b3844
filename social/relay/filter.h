/* Filters of REQ, COUNT and NEG-OPEN (NIP-01, 50).
 *
 * Reasons, HT_EINPUT: filter_malformed (no object), filter_field (names the member: an unknown one,
 * or a value of another type or out of bounds); HT_ELIMIT: filter_too_large (over the limits
 * below); HT_ENOMEM no_memory (also when the arena is full). An empty list matches nothing. "#x" of
 * any one letter is a tag; of the event's tags of that name the first value counts (item 1), and
 * one without any matches nothing. Pure; any thread. */
#ifndef HT_SOCIAL_RELAY_FILTER_H
#define HT_SOCIAL_RELAY_FILTER_H

#include <jansson.h>

#include "node/nostr/event.h"

#define HT_FILTERS_MAX 32U         /* of one request */
#define HT_FILTER_VALUES_MAX 2000U /* of one list */
#define HT_FILTER_SEARCH_MAX 256U  /* bytes */

struct ht_filter_tag {
    char name; /* one letter, a-z or A-Z */
    const ht_bytes *values;
    size_t count;
};

struct ht_filter {
    bool has_ids, has_authors, has_kinds, has_limit;
    const ht_hash32 *ids, *authors; /* sorted, without duplicates */
    const uint32_t *kinds;          /* sorted, without duplicates */
    size_t id_count, author_count, kind_count;
    const struct ht_filter_tag *tags; /* in order of name; values sorted, without duplicates */
    size_t tag_count;
    int64_t since, until; /* seconds; INT64_MIN and INT64_MAX when not given */
    uint64_t limit;
    ht_bytes search; /* NIP-50; empty when not given */
};

/* Room that an arena needs for a filter whose JSON has n bytes. */
#define HT_FILTER_ARENA(n) (16 * (n) + 16384)

/* Reads one object, as ht_json_parse gives it. Everything is copied into the arena: the filter
 * outlives the object. */
enum ht_err ht_filter_read(struct ht_filter *out, struct ht_arena *arena, const json_t *object,
                           struct ht_why *why) HT_MUST_USE;

/* Everything but limit and search. */
bool ht_filter_matches(const struct ht_filter *filter, const struct ht_event *event);
/* Can it match any event at all? */
bool ht_filter_is_empty(const struct ht_filter *filter);

#endif
