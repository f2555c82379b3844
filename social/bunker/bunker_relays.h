/* Relays of devices that are neither our own nor the owner's: links on which their requests come.
 * What comes there goes through our own relay, which verifies it. Relays that ask for AUTH are not
 * answered. Loop thread. */
#ifndef HT_SOCIAL_BUNKER_BUNKER_RELAYS_H
#define HT_SOCIAL_BUNKER_BUNKER_RELAYS_H

#include "social/bunker/bunker_impl.h"

/* Opens what devices and open invitations name, closes the rest. */
void ht_bunker_relays_sync(struct ht_bunker *bunker);
/* Sends an event to those of the row's relays that there are links to, whoever has them. */
void ht_bunker_relays_send(struct ht_bunker *bunker, const struct ht_bunker_row *row,
                           ht_bytes event);
void ht_bunker_relays_stop(struct ht_bunker *bunker);

#endif
