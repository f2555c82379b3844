/* Which proposals there are.
 *
 * At each head, one community after the other:
 *  1. Governors that count their proposals (Bravo, GovernorStorage) tell by storage which there
 *     are: then the list is complete by proof.
 *  2. Providers are asked for ProposalCreated logs of the blocks that were not asked about; what
 *     they say is proven one by one (claim.h), what they leave out is not found this way.
 *  3. Where blooms are not full, blocks are looked through completely (node/l1/logs.h), forwards up
 *     to finality and backwards in parts: then the list is complete for those blocks. On chains
 *     whose blooms are full that would take most receipts there are, and is left.
 *  4. Peers' feeds: events of kind 30078, d "hearth:proposal:<chain>:<governor>:<id>", content the
 *     log's data in hex, t "hearth:dao:<chain>:<governor>"; anyone's is taken that proves itself.
 * Ranges are kept on disk. Loop thread. */
#ifndef HT_GOVERNANCE_DISCOVERY_DISCOVER_H
#define HT_GOVERNANCE_DISCOVERY_DISCOVER_H

#include "governance/discovery/claim.h"

#define HT_GOV_FEED_KIND 30078U

enum ht_err ht_gov_discover_new(struct ht_governance *governance, struct ht_why *why) HT_MUST_USE;
void ht_gov_discover_quit(struct ht_governance *governance);
void ht_gov_discover_free(struct ht_governance *governance);
/* A new head, or a new community: looks around soon. */
void ht_gov_discover_soon(struct ht_governance *governance);

/* Is the list complete, and if not, why not; text for people. */
bool ht_gov_discover_is_complete(const struct ht_community *community, struct ht_why *why);

#endif
