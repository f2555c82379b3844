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

json_t *ht_gov_name_json(const struct ht_governance *governance, const ht_addr20 *address) {
    const struct ht_trust *trust = ht_gov_trust(governance);
    struct ht_trust_person person;
    if (trust == NULL || !trust->address(trust->self, address, &person)) return NULL;
    return person.name[0] != '\0' ? json_string(person.name) : NULL;
}

bool ht_gov_is_mine(const struct ht_governance *governance, const ht_addr20 *address) {
    struct ht_wallet_account accounts[64];
    const struct ht_wallet *wallet = ht_gov_wallet(governance);
    size_t count = wallet != NULL ? wallet->accounts(wallet->self, accounts, 64) : 0;
    for (size_t i = 0; i < count && i < 64; i++) {
        if (memcmp(accounts[i].address.b, address->b, sizeof address->b) == 0) return true;
    }
    return false;
}
