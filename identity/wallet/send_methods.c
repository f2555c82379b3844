/* wallet.prepare, wallet.send and their like, and what became of what was sent. */
#include "identity/wallet/send_methods.h"

#include <stdlib.h>

#include "identity/keys/accounts.h"
#include "identity/wallet/send_amend.h"
#include "identity/wallet/send_call.h"
#include "identity/wallet/send_draft_json.h"
#include "identity/wallet/send_propose.h"
#include "node/base/hex.h"
#include "node/codec/address.h"
#include "node/codec/json.h"

#define ARENA_MAX ((size_t)1 << 20)

/* --- wallet.prepare --------------------------------------------------------------------------- */

struct preparation {
    struct ht_gather gather;
    struct ht_rpc_call *call;
    struct ht_draft draft;
};

static json_t *decimal(const ht_u256 *value) {
    char text[HT_U256_DECIMAL_SIZE];
    (void)ht_u256_to_decimal(text, value);
    return json_string(text);
}

static json_t *fees_json(const struct ht_transaction *tx, const struct ht_gather *gather) {
    bool has_price = tx->type == HT_TX_LEGACY || tx->type == HT_TX_ACCESS_LIST;
    if (has_price) {
        return json_pack("{s:o, s:o}", "gasPrice", decimal(&tx->gas_price), "baseFeePerGas",
                         decimal(&gather->base_fee));
    }
    return json_pack("{s:o, s:o, s:o}", "maxFeePerGas", decimal(&tx->max_fee_per_gas),
                     "maxPriorityFeePerGas", decimal(&tx->max_priority_fee_per_gas),
                     "baseFeePerGas", decimal(&gather->base_fee));
}

/* Takes explain over. */
static json_t *prepared_json(const struct preparation *made, json_t *explain) {
    const struct ht_transaction *tx = &made->draft.tx;
    ht_u256 cost = ht_u256_of(0);
    (void)!ht_tx_cost_max(&cost, tx, NULL);
    return json_pack("{s:o, s:o, s:{s:I, s:b}, s:o, s:o, s:o, s:o}", "transaction",
                     ht_draft_json(tx, &made->gather.from), "fees", fees_json(tx, &made->gather),
                     "gas", "limit", (json_int_t)tx->gas_limit, "is_guess",
                     made->draft.is_gas_guess, "cost_max", decimal(&cost), "balance",
                     decimal(&made->gather.balance), "explain", explain, "provenance",
                     ht_gather_provenance_json(&made->gather));
}

static void on_prepared(struct ht_gather *gather) {
    struct preparation *made = (struct preparation *)gather;
    struct ht_why why = gather->why;
    json_t *explain = NULL;
    struct ht_buf payload;
    ht_buf_init(&payload, HT_QUEUE_PAYLOAD_MAX);
    enum ht_err err = gather->err;
    if (err == HT_OK) err = ht_send_complete(&made->draft, gather, &why);
    if (err == HT_OK)
        err = ht_send_explain(&payload, &explain, &made->draft.tx, gather, NULL, &why);
    if (err == HT_OK) {
        ht_rpc_finish(made->call, prepared_json(made, explain));
    } else {
        ht_rpc_refuse(made->call, err, &why);
    }
    ht_buf_fini(&payload);
    ht_draft_fini(&made->draft);
    free(made);
}

static void prepare(void *self, struct ht_rpc_call *call, const json_t *params) {
    const struct ht_identity *identity = self;
    struct ht_why why = {0};
    struct preparation *made = calloc(1, sizeof *made);
    if (made == NULL) {
        ht_rpc_refuse(call, HT_ENOMEM, NULL);
        return;
    }
    made->call = call;
    struct ht_gather *gather = &made->gather;
    enum ht_err err = ht_json_hex(gather->from.b, sizeof gather->from.b, params, "from", &why);
    if (err == HT_OK && ht_accounts_find(identity, &gather->from) == NULL)
        err = ht_fail(&why, HT_ENOTFOUND, "no_such_account", "the wallet has no such account");
    if (err == HT_OK) {
        err = ht_draft_read(&made->draft, params, HT_DRAFT_OWN, identity->host->network->chain_id,
                            &why);
    }
    if (err != HT_OK) {
        ht_rpc_refuse(call, err, &why);
        ht_draft_fini(&made->draft);
        free(made);
        return;
    }
    gather->identity = identity;
    gather->has_to = !made->draft.tx.is_creation;
    gather->to = made->draft.tx.to;
    gather->done = on_prepared;
    ht_gather(gather);
}

/* --- sending ---------------------------------------------------------------------------------- */

static void send_transaction(struct ht_identity *identity, struct ht_rpc_call *call,
                             const json_t *params) {
    struct ht_why why = {0};
    struct ht_sign_options options = {
        .kind = HT_SIGN_TRANSACTION, .params = params, .is_own_form = true, .sends = true};
    ht_addr20 *account = &options.account;
    enum ht_err err = ht_json_hex(account->b, sizeof account->b, params, "from", &why);
    if (err != HT_OK) {
        ht_rpc_refuse(call, err, &why);
    } else {
        ht_sign_for_call(identity, call, "hash", &options);
    }
}

static void wallet_send(void *self, struct ht_rpc_call *call, const json_t *params) {
    send_transaction(self, call, params);
}

/* An eighth more, and one: nodes want a tenth. At most 2^256 - 1. */
static json_t *raised(const ht_u256 *fee) {
    ht_u256 more, one = ht_u256_of(1);
    ht_u256_shift_right(&more, fee, 3);
    ht_u256_add(&more, &more, &one);
    if (ht_u256_add_overflow(&more, &more, fee)) memset(&more, 0xff, sizeof more);
    return decimal(&more);
}

static json_t *raised_fees(const struct ht_transaction *tx) {
    bool has_price = tx->type == HT_TX_LEGACY || tx->type == HT_TX_ACCESS_LIST;
    if (has_price) return json_pack("{s:o}", "leastGasPrice", raised(&tx->gas_price));
    return json_pack("{s:o, s:o}", "leastMaxFeePerGas", raised(&tx->max_fee_per_gas),
                     "leastMaxPriorityFeePerGas", raised(&tx->max_priority_fee_per_gas));
}

/* The same once more with higher fees; or nothing, to oneself, in its place. A cancellation is as
 * small as it can be, so what it has no use for is left out. */
static json_t *replacement(const struct ht_transaction *tx, const ht_addr20 *from, bool cancels) {
    json_t *object = ht_draft_json(tx, from);
    if (object == NULL) return NULL;
    (void)json_object_del(object, "gasPrice");
    (void)json_object_del(object, "maxFeePerGas");
    (void)json_object_del(object, "maxPriorityFeePerGas");
    int failed = 0;
    if (cancels) {
        static const char *const left_out[] = {"input", "gas", "accessList", "authorizationList"};
        for (size_t i = 0; i < sizeof left_out / sizeof *left_out; i++)
            (void)json_object_del(object, left_out[i]);
        failed |= json_object_set(object, "to", json_object_get(object, "from"));
        failed |= json_object_set_new(object, "value", json_string("0x0"));
        if (tx->type == HT_TX_SET_CODE)
            failed |= json_object_set_new(object, "type", json_string("0x2"));
    }
    failed |= json_object_set_new(object, "fees", raised_fees(tx));
    if (failed == 0) return object;
    json_decref(object);
    return NULL;
}

/* HT_OK when nobody has seen it in a block. */
static enum ht_err check_open(const struct ht_identity *identity, const char *hash,
                              struct ht_why *why) {
    json_t *outbox = NULL;
    enum ht_err err = ht_outbox_json(identity->host->outbox, &outbox, why);
    if (err != HT_OK) return err;
    const json_t *list = ht_json_member(outbox, "transactions");
    err = ht_fail(why, HT_EINPUT, "tx_settled", "what is in a block cannot be replaced");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *item = json_array_get(list, i);
        const char *its = NULL, *state = NULL;
        if (ht_json_text(&its, item, "hash", NULL) != HT_OK || strcmp(its, hash) != 0) continue;
        if (ht_json_text(&state, item, "state", NULL) == HT_OK && strcmp(state, "sent") == 0)
            err = HT_OK;
    }
    json_decref(outbox);
    return err;
}

static enum ht_err make_replacement(json_t **out, const struct ht_identity *identity,
                                    const json_t *params, bool cancels, struct ht_why *why) {
    ht_hash32 hash;
    ht_bytes raw;
    enum ht_err err = ht_json_hex(hash.b, sizeof hash.b, params, "hash", why);
    if (err == HT_OK) err = ht_outbox_raw(identity->host->outbox, &raw, &hash, why);
    if (err != HT_OK) return err;
    char text[HT_HEX_SIZE(32)];
    ht_hex_write(text, HT_BYTES(hash.b));
    struct ht_transaction tx;
    ht_addr20 sender;
    struct ht_arena arena;
    ht_arena_init(&arena, ARENA_MAX);
    err = check_open(identity, text, why);
    if (err == HT_OK) err = ht_tx_decode(&tx, &arena, raw, HT_TX_NETWORK_FORM_STRIP, why);
    if (err == HT_OK && tx.type == HT_TX_BLOB) {
        err = ht_fail(why, HT_EDENIED, "blobs_unsupported",
                      "transactions with blobs are not signed here");
    }
    if (err == HT_OK) err = ht_tx_sender(&sender, &tx, HT_ECDSA_LOW_S, why);
    if (err == HT_OK) {
        *out = replacement(&tx, &sender, cancels);
        if (*out == NULL) err = ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
    }
    ht_arena_fini(&arena);
    return err;
}

static void replace(struct ht_identity *identity, struct ht_rpc_call *call, const json_t *params,
                    bool cancels) {
    struct ht_why why = {0};
    json_t *object = NULL;
    enum ht_err err = make_replacement(&object, identity, params, cancels, &why);
    if (err != HT_OK) {
        ht_rpc_refuse(call, err, &why);
        return;
    }
    send_transaction(identity, call, object);
    json_decref(object);
}

static void speed_up(void *self, struct ht_rpc_call *call, const json_t *params) {
    replace(self, call, params, false);
}

static void cancel(void *self, struct ht_rpc_call *call, const json_t *params) {
    replace(self, call, params, true);
}

/* --- signing ---------------------------------------------------------------------------------- */

static void sign_text(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_why why = {0};
    struct ht_sign_options options = {.kind = HT_SIGN_MESSAGE};
    ht_addr20 *account = &options.account;
    enum ht_err err = ht_json_hex(account->b, sizeof account->b, params, "account", &why);
    if (err == HT_OK) err = ht_json_str(&options.message, params, "text", &why);
    if (err != HT_OK) {
        ht_rpc_refuse(call, err, &why);
    } else {
        ht_sign_for_call(self, call, "signature", &options);
    }
}

static void sign_typed(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_why why = {0};
    struct ht_sign_options options = {.kind = HT_SIGN_TYPED};
    ht_addr20 *account = &options.account;
    enum ht_err err = ht_json_hex(account->b, sizeof account->b, params, "account", &why);
    if (err == HT_OK) err = ht_json_get(&options.params, params, "document", &why);
    if (err != HT_OK) {
        ht_rpc_refuse(call, err, &why);
    } else {
        ht_sign_for_call(self, call, "signature", &options);
    }
}

/* --- wallet.activity -------------------------------------------------------------------------- */

/* False for one of somebody else's, which was only sent through this node. */
static bool add_ours(const struct ht_identity *identity, json_t *item) {
    ht_addr20 from;
    uint64_t number = 0;
    if (ht_json_hex(from.b, sizeof from.b, item, "from", NULL) != HT_OK) return false;
    const struct ht_account_info *account = ht_accounts_find(identity, &from);
    if (account == NULL) return false;
    const struct ht_exec_header_verified *head = ht_chain_head(identity->host->chain);
    bool has_block = ht_json_u64(&number, item, "block.number", NULL) == HT_OK;
    bool is_under = has_block && head != NULL && number <= head->header.number;
    uint64_t confirmations = is_under ? head->header.number - number + 1 : 0;
    const char *state = json_string_value(json_object_get(item, "state"));
    bool is_sent = state != NULL && strcmp(state, "sent") == 0;
    bool can_replace = is_sent && account->kind != HT_ACCOUNT_WATCH;
    ht_addr20 to;
    int failed = 0;
    if (ht_json_hex(to.b, sizeof to.b, item, "to", NULL) == HT_OK)
        failed |= json_object_set_new(item, "to", ht_address_json(&to));
    failed |= json_object_set_new(item, "account", json_integer((json_int_t)account->id));
    failed |= json_object_set_new(item, "confirmations", json_integer((json_int_t)confirmations));
    failed |= json_object_set_new(item, "can_replace", json_boolean(can_replace));
    return failed == 0;
}

enum ht_err ht_activity_json(void *self, json_t **out, struct ht_why *why) {
    const struct ht_identity *identity = self;
    json_t *topic = NULL;
    enum ht_err err = ht_outbox_json(identity->host->outbox, &topic, why);
    if (err != HT_OK) return err;
    json_t *list = json_object_get(topic, "transactions");
    for (size_t i = json_array_size(list); i-- > 0;) {
        if (!add_ours(identity, json_array_get(list, i))) (void)json_array_remove(list, i);
    }
    *out = topic;
    return HT_OK;
}

static const struct ht_rpc_method methods[] = {
    {.name = "wallet.prepare", .start = prepare},
    {.name = "wallet.send", .start = wallet_send, .is_patient = true},
    {.name = "wallet.amend", .start = ht_send_amend},
    {.name = "wallet.speed_up", .start = speed_up, .is_patient = true},
    {.name = "wallet.cancel", .start = cancel, .is_patient = true},
    {.name = "wallet.sign_text", .start = sign_text, .is_patient = true},
    {.name = "wallet.sign_typed", .start = sign_typed, .is_patient = true},
};
const struct ht_identity_methods ht_send_methods = {methods, sizeof methods / sizeof *methods};
