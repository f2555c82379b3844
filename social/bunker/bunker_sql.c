/* Every statement on the tables of bunker. Lists of a device stand as JSON in one column: they are
 * only ever read whole. */
#include "social/bunker/bunker_sql.h"

#include <stdio.h>

#include "node/codec/json.h"

#define LIST_MAX ((size_t)8 << 10)

const struct ht_migration ht_bunker_migrations[] = {
    {
        .part = "social bunker",
        .name = "devices",
        .sql = "CREATE TABLE bunker_device ("
               "  device BLOB PRIMARY KEY CHECK (length(device) = 32),"
               "  owner BLOB NOT NULL CHECK (length(owner) = 32),"
               "  name TEXT NOT NULL,"
               "  asks TEXT NOT NULL,"
               "  relays TEXT NOT NULL,"
               "  kinds TEXT NOT NULL,"
               "  may_encrypt INTEGER NOT NULL,"
               "  may_decrypt INTEGER NOT NULL,"
               "  added_ms INTEGER NOT NULL,"
               "  used_ms INTEGER NOT NULL,"
               "  count INTEGER NOT NULL"
               ") STRICT, WITHOUT ROWID;",
    },
};
const size_t ht_bunker_migration_count = sizeof ht_bunker_migrations / sizeof *ht_bunker_migrations;

static const char PUT[] =
    "INSERT INTO bunker_device (device, owner, name, asks, relays, kinds, may_encrypt, "
    "may_decrypt, added_ms, used_ms, count) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11) "
    "ON CONFLICT (device) DO UPDATE SET owner = excluded.owner, name = excluded.name, "
    "asks = excluded.asks, relays = excluded.relays, kinds = excluded.kinds, "
    "may_encrypt = excluded.may_encrypt, may_decrypt = excluded.may_decrypt, "
    "added_ms = excluded.added_ms, used_ms = excluded.used_ms, count = excluded.count";
static const char DELETE_ONE[] = "DELETE FROM bunker_device WHERE device = ?1";
static const char LIST[] =
    "SELECT device, owner, name, asks, relays, kinds, may_encrypt, may_decrypt, added_ms, used_ms, "
    "count FROM bunker_device ORDER BY added_ms, device LIMIT ?1";

static enum ht_err no_memory(struct ht_why *why) {
    return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
}

static enum ht_err run(sqlite3_stmt *stmt, sqlite3 *db, const char *doing, struct ht_why *why) {
    enum ht_err err = sqlite3_step(stmt) == SQLITE_DONE ? HT_OK : ht_db_fail(why, db, doing);
    (void)sqlite3_finalize(stmt);
    return err;
}

static void bind_text(sqlite3_stmt *stmt, int at, ht_bytes text) {
    (void)sqlite3_bind_text64(stmt, at, text.n > 0 ? (const char *)text.p : "", text.n,
                              SQLITE_STATIC, SQLITE_UTF8);
}

static enum ht_err write_lists(struct ht_buf *relays, struct ht_buf *kinds,
                               const struct ht_bunker_row *row, struct ht_why *why) {
    json_t *urls = json_array(), *numbers = json_array();
    int failed = urls == NULL || numbers == NULL;
    for (size_t i = 0; i < row->relay_count; i++) {
        failed |= json_array_append_new(urls, json_string(row->relays[i]));
    }
    for (size_t i = 0; i < row->kind_count; i++) {
        failed |= json_array_append_new(numbers, json_integer(row->kinds[i]));
    }
    enum ht_err err = failed != 0 ? HT_ENOMEM : ht_json_dump_compact(relays, urls);
    if (err == HT_OK) err = ht_json_dump_compact(kinds, numbers);
    json_decref(urls);
    json_decref(numbers);
    return err == HT_OK ? HT_OK : no_memory(why);
}

enum ht_err ht_bunker_sql_put(sqlite3 *db, const struct ht_bunker_row *row, struct ht_why *why) {
    sqlite3_stmt *stmt = NULL;
    struct ht_buf relays, kinds;
    ht_buf_init(&relays, LIST_MAX);
    ht_buf_init(&kinds, LIST_MAX);
    enum ht_err err = write_lists(&relays, &kinds, row, why);
    if (err == HT_OK) err = ht_db_prepare(&stmt, db, PUT, why);
    if (err == HT_OK) {
        (void)sqlite3_bind_blob(stmt, 1, row->device.b, sizeof row->device.b, SQLITE_STATIC);
        (void)sqlite3_bind_blob(stmt, 2, row->owner.b, sizeof row->owner.b, SQLITE_STATIC);
        bind_text(stmt, 3, ht_bytes_str(row->name));
        bind_text(stmt, 4, ht_bytes_str(row->asks));
        bind_text(stmt, 5, ht_buf_view(&relays));
        bind_text(stmt, 6, ht_buf_view(&kinds));
        (void)sqlite3_bind_int(stmt, 7, row->may_encrypt);
        (void)sqlite3_bind_int(stmt, 8, row->may_decrypt);
        (void)sqlite3_bind_int64(stmt, 9, row->added_ms);
        (void)sqlite3_bind_int64(stmt, 10, row->used_ms);
        (void)sqlite3_bind_int64(stmt, 11, row->count);
        err = run(stmt, db, "cannot keep a device", why);
    }
    ht_buf_fini(&relays);
    ht_buf_fini(&kinds);
    return err;
}

enum ht_err ht_bunker_sql_delete(sqlite3 *db, const ht_hash32 *device, struct ht_why *why) {
    sqlite3_stmt *stmt = NULL;
    enum ht_err err = ht_db_prepare(&stmt, db, DELETE_ONE, why);
    if (err != HT_OK) return err;
    (void)sqlite3_bind_blob(stmt, 1, device->b, sizeof device->b, SQLITE_STATIC);
    return run(stmt, db, "cannot end a device", why);
}

/* --- reading ---------------------------------------------------------------------------------- */

static void read_text(char *out, size_t size, sqlite3_stmt *stmt, int at) {
    const char *text = (const char *)sqlite3_column_text(stmt, at);
    (void)snprintf(out, size, "%s", text != NULL ? text : "");
}

static enum ht_err read_list(json_t **out, sqlite3_stmt *stmt, int at, struct ht_why *why) {
    const void *text = sqlite3_column_text(stmt, at);
    ht_bytes bytes = ht_bytes_of(text, (size_t)sqlite3_column_bytes(stmt, at));
    return ht_json_parse(out, bytes, LIST_MAX, why);
}

static enum ht_err read_lists(struct ht_bunker_row *row, sqlite3_stmt *stmt, struct ht_why *why) {
    json_t *relays = NULL, *kinds = NULL, *one;
    size_t i;
    enum ht_err err = read_list(&relays, stmt, 4, why);
    if (err == HT_OK) err = read_list(&kinds, stmt, 5, why);
    json_array_foreach(relays, i, one) {
        const char *url = json_string_value(one);
        if (url == NULL || row->relay_count == HT_BUNKER_RELAYS_MAX) continue;
        (void)snprintf(row->relays[row->relay_count++], HT_LINK_URL_SIZE, "%s", url);
    }
    json_array_foreach(kinds, i, one) {
        if (!json_is_integer(one) || row->kind_count == HT_BUNKER_KINDS_MAX) continue;
        row->kinds[row->kind_count++] = (uint32_t)json_integer_value(one);
    }
    json_decref(relays);
    json_decref(kinds);
    return err;
}

static enum ht_err read_row(struct ht_bunker_row *row, sqlite3_stmt *stmt, struct ht_why *why) {
    memset(row, 0, sizeof *row);
    memcpy(row->device.b, sqlite3_column_blob(stmt, 0), sizeof row->device.b);
    memcpy(row->owner.b, sqlite3_column_blob(stmt, 1), sizeof row->owner.b);
    read_text(row->name, sizeof row->name, stmt, 2);
    read_text(row->asks, sizeof row->asks, stmt, 3);
    row->may_encrypt = sqlite3_column_int(stmt, 6) != 0;
    row->may_decrypt = sqlite3_column_int(stmt, 7) != 0;
    row->added_ms = sqlite3_column_int64(stmt, 8);
    row->used_ms = sqlite3_column_int64(stmt, 9);
    row->count = sqlite3_column_int64(stmt, 10);
    return read_lists(row, stmt, why);
}

enum ht_err ht_bunker_sql_load(sqlite3 *db,
                               enum ht_err (*each)(void *user, const struct ht_bunker_row *row),
                               void *user, struct ht_why *why) {
    sqlite3_stmt *stmt = NULL;
    struct ht_bunker_row row;
    enum ht_err err = ht_db_prepare(&stmt, db, LIST, why);
    if (err != HT_OK) return err;
    (void)sqlite3_bind_int64(stmt, 1, HT_BUNKER_DEVICES_MAX);
    int step = SQLITE_DONE;
    while (err == HT_OK && (step = sqlite3_step(stmt)) == SQLITE_ROW) {
        err = read_row(&row, stmt, why);
        if (err == HT_OK && each(user, &row) != HT_OK) err = no_memory(why);
    }
    if (err == HT_OK && step != SQLITE_DONE) err = ht_db_fail(why, db, "cannot read devices");
    (void)sqlite3_finalize(stmt);
    return err;
}
