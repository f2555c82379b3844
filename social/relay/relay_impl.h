/* What the parts of the relay share. */
#ifndef HT_SOCIAL_RELAY_RELAY_IMPL_H
#define HT_SOCIAL_RELAY_RELAY_IMPL_H

#include "node/nostr/event_keys.h"
#include "node/nostr/negentropy.h"
#include "node/p2p/fingerprint_view.h"
#include "social/mesh/neg_trees.h"
#include "social/relay/relay.h"
#include "social/relay/relay_index.h"
#include "social/relay/relay_rate.h"

#define HT_RELAY_BATCH_MAX 256U /* events that are verified and stored together */
#define HT_RELAY_VERIFIERS 2U   /* batches that are verified at once */
#define HT_RELAY_BATCHES_MAX 4U /* under way */
#define HT_RELAY_READS_MAX 8U   /* slices of queries that share a turn of the reader */
#define HT_RELAY_FLYING_SLOTS 4096U
#define HT_RELAY_BAD_MAX 100U /* bad signatures of a connection, or of an address in a minute */
#define HT_RELAY_CHALLENGE_SIZE 33U

/* --- events on their way in -------------------------------------------------------------------*/

struct ht_relay_item {
    struct ht_relay_item *next; /* of the peer's queue */
    struct ht_relay_peer *peer;
    struct ht_relay_publish *publish; /* NULL: from a connection */
    struct ht_arena arena;
    struct ht_event event; /* when is_read */
    size_t size;           /* bytes that it takes */
    bool is_read;
    bool is_ready;  /* what becomes of it is known: not verified, not stored */
    bool has_quota; /* its author is nobody's */
    ht_bytes name;  /* unless is_read: what it gave as id, as JSON; empty: none */
    enum ht_err err;
    enum ht_put put;
    struct ht_why why;
};

enum ht_relay_batch_state {
    HT_BATCH_VERIFYING,
    HT_BATCH_VERIFIED,
    HT_BATCH_WRITING,
    HT_BATCH_DONE
};

struct ht_relay_batch {
    struct ht_relay *relay;
    struct ht_relay_batch *next;
    enum ht_relay_batch_state state;
    uint64_t serial;
    struct ht_event_keys *keys; /* while it verifies */
    size_t slot;
    bool is_inline; /* so small that the writer verifies */
    bool is_flying; /* counted in relay->flying */
    struct ht_work work;
    struct ht_write write;
    int64_t now_s;
    struct ht_relay_item *items[HT_RELAY_BATCH_MAX];
    size_t count;
};

/* --- what peers ask ---------------------------------------------------------------------------*/

enum ht_relay_request_kind { HT_REQUEST_REQ, HT_REQUEST_COUNT, HT_REQUEST_NEG };

/* An event that is told to subscriptions whose query still runs. */
struct ht_relay_live {
    unsigned refs;
    ht_hash32 id;
    size_t n;
    uint8_t json[];
};

struct ht_relay_request {
    enum ht_relay_request_kind kind;
    struct ht_relay_peer *peer;
    struct ht_relay_request *next, **link; /* of the peer's */
    struct ht_relay_request *queue_next;   /* of the peer's that wait for the reader */
    unsigned refs;                         /* the peer's list, the reader, the pool, fan-out */
    bool is_closed;
    bool is_queued;
    ht_bytes id; /* as JSON */
    struct ht_arena arena;
    struct ht_filter *filters;
    size_t filter_count, size; /* bytes of the message */

    /* REQ */
    struct ht_index_place place;
    bool is_live;        /* EOSE was sent */
    uint64_t last_event; /* found for it last */
    struct ht_buf told;  /* ids of the query that may come as live events yet */
    uint64_t told_until; /* the last batch that may have one */
    struct ht_relay_live **pending;
    size_t pending_count, pending_cap, pending_bytes;

    /* A slice: the worker's while the read is under way. */
    struct ht_policy_asker asker;
    ht_hash32 authed[HT_RELAY_AUTHED_MAX];
    struct ht_store_mark mark;
    struct ht_buf out;  /* messages, one behind the other */
    struct ht_buf ends; /* size_t: where each ends in out */
    struct ht_buf ids;
    bool is_full, is_complete;
    enum ht_err err;
    struct ht_why why;
    uint64_t count;

    /* NEG */
    struct ht_neg *neg;
    struct ht_buf items;   /* struct ht_neg_item */
    struct ht_buf message; /* of the peer, to be answered */
    struct ht_buf answer;
    size_t slice_max;
    struct ht_filter rest; /* the filter, with until moved */
    bool is_listed, is_working;
    struct ht_work work;
    struct ht_neg_ask ask;    /* for a tree */
    struct ht_neg_tree *tree; /* held; NULL: items are all there is */
    struct ht_fp_view view;
};

/* --- peers and the relay ----------------------------------------------------------------------*/

struct ht_relay_peer {
    struct ht_relay *relay;
    void *connection; /* NULL: the relay's own, for what is published inside */
    struct ht_relay_peer *next, **link;
    unsigned refs;
    bool is_gone; /* closed or dropped: nothing is sent */
    bool is_unlinked;
    bool is_own, is_page, is_held;
    char address[64];
    char challenge[HT_RELAY_CHALLENGE_SIZE];
    ht_hash32 authed[HT_RELAY_AUTHED_MAX];
    size_t authed_count;
    unsigned bad, auths;
    /* Events that wait for a batch; with those in batches, how many and of how many bytes. */
    struct ht_relay_item *first_item, **last_item;
    size_t event_count, event_bytes;
    bool is_in_turn;
    struct ht_relay_peer *turn_next;
    struct ht_relay_request *requests;
    size_t subscription_count, neg_count, request_bytes;
    struct ht_relay_request *first_query, **last_query;
    bool is_asking;
    struct ht_relay_peer *ask_next;
};

struct ht_relay {
    struct ht_relay_options options;
    char *url;
    char **other_urls;
    char version[32];
    bool is_stopped;
    struct ht_rates rates;
    struct ht_index index;
    struct ht_relay_peer *peers;
    struct ht_relay_peer *inside;
    struct ht_relay_listener *listeners;
    struct ht_relay_counts counts;
    struct ht_buf scratch; /* for messages that are sent */

    struct ht_job start_job;
    bool is_start_posted;
    struct ht_relay_peer *first_turn, **last_turn;
    struct ht_event_keys *keys[HT_RELAY_VERIFIERS];
    bool keys_taken[HT_RELAY_VERIFIERS];
    struct ht_relay_batch *batches, **last_batch;
    size_t batch_count, event_bytes;
    uint64_t batch_serial;
    bool is_answering;
    /* Stored, perhaps, but not yet announced; by the first bits of the id. */
    uint16_t flying[HT_RELAY_FLYING_SLOTS];
    struct ht_store *writer_store;        /* the writer thread's */
    struct ht_store_limits writer_limits; /* the writer thread's, from the options at first */
    struct ht_write last_write;           /* ends it */

    struct ht_relay_request **found; /* by the event at hand */
    size_t found_count, found_cap;
    uint64_t event_serial;

    struct ht_relay_peer *first_asking, **last_asking;
    struct ht_read read;
    struct ht_relay_request *reads[HT_RELAY_READS_MAX];
    size_t read_count; /* 0: none is under way */
    int64_t read_now_s;
    struct ht_timer read_timer;
    bool is_read_waiting;
    struct ht_store *reader_store; /* the reader's worker's */
    size_t works;                  /* of NEG, in the pool */
    struct ht_neg_trees *trees;    /* NULL without a writer and a reader */
};

static inline int64_t ht_relay_now_s(const struct ht_relay *relay) {
    return ht_wall_ms(relay->options.host->clock) / 1000;
}

static inline int64_t ht_relay_mono_ms(const struct ht_relay *relay) {
    return ht_mono_ms(relay->options.host->clock);
}

#endif
