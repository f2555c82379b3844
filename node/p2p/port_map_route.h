/* Which router leads out of this network, and as whom it knows us. IPv4. */
#ifndef HT_P2P_PORT_MAP_ROUTE_H
#define HT_P2P_PORT_MAP_ROUTE_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdbool.h>

/* The router of the default route with the smallest metric. False: there is none. */
bool ht_route_gateway(char out[static INET_ADDRSTRLEN]);
/* Which of our addresses speaks to it; nothing is sent. False: no way leads there. */
bool ht_route_own(char out[static INET_ADDRSTRLEN], const char *gateway);

#endif
