/* The heap of what is under way, the nodes' stores, and what links do. */
#include "tests/unit/gossip_world.h"

#include <stdio.h>
#include <stdlib.h>

/* --- what is under way ------------------------------------------------------------------------ */

static bool is_before(const struct world_message *a, const struct world_message *b) {
    return a->due_ms != b->due_ms ? a->due_ms < b->due_ms : a->order < b->order;
}

static void heap_push(struct world *world, struct world_message message) {
    if (world->heap_count == world->heap_cap) {
        world->heap_cap = world->heap_cap == 0 ? 1024 : 2 * world->heap_cap;
        world->heap = realloc(world->heap, world->heap_cap * sizeof *world->heap);
        ht_assert(world->heap != NULL);
    }
    message.order = ++world->order;
    size_t at = world->heap_count++;
    while (at > 0 && is_before(&message, &world->heap[(at - 1) / 2])) {
        world->heap[at] = world->heap[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    world->heap[at] = message;
}

static struct world_message heap_pop(struct world *world) {
    struct world_message first = world->heap[0], last = world->heap[--world->heap_count];
    size_t at = 0;
    for (size_t child = 1; child < world->heap_count; child = 2 * at + 1) {
        if (child + 1 < world->heap_count &&
            is_before(&world->heap[child + 1], &world->heap[child])) {
            child++;
        }
        if (!is_before(&world->heap[child], &last)) break;
        world->heap[at] = world->heap[child];
        at = child;
    }
    if (world->heap_count > 0) world->heap[at] = last;
    return first;
}

static void send(struct world_link *link, struct world_message message) {
    struct world *world = link->node->world;
    message.to = link->back;
    message.node = link->other;
    if (link->free_ms < world->now_ms) link->free_ms = world->now_ms;
    if (message.verb == WORLD_PUSH) link->free_ms += link->push_ms;
    message.due_ms = link->free_ms + link->delay_ms;
    heap_push(world, message);
}

static void send_ids(struct world_link *link, enum world_verb verb, const ht_hash32 *ids,
                     size_t count) {
    ht_hash32 *copy = malloc(count * sizeof *copy);
    ht_assert(copy != NULL && count <= HT_GOSSIP_IDS_MAX);
    memcpy(copy, ids, count * sizeof *copy);
    link->ids_out += (unsigned)count;
    send(link, (struct world_message){.verb = verb, .ids = copy, .count = count});
}

/* --- what cores do ---------------------------------------------------------------------------- */

static const struct world_event *event_of_json(const struct world *world, ht_bytes json) {
    unsigned index = (unsigned)ht_read_u32_le(json.p);
    ht_assert(index < world->event_count);
    return world->events[index];
}

static bool io_push(void *user, void *to, ht_bytes json) {
    struct world_node *node = user;
    struct world_link *link = to;
    link->pushes_out++;
    send(link,
         (struct world_message){.verb = WORLD_PUSH, .event = event_of_json(node->world, json)});
    return true;
}

static bool io_have(void *user, void *to, const ht_hash32 *ids, size_t count) {
    (void)user;
    ((struct world_link *)to)->haves_out++;
    send_ids(to, WORLD_HAVE, ids, count);
    return true;
}

static bool io_want(void *user, void *to, const ht_hash32 *ids, size_t count) {
    (void)user;
    ((struct world_link *)to)->wants_out++;
    send_ids(to, WORLD_WANT, ids, count);
    return true;
}

static bool io_gone(void *user, void *to, const ht_hash32 *ids, size_t count) {
    (void)user;
    send_ids(to, WORLD_GONE, ids, count);
    return true;
}

static void io_give(void *user, void *to, const ht_hash32 *ids, size_t count) {
    struct world_node *node = user;
    struct world_link *link = to;
    for (size_t i = 0; i < count; i++) {
        unsigned number = (unsigned)ht_read_u32_le(ids[i].b);
        ht_assert(number < node->world->event_count && node->at_ms[number] >= 0);
        send(link,
             (struct world_message){.verb = WORLD_PUSH, .event = node->world->events[number]});
        ht_gossip_gave(link->peer);
    }
}

static void verify(struct world_node *node, const struct world_event *event, uint64_t serial) {
    enum ht_gossip_verdict verdict = event->is_bad ? HT_GOSSIP_BAD : node->verdict;
    node->verified[event->number]++;
    if (verdict == HT_GOSSIP_NEW && node->at_ms[event->number] >= 0) verdict = HT_GOSSIP_KNOWN;
    if (verdict == HT_GOSSIP_NEW) node->at_ms[event->number] = node->world->now_ms;
    ht_gossip_taken(node->gossip, serial, verdict, &event->event);
}

static void io_take(void *user, uint64_t serial, const struct ht_event *event) {
    struct world_node *node = user;
    struct world *world = node->world;
    const struct world_event *known = event_of_json(world, event->json);
    if (world->verify_ms == 0) {
        verify(node, known, serial);
        return;
    }
    heap_push(world, (struct world_message){.due_ms = world->now_ms + world->verify_ms,
                                            .node = node,
                                            .verb = WORLD_TAKEN,
                                            .event = known,
                                            .serial = serial});
}

static void io_fault(void *user, void *from, enum ht_peer_fault_kind kind, bool is_over) {
    (void)user;
    struct world_link *link = from;
    link->faults[kind]++;
    if (is_over) link->is_closing = true;
}

/* --- what happens ----------------------------------------------------------------------------- */

static void schedule(struct world_node *node) {
    int64_t due_ms = ht_gossip_due(node->gossip);
    if (due_ms < 0) return;
    int64_t at_ms = node->world->now_ms + due_ms;
    if (node->tick_ms <= at_ms) return;
    node->tick_ms = at_ms;
    heap_push(node->world, (struct world_message){.due_ms = at_ms, .node = node});
}

static void close_link(struct world_link *link) {
    if (link->is_closed) return;
    link->is_closed = link->back->is_closed = true;
    ht_gossip_remove(link->peer);
    ht_gossip_remove(link->back->peer);
    link->peer = link->back->peer = NULL;
}

static void close_over(struct world_node *node) {
    for (unsigned i = 0; i < node->link_count; i++) {
        if (node->links[i].is_closing) close_link(&node->links[i]);
    }
}

static void give_all(struct world_link *to, const struct world_message *message) {
    struct world *world = to->node->world;
    for (size_t i = 0; i < message->count; i++) {
        unsigned number = (unsigned)ht_read_u32_le(message->ids[i].b);
        send(to, (struct world_message){.verb = WORLD_PUSH, .event = world->events[number]});
    }
}

static void answer_want(struct world_link *to, const struct world_message *message) {
    switch (to->node->manner) {
    case WORLD_HONEST: ht_gossip_wanted(to->peer, message->ids, message->count); break;
    case WORLD_SAYS_GONE: send_ids(to, WORLD_GONE, message->ids, message->count); break;
    case WORLD_GIVES: give_all(to, message); break;
    case WORLD_WITHHOLDS:
    case WORLD_OFFLINE: break;
    }
}

static void deliver(const struct world_message *message) {
    struct world_link *to = message->to;
    if (to->is_closed) return;
    size_t bytes =
        message->verb == WORLD_PUSH ? message->event->event.json.n + 9 : 64 * message->count + 11;
    to->node->bytes_in += bytes;
    if (!ht_gossip_spend(to->peer, bytes)) return;
    switch (message->verb) {
    case WORLD_PUSH: ht_gossip_pushed(to->peer, &message->event->event); break;
    case WORLD_HAVE: ht_gossip_had(to->peer, message->ids, message->count); break;
    case WORLD_WANT: answer_want(to, message); break;
    case WORLD_GONE: ht_gossip_gone(to->peer, message->ids, message->count); break;
    case WORLD_TAKEN: break;
    }
}

static void happen(struct world *world, struct world_message *message) {
    struct world_node *node = message->node;
    world->messages++;
    if (node->manner != WORLD_OFFLINE) {
        if (message->to != NULL) {
            deliver(message);
        } else if (message->verb == WORLD_TAKEN) {
            verify(node, message->event, message->serial);
        } else {
            node->tick_ms = INT64_MAX;
            (void)ht_gossip_tick(node->gossip);
        }
        close_over(node);
        schedule(node);
    }
    free(message->ids);
}

void world_run(struct world *world, int64_t for_ms) {
    int64_t until_ms = world->now_ms + for_ms;
    while (world->heap_count > 0 && world->heap[0].due_ms <= until_ms) {
        struct world_message message = heap_pop(world);
        world->now_ms = message.due_ms;
        happen(world, &message);
    }
    world->now_ms = until_ms;
}

/* --- how it is made --------------------------------------------------------------------------- */

static int64_t clock_ms(void *self) {
    return ((struct world *)self)->now_ms;
}

static int64_t clock_wall_ms(void *self) {
    return INT64_C(1780000000000) + ((struct world *)self)->now_ms;
}

uint64_t world_random(struct world *world, uint64_t bound) {
    uint64_t z = world->seed += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return (z ^ z >> 31) % bound;
}

static void fill(void *self, uint8_t *out, size_t n) {
    for (size_t i = 0; i < n; i++) out[i] = (uint8_t)world_random(self, 256);
}

static void node_init(struct world *world, struct world_node *node, unsigned number,
                      size_t seen_max) {
    node->world = world;
    node->number = number;
    node->tick_ms = INT64_MAX;
    node->at_ms = calloc(world->event_max, sizeof *node->at_ms);
    node->verified = calloc(world->event_max, sizeof *node->verified);
    ht_assert(node->at_ms != NULL && node->verified != NULL);
    for (unsigned i = 0; i < world->event_max; i++) node->at_ms[i] = -1;
    ht_assert(ht_scope_new(&node->scope) == HT_OK);
    ht_scope_set_all(node->scope, true);
    const struct ht_gossip_options options = {
        .clock = &world->clock,
        .random = &world->random,
        .io = {.push = io_push,
               .have = io_have,
               .want = io_want,
               .gone = io_gone,
               .give = io_give,
               .take = io_take,
               .fault = io_fault,
               .user = node},
        .scope = node->scope,
        .seen_max = seen_max,
    };
    ht_assert(ht_gossip_new(&node->gossip, &options) == HT_OK);
}

void world_init(struct world *world, unsigned nodes, unsigned events, size_t seen_max,
                uint64_t seed) {
    *world = (struct world){.now_ms = 1,
                            .seed = seed,
                            .node_count = nodes,
                            .event_max = events,
                            .delay_min_ms = 20,
                            .delay_max_ms = 150};
    world->clock = (struct ht_clock){.wall_ms = clock_wall_ms, .mono_ms = clock_ms, .self = world};
    world->random = (struct ht_random){.fill = fill, .self = world};
    world->nodes = calloc(nodes, sizeof *world->nodes);
    world->events = calloc(events, sizeof(struct world_event *));
    ht_assert(world->nodes != NULL && world->events != NULL);
    for (unsigned i = 0; i < nodes; i++) node_init(world, &world->nodes[i], i, seen_max);
}

void world_fini(struct world *world) {
    for (unsigned i = 0; i < world->node_count; i++) {
        struct world_node *node = &world->nodes[i];
        ht_gossip_free(node->gossip);
        ht_scope_free(node->scope);
        free(node->at_ms);
        free(node->verified);
    }
    for (unsigned i = 0; i < world->event_count; i++) free(world->events[i]);
    for (size_t i = 0; i < world->heap_count; i++) free(world->heap[i].ids);
    free(world->nodes);
    free(world->events);
    free(world->heap);
}

struct world_link *world_link_of(struct world *world, unsigned a, unsigned b) {
    struct world_node *node = &world->nodes[a];
    for (unsigned i = 0; i < node->link_count; i++) {
        if (node->links[i].other->number == b) return &node->links[i];
    }
    return NULL;
}

static struct world_link *half(struct world_node *node, struct world_node *other,
                               int64_t delay_ms) {
    ht_assert(node->link_count < WORLD_LINKS_MAX);
    struct world_link *link = &node->links[node->link_count++];
    *link = (struct world_link){.node = node, .other = other, .delay_ms = delay_ms};
    ht_peer_score_init(&link->score);
    ht_assert(ht_gossip_add(&link->peer, node->gossip, link, other->scope, &link->score) == HT_OK);
    return link;
}

void world_join(struct world *world, unsigned a, unsigned b) {
    int64_t span_ms = world->delay_max_ms - world->delay_min_ms + 1;
    int64_t delay_ms = world->delay_min_ms + (int64_t)world_random(world, (uint64_t)span_ms);
    struct world_link *one = half(&world->nodes[a], &world->nodes[b], delay_ms);
    struct world_link *two = half(&world->nodes[b], &world->nodes[a], delay_ms);
    one->back = two;
    two->back = one;
}

static bool may_join(struct world *world, unsigned a, unsigned b) {
    return a != b && world->nodes[a].link_count < WORLD_LINKS_MAX &&
           world->nodes[b].link_count < WORLD_LINKS_MAX && world_link_of(world, a, b) == NULL;
}

void world_mesh(struct world *world, unsigned degree) {
    for (unsigned i = 0; i < world->node_count; i++) {
        unsigned joined = 0;
        for (unsigned tries = 0; joined < degree / 2 && tries < 400; tries++) {
            unsigned other = (unsigned)world_random(world, world->node_count);
            if (!may_join(world, i, other)) continue;
            world_join(world, i, other);
            joined++;
        }
    }
}

static unsigned event_new(struct world *world) {
    ht_assert(world->event_count < world->event_max);
    struct world_event *made = calloc(1, sizeof *made);
    ht_assert(made != NULL);
    unsigned number = world->event_count++;
    world->events[number] = made;
    made->number = number;
    ht_write_u32_le((uint8_t *)made->json, number);
    made->event.json = ht_bytes_of(made->json, sizeof made->json);
    return number;
}

unsigned world_event(struct world *world, uint8_t author, uint32_t kind) {
    unsigned number = event_new(world);
    struct ht_event *event = &world->events[number]->event;
    fill(world, event->id.b, sizeof event->id.b);
    ht_write_u32_le(event->id.b, number);
    event->pubkey.b[31] = author;
    event->kind = kind;
    return number;
}

unsigned world_forge(struct world *world, unsigned event) {
    unsigned number = event_new(world);
    struct world_event *made = world->events[number];
    ht_bytes json = made->event.json;
    made->event = world->events[event]->event;
    made->event.json = json;
    made->is_bad = true;
    made->number = event;
    return number;
}

const struct ht_event *world_event_of(const struct world *world, unsigned event) {
    return &world->events[event]->event;
}

void world_post(struct world *world, unsigned node, unsigned event) {
    struct world_node *author = &world->nodes[node];
    author->at_ms[event] = world->now_ms;
    ht_gossip_publish(author->gossip, NULL, &world->events[event]->event);
    schedule(author);
}

void world_say(struct world *world, unsigned from, unsigned to, enum world_verb verb,
               const ht_hash32 *ids, size_t count) {
    send_ids(world_link_of(world, from, to), verb, ids, count);
}

void world_push(struct world *world, unsigned from, unsigned to, unsigned event) {
    send(world_link_of(world, from, to),
         (struct world_message){.verb = WORLD_PUSH, .event = world->events[event]});
}

unsigned world_holders(const struct world *world, unsigned event) {
    unsigned count = 0;
    for (unsigned i = 0; i < world->node_count; i++) {
        const struct world_node *node = &world->nodes[i];
        if (node->manner == WORLD_HONEST && node->at_ms[event] >= 0) count++;
    }
    return count;
}
