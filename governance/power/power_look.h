/* Who has power besides the voters: what power.h asks, proven at the head. Kept with the community
 * for some minutes. Loop thread. */
#ifndef HT_GOVERNANCE_POWER_POWER_LOOK_H
#define HT_GOVERNANCE_POWER_POWER_LOOK_H

#include "governance/power/power.h"
#include "governance/reads/reads.h"

/* What is known of a community's contracts by name; borrows the community's texts. */
void ht_gov_context_of(struct ht_gov_calls_context *out, const struct ht_community *community);

/* power, hidden: as power.h has them, borrowed; NULL with an error. */
typedef void (*ht_gov_power_looked)(void *user, enum ht_err err, const struct ht_why *why,
                                    json_t *power, json_t *hidden);
/* done may come from within. */
void ht_gov_power_look(struct ht_community *community, ht_gov_power_looked done, void *user);
/* Whether a voter is a person there: the votes' code is our PeopleRegistry's. False while nothing
 * is kept: *is_known. */
bool ht_gov_power_of_people(const struct ht_community *community, bool *is_known);
/* Drops what is kept. */
void ht_gov_power_forget(struct ht_community *community);

#endif
