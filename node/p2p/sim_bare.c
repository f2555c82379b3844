/* Gossip on the simulator's wires without the mesh around it. */
#include "node/p2p/sim_bare.h"

#include "node/p2p/peer_message.h"
#include "node/p2p/sim_catchup.h"
#include "node/p2p/sim_sybil.h"

static bool send_ids(void *link, enum ht_peer_verb verb, const ht_hash32 *ids, size_t count) {
    struct ht_buf text;
    ht_buf_init(&text, HT_PEER_LINK_MESSAGE_MAX);
    bool is_sent = ht_peer_link_ids(&text, verb, ids, count) == HT_OK &&
                   ht_sim_link_send(link, ht_buf_view(&text), NULL);
    ht_buf_fini(&text);
    return is_sent;
}

static bool have(void *user, void *link, const ht_hash32 *ids, size_t count) {
    (void)user;
    return send_ids(link, HT_PEER_VERB_HAVE, ids, count);
}

static bool want(void *user, void *link, const ht_hash32 *ids, size_t count) {
    (void)user;
    return send_ids(link, HT_PEER_VERB_WANT, ids, count);
}

static bool gone(void *user, void *link, const ht_hash32 *ids, size_t count) {
    (void)user;
    return send_ids(link, HT_PEER_VERB_GONE, ids, count);
}

/* The core gives an event's JSON; that of ours stands in its push already. */
static bool push(void *user, void *link, ht_bytes event_json) {
    const struct ht_sim_node *node = user;
    const struct ht_sim_events *events = &node->net->events;
    ht_hash32 id;
    bool is_ours = event_json.n > 71 && ht_event_hex32(&id, ht_bytes_of(event_json.p + 7, 64));
    const struct ht_sim_event *event = is_ours ? ht_sim_events_find(events, &id) : NULL;
    return event != NULL && ht_sim_link_send(link, event->push, event);
}

static void give(void *user, void *link, const ht_hash32 *ids, size_t count) {
    struct ht_sim_link *to = link;
    (void)user;
    ht_sim_link_give(to, to->gossip, ids, count);
}

static void fault(void *user, void *link, enum ht_peer_fault_kind kind, bool is_over) {
    (void)user;
    if (is_over) ht_sim_net_drop(link, kind);
}

static enum ht_err start(struct ht_sim_node *node) {
    const struct ht_gossip_options options = {.clock = &node->clock,
                                              .random = &node->net->world.random,
                                              .scope = node->net->all,
                                              .seen_max = HT_SIM_SEEN,
                                              .io = {.push = push,
                                                     .have = have,
                                                     .want = want,
                                                     .gone = gone,
                                                     .give = give,
                                                     .take = ht_sim_node_take,
                                                     .fault = fault,
                                                     .user = node}};
    return ht_gossip_new(&node->gossip, &options);
}

static void stop(struct ht_sim_node *node) {
    ht_gossip_free(node->gossip);
}

static enum ht_err up(struct ht_sim_link *link, bool is_dialler) {
    (void)is_dialler;
    ht_peer_score_init(&link->score);
    return ht_gossip_add(&link->gossip, link->node->gossip, link, link->node->net->all,
                         &link->score);
}

static void down(struct ht_sim_link *link) {
    ht_gossip_remove(link->gossip);
    link->gossip = NULL;
}

static void malformed(struct ht_sim_link *link) {
    if (ht_peer_score_fault(&link->score, HT_FAULT_MALFORMED, "message",
                            ht_wall_ms(&link->node->clock))) {
        ht_sim_net_drop(link, HT_FAULT_MALFORMED);
    }
}

static void pushed(struct ht_sim_link *link, ht_bytes json) {
    struct ht_event event;
    struct ht_arena arena;
    ht_arena_init(&arena, HT_EVENT_ARENA(json.n));
    if (ht_event_read(&event, &arena, json, NULL) == HT_OK) {
        ht_gossip_pushed(link->gossip, &event);
    } else {
        malformed(link);
    }
    ht_arena_fini(&arena);
}

static void received(struct ht_sim_link *link, ht_bytes text, const struct ht_sim_event *shared) {
    struct ht_peer_link_message message;
    if (link->node->vice != HT_SIM_HONEST) {
        ht_sim_sybil_received(link, text);
        return;
    }
    if (shared != NULL) {
        if (ht_gossip_spend(link->gossip, text.n)) ht_gossip_pushed(link->gossip, &shared->event);
        return;
    }
    enum ht_err err = ht_peer_link_read(&message, text, NULL);
    /* Answers to what was asked for elsewhere do not count. */
    bool is_ours = err != HT_OK || message.verb != HT_PEER_VERB_NONE;
    if (is_ours && !ht_gossip_spend(link->gossip, text.n)) return;
    if (err != HT_OK) {
        malformed(link);
    } else if (message.verb == HT_PEER_VERB_PUSH) {
        pushed(link, message.rest);
    } else if (message.verb == HT_PEER_VERB_HAVE) {
        ht_gossip_had(link->gossip, message.ids, message.id_count);
    } else if (message.verb == HT_PEER_VERB_WANT) {
        ht_gossip_wanted(link->gossip, message.ids, message.id_count);
    } else if (message.verb == HT_PEER_VERB_GONE) {
        ht_gossip_gone(link->gossip, message.ids, message.id_count);
    } else if (message.verb == HT_PEER_VERB_NONE) {
        ht_sim_catchup_received(link, text);
    }
}

static int64_t tick(struct ht_sim_node *node) {
    return ht_gossip_tick(node->gossip);
}

static int64_t due(const struct ht_sim_node *node) {
    return ht_gossip_due(node->gossip);
}

const struct ht_sim_layer ht_sim_layer_gossip = {.start = start,
                                                 .stop = stop,
                                                 .up = up,
                                                 .down = down,
                                                 .received = received,
                                                 .tick = tick,
                                                 .due = due};
