/* What eth_simulateV1 is asked, read, and laid out as a chain of blocks. */
#ifndef HT_API_ETH_SIMULATE_PLAN_H
#define HT_API_ETH_SIMULATE_PLAN_H

#include "node/l1/execution/body.h"
#include "node/l1/execution/call_json.h"

#define HT_ETH_SIM_BLOCKS_MAX 256U
#define HT_ETH_SIM_CALLS_MAX 4096U /* of all blocks together */
#define HT_ETH_SIM_WITHDRAWALS_MAX 1024U

/* The error numbers of execution-apis. */
#define HT_ETH_SIM_NONCE_TOO_LOW (-38010)
#define HT_ETH_SIM_NONCE_TOO_HIGH (-38011)
#define HT_ETH_SIM_BASE_FEE_TOO_LOW (-38012)
#define HT_ETH_SIM_INTRINSIC_GAS (-38013)
#define HT_ETH_SIM_NO_FUNDS (-38014)
#define HT_ETH_SIM_BLOCK_GAS (-38015)
#define HT_ETH_SIM_BLOCK_NUMBERS (-38020)
#define HT_ETH_SIM_BLOCK_TIMES (-38021)
#define HT_ETH_SIM_INIT_CODE (-38025)
#define HT_ETH_SIM_TOO_MANY (-38026)
#define HT_ETH_SIM_INVALID (-32602)
#define HT_ETH_SIM_INTERNAL (-32603)
#define HT_ETH_SIM_OVERRIDE (-32000)

/* Why it is refused: an answer of its own, which is not an error of ours. number 0: it is not. */
struct ht_eth_sim_refusal {
    int number;
    struct ht_why why;
};

struct ht_eth_sim_block {
    struct ht_block_override block; /* laid out: number and time are there */
    bool has_beacon_root;
    ht_hash32 beacon_root;
    const struct ht_withdrawal *withdrawals;
    size_t withdrawal_count;
    struct ht_overrides state;
    const struct ht_call *calls;
    size_t call_count;
};

struct ht_eth_sim_request {
    const struct ht_eth_sim_block *blocks;
    size_t count;
    bool is_validated, traces_transfers, has_full_transactions;
};

/* The first parameter. Everything belongs to the arena. Reasons of call_json.h; HT_EINPUT
 * "sim_empty" without blocks; HT_ELIMIT "sim_too_many" of blocks, calls or withdrawals. */
enum ht_err ht_eth_sim_read(struct ht_eth_sim_request *out, struct ht_arena *arena,
                            const json_t *from, struct ht_why *why) HT_MUST_USE;

/* The chain on top of a block: numbers and times given or counted on, gaps filled with empty blocks
 * 12 seconds apart. HT_OK with refusal->number when they are out of order or too many. HT_ELIMIT
 * no_room. */
enum ht_err ht_eth_sim_lay_out(struct ht_eth_sim_block **out, size_t *count,
                               struct ht_eth_sim_refusal *refusal, struct ht_arena *arena,
                               const struct ht_eth_sim_request *request, uint64_t number,
                               uint64_t time, struct ht_why *why) HT_MUST_USE;

/* Fills a refusal; code is a literal. */
void ht_eth_sim_refuse(struct ht_eth_sim_refusal *refusal, int number, const char *code,
                       const char *text);

#endif
