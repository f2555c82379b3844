/* The simulator's network: nodes with the real core in them, links between them, and what is
 * counted.
 *
 * A node has its own core, its own skewed clock and a store of which events it has: bits, since
 * the events themselves are shared (sim_events.h). Two layers run on it: HT_SIM_LAYER_GOSSIP puts
 * the core of gossip.h on the wires, HT_SIM_LAYER_MESH the whole of mesh.h with its handshakes.
 * One thread at a time. */
#ifndef HT_P2P_SIM_NET_H
#define HT_P2P_SIM_NET_H

#include "node/p2p/sim.h"
#include "node/p2p/sim_events.h"

#define HT_SIM_DELAYS_MS 60000U
#define HT_SIM_FAULTS ((size_t)HT_FAULT_PROOF + 1) /* kinds of them */

struct ht_sim_net;
struct ht_sim_node;
struct ht_sim_session; /* sim_catchup.h */
struct ht_sim_relay;   /* sim_relay.h */
struct ht_sim_taken;   /* sim_mesh.c */

enum ht_sim_vice {
    HT_SIM_HONEST,
    HT_SIM_LIAR,     /* announces what it has not */
    HT_SIM_WITHHOLD, /* announces what there is, and keeps quiet when it is asked for it */
    HT_SIM_FLOOD,    /* says far too much */
    HT_SIM_FORGER,   /* pushes events that nobody signed */
    HT_SIM_REPLAYER, /* says what others have said again and again: old events, others' proofs */
    HT_SIM_VICES,    /* how many there are */
};

/* One node's end of a wire. */
struct ht_sim_link {
    struct ht_sim_node *node;
    struct ht_sim_link *other, *next; /* next: of the node's */
    struct ht_sim_wire *wire;
    unsigned side;
    struct ht_gossip_peer *gossip; /* of the gossip layer */
    struct ht_mesh_link *mesh;     /* of the mesh layer */
    struct ht_peer_score score;    /* of the gossip layer */
    bool is_up, is_closing;
    bool is_dropped; /* by this node, for that fault */
    enum ht_peer_fault_kind fault;
    struct ht_sim_session *session;
    struct ht_sim_relay *relay;
};

struct ht_sim_pair { /* a wire with both its ends */
    struct ht_sim_wire wire;
    struct ht_sim_link links[2];
    struct ht_sim_pair *next;
};

struct ht_sim_node {
    struct ht_sim_net *net;
    unsigned index;
    enum ht_sim_vice vice;
    bool is_online;
    struct ht_sim_clock skewed;
    struct ht_clock clock;
    struct ht_gossip *gossip;
    struct ht_mesh *mesh; /* NULL in the gossip layer */
    ht_hash32 key;        /* of the mesh layer */
    struct ht_sim_taken *taken;
    struct ht_buf stolen; /* of a replayer: what somebody else has said to prove itself */
    uint64_t *has;        /* bits */
    struct ht_sim_link *links;
    unsigned link_count;
    int64_t tick_us;                    /* when it is to be called, INT64_MAX: not planned */
    uint64_t verified, verified_vainly; /* signatures that its core asked for */
    uint64_t bytes_in, messages_in;     /* of links that are gone */
};

/* What a layer does on a node; sim_bare.c and sim_mesh.c. */
struct ht_sim_layer {
    enum ht_err (*start)(struct ht_sim_node *node);
    void (*stop)(struct ht_sim_node *node);
    enum ht_err (*up)(struct ht_sim_link *link, bool is_dialler);
    void (*down)(struct ht_sim_link *link);
    void (*received)(struct ht_sim_link *link, ht_bytes text, const struct ht_sim_event *shared);
    int64_t (*tick)(struct ht_sim_node *node);
    int64_t (*due)(const struct ht_sim_node *node);
};
extern const struct ht_sim_layer ht_sim_layer_gossip, ht_sim_layer_mesh;

struct ht_sim_net {
    const struct ht_sim_options *options;
    const struct ht_sim_layer *layer;
    struct ht_sim_world world;
    struct ht_sim_events events;
    struct ht_sim_node *nodes;
    uint64_t *bits;
    size_t words; /* of bits of a node */
    struct ht_sim_pair *pairs;
    struct ht_scope *all;
    bool redials; /* an honest node that lets a peer go looks for another */
    /* What events took to honest nodes, in ms; longer ones are in the last. */
    uint32_t *delays;
    uint64_t delivered;
    uint64_t wronged[HT_SIM_FAULTS]; /* honest peers that honest nodes let go: none should be */
    uint64_t drops[HT_SIM_VICES];    /* links of honest nodes to such that were ended for a fault */
    uint64_t named[HT_SIM_FAULTS];   /* drops of dishonest ones by kind of fault */
    enum ht_err failed;
};

/* Nodes without links, all online. HT_EINPUT, HT_ENOMEM; ht_sim_net_fini in any case. */
enum ht_err ht_sim_net_init(struct ht_sim_net *net, const struct ht_sim_options *options,
                            struct ht_why *why) HT_MUST_USE;
void ht_sim_net_fini(struct ht_sim_net *net);
/* Has each node about `degree` links, chosen at random; is_allowed may be NULL. */
void ht_sim_net_weave(struct ht_sim_net *net, unsigned degree,
                      bool (*is_allowed)(unsigned one, unsigned other));
/* A link between two, unless there is one or one of them is offline; NULL then. */
struct ht_sim_link *ht_sim_net_dial(struct ht_sim_node *from, struct ht_sim_node *to);
/* Ends a link on both sides, at once; not from within a call of the core. */
void ht_sim_net_hang_up(struct ht_sim_link *link);
/* The same as soon as the core has returned; for a fault of the other. */
void ht_sim_net_drop(struct ht_sim_link *link, enum ht_peer_fault_kind kind);
void ht_sim_net_close_soon(struct ht_sim_link *link);
/* A random online node other than that one. */
struct ht_sim_node *ht_sim_net_other(struct ht_sim_node *node);
/* Offline: all its links end. */
void ht_sim_net_set_online(struct ht_sim_node *node, bool is_online);
/* A new event at an honest node, now. NULL when there is no room for more. */
struct ht_sim_event *ht_sim_net_publish(struct ht_sim_node *node);
/* Plans the next call of a node's core as it says that it is due. */
void ht_sim_net_plan(struct ht_sim_node *node);
bool ht_sim_node_has(const struct ht_sim_node *node, const struct ht_sim_event *event);
/* Verifies an event, by the stub unless real signatures are asked for, and keeps it. */
enum ht_gossip_verdict ht_sim_node_keep(struct ht_sim_node *node, const struct ht_event *event,
                                        const struct ht_sim_event **kept);
/* io.take and io.give of both layers. */
void ht_sim_node_take(void *user, uint64_t serial, const struct ht_event *event);
void ht_sim_link_give(struct ht_sim_link *link, struct ht_gossip_peer *peer, const ht_hash32 *ids,
                      size_t count);
bool ht_sim_link_send(struct ht_sim_link *link, ht_bytes text, const struct ht_sim_event *shared);
/* Bytes and messages that came to a node so far. */
uint64_t ht_sim_node_bytes_in(const struct ht_sim_node *node);
uint64_t ht_sim_node_messages_in(const struct ht_sim_node *node);
/* For each honest node that is online and event that was published: how many are there, of how
 * many. */
void ht_sim_net_coverage(const struct ht_sim_net *net, uint64_t *is, uint64_t *of);
/* The delay, in ms, that so many thousandths of deliveries do not exceed. */
unsigned ht_sim_net_delay(const struct ht_sim_net *net, unsigned per_mille);

#endif
