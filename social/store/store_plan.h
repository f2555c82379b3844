/* Which index a filter is answered from. */
#ifndef HT_SOCIAL_STORE_STORE_PLAN_H
#define HT_SOCIAL_STORE_STORE_PLAN_H

#include "social/store/store_impl.h"
#include "social/store/store_search.h"

struct ht_store_plan {
    struct ht_store_merge merge;
    size_t tag; /* the filter's tag condition that the merge is of: it holds; SIZE_MAX: none */
    struct ht_store_search search; /* what spots are still to be held against */
};

/* Begins at place `from`, which is inclusive. What the filter points to is borrowed. `wanted`: see
 * ht_store_merge_init. */
enum ht_err ht_store_plan_init(struct ht_store_plan *plan, struct ht_store *store,
                               const struct ht_filter *filter, int64_t from, uint64_t wanted,
                               struct ht_store_work *work, struct ht_why *why) HT_MUST_USE;
void ht_store_plan_fini(struct ht_store_plan *plan);

#endif
