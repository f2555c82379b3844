/* What other modules offer. Loop thread. */
#ifndef HT_GOVERNANCE_GOVERNANCE_OFFERS_H
#define HT_GOVERNANCE_GOVERNANCE_OFFERS_H

#include "node/module.h"

struct ht_governance; /* governance.h */

/* The feeds, trust and the wallet, if another module offers them now; NULL else. */
const struct ht_feed *ht_gov_feed(const struct ht_governance *governance);
const struct ht_trust *ht_gov_trust(const struct ht_governance *governance);
const struct ht_wallet *ht_gov_wallet(const struct ht_governance *governance);

#endif
