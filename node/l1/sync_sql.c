/* The light client's tables and every statement on them. */
#include "node/l1/sync_sql.h"

#include <stdio.h>

const struct ht_migration ht_sync_migrations[] = {
    {
        .part = "light client",
        .name = "light client",
        .sql = "CREATE TABLE light_client_store ("
               "  id INTEGER PRIMARY KEY CHECK (id = 1),"
               "  state BLOB NOT NULL,"
               "  saved_ms INTEGER NOT NULL,"
               "  anchor_root BLOB NOT NULL CHECK (length(anchor_root) = 32),"
               "  anchor_slot INTEGER NOT NULL,"
               "  anchor_origin TEXT NOT NULL,"
               "  anchor_agreed INTEGER NOT NULL,"
               "  anchor_asked INTEGER NOT NULL,"
               "  anchor_started_ms INTEGER NOT NULL"
               ") STRICT;"
               "CREATE TABLE sync_committee ("
               "  period INTEGER PRIMARY KEY,"
               "  root BLOB NOT NULL CHECK (length(root) = 32),"
               "  pubkeys BLOB NOT NULL CHECK (length(pubkeys) % 48 = 0),"
               "  aggregate_pubkey BLOB NOT NULL CHECK (length(aggregate_pubkey) = 48)"
               ") STRICT;"
               "CREATE TABLE beacon_header ("
               "  slot INTEGER PRIMARY KEY,"
               "  root BLOB NOT NULL CHECK (length(root) = 32),"
               "  parent_root BLOB NOT NULL CHECK (length(parent_root) = 32),"
               "  state_root BLOB NOT NULL CHECK (length(state_root) = 32),"
               "  execution_block_hash BLOB CHECK (length(execution_block_hash) = 32),"
               "  block_number INTEGER,"
               "  participants INTEGER NOT NULL"
               ") STRICT;",
    },
};
const size_t ht_sync_migration_count = sizeof ht_sync_migrations / sizeof *ht_sync_migrations;

static const char SAVE_STORE[] =
    "INSERT OR REPLACE INTO light_client_store (id, state, saved_ms, anchor_root, anchor_slot,"
    " anchor_origin, anchor_agreed, anchor_asked, anchor_started_ms)"
    " VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
static const char LOAD_STORE[] =
    "SELECT state, anchor_root, anchor_slot, anchor_origin, anchor_agreed, anchor_asked,"
    " anchor_started_ms FROM light_client_store WHERE id = 1";
static const char SAVE_COMMITTEE[] =
    "INSERT OR REPLACE INTO sync_committee (period, root, pubkeys, aggregate_pubkey)"
    " VALUES (?1, ?2, ?3, ?4)";
static const char SAVE_HEADER[] =
    "INSERT OR REPLACE INTO beacon_header (slot, root, parent_root, state_root,"
    " execution_block_hash, block_number, participants) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
static const char PRUNE_HEADERS[] = "DELETE FROM beacon_header WHERE slot < ?1";
static const char RECENT_HEADERS[] =
    "SELECT slot, root, parent_root FROM beacon_header ORDER BY slot DESC LIMIT ?1";

static void bind_bytes(sqlite3_stmt *stmt, int i, ht_bytes bytes) {
    sqlite3_bind_blob64(stmt, i, bytes.p, bytes.n, SQLITE_STATIC);
}

static void bind_u64(sqlite3_stmt *stmt, int i, uint64_t number) {
    sqlite3_bind_int64(stmt, i, (sqlite3_int64)number);
}

/* Runs a statement that returns no rows, and frees it. */
static enum ht_err run(sqlite3 *db, sqlite3_stmt *stmt, const char *doing, struct ht_why *why) {
    int rc = sqlite3_step(stmt);
    enum ht_err err = rc == SQLITE_DONE ? HT_OK : ht_db_fail(why, db, doing);
    sqlite3_finalize(stmt);
    return err;
}

enum ht_err ht_sync_sql_save_store(sqlite3 *db, ht_bytes store, const struct ht_sync_anchor *anchor,
                                   int64_t now_ms, struct ht_why *why) {
    sqlite3_stmt *stmt;
    enum ht_err err = ht_db_prepare(&stmt, db, SAVE_STORE, why);
    if (err != HT_OK) return err;
    bind_bytes(stmt, 1, store);
    sqlite3_bind_int64(stmt, 2, now_ms);
    bind_bytes(stmt, 3, HT_BYTES(anchor->root.b));
    bind_u64(stmt, 4, anchor->slot);
    sqlite3_bind_text(stmt, 5, anchor->origin, -1, SQLITE_STATIC);
    bind_u64(stmt, 6, anchor->agreed);
    bind_u64(stmt, 7, anchor->asked);
    sqlite3_bind_int64(stmt, 8, anchor->started_ms);
    return run(db, stmt, "keep the light client's state", why);
}

enum ht_err ht_sync_sql_save_committee(sqlite3 *db, uint64_t period, const ht_hash32 *root,
                                       ht_bytes pubkeys, ht_bytes aggregate_pubkey,
                                       struct ht_why *why) {
    sqlite3_stmt *stmt;
    enum ht_err err = ht_db_prepare(&stmt, db, SAVE_COMMITTEE, why);
    if (err != HT_OK) return err;
    bind_u64(stmt, 1, period);
    bind_bytes(stmt, 2, HT_BYTES(root->b));
    bind_bytes(stmt, 3, pubkeys);
    bind_bytes(stmt, 4, aggregate_pubkey);
    return run(db, stmt, "keep a sync committee", why);
}

enum ht_err ht_sync_sql_save_header(sqlite3 *db, const struct ht_header_verified *header,
                                    struct ht_why *why) {
    sqlite3_stmt *stmt;
    enum ht_err err = ht_db_prepare(&stmt, db, SAVE_HEADER, why);
    if (err != HT_OK) return err;
    bind_u64(stmt, 1, header->beacon.slot);
    bind_bytes(stmt, 2, HT_BYTES(header->root.b));
    bind_bytes(stmt, 3, HT_BYTES(header->beacon.parent_root.b));
    bind_bytes(stmt, 4, HT_BYTES(header->beacon.state_root.b));
    if (header->has_execution) bind_bytes(stmt, 5, HT_BYTES(header->execution_block_hash.b));
    if (header->has_block_number) bind_u64(stmt, 6, header->block_number);
    bind_u64(stmt, 7, header->participants);
    err = run(db, stmt, "keep a header", why);
    if (err != HT_OK || header->beacon.slot < HT_SYNC_HEADERS_KEPT) return err;
    err = ht_db_prepare(&stmt, db, PRUNE_HEADERS, why);
    if (err != HT_OK) return err;
    bind_u64(stmt, 1, header->beacon.slot - HT_SYNC_HEADERS_KEPT);
    return run(db, stmt, "forget old headers", why);
}

static enum ht_err read_store(struct ht_buf *out, struct ht_sync_anchor *anchor, sqlite3_stmt *stmt,
                              struct ht_why *why) {
    enum ht_err err = ht_buf_add(
        out, ht_bytes_of(sqlite3_column_blob(stmt, 0), (size_t)sqlite3_column_bytes(stmt, 0)));
    if (err != HT_OK) return ht_fail(why, err, "kept_store_too_long", "the kept state is too long");
    memcpy(anchor->root.b, sqlite3_column_blob(stmt, 1), sizeof anchor->root.b);
    anchor->slot = (uint64_t)sqlite3_column_int64(stmt, 2);
    (void)snprintf(anchor->origin, sizeof anchor->origin, "%s",
                   (const char *)sqlite3_column_text(stmt, 3));
    anchor->agreed = (size_t)sqlite3_column_int64(stmt, 4);
    anchor->asked = (size_t)sqlite3_column_int64(stmt, 5);
    anchor->started_ms = sqlite3_column_int64(stmt, 6);
    return HT_OK;
}

enum ht_err ht_sync_sql_load_store(sqlite3 *db, struct ht_buf *out, struct ht_sync_anchor *anchor,
                                   struct ht_why *why) {
    sqlite3_stmt *stmt;
    enum ht_err err = ht_db_prepare(&stmt, db, LOAD_STORE, why);
    if (err != HT_OK) return err;
    int rc = sqlite3_step(stmt);
    if (rc == SQLITE_ROW) {
        err = read_store(out, anchor, stmt, why);
    } else if (rc == SQLITE_DONE) {
        err = ht_fail(why, HT_ENOTFOUND, "no_kept_store", "nothing was kept yet");
    } else {
        err = ht_db_fail(why, db, "read the light client's state");
    }
    sqlite3_finalize(stmt);
    return err;
}

enum ht_err ht_sync_sql_recent_headers(sqlite3 *db, size_t limit, ht_sync_header_each *each,
                                       void *user, struct ht_why *why) {
    sqlite3_stmt *stmt;
    enum ht_err err = ht_db_prepare(&stmt, db, RECENT_HEADERS, why);
    if (err != HT_OK) return err;
    bind_u64(stmt, 1, limit);
    int rc;
    while ((rc = sqlite3_step(stmt)) == SQLITE_ROW) {
        ht_hash32 root, parent_root;
        memcpy(root.b, sqlite3_column_blob(stmt, 1), sizeof root.b);
        memcpy(parent_root.b, sqlite3_column_blob(stmt, 2), sizeof parent_root.b);
        each(user, (uint64_t)sqlite3_column_int64(stmt, 0), &root, &parent_root);
    }
    if (rc != SQLITE_DONE) err = ht_db_fail(why, db, "read headers");
    sqlite3_finalize(stmt);
    return err;
}
