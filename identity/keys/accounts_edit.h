/* Methods of accounts.h that change the list itself; only removing a key asks the signer. Loop
 * thread. */
#ifndef HT_IDENTITY_KEYS_ACCOUNTS_EDIT_H
#define HT_IDENTITY_KEYS_ACCOUNTS_EDIT_H

#include "identity/keys/accounts_op.h"

/* See struct ht_rpc_method. */
void ht_accounts_watch(void *self, struct ht_rpc_call *call, const json_t *params);
void ht_accounts_rename(void *self, struct ht_rpc_call *call, const json_t *params);
void ht_accounts_hide(void *self, struct ht_rpc_call *call, const json_t *params);
void ht_accounts_remove(void *self, struct ht_rpc_call *call, const json_t *params);

#endif
