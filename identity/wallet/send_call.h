/* A JSON-RPC call that waits for a signature or a permission: it is answered when the owner has
 * decided, and what it asked for goes when nobody waits for the answer any more.
 *
 * Errors at /eth have the numbers of EIP-1193 and EIP-1474: 4001 rejected, 4100 unauthorized, 4200
 * unsupported, 4900 disconnected, 4902 another chain, -32002, -32003, -32005, -32602. */
#ifndef HT_IDENTITY_WALLET_SEND_CALL_H
#define HT_IDENTITY_WALLET_SEND_CALL_H

#include "identity/wallet/queue.h"
#include "identity/wallet/send.h"

/* Signs for a call. member NULL: the result itself is the answer (/eth); else the answer is
 * {member: result}. options' origin, done, is_awaited and user are not looked at: it is the call's
 * origin. */
void ht_sign_for_call(struct ht_identity *identity, struct ht_rpc_call *call, const char *member,
                      const struct ht_sign_options *options);

/* Asks the owner about what is not signed: kind, account, payload, token, explain and raw of wanted
 * are looked at, the last two taken over, also when they are NULL (no memory). answer makes the
 * result when the owner has approved: a new reference, NULL without memory. */
void ht_ask_owner(struct ht_identity *identity, struct ht_rpc_call *call,
                  const struct ht_queue_request *wanted,
                  json_t *(*answer)(const struct ht_identity *identity, const char *origin));

/* Asks the owner whether the call's origin, which is not NULL, may see accounts; proposed is the
 * one to begin with. answer makes the result when it may: a new reference, NULL without memory.
 * HT_EAGAIN "permission_waiting" (-32002) when one of that origin waits already. */
void ht_ask_permission(struct ht_identity *identity, struct ht_rpc_call *call,
                       const ht_addr20 *proposed,
                       json_t *(*answer)(const struct ht_identity *identity, const char *origin));

/* Ends a call of /eth with the number that fits. */
void ht_refuse_ethereum(struct ht_rpc_call *call, enum ht_err err, const struct ht_why *why);

#endif
