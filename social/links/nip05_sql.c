/* Every statement on the tables of nip05. */
#include "social/links/nip05_sql.h"

#include <stdio.h>

const struct ht_migration ht_nip05_migrations[] = {
    {
        .part = "social nip05",
        .name = "names at domains",
        .sql = "CREATE TABLE nip05_check ("
               "  pubkey BLOB PRIMARY KEY CHECK (length(pubkey) = 32),"
               "  nip05 TEXT NOT NULL,"
               "  state TEXT NOT NULL CHECK (state IN ('verified', 'differs', 'no_answer')),"
               "  at_ms INTEGER NOT NULL"
               ") STRICT, WITHOUT ROWID;"
               "CREATE INDEX nip05_check_at ON nip05_check (at_ms);"
               "CREATE TABLE nip05_name ("
               "  name TEXT PRIMARY KEY CHECK (length(name) BETWEEN 1 AND 64),"
               "  pubkey BLOB NOT NULL CHECK (length(pubkey) = 32)"
               ") STRICT, WITHOUT ROWID;",
    },
};
const size_t ht_nip05_migration_count = sizeof ht_nip05_migrations / sizeof *ht_nip05_migrations;

static const char KEEP[] =
    "INSERT INTO nip05_check (pubkey, nip05, state, at_ms) VALUES (?1, ?2, ?3, ?4) "
    "ON CONFLICT (pubkey) DO UPDATE SET nip05 = excluded.nip05, state = excluded.state, "
    "at_ms = excluded.at_ms";
static const char TRIM[] =
    "DELETE FROM nip05_check WHERE pubkey IN (SELECT pubkey FROM nip05_check "
    "ORDER BY at_ms DESC LIMIT -1 OFFSET ?1)";
static const char FIND[] =
    "SELECT state FROM nip05_check WHERE pubkey = ?1 AND nip05 = ?2 AND at_ms >= ?3";
static const char CLEAR_NAMES[] = "DELETE FROM nip05_name";
static const char ADD_NAME[] = "INSERT INTO nip05_name (name, pubkey) VALUES (?1, ?2)";
static const char LIST_NAMES[] = "SELECT name, pubkey FROM nip05_name ORDER BY name LIMIT ?1";

static void bind_key(sqlite3_stmt *stmt, int at, const ht_hash32 *pubkey) {
    (void)sqlite3_bind_blob(stmt, at, pubkey->b, sizeof pubkey->b, SQLITE_STATIC);
}

/* Runs one that gives no rows, and ends it. */
static enum ht_err run(sqlite3_stmt *stmt, sqlite3 *db, struct ht_why *why) {
    enum ht_err err =
        sqlite3_step(stmt) == SQLITE_DONE ? HT_OK : ht_db_fail(why, db, "cannot keep a name");
    (void)sqlite3_finalize(stmt);
    return err;
}

/* --- what was checked ------------------------------------------------------------------------- */

enum ht_err ht_nip05_sql_keep(sqlite3 *db, const ht_hash32 *pubkey,
                              const struct ht_nip05_check *check, struct ht_why *why) {
    sqlite3_stmt *stmt = NULL;
    enum ht_err err = ht_db_prepare(&stmt, db, KEEP, why);
    if (err != HT_OK) return err;
    bind_key(stmt, 1, pubkey);
    (void)sqlite3_bind_text(stmt, 2, check->nip05, -1, SQLITE_STATIC);
    (void)sqlite3_bind_text(stmt, 3, check->state, -1, SQLITE_STATIC);
    (void)sqlite3_bind_int64(stmt, 4, check->at_ms);
    err = run(stmt, db, why);
    if (err == HT_OK) err = ht_db_prepare(&stmt, db, TRIM, why);
    if (err != HT_OK) return err;
    (void)sqlite3_bind_int64(stmt, 1, (sqlite3_int64)HT_NIP05_CHECKS_MAX);
    return run(stmt, db, why);
}

enum ht_err ht_nip05_sql_find(const char **state, sqlite3 *db, const ht_hash32 *pubkey,
                              ht_bytes nip05, int64_t after_ms, struct ht_why *why) {
    static const char *const states[] = {"verified", "differs", "no_answer"};
    sqlite3_stmt *stmt = NULL;
    *state = NULL;
    enum ht_err err = ht_db_prepare(&stmt, db, FIND, why);
    if (err != HT_OK) return err;
    bind_key(stmt, 1, pubkey);
    (void)sqlite3_bind_text64(stmt, 2, (const char *)nip05.p, nip05.n, SQLITE_STATIC, SQLITE_UTF8);
    (void)sqlite3_bind_int64(stmt, 3, after_ms);
    int step = sqlite3_step(stmt);
    for (size_t i = 0; step == SQLITE_ROW && i < sizeof states / sizeof *states; i++) {
        const char *text = (const char *)sqlite3_column_text(stmt, 0);
        if (text != NULL && strcmp(text, states[i]) == 0) *state = states[i];
    }
    if (step != SQLITE_ROW && step != SQLITE_DONE) err = ht_db_fail(why, db, "cannot read a name");
    (void)sqlite3_finalize(stmt);
    return err;
}

/* --- ours ------------------------------------------------------------------------------------- */

static enum ht_err add_name(sqlite3 *db, const struct ht_nip05_name *name, struct ht_why *why) {
    sqlite3_stmt *stmt = NULL;
    enum ht_err err = ht_db_prepare(&stmt, db, ADD_NAME, why);
    if (err != HT_OK) return err;
    (void)sqlite3_bind_text(stmt, 1, name->name, -1, SQLITE_STATIC);
    bind_key(stmt, 2, &name->pubkey);
    return run(stmt, db, why);
}

enum ht_err ht_nip05_sql_set_names(sqlite3 *db, const struct ht_nip05_name *names, size_t count,
                                   struct ht_why *why) {
    sqlite3_stmt *stmt = NULL;
    enum ht_err err = ht_db_prepare(&stmt, db, CLEAR_NAMES, why);
    if (err == HT_OK) err = run(stmt, db, why);
    for (size_t i = 0; err == HT_OK && i < count; i++) err = add_name(db, &names[i], why);
    return err;
}

enum ht_err ht_nip05_sql_names(struct ht_nip05_name *out, size_t *count, size_t max, sqlite3 *db,
                               struct ht_why *why) {
    sqlite3_stmt *stmt = NULL;
    size_t n = 0;
    enum ht_err err = ht_db_prepare(&stmt, db, LIST_NAMES, why);
    if (err != HT_OK) return err;
    (void)sqlite3_bind_int64(stmt, 1, (sqlite3_int64)max);
    int step = SQLITE_DONE;
    while (n < max && (step = sqlite3_step(stmt)) == SQLITE_ROW) {
        const char *name = (const char *)sqlite3_column_text(stmt, 0);
        (void)snprintf(out[n].name, sizeof out[n].name, "%s", name != NULL ? name : "");
        memcpy(out[n].pubkey.b, sqlite3_column_blob(stmt, 1), sizeof out[n].pubkey.b);
        n++;
    }
    if (step != SQLITE_DONE && step != SQLITE_ROW) err = ht_db_fail(why, db, "cannot read names");
    (void)sqlite3_finalize(stmt);
    if (err == HT_OK) *count = n;
    return err;
}
