/* The tables of light-client objects for others and every statement on them. */
#include "node/l1/light_kept_sql.h"

#include <stdlib.h>

const struct ht_migration ht_light_kept_migrations[] = {
    {
        .part = "light client objects",
        .name = "bootstraps and updates",
        .sql = "CREATE TABLE light_client_bootstrap ("
               "  root BLOB PRIMARY KEY CHECK (length(root) = 32),"
               "  slot INTEGER NOT NULL,"
               "  period INTEGER NOT NULL,"
               "  fork TEXT NOT NULL,"
               "  ssz BLOB NOT NULL"
               ") STRICT;"
               "CREATE INDEX light_client_bootstrap_slot ON light_client_bootstrap (slot);"
               "CREATE TABLE light_client_update ("
               "  period INTEGER PRIMARY KEY,"
               "  rank INTEGER NOT NULL,"
               "  slot INTEGER NOT NULL,"
               "  signature_slot INTEGER NOT NULL,"
               "  finalized_slot INTEGER NOT NULL,"
               "  fork TEXT NOT NULL,"
               "  ssz BLOB NOT NULL"
               ") STRICT;",
    },
};
const size_t ht_light_kept_migration_count =
    sizeof ht_light_kept_migrations / sizeof *ht_light_kept_migrations;

static const char SAVE_BOOTSTRAP[] =
    "INSERT OR IGNORE INTO light_client_bootstrap (root, slot, period, fork, ssz)"
    " VALUES (?1, ?2, ?3, ?4, ?5)";
static const char SAVE_UPDATE[] =
    "INSERT INTO light_client_update (period, rank, slot, signature_slot, finalized_slot, fork,"
    " ssz) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (period) DO UPDATE SET"
    " rank = excluded.rank, slot = excluded.slot, signature_slot = excluded.signature_slot,"
    " finalized_slot = excluded.finalized_slot, fork = excluded.fork, ssz = excluded.ssz"
    " WHERE excluded.rank > light_client_update.rank";
static const char PRUNE_BOOTSTRAPS[] = "DELETE FROM light_client_bootstrap WHERE period + ?1 <="
                                       " (SELECT max(period) FROM light_client_bootstrap)";
static const char PRUNE_UPDATES[] = "DELETE FROM light_client_update WHERE period + ?1 <="
                                    " (SELECT max(period) FROM light_client_update)";
static const char LOAD_BOOTSTRAP[] =
    "SELECT fork, slot, period, ssz FROM light_client_bootstrap WHERE root = ?1";
static const char LOAD_UPDATES[] =
    "SELECT fork, slot, period, ssz, signature_slot, finalized_slot, rank FROM light_client_update"
    " WHERE period BETWEEN ?1 AND ?2 ORDER BY period LIMIT ?3";
static const char STARTS[] =
    "SELECT period, slot, root FROM light_client_bootstrap ORDER BY slot DESC LIMIT ?1";

static enum ht_err run(sqlite3 *db, sqlite3_stmt *stmt, struct ht_why *why) {
    int rc = sqlite3_step(stmt);
    enum ht_err err = rc == SQLITE_DONE ? HT_OK : ht_db_fail(why, db, "keep a light-client object");
    sqlite3_finalize(stmt);
    return err;
}

static enum ht_err prune(sqlite3 *db, const char *sql, struct ht_why *why) {
    sqlite3_stmt *stmt;
    enum ht_err err = ht_db_prepare(&stmt, db, sql, why);
    if (err != HT_OK) return err;
    sqlite3_bind_int64(stmt, 1, HT_LIGHT_PERIODS);
    return run(db, stmt, why);
}

static void bind_object(sqlite3_stmt *stmt, int i, const struct ht_light_object *object) {
    sqlite3_bind_text(stmt, i, ht_fork_specs[object->fork].name, -1, SQLITE_STATIC);
    sqlite3_bind_blob64(stmt, i + 1, object->ssz.p, object->ssz.n, SQLITE_STATIC);
}

static enum ht_err save_bootstrap(sqlite3 *db, const struct ht_light_object *object,
                                  struct ht_why *why) {
    sqlite3_stmt *stmt;
    enum ht_err err = ht_db_prepare(&stmt, db, SAVE_BOOTSTRAP, why);
    if (err != HT_OK) return err;
    sqlite3_bind_blob64(stmt, 1, object->root.b, sizeof object->root.b, SQLITE_STATIC);
    sqlite3_bind_int64(stmt, 2, (sqlite3_int64)object->slot);
    sqlite3_bind_int64(stmt, 3, (sqlite3_int64)object->period);
    bind_object(stmt, 4, object);
    err = run(db, stmt, why);
    return err == HT_OK ? prune(db, PRUNE_BOOTSTRAPS, why) : err;
}

enum ht_err ht_light_sql_save(sqlite3 *db, const struct ht_light_object *object,
                              struct ht_why *why) {
    sqlite3_stmt *stmt;
    if (object->kind == HT_LC_BOOTSTRAP) return save_bootstrap(db, object, why);
    enum ht_err err = ht_db_prepare(&stmt, db, SAVE_UPDATE, why);
    if (err != HT_OK) return err;
    const uint64_t numbers[] = {object->period, object->rank, object->slot, object->signature_slot,
                                object->finalized_slot};
    for (int i = 0; i < 5; i++) sqlite3_bind_int64(stmt, i + 1, (sqlite3_int64)numbers[i]);
    bind_object(stmt, 6, object);
    err = run(db, stmt, why);
    return err == HT_OK ? prune(db, PRUNE_UPDATES, why) : err;
}

/* The row that was stepped to; fork, slot, period and ssz come first. */
static enum ht_err read_row(struct ht_light_object **out, sqlite3_stmt *stmt, enum ht_lc_kind kind,
                            struct ht_why *why) {
    struct ht_light_object *object = calloc(1, sizeof *object);
    if (object == NULL) return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
    object->kind = kind;
    object->slot = (uint64_t)sqlite3_column_int64(stmt, 1);
    object->period = (uint64_t)sqlite3_column_int64(stmt, 2);
    ht_buf_init(&object->ssz, HT_LC_SSZ_MAX);
    enum ht_err err = ht_fork_by_name(&object->fork, (const char *)sqlite3_column_text(stmt, 0));
    if (err == HT_OK) {
        err = ht_buf_add(&object->ssz, ht_bytes_of(sqlite3_column_blob(stmt, 3),
                                                   (size_t)sqlite3_column_bytes(stmt, 3)));
    }
    if (err == HT_OK) {
        *out = object;
        return HT_OK;
    }
    ht_light_object_free(object);
    return ht_fail(why, HT_ESTORE, "database_damaged", "a kept light-client object is damaged");
}

enum ht_err ht_light_sql_bootstrap(struct ht_light_object **out, sqlite3 *db, const ht_hash32 *root,
                                   struct ht_why *why) {
    sqlite3_stmt *stmt;
    enum ht_err err = ht_db_prepare(&stmt, db, LOAD_BOOTSTRAP, why);
    if (err != HT_OK) return err;
    sqlite3_bind_blob64(stmt, 1, root->b, sizeof root->b, SQLITE_STATIC);
    int rc = sqlite3_step(stmt);
    if (rc == SQLITE_ROW) {
        err = read_row(out, stmt, HT_LC_BOOTSTRAP, why);
        if (err == HT_OK) (*out)->root = *root;
    } else if (rc == SQLITE_DONE) {
        err = ht_fail(why, HT_ENOTFOUND, "not_kept", "there is no bootstrap of that block here");
    } else {
        err = ht_db_fail(why, db, "read a bootstrap");
    }
    sqlite3_finalize(stmt);
    return err;
}

enum ht_err ht_light_sql_updates(struct ht_light_object **out, sqlite3 *db, uint64_t first,
                                 uint64_t count, struct ht_why *why) {
    sqlite3_stmt *stmt;
    struct ht_light_object *list = NULL, **end = &list;
    enum ht_err err = ht_db_prepare(&stmt, db, LOAD_UPDATES, why);
    if (err != HT_OK) return err;
    uint64_t last = count > 0 && first <= INT64_MAX - count ? first + count - 1 : 0;
    sqlite3_bind_int64(stmt, 1, first <= INT64_MAX ? (sqlite3_int64)first : INT64_MAX);
    sqlite3_bind_int64(stmt, 2, (sqlite3_int64)last);
    sqlite3_bind_int64(stmt, 3, HT_LIGHT_UPDATES_AT_ONCE);
    int rc = SQLITE_DONE;
    while (err == HT_OK && (rc = sqlite3_step(stmt)) == SQLITE_ROW) {
        err = read_row(end, stmt, HT_LC_UPDATE, why);
        if (err != HT_OK) break;
        (*end)->signature_slot = (uint64_t)sqlite3_column_int64(stmt, 4);
        (*end)->finalized_slot = (uint64_t)sqlite3_column_int64(stmt, 5);
        (*end)->rank = (uint64_t)sqlite3_column_int64(stmt, 6);
        end = &(*end)->next;
    }
    if (err == HT_OK && rc != SQLITE_DONE) err = ht_db_fail(why, db, "read updates");
    sqlite3_finalize(stmt);
    if (err == HT_OK) {
        *out = list;
    } else {
        ht_light_object_free(list);
    }
    return err;
}

enum ht_err ht_light_sql_starts(uint64_t *periods, size_t *count, size_t max, uint64_t *slot,
                                ht_hash32 *root, sqlite3 *db, struct ht_why *why) {
    sqlite3_stmt *stmt;
    enum ht_err err = ht_db_prepare(&stmt, db, STARTS, why);
    if (err != HT_OK) return err;
    sqlite3_bind_int64(stmt, 1, (sqlite3_int64)max);
    size_t n = 0;
    int rc;
    while ((rc = sqlite3_step(stmt)) == SQLITE_ROW) {
        if (n == 0) {
            *slot = (uint64_t)sqlite3_column_int64(stmt, 1);
            memcpy(root->b, sqlite3_column_blob(stmt, 2), sizeof root->b);
        }
        periods[n++] = (uint64_t)sqlite3_column_int64(stmt, 0);
    }
    if (rc != SQLITE_DONE) err = ht_db_fail(why, db, "read which bootstraps there are");
    sqlite3_finalize(stmt);
    if (err == HT_OK) *count = n;
    return err;
}
