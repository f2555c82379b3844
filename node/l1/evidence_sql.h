/* What evidence keeps on disk. */
#ifndef HT_L1_EVIDENCE_SQL_H
#define HT_L1_EVIDENCE_SQL_H

#include "node/l1/evidence.h"

/* One case. Texts and bytes are borrowed. */
struct ht_evidence_row {
    int64_t id;
    int64_t at_ms; /* wall time */
    const char *kind;
    const char *name;
    const char *asked;
    const char *code;
    const char *reason;
    bool is_lie;
    bool is_forgiven;
    ht_bytes request;
    ht_bytes answer;
    uint64_t answer_bytes; /* of the whole answer */
    ht_bytes header;       /* RLP; empty: none */
};

/* Adds a row, whose id goes to *id, and removes what is too many. Inside the writer's transaction.
 * HT_ESTORE. */
enum ht_err ht_evidence_sql_save(sqlite3 *db, int64_t *id, const struct ht_evidence_row *row,
                                 struct ht_why *why) HT_MUST_USE;
/* Forgives all lies of that kind and name. Inside the writer's transaction. HT_ESTORE. */
enum ht_err ht_evidence_sql_forgive(sqlite3 *db, const char *kind, const char *name,
                                    struct ht_why *why) HT_MUST_USE;

/* The row lives until this returns. */
typedef void ht_evidence_row_fn(void *user, const struct ht_evidence_row *row);
/* Calls back for the newest lie that is not forgiven of each kind and name, without its request,
 * answer and header. HT_ESTORE. */
enum ht_err ht_evidence_sql_lies(sqlite3 *db, ht_evidence_row_fn *each, void *user,
                                 struct ht_why *why) HT_MUST_USE;
/* Calls back for one row. HT_ENOTFOUND "no_evidence", HT_ESTORE. */
enum ht_err ht_evidence_sql_read(sqlite3 *db, int64_t id, ht_evidence_row_fn *each, void *user,
                                 struct ht_why *why) HT_MUST_USE;

#endif
