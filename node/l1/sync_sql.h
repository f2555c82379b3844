/* What the light client keeps on disk: its store, its starting point, committees and headers. */
#ifndef HT_L1_SYNC_SQL_H
#define HT_L1_SYNC_SQL_H

#include "node/l1/consensus/light_client.h"
#include "node/l1/finality.h"
#include "node/store/db.h"

extern const struct ht_migration ht_sync_migrations[];
extern const size_t ht_sync_migration_count;

/* The trusted block that the store started from, and who vouched for it. */
struct ht_sync_anchor {
    ht_hash32 root;
    uint64_t slot;
    char origin[16]; /* "sources", "user" */
    size_t agreed;
    size_t asked;
    int64_t started_ms; /* wall time */
};

/* All in one row each; called inside the writer's transaction. HT_ESTORE. */
enum ht_err ht_sync_sql_save_store(sqlite3 *db, ht_bytes store, const struct ht_sync_anchor *anchor,
                                   int64_t now_ms, struct ht_why *why) HT_MUST_USE;
enum ht_err ht_sync_sql_save_committee(sqlite3 *db, uint64_t period, const ht_hash32 *root,
                                       ht_bytes pubkeys, ht_bytes aggregate_pubkey,
                                       struct ht_why *why) HT_MUST_USE;
/* Replaces another header of that slot, which a reorganisation made wrong, and forgets headers more
 * than HT_SYNC_HEADERS_KEPT slots older. */
enum ht_err ht_sync_sql_save_header(sqlite3 *db, const struct ht_header_verified *header,
                                    struct ht_why *why) HT_MUST_USE;

#define HT_SYNC_HEADERS_KEPT 65536

/* The update that finalized the newest block; the one before is replaced. */
enum ht_err ht_sync_sql_save_finality(sqlite3 *db, const struct ht_finality *finality,
                                      struct ht_why *why) HT_MUST_USE;
/* *out is zeroed before. HT_ENOTFOUND "no_finality". */
enum ht_err ht_sync_sql_load_finality(struct ht_finality *out, sqlite3 *db,
                                      struct ht_why *why) HT_MUST_USE;
/* The sync committee of a period, as it was proven; HT_ENOTFOUND "committee_unknown". */
enum ht_err ht_sync_sql_load_committee(struct ht_bls_committee *out, sqlite3 *db, uint64_t period,
                                       struct ht_why *why) HT_MUST_USE;

/* Appends the kept store to out and fills anchor. HT_ENOTFOUND when there is none. */
enum ht_err ht_sync_sql_load_store(sqlite3 *db, struct ht_buf *out, struct ht_sync_anchor *anchor,
                                   struct ht_why *why) HT_MUST_USE;

/* Calls back for the newest `limit` headers, newest first: slot, root, parent_root. */
typedef void ht_sync_header_each(void *user, uint64_t slot, const ht_hash32 *root,
                                 const ht_hash32 *parent_root);
enum ht_err ht_sync_sql_recent_headers(sqlite3 *db, size_t limit, ht_sync_header_each *each,
                                       void *user, struct ht_why *why) HT_MUST_USE;

#endif
