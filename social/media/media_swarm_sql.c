/* Statements on media_chunks; the table is made with the others of media (media_sql.c). */
#include "social/media/media_swarm_sql.h"

#include "node/module.h"

static const char FIND[] = "SELECT size, chunk, hashes FROM media_chunks WHERE sha256 = ?1";
static const char ADD[] = "INSERT OR REPLACE INTO media_chunks (sha256, size, chunk, hashes)"
                          " SELECT ?1, ?2, ?3, ?4 WHERE EXISTS"
                          " (SELECT 1 FROM media_blob WHERE sha256 = ?1)";

static void bind_hash(sqlite3_stmt *stmt, int at, const ht_hash32 *hash) {
    (void)sqlite3_bind_blob(stmt, at, hash->b, sizeof hash->b, SQLITE_STATIC);
}

static enum ht_err read_row(struct ht_blob_manifest *out, sqlite3_stmt *stmt,
                            const ht_hash32 *sha256, struct ht_why *why) {
    ht_bytes hashes =
        ht_bytes_of(sqlite3_column_blob(stmt, 2), (size_t)sqlite3_column_bytes(stmt, 2));
    return ht_blob_manifest_of(out, sha256, (uint64_t)sqlite3_column_int64(stmt, 0),
                               (uint32_t)sqlite3_column_int64(stmt, 1), hashes, why);
}

enum ht_err ht_media_chunks_sql_find(struct ht_blob_manifest *out, sqlite3 *db,
                                     const ht_hash32 *sha256, struct ht_why *why) {
    sqlite3_stmt *stmt = NULL;
    enum ht_err err = ht_db_prepare(&stmt, db, FIND, why);
    if (err != HT_OK) return err;
    bind_hash(stmt, 1, sha256);
    int step = sqlite3_step(stmt);
    if (step == SQLITE_ROW) {
        err = read_row(out, stmt, sha256, why);
    } else if (step == SQLITE_DONE) {
        err = ht_fail(why, HT_ENOTFOUND, "no_chunks", "there is no list of chunks of that blob");
    } else {
        err = ht_db_fail(why, db, "cannot look up the chunks of a blob");
    }
    (void)sqlite3_finalize(stmt);
    return err;
}

enum ht_err ht_media_chunks_sql_add(sqlite3 *db, const struct ht_blob_manifest *manifest,
                                    struct ht_why *why) {
    sqlite3_stmt *stmt = NULL;
    enum ht_err err = ht_db_prepare(&stmt, db, ADD, why);
    if (err != HT_OK) return err;
    bind_hash(stmt, 1, &manifest->sha256);
    (void)sqlite3_bind_int64(stmt, 2, (sqlite3_int64)manifest->size);
    (void)sqlite3_bind_int64(stmt, 3, (sqlite3_int64)manifest->chunk);
    (void)sqlite3_bind_blob(stmt, 4, manifest->chunks, (int)(manifest->count * 32), SQLITE_STATIC);
    bool is_good = sqlite3_step(stmt) == SQLITE_DONE;
    err = is_good ? HT_OK : ht_db_fail(why, db, "cannot keep the chunks of a blob");
    (void)sqlite3_finalize(stmt);
    return err;
}
