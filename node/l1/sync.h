/* The sync driver: keeps a light-client store at the head of the chain, over untrusted beacon
 * providers.
 *
 * Order of work: agree on a checkpoint (or resume from what was kept), bootstrap, committee by
 * committee to the present, then finality and head updates as they come, from an event stream with
 * polling as fall-back. Verification runs in the worker pool, one job at a time; everything else on
 * the loop thread. What a provider sends that does not hold is recorded against it and the next
 * provider is asked. */
#ifndef HT_L1_SYNC_H
#define HT_L1_SYNC_H

#include "node/l1/chain_view.h"
#include "node/l1/checkpoint.h"
#include "node/l1/light_kept.h"
#include "node/l1/sync_sql.h"
#include "node/loop/pool.h"
#include "node/net/http.h"
#include "node/net/provider.h"
#include "node/store/writer.h"

struct ht_sync;

/* What the driver needs of the node; all of it outlives the driver. */
struct ht_sync_host {
    struct ht_loop *loop;
    struct ht_pool *pool;
    struct ht_http *http;
    struct ht_writer *writer;
    const struct ht_clock *clock;
    const struct ht_random *random;
    struct ht_light_kept *kept; /* gets what was verified, for others; NULL: nothing is kept */
    /* Something that people see has changed: "l1.status", "l1.providers", "l1.slots",
     * "l1.head_ages". Loop thread. */
    void (*on_change)(void *user, const char *topic);
    void *user;
};

struct ht_sync_options {
    const struct ht_network *network; /* outlives the driver */
    const char *const *beacon_urls;
    size_t beacon_count;
    const char *const *checkpoint_urls; /* none: the beacon providers are asked */
    size_t checkpoint_count;
    size_t checkpoint_quorum; /* at least 1 */
    bool has_checkpoint;
    ht_hash32 checkpoint; /* the user's own trusted root */
    bool accept_old_checkpoint;
};

enum ht_sync_step {
    HT_SYNC_CHECKPOINT,
    HT_SYNC_BOOTSTRAP,
    HT_SYNC_COMMITTEES,
    HT_SYNC_HEAD,
    HT_SYNC_DONE,
};

enum ht_sync_state {
    HT_SYNC_STARTING,
    HT_SYNC_SYNCING,
    HT_SYNC_LIVE,
    HT_SYNC_STALE,   /* a head, but an old one: nothing newer comes */
    HT_SYNC_OFFLINE, /* no provider answers */
    HT_SYNC_ERROR,   /* cannot go on without the user */
};

/* What is known now, copied out of the store after each verification. */
struct ht_sync_view {
    bool has_store;
    struct ht_header_verified finalized;
    struct ht_header_verified optimistic;
    bool has_next_committee;
    uint64_t signature_slot; /* newest slot in which the committee signed what we verified */
    char head_source[128];   /* provider that sent the head, and the finalized header */
    char finalized_source[128];
    bool has_anchor;
    struct ht_sync_anchor anchor;
    uint64_t first_period;       /* where this run began */
    int64_t committees_since_ms; /* monotonic */
    bool has_storage_error;      /* the last attempt to keep something failed */
    struct ht_why storage_error;
};

/* Loads what was kept (db is only used during this call) and prepares; asks nobody yet. With a
 * checkpoint of the user's that is not the kept anchor, what was kept is set aside. HT_EINPUT
 * "bad_url", HT_ESTORE. */
enum ht_err ht_sync_new(struct ht_sync **out, const struct ht_sync_host *host,
                        const struct ht_sync_options *options, sqlite3 *db,
                        struct ht_why *why) HT_MUST_USE;
/* Loop thread. Begins. */
void ht_sync_start(struct ht_sync *sync);
/* Loop thread: cancels requests and timers and starts nothing more. Work that the pool has is
 * finished there; let the pool end and the loop drain before freeing. */
void ht_sync_stop(struct ht_sync *sync);
void ht_sync_free(struct ht_sync *sync);

/* All below: loop thread; pointers live until the next callback. */
const struct ht_sync_view *ht_sync_view(const struct ht_sync *sync);
/* The update that made the newest finalized block final; NULL when it is not known. */
const struct ht_finality *ht_sync_finality(const struct ht_sync *sync);
const struct ht_network *ht_sync_network(const struct ht_sync *sync);
const struct ht_clock *ht_sync_clock(const struct ht_sync *sync);
const struct ht_chain_view *ht_sync_chain_view(const struct ht_sync *sync);
struct ht_providers *ht_sync_providers(struct ht_sync *sync);
const struct ht_checkpoint_poll *ht_sync_checkpoint_poll(const struct ht_sync *sync);
enum ht_sync_step ht_sync_step(const struct ht_sync *sync);

/* The state now; why is filled unless live, in words for people. */
enum ht_sync_state ht_sync_state(const struct ht_sync *sync, struct ht_why *why);

/* A peer's node serves chain data from now on (base: "https://host:port"), or no longer does: it is
 * asked after the providers of one's own, for light-client objects by polling, and by the asker at
 * base/eth/execution. Safe from within on_lie. Errors of ht_providers_add_peer. */
enum ht_err ht_sync_add_peer(struct ht_sync *sync, const char *base,
                             const struct ht_provider_peer *peer, struct ht_why *why) HT_MUST_USE;
void ht_sync_remove_peer(struct ht_sync *sync, const ht_hash32 *node);

/* A provider that lied is asked again from now on. HT_ENOTFOUND. */
enum ht_err ht_sync_trust_again(struct ht_sync *sync, const char *provider_id,
                                struct ht_why *why) HT_MUST_USE;

#endif
