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
    {
        .part = "light client",
        .name = "finality for others",
        .sql = "CREATE TABLE light_client_finality ("
               "  id INTEGER PRIMARY KEY CHECK (id = 1),"
               "  kind INTEGER NOT NULL,"
               "  fork TEXT NOT NULL,"
               "  signature_slot INTEGER NOT NULL,"
               "  finalized_slot INTEGER NOT NULL,"
               "  block_hash BLOB NOT NULL CHECK (length(block_hash) = 32),"
               "  ssz BLOB NOT NULL"
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
static const char SAVE_FINALITY[] =
    "INSERT OR REPLACE INTO light_client_finality (id, kind, fork, signature_slot,"
    " finalized_slot, block_hash, ssz) VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6)";
static const char LOAD_FINALITY[] = "SELECT kind, fork, signature_slot, finalized_slot, block_hash,"
                                    " ssz FROM light_client_finality WHERE id = 1";
static const char LOAD_COMMITTEE[] =
    "SELECT pubkeys, aggregate_pubkey FROM sync_committee WHERE period = ?1";
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

/* --- for others --------------------------------------------------------------------------------*/

enum ht_err ht_sync_sql_save_finality(sqlite3 *db, const struct ht_finality *finality,
                                      struct ht_why *why) {
    sqlite3_stmt *stmt;
    enum ht_err err = ht_db_prepare(&stmt, db, SAVE_FINALITY, why);
    if (err != HT_OK) return err;
    sqlite3_bind_int64(stmt, 1, finality->kind);
    sqlite3_bind_text(stmt, 2, ht_fork_specs[finality->fork].name, -1, SQLITE_STATIC);
    bind_u64(stmt, 3, finality->signature_slot);
    bind_u64(stmt, 4, finality->finalized_slot);
    bind_bytes(stmt, 5, HT_BYTES(finality->block_hash.b));
    bind_bytes(stmt, 6, ht_buf_view(&finality->ssz));
    return run(db, stmt, "keep the newest finality", why);
}

static enum ht_err read_finality(struct ht_finality *out, sqlite3_stmt *stmt, struct ht_why *why) {
    if (ht_fork_by_name(&out->fork, (const char *)sqlite3_column_text(stmt, 1)) != HT_OK) {
        return ht_fail(why, HT_EINPUT, "kept_store_damaged", "the kept finality is of no fork");
    }
    out->kind = (enum ht_lc_kind)sqlite3_column_int(stmt, 0);
    out->signature_slot = (uint64_t)sqlite3_column_int64(stmt, 2);
    out->finalized_slot = (uint64_t)sqlite3_column_int64(stmt, 3);
    memcpy(out->block_hash.b, sqlite3_column_blob(stmt, 4), sizeof out->block_hash.b);
    ht_buf_init(&out->ssz, HT_LC_SSZ_MAX);
    enum ht_err err = ht_buf_add(&out->ssz, ht_bytes_of(sqlite3_column_blob(stmt, 5),
                                                        (size_t)sqlite3_column_bytes(stmt, 5)));
    if (err == HT_OK) return HT_OK;
    ht_finality_fini(out);
    return ht_fail(why, err, "kept_store_too_long", "the kept finality is too long");
}

enum ht_err ht_sync_sql_load_finality(struct ht_finality *out, sqlite3 *db, struct ht_why *why) {
    sqlite3_stmt *stmt;
    enum ht_err err = ht_db_prepare(&stmt, db, LOAD_FINALITY, why);
    if (err != HT_OK) return err;
    int step = sqlite3_step(stmt);
    if (step == SQLITE_ROW) {
        err = read_finality(out, stmt, why);
    } else if (step == SQLITE_DONE) {
        err = ht_fail(why, HT_ENOTFOUND, "no_finality", "no finality is kept");
    } else {
        err = ht_db_fail(why, db, "read the newest finality");
    }
    sqlite3_finalize(stmt);
    return err;
}

static enum ht_err read_committee(struct ht_bls_committee *out, sqlite3_stmt *stmt,
                                  struct ht_why *why) {
    size_t count = (size_t)sqlite3_column_bytes(stmt, 0) / HT_BLS_PUBKEY_SIZE;
    if (count == 0 || count > HT_BLS_COMMITTEE_MAX) {
        return ht_fail(why, HT_EINPUT, "kept_store_damaged", "a kept committee of %zu keys", count);
    }
    ht_bls_committee_init(out, sqlite3_column_blob(stmt, 0), count, sqlite3_column_blob(stmt, 1));
    return HT_OK;
}

enum ht_err ht_sync_sql_load_committee(struct ht_bls_committee *out, sqlite3 *db, uint64_t period,
                                       struct ht_why *why) {
    sqlite3_stmt *stmt;
    enum ht_err err = ht_db_prepare(&stmt, db, LOAD_COMMITTEE, why);
    if (err != HT_OK) return err;
    bind_u64(stmt, 1, period);
    int step = sqlite3_step(stmt);
    if (step == SQLITE_ROW) {
        err = read_committee(out, stmt, why);
    } else if (step == SQLITE_DONE) {
        err = ht_fail(why, HT_ENOTFOUND, "committee_unknown",
                      "the sync committee of period %llu is not known to this node",
                      (unsigned long long)period);
    } else {
        err = ht_db_fail(why, db, "read a sync committee");
    }
    sqlite3_finalize(stmt);
    return err;
}
