/* Peers, faults and time of gossip. What is said and heard is in the parts (gossip_impl.h). */
#include "node/p2p/gossip.h"

#include <stdio.h>
#include <stdlib.h>

#include "node/p2p/gossip_out.h"
#include "node/p2p/gossip_seen.h"
#include "node/p2p/gossip_want.h"

#define FLOOD_EVERY_MS 1000
#define EPHEMERAL_MIN 16U

static size_t ephemeral_size(size_t seen_max) {
    size_t size = seen_max / HT_GOSSIP_EPHEMERAL_SHARE;
    return size < EPHEMERAL_MIN ? EPHEMERAL_MIN : size;
}

enum ht_err ht_gossip_new(struct ht_gossip **out, const struct ht_gossip_options *options) {
    size_t seen_max = options->seen_max == 0 ? HT_GOSSIP_SEEN_MAX : options->seen_max;
    struct ht_gossip *gossip = calloc(1, sizeof *gossip);
    if (gossip == NULL) return HT_ENOMEM;
    gossip->clock = options->clock;
    gossip->random = options->random;
    gossip->io = options->io;
    gossip->scope = options->scope;
    gossip->budget = options->budget;
    if (gossip->budget.events_per_s == 0) gossip->budget = ht_peer_budget_usual;
    gossip->free_first = gossip->due_first = gossip->due_last = HT_ID_NONE;
    enum ht_err err = ht_gossip_ring_init(&gossip->seen, seen_max, options->random);
    if (err == HT_OK) {
        err = ht_gossip_ring_init(&gossip->ephemeral, ephemeral_size(seen_max), options->random);
    }
    if (err == HT_OK) {
        *out = gossip;
    } else {
        ht_gossip_free(gossip);
    }
    return err;
}

static void free_peer(struct ht_gossip_peer *peer) {
    if (peer == NULL) return;
    free(peer->have.p);
    free(peer->want.p);
    free(peer);
}

void ht_gossip_free(struct ht_gossip *gossip) {
    if (gossip == NULL) return;
    for (size_t i = 0; i < HT_GOSSIP_PEERS_MAX; i++) free_peer(gossip->peers[i]);
    ht_gossip_ring_fini(&gossip->seen);
    ht_gossip_ring_fini(&gossip->ephemeral);
    ht_id_index_fini(&gossip->wanted_index);
    free(gossip->wanted);
    free(gossip);
}

void ht_gossip_set_scope(struct ht_gossip *gossip, const struct ht_scope *scope) {
    gossip->scope = scope;
    gossip->scope_at_ms = ht_gossip_now(gossip);
    if (gossip->scope_at_ms == 0) gossip->scope_at_ms = 1;
}

/* --- peers ------------------------------------------------------------------------------------ */

enum ht_err ht_gossip_add(struct ht_gossip_peer **out, struct ht_gossip *gossip, void *link,
                          const struct ht_scope *scope, struct ht_peer_score *score) {
    unsigned slot = 0;
    while (slot < HT_GOSSIP_PEERS_MAX && gossip->peers[slot] != NULL) slot++;
    if (slot == HT_GOSSIP_PEERS_MAX) return HT_ELIMIT;
    struct ht_gossip_peer *peer = malloc(sizeof *peer);
    if (peer == NULL) return HT_ENOMEM;
    *peer = (struct ht_gossip_peer){.gossip = gossip,
                                    .link = link,
                                    .scope = scope,
                                    .score = score,
                                    .slot = slot,
                                    .have_sent_ms = -HT_GOSSIP_BATCH_MS};
    gossip->peers[slot] = peer;
    *out = peer;
    return HT_OK;
}

void ht_gossip_set_peer_scope(struct ht_gossip_peer *peer, const struct ht_scope *scope) {
    peer->scope = scope;
}

void ht_gossip_remove(struct ht_gossip_peer *peer) {
    if (peer == NULL) return;
    struct ht_gossip *gossip = peer->gossip;
    gossip->peers[peer->slot] = NULL;
    ht_gossip_seen_forget_peer(gossip, peer->slot);
    ht_gossip_want_forget_peer(gossip, peer->slot);
    free_peer(peer);
}

void ht_gossip_gave(struct ht_gossip_peer *peer) {
    peer->gossip->counts.gave++;
    peer->counts.gave++;
}

void ht_gossip_fault(struct ht_gossip_peer *peer, enum ht_peer_fault_kind kind,
                     const ht_hash32 *about) {
    struct ht_gossip *gossip = peer->gossip;
    if (peer->is_over) return;
    char what[sizeof peer->score->faults[0].what] = "";
    for (size_t i = 0; about != NULL && i < 8; i++) {
        snprintf(what + (i == 0 ? 0 : 6 + 2 * i), 9, i == 0 ? "event %02x" : "%02x", about->b[i]);
    }
    peer->is_over = ht_peer_score_fault(peer->score, kind, what, ht_wall_ms(gossip->clock));
    gossip->io.fault(gossip->io.user, peer->link, kind, peer->is_over);
}

void ht_gossip_fault_flood(struct ht_gossip_peer *peer) {
    int64_t now_ms = ht_gossip_now(peer->gossip);
    if (peer->flood_at_ms != 0 && now_ms - peer->flood_at_ms < FLOOD_EVERY_MS) return;
    peer->flood_at_ms = now_ms == 0 ? 1 : now_ms;
    ht_gossip_fault(peer, HT_FAULT_FLOOD, NULL);
}

bool ht_gossip_ids_add(struct ht_gossip_ids *ids, const ht_hash32 *id) {
    if (ids->count == ids->cap) {
        uint32_t cap = ids->cap == 0 ? 8 : 2 * ids->cap;
        if (cap > HT_GOSSIP_IDS_MAX) return false;
        ht_hash32 *more = realloc(ids->p, cap * sizeof *more);
        if (more == NULL) return false;
        ids->p = more;
        ids->cap = cap;
    }
    ids->p[ids->count++] = *id;
    return true;
}

/* --- time ------------------------------------------------------------------------------------- */

int64_t ht_gossip_due(const struct ht_gossip *gossip) {
    int64_t due_ms = ht_gossip_out_due_ms(gossip), want_ms = ht_gossip_want_due_ms(gossip);
    if (want_ms < due_ms) due_ms = want_ms;
    if (due_ms == INT64_MAX) return -1;
    int64_t now_ms = ht_gossip_now(gossip);
    return due_ms > now_ms ? due_ms - now_ms : 0;
}

int64_t ht_gossip_tick(struct ht_gossip *gossip) {
    ht_gossip_out_tick(gossip);
    ht_gossip_want_tick(gossip);
    return ht_gossip_due(gossip);
}

struct ht_gossip_counts ht_gossip_counts(const struct ht_gossip *gossip) {
    return gossip->counts;
}

struct ht_gossip_counts ht_gossip_peer_counts(const struct ht_gossip_peer *peer) {
    return peer->counts;
}
