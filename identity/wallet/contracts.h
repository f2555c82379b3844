/* The contracts of identities on the network that the node follows: those that its file names
 * (network_file.h), else those that are known on its chain. Pure; any thread. */
#ifndef HT_IDENTITY_WALLET_CONTRACTS_H
#define HT_IDENTITY_WALLET_CONTRACTS_H

#include "identity/did/did_ethr.h"
#include "identity/eas/storage.h"
#include "node/module.h"

/* HT_ENOTFOUND "no_eas": none is known on this chain. Versions from 1 on have the layout of 1.4;
 * what is read is computed again (ht_eas_from_storage), so a wrong layout cannot pass. */
enum ht_err ht_contracts_eas(struct ht_eas_contract *out, const struct ht_network *network,
                             struct ht_why *why) HT_MUST_USE;
/* HT_ENOTFOUND "no_did_registry". */
enum ht_err ht_contracts_did(struct ht_did_registry *out, const struct ht_network *network,
                             struct ht_why *why) HT_MUST_USE;

#endif
