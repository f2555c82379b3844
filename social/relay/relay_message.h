/* Messages of a connection: which verb, and its parts. Loop thread. */
#ifndef HT_SOCIAL_RELAY_RELAY_MESSAGE_H
#define HT_SOCIAL_RELAY_RELAY_MESSAGE_H

#include "social/relay/relay_impl.h"

/* The peer must be held. */
void ht_relay_take_message(struct ht_relay_peer *peer, ht_bytes text);

#endif
