/* The whole mesh on the simulator's wires: handshakes with a stub for signatures, STATE, gossip,
 * scores, ends. See struct ht_sim_layer. */
#ifndef HT_P2P_SIM_MESH_H
#define HT_P2P_SIM_MESH_H

#include "node/p2p/sim_net.h"

#endif
