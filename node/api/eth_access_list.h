/* eth_createAccessList (EIP-2930, execution-apis): what a transaction touches. */
#ifndef HT_API_ETH_ACCESS_LIST_H
#define HT_API_ETH_ACCESS_LIST_H

#include "node/api/eth.h"

/* (transaction, block): {"accessList", "error" when it fails, "gasUsed"}. What it touches at that
 * block, run with that very list, since a list changes the gas; in the order of addresses and
 * slots. Accounts that are warm anyway, or cannot be known before, are left out unless slots of
 * theirs are touched: sender, recipient and what that delegates to, precompiles, the coinbase,
 * accounts that authorize (EIP-7702), and contracts that the transaction creates, with their slots.
 * self: struct ht_eth. */
void ht_eth_create_access_list(void *self, struct ht_rpc_call *call, const json_t *params);

#endif
