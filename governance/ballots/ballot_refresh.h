/* A proposal's ballots looked at afresh, and dao.ballots. Loop thread. */
#ifndef HT_GOVERNANCE_BALLOTS_BALLOT_REFRESH_H
#define HT_GOVERNANCE_BALLOTS_BALLOT_REFRESH_H

#include "governance/ballots/ballot_box.h"

/* Text that is shown before a ballot is signed and wherever ballots are. */
extern const char ht_gov_ballots_are_public[];

/* Takes in what the feed has of that proposal, and looks at all that is kept afresh: marks and
 * nonces at the head. done comes once. */
typedef void (*ht_ballots_fresh)(void *user, enum ht_err err, const struct ht_why *why);
void ht_ballot_box_refresh(struct ht_community *community, const ht_u256 *proposal,
                           ht_ballots_fresh done, void *user);

/* dao.ballots {"address", "id"} -> {"ballots": [{"id", "form", "voter", "support", "split" | null,
 * "weight" | null, "weight_provenance", "state": "good" | "used" | "bad" | "unproven" | "waits",
 * "why" | null, "reason", "created_at_s", "is_ours"}], most power first, "public": text,
 * "relay": {"address", "is_there"} | null}. */
void ht_gov_ballots_start(void *self, struct ht_rpc_call *call, const json_t *params);
#endif
