/* HTTP at the relay's door, by path: media (media.h), the relay's management (NIP-86 with NIP-98,
 * of the owner's key alone: keeper.h), our names (NIP-05, /.well-known/nostr.json), metrics as
 * Prometheus reads them (/metrics: for programs on this computer that ask a loopback host and name
 * no origin; else 403). All else is 404; addresses that are blocked get 403. Loop thread. */
#ifndef HT_SOCIAL_RELAY_WEB_H
#define HT_SOCIAL_RELAY_WEB_H

#include "social/social.h"

/* See struct ht_module_door; self is a struct ht_social. */
void ht_social_http(void *self, struct ht_door_http *http);

#endif
