/* Statements on attestations and on DIDs of ours. */
#include "identity/attest/attest_sql.h"

const char ht_attest_schema_sql[] =
    "CREATE TABLE attestation ("
    "  attester BLOB NOT NULL CHECK (length(attester) = 20),"
    "  uid BLOB NOT NULL CHECK (length(uid) = 32),"
    "  schema BLOB NOT NULL CHECK (length(schema) = 32),"
    "  ref_uid BLOB NOT NULL CHECK (length(ref_uid) = 32),"
    "  recipient BLOB NOT NULL CHECK (length(recipient) = 20),"
    "  time BLOB NOT NULL CHECK (length(time) = 8),"
    "  expiration_time BLOB NOT NULL CHECK (length(expiration_time) = 8),"
    "  revocation_time BLOB NOT NULL CHECK (length(revocation_time) = 8),"
    "  is_revocable INTEGER NOT NULL,"
    "  data BLOB NOT NULL,"
    "  is_onchain INTEGER NOT NULL,"
    "  package BLOB NOT NULL,"
    "  standing INTEGER NOT NULL,"
    "  code TEXT NOT NULL,"
    "  why TEXT NOT NULL,"
    "  has_block INTEGER NOT NULL,"
    "  is_final INTEGER NOT NULL,"
    "  block INTEGER NOT NULL,"
    "  block_s INTEGER NOT NULL,"
    "  block_hash BLOB NOT NULL CHECK (length(block_hash) = 32),"
    "  added_ms INTEGER NOT NULL,"
    "  is_by_contract INTEGER NOT NULL,"
    "  PRIMARY KEY (attester, uid)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE attestation_schema ("
    "  uid BLOB PRIMARY KEY CHECK (length(uid) = 32),"
    "  resolver BLOB NOT NULL CHECK (length(resolver) = 20),"
    "  is_revocable INTEGER NOT NULL,"
    "  text BLOB NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE TABLE attestation_leaves ("
    "  root BLOB PRIMARY KEY CHECK (length(root) = 32),"
    "  leaves BLOB NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE TABLE attestation_scan ("
    "  one INTEGER PRIMARY KEY CHECK (one = 1),"
    "  block INTEGER NOT NULL) STRICT;";
const char ht_did_schema_sql[] = "CREATE TABLE own_did ("
                                 "  identity BLOB PRIMARY KEY CHECK (length(identity) = 20),"
                                 "  changed INTEGER NOT NULL,"
                                 "  alert INTEGER NOT NULL,"
                                 "  alert_ms INTEGER NOT NULL,"
                                 "  text TEXT NOT NULL) STRICT, WITHOUT ROWID;";

static const char SAVE[] =
    "INSERT OR REPLACE INTO attestation (attester, uid, schema, ref_uid, recipient, time,"
    " expiration_time, revocation_time, is_revocable, data, is_onchain, package, standing, code,"
    " why, has_block, is_final, block, block_s, block_hash, added_ms, is_by_contract)"
    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18,"
    " ?19, ?20, ?21, ?22)";
static const char REMOVE[] = "DELETE FROM attestation WHERE attester = ?1 AND uid = ?2";
static const char LOAD[] =
    "SELECT attester, uid, schema, ref_uid, recipient, time, expiration_time, revocation_time,"
    " is_revocable, data, is_onchain, package, standing, code, why, has_block, is_final, block,"
    " block_s, block_hash, added_ms, is_by_contract FROM attestation ORDER BY added_ms, uid";
static const char SCHEMA_SAVE[] =
    "INSERT OR REPLACE INTO attestation_schema (uid, resolver, is_revocable, text)"
    " VALUES (?1, ?2, ?3, ?4)";
static const char SCHEMA_LOAD[] =
    "SELECT uid, resolver, is_revocable, text FROM attestation_schema ORDER BY uid";
static const char LEAVES_SAVE[] =
    "INSERT OR REPLACE INTO attestation_leaves (root, leaves) VALUES (?1, ?2)";
static const char LEAVES_LOAD[] = "SELECT root, leaves FROM attestation_leaves";
static const char SCAN_SET[] =
    "INSERT OR REPLACE INTO attestation_scan (one, block) VALUES (1, ?1)";
static const char SCAN_LOAD[] = "SELECT block FROM attestation_scan";
static const char DID_SAVE[] =
    "INSERT OR REPLACE INTO own_did (identity, changed, alert, alert_ms, text)"
    " VALUES (?1, ?2, ?3, ?4, ?5)";
static const char DID_LOAD[] = "SELECT identity, changed, alert, alert_ms, text FROM own_did";

/* An empty blob, not NULL. */
static void bind_bytes(sqlite3_stmt *stmt, int i, ht_bytes bytes) {
    sqlite3_bind_blob64(stmt, i, bytes.n > 0 ? (const void *)bytes.p : "", bytes.n,
                        SQLITE_TRANSIENT);
}

static void bind_text(sqlite3_stmt *stmt, int i, const char *text) {
    sqlite3_bind_text(stmt, i, text, -1, SQLITE_STATIC);
}

/* Strangers' numbers may be over 2^63. */
static void bind_u64(sqlite3_stmt *stmt, int i, uint64_t value) {
    uint8_t bytes[8];
    for (size_t k = 0; k < 8; k++) bytes[k] = (uint8_t)(value >> (56 - 8 * k));
    bind_bytes(stmt, i, HT_BYTES(bytes));
}

static ht_bytes read_view(sqlite3_stmt *stmt, int i) {
    return ht_bytes_of(sqlite3_column_blob(stmt, i), (size_t)sqlite3_column_bytes(stmt, i));
}

/* Columns of a fixed size have a CHECK, which a damaged file need not respect. */
static void read_bytes(uint8_t *out, size_t n, sqlite3_stmt *stmt, int i) {
    ht_bytes view = read_view(stmt, i);
    memset(out, 0, n);
    if (view.n == n) memcpy(out, view.p, n);
}

static uint64_t read_u64(sqlite3_stmt *stmt, int i) {
    uint8_t bytes[8];
    uint64_t value = 0;
    read_bytes(bytes, sizeof bytes, stmt, i);
    for (size_t k = 0; k < 8; k++) value = value << 8 | bytes[k];
    return value;
}

static const char *read_text(sqlite3_stmt *stmt, int i) {
    const char *text = (const char *)sqlite3_column_text(stmt, i);
    return text != NULL ? text : "";
}

/* Runs a statement that gives no rows, and ends it. */
static enum ht_err run(sqlite3_stmt *stmt, sqlite3 *db, const char *what, struct ht_why *why) {
    enum ht_err err = HT_OK;
    if (sqlite3_step(stmt) != SQLITE_DONE) err = ht_db_fail(why, db, what);
    sqlite3_finalize(stmt);
    return err;
}

/* Ends a reading whose last step gave rc. */
static enum ht_err end_reading(sqlite3_stmt *stmt, sqlite3 *db, enum ht_err err, int rc,
                               const char *what, struct ht_why *why) {
    if (err == HT_OK && rc != SQLITE_DONE) err = ht_db_fail(why, db, what);
    sqlite3_finalize(stmt);
    return err;
}

/* --- attestations ----------------------------------------------------------------------------- */

enum ht_err ht_attest_sql_save(sqlite3 *db, const struct ht_attest_row *row, struct ht_why *why) {
    sqlite3_stmt *stmt;
    enum ht_err err = ht_db_prepare(&stmt, db, SAVE, why);
    if (err != HT_OK) return err;
    const struct ht_attestation *attestation = &row->attestation;
    bind_bytes(stmt, 1, HT_BYTES(attestation->attester.b));
    bind_bytes(stmt, 2, HT_BYTES(attestation->uid.b));
    bind_bytes(stmt, 3, HT_BYTES(attestation->schema.b));
    bind_bytes(stmt, 4, HT_BYTES(attestation->ref_uid.b));
    bind_bytes(stmt, 5, HT_BYTES(attestation->recipient.b));
    bind_u64(stmt, 6, attestation->time);
    bind_u64(stmt, 7, attestation->expiration_time);
    bind_u64(stmt, 8, attestation->revocation_time);
    sqlite3_bind_int(stmt, 9, attestation->is_revocable ? 1 : 0);
    bind_bytes(stmt, 10, attestation->data);
    sqlite3_bind_int(stmt, 11, row->is_onchain ? 1 : 0);
    bind_bytes(stmt, 12, row->package);
    sqlite3_bind_int(stmt, 13, row->standing);
    bind_text(stmt, 14, row->code);
    bind_text(stmt, 15, row->why);
    sqlite3_bind_int(stmt, 16, row->has_block ? 1 : 0);
    sqlite3_bind_int(stmt, 17, row->is_final ? 1 : 0);
    sqlite3_bind_int64(stmt, 18, (sqlite3_int64)row->block);
    sqlite3_bind_int64(stmt, 19, (sqlite3_int64)row->block_s);
    bind_bytes(stmt, 20, HT_BYTES(row->block_hash.b));
    sqlite3_bind_int64(stmt, 21, row->added_ms);
    sqlite3_bind_int(stmt, 22, row->is_by_contract ? 1 : 0);
    return run(stmt, db, "keep an attestation", why);
}

enum ht_err ht_attest_sql_delete(sqlite3 *db, const ht_addr20 *attester, const ht_hash32 *uid,
                                 struct ht_why *why) {
    sqlite3_stmt *stmt;
    enum ht_err err = ht_db_prepare(&stmt, db, REMOVE, why);
    if (err != HT_OK) return err;
    bind_bytes(stmt, 1, HT_BYTES(attester->b));
    bind_bytes(stmt, 2, HT_BYTES(uid->b));
    return run(stmt, db, "forget an attestation", why);
}

static void read_row(struct ht_attest_row *row, sqlite3_stmt *stmt) {
    struct ht_attestation *attestation = &row->attestation;
    read_bytes(attestation->attester.b, 20, stmt, 0);
    read_bytes(attestation->uid.b, 32, stmt, 1);
    read_bytes(attestation->schema.b, 32, stmt, 2);
    read_bytes(attestation->ref_uid.b, 32, stmt, 3);
    read_bytes(attestation->recipient.b, 20, stmt, 4);
    attestation->time = read_u64(stmt, 5);
    attestation->expiration_time = read_u64(stmt, 6);
    attestation->revocation_time = read_u64(stmt, 7);
    attestation->is_revocable = sqlite3_column_int(stmt, 8) != 0;
    attestation->data = read_view(stmt, 9);
    row->is_onchain = sqlite3_column_int(stmt, 10) != 0;
    row->package = read_view(stmt, 11);
    row->standing = sqlite3_column_int(stmt, 12);
    row->code = read_text(stmt, 13);
    row->why = read_text(stmt, 14);
    row->has_block = sqlite3_column_int(stmt, 15) != 0;
    row->is_final = sqlite3_column_int(stmt, 16) != 0;
    row->block = (uint64_t)sqlite3_column_int64(stmt, 17);
    row->block_s = (uint64_t)sqlite3_column_int64(stmt, 18);
    read_bytes(row->block_hash.b, 32, stmt, 19);
    row->added_ms = sqlite3_column_int64(stmt, 20);
    row->is_by_contract = sqlite3_column_int(stmt, 21) != 0;
}

enum ht_err ht_attest_sql_load(sqlite3 *db, ht_attest_row_each *each, void *user,
                               struct ht_why *why) {
    sqlite3_stmt *stmt;
    int rc = SQLITE_DONE;
    enum ht_err err = ht_db_prepare(&stmt, db, LOAD, why);
    if (err != HT_OK) return err;
    while (err == HT_OK && (rc = sqlite3_step(stmt)) == SQLITE_ROW) {
        struct ht_attest_row row = {0};
        read_row(&row, stmt);
        err = each(user, &row);
    }
    return end_reading(stmt, db, err, rc, "read the attestations", why);
}

/* --- schemas, leaves, how far it was looked ----------------------------------------------------*/

enum ht_err ht_eas_schema_sql_save(sqlite3 *db, const struct ht_eas_schema_row *row,
                                   struct ht_why *why) {
    sqlite3_stmt *stmt;
    enum ht_err err = ht_db_prepare(&stmt, db, SCHEMA_SAVE, why);
    if (err != HT_OK) return err;
    bind_bytes(stmt, 1, HT_BYTES(row->uid.b));
    bind_bytes(stmt, 2, HT_BYTES(row->resolver.b));
    sqlite3_bind_int(stmt, 3, row->is_revocable ? 1 : 0);
    bind_bytes(stmt, 4, row->text);
    return run(stmt, db, "keep a schema", why);
}

enum ht_err ht_eas_schema_sql_load(sqlite3 *db, ht_eas_schema_each *each, void *user,
                                   struct ht_why *why) {
    sqlite3_stmt *stmt;
    int rc = SQLITE_DONE;
    enum ht_err err = ht_db_prepare(&stmt, db, SCHEMA_LOAD, why);
    if (err != HT_OK) return err;
    while (err == HT_OK && (rc = sqlite3_step(stmt)) == SQLITE_ROW) {
        struct ht_eas_schema_row row = {.is_revocable = sqlite3_column_int(stmt, 2) != 0,
                                        .text = read_view(stmt, 3)};
        read_bytes(row.uid.b, 32, stmt, 0);
        read_bytes(row.resolver.b, 20, stmt, 1);
        err = each(user, &row);
    }
    return end_reading(stmt, db, err, rc, "read the schemas", why);
}

enum ht_err ht_eas_leaves_sql_save(sqlite3 *db, const ht_hash32 *root, ht_bytes leaves,
                                   struct ht_why *why) {
    sqlite3_stmt *stmt;
    enum ht_err err = ht_db_prepare(&stmt, db, LEAVES_SAVE, why);
    if (err != HT_OK) return err;
    bind_bytes(stmt, 1, HT_BYTES(root->b));
    bind_bytes(stmt, 2, leaves);
    return run(stmt, db, "keep private data", why);
}

enum ht_err ht_eas_leaves_sql_load(sqlite3 *db, ht_eas_leaves_each *each, void *user,
                                   struct ht_why *why) {
    sqlite3_stmt *stmt;
    int rc = SQLITE_DONE;
    enum ht_err err = ht_db_prepare(&stmt, db, LEAVES_LOAD, why);
    if (err != HT_OK) return err;
    while (err == HT_OK && (rc = sqlite3_step(stmt)) == SQLITE_ROW) {
        ht_hash32 root;
        read_bytes(root.b, 32, stmt, 0);
        err = each(user, &root, read_view(stmt, 1));
    }
    return end_reading(stmt, db, err, rc, "read private data", why);
}

enum ht_err ht_attest_sql_set_scanned(sqlite3 *db, uint64_t block, struct ht_why *why) {
    sqlite3_stmt *stmt;
    enum ht_err err = ht_db_prepare(&stmt, db, SCAN_SET, why);
    if (err != HT_OK) return err;
    sqlite3_bind_int64(stmt, 1, (sqlite3_int64)block);
    return run(stmt, db, "keep how far logs were looked through", why);
}

enum ht_err ht_attest_sql_scanned(sqlite3 *db, uint64_t *block, struct ht_why *why) {
    sqlite3_stmt *stmt;
    enum ht_err err = ht_db_prepare(&stmt, db, SCAN_LOAD, why);
    if (err != HT_OK) return err;
    int rc = sqlite3_step(stmt);
    if (rc == SQLITE_ROW) {
        *block = (uint64_t)sqlite3_column_int64(stmt, 0);
    } else if (rc == SQLITE_DONE) {
        err = ht_fail(why, HT_ENOTFOUND, "no_scan", "no logs were looked through yet");
    } else {
        err = ht_db_fail(why, db, "read how far logs were looked through");
    }
    sqlite3_finalize(stmt);
    return err;
}

/* --- DIDs of ours ----------------------------------------------------------------------------- */

enum ht_err ht_did_sql_save(sqlite3 *db, const struct ht_did_row *row, struct ht_why *why) {
    sqlite3_stmt *stmt;
    enum ht_err err = ht_db_prepare(&stmt, db, DID_SAVE, why);
    if (err != HT_OK) return err;
    bind_bytes(stmt, 1, HT_BYTES(row->identity.b));
    sqlite3_bind_int64(stmt, 2, (sqlite3_int64)row->changed);
    sqlite3_bind_int64(stmt, 3, (sqlite3_int64)row->alert);
    sqlite3_bind_int64(stmt, 4, row->alert_ms);
    bind_text(stmt, 5, row->text);
    return run(stmt, db, "keep a DID's state", why);
}

enum ht_err ht_did_sql_load(sqlite3 *db, ht_did_each *each, void *user, struct ht_why *why) {
    sqlite3_stmt *stmt;
    int rc = SQLITE_DONE;
    enum ht_err err = ht_db_prepare(&stmt, db, DID_LOAD, why);
    if (err != HT_OK) return err;
    while (err == HT_OK && (rc = sqlite3_step(stmt)) == SQLITE_ROW) {
        struct ht_did_row row = {.changed = (uint64_t)sqlite3_column_int64(stmt, 1),
                                 .alert = (uint64_t)sqlite3_column_int64(stmt, 2),
                                 .alert_ms = sqlite3_column_int64(stmt, 3),
                                 .text = read_text(stmt, 4)};
        read_bytes(row.identity.b, 20, stmt, 0);
        err = each(user, &row);
    }
    return end_reading(stmt, db, err, rc, "read DIDs", why);
}
