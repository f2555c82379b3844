/* Ballots on disk. Thread of the connection; errors of ht_db_fail. */
#ifndef HT_GOVERNANCE_BALLOTS_BALLOT_SQL_H
#define HT_GOVERNANCE_BALLOTS_BALLOT_SQL_H

#include "node/base/u256.h"
#include "node/module.h"

extern const char ht_gov_ballots_schema_sql[];

struct ht_gov_ballot_row {
    ht_hash32 id;
    ht_addr20 governor, voter;
    ht_u256 proposal;
    int64_t created_at;
    const char *json;
};
/* In place of the voter's former one for that proposal. */
enum ht_err ht_gov_ballot_sql_save(sqlite3 *db, const struct ht_gov_ballot_row *row,
                                   struct ht_why *why) HT_MUST_USE;
enum ht_err ht_gov_ballot_sql_delete(sqlite3 *db, const ht_hash32 *id,
                                     struct ht_why *why) HT_MUST_USE;
/* The row is good for the call; an error of each ends the reading. */
typedef enum ht_err ht_gov_ballot_each(void *user, const struct ht_gov_ballot_row *row);
enum ht_err ht_gov_ballot_sql_load(sqlite3 *db, ht_gov_ballot_each *each, void *user,
                                   struct ht_why *why) HT_MUST_USE;

#endif
