/* Websocket client (RFC 6455) on the loop's own context.
 *
 * Untrusted servers: only ws and wss, certificates checked against the system's authorities or for
 * one key, no redirects, no extensions, messages joined up to a bound. Names are resolved on a
 * worker. lws pings a silent connection and hangs up a dead one. With is_public_only every address
 * that a name leads to is looked at before it is connected to, so that no name leads into this
 * computer or its network. Proxies of the environment are not used; one that is named is asked to
 * resolve the name and to connect. An onion is reached in no other way: its name never goes to DNS.
 * All functions and callbacks: loop thread. */
#ifndef HT_NET_WEBSOCKET_H
#define HT_NET_WEBSOCKET_H

#include "node/loop/pool.h"

#define HT_WEBSOCKET_QUEUE_MAX 256U                    /* messages that wait to be sent */
#define HT_WEBSOCKET_QUEUE_BYTES_MAX ((size_t)8 << 20) /* and their bytes */

struct ht_websockets; /* all of them */
struct ht_websocket;  /* one connection */

struct ht_websocket_handler {
    void (*opened)(void *user);
    /* A whole message, text or binary; lives until this returns. */
    void (*received)(void *user, ht_bytes message);
    /* Once, unless closed by us; the connection is gone. HT_ENET with codes "name_not_found",
     * "connect_failed", "tls_failed", "rate_limited" (status 429), "http_status",
     * "not_websocket", "connection_lost"; HT_EDENIED "link_private" (is_public_only, and the name
     * leads to no public address); HT_EUNVERIFIED "wrong_pin": another key than the pinned one,
     * nothing was said to it; HT_ELIMIT "too_large"; those of socks.h. The text names the host,
     * never the URL. */
    void (*closed)(void *user, enum ht_err err, const struct ht_why *why);
};

struct ht_websocket_options {
    const char *url;     /* ws or wss; with user and password it says them (Basic). Copied */
    size_t max_bytes;    /* of a message */
    bool is_public_only; /* only to addresses that belong to nobody's own network (address.h) */
    /* SHA-256 of the SubjectPublicKeyInfo that its certificate must have, of wss; names, dates and
     * authorities then do not matter. NULL: none. Copied. */
    const ht_hash32 *pin;
    /* A SOCKS5 proxy that resolves the name and connects, as "127.0.0.1:9050" (an address, not a
     * name); is_public_only is then its affair. NULL: none. Copied. */
    const char *socks;
    const struct ht_websocket_handler *handler; /* outlives the connection */
    void *user;
};

/* The pool resolves names. HT_ENOMEM. */
enum ht_err ht_websockets_new(struct ht_websockets **out, struct ht_loop *loop,
                              struct ht_pool *pool) HT_MUST_USE;
/* Closes all without calling back; no more can be opened. To be called before the pool ends. */
void ht_websockets_stop(struct ht_websockets *all);
/* When the pool has ended and the loop has drained. NULL is fine. */
void ht_websockets_free(struct ht_websockets *all);

/* Starts connecting. HT_EINPUT "bad_url" (also a pin without wss) and "bad_proxy", HT_EDENIED
 * "onion_without_tor", HT_EAGAIN "busy" (the pool is full), HT_EDENIED
 * "stopping", HT_ENET "no_websockets" (libwebsockets refused), HT_ENOMEM. No callback comes from
 * within. */
enum ht_err ht_websocket_open(struct ht_websocket **out, struct ht_websockets *all,
                              const struct ht_websocket_options *options,
                              struct ht_why *why) HT_MUST_USE;

/* Another bound for messages from now on. */
void ht_websocket_set_max(struct ht_websocket *ws, size_t max_bytes);

/* Queues a text message, copied; before the connection is open too. HT_ELIMIT when too much waits
 * already, HT_ENOMEM. */
enum ht_err ht_websocket_send(struct ht_websocket *ws, ht_bytes text) HT_MUST_USE;

/* No callback comes after this; the handle is gone. Also from within callbacks. */
void ht_websocket_close(struct ht_websocket *ws);

#endif
