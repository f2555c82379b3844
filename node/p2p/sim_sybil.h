/* Dishonest nodes of the simulator: what each vice says on its links, over and over.
 *
 * They know every event the moment that it is published, which is more than a real one would. */
#ifndef HT_P2P_SIM_SYBIL_H
#define HT_P2P_SIM_SYBIL_H

#include "node/p2p/sim_net.h"

/* Makes so many of a hundred nodes dishonest, each vice as often as the others. */
void ht_sim_sybil_assign(struct ht_sim_net *net, unsigned percent);
/* A link was made: a dishonest node begins. */
void ht_sim_sybil_met(struct ht_sim_link *link);
/* A message of the gossip layer for a dishonest node. */
void ht_sim_sybil_received(struct ht_sim_link *link, ht_bytes text);
/* Has the node let the other go before? */
bool ht_sim_sybil_is_shunned(const struct ht_sim_node *node, const struct ht_sim_node *other);

#endif
