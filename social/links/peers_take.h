/* Events that other relays gave, into our own relay. Only peers*.c include this. Loop thread. */
#ifndef HT_SOCIAL_LINKS_PEERS_TAKE_H
#define HT_SOCIAL_LINKS_PEERS_TAKE_H

#include "social/links/peers_impl.h"

/* Takes an event at the front of text that one of the filters wants: true. Whether it is signed,
 * our relay looks. */
bool ht_peers_take_at(int64_t *created_at, struct ht_peer *peer, ht_bytes text,
                      const struct ht_filter *filters, size_t count);
/* The same, for whom its time (seconds) says nothing. */
bool ht_peers_take(struct ht_peer *peer, ht_bytes text, const struct ht_filter *filters,
                   size_t count);

#endif
