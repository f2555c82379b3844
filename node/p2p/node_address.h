/* Addresses of nodes: URLs of websockets, and from where they can be reached. */
#ifndef HT_P2P_NODE_ADDRESS_H
#define HT_P2P_NODE_ADDRESS_H

#include "node/base/bytes.h"

#define HT_NODE_ADDRESS_SIZE 256U /* with its zero */

/* Which addresses may leave this computer by consent: of a LAN only to peers of the LAN, onions and
 * public ones as the owner says. HT_REACH_NONE is no address of a peer: another scheme than ws and
 * wss, a login, a query, characters that are none of a URL, numbers that only look like IPv4. Plain
 * ws to a public address is none either, since nothing is encrypted there. */
enum ht_address_reach {
    HT_REACH_LOOPBACK,
    HT_REACH_LAN,
    HT_REACH_PUBLIC,
    HT_REACH_ONION,
    HT_REACH_NONE
};
enum ht_address_reach ht_address_reach_of(const char *url);

#endif
