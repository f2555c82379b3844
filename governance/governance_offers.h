/* What other modules offer. Loop thread. */
#ifndef HT_GOVERNANCE_GOVERNANCE_OFFERS_H
#define HT_GOVERNANCE_GOVERNANCE_OFFERS_H

#include "node/module.h"

struct ht_governance; /* governance.h */

/* The feeds, trust and the wallet, if another module offers them now; NULL else. */
const struct ht_feed *ht_gov_feed(const struct ht_governance *governance);
const struct ht_trust *ht_gov_trust(const struct ht_governance *governance);
const struct ht_wallet *ht_gov_wallet(const struct ht_governance *governance);

/* Name of an address by trust; a new reference, NULL: none. */
json_t *ht_gov_name_json(const struct ht_governance *governance, const ht_addr20 *address);
/* Is the account one of the wallet's? */
bool ht_gov_is_mine(const struct ht_governance *governance, const ht_addr20 *address);

#endif
