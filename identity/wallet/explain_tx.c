/* Transactions: who gets what, on which chain, at what cost, and what is unusual about it. The data
 * of a call is for explain_call.c. */
#include "identity/wallet/explain_tx.h"

#include <stdio.h>

#include "identity/wallet/explain_call.h"
#include "identity/wallet/unsigned_tx.h"
#include "node/codec/address.h"

#define ARENA_MAX ((size_t)4 << 20)
#define ETHER_DECIMALS 18U
#define GWEI_DECIMALS 9U

static void add_fee_rows(struct ht_explanation *explanation, const struct ht_transaction *tx) {
    char text[HT_AMOUNT_SIZE];
    ht_u256 cost = {{0}};
    struct ht_transaction no_value = *tx;
    bool is_old = tx->type == HT_TX_LEGACY || tx->type == HT_TX_ACCESS_LIST;
    ht_amount_text(text, is_old ? &tx->gas_price : &tx->max_fee_per_gas, GWEI_DECIMALS);
    ht_explain_row(explanation, is_old ? "Gas price" : "Highest gas price", false, "%s gwei", text);
    if (!is_old) {
        ht_amount_text(text, &tx->max_priority_fee_per_gas, GWEI_DECIMALS);
        ht_explain_row(explanation, "Priority fee", false, "%s gwei", text);
    }
    ht_explain_row(explanation, "Gas limit", false, "%llu", (unsigned long long)tx->gas_limit);
    no_value.value = ht_u256_of(0);
    if (ht_tx_cost_max(&cost, &no_value, NULL) != HT_OK) return;
    ht_amount_text(text, &cost, ETHER_DECIMALS);
    ht_explain_row(explanation, "Highest fee", false, "%s ETH", text);
}

static void add_rows(struct ht_explanation *explanation, const struct ht_explain_context *context,
                     const struct ht_transaction *tx) {
    char text[HT_AMOUNT_SIZE];
    ht_explain_row_address(explanation, "From", &context->account);
    if (tx->is_creation)
        ht_explain_row(explanation, "To", false, "a new contract");
    else
        ht_explain_row_address(explanation, "To", &tx->to);
    ht_amount_text(text, &tx->value, ETHER_DECIMALS);
    ht_explain_row(explanation, "Amount", false, "%s ETH", text);
    bool is_ours = tx->has_chain_id && tx->chain_id == context->chain_id;
    if (!tx->has_chain_id)
        ht_explain_row(explanation, "Network", false, "any");
    else
        ht_explain_row(explanation, "Network", false, "%s (chain id %llu)",
                       is_ours && context->network != NULL ? context->network : "another network",
                       (unsigned long long)tx->chain_id);
    add_fee_rows(explanation, tx);
    ht_explain_row(explanation, "Nonce", false, "%llu", (unsigned long long)tx->nonce);
    if (tx->data.n > 0) ht_explain_row(explanation, "Data", false, "%zu bytes", tx->data.n);
}

static void warn_chain(struct ht_explanation *explanation, const struct ht_explain_context *context,
                       const struct ht_transaction *tx) {
    if (!tx->has_chain_id) {
        ht_explain_warn(explanation, HT_WARN_OTHER_CHAIN,
                        "It names no chain: anybody could send it on every chain on which you have "
                        "something.");
    } else if (tx->chain_id != context->chain_id) {
        ht_explain_warn(explanation, HT_WARN_OTHER_CHAIN,
                        "It is for chain id %llu, not for %s (chain id %llu).",
                        (unsigned long long)tx->chain_id,
                        context->network != NULL ? context->network : "this network",
                        (unsigned long long)context->chain_id);
    }
}

static void warn_balance(struct ht_explanation *explanation,
                         const struct ht_explain_context *context,
                         const struct ht_transaction *tx) {
    char text[HT_AMOUNT_SIZE];
    ht_u256 cost = {{0}};
    if (!context->has_balance) return;
    enum ht_err err = ht_tx_cost_max(&cost, tx, NULL);
    if (err == HT_OK && ht_u256_compare(&cost, &context->balance) <= 0) return;
    ht_amount_text(text, &context->balance, ETHER_DECIMALS);
    bool is_value = ht_u256_compare(&tx->value, &context->balance) > 0;
    ht_explain_warn(explanation, HT_WARN_OVER_BALANCE,
                    "%s more than the %s ETH that the account has.",
                    is_value ? "The amount is" : "Amount and highest fee together are", text);
}

static void warn_recipient(struct ht_explanation *explanation,
                           const struct ht_explain_context *context,
                           const struct ht_transaction *tx) {
    bool is_own = memcmp(tx->to.b, context->account.b, sizeof tx->to.b) == 0;
    bool has_value = !ht_u256_is_zero(&tx->value);
    if (is_own || (context->has_recipient && context->recipient_is_ours)) {
        ht_explain_warn(explanation, HT_WARN_OWN_ADDRESS, "The recipient is %s.",
                        is_own ? "this account itself" : "another account of yours");
    }
    if (!context->has_recipient || is_own) return;
    if (!context->recipient_exists) {
        ht_explain_warn(explanation, HT_WARN_NO_HISTORY,
                        "The recipient has never been used on this network. Check the address.");
    }
    if (tx->data.n > 0 && !context->recipient_has_code) {
        ht_explain_warn(explanation, HT_WARN_NO_CODE,
                        "There is no contract at the recipient's address: the data would do "
                        "nothing, and an amount would be gone all the same.");
    }
    if (tx->data.n == 0 && has_value && context->recipient_has_code) {
        ht_explain_warn(explanation, HT_WARN_CONTRACT_RECIPIENT, "The recipient is a contract.");
    }
}

static void explain_authorizations(struct ht_explanation *explanation,
                                   const struct ht_transaction *tx) {
    char address[HT_ADDRESS_TEXT_SIZE];
    explanation->kind = "authorization";
    ht_explain_title(explanation, "Hand over an account to a contract");
    for (size_t i = 0; i < tx->authorization_count && i < 16; i++) {
        const struct ht_tx_authorization *one = &tx->authorization_list[i];
        ht_addr20 authority;
        char who[HT_ADDRESS_TEXT_SIZE] = "an account";
        if (ht_tx_authority(&authority, one, NULL) == HT_OK) ht_address_checksum(who, &authority);
        ht_address_checksum(address, &one->address);
        ht_explain_row(explanation, "Authorization", true, "%s runs the code of %s", who, address);
        if (ht_u256_is_zero(&one->chain_id)) {
            ht_explain_warn(explanation, HT_WARN_AUTHORIZATION_EVERYWHERE,
                            "The authorization of %s holds on every chain.", who);
        }
        ht_explain_warn(explanation, HT_WARN_AUTHORIZATION,
                        "The contract %s would command everything that %s holds, until that is "
                        "taken back.",
                        address, who);
    }
    ht_explain_sentence(explanation,
                        "Lets a contract act as an account and move everything it holds.");
}

enum ht_err ht_explain_action(struct ht_explanation *explanation,
                              const struct ht_explain_context *context,
                              const struct ht_transaction *tx, struct ht_why *why) {
    char amount[HT_AMOUNT_SIZE];
    char to[HT_ADDRESS_TEXT_SIZE];
    bool is_own = !tx->is_creation && memcmp(tx->to.b, context->account.b, sizeof tx->to.b) == 0;
    ht_address_checksum(to, &tx->to);
    ht_amount_text(amount, &tx->value, ETHER_DECIMALS);
    if (!ht_u256_is_zero(&tx->value) && !is_own) {
        ht_explain_leaf(explanation, "ether", NULL, "ETH", ETHER_DECIMALS, &tx->value,
                        tx->is_creation ? "the new contract" : to);
    }
    if (tx->is_creation) {
        explanation->kind = "create";
        ht_explain_title(explanation, "Create a contract");
        ht_explain_sentence(explanation, "Creates a new contract from %zu bytes of code.",
                            tx->data.n);
        ht_explain_warn(explanation, HT_WARN_CREATION,
                        "What the new contract does cannot be told from here.");
        return HT_OK;
    }
    if (tx->data.n > 0) return ht_explain_call(explanation, context, &tx->to, tx->data, why);
    bool is_cancel = is_own && ht_u256_is_zero(&tx->value);
    explanation->kind = is_cancel ? "cancel" : "transfer";
    if (is_cancel) {
        ht_explain_title(explanation, "Cancel a transaction");
        ht_explain_sentence(explanation,
                            "Sends nothing to yourself, which takes the place of an earlier "
                            "transaction with nonce %llu.",
                            (unsigned long long)tx->nonce);
    } else {
        ht_explain_title(explanation, "Send ETH");
        ht_explain_sentence(explanation, "Sends %.160s ETH to %s.", amount, to);
    }
    return HT_OK;
}

enum ht_err ht_explain_tx(struct ht_explanation *explanation,
                          const struct ht_explain_context *context, ht_bytes bytes,
                          struct ht_why *why) {
    struct ht_arena arena;
    struct ht_transaction tx;
    ht_arena_init(&arena, ARENA_MAX);
    enum ht_err err = ht_unsigned_tx_read(&tx, &arena, bytes, why);
    if (err == HT_OK) err = ht_explain_action(explanation, context, &tx, why);
    if (err == HT_OK) {
        add_rows(explanation, context, &tx);
        warn_chain(explanation, context, &tx);
        warn_balance(explanation, context, &tx);
        if (!tx.is_creation) warn_recipient(explanation, context, &tx);
        if (tx.authorization_count > 0) explain_authorizations(explanation, &tx);
    }
    ht_arena_fini(&arena);
    return err;
}
