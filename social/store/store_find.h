/* The matches of one filter, one after another. */
#ifndef HT_SOCIAL_STORE_STORE_FIND_H
#define HT_SOCIAL_STORE_STORE_FIND_H

#include "social/store/store_plan.h"
#include "social/store/store_query.h"

struct ht_store_finder {
    struct ht_store *store;
    const struct ht_filter *filter;
    const struct ht_store_visit *visit;
    const struct ht_store_mark *mark; /* nothing before it */
    int64_t now_s;
    struct ht_store_plan plan;
    struct ht_store_row
        *group; /* matches at one place, in order; those from group_at on are left */
    size_t group_at, group_count, group_max;
    uint64_t left; /* of the limit */
    bool is_ended;
};

/* Zero what is not in the list: store to now_s and left are set before. */
enum ht_err ht_store_finder_init(struct ht_store_finder *finder, uint64_t wanted,
                                 struct ht_store_work *work, struct ht_why *why) HT_MUST_USE;
void ht_store_finder_fini(struct ht_store_finder *finder);

/* Sees to it that the next match is known, or is_ended set. HT_EAGAIN without a reason when the
 * work is over: called again, it goes on. */
enum ht_err ht_store_finder_look(struct ht_store_finder *finder, struct ht_store_work *work,
                                 struct ht_why *why) HT_MUST_USE;
/* The next match after a look; NULL when there is none or it is not known. */
const struct ht_store_row *ht_store_finder_head(const struct ht_store_finder *finder);
/* The place of the next match, or a higher one when that is not known; -1 at the end. */
int64_t ht_store_finder_bound(const struct ht_store_finder *finder);

/* Order of answers: below 0 when a comes first. */
int ht_store_compare_rows(const struct ht_store_row *a, const struct ht_store_row *b);

#endif
