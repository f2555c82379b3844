/* Ethereum's methods: the table of all, and those about the node itself. */
#include "node/api/eth.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "node/api/eth_access_list.h"
#include "node/api/eth_block.h"
#include "node/api/eth_call.h"
#include "node/api/eth_estimate.h"
#include "node/api/eth_fee_history.h"
#include "node/api/eth_filter.h"
#include "node/api/eth_forward.h"
#include "node/api/eth_logs.h"
#include "node/api/eth_params.h"
#include "node/api/eth_raw.h"
#include "node/api/eth_send.h"
#include "node/api/eth_simulate.h"
#include "node/api/eth_state.h"
#include "node/api/eth_subscribe.h"
#include "node/api/eth_transaction.h"
#include "node/l1/status.h"

static enum ht_err done(json_t **result, json_t *made, struct ht_why *why) {
    if (made == NULL) return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
    *result = made;
    return HT_OK;
}

static enum ht_err web3_client_version(void *self, json_t **result, const json_t *params,
                                       struct ht_why *why) {
    const struct ht_eth *eth = self;
    enum ht_err err = ht_eth_take_params(params, 0, 0, why);
    if (err != HT_OK) return err;
    return done(result, json_sprintf("Hearth/v%s/linux/c", eth->version), why);
}

static enum ht_err net_version(void *self, json_t **result, const json_t *params,
                               struct ht_why *why) {
    const struct ht_eth *eth = self;
    enum ht_err err = ht_eth_take_params(params, 0, 0, why);
    if (err != HT_OK) return err;
    char text[24];
    (void)snprintf(text, sizeof text, "%" PRIu64, ht_sync_network(eth->sync)->chain_id);
    return done(result, json_string(text), why);
}

/* Nobody of Ethereum's peer-to-peer network can connect to a light client. */
static enum ht_err net_listening(void *self, json_t **result, const json_t *params,
                                 struct ht_why *why) {
    (void)self;
    enum ht_err err = ht_eth_take_params(params, 0, 0, why);
    return err != HT_OK ? err : done(result, json_false(), why);
}

static enum ht_err eth_chain_id(void *self, json_t **result, const json_t *params,
                                struct ht_why *why) {
    const struct ht_eth *eth = self;
    enum ht_err err = ht_eth_take_params(params, 0, 0, why);
    if (err != HT_OK) return err;
    return done(result, ht_eth_quantity(ht_sync_network(eth->sync)->chain_id), why);
}

/* The verified head while the light client follows the chain. */
static enum ht_err read_head(const struct ht_eth *eth, const struct ht_header_verified **head,
                             struct ht_why *why) {
    const struct ht_sync_view *view = ht_sync_view(eth->sync);
    if (ht_sync_state(eth->sync, why) != HT_SYNC_LIVE) {
        if (why != NULL) why->code = "not_live";
        ht_why_context(why, "no verified head that is new enough");
        return HT_ESTALE;
    }
    if (!view->has_store || !view->optimistic.has_execution)
        return ht_fail(why, HT_ESTALE, "no_head", "there is no verified head yet");
    *head = &view->optimistic;
    return HT_OK;
}

enum ht_err ht_eth_check_live(const struct ht_eth *eth, struct ht_why *why) {
    const struct ht_header_verified *head = NULL;
    return read_head(eth, &head, why);
}

/* Gloas: the beacon block does not tell the number of the execution block that it names. */
struct number_call {
    struct ht_header_read read;
    const struct ht_eth *eth;
    struct ht_rpc_call *call;
};

static void on_number(struct ht_header_read *read) {
    struct number_call *waiting = (struct number_call *)read;
    if (read->err == HT_OK) {
        const struct ht_eth_place place = {&read->header, read->is_final, read->source};
        ht_eth_finish(waiting->eth, waiting->call, ht_eth_quantity(read->header.header.number),
                      &place);
    } else {
        ht_rpc_refuse(waiting->call, read->err, &read->why);
    }
    ht_header_read_fini(read);
    free(waiting);
}

static void read_number(const struct ht_eth *eth, struct ht_rpc_call *call) {
    struct ht_why why = {0};
    struct number_call *waiting = calloc(1, sizeof *waiting);
    if (waiting == NULL) {
        ht_rpc_refuse(call, ht_eth_no_memory(&why), &why);
        return;
    }
    waiting->eth = eth;
    waiting->call = call;
    waiting->read.id.kind = HT_BLOCK_LATEST;
    waiting->read.done = on_number;
    ht_chain_read(eth->chain, &waiting->read);
}

static json_t *head_provenance(const struct ht_eth *eth, const struct ht_header_verified *head) {
    struct ht_exec_hash_proven hash;
    if (ht_exec_hash_of_beacon(&hash, head, NULL) != HT_OK) return NULL;
    int64_t start_ms = ht_slot_start_ms(ht_sync_network(eth->sync), head->beacon.slot);
    return ht_l1_provenance_json(eth->sync, "head", head->block_number, &hash.hash,
                                 (uint64_t)start_ms / 1000, ht_sync_view(eth->sync)->head_source);
}

static void eth_block_number(void *self, struct ht_rpc_call *call, const json_t *params) {
    const struct ht_eth *eth = self;
    const struct ht_header_verified *head = NULL;
    struct ht_why why = {0};
    enum ht_err err = ht_eth_take_params(params, 0, 0, &why);
    if (err == HT_OK) err = read_head(eth, &head, &why);
    if (err == HT_OK && head->has_block_number) {
        json_t *provenance = ht_rpc_call_wants_provenance(call) ? head_provenance(eth, head) : NULL;
        ht_rpc_finish_proven(call, ht_eth_quantity(head->block_number), provenance);
    } else if (err == HT_OK && eth->chain != NULL) {
        read_number(eth, call);
    } else {
        if (err == HT_OK) {
            err = ht_fail(&why, HT_ESTALE, "no_block_number",
                          "the verified head does not tell its block's number in this fork");
        }
        ht_rpc_refuse(call, err, &why);
    }
}

/* A light client does not go through blocks one by one, so the three numbers are one: that of the
 * newest verified block, 0x0 while it is unknown. Where the client stands is in the other members.
 */
json_t *ht_eth_syncing_json(const struct ht_eth *eth) {
    struct ht_why reason = {0};
    enum ht_sync_state state = ht_sync_state(eth->sync, &reason);
    if (state == HT_SYNC_LIVE) return json_false();
    const struct ht_sync_view *view = ht_sync_view(eth->sync);
    bool has_number = view->has_store && view->optimistic.has_block_number;
    uint64_t number = has_number ? view->optimistic.block_number : 0;
    uint64_t slot = view->has_store ? view->optimistic.beacon.slot : 0;
    return json_pack("{s:o, s:o, s:o, s:s, s:s, s:s*, s:o}", "startingBlock",
                     ht_eth_quantity(number), "currentBlock", ht_eth_quantity(number),
                     "highestBlock", ht_eth_quantity(number), "state", ht_sync_state_name(state),
                     "code", reason.code, "reason", reason.text, "headSlot", ht_eth_quantity(slot));
}

static enum ht_err eth_syncing(void *self, json_t **result, const json_t *params,
                               struct ht_why *why) {
    enum ht_err err = ht_eth_take_params(params, 0, 0, why);
    return err != HT_OK ? err : done(result, ht_eth_syncing_json(self), why);
}

/* The node holds no keys that could sign for others. */
static enum ht_err eth_accounts(void *self, json_t **result, const json_t *params,
                                struct ht_why *why) {
    (void)self;
    enum ht_err err = ht_eth_take_params(params, 0, 0, why);
    return err != HT_OK ? err : done(result, json_array(), why);
}

static enum ht_err pending_not_proven(void *self, json_t **result, const json_t *params,
                                      struct ht_why *why) {
    (void)self;
    (void)result;
    (void)params;
    return ht_fail(why, HT_EDENIED, HT_RPC_NOT_PROVEN, "what waits in a mempool cannot be proven");
}

static const struct ht_rpc_method methods[] = {
    {.name = "web3_clientVersion", .fn = web3_client_version},
    {.name = "net_version", .fn = net_version},
    {.name = "net_listening", .fn = net_listening},
    {.name = "eth_chainId", .fn = eth_chain_id},
    {.name = "eth_blockNumber", .start = eth_block_number},
    {.name = "eth_syncing", .fn = eth_syncing},
    {.name = "eth_getBalance", .start = ht_eth_get_balance},
    {.name = "eth_getCode", .start = ht_eth_get_code},
    {.name = "eth_getStorageAt", .start = ht_eth_get_storage_at},
    {.name = "eth_getStorageValues", .start = ht_eth_get_storage_values},
    {.name = "eth_getProof", .start = ht_eth_get_proof},
    {.name = "eth_getTransactionCount", .start = ht_eth_get_transaction_count},
    {.name = "eth_getBlockByNumber", .start = ht_eth_get_block},
    {.name = "eth_getBlockByHash", .start = ht_eth_get_block_by_hash},
    {.name = "eth_getHeaderByNumber", .start = ht_eth_get_header},
    {.name = "eth_getHeaderByHash", .start = ht_eth_get_header_by_hash},
    {.name = "eth_getBlockReceipts", .start = ht_eth_get_block_receipts},
    {.name = "eth_getBlockTransactionCountByHash", .start = ht_eth_get_transaction_count_by_hash},
    {.name = "eth_getBlockTransactionCountByNumber",
     .start = ht_eth_get_transaction_count_of_block},
    {.name = "eth_getUncleCountByBlockHash", .start = ht_eth_get_uncle_count_by_hash},
    {.name = "eth_getUncleCountByBlockNumber", .start = ht_eth_get_uncle_count},
    {.name = "eth_getTransactionByHash", .start = ht_eth_get_transaction},
    {.name = "eth_getTransactionByBlockHashAndIndex", .start = ht_eth_get_transaction_at_hash},
    {.name = "eth_getTransactionByBlockNumberAndIndex", .start = ht_eth_get_transaction_at},
    {.name = "eth_getTransactionReceipt", .start = ht_eth_get_receipt},
    {.name = "eth_getLogs", .start = ht_eth_get_logs},
    {.name = "eth_newFilter", .start = ht_eth_new_filter},
    {.name = "eth_newBlockFilter", .start = ht_eth_new_block_filter},
    {.name = "eth_newPendingTransactionFilter", .fn = pending_not_proven},
    {.name = "eth_getFilterChanges", .start = ht_eth_get_filter_changes},
    {.name = "eth_getFilterLogs", .start = ht_eth_get_filter_logs},
    {.name = "eth_uninstallFilter", .start = ht_eth_uninstall_filter},
    {.name = "eth_subscribe", .start = ht_eth_subscribe},
    {.name = "eth_unsubscribe", .start = ht_eth_unsubscribe},
    {.name = "eth_gasPrice", .start = ht_eth_gas_price},
    {.name = "eth_maxPriorityFeePerGas", .start = ht_eth_max_priority_fee},
    {.name = "eth_feeHistory", .start = ht_eth_fee_history},
    {.name = "eth_blobBaseFee", .start = ht_eth_blob_base_fee},
    {.name = "eth_sendRawTransaction", .start = ht_eth_send_raw_transaction},
    {.name = "eth_call", .start = ht_eth_call},
    {.name = "eth_estimateGas", .start = ht_eth_estimate_gas},
    {.name = "eth_createAccessList", .start = ht_eth_create_access_list},
    {.name = "eth_simulateV1", .start = ht_eth_simulate_v1},
    {.name = "debug_getRawHeader", .start = ht_eth_get_raw_header},
    {.name = "debug_getRawBlock", .start = ht_eth_get_raw_block},
    {.name = "debug_getRawReceipts", .start = ht_eth_get_raw_receipts},
    {.name = "debug_getRawTransaction", .start = ht_eth_get_raw_transaction},
};

static const struct ht_rpc_method keyless[] = {
    {.name = "eth_accounts", .fn = eth_accounts},
};

enum ht_err ht_eth_add_keyless(struct ht_rpc *rpc, struct ht_eth *eth) {
    enum ht_err err = ht_rpc_add_methods(rpc, keyless, sizeof keyless / sizeof *keyless, eth);
    return err == HT_EBUG ? HT_OK : err; /* a module has it */
}

enum ht_err ht_eth_add(struct ht_rpc *rpc, struct ht_eth *eth) {
    enum ht_err err = ht_rpc_add_methods(rpc, methods, sizeof methods / sizeof *methods, eth);
    if (err == HT_OK) err = ht_eth_forward_add(rpc, eth);
    return err;
}

void ht_eth_fini(struct ht_eth *eth) {
    ht_eth_filters_free(eth);
    ht_eth_subscriptions_free(eth);
    ht_eth_forward_free(eth);
}

void ht_eth_on_status(struct ht_eth *eth) {
    ht_eth_tell_syncing(eth);
}
