/* Statements that keep house: a walk over events by age, and how many there are of each kind.
 * Conventions are those of store_sql.h. */
#ifndef HT_SOCIAL_STORE_STORE_RETENTION_SQL_H
#define HT_SOCIAL_STORE_STORE_RETENTION_SQL_H

#include "social/store/store_sql.h"

/* From the oldest on. */
struct ht_store_walk {
    int64_t place,
        seq;       /* only what comes behind this one; moves on; all zero: from the beginning */
    int64_t below; /* only places below this one */
};

/* Up to max rows that takes says are wanted, *count of them, of at most max_looked that are looked
 * at, *looked of them. Rows come without address and expires. Nothing is left when neither bound
 * was reached. */
enum ht_err ht_store_sql_walk(struct ht_store_row *rows, size_t *count, size_t *looked,
                              struct ht_store_sql *sql, struct ht_store_walk *walk, size_t max,
                              size_t max_looked,
                              bool (*takes)(void *user, const struct ht_store_row *row), void *user,
                              struct ht_why *why) HT_MUST_USE;

struct ht_store_kind {
    uint32_t kind;
    int64_t events;
};
/* The kinds of which there are most, those first; at most max. It looks at all of an index. */
enum ht_err ht_store_sql_kinds(struct ht_store_kind *out, size_t *count, struct ht_store_sql *sql,
                               size_t max, struct ht_why *why) HT_MUST_USE;

#endif
