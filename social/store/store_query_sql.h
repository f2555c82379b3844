/* The statements that read the store; conventions are those of store_sql.h. */
#ifndef HT_SOCIAL_STORE_STORE_QUERY_SQL_H
#define HT_SOCIAL_STORE_STORE_QUERY_SQL_H

#include "social/store/store_sql.h"

/* One view of the file for several statements; *is_ours says whether one was begun, since the
 * writer is in a transaction anyway. */
enum ht_err ht_store_sql_begin(bool *is_ours, struct ht_store_sql *sql,
                               struct ht_why *why) HT_MUST_USE;
void ht_store_sql_end(struct ht_store_sql *sql, bool is_ours);

/* seq is 0 when there is none. */
enum ht_err ht_store_sql_find_id(int64_t *seq, struct ht_store_sql *sql, const ht_hash32 *id,
                                 struct ht_why *why) HT_MUST_USE;
enum ht_err ht_store_sql_find_address(int64_t *seq, struct ht_store_sql *sql, int64_t address,
                                      struct ht_why *why) HT_MUST_USE;
/* row->seq is 0 when there is none. */
enum ht_err ht_store_sql_row(struct ht_store_row *row, struct ht_store_sql *sql, int64_t seq,
                             struct ht_why *why) HT_MUST_USE;
/* The view lives until ht_store_sql_json_done. HT_ENOTFOUND "no_event". */
enum ht_err ht_store_sql_json(ht_bytes *out, struct ht_store_sql *sql, int64_t seq,
                              struct ht_why *why) HT_MUST_USE;
void ht_store_sql_json_done(struct ht_store_sql *sql);

enum ht_store_source {
    HT_STORE_BY_TIME,
    HT_STORE_BY_KIND,
    HT_STORE_BY_AUTHOR,
    HT_STORE_BY_AUTHOR_KIND,
    HT_STORE_BY_TAG,
};

/* A piece of an index, highest place first. */
struct ht_store_seek {
    enum ht_store_source source;
    int64_t value;         /* author_of(pubkey), or a tag's hash */
    uint32_t kind;         /* BY_KIND, BY_AUTHOR_KIND */
    const uint32_t *kinds; /* BY_TAG: sorted; only these; NULL: all */
    size_t kind_count;
    int64_t floor;              /* the lowest place */
    struct ht_store_spot below; /* only what comes after this one */
};

/* The next spots, at most max; seek->below moves on to the last row looked at. *rows is how many
 * rows were looked at, at most max_rows; *is_ended says that there are no more. */
enum ht_err ht_store_sql_seek(struct ht_store_spot *spots, size_t *count, size_t *rows,
                              bool *is_ended, struct ht_store_sql *sql, struct ht_store_seek *seek,
                              size_t max, size_t max_rows, struct ht_why *why) HT_MUST_USE;
enum ht_err ht_store_sql_has_tag(bool *out, struct ht_store_sql *sql, int64_t tag,
                                 const struct ht_store_row *row, struct ht_why *why) HT_MUST_USE;
/* Newest arrivals first, at most max; an expression of FTS5. */
enum ht_err ht_store_sql_search(int64_t *seqs, size_t *count, struct ht_store_sql *sql,
                                ht_bytes expression, size_t max, struct ht_why *why) HT_MUST_USE;

struct ht_store_totals {
    int64_t events, authors, tombstones, oldest, newest;
};
enum ht_err ht_store_sql_totals(struct ht_store_totals *out, struct ht_store_sql *sql,
                                struct ht_why *why) HT_MUST_USE;

#endif
