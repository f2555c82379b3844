/* The door of the social transport: a listener at which strangers and friends speak to a module,
 * by websocket or HTTP, while nothing here knows what they say.
 *
 *   GET  / with upgrade                        a websocket of text messages (NIP-01), any Origin
 *   GET  / with Accept: application/nostr+json the module's document (NIP-11)
 *   GET  /                                     a line for people
 *   OPTIONS                                    CORS: pages of any origin may ask and read
 *   anything else                              the module's `http`
 *
 * The door has no cookies and no session: who may do what, the module decides by signatures, so
 * pages of any origin are let in. Against DNS rebinding a request that came to a loopback address
 * must name a loopback host, or one of the names given; not with TLS, where a page does not get so
 * far. The API server lets websockets at its own
 * "/" in by ht_door_adopt; they count with the others.
 *
 * Bounds: connections in all, of one address, and of those that have not become websockets;
 * bytes of a message, a minute to complete one, bytes that wait for one reader and for all of them.
 * A silent connection is pinged and hung up. No compression.
 *
 * With a certificate all of it goes over TLS 1.2 or later; who has not shaken hands in time is hung
 * up, and holds a connection's place from the moment that TCP let it in. A node has several
 * doors: each is a listener of its own, with limits of its own.
 *
 * All functions and callbacks: loop thread. */
#ifndef HT_P2P_DOOR_H
#define HT_P2P_DOOR_H

#include <jansson.h>

#include "node/loop/loop.h"

#define HT_DOOR_PORT 8421
#define HT_DOOR_MESSAGE_MAX ((size_t)256 << 10)
#define HT_DOOR_WAITING_MAX ((size_t)4 << 20)      /* bytes for one reader */
#define HT_DOOR_WAITING_ALL_MAX ((size_t)48 << 20) /* and for all */
#define HT_DOOR_CONNECTIONS_MAX 512U
#define HT_DOOR_PER_ADDRESS_MAX 32U
#define HT_DOOR_LOCAL_MAX 448U /* of this computer's own addresses */
/* Connections that are no websockets. With more, those that have been silent longest are hung up;
 * of requests, three quarters as many are under way at once. */
#define HT_DOOR_REQUESTS_MAX 64U
#define HT_DOOR_ANSWER_HEADERS 6U
#define HT_DOOR_NAMES_MAX 8U

struct ht_door;
struct ht_door_conn; /* one websocket */
struct ht_door_http; /* one HTTP request, until it is answered */

/* Who is at the other end of a websocket; valid for the call. */
struct ht_door_caller {
    const char *address; /* "127.0.0.1", "2001:db8::1" */
    const char *origin;  /* of a page, as its browser says; "" when none is named */
    bool is_local; /* speaks from this computer; but so does a proxy or an onion service there */
    bool is_own;   /* the owner's own page, with its session */
    /* What TLS proves to the other side (handshake.h): the pin of our certificate in lowercase hex;
     * "" without TLS. */
    const char *channel;
};

enum ht_door_method {
    HT_DOOR_GET,
    HT_DOOR_HEAD,
    HT_DOOR_POST,
    HT_DOOR_PUT,
    HT_DOOR_DELETE,
};

/* What was asked. All views live as long as the request; empty: not there. */
struct ht_door_request {
    enum ht_door_method method;
    ht_bytes path;  /* percent-decoded, begins with "/", without the query */
    ht_bytes query; /* percent-decoded, too */
    ht_bytes host, origin, accept, authorization, content_type, range;
    ht_bytes sha256;           /* X-SHA-256 */
    ht_bytes x_content_type;   /* X-Content-Type, of BUD-06 */
    ht_bytes x_content_length; /* X-Content-Length */
    ht_bytes fetch_site;       /* Sec-Fetch-Site: a browser's word on the page that asks */
    uint64_t content_length;   /* of the body; 0: there is none */
    const char *address;
    bool is_local;
};

/* What a module does with those who come; self is what its start gave. A NULL member: nothing. */
struct ht_module_door {
    /* A websocket has opened. The peer that comes back is given to the calls below; NULL turns it
     * away, and nothing is said of it again. */
    void *(*opened)(void *self, struct ht_door_conn *conn, const struct ht_door_caller *caller);
    /* A whole text message; lives for the call. */
    void (*received)(void *peer, ht_bytes text);
    /* Something was sent, and little waits now: more is taken. */
    void (*drained)(void *peer);
    /* Once, and the last that is said of it: conn is gone. Never from within ht_door_send or
     * ht_door_hang_up. */
    void (*closed)(void *peer);
    /* NIP-11's document, taken over; NULL without memory. */
    json_t *(*information)(void *self);
    /* A request: answer it now or later, or read its body first. */
    void (*http)(void *self, struct ht_door_http *http);
};

/* --- the listener ----------------------------------------------------------------------------- */

/* Members left zero take the value named. Strings are copied. */
struct ht_door_options {
    bool is_closed;           /* no listener of its own; only ht_door_adopt */
    const char *address;      /* to listen on, numeric; 127.0.0.1. "0.0.0.0": all of IPv4; "::":
                                 all, where the computer has IPv6 */
    uint16_t port;            /* 0: any free port, which ht_door_port tells */
    const char *const *names; /* more hosts that a request on loopback may name */
    size_t name_count;        /* at most HT_DOOR_NAMES_MAX */
    const char *key_path, *certificate_path; /* PEM files, read once: TLS. NULL: without */
    uint16_t ping_s;                         /* silent for so long: pinged; 30 */
    uint16_t hangup_s;                       /* … and closed; 45 */
    unsigned message_s;                      /* for a message that has begun to be complete; 60 */
    unsigned handshake_s; /* for TLS to shake hands, and for a request to begin; 10 */
    unsigned max_connections, max_per_address, max_local, max_requests;
    size_t max_waiting; /* HT_DOOR_WAITING_MAX */
};

struct ht_door_counts {
    unsigned connections, websockets;   /* now */
    uint64_t accepted, refused, denied; /* connections; over a limit; bad Host or handshake */
    uint64_t messages_in, messages_out; /* of websockets */
    uint64_t bytes_in, bytes_out;
    uint64_t requests;                    /* HTTP */
    uint64_t dropped_slow, dropped_large; /* hung up */
    size_t waiting;                       /* bytes, of all */
};

/* Starts listening; whoever comes before ht_door_serve is turned away. HT_EAGAIN port_in_use,
 * HT_EDENIED port_denied, HT_EINPUT bad_address and bad_name, HT_ESTORE bad_certificate, HT_ENET
 * no_listener, HT_ENOMEM. */
enum ht_err ht_door_new(struct ht_door **out, struct ht_loop *loop,
                        const struct ht_door_options *options, struct ht_why *why) HT_MUST_USE;
/* Who answers. NULL: nobody; the websockets open then are told closed and end. */
void ht_door_serve(struct ht_door *door, const struct ht_module_door *module, void *self);
/* Everybody is told `closed` and let go; before ht_loop_free. What the API server adopted ends with
 * its connections. NULL is fine. */
void ht_door_free(struct ht_door *door);

uint16_t ht_door_port(const struct ht_door *door);
/* "ws://127.0.0.1:8421", with TLS "wss://…", "" without a listener. Borrowed. */
const char *ht_door_url(const struct ht_door *door);
struct ht_door_counts ht_door_counts(const struct ht_door *door);
/* Whether a request's Host (a port may follow) is one of this computer's loopback names, the
 * address that is listened on, or one of the names given: then it is surely us who was meant. */
bool ht_door_is_named(const struct ht_door *door, ht_bytes host);
/* {listening, url, …counts}; NULL without memory. */
json_t *ht_door_json(const struct ht_door *door);

/* --- websockets ------------------------------------------------------------------------------- */

/* Queues a text message, copied. HT_ELIMIT when too much waits, HT_ENOMEM, HT_EDENIED after
 * ht_door_hang_up. */
enum ht_err ht_door_send(struct ht_door_conn *conn, ht_bytes text) HT_MUST_USE;
/* Bytes that wait to be sent. */
size_t ht_door_waiting(const struct ht_door_conn *conn);
/* Nothing more is received or sent; the close frame says the reason (at most 120 bytes, a literal
 * or copied). closed comes later. */
void ht_door_hang_up(struct ht_door_conn *conn, const char *reason);
/* Whether to go on reading from it; messages that lws has already read may still come. */
void ht_door_set_reading(struct ht_door_conn *conn, bool is_reading);

/* For the API server, whose wsi a websocket at its "/" is: from ESTABLISHED to WSI_DESTROY it hands
 * its callbacks on. NULL when nobody serves, there are too many, or the module turns it away. */
struct ht_door_conn *ht_door_adopt(struct ht_door *door, struct lws *wsi,
                                   const struct ht_door_caller *caller);
/* RECEIVE, SERVER_WRITEABLE, TIMER; returns what the callback must. */
int ht_door_event(struct ht_door_conn *conn, enum lws_callback_reasons reason, void *in,
                  size_t len);
/* The wsi is gone. */
void ht_door_gone(struct ht_door_conn *conn);

/* --- HTTP ------------------------------------------------------------------------------------- */

struct ht_door_header {
    const char *name; /* in lower case; NULL ends the list */
    const char *value;
};

struct ht_door_answer {
    unsigned status;
    const char *type; /* Content-Type; NULL: none */
    struct ht_door_header headers[HT_DOOR_ANSWER_HEADERS];
    ht_bytes body; /* copied, at most 1 MiB */
    /* Instead of a body, when has_file: a regular file open for reading, taken over and closed.
     * With status 200 a Range of the request is honoured: 206, or 416. */
    bool has_file;
    int file;
    uint64_t file_size; /* bytes, as they will stay */
};

const struct ht_door_request *ht_door_http_request(const struct ht_door_http *http);

/* Whom the request's body is given to. */
struct ht_door_reader {
    /* The next bytes. With anything but HT_OK the request is gone: answered by the piece itself,
     * or else by the door, 413 for HT_ELIMIT, 400 for the rest. */
    enum ht_err (*piece)(void *user, ht_bytes piece);
    void (*whole)(void *user); /* all of content_length have come */
    /* It was never answered, and cannot be any more: the connection or the door is gone. */
    void (*gone)(void *user);
    void *user;
};

/* From within `http`: reads a body of up to max bytes; one that is larger, or that does not say
 * its length, is answered 413 or 411, and HT_ELIMIT or HT_EINPUT comes back: the request is then
 * gone. Also for requests without a body that are answered later: whole then comes at once. */
enum ht_err ht_door_http_read(struct ht_door_http *http, uint64_t max,
                              const struct ht_door_reader *reader) HT_MUST_USE;
/* Whether body bytes are taken now; those that lws has already read may still come. */
void ht_door_http_set_reading(struct ht_door_http *http, bool is_reading);
/* Answers; http is gone. A file is closed whatever happens. */
void ht_door_http_answer(struct ht_door_http *http, const struct ht_door_answer *answer);
/* The same with a line of text, and the reason in X-Reason (BUD-01). */
void ht_door_http_fail(struct ht_door_http *http, unsigned status, const char *reason);

#endif
