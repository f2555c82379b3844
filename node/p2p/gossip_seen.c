/* What was seen. Ephemeral ids have a ring of their own, so that they push nothing else out. */
#include "node/p2p/gossip_seen.h"

#include <stdlib.h>

enum ht_err ht_gossip_ring_init(struct ht_gossip_ring *ring, size_t size,
                                const struct ht_random *random) {
    *ring = (struct ht_gossip_ring){.size = (uint32_t)size};
    enum ht_err err = ht_id_index_init(&ring->index, size, sizeof *ring->ids, random);
    if (err != HT_OK) return err;
    ring->ids = calloc(size, sizeof *ring->ids);
    return ring->ids == NULL ? HT_ENOMEM : HT_OK;
}

void ht_gossip_ring_fini(struct ht_gossip_ring *ring) {
    free(ring->ids);
    ring->ids = NULL;
    ht_id_index_fini(&ring->index);
}

static struct ht_gossip_seen_id *ring_find(struct ht_gossip_ring *ring, const ht_hash32 *id) {
    uint32_t at = ht_id_index_find(&ring->index, ring->ids, id);
    return at == HT_ID_NONE ? NULL : &ring->ids[at];
}

static struct ht_gossip_seen_id *ring_add(struct ht_gossip_ring *ring, const ht_hash32 *id,
                                          int64_t now_ms) {
    uint32_t at = ring->next;
    if (ring->count == ring->size) {
        ht_id_index_remove(&ring->index, ring->ids, at);
    } else {
        ring->count++;
    }
    ring->ids[at] = (struct ht_gossip_seen_id){.id = *id, .at_ms = now_ms};
    ht_id_index_add(&ring->index, ring->ids, at);
    ring->next = at + 1 == ring->size ? 0 : at + 1;
    return &ring->ids[at];
}

/* The oldest go when their time is over. */
static void ring_expire(struct ht_gossip_ring *ring, int64_t before_ms) {
    while (ring->count > 0) {
        uint32_t oldest = (ring->next + ring->size - ring->count) % ring->size;
        if (ring->ids[oldest].at_ms >= before_ms) return;
        ht_id_index_remove(&ring->index, ring->ids, oldest);
        ring->count--;
    }
}

struct ht_gossip_seen_id *ht_gossip_seen_find(struct ht_gossip *gossip, const ht_hash32 *id) {
    struct ht_gossip_seen_id *seen = ring_find(&gossip->seen, id);
    if (seen != NULL || gossip->ephemeral.count == 0) return seen;
    ring_expire(&gossip->ephemeral, ht_gossip_now(gossip) - HT_GOSSIP_EPHEMERAL_MS);
    return ring_find(&gossip->ephemeral, id);
}

struct ht_gossip_seen_id *ht_gossip_seen_add(struct ht_gossip *gossip, const ht_hash32 *id,
                                             bool is_ephemeral) {
    struct ht_gossip_ring *ring = is_ephemeral ? &gossip->ephemeral : &gossip->seen;
    return ring_add(ring, id, ht_gossip_now(gossip));
}

static void ring_forget_peer(struct ht_gossip_ring *ring, ht_gossip_set bit) {
    for (uint32_t i = 0; i < ring->size; i++) {
        struct ht_gossip_seen_id *seen = &ring->ids[i];
        /* Pages that were never used are not to be touched. */
        if (((seen->told | seen->given | seen->asked) & bit) == 0) continue;
        seen->told &= ~bit;
        seen->given &= ~bit;
        seen->asked &= ~bit;
    }
}

void ht_gossip_seen_forget_peer(struct ht_gossip *gossip, unsigned slot) {
    ring_forget_peer(&gossip->seen, ht_gossip_bit(slot));
    ring_forget_peer(&gossip->ephemeral, ht_gossip_bit(slot));
}
