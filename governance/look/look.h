/* One proposal afresh: what the governor's storage says of it at the head, and what follows.
 *
 * The governor's account (its code's hash, and its implementation's behind a proxy) is proven with
 * the words; when the code is another one than the profile's, nothing of it is believed
 * (ht_community_distrust). With the words come the timelock's stamp and the quorum at the snapshot,
 * all at one block; the state is derived. Without a layout, proven calls say it. Looks at the same
 * item share one. Loop thread. */
#ifndef HT_GOVERNANCE_LOOK_LOOK_H
#define HT_GOVERNANCE_LOOK_LOOK_H

#include "governance/reads/reads.h"

/* err: HT_OK, and the item has it; else the item is as it was before, or is UNVERIFIED now
 * ("code_changed", "proxy_changed", "wrong_layout", "proposal_state"). item NULL: it was forgotten
 * meanwhile. */
typedef void (*ht_gov_looked)(void *user, struct ht_gov_item *item, enum ht_err err,
                              const struct ht_why *why);
/* done comes later or from within, once. When the item was seen at the present head already, that
 * is the answer. */
void ht_gov_look(struct ht_gov_item *item, ht_gov_looked done, void *user);

/* Whether voting is open at the block that it was seen at: state ACTIVE, proven or called. */
bool ht_gov_is_open(const struct ht_gov_item *item);
/* May something of it still change? Not when executed, canceled, defeated or expired at a final
 * block. */
bool ht_gov_is_over(const struct ht_gov_item *item);

#endif
