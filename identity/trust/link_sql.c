/* Statements on links. */
#include "identity/trust/link_sql.h"

#include <stdio.h>

const char ht_id_link_schema_sql[] = "CREATE TABLE nostr_link ("
                                     "  pubkey BLOB NOT NULL CHECK (length(pubkey) = 32),"
                                     "  address BLOB NOT NULL CHECK (length(address) = 20),"
                                     "  chain_id INTEGER NOT NULL,"
                                     "  issued INTEGER NOT NULL,"
                                     "  event_id BLOB NOT NULL CHECK (length(event_id) = 32),"
                                     "  created_at INTEGER NOT NULL,"
                                     "  signature BLOB NOT NULL,"
                                     "  signer BLOB CHECK (signer IS NULL OR length(signer) = 20),"
                                     "  was_linked INTEGER NOT NULL,"
                                     "  state INTEGER NOT NULL,"
                                     "  owner BLOB CHECK (owner IS NULL OR length(owner) = 20),"
                                     "  block INTEGER NOT NULL,"
                                     "  block_s INTEGER NOT NULL,"
                                     "  block_hash BLOB NOT NULL CHECK (length(block_hash) = 32),"
                                     "  code TEXT NOT NULL,"
                                     "  why TEXT NOT NULL,"
                                     "  PRIMARY KEY (pubkey, address)) STRICT, WITHOUT ROWID;";

static const char SAVE[] =
    "INSERT OR REPLACE INTO nostr_link (pubkey, address, chain_id, issued, event_id, created_at,"
    " signature, signer, was_linked, state, owner, block, block_s, block_hash, code, why)"
    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)";
static const char REMOVE[] = "DELETE FROM nostr_link WHERE pubkey = ?1 AND address = ?2";
static const char LOAD[] =
    "SELECT pubkey, address, chain_id, issued, event_id, created_at, signature, signer, was_linked,"
    " state, owner, block, block_s, block_hash, code, why FROM nostr_link WHERE chain_id = ?1"
    " ORDER BY created_at, event_id";

static void bind_bytes(sqlite3_stmt *stmt, int i, ht_bytes bytes) {
    sqlite3_bind_blob64(stmt, i, bytes.n > 0 ? bytes.p : (const uint8_t *)"", bytes.n,
                        SQLITE_STATIC);
}

static bool read_bytes(uint8_t *out, size_t n, sqlite3_stmt *stmt, int i) {
    memset(out, 0, n);
    if ((size_t)sqlite3_column_bytes(stmt, i) != n) return false;
    memcpy(out, sqlite3_column_blob(stmt, i), n);
    return true;
}

enum ht_err ht_id_link_sql_save(sqlite3 *db, const struct ht_id_link *link, struct ht_why *why) {
    sqlite3_stmt *stmt;
    enum ht_err err = ht_db_prepare(&stmt, db, SAVE, why);
    if (err != HT_OK) return err;
    bind_bytes(stmt, 1, HT_BYTES(link->claim.pubkey.b));
    bind_bytes(stmt, 2, HT_BYTES(link->claim.address.b));
    sqlite3_bind_int64(stmt, 3, (int64_t)link->claim.chain_id);
    sqlite3_bind_int64(stmt, 4, (int64_t)link->claim.issued);
    bind_bytes(stmt, 5, HT_BYTES(link->event_id.b));
    sqlite3_bind_int64(stmt, 6, link->created_at);
    bind_bytes(stmt, 7, link->signature);
    if (link->has_signer) bind_bytes(stmt, 8, HT_BYTES(link->signer.b));
    sqlite3_bind_int(stmt, 9, link->was_linked ? 1 : 0);
    sqlite3_bind_int(stmt, 10, (int)link->state);
    if (link->has_block) bind_bytes(stmt, 11, HT_BYTES(link->owner.b));
    sqlite3_bind_int64(stmt, 12, (int64_t)link->block);
    sqlite3_bind_int64(stmt, 13, (int64_t)link->block_s);
    bind_bytes(stmt, 14, HT_BYTES(link->block_hash.b));
    sqlite3_bind_text(stmt, 15, link->code, -1, SQLITE_STATIC);
    sqlite3_bind_text(stmt, 16, link->why, -1, SQLITE_STATIC);
    if (sqlite3_step(stmt) != SQLITE_DONE) err = ht_db_fail(why, db, "keep a link");
    sqlite3_finalize(stmt);
    return err;
}

enum ht_err ht_id_link_sql_delete(sqlite3 *db, const ht_hash32 *pubkey, const ht_addr20 *address,
                                  struct ht_why *why) {
    sqlite3_stmt *stmt;
    enum ht_err err = ht_db_prepare(&stmt, db, REMOVE, why);
    if (err != HT_OK) return err;
    bind_bytes(stmt, 1, HT_BYTES(pubkey->b));
    bind_bytes(stmt, 2, HT_BYTES(address->b));
    if (sqlite3_step(stmt) != SQLITE_DONE) err = ht_db_fail(why, db, "forget a link");
    sqlite3_finalize(stmt);
    return err;
}

/* A state that this version does not know was not looked at by it. */
static enum ht_id_link_state state_of(int value) {
    bool is_known = value >= HT_ID_LINK_UNVERIFIED && value <= HT_ID_LINK_NOT_SIGNED;
    return is_known ? (enum ht_id_link_state)value : HT_ID_LINK_UNVERIFIED;
}

static void read_row(struct ht_id_link *link, sqlite3_stmt *stmt) {
    *link = (struct ht_id_link){
        .claim = {.chain_id = (uint64_t)sqlite3_column_int64(stmt, 2),
                  .issued = (uint64_t)sqlite3_column_int64(stmt, 3)},
        .created_at = sqlite3_column_int64(stmt, 5),
        .signature =
            ht_bytes_of(sqlite3_column_blob(stmt, 6), (size_t)sqlite3_column_bytes(stmt, 6)),
        .was_linked = sqlite3_column_int(stmt, 8) != 0,
        .state = state_of(sqlite3_column_int(stmt, 9)),
        .block = (uint64_t)sqlite3_column_int64(stmt, 11),
        .block_s = (uint64_t)sqlite3_column_int64(stmt, 12),
    };
    (void)read_bytes(link->claim.pubkey.b, 32, stmt, 0);
    (void)read_bytes(link->claim.address.b, 20, stmt, 1);
    (void)read_bytes(link->event_id.b, 32, stmt, 4);
    link->has_signer = read_bytes(link->signer.b, 20, stmt, 7);
    link->has_block = read_bytes(link->owner.b, 20, stmt, 10);
    (void)read_bytes(link->block_hash.b, 32, stmt, 13);
    (void)snprintf(link->code, sizeof link->code, "%s", sqlite3_column_text(stmt, 14));
    (void)snprintf(link->why, sizeof link->why, "%s", sqlite3_column_text(stmt, 15));
}

enum ht_err ht_id_link_sql_load(sqlite3 *db, uint64_t chain_id, ht_id_link_each *each, void *user,
                                struct ht_why *why) {
    sqlite3_stmt *stmt;
    int rc = SQLITE_DONE;
    enum ht_err err = ht_db_prepare(&stmt, db, LOAD, why);
    if (err != HT_OK) return err;
    sqlite3_bind_int64(stmt, 1, (int64_t)chain_id);
    while (err == HT_OK && (rc = sqlite3_step(stmt)) == SQLITE_ROW) {
        struct ht_id_link link;
        read_row(&link, stmt);
        err = each(user, &link);
    }
    if (err == HT_OK && rc != SQLITE_DONE) err = ht_db_fail(why, db, "read the links");
    sqlite3_finalize(stmt);
    return err;
}
