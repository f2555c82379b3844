/* The tables of the store and the statements that change them. */
#include "social/store/store_sql.h"

#include "social/store/store.h"

const struct ht_migration ht_social_migrations[] = {
    {
        .part = "social",
        .name = "events",
        /* Ids and keys are cut in two: the first eight bytes as a number, which the indexes take
         * cheaply, and the rest. JSON has a table of its own, so that looking at many rows reads
         * few pages. */
        .sql = "CREATE TABLE event_secret ("
               "  one INTEGER PRIMARY KEY CHECK (one = 1),"
               "  secret BLOB NOT NULL CHECK (length(secret) = 16)"
               ") STRICT;"
               "INSERT INTO event_secret (one, secret) VALUES (1, randomblob(16));"
               "CREATE TABLE event ("
               "  seq INTEGER PRIMARY KEY,"
               "  id INTEGER NOT NULL,"
               "  id_rest BLOB NOT NULL CHECK (length(id_rest) = 24),"
               "  author INTEGER NOT NULL,"
               "  author_rest BLOB NOT NULL CHECK (length(author_rest) = 24),"
               "  kind INTEGER NOT NULL,"
               "  created_at INTEGER NOT NULL,"
               "  place INTEGER NOT NULL,"
               "  size INTEGER NOT NULL,"
               "  address INTEGER,"
               "  expires INTEGER"
               ") STRICT;"
               "CREATE INDEX event_by_id ON event (id);"
               "CREATE INDEX event_by_author_kind ON event (author, kind, place);"
               "CREATE INDEX event_by_author ON event (author, place);"
               "CREATE INDEX event_by_kind ON event (kind, place);"
               "CREATE INDEX event_by_time ON event (place);"
               "CREATE UNIQUE INDEX event_by_address ON event (address) WHERE address IS NOT NULL;"
               "CREATE INDEX event_by_expiry ON event (expires) WHERE expires IS NOT NULL;"
               "CREATE TABLE event_json ("
               "  seq INTEGER PRIMARY KEY,"
               "  json BLOB NOT NULL"
               ") STRICT;"
               "CREATE TABLE event_tag ("
               "  tag INTEGER NOT NULL,"
               "  place INTEGER NOT NULL,"
               "  seq INTEGER NOT NULL,"
               "  kind INTEGER NOT NULL,"
               "  PRIMARY KEY (tag, place, seq)"
               ") STRICT, WITHOUT ROWID;"
               "CREATE TABLE event_gone ("
               "  hash INTEGER PRIMARY KEY,"
               "  until INTEGER NOT NULL"
               ") STRICT;"
               "CREATE VIRTUAL TABLE event_text USING fts5 ("
               "  text, content = '', columnsize = 0,"
               "  tokenize = 'unicode61 remove_diacritics 2'"
               ");",
    },
};
const size_t ht_social_migration_count = sizeof ht_social_migrations / sizeof *ht_social_migrations;

enum {
    ADD_EVENT,
    ADD_JSON,
    ADD_TAG,
    ADD_TEXT,
    DROP_EVENT,
    DROP_JSON,
    DROP_TAG,
    DROP_TEXT,
    GONE,
    SET_GONE,
    CLEAR_GONE,
    AUTHOR_BYTES,
    FILE_BYTES,
    EXPIRED,
    OLD,
    MANY,
    LAST,
};
_Static_assert(LAST <= HT_STORE_QUERY_STATEMENTS, "the numbers of store_query_sql.c come after");

static const char set_up[] = "PRAGMA cache_size = -12288;"
                             "PRAGMA secure_delete = FAST;";
static const char read_secret[] = "SELECT secret FROM event_secret WHERE one = 1";
static const char add_event[] =
    "INSERT INTO event (id, id_rest, author, author_rest, kind, created_at, place, size, address,"
    " expires) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
static const char add_json[] = "INSERT INTO event_json (seq, json) VALUES (?1, ?2)";
static const char add_tag[] =
    "INSERT OR IGNORE INTO event_tag (tag, place, seq, kind) VALUES (?1, ?2, ?3, ?4)";
static const char add_text[] = "INSERT INTO event_text (rowid, text) VALUES (?1, ?2)";
static const char drop_event[] = "DELETE FROM event WHERE seq = ?1";
static const char drop_json[] = "DELETE FROM event_json WHERE seq = ?1";
static const char drop_tag[] = "DELETE FROM event_tag WHERE tag = ?1 AND place = ?2 AND seq = ?3";
static const char drop_text[] =
    "INSERT INTO event_text (event_text, rowid, text) VALUES ('delete', ?1, ?2)";
static const char gone[] = "SELECT until FROM event_gone WHERE hash = ?1";
static const char set_gone[] =
    "INSERT INTO event_gone (hash, until) VALUES (?1, ?2)"
    " ON CONFLICT (hash) DO UPDATE SET until = max(until, excluded.until)";
static const char clear_gone[] = "DELETE FROM event_gone WHERE hash = ?1";
static const char author_bytes[] = "SELECT coalesce(sum(size), 0) FROM event INDEXED BY"
                                   " event_by_author WHERE author = ?1 AND author_rest = ?2";
static const char file_bytes[] =
    "SELECT (page_count - freelist_count) * page_size"
    " FROM pragma_page_count(), pragma_freelist_count(), pragma_page_size()";
static const char expired[] =
    "SELECT seq FROM event INDEXED BY event_by_expiry WHERE expires <= ?1 LIMIT ?2";
static const char old[] = "SELECT seq, author, author_rest FROM event INDEXED BY event_by_kind"
                          " WHERE kind >= ?1 AND kind <= ?2 AND place < ?3";
static const char many[] =
    "SELECT event.seq, event.author, event.author_rest FROM ("
    " SELECT seq, row_number() OVER (PARTITION BY author, kind ORDER BY place DESC) AS nth"
    " FROM event INDEXED BY event_by_author_kind WHERE kind >= ?1 AND kind <= ?2"
    ") AS counted JOIN event ON event.seq = counted.seq WHERE counted.nth > ?3";
static const char room[] =
    "SELECT (SELECT page_count FROM pragma_page_count()) * page_size,"
    " (SELECT freelist_count FROM pragma_freelist_count()) * page_size FROM pragma_page_size()";
static const char compact[] = "INSERT INTO event_text (event_text) VALUES ('optimize');"
                              "VACUUM;"
                              "PRAGMA wal_checkpoint(TRUNCATE);";

/* The search index keeps statements of its own on the connection, until the schema is let go of:
 * whoever closes the connection by finalizing all that are left must not find them. */
static const char let_go[] = "PRAGMA writable_schema = RESET";

int64_t ht_store_sql_prefix(const ht_hash32 *value) {
    uint64_t prefix = 0;
    for (size_t i = 0; i < 8; i++) prefix = prefix << 8 | value->b[i];
    int64_t number;
    memcpy(&number, &prefix, sizeof number);
    return number;
}

enum ht_err ht_store_sql_use(sqlite3_stmt **out, struct ht_store_sql *sql, size_t at,
                             const char *text, struct ht_why *why) {
    ht_assert(at < HT_STORE_STATEMENTS);
    if (sql->statements[at] == NULL) {
        enum ht_err err = ht_db_prepare(&sql->statements[at], sql->db, text, why);
        if (err != HT_OK) return err;
    }
    *out = sql->statements[at];
    return HT_OK;
}

enum ht_err ht_store_sql_init(struct ht_store_sql *sql, sqlite3 *db, struct ht_why *why) {
    sqlite3_stmt *stmt = NULL;
    *sql = (struct ht_store_sql){.db = db};
    if (sqlite3_exec(db, set_up, NULL, NULL, NULL) != SQLITE_OK) {
        return ht_db_fail(why, db, "cannot set up the store of events");
    }
    if (sqlite3_prepare_v2(db, read_secret, -1, &stmt, NULL) != SQLITE_OK)
        return ht_db_fail(why, db, "cannot read the store of events");
    bool is_there = sqlite3_step(stmt) == SQLITE_ROW &&
                    sqlite3_column_bytes(stmt, 0) == (int)HT_STORE_SECRET_SIZE;
    if (is_there) memcpy(sql->secret, sqlite3_column_blob(stmt, 0), HT_STORE_SECRET_SIZE);
    (void)sqlite3_finalize(stmt);
    if (is_there) return HT_OK;
    return ht_fail(why, HT_ESTORE, "database_damaged", "the store of events has lost its secret");
}

void ht_store_sql_fini(struct ht_store_sql *sql) {
    for (size_t i = 0; i < HT_STORE_STATEMENTS; i++) (void)sqlite3_finalize(sql->statements[i]);
    if (sql->db != NULL) (void)sqlite3_exec(sql->db, let_go, NULL, NULL, NULL);
    *sql = (struct ht_store_sql){.db = NULL};
}

/* Runs a statement that returns no rows. */
static enum ht_err run(struct ht_store_sql *sql, sqlite3_stmt *stmt, const char *doing,
                       struct ht_why *why) {
    int rc = sqlite3_step(stmt);
    enum ht_err err = rc == SQLITE_DONE ? HT_OK : ht_db_fail(why, sql->db, doing);
    (void)sqlite3_reset(stmt);
    return err;
}

/* As run, with one number. */
static enum ht_err run_with(struct ht_store_sql *sql, size_t at, const char *text, int64_t number,
                            const char *doing, struct ht_why *why) {
    sqlite3_stmt *stmt;
    enum ht_err err = ht_store_sql_use(&stmt, sql, at, text, why);
    if (err != HT_OK) return err;
    (void)sqlite3_bind_int64(stmt, 1, number);
    return run(sql, stmt, doing, why);
}

/* Steps to the one number that a bound statement gives; `without` when it gives none. */
static enum ht_err read_number(int64_t *out, struct ht_store_sql *sql, sqlite3_stmt *stmt,
                               int64_t without, struct ht_why *why) {
    int rc = sqlite3_step(stmt);
    int64_t number = rc == SQLITE_ROW ? sqlite3_column_int64(stmt, 0) : without;
    enum ht_err err = HT_OK;
    if (rc != SQLITE_ROW && rc != SQLITE_DONE) err = ht_db_fail(why, sql->db, "cannot read events");
    (void)sqlite3_reset(stmt);
    if (err == HT_OK) *out = number;
    return err;
}

static void bind_optional(sqlite3_stmt *stmt, int at, int64_t number, int64_t none) {
    if (number == none)
        (void)sqlite3_bind_null(stmt, at);
    else
        (void)sqlite3_bind_int64(stmt, at, number);
}

enum ht_err ht_store_sql_add(struct ht_store_sql *sql, struct ht_store_row *row, ht_bytes json,
                             struct ht_why *why) {
    sqlite3_stmt *stmt;
    enum ht_err err = ht_store_sql_use(&stmt, sql, ADD_EVENT, add_event, why);
    if (err != HT_OK) return err;
    (void)sqlite3_bind_int64(stmt, 1, ht_store_sql_prefix(&row->id));
    (void)sqlite3_bind_blob(stmt, 2, row->id.b + 8, 24, SQLITE_STATIC);
    (void)sqlite3_bind_int64(stmt, 3, ht_store_sql_prefix(&row->pubkey));
    (void)sqlite3_bind_blob(stmt, 4, row->pubkey.b + 8, 24, SQLITE_STATIC);
    (void)sqlite3_bind_int64(stmt, 5, row->kind);
    (void)sqlite3_bind_int64(stmt, 6, row->created_at);
    (void)sqlite3_bind_int64(stmt, 7, row->place);
    (void)sqlite3_bind_int64(stmt, 8, row->size);
    bind_optional(stmt, 9, row->address, 0);
    bind_optional(stmt, 10, row->expires, INT64_MAX);
    err = run(sql, stmt, "cannot store an event", why);
    if (err != HT_OK) return err;
    row->seq = sqlite3_last_insert_rowid(sql->db);
    err = ht_store_sql_use(&stmt, sql, ADD_JSON, add_json, why);
    if (err != HT_OK) return err;
    (void)sqlite3_bind_int64(stmt, 1, row->seq);
    (void)sqlite3_bind_blob64(stmt, 2, json.p, json.n, SQLITE_STATIC);
    return run(sql, stmt, "cannot store an event", why);
}

static enum ht_err change_tag(struct ht_store_sql *sql, size_t at, const char *text, int64_t tag,
                              const struct ht_store_row *row, struct ht_why *why) {
    sqlite3_stmt *stmt;
    enum ht_err err = ht_store_sql_use(&stmt, sql, at, text, why);
    if (err != HT_OK) return err;
    (void)sqlite3_bind_int64(stmt, 1, tag);
    (void)sqlite3_bind_int64(stmt, 2, row->place);
    (void)sqlite3_bind_int64(stmt, 3, row->seq);
    if (at == ADD_TAG) (void)sqlite3_bind_int64(stmt, 4, row->kind);
    return run(sql, stmt, "cannot change an event's tags", why);
}

enum ht_err ht_store_sql_add_tag(struct ht_store_sql *sql, int64_t tag,
                                 const struct ht_store_row *row, struct ht_why *why) {
    return change_tag(sql, ADD_TAG, add_tag, tag, row, why);
}

enum ht_err ht_store_sql_drop_tag(struct ht_store_sql *sql, int64_t tag,
                                  const struct ht_store_row *row, struct ht_why *why) {
    return change_tag(sql, DROP_TAG, drop_tag, tag, row, why);
}

static enum ht_err change_text(struct ht_store_sql *sql, size_t at, const char *statement,
                               int64_t seq, ht_bytes text, struct ht_why *why) {
    sqlite3_stmt *stmt;
    enum ht_err err = ht_store_sql_use(&stmt, sql, at, statement, why);
    if (err != HT_OK) return err;
    (void)sqlite3_bind_int64(stmt, 1, seq);
    (void)sqlite3_bind_text64(stmt, 2, (const char *)text.p, text.n, SQLITE_STATIC, SQLITE_UTF8);
    return run(sql, stmt, "cannot change the search index", why);
}

enum ht_err ht_store_sql_add_text(struct ht_store_sql *sql, int64_t seq, ht_bytes text,
                                  struct ht_why *why) {
    return change_text(sql, ADD_TEXT, add_text, seq, text, why);
}

enum ht_err ht_store_sql_drop_text(struct ht_store_sql *sql, int64_t seq, ht_bytes text,
                                   struct ht_why *why) {
    return change_text(sql, DROP_TEXT, drop_text, seq, text, why);
}

enum ht_err ht_store_sql_drop(struct ht_store_sql *sql, int64_t seq, struct ht_why *why) {
    enum ht_err err = run_with(sql, DROP_EVENT, drop_event, seq, "cannot remove an event", why);
    if (err != HT_OK) return err;
    return run_with(sql, DROP_JSON, drop_json, seq, "cannot remove an event", why);
}

enum ht_err ht_store_sql_gone(int64_t *until, struct ht_store_sql *sql, int64_t hash,
                              struct ht_why *why) {
    sqlite3_stmt *stmt;
    enum ht_err err = ht_store_sql_use(&stmt, sql, GONE, gone, why);
    if (err != HT_OK) return err;
    (void)sqlite3_bind_int64(stmt, 1, hash);
    return read_number(until, sql, stmt, INT64_MIN, why);
}

enum ht_err ht_store_sql_set_gone(struct ht_store_sql *sql, int64_t hash, int64_t until,
                                  struct ht_why *why) {
    sqlite3_stmt *stmt;
    enum ht_err err = ht_store_sql_use(&stmt, sql, SET_GONE, set_gone, why);
    if (err != HT_OK) return err;
    (void)sqlite3_bind_int64(stmt, 1, hash);
    (void)sqlite3_bind_int64(stmt, 2, until);
    return run(sql, stmt, "cannot keep a deletion", why);
}

enum ht_err ht_store_sql_clear_gone(struct ht_store_sql *sql, int64_t hash, struct ht_why *why) {
    return run_with(sql, CLEAR_GONE, clear_gone, hash, "cannot take back a removal", why);
}

enum ht_err ht_store_sql_author_bytes(int64_t *out, struct ht_store_sql *sql,
                                      const ht_hash32 *pubkey, struct ht_why *why) {
    sqlite3_stmt *stmt;
    enum ht_err err = ht_store_sql_use(&stmt, sql, AUTHOR_BYTES, author_bytes, why);
    if (err != HT_OK) return err;
    (void)sqlite3_bind_int64(stmt, 1, ht_store_sql_prefix(pubkey));
    (void)sqlite3_bind_blob(stmt, 2, pubkey->b + 8, 24, SQLITE_STATIC);
    return read_number(out, sql, stmt, 0, why);
}

enum ht_err ht_store_sql_file_bytes(int64_t *out, struct ht_store_sql *sql, struct ht_why *why) {
    sqlite3_stmt *stmt;
    enum ht_err err = ht_store_sql_use(&stmt, sql, FILE_BYTES, file_bytes, why);
    if (err != HT_OK) return err;
    return read_number(out, sql, stmt, 0, why);
}

/* Whether the row that a statement of old or many is on stays. */
static bool is_kept(sqlite3_stmt *stmt, const struct ht_store_aged *aged) {
    if (aged->keeps == NULL || sqlite3_column_bytes(stmt, 2) != 24) return false;
    ht_hash32 pubkey;
    uint64_t prefix = (uint64_t)sqlite3_column_int64(stmt, 1);
    for (size_t i = 0; i < 8; i++) pubkey.b[i] = (uint8_t)(prefix >> (56 - 8 * i));
    memcpy(pubkey.b + 8, sqlite3_column_blob(stmt, 2), 24);
    return aged->keeps(aged->user, &pubkey);
}

/* The seqs of a bound statement, those that stay left out. */
static enum ht_err read_seqs(int64_t *seqs, size_t *count, struct ht_store_sql *sql,
                             sqlite3_stmt *stmt, const struct ht_store_aged *aged, size_t max,
                             struct ht_why *why) {
    size_t n = 0;
    int rc = SQLITE_DONE;
    while (n < max && (rc = sqlite3_step(stmt)) == SQLITE_ROW) {
        if (aged == NULL || !is_kept(stmt, aged)) seqs[n++] = sqlite3_column_int64(stmt, 0);
    }
    enum ht_err err = HT_OK;
    if (rc != SQLITE_ROW && rc != SQLITE_DONE) err = ht_db_fail(why, sql->db, "cannot read events");
    (void)sqlite3_reset(stmt);
    if (err == HT_OK) *count = n;
    return err;
}

enum ht_err ht_store_sql_expired(int64_t *seqs, size_t *count, struct ht_store_sql *sql,
                                 int64_t now_s, size_t max, struct ht_why *why) {
    sqlite3_stmt *stmt;
    enum ht_err err = ht_store_sql_use(&stmt, sql, EXPIRED, expired, why);
    if (err != HT_OK) return err;
    (void)sqlite3_bind_int64(stmt, 1, now_s);
    (void)sqlite3_bind_int64(stmt, 2, (int64_t)max);
    return read_seqs(seqs, count, sql, stmt, NULL, max, why);
}

static enum ht_err read_aged(int64_t *seqs, size_t *count, struct ht_store_sql *sql, size_t at,
                             const char *text, const struct ht_store_aged *aged, size_t max,
                             struct ht_why *why) {
    sqlite3_stmt *stmt;
    enum ht_err err = ht_store_sql_use(&stmt, sql, at, text, why);
    if (err != HT_OK) return err;
    (void)sqlite3_bind_int64(stmt, 1, aged->kind_from);
    (void)sqlite3_bind_int64(stmt, 2, aged->kind_to);
    (void)sqlite3_bind_int64(stmt, 3, at == OLD ? aged->place_below : aged->author_count);
    return read_seqs(seqs, count, sql, stmt, aged, max, why);
}

enum ht_err ht_store_sql_old(int64_t *seqs, size_t *count, struct ht_store_sql *sql,
                             const struct ht_store_aged *aged, size_t max, struct ht_why *why) {
    return read_aged(seqs, count, sql, OLD, old, aged, max, why);
}

enum ht_err ht_store_sql_many(int64_t *seqs, size_t *count, struct ht_store_sql *sql,
                              const struct ht_store_aged *aged, size_t max, struct ht_why *why) {
    return read_aged(seqs, count, sql, MANY, many, aged, max, why);
}

enum ht_err ht_store_sql_room(uint64_t *bytes, uint64_t *unused, struct ht_store_sql *sql,
                              struct ht_why *why) {
    sqlite3_stmt *stmt = NULL;
    enum ht_err err = ht_db_prepare(&stmt, sql->db, room, why);
    if (err != HT_OK) return err;
    if (sqlite3_step(stmt) == SQLITE_ROW) {
        *bytes = (uint64_t)sqlite3_column_int64(stmt, 0);
        *unused = (uint64_t)sqlite3_column_int64(stmt, 1);
    } else {
        err = ht_db_fail(why, sql->db, "cannot measure the store of events");
    }
    (void)sqlite3_finalize(stmt);
    return err;
}

enum ht_err ht_store_sql_compact(struct ht_store_sql *sql, struct ht_why *why) {
    if (sqlite3_exec(sql->db, compact, NULL, NULL, NULL) == SQLITE_OK) return HT_OK;
    return ht_db_fail(why, sql->db, "cannot compact the store of events");
}
