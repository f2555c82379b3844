/* The table of final execution headers and every statement on it. */
#include "node/l1/chain_sql.h"

#include "node/l1/chain.h"

const struct ht_migration ht_chain_migrations[] = {
    {
        .part = "headers",
        .name = "execution headers",
        .sql = "CREATE TABLE exec_header ("
               "  kept INTEGER PRIMARY KEY AUTOINCREMENT," /* in the order of being kept */
               "  number INTEGER NOT NULL UNIQUE,"
               "  hash BLOB NOT NULL UNIQUE CHECK (length(hash) = 32),"
               "  rlp BLOB NOT NULL"
               ") STRICT;",
    },
};
const size_t ht_chain_migration_count = sizeof ht_chain_migrations / sizeof *ht_chain_migrations;

static const char SAVE[] = "INSERT OR IGNORE INTO exec_header (number, hash, rlp)"
                           " VALUES (?1, ?2, ?3)";
static const char PRUNE[] =
    "DELETE FROM exec_header WHERE kept <= (SELECT max(kept) FROM exec_header) - ?1";
static const char LOAD[] = "SELECT number, hash, rlp FROM exec_header"
                           " WHERE number <= ?1 ORDER BY number DESC LIMIT ?2";
static const char FIND[] = "SELECT number FROM exec_header WHERE hash = ?1";
static const char COUNT[] = "SELECT count(*) FROM exec_header";

enum ht_err ht_chain_sql_save(sqlite3 *db, const struct ht_exec_header_verified *header,
                              struct ht_why *why) {
    sqlite3_stmt *stmt;
    struct ht_buf rlp;
    ht_buf_init(&rlp, HT_EXEC_HEADER_RLP_MAX);
    enum ht_err err = ht_exec_header_encode(&rlp, &header->header);
    if (err != HT_OK) return ht_fail(why, err, "no_memory", "out of memory");
    err = ht_db_prepare(&stmt, db, SAVE, why);
    if (err == HT_OK) {
        sqlite3_bind_int64(stmt, 1, (sqlite3_int64)header->header.number);
        sqlite3_bind_blob64(stmt, 2, header->hash.b, sizeof header->hash.b, SQLITE_STATIC);
        sqlite3_bind_blob64(stmt, 3, rlp.p, rlp.n, SQLITE_STATIC);
        if (sqlite3_step(stmt) != SQLITE_DONE) err = ht_db_fail(why, db, "keep a header");
        sqlite3_finalize(stmt);
    }
    ht_buf_fini(&rlp);
    return err;
}

enum ht_err ht_chain_sql_prune(sqlite3 *db, uint64_t keep, struct ht_why *why) {
    sqlite3_stmt *stmt;
    enum ht_err err = ht_db_prepare(&stmt, db, PRUNE, why);
    if (err != HT_OK) return err;
    sqlite3_bind_int64(stmt, 1, (sqlite3_int64)keep);
    if (sqlite3_step(stmt) != SQLITE_DONE) err = ht_db_fail(why, db, "forget old headers");
    sqlite3_finalize(stmt);
    return err;
}

static ht_bytes column_bytes(sqlite3_stmt *stmt, int i) {
    const void *bytes = sqlite3_column_blob(stmt, i);
    return ht_bytes_of(bytes, (size_t)sqlite3_column_bytes(stmt, i));
}

/* The row's header when it continues what was read so far; HT_ENOTFOUND when it does not. */
static enum ht_err read_row(struct ht_exec_header_verified *out, sqlite3_stmt *stmt,
                            uint64_t number, const struct ht_exec_header_verified *child,
                            struct ht_why *why) {
    ht_hash32 hash;
    if ((uint64_t)sqlite3_column_int64(stmt, 0) != number) return HT_ENOTFOUND;
    memcpy(hash.b, column_bytes(stmt, 1).p, sizeof hash.b);
    if (child != NULL && !ht_hash32_equal(&child->header.parent_hash, &hash)) return HT_ENOTFOUND;
    enum ht_err err = ht_exec_header_of_kept(out, &hash, column_bytes(stmt, 2), why);
    return err == HT_OK && out->header.number != number ? HT_ENOTFOUND : err;
}

enum ht_err ht_chain_sql_load(struct ht_exec_header_verified *out, size_t *count, size_t max,
                              sqlite3 *db, uint64_t number, struct ht_why *why) {
    sqlite3_stmt *stmt;
    size_t n = 0;
    enum ht_err err = ht_db_prepare(&stmt, db, LOAD, why);
    if (err != HT_OK) return err;
    sqlite3_bind_int64(stmt, 1, (sqlite3_int64)number);
    sqlite3_bind_int64(stmt, 2, (sqlite3_int64)max);
    int rc = SQLITE_DONE;
    while (n < max && (rc = sqlite3_step(stmt)) == SQLITE_ROW) {
        if (read_row(&out[n], stmt, number - n, n > 0 ? &out[n - 1] : NULL, why) != HT_OK) break;
        n++;
    }
    if (rc != SQLITE_ROW && rc != SQLITE_DONE) err = ht_db_fail(why, db, "read headers");
    sqlite3_finalize(stmt);
    if (err != HT_OK) return err;
    if (n == 0) return ht_fail(why, HT_ENOTFOUND, "not_kept", "that header is not kept");
    *count = n;
    return HT_OK;
}

enum ht_err ht_chain_sql_find(uint64_t *number, sqlite3 *db, const ht_hash32 *hash,
                              struct ht_why *why) {
    sqlite3_stmt *stmt;
    enum ht_err err = ht_db_prepare(&stmt, db, FIND, why);
    if (err != HT_OK) return err;
    sqlite3_bind_blob64(stmt, 1, hash->b, sizeof hash->b, SQLITE_STATIC);
    int rc = sqlite3_step(stmt);
    if (rc == SQLITE_ROW) {
        *number = (uint64_t)sqlite3_column_int64(stmt, 0);
    } else if (rc == SQLITE_DONE) {
        err = ht_fail(why, HT_ENOTFOUND, "not_kept", "that header is not kept");
    } else {
        err = ht_db_fail(why, db, "find a header");
    }
    sqlite3_finalize(stmt);
    return err;
}

enum ht_err ht_chain_sql_count(uint64_t *out, sqlite3 *db, struct ht_why *why) {
    sqlite3_stmt *stmt;
    enum ht_err err = ht_db_prepare(&stmt, db, COUNT, why);
    if (err != HT_OK) return err;
    if (sqlite3_step(stmt) == SQLITE_ROW) {
        *out = (uint64_t)sqlite3_column_int64(stmt, 0);
    } else {
        err = ht_db_fail(why, db, "count headers");
    }
    sqlite3_finalize(stmt);
    return err;
}
