/* Signing in to other relays (NIP-42): only to those that the owner named, as the owner, while the
 * vault is open. Only peers*.c include this. Loop thread. */
#ifndef HT_SOCIAL_LINKS_PEERS_AUTH_H
#define HT_SOCIAL_LINKS_PEERS_AUTH_H

#include "social/links/peers_impl.h"

/* ["AUTH", challenge] came. */
void ht_peers_auth_challenge(struct ht_peer *peer, const char *challenge);
/* True when the OK was about it. */
bool ht_peers_auth_ok(struct ht_peer *peer, const ht_hash32 *id, bool is_taken, const char *reason);
/* The vault may be open now. */
void ht_peers_auth_retry(struct ht_peer *peer);
/* Whether it may still come about on this connection. */
bool ht_peers_auth_may_come(const struct ht_peer *peer);

#endif
