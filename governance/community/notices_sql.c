/* Every statement on notices. */
#include "governance/community/notices_sql.h"

const char ht_gov_notice_schema_sql[] = "CREATE TABLE dao_notice ("
                                        "  id INTEGER PRIMARY KEY AUTOINCREMENT,"
                                        "  kind TEXT NOT NULL,"
                                        "  text TEXT NOT NULL,"
                                        "  dao BLOB NOT NULL CHECK (length(dao) = 20),"
                                        "  proposal BLOB CHECK (length(proposal) = 32),"
                                        "  at_ms INTEGER NOT NULL,"
                                        "  is_read INTEGER NOT NULL"
                                        ") STRICT;";

/* Outlives the notice, so that an old vote is not news again. */
const char ht_gov_notice_vote_schema_sql[] =
    "CREATE TABLE dao_told_vote ("
    "  dao BLOB NOT NULL CHECK (length(dao) = 20),"
    "  proposal BLOB NOT NULL CHECK (length(proposal) = 32),"
    "  voter BLOB NOT NULL CHECK (length(voter) = 20),"
    "  PRIMARY KEY (dao, proposal, voter)"
    ") STRICT, WITHOUT ROWID;";

/* The notice that told it, and whether that said how the vote was cast; what was told before had no
 * other votes than whole ones. */
const char ht_gov_notice_mark_schema_sql[] =
    "ALTER TABLE dao_told_vote ADD COLUMN notice INTEGER;"
    "ALTER TABLE dao_told_vote ADD COLUMN is_whole INTEGER NOT NULL DEFAULT 1;";

static const char TOLD[] = "SELECT notice, is_whole FROM dao_told_vote"
                           " WHERE dao = ?1 AND proposal = ?2 AND voter = ?3";
static const char TELL[] = "INSERT INTO dao_told_vote (dao, proposal, voter, notice, is_whole)"
                           " VALUES (?1, ?2, ?3, ?4, ?5)"
                           " ON CONFLICT (dao, proposal, voter) DO UPDATE SET is_whole = ?5";
static const char COMPLETE[] = "UPDATE dao_notice SET text = ?2 WHERE id = ?1";
static const char ADD[] = "INSERT INTO dao_notice (kind, text, dao, proposal, at_ms, is_read)"
                          " VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
static const char TIDY[] = "DELETE FROM dao_notice WHERE id <= ?1";
static const char READ[] = "UPDATE dao_notice SET is_read = 1 WHERE id <= ?1 AND is_read = 0";
static const char LOAD[] =
    "SELECT id, kind, text, dao, proposal, at_ms, is_read FROM dao_notice ORDER BY id";

static enum ht_err run(sqlite3_stmt *stmt, sqlite3 *db, const char *doing, struct ht_why *why) {
    enum ht_err err = HT_OK;
    if (sqlite3_step(stmt) != SQLITE_DONE) err = ht_db_fail(why, db, doing);
    sqlite3_finalize(stmt);
    return err;
}

static enum ht_err run_with(sqlite3 *db, const char *sql, int64_t number, const char *doing,
                            struct ht_why *why) {
    sqlite3_stmt *stmt;
    enum ht_err err = ht_db_prepare(&stmt, db, sql, why);
    if (err != HT_OK) return err;
    sqlite3_bind_int64(stmt, 1, number);
    return run(stmt, db, doing, why);
}

/* --- votes ------------------------------------------------------------------------------------ */

static enum ht_err prepare_vote(sqlite3_stmt **stmt, sqlite3 *db, const char *sql,
                                const struct ht_gov_notice_row *row, uint8_t proposal[static 32],
                                struct ht_why *why) {
    enum ht_err err = ht_db_prepare(stmt, db, sql, why);
    if (err != HT_OK) return err;
    ht_u256_to_be(proposal, &row->proposal);
    sqlite3_bind_blob(*stmt, 1, row->community.b, sizeof row->community.b, SQLITE_STATIC);
    sqlite3_bind_blob(*stmt, 2, proposal, 32, SQLITE_STATIC);
    sqlite3_bind_blob(*stmt, 3, row->voter.b, sizeof row->voter.b, SQLITE_STATIC);
    return HT_OK;
}

struct told_vote {
    bool is_there, is_whole;
    int64_t notice; /* 0: told before notices were remembered */
};

static enum ht_err read_told(struct told_vote *out, sqlite3 *db,
                             const struct ht_gov_notice_row *row, struct ht_why *why) {
    uint8_t proposal[32];
    sqlite3_stmt *stmt;
    enum ht_err err = prepare_vote(&stmt, db, TOLD, row, proposal, why);
    if (err != HT_OK) return err;
    int rc = sqlite3_step(stmt);
    *out = (struct told_vote){.is_there = rc == SQLITE_ROW};
    if (out->is_there) {
        out->notice = sqlite3_column_int64(stmt, 0);
        out->is_whole = sqlite3_column_int(stmt, 1) != 0;
    } else if (rc != SQLITE_DONE) {
        err = ht_db_fail(why, db, "read whose vote was told");
    }
    sqlite3_finalize(stmt);
    return err;
}

static enum ht_err tell_vote(sqlite3 *db, const struct ht_gov_notice_row *row, int64_t notice,
                             struct ht_why *why) {
    uint8_t proposal[32];
    sqlite3_stmt *stmt;
    enum ht_err err = prepare_vote(&stmt, db, TELL, row, proposal, why);
    if (err != HT_OK) return err;
    sqlite3_bind_int64(stmt, 4, notice);
    sqlite3_bind_int(stmt, 5, row->is_whole ? 1 : 0);
    return run(stmt, db, "keep whose vote was told", why);
}

/* Only the words of the notice that there was become others; none is added. */
static enum ht_err complete(int64_t *id, sqlite3 *db, const struct ht_gov_notice_row *row,
                            int64_t notice, struct ht_why *why) {
    sqlite3_stmt *stmt;
    enum ht_err err = ht_db_prepare(&stmt, db, COMPLETE, why);
    if (err != HT_OK) return err;
    sqlite3_bind_int64(stmt, 1, notice);
    sqlite3_bind_text(stmt, 2, row->text, -1, SQLITE_STATIC);
    err = run(stmt, db, "complete a notice", why);
    if (err == HT_OK && sqlite3_changes(db) > 0) *id = notice;
    return err == HT_OK ? tell_vote(db, row, notice, why) : err;
}

/* --- adding ----------------------------------------------------------------------------------- */

static enum ht_err insert(sqlite3 *db, int64_t *id, const struct ht_gov_notice_row *row,
                          struct ht_why *why) {
    uint8_t proposal[32];
    sqlite3_stmt *stmt;
    enum ht_err err = ht_db_prepare(&stmt, db, ADD, why);
    if (err != HT_OK) return err;
    sqlite3_bind_text(stmt, 1, row->kind, -1, SQLITE_STATIC);
    sqlite3_bind_text(stmt, 2, row->text, -1, SQLITE_STATIC);
    sqlite3_bind_blob(stmt, 3, row->community.b, sizeof row->community.b, SQLITE_STATIC);
    ht_u256_to_be(proposal, &row->proposal);
    if (row->has_proposal) sqlite3_bind_blob(stmt, 4, proposal, sizeof proposal, SQLITE_STATIC);
    sqlite3_bind_int64(stmt, 5, row->at_ms);
    sqlite3_bind_int(stmt, 6, row->is_read ? 1 : 0);
    err = run(stmt, db, "keep a notice", why);
    if (err == HT_OK) *id = sqlite3_last_insert_rowid(db);
    return err;
}

enum ht_err ht_gov_notice_sql_add(sqlite3 *db, int64_t *id, bool *is_new,
                                  const struct ht_gov_notice_row *row, struct ht_why *why) {
    struct told_vote told = {.is_there = false};
    enum ht_err err = row->is_vote ? read_told(&told, db, row, why) : HT_OK;
    *id = 0;
    *is_new = !told.is_there;
    if (err != HT_OK) return err;
    if (told.is_there)
        return told.is_whole || !row->is_whole ? HT_OK : complete(id, db, row, told.notice, why);
    err = insert(db, id, row, why);
    if (err == HT_OK && row->is_vote) err = tell_vote(db, row, *id, why);
    if (err != HT_OK) return err;
    return run_with(db, TIDY, *id - (int64_t)HT_GOV_NOTICES_MAX, "drop old notices", why);
}

enum ht_err ht_gov_notice_sql_read(sqlite3 *db, int64_t up_to, struct ht_why *why) {
    return run_with(db, READ, up_to, "mark notices as read", why);
}

enum ht_err ht_gov_notice_sql_load(sqlite3 *db, ht_gov_notice_each *each, void *user,
                                   struct ht_why *why) {
    sqlite3_stmt *stmt;
    int rc = SQLITE_DONE;
    enum ht_err err = ht_db_prepare(&stmt, db, LOAD, why);
    if (err != HT_OK) return err;
    while (err == HT_OK && (rc = sqlite3_step(stmt)) == SQLITE_ROW) {
        struct ht_gov_notice_row row = {
            .id = sqlite3_column_int64(stmt, 0),
            .kind = (const char *)sqlite3_column_text(stmt, 1),
            .text = (const char *)sqlite3_column_text(stmt, 2),
            .has_proposal = sqlite3_column_bytes(stmt, 4) == 32,
            .at_ms = sqlite3_column_int64(stmt, 5),
            .is_read = sqlite3_column_int(stmt, 6) != 0,
        };
        if (sqlite3_column_bytes(stmt, 3) != 20) continue;
        memcpy(row.community.b, sqlite3_column_blob(stmt, 3), 20);
        if (row.has_proposal) row.proposal = ht_u256_from_be32(sqlite3_column_blob(stmt, 4));
        err = each(user, &row);
    }
    if (err == HT_OK && rc != SQLITE_DONE) err = ht_db_fail(why, db, "read the notices");
    sqlite3_finalize(stmt);
    return err;
}
