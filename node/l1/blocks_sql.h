/* Proven receipts on disk, by block. */
#ifndef HT_L1_BLOCKS_SQL_H
#define HT_L1_BLOCKS_SQL_H

#include "node/base/bytes.h"
#include "node/store/db.h"

/* Keeps a block's encoded receipts; those that are there already stay. HT_ESTORE. */
enum ht_err ht_blocks_sql_save(sqlite3 *db, const ht_hash32 *block_hash, ht_bytes receipts,
                               struct ht_why *why) HT_MUST_USE;

/* Forgets what was kept first until at most max_bytes are left. *count is how many blocks remain.
 */
enum ht_err ht_blocks_sql_prune(uint64_t *count, sqlite3 *db, int64_t max_bytes,
                                struct ht_why *why) HT_MUST_USE;

/* Appends a block's receipts to out. HT_ENOTFOUND, HT_ELIMIT past its maximum. */
enum ht_err ht_blocks_sql_load(struct ht_buf *out, sqlite3 *db, const ht_hash32 *block_hash,
                               struct ht_why *why) HT_MUST_USE;

#endif
