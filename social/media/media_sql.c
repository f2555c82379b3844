/* Every statement on the tables of media. What each key has is counted by triggers, so that a quota
 * costs one look however many blobs there are. */
#include "social/media/media_sql.h"

#include <stdio.h>

#include "node/base/hex.h"

#define BLOCK UINT64_C(4096)

const struct ht_migration ht_media_migrations[] = {
    {
        .part = "social media",
        .name = "blobs",
        .sql = "CREATE TABLE media_blob ("
               "  sha256 BLOB PRIMARY KEY CHECK (length(sha256) = 32),"
               "  size INTEGER NOT NULL CHECK (size >= 0),"
               "  charge INTEGER NOT NULL CHECK (charge > 0),"
               "  type TEXT NOT NULL,"
               "  at_ms INTEGER NOT NULL"
               ") STRICT, WITHOUT ROWID;"
               "CREATE INDEX media_blob_by_time ON media_blob (at_ms);"
               "CREATE TABLE media_keeper ("
               "  pubkey BLOB NOT NULL CHECK (length(pubkey) = 32),"
               "  sha256 BLOB NOT NULL CHECK (length(sha256) = 32),"
               "  charge INTEGER NOT NULL,"
               "  is_fetched INTEGER NOT NULL CHECK (is_fetched IN (0, 1)),"
               "  at_ms INTEGER NOT NULL,"
               "  PRIMARY KEY (sha256, pubkey)"
               ") STRICT, WITHOUT ROWID;"
               "CREATE INDEX media_keeper_by_key ON media_keeper (pubkey, at_ms, sha256);"
               "CREATE TABLE media_url ("
               "  url TEXT PRIMARY KEY,"
               "  sha256 BLOB NOT NULL CHECK (length(sha256) = 32)"
               ") STRICT, WITHOUT ROWID;"
               "CREATE INDEX media_url_by_blob ON media_url (sha256);"
               "CREATE TABLE media_usage ("
               "  pubkey BLOB PRIMARY KEY CHECK (length(pubkey) IN (0, 32)),"
               "  bytes INTEGER NOT NULL"
               ") STRICT, WITHOUT ROWID;"
               "INSERT INTO media_usage (pubkey, bytes) VALUES (x'', 0);"
               "CREATE TRIGGER media_blob_added AFTER INSERT ON media_blob BEGIN"
               "  UPDATE media_usage SET bytes = bytes + new.charge WHERE pubkey = x'';"
               "END;"
               "CREATE TRIGGER media_blob_removed AFTER DELETE ON media_blob BEGIN"
               "  UPDATE media_usage SET bytes = bytes - old.charge WHERE pubkey = x'';"
               "END;"
               "CREATE TRIGGER media_keeper_added AFTER INSERT ON media_keeper BEGIN"
               "  INSERT INTO media_usage (pubkey, bytes) VALUES (new.pubkey, new.charge)"
               "  ON CONFLICT (pubkey) DO UPDATE SET bytes = bytes + excluded.bytes;"
               "END;"
               "CREATE TRIGGER media_keeper_removed AFTER DELETE ON media_keeper BEGIN"
               "  UPDATE media_usage SET bytes = bytes - old.charge WHERE pubkey = old.pubkey;"
               "  DELETE FROM media_usage WHERE pubkey = old.pubkey AND bytes <= 0;"
               "END;",
    },
    {
        .part = "social media",
        .name = "chunks",
        .sql = "CREATE TABLE media_chunks ("
               "  sha256 BLOB PRIMARY KEY CHECK (length(sha256) = 32),"
               "  size INTEGER NOT NULL CHECK (size > 0),"
               "  chunk INTEGER NOT NULL CHECK (chunk > 0),"
               "  hashes BLOB NOT NULL CHECK (length(hashes) > 0 AND length(hashes) % 32 = 0)"
               ") STRICT, WITHOUT ROWID;"
               "CREATE TRIGGER media_blob_chunks_removed AFTER DELETE ON media_blob BEGIN"
               "  DELETE FROM media_chunks WHERE sha256 = old.sha256;"
               "END;",
    },
};
const size_t ht_media_migration_count = sizeof ht_media_migrations / sizeof *ht_media_migrations;

static const char ADD_BLOB[] =
    "INSERT OR IGNORE INTO media_blob (sha256, size, charge, type, at_ms)"
    " VALUES (?1, ?2, ?3, ?4, ?5)";
static const char ADD_KEEPER[] =
    "INSERT INTO media_keeper (sha256, pubkey, charge, is_fetched, at_ms)"
    " VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (sha256, pubkey)"
    " DO UPDATE SET is_fetched = min(is_fetched, excluded.is_fetched)";
static const char ADD_URL[] = "INSERT INTO media_url (url, sha256) VALUES (?1, ?2)"
                              " ON CONFLICT (url) DO UPDATE SET sha256 = excluded.sha256";
static const char FIND[] = "SELECT sha256, size, at_ms, type, EXISTS (SELECT 1 FROM media_keeper"
                           " WHERE sha256 = ?1 AND is_fetched = 0) FROM media_blob"
                           " WHERE sha256 = ?1";
static const char LEAVE[] = "DELETE FROM media_keeper WHERE sha256 = ?1 AND pubkey = ?2";
static const char LEAVE_ALL[] = "DELETE FROM media_keeper WHERE sha256 = ?1";
static const char KEEPERS[] = "SELECT pubkey, is_fetched FROM media_keeper WHERE sha256 = ?1"
                              " ORDER BY pubkey IS NOT ?3, at_ms LIMIT ?2";
static const char KEEPER[] =
    "SELECT is_fetched FROM media_keeper WHERE sha256 = ?1 AND pubkey = ?2";
static const char DROP_URLS[] = "DELETE FROM media_url WHERE sha256 = ?1";
static const char DROP_BLOB[] = "DELETE FROM media_blob WHERE sha256 = ?1";
static const char USAGE[] = "SELECT bytes FROM media_usage WHERE pubkey = ?1";
static const char LIST[] =
    "SELECT k.sha256, b.size, k.at_ms, b.type, 1 FROM media_keeper AS k"
    " INDEXED BY media_keeper_by_key JOIN media_blob AS b ON b.sha256 = k.sha256"
    " WHERE k.pubkey = ?1 AND k.at_ms >= ?2 AND k.at_ms <= ?3 AND (k.at_ms, k.sha256) < (?4, ?5)"
    " AND k.is_fetched = 0 ORDER BY k.at_ms DESC, k.sha256 DESC LIMIT ?6";
static const char PLACE[] = "SELECT at_ms FROM media_keeper WHERE sha256 = ?1 AND pubkey = ?2";
static const char ALL[] = "SELECT sha256, size, at_ms, type, 0 FROM media_blob"
                          " INDEXED BY media_blob_by_time WHERE at_ms <= ?1"
                          " ORDER BY at_ms DESC LIMIT ?2";
static const char BY_URL[] = "SELECT sha256 FROM media_url WHERE url = ?1";
static const char HASHES[] = "SELECT sha256 FROM media_blob WHERE sha256 > ?1 AND sha256 <= ?2"
                             " ORDER BY sha256 LIMIT ?3";

static void bind_hash(sqlite3_stmt *stmt, int at, const ht_hash32 *hash) {
    (void)sqlite3_bind_blob(stmt, at, hash->b, sizeof hash->b, SQLITE_STATIC);
}

static enum ht_err no_memory(struct ht_why *why) {
    return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
}

/* Runs one that gives no rows. */
static enum ht_err run(sqlite3_stmt *stmt, sqlite3 *db, struct ht_why *why) {
    enum ht_err err =
        sqlite3_step(stmt) == SQLITE_DONE ? HT_OK : ht_db_fail(why, db, "cannot enter a blob");
    (void)sqlite3_finalize(stmt);
    return err;
}

/* Runs one that takes a hash and a key, or a hash alone. */
static enum ht_err run_on(sqlite3 *db, const char *sql, const ht_hash32 *sha256,
                          const ht_hash32 *keeper, struct ht_why *why) {
    sqlite3_stmt *stmt = NULL;
    enum ht_err err = ht_db_prepare(&stmt, db, sql, why);
    if (err != HT_OK) return err;
    bind_hash(stmt, 1, sha256);
    if (keeper != NULL) bind_hash(stmt, 2, keeper);
    return run(stmt, db, why);
}

/* Ends one whose last step gave `step`. */
static enum ht_err end(sqlite3_stmt *stmt, sqlite3 *db, int step, struct ht_why *why) {
    bool is_good = step == SQLITE_ROW || step == SQLITE_DONE;
    enum ht_err err = is_good ? HT_OK : ht_db_fail(why, db, "cannot look up a blob");
    (void)sqlite3_finalize(stmt);
    return err;
}

static bool read_hash(ht_hash32 *out, sqlite3_stmt *stmt, int at) {
    if (sqlite3_column_bytes(stmt, at) != (int)sizeof out->b) return false;
    memcpy(out->b, sqlite3_column_blob(stmt, at), sizeof out->b);
    return true;
}

static void read_blob(struct ht_media_blob *out, sqlite3_stmt *stmt) {
    *out = (struct ht_media_blob){.size = (uint64_t)sqlite3_column_int64(stmt, 1),
                                  .at_ms = sqlite3_column_int64(stmt, 2),
                                  .is_shared = sqlite3_column_int(stmt, 4) != 0};
    (void)read_hash(&out->sha256, stmt, 0);
    (void)snprintf(out->type, sizeof out->type, "%s", (const char *)sqlite3_column_text(stmt, 3));
}

uint64_t ht_media_sql_charge(uint64_t size) {
    uint64_t blocks = size / BLOCK + (size % BLOCK != 0);
    return (blocks > 0 ? blocks : 1) * BLOCK;
}

/* --- entering --------------------------------------------------------------------------------- */

static enum ht_err add_blob(bool *is_new, sqlite3 *db, const struct ht_media_blob *blob,
                            struct ht_why *why) {
    sqlite3_stmt *stmt = NULL;
    enum ht_err err = ht_db_prepare(&stmt, db, ADD_BLOB, why);
    if (err != HT_OK) return err;
    bind_hash(stmt, 1, &blob->sha256);
    (void)sqlite3_bind_int64(stmt, 2, (sqlite3_int64)blob->size);
    (void)sqlite3_bind_int64(stmt, 3, (sqlite3_int64)ht_media_sql_charge(blob->size));
    (void)sqlite3_bind_text(stmt, 4, blob->type, -1, SQLITE_STATIC);
    (void)sqlite3_bind_int64(stmt, 5, blob->at_ms);
    err = run(stmt, db, why);
    *is_new = err == HT_OK && sqlite3_changes(db) > 0;
    return err;
}

static enum ht_err add_keeper(sqlite3 *db, const struct ht_media_entry *entry, struct ht_why *why) {
    sqlite3_stmt *stmt = NULL;
    enum ht_err err = ht_db_prepare(&stmt, db, ADD_KEEPER, why);
    if (err != HT_OK) return err;
    bind_hash(stmt, 1, &entry->blob.sha256);
    bind_hash(stmt, 2, &entry->keeper);
    (void)sqlite3_bind_int64(stmt, 3, (sqlite3_int64)ht_media_sql_charge(entry->blob.size));
    (void)sqlite3_bind_int(stmt, 4, entry->is_fetched);
    (void)sqlite3_bind_int64(stmt, 5, entry->blob.at_ms);
    return run(stmt, db, why);
}

static enum ht_err add_url(sqlite3 *db, const char *url, const ht_hash32 *sha256,
                           struct ht_why *why) {
    sqlite3_stmt *stmt = NULL;
    enum ht_err err = ht_db_prepare(&stmt, db, ADD_URL, why);
    if (err != HT_OK) return err;
    (void)sqlite3_bind_text(stmt, 1, url, -1, SQLITE_STATIC);
    bind_hash(stmt, 2, sha256);
    return run(stmt, db, why);
}

static enum ht_err keeps(bool *out, sqlite3 *db, const ht_hash32 *keeper, const ht_hash32 *sha256,
                         struct ht_why *why) {
    sqlite3_stmt *stmt = NULL;
    enum ht_err err = ht_db_prepare(&stmt, db, KEEPER, why);
    if (err != HT_OK) return err;
    bind_hash(stmt, 1, sha256);
    bind_hash(stmt, 2, keeper);
    int step = sqlite3_step(stmt);
    *out = step == SQLITE_ROW;
    return end(stmt, db, step, why);
}

enum ht_err ht_media_sql_add(bool *is_new, sqlite3 *db, const struct ht_media_entry *entry,
                             struct ht_why *why) {
    bool was_new = false, kept = false;
    uint64_t of_key = 0, of_all = 0;
    enum ht_err err = keeps(&kept, db, &entry->keeper, &entry->blob.sha256, why);
    if (err == HT_OK) err = add_blob(&was_new, db, &entry->blob, why);
    if (err == HT_OK) err = add_keeper(db, entry, why);
    if (err == HT_OK && entry->url != NULL) {
        err = add_url(db, entry->url, &entry->blob.sha256, why);
    }
    if (err == HT_OK) err = ht_media_sql_usage(&of_key, &of_all, db, &entry->keeper, why);
    if (err != HT_OK) return err;
    /* What is here already is not refused because the quota has shrunk. */
    if (!kept && entry->key_quota != 0 && of_key > entry->key_quota) {
        return ht_fail(why, HT_ELIMIT, "quota", "this key may keep %llu bytes here",
                       (unsigned long long)entry->key_quota);
    }
    if (was_new && entry->quota != 0 && of_all > entry->quota) {
        return ht_fail(why, HT_ELIMIT, "full", "all that may be kept here is %llu bytes",
                       (unsigned long long)entry->quota);
    }
    *is_new = was_new;
    return HT_OK;
}

/* --- removing --------------------------------------------------------------------------------- */

enum ht_err ht_media_sql_remove(bool *was_here, sqlite3 *db, const ht_hash32 *sha256,
                                struct ht_why *why) {
    enum ht_err err = run_on(db, LEAVE_ALL, sha256, NULL, why);
    if (err == HT_OK) err = run_on(db, DROP_URLS, sha256, NULL, why);
    if (err == HT_OK) err = run_on(db, DROP_BLOB, sha256, NULL, why);
    if (err == HT_OK) *was_here = sqlite3_changes(db) > 0;
    return err;
}

static enum ht_err has_keepers(bool *out, sqlite3 *db, const ht_hash32 *sha256,
                               struct ht_why *why) {
    sqlite3_stmt *stmt = NULL;
    enum ht_err err = ht_db_prepare(&stmt, db, KEEPERS, why);
    if (err != HT_OK) return err;
    bind_hash(stmt, 1, sha256);
    (void)sqlite3_bind_int(stmt, 2, 1);
    int step = sqlite3_step(stmt);
    *out = step == SQLITE_ROW;
    return end(stmt, db, step, why);
}

enum ht_err ht_media_sql_leave(bool *was_keeper, bool *is_gone, sqlite3 *db,
                               const ht_hash32 *keeper, const ht_hash32 *sha256,
                               struct ht_why *why) {
    bool was_here = false, is_kept = true;
    enum ht_err err = run_on(db, LEAVE, sha256, keeper, why);
    bool was = err == HT_OK && sqlite3_changes(db) > 0;
    if (err == HT_OK) err = has_keepers(&is_kept, db, sha256, why);
    if (err == HT_OK && !is_kept) err = ht_media_sql_remove(&was_here, db, sha256, why);
    if (err != HT_OK) return err;
    *was_keeper = was;
    *is_gone = !is_kept;
    return HT_OK;
}

/* --- looking ---------------------------------------------------------------------------------- */

enum ht_err ht_media_sql_find(bool *is_there, struct ht_media_blob *out, sqlite3 *db,
                              const ht_hash32 *sha256, struct ht_why *why) {
    sqlite3_stmt *stmt = NULL;
    enum ht_err err = ht_db_prepare(&stmt, db, FIND, why);
    if (err != HT_OK) return err;
    bind_hash(stmt, 1, sha256);
    int step = sqlite3_step(stmt);
    *is_there = step == SQLITE_ROW;
    if (step == SQLITE_ROW) read_blob(out, stmt);
    return end(stmt, db, step, why);
}

static enum ht_err read_usage(uint64_t *out, sqlite3 *db, ht_bytes key, struct ht_why *why) {
    sqlite3_stmt *stmt = NULL;
    enum ht_err err = ht_db_prepare(&stmt, db, USAGE, why);
    if (err != HT_OK) return err;
    (void)sqlite3_bind_blob(stmt, 1, key.p, (int)key.n, SQLITE_STATIC);
    int step = sqlite3_step(stmt);
    *out = step == SQLITE_ROW ? (uint64_t)sqlite3_column_int64(stmt, 0) : 0;
    return end(stmt, db, step, why);
}

enum ht_err ht_media_sql_usage(uint64_t *of_key, uint64_t *of_all, sqlite3 *db,
                               const ht_hash32 *keeper, struct ht_why *why) {
    enum ht_err err = read_usage(of_key, db, HT_BYTES(keeper->b), why);
    /* Not NULL, which would be bound as no blob at all. */
    return err == HT_OK ? read_usage(of_all, db, ht_bytes_of("", 0), why) : err;
}

/* Where a list goes on. A cursor that is not the key's any more: from the start. */
static enum ht_err find_place(int64_t *at_ms, ht_hash32 *sha256, sqlite3 *db,
                              const struct ht_media_list *list, struct ht_why *why) {
    sqlite3_stmt *stmt = NULL;
    *at_ms = INT64_MAX;
    memset(sha256->b, 0xff, sizeof sha256->b);
    if (!list->has_cursor) return HT_OK;
    enum ht_err err = ht_db_prepare(&stmt, db, PLACE, why);
    if (err != HT_OK) return err;
    bind_hash(stmt, 1, &list->cursor);
    bind_hash(stmt, 2, &list->pubkey);
    int step = sqlite3_step(stmt);
    if (step == SQLITE_ROW) {
        *at_ms = sqlite3_column_int64(stmt, 0);
        *sha256 = list->cursor;
    }
    return end(stmt, db, step, why);
}

enum ht_err ht_media_sql_list(struct ht_media_blob *out, size_t *count, sqlite3 *db,
                              const struct ht_media_list *list, struct ht_why *why) {
    sqlite3_stmt *stmt = NULL;
    int64_t at_ms;
    ht_hash32 sha256;
    enum ht_err err = find_place(&at_ms, &sha256, db, list, why);
    if (err == HT_OK) err = ht_db_prepare(&stmt, db, LIST, why);
    if (err != HT_OK) return err;
    bind_hash(stmt, 1, &list->pubkey);
    (void)sqlite3_bind_int64(stmt, 2, list->since_s * 1000);
    (void)sqlite3_bind_int64(stmt, 3, list->until_s * 1000 + 999);
    (void)sqlite3_bind_int64(stmt, 4, at_ms);
    bind_hash(stmt, 5, &sha256);
    (void)sqlite3_bind_int64(stmt, 6, (sqlite3_int64)list->limit);
    size_t n = 0;
    int step = SQLITE_DONE;
    while (n < list->limit && (step = sqlite3_step(stmt)) == SQLITE_ROW) read_blob(&out[n++], stmt);
    err = end(stmt, db, step, why);
    if (err == HT_OK) *count = n;
    return err;
}

enum ht_err ht_media_sql_by_url(bool *is_there, ht_hash32 *sha256, sqlite3 *db, const char *url,
                                struct ht_why *why) {
    sqlite3_stmt *stmt = NULL;
    enum ht_err err = ht_db_prepare(&stmt, db, BY_URL, why);
    if (err != HT_OK) return err;
    (void)sqlite3_bind_text(stmt, 1, url, -1, SQLITE_STATIC);
    int step = sqlite3_step(stmt);
    *is_there = step == SQLITE_ROW && read_hash(sha256, stmt, 0);
    return end(stmt, db, step, why);
}

enum ht_err ht_media_sql_hashes(ht_hash32 *out, size_t *count, size_t max, sqlite3 *db,
                                uint8_t first, const ht_hash32 *after, struct ht_why *why) {
    sqlite3_stmt *stmt = NULL;
    ht_hash32 last;
    enum ht_err err = ht_db_prepare(&stmt, db, HASHES, why);
    if (err != HT_OK) return err;
    memset(last.b, 0xff, sizeof last.b);
    last.b[0] = first;
    /* One byte alone comes before all hashes that begin with it. */
    (void)sqlite3_bind_blob(stmt, 1, after != NULL ? after->b : &first,
                            after != NULL ? (int)sizeof after->b : 1, SQLITE_TRANSIENT);
    bind_hash(stmt, 2, &last);
    (void)sqlite3_bind_int64(stmt, 3, (sqlite3_int64)max);
    size_t n = 0;
    int step = SQLITE_DONE;
    while (n < max && (step = sqlite3_step(stmt)) == SQLITE_ROW) n += read_hash(&out[n], stmt, 0);
    err = end(stmt, db, step, why);
    if (err == HT_OK) *count = n;
    return err;
}

/* --- for the owner ---------------------------------------------------------------------------- */

static json_t *hex_json(const ht_hash32 *hash) {
    char text[HT_HEX_SIZE(32)];
    ht_hex_write(text, HT_BYTES(hash->b));
    return json_string(text + 2);
}

static enum ht_err keepers_json(json_t **out, const char **from, sqlite3 *db,
                                const struct ht_media_blob *blob, const ht_hash32 *owner,
                                struct ht_why *why) {
    sqlite3_stmt *stmt = NULL;
    json_t *list = json_array();
    int step = SQLITE_DONE, failed = list == NULL;
    enum ht_err err = ht_db_prepare(&stmt, db, KEEPERS, why);
    if (err != HT_OK) {
        json_decref(list);
        return err;
    }
    bind_hash(stmt, 1, &blob->sha256);
    (void)sqlite3_bind_int64(stmt, 2, HT_MEDIA_KEEPERS_SHOWN);
    bind_hash(stmt, 3, owner);
    *from = "uploaded";
    while (failed == 0 && (step = sqlite3_step(stmt)) == SQLITE_ROW) {
        ht_hash32 key = {{0}};
        (void)read_hash(&key, stmt, 0);
        bool is_fetched = sqlite3_column_int(stmt, 1) != 0;
        if (is_fetched || ht_hash32_equal(&key, owner)) *from = is_fetched ? "fetched" : "mine";
        failed = json_array_append_new(list, hex_json(&key));
    }
    err = end(stmt, db, step, why);
    if (err == HT_OK && failed != 0) err = no_memory(why);
    if (err == HT_OK) {
        *out = list;
    } else {
        json_decref(list);
    }
    return err;
}

static enum ht_err blob_json(json_t **out, sqlite3 *db, const struct ht_media_blob *blob,
                             const ht_hash32 *owner, const char *url_base, struct ht_why *why) {
    char hex[HT_HEX_SIZE(32)], url[256];
    json_t *keepers = NULL;
    const char *from = "";
    enum ht_err err = keepers_json(&keepers, &from, db, blob, owner, why);
    if (err != HT_OK) return err;
    ht_hex_write(hex, HT_BYTES(blob->sha256.b));
    (void)snprintf(url, sizeof url, "%s/%s", url_base != NULL ? url_base : "", hex + 2);
    *out = json_pack("{s:s, s:I, s:s, s:I, s:s?, s:s, s:o}", "sha256", hex + 2, "size",
                     (json_int_t)blob->size, "type", blob->type, "at",
                     (json_int_t)(blob->at_ms / 1000), "url", url_base != NULL ? url : NULL, "from",
                     from, "keepers", keepers);
    return *out != NULL ? HT_OK : no_memory(why);
}

enum ht_err ht_media_sql_all(json_t **out, sqlite3 *db, const ht_hash32 *owner, int64_t until_ms,
                             size_t limit, const char *url_base, struct ht_why *why) {
    sqlite3_stmt *stmt = NULL;
    enum ht_err err = ht_db_prepare(&stmt, db, ALL, why);
    if (err != HT_OK) return err;
    json_t *list = json_array();
    (void)sqlite3_bind_int64(stmt, 1, until_ms);
    (void)sqlite3_bind_int64(stmt, 2, (sqlite3_int64)limit);
    int step = SQLITE_DONE;
    while (err == HT_OK && (step = sqlite3_step(stmt)) == SQLITE_ROW) {
        struct ht_media_blob blob;
        json_t *one = NULL;
        read_blob(&blob, stmt);
        err = blob_json(&one, db, &blob, owner, url_base, why);
        if (err == HT_OK && json_array_append_new(list, one) != 0) err = no_memory(why);
    }
    enum ht_err last = end(stmt, db, step, why);
    if (err == HT_OK) err = last;
    if (err == HT_OK) {
        *out = list;
    } else {
        json_decref(list);
    }
    return err;
}
