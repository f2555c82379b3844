/* The table of evidence and every statement on it. */
#include "node/l1/evidence_sql.h"

const struct ht_migration ht_evidence_migrations[] = {
    {
        .part = "evidence",
        .name = "evidence against providers",
        .sql = "CREATE TABLE provider_evidence ("
               "  id INTEGER PRIMARY KEY,"
               "  at_ms INTEGER NOT NULL,"
               "  kind TEXT NOT NULL,"
               "  name TEXT NOT NULL,"
               "  asked TEXT NOT NULL,"
               "  code TEXT NOT NULL,"
               "  reason TEXT NOT NULL,"
               "  is_lie INTEGER NOT NULL CHECK (is_lie IN (0, 1)),"
               "  forgiven INTEGER NOT NULL DEFAULT 0 CHECK (forgiven IN (0, 1)),"
               "  request BLOB NOT NULL CHECK (length(request) <= 262144),"
               "  answer BLOB NOT NULL CHECK (length(answer) <= 262144),"
               "  answer_bytes INTEGER NOT NULL,"
               "  header BLOB CHECK (length(header) <= 1024)"
               ") STRICT;"
               "CREATE INDEX provider_evidence_lies ON provider_evidence (kind, name, id)"
               "  WHERE is_lie = 1 AND forgiven = 0;",
    },
};
const size_t ht_evidence_migration_count =
    sizeof ht_evidence_migrations / sizeof *ht_evidence_migrations;

static const char SAVE[] =
    "INSERT INTO provider_evidence (at_ms, kind, name, asked, code, reason, is_lie, request,"
    " answer, answer_bytes, header) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
/* Those that keep a liar out are last in line. */
static const char PRUNE[] =
    "DELETE FROM provider_evidence WHERE id IN ("
    " SELECT id FROM provider_evidence"
    " ORDER BY id IN (SELECT max(id) FROM provider_evidence WHERE is_lie = 1 AND forgiven = 0"
    "  GROUP BY kind, name), id"
    " LIMIT (SELECT max(0, count(*) - ?1) FROM provider_evidence))";
static const char FORGIVE[] = "UPDATE provider_evidence SET forgiven = 1"
                              " WHERE is_lie = 1 AND forgiven = 0 AND kind = ?1 AND name = ?2";
static const char LIES[] =
    "SELECT id, at_ms, kind, name, asked, code, reason, is_lie, forgiven, NULL, NULL,"
    " answer_bytes, NULL FROM provider_evidence WHERE id IN (SELECT max(id)"
    " FROM provider_evidence WHERE is_lie = 1 AND forgiven = 0 GROUP BY kind, name) ORDER BY id";
static const char READ[] =
    "SELECT id, at_ms, kind, name, asked, code, reason, is_lie, forgiven, request, answer,"
    " answer_bytes, header FROM provider_evidence WHERE id = ?1";

/* An empty view is an empty blob, not NULL. */
static void bind_bytes(sqlite3_stmt *stmt, int i, ht_bytes bytes) {
    sqlite3_bind_blob64(stmt, i, bytes.n > 0 ? (const void *)bytes.p : "", bytes.n, SQLITE_STATIC);
}

static void bind_text(sqlite3_stmt *stmt, int i, const char *text) {
    sqlite3_bind_text(stmt, i, text, -1, SQLITE_STATIC);
}

/* Runs a statement that returns no rows, and frees it. */
static enum ht_err run(sqlite3 *db, sqlite3_stmt *stmt, const char *doing, struct ht_why *why) {
    int rc = sqlite3_step(stmt);
    enum ht_err err = rc == SQLITE_DONE ? HT_OK : ht_db_fail(why, db, doing);
    sqlite3_finalize(stmt);
    return err;
}

enum ht_err ht_evidence_sql_save(sqlite3 *db, int64_t *id, const struct ht_evidence_row *row,
                                 struct ht_why *why) {
    sqlite3_stmt *stmt;
    enum ht_err err = ht_db_prepare(&stmt, db, SAVE, why);
    if (err != HT_OK) return err;
    sqlite3_bind_int64(stmt, 1, row->at_ms);
    bind_text(stmt, 2, row->kind);
    bind_text(stmt, 3, row->name);
    bind_text(stmt, 4, row->asked);
    bind_text(stmt, 5, row->code);
    bind_text(stmt, 6, row->reason);
    sqlite3_bind_int64(stmt, 7, row->is_lie);
    bind_bytes(stmt, 8, row->request);
    bind_bytes(stmt, 9, row->answer);
    sqlite3_bind_int64(stmt, 10, (sqlite3_int64)row->answer_bytes);
    if (row->header.n > 0) bind_bytes(stmt, 11, row->header);
    err = run(db, stmt, "keep evidence", why);
    if (err != HT_OK) return err;
    *id = sqlite3_last_insert_rowid(db);
    err = ht_db_prepare(&stmt, db, PRUNE, why);
    if (err != HT_OK) return err;
    sqlite3_bind_int64(stmt, 1, HT_EVIDENCE_MAX);
    return run(db, stmt, "forget old evidence", why);
}

enum ht_err ht_evidence_sql_forgive(sqlite3 *db, const char *kind, const char *name,
                                    struct ht_why *why) {
    sqlite3_stmt *stmt;
    enum ht_err err = ht_db_prepare(&stmt, db, FORGIVE, why);
    if (err != HT_OK) return err;
    bind_text(stmt, 1, kind);
    bind_text(stmt, 2, name);
    return run(db, stmt, "forgive a provider", why);
}

static const char *column_text(sqlite3_stmt *stmt, int i) {
    const char *text = (const char *)sqlite3_column_text(stmt, i);
    return text != NULL ? text : "";
}

static ht_bytes column_bytes(sqlite3_stmt *stmt, int i) {
    const void *p = sqlite3_column_blob(stmt, i);
    return ht_bytes_of(p, (size_t)sqlite3_column_bytes(stmt, i));
}

/* Calls back for every row of the statement, and frees it. */
static enum ht_err walk(size_t *count, sqlite3 *db, sqlite3_stmt *stmt, ht_evidence_row_fn *each,
                        void *user, struct ht_why *why) {
    int rc;
    while ((rc = sqlite3_step(stmt)) == SQLITE_ROW) {
        struct ht_evidence_row row = {
            .id = sqlite3_column_int64(stmt, 0),
            .at_ms = sqlite3_column_int64(stmt, 1),
            .kind = column_text(stmt, 2),
            .name = column_text(stmt, 3),
            .asked = column_text(stmt, 4),
            .code = column_text(stmt, 5),
            .reason = column_text(stmt, 6),
            .is_lie = sqlite3_column_int(stmt, 7) != 0,
            .is_forgiven = sqlite3_column_int(stmt, 8) != 0,
            .request = column_bytes(stmt, 9),
            .answer = column_bytes(stmt, 10),
            .answer_bytes = (uint64_t)sqlite3_column_int64(stmt, 11),
            .header = column_bytes(stmt, 12),
        };
        each(user, &row);
        (*count)++;
    }
    enum ht_err err = rc == SQLITE_DONE ? HT_OK : ht_db_fail(why, db, "read evidence");
    sqlite3_finalize(stmt);
    return err;
}

enum ht_err ht_evidence_sql_lies(sqlite3 *db, ht_evidence_row_fn *each, void *user,
                                 struct ht_why *why) {
    sqlite3_stmt *stmt;
    size_t count = 0;
    enum ht_err err = ht_db_prepare(&stmt, db, LIES, why);
    return err == HT_OK ? walk(&count, db, stmt, each, user, why) : err;
}

enum ht_err ht_evidence_sql_read(sqlite3 *db, int64_t id, ht_evidence_row_fn *each, void *user,
                                 struct ht_why *why) {
    sqlite3_stmt *stmt;
    size_t count = 0;
    enum ht_err err = ht_db_prepare(&stmt, db, READ, why);
    if (err != HT_OK) return err;
    sqlite3_bind_int64(stmt, 1, id);
    err = walk(&count, db, stmt, each, user, why);
    if (err != HT_OK || count > 0) return err;
    return ht_fail(why, HT_ENOTFOUND, "no_evidence", "there is no such evidence, or no longer");
}
