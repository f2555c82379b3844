/* Every statement on creations. */
#include "governance/create/create_sql.h"

const char ht_gov_creation_schema_sql[] = "CREATE TABLE dao_creation ("
                                          "  id INTEGER PRIMARY KEY AUTOINCREMENT,"
                                          "  params TEXT NOT NULL,"
                                          "  hash BLOB NOT NULL CHECK (length(hash) = 32),"
                                          "  sender BLOB NOT NULL CHECK (length(sender) = 20),"
                                          "  maker BLOB CHECK (length(maker) = 20),"
                                          "  state INTEGER NOT NULL,"
                                          "  at_ms INTEGER NOT NULL,"
                                          "  why TEXT NOT NULL"
                                          ") STRICT;";

static const char ADD[] =
    "INSERT INTO dao_creation (params, hash, sender, maker, state, at_ms, why)"
    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
static const char TIDY[] = "DELETE FROM dao_creation WHERE id <= ?1";
static const char UPDATE[] =
    "UPDATE dao_creation SET maker = ?2, state = ?3, why = ?4 WHERE id = ?1";
static const char LOAD[] =
    "SELECT id, params, hash, sender, maker, state, at_ms, why FROM dao_creation ORDER BY id";

static enum ht_err run(sqlite3_stmt *stmt, sqlite3 *db, const char *doing, struct ht_why *why) {
    enum ht_err err = HT_OK;
    if (sqlite3_step(stmt) != SQLITE_DONE) err = ht_db_fail(why, db, doing);
    sqlite3_finalize(stmt);
    return err;
}

static void bind_maker(sqlite3_stmt *stmt, int at, const struct ht_gov_creation_row *row) {
    if (!row->has_maker) return;
    sqlite3_bind_blob(stmt, at, row->maker.b, sizeof row->maker.b, SQLITE_STATIC);
}

enum ht_err ht_gov_creation_sql_add(sqlite3 *db, int64_t *id, const struct ht_gov_creation_row *row,
                                    struct ht_why *why) {
    sqlite3_stmt *stmt;
    enum ht_err err = ht_db_prepare(&stmt, db, ADD, why);
    if (err != HT_OK) return err;
    sqlite3_bind_text(stmt, 1, row->params, -1, SQLITE_STATIC);
    sqlite3_bind_blob(stmt, 2, row->hash.b, sizeof row->hash.b, SQLITE_STATIC);
    sqlite3_bind_blob(stmt, 3, row->sender.b, sizeof row->sender.b, SQLITE_STATIC);
    bind_maker(stmt, 4, row);
    sqlite3_bind_int64(stmt, 5, row->state);
    sqlite3_bind_int64(stmt, 6, row->at_ms);
    sqlite3_bind_text(stmt, 7, row->why, -1, SQLITE_STATIC);
    err = run(stmt, db, "keep a creation", why);
    if (err != HT_OK) return err;
    *id = sqlite3_last_insert_rowid(db);
    err = ht_db_prepare(&stmt, db, TIDY, why);
    if (err != HT_OK) return err;
    sqlite3_bind_int64(stmt, 1, *id - (int64_t)HT_GOV_CREATIONS_MAX);
    return run(stmt, db, "drop old creations", why);
}

enum ht_err ht_gov_creation_sql_update(sqlite3 *db, const struct ht_gov_creation_row *row,
                                       struct ht_why *why) {
    sqlite3_stmt *stmt;
    enum ht_err err = ht_db_prepare(&stmt, db, UPDATE, why);
    if (err != HT_OK) return err;
    sqlite3_bind_int64(stmt, 1, row->id);
    bind_maker(stmt, 2, row);
    sqlite3_bind_int64(stmt, 3, row->state);
    sqlite3_bind_text(stmt, 4, row->why, -1, SQLITE_STATIC);
    return run(stmt, db, "keep a creation's state", why);
}

enum ht_err ht_gov_creation_sql_load(sqlite3 *db, ht_gov_creation_each *each, void *user,
                                     struct ht_why *why) {
    sqlite3_stmt *stmt;
    int rc = SQLITE_DONE;
    enum ht_err err = ht_db_prepare(&stmt, db, LOAD, why);
    if (err != HT_OK) return err;
    while (err == HT_OK && (rc = sqlite3_step(stmt)) == SQLITE_ROW) {
        struct ht_gov_creation_row row = {
            .id = sqlite3_column_int64(stmt, 0),
            .params = (const char *)sqlite3_column_text(stmt, 1),
            .has_maker = sqlite3_column_bytes(stmt, 4) == 20,
            .state = sqlite3_column_int64(stmt, 5),
            .at_ms = sqlite3_column_int64(stmt, 6),
            .why = (const char *)sqlite3_column_text(stmt, 7),
        };
        if (sqlite3_column_bytes(stmt, 2) != 32 || sqlite3_column_bytes(stmt, 3) != 20) continue;
        memcpy(row.hash.b, sqlite3_column_blob(stmt, 2), 32);
        memcpy(row.sender.b, sqlite3_column_blob(stmt, 3), 20);
        if (row.has_maker) memcpy(row.maker.b, sqlite3_column_blob(stmt, 4), 20);
        err = each(user, &row);
    }
    if (err == HT_OK && rc != SQLITE_DONE) err = ht_db_fail(why, db, "read the creations");
    sqlite3_finalize(stmt);
    return err;
}
