/* Sending transactions. */
#include "node/api/eth_send.h"

#include <stdlib.h>

#include "node/api/eth_params.h"
#include "node/codec/json.h"
#include "node/l1/execution/rpc_json.h"

#define REJECTED (-32003) /* EIP-1474 */

struct send_call {
    struct ht_send send;
    struct ht_rpc_call *call;
};

/* Wallets tell these cases apart by words alone, those of the client most of them grew up with. */
static const char *common_words(const char *code) {
    static const struct {
        const char *code;
        const char *words;
    } table[] = {
        {"nonce_too_low", "nonce too low"},
        {"insufficient_funds", "insufficient funds for gas * price + value"},
        {"fee_too_low", "max fee per gas less than block base fee"},
        {"tx_gas_too_low", "intrinsic gas too low"},
        {"tx_gas_over_cap", "exceeds maximum gas limit per transaction"},
        {"tx_type_too_new", "transaction type not supported"},
        {"tx_wrong_chain", "invalid chain id for signer"},
        {"tx_nonce_too_high", "nonce has max value"},
        {"tx_init_code", "max initcode size exceeded"},
        {"tx_fee_inconsistent", "max priority fee per gas higher than max fee per gas"},
        {"outbox_full", "txpool is full"},
    };
    for (size_t i = 0; code != NULL && i < sizeof table / sizeof *table; i++) {
        if (strcmp(table[i].code, code) == 0) return table[i].words;
    }
    return NULL;
}

static void refuse(struct ht_rpc_call *call, enum ht_err err, struct ht_why *why) {
    const char *words = common_words(why->code);
    if (words != NULL) ht_why_context(why, "%s", words);
    const struct ht_rpc_refusal refusal = {
        .err = err, .why = why, .number = err == HT_EDENIED ? REJECTED : 0};
    ht_rpc_refuse_with(call, &refusal);
}

static void on_sent(struct ht_send *send) {
    struct send_call *waiting = (struct send_call *)send;
    json_t *hash = send->err == HT_OK ? ht_rpc_data(HT_BYTES(send->hash.b)) : NULL;
    if (hash != NULL) {
        ht_rpc_finish(waiting->call, hash);
    } else {
        enum ht_err err = send->err != HT_OK ? send->err : ht_eth_no_memory(&send->why);
        refuse(waiting->call, err, &send->why);
    }
    free(waiting);
}

void ht_eth_send_raw_transaction(void *self, struct ht_rpc_call *call, const json_t *params) {
    const struct ht_eth *eth = self;
    struct ht_why why = {0};
    struct ht_buf raw;
    ht_buf_init(&raw, HT_RPC_ETHEREUM_REQUEST_MAX / 2);
    struct send_call *waiting = calloc(1, sizeof *waiting);
    enum ht_err err = waiting != NULL ? HT_OK : ht_eth_no_memory(&why);
    if (err == HT_OK) err = ht_eth_take_params(params, 1, 1, &why);
    if (err == HT_OK) err = ht_json_hex_buf(&raw, params, "[0]", &why);
    if (err == HT_OK) err = ht_eth_check_live(eth, &why);
    if (err == HT_OK && eth->outbox == NULL) err = ht_eth_no_service(&why);
    if (err != HT_OK) {
        ht_rpc_refuse(call, err, &why);
        free(waiting);
    } else {
        waiting->call = call;
        waiting->send.raw = ht_buf_view(&raw);
        waiting->send.done = on_sent;
        ht_outbox_send(eth->outbox, &waiting->send);
    }
    ht_buf_fini(&raw);
}
