/* What the owner could vote with in a proposal: the power of the owner's accounts at its snapshot,
 * which is what counts, whatever they have now. Proven once, near the end, before anybody is
 * reminded. Loop thread. */
#ifndef HT_GOVERNANCE_LOOK_LOOK_OWN_H
#define HT_GOVERNANCE_LOOK_LOOK_OWN_H

#include "governance/look/look.h"

struct ht_gov_own; /* of the watch: one proof at a time */

struct ht_gov_own *ht_gov_own_new(struct ht_governance *governance);
void ht_gov_own_free(struct ht_gov_own *own);
/* Begins the proof for an item whose power is not known yet, unless one is under way. */
void ht_gov_own_want(struct ht_gov_own *own, struct ht_gov_item *item);

/* The owner's accounts, at most HT_GOV_MINE_MAX; returns how many. */
size_t ht_gov_own_accounts(ht_addr20 out[static HT_GOV_MINE_MAX],
                           const struct ht_governance *governance);
/* Whether it is known, of the accounts that there are now; nobody's power is known to be none. */
bool ht_gov_own_is_known(const struct ht_gov_item *item);
/* Whether the owner could vote, as far as that is known. */
bool ht_gov_own_may_vote(const struct ht_gov_item *item);

#endif
