/* What goes out: an event whole to a few, its id to the others, ids in batches. */
#include "node/p2p/gossip_out.h"

#include "node/p2p/gossip_seen.h"

/* Unasked pushes are kept to this share of what a peer usually takes: beyond it announcements do,
 * which it answers at its own pace. */
#define PUSH_SHARE 2U

static bool push(struct ht_gossip_peer *peer, const struct ht_event *event) {
    struct ht_gossip *gossip = peer->gossip;
    unsigned per_s = ht_peer_budget_usual.events_per_s / PUSH_SHARE;
    unsigned burst = ht_peer_budget_usual.event_burst / PUSH_SHARE;
    if (!ht_bucket_take(&peer->pushes, per_s, burst, 1, ht_gossip_now(gossip))) return false;
    if (!gossip->io.push(gossip->io.user, peer->link, event->json)) return false;
    gossip->counts.pushed++;
    peer->counts.pushed++;
    return true;
}

/* The delay adds up hop by hop; batches pay only where there is something to batch. */
static int64_t batch_due_ms(const struct ht_gossip_peer *peer) {
    int64_t now_ms = ht_gossip_now(peer->gossip);
    bool is_quiet = now_ms - peer->have_sent_ms >= HT_GOSSIP_BATCH_MS;
    return now_ms + (is_quiet ? HT_GOSSIP_QUIET_MS : HT_GOSSIP_BATCH_MS);
}

static void announce(struct ht_gossip_peer *peer, const ht_hash32 *id) {
    if (peer->have.count == HT_GOSSIP_IDS_MAX) ht_gossip_out_flush(peer);
    bool is_first = peer->have.count == 0;
    if (!ht_gossip_ids_add(&peer->have, id)) return; /* catch-up closes such holes */
    if (is_first) peer->have_due_ms = batch_due_ms(peer);
    if (peer->have.count == HT_GOSSIP_IDS_MAX) ht_gossip_out_flush(peer);
}

/* Who is to have it, from slot `start` on, in a circle. */
static size_t collect(struct ht_gossip_peer **out, struct ht_gossip *gossip,
                      const struct ht_event *event, ht_gossip_set has, unsigned start) {
    size_t count = 0;
    for (unsigned i = 0; i < HT_GOSSIP_PEERS_MAX; i++) {
        struct ht_gossip_peer *peer = gossip->peers[(start + i) % HT_GOSSIP_PEERS_MAX];
        if (peer == NULL || peer->is_over || (has & ht_gossip_bit(peer->slot)) != 0) continue;
        if (ht_scope_has(peer->scope, event)) out[count++] = peer;
    }
    return count;
}

void ht_gossip_send_on(struct ht_gossip *gossip, const struct ht_event *event, ht_gossip_set has,
                       struct ht_gossip_seen_id *seen) {
    bool is_ephemeral = ht_event_class_of(event->kind) == HT_EVENT_EPHEMERAL;
    struct ht_gossip_peer *peers[HT_GOSSIP_PEERS_MAX];
    size_t count = collect(peers, gossip, event, has, 0);
    if (count == 0) return;
    size_t start = (size_t)ht_random_below(gossip->random, count);
    /* Nobody could ask for what is not kept. */
    size_t eager = is_ephemeral ? count : HT_GOSSIP_EAGER;
    for (size_t i = 0; i < count; i++) {
        struct ht_gossip_peer *peer = peers[(start + i) % count];
        if (eager > 0 && push(peer, event)) {
            seen->given |= ht_gossip_bit(peer->slot);
            seen->told |= ht_gossip_bit(peer->slot);
            eager--;
        } else if (!is_ephemeral) {
            announce(peer, &event->id);
        }
    }
}

bool ht_gossip_peer_knows(const struct ht_gossip_peer *peer, const ht_hash32 *id) {
    const struct ht_gossip_seen_id *seen = ht_gossip_seen_find(peer->gossip, id);
    return seen != NULL && (seen->given & ht_gossip_bit(peer->slot)) != 0;
}

bool ht_gossip_offer(struct ht_gossip_peer *peer, const struct ht_event *event) {
    struct ht_gossip *gossip = peer->gossip;
    if (peer->is_over || !ht_scope_is_gossiped(event, ht_wall_ms(gossip->clock) / 1000) ||
        ht_event_class_of(event->kind) == HT_EVENT_EPHEMERAL || !ht_scope_has(peer->scope, event) ||
        ht_gossip_peer_knows(peer, &event->id)) {
        return true;
    }
    if (!push(peer, event)) return false;
    struct ht_gossip_seen_id *seen = ht_gossip_seen_find(gossip, &event->id);
    if (seen == NULL) seen = ht_gossip_seen_add(gossip, &event->id, false);
    seen->given |= ht_gossip_bit(peer->slot);
    seen->told |= ht_gossip_bit(peer->slot);
    ht_gossip_out_drop(peer, &event->id);
    return true;
}

void ht_gossip_out_drop(struct ht_gossip_peer *peer, const ht_hash32 *id) {
    struct ht_gossip_ids *have = &peer->have;
    for (uint32_t i = 0; i < have->count; i++) {
        if (!ht_hash32_equal(&have->p[i], id)) continue;
        memmove(&have->p[i], &have->p[i + 1], (have->count - i - 1) * sizeof *have->p);
        have->count--;
        return;
    }
}

void ht_gossip_out_flush(struct ht_gossip_peer *peer) {
    struct ht_gossip *gossip = peer->gossip;
    struct ht_gossip_ids *have = &peer->have;
    if (have->count == 0) return;
    if (!peer->is_over && !gossip->io.have(gossip->io.user, peer->link, have->p, have->count)) {
        peer->have_due_ms = ht_gossip_now(gossip) + HT_GOSSIP_BATCH_MS;
        if (have->count < HT_GOSSIP_IDS_MAX) return;
        /* The oldest half makes room: catch-up closes such holes. */
        have->count /= 2;
        memmove(have->p, have->p + HT_GOSSIP_IDS_MAX / 2, have->count * sizeof *have->p);
        return;
    }
    for (uint32_t i = 0; i < have->count; i++) {
        struct ht_gossip_seen_id *seen = ht_gossip_seen_find(gossip, &have->p[i]);
        if (seen != NULL) seen->told |= ht_gossip_bit(peer->slot);
    }
    peer->have_sent_ms = ht_gossip_now(gossip);
    gossip->counts.announced += have->count;
    peer->counts.announced += have->count;
    have->count = 0;
}

void ht_gossip_out_tick(struct ht_gossip *gossip) {
    int64_t now_ms = ht_gossip_now(gossip);
    for (unsigned slot = 0; slot < HT_GOSSIP_PEERS_MAX; slot++) {
        struct ht_gossip_peer *peer = gossip->peers[slot];
        if (peer == NULL || peer->have.count == 0 || peer->have_due_ms > now_ms) continue;
        ht_gossip_out_flush(peer);
    }
}

int64_t ht_gossip_out_due_ms(const struct ht_gossip *gossip) {
    int64_t due_ms = INT64_MAX;
    for (unsigned slot = 0; slot < HT_GOSSIP_PEERS_MAX; slot++) {
        const struct ht_gossip_peer *peer = gossip->peers[slot];
        if (peer == NULL || peer->have.count == 0) continue;
        if (peer->have_due_ms < due_ms) due_ms = peer->have_due_ms;
    }
    return due_ms;
}
