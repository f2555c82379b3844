/* SQL of opening, migrating, closing, and of the writer's transactions. */
#include "node/store/db_sql.h"

#include <stdio.h>

static const char read_application_id[] = "PRAGMA application_id";
static const char read_version[] = "PRAGMA user_version";
static const char count_objects[] = "SELECT count(*) FROM sqlite_schema";
static const char quick_check[] = "PRAGMA quick_check(1)";
static const char set_wal[] = "PRAGMA journal_mode = WAL";
static const char configure_writer[] = "PRAGMA synchronous = FULL;"
                                       "PRAGMA foreign_keys = ON;"
                                       "PRAGMA cell_size_check = ON;"
                                       "PRAGMA temp_store = MEMORY;"
                                       "PRAGMA wal_autocheckpoint = 1000;"
                                       "PRAGMA journal_size_limit = 67108864;";
static const char configure_reader[] = "PRAGMA query_only = ON;"
                                       "PRAGMA cell_size_check = ON;"
                                       "PRAGMA temp_store = MEMORY;";
static const char set_application_id[] = "PRAGMA application_id = 0x48544831";
static const char count_parts[] = "SELECT count(*) FROM sqlite_schema WHERE name = 'schema_part'";
static const char make_parts[] = "CREATE TABLE IF NOT EXISTS schema_part ("
                                 "  part TEXT PRIMARY KEY,"
                                 "  version INTEGER NOT NULL"
                                 ") STRICT, WITHOUT ROWID";
static const char read_part[] = "SELECT version FROM schema_part WHERE part = ?1";
static const char sum_parts[] = "SELECT coalesce(sum(version), 0) FROM schema_part";
static const char set_part[] = "INSERT OR REPLACE INTO schema_part (part, version) VALUES (?1, ?2)";
static const char tidy[] = "PRAGMA analysis_limit = 400;"
                           "PRAGMA optimize;"
                           "PRAGMA wal_checkpoint(TRUNCATE);";

static int run(sqlite3 *db, const char *sql) {
    return sqlite3_exec(db, sql, NULL, NULL, NULL);
}

/* Runs a statement with one row and leaves it on that row. */
static int step_row(sqlite3_stmt **out, sqlite3 *db, const char *sql) {
    int rc = sqlite3_prepare_v2(db, sql, -1, out, NULL);
    if (rc != SQLITE_OK) return rc;
    rc = sqlite3_step(*out);
    if (rc == SQLITE_ROW) return SQLITE_OK;
    return rc == SQLITE_DONE ? SQLITE_INTERNAL : rc;
}

static int read_number(int64_t *out, sqlite3 *db, const char *sql) {
    sqlite3_stmt *stmt = NULL;
    int rc = step_row(&stmt, db, sql);
    if (rc == SQLITE_OK) *out = sqlite3_column_int64(stmt, 0);
    sqlite3_finalize(stmt);
    return rc;
}

static int read_text(char *text, size_t size, sqlite3 *db, const char *sql) {
    sqlite3_stmt *stmt = NULL;
    int rc = step_row(&stmt, db, sql);
    const unsigned char *found = rc == SQLITE_OK ? sqlite3_column_text(stmt, 0) : NULL;
    if (found != NULL) (void)snprintf(text, size, "%s", (const char *)found);
    if (rc == SQLITE_OK && found == NULL) rc = SQLITE_NOMEM;
    sqlite3_finalize(stmt);
    return rc;
}

int ht_db_sql_read_application_id(int64_t *out, sqlite3 *db) {
    return read_number(out, db, read_application_id);
}

int ht_db_sql_read_version(int64_t *out, sqlite3 *db) {
    return read_number(out, db, read_version);
}

int ht_db_sql_count_objects(int64_t *out, sqlite3 *db) {
    return read_number(out, db, count_objects);
}

int ht_db_sql_quick_check(char *text, size_t size, sqlite3 *db) {
    return read_text(text, size, db, quick_check);
}

int ht_db_sql_configure_writer(bool *is_wal, sqlite3 *db) {
    char mode[16];
    int rc = read_text(mode, sizeof mode, db, set_wal);
    if (rc != SQLITE_OK) return rc;
    *is_wal = sqlite3_stricmp(mode, "wal") == 0;
    return run(db, configure_writer);
}

int ht_db_sql_configure_reader(sqlite3 *db) {
    return run(db, configure_reader);
}

/* A pragma takes no parameters, so this number, one of ours, is written into the text. */
static int set_version(sqlite3 *db, uint32_t version) {
    char sql[] = "PRAGMA user_version = 0000000000";
    for (size_t i = sizeof sql - 2; version > 0; i--, version /= 10)
        sql[i] = (char)('0' + version % 10);
    return run(db, sql);
}

int ht_db_sql_read_part(int64_t *out, sqlite3 *db, const char *part) {
    sqlite3_stmt *stmt = NULL;
    int64_t tables = 0;
    int rc = read_number(&tables, db, count_parts);
    *out = -1;
    if (rc != SQLITE_OK || tables == 0) return rc;
    rc = sqlite3_prepare_v2(db, read_part, -1, &stmt, NULL);
    if (rc == SQLITE_OK) {
        sqlite3_bind_text(stmt, 1, part, -1, SQLITE_STATIC);
        rc = sqlite3_step(stmt);
        *out = rc == SQLITE_ROW ? sqlite3_column_int64(stmt, 0) : 0;
        if (rc == SQLITE_ROW || rc == SQLITE_DONE) rc = SQLITE_OK;
    }
    sqlite3_finalize(stmt);
    return rc;
}

int ht_db_sql_read_parts(int64_t *out, sqlite3 *db) {
    int64_t tables = 0;
    int rc = read_number(&tables, db, count_parts);
    *out = -1;
    return rc != SQLITE_OK || tables == 0 ? rc : read_number(out, db, sum_parts);
}

int ht_db_sql_set_part(sqlite3 *db, const char *part, uint32_t version) {
    sqlite3_stmt *stmt = NULL;
    int rc = run(db, make_parts);
    if (rc == SQLITE_OK) rc = sqlite3_prepare_v2(db, set_part, -1, &stmt, NULL);
    if (rc == SQLITE_OK) {
        sqlite3_bind_text(stmt, 1, part, -1, SQLITE_STATIC);
        sqlite3_bind_int64(stmt, 2, version);
        rc = sqlite3_step(stmt) == SQLITE_DONE ? SQLITE_OK : sqlite3_errcode(db);
    }
    sqlite3_finalize(stmt);
    return rc;
}

int ht_db_sql_migrate(sqlite3 *db, const char *sql, const char *part, uint32_t version,
                      uint32_t total) {
    int rc = ht_db_sql_begin(db);
    if (rc != SQLITE_OK) return rc;
    rc = run(db, sql);
    if (rc == SQLITE_OK) rc = run(db, set_application_id);
    if (rc == SQLITE_OK) rc = ht_db_sql_set_part(db, part, version);
    if (rc == SQLITE_OK) rc = set_version(db, total);
    if (rc == SQLITE_OK) rc = ht_db_sql_commit(db);
    return rc;
}

void ht_db_sql_tidy(sqlite3 *db) {
    (void)run(db, tidy);
}

int ht_db_sql_begin(sqlite3 *db) {
    return run(db, "BEGIN IMMEDIATE");
}

int ht_db_sql_commit(sqlite3 *db) {
    return run(db, "COMMIT");
}

int ht_db_sql_rollback(sqlite3 *db) {
    return sqlite3_get_autocommit(db) ? SQLITE_OK : run(db, "ROLLBACK");
}

int ht_db_sql_save(sqlite3 *db) {
    return run(db, "SAVEPOINT job");
}

int ht_db_sql_keep(sqlite3 *db) {
    return run(db, "RELEASE job");
}

int ht_db_sql_undo(sqlite3 *db) {
    return run(db, "ROLLBACK TO job; RELEASE job");
}
