/* Methods of accounts.h for which the signer is asked. Loop thread. */
#ifndef HT_IDENTITY_KEYS_ACCOUNTS_KEYS_H
#define HT_IDENTITY_KEYS_ACCOUNTS_KEYS_H

#include "identity/keys/accounts_op.h"

/* See struct ht_rpc_method. */
void ht_accounts_new_seed(void *self, struct ht_rpc_call *call, const json_t *params);
void ht_accounts_check_backup(void *self, struct ht_rpc_call *call, const json_t *params);
void ht_accounts_import(void *self, struct ht_rpc_call *call, const json_t *params);
void ht_accounts_add_account(void *self, struct ht_rpc_call *call, const json_t *params);
void ht_accounts_add_nostr(void *self, struct ht_rpc_call *call, const json_t *params);

#endif
