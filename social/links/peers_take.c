/* Events that other relays gave: into our own relay, which verifies and stores them. */
#include "social/links/peers_take.h"

#include <stdlib.h>

#include "node/nostr/event_read.h"

struct taking {
    struct ht_relay_publish publish; /* first */
    struct ht_peers *peers;
    ht_hash32 id;
};

static ht_hash32 *place_of(struct ht_peers *peers, const ht_hash32 *id) {
    size_t place = (size_t)(ht_read_u32_le(id->b) % HT_PEERS_RECENT);
    return &peers->recent[place];
}

static void taken(struct ht_relay_publish *publish, enum ht_err err, enum ht_put put,
                  const struct ht_why *why) {
    struct taking *taking = (struct taking *)publish;
    struct ht_peers *peers = taking->peers;
    (void)why;
    peers->taking_count--;
    /* Only then, or whoever is first with a forged one would keep the true one out. */
    if (err == HT_OK) *place_of(peers, &taking->id) = taking->id;
    if (err == HT_OK && put == HT_PUT_STORED) peers->new_count++;
    if (err == HT_EAGAIN) peers->has_missed = true;
    free(taking);
}

static bool is_wanted(const struct ht_peers *peers, const struct ht_event *event,
                      const struct ht_filter *filters, size_t count) {
    if (ht_policy_rank_of(peers->social->policy, &event->pubkey) == HT_RANK_BLOCKED) return false;
    for (size_t i = 0; i < count; i++) {
        if (ht_filter_matches(&filters[i], event)) return true;
    }
    return false;
}

static bool take(struct ht_peer *peer, const struct ht_event *event) {
    struct ht_peers *peers = peer->peers;
    /* The same comes from many relays. */
    if (ht_hash32_equal(place_of(peers, &event->id), &event->id)) return true;
    if (peers->taking_count >= HT_PEERS_TAKING_MAX) {
        peers->has_missed = true;
        return false;
    }
    struct taking *taking = calloc(1, sizeof *taking);
    if (taking == NULL) return false;
    taking->peers = peers;
    taking->id = event->id;
    taking->publish =
        (struct ht_relay_publish){.done = taken, .json = event->json, .is_trusted_source = true};
    peers->taking_count++;
    ht_relay_publish(peers->social->relay, &taking->publish);
    return true;
}

bool ht_peers_take_at(int64_t *created_at, struct ht_peer *peer, ht_bytes text,
                      const struct ht_filter *filters, size_t count) {
    struct ht_event event;
    struct ht_arena arena;
    size_t used;
    ht_arena_init(&arena, HT_EVENT_ARENA(text.n));
    bool is_taken = ht_event_read_front(&event, &used, &arena, text, NULL) == HT_OK &&
                    is_wanted(peer->peers, &event, filters, count) && take(peer, &event);
    if (is_taken) {
        peer->event_count++;
        *created_at = event.created_at;
    } else {
        peer->unasked_count++;
    }
    ht_arena_fini(&arena);
    return is_taken;
}

bool ht_peers_take(struct ht_peer *peer, ht_bytes text, const struct ht_filter *filters,
                   size_t count) {
    int64_t created_at;
    return ht_peers_take_at(&created_at, peer, text, filters, count);
}
