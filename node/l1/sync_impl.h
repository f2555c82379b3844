/* Inside of the sync driver, shared by its own files (sync*.c) alone. */
#ifndef HT_L1_SYNC_IMPL_H
#define HT_L1_SYNC_IMPL_H

#include "node/l1/sync.h"
#include "node/l1/sync_job.h"
#include "node/net/sse.h"

/* What is asked of beacon providers for light-client objects. */
#define HT_SYNC_ACCEPT_OBJECTS "application/octet-stream;q=1.0,application/json;q=0.9"
#define HT_SYNC_EVENTS_MAX 16  /* stream events waiting for the worker */
#define HT_SYNC_BEHIND_SLOTS 4 /* how long others are asked before one that had nothing new */

/* A request for light-client objects; one at a time. */
struct ht_sync_fetch {
    bool is_active;
    struct ht_http_request *request;
    size_t provider;
    enum ht_lc_kind kind;
};

/* The event stream of one provider. */
struct ht_sync_stream {
    bool is_open; /* asked for, and not ended */
    struct ht_http_request *request;
    size_t provider;
    struct ht_sse sse;
    bool has_delivered;
    uint64_t events_slot; /* the slot in which events are counted */
    unsigned slot_events;
    int64_t pause_ms;    /* how long it stays closed once it ends */
    int64_t retry_at_ms; /* monotonic; not opened again before */
};

struct ht_sync_ask { /* a question to a checkpoint source */
    struct ht_sync *sync;
    struct ht_http_request *request; /* NULL when not under way */
    size_t provider;
    size_t source;
    bool is_second_try; /* asks about the finalized state: it does not know `head` */
};

/* The walk back through recent headers. */
struct ht_sync_backfill {
    struct ht_http_request *request; /* NULL when not under way */
    ht_hash32 wanted;
    int64_t again_ms; /* monotonic; nothing is asked before */
    struct ht_timer timer;
};

/* The bootstrap of a period, fetched for others. */
struct ht_sync_share {
    struct ht_http_request *request; /* NULL when not under way */
    size_t provider;
    ht_hash32 root;          /* asked for */
    struct ht_sync_job *job; /* a worker's; its store is its own */
    int64_t again_ms;        /* monotonic; nothing is asked before */
};

struct ht_sync {
    struct ht_sync_host host;
    const struct ht_network *network;
    bool accept_old_checkpoint;
    struct ht_providers providers;

    /* the starting point */
    struct ht_checkpoint_poll poll;
    struct ht_sync_ask asks[HT_CHECKPOINT_SOURCES_MAX];
    size_t ask_count;
    size_t asks_under_way;
    unsigned poll_rounds;
    int64_t poll_again_ms; /* monotonic */
    bool has_trusted_root;
    struct ht_sync_anchor anchor; /* root and origin; slot once bootstrapped */

    /* the store: the worker's while a job is under way, else ours */
    struct ht_lc_store *store;
    struct ht_sync_job *job;                        /* under way */
    struct ht_sync_job *events[HT_SYNC_EVENTS_MAX]; /* waiting, oldest first */
    size_t event_count;

    struct ht_sync_view view;
    struct ht_finality finality; /* of the newest finalized block; empty: unknown */
    struct ht_chain_view chain;
    struct ht_sync_fetch fetch;
    struct ht_sync_stream stream;
    struct ht_sync_backfill backfill;
    struct ht_sync_share share;
    bool finality_due;
    bool head_due;
    int64_t no_update_until_ms; /* monotonic; nobody had the next committee: ask again then */
    int64_t moved_ms; /* monotonic; finality or committees moved last, or nobody answered */
    bool is_stopping;
    bool is_ready; /* followed the head at least once in this run */
    bool has_error;
    struct ht_why error;           /* of what needs the user */
    enum ht_sync_state told_state; /* the state last told to others */
    struct ht_timer step_timer;
    struct ht_timer slot_timer;
};

/* In sync.c, for the other files. */

/* Does the next thing, if none is under way; to be called after every change. */
void ht_sync_advance(struct ht_sync *sync);

/* Tells the host that a topic has changed. */
void ht_sync_tell(struct ht_sync *sync, const char *topic);

/* Sync stops here until the user does something, or what is wrong mends itself. */
void ht_sync_set_error(struct ht_sync *sync, const struct ht_why *why);

uint64_t ht_sync_slot_now(const struct ht_sync *sync);

/* The slot up to which the head is known to be fresh. Which slot an update was signed in is not
 * itself signed: it excuses only a few missed slots, or an old head could pass for a new one. */
uint64_t ht_sync_fresh_slot(const struct ht_sync *sync);

/* Nobody has updates that help: asks for none for half an epoch. */
void ht_sync_rest_updates(struct ht_sync *sync);

#endif
