/* Every statement on the tables of the owner's side. */
#include "social/client_sql.h"

#include <stdio.h>

#include "node/codec/json.h"

#define SETTING_MAX ((size_t)64 << 10)

const struct ht_migration ht_client_migrations[] = {
    {
        .part = "social client",
        .name = "the owner's side",
        .sql = "CREATE TABLE client_setting ("
               "  name TEXT PRIMARY KEY,"
               "  value TEXT NOT NULL"
               ") STRICT, WITHOUT ROWID;"
               "CREATE TABLE client_draft ("
               "  id INTEGER PRIMARY KEY AUTOINCREMENT,"
               "  content TEXT NOT NULL,"
               "  reply_to TEXT CHECK (reply_to IS NULL OR length(reply_to) = 64),"
               "  at_ms INTEGER NOT NULL"
               ") STRICT;"
               "CREATE TABLE client_blocked ("
               "  pubkey BLOB PRIMARY KEY CHECK (length(pubkey) = 32)"
               ") STRICT, WITHOUT ROWID;",
    },
};
const size_t ht_client_migration_count = sizeof ht_client_migrations / sizeof *ht_client_migrations;

static const char GET_SETTING[] = "SELECT value FROM client_setting WHERE name = ?1";
static const char SET_SETTING[] = "INSERT INTO client_setting (name, value) VALUES (?1, ?2) "
                                  "ON CONFLICT (name) DO UPDATE SET value = excluded.value";
static const char COUNT_DRAFTS[] = "SELECT count(*) FROM client_draft";
static const char ADD_DRAFT[] =
    "INSERT INTO client_draft (content, reply_to, at_ms) VALUES (?1, ?2, ?3)";
static const char CHANGE_DRAFT[] =
    "UPDATE client_draft SET content = ?1, reply_to = ?2, at_ms = ?3 WHERE id = ?4";
static const char DELETE_DRAFT[] = "DELETE FROM client_draft WHERE id = ?1";
static const char LIST_DRAFTS[] =
    "SELECT id, content, reply_to, at_ms FROM client_draft ORDER BY at_ms DESC, id DESC";
static const char BLOCK[] = "INSERT OR IGNORE INTO client_blocked (pubkey) VALUES (?1)";
static const char UNBLOCK[] = "DELETE FROM client_blocked WHERE pubkey = ?1";
static const char LIST_BLOCKED[] = "SELECT pubkey FROM client_blocked ORDER BY pubkey LIMIT ?1";

static enum ht_err no_memory(struct ht_why *why) {
    return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
}

static void bind_text(sqlite3_stmt *stmt, int at, const char *text) {
    if (text == NULL) {
        (void)sqlite3_bind_null(stmt, at);
    } else {
        (void)sqlite3_bind_text(stmt, at, text, -1, SQLITE_STATIC);
    }
}

/* Runs one that gives no rows. */
static enum ht_err run(sqlite3_stmt *stmt, sqlite3 *db, const char *doing, struct ht_why *why) {
    enum ht_err err = sqlite3_step(stmt) == SQLITE_DONE ? HT_OK : ht_db_fail(why, db, doing);
    (void)sqlite3_finalize(stmt);
    return err;
}

enum ht_err ht_client_sql_get(json_t **out, sqlite3 *db, const char *name, struct ht_why *why) {
    sqlite3_stmt *stmt = NULL;
    json_t *value = NULL;
    enum ht_err err = ht_db_prepare(&stmt, db, GET_SETTING, why);
    if (err != HT_OK) return err;
    bind_text(stmt, 1, name);
    int step = sqlite3_step(stmt);
    if (step == SQLITE_ROW) {
        ht_bytes text =
            ht_bytes_of(sqlite3_column_text(stmt, 0), (size_t)sqlite3_column_bytes(stmt, 0));
        err = ht_json_parse(&value, text, SETTING_MAX, why);
    } else if (step != SQLITE_DONE) {
        err = ht_db_fail(why, db, "cannot read a setting");
    }
    (void)sqlite3_finalize(stmt);
    if (err == HT_OK) *out = value;
    return err;
}

enum ht_err ht_client_sql_set(sqlite3 *db, const char *name, const json_t *value,
                              struct ht_why *why) {
    sqlite3_stmt *stmt = NULL;
    struct ht_buf text;
    ht_buf_init(&text, SETTING_MAX);
    enum ht_err err = ht_json_dump_compact(&text, value);
    if (err != HT_OK) {
        ht_buf_fini(&text);
        return ht_fail(why, err, "too_long", "that setting is too long");
    }
    err = ht_db_prepare(&stmt, db, SET_SETTING, why);
    if (err == HT_OK) {
        bind_text(stmt, 1, name);
        (void)sqlite3_bind_text64(stmt, 2, (const char *)text.p, text.n, SQLITE_STATIC,
                                  SQLITE_UTF8);
        err = run(stmt, db, "cannot keep a setting", why);
    }
    ht_buf_fini(&text);
    return err;
}

/* --- drafts ---------------------------------------------------------------------------------- */

static enum ht_err has_room(sqlite3 *db, struct ht_why *why) {
    sqlite3_stmt *stmt = NULL;
    enum ht_err err = ht_db_prepare(&stmt, db, COUNT_DRAFTS, why);
    if (err != HT_OK) return err;
    if (sqlite3_step(stmt) != SQLITE_ROW) {
        err = ht_db_fail(why, db, "cannot count drafts");
    } else if (sqlite3_column_int64(stmt, 0) >= (int64_t)HT_DRAFTS_MAX) {
        err = ht_fail(why, HT_ELIMIT, "too_many_drafts", "there are %u drafts already",
                      HT_DRAFTS_MAX);
    }
    (void)sqlite3_finalize(stmt);
    return err;
}

static enum ht_err no_draft(struct ht_why *why) {
    return ht_fail(why, HT_ENOTFOUND, "no_draft", "there is no such draft");
}

enum ht_err ht_client_sql_draft_put(int64_t *id, sqlite3 *db, int64_t draft, const char *content,
                                    const char *reply_to, int64_t now_ms, struct ht_why *why) {
    sqlite3_stmt *stmt = NULL;
    enum ht_err err = draft != 0 ? HT_OK : has_room(db, why);
    if (err == HT_OK) err = ht_db_prepare(&stmt, db, draft != 0 ? CHANGE_DRAFT : ADD_DRAFT, why);
    if (err != HT_OK) return err;
    bind_text(stmt, 1, content);
    bind_text(stmt, 2, reply_to);
    (void)sqlite3_bind_int64(stmt, 3, now_ms);
    if (draft != 0) (void)sqlite3_bind_int64(stmt, 4, draft);
    err = run(stmt, db, "cannot keep a draft", why);
    if (err == HT_OK && draft != 0 && sqlite3_changes(db) == 0) err = no_draft(why);
    if (err == HT_OK) *id = draft != 0 ? draft : sqlite3_last_insert_rowid(db);
    return err;
}

enum ht_err ht_client_sql_draft_delete(sqlite3 *db, int64_t draft, struct ht_why *why) {
    sqlite3_stmt *stmt = NULL;
    enum ht_err err = ht_db_prepare(&stmt, db, DELETE_DRAFT, why);
    if (err != HT_OK) return err;
    (void)sqlite3_bind_int64(stmt, 1, draft);
    err = run(stmt, db, "cannot delete a draft", why);
    if (err == HT_OK && sqlite3_changes(db) == 0) err = no_draft(why);
    return err;
}

enum ht_err ht_client_sql_drafts(json_t **out, sqlite3 *db, struct ht_why *why) {
    sqlite3_stmt *stmt = NULL;
    enum ht_err err = ht_db_prepare(&stmt, db, LIST_DRAFTS, why);
    if (err != HT_OK) return err;
    json_t *list = json_array();
    int step = SQLITE_ROW, failed = list == NULL;
    while (failed == 0 && (step = sqlite3_step(stmt)) == SQLITE_ROW) {
        json_t *draft =
            json_pack("{s:I, s:s, s:s?, s:I}", "draft", (json_int_t)sqlite3_column_int64(stmt, 0),
                      "content", (const char *)sqlite3_column_text(stmt, 1), "reply_to",
                      (const char *)sqlite3_column_text(stmt, 2), "at_ms",
                      (json_int_t)sqlite3_column_int64(stmt, 3));
        failed = json_array_append_new(list, draft);
    }
    if (failed != 0) {
        err = no_memory(why);
    } else if (step != SQLITE_DONE) {
        err = ht_db_fail(why, db, "cannot read drafts");
    }
    (void)sqlite3_finalize(stmt);
    if (err == HT_OK) {
        *out = list;
    } else {
        json_decref(list);
    }
    return err;
}

/* --- blocked keys ---------------------------------------------------------------------------- */

enum ht_err ht_client_sql_block(sqlite3 *db, const ht_hash32 *pubkey, bool on, struct ht_why *why) {
    sqlite3_stmt *stmt = NULL;
    enum ht_err err = ht_db_prepare(&stmt, db, on ? BLOCK : UNBLOCK, why);
    if (err != HT_OK) return err;
    (void)sqlite3_bind_blob(stmt, 1, pubkey->b, sizeof pubkey->b, SQLITE_STATIC);
    return run(stmt, db, "cannot block a key", why);
}

enum ht_err ht_client_sql_blocked(ht_hash32 *out, size_t *count, size_t max, sqlite3 *db,
                                  struct ht_why *why) {
    sqlite3_stmt *stmt = NULL;
    size_t n = 0;
    enum ht_err err = ht_db_prepare(&stmt, db, LIST_BLOCKED, why);
    if (err != HT_OK) return err;
    (void)sqlite3_bind_int64(stmt, 1, (sqlite3_int64)max);
    int step;
    while ((step = sqlite3_step(stmt)) == SQLITE_ROW && n < max) {
        memcpy(out[n++].b, sqlite3_column_blob(stmt, 0), sizeof out->b);
    }
    if (step != SQLITE_DONE && step != SQLITE_ROW) {
        err = ht_db_fail(why, db, "cannot read blocked keys");
    }
    (void)sqlite3_finalize(stmt);
    if (err == HT_OK) *count = n;
    return err;
}
