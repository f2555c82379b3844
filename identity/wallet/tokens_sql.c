/* Every statement on the table of watched tokens. */
#include "identity/wallet/tokens_sql.h"

static const char SAVE[] =
    "INSERT OR REPLACE INTO token (address, symbol, decimals, is_symbol_proven, layout, slot)"
    " VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
static const char REMOVE[] = "DELETE FROM token WHERE address = ?1";
static const char LOAD[] =
    "SELECT address, symbol, decimals, is_symbol_proven, layout, slot FROM token ORDER BY symbol";

static void bind_bytes(sqlite3_stmt *stmt, int i, ht_bytes bytes) {
    sqlite3_bind_blob64(stmt, i, bytes.p, bytes.n, SQLITE_STATIC);
}

static void read_bytes(uint8_t *out, size_t n, sqlite3_stmt *stmt, int i) {
    memset(out, 0, n);
    if ((size_t)sqlite3_column_bytes(stmt, i) == n) memcpy(out, sqlite3_column_blob(stmt, i), n);
}

enum ht_err ht_token_sql_save(sqlite3 *db, const struct ht_token_row *row, struct ht_why *why) {
    sqlite3_stmt *stmt;
    enum ht_err err = ht_db_prepare(&stmt, db, SAVE, why);
    if (err != HT_OK) return err;
    bind_bytes(stmt, 1, HT_BYTES(row->address.b));
    sqlite3_bind_text(stmt, 2, row->symbol, -1, SQLITE_STATIC);
    sqlite3_bind_int64(stmt, 3, row->decimals);
    sqlite3_bind_int(stmt, 4, row->is_symbol_proven ? 1 : 0);
    sqlite3_bind_int(stmt, 5, row->layout);
    bind_bytes(stmt, 6, HT_BYTES(row->slot.b));
    if (sqlite3_step(stmt) != SQLITE_DONE) err = ht_db_fail(why, db, "keep a token");
    sqlite3_finalize(stmt);
    return err;
}

enum ht_err ht_token_sql_delete(sqlite3 *db, const ht_addr20 *address, struct ht_why *why) {
    sqlite3_stmt *stmt;
    enum ht_err err = ht_db_prepare(&stmt, db, REMOVE, why);
    if (err != HT_OK) return err;
    bind_bytes(stmt, 1, HT_BYTES(address->b));
    if (sqlite3_step(stmt) != SQLITE_DONE) err = ht_db_fail(why, db, "forget a token");
    sqlite3_finalize(stmt);
    return err;
}

enum ht_err ht_token_sql_load(sqlite3 *db, ht_token_each *each, void *user, struct ht_why *why) {
    sqlite3_stmt *stmt;
    int rc = SQLITE_DONE;
    enum ht_err err = ht_db_prepare(&stmt, db, LOAD, why);
    if (err != HT_OK) return err;
    while (err == HT_OK && (rc = sqlite3_step(stmt)) == SQLITE_ROW) {
        struct ht_token_row row = {
            .symbol = (const char *)sqlite3_column_text(stmt, 1),
            .decimals = (unsigned)sqlite3_column_int(stmt, 2),
            .is_symbol_proven = sqlite3_column_int(stmt, 3) != 0,
            .layout = sqlite3_column_int(stmt, 4),
        };
        read_bytes(row.address.b, sizeof row.address.b, stmt, 0);
        read_bytes(row.slot.b, sizeof row.slot.b, stmt, 5);
        err = each(user, &row);
    }
    if (err == HT_OK && rc != SQLITE_DONE) err = ht_db_fail(why, db, "read the tokens");
    sqlite3_finalize(stmt);
    return err;
}
