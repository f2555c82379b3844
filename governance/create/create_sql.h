/* Creations of communities on disk: at most HT_GOV_CREATIONS_MAX, the oldest go. Rules as in
 * community_sql.h. */
#ifndef HT_GOVERNANCE_CREATE_CREATE_SQL_H
#define HT_GOVERNANCE_CREATE_CREATE_SQL_H

#include "node/module.h"

#define HT_GOV_CREATIONS_MAX 32U

extern const char ht_gov_creation_schema_sql[]; /* of the migration */

struct ht_gov_creation_row {
    int64_t id;         /* 0: a new one */
    const char *params; /* the wishes, as JSON */
    ht_hash32 hash;     /* of the transaction */
    ht_addr20 sender;
    int64_t state, at_ms;
    bool has_maker;
    ht_addr20 maker;
    const char *why; /* of a failure; "" */
};
/* Adds it, as *id, and drops the oldest above the maximum. */
enum ht_err ht_gov_creation_sql_add(sqlite3 *db, int64_t *id, const struct ht_gov_creation_row *row,
                                    struct ht_why *why) HT_MUST_USE;
/* Its state, maker and why. */
enum ht_err ht_gov_creation_sql_update(sqlite3 *db, const struct ht_gov_creation_row *row,
                                       struct ht_why *why) HT_MUST_USE;
typedef enum ht_err ht_gov_creation_each(void *user, const struct ht_gov_creation_row *row);
/* Oldest first. */
enum ht_err ht_gov_creation_sql_load(sqlite3 *db, ht_gov_creation_each *each, void *user,
                                     struct ht_why *why) HT_MUST_USE;

#endif
