/* Communities and their proposals on disk. Texts and views of rows are borrowed on the way in; on
 * the way out they are good until the callback returns. An error of a callback ends the reading.
 * Errors: those of ht_db_fail. Thread of the connection. */
#ifndef HT_GOVERNANCE_COMMUNITY_COMMUNITY_SQL_H
#define HT_GOVERNANCE_COMMUNITY_COMMUNITY_SQL_H

#include "node/module.h"

extern const char ht_community_schema_sql[]; /* of the migration */

struct ht_community_row {
    ht_addr20 address;
    const char *label, *name, *token_symbol;
    int64_t added_ms;
    int standing;        /* enum ht_gov_standing */
    const char *profile; /* JSON; NULL: none */
    bool has_scanned, is_enumerated;
    uint64_t scanned_from, scanned_to;
    bool has_asked;
    uint64_t asked_from, asked_to;
};
/* Adds or replaces. */
enum ht_err ht_community_sql_save(sqlite3 *db, const struct ht_community_row *row,
                                  struct ht_why *why) HT_MUST_USE;
/* With all of its proposals. */
enum ht_err ht_community_sql_delete(sqlite3 *db, const ht_addr20 *address,
                                    struct ht_why *why) HT_MUST_USE;
typedef enum ht_err ht_community_each(void *user, const struct ht_community_row *row);
enum ht_err ht_community_sql_load(sqlite3 *db, ht_community_each *each, void *user,
                                  struct ht_why *why) HT_MUST_USE;

struct ht_gov_item_row {
    ht_addr20 community;
    ht_u256 id;
    bool has_data; /* of the ProposalCreated log */
    ht_bytes data;
    bool is_certified, has_block;
    uint64_t block, time_s;
    ht_hash32 tx;
    unsigned told;
    const char *seen; /* JSON of what was proven of it last; NULL: nothing */
};
/* Adds it, or replaces what is known better now: data, block and seen stay when the row has none.
 * Of a community that is not there: nothing is done. */
enum ht_err ht_gov_item_sql_save(sqlite3 *db, const struct ht_gov_item_row *row,
                                 struct ht_why *why) HT_MUST_USE;
typedef enum ht_err ht_gov_item_each(void *user, const struct ht_gov_item_row *row);
/* All of them, with their data. */
enum ht_err ht_gov_item_sql_load(sqlite3 *db, ht_gov_item_each *each, void *user,
                                 struct ht_why *why) HT_MUST_USE;
/* The data of one; HT_ENOTFOUND "no_text". */
enum ht_err ht_gov_item_sql_data(sqlite3 *db, struct ht_buf *out, const ht_addr20 *community,
                                 const ht_u256 *id, struct ht_why *why) HT_MUST_USE;

#endif
