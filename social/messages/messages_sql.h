/* Tables of messages in social.db: up to when conversations were read; wraps that are to be said
 * again. Nothing in them is a message's text.
 *
 * Errors of the disk: as ht_db_fail gives them. The thread of the connection. */
#ifndef HT_SOCIAL_MESSAGES_MESSAGES_SQL_H
#define HT_SOCIAL_MESSAGES_MESSAGES_SQL_H

#include "node/module.h"
#include "social/messages/messages_index.h"

#define HT_MESSAGE_MARKS_MAX 20000U
#define HT_MESSAGE_OUT_MAX 300U /* kept at once; the oldest give way */

extern const struct ht_migration ht_messages_migrations[];
extern const size_t ht_messages_migration_count;

/* Up to when that owner has read: malloc'd, at most HT_MESSAGE_MARKS_MAX, the latest. */
enum ht_err ht_messages_sql_marks(struct ht_message_mark **out, size_t *count, sqlite3 *db,
                                  const ht_hash32 *owner, struct ht_why *why) HT_MUST_USE;
/* key: of the conversation. A time before the one that is kept changes nothing. */
enum ht_err ht_messages_sql_read(sqlite3 *db, const ht_hash32 *owner,
                                 const struct ht_message_mark *mark,
                                 struct ht_why *why) HT_MUST_USE;

/* A wrap's JSON and the URLs that it is for, an array. The same id again replaces. */
enum ht_err ht_messages_sql_out_put(sqlite3 *db, const ht_hash32 *id, ht_bytes wrap,
                                    const json_t *urls, int64_t at_s,
                                    struct ht_why *why) HT_MUST_USE;
enum ht_err ht_messages_sql_out_delete(sqlite3 *db, const ht_hash32 *id,
                                       struct ht_why *why) HT_MUST_USE;
/* Removes what was put before a time, and all but the newest HT_MESSAGE_OUT_MAX. */
enum ht_err ht_messages_sql_out_trim(sqlite3 *db, int64_t before_s, struct ht_why *why) HT_MUST_USE;
/* The next in the order they were put: [{"seq", "id": hex, "wrap": text, "urls": [url]}], a new
 * reference; those of which seq is greater, at most max. */
enum ht_err ht_messages_sql_out_list(json_t **out, sqlite3 *db, int64_t after_seq, size_t max,
                                     struct ht_why *why) HT_MUST_USE;

#endif
