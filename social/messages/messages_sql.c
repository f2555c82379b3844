/* Every statement on the tables of messages. */
#include "social/messages/messages_sql.h"

#include <stdlib.h>

#include "node/base/hex.h"
#include "node/codec/json.h"
#include "node/nostr/event.h"

#define URLS_MAX ((size_t)16 << 10)

const struct ht_migration ht_messages_migrations[] = {
    {
        .part = "social messages",
        .name = "first",
        .sql = "CREATE TABLE message_read ("
               "  owner BLOB NOT NULL CHECK (length(owner) = 32),"
               "  peer BLOB NOT NULL CHECK (length(peer) = 32),"
               "  at INTEGER NOT NULL,"
               "  PRIMARY KEY (owner, peer)"
               ") STRICT, WITHOUT ROWID;",
    },
    {
        .part = "social messages",
        .name = "wraps that are said again",
        .sql = "CREATE TABLE message_out ("
               "  seq INTEGER PRIMARY KEY AUTOINCREMENT,"
               "  id BLOB NOT NULL UNIQUE CHECK (length(id) = 32),"
               "  wrap TEXT NOT NULL,"
               "  urls TEXT NOT NULL,"
               "  at INTEGER NOT NULL"
               ") STRICT;",
    },
};
const size_t ht_messages_migration_count =
    sizeof ht_messages_migrations / sizeof *ht_messages_migrations;

static const char MARKS[] =
    "SELECT peer, at FROM message_read WHERE owner = ?1 ORDER BY at DESC LIMIT ?2";
static const char READ[] = "INSERT INTO message_read (owner, peer, at) VALUES (?1, ?2, ?3) "
                           "ON CONFLICT (owner, peer) DO UPDATE SET at = max(at, excluded.at)";
static const char OUT_PUT[] = "INSERT OR REPLACE INTO message_out (id, wrap, urls, at) "
                              "VALUES (?1, ?2, ?3, ?4)";
static const char OUT_DELETE[] = "DELETE FROM message_out WHERE id = ?1";
static const char OUT_TRIM[] = "DELETE FROM message_out WHERE at < ?1 OR seq <= "
                               "(SELECT seq FROM message_out ORDER BY seq DESC LIMIT 1 OFFSET ?2)";
static const char OUT_LIST[] =
    "SELECT seq, id, wrap, urls FROM message_out WHERE seq > ?1 ORDER BY seq LIMIT ?2";

static enum ht_err no_memory(struct ht_why *why) {
    return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
}

static void bind_key(sqlite3_stmt *stmt, int at, const ht_hash32 *key) {
    (void)sqlite3_bind_blob(stmt, at, key->b, sizeof key->b, SQLITE_STATIC);
}

/* Runs one that gives no rows. */
static enum ht_err run(sqlite3_stmt *stmt, sqlite3 *db, const char *doing, struct ht_why *why) {
    enum ht_err err = sqlite3_step(stmt) == SQLITE_DONE ? HT_OK : ht_db_fail(why, db, doing);
    (void)sqlite3_finalize(stmt);
    return err;
}

/* --- what was read ---------------------------------------------------------------------------- */

enum ht_err ht_messages_sql_marks(struct ht_message_mark **out, size_t *count, sqlite3 *db,
                                  const ht_hash32 *owner, struct ht_why *why) {
    sqlite3_stmt *stmt = NULL;
    struct ht_message_mark *marks = NULL;
    size_t n = 0, room = 0;
    enum ht_err err = ht_db_prepare(&stmt, db, MARKS, why);
    if (err != HT_OK) return err;
    bind_key(stmt, 1, owner);
    (void)sqlite3_bind_int64(stmt, 2, HT_MESSAGE_MARKS_MAX);
    int step;
    while ((step = sqlite3_step(stmt)) == SQLITE_ROW && n < HT_MESSAGE_MARKS_MAX) {
        if (n == room) {
            room = room == 0 ? 64 : 2 * room;
            struct ht_message_mark *more = realloc(marks, room * sizeof *more);
            if (more == NULL) break;
            marks = more;
        }
        memcpy(marks[n].key.b, sqlite3_column_blob(stmt, 0), sizeof marks[n].key.b);
        marks[n++].at = sqlite3_column_int64(stmt, 1);
    }
    if (step == SQLITE_ROW && n < HT_MESSAGE_MARKS_MAX) {
        err = no_memory(why);
    } else if (step != SQLITE_DONE && step != SQLITE_ROW) {
        err = ht_db_fail(why, db, "cannot read which messages were read");
    }
    (void)sqlite3_finalize(stmt);
    if (err == HT_OK) {
        *out = marks;
        *count = n;
    } else {
        free(marks);
    }
    return err;
}

enum ht_err ht_messages_sql_read(sqlite3 *db, const ht_hash32 *owner,
                                 const struct ht_message_mark *mark, struct ht_why *why) {
    sqlite3_stmt *stmt = NULL;
    enum ht_err err = ht_db_prepare(&stmt, db, READ, why);
    if (err != HT_OK) return err;
    bind_key(stmt, 1, owner);
    bind_key(stmt, 2, &mark->key);
    (void)sqlite3_bind_int64(stmt, 3, mark->at);
    return run(stmt, db, "cannot keep which messages were read", why);
}

/* --- what is to be said again ------------------------------------------------------------------
 */

enum ht_err ht_messages_sql_out_put(sqlite3 *db, const ht_hash32 *id, ht_bytes wrap,
                                    const json_t *urls, int64_t at_s, struct ht_why *why) {
    sqlite3_stmt *stmt = NULL;
    struct ht_buf text;
    ht_buf_init(&text, URLS_MAX);
    enum ht_err err = ht_json_dump_compact(&text, urls);
    if (err != HT_OK) {
        ht_buf_fini(&text);
        return ht_fail(why, err, "too_long", "the list of relays is too long");
    }
    err = ht_db_prepare(&stmt, db, OUT_PUT, why);
    if (err == HT_OK) {
        bind_key(stmt, 1, id);
        (void)sqlite3_bind_text64(stmt, 2, (const char *)wrap.p, wrap.n, SQLITE_STATIC,
                                  SQLITE_UTF8);
        (void)sqlite3_bind_text64(stmt, 3, (const char *)text.p, text.n, SQLITE_STATIC,
                                  SQLITE_UTF8);
        (void)sqlite3_bind_int64(stmt, 4, at_s);
        err = run(stmt, db, "cannot keep a message that is on its way", why);
    }
    ht_buf_fini(&text);
    return err;
}

enum ht_err ht_messages_sql_out_delete(sqlite3 *db, const ht_hash32 *id, struct ht_why *why) {
    sqlite3_stmt *stmt = NULL;
    enum ht_err err = ht_db_prepare(&stmt, db, OUT_DELETE, why);
    if (err != HT_OK) return err;
    bind_key(stmt, 1, id);
    return run(stmt, db, "cannot forget a message that was delivered", why);
}

enum ht_err ht_messages_sql_out_trim(sqlite3 *db, int64_t before_s, struct ht_why *why) {
    sqlite3_stmt *stmt = NULL;
    enum ht_err err = ht_db_prepare(&stmt, db, OUT_TRIM, why);
    if (err != HT_OK) return err;
    (void)sqlite3_bind_int64(stmt, 1, before_s);
    (void)sqlite3_bind_int64(stmt, 2, HT_MESSAGE_OUT_MAX);
    return run(stmt, db, "cannot forget old messages that are on their way", why);
}

/* NULL without memory, or when the row is not as it was written. */
static json_t *read_out(sqlite3_stmt *stmt) {
    json_t *urls = NULL;
    char hex[HT_HEX_SIZE(32)];
    ht_bytes text =
        ht_bytes_of(sqlite3_column_text(stmt, 3), (size_t)sqlite3_column_bytes(stmt, 3));
    if (ht_json_parse(&urls, text, URLS_MAX, NULL) != HT_OK) return NULL;
    ht_hex_write(hex, ht_bytes_of(sqlite3_column_blob(stmt, 1), 32));
    return json_pack("{s:I, s:s, s:s, s:o}", "seq", (json_int_t)sqlite3_column_int64(stmt, 0), "id",
                     hex + 2, "wrap", (const char *)sqlite3_column_text(stmt, 2), "urls", urls);
}

enum ht_err ht_messages_sql_out_list(json_t **out, sqlite3 *db, int64_t after_seq, size_t max,
                                     struct ht_why *why) {
    sqlite3_stmt *stmt = NULL;
    enum ht_err err = ht_db_prepare(&stmt, db, OUT_LIST, why);
    if (err != HT_OK) return err;
    (void)sqlite3_bind_int64(stmt, 1, after_seq);
    (void)sqlite3_bind_int64(stmt, 2, (sqlite3_int64)max);
    json_t *list = json_array();
    int step = SQLITE_ROW, failed = list == NULL;
    while (failed == 0 && (step = sqlite3_step(stmt)) == SQLITE_ROW) {
        failed = json_array_append_new(list, read_out(stmt));
    }
    if (failed != 0) {
        err = no_memory(why);
    } else if (step != SQLITE_DONE) {
        err = ht_db_fail(why, db, "cannot read messages that are on their way");
    }
    (void)sqlite3_finalize(stmt);
    if (err == HT_OK) {
        *out = list;
    } else {
        json_decref(list);
    }
    return err;
}
