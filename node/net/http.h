/* HTTP(S) client: libcurl's multi interface on a thread of its own.
 *
 * Untrusted servers: only http and https, no redirects, a byte limit that also counts chunked and
 * decompressed bodies, limits of time for connecting, for the whole and for being slow. Names are
 * resolved on curl's own threads, never on the loop. Callbacks come on the loop thread.
 *
 * A proxy named by the environment (https_proxy, all_proxy, as curl reads them) is used, except
 * for loopback addresses and unix sockets. */
#ifndef HT_NET_HTTP_H
#define HT_NET_HTTP_H

#include "node/loop/loop.h"

struct ht_http;
struct sockaddr;

struct ht_http_options {
    const char *url;          /* copied */
    const char *accept;       /* Accept header, or NULL; copied */
    const char *content_type; /* of body, or NULL; copied */
    const char *unix_socket;  /* path to talk to instead of the URL's host, or NULL; copied */
    const char *range;        /* "0-1023": those bytes alone are asked for, or NULL; copied. The
                                 status tells whether they are what came (206) */
    ht_bytes body;            /* POST when not empty; copied */
    /* Of the answer's body; for a stream, of what is not yet consumed (the server is made to wait
     * then), and never less than the 16 KiB that arrive at once. Over 0. */
    size_t max_bytes;
    int64_t timeout_ms; /* for the whole answer; for a stream, for silence. Over 0 */
    /* Strangers named it: addresses of this computer or its network are not connected to, wherever
     * the name leads (HT_EDENIED "private_address"); each address is looked at when it is connected
     * to, and no connection is shared with other requests. A proxy of the environment goes by the
     * same rule: through one on this computer nothing is fetched. Not with unix_socket. */
    bool is_public_only;
    /* Of tests alone: what is taken for public instead. */
    bool (*is_public)(const struct sockaddr *address);
    /* SHA-256 of the SubjectPublicKeyInfo that the server's certificate must have, of https: names,
     * dates and authorities then do not matter. NULL: none. Copied. */
    const ht_hash32 *pin;
    /* Said as "Authorization: Bearer"; at most 200 of the characters of RFC 6750, or else it is not
     * said. NULL: none. Copied. */
    const char *bearer;
    const char *soap_action; /* SOAPAction header, of UPnP, or NULL; copied */
    bool is_direct;          /* a device of the own network: never by a proxy */
    /* A SOCKS5 proxy that resolves the name and connects, as "127.0.0.1:9050"; is_public_only is
     * then its affair. NULL: none. Copied. An onion is reached in no other way. */
    const char *socks;
    bool is_stream; /* deliver pieces through on_piece as they come (SSE) */
};

/* What came of a request. The body and the strings live until the callback returns. */
struct ht_http_answer {
    enum ht_err err; /* HT_OK: a complete answer; else HT_ENET, HT_ELIMIT, HT_EINPUT, HT_ENOMEM,
                        HT_EDENIED ("private_address", of is_public_only; "onion_without_tor"),
                        HT_EUNVERIFIED ("wrong_pin": nothing was said to that server) */
    struct ht_why
        why;     /* codes: "bad_url", "name_not_found", "connect_failed", "tls_failed",
                    "timeout", "too_slow", "too_large", "connection_lost", "proxy_refused" (of socks),
                    "bad_answer" (no     HTTP, or a body that does not decode), "no_memory" (HT_ENOMEM).
                    The     text     names the host, never the URL, which may hold a password */
    long status; /* 200, 404, …; a redirect arrives as its 3xx status */
    ht_bytes body;
    size_t received;            /* bytes of the body, also of one that was too large or cut off */
    char content_type[64];      /* lower case, without parameters */
    char consensus_version[16]; /* Eth-Consensus-Version of the Beacon API, "" when absent */
    int64_t retry_after_ms;     /* -1 when absent */
    int64_t elapsed_ms;
};

struct ht_http_request; /* handle of a request under way */

typedef void ht_http_done(void *user, const struct ht_http_answer *answer);
/* A piece of a stream with status 200; returning false ends the stream, which is then done without
 * an error. The next piece comes after this has returned. With another status the body comes with
 * the answer. */
typedef bool ht_http_piece(void *user, ht_bytes piece);

enum ht_err ht_http_new(struct ht_http **out, struct ht_loop *loop, const char *user_agent,
                        struct ht_why *why) HT_MUST_USE;
/* Ends all requests without calling back, then joins the thread. Loop thread, loop not running. */
void ht_http_free(struct ht_http *http);

/* Loop thread. Exactly one on_done per accepted request, unless cancelled. on_piece only for
 * streams, else NULL. HT_EAGAIN when too many (256) are under way, HT_ENOMEM. */
enum ht_err ht_http_start(struct ht_http_request **out, struct ht_http *http,
                          const struct ht_http_options *options, ht_http_done *on_done,
                          ht_http_piece *on_piece, void *user) HT_MUST_USE;

/* Loop thread. No callback comes after this; the handle is gone. Also from within on_piece, and
 * without effect from within on_done. */
void ht_http_cancel(struct ht_http_request *request);

/* From within on_piece: the next piece waits until ht_http_go_on, and the server with it once
 * max_bytes have come. Loop thread. */
void ht_http_hold(struct ht_http_request *request);
void ht_http_go_on(struct ht_http_request *request);

/* One blocking request on the calling thread, for the command line; no stream, no loop needed.
 * Initialises `body`, which the caller frees; answer->body points into it. */
void ht_http_fetch(struct ht_http_answer *answer, struct ht_buf *body,
                   const struct ht_http_options *options);

#endif
