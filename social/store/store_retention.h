/* How long events stay, by whose they are: days of strangers' events, of those of people who are
 * followed, and of some kinds whoever wrote them.
 *
 * What never goes by age: the owner's events, and what the owner has bookmarked; profiles and lists
 * of people who are followed (replaceable kinds, and sets: 30000 to 30022); deletions and requests
 * to vanish. Private kinds (4, 1059, 1060), whose authors are strangers by nature, go only by a
 * rule of their kind. Age is what an event says itself. Nothing is marked as removed: what is told
 * again is taken again, for a while. */
#ifndef HT_SOCIAL_STORE_STORE_RETENTION_H
#define HT_SOCIAL_STORE_STORE_RETENTION_H

#include "social/store/store.h"
#include "social/store/store_retention_sql.h"

#define HT_KEEPING_KINDS_MAX 64U
#define HT_KEEPING_DAYS_MAX 36500U

struct ht_keeping_kind {
    uint32_t kind, days; /* days 0: for ever */
};

struct ht_keeping {
    uint32_t days, followed_days; /* 0: for ever */
    struct ht_keeping_kind kinds[HT_KEEPING_KINDS_MAX];
    size_t kind_count;
    const ht_hash32 *owners, *followed, *marked; /* sorted, borrowed; marked: ids of bookmarks */
    size_t owner_count, followed_count, marked_count;
    int64_t now_s;
};

/* Whether an event's time is over. Pure. */
bool ht_keeping_is_over(const struct ht_keeping *keeping, const struct ht_store_row *row);
/* Whether there is any rule by which something may go. */
bool ht_keeping_has_rules(const struct ht_keeping *keeping);

/* Removes events whose time is over, at most max of at most max_looked that are looked at, from
 * where walk stands; *more: there are others in this round, else walk is at the beginning again.
 * The writer's thread, in its transaction. */
enum ht_err ht_store_keep(size_t *removed, bool *more, struct ht_store *store,
                          const struct ht_keeping *keeping, struct ht_store_walk *walk, size_t max,
                          size_t max_looked, struct ht_why *why) HT_MUST_USE;

/* As ht_store_sql_kinds; any connection. */
enum ht_err ht_store_kinds(struct ht_store_kind *out, size_t *count, struct ht_store *store,
                           size_t max, struct ht_why *why) HT_MUST_USE;

#endif
