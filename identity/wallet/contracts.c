/* Which contracts: the network's own word first, then what is known of its chain. */
#include "identity/wallet/contracts.h"

static bool is_zero(const ht_addr20 *address) {
    static const ht_addr20 zero;
    return memcmp(address->b, zero.b, sizeof zero.b) == 0;
}

enum ht_err ht_contracts_eas(struct ht_eas_contract *out, const struct ht_network *network,
                             struct ht_why *why) {
    const struct ht_network_contracts *named = &network->contracts;
    const struct ht_eas_contract *known = ht_eas_known(network->chain_id);
    if (!is_zero(&named->eas)) {
        bool is_old = strncmp(named->eas_version, "0.", 2) == 0;
        *out = (struct ht_eas_contract){.chain_id = network->chain_id,
                                        .layout = is_old ? HT_EAS_0_26 : HT_EAS_1_4,
                                        .eas = named->eas,
                                        .registry = named->schema_registry};
        memcpy(out->version, named->eas_version, sizeof out->version);
    } else if (known != NULL) {
        *out = *known;
    } else {
        return ht_fail(why, HT_ENOTFOUND, "no_eas", "no attestation service is known on chain %llu",
                       (unsigned long long)network->chain_id);
    }
    return HT_OK;
}

enum ht_err ht_contracts_did(struct ht_did_registry *out, const struct ht_network *network,
                             struct ht_why *why) {
    const struct ht_network_contracts *named = &network->contracts;
    const struct ht_did_registry *known = ht_did_registry_known(network->chain_id);
    if (!is_zero(&named->did_registry)) {
        *out = (struct ht_did_registry){.chain_id = network->chain_id,
                                        .address = named->did_registry,
                                        .is_legacy = named->did_registry_is_legacy};
    } else if (known != NULL) {
        *out = *known;
    } else {
        return ht_fail(why, HT_ENOTFOUND, "no_did_registry",
                       "no DID registry is known on chain %llu",
                       (unsigned long long)network->chain_id);
    }
    return HT_OK;
}
