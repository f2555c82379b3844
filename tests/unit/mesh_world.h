/* A world of meshes for tests: nodes with real keys, wires in memory, one virtual clock.
 *
 * Node i (from 0) has the node key i + 1 and is user's i + 101 (event_maker.h); its address is
 * ws://10.0.0.<i + 1>:7000. Wires take 10 ms and carry what the meshes send, in order. */
#ifndef HT_TESTS_MESH_WORLD_H
#define HT_TESTS_MESH_WORLD_H

#include "node/p2p/mesh.h"
#include "tests/unit/event_maker.h"

#define WORLD_NODES 32
#define WORLD_CHANNEL "plain"

struct world;
struct wire;

struct world_node {
    struct world *world;
    size_t index;
    struct ht_mesh *mesh;
    ht_hash32 node, user;
    struct ht_scope *scope;
    bool follows[WORLD_NODES]; /* whose users it accepts */
    bool dials;                /* by ht_mesh_to_dial, each second */
    int side;                  /* wires exist within a side of a partition only */
    int64_t skew_ms;           /* of its wall clock */
    struct ht_clock clock;
    unsigned taken; /* events that came by gossip and were new */
    unsigned ups, downs, kept, kept_invites, dials_made, dials_failed;
    bool is_full; /* its transport takes no more */
};

/* An end of a wire. */
struct world_end {
    struct wire *wire;
    struct world_node *node;   /* NULL: the test's own end, which only hears */
    struct ht_mesh_link *link; /* NULL when it is closed */
    char log[32][2048];        /* of the test's own end: what came, cut */
    size_t log_count;
    unsigned nostr;  /* messages that were not the mesh's */
    bool is_hung_up; /* by the mesh here */
    char code[32];
};

struct wire {
    struct world_end ends[2]; /* 0 has dialled */
    bool is_cut;
    struct wire *next;
};

struct world *meshes_new(size_t count);
void meshes_free(struct world *world);
struct world_node *meshes_at(struct world *world, size_t i);
int64_t meshes_now_ms(const struct world *world); /* wall time without skew */
/* Lets time pass, with all that happens in it. */
void meshes_run(struct world *world, int64_t ms);

/* A wire that `from` has dialled, expecting `to`. */
struct wire *meshes_dial(struct world *world, size_t from, size_t to);
/* The same, with channels as each side sees it. NULL node: the test's own end. */
struct wire *meshes_wire(struct world *world, struct world_node *from, struct world_node *to,
                         const ht_hash32 *expected, const char *channel_from,
                         const char *channel_to);
/* The test says something to the other end of `end`, at once. */
void meshes_say(struct world_end *end, const char *text);
/* Both ends see it closed. */
void meshes_cut(struct wire *wire);
/* The connection of two nodes that is not cut and known to both meshes; NULL: none. */
struct wire *meshes_between(struct world *world, size_t a, size_t b);
bool meshes_is_up(struct world *world, size_t a, size_t b); /* as `a` sees it */
size_t meshes_wires(const struct world *world);             /* that are not cut */

/* `from` has an invitation of `to`, and gets to know its address. */
void meshes_invite(struct world *world, size_t to, size_t from, char *secret);
/* A record of a node, signed by its user and by its node key; the world's until the next. */
const char *meshes_record(struct world *world, size_t i, int64_t created_s, bool may_pass);
void meshes_set_record(struct world *world, size_t i, bool may_pass);
/* Node i posts; all whose taken is counted by gossip. */
void meshes_post(struct world *world, size_t i, const char *content);

#endif
