/* The social module from the inside: what its files share.
 *
 * It keeps a file of its own (social.db in the data directory) with a writer and two readers: one
 * for the relay, one for what the owner looks at. The relay is at the door (ws://127.0.0.1:8421 and
 * the "/" of the API); the owner's methods are those of client.h. Who writes as the owner are the
 * Nostr keys that the module with keys offers. All of it belongs to the loop thread, but for what a
 * task does on the reader's worker. */
#ifndef HT_SOCIAL_SOCIAL_H
#define HT_SOCIAL_SOCIAL_H

#include "node/module.h"
#include "social/client.h"

#define HT_SOCIAL_DATABASE "social.db"
#define HT_SOCIAL_FOLLOWS_MAX 10000U /* keys of one list that are heeded */

struct ht_peers;        /* peers.h */
struct ht_mutes;        /* mutes.h */
struct ht_messages;     /* messages.h */
struct ht_media;        /* media.h */
struct ht_bunker;       /* bunker.h */
struct ht_keeper;       /* keeper.h */
struct ht_feed_service; /* feed_service.h */
struct ht_names;        /* nip05.h */
struct ht_mesh_service; /* mesh/mesh_service.h */

/* What has come since each view was read. */
struct ht_social_news {
    uint64_t following, notifications;
    uint64_t own; /* posts of the owner's, since the start: other windows show them */
};

/* How far removing by age has come (upkeep_sweep.h); the writer's thread. */
struct ht_social_sweep {
    int64_t place, seq, rest_until_s;
};

struct ht_social {
    const struct ht_host *host;
    struct ht_writer *writer;
    struct ht_reader *relay_reader, *reader;
    struct ht_store *store;        /* of `reader`; its worker's */
    struct ht_store *writer_store; /* of the writer's connection; its thread's */
    struct ht_policy *policy;
    struct ht_relay *relay;
    struct ht_relay_listener listener;
    struct ht_peers *relays;
    struct ht_messages *messages;
    struct ht_media *media;
    struct ht_bunker *bunker;
    struct ht_keeper *keeper;
    struct ht_names *names;
    struct ht_feed_service *feed;
    unsigned feed_asks;           /* questions of other modules that are under way */
    struct ht_mesh_service *mesh; /* NULL: without links to peers */
    struct ht_timer sweep_timer;  /* what has expired is removed */
    struct ht_timer timer;        /* policy sets are read anew */
    bool is_stopped;
    bool has_chosen; /* the setting "owner" */
    ht_hash32 chosen;
    struct ht_social_news news;
    json_t *profile;        /* the owner's, as social.profile has it; NULL: not known yet */
    struct ht_mutes *mutes; /* the owner's; NULL: not known yet */
    struct ht_social_sweep sweep;
};

extern const struct ht_module ht_social_module;

/* The key that posts are signed with; false when there is none. */
bool ht_social_owner(const struct ht_social *social, ht_hash32 *out);
/* Our time in seconds. */
int64_t ht_social_now_s(const struct ht_social *social);

#endif
