/* Events on their way to other relays, from the inside; ht_peers_send is in peers.h. Only peers*.c
 * include this. Loop thread. */
#ifndef HT_SOCIAL_LINKS_PEERS_SEND_H
#define HT_SOCIAL_LINKS_PEERS_SEND_H

#include "social/links/peers_impl.h"

/* An OK came. */
void ht_peers_send_ok(struct ht_peer *peer, const ht_hash32 *id, bool is_taken, const char *reason);
/* Says what waits and may be said now. */
void ht_peers_send_flush(struct ht_peer *peer);
void ht_peers_send_authed(struct ht_peer *peer, bool is_in);
void ht_peers_send_lost(struct ht_peer *peer);
void ht_peers_send_forget(struct ht_peer *peer);
void ht_peers_send_stop(struct ht_peers *peers);

#endif
