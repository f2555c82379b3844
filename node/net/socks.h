/* SOCKS5 (RFC 1928) without authentication: a connection through a proxy that resolves the name
 * itself, as Tor's does for onions.
 *
 * Nothing is read beyond the proxy's own answers: what the other side says next is left in the
 * socket. Loop thread; the two pure functions any. */
#ifndef HT_NET_SOCKS_H
#define HT_NET_SOCKS_H

#include "node/loop/loop.h"

#define HT_SOCKS_MS 60000 /* for all of it: circuits to onions take their time */
#define HT_SOCKS_PROTOCOL "socks-client"
#define HT_SOCKS_REQUEST_MAX 262U
#define HT_SOCKS_REPLY_MAX 262U

struct ht_socks; /* one attempt */

struct ht_socks_handler {
    /* Connected: the socket is non-blocking and the handler's. Once, or the other; not from within
     * ht_socks_open. The attempt is then gone. */
    void (*connected)(void *user, int fd);
    /* HT_ENET "proxy_unreachable", "proxy_refused" (it says why in the text), "timeout"; HT_EINPUT
     * "proxy_malformed". */
    void (*failed)(void *user, enum ht_err err, const struct ht_why *why);
};

struct ht_socks_options {
    const char *proxy; /* "127.0.0.1:9050", "[::1]:9050": an address, not a name */
    const char *host;  /* a name or a numeric address without brackets; at most 255 bytes. Copied */
    uint16_t port;
    const struct ht_socks_handler *handler; /* outlives it */
    void *user;
};

/* vhost: one whose protocols have ht_socks_on_lws under HT_SOCKS_PROTOCOL. HT_EINPUT "bad_proxy",
 * HT_ELIMIT "name_too_long", HT_ENET "proxy_unreachable", HT_ENOMEM. */
enum ht_err ht_socks_open(struct ht_socks **out, struct ht_loop *loop, struct lws_vhost *vhost,
                          const struct ht_socks_options *options, struct ht_why *why) HT_MUST_USE;
/* No callback comes after this. */
void ht_socks_close(struct ht_socks *socks);

int ht_socks_on_lws(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                    size_t len);

/* CONNECT to a host; its length, 0 when the name is empty or over 255 bytes. */
size_t ht_socks_request(uint8_t out[static HT_SOCKS_REQUEST_MAX], const char *host, uint16_t port);
/* The answer to it, as far as it has come: *need is how long it is, as far as that can be told
 * (more than in.n: read on; never over HT_SOCKS_REPLY_MAX). HT_ENET "proxy_refused"; HT_EINPUT
 * "proxy_malformed". */
enum ht_err ht_socks_reply(size_t *need, ht_bytes in, struct ht_why *why) HT_MUST_USE;

#endif
