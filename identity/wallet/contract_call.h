/* Transactions that call one of the contracts of identities, for a JSON-RPC call: through the
 * wallet's queue, where a person confirms them. Loop thread. */
#ifndef HT_IDENTITY_WALLET_CONTRACT_CALL_H
#define HT_IDENTITY_WALLET_CONTRACT_CALL_H

#include "identity/wallet/send.h"

#define HT_CONTRACT_DATA_MAX ((size_t)128 * 1024)

/* The call is answered {"hash"} with the members of more, which is taken over (NULL: none), when it
 * was confirmed and sent; with the errors of ht_sign otherwise. */
void ht_contract_call(struct ht_identity *identity, struct ht_rpc_call *call, const ht_addr20 *from,
                      const ht_addr20 *to, ht_bytes data, json_t *more);
/* The same with a gas limit that the caller knows; 0: the wallet's guess. */
void ht_contract_call_gas(struct ht_identity *identity, struct ht_rpc_call *call,
                          const ht_addr20 *from, const ht_addr20 *to, ht_bytes data, uint64_t gas,
                          json_t *more);

#endif
