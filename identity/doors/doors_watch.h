/* wallet_watchAsset (EIP-747): a page asks that the wallet shows a token.
 *
 * Params {"type": "ERC20", "options": {"address", "symbol"?, "decimals"?, "chainId"?, …}}, or a
 * list of that one. It waits in the queue as kind "token" (queue.h); true when the owner has
 * approved and the token is in the list, as wallet.add_token does it. Symbol and decimals are the
 * page's words, and shown as that. Asked for by an origin with a permission, or by the owner.
 *
 * Errors: 4001 rejected; 4100 unauthorized; 4200 "unsupported" for other types; -32602 for what is
 * malformed, "wrong_chain" among it; those of wallet.add_token (tokens.h). Loop thread. */
#ifndef HT_IDENTITY_DOORS_DOORS_WATCH_H
#define HT_IDENTITY_DOORS_DOORS_WATCH_H

#include "identity/identity.h"

/* See struct ht_rpc_method. */
void ht_doors_watch_asset(void *self, struct ht_rpc_call *call, const json_t *params);

#endif
