/* Inside of gossip: what goes out, whole or as ids in batches. */
#ifndef HT_P2P_GOSSIP_OUT_H
#define HT_P2P_GOSSIP_OUT_H

#include "node/p2p/gossip_impl.h"

/* To all that carry it and are not in `has`: pushed, announced. seen: where it was put just now. */
void ht_gossip_send_on(struct ht_gossip *gossip, const struct ht_event *event, ht_gossip_set has,
                       struct ht_gossip_seen_id *seen);
/* It need not be announced to the peer any more. */
void ht_gossip_out_drop(struct ht_gossip_peer *peer, const ht_hash32 *id);
void ht_gossip_out_flush(struct ht_gossip_peer *peer);
void ht_gossip_out_tick(struct ht_gossip *gossip);
int64_t ht_gossip_out_due_ms(const struct ht_gossip *gossip);

#endif
