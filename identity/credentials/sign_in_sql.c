/* Every statement on the tables of who may sign in. */
#include "identity/credentials/sign_in_sql.h"

static const char SAVE[] =
    "INSERT OR REPLACE INTO sign_in (one, is_enabled, takes_accounts) VALUES (1, ?1, ?2)";
static const char LOAD[] = "SELECT is_enabled, takes_accounts FROM sign_in";
static const char CLEAR[] = "DELETE FROM sign_in_address";
static const char ADD[] = "INSERT OR IGNORE INTO sign_in_address (address) VALUES (?1)";
static const char LIST[] = "SELECT address FROM sign_in_address ORDER BY address";

static const char SAVING[] = "keep who may sign in";
static const char LOADING[] = "read who may sign in";

/* Ends it. */
static enum ht_err run(sqlite3_stmt *stmt, sqlite3 *db, struct ht_why *why) {
    enum ht_err err = HT_OK;
    if (sqlite3_step(stmt) != SQLITE_DONE) err = ht_db_fail(why, db, SAVING);
    sqlite3_finalize(stmt);
    return err;
}

static enum ht_err save_address(sqlite3 *db, const ht_addr20 *address, struct ht_why *why) {
    sqlite3_stmt *stmt;
    enum ht_err err = ht_db_prepare(&stmt, db, ADD, why);
    if (err != HT_OK) return err;
    sqlite3_bind_blob(stmt, 1, address->b, sizeof address->b, SQLITE_STATIC);
    return run(stmt, db, why);
}

enum ht_err ht_sign_in_sql_save(sqlite3 *db, const struct ht_sign_in_settings *settings,
                                struct ht_why *why) {
    sqlite3_stmt *stmt;
    enum ht_err err = ht_db_prepare(&stmt, db, SAVE, why);
    if (err != HT_OK) return err;
    sqlite3_bind_int(stmt, 1, settings->is_enabled ? 1 : 0);
    sqlite3_bind_int(stmt, 2, settings->takes_accounts ? 1 : 0);
    err = run(stmt, db, why);
    if (err == HT_OK) err = ht_db_prepare(&stmt, db, CLEAR, why);
    if (err != HT_OK) return err;
    err = run(stmt, db, why);
    for (size_t i = 0; err == HT_OK && i < settings->count; i++) {
        err = save_address(db, &settings->addresses[i], why);
    }
    return err;
}

static enum ht_err load_addresses(struct ht_sign_in_settings *out, sqlite3 *db,
                                  struct ht_why *why) {
    sqlite3_stmt *stmt;
    int rc = SQLITE_DONE;
    enum ht_err err = ht_db_prepare(&stmt, db, LIST, why);
    if (err != HT_OK) return err;
    while ((rc = sqlite3_step(stmt)) == SQLITE_ROW) {
        /* The CHECK is not respected by a damaged file. */
        bool is_fine = sqlite3_column_bytes(stmt, 0) == 20 && out->count < HT_SIGN_IN_ADDRESSES_MAX;
        if (is_fine) memcpy(out->addresses[out->count++].b, sqlite3_column_blob(stmt, 0), 20);
    }
    if (rc != SQLITE_DONE) err = ht_db_fail(why, db, LOADING);
    sqlite3_finalize(stmt);
    return err;
}

enum ht_err ht_sign_in_sql_load(struct ht_sign_in_settings *out, sqlite3 *db, struct ht_why *why) {
    struct ht_sign_in_settings settings = {.is_enabled = false};
    sqlite3_stmt *stmt;
    enum ht_err err = ht_db_prepare(&stmt, db, LOAD, why);
    if (err != HT_OK) return err;
    int rc = sqlite3_step(stmt);
    if (rc == SQLITE_ROW) {
        settings.is_enabled = sqlite3_column_int(stmt, 0) != 0;
        settings.takes_accounts = sqlite3_column_int(stmt, 1) != 0;
    } else if (rc != SQLITE_DONE) {
        err = ht_db_fail(why, db, LOADING);
    }
    sqlite3_finalize(stmt);
    if (err == HT_OK) err = load_addresses(&settings, db, why);
    if (err == HT_OK) *out = settings;
    return err;
}
