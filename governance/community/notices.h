/* What the owner is told of governance: states that changed, deadlines, what a delegate did, and
 * what is wrong. Kept on disk, at most HT_GOV_NOTICES_MAX; topic "dao.notified" {"unread"}.
 * Methods: dao.notices {} -> {"notices": [{"id", "kind", "text", "address", "id_of_proposal" as
 * "proposal", "at_s", "read"}]} newest first, dao.notices_read {"up_to"?}. Loop thread. */
#ifndef HT_GOVERNANCE_COMMUNITY_NOTICES_H
#define HT_GOVERNANCE_COMMUNITY_NOTICES_H

#include "governance/community/community.h"

/* What the owner was told of an item: the bits of its `told`. */
enum ht_gov_told {
    HT_GOV_TOLD_KNOWN = 1, /* it was there before: its states are news from now on */
    HT_GOV_TOLD_DAY = 2,
    HT_GOV_TOLD_HOUR = 4,
    HT_GOV_TOLD_WEIGHT = 8, /* a weight that differs (recount_weights.h) */
    HT_GOV_TOLD_STATE = 16, /* times the state's number plus one, in bits 4 to 8 */
};

/* kind: a word for programs: "state", "deadline", "alert". item may be NULL. */
void ht_gov_notice(struct ht_community *community, const struct ht_gov_item *item, const char *kind,
                   const char *fmt, ...) HT_PRINTF(4, 5);
/* Kind "delegate_voted", once for each voter of a proposal, whatever is told again. is_whole: it
 * says how the vote was cast; a notice that did not becomes this one. */
void ht_gov_notice_vote(struct ht_gov_item *item, const ht_addr20 *voter, const char *text,
                        bool is_whole);

enum ht_err ht_gov_notices_new(struct ht_governance *governance, sqlite3 *db,
                               struct ht_why *why) HT_MUST_USE;
void ht_gov_notices_free(struct ht_governance *governance);

/* Methods and topic. */
enum ht_err ht_gov_notices_list(void *self, json_t **result, const json_t *params,
                                struct ht_why *why);
void ht_gov_notices_mark(void *self, struct ht_rpc_call *call, const json_t *params);
enum ht_err ht_gov_notices_topic(void *self, json_t **value, struct ht_why *why);

#endif
