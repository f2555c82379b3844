/* Every statement on the tables of keeper. */
#include "social/relay/keeper_sql.h"

#include <stdlib.h>

#include "node/base/hex.h"
#include "social/client_sql.h"

const struct ht_migration ht_keeper_migrations[] = {
    {
        .part = "social keeper",
        .name = "the relay's management",
        .sql = "ALTER TABLE client_blocked ADD COLUMN reason TEXT NOT NULL DEFAULT '';"
               "CREATE TABLE keeper_key ("
               "  pubkey BLOB PRIMARY KEY CHECK (length(pubkey) = 32),"
               "  reason TEXT NOT NULL"
               ") STRICT, WITHOUT ROWID;"
               "CREATE TABLE keeper_event ("
               "  id BLOB PRIMARY KEY CHECK (length(id) = 32),"
               "  is_banned INTEGER NOT NULL CHECK (is_banned IN (0, 1)),"
               "  reason TEXT NOT NULL"
               ") STRICT, WITHOUT ROWID;"
               "CREATE TABLE keeper_address ("
               "  address TEXT PRIMARY KEY CHECK (length(address) < 46),"
               "  reason TEXT NOT NULL"
               ") STRICT, WITHOUT ROWID;"
               "CREATE TABLE keeper_kind ("
               "  kind INTEGER PRIMARY KEY CHECK (kind BETWEEN 0 AND 65535),"
               "  is_allowed INTEGER NOT NULL CHECK (is_allowed IN (0, 1))"
               ") STRICT, WITHOUT ROWID;",
    },
};
const size_t ht_keeper_migration_count = sizeof ht_keeper_migrations / sizeof *ht_keeper_migrations;

/* Statements of each list; items are ?1, reasons ?2. */
static const struct list {
    const char *put, *drop, *has, *count, *list;
    const char *member;
    bool is_text;
    unsigned max;
} lists[] = {
    [HT_KEEPER_BANNED_KEYS] =
        {
            .put = "INSERT INTO client_blocked (pubkey, reason) VALUES (?1, ?2) "
                   "ON CONFLICT (pubkey) DO UPDATE SET reason = excluded.reason",
            .drop = "DELETE FROM client_blocked WHERE pubkey = ?1",
            .has = "SELECT 1 FROM client_blocked WHERE pubkey = ?1",
            .count = "SELECT count(*) FROM client_blocked",
            .list = "SELECT pubkey, reason FROM client_blocked ORDER BY pubkey",
            .member = "pubkey",
            .max = HT_BLOCKED_MAX,
        },
    [HT_KEEPER_ALLOWED_KEYS] =
        {
            .put = "INSERT INTO keeper_key (pubkey, reason) VALUES (?1, ?2) "
                   "ON CONFLICT (pubkey) DO UPDATE SET reason = excluded.reason",
            .drop = "DELETE FROM keeper_key WHERE pubkey = ?1",
            .has = "SELECT 1 FROM keeper_key WHERE pubkey = ?1",
            .count = "SELECT count(*) FROM keeper_key",
            .list = "SELECT pubkey, reason FROM keeper_key ORDER BY pubkey",
            .member = "pubkey",
            .max = HT_KEEPER_LIST_MAX,
        },
    [HT_KEEPER_BANNED_EVENTS] =
        {
            .put = "INSERT INTO keeper_event (id, is_banned, reason) VALUES (?1, 1, ?2) "
                   "ON CONFLICT (id) DO UPDATE SET is_banned = 1, reason = excluded.reason",
            .drop = "DELETE FROM keeper_event WHERE id = ?1 AND is_banned = 1",
            .has = "SELECT 1 FROM keeper_event WHERE id = ?1 AND is_banned = 1",
            .count = "SELECT count(*) FROM keeper_event WHERE is_banned = 1",
            .list = "SELECT id, reason FROM keeper_event WHERE is_banned = 1 ORDER BY id",
            .member = "id",
            .max = HT_KEEPER_LIST_MAX,
        },
    [HT_KEEPER_ALLOWED_EVENTS] =
        {
            .put = "INSERT INTO keeper_event (id, is_banned, reason) VALUES (?1, 0, ?2) "
                   "ON CONFLICT (id) DO UPDATE SET is_banned = 0, reason = excluded.reason",
            .drop = "DELETE FROM keeper_event WHERE id = ?1 AND is_banned = 0",
            .has = "SELECT 1 FROM keeper_event WHERE id = ?1 AND is_banned = 0",
            .count = "SELECT count(*) FROM keeper_event WHERE is_banned = 0",
            .list = "SELECT id, reason FROM keeper_event WHERE is_banned = 0 ORDER BY id",
            .member = "id",
            .max = HT_KEEPER_LIST_MAX,
        },
    [HT_KEEPER_ADDRESSES] =
        {
            .put = "INSERT INTO keeper_address (address, reason) VALUES (?1, ?2) "
                   "ON CONFLICT (address) DO UPDATE SET reason = excluded.reason",
            .drop = "DELETE FROM keeper_address WHERE address = ?1",
            .has = "SELECT 1 FROM keeper_address WHERE address = ?1",
            .count = "SELECT count(*) FROM keeper_address",
            .list = "SELECT address, reason FROM keeper_address ORDER BY address",
            .member = "ip",
            .is_text = true,
            .max = HT_KEEPER_LIST_MAX,
        },
};
static const char PUT_KIND[] = "INSERT INTO keeper_kind (kind, is_allowed) VALUES (?1, ?2) "
                               "ON CONFLICT (kind) DO UPDATE SET is_allowed = excluded.is_allowed";
static const char DROP_KIND[] = "DELETE FROM keeper_kind WHERE kind = ?1";
static const char LIST_KINDS[] =
    "SELECT kind FROM keeper_kind WHERE is_allowed = ?1 ORDER BY kind LIMIT 65536";

static enum ht_err no_memory(struct ht_why *why) {
    return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
}

static void bind_item(sqlite3_stmt *stmt, const struct list *list, ht_bytes item) {
    if (list->is_text) {
        (void)sqlite3_bind_text(stmt, 1, (const char *)item.p, (int)item.n, SQLITE_STATIC);
    } else {
        (void)sqlite3_bind_blob(stmt, 1, item.p, (int)item.n, SQLITE_STATIC);
    }
}

/* Runs one that gives no rows, and ends it. */
static enum ht_err run(sqlite3_stmt *stmt, sqlite3 *db, struct ht_why *why) {
    enum ht_err err =
        sqlite3_step(stmt) == SQLITE_DONE ? HT_OK : ht_db_fail(why, db, "cannot change a list");
    (void)sqlite3_finalize(stmt);
    return err;
}

/* Whether a row comes, and its first number. */
static enum ht_err ask(bool *has_row, int64_t *number, sqlite3_stmt *stmt, sqlite3 *db,
                       struct ht_why *why) {
    int step = sqlite3_step(stmt);
    *has_row = step == SQLITE_ROW;
    *number = *has_row ? sqlite3_column_int64(stmt, 0) : 0;
    enum ht_err err = step == SQLITE_ROW || step == SQLITE_DONE
                          ? HT_OK
                          : ht_db_fail(why, db, "cannot read a list");
    (void)sqlite3_finalize(stmt);
    return err;
}

/* --- lists ------------------------------------------------------------------------------------ */

enum ht_err ht_keeper_sql_has(bool *out, sqlite3 *db, enum ht_keeper_list which, ht_bytes item,
                              struct ht_why *why) {
    const struct list *list = &lists[which];
    sqlite3_stmt *stmt = NULL;
    int64_t number = 0;
    enum ht_err err = ht_db_prepare(&stmt, db, list->has, why);
    if (err != HT_OK) return err;
    bind_item(stmt, list, item);
    return ask(out, &number, stmt, db, why);
}

static enum ht_err has_room(sqlite3 *db, const struct list *list, struct ht_why *why) {
    sqlite3_stmt *stmt = NULL;
    bool has_row = false;
    int64_t count = 0;
    enum ht_err err = ht_db_prepare(&stmt, db, list->count, why);
    if (err == HT_OK) err = ask(&has_row, &count, stmt, db, why);
    if (err == HT_OK && count >= (int64_t)list->max) {
        err = ht_fail(why, HT_ELIMIT, "manage_full", "the list has %u entries already", list->max);
    }
    return err;
}

enum ht_err ht_keeper_sql_put(sqlite3 *db, enum ht_keeper_list which, ht_bytes item,
                              const char *reason, struct ht_why *why) {
    const struct list *list = &lists[which];
    sqlite3_stmt *stmt = NULL;
    bool is_there = false;
    enum ht_err err = ht_keeper_sql_has(&is_there, db, which, item, why);
    if (err == HT_OK && !is_there) err = has_room(db, list, why);
    if (err == HT_OK) err = ht_db_prepare(&stmt, db, list->put, why);
    if (err != HT_OK) return err;
    bind_item(stmt, list, item);
    (void)sqlite3_bind_text(stmt, 2, reason, -1, SQLITE_STATIC);
    return run(stmt, db, why);
}

enum ht_err ht_keeper_sql_drop(sqlite3 *db, enum ht_keeper_list which, ht_bytes item,
                               struct ht_why *why) {
    const struct list *list = &lists[which];
    sqlite3_stmt *stmt = NULL;
    enum ht_err err = ht_db_prepare(&stmt, db, list->drop, why);
    if (err != HT_OK) return err;
    bind_item(stmt, list, item);
    return run(stmt, db, why);
}

static json_t *item_json(sqlite3_stmt *stmt, const struct list *list) {
    char hex[HT_HEX_SIZE(32)] = "";
    const char *item = hex + 2;
    if (list->is_text) {
        item = (const char *)sqlite3_column_text(stmt, 0);
    } else {
        ht_hex_write(hex, ht_bytes_of(sqlite3_column_blob(stmt, 0), 32));
    }
    return json_pack("{s:s, s:s}", list->member, item, "reason",
                     (const char *)sqlite3_column_text(stmt, 1));
}

enum ht_err ht_keeper_sql_list(json_t **out, sqlite3 *db, enum ht_keeper_list which,
                               struct ht_why *why) {
    const struct list *list = &lists[which];
    sqlite3_stmt *stmt = NULL;
    enum ht_err err = ht_db_prepare(&stmt, db, list->list, why);
    if (err != HT_OK) return err;
    json_t *array = json_array();
    int step = SQLITE_ROW, failed = array == NULL;
    while (failed == 0 && (step = sqlite3_step(stmt)) == SQLITE_ROW) {
        failed = json_array_append_new(array, item_json(stmt, list));
    }
    if (failed != 0) {
        err = no_memory(why);
    } else if (step != SQLITE_DONE) {
        err = ht_db_fail(why, db, "cannot read a list");
    }
    (void)sqlite3_finalize(stmt);
    if (err == HT_OK) {
        *out = array;
    } else {
        json_decref(array);
    }
    return err;
}

/* --- kinds ------------------------------------------------------------------------------------ */

enum ht_err ht_keeper_sql_put_kind(sqlite3 *db, uint32_t kind, bool is_allowed,
                                   struct ht_why *why) {
    sqlite3_stmt *stmt = NULL;
    enum ht_err err = ht_db_prepare(&stmt, db, PUT_KIND, why);
    if (err != HT_OK) return err;
    (void)sqlite3_bind_int64(stmt, 1, kind);
    (void)sqlite3_bind_int(stmt, 2, is_allowed ? 1 : 0);
    return run(stmt, db, why);
}

enum ht_err ht_keeper_sql_drop_kind(sqlite3 *db, uint32_t kind, struct ht_why *why) {
    sqlite3_stmt *stmt = NULL;
    enum ht_err err = ht_db_prepare(&stmt, db, DROP_KIND, why);
    if (err != HT_OK) return err;
    (void)sqlite3_bind_int64(stmt, 1, kind);
    return run(stmt, db, why);
}

/* --- state ------------------------------------------------------------------------------------ */

/* A growing array of items of one size. */
struct rows {
    void *list;
    size_t count, room, size;
};

static void *add_row(struct rows *rows) {
    if (rows->count == rows->room) {
        size_t room = rows->room == 0 ? 64 : 2 * rows->room;
        void *list = realloc(rows->list, room * rows->size);
        if (list == NULL) return NULL;
        rows->list = list;
        rows->room = room;
    }
    return (char *)rows->list + rows->size * rows->count++;
}

/* Reads the first column of all rows: keys, addresses or kinds, by their size. Ends stmt. */
static enum ht_err read_rows(struct rows *rows, sqlite3_stmt *stmt, sqlite3 *db,
                             struct ht_why *why) {
    enum ht_err err = HT_OK;
    int step = SQLITE_ROW;
    while (err == HT_OK && (step = sqlite3_step(stmt)) == SQLITE_ROW) {
        void *row = add_row(rows);
        if (row == NULL) {
            err = no_memory(why);
        } else if (rows->size == sizeof(uint32_t)) {
            uint32_t kind = (uint32_t)sqlite3_column_int64(stmt, 0);
            memcpy(row, &kind, sizeof kind);
        } else if (rows->size == sizeof(ht_hash32)) {
            memcpy(row, sqlite3_column_blob(stmt, 0), sizeof(ht_hash32));
        } else {
            size_t n = (size_t)sqlite3_column_bytes(stmt, 0);
            memset(row, 0, rows->size);
            memcpy(row, sqlite3_column_text(stmt, 0), n < rows->size ? n : rows->size - 1);
        }
    }
    if (err == HT_OK && step != SQLITE_DONE) err = ht_db_fail(why, db, "cannot read a list");
    (void)sqlite3_finalize(stmt);
    return err;
}

static enum ht_err read_list(struct rows *rows, sqlite3 *db, enum ht_keeper_list which, size_t size,
                             struct ht_why *why) {
    sqlite3_stmt *stmt = NULL;
    *rows = (struct rows){.size = size};
    enum ht_err err = ht_db_prepare(&stmt, db, lists[which].list, why);
    return err == HT_OK ? read_rows(rows, stmt, db, why) : err;
}

static enum ht_err read_kinds(struct rows *rows, sqlite3 *db, bool is_allowed, struct ht_why *why) {
    sqlite3_stmt *stmt = NULL;
    *rows = (struct rows){.size = sizeof(uint32_t)};
    enum ht_err err = ht_db_prepare(&stmt, db, LIST_KINDS, why);
    if (err != HT_OK) return err;
    (void)sqlite3_bind_int(stmt, 1, is_allowed ? 1 : 0);
    return read_rows(rows, stmt, db, why);
}

enum ht_err ht_keeper_sql_state(struct ht_keeper_state *state, sqlite3 *db, struct ht_why *why) {
    struct rows banned = {0}, allowed = {0}, addresses = {0}, kinds = {0}, denied = {0};
    enum ht_err err = read_list(&banned, db, HT_KEEPER_BANNED_KEYS, sizeof(ht_hash32), why);
    if (err == HT_OK) {
        err = read_list(&allowed, db, HT_KEEPER_ALLOWED_KEYS, sizeof(ht_hash32), why);
    }
    if (err == HT_OK) {
        err = read_list(&addresses, db, HT_KEEPER_ADDRESSES, HT_KEEPER_ADDRESS_SIZE, why);
    }
    if (err == HT_OK) err = read_kinds(&kinds, db, true, why);
    if (err == HT_OK) err = read_kinds(&denied, db, false, why);
    *state = (struct ht_keeper_state){
        .banned = banned.list,
        .banned_count = banned.count,
        .allowed = allowed.list,
        .allowed_count = allowed.count,
        .addresses = addresses.list,
        .address_count = addresses.count,
        .kinds = kinds.list,
        .kind_count = kinds.count,
        .denied_kinds = denied.list,
        .denied_kind_count = denied.count,
    };
    return err;
}

void ht_keeper_state_fini(struct ht_keeper_state *state) {
    free(state->banned);
    free(state->allowed);
    free(state->addresses);
    free(state->kinds);
    free(state->denied_kinds);
    *state = (struct ht_keeper_state){0};
}
