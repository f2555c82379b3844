/* What a transaction would do, found by running it over proven state: for the wallet's review, for
 * governance's proposals, for whoever has to decide.
 *
 * The answer to a call is an object (QUANTITY and DATA as in EIP-1474, wei and amounts in decimal):
 *   "status"     "success" | "reverted" | "failed"
 *   "error"      null, or text: of what failed, "execution reverted", or why no block would take it
 *   "code"       null, or the word of that last reason (node/evm/transaction.h)
 *   "revert"     null | {"reason": text | null, "error": {"name": text | null, "selector", "args":
 *                [texts] | null} | null, "data"}, see simulate_revert.h
 *   "gas_used", "gas_limit"   QUANTITY
 *   "output"     DATA, "created" null | address
 *   "ether"      [{"from", "to", "wei", "depth"}], in order, of frames that were kept
 *   "tokens"     [{"standard": "ERC-20" | "ERC-721" | "ERC-1155", "contract", "from", "to",
 *                "amount", "id": decimal | null}], in order, out of logs
 *   "approvals"  [{"standard", "contract", "owner", "spender", "amount" | null, "id" | null, "all":
 *                bool, "revoked": bool}]; of "all" the standard is "ERC-721 or ERC-1155"
 *   "accounts"   [{"address", "wei_before", "wei_after", "nonce_before", "nonce_after",
 *                "code_changed": bool}], by address, of those that changed
 *   "storage"    [{"address", "slot", "before", "after"}], by address and slot, of those that
 *                changed
 *   "logs"       [{"address", "topics", "data"}]
 *   "calls"      tree of {"type", "from", "to", "wei", "gas_used", "input", "output", "status":
 *                "success" or why it failed, "calls": [the same]}; null when nothing ran
 *   "cut"        names of the lists that were cut, and "data" when inputs, outputs or logs were
 *   "block"      {"number", "hash", "timestamp"}, "provenance"
 * Tokens are what contracts log of themselves; a contract may log what is not so, which is why they
 * stand apart from "ether" and "storage". Loop thread. */
#ifndef HT_L1_SIMULATE_H
#define HT_L1_SIMULATE_H

#include "node/l1/execution/call_json.h"
#include "node/l1/run.h"

#define HT_SIMULATE_CALLS_MAX 32U     /* calls of one simulation */
#define HT_SIMULATE_ROWS_MAX 512U     /* of each list */
#define HT_SIMULATE_FRAMES_MAX 1024U  /* of "calls" */
#define HT_SIMULATE_LEVELS_MAX 12U    /* of "calls"; deeper frames are cut */
#define HT_SIMULATE_DATA_MAX 8192U    /* bytes that are told of an input, an output or a log */
#define HT_SIMULATE_OUTPUT_MAX 65536U /* bytes of the whole call's output */
#define HT_SIMULATE_NOTES_MAX ((size_t)2 << 20) /* bytes of all inputs and outputs together */

/* Zeroed but for the first group. */
struct ht_simulation {
    struct ht_block_id block;
    /* Call objects (execution-apis), one after the other on the same state; read at once. Each may
     * lack fees (nobody pays), gas (what a block has, at most HT_RUN_GAS_MAX), nonce. */
    const json_t *calls;     /* an array of 1 to HT_SIMULATE_CALLS_MAX */
    const json_t *overrides; /* an object of eth_call's third parameter, or NULL */
    bool is_transaction;     /* charge fees, check balance and nonce as a block would */
    /* On the loop, once, perhaps before ht_simulate returns. */
    void (*done)(struct ht_simulation *simulation);

    /* The outcome: errors of ht_run_start and of call_json.h, HT_ELIMIT "too_many_calls", or HT_OK
     * and results: an array, one object for each call; owned, dropped by ht_simulation_fini. */
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
