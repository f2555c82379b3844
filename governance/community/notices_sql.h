/* Notices on disk: at most HT_GOV_NOTICES_MAX, the oldest go. Rules as in community_sql.h. */
#ifndef HT_GOVERNANCE_COMMUNITY_NOTICES_SQL_H
#define HT_GOVERNANCE_COMMUNITY_NOTICES_SQL_H

#include "node/module.h"

#define HT_GOV_NOTICES_MAX 500U

extern const char ht_gov_notice_schema_sql[]; /* of the migrations */
extern const char ht_gov_notice_vote_schema_sql[];
extern const char ht_gov_notice_mark_schema_sql[];

struct ht_gov_notice_row {
    int64_t id; /* 0: a new one */
    const char *kind, *text;
    ht_addr20 community;
    bool has_proposal;
    ht_u256 proposal;
    int64_t at_ms;
    bool is_read;
    bool is_vote; /* of a delegate: told once only by community, proposal and voter; not loaded */
    ht_addr20 voter;
    bool is_whole; /* of a vote: it says how that was cast */
};
/* Adds it, as *id, and drops the oldest above the maximum. Of a vote that was told before nothing
 * is added, and *is_new is false: *id is the notice whose text is now this one, when that did not
 * say how the vote was cast and this one does; else 0. Within the writer's transaction. */
enum ht_err ht_gov_notice_sql_add(sqlite3 *db, int64_t *id, bool *is_new,
                                  const struct ht_gov_notice_row *row,
                                  struct ht_why *why) HT_MUST_USE;
/* All up to that id. */
enum ht_err ht_gov_notice_sql_read(sqlite3 *db, int64_t up_to, struct ht_why *why) HT_MUST_USE;
typedef enum ht_err ht_gov_notice_each(void *user, const struct ht_gov_notice_row *row);
/* Oldest first. */
enum ht_err ht_gov_notice_sql_load(sqlite3 *db, ht_gov_notice_each *each, void *user,
                                   struct ht_why *why) HT_MUST_USE;

#endif
