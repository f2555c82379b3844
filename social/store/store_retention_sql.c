/* Statements that keep house. They run seldom, so that they are not kept. */
#include "social/store/store_retention_sql.h"

static const char WALK[] =
    "SELECT seq, id, id_rest, author, author_rest, kind, created_at, place, size"
    " FROM event INDEXED BY event_by_time"
    " WHERE place >= ?1 AND place < ?2 AND (place > ?1 OR seq > ?3)"
    " ORDER BY place, seq LIMIT ?4";
static const char KINDS[] = "SELECT kind, count(*) AS events FROM event INDEXED BY event_by_kind"
                            " GROUP BY kind ORDER BY events DESC, kind LIMIT ?1";

/* A number and the 24 bytes behind it; zeros in a file that is damaged. */
static ht_hash32 read_hash(sqlite3_stmt *stmt, int at) {
    ht_hash32 hash = {{0}};
    uint64_t prefix = (uint64_t)sqlite3_column_int64(stmt, at);
    for (size_t i = 0; i < 8; i++) hash.b[i] = (uint8_t)(prefix >> (56 - 8 * i));
    if (sqlite3_column_bytes(stmt, at + 1) == 24) {
        memcpy(hash.b + 8, sqlite3_column_blob(stmt, at + 1), 24);
    }
    return hash;
}

static struct ht_store_row read_row(sqlite3_stmt *stmt) {
    return (struct ht_store_row){
        .seq = sqlite3_column_int64(stmt, 0),
        .id = read_hash(stmt, 1),
        .pubkey = read_hash(stmt, 3),
        .kind = (uint32_t)sqlite3_column_int64(stmt, 5),
        .created_at = sqlite3_column_int64(stmt, 6),
        .place = sqlite3_column_int64(stmt, 7),
        .size = sqlite3_column_int64(stmt, 8),
        .expires = INT64_MAX,
    };
}

enum ht_err ht_store_sql_walk(struct ht_store_row *rows, size_t *count, size_t *looked,
                              struct ht_store_sql *sql, struct ht_store_walk *walk, size_t max,
                              size_t max_looked,
                              bool (*takes)(void *user, const struct ht_store_row *row), void *user,
                              struct ht_why *why) {
    sqlite3_stmt *stmt = NULL;
    size_t n = 0, seen = 0;
    int rc = SQLITE_DONE;
    enum ht_err err = ht_db_prepare(&stmt, sql->db, WALK, why);
    if (err != HT_OK) return err;
    (void)sqlite3_bind_int64(stmt, 1, walk->place);
    (void)sqlite3_bind_int64(stmt, 2, walk->below);
    (void)sqlite3_bind_int64(stmt, 3, walk->seq);
    (void)sqlite3_bind_int64(stmt, 4, (int64_t)max_looked);
    while (n < max && (rc = sqlite3_step(stmt)) == SQLITE_ROW) {
        struct ht_store_row row = read_row(stmt);
        walk->place = row.place;
        walk->seq = row.seq;
        seen++;
        if (takes(user, &row)) rows[n++] = row;
    }
    if (rc != SQLITE_ROW && rc != SQLITE_DONE) {
        err = ht_db_fail(why, sql->db, "cannot look for old events");
    }
    (void)sqlite3_finalize(stmt);
    if (err != HT_OK) return err;
    *count = n;
    *looked = seen;
    return HT_OK;
}

enum ht_err ht_store_sql_kinds(struct ht_store_kind *out, size_t *count, struct ht_store_sql *sql,
                               size_t max, struct ht_why *why) {
    sqlite3_stmt *stmt = NULL;
    size_t n = 0;
    int rc = SQLITE_DONE;
    enum ht_err err = ht_db_prepare(&stmt, sql->db, KINDS, why);
    if (err != HT_OK) return err;
    (void)sqlite3_bind_int64(stmt, 1, (int64_t)max);
    while (n < max && (rc = sqlite3_step(stmt)) == SQLITE_ROW) {
        out[n++] = (struct ht_store_kind){.kind = (uint32_t)sqlite3_column_int64(stmt, 0),
                                          .events = sqlite3_column_int64(stmt, 1)};
    }
    if (rc != SQLITE_ROW && rc != SQLITE_DONE) err = ht_db_fail(why, sql->db, "cannot count kinds");
    (void)sqlite3_finalize(stmt);
    if (err == HT_OK) *count = n;
    return err;
}
