/* Every statement on ballots. */
#include "governance/ballots/ballot_sql.h"

const char ht_gov_ballots_schema_sql[] = "CREATE TABLE dao_ballot ("
                                         "  id BLOB PRIMARY KEY CHECK (length(id) = 32),"
                                         "  dao BLOB NOT NULL CHECK (length(dao) = 20),"
                                         "  proposal BLOB NOT NULL CHECK (length(proposal) = 32),"
                                         "  voter BLOB NOT NULL CHECK (length(voter) = 20),"
                                         "  created_at INTEGER NOT NULL,"
                                         "  ballot TEXT NOT NULL,"
                                         "  UNIQUE (dao, proposal, voter)"
                                         ") STRICT;";

static const char SAVE[] =
    "INSERT OR REPLACE INTO dao_ballot (id, dao, proposal, voter, created_at, ballot)"
    " VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
static const char REMOVE[] = "DELETE FROM dao_ballot WHERE id = ?1";
static const char LOAD[] =
    "SELECT id, dao, proposal, voter, created_at, ballot FROM dao_ballot ORDER BY created_at, id";

static enum ht_err run(sqlite3_stmt *stmt, sqlite3 *db, const char *doing, struct ht_why *why) {
    enum ht_err err = HT_OK;
    if (sqlite3_step(stmt) != SQLITE_DONE) err = ht_db_fail(why, db, doing);
    sqlite3_finalize(stmt);
    return err;
}

enum ht_err ht_gov_ballot_sql_save(sqlite3 *db, const struct ht_gov_ballot_row *row,
                                   struct ht_why *why) {
    sqlite3_stmt *stmt;
    uint8_t proposal[32];
    enum ht_err err = ht_db_prepare(&stmt, db, SAVE, why);
    if (err != HT_OK) return err;
    ht_u256_to_be(proposal, &row->proposal);
    sqlite3_bind_blob(stmt, 1, row->id.b, sizeof row->id.b, SQLITE_STATIC);
    sqlite3_bind_blob(stmt, 2, row->governor.b, sizeof row->governor.b, SQLITE_STATIC);
    sqlite3_bind_blob(stmt, 3, proposal, sizeof proposal, SQLITE_STATIC);
    sqlite3_bind_blob(stmt, 4, row->voter.b, sizeof row->voter.b, SQLITE_STATIC);
    sqlite3_bind_int64(stmt, 5, row->created_at);
    sqlite3_bind_text(stmt, 6, row->json, -1, SQLITE_STATIC);
    return run(stmt, db, "keep a ballot", why);
}

enum ht_err ht_gov_ballot_sql_delete(sqlite3 *db, const ht_hash32 *id, struct ht_why *why) {
    sqlite3_stmt *stmt;
    enum ht_err err = ht_db_prepare(&stmt, db, REMOVE, why);
    if (err != HT_OK) return err;
    sqlite3_bind_blob(stmt, 1, id->b, sizeof id->b, SQLITE_STATIC);
    return run(stmt, db, "drop a ballot", why);
}

static bool read_bytes(uint8_t *out, size_t n, sqlite3_stmt *stmt, int i) {
    if ((size_t)sqlite3_column_bytes(stmt, i) != n) return false;
    memcpy(out, sqlite3_column_blob(stmt, i), n);
    return true;
}

enum ht_err ht_gov_ballot_sql_load(sqlite3 *db, ht_gov_ballot_each *each, void *user,
                                   struct ht_why *why) {
    sqlite3_stmt *stmt;
    int rc = SQLITE_DONE;
    enum ht_err err = ht_db_prepare(&stmt, db, LOAD, why);
    if (err != HT_OK) return err;
    while (err == HT_OK && (rc = sqlite3_step(stmt)) == SQLITE_ROW) {
        uint8_t proposal[32];
        struct ht_gov_ballot_row row = {.created_at = sqlite3_column_int64(stmt, 4),
                                        .json = (const char *)sqlite3_column_text(stmt, 5)};
        bool is_whole = read_bytes(row.id.b, sizeof row.id.b, stmt, 0) &&
                        read_bytes(row.governor.b, sizeof row.governor.b, stmt, 1) &&
                        read_bytes(proposal, sizeof proposal, stmt, 2) &&
                        read_bytes(row.voter.b, sizeof row.voter.b, stmt, 3) && row.json != NULL;
        if (!is_whole) continue;
        row.proposal = ht_u256_from_be32(proposal);
        err = each(user, &row);
    }
    if (err == HT_OK && rc != SQLITE_DONE) err = ht_db_fail(why, db, "read the ballots");
    sqlite3_finalize(stmt);
    return err;
}
