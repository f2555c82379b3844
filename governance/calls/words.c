/* Simulations in words: how it ends, whose balances change, then rights and settings.
 *
 * Ether is the difference of proven balances; tokens are summed up over their logs. */
#include "governance/calls/words.h"

#include <stdio.h>
#include <stdlib.h>

#include "governance/calls/calls_family.h"
#include "governance/calls/words_logs.h"
#include "governance/text.h"
#include "node/base/hex.h"
#include "node/codec/address.h"
#include "node/codec/amount.h"

#define BALANCES_MAX 128U
#define ETHER_DECIMALS 18U
#define REASON_MAX 200U

/* One holder's balance of one thing. */
struct balance {
    bool is_ether;
    ht_addr20 contract, holder;
    ht_u256 before, in, out; /* of ether, in and out are what was and what is */
};
struct balances {
    struct balance balance[BALANCES_MAX];
    size_t count;
    bool is_cut; /* more than there is room for, or amounts too large to be so */
};

static const char *text_of(const json_t *object, const char *key) {
    const char *text = json_string_value(json_object_get(object, key));
    return text != NULL ? text : "";
}

static bool amount_of(ht_u256 *out, const json_t *object, const char *key) {
    return ht_u256_from_decimal(out, ht_bytes_str(text_of(object, key))) == HT_OK;
}

/* --- how it ends ------------------------------------------------------------------------------*/

static void tell_failure(struct ht_gov_wording *wording, const json_t *result, size_t number) {
    char safe[REASON_MAX + 1];
    const json_t *revert = json_object_get(result, "revert");
    const char *reason = text_of(revert, "reason");
    if (reason[0] == '\0') reason = text_of(result, "error");
    ht_gov_text_line(safe, REASON_MAX, ht_bytes_str(reason));
    ht_gov_words_tell(wording, NULL, NULL, "Action %zu would fail, and with it the whole: %s.",
                      number, safe[0] != '\0' ? safe : "no reason is given");
}

static void tell_end(struct ht_gov_wording *wording, const json_t *results) {
    const struct ht_gov_calls_context *context = wording->context;
    char sender[HT_GOV_PLACE_TEXT_SIZE], gas_text[HT_AMOUNT_SIZE];
    ht_u256 gas = ht_u256_of(0), one;
    size_t failed = 0;
    const json_t *result = NULL;
    for (size_t i = 0; i < json_array_size(results); i++) {
        result = json_array_get(results, i);
        ht_bytes used = ht_bytes_str(text_of(result, "gas_used"));
        if (ht_u256_from_quantity(&one, used) == HT_OK) ht_u256_add(&gas, &gas, &one);
        if (strcmp(text_of(result, "status"), "success") == 0) continue;
        if (failed++ == 0) tell_failure(wording, result, i + 1);
    }
    if (failed > 0 || result == NULL) return;
    ht_gov_place_text(sender, context,
                      context->has_timelock ? &context->timelock : &context->governor);
    ht_amount_text(gas_text, &gas, 0);
    ht_gov_words_tell(wording, NULL, NULL,
                      "Rehearsed with %s as sender: succeeds. %s gas. The result can change before "
                      "it runs.",
                      sender, gas_text);
}

/* --- balances ---------------------------------------------------------------------------------*/

static struct balance *balance_of(struct balances *balances, const struct balance *key) {
    for (size_t i = 0; i < balances->count; i++) {
        struct balance *one = &balances->balance[i];
        if (one->is_ether == key->is_ether &&
            memcmp(&one->contract, &key->contract, sizeof key->contract) == 0 &&
            memcmp(&one->holder, &key->holder, sizeof key->holder) == 0) {
            return one;
        }
    }
    if (balances->count == BALANCES_MAX) {
        balances->is_cut = true;
        return NULL;
    }
    struct balance *added = &balances->balance[balances->count++];
    *added = *key;
    return added;
}

static void add_account(struct balances *balances, const json_t *account) {
    struct balance key = {.is_ether = true};
    ht_u256 after;
    if (!ht_gov_words_bytes(key.holder.b, sizeof key.holder.b, account, "address") ||
        !amount_of(&key.before, account, "wei_before") ||
        !amount_of(&after, account, "wei_after")) {
        return;
    }
    key.out = key.before;
    struct balance *balance = balance_of(balances, &key);
    if (balance != NULL) balance->in = after;
}

static void add_move(struct balances *balances, const json_t *token, const char *key_of_holder) {
    struct balance key = {.is_ether = false};
    ht_u256 amount;
    static const ht_addr20 nobody;
    if (!ht_gov_words_bytes(key.holder.b, sizeof key.holder.b, token, key_of_holder) ||
        !ht_gov_words_bytes(key.contract.b, sizeof key.contract.b, token, "contract") ||
        !amount_of(&amount, token, "amount")) {
        return;
    }
    if (memcmp(key.holder.b, nobody.b, sizeof nobody.b) == 0) return;
    struct balance *balance = balance_of(balances, &key);
    if (balance == NULL) return;
    ht_u256 *sum = key_of_holder[0] == 't' ? &balance->in : &balance->out;
    if (ht_u256_add_overflow(sum, sum, &amount)) balances->is_cut = true;
}

static void add_result(struct ht_gov_wording *wording, struct balances *balances,
                       const json_t *result) {
    const json_t *accounts = json_object_get(result, "accounts");
    const json_t *tokens = json_object_get(result, "tokens");
    for (size_t i = 0; i < json_array_size(accounts); i++) {
        add_account(balances, json_array_get(accounts, i));
    }
    for (size_t i = 0; i < json_array_size(tokens); i++) {
        const json_t *token = json_array_get(tokens, i);
        if (strcmp(text_of(token, "standard"), "ERC-20") == 0) {
            add_move(balances, token, "from");
            add_move(balances, token, "to");
            continue;
        }
        char to[HT_GOV_PLACE_TEXT_SIZE], at[HT_GOV_PLACE_TEXT_SIZE];
        ht_addr20 address, contract;
        if (!ht_gov_words_bytes(address.b, sizeof address.b, token, "to") ||
            !ht_gov_words_bytes(contract.b, sizeof contract.b, token, "contract")) {
            continue;
        }
        ht_gov_place_text(to, wording->context, &address);
        ht_gov_place_text(at, wording->context, &contract);
        ht_gov_words_tell(wording, NULL, NULL, "%s would get token %.80s of %s.", to,
                          text_of(token, "id"), at);
    }
}

static void tell_balance(struct ht_gov_wording *wording, const struct balance *balance) {
    char who[HT_GOV_PLACE_TEXT_SIZE], amount[HT_GOV_AMOUNT_TEXT_SIZE], raw[HT_AMOUNT_SIZE];
    char text[HT_GOV_PLACE_TEXT_SIZE + HT_GOV_AMOUNT_TEXT_SIZE + 8];
    ht_u256 change;
    int order = ht_u256_compare(&balance->in, &balance->out);
    if (order == 0) return;
    const ht_u256 *more = order > 0 ? &balance->in : &balance->out;
    ht_u256_sub(&change, more, order > 0 ? &balance->out : &balance->in);
    ht_gov_place_text(who, wording->context, &balance->holder);
    if (balance->is_ether) {
        char ether[HT_AMOUNT_SIZE];
        ht_amount_text(ether, &change, ETHER_DECIMALS);
        (void)snprintf(amount, sizeof amount, "%s ETH", ether);
    } else {
        ht_gov_token_amount(amount, wording->context, &balance->contract, &change);
    }
    const char *sign = order > 0 ? "+" : "−";
    (void)snprintf(text, sizeof text, "%s %s%s", who, sign, amount);
    ht_amount_text(raw, &change, 0);
    json_t *row =
        json_pack("{ss so so so so}", "text", text, "address", ht_address_json(&balance->holder),
                  "contract", balance->is_ether ? json_null() : ht_address_json(&balance->contract),
                  "before", balance->is_ether ? ht_gov_u256_json(&balance->before) : json_null(),
                  "change", json_sprintf("%s%s", order > 0 ? "+" : "-", raw));
    (void)json_array_append_new(wording->balances, row);
    (void)json_array_append_new(wording->words, json_string(text));
}

/* --- the whole --------------------------------------------------------------------------------*/

static void tell_codes(struct ht_gov_wording *wording, const json_t *result) {
    const json_t *accounts = json_object_get(result, "accounts");
    for (size_t i = 0; i < json_array_size(accounts); i++) {
        const json_t *account = json_array_get(accounts, i);
        char who[HT_GOV_PLACE_TEXT_SIZE];
        ht_addr20 address;
        if (!json_is_true(json_object_get(account, "code_changed"))) continue;
        if (!ht_gov_words_bytes(address.b, sizeof address.b, account, "address")) continue;
        ht_gov_place_text(who, wording->context, &address);
        ht_gov_words_tell(wording, NULL, NULL, "The code of %s would be another one than now.",
                          who);
    }
}

static void tell_rights(struct ht_gov_wording *wording, const json_t *result) {
    const json_t *storage = json_object_get(result, "storage");
    const json_t *logs = json_object_get(result, "logs");
    tell_codes(wording, result);
    for (size_t i = 0; i < json_array_size(storage); i++) {
        ht_gov_words_slot(wording, json_array_get(storage, i));
    }
    for (size_t i = 0; i < json_array_size(logs); i++) {
        ht_gov_words_log(wording, json_array_get(logs, i));
    }
    if (json_array_size(json_object_get(result, "cut")) > 0) {
        ht_gov_words_tell(wording, NULL, NULL, "More would happen than is listed here.");
    }
}

json_t *ht_gov_words_of_simulation(const struct ht_gov_calls_context *context,
                                   const json_t *results) {
    struct ht_gov_wording wording = {.context = context,
                                     .words = json_array(),
                                     .roles = json_array(),
                                     .owners = json_array(),
                                     .balances = json_array()};
    struct balances *balances = calloc(1, sizeof *balances);
    json_t *out = json_pack("{so so so so}", "words", wording.words, "roles", wording.roles,
                            "owners", wording.owners, "balances", wording.balances);
    if (out == NULL || balances == NULL) {
        json_decref(out);
        free(balances);
        return NULL;
    }
    tell_end(&wording, results);
    for (size_t i = 0; i < json_array_size(results); i++) {
        add_result(&wording, balances, json_array_get(results, i));
    }
    for (size_t i = 0; i < balances->count; i++) tell_balance(&wording, &balances->balance[i]);
    for (size_t i = 0; i < json_array_size(results); i++) {
        tell_rights(&wording, json_array_get(results, i));
    }
    if (balances->is_cut) {
        ht_gov_words_tell(&wording, NULL, NULL, "More balances would change than are listed here.");
    }
    free(balances);
    return out;
}
