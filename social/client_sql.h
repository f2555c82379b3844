/* Tables of the owner's side in social.db: settings, drafts, blocked keys.
 *
 * Errors of the disk: as ht_db_fail gives them. The thread of the connection. */
#ifndef HT_SOCIAL_CLIENT_SQL_H
#define HT_SOCIAL_CLIENT_SQL_H

#include "node/module.h"

#define HT_DRAFTS_MAX 1000U
#define HT_BLOCKED_MAX 10000U

extern const struct ht_migration ht_client_migrations[];
extern const size_t ht_client_migration_count;

/* A setting's value, a new reference to what was set; *out is NULL when it was not. */
enum ht_err ht_client_sql_get(json_t **out, sqlite3 *db, const char *name,
                              struct ht_why *why) HT_MUST_USE;
enum ht_err ht_client_sql_set(sqlite3 *db, const char *name, const json_t *value,
                              struct ht_why *why) HT_MUST_USE;

/* draft 0: a new one; *id is its number. reply_to: an event's id in hex, or NULL. HT_ENOTFOUND
 * "no_draft"; HT_ELIMIT "too_many_drafts". */
enum ht_err ht_client_sql_draft_put(int64_t *id, sqlite3 *db, int64_t draft, const char *content,
                                    const char *reply_to, int64_t now_ms,
                                    struct ht_why *why) HT_MUST_USE;
/* HT_ENOTFOUND "no_draft". */
enum ht_err ht_client_sql_draft_delete(sqlite3 *db, int64_t draft, struct ht_why *why) HT_MUST_USE;
/* An array of {"draft", "content", "reply_to", "at_ms"}, last changed first: a new reference. */
enum ht_err ht_client_sql_drafts(json_t **out, sqlite3 *db, struct ht_why *why) HT_MUST_USE;

enum ht_err ht_client_sql_block(sqlite3 *db, const ht_hash32 *pubkey, bool on,
                                struct ht_why *why) HT_MUST_USE;
/* At most max, *count of them. */
enum ht_err ht_client_sql_blocked(ht_hash32 *out, size_t *count, size_t max, sqlite3 *db,
                                  struct ht_why *why) HT_MUST_USE;

#endif
