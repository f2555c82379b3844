/* JSON-RPC over websockets: one connection per server, opened when first needed, opened again when
 * needed after a loss, closed after five idle minutes.
 *
 * Ids of requests must be unique among those under way to a server; by them an answer finds its
 * request. Answers that no one waits for are ignored and counted. All functions and callbacks:
 * loop thread. */
#ifndef HT_NET_WS_RPC_H
#define HT_NET_WS_RPC_H

#include "node/net/http.h"
#include "node/net/websocket.h"

#define HT_WS_RPC_SERVERS_MAX 32U
#define HT_WS_RPC_IDLE_MS (5 * 60 * 1000)

struct ht_ws_rpc;
struct ht_ws_rpc_request; /* handle of a request under way */

struct ht_ws_rpc_options {
    const char *url; /* ws or wss; copied */
    ht_bytes body;   /* the request's text, an object or a batch; copied */
    uint64_t first_id;
    size_t count;       /* ids from first_id on are this request's; over 0 */
    size_t max_bytes;   /* of the answer; over 0 */
    int64_t timeout_ms; /* with connecting, when it is not connected; over 0 */
};

/* HT_ENOMEM. The pool resolves names. */
enum ht_err ht_ws_rpc_new(struct ht_ws_rpc **out, struct ht_loop *loop,
                          struct ht_pool *pool) HT_MUST_USE;
/* Another time than HT_WS_RPC_IDLE_MS, from the next request on. */
void ht_ws_rpc_set_idle(struct ht_ws_rpc *rpc, int64_t idle_ms);
/* Ends all requests without calling back and closes; to be called before the pool ends. */
void ht_ws_rpc_stop(struct ht_ws_rpc *rpc);
/* When the pool has ended and the loop has drained. NULL is fine. */
void ht_ws_rpc_free(struct ht_ws_rpc *rpc);

/* The answer comes as over HTTP: status 200 and the whole text of it. Else HT_ENET with "timeout"
 * or the codes of websocket.h (all that waited get the same), HT_ELIMIT "too_large". Exactly one
 * on_done per accepted request, unless cancelled, and not from within this call. HT_EINPUT
 * "bad_url", HT_EAGAIN when too much waits or the pool is full, HT_ELIMIT (more servers than
 * HT_WS_RPC_SERVERS_MAX, or a body that the queue cannot hold), HT_EDENIED, HT_ENET, HT_ENOMEM. */
enum ht_err ht_ws_rpc_start(struct ht_ws_rpc_request **out, struct ht_ws_rpc *rpc,
                            const struct ht_ws_rpc_options *options, ht_http_done *on_done,
                            void *user) HT_MUST_USE;
/* No callback comes after this; the handle is gone. The connection stays. */
void ht_ws_rpc_cancel(struct ht_ws_rpc_request *request);

struct ht_ws_rpc_counts {
    uint64_t opened;  /* connections, since start */
    uint64_t ignored; /* messages that were no answer to anyone who waits */
    size_t open;      /* connections now, or on their way */
    size_t waiting;   /* requests */
};
struct ht_ws_rpc_counts ht_ws_rpc_counts(const struct ht_ws_rpc *rpc);

#endif
