/* Inside the websocket client: one connection as its files know it. Only websocket*.c include this.
 */
#ifndef HT_NET_WEBSOCKET_IMPL_H
#define HT_NET_WEBSOCKET_IMPL_H

#include "node/net/socks.h"
#include "node/net/websocket.h"

#define HT_WEBSOCKET_ADDRESSES_MAX 4U

/* The name of one connection, on its way through a worker. */
struct ht_websocket_lookup {
    struct ht_work work;
    struct ht_websocket *ws; /* loop thread; NULL once it is closed */
    char host[256];
    bool is_public_only, was_private;
    char addresses[HT_WEBSOCKET_ADDRESSES_MAX][64];
    size_t count;
};

struct ht_websocket {
    struct ht_websockets *all;
    struct ht_websocket *next;
    const struct ht_websocket_handler *handler;
    void *user;

    char host[256];      /* without brackets */
    char authority[272]; /* as the Host header has it */
    char path[512];
    char authorization[256]; /* header, "" for none */
    int port;
    bool is_tls;
    bool is_onion;
    bool has_pin;
    ht_hash32 pin;
    struct ht_socks *socks;
    int through; /* the proxy's connection until lws has it; -1 without */

    struct ht_websocket_lookup *lookup; /* while a worker has it */
    char addresses[HT_WEBSOCKET_ADDRESSES_MAX][64];
    size_t address_count;
    size_t tried;
    struct ht_timer retry;
    struct lws *wsi;
    bool is_open;
    enum ht_err err;   /* HT_EUNVERIFIED: its key is another; else HT_OK */
    struct ht_why why; /* of the last address that failed */

    struct ht_buf in;
    struct ht_websocket_message *first, **last;
    size_t queue_count;
    size_t queue_bytes;
};

/* What lws' vhost knows us by; it may live longer than we do. */
struct ht_websockets_ref {
    struct ht_websockets *all; /* NULL once it is gone */
};

struct ht_websockets {
    struct ht_loop *loop;
    struct ht_websockets_ref *ref; /* the vhost's */
    struct ht_pool *pool;
    struct lws_vhost *vhost; /* made when first needed */
    struct ht_websocket *list;
    bool is_stopping;
};

#endif
