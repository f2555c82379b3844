/* Every statement on the tables of the mesh. What a peer is besides its key stands as JSON in one
 * column: it is only ever read whole. */
#include "social/mesh/mesh_sql.h"

#include <stdio.h>

#include "social/mesh/mesh_row.h"

#define ROW_MAX ((size_t)32 << 10)

const struct ht_migration ht_mesh_migrations[] = {
    {
        .part = "social mesh",
        .name = "peers",
        .sql = "CREATE TABLE mesh_peer ("
               "  node BLOB PRIMARY KEY CHECK (length(node) = 32),"
               "  value TEXT NOT NULL"
               ") STRICT, WITHOUT ROWID;"
               "CREATE TABLE mesh_invitation ("
               "  secret TEXT PRIMARY KEY CHECK (length(secret) = 32),"
               "  label TEXT NOT NULL,"
               "  expires_s INTEGER NOT NULL"
               ") STRICT, WITHOUT ROWID;"
               "CREATE TABLE mesh_mark ("
               "  node BLOB PRIMARY KEY CHECK (length(node) = 32),"
               "  window INTEGER NOT NULL,"
               "  until_s INTEGER NOT NULL,"
               "  catchup_s INTEGER NOT NULL,"
               "  inbox_s INTEGER NOT NULL"
               ") STRICT, WITHOUT ROWID;",
    },
};
const size_t ht_mesh_migration_count = sizeof ht_mesh_migrations / sizeof *ht_mesh_migrations;

static const char PUT[] = "INSERT INTO mesh_peer (node, value) VALUES (?1, ?2) "
                          "ON CONFLICT (node) DO UPDATE SET value = excluded.value";
static const char DELETE_PEER[] = "DELETE FROM mesh_peer WHERE node = ?1";
static const char DELETE_MARK[] = "DELETE FROM mesh_mark WHERE node = ?1";
static const char LIST[] = "SELECT node, value FROM mesh_peer LIMIT ?1";
static const char CLEAR_INVITATIONS[] = "DELETE FROM mesh_invitation";
static const char PUT_INVITATION[] =
    "INSERT INTO mesh_invitation (secret, label, expires_s) VALUES (?1, ?2, ?3)";
static const char LIST_INVITATIONS[] =
    "SELECT secret, label, expires_s FROM mesh_invitation ORDER BY expires_s LIMIT ?1";
static const char PUT_MARK[] =
    "INSERT INTO mesh_mark (node, window, until_s, catchup_s, inbox_s) VALUES (?1, ?2, ?3, ?4, ?5) "
    "ON CONFLICT (node) DO UPDATE SET window = excluded.window, until_s = excluded.until_s, "
    "catchup_s = excluded.catchup_s, inbox_s = excluded.inbox_s";
static const char GET_MARK[] =
    "SELECT window, until_s, catchup_s, inbox_s FROM mesh_mark WHERE node = ?1";

static enum ht_err run(sqlite3_stmt *stmt, sqlite3 *db, const char *doing, struct ht_why *why) {
    enum ht_err err = sqlite3_step(stmt) == SQLITE_DONE ? HT_OK : ht_db_fail(why, db, doing);
    (void)sqlite3_finalize(stmt);
    return err;
}

static void bind_node(sqlite3_stmt *stmt, const ht_hash32 *node) {
    (void)sqlite3_bind_blob(stmt, 1, node->b, sizeof node->b, SQLITE_STATIC);
}

static void bind_text(sqlite3_stmt *stmt, int at, ht_bytes text) {
    (void)sqlite3_bind_text64(stmt, at, text.n > 0 ? (const char *)text.p : "", text.n,
                              SQLITE_STATIC, SQLITE_UTF8);
}

/* --- peers ------------------------------------------------------------------------------------ */

enum ht_err ht_mesh_sql_put(sqlite3 *db, const struct ht_mesh_peer *peer, struct ht_why *why) {
    sqlite3_stmt *stmt = NULL;
    struct ht_buf row;
    ht_buf_init(&row, ROW_MAX);
    enum ht_err err = ht_mesh_row_write(&row, peer, why);
    if (err == HT_OK) err = ht_db_prepare(&stmt, db, PUT, why);
    if (err == HT_OK) {
        bind_node(stmt, &peer->node);
        bind_text(stmt, 2, ht_buf_view(&row));
        err = run(stmt, db, "cannot keep a peer", why);
    }
    ht_buf_fini(&row);
    return err;
}

static enum ht_err delete_from(sqlite3 *db, const char *sql, const ht_hash32 *node,
                               struct ht_why *why) {
    sqlite3_stmt *stmt = NULL;
    enum ht_err err = ht_db_prepare(&stmt, db, sql, why);
    if (err != HT_OK) return err;
    bind_node(stmt, node);
    return run(stmt, db, "cannot forget a peer", why);
}

enum ht_err ht_mesh_sql_delete(sqlite3 *db, const ht_hash32 *node, struct ht_why *why) {
    enum ht_err err = delete_from(db, DELETE_PEER, node, why);
    return err == HT_OK ? delete_from(db, DELETE_MARK, node, why) : err;
}

enum ht_err ht_mesh_sql_load(size_t *bad, sqlite3 *db,
                             enum ht_err (*each)(void *user, const struct ht_mesh_peer *peer),
                             void *user, struct ht_why *why) {
    sqlite3_stmt *stmt = NULL;
    size_t skipped = 0;
    enum ht_err err = ht_db_prepare(&stmt, db, LIST, why);
    if (err != HT_OK) return err;
    (void)sqlite3_bind_int64(stmt, 1, HT_MESH_PEERS_MAX);
    int step = SQLITE_DONE;
    while (err == HT_OK && (step = sqlite3_step(stmt)) == SQLITE_ROW) {
        struct ht_mesh_row row;
        ht_bytes value =
            ht_bytes_of(sqlite3_column_text(stmt, 1), (size_t)sqlite3_column_bytes(stmt, 1));
        if (ht_mesh_row_read(&row, value, NULL) != HT_OK) {
            skipped++;
            continue;
        }
        memcpy(row.peer.node.b, sqlite3_column_blob(stmt, 0), sizeof row.peer.node.b);
        row.peer.record.node = row.peer.node;
        err = each(user, &row.peer);
        ht_mesh_row_fini(&row);
    }
    if (err == HT_OK && step != SQLITE_DONE) err = ht_db_fail(why, db, "cannot read peers");
    (void)sqlite3_finalize(stmt);
    if (err == HT_OK) *bad = skipped;
    return err;
}

/* --- invitations ------------------------------------------------------------------------------ */

static enum ht_err put_invitation(sqlite3 *db, const struct ht_mesh_invitation *one,
                                  struct ht_why *why) {
    sqlite3_stmt *stmt = NULL;
    enum ht_err err = ht_db_prepare(&stmt, db, PUT_INVITATION, why);
    if (err != HT_OK) return err;
    bind_text(stmt, 1, ht_bytes_str(one->secret));
    bind_text(stmt, 2, ht_bytes_str(one->label));
    (void)sqlite3_bind_int64(stmt, 3, one->expires_s);
    return run(stmt, db, "cannot keep an invitation", why);
}

enum ht_err ht_mesh_sql_put_invitations(sqlite3 *db, const struct ht_mesh_invitation *list,
                                        size_t count, struct ht_why *why) {
    sqlite3_stmt *stmt = NULL;
    enum ht_err err = ht_db_prepare(&stmt, db, CLEAR_INVITATIONS, why);
    if (err == HT_OK) err = run(stmt, db, "cannot keep invitations", why);
    for (size_t i = 0; err == HT_OK && i < count; i++) err = put_invitation(db, &list[i], why);
    return err;
}

enum ht_err ht_mesh_sql_load_invitations(sqlite3 *db,
                                         enum ht_err (*each)(void *user,
                                                             const struct ht_mesh_invitation *one),
                                         void *user, struct ht_why *why) {
    sqlite3_stmt *stmt = NULL;
    enum ht_err err = ht_db_prepare(&stmt, db, LIST_INVITATIONS, why);
    if (err != HT_OK) return err;
    (void)sqlite3_bind_int64(stmt, 1, HT_MESH_INVITES_MAX);
    int step = SQLITE_DONE;
    while (err == HT_OK && (step = sqlite3_step(stmt)) == SQLITE_ROW) {
        struct ht_mesh_invitation one = {.expires_s = sqlite3_column_int64(stmt, 2)};
        (void)snprintf(one.secret, sizeof one.secret, "%s",
                       (const char *)sqlite3_column_text(stmt, 0));
        (void)snprintf(one.label, sizeof one.label, "%s",
                       (const char *)sqlite3_column_text(stmt, 1));
        err = each(user, &one);
    }
    if (err == HT_OK && step != SQLITE_DONE) err = ht_db_fail(why, db, "cannot read invitations");
    (void)sqlite3_finalize(stmt);
    return err;
}

/* --- marks ------------------------------------------------------------------------------------ */

enum ht_err ht_mesh_sql_put_mark(sqlite3 *db, const struct ht_mesh_mark *mark, struct ht_why *why) {
    sqlite3_stmt *stmt = NULL;
    enum ht_err err = ht_db_prepare(&stmt, db, PUT_MARK, why);
    if (err != HT_OK) return err;
    bind_node(stmt, &mark->node);
    (void)sqlite3_bind_int64(stmt, 2, mark->catchup.window);
    (void)sqlite3_bind_int64(stmt, 3, mark->catchup.until_s);
    (void)sqlite3_bind_int64(stmt, 4, mark->catchup_s);
    (void)sqlite3_bind_int64(stmt, 5, mark->inbox_s);
    return run(stmt, db, "cannot keep how far a peer is", why);
}

enum ht_err ht_mesh_sql_mark(struct ht_mesh_mark *out, sqlite3 *db, const ht_hash32 *node,
                             struct ht_why *why) {
    sqlite3_stmt *stmt = NULL;
    struct ht_mesh_mark mark = {.node = *node};
    enum ht_err err = ht_db_prepare(&stmt, db, GET_MARK, why);
    if (err != HT_OK) return err;
    bind_node(stmt, node);
    int step = sqlite3_step(stmt);
    if (step == SQLITE_ROW) {
        int64_t window = sqlite3_column_int64(stmt, 0);
        mark.catchup.window = window >= 0 && window < 64 ? (unsigned)window : 0;
        mark.catchup.until_s = sqlite3_column_int64(stmt, 1);
        mark.catchup_s = sqlite3_column_int64(stmt, 2);
        mark.inbox_s = sqlite3_column_int64(stmt, 3);
    } else if (step != SQLITE_DONE) {
        err = ht_db_fail(why, db, "cannot read how far a peer is");
    }
    (void)sqlite3_finalize(stmt);
    if (err == HT_OK) *out = mark;
    return err;
}
