/* The JSON of replies and pushes. Only rpc*.c include this. */
#ifndef HT_API_RPC_REPLY_H
#define HT_API_RPC_REPLY_H

#include "node/api/rpc.h"

/* {"jsonrpc":"2.0","id":id,key:value}; id NULL stands for null. Takes value over. NULL without
 * memory. */
json_t *ht_rpc_reply_make(json_t *id, const char *key, json_t *value);

/* The reply that tells an error. number 0 stands for the one that fits err; a reason without a code
 * gets the name of err. NULL without memory. */
json_t *ht_rpc_reply_error(json_t *id, enum ht_err err, int number, struct ht_why *why);

/* {"jsonrpc":"2.0","method":method,"params":params}; takes params over. NULL without memory. */
json_t *ht_rpc_reply_notification(const char *method, json_t *params);

/* The push of a topic's value, which is taken over. NULL without memory. */
json_t *ht_rpc_reply_push(const char *topic, json_t *value);

/* Appends a reply, or the error that takes its place because it is too large. HT_ENOMEM, HT_ELIMIT
 * (not even room for that); nothing is appended then. */
enum ht_err ht_rpc_reply_write(struct ht_buf *out, const json_t *reply) HT_MUST_USE;

#endif
