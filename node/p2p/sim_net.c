/* Nodes, links and stores of the simulator, whatever layer runs on them. */
#include "node/p2p/sim_net.h"

#include <stdlib.h>

#include "node/p2p/peer_message.h"
#include "node/p2p/sim_catchup.h"
#include "node/p2p/sim_relay.h"
#include "node/p2p/sim_sybil.h"

#define RATE_BYTES_PER_S 1250000U /* 10 Mbit/s */
#define REDIAL_US INT64_C(500000)
#define WEAVE_TRIES 64U

/* --- making and ending ------------------------------------------------------------------------ */

static enum ht_err start_node(struct ht_sim_net *net, unsigned i) {
    struct ht_sim_node *node = &net->nodes[i];
    *node = (struct ht_sim_node){.net = net,
                                 .index = i,
                                 .is_online = true,
                                 .skewed = {.world = &net->world},
                                 .has = &net->bits[i * net->words],
                                 .tick_us = INT64_MAX};
    node->clock = ht_sim_clock_of(&node->skewed);
    return net->layer->start(node);
}

enum ht_err ht_sim_net_init(struct ht_sim_net *net, const struct ht_sim_options *options,
                            struct ht_why *why) {
    *net = (struct ht_sim_net){.options = options,
                               .layer = options->layer == HT_SIM_LAYER_MESH ? &ht_sim_layer_mesh
                                                                            : &ht_sim_layer_gossip};
    ht_sim_world_init(&net->world, options->seed);
    net->words = (options->events + 63) / 64;
    enum ht_err err =
        ht_sim_events_init(&net->events, &net->world, options->events, options->verifies, why);
    if (err == HT_OK) err = ht_scope_new(&net->all);
    if (err != HT_OK) return err;
    ht_scope_set_all(net->all, true);
    net->bits = calloc(options->nodes * net->words, sizeof *net->bits);
    net->delays = calloc(HT_SIM_DELAYS_MS, sizeof *net->delays);
    net->nodes = calloc(options->nodes, sizeof *net->nodes);
    if (net->bits == NULL || net->delays == NULL || net->nodes == NULL) err = HT_ENOMEM;
    for (unsigned i = 0; i < options->nodes && err == HT_OK; i++) err = start_node(net, i);
    return err == HT_OK ? HT_OK : ht_fail(why, err, "no_memory", "out of memory for the nodes");
}

static void free_pair(struct ht_sim_pair *pair) {
    for (unsigned side = 0; side < 2; side++) {
        ht_sim_session_free(pair->links[side].session);
        ht_sim_relay_free(pair->links[side].relay);
    }
    ht_sim_wire_fini(&pair->wire);
    free(pair);
}

void ht_sim_net_fini(struct ht_sim_net *net) {
    for (struct ht_sim_pair *pair = net->pairs; pair != NULL; pair = pair->next) {
        if (pair->links[0].is_up) ht_sim_net_hang_up(&pair->links[0]);
    }
    for (unsigned i = 0; net->nodes != NULL && i < net->options->nodes; i++) {
        if (net->nodes[i].net == NULL) continue;
        net->layer->stop(&net->nodes[i]);
        ht_buf_fini(&net->nodes[i].stolen);
    }
    ht_sim_world_fini(&net->world);
    while (net->pairs != NULL) {
        struct ht_sim_pair *pair = net->pairs;
        net->pairs = pair->next;
        free_pair(pair);
    }
    ht_sim_events_fini(&net->events);
    ht_scope_free(net->all);
    free(net->bits);
    free(net->delays);
    free(net->nodes);
    net->nodes = NULL;
}

/* --- links ------------------------------------------------------------------------------------ */

static struct ht_sim_link *find_link(const struct ht_sim_node *from, const struct ht_sim_node *to) {
    struct ht_sim_link *link = from->links;
    while (link != NULL && link->other->node != to) link = link->next;
    return link;
}

static void received(void *user, ht_bytes text, const void *shared) {
    struct ht_sim_link *link = user;
    struct ht_sim_node *node = link->node;
    if (!link->is_up || link->is_closing) return;
    node->net->layer->received(link, text, shared);
    ht_sim_net_plan(node);
}

static void join(struct ht_sim_link *link, unsigned side, struct ht_sim_node *node,
                 struct ht_sim_pair *pair) {
    link->node = node;
    link->other = &pair->links[1 - side];
    link->wire = &pair->wire;
    link->side = side;
    link->is_up = true;
    link->next = node->links;
    node->links = link;
    node->link_count++;
    pair->wire.ends[side].received = received;
    pair->wire.ends[side].user = link;
}

struct ht_sim_link *ht_sim_net_dial(struct ht_sim_node *from, struct ht_sim_node *to) {
    struct ht_sim_net *net = from->net;
    if (from == to || !from->is_online || !to->is_online || find_link(from, to) != NULL ||
        to->link_count >= HT_GOSSIP_PEERS_MAX || from->link_count >= HT_GOSSIP_PEERS_MAX) {
        return NULL;
    }
    struct ht_sim_pair *pair = calloc(1, sizeof *pair);
    if (pair == NULL) {
        net->world.is_failed = true;
        return NULL;
    }
    unsigned least = net->options->latency_min_ms, most = net->options->latency_max_ms;
    pair->wire.world = &net->world;
    pair->wire.bytes_per_s = RATE_BYTES_PER_S;
    pair->wire.latency_us =
        (int64_t)(least * 1000U + ht_sim_below(&net->world, (most - least) * 1000U + 1));
    pair->next = net->pairs;
    net->pairs = pair;
    ht_sim_wire_join(&pair->wire);
    join(&pair->links[0], 0, from, pair);
    join(&pair->links[1], 1, to, pair);
    enum ht_err err = net->layer->up(&pair->links[1], false);
    if (err == HT_OK) err = net->layer->up(&pair->links[0], true);
    if (err != HT_OK) net->failed = err;
    ht_sim_net_plan(from);
    ht_sim_net_plan(to);
    ht_sim_sybil_met(&pair->links[0]);
    ht_sim_sybil_met(&pair->links[1]);
    return &pair->links[0];
}

static void leave(struct ht_sim_link *link) {
    struct ht_sim_node *node = link->node;
    struct ht_sim_link **at = &node->links;
    while (*at != link) at = &(*at)->next;
    *at = link->next;
    node->link_count--;
    link->is_up = false;
    node->bytes_in += link->wire->ends[link->side].bytes_in;
    node->messages_in += link->wire->ends[link->side].messages_in;
    ht_sim_session_cut(link);
    node->net->layer->down(link);
    ht_sim_net_plan(node);
}

void ht_sim_net_hang_up(struct ht_sim_link *link) {
    if (!link->is_up) return;
    struct ht_sim_link *other = link->other;
    ht_sim_wire_cut(link->wire);
    leave(link);
    leave(other);
}

/* Somebody else instead of a peer that was let go. It asks nobody whom it has let go before. */
static void redial(void *user, void *what) {
    struct ht_sim_node *node = user;
    (void)what;
    if (!node->is_online || node->link_count >= node->net->options->degree) return;
    for (unsigned i = 0; i < WEAVE_TRIES; i++) {
        struct ht_sim_node *other = ht_sim_net_other(node);
        if (ht_sim_sybil_is_shunned(node, other)) continue;
        if (ht_sim_net_dial(node, other) != NULL) return;
    }
}

static void close_now(void *user, void *what) {
    struct ht_sim_link *link = user;
    struct ht_sim_node *both[] = {link->node, link->other->node};
    (void)what;
    if (!link->is_up) return;
    ht_sim_net_hang_up(link);
    for (unsigned i = 0; i < 2 && link->node->net->redials; i++) {
        if (both[i]->vice != HT_SIM_HONEST) continue;
        struct ht_sim_world *world = &both[i]->net->world;
        ht_sim_at(world, world->now_us + REDIAL_US, redial, both[i], NULL);
    }
}

void ht_sim_net_close_soon(struct ht_sim_link *link) {
    if (link->is_closing) return;
    link->is_closing = true;
    ht_sim_at(&link->node->net->world, 0, close_now, link, NULL);
}

void ht_sim_net_drop(struct ht_sim_link *link, enum ht_peer_fault_kind kind) {
    struct ht_sim_net *net = link->node->net;
    enum ht_sim_vice vice = link->other->node->vice;
    if (link->is_dropped) return;
    link->is_dropped = true;
    link->fault = kind;
    if (link->node->vice == HT_SIM_HONEST && vice == HT_SIM_HONEST) {
        net->wronged[kind]++;
    } else if (link->node->vice == HT_SIM_HONEST) {
        net->drops[vice]++;
        net->named[kind]++;
    }
    ht_sim_net_close_soon(link);
}

struct ht_sim_node *ht_sim_net_other(struct ht_sim_node *node) {
    struct ht_sim_net *net = node->net;
    for (unsigned i = 0; i < WEAVE_TRIES; i++) {
        struct ht_sim_node *other = &net->nodes[ht_sim_below(&net->world, net->options->nodes)];
        if (other != node && other->is_online) return other;
    }
    return node;
}

/* Ends of links in a random order, two by two: all but a few nodes have exactly `degree`. */
void ht_sim_net_weave(struct ht_sim_net *net, unsigned degree,
                      bool (*is_allowed)(unsigned one, unsigned other)) {
    size_t count = (size_t)net->options->nodes * degree;
    uint32_t *ends = malloc(count * sizeof *ends);
    if (ends == NULL) {
        net->world.is_failed = true;
        return;
    }
    for (size_t i = 0; i < count; i++) ends[i] = (uint32_t)(i / degree);
    for (size_t i = 0; i + 1 < count; i += 2) {
        for (unsigned tries = 0; tries < WEAVE_TRIES; tries++) {
            size_t j = i + 1 + ht_sim_below(&net->world, count - i - 1);
            uint32_t other = ends[j];
            if (is_allowed != NULL && !is_allowed(ends[i], other)) continue;
            if (ht_sim_net_dial(&net->nodes[ends[i]], &net->nodes[other]) == NULL) continue;
            ends[j] = ends[i + 1];
            ends[i + 1] = other;
            break;
        }
    }
    free(ends);
}

void ht_sim_net_set_online(struct ht_sim_node *node, bool is_online) {
    while (!is_online && node->links != NULL) ht_sim_net_hang_up(node->links);
    node->is_online = is_online;
}

/* --- the core's calls ------------------------------------------------------------------------- */

static void tick(void *user, void *what) {
    struct ht_sim_node *node = user;
    (void)what;
    /* A sooner call was planned behind this one's back, or a later one. */
    if (node->tick_us != node->net->world.now_us) return;
    node->tick_us = INT64_MAX;
    (void)node->net->layer->tick(node);
    ht_sim_net_plan(node);
}

void ht_sim_net_plan(struct ht_sim_node *node) {
    struct ht_sim_net *net = node->net;
    int64_t due_ms = net->layer->due(node);
    if (due_ms < 0) return;
    int64_t at_us = net->world.now_us + due_ms * 1000;
    if (at_us >= node->tick_us) return;
    node->tick_us = at_us;
    ht_sim_at(&net->world, at_us, tick, node, NULL);
}

bool ht_sim_node_has(const struct ht_sim_node *node, const struct ht_sim_event *event) {
    return (node->has[event->index / 64] >> event->index % 64 & 1) != 0;
}

static void count_delay(struct ht_sim_node *node, const struct ht_sim_event *event) {
    struct ht_sim_net *net = node->net;
    if (node->vice != HT_SIM_HONEST) return;
    int64_t ms = (net->world.now_us - event->published_us) / 1000;
    net->delays[ms < HT_SIM_DELAYS_MS ? ms : HT_SIM_DELAYS_MS - 1]++;
    net->delivered++;
}

enum ht_gossip_verdict ht_sim_node_keep(struct ht_sim_node *node, const struct ht_event *event,
                                        const struct ht_sim_event **kept) {
    const struct ht_sim_events *events = &node->net->events;
    node->verified++;
    bool is_good = ht_sim_events_is_good(events, event);
    if (node->net->options->verifies && ht_event_verify(event, NULL) != HT_OK) is_good = false;
    if (!is_good) {
        node->verified_vainly++;
        return HT_GOSSIP_BAD;
    }
    const struct ht_sim_event *ours = ht_sim_events_find(events, &event->id);
    *kept = ours;
    if (ht_sim_node_has(node, ours)) return HT_GOSSIP_KNOWN;
    node->has[ours->index / 64] |= UINT64_C(1) << ours->index % 64;
    count_delay(node, ours);
    ht_sim_session_kept(node, ours);
    return HT_GOSSIP_NEW;
}

void ht_sim_node_take(void *user, uint64_t serial, const struct ht_event *event) {
    struct ht_sim_node *node = user;
    const struct ht_sim_event *kept = NULL;
    enum ht_gossip_verdict verdict =
        node->vice == HT_SIM_HONEST ? ht_sim_node_keep(node, event, &kept) : HT_GOSSIP_UNWANTED;
    ht_gossip_taken(node->gossip, serial, verdict, verdict == HT_GOSSIP_NEW ? &kept->event : NULL);
}

void ht_sim_link_give(struct ht_sim_link *link, struct ht_gossip_peer *peer, const ht_hash32 *ids,
                      size_t count) {
    if (link->node->vice != HT_SIM_HONEST) return;
    for (size_t i = 0; i < count; i++) {
        const struct ht_sim_event *event = ht_sim_events_find(&link->node->net->events, &ids[i]);
        if (event == NULL || !ht_sim_node_has(link->node, event)) continue;
        if (ht_sim_link_send(link, event->push, event)) ht_gossip_gave(peer);
    }
}

bool ht_sim_link_send(struct ht_sim_link *link, ht_bytes text, const struct ht_sim_event *shared) {
    return link->is_up && ht_sim_wire_send(link->wire, link->side, text, shared);
}

struct ht_sim_event *ht_sim_net_publish(struct ht_sim_node *node) {
    struct ht_sim_net *net = node->net;
    struct ht_sim_event *event =
        ht_sim_events_make(&net->events, &net->world, ht_wall_ms(&node->clock) / 1000);
    if (event == NULL) return NULL;
    event->published_us = net->world.now_us;
    event->author = node->index;
    node->has[event->index / 64] |= UINT64_C(1) << event->index % 64;
    ht_gossip_publish(node->gossip, NULL, &event->event);
    ht_sim_net_plan(node);
    return event;
}

/* --- figures ---------------------------------------------------------------------------------- */

uint64_t ht_sim_node_bytes_in(const struct ht_sim_node *node) {
    uint64_t sum = node->bytes_in;
    for (const struct ht_sim_link *link = node->links; link != NULL; link = link->next) {
        sum += link->wire->ends[link->side].bytes_in;
    }
    return sum;
}

uint64_t ht_sim_node_messages_in(const struct ht_sim_node *node) {
    uint64_t sum = node->messages_in;
    for (const struct ht_sim_link *link = node->links; link != NULL; link = link->next) {
        sum += link->wire->ends[link->side].messages_in;
    }
    return sum;
}

void ht_sim_net_coverage(const struct ht_sim_net *net, uint64_t *is, uint64_t *of) {
    *is = *of = 0;
    for (unsigned i = 0; i < net->options->nodes; i++) {
        const struct ht_sim_node *node = &net->nodes[i];
        if (node->vice != HT_SIM_HONEST || !node->is_online) continue;
        *of += net->events.count;
        for (unsigned k = 0; k < net->events.count; k++) {
            *is += ht_sim_node_has(node, &net->events.list[k]);
        }
    }
}

unsigned ht_sim_net_delay(const struct ht_sim_net *net, unsigned per_mille) {
    uint64_t wanted = (net->delivered * per_mille + 999) / 1000, seen = 0;
    for (unsigned ms = 0; ms < HT_SIM_DELAYS_MS; ms++) {
        seen += net->delays[ms];
        if (seen >= wanted) return ms;
    }
    return 0;
}
