/* What eth_call, eth_estimateGas and eth_createAccessList share: their parameters, the run of code
 * over proven state, and how it ends.
 *
 * What the EVM says is an answer: a revert is the error 3 with its data (EIP-1474's geth form),
 * another halt and a transaction that no block could hold are -32000, in the words of the common
 * client. What could not be proven is -32004, and says what was missing. */
#ifndef HT_API_ETH_RUN_H
#define HT_API_ETH_RUN_H

#include "node/api/eth_params.h"
#include "node/l1/execution/call_json.h"
#include "node/l1/run.h"

/* What a method makes of the call and the block that it is given. */
enum ht_eth_run_kind {
    HT_ETH_RUN_OUTPUT,      /* takes overrides too; a call that fails is an error */
    HT_ETH_RUN_ACCESS_LIST, /* takes none; one that fails is answered */
};

/* A method under way, of the heap. */
struct ht_eth_running {
    struct ht_run run; /* first */
    const struct ht_eth *eth;
    struct ht_rpc_call *call;
    struct ht_arena arena;
    struct ht_call asked; /* its transaction's chain id is set */
    struct ht_overrides overrides;
    struct ht_block_override block;
    enum ht_eth_run_kind kind;
    /* On the loop, when the run has ended with HT_OK and nothing was refused: the result; NULL: no
     * memory. */
    json_t *(*make)(struct ht_eth_running *running);

    /* What work leaves, anew in each round. */
    enum ht_err refused; /* what no block could hold; HT_OK: nothing */
    struct ht_why refusal;
    struct ht_evm_outcome outcome; /* its output is in `output` */
    struct ht_buf output;
    uint64_t gas; /* eth_estimateGas */
    /* eth_createAccessList */
    const struct ht_tx_access *list;
    size_t list_count;
    struct ht_arena lists;
};

/* One execution on a world that nothing was done to yet. */
struct ht_eth_execution {
    struct ht_evm_world *world;
    struct ht_evm_observer observer;
    struct ht_transaction tx;
};

/* Reads the parameters (call, block, …) and starts; ends the call with what comes of it. */
void ht_eth_run_start(const struct ht_eth *eth, struct ht_rpc_call *call, const json_t *params,
                      enum ht_eth_run_kind kind,
                      enum ht_err (*work)(struct ht_run *run, const struct ht_run_place *place,
                                          struct ht_why *why),
                      json_t *(*make)(struct ht_eth_running *running));

/* For work: puts the overrides into the world and carries the transaction out. HT_OK with
 * running->refused set when no block could hold it, else with running->outcome and ->output. Errors
 * of vm.h, world.h; HT_EAGAIN "missing" once something is missing. */
enum ht_err ht_eth_run_execute(struct ht_eth_running *running, const struct ht_run_place *place,
                               const struct ht_eth_execution *execution,
                               struct ht_why *why) HT_MUST_USE;
/* The same on a world of its own, whatever was done before. */
enum ht_err ht_eth_run_execute_anew(struct ht_eth_running *running,
                                    const struct ht_run_place *place,
                                    const struct ht_transaction *tx,
                                    struct ht_why *why) HT_MUST_USE;

/* The most gas that the call may have: what it gives, at most HT_RUN_GAS_MAX. */
uint64_t ht_eth_run_gas(const struct ht_eth_running *running);
/* The price that bounds what it costs; zero: nobody pays. */
ht_u256 ht_eth_run_price(const struct ht_eth_running *running);

/* For work that judges what the execution was: as if no block could hold it. code: a literal. */
enum ht_err ht_eth_run_refuse(struct ht_eth_running *running, const char *code, const char *text);

#endif
