/* What the owner's relays for reading tell by themselves: what the followed write, what names the
 * owner. Only peers*.c include this. Loop thread. */
#ifndef HT_SOCIAL_LINKS_PEERS_LIVE_H
#define HT_SOCIAL_LINKS_PEERS_LIVE_H

#include "social/links/peers_impl.h"

#define HT_LIVE_LIMIT 500     /* events of one filter, the newest */
#define HT_LIVE_MARGIN_S 600  /* clocks differ, and relays are late */
#define HT_LIVE_FIRST_S 86400 /* before the newest that we have, when the node starts */
#define HT_LIVE_NEW_S 259200  /* when we have nothing */
#define HT_LIVE_WRAP_S 259200 /* wraps name times up to two days ago (NIP-59) */
#define HT_LIVE_NOW_S 60      /* of what nobody keeps: requests to the bunker */

/* Looks anew whom the owner follows, and says it to all when it has changed. */
void ht_peers_live_look(struct ht_peers *peers);
/* Subscribes, on a connection that has opened. */
void ht_peers_live_opened(struct ht_peer *peer);
/* Those that were put off, or all when our own relay has missed something. */
void ht_peers_live_again(struct ht_peer *peer, bool is_all);
void ht_peers_live_event(struct ht_peer *peer, const char *id, ht_bytes event);
void ht_peers_live_eose(struct ht_peer *peer, const char *id);
void ht_peers_live_closed(struct ht_peer *peer, const char *id, const char *reason);
void ht_peers_live_authed(struct ht_peer *peer);
void ht_peers_live_lost(struct ht_peer *peer);
/* NULL is fine. */
void ht_peers_live_free(struct ht_live *live);

#endif
