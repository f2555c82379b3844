/* Final execution headers on disk: the part of the chain that was reached once. */
#ifndef HT_L1_CHAIN_SQL_H
#define HT_L1_CHAIN_SQL_H

#include "node/l1/execution/header.h"
#include "node/store/db.h"

/* Keeps a verified header; one that is there already stays. HT_ESTORE. */
enum ht_err ht_chain_sql_save(sqlite3 *db, const struct ht_exec_header_verified *header,
                              struct ht_why *why) HT_MUST_USE;

/* Forgets all but the `keep` that were kept last. */
enum ht_err ht_chain_sql_prune(sqlite3 *db, uint64_t keep, struct ht_why *why) HT_MUST_USE;

/* Reads block `number` and its ancestors, newest first, as far as they are there without a gap and
 * each is the next one's parent: at most max. HT_ENOTFOUND when the first is not there, HT_ESTORE.
 */
enum ht_err ht_chain_sql_load(struct ht_exec_header_verified *out, size_t *count, size_t max,
                              sqlite3 *db, uint64_t number, struct ht_why *why) HT_MUST_USE;

/* The number of a kept block. HT_ENOTFOUND. */
enum ht_err ht_chain_sql_find(uint64_t *number, sqlite3 *db, const ht_hash32 *hash,
                              struct ht_why *why) HT_MUST_USE;

/* How many there are. */
enum ht_err ht_chain_sql_count(uint64_t *out, sqlite3 *db, struct ht_why *why) HT_MUST_USE;

#endif
