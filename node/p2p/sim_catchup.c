/* Sessions of catch-up in the simulator. */
#include "node/p2p/sim_catchup.h"

#include <stdlib.h>

#include "node/p2p/catchup.h"
#include "node/p2p/sim_relay.h"

struct ht_sim_session {
    struct ht_sim_link *link;
    struct ht_catchup *catchup;
    struct ht_fp_tree *tree;
    struct ht_catchup_counts counts; /* once it is done */
    bool is_done, is_finished;
    int64_t tick_us; /* when it is to be called */
};

/* --- the relay's side ------------------------------------------------------------------------- */

static int compare_items(const void *left, const void *right) {
    const struct ht_neg_item *a = left, *b = right;
    if (a->created_at != b->created_at) return a->created_at < b->created_at ? -1 : 1;
    return memcmp(a->id.b, b->id.b, sizeof a->id.b);
}

static enum ht_err list(void *user, struct ht_buf *items, int64_t since, int64_t until) {
    const struct ht_sim_link *link = user;
    const struct ht_sim_events *events = &link->node->net->events;
    for (unsigned i = 0; i < events->count; i++) {
        const struct ht_event *event = &events->list[i].event;
        if (event->created_at < since || event->created_at > until ||
            !ht_sim_node_has(link->node, &events->list[i])) {
            continue;
        }
        const struct ht_neg_item item = {.created_at = (uint64_t)event->created_at,
                                         .id = event->id};
        enum ht_err err = ht_buf_add(items, ht_bytes_of(&item, sizeof item));
        if (err != HT_OK) return err;
    }
    if (items->n > 0)
        qsort(items->p, items->n / sizeof(struct ht_neg_item), sizeof(struct ht_neg_item),
              compare_items);
    return HT_OK;
}

static bool json(void *user, struct ht_buf *out, const uint8_t id[static 32]) {
    const struct ht_sim_link *link = user;
    ht_hash32 wanted;
    memcpy(wanted.b, id, sizeof wanted.b);
    const struct ht_sim_event *event = ht_sim_events_find(&link->node->net->events, &wanted);
    return event != NULL && ht_sim_node_has(link->node, event) &&
           ht_buf_add(out, event->event.json) == HT_OK;
}

static void answer(void *user, ht_bytes text) {
    (void)ht_sim_link_send(user, text, NULL);
}

static void relay_received(struct ht_sim_link *link, ht_bytes text) {
    const struct ht_sim_shelf shelf = {.list = list, .json = json, .send = answer, .user = link};
    if (link->node->vice != HT_SIM_HONEST) return;
    if (link->relay == NULL) link->relay = ht_sim_relay_new(&shelf);
    if (link->relay == NULL) {
        link->node->net->world.is_failed = true;
        return;
    }
    ht_sim_relay_received(link->relay, text);
}

/* --- the client's side ------------------------------------------------------------------------ */

static bool send(void *user, ht_bytes text) {
    struct ht_sim_session *session = user;
    return ht_sim_link_send(session->link, text, NULL);
}

static struct ht_gossip_peer *peer_of(const struct ht_sim_link *link) {
    return link->mesh != NULL ? ht_mesh_link_gossip(link->mesh) : link->gossip;
}

static void take(void *user, ht_bytes event_json) {
    struct ht_sim_session *session = user;
    struct ht_sim_node *node = session->link->node;
    struct ht_event event;
    struct ht_arena arena;
    const struct ht_sim_event *kept = NULL;
    ht_arena_init(&arena, HT_EVENT_ARENA(event_json.n));
    if (ht_event_read(&event, &arena, event_json, NULL) == HT_OK &&
        ht_sim_node_keep(node, &event, &kept) == HT_GOSSIP_NEW) {
        ht_gossip_publish(node->gossip, peer_of(session->link), &kept->event);
    }
    ht_arena_fini(&arena);
}

static void offer(void *user, const ht_hash32 *id) {
    struct ht_sim_session *session = user;
    const struct ht_sim_event *event = ht_sim_events_find(&session->link->node->net->events, id);
    struct ht_gossip_peer *peer = peer_of(session->link);
    if (peer == NULL || event == NULL || !ht_sim_node_has(session->link->node, event)) return;
    /* What is too much now is found again by the next session. */
    (void)!ht_gossip_offer(peer, &event->event);
    ht_sim_net_plan(session->link->node);
}

static void done(void *user, enum ht_err err, const struct ht_why *why) {
    struct ht_sim_session *session = user;
    (void)why;
    session->is_done = true;
    session->is_finished = err == HT_OK;
}

static bool fill(struct ht_sim_session *session) {
    const struct ht_sim_node *node = session->link->node;
    const struct ht_sim_events *events = &node->net->events;
    if (ht_fp_tree_new(&session->tree) != HT_OK) return false;
    for (unsigned i = 0; i < events->count; i++) {
        const struct ht_event *event = &events->list[i].event;
        const struct ht_neg_item item = {.created_at = (uint64_t)event->created_at,
                                         .id = event->id};
        bool is_new;
        if (!ht_sim_node_has(node, &events->list[i])) continue;
        if (ht_fp_tree_insert(&is_new, session->tree, &item) != HT_OK) return false;
    }
    return true;
}

/* Memory of a session is its link's until the end; what it worked with is freed when it is done,
 * not from within it. */
static void tidy(struct ht_sim_session *session) {
    if (!session->is_done || session->catchup == NULL) return;
    session->counts = ht_catchup_counts(session->catchup);
    ht_catchup_free(session->catchup);
    ht_fp_tree_free(session->tree);
    session->catchup = NULL;
    session->tree = NULL;
}

void ht_sim_session_kept(const struct ht_sim_node *node, const struct ht_sim_event *event) {
    const struct ht_neg_item item = {.created_at = (uint64_t)event->event.created_at,
                                     .id = event->event.id};
    for (const struct ht_sim_link *link = node->links; link != NULL; link = link->next) {
        bool is_new;
        if (link->session == NULL || link->session->tree == NULL) continue;
        if (ht_fp_tree_insert(&is_new, link->session->tree, &item) != HT_OK) {
            node->net->world.is_failed = true;
        }
    }
}

static void plan(struct ht_sim_session *session);

static void tick(void *user, void *what) {
    struct ht_sim_session *session = user;
    (void)what;
    if (session->tick_us != session->link->node->net->world.now_us) return;
    plan(session);
    ht_sim_net_plan(session->link->node);
}

/* Calls it, and plans the next call, which may be sooner than was said before. */
static void plan(struct ht_sim_session *session) {
    struct ht_sim_world *world = &session->link->node->net->world;
    int64_t due_ms = -1;
    if (!session->is_done && session->catchup != NULL) due_ms = ht_catchup_tick(session->catchup);
    tidy(session);
    session->tick_us = INT64_MAX;
    if (session->is_done || due_ms < 0) return;
    session->tick_us = world->now_us + (due_ms > 0 ? due_ms : 1) * 1000;
    ht_sim_at(world, session->tick_us, tick, session, NULL);
}

static enum ht_err start(struct ht_sim_session *session, const json_t *filter) {
    const struct ht_catchup_options options = {
        .clock = &session->link->node->clock,
        /* Both sides may ask on one wire, where NEG-MSG goes either way. */
        .name = session->link->side == 0 ? "dialler" : "listener",
        .filter = filter,
        .ours = session->tree,
        .offers = true,
        .io = {.send = send, .take = take, .offer = offer, .done = done, .user = session}};
    enum ht_err err = ht_catchup_new(&session->catchup, &options, NULL);
    if (err == HT_OK) ht_catchup_begin(session->catchup);
    return err;
}

void ht_sim_catchup_begin(struct ht_sim_link *link) {
    struct ht_sim_world *world = &link->node->net->world;
    if (link->session != NULL || !link->is_up) return;
    struct ht_sim_session *session = calloc(1, sizeof *session);
    json_t *filter = json_object();
    link->session = session;
    if (session != NULL) session->link = link;
    if (session == NULL || filter == NULL || !fill(session) || start(session, filter) != HT_OK) {
        world->is_failed = true;
    } else {
        plan(session);
    }
    json_decref(filter);
}

void ht_sim_catchup_received(struct ht_sim_link *link, ht_bytes text) {
    struct ht_sim_session *session = link->session;
    if (session != NULL && session->catchup != NULL &&
        ht_catchup_received(session->catchup, text)) {
        plan(session);
        return;
    }
    relay_received(link, text);
}

void ht_sim_session_cut(struct ht_sim_link *link) {
    struct ht_sim_session *session = link->session;
    if (session == NULL || session->catchup == NULL) return;
    if (!session->is_done) ht_catchup_cut(session->catchup);
    session->is_done = true;
    tidy(session);
}

void ht_sim_session_free(struct ht_sim_session *session) {
    if (session == NULL) return;
    if (session->catchup != NULL) ht_catchup_free(session->catchup);
    ht_fp_tree_free(session->tree);
    free(session);
}

static void begin_one(void *user, void *what) {
    struct ht_sim_node *node = user;
    (void)what;
    if (node->link_count == 0) return;
    uint64_t skip = ht_sim_below(&node->net->world, node->link_count);
    struct ht_sim_link *link = node->links;
    while (skip-- > 0) link = link->next;
    ht_sim_catchup_begin(link);
}

void ht_sim_catchup_all(struct ht_sim_net *net, int64_t within_us) {
    for (unsigned i = 0; i < net->options->nodes; i++) {
        if (!net->nodes[i].is_online || net->nodes[i].vice != HT_SIM_HONEST) continue;
        int64_t at_us =
            net->world.now_us + (int64_t)ht_sim_below(&net->world, (uint64_t)within_us + 1);
        ht_sim_at(&net->world, at_us, begin_one, &net->nodes[i], NULL);
    }
}

struct ht_sim_catchup_sums ht_sim_catchup_sums(const struct ht_sim_net *net) {
    struct ht_sim_catchup_sums sums = {0};
    for (const struct ht_sim_pair *pair = net->pairs; pair != NULL; pair = pair->next) {
        for (unsigned side = 0; side < 2; side++) {
            const struct ht_sim_session *session = pair->links[side].session;
            if (session == NULL) continue;
            sums.sessions++;
            sums.finished += session->is_finished;
            sums.taken += session->counts.taken;
            sums.bytes_in += session->counts.bytes_in;
            sums.bytes_out += session->counts.bytes_out;
        }
    }
    return sums;
}
