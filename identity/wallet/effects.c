/* Simulations of what waits in the queue: started, repeated with later heads, kept. A simulation
 * cannot be stopped; one whose outcome nobody wants any more ends by itself. */
#include "identity/wallet/effects.h"

#include <stdio.h>
#include <stdlib.h>

#include "identity/wallet/effects_rows.h"
#include "identity/wallet/queue.h"
#include "identity/wallet/unsigned_tx.h"
#include "node/codec/address.h"
#include "node/codec/json.h"
#include "node/codec/safe_text.h"

#define ARENA_MAX ((size_t)4 << 20)
#define REASON_MAX 240U /* bytes of what a contract says */

struct running {
    struct ht_simulation simulation; /* first */
    struct ht_effects *effects;      /* NULL: nobody wants it */
    json_t *calls, *overrides;
    ht_u256 fee;
};

struct ht_effects {
    struct ht_identity *identity;
    ht_addr20 account;
    struct ht_buf payload;
    struct running *running; /* under way, or NULL */
    int64_t started_ms;      /* monotonic; the last one */
    bool is_due;             /* a head has come since */
    json_t *outcome;         /* as shown; NULL: none yet */
    char reverts[REASON_MAX + 80];
};

static void free_running(struct running *running) {
    ht_simulation_fini(&running->simulation);
    json_decref(running->calls);
    json_decref(running->overrides);
    free(running);
}

static int64_t now_ms(const struct ht_effects *effects) {
    return ht_mono_ms(effects->identity->host->clock);
}

/* --- the outcome ------------------------------------------------------------------------------ */

/* Cut between two characters. */
static void cut_text(char *out, size_t n, const char *text) {
    size_t length = strlen(text), end = length < n ? length : n - 1;
    while (end < length && end > 0 && ((unsigned char)text[end] & 0xc0) == 0x80) end--;
    memcpy(out, text, end);
    out[end] = '\0';
}

/* Why it would fail, in words; empty when it would not. */
static void tell_failure(char out[static REASON_MAX + 80], const json_t *result) {
    const char *status = json_string_value(ht_json_member(result, "status"));
    const char *error = json_string_value(ht_json_member(result, "error"));
    const json_t *revert = ht_json_member(result, "revert");
    const char *reason = json_string_value(ht_json_member(revert, "reason"));
    const char *selector =
        json_string_value(ht_json_member(ht_json_member(revert, "error"), "selector"));
    const char *data = json_string_value(ht_json_member(revert, "data"));
    out[0] = '\0';
    if (status != NULL && strcmp(status, "success") == 0) return;
    if (reason != NULL && reason[0] != '\0') {
        cut_text(out, REASON_MAX, reason);
    } else if (selector != NULL) {
        char raw[REASON_MAX];
        cut_text(raw, sizeof raw, data != NULL ? data : "");
        (void)snprintf(out, REASON_MAX + 80, "error %s of the contract's own: %s", selector, raw);
    } else if (json_is_object(revert)) {
        (void)snprintf(out, REASON_MAX + 80, "the contract gives no reason");
    } else {
        cut_text(out, REASON_MAX, error != NULL ? error : "no reason is known");
    }
}

static json_t *gas_json(const json_t *result) {
    ht_u256 gas;
    const char *text = json_string_value(ht_json_member(result, "gas_used"));
    bool is_one = text != NULL && ht_u256_from_quantity(&gas, ht_bytes_str(text)) == HT_OK;
    return is_one ? json_integer((json_int_t)gas.limb[0]) : json_null();
}

static json_t *reverts_json(const struct ht_effects *effects) {
    return effects->reverts[0] != '\0' ? ht_explain_safe_text(ht_bytes_str(effects->reverts))
                                       : json_null();
}

static json_t *done_json(struct ht_effects *effects, const struct running *running) {
    const json_t *result = json_array_get(running->simulation.results, 0);
    struct ht_effect_rows rows = {.identity = effects->identity, .account = effects->account};
    ht_effect_rows_read(&rows, result, &running->fee);
    tell_failure(effects->reverts, result);
    json_t *outcome = NULL;
    if (!rows.is_short) {
        outcome =
            json_pack("{s:s, s:n, s:n, s:O?, s:O, s:O, s:O, s:b, s:o, s:o, s:O?}", "state", "done",
                      "why", "code", "block", ht_json_member(result, "block"), "leaves",
                      rows.leaves, "arrives", rows.arrives, "approvals", rows.approvals, "is_cut",
                      rows.is_cut, "reverts", reverts_json(effects), "gas_used", gas_json(result),
                      "provenance", ht_json_member(result, "provenance"));
    }
    ht_effect_rows_fini(&rows);
    return outcome;
}

/* Without anything that was found. */
static json_t *empty_json(const char *state, const struct ht_why *why) {
    return json_pack("{s:s, s:s?, s:s?, s:n, s:[], s:[], s:[], s:b, s:n, s:n, s:n}", "state", state,
                     "why", why != NULL ? why->text : NULL, "code", why != NULL ? why->code : NULL,
                     "block", "leaves", "arrives", "approvals", "is_cut", false, "reverts",
                     "gas_used", "provenance");
}

static void keep(struct ht_effects *effects, json_t *outcome) {
    json_decref(effects->outcome);
    effects->outcome = outcome;
    const struct ht_host *host = effects->identity->host;
    host->publish(host, "wallet.queue");
}

/* What was found at an earlier block is worth more than why a later one cannot be looked at. */
static void fail(struct ht_effects *effects, const struct ht_why *why) {
    if (effects->outcome == NULL) keep(effects, empty_json("failed", why));
}

static void simulated(struct ht_simulation *simulation) {
    struct running *running = (struct running *)simulation;
    struct ht_effects *effects = running->effects;
    if (effects != NULL) {
        effects->running = NULL;
        if (simulation->err == HT_OK) {
            keep(effects, done_json(effects, running));
        } else {
            fail(effects, &simulation->why);
        }
    }
    free_running(running);
}

/* --- the question ----------------------------------------------------------------------------- */

/* The account's nonce is made the transaction's: others of it that are under way come first. */
static json_t *overrides_json(const ht_addr20 *account, uint64_t nonce) {
    char key[HT_ADDRESS_TEXT_SIZE], text[HT_U256_QUANTITY_SIZE];
    ht_u256 wide = ht_u256_of(nonce);
    ht_address_checksum(key, account);
    (void)ht_u256_to_quantity(text, &wide);
    return json_pack("{s:{s:s}}", key, "nonce", text);
}

static enum ht_err ask(struct running *running, const struct ht_effects *effects,
                       struct ht_why *why) {
    struct ht_arena arena;
    ht_u256 cost;
    struct ht_call call = {.from = effects->account,
                           .has_type = true,
                           .has_from = true,
                           .has_gas = true,
                           .has_nonce = true,
                           .has_fee = true};
    ht_arena_init(&arena, ARENA_MAX);
    enum ht_err err = ht_unsigned_tx_read(&call.tx, &arena, ht_buf_view(&effects->payload), why);
    call.has_chain_id = call.tx.has_chain_id;
    if (err == HT_OK) err = ht_tx_cost_max(&cost, &call.tx, why);
    if (err == HT_OK) {
        ht_u256_sub(&running->fee, &cost, &call.tx.value);
        running->calls = json_pack("[o]", ht_call_to_json(&call));
        running->overrides = overrides_json(&effects->account, call.tx.nonce);
    }
    ht_arena_fini(&arena);
    bool is_short = err == HT_OK && (running->calls == NULL || running->overrides == NULL);
    return is_short ? ht_fail(why, HT_ENOMEM, "no_memory", "out of memory") : err;
}

static void start(struct ht_effects *effects) {
    struct ht_why why = {0};
    effects->is_due = false;
    effects->started_ms = now_ms(effects);
    struct running *running = calloc(1, sizeof *running);
    if (running == NULL) return;
    enum ht_err err = ask(running, effects, &why);
    if (err != HT_OK) {
        free_running(running);
        fail(effects, &why);
        return;
    }
    running->effects = effects;
    running->simulation = (struct ht_simulation){.block = {.kind = HT_BLOCK_LATEST},
                                                 .calls = running->calls,
                                                 .overrides = running->overrides,
                                                 .is_transaction = true,
                                                 .done = simulated};
    effects->running = running;
    ht_simulate(effects->identity->host->runner, &running->simulation);
}

static void abandon(struct ht_effects *effects) {
    if (effects->running != NULL) effects->running->effects = NULL;
    effects->running = NULL;
}

/* --- for the queue ---------------------------------------------------------------------------- */

struct ht_effects *ht_effects_new(struct ht_identity *identity, const ht_addr20 *account,
                                  ht_bytes payload) {
    if (identity->host->runner == NULL) return NULL;
    struct ht_effects *effects = calloc(1, sizeof *effects);
    if (effects == NULL) return NULL;
    effects->identity = identity;
    effects->account = *account;
    ht_buf_init(&effects->payload, HT_QUEUE_PAYLOAD_MAX);
    if (ht_buf_add(&effects->payload, payload) != HT_OK) {
        ht_effects_free(effects);
        return NULL;
    }
    start(effects);
    return effects;
}

void ht_effects_free(struct ht_effects *effects) {
    if (effects == NULL) return;
    abandon(effects);
    json_decref(effects->outcome);
    ht_buf_fini(&effects->payload);
    free(effects);
}

void ht_effects_renew(struct ht_effects *effects, ht_bytes payload) {
    if (effects == NULL || ht_bytes_equal(ht_buf_view(&effects->payload), payload)) return;
    abandon(effects);
    json_decref(effects->outcome);
    effects->outcome = NULL;
    effects->reverts[0] = '\0';
    ht_buf_clear(&effects->payload);
    if (ht_buf_add(&effects->payload, payload) == HT_OK) start(effects);
}

void ht_effects_tick(struct ht_effects *effects) {
    if (effects == NULL || !effects->is_due || effects->running != NULL) return;
    if (now_ms(effects) - effects->started_ms >= HT_EFFECTS_EVERY_MS) start(effects);
}

void ht_effects_on_head(struct ht_effects *effects) {
    if (effects == NULL) return;
    effects->is_due = true;
    ht_effects_tick(effects);
}

json_t *ht_effects_json(const struct ht_effects *effects) {
    if (effects == NULL) return json_null();
    return effects->outcome != NULL ? json_incref(effects->outcome) : empty_json("running", NULL);
}

json_t *ht_effects_explain(const struct ht_effects *effects, json_t *explain) {
    if (effects == NULL || effects->reverts[0] == '\0' || explain == NULL) {
        return json_incref(explain);
    }
    json_t *reason = reverts_json(effects);
    json_t *text = json_sprintf("Would fail: %s", json_string_value(reason));
    json_t *warnings = json_copy(json_object_get(explain, "warnings"));
    json_t *copy = json_copy(explain);
    if (warnings == NULL) warnings = json_array();
    int failed = json_array_insert_new(
        warnings, 0,
        json_pack("{s:s, s:s, s:o}", "level", "danger", "code", "would_fail", "text", text));
    failed |= json_object_set_new(copy, "warnings", warnings);
    failed |= json_object_set_new(copy, "is_red", json_true());
    json_decref(reason);
    if (failed == 0) return copy;
    json_decref(copy);
    return NULL;
}
