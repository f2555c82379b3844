/* Every statement on communities and proposals. */
#include "governance/community/community_sql.h"

const char ht_community_schema_sql[] =
    "CREATE TABLE dao ("
    "  address BLOB PRIMARY KEY CHECK (length(address) = 20),"
    "  label TEXT NOT NULL,"
    "  name TEXT NOT NULL,"
    "  token_symbol TEXT NOT NULL,"
    "  added_ms INTEGER NOT NULL,"
    "  standing INTEGER NOT NULL,"
    "  profile TEXT,"
    "  scanned_from INTEGER,"
    "  scanned_to INTEGER,"
    "  is_enumerated INTEGER NOT NULL,"
    "  asked_from INTEGER,"
    "  asked_to INTEGER"
    ") STRICT;"
    "CREATE TABLE dao_proposal ("
    "  dao BLOB NOT NULL REFERENCES dao (address) ON DELETE CASCADE CHECK (length(dao) = 20),"
    "  id BLOB NOT NULL CHECK (length(id) = 32),"
    "  data BLOB,"
    "  is_certified INTEGER NOT NULL,"
    "  block INTEGER,"
    "  time_s INTEGER,"
    "  tx BLOB CHECK (length(tx) = 32),"
    "  told INTEGER NOT NULL,"
    "  seen TEXT,"
    "  PRIMARY KEY (dao, id)"
    ") STRICT;";

static const char SAVE[] =
    "INSERT INTO dao (address, label, name, token_symbol, added_ms, standing, profile,"
    " scanned_from, scanned_to, is_enumerated, asked_from, asked_to)"
    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)"
    " ON CONFLICT (address) DO UPDATE SET label = ?2, name = ?3, token_symbol = ?4,"
    " standing = ?6, profile = ?7, scanned_from = ?8, scanned_to = ?9, is_enumerated = ?10,"
    " asked_from = ?11, asked_to = ?12";
static const char REMOVE[] = "DELETE FROM dao WHERE address = ?1";
static const char LOAD[] =
    "SELECT address, label, name, token_symbol, added_ms, standing, profile, scanned_from,"
    " scanned_to, is_enumerated, asked_from, asked_to FROM dao ORDER BY added_ms, address";
static const char ITEM_SAVE[] =
    "INSERT INTO dao_proposal (dao, id, data, is_certified, block, time_s, tx, told, seen)"
    " SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9 FROM dao WHERE address = ?1"
    " ON CONFLICT (dao, id) DO UPDATE SET data = ifnull(?3, data), is_certified = ?4,"
    " block = ifnull(?5, block), time_s = ifnull(?6, time_s), tx = ifnull(?7, tx), told = ?8,"
    " seen = ifnull(?9, seen)";
static const char ITEM_LOAD[] =
    "SELECT dao, id, data, is_certified, block, time_s, tx, told, seen FROM dao_proposal";
static const char ITEM_DATA[] = "SELECT data FROM dao_proposal WHERE dao = ?1 AND id = ?2";

static void bind_bytes(sqlite3_stmt *stmt, int i, ht_bytes bytes) {
    sqlite3_bind_blob64(stmt, i, bytes.n > 0 ? bytes.p : (const uint8_t *)"", bytes.n,
                        SQLITE_STATIC);
}

static void bind_text(sqlite3_stmt *stmt, int i, const char *text) {
    if (text != NULL) sqlite3_bind_text(stmt, i, text, -1, SQLITE_STATIC);
}

static const char *read_text(sqlite3_stmt *stmt, int i) {
    return (const char *)sqlite3_column_text(stmt, i);
}

static bool read_bytes(uint8_t *out, size_t n, sqlite3_stmt *stmt, int i) {
    memset(out, 0, n);
    if ((size_t)sqlite3_column_bytes(stmt, i) != n) return false;
    memcpy(out, sqlite3_column_blob(stmt, i), n);
    return true;
}

static enum ht_err run(sqlite3_stmt *stmt, sqlite3 *db, const char *doing, struct ht_why *why) {
    enum ht_err err = HT_OK;
    if (sqlite3_step(stmt) != SQLITE_DONE) err = ht_db_fail(why, db, doing);
    sqlite3_finalize(stmt);
    return err;
}

/* --- communities ------------------------------------------------------------------------------ */

enum ht_err ht_community_sql_save(sqlite3 *db, const struct ht_community_row *row,
                                  struct ht_why *why) {
    sqlite3_stmt *stmt;
    enum ht_err err = ht_db_prepare(&stmt, db, SAVE, why);
    if (err != HT_OK) return err;
    bind_bytes(stmt, 1, HT_BYTES(row->address.b));
    bind_text(stmt, 2, row->label);
    bind_text(stmt, 3, row->name);
    bind_text(stmt, 4, row->token_symbol);
    sqlite3_bind_int64(stmt, 5, row->added_ms);
    sqlite3_bind_int(stmt, 6, row->standing);
    bind_text(stmt, 7, row->profile);
    if (row->has_scanned) {
        sqlite3_bind_int64(stmt, 8, (int64_t)row->scanned_from);
        sqlite3_bind_int64(stmt, 9, (int64_t)row->scanned_to);
    }
    sqlite3_bind_int(stmt, 10, row->is_enumerated ? 1 : 0);
    if (row->has_asked) {
        sqlite3_bind_int64(stmt, 11, (int64_t)row->asked_from);
        sqlite3_bind_int64(stmt, 12, (int64_t)row->asked_to);
    }
    return run(stmt, db, "keep a community", why);
}

enum ht_err ht_community_sql_delete(sqlite3 *db, const ht_addr20 *address, struct ht_why *why) {
    sqlite3_stmt *stmt;
    enum ht_err err = ht_db_prepare(&stmt, db, REMOVE, why);
    if (err != HT_OK) return err;
    bind_bytes(stmt, 1, HT_BYTES(address->b));
    return run(stmt, db, "forget a community", why);
}

enum ht_err ht_community_sql_load(sqlite3 *db, ht_community_each *each, void *user,
                                  struct ht_why *why) {
    sqlite3_stmt *stmt;
    int rc = SQLITE_DONE;
    enum ht_err err = ht_db_prepare(&stmt, db, LOAD, why);
    if (err != HT_OK) return err;
    while (err == HT_OK && (rc = sqlite3_step(stmt)) == SQLITE_ROW) {
        struct ht_community_row row = {
            .label = read_text(stmt, 1),
            .name = read_text(stmt, 2),
            .token_symbol = read_text(stmt, 3),
            .added_ms = sqlite3_column_int64(stmt, 4),
            .standing = sqlite3_column_int(stmt, 5),
            .profile = read_text(stmt, 6),
            .has_scanned = sqlite3_column_type(stmt, 7) != SQLITE_NULL,
            .scanned_from = (uint64_t)sqlite3_column_int64(stmt, 7),
            .scanned_to = (uint64_t)sqlite3_column_int64(stmt, 8),
            .is_enumerated = sqlite3_column_int(stmt, 9) != 0,
            .has_asked = sqlite3_column_type(stmt, 10) != SQLITE_NULL,
            .asked_from = (uint64_t)sqlite3_column_int64(stmt, 10),
            .asked_to = (uint64_t)sqlite3_column_int64(stmt, 11),
        };
        if (read_bytes(row.address.b, sizeof row.address.b, stmt, 0)) err = each(user, &row);
    }
    if (err == HT_OK && rc != SQLITE_DONE) err = ht_db_fail(why, db, "read the communities");
    sqlite3_finalize(stmt);
    return err;
}

/* --- proposals -------------------------------------------------------------------------------- */

static void bind_id(sqlite3_stmt *stmt, int i, uint8_t room[static 32], const ht_u256 *id) {
    ht_u256_to_be(room, id);
    bind_bytes(stmt, i, ht_bytes_of(room, 32));
}

enum ht_err ht_gov_item_sql_save(sqlite3 *db, const struct ht_gov_item_row *row,
                                 struct ht_why *why) {
    uint8_t id[32];
    sqlite3_stmt *stmt;
    enum ht_err err = ht_db_prepare(&stmt, db, ITEM_SAVE, why);
    if (err != HT_OK) return err;
    bind_bytes(stmt, 1, HT_BYTES(row->community.b));
    bind_id(stmt, 2, id, &row->id);
    if (row->has_data) bind_bytes(stmt, 3, row->data);
    sqlite3_bind_int(stmt, 4, row->is_certified ? 1 : 0);
    if (row->has_block) {
        sqlite3_bind_int64(stmt, 5, (int64_t)row->block);
        sqlite3_bind_int64(stmt, 6, (int64_t)row->time_s);
        bind_bytes(stmt, 7, HT_BYTES(row->tx.b));
    }
    sqlite3_bind_int64(stmt, 8, row->told);
    bind_text(stmt, 9, row->seen);
    return run(stmt, db, "keep a proposal", why);
}

static bool read_item(struct ht_gov_item_row *row, sqlite3_stmt *stmt) {
    uint8_t id[32];
    *row = (struct ht_gov_item_row){
        .has_data = sqlite3_column_type(stmt, 2) != SQLITE_NULL,
        .is_certified = sqlite3_column_int(stmt, 3) != 0,
        .has_block = sqlite3_column_type(stmt, 4) != SQLITE_NULL,
        .block = (uint64_t)sqlite3_column_int64(stmt, 4),
        .time_s = (uint64_t)sqlite3_column_int64(stmt, 5),
        .told = (unsigned)sqlite3_column_int(stmt, 7),
        .seen = read_text(stmt, 8),
    };
    row->data = ht_bytes_of(sqlite3_column_blob(stmt, 2), (size_t)sqlite3_column_bytes(stmt, 2));
    (void)read_bytes(row->tx.b, sizeof row->tx.b, stmt, 6);
    if (!read_bytes(id, sizeof id, stmt, 1)) return false;
    row->id = ht_u256_from_be32(id);
    return read_bytes(row->community.b, sizeof row->community.b, stmt, 0);
}

enum ht_err ht_gov_item_sql_load(sqlite3 *db, ht_gov_item_each *each, void *user,
                                 struct ht_why *why) {
    sqlite3_stmt *stmt;
    int rc = SQLITE_DONE;
    enum ht_err err = ht_db_prepare(&stmt, db, ITEM_LOAD, why);
    if (err != HT_OK) return err;
    while (err == HT_OK && (rc = sqlite3_step(stmt)) == SQLITE_ROW) {
        struct ht_gov_item_row row;
        if (read_item(&row, stmt)) err = each(user, &row);
    }
    if (err == HT_OK && rc != SQLITE_DONE) err = ht_db_fail(why, db, "read the proposals");
    sqlite3_finalize(stmt);
    return err;
}

enum ht_err ht_gov_item_sql_data(sqlite3 *db, struct ht_buf *out, const ht_addr20 *community,
                                 const ht_u256 *id, struct ht_why *why) {
    uint8_t room[32];
    sqlite3_stmt *stmt;
    enum ht_err err = ht_db_prepare(&stmt, db, ITEM_DATA, why);
    if (err != HT_OK) return err;
    bind_bytes(stmt, 1, HT_BYTES(community->b));
    bind_id(stmt, 2, room, id);
    int rc = sqlite3_step(stmt);
    bool has_data = rc == SQLITE_ROW && sqlite3_column_type(stmt, 0) != SQLITE_NULL;
    if (has_data) {
        size_t n = (size_t)sqlite3_column_bytes(stmt, 0);
        err = ht_buf_add(out, ht_bytes_of(sqlite3_column_blob(stmt, 0), n));
        if (err != HT_OK) (void)ht_fail(why, err, "no_memory", "out of memory");
    } else if (rc == SQLITE_ROW || rc == SQLITE_DONE) {
        err = ht_fail(why, HT_ENOTFOUND, "no_text", "what was proposed is not known here yet");
    } else {
        err = ht_db_fail(why, db, "read a proposal");
    }
    sqlite3_finalize(stmt);
    return err;
}
