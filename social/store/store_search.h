/* What a search finds, as numbers of rows: a condition that rows of any index are held against.
 *
 * The words are looked up for the last arrivals first, and further back only when an older row is
 * asked for: the first page of a common word does not read what thousands of rows say. */
#ifndef HT_SOCIAL_STORE_STORE_SEARCH_H
#define HT_SOCIAL_STORE_STORE_SEARCH_H

#include "social/store/store_merge.h"

struct ht_store_search {
    struct ht_store_sql *sql;
    struct ht_buf expression; /* empty: nothing is searched, and every row passes */
    int64_t *seqs;            /* found so far, the highest first */
    size_t count, max;
    bool is_all; /* no others are found */
};

/* Reads the search of a filter and looks up its last matches. HT_ENOMEM, errors of the disk; zero
 * before, and ht_store_search_fini after it in any case. */
enum ht_err ht_store_search_init(struct ht_store_search *search, struct ht_store_sql *sql,
                                 ht_bytes text, struct ht_store_work *work,
                                 struct ht_why *why) HT_MUST_USE;
/* All zero is fine; it is so again. */
void ht_store_search_fini(struct ht_store_search *search);

bool ht_store_search_is_on(const struct ht_store_search *search);
/* Whether reading the rows of all that is found (0 wanted: all are) is less work than going through
 * an index until `wanted` rows have passed. Then all are looked up. */
enum ht_err ht_store_search_is_short(bool *out, struct ht_store_search *search, uint64_t wanted,
                                     struct ht_store_work *work, struct ht_why *why) HT_MUST_USE;
/* Whether a row is found. */
enum ht_err ht_store_search_has(bool *out, struct ht_store_search *search, int64_t seq,
                                struct ht_store_work *work, struct ht_why *why) HT_MUST_USE;

#endif
