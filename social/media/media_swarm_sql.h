/* The lists of chunks of blobs that are here, made once and kept. They go with their blob. The
 * thread of the connection. */
#ifndef HT_SOCIAL_MEDIA_MEDIA_SWARM_SQL_H
#define HT_SOCIAL_MEDIA_MEDIA_SWARM_SQL_H

#include <sqlite3.h>

#include "node/p2p/blob_manifest.h"

/* HT_ENOTFOUND "no_chunks", those of the disk. */
enum ht_err ht_media_chunks_sql_find(struct ht_blob_manifest *out, sqlite3 *db,
                                     const ht_hash32 *sha256, struct ht_why *why) HT_MUST_USE;
/* Keeps one of a blob that has a row; nothing without. */
enum ht_err ht_media_chunks_sql_add(sqlite3 *db, const struct ht_blob_manifest *manifest,
                                    struct ht_why *why) HT_MUST_USE;

#endif
