/* Proposals in feeds: taken from anybody, given on request; see discover.h. Loop thread. */
#ifndef HT_GOVERNANCE_DISCOVERY_DISCOVER_PEERS_H
#define HT_GOVERNANCE_DISCOVERY_DISCOVER_PEERS_H

#include "governance/community/community.h"

/* The t tag of its proposals: "hearth:dao:<chain>:<governor>", lower case. */
#define HT_GOV_TOPIC_SIZE 192U
void ht_gov_peers_topic(char out[static HT_GOV_TOPIC_SIZE], const struct ht_community *community);
/* Begins to listen, once the feeds are there; again is fine. */
void ht_gov_peers_listen(struct ht_governance *governance);
/* Takes what our own relay has about the community. */
void ht_gov_peers_ask(struct ht_community *community);
/* Publishes the proposal's preimage, signed with the owner's key. done as of ht_feed; HT_EAGAIN
 * "no_feed". */
void ht_gov_peers_share(struct ht_gov_item *item, ht_feed_done done, void *user);

#endif
