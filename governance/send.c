/* Run, then queue. */
#include "governance/send.h"

#include <stdlib.h>

#include "governance/text.h"
#include "node/codec/json.h"

/* What a refund or a call's 63/64 hides of the gas that is needed. */
#define GAS_MARGIN 60000U
#define GAS_MAX ((UINT64_C(1) << 24) - 1) /* EIP-7825 */

json_t *ht_gov_simulated_call(const ht_addr20 *from, const ht_addr20 *to, const ht_u256 *wei,
                              ht_bytes data) {
    char value[HT_U256_QUANTITY_SIZE];
    (void)ht_u256_to_quantity(value, wei);
    return json_pack("{s:o, s:o, s:s, s:o}", "from", ht_gov_hex_json(HT_BYTES(from->b)), "to",
                     ht_gov_hex_json(HT_BYTES(to->b)), "value", value, "data",
                     ht_gov_hex_json(data));
}

/* The words of a revert, as far as it has any. */
static const char *words_of(const json_t *result) {
    const char *text;
    if (ht_json_text(&text, result, "revert.reason", NULL) == HT_OK) return text;
    if (ht_json_text(&text, result, "revert.error.name", NULL) == HT_OK) return text;
    if (ht_json_text(&text, result, "error", NULL) == HT_OK) return text;
    return "it gives no reason";
}

enum ht_err ht_gov_simulated(const json_t *result, struct ht_why *why) {
    const char *status;
    if (ht_json_text(&status, result, "status", NULL) == HT_OK && strcmp(status, "success") == 0)
        return HT_OK;
    return ht_fail(why, HT_EDENIED, "would_fail", "the contract would refuse it: %.140s",
                   words_of(result));
}

uint64_t ht_gov_simulated_gas(const json_t *result) {
    const char *text;
    ht_u256 used = {{0}};
    if (ht_json_text(&text, result, "gas_used", NULL) != HT_OK ||
        ht_u256_from_quantity(&used, ht_bytes_str(text)) != HT_OK || !ht_u256_is_u64(&used) ||
        used.limb[0] > GAS_MAX)
        return 0;
    uint64_t gas = used.limb[0] + used.limb[0] / 2 + GAS_MARGIN;
    return gas < GAS_MAX ? gas : GAS_MAX;
}

static void answered(void *user, const struct ht_wallet_answer *answer) {
    struct ht_gov_sending *sending = user;
    sending->err = answer->err;
    sending->why = answer->why;
    sending->hash = answer->hash;
    sending->done(sending);
}

static void queue(struct ht_gov_sending *sending, uint64_t gas) {
    const struct ht_wallet *wallet = ht_gov_wallet(sending->governance);
    if (wallet == NULL) {
        sending->err = ht_fail(&sending->why, HT_EDENIED, "no_wallet", "there is no wallet here");
        sending->done(sending);
        return;
    }
    const struct ht_wallet_send transaction = {.from = sending->from,
                                               .has_to = true,
                                               .to = sending->to,
                                               .wei = sending->wei,
                                               .data = ht_buf_view(&sending->data),
                                               .gas = gas > sending->gas ? gas : sending->gas,
                                               .what = sending->what};
    wallet->send(wallet->self, &transaction, answered, sending);
}

static void simulated(struct ht_simulation *simulation) {
    struct ht_gov_sending *sending = simulation->user;
    const json_t *result = json_array_get(simulation->results, 0);
    sending->err = simulation->err;
    sending->why = simulation->why;
    if (sending->err == HT_OK) sending->err = ht_gov_simulated(result, &sending->why);
    uint64_t gas = sending->err == HT_OK ? ht_gov_simulated_gas(result) : 0;
    ht_simulation_fini(simulation);
    json_decref(sending->calls);
    sending->calls = NULL;
    if (sending->err == HT_OK || sending->is_forced) {
        queue(sending, gas);
    } else {
        sending->done(sending);
    }
}

void ht_gov_send(struct ht_gov_sending *sending) {
    sending->calls =
        json_pack("[o]", ht_gov_simulated_call(&sending->from, &sending->to, &sending->wei,
                                               ht_buf_view(&sending->data)));
    if (sending->calls == NULL) {
        sending->err = ht_fail(&sending->why, HT_ENOMEM, "no_memory", "out of memory");
        sending->done(sending);
        return;
    }
    sending->simulation = (struct ht_simulation){.block = {.kind = HT_BLOCK_LATEST},
                                                 .calls = sending->calls,
                                                 .done = simulated,
                                                 .user = sending};
    ht_simulate(sending->governance->host->runner, &sending->simulation);
}

void ht_gov_sending_fini(struct ht_gov_sending *sending) {
    ht_buf_fini(&sending->data);
    json_decref(sending->calls);
    sending->calls = NULL;
}
