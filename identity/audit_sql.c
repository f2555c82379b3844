/* Every statement on the audit log, and how its rows are chained. */
#include "identity/audit_sql.h"

#include "node/crypto/keccak.h"

static const char ADD[] = "INSERT INTO audit (id, at_ms, event, origin, account, detail, hash)"
                          " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
static const char HEAD_READ[] = "SELECT id, hash FROM audit_head";
static const char HEAD_SAVE[] =
    "INSERT OR REPLACE INTO audit_head (one, id, hash) VALUES (1, ?1, ?2)";
static const char READ[] = "SELECT id, at_ms, event, origin, account, detail, hash FROM audit"
                           " WHERE ?1 = 0 OR id < ?1 ORDER BY id DESC LIMIT ?2";
static const char READ_ALL[] =
    "SELECT id, at_ms, event, origin, account, detail, hash FROM audit ORDER BY id";

struct head {
    int64_t id;
    ht_hash32 hash;
};

static void hash_number(struct ht_keccak256 *hash, uint64_t number) {
    uint8_t bytes[8];
    for (int i = 7; i >= 0; i--) {
        bytes[i] = (uint8_t)number;
        number >>= 8;
    }
    ht_keccak256_update(hash, HT_BYTES(bytes));
}

/* p NULL: it is not there. */
static void hash_part(struct ht_keccak256 *hash, ht_bytes part) {
    const uint8_t head[5] = {part.p != NULL, (uint8_t)(part.n >> 24), (uint8_t)(part.n >> 16),
                             (uint8_t)(part.n >> 8), (uint8_t)part.n};
    ht_keccak256_update(hash, HT_BYTES(head));
    if (part.n > 0) ht_keccak256_update(hash, part);
}

static ht_bytes text(const char *from) {
    return from != NULL ? ht_bytes_str(from) : (ht_bytes){NULL, 0};
}

/* The hash of the row behind that one. */
static void chain_hash(ht_hash32 *out, const ht_hash32 *before, const struct ht_audit_row *row) {
    struct ht_keccak256 hash;
    ht_keccak256_init(&hash);
    ht_keccak256_update(&hash, HT_BYTES(before->b));
    hash_number(&hash, (uint64_t)row->id);
    hash_number(&hash, (uint64_t)row->at_ms);
    hash_part(&hash, text(row->event));
    hash_part(&hash, text(row->origin));
    hash_part(&hash, row->has_account ? HT_BYTES(row->account.b) : (ht_bytes){NULL, 0});
    hash_part(&hash, text(row->detail));
    ht_keccak256_final(out, &hash);
}

static void read_hash(ht_hash32 *out, sqlite3_stmt *stmt, int i) {
    memset(out, 0, sizeof *out);
    if (sqlite3_column_bytes(stmt, i) == 32) memcpy(out->b, sqlite3_column_blob(stmt, i), 32);
}

/* Zeros when there is none. */
static enum ht_err read_head(struct head *out, sqlite3 *db, struct ht_why *why) {
    sqlite3_stmt *stmt;
    enum ht_err err = ht_db_prepare(&stmt, db, HEAD_READ, why);
    if (err != HT_OK) return err;
    *out = (struct head){0};
    int rc = sqlite3_step(stmt);
    if (rc == SQLITE_ROW) {
        out->id = sqlite3_column_int64(stmt, 0);
        read_hash(&out->hash, stmt, 1);
    } else if (rc != SQLITE_DONE) {
        err = ht_db_fail(why, db, "read the audit log");
    }
    sqlite3_finalize(stmt);
    return err;
}

static enum ht_err save_head(sqlite3 *db, const struct head *head, struct ht_why *why) {
    sqlite3_stmt *stmt;
    enum ht_err err = ht_db_prepare(&stmt, db, HEAD_SAVE, why);
    if (err != HT_OK) return err;
    sqlite3_bind_int64(stmt, 1, head->id);
    sqlite3_bind_blob(stmt, 2, head->hash.b, sizeof head->hash.b, SQLITE_STATIC);
    if (sqlite3_step(stmt) != SQLITE_DONE) err = ht_db_fail(why, db, "keep the audit log");
    sqlite3_finalize(stmt);
    return err;
}

static enum ht_err save_row(sqlite3 *db, const struct ht_audit_row *row, const ht_hash32 *hash,
                            struct ht_why *why) {
    sqlite3_stmt *stmt;
    enum ht_err err = ht_db_prepare(&stmt, db, ADD, why);
    if (err != HT_OK) return err;
    sqlite3_bind_int64(stmt, 1, row->id);
    sqlite3_bind_int64(stmt, 2, row->at_ms);
    sqlite3_bind_text(stmt, 3, row->event, -1, SQLITE_STATIC);
    sqlite3_bind_text(stmt, 4, row->origin, -1, SQLITE_STATIC);
    if (row->has_account) {
        sqlite3_bind_blob(stmt, 5, row->account.b, sizeof row->account.b, SQLITE_STATIC);
    }
    sqlite3_bind_text(stmt, 6, row->detail, -1, SQLITE_STATIC);
    sqlite3_bind_blob(stmt, 7, hash->b, sizeof hash->b, SQLITE_STATIC);
    if (sqlite3_step(stmt) != SQLITE_DONE) err = ht_db_fail(why, db, "keep the audit log");
    sqlite3_finalize(stmt);
    return err;
}

enum ht_err ht_audit_sql_add(sqlite3 *db, int64_t *id, const struct ht_audit_row *row,
                             struct ht_why *why) {
    struct head before;
    enum ht_err err = read_head(&before, db, why);
    if (err != HT_OK) return err;
    struct ht_audit_row added = *row;
    struct head after = {.id = before.id + 1};
    added.id = after.id;
    chain_hash(&after.hash, &before.hash, &added);
    err = save_row(db, &added, &after.hash, why);
    if (err == HT_OK) err = save_head(db, &after, why);
    if (err == HT_OK) *id = after.id;
    return err;
}

/* Column 6 is left to the caller. */
static void read_row(struct ht_audit_row *out, sqlite3_stmt *stmt) {
    *out = (struct ht_audit_row){
        .id = sqlite3_column_int64(stmt, 0),
        .at_ms = sqlite3_column_int64(stmt, 1),
        .event = (const char *)sqlite3_column_text(stmt, 2),
        .origin = (const char *)sqlite3_column_text(stmt, 3),
        .has_account = sqlite3_column_bytes(stmt, 4) == 20,
        .detail = (const char *)sqlite3_column_text(stmt, 5),
    };
    if (out->has_account) memcpy(out->account.b, sqlite3_column_blob(stmt, 4), 20);
}

enum ht_err ht_audit_sql_read(sqlite3 *db, int64_t before, unsigned limit, ht_audit_each *each,
                              void *user, struct ht_why *why) {
    sqlite3_stmt *stmt;
    int rc = SQLITE_DONE;
    enum ht_err err = ht_db_prepare(&stmt, db, READ, why);
    if (err != HT_OK) return err;
    sqlite3_bind_int64(stmt, 1, before);
    sqlite3_bind_int64(stmt, 2, limit);
    while (err == HT_OK && (rc = sqlite3_step(stmt)) == SQLITE_ROW) {
        struct ht_audit_row row;
        read_row(&row, stmt);
        err = each(user, &row);
    }
    if (err == HT_OK && rc != SQLITE_DONE) err = ht_db_fail(why, db, "read the audit log");
    sqlite3_finalize(stmt);
    return err;
}

enum ht_err ht_audit_sql_check(sqlite3 *db, bool *is_whole, struct ht_why *why) {
    struct head head, at = {0};
    sqlite3_stmt *stmt;
    int rc;
    enum ht_err err = read_head(&head, db, why);
    if (err == HT_OK) err = ht_db_prepare(&stmt, db, READ_ALL, why);
    if (err != HT_OK) return err;
    bool holds = true;
    while ((rc = sqlite3_step(stmt)) == SQLITE_ROW && holds) {
        struct ht_audit_row row;
        ht_hash32 written, hash;
        read_row(&row, stmt);
        read_hash(&written, stmt, 6);
        chain_hash(&hash, &at.hash, &row);
        holds = row.id == at.id + 1 && ht_hash32_equal(&hash, &written);
        at = (struct head){row.id, hash};
    }
    if (holds && rc != SQLITE_DONE) err = ht_db_fail(why, db, "read the audit log");
    sqlite3_finalize(stmt);
    if (err == HT_OK) {
        *is_whole = holds && at.id == head.id && ht_hash32_equal(&at.hash, &head.hash);
    }
    return err;
}
