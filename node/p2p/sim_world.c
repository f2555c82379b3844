/* The simulator's heap, clocks, randomness and wires. What nodes do with them is sim_node.c's. */
#include "node/p2p/sim_world.h"

#include <stdlib.h>

#define HEAP_MAX ((size_t)1 << 25)

struct ht_sim_message {
    struct ht_sim_wire *wire;
    struct ht_sim_message *next, **back;
    const void *shared;
    unsigned to;
    size_t n;
    uint8_t text[];
};

/* --- randomness: SplitMix64 ------------------------------------------------------------------- */

static uint64_t next_random(struct ht_sim_world *world) {
    uint64_t z = world->state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

static void fill_random(void *self, uint8_t *out, size_t n) {
    for (size_t i = 0; i < n; i += 8) {
        uint8_t word[8];
        ht_write_u64_le(word, next_random(self));
        memcpy(out + i, word, n - i < 8 ? n - i : 8);
    }
}

uint64_t ht_sim_below(struct ht_sim_world *world, uint64_t bound) {
    return next_random(world) % bound;
}

/* --- the heap --------------------------------------------------------------------------------- */

void ht_sim_world_init(struct ht_sim_world *world, uint64_t seed) {
    *world = (struct ht_sim_world){.state = seed * UINT64_C(0xd1342543de82ef95) + 1,
                                   .random = {.fill = fill_random, .self = world}};
}

static bool is_before(const struct ht_sim_due *a, const struct ht_sim_due *b) {
    return a->at_us < b->at_us || (a->at_us == b->at_us && a->order < b->order);
}

static bool has_room(struct ht_sim_world *world) {
    if (world->count < world->room) return true;
    size_t room = world->room == 0 ? 1024 : world->room * 2;
    struct ht_sim_due *heap =
        room > HEAP_MAX ? NULL : realloc(world->heap, room * sizeof *world->heap);
    if (heap == NULL) {
        world->is_failed = true;
        return false;
    }
    world->heap = heap;
    world->room = room;
    return true;
}

void ht_sim_at(struct ht_sim_world *world, int64_t at_us, ht_sim_call call, void *user,
               void *what) {
    if (!has_room(world)) return;
    const struct ht_sim_due due = {.at_us = at_us < world->now_us ? world->now_us : at_us,
                                   .order = world->order++,
                                   .call = call,
                                   .user = user,
                                   .what = what};
    size_t i = world->count++;
    for (; i > 0 && is_before(&due, &world->heap[(i - 1) / 2]); i = (i - 1) / 2) {
        world->heap[i] = world->heap[(i - 1) / 2];
    }
    world->heap[i] = due;
}

static struct ht_sim_due take_first(struct ht_sim_world *world) {
    const struct ht_sim_due first = world->heap[0], last = world->heap[--world->count];
    size_t i = 0;
    for (;;) {
        size_t child = 2 * i + 1;
        if (child >= world->count) break;
        if (child + 1 < world->count && is_before(&world->heap[child + 1], &world->heap[child])) {
            child++;
        }
        if (!is_before(&world->heap[child], &last)) break;
        world->heap[i] = world->heap[child];
        i = child;
    }
    world->heap[i] = last;
    return first;
}

void ht_sim_run_until(struct ht_sim_world *world, int64_t until_us) {
    while (world->count > 0 && world->heap[0].at_us <= until_us && !world->is_failed) {
        const struct ht_sim_due due = take_first(world);
        world->now_us = due.at_us;
        world->done++;
        due.call(due.user, due.what);
    }
    if (world->now_us < until_us) world->now_us = until_us;
}

/* --- clocks ----------------------------------------------------------------------------------- */

static int64_t wall_ms(void *self) {
    const struct ht_sim_clock *clock = self;
    return HT_SIM_WALL_MS + clock->world->now_us / 1000 + clock->skew_ms;
}

static int64_t mono_ms(void *self) {
    const struct ht_sim_clock *clock = self;
    return clock->world->now_us / 1000 + 1;
}

struct ht_clock ht_sim_clock_of(struct ht_sim_clock *clock) {
    return (struct ht_clock){.wall_ms = wall_ms, .mono_ms = mono_ms, .self = clock};
}

/* --- wires ------------------------------------------------------------------------------------ */

size_t ht_sim_frame(size_t n, bool is_masked) {
    return n + (n < 126 ? 2U : n < 65536 ? 4U : 10U) + (is_masked ? 4U : 0U);
}

static void arrive(void *user, void *what) {
    struct ht_sim_message *message = what;
    struct ht_sim_wire *wire = user;
    /* What was cut off on its way has lost its wire, and is only freed. */
    if (message->wire != NULL) {
        struct ht_sim_end *end = &wire->ends[message->to];
        *message->back = message->next;
        if (message->next != NULL) message->next->back = message->back;
        end->bytes_in += ht_sim_frame(message->n, message->to == 1);
        end->messages_in++;
        end->received(end->user, ht_bytes_of(message->text, message->n), message->shared);
    }
    free(message);
}

bool ht_sim_wire_send(struct ht_sim_wire *wire, unsigned side, ht_bytes text, const void *shared) {
    if (!wire->is_up) return false;
    struct ht_sim_message *message = malloc(sizeof *message + text.n);
    if (message == NULL) {
        wire->world->is_failed = true;
        return false;
    }
    *message = (struct ht_sim_message){
        .wire = wire, .next = wire->flights, .shared = shared, .to = 1 - side, .n = text.n};
    memcpy(message->text, text.p, text.n);
    message->back = &wire->flights;
    if (wire->flights != NULL) wire->flights->back = &message->next;
    wire->flights = message;
    struct ht_sim_end *end = &wire->ends[side];
    int64_t from_us =
        end->busy_until_us > wire->world->now_us ? end->busy_until_us : wire->world->now_us;
    int64_t takes_us = (int64_t)(ht_sim_frame(text.n, side == 0) * 1000000U / wire->bytes_per_s);
    end->busy_until_us = from_us + takes_us;
    ht_sim_at(wire->world, end->busy_until_us + wire->latency_us, arrive, wire, message);
    return true;
}

void ht_sim_wire_cut(struct ht_sim_wire *wire) {
    wire->is_up = false;
    for (struct ht_sim_message *one = wire->flights; one != NULL; one = one->next) one->wire = NULL;
    wire->flights = NULL;
}

void ht_sim_wire_join(struct ht_sim_wire *wire) {
    wire->is_up = true;
    wire->ends[0].busy_until_us = wire->ends[1].busy_until_us = 0;
}

void ht_sim_wire_fini(struct ht_sim_wire *wire) {
    ht_sim_wire_cut(wire);
}

void ht_sim_world_fini(struct ht_sim_world *world) {
    for (size_t i = 0; i < world->count; i++) {
        if (world->heap[i].call == arrive) free(world->heap[i].what);
    }
    free(world->heap);
    world->heap = NULL;
    world->count = world->room = 0;
}
