/* Exporting keys: a method of accounts.h. Loop thread. */
#ifndef HT_IDENTITY_KEYS_ACCOUNTS_EXPORT_H
#define HT_IDENTITY_KEYS_ACCOUNTS_EXPORT_H

#include "identity/keys/accounts_op.h"

/* The name of a format of keys at a member of params, which goes on to the signer. HT_EINPUT
 * "key_kind" when it is none by its length already; those of ht_json_text. */
enum ht_err ht_accounts_kind(char out[static 16], const json_t *params, const char *name,
                             struct ht_why *why) HT_MUST_USE;

/* See struct ht_rpc_method. */
void ht_accounts_export(void *self, struct ht_rpc_call *call, const json_t *params);

#endif
