/* In a file of its own: whoever asks needs no more of the module. */
#include "governance/governance_offers.h"

#include "governance/governance.h"

const struct ht_feed *ht_gov_feed(const struct ht_governance *governance) {
    const struct ht_host *host = governance->host;
    return host->feed != NULL ? host->feed(host) : NULL;
}

const struct ht_trust *ht_gov_trust(const struct ht_governance *governance) {
    const struct ht_host *host = governance->host;
    return host->trust != NULL ? host->trust(host) : NULL;
}

const struct ht_wallet *ht_gov_wallet(const struct ht_governance *governance) {
    const struct ht_host *host = governance->host;
    return host->wallet != NULL ? host->wallet(host) : NULL;
}
