/* Proposals: nonce, gas and fees put in, costs checked, all of it explained. No I/O of its own. */
#include "identity/wallet/send_propose.h"

#include <stdlib.h>

#include "identity/keys/accounts.h"
#include "identity/wallet/tokens.h"
#include "node/base/hex.h"
#include "node/codec/json.h"

char *ht_send_hex(ht_bytes bytes) {
    char *text = malloc(HT_HEX_SIZE(bytes.n));
    if (text != NULL) ht_hex_write(text, bytes);
    return text;
}

/* Whether a transaction under way, or one that a block may still lose, has that nonce. */
static bool is_used(const json_t *list, const char *from, uint64_t nonce) {
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *item = json_array_get(list, i);
        uint64_t its = 0;
        const char *sender = NULL, *state = NULL;
        bool is_read = ht_json_u64(&its, item, "nonce", NULL) == HT_OK &&
                       ht_json_text(&sender, item, "from", NULL) == HT_OK &&
                       ht_json_text(&state, item, "state", NULL) == HT_OK;
        if (!is_read || its != nonce || strcmp(sender, from) != 0) continue;
        if (strcmp(state, "replaced") != 0) return true;
    }
    return false;
}

enum ht_err ht_send_next_nonce(uint64_t *out, const struct ht_identity *identity,
                               const ht_addr20 *from, uint64_t proven, struct ht_why *why) {
    json_t *outbox = NULL;
    enum ht_err err = ht_outbox_json(identity->host->outbox, &outbox, why);
    if (err != HT_OK) return err;
    char sender[HT_HEX_SIZE(20)];
    ht_hex_write(sender, HT_BYTES(from->b));
    const json_t *list = ht_json_member(outbox, "transactions");
    uint64_t nonce = proven;
    while (is_used(list, sender, nonce)) nonce++;
    json_decref(outbox);
    *out = nonce;
    return HT_OK;
}

enum ht_err ht_send_set_nonce(struct ht_transaction *tx, bool is_given,
                              const struct ht_gather *gather, struct ht_why *why) {
    if (!is_given) {
        return ht_send_next_nonce(&tx->nonce, gather->identity, &gather->from, gather->nonce, why);
    }
    if (tx->nonce >= gather->nonce) return HT_OK;
    return ht_fail(why, HT_EDENIED, "nonce_too_low", "the account's next nonce is %llu",
                   (unsigned long long)gather->nonce);
}

enum ht_err ht_send_check_cost(const struct ht_transaction *tx, const struct ht_gather *gather,
                               struct ht_why *why) {
    ht_u256 cost;
    enum ht_err err = ht_tx_cost_max(&cost, tx, why);
    if (err != HT_OK || ht_u256_compare(&cost, &gather->balance) <= 0) return err;
    char have[HT_U256_DECIMAL_SIZE], want[HT_U256_DECIMAL_SIZE];
    (void)ht_u256_to_decimal(have, &gather->balance);
    (void)ht_u256_to_decimal(want, &cost);
    return ht_fail(why, HT_EDENIED, "insufficient_funds",
                   "the account has %s wei and this may cost %s", have, want);
}

enum ht_err ht_send_complete(struct ht_draft *draft, const struct ht_gather *gather,
                             struct ht_why *why) {
    struct ht_transaction *tx = &draft->tx;
    enum ht_err err = ht_send_set_nonce(tx, draft->has_nonce, gather, why);
    if (err == HT_OK) err = ht_draft_set_gas(draft, gather->to_has_code, why);
    if (err == HT_OK)
        err = ht_draft_set_fees(tx, &draft->fees, &gather->base_fee, &gather->tip, why);
    return err == HT_OK ? ht_send_check_cost(tx, gather, why) : err;
}

void ht_send_context(struct ht_explain_context *out, const struct ht_identity *identity,
                     const char *origin, const ht_addr20 *account) {
    const struct ht_network *network = identity->host->network;
    *out = (struct ht_explain_context){.chain_id = network->chain_id,
                                       .network = network->name,
                                       .origin = origin != NULL ? origin : "",
                                       .is_own = origin == NULL,
                                       .account = *account};
}

enum ht_err ht_send_explain(struct ht_buf *payload, json_t **explain,
                            const struct ht_transaction *tx, const struct ht_gather *gather,
                            const char *origin, struct ht_why *why) {
    const struct ht_identity *identity = gather->identity;
    struct ht_explain_context context;
    ht_send_context(&context, identity, origin, &gather->from);
    context.has_balance = true;
    context.balance = gather->balance;
    if (!tx->is_creation) {
        context.has_recipient = true;
        context.recipient_exists = gather->to_exists;
        context.recipient_has_code = gather->to_has_code;
        context.recipient_is_ours = ht_accounts_find(identity, &tx->to) != NULL;
        const struct ht_token_info *token = ht_tokens_find(identity, &tx->to);
        context.token_symbol = token != NULL ? token->symbol : NULL;
        context.token_decimals = token != NULL ? token->decimals : 0;
    }
    enum ht_err err = ht_tx_encode_unsigned(payload, tx);
    if (err != HT_OK)
        return ht_fail(why, err, err == HT_ENOMEM ? "no_memory" : "tx_too_large",
                       "the transaction cannot be encoded");
    return ht_explain_transaction(explain, &context, ht_buf_view(payload), why);
}
