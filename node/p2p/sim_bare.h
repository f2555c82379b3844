/* The gossip core alone on the simulator's wires: links are there at once, and what is counted are
 * the messages of gossip. See struct ht_sim_layer. */
#ifndef HT_P2P_SIM_BARE_H
#define HT_P2P_SIM_BARE_H

#include "node/p2p/sim_net.h"

#define HT_SIM_SEEN 512U /* ids of a ring: ten thousand of the usual size would take 20 GB */

#endif
