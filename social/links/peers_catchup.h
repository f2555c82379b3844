/* Catch-up with the owner's relays that are no nodes (NIP-77, or plain REQ where a relay has none):
 * what the followed and the owner wrote is fetched, what the owner wrote and the relay lacks is
 * sent there when it is one for writing. Nodes are caught up with by the mesh. Only peers*.c
 * include this. Loop thread.
 *
 * Of each relay for reading: when it has opened, when whom the owner follows has changed, and after
 * HT_CATCHUP_EVERY_MS with jitter. Without NIP-77 nothing older is asked for than what came before
 * the last time, or what we have; HT_PEERS_PLAIN_S at most. */
#ifndef HT_SOCIAL_LINKS_PEERS_CATCHUP_H
#define HT_SOCIAL_LINKS_PEERS_CATCHUP_H

#include "social/links/peers_impl.h"

#define HT_PEERS_PLAIN_S (INT64_C(30) * 86400)

void ht_peers_catchup_opened(struct ht_peer *peer);
/* What is subscribed to is another, or we have signed in. */
void ht_peers_catchup_again(struct ht_peer *peer);
/* A message: true when it was for catch-up. */
bool ht_peers_catchup_received(struct ht_peer *peer, ht_bytes text);
/* The connection is lost, or the relay is no more. */
void ht_peers_catchup_lost(struct ht_peer *peer);
/* As "catchup" of social.relays; a new reference. */
json_t *ht_peers_catchup_json(const struct ht_peer *peer);

#endif
