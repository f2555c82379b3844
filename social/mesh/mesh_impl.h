/* The mesh in the node, from the inside. Only files of this folder include it. Loop thread. */
#ifndef HT_SOCIAL_MESH_IMPL_H
#define HT_SOCIAL_MESH_IMPL_H

#include "node/p2p/mesh.h"
#include "node/p2p/node_key.h"
#include "social/links/peers_tap.h"
#include "social/mesh/mesh_service.h"
#include "social/mesh/mesh_settings.h"
#include "social/mesh/mesh_sql.h"

#define HT_MESH_TAKING_MAX 2000U /* events of peers that wait for our own relay */

struct ht_mesh_catching; /* mesh_catchup.h */
struct ht_mesh_reach;    /* mesh_reach.h */
struct ht_relay_peer;

/* One connection that peer links may speak over: dialled, or come to a door. */
struct ht_mesh_conn {
    struct ht_mesh_service *service;
    struct ht_mesh_conn *next, **place;
    uint64_t serial;           /* no other has had it */
    struct ht_mesh_link *link; /* NULL: nothing of a peer link was said */
    char channel[HT_CHANNEL_SIZE];
    ht_hash32 node; /* whom we dialled; who it has proven to be, when was_up */
    bool is_dialled, was_up, is_over, is_closing;
    int64_t over_ms; /* when it is closed; monotonic */
    /* that came */
    struct ht_door_conn *door;
    struct ht_relay_peer *relay;
    bool may_link; /* peer links are let in by that door */
    char address[64];
    /* that was dialled */
    struct ht_peer *tie; /* NULL: it is closed already */
    struct ht_link *wire;
    char url[HT_NODE_ADDRESS_SIZE];
    bool has_pin;
    ht_hash32 pin;
    /* of a peer */
    struct ht_mesh_mark mark;
    bool has_mark;
    struct ht_mesh_catching *catching;
};

/* An event that was stored just now and is about to be told to listeners. */
struct ht_mesh_fresh {
    bool is_there, is_gossip;
    ht_hash32 id;
    uint64_t serial, conn; /* of gossip; of the connection it came by, 0: none */
};

struct ht_mesh_service {
    struct ht_social *social;
    struct ht_mesh *mesh;
    struct ht_node_key key;
    struct ht_mesh_settings settings;
    struct ht_scope *scope;
    json_t *scope_json; /* as it was told last */
    ht_hash32 *authors; /* the followed, as far as they are in the scope */
    size_t author_count;
    ht_hash32 *mutual; /* those who follow the owner as well */
    size_t mutual_count;
    struct ht_mesh_conn *conns;
    uint64_t serial; /* of connections */
    struct ht_timer tick, sweep, dial, telling, catchup;
    bool is_sweeping, is_telling, is_running;
    struct ht_relay_listener listener;
    struct ht_mesh_fresh fresh;
    size_t taking_count;
    bool is_seen_read;
    /* what is to be kept (mesh_keep.h) */
    struct ht_timer keeping;
    ht_hash32 dirty[HT_MESH_PEERS_MAX];
    size_t dirty_count;
    bool is_keeping, has_new_invitations, is_writing;
    /* what is kept for others (mesh_inbox.h) */
    uint64_t courier_bytes;
    struct ht_mesh_reach *reach;
    struct ht_near near_nodes;
    struct ht_near_listener *near_listeners;
};

/* Timers of the mesh are set anew: after anything was told to it. */
void ht_mesh_wake(struct ht_mesh_service *service);
/* peers.list is another, which is told soon. */
void ht_mesh_changed(struct ht_mesh_service *service);
/* What we carry is another: who is followed, whom we keep for. */
void ht_mesh_rescope(struct ht_mesh_service *service);
/* Settings have changed. */
void ht_mesh_apply(struct ht_mesh_service *service);
int64_t ht_mesh_now_ms(const struct ht_mesh_service *service); /* monotonic */

#endif
