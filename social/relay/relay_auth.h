/* AUTH (NIP-42): a challenge for each connection, and events of kind 22242 that answer it. */
#ifndef HT_SOCIAL_RELAY_RELAY_AUTH_H
#define HT_SOCIAL_RELAY_RELAY_AUTH_H

#include "social/relay/relay_impl.h"

#define HT_KIND_AUTH 22242U
#define HT_RELAY_AUTHS_MAX 100U /* tries of one connection */

/* Makes a challenge and sends it. Loop thread. */
void ht_relay_challenge(struct ht_relay_peer *peer);
/* An AUTH message, from its second part on: {…}]. */
void ht_relay_take_auth(struct ht_relay_peer *peer, ht_bytes text);

/* Whether two URLs have the same host and port: case does not matter, nor do scheme (but for the
 * port it stands for) and path. False when either is none. Pure. */
bool ht_relay_is_same_host(ht_bytes a, ht_bytes b);

#endif
