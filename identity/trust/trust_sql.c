/* Statements on the schemas that vouch. */
#include "identity/trust/trust_sql.h"

const char ht_trust_schema_sql[] = "CREATE TABLE trust_schema ("
                                   "  place INTEGER PRIMARY KEY,"
                                   "  uid BLOB NOT NULL UNIQUE CHECK (length(uid) = 32)) STRICT;";

static const char CLEAR[] = "DELETE FROM trust_schema";
static const char ADD[] = "INSERT INTO trust_schema (place, uid) VALUES (?1, ?2)";
static const char LOAD[] = "SELECT uid FROM trust_schema ORDER BY place";

static enum ht_err step(sqlite3 *db, sqlite3_stmt *stmt, struct ht_why *why) {
    enum ht_err err = HT_OK;
    if (sqlite3_step(stmt) != SQLITE_DONE) err = ht_db_fail(why, db, "keep the schemas of trust");
    sqlite3_finalize(stmt);
    return err;
}

enum ht_err ht_trust_sql_save(sqlite3 *db, const ht_hash32 *schemas, size_t count,
                              struct ht_why *why) {
    sqlite3_stmt *stmt;
    enum ht_err err = ht_db_prepare(&stmt, db, CLEAR, why);
    if (err == HT_OK) err = step(db, stmt, why);
    for (size_t i = 0; err == HT_OK && i < count; i++) {
        err = ht_db_prepare(&stmt, db, ADD, why);
        if (err != HT_OK) break;
        sqlite3_bind_int64(stmt, 1, (int64_t)i);
        sqlite3_bind_blob(stmt, 2, schemas[i].b, sizeof schemas[i].b, SQLITE_STATIC);
        err = step(db, stmt, why);
    }
    return err;
}

enum ht_err ht_trust_sql_load(sqlite3 *db, ht_hash32 *schemas, size_t *count, struct ht_why *why) {
    sqlite3_stmt *stmt;
    int rc = SQLITE_DONE;
    enum ht_err err = ht_db_prepare(&stmt, db, LOAD, why);
    if (err != HT_OK) return err;
    *count = 0;
    while (*count < HT_TRUST_SCHEMAS_MAX && (rc = sqlite3_step(stmt)) == SQLITE_ROW) {
        if (sqlite3_column_bytes(stmt, 0) != 32) continue;
        memcpy(schemas[(*count)++].b, sqlite3_column_blob(stmt, 0), 32);
    }
    if (rc != SQLITE_DONE && rc != SQLITE_ROW) err = ht_db_fail(why, db, "read the schemas");
    sqlite3_finalize(stmt);
    return err;
}
