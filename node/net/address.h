/* Which addresses belong to this computer or its network: where nothing that strangers name may
 * lead us. Pure; any thread. */
#ifndef HT_NET_ADDRESS_H
#define HT_NET_ADDRESS_H

#include <stdbool.h>
#include <stdint.h>

struct sockaddr;

/* Host byte order. Loopback, private, shared, link-local, test and multicast networks (RFC 6890),
 * and what is reserved. */
bool ht_address_is_private_v4(uint32_t address);
/* Loopback, unique local, link-local, multicast, and forms that hold a private IPv4 address
 * (mapped, compatible, NAT64, 6to4); Teredo always, because what it leads to is hidden. */
bool ht_address_is_private_v6(const uint8_t address[static 16]);
/* Of an IPv4 or IPv6 socket; those of any other family are private. */
bool ht_address_is_private(const struct sockaddr *address);
/* Of a URL's host in lower case, IPv6 in brackets. Of a name it says only what the name tells
 * ("localhost", "nas.local", one without a dot), not where DNS leads. */
bool ht_address_is_private_host(const char *host);

#endif
