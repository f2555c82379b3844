/* Logs of a simulated call as they are told: the contracts' own, and when asked for one for each
 * move of ether, as if ether were an ERC-20 token at the address of ERC-7528. */
#ifndef HT_API_ETH_SIMULATE_LOGS_H
#define HT_API_ETH_SIMULATE_LOGS_H

#include "node/api/eth_simulate_block.h"

struct ht_eth_sim_logs {
    struct ht_arena *arena;
    bool traces_transfers;
    uint64_t next_index; /* of the block */
    struct ht_eth_sim_log *list;
    size_t count, cap;
    bool has_failed; /* the arena is full */
    size_t open[HT_EVM_DEPTH_MAX + 2];
};

/* Before each call: an empty list. */
void ht_eth_sim_logs_clear(struct ht_eth_sim_logs *logs);
struct ht_evm_observer ht_eth_sim_logs_observer(struct ht_eth_sim_logs *logs);

#endif
