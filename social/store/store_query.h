/* Queries in slices, for answers that wait for a slow reader or leave others their turn. */
#ifndef HT_SOCIAL_STORE_STORE_QUERY_H
#define HT_SOCIAL_STORE_STORE_QUERY_H

#include "social/store/store.h"

/* Where a query stopped; all zero: at its start. */
struct ht_store_mark {
    bool is_begun;
    int64_t place;      /* the next is at this place (see store_sql.h) or a lower one … */
    int64_t created_at; /* … and at the same place comes after this */
    ht_hash32 id;
    bool has_id;
    uint64_t told[HT_FILTERS_MAX]; /* of each filter, against its limit */
};

/* As ht_store_query, but goes on at the mark and moves it, also on HT_EAGAIN and when the visitor
 * ends it; an event for which it returned false has been told. Filters and limits stay the same. */
enum ht_err ht_store_query_on(bool *is_complete, struct ht_store_mark *mark, struct ht_store *store,
                              const struct ht_filter *filters, size_t count,
                              const struct ht_store_limits *limits, int64_t budget_us,
                              const struct ht_store_visit *visit, struct ht_why *why) HT_MUST_USE;
#endif
