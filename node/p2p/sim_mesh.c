/* The mesh core on the simulator's wires. */
#include "node/p2p/sim_mesh.h"

#include <stdlib.h>

#include "node/p2p/sim_bare.h"
#include "node/p2p/sim_catchup.h"
#include "node/p2p/sim_sybil.h"

struct ht_sim_taken { /* a verdict that the core is told when it has returned */
    uint64_t serial;
    enum ht_gossip_verdict verdict;
    const struct ht_sim_event *kept;
    struct ht_sim_taken *next;
};

/* --- signatures: the id and the key, which nobody in here forges ------------------------------ */

static void sign(void *user, uint8_t signature[static HT_SCHNORR_SIZE], const ht_hash32 *id) {
    const struct ht_sim_node *node = user;
    memcpy(signature, id->b, 32);
    memcpy(signature + 32, node->key.b, 32);
}

static bool verify(void *user, const struct ht_event *event) {
    struct ht_sim_node *node = user;
    node->verified++;
    bool is_good = memcmp(event->sig, event->id.b, 32) == 0 &&
                   memcmp(event->sig + 32, event->pubkey.b, 32) == 0 &&
                   ht_event_check_id(event, NULL) == HT_OK;
    node->verified_vainly += !is_good;
    return is_good;
}

/* --- what the mesh asks for ------------------------------------------------------------------- */

static bool send(void *user, void *link, ht_bytes text) {
    (void)user;
    return ht_sim_link_send(link, text, NULL);
}

static void hang_up(void *user, void *link, const char *code, const char *text) {
    (void)user;
    (void)text;
    for (unsigned kind = 0; kind < HT_SIM_FAULTS; kind++) {
        if (strcmp(code, ht_peer_fault_name((enum ht_peer_fault_kind)kind)) != 0) continue;
        ht_sim_net_drop(link, (enum ht_peer_fault_kind)kind);
        return;
    }
    /* A proof that comes behind the handshake is one that was said before, perhaps by another. */
    if (strcmp(code, "peer_order") == 0) {
        ht_sim_net_drop(link, HT_FAULT_IDENTITY);
    } else {
        ht_sim_net_close_soon(link);
    }
}

static void give(void *user, struct ht_mesh_link *link, const ht_hash32 *ids, size_t count) {
    const struct ht_sim_node *node = user;
    if (node->vice != HT_SIM_HONEST) return;
    for (size_t i = 0; i < count; i++) {
        const struct ht_sim_event *event = ht_sim_events_find(&node->net->events, &ids[i]);
        bool is_here = event != NULL && ht_sim_node_has(node, event);
        bool is_told =
            is_here ? ht_mesh_give(link, event->event.json) : ht_mesh_gone(link, &ids[i], 1);
        if (!is_told) return;
    }
}

static void tell_taken(void *user, void *what) {
    struct ht_sim_node *node = user;
    (void)what;
    while (node->taken != NULL) {
        struct ht_sim_taken *one = node->taken;
        node->taken = one->next;
        ht_gossip_taken(node->gossip, one->serial, one->verdict,
                        one->verdict == HT_GOSSIP_NEW ? &one->kept->event : NULL);
        free(one);
    }
    ht_sim_net_plan(node);
}

static void take(void *user, uint64_t serial, const struct ht_event *event) {
    struct ht_sim_node *node = user;
    struct ht_sim_taken *one = calloc(1, sizeof *one);
    if (one == NULL) {
        node->net->world.is_failed = true;
        return;
    }
    one->serial = serial;
    one->verdict = node->vice == HT_SIM_HONEST ? ht_sim_node_keep(node, event, &one->kept)
                                               : HT_GOSSIP_UNWANTED;
    if (node->taken == NULL) ht_sim_at(&node->net->world, 0, tell_taken, node, NULL);
    one->next = node->taken;
    node->taken = one;
}

/* --- the layer -------------------------------------------------------------------------------- */

static enum ht_err start(struct ht_sim_node *node) {
    static const char *const serves[] = {"gossip", NULL};
    ht_random_fill(&node->net->world.random, node->key.b, sizeof node->key.b);
    const struct ht_mesh_options options = {
        .clock = &node->clock,
        .random = &node->net->world.random,
        .self = {.node = node->key, .sign = sign, .verify = verify, .user = node},
        .io = {.send = send,
               .hang_up = hang_up,
               .give = give,
               .take = take,
               .verify = verify,
               .user = node},
        .scope = node->net->all,
        .seen_max = HT_SIM_SEEN,
        .serves = serves};
    enum ht_err err = ht_mesh_new(&node->mesh, &options);
    if (err == HT_OK) node->gossip = ht_mesh_gossip(node->mesh);
    return err;
}

static void stop(struct ht_sim_node *node) {
    while (node->taken != NULL) {
        struct ht_sim_taken *one = node->taken;
        node->taken = one->next;
        free(one);
    }
    ht_mesh_free(node->mesh);
}

/* Both have the other's invitation, as it were. */
static enum ht_err introduce(struct ht_sim_node *node, const struct ht_sim_node *other) {
    if (ht_mesh_find(node->mesh, &other->key) != NULL) return HT_OK;
    struct ht_mesh_peer *peer = calloc(1, sizeof *peer);
    if (peer == NULL) return HT_ENOMEM;
    peer->node = peer->record.node = other->key;
    peer->origin = HT_MESH_ADDED;
    peer->is_accepted = true;
    peer->added_s = ht_wall_ms(&node->clock) / 1000;
    enum ht_err err = ht_mesh_recall(node->mesh, peer);
    free(peer);
    return err;
}

static enum ht_err up(struct ht_sim_link *link, bool is_dialler) {
    enum ht_err err = introduce(link->node, link->other->node);
    if (err == HT_OK) err = introduce(link->other->node, link->node);
    if (err != HT_OK) return err;
    return ht_mesh_link_new(&link->mesh, link->node->mesh, link, is_dialler,
                            is_dialler ? &link->other->node->key : NULL, "plain");
}

static void down(struct ht_sim_link *link) {
    if (link->mesh != NULL) ht_mesh_link_closed(link->mesh);
    link->mesh = NULL;
}

static void received(struct ht_sim_link *link, ht_bytes text, const struct ht_sim_event *shared) {
    (void)shared;
    if (link->node->vice != HT_SIM_HONEST) ht_sim_sybil_received(link, text);
    if (!ht_mesh_link_received(link->mesh, text)) ht_sim_catchup_received(link, text);
}

static int64_t tick(struct ht_sim_node *node) {
    return ht_mesh_tick(node->mesh);
}

static int64_t due(const struct ht_sim_node *node) {
    return ht_mesh_due(node->mesh);
}

const struct ht_sim_layer ht_sim_layer_mesh = {.start = start,
                                               .stop = stop,
                                               .up = up,
                                               .down = down,
                                               .received = received,
                                               .tick = tick,
                                               .due = due};
