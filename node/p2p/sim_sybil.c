/* What liars, withholders, floods, forgers and replayers do in the simulator. */
#include "node/p2p/sim_sybil.h"

#include "node/p2p/peer_message.h"

#define EVERY_US INT64_C(200000)
#define FLOOD_MESSAGES 10U  /* each time, of HT_GOSSIP_IDS_MAX ids */
#define REPLAY_MESSAGES 25U /* each time */

void ht_sim_sybil_assign(struct ht_sim_net *net, unsigned percent) {
    unsigned wanted = (unsigned)((uint64_t)net->options->nodes * percent / 100);
    for (unsigned done = 0; done < wanted;) {
        struct ht_sim_node *node = &net->nodes[ht_sim_below(&net->world, net->options->nodes)];
        if (node->vice != HT_SIM_HONEST) continue;
        node->vice = (enum ht_sim_vice)(1 + done++ % (HT_SIM_VICES - 1));
    }
}

static void say_ids(struct ht_sim_link *link, enum ht_peer_verb verb, const ht_hash32 *ids,
                    size_t count) {
    struct ht_buf text;
    ht_buf_init(&text, HT_PEER_LINK_MESSAGE_MAX);
    if (ht_peer_link_ids(&text, verb, ids, count) == HT_OK) {
        (void)ht_sim_link_send(link, ht_buf_view(&text), NULL);
    }
    ht_buf_fini(&text);
}

/* Announces events that it has not: those that were published since it was here last, and one that
 * does not exist. */
static void announce(struct ht_sim_link *link) {
    struct ht_sim_net *net = link->node->net;
    ht_hash32 id;
    for (unsigned i = 0; i < net->events.count; i++) {
        const struct ht_sim_event *event = &net->events.list[i];
        if (net->world.now_us - event->published_us >= EVERY_US) continue;
        say_ids(link, HT_PEER_VERB_HAVE, &event->event.id, 1);
    }
    ht_random_fill(&net->world.random, id.b, sizeof id.b);
    say_ids(link, HT_PEER_VERB_HAVE, &id, 1);
}

static void flood(struct ht_sim_link *link) {
    ht_hash32 ids[HT_GOSSIP_IDS_MAX];
    for (unsigned i = 0; i < FLOOD_MESSAGES; i++) {
        ht_random_fill(&link->node->net->world.random, ids[0].b, sizeof ids);
        say_ids(link, HT_PEER_VERB_HAVE, ids, HT_GOSSIP_IDS_MAX);
    }
}

static void forge(struct ht_sim_link *link) {
    struct ht_sim_world *world = &link->node->net->world;
    struct ht_buf text;
    ht_buf_init(&text, HT_PEER_LINK_MESSAGE_MAX);
    if (ht_sim_events_forge(&text, world, ht_wall_ms(&link->node->clock) / 1000) == HT_OK) {
        (void)ht_sim_link_send(link, ht_buf_view(&text), NULL);
    }
    ht_buf_fini(&text);
}

static void replay(struct ht_sim_link *link) {
    const struct ht_sim_events *events = &link->node->net->events;
    for (unsigned i = 0; i < REPLAY_MESSAGES && events->count > 0; i++) {
        const struct ht_sim_event *event = &events->list[i % events->count];
        (void)ht_sim_link_send(link, event->push, event);
    }
}

/* Another's proof, said as one's own. */
static void replay_proof(struct ht_sim_link *link) {
    const struct ht_buf *stolen = &link->node->stolen;
    if (stolen->n > 0) (void)ht_sim_link_send(link, ht_buf_view(stolen), NULL);
}

static void steal(struct ht_sim_link *link, ht_bytes text) {
    static const char begin[] = "[\"AUTH\",";
    struct ht_buf *stolen = &link->node->stolen;
    if (stolen->n > 0 || text.n < sizeof begin || memcmp(text.p, begin, sizeof begin - 1) != 0) {
        return;
    }
    ht_buf_init(stolen, HT_PEER_LINK_MESSAGE_MAX);
    if (ht_buf_add(stolen, text) != HT_OK) link->node->net->world.is_failed = true;
}

static void misbehave(void *user, void *what) {
    struct ht_sim_link *link = user;
    struct ht_sim_world *world = &link->node->net->world;
    (void)what;
    if (!link->is_up) return;
    /* Before it has proven who it is, nobody would know whom to blame. */
    bool is_known = link->mesh == NULL || ht_mesh_link_is_up(link->mesh);
    switch (is_known ? link->node->vice : HT_SIM_HONEST) {
    case HT_SIM_HONEST:
    case HT_SIM_VICES: break;
    case HT_SIM_LIAR:
    case HT_SIM_WITHHOLD: announce(link); break;
    case HT_SIM_FLOOD: flood(link); break;
    case HT_SIM_FORGER: forge(link); break;
    case HT_SIM_REPLAYER:
        replay(link);
        if (ht_sim_below(world, 4) == 0) replay_proof(link);
        break;
    }
    ht_sim_at(world, world->now_us + EVERY_US, misbehave, link, NULL);
}

void ht_sim_sybil_met(struct ht_sim_link *link) {
    struct ht_sim_world *world = &link->node->net->world;
    if (link->node->vice == HT_SIM_HONEST || link->other->node->vice != HT_SIM_HONEST) return;
    int64_t at_us = world->now_us + (int64_t)ht_sim_below(world, (uint64_t)EVERY_US);
    ht_sim_at(world, at_us, misbehave, link, NULL);
}

void ht_sim_sybil_received(struct ht_sim_link *link, ht_bytes text) {
    struct ht_peer_link_message message;
    if (link->node->vice == HT_SIM_REPLAYER) steal(link, text);
    if (link->node->vice != HT_SIM_LIAR) return;
    if (ht_peer_link_read(&message, text, NULL) != HT_OK || message.verb != HT_PEER_VERB_WANT) {
        return;
    }
    say_ids(link, HT_PEER_VERB_GONE, message.ids, message.id_count);
}

bool ht_sim_sybil_is_shunned(const struct ht_sim_node *node, const struct ht_sim_node *other) {
    for (const struct ht_sim_pair *pair = node->net->pairs; pair != NULL; pair = pair->next) {
        for (unsigned side = 0; side < 2; side++) {
            const struct ht_sim_link *link = &pair->links[side];
            if (link->node == node && link->other->node == other && link->is_dropped) return true;
        }
    }
    return false;
}
