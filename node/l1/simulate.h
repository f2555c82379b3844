/* What a transaction would do, found by running it over proven state: for the wallet's review, for
 * governance's proposals, for whoever has to decide.
 *
 * The answer is an object:
 *   {"status": "success" | "reverted" | "failed", "error": null | text,
 *    "revert": null | {"reason": text | null, "error": {"name", "selector", "args"} | null,
 * "data"}, "gas_used", "gas_limit": QUANTITY, "output": DATA, "created": null | address, "ether":
 * [{"from", "to", "wei": decimal text, "depth"}], in order, of frames that were kept, "tokens":
 * [{"standard": "ERC-20" | "ERC-721" | "ERC-1155", "contract", "from", "to", "amount": decimal
 * text, "id": decimal text | null}], in order, out of logs, "approvals": [{"standard", "contract",
 * "owner", "spender", "amount" | null, "id" | null, "all": bool}], "accounts": [{"address",
 * "wei_before", "wei_after", "nonce_before", "nonce_after", "code_changed": bool}], of those that
 * changed, "storage": [{"address", "slot", "before", "after"}], of those that changed, at most
 *               HT_SIMULATE_ROWS_MAX,
 *    "logs": [{"address", "topics", "data"}],
 *    "calls": tree of {"type", "from", "to", "wei", "gas_used", "input", "output", "status",
 *             "calls"}, at most HT_SIMULATE_CALLS_MAX frames,
 *    "cut": [names of the lists that were cut],
 *    "block": {"number", "hash", "timestamp"}, "provenance"}
 * Tokens are what contracts log of themselves; a contract may log what is not so, which is why they
 * stand apart from "ether" and "storage". Loop thread. */
#ifndef HT_L1_SIMULATE_H
#define HT_L1_SIMULATE_H

#include "node/l1/execution/call_json.h"
#include "node/l1/run.h"

#define HT_SIMULATE_ROWS_MAX 512U
#define HT_SIMULATE_CALLS_MAX 1024U
#define HT_SIMULATE_DATA_MAX                                            \
    8192U /* bytes of one input or output that are told; longer are cut \
           */

/* Zeroed but for the first group. */
struct ht_simulation {
    struct ht_block_id block;
    /* Call objects (execution-apis), one after the other on the same state; borrowed until done.
     * Each may lack fees (nobody pays), gas (HT_RUN_GAS_MAX) and nonce. */
    const json_t *calls;     /* an array */
    const json_t *overrides; /* an object of eth_call's third parameter, or NULL */
    bool is_transaction;     /* charge fees, check balance and nonce as a block would */
    void (*done)(struct ht_simulation *simulation);

    /* The outcome: errors of ht_run_start and of call_json.h, or HT_OK and results: an array, one
     * object for each call; owned, dropped by ht_simulation_fini. */
    enum ht_err err;
    struct ht_why why;
    json_t *results;
    struct ht_exec_header_verified header;
    bool is_final;
    char source[128];
    void *user; /* the caller's */

    /* The service's own. */
    struct ht_run run;
    struct ht_simulation_work *work;
};

void ht_simulate(struct ht_runner *runner, struct ht_simulation *simulation);
void ht_simulation_fini(struct ht_simulation *simulation);

#endif
