/* Makes the simulator's events and finds them by id. */
#include "node/p2p/sim_events.h"

#include <stdlib.h>

#include "node/p2p/peer_message.h"

#define CONTENT_SIZE 421U /* makes the JSON HT_SIM_EVENT_SIZE bytes long, with its one tag */
#define ARENA_OF_EVENT ((size_t)8 << 10)

static size_t first_slot(const struct ht_sim_events *events, const ht_hash32 *id) {
    return ht_read_u64_le(id->b) % events->slot_count;
}

enum ht_err ht_sim_events_init(struct ht_sim_events *events, struct ht_sim_world *world,
                               unsigned max, bool is_signed, struct ht_why *why) {
    *events = (struct ht_sim_events){.is_signed = is_signed};
    if (max == 0 || max > HT_SIM_EVENTS_MAX) {
        return ht_fail(why, HT_ELIMIT, "bad_events", "1 to %u events can be simulated",
                       HT_SIM_EVENTS_MAX);
    }
    ht_arena_init(&events->arena, max * (ARENA_OF_EVENT + HT_EVENT_ARENA(2048)));
    events->list = calloc(max, sizeof *events->list);
    events->slot_count = (size_t)max * 4;
    events->slots = calloc(events->slot_count, sizeof *events->slots);
    if (events->list == NULL || events->slots == NULL) {
        ht_sim_events_fini(events);
        return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
    }
    events->room = max;
    ht_random_fill(&world->random, events->secret, sizeof events->secret);
    /* A number this far below the group's order is a key whatever the seed. */
    events->secret[0] &= 0x7f;
    ht_random_fill(&world->random, events->pubkey.b, sizeof events->pubkey.b);
    if (!is_signed) return HT_OK;
    return ht_secp256k1_public_key_x(events->pubkey.b, events->secret, why);
}

void ht_sim_events_fini(struct ht_sim_events *events) {
    if (events->list != NULL) ht_arena_fini(&events->arena);
    free(events->list);
    free(events->slots);
    *events = (struct ht_sim_events){0};
}

/* An event of random words, with a tag as replies have. */
static void fill(struct ht_event *event, struct ht_event_tag *tag, ht_bytes items[2],
                 uint8_t content[CONTENT_SIZE], struct ht_sim_world *world, int64_t created_at) {
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz      ";
    ht_random_fill(&world->random, content, CONTENT_SIZE);
    for (size_t i = 0; i < CONTENT_SIZE; i++) content[i] = (uint8_t)letters[content[i] % 32];
    items[0] = ht_bytes_str("t");
    items[1] = ht_bytes_str("simulated");
    *tag = (struct ht_event_tag){.items = items, .count = 2};
    *event = (struct ht_event){.kind = 1,
                               .created_at = created_at,
                               .tags = tag,
                               .tag_count = 1,
                               .content = ht_bytes_of(content, CONTENT_SIZE)};
    ht_random_fill(&world->random, event->sig, sizeof event->sig);
}

/* ["PUSH",{…}] of an event, appended. */
static enum ht_err write_push(struct ht_buf *out, const struct ht_event *event) {
    struct ht_buf json;
    ht_buf_init(&json, HT_EVENT_SIZE_MAX);
    enum ht_err err = ht_event_write(&json, event);
    if (err == HT_OK) err = ht_peer_link_push(out, ht_buf_view(&json));
    ht_buf_fini(&json);
    return err;
}

static void keep_slot(struct ht_sim_events *events, const struct ht_sim_event *made) {
    size_t i = first_slot(events, &made->event.id);
    while (events->slots[i] != 0) i = (i + 1) % events->slot_count;
    events->slots[i] = (uint16_t)(made->index + 1);
}

/* Reads the event out of its push, so that all of it is the arena's. */
static bool read_back(struct ht_sim_event *made, struct ht_arena *arena, ht_bytes text) {
    const char *copy = ht_arena_copy_str(arena, text);
    if (copy == NULL) return false;
    made->push = ht_bytes_of(copy, text.n);
    const uint8_t *brace = memchr(copy, '{', text.n);
    if (brace == NULL) return false;
    size_t before = (size_t)(brace - made->push.p);
    return ht_event_read(&made->event, arena, ht_bytes_of(brace, text.n - before - 1), NULL) ==
           HT_OK;
}

struct ht_sim_event *ht_sim_events_make(struct ht_sim_events *events, struct ht_sim_world *world,
                                        int64_t created_at) {
    if (events->count == events->room) return NULL;
    struct ht_event event;
    struct ht_event_tag tag;
    ht_bytes items[2];
    uint8_t content[CONTENT_SIZE];
    struct ht_buf text;
    struct ht_sim_event *made = &events->list[events->count];
    fill(&event, &tag, items, content, world, created_at);
    event.pubkey = events->pubkey;
    if (!events->is_signed) ht_random_fill(&world->random, event.pubkey.b, sizeof event.pubkey.b);
    ht_buf_init(&text, HT_EVENT_SIZE_MAX);
    bool is_made = ht_event_id(&event.id, &event) == HT_OK;
    if (is_made && events->is_signed) {
        is_made = ht_schnorr_sign(event.sig, &event.id, events->secret, NULL, NULL) == HT_OK;
    }
    is_made = is_made && write_push(&text, &event) == HT_OK &&
              read_back(made, &events->arena, ht_buf_view(&text));
    ht_buf_fini(&text);
    if (!is_made) return NULL;
    made->index = events->count++;
    made->published_us = -1;
    keep_slot(events, made);
    return made;
}

const struct ht_sim_event *ht_sim_events_find(const struct ht_sim_events *events,
                                              const ht_hash32 *id) {
    for (size_t i = first_slot(events, id); events->slots[i] != 0;
         i = (i + 1) % events->slot_count) {
        const struct ht_sim_event *one = &events->list[events->slots[i] - 1];
        if (ht_hash32_equal(&one->event.id, id)) return one;
    }
    return NULL;
}

bool ht_sim_events_is_good(const struct ht_sim_events *events, const struct ht_event *event) {
    const struct ht_sim_event *ours = ht_sim_events_find(events, &event->id);
    if (ours == NULL || ours->event.json.n != event->json.n) return false;
    return ours->event.json.p == event->json.p || ht_bytes_equal(ours->event.json, event->json);
}

enum ht_err ht_sim_events_forge(struct ht_buf *out, struct ht_sim_world *world,
                                int64_t created_at) {
    struct ht_event event;
    struct ht_event_tag tag;
    ht_bytes items[2];
    uint8_t content[CONTENT_SIZE];
    fill(&event, &tag, items, content, world, created_at);
    ht_random_fill(&world->random, event.id.b, sizeof event.id.b);
    ht_random_fill(&world->random, event.pubkey.b, sizeof event.pubkey.b);
    return write_push(out, &event);
}
