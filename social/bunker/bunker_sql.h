/* Every statement on the tables of bunker.
 *
 * Errors: of the disk, as ht_db_fail gives them; HT_ENOMEM. The thread of the connection. */
#ifndef HT_SOCIAL_BUNKER_BUNKER_SQL_H
#define HT_SOCIAL_BUNKER_BUNKER_SQL_H

#include "node/module.h"

#define HT_BUNKER_DEVICES_MAX 32U
#define HT_BUNKER_NAME_MAX 64U  /* bytes of a device's name */
#define HT_BUNKER_ASKS_MAX 256U /* bytes of what it says it would like to do */
#define HT_BUNKER_RELAYS_MAX 4U /* of one device */
#define HT_BUNKER_KINDS_MAX 64U /* that one device may sign */

extern const struct ht_migration ht_bunker_migrations[];
extern const size_t ht_bunker_migration_count;

/* A device that was let in. Texts are UTF-8. */
struct ht_bunker_row {
    ht_hash32 device; /* its own key */
    ht_hash32 owner;  /* whose key it signs with */
    char name[HT_BUNKER_NAME_MAX + 1];
    char asks[HT_BUNKER_ASKS_MAX + 1]; /* permissions it named, in its own words; empty: none */
    char relays[HT_BUNKER_RELAYS_MAX][HT_LINK_URL_SIZE]; /* in our spelling */
    size_t relay_count;
    uint32_t kinds[HT_BUNKER_KINDS_MAX];
    size_t kind_count;
    bool may_encrypt, may_decrypt;
    int64_t added_ms, used_ms; /* used_ms 0: never */
    int64_t count;             /* requests that were granted */
};

/* Adds a device, or takes the place of the one with its key. */
enum ht_err ht_bunker_sql_put(sqlite3 *db, const struct ht_bunker_row *row,
                              struct ht_why *why) HT_MUST_USE;
/* None there is fine. */
enum ht_err ht_bunker_sql_delete(sqlite3 *db, const ht_hash32 *device,
                                 struct ht_why *why) HT_MUST_USE;
/* Calls each for every device, the first added first; the row lives for the call. */
enum ht_err ht_bunker_sql_load(sqlite3 *db,
                               enum ht_err (*each)(void *user, const struct ht_bunker_row *row),
                               void *user, struct ht_why *why) HT_MUST_USE;

#endif
