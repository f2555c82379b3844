/* A port of the router that leads to ours: by NAT-PMP (RFC 6886), else by UPnP. Opt-in.
 *
 * The router is asked for a lease of an hour, which is renewed at half its time, and the mapping is
 * removed at the end. A router that knows no ends is asked for a mapping without one, which only
 * our own end removes. A router that has no public address itself is told apart: a port opened
 * there leads nowhere. When nothing answers, it is tried again after 1 to 30 minutes.
 *
 * Own code on the loop instead of libnatpmp and libminiupnpc, which block a thread for seconds and
 * follow a device's description to wherever it leads. Loop thread. */
#ifndef HT_P2P_PORT_MAP_H
#define HT_P2P_PORT_MAP_H

#include "node/loop/watch.h"
#include "node/net/http.h"
#include "node/p2p/port_map_text.h"

#define HT_PORT_MAP_LEASE_S 3600U
#define HT_PORT_MAP_ADDRESS_SIZE 64U

struct ht_port_map;

enum ht_port_map_state {
    HT_PORT_MAP_ASKING,
    HT_PORT_MAP_OPEN,
    HT_PORT_MAP_NONE,   /* no router answers */
    HT_PORT_MAP_FAILED, /* it answers, and says no */
};

struct ht_port_map_options {
    struct ht_loop *loop;
    struct ht_watches *watches;
    struct ht_http *http;
    const struct ht_random *random;
    uint16_t port; /* TCP, ours */
    /* State, address or reason are another. May not free the service. */
    void (*changed)(void *user);
    void *user;
    /* Of tests; NULL and 0: the system's default route, HT_PMP_PORT, the SSDP group and its port.
     * Numeric IPv4. */
    const char *gateway, *search;
    uint16_t gateway_port, search_port;
    uint32_t lease_s; /* 0: HT_PORT_MAP_LEASE_S */
};

/* Begins to ask. HT_ENOMEM. */
enum ht_err ht_port_map_new(struct ht_port_map **out, const struct ht_port_map_options *options,
                            struct ht_why *why) HT_MUST_USE;
/* Removes what was opened. is_last: the loop will not run any more, so that a UPnP device is told
 * at once, for at most a second. NULL is fine. */
void ht_port_map_free(struct ht_port_map *map, bool is_last);

enum ht_port_map_state ht_port_map_state(const struct ht_port_map *map);
/* "203.0.113.7:8422"; "" unless open. */
const char *ht_port_map_address(const struct ht_port_map *map);
/* Seconds that the lease still lasts; 0: not open, or without an end. */
uint32_t ht_port_map_lease_s(const struct ht_port_map *map);
/* Why there is none: "no_router", "no_answer", "double_nat" and those of port_map_text.h; code ""
 * while open or before the first answer. */
const struct ht_why *ht_port_map_why(const struct ht_port_map *map);

#endif
