/* dao.vote, and what its two files share. Loop thread. */
#ifndef HT_GOVERNANCE_ACT_ACT_VOTE_H
#define HT_GOVERNANCE_ACT_ACT_VOTE_H

#include "governance/ballots/ballot_domain.h"
#include "governance/look/look.h"
#include "governance/reads/reads_marks.h"
#include "governance/send.h"

#define HT_GOV_VOTE_REASON_MAX 8192U /* bytes, by transaction */

/* dao.vote {"address", "id", "account", "support": 0 to 2 | "against" | "for" | "abstain",
 * "reason"?, "params"? | "split"?: [against, for, abstain], "by": "transaction" | "ballot",
 * "override"?, "voter"?, "signature"?} -> {"hash"} | {"ballot", "event_id" | null, "public",
 * "notes": [{"code", "text"}], "why_not_published" | null}. With "voter", by ballot: a contract's
 * ballot (ERC-1271), signed by the account, or by "signature" as its owners have made it elsewhere,
 * in their own time; the contract is asked, over proven state, whether it takes that. */
void ht_gov_vote_start(void *self, struct ht_rpc_call *call, const json_t *params);

/* A vote under way. */
struct ht_gov_voting {
    struct ht_governance *governance;
    struct ht_rpc_call *call;
    struct ht_community *community;
    ht_u256 id;
    char title[HT_GOV_TITLE_MAX + 1];
    uint64_t snapshot;
    ht_addr20 account, voter; /* who signs; whose vote it is */
    uint8_t support;
    bool is_split, is_by_ballot, is_forced;
    ht_u256 split[3];
    struct ht_buf reason, params;
    struct ht_gov_marks marks;
    struct ht_gov_standing_of standing;
    struct ht_gov_past_read past;
    struct ht_gov_view view[2]; /* why there is no power */
    struct ht_gov_views views;
    struct ht_gov_sending sending;
    /* of a ballot */
    struct ht_gov_ballot ballot;
    struct ht_gov_domain_read domain;
    struct ht_gov_slots code;
    json_t *typed;
};

void ht_gov_voting_refuse(struct ht_gov_voting *voting, enum ht_err err, const struct ht_why *why);
/* result is taken over; NULL: no memory. */
void ht_gov_voting_finish(struct ht_gov_voting *voting, json_t *result);
#endif
