/* Verified light-client objects on disk. */
#ifndef HT_L1_LIGHT_KEPT_SQL_H
#define HT_L1_LIGHT_KEPT_SQL_H

#include "node/l1/light_kept.h"

extern const struct ht_migration ht_light_kept_migrations[];
extern const size_t ht_light_kept_migration_count;

/* Keeps a bootstrap, or an update unless the one of its period is at least as good, and forgets
 * what is more than HT_LIGHT_PERIODS periods older than the newest. HT_ESTORE. */
enum ht_err ht_light_sql_save(sqlite3 *db, const struct ht_light_object *object,
                              struct ht_why *why) HT_MUST_USE;

/* *out gets a new object. HT_ENOTFOUND "not_kept", HT_ESTORE, HT_ENOMEM. */
enum ht_err ht_light_sql_bootstrap(struct ht_light_object **out, sqlite3 *db, const ht_hash32 *root,
                                   struct ht_why *why) HT_MUST_USE;
/* The updates of count periods from first on, in order, those that are kept; NULL when none is. */
enum ht_err ht_light_sql_updates(struct ht_light_object **out, sqlite3 *db, uint64_t first,
                                 uint64_t count, struct ht_why *why) HT_MUST_USE;
/* Slot and root of the newest bootstrap, *has false without, and the period of each in periods, at
 * most max of them, newest first. */
enum ht_err ht_light_sql_starts(uint64_t *periods, size_t *count, size_t max, uint64_t *slot,
                                ht_hash32 *root, sqlite3 *db, struct ht_why *why) HT_MUST_USE;

#endif
