/* One block of eth_simulateV1, run. On a worker. */
#ifndef HT_API_ETH_SIMULATE_BLOCK_H
#define HT_API_ETH_SIMULATE_BLOCK_H

#include "node/api/eth_simulate_plan.h"
#include "node/l1/execution/block_run.h"
#include "node/l1/run.h"

#define HT_ETH_SIM_GAS_MAX 50000000U /* of all calls together, as common clients have it */

struct ht_eth_sim_log {
    struct ht_log log;
    uint64_t index; /* in the block; those that were taken back are counted, too */
};

/* A call that was carried out. */
struct ht_eth_sim_call {
    struct ht_transaction tx; /* with a signature of zeros */
    ht_addr20 from;
    ht_hash32 hash;
    ht_bytes encoded;
    enum ht_evm_status status;
    ht_bytes output;
    uint64_t gas_used, gas_max; /* the second before refunds */
    const struct ht_eth_sim_log *logs;
    size_t log_count;
};

/* A block that was run. */
struct ht_eth_sim_done {
    struct ht_exec_header header;
    ht_hash32 hash;
    struct ht_eth_sim_call *calls;
    size_t call_count;
    const struct ht_withdrawal *withdrawals;
    size_t withdrawal_count;
};

/* A chain under way. Results belong to the arena. */
struct ht_eth_sim {
    struct ht_run *run;
    const struct ht_run_place *place;
    const struct ht_eth_sim_request *request;
    struct ht_arena *arena;
    struct ht_eth_sim_refusal *refusal;
    struct ht_evm_world *world;

    struct ht_exec_header parent;                /* the last block so far */
    ht_hash32 hashes[HT_ETH_SIM_BLOCKS_MAX + 1]; /* from the proven block on */
    size_t hash_count;
    uint64_t gas_left; /* of HT_ETH_SIM_GAS_MAX */
    ht_addr20 coinbase;
    uint64_t gas_limit;
    struct ht_evm_source facts;                        /* what is proven */
    const struct ht_evm_precompile_place *precompiles; /* of this block */
    size_t precompile_count;
};

/* A chain on the run's block, with a world of its own, that knows hashes of its blocks. sim stays
 * where it is. Errors of ht_evm_world_new. To be ended in any case. */
enum ht_err ht_eth_sim_begin(struct ht_eth_sim *sim, struct ht_run *run,
                             const struct ht_run_place *place,
                             const struct ht_eth_sim_request *request, struct ht_arena *arena,
                             struct ht_eth_sim_refusal *refusal) HT_MUST_USE;
void ht_eth_sim_end(struct ht_eth_sim *sim);

/* The next block. HT_OK with refusal->number when it cannot be; errors of vm.h, block_run.h and
 * run_root.h; HT_EDENIED fork_not_run. While something is missing it is a guess, which only shows
 * what else is. */
enum ht_err ht_eth_sim_block(struct ht_eth_sim_done *out, struct ht_eth_sim *sim,
                             const struct ht_eth_sim_block *block, struct ht_why *why) HT_MUST_USE;

#endif
