/* Exchanges and calls of the dispatch. Only rpc*.c include this. */
#ifndef HT_API_RPC_CALL_H
#define HT_API_RPC_CALL_H

#include "node/api/rpc_impl.h"

/* Puts the reply to a request in its place; it is taken over, NULL when it cannot be built. */
void ht_rpc_put_reply(struct ht_rpc_exchange *x, size_t place, json_t *reply);
void ht_rpc_put_error(struct ht_rpc_exchange *x, size_t place, json_t *id, enum ht_err err,
                      struct ht_why *why);

/* Answers and ends an exchange whose requests are all answered; else does nothing. */
void ht_rpc_settle(struct ht_rpc_exchange *x);

/* Writes a mistake of ours to the log. */
void ht_rpc_tell_broken(enum ht_err err, const struct ht_why *why);

#endif
