/* JSON-RPC 2.0 dispatch: a table of methods and topics, bytes in, bytes out. No sockets.
 *
 * Methods are named "module.verb". A topic is a named value with a getter: it is also a method of
 * the same name, and a peer on a websocket can subscribe to it (`node.subscribe {"topics":[…]}`,
 * `node.unsubscribe`) and is then sent {"jsonrpc":"2.0","method":"push","params":{"topic","value"}}
 * after each change. Results and topic values are always JSON objects.
 *
 * Errors carry `data.code`, the stable word of the reason, and `data.kind`, the name of the error
 * kind; `code` is JSON-RPC's number where it has one, EIP-1474's for the rest, and -32010
 * (unverified) and -32011 (denied) of the range that both leave free.
 *
 * Everything here belongs to one thread, the loop's. */
#ifndef HT_API_RPC_H
#define HT_API_RPC_H

#include <jansson.h>

#include "node/base/bytes.h"

#define HT_RPC_REQUEST_MAX ((size_t)256 * 1024)
#define HT_RPC_REPLY_MAX ((size_t)1024 * 1024)
#define HT_RPC_BATCH_MAX 100U
#define HT_RPC_TOPICS_MAX 64U
#define HT_RPC_METHODS_MAX 512U
#define HT_RPC_ID_LEN_MAX 128U

/* One method. On success *result is a new reference to an object. params is never NULL: an object
 * or array as sent, or an empty object when the request has none. A reason goes to the caller as
 * it is, so it must not hold a secret. */
struct ht_rpc_method {
    const char *name;
    enum ht_err (*fn)(void *self, json_t **result, const json_t *params, struct ht_why *why);
};

/* The value of a topic now: on success *value is a new reference to an object. */
typedef enum ht_err (*ht_rpc_getter)(void *self, json_t **value, struct ht_why *why);

/* What one websocket has subscribed to; zeroed at first. Bit i stands for topic i. */
struct ht_rpc_peer {
    uint64_t subscribed;
    uint64_t dirty; /* subscribed, changed, and not yet pushed */
};

struct ht_rpc;

enum ht_err ht_rpc_new(struct ht_rpc **out) HT_MUST_USE;
void ht_rpc_free(struct ht_rpc *rpc);

/* Adds count methods of a table that outlives rpc; self is passed to each. HT_EBUG when a name is
 * taken, HT_ELIMIT past HT_RPC_METHODS_MAX, HT_ENOMEM; none of them is added then. */
enum ht_err ht_rpc_add_methods(struct ht_rpc *rpc, const struct ht_rpc_method *table, size_t count,
                               void *self) HT_MUST_USE;

/* Adds a topic; name outlives rpc. Errors as above, with HT_RPC_TOPICS_MAX. */
enum ht_err ht_rpc_add_topic(struct ht_rpc *rpc, const char *name, ht_rpc_getter getter,
                             void *self) HT_MUST_USE;

/* The number of a topic; HT_ENOTFOUND. */
enum ht_err ht_rpc_find_topic(const struct ht_rpc *rpc, unsigned *topic,
                              const char *name) HT_MUST_USE;

/* Answers one message: a request, a notification or a batch of at most HT_RPC_BATCH_MAX of them,
 * HT_RPC_REQUEST_MAX bytes in all. Appends the reply to `reply`, or nothing when none is due.
 * Whatever is wrong with the message is told in the reply; a reply too large for the buffer is
 * replaced by an error that says so. peer is NULL where nothing can be pushed. HT_ENOMEM and
 * HT_ELIMIT (not even room for an error) mean that nothing was appended. */
enum ht_err ht_rpc_handle(struct ht_rpc *rpc, struct ht_buf *reply, struct ht_rpc_peer *peer,
                          ht_bytes message) HT_MUST_USE;

/* Appends the push of a topic's value now. Errors of the getter, HT_ELIMIT, HT_ENOMEM, HT_EBUG for
 * a value that is no object; nothing is appended then. */
enum ht_err ht_rpc_push(const struct ht_rpc *rpc, struct ht_buf *out, unsigned topic,
                        struct ht_why *why) HT_MUST_USE;

#endif
