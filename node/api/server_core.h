/* Inside the API server: its state, and the table of connections with its limits. Only the
 * server_*.c files include this. */
#ifndef HT_API_SERVER_CORE_H
#define HT_API_SERVER_CORE_H

#include "node/api/gate.h"
#include "node/api/server.h"

#define HT_API_CONNECTIONS_MAX 96U
#define HT_API_PER_ADDRESS_MAX 64U
#define HT_API_UNIX_MAX 16U
/* Websockets at /eth of one foreign origin, without and with a permission; and of all those without
 * together, so that a page with many names leaves room for the owner. */
#define HT_API_SOCKETS_STRANGER_MAX 4U
#define HT_API_SOCKETS_KNOWN_MAX 16U
#define HT_API_STRANGERS_MAX 16U
#define HT_API_HEADERS 5U     /* sent with every answer */
#define HT_API_QUEUE_MAX 256U /* replies that wait for one websocket */
#define HT_API_QUEUE_BYTES_MAX ((size_t)1024 * 1024)
#define HT_API_WAITS_MAX 64U /* exchanges under way for one websocket */
#define HT_API_CHUNK 16384U  /* bytes of an HTTP body in one write */
#define HT_API_HOST_SIZE 32U /* of a Host header that was found good, and a zero */

/* One HTTP answer. body may point into owned or into an embedded asset. */
struct ht_api_answer {
    unsigned status;
    const char *content_type;
    const char *cache_control;
    const char *allow; /* methods, for 405 */
    bool is_file;      /* gzipped or not, by what the client takes */
    bool is_gzip;
    bool is_head;    /* as GET, without the body */
    bool is_abrupt;  /* close without reading the rest of the request */
    bool is_for_all; /* pages of any origin may load it as a script */
    bool is_shared;  /* the page that asks, of another origin, may read it (CORS) */
    bool is_preflight;
    char cookie[128]; /* Set-Cookie, "" for none */
    ht_bytes body;
    struct ht_buf owned;
    size_t sent;
};

enum ht_api_step {
    HT_API_IDLE,    /* between requests, or answered */
    HT_API_READING, /* a body */
    HT_API_WAITING, /* for a method's answer */
    HT_API_HEAD,    /* the answer's headers are next */
    HT_API_BODY,
};

enum ht_api_route { HT_API_ROUTE_OTHER, HT_API_ROUTE_LOGIN, HT_API_ROUTE_SIWE, HT_API_ROUTE_RPC };

struct ht_api_request {
    enum ht_api_step step;
    enum ht_api_route route;
    struct ht_buf body;
    char user_agent[HT_SESSION_AGENT_MAX + 1]; /* of a login */
    char host[HT_API_HOST_SIZE];               /* of a login, and at /siwe */
    struct ht_api_answer answer;
};

enum ht_api_asker {
    HT_API_OWNER,     /* the owner's own page, or the unix socket */
    HT_API_PROGRAM,   /* names no origin, or ours without a session */
    HT_API_EXTENSION, /* of a browser */
    HT_API_PAGE,      /* of another origin */
    HT_API_UNKNOWN,   /* malformed or "null": never let in */
};

struct ht_api_message;
struct ht_api_wait;

struct ht_api_websocket {
    bool is_open;
    struct ht_buf in; /* fragments so far */
    struct ht_rpc_peer peer;
    unsigned next_topic; /* where to look first for one to push: none starves */
    struct ht_api_message *first;
    struct ht_api_message **last;
    unsigned queue_count;
    size_t queue_bytes;
    bool is_in_callback; /* lws waits for what its callback returns */
    bool is_paused;      /* nothing more is read until replies were sent */
    enum ht_err fault;   /* why it must end: HT_ELIMIT, replies are not read; HT_ENOMEM */
};

/* One TCP or unix connection, from accept until lws destroys its wsi. */
struct ht_api_conn {
    struct ht_api_conn *next;
    struct ht_api *api;
    struct lws *wsi;
    uint32_t address; /* IPv4, network order; 0 on the unix socket */
    bool is_unix;
    bool is_answered; /* it had its last request */
    bool is_last;     /* the answer says that it is */
    unsigned pipelined_turns;
    bool is_pipelined; /* more came before the answer was there */
    struct ht_api_request request;
    struct ht_api_websocket ws;
    uint64_t session;   /* the number of the one that the request named; 0: none */
    bool is_signed_out; /* that session was ended: nothing is taken from here any more */
    bool is_ethereum;   /* at /eth: the other table */
    bool is_relay;      /* a websocket at "/" */
    struct ht_door_conn *relay;
    enum ht_api_asker asker;
    char origin[HT_GATE_ORIGIN_LEN_MAX + 1]; /* of an extension or a page, else "" */
    bool is_foreign_socket;                  /* a websocket of theirs */
    struct ht_api_wait *waits;
    unsigned wait_count;
};

struct ht_api {
    struct ht_loop *loop;
    struct ht_rpc *rpc;
    struct ht_rpc *ethereum;
    ht_rpc_admit admit; /* NULL: pages of other origins are turned away */
    void *admit_self;
    struct ht_door *door;             /* NULL: no relay */
    const struct ht_sign_in_way *way; /* NULL: the token is the only one */
    void *way_self;
    unsigned siwe_used; /* requests of HT_API_SIWE_BURST that have not come back */
    int64_t siwe_since_ms;
    struct ht_gate gate;
    const struct ht_api_conn *asking; /* whose message or push is being made; else NULL */
    struct lws_protocol_vhost_options headers[HT_API_HEADERS];
    char policy[640]; /* the first header's value, when the door has an origin */
    struct ht_api_options options;
    struct lws_vhost *tcp;
    struct lws_vhost *unix_vhost;
    char unix_path[108];
    char *url; /* in sodium_malloc memory: it holds the token */
    lws_retry_bo_t liveness;
    struct ht_api_conn *conns;
    unsigned tcp_count;
    unsigned unix_count;
    struct ht_api_counts counts;
    unsigned refs; /* the owner and each vhost; the last frees */
    bool is_closing;
};

/* The connection of a wsi; NULL for one that was never registered. */
struct ht_api_conn *ht_api_conn_of(struct lws *wsi);

/* Is there room for one more from the accepted socket fd? */
bool ht_api_conn_fits(struct ht_api *api, int fd, bool is_unix);

/* Registers and forgets. HT_ENOMEM. */
enum ht_err ht_api_conn_add(struct ht_api *api, struct lws *wsi, bool is_unix) HT_MUST_USE;
void ht_api_conn_remove(struct ht_api_conn *conn);

/* Drops one reference and frees the server with the last. */
void ht_api_unref(struct ht_api *api);

/* The value of a header in buf, as a view; empty when it is missing. false when it does not fit. */
bool ht_api_header(struct lws *wsi, enum lws_token_indexes token, char *buf, size_t size,
                   ht_bytes *value);

#endif
