/* Inside of gossip: what was seen, in rings; and to whom it was told. */
#ifndef HT_P2P_GOSSIP_SEEN_H
#define HT_P2P_GOSSIP_SEEN_H

#include "node/p2p/gossip_impl.h"

enum ht_err ht_gossip_ring_init(struct ht_gossip_ring *ring, size_t size,
                                const struct ht_random *random) HT_MUST_USE;
void ht_gossip_ring_fini(struct ht_gossip_ring *ring);
/* In either ring, NULL: not seen. Good until the next is added. */
struct ht_gossip_seen_id *ht_gossip_seen_find(struct ht_gossip *gossip, const ht_hash32 *id);
/* It is not there yet. */
struct ht_gossip_seen_id *ht_gossip_seen_add(struct ht_gossip *gossip, const ht_hash32 *id,
                                             bool is_ephemeral);
/* A slot is another's from now on. */
void ht_gossip_seen_forget_peer(struct ht_gossip *gossip, unsigned slot);

#endif
