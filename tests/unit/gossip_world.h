/* A world of gossip cores under a virtual clock: links with a delay, events that are numbers, and
 * nodes that do not always play fair. One seed, one course of things. */
#ifndef HT_TESTS_GOSSIP_WORLD_H
#define HT_TESTS_GOSSIP_WORLD_H

#include "node/p2p/gossip.h"

#define WORLD_LINKS_MAX 48U
#define WORLD_EVENT_BYTES 780U

enum world_manner {
    WORLD_HONEST,
    WORLD_OFFLINE,   /* hears and says nothing */
    WORLD_WITHHOLDS, /* announces what it has, and gives nothing when asked */
    WORLD_SAYS_GONE, /* announces what it has, and says GONE when asked */
    WORLD_GIVES,     /* gives whatever event is wanted, without its core */
};

enum world_verb { WORLD_PUSH, WORLD_HAVE, WORLD_WANT, WORLD_GONE, WORLD_TAKEN };

struct world;
struct world_node;

struct world_link {
    struct world_node *node, *other;
    struct world_link *back; /* the same, as the other sees it */
    struct ht_gossip_peer *peer;
    struct ht_peer_score score;
    int64_t delay_ms;
    int64_t push_ms, free_ms; /* how long an event takes, one after another; until when */
    bool is_closing, is_closed;
    unsigned faults[16]; /* by kind, that the core told */
    unsigned pushes_out, haves_out, wants_out, ids_out;
};

struct world_node {
    struct world *world;
    unsigned number;
    struct ht_gossip *gossip;
    struct ht_scope *scope;
    enum world_manner manner;
    struct world_link links[WORLD_LINKS_MAX];
    unsigned link_count;
    int64_t *at_ms;     /* by event: when it came, -1 not yet */
    unsigned *verified; /* by event */
    int64_t tick_ms;    /* when it is due; INT64_MAX */
    uint64_t bytes_in;
    enum ht_gossip_verdict verdict; /* of what is good: HT_GOSSIP_NEW */
};

struct world_event {
    struct ht_event event;
    char json[WORLD_EVENT_BYTES];
    bool is_bad;
    unsigned number; /* of the good one with that id */
};

struct world_message {
    int64_t due_ms;
    uint64_t order;
    struct world_link *to; /* as the receiver sees it; NULL: a tick of node */
    struct world_node *node;
    enum world_verb verb;
    const struct world_event *event;
    uint64_t serial;
    ht_hash32 *ids;
    size_t count;
};

struct world {
    int64_t now_ms;
    uint64_t seed, order;
    struct ht_clock clock;
    struct ht_random random;
    struct world_node *nodes;
    unsigned node_count;
    struct world_event **events;
    unsigned event_count, event_max;
    struct world_message *heap;
    size_t heap_count, heap_cap;
    int64_t delay_min_ms, delay_max_ms, verify_ms;
    uint64_t messages;
};

/* Nodes whose scope has everything, without links. seen_max: of each core. */
void world_init(struct world *world, unsigned nodes, unsigned events, size_t seen_max,
                uint64_t seed);
void world_fini(struct world *world);
/* Links two; each carries what its scope says. */
void world_join(struct world *world, unsigned a, unsigned b);
/* A random graph: each node picks half the degree. */
void world_mesh(struct world *world, unsigned degree);
struct world_link *world_link_of(struct world *world, unsigned a, unsigned b);
/* An event of an author (0 … 255) and a kind; its number. */
unsigned world_event(struct world *world, uint8_t author, uint32_t kind);
/* Another with the id of that one, whose signature is wrong. */
unsigned world_forge(struct world *world, unsigned event);
const struct ht_event *world_event_of(const struct world *world, unsigned event);
/* A node posts an event of its own. */
void world_post(struct world *world, unsigned node, unsigned event);
/* A node says something without its core, over the link to another. */
void world_say(struct world *world, unsigned from, unsigned to, enum world_verb verb,
               const ht_hash32 *ids, size_t count);
void world_push(struct world *world, unsigned from, unsigned to, unsigned event);
/* Until nothing happens any more or the time is over. */
void world_run(struct world *world, int64_t for_ms);
/* How many nodes that are online have it. */
unsigned world_holders(const struct world *world, unsigned event);
uint64_t world_random(struct world *world, uint64_t bound);

#endif
