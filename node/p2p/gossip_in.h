/* Inside of gossip: what peers say, and what became of what they gave. ht_gossip_pushed, _had,
 * _wanted, _gone, _spend, _taken, _publish and _seen, as gossip.h describes them, are in
 * gossip_in.c; nothing else of it is for others. */
#ifndef HT_P2P_GOSSIP_IN_H
#define HT_P2P_GOSSIP_IN_H

#include "node/p2p/gossip_impl.h"

#endif
