/* The relay's protocol, without sockets, clock or disk of its own: messages in, messages out.
 *
 * NIPs 01, 09, 11, 13, 40, 42, 45, 50, 62, 67, 70, 77. A peer is a connection; what it says goes to
 * ht_relay_received, what it is told comes out by its `send`. Verifying, storing and searching take
 * time: that is the pool's, the writer's and the reader's work. Nothing is acknowledged (OK true)
 * before the disk has it; OKs come in the order of a connection's events. Queries run in slices,
 * one of each connection in turn, and wait while the connection's socket is full. Loop thread. */
#ifndef HT_SOCIAL_RELAY_RELAY_H
#define HT_SOCIAL_RELAY_RELAY_H

#include "social/mesh/neg_trees.h"
#include "social/relay/policy.h"
#include "social/store/store.h"

#define HT_RELAY_MESSAGE_MAX ((size_t)256 << 10)
#define HT_RELAY_CONNECTIONS_MAX 1024U
#define HT_RELAY_ADDRESS_CONNECTIONS_MAX 512U
#define HT_RELAY_SUBSCRIPTIONS_MAX 64U   /* of one connection */
#define HT_RELAY_SUBSCRIPTION_ID_MAX 64U /* characters */
#define HT_RELAY_NEG_MAX 8U              /* of one connection */
#define HT_RELAY_AUTHED_MAX 16U          /* keys of one connection */
#define HT_RELAY_AUTH_WINDOW_S 600       /* how old or early an AUTH event may be */
/* Bytes of what a message of NEG says, before hex doubles them. */
#define HT_RELAY_NEG_FRAME ((size_t)60000)
/* With so many bytes waiting for the socket, queries pause; with so many, the reader is too slow
 * and is dropped. */
#define HT_RELAY_WAITING_PAUSE ((size_t)256 << 10)
#define HT_RELAY_WAITING_MAX ((size_t)8 << 20)

struct ht_relay;
struct ht_relay_peer;

/* What the relay needs of the world. All of it may be called from within any function below. */
struct ht_relay_io {
    /* Sends text to a peer, which is copied; false when it does not take more: the relay then drops
     * the peer with `hang_up`. */
    bool (*send)(void *user, void *connection, ht_bytes text);
    /* Nothing is sent to it any more; ht_relay_closed comes for it, then or later. */
    void (*hang_up)(void *user, void *connection, const char *reason);
    /* How many bytes wait to be sent to it. */
    size_t (*waiting)(void *user, void *connection);
    /* Stops and goes on reading from it; NULL: cannot, and events that are too many are refused. */
    void (*hold)(void *user, void *connection, bool is_held);
    void *user;
};

/* What NIP-11 says of it and its owner may change; texts are copied and cut. */
struct ht_relay_profile {
    char name[64], description[512], icon[256], contact[256];
};

struct ht_relay_options {
    const struct ht_host *host; /* clock, random, loop, pool */
    struct ht_writer *writer;   /* of social.db; NULL: events are refused */
    struct ht_reader *reader;   /* NULL: queries are refused */
    struct ht_policy *policy;   /* outlives the relay, which only reads it */
    struct ht_relay_io io;
    const char *url;               /* "ws://127.0.0.1:8421": what AUTH's relay tag must name */
    const char *const *other_urls; /* whose host it may name as well: an onion's, a public one */
    size_t other_url_count;
    ht_hash32 self;                /* NIP-11 */
    struct ht_store_limits limits; /* now_s is filled in */
    const char *version;           /* of the program; NULL: none is told */
    struct ht_relay_profile profile;
};

/* HT_ENOMEM. The options' texts are copied, the rest outlives the relay. */
enum ht_err ht_relay_new(struct ht_relay **out, const struct ht_relay_options *options,
                         struct ht_why *why) HT_MUST_USE;
/* Submits nothing any more but the end of its store to the writer; connections are hung up. Before
 * the reader, the pool and the writer end. */
void ht_relay_stop(struct ht_relay *relay);
/* After ht_relay_stop, and when the pool and the writer have ended and the loop was drained; before
 * ht_reader_free. Peers that are left are forgotten. NULL is fine. */
void ht_relay_free(struct ht_relay *relay);

/* A connection has opened; the relay sends its AUTH challenge. address: for limits, "127.0.0.1".
 * NULL when there are too many, of all or of that address, or the address sent too many bad
 * signatures. */
struct ht_relay_peer *ht_relay_opened(struct ht_relay *relay, void *connection,
                                      const char *address);
/* It is the owner's own program: sees and may write all. */
void ht_relay_opened_own(struct ht_relay_peer *peer);
/* It is a web page in a browser on this computer, see policy.h. */
void ht_relay_opened_page(struct ht_relay_peer *peer);
void ht_relay_closed(struct ht_relay_peer *peer);
/* Replaces other_urls: where else it is reached. HT_ENOMEM; they are as they were then. */
enum ht_err ht_relay_set_other_urls(struct ht_relay *relay, const char *const *urls,
                                    size_t count) HT_MUST_USE;
/* Has it proven that key (NIP-42)? */
bool ht_relay_has_authed(const struct ht_relay_peer *peer, const ht_hash32 *pubkey);
/* Hangs up all whose address is refused from now on, but for the owner's own program. */
void ht_relay_hang_up(struct ht_relay *relay,
                      bool (*is_refused)(const void *user, const char *address), const void *user);
/* A whole text message. */
void ht_relay_received(struct ht_relay_peer *peer, ht_bytes text);
/* The socket takes more: queries that paused for it go on. */
void ht_relay_drained(struct ht_relay_peer *peer);

/* An event from elsewhere than a peer's socket (our own posts, what the client fetched, an import):
 * verified, stored, sent to whoever subscribed. done on the loop, later, after the commit; err as
 * of reading, verifying, policy and store, HT_EAGAIN "relay_busy" when too much waits already (then
 * and for HT_ENOMEM before ht_relay_publish returns). An ephemeral event is HT_PUT_STORED. */
struct ht_relay_publish {
    void (*done)(struct ht_relay_publish *publish, enum ht_err err, enum ht_put put,
                 const struct ht_why *why);
    ht_bytes json;                 /* copied */
    bool is_trusted_source;        /* no write policy, no proof of work; verified all the same */
    struct ht_relay_publish *next; /* the relay's own */
};
void ht_relay_publish(struct ht_relay *relay, struct ht_relay_publish *publish);

/* A listener inside: each event that was newly stored or is ephemeral, after the commit. */
struct ht_relay_listener {
    void (*event)(struct ht_relay_listener *listener, const struct ht_event *event);
    struct ht_relay_listener *next; /* the relay's own */
};
void ht_relay_listen(struct ht_relay *relay, struct ht_relay_listener *listener);

/* Warm trees of what is stored (neg_trees.h); NULL without a writer or a reader. */
struct ht_neg_trees *ht_relay_neg_trees(struct ht_relay *relay);
/* For a store of the writer's that is not the relay's: what it does is known to the trees. NULL as
 * above. Any thread. */
const struct ht_store_watch *ht_relay_store_watch(const struct ht_relay *relay);

/* NIP-11's document; NULL without memory. */
json_t *ht_relay_information(const struct ht_relay *relay);
/* Valid until the relay is freed; what is written to it is told from then on (NIP-86). */
struct ht_relay_profile *ht_relay_profile(struct ht_relay *relay);

/* Quotas that events are stored by, limits of filters not among them. The writer's thread. */
struct ht_store_limits *ht_relay_writer_limits(struct ht_relay *relay);

struct ht_relay_counts {
    uint64_t connections, connections_now, received, stored, refused, bad_signatures, sent, queries,
        subscriptions_now, negs_now, dropped_slow;
};
struct ht_relay_counts ht_relay_counts(const struct ht_relay *relay);
/* The same as Prometheus text. HT_ENOMEM, HT_ELIMIT. */
enum ht_err ht_relay_metrics(struct ht_buf *out, const struct ht_relay *relay) HT_MUST_USE;

#endif
