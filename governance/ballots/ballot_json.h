/* Ballots as they travel in events: JSON both ways, and the tag by which they are found. Pure; any
 * thread. */
#ifndef HT_GOVERNANCE_BALLOTS_BALLOT_JSON_H
#define HT_GOVERNANCE_BALLOTS_BALLOT_JSON_H

#include "governance/ballots/ballot.h"

/* As it travels: content of an event of kind 30078 with the d tag below.
 * {"form": "5" | "5-extended" | "4" | "4-extended" | "bravo" | "bravo-reason" | "delegation",
 * "domain": {"name", "version" | null, "chain_id", "contract"}, "proposal": decimal, "support",
 * "voter", "nonce": decimal, "reason", "params": hex, "delegatee", "expiry": decimal, "signature":
 * hex}, each with the members of its form; a delegation has no proposal and no support. NULL
 * without memory. */
json_t *ht_gov_ballot_json(const struct ht_gov_ballot *ballot);
/* reason and params become the arena's. HT_EINPUT "bad_ballot", HT_ELIMIT "ballot_too_large",
 * HT_ENOMEM. */
enum ht_err ht_gov_ballot_read(struct ht_gov_ballot *out, const json_t *from,
                               struct ht_arena *arena, struct ht_why *why) HT_MUST_USE;

/* "hearth:ballot:<chain>:<governor>:<proposal>:<voter>": addresses in lower case, the proposal in
 * decimal. */
#define HT_GOV_BALLOT_KIND 30078U
#define HT_GOV_BALLOT_TAG_SIZE 256U
void ht_gov_ballot_tag(char out[static HT_GOV_BALLOT_TAG_SIZE], const struct ht_gov_ballot *ballot);
bool ht_gov_ballot_is_tag(ht_bytes d); /* of any ballot */

/* "hearth:ballots:<chain>:<governor>:<proposal>": the t tag of ballots, by which a feed is asked.
 */
void ht_gov_ballots_topic(char out[static HT_GOV_BALLOT_TAG_SIZE],
                          const struct ht_gov_ballot *ballot);

#endif
