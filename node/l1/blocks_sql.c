/* The table of proven receipts and every statement on it. */
#include "node/l1/blocks_sql.h"

#include "node/l1/blocks.h"

const struct ht_migration ht_blocks_migrations[] = {
    {
        .part = "receipts",
        .name = "receipts",
        .sql = "CREATE TABLE block_receipts ("
               "  kept INTEGER PRIMARY KEY AUTOINCREMENT," /* in the order of being kept */
               "  block_hash BLOB NOT NULL UNIQUE CHECK (length(block_hash) = 32),"
               "  size INTEGER NOT NULL,"
               "  receipts BLOB NOT NULL"
               ") STRICT;",
    },
};
const size_t ht_blocks_migration_count = sizeof ht_blocks_migrations / sizeof *ht_blocks_migrations;

static const char SAVE[] = "INSERT OR IGNORE INTO block_receipts (block_hash, size, receipts)"
                           " VALUES (?1, ?2, ?3)";
static const char TOTAL[] = "SELECT count(*), coalesce(sum(size), 0) FROM block_receipts";
static const char PRUNE[] = "DELETE FROM block_receipts WHERE kept IN"
                            " (SELECT kept FROM block_receipts ORDER BY kept LIMIT ?1)";
static const char LOAD[] = "SELECT receipts FROM block_receipts WHERE block_hash = ?1";

enum ht_err ht_blocks_sql_save(sqlite3 *db, const ht_hash32 *block_hash, ht_bytes receipts,
                               struct ht_why *why) {
    sqlite3_stmt *stmt;
    enum ht_err err = ht_db_prepare(&stmt, db, SAVE, why);
    if (err != HT_OK) return err;
    sqlite3_bind_blob64(stmt, 1, block_hash->b, sizeof block_hash->b, SQLITE_STATIC);
    sqlite3_bind_int64(stmt, 2, (sqlite3_int64)receipts.n);
    sqlite3_bind_blob64(stmt, 3, receipts.p, receipts.n, SQLITE_STATIC);
    if (sqlite3_step(stmt) != SQLITE_DONE) err = ht_db_fail(why, db, "keep receipts");
    sqlite3_finalize(stmt);
    return err;
}

static enum ht_err total(uint64_t *count, int64_t *bytes, sqlite3 *db, struct ht_why *why) {
    sqlite3_stmt *stmt;
    enum ht_err err = ht_db_prepare(&stmt, db, TOTAL, why);
    if (err != HT_OK) return err;
    if (sqlite3_step(stmt) == SQLITE_ROW) {
        *count = (uint64_t)sqlite3_column_int64(stmt, 0);
        *bytes = sqlite3_column_int64(stmt, 1);
    } else {
        err = ht_db_fail(why, db, "count receipts");
    }
    sqlite3_finalize(stmt);
    return err;
}

enum ht_err ht_blocks_sql_prune(uint64_t *count, sqlite3 *db, int64_t max_bytes,
                                struct ht_why *why) {
    int64_t bytes = 0;
    enum ht_err err = total(count, &bytes, db, why);
    while (err == HT_OK && bytes > max_bytes) {
        sqlite3_stmt *stmt;
        uint64_t some = *count / 16 + 1; /* a share at a time: few rounds, little lost */
        err = ht_db_prepare(&stmt, db, PRUNE, why);
        if (err != HT_OK) return err;
        sqlite3_bind_int64(stmt, 1, (sqlite3_int64)some);
        if (sqlite3_step(stmt) != SQLITE_DONE) err = ht_db_fail(why, db, "forget old receipts");
        sqlite3_finalize(stmt);
        if (err == HT_OK) err = total(count, &bytes, db, why);
    }
    return err;
}

enum ht_err ht_blocks_sql_load(struct ht_buf *out, sqlite3 *db, const ht_hash32 *block_hash,
                               struct ht_why *why) {
    sqlite3_stmt *stmt;
    enum ht_err err = ht_db_prepare(&stmt, db, LOAD, why);
    if (err != HT_OK) return err;
    sqlite3_bind_blob64(stmt, 1, block_hash->b, sizeof block_hash->b, SQLITE_STATIC);
    int rc = sqlite3_step(stmt);
    if (rc == SQLITE_ROW) {
        const void *bytes = sqlite3_column_blob(stmt, 0);
        err = ht_buf_add(out, ht_bytes_of(bytes, (size_t)sqlite3_column_bytes(stmt, 0)));
        if (err != HT_OK) err = ht_fail(why, err, "body_too_large", "kept receipts are too long");
    } else if (rc == SQLITE_DONE) {
        err = ht_fail(why, HT_ENOTFOUND, "not_kept", "those receipts are not kept");
    } else {
        err = ht_db_fail(why, db, "read receipts");
    }
    sqlite3_finalize(stmt);
    return err;
}
