/* The statements that read the store: rows, pieces of an index, search. */
#include "social/store/store_query_sql.h"

enum {
    BEGIN_READ = HT_STORE_QUERY_STATEMENTS,
    END_READ,
    FIND_ID,
    FIND_ADDRESS,
    READ_ROW,
    READ_JSON,
    SEEK, /* one for each source */
    SEEK_LAST = SEEK + HT_STORE_BY_TAG,
    HAS_TAG,
    SEARCH,
    TOTALS,
    LAST,
};
_Static_assert(LAST <= HT_STORE_STATEMENTS, "one place for each statement");

#define SPOT_RANGE "place >= ?3 AND place <= ?4 AND (place < ?4 OR seq < ?5)"
#define SPOT_ORDER " ORDER BY place DESC, seq DESC"

static const char begin_read[] = "BEGIN";
static const char end_read[] = "COMMIT";
static const char find_id[] = "SELECT seq FROM event INDEXED BY event_by_id"
                              " WHERE id = ?1 AND id_rest = ?2";
static const char find_address[] = "SELECT seq FROM event WHERE address = ?1";
static const char read_row[] = "SELECT id, id_rest, author, author_rest, kind, created_at, place,"
                               " size, address, expires FROM event WHERE seq = ?1";
static const char read_json[] = "SELECT json FROM event_json WHERE seq = ?1";
static const char *const seeks[] = {
    [HT_STORE_BY_TIME] = "SELECT place, seq FROM event INDEXED BY event_by_time"
                         " WHERE " SPOT_RANGE SPOT_ORDER,
    [HT_STORE_BY_KIND] = "SELECT place, seq FROM event INDEXED BY event_by_kind"
                         " WHERE kind = ?2 AND " SPOT_RANGE SPOT_ORDER,
    [HT_STORE_BY_AUTHOR] = "SELECT place, seq FROM event INDEXED BY event_by_author"
                           " WHERE author = ?1 AND " SPOT_RANGE SPOT_ORDER,
    [HT_STORE_BY_AUTHOR_KIND] = "SELECT place, seq FROM event INDEXED BY event_by_author_kind"
                                " WHERE author = ?1 AND kind = ?2 AND " SPOT_RANGE SPOT_ORDER,
    [HT_STORE_BY_TAG] = "SELECT place, seq, kind FROM event_tag"
                        " WHERE tag = ?1 AND " SPOT_RANGE SPOT_ORDER,
};
static const char has_tag[] = "SELECT 1 FROM event_tag WHERE tag = ?1 AND place = ?2 AND seq = ?3";
static const char search[] =
    "SELECT rowid FROM event_text WHERE event_text MATCH ?1 ORDER BY rowid DESC LIMIT ?2";
static const char totals[] =
    "SELECT count(*), (SELECT count(*) FROM (SELECT DISTINCT author FROM event)),"
    " (SELECT count(*) FROM event_gone), coalesce((SELECT created_at FROM event ORDER BY place"
    " LIMIT 1), 0), coalesce((SELECT created_at FROM event ORDER BY place DESC LIMIT 1), 0)"
    " FROM event";

static enum ht_err fail(struct ht_store_sql *sql, struct ht_why *why) {
    return ht_db_fail(why, sql->db, "cannot read events");
}

enum ht_err ht_store_sql_begin(bool *is_ours, struct ht_store_sql *sql, struct ht_why *why) {
    *is_ours = false;
    if (sqlite3_get_autocommit(sql->db) == 0) return HT_OK;
    sqlite3_stmt *stmt;
    enum ht_err err = ht_store_sql_use(&stmt, sql, BEGIN_READ, begin_read, why);
    if (err != HT_OK) return err;
    if (sqlite3_step(stmt) != SQLITE_DONE) err = fail(sql, why);
    (void)sqlite3_reset(stmt);
    *is_ours = err == HT_OK;
    return err;
}

void ht_store_sql_end(struct ht_store_sql *sql, bool is_ours) {
    sqlite3_stmt *stmt;
    if (!is_ours || ht_store_sql_use(&stmt, sql, END_READ, end_read, NULL) != HT_OK) return;
    (void)sqlite3_step(stmt);
    (void)sqlite3_reset(stmt);
}

/* The number in the first column of a bound statement, 0 without a row. */
static enum ht_err read_seq(int64_t *seq, struct ht_store_sql *sql, sqlite3_stmt *stmt,
                            struct ht_why *why) {
    int rc = sqlite3_step(stmt);
    int64_t found = rc == SQLITE_ROW ? sqlite3_column_int64(stmt, 0) : 0;
    enum ht_err err = rc == SQLITE_ROW || rc == SQLITE_DONE ? HT_OK : fail(sql, why);
    (void)sqlite3_reset(stmt);
    if (err == HT_OK) *seq = found;
    return err;
}

enum ht_err ht_store_sql_find_id(int64_t *seq, struct ht_store_sql *sql, const ht_hash32 *id,
                                 struct ht_why *why) {
    sqlite3_stmt *stmt;
    enum ht_err err = ht_store_sql_use(&stmt, sql, FIND_ID, find_id, why);
    if (err != HT_OK) return err;
    (void)sqlite3_bind_int64(stmt, 1, ht_store_sql_prefix(id));
    (void)sqlite3_bind_blob(stmt, 2, id->b + 8, 24, SQLITE_STATIC);
    return read_seq(seq, sql, stmt, why);
}

enum ht_err ht_store_sql_find_address(int64_t *seq, struct ht_store_sql *sql, int64_t address,
                                      struct ht_why *why) {
    sqlite3_stmt *stmt;
    enum ht_err err = ht_store_sql_use(&stmt, sql, FIND_ADDRESS, find_address, why);
    if (err != HT_OK) return err;
    (void)sqlite3_bind_int64(stmt, 1, address);
    return read_seq(seq, sql, stmt, why);
}

/* Puts a value of 32 bytes together from its two columns. */
static void read_hash(ht_hash32 *out, sqlite3_stmt *stmt, int at) {
    uint64_t prefix = (uint64_t)sqlite3_column_int64(stmt, at);
    const void *rest = sqlite3_column_blob(stmt, at + 1);
    for (size_t i = 0; i < 8; i++) out->b[i] = (uint8_t)(prefix >> (56 - 8 * i));
    if (rest != NULL && sqlite3_column_bytes(stmt, at + 1) == 24) memcpy(out->b + 8, rest, 24);
}

static int64_t optional(sqlite3_stmt *stmt, int at, int64_t none) {
    return sqlite3_column_type(stmt, at) == SQLITE_NULL ? none : sqlite3_column_int64(stmt, at);
}

enum ht_err ht_store_sql_row(struct ht_store_row *row, struct ht_store_sql *sql, int64_t seq,
                             struct ht_why *why) {
    sqlite3_stmt *stmt;
    enum ht_err err = ht_store_sql_use(&stmt, sql, READ_ROW, read_row, why);
    if (err != HT_OK) return err;
    (void)sqlite3_bind_int64(stmt, 1, seq);
    int rc = sqlite3_step(stmt);
    *row = (struct ht_store_row){.seq = 0};
    if (rc == SQLITE_ROW) {
        row->seq = seq;
        read_hash(&row->id, stmt, 0);
        read_hash(&row->pubkey, stmt, 2);
        row->kind = (uint32_t)sqlite3_column_int64(stmt, 4);
        row->created_at = sqlite3_column_int64(stmt, 5);
        row->place = sqlite3_column_int64(stmt, 6);
        row->size = sqlite3_column_int64(stmt, 7);
        row->address = optional(stmt, 8, 0);
        row->expires = optional(stmt, 9, INT64_MAX);
    } else if (rc != SQLITE_DONE) {
        err = fail(sql, why);
    }
    (void)sqlite3_reset(stmt);
    return err;
}

enum ht_err ht_store_sql_json(ht_bytes *out, struct ht_store_sql *sql, int64_t seq,
                              struct ht_why *why) {
    sqlite3_stmt *stmt;
    enum ht_err err = ht_store_sql_use(&stmt, sql, READ_JSON, read_json, why);
    if (err != HT_OK) return err;
    (void)sqlite3_bind_int64(stmt, 1, seq);
    int rc = sqlite3_step(stmt);
    if (rc == SQLITE_ROW) {
        const void *json = sqlite3_column_blob(stmt, 0);
        *out = ht_bytes_of(json, (size_t)sqlite3_column_bytes(stmt, 0));
        return HT_OK;
    }
    if (rc == SQLITE_DONE)
        err = ht_fail(why, HT_ENOTFOUND, "no_event", "there is no such event");
    else
        err = fail(sql, why);
    (void)sqlite3_reset(stmt);
    return err;
}

void ht_store_sql_json_done(struct ht_store_sql *sql) {
    (void)sqlite3_reset(sql->statements[READ_JSON]);
}

static bool has_kind(const struct ht_store_seek *seek, uint32_t kind) {
    size_t low = 0, high = seek->kind_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (seek->kinds[middle] == kind) return true;
        if (seek->kinds[middle] < kind)
            low = middle + 1;
        else
            high = middle;
    }
    return seek->kinds == NULL;
}

enum ht_err ht_store_sql_seek(struct ht_store_spot *spots, size_t *count, size_t *rows,
                              bool *is_ended, struct ht_store_sql *sql, struct ht_store_seek *seek,
                              size_t max, size_t max_rows, struct ht_why *why) {
    sqlite3_stmt *stmt;
    enum ht_err err =
        ht_store_sql_use(&stmt, sql, SEEK + (size_t)seek->source, seeks[seek->source], why);
    if (err != HT_OK) return err;
    if (seek->source != HT_STORE_BY_TIME && seek->source != HT_STORE_BY_KIND)
        (void)sqlite3_bind_int64(stmt, 1, seek->value);
    if (seek->source == HT_STORE_BY_KIND || seek->source == HT_STORE_BY_AUTHOR_KIND)
        (void)sqlite3_bind_int64(stmt, 2, seek->kind);
    (void)sqlite3_bind_int64(stmt, 3, seek->floor);
    (void)sqlite3_bind_int64(stmt, 4, seek->below.place);
    (void)sqlite3_bind_int64(stmt, 5, seek->below.seq);
    size_t n = 0, looked = 0;
    int rc = SQLITE_ROW;
    while (n < max && looked < max_rows && (rc = sqlite3_step(stmt)) == SQLITE_ROW) {
        struct ht_store_spot spot = {sqlite3_column_int64(stmt, 0), sqlite3_column_int64(stmt, 1)};
        bool is_asked = seek->source != HT_STORE_BY_TAG || seek->kinds == NULL ||
                        has_kind(seek, (uint32_t)sqlite3_column_int64(stmt, 2));
        if (is_asked) spots[n++] = spot;
        seek->below = spot;
        looked++;
    }
    if (rc != SQLITE_ROW && rc != SQLITE_DONE) err = fail(sql, why);
    (void)sqlite3_reset(stmt);
    if (err != HT_OK) return err;
    *count = n;
    *rows = looked;
    *is_ended = rc == SQLITE_DONE;
    return HT_OK;
}

enum ht_err ht_store_sql_has_tag(bool *out, struct ht_store_sql *sql, int64_t tag,
                                 const struct ht_store_row *row, struct ht_why *why) {
    sqlite3_stmt *stmt;
    enum ht_err err = ht_store_sql_use(&stmt, sql, HAS_TAG, has_tag, why);
    if (err != HT_OK) return err;
    (void)sqlite3_bind_int64(stmt, 1, tag);
    (void)sqlite3_bind_int64(stmt, 2, row->place);
    (void)sqlite3_bind_int64(stmt, 3, row->seq);
    int64_t found = 0;
    err = read_seq(&found, sql, stmt, why);
    if (err == HT_OK) *out = found != 0;
    return err;
}

enum ht_err ht_store_sql_search(int64_t *seqs, size_t *count, struct ht_store_sql *sql,
                                ht_bytes expression, size_t max, struct ht_why *why) {
    sqlite3_stmt *stmt;
    enum ht_err err = ht_store_sql_use(&stmt, sql, SEARCH, search, why);
    if (err != HT_OK) return err;
    (void)sqlite3_bind_text64(stmt, 1, (const char *)expression.p, expression.n, SQLITE_STATIC,
                              SQLITE_UTF8);
    (void)sqlite3_bind_int64(stmt, 2, (int64_t)max);
    size_t n = 0;
    int rc = SQLITE_DONE;
    while (n < max && (rc = sqlite3_step(stmt)) == SQLITE_ROW)
        seqs[n++] = sqlite3_column_int64(stmt, 0);
    if (rc != SQLITE_ROW && rc != SQLITE_DONE) err = fail(sql, why);
    (void)sqlite3_reset(stmt);
    if (err == HT_OK) *count = n;
    return err;
}

enum ht_err ht_store_sql_totals(struct ht_store_totals *out, struct ht_store_sql *sql,
                                struct ht_why *why) {
    sqlite3_stmt *stmt;
    enum ht_err err = ht_store_sql_use(&stmt, sql, TOTALS, totals, why);
    if (err != HT_OK) return err;
    if (sqlite3_step(stmt) == SQLITE_ROW) {
        *out = (struct ht_store_totals){
            .events = sqlite3_column_int64(stmt, 0),
            .authors = sqlite3_column_int64(stmt, 1),
            .tombstones = sqlite3_column_int64(stmt, 2),
            .oldest = sqlite3_column_int64(stmt, 3),
            .newest = sqlite3_column_int64(stmt, 4),
        };
    } else {
        err = fail(sql, why);
    }
    (void)sqlite3_reset(stmt);
    return err;
}
