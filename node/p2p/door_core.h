/* Inside the door: its state, and the table of connections with its limits. Only door*.c include
 * this. */
#ifndef HT_P2P_DOOR_CORE_H
#define HT_P2P_DOOR_CORE_H

#include "node/p2p/door.h"

#define HT_DOOR_ADDRESS_SIZE 64U
#define HT_DOOR_NAME_SIZE 128U
#define HT_DOOR_ORIGIN_SIZE 256U
#define HT_DOOR_REASON_MAX 120U
#define HT_DOOR_CHANNEL_SIZE 65U

struct ht_door_message;

/* One TCP connection of the door's own, or a websocket that was adopted. */
struct ht_door_conn {
    struct ht_door_conn *next;
    struct ht_door *door;
    struct lws *wsi;
    char address[HT_DOOR_ADDRESS_SIZE];
    bool is_local;
    bool is_adopted;

    bool is_leaving;  /* it was hung up for others to have its place */
    bool is_answered; /* by HTTP: it is the connection's last request */
    struct ht_door_http *http;

    bool is_open; /* a websocket, and the module knows it */
    void *peer;
    struct ht_buf in; /* of a message that came in parts */
    struct ht_door_message *first, **last;
    size_t waiting;
    bool is_paused; /* not reading, because too much waits to be sent */
    bool is_held;   /* not reading, because the module says so */
    bool is_ending;
    bool is_in_event; /* lws waits for what its callback returns */
    char reason[HT_DOOR_REASON_MAX + 4];
    uint16_t close_status;
};

struct ht_door {
    struct ht_loop *loop;
    const struct ht_module_door *module;
    void *self;
    struct ht_door_options options; /* its strings are not used any more */
    char listen_address[HT_DOOR_ADDRESS_SIZE];
    char names[HT_DOOR_NAMES_MAX][HT_DOOR_NAME_SIZE];
    size_t name_count;
    uint16_t port;
    char channel[HT_DOOR_CHANNEL_SIZE]; /* of the callers; "" without TLS */
    char url[HT_DOOR_ADDRESS_SIZE + 16];
    lws_retry_bo_t liveness;
    struct lws_vhost *vhost;
    struct lws *listener; /* lws' own; NULL before the first connection */
    bool is_full;         /* and does not accept */
    struct ht_door_conn *conns;
    unsigned conn_count;
    unsigned websocket_count;
    unsigned request_count; /* connections of its own that are no websockets */
    unsigned leaving_count; /* and those of them that have lost their place */
    size_t waiting;
    size_t partial; /* bytes of messages that are not whole */
    struct ht_door_counts counts;
    unsigned refs; /* the owner's, the vhost's, each connection's */
    bool is_closing;
};

/* Is there room for one more from the accepted socket fd? */
bool ht_door_conn_fits(const struct ht_door *door, int fd);
/* Counts connections that are no websockets, by 1 or -1. Each holds one of the few header tables
 * that lws has for the whole node, so there are places for a few. With one too many, the one that
 * has been silent longest loses its place: whoever means it says at once what is wanted. While all
 * are busy, or many are leaving, no more are accepted: they wait in the kernel. */
void ht_door_count_request(struct ht_door *door, int by);
/* Are there as many requests under way as may be, so that places are left for those who come? */
bool ht_door_is_busy(const struct ht_door *door);
/* The connection of a wsi of the door's own. */
struct ht_door_conn *ht_door_conn_of(struct lws *wsi);
/* NULL without memory. address NULL: that of the socket. */
struct ht_door_conn *ht_door_conn_add(struct ht_door *door, struct lws *wsi, const char *address);
/* Tells the module, and frees it. */
void ht_door_conn_remove(struct ht_door_conn *conn);

/* Whether a request from this connection may name that host; *host is the header. */
bool ht_door_host_is_good(const struct ht_door_conn *conn, ht_bytes host);

/* A header's value in buf, empty when it is missing. false when it does not fit. */
bool ht_door_header(struct lws *wsi, enum lws_token_indexes token, char *buf, size_t size,
                    ht_bytes *value);

/* Drops one reference and frees the door with the last. */
void ht_door_unref(struct ht_door *door);

#endif
