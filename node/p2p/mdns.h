/* Finding nodes of the own network, and being found there: multicast DNS over IPv4 (RFC 6762), on
 * every interface that is up and not loopback; own responder, no daemon. What is told is
 * mdns_message.h's. Opt-in.
 *
 * Asked is at the start and then ever more seldom (1 s to 10 min), answered after 20-120 ms and at
 * most once a second, and only questions from addresses of the interface's own network; answers
 * from elsewhere are passed over. Names carry 64 bits of the node's key, so that they are not
 * probed for. Interfaces that come and go are seen when it asks again. Loop thread. */
#ifndef HT_P2P_MDNS_H
#define HT_P2P_MDNS_H

#include "node/loop/watch.h"
#include "node/p2p/mdns_message.h"
#include "node/p2p/node_address.h"

#define HT_MDNS_PORT 5353
#define HT_MDNS_NODES_MAX 64U /* that are remembered as being there */

struct ht_mdns;

struct ht_mdns_options {
    struct ht_loop *loop;
    struct ht_watches *watches;
    const struct ht_random *random;
    ht_hash32 node;
    uint16_t port;     /* of the door; 0: only looks for others and tells nothing */
    bool is_loopback;  /* of tests: on the loopback interface alone */
    uint16_t udp_port; /* of tests; 0: HT_MDNS_PORT */
    /* A node said where it is: wss URL, once for each of its addresses of this network. It is
     * whoever proves to be that node there. May not free the service. */
    void (*found)(void *user, const ht_hash32 *node, const char *url);
    void *user;
};

/* HT_ENET "no_multicast" (no interface, or the port is taken by a program that does not share it),
 * "no_watch"; HT_ENOMEM. */
enum ht_err ht_mdns_new(struct ht_mdns **out, const struct ht_mdns_options *options,
                        struct ht_why *why) HT_MUST_USE;
/* Says good-bye. NULL is fine. */
void ht_mdns_free(struct ht_mdns *mdns);
/* Nodes that are there now, as far as they said. */
size_t ht_mdns_count(const struct ht_mdns *mdns);

#endif
