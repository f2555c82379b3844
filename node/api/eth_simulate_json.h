/* A simulated block as eth_simulateV1 answers it. */
#ifndef HT_API_ETH_SIMULATE_JSON_H
#define HT_API_ETH_SIMULATE_JSON_H

#include "node/api/eth_simulate_block.h"

/* A new object; NULL without memory. */
json_t *ht_eth_sim_block_json(const struct ht_eth_sim_done *done, bool has_full_transactions);

#endif
