/* Links: connections of ours to other relays, by URL, kept up and bounded.
 *
 * A link connects by itself, again after a failure with growing waits and jitter (1 s to 5 min),
 * and closes when nobody has used it for a while; sending opens it again. Where a URL that a
 * stranger named leads is checked: no address of this computer or its network, unless the user
 * named the relay: first what the URL says, and then, each time, every address that its name leads
 * to, before it is connected to. Without TLS such names are not dialled at all, but for onions,
 * which are reached through Tor's proxy and no other way.
 *
 * All functions and callbacks: loop thread. */
#ifndef HT_P2P_DIAL_H
#define HT_P2P_DIAL_H

#include "node/net/websocket.h"

#define HT_LINKS_MAX 32U
#define HT_LINK_URL_SIZE 512U
#define HT_LINK_IDLE_MS 120000U

struct ht_links; /* all of them */
struct ht_link;  /* one relay */

struct ht_link_handler {
    /* It is connected, for the first time or again: what the other side knew is to be said anew. */
    void (*opened)(void *user, struct ht_link *link);
    /* A whole message; lives for the call. */
    void (*received)(void *user, struct ht_link *link, ht_bytes message);
    /* The connection was lost, or did not come to be; HT_OK: it was idle. The link lives on. What
     * waited to be sent is lost. Reasons as of struct ht_websocket_handler: link_private too. */
    void (*closed)(void *user, struct ht_link *link, enum ht_err err, const struct ht_why *why);
};

struct ht_link_options {
    const char *url;                       /* ws or wss */
    size_t max_bytes;                      /* of a message that is received; 0: 1 MiB */
    bool is_named;                         /* the user named it: any address, also without TLS */
    bool is_kept;                          /* never idle, and connected at once */
    const ht_hash32 *pin;                  /* as of struct ht_websocket_options; copied */
    const char *socks;                     /* the same; copied */
    unsigned idle_ms;                      /* HT_LINK_IDLE_MS */
    const struct ht_link_handler *handler; /* outlives the link */
    void *user;
};

enum ht_link_state {
    HT_LINK_ASLEEP, /* idle; sending wakes it */
    HT_LINK_CONNECTING,
    HT_LINK_OPEN,
    HT_LINK_WAITING, /* until it is tried again */
};

/* HT_ENOMEM. */
enum ht_err ht_links_new(struct ht_links **out, struct ht_loop *loop, struct ht_pool *pool,
                         const struct ht_random *random) HT_MUST_USE;
/* Closes all without calling back, and frees the links; no more can be opened. To be called before
 * the pool ends. */
void ht_links_stop(struct ht_links *links);
/* When the pool has ended and the loop has drained. NULL is fine. */
void ht_links_free(struct ht_links *links);

/* One spelling for each relay: scheme and host in lower case, no usual port, no user, no fragment,
 * no "/" alone as path. HT_EINPUT bad_url. */
enum ht_err ht_link_url(char out[static HT_LINK_URL_SIZE], const char *url,
                        struct ht_why *why) HT_MUST_USE;
/* The link with that URL, in any spelling, or NULL. */
struct ht_link *ht_link_find(struct ht_links *links, const char *url);

/* Adds a link, asleep unless is_kept. HT_EINPUT bad_url, link_exists; HT_EDENIED link_private (an
 * address of this computer or network), link_plain (no TLS), onion_without_tor, stopping; HT_ELIMIT
 * too_many_links; HT_ENOMEM. No callback comes from within. */
enum ht_err ht_link_open(struct ht_link **out, struct ht_links *links,
                         const struct ht_link_options *options, struct ht_why *why) HT_MUST_USE;
/* No callback comes after this; the handle is gone. Also from within callbacks. */
void ht_link_close(struct ht_link *link);

/* Queues a text message and wakes the link. HT_ELIMIT when too much waits, HT_EAGAIN while it waits
 * for the next try, HT_ENOMEM; other errors of ht_websocket_open. */
enum ht_err ht_link_send(struct ht_link *link, ht_bytes text) HT_MUST_USE;
/* Tries at once, when it waits or sleeps. */
void ht_link_wake(struct ht_link *link);

enum ht_link_state ht_link_state(const struct ht_link *link);
const char *ht_link_name(const struct ht_link *link); /* its URL in our spelling; borrowed */
unsigned ht_links_open_count(const struct ht_links *links);
unsigned ht_links_count(const struct ht_links *links);

#endif
