/* Questions to other relays, from the inside; ht_peers_ask is in peers.h. Only peers*.c include
 * this. Loop thread. */
#ifndef HT_SOCIAL_LINKS_PEERS_ASK_H
#define HT_SOCIAL_LINKS_PEERS_ASK_H

#include "social/links/peers_impl.h"

/* What came from a relay for a subscription of that name. */
void ht_peers_ask_event(struct ht_peer *peer, const char *id, ht_bytes event);
void ht_peers_ask_eose(struct ht_peer *peer, const char *id);
void ht_peers_ask_closed(struct ht_peer *peer, const char *id, const char *reason);
/* We are signed in; or shall not be, on this connection. */
void ht_peers_ask_authed(struct ht_peer *peer, bool is_in);
/* The connection is gone. */
void ht_peers_ask_lost(struct ht_peer *peer, bool is_unknown_name);
/* The relay is about to be gone for good. */
void ht_peers_ask_forget(struct ht_peer *peer);
void ht_peers_ask_stop(struct ht_peers *peers);

#endif
