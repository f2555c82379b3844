/* Ethereum's methods. This file knows their names, parameters and the shapes of results; what is
 * true it takes from the light client. */
#include "node/api/eth.h"

#include <inttypes.h>
#include <stdio.h>

#include "node/api/eth_state.h"
#include "node/l1/status.h"

static enum ht_err done(json_t **result, json_t *made, struct ht_why *why) {
    if (made == NULL) return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
    *result = made;
    return HT_OK;
}

/* A QUANTITY of EIP-1474: no leading zeros. */
static json_t *make_quantity(uint64_t number) {
    char text[24];
    (void)snprintf(text, sizeof text, "0x%" PRIx64, number);
    return json_string(text);
}

static enum ht_err take_no_params(const json_t *params, struct ht_why *why) {
    if (json_array_size(params) == 0 && json_object_size(params) == 0) return HT_OK;
    return ht_fail(why, HT_EINPUT, "too_many_params", "this method takes no parameters");
}

static enum ht_err web3_client_version(void *self, json_t **result, const json_t *params,
                                       struct ht_why *why) {
    const struct ht_eth *eth = self;
    enum ht_err err = take_no_params(params, why);
    if (err != HT_OK) return err;
    return done(result, json_sprintf("Hearth/v%s/linux/c", eth->version), why);
}

static enum ht_err net_version(void *self, json_t **result, const json_t *params,
                               struct ht_why *why) {
    const struct ht_eth *eth = self;
    enum ht_err err = take_no_params(params, why);
    if (err != HT_OK) return err;
    char text[24];
    (void)snprintf(text, sizeof text, "%" PRIu64, ht_sync_network(eth->sync)->chain_id);
    return done(result, json_string(text), why);
}

/* Nobody of Ethereum's peer-to-peer network can connect to a light client. */
static enum ht_err net_listening(void *self, json_t **result, const json_t *params,
                                 struct ht_why *why) {
    (void)self;
    enum ht_err err = take_no_params(params, why);
    return err != HT_OK ? err : done(result, json_false(), why);
}

static enum ht_err eth_chain_id(void *self, json_t **result, const json_t *params,
                                struct ht_why *why) {
    const struct ht_eth *eth = self;
    enum ht_err err = take_no_params(params, why);
    if (err != HT_OK) return err;
    return done(result, make_quantity(ht_sync_network(eth->sync)->chain_id), why);
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

static enum ht_err eth_block_number(void *self, json_t **result, const json_t *params,
                                    struct ht_why *why) {
    const struct ht_header_verified *head = NULL;
    enum ht_err err = take_no_params(params, why);
    if (err == HT_OK) err = read_head(self, &head, why);
    if (err != HT_OK) return err;
    if (!head->has_block_number) {
        return ht_fail(why, HT_ESTALE, "no_block_number",
                       "the verified head does not tell its block's number in this fork");
    }
    return done(result, make_quantity(head->block_number), why);
}

/* A light client does not go through blocks one by one, so the three numbers are one: that of the
 * newest verified block, 0x0 while it is unknown. Where the client stands is in the other members.
 */
static enum ht_err eth_syncing(void *self, json_t **result, const json_t *params,
                               struct ht_why *why) {
    const struct ht_eth *eth = self;
    struct ht_why reason = {0};
    enum ht_err err = take_no_params(params, why);
    if (err != HT_OK) return err;
    enum ht_sync_state state = ht_sync_state(eth->sync, &reason);
    if (state == HT_SYNC_LIVE) return done(result, json_false(), why);
    const struct ht_sync_view *view = ht_sync_view(eth->sync);
    bool has_number = view->has_store && view->optimistic.has_block_number;
    uint64_t number = has_number ? view->optimistic.block_number : 0;
    uint64_t slot = view->has_store ? view->optimistic.beacon.slot : 0;
    return done(result,
                json_pack("{s:o, s:o, s:o, s:s, s:s, s:s*, s:o}", "startingBlock",
                          make_quantity(number), "currentBlock", make_quantity(number),
                          "highestBlock", make_quantity(number), "state", ht_sync_state_name(state),
                          "code", reason.code, "reason", reason.text, "headSlot",
                          make_quantity(slot)),
                why);
}

/* The node holds no keys that could sign for others. */
static enum ht_err eth_accounts(void *self, json_t **result, const json_t *params,
                                struct ht_why *why) {
    (void)self;
    enum ht_err err = take_no_params(params, why);
    return err != HT_OK ? err : done(result, json_array(), why);
}

static enum ht_err not_proven(void *self, json_t **result, const json_t *params,
                              struct ht_why *why) {
    (void)self;
    (void)result;
    (void)params;
    return ht_fail(
        why, HT_EDENIED, HT_RPC_NOT_PROVEN,
        "method not supported: Hearth answers only what it can prove, and this it cannot "
        "prove yet");
}

static const struct ht_rpc_method methods[] = {
    {.name = "web3_clientVersion", .fn = web3_client_version},
    {.name = "net_version", .fn = net_version},
    {.name = "net_listening", .fn = net_listening},
    {.name = "eth_chainId", .fn = eth_chain_id},
    {.name = "eth_blockNumber", .fn = eth_block_number},
    {.name = "eth_syncing", .fn = eth_syncing},
    {.name = "eth_accounts", .fn = eth_accounts},
    {.name = "eth_getBalance", .start = ht_eth_get_balance},
    {.name = "eth_getCode", .start = ht_eth_get_code},
    {.name = "eth_getStorageAt", .start = ht_eth_get_storage_at},
    {.name = "eth_getStorageValues", .fn = not_proven},
    {.name = "eth_getProof", .fn = not_proven},
    {.name = "eth_getTransactionCount", .start = ht_eth_get_transaction_count},
    {.name = "eth_getBlockByNumber", .fn = not_proven},
    {.name = "eth_getBlockByHash", .fn = not_proven},
    {.name = "eth_getHeaderByNumber", .fn = not_proven},
    {.name = "eth_getHeaderByHash", .fn = not_proven},
    {.name = "eth_getBlockReceipts", .fn = not_proven},
    {.name = "eth_getBlockTransactionCountByHash", .fn = not_proven},
    {.name = "eth_getBlockTransactionCountByNumber", .fn = not_proven},
    {.name = "eth_getUncleCountByBlockHash", .fn = not_proven},
    {.name = "eth_getUncleCountByBlockNumber", .fn = not_proven},
    {.name = "eth_getTransactionByHash", .fn = not_proven},
    {.name = "eth_getTransactionByBlockHashAndIndex", .fn = not_proven},
    {.name = "eth_getTransactionByBlockNumberAndIndex", .fn = not_proven},
    {.name = "eth_getTransactionReceipt", .fn = not_proven},
    {.name = "eth_getLogs", .fn = not_proven},
    {.name = "eth_newFilter", .fn = not_proven},
    {.name = "eth_newBlockFilter", .fn = not_proven},
    {.name = "eth_newPendingTransactionFilter", .fn = not_proven},
    {.name = "eth_getFilterChanges", .fn = not_proven},
    {.name = "eth_getFilterLogs", .fn = not_proven},
    {.name = "eth_uninstallFilter", .fn = not_proven},
    {.name = "eth_subscribe", .fn = not_proven},
    {.name = "eth_unsubscribe", .fn = not_proven},
    {.name = "eth_call", .fn = not_proven},
    {.name = "eth_estimateGas", .fn = not_proven},
    {.name = "eth_createAccessList", .fn = not_proven},
    {.name = "eth_simulateV1", .fn = not_proven},
    {.name = "eth_gasPrice", .fn = not_proven},
    {.name = "eth_maxPriorityFeePerGas", .fn = not_proven},
    {.name = "eth_feeHistory", .fn = not_proven},
    {.name = "eth_blobBaseFee", .fn = not_proven},
    {.name = "eth_sendRawTransaction", .fn = not_proven},
};

enum ht_err ht_eth_add(struct ht_rpc *rpc, struct ht_eth *eth) {
    return ht_rpc_add_methods(rpc, methods, sizeof methods / sizeof *methods, eth);
}
