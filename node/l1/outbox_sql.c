/* The table of sent transactions and every statement on it. */
#include "node/l1/outbox_sql.h"

#include "node/l1/outbox.h"

const struct ht_migration ht_outbox_migrations[] = {
    {
        .part = "outbox",
        .name = "sent transactions",
        .sql = "CREATE TABLE outbox ("
               "  hash BLOB PRIMARY KEY CHECK (length(hash) = 32),"
               "  raw BLOB NOT NULL,"
               "  state INTEGER NOT NULL,"
               "  sent_ms INTEGER NOT NULL,"
               "  block_number INTEGER,"
               "  block_hash BLOB CHECK (length(block_hash) = 32),"
               "  succeeded INTEGER NOT NULL"
               ") STRICT, WITHOUT ROWID;",
    },
};
const size_t ht_outbox_migration_count = sizeof ht_outbox_migrations / sizeof *ht_outbox_migrations;

static const char SAVE[] =
    "INSERT OR REPLACE INTO outbox (hash, raw, state, sent_ms, block_number, block_hash, succeeded)"
    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
static const char REMOVE[] = "DELETE FROM outbox WHERE hash = ?1";
static const char LOAD[] =
    "SELECT hash, raw, state, sent_ms, block_number, block_hash, succeeded FROM outbox"
    " ORDER BY sent_ms";

static void bind_bytes(sqlite3_stmt *stmt, int i, ht_bytes bytes) {
    sqlite3_bind_blob64(stmt, i, bytes.p, bytes.n, SQLITE_STATIC);
}

enum ht_err ht_outbox_sql_save(sqlite3 *db, const struct ht_outbox_row *row, struct ht_why *why) {
    sqlite3_stmt *stmt;
    enum ht_err err = ht_db_prepare(&stmt, db, SAVE, why);
    if (err != HT_OK) return err;
    bind_bytes(stmt, 1, HT_BYTES(row->hash.b));
    bind_bytes(stmt, 2, row->raw);
    sqlite3_bind_int(stmt, 3, row->state);
    sqlite3_bind_int64(stmt, 4, row->sent_ms);
    if (row->has_block) {
        sqlite3_bind_int64(stmt, 5, (sqlite3_int64)row->block_number);
        bind_bytes(stmt, 6, HT_BYTES(row->block_hash.b));
    }
    sqlite3_bind_int(stmt, 7, row->succeeded ? 1 : 0);
    if (sqlite3_step(stmt) != SQLITE_DONE) err = ht_db_fail(why, db, "keep a sent transaction");
    sqlite3_finalize(stmt);
    return err;
}

enum ht_err ht_outbox_sql_delete(sqlite3 *db, const ht_hash32 *hash, struct ht_why *why) {
    sqlite3_stmt *stmt;
    enum ht_err err = ht_db_prepare(&stmt, db, REMOVE, why);
    if (err != HT_OK) return err;
    bind_bytes(stmt, 1, HT_BYTES(hash->b));
    if (sqlite3_step(stmt) != SQLITE_DONE) err = ht_db_fail(why, db, "forget a transaction");
    sqlite3_finalize(stmt);
    return err;
}

static void read_row(struct ht_outbox_row *out, sqlite3_stmt *stmt) {
    *out = (struct ht_outbox_row){
        .raw = ht_bytes_of(sqlite3_column_blob(stmt, 1), (size_t)sqlite3_column_bytes(stmt, 1)),
        .state = sqlite3_column_int(stmt, 2),
        .sent_ms = sqlite3_column_int64(stmt, 3),
        .has_block = sqlite3_column_type(stmt, 5) == SQLITE_BLOB,
        .block_number = (uint64_t)sqlite3_column_int64(stmt, 4),
        .succeeded = sqlite3_column_int(stmt, 6) != 0,
    };
    memcpy(out->hash.b, sqlite3_column_blob(stmt, 0), sizeof out->hash.b);
    if (out->has_block) {
        memcpy(out->block_hash.b, sqlite3_column_blob(stmt, 5), sizeof out->block_hash.b);
    }
}

enum ht_err ht_outbox_sql_load(sqlite3 *db, ht_outbox_each *each, void *user, struct ht_why *why) {
    sqlite3_stmt *stmt;
    int rc = SQLITE_DONE;
    enum ht_err err = ht_db_prepare(&stmt, db, LOAD, why);
    if (err != HT_OK) return err;
    while (err == HT_OK && (rc = sqlite3_step(stmt)) == SQLITE_ROW) {
        struct ht_outbox_row row;
        read_row(&row, stmt);
        err = each(user, &row);
    }
    if (err == HT_OK && rc != SQLITE_DONE) err = ht_db_fail(why, db, "read sent transactions");
    sqlite3_finalize(stmt);
    return err;
}
