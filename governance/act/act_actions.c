/* Templates and what they make. */
#include "governance/act/act_actions.h"

#include <stdio.h>

#include "governance/act/act_calls.h"
#include "governance/text.h"
#include "node/codec/abi.h"
#include "node/codec/address.h"
#include "node/codec/json.h"
#include "node/crypto/keccak.h"

#define BRAVO_ACTIONS_MAX 10U
#define SIGNATURE_MAX 200U

static enum ht_err no_memory(struct ht_why *why) {
    return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
}

static enum ht_err copy(ht_bytes *out, struct ht_arena *arena, ht_bytes from, struct ht_why *why) {
    const char *text = ht_arena_copy_str(arena, from);
    if (text == NULL) return no_memory(why);
    *out = ht_bytes_of(text, from.n);
    return HT_OK;
}

/* --- kinds ------------------------------------------------------------------------------------ */

struct reading {
    struct ht_gov_action *out;
    struct ht_arena *arena;
    const struct ht_gov_profile *profile;
    const json_t *action;
};

/* values is taken over. */
static enum ht_err set_call(const struct reading *reading, const char *signature, json_t *values,
                            struct ht_why *why) {
    struct ht_buf call;
    ht_buf_init(&call, HT_GOV_CALLDATA_MAX);
    enum ht_err err =
        values != NULL ? ht_gov_call_any(&call, signature, values, why) : no_memory(why);
    if (err == HT_OK) err = copy(&reading->out->calldata, reading->arena, ht_buf_view(&call), why);
    json_decref(values);
    ht_buf_fini(&call);
    return err;
}

static enum ht_err read_wei(const struct reading *reading, bool is_needed, struct ht_why *why) {
    const json_t *wei = ht_json_member(reading->action, "wei");
    if (!is_needed && (wei == NULL || json_is_null(wei))) return HT_OK;
    return ht_gov_u256_param(&reading->out->value, reading->action, "wei", why);
}

static enum ht_err read_signature(ht_bytes *out, const struct reading *reading,
                                  struct ht_why *why) {
    ht_bytes text;
    const json_t *given = ht_json_member(reading->action, "signature");
    if (given == NULL || json_is_null(given)) return HT_OK;
    enum ht_err err = ht_json_str(&text, reading->action, "signature", why);
    if (err != HT_OK) return err;
    bool is_whole = text.n <= SIGNATURE_MAX && memchr(text.p, 0, text.n) == NULL &&
                    (text.n == 0 || memchr(text.p, '(', text.n) != NULL);
    if (!is_whole) return ht_fail(why, HT_EINPUT, "bad_signature", "it is no function's signature");
    return copy(out, reading->arena, text, why);
}

static enum ht_err read_raw(const struct reading *reading, struct ht_why *why) {
    struct ht_buf data;
    ht_buf_init(&data, HT_GOV_CALLDATA_MAX);
    enum ht_err err = ht_address_param(&reading->out->target, reading->action, "target", why);
    if (err == HT_OK) err = read_wei(reading, false, why);
    if (err == HT_OK) err = read_signature(&reading->out->signature, reading, why);
    const json_t *given = ht_json_member(reading->action, "calldata");
    if (err == HT_OK && given != NULL && !json_is_null(given))
        err = ht_json_hex_buf(&data, reading->action, "calldata", why);
    if (err == HT_OK) err = copy(&reading->out->calldata, reading->arena, ht_buf_view(&data), why);
    ht_buf_fini(&data);
    return err;
}

static enum ht_err read_call(const struct reading *reading, struct ht_why *why) {
    ht_bytes signature = {0};
    const json_t *arguments = ht_json_member(reading->action, "arguments");
    enum ht_err err = ht_address_param(&reading->out->target, reading->action, "target", why);
    if (err == HT_OK) err = read_wei(reading, false, why);
    if (err == HT_OK) err = read_signature(&signature, reading, why);
    if (err == HT_OK && (signature.n == 0 || !json_is_array(arguments)))
        err = ht_fail(why, HT_EINPUT, "bad_signature", "a signature and arguments are needed");
    if (err != HT_OK) return err;
    return set_call(reading, (const char *)signature.p, json_deep_copy(arguments), why);
}

static enum ht_err read_pay_ether(const struct reading *reading, struct ht_why *why) {
    enum ht_err err = ht_address_param(&reading->out->target, reading->action, "to", why);
    return err == HT_OK ? read_wei(reading, true, why) : err;
}

static enum ht_err read_pay_token(const struct reading *reading, struct ht_why *why) {
    ht_addr20 to;
    ht_u256 amount;
    enum ht_err err = ht_address_param(&reading->out->target, reading->action, "token", why);
    if (err == HT_OK) err = ht_address_param(&to, reading->action, "to", why);
    if (err == HT_OK) err = ht_gov_u256_param(&amount, reading->action, "amount", why);
    if (err != HT_OK) return err;
    return set_call(reading, "transfer(address,uint256)",
                    json_pack("[o, o]", ht_gov_hex_json(HT_BYTES(to.b)), ht_gov_u256_json(&amount)),
                    why);
}

/* --- settings --------------------------------------------------------------------------------- */

struct setting {
    const char *kind, *title, *oz5, *oz4, *bravo; /* functions; NULL: there is none */
    bool is_timelocks;
};
static const struct setting SETTINGS[] = {
    {.kind = "voting_delay",
     .title = "Change the time before voting",
     .oz5 = "setVotingDelay(uint48)",
     .oz4 = "setVotingDelay(uint256)",
     .bravo = "_setVotingDelay(uint256)"},
    {.kind = "voting_period",
     .title = "Change how long voting is open",
     .oz5 = "setVotingPeriod(uint32)",
     .oz4 = "setVotingPeriod(uint256)",
     .bravo = "_setVotingPeriod(uint256)"},
    {.kind = "threshold",
     .title = "Change how many votes a proposer needs",
     .oz5 = "setProposalThreshold(uint256)",
     .oz4 = "setProposalThreshold(uint256)",
     .bravo = "_setProposalThreshold(uint256)"},
    {.kind = "quorum",
     .title = "Change the quorum's share",
     .oz5 = "updateQuorumNumerator(uint256)",
     .oz4 = "updateQuorumNumerator(uint256)"},
    {.kind = "timelock_delay",
     .title = "Change how long decisions wait in the timelock",
     .oz5 = "updateDelay(uint256)",
     .oz4 = "updateDelay(uint256)",
     .bravo = "setDelay(uint256)",
     .is_timelocks = true},
};
#define SETTING_COUNT (sizeof SETTINGS / sizeof *SETTINGS)

static const char *function_of(const struct setting *setting,
                               const struct ht_gov_profile *profile) {
    if (setting->is_timelocks && !profile->has_timelock) return NULL;
    if (setting->is_timelocks && profile->layout.timelock == HT_GOV_TIMELOCK_COMPOUND)
        return setting->bravo;
    switch (profile->layout.kind) {
    case HT_GOV_OZ5: return setting->oz5;
    case HT_GOV_OZ4: return setting->oz4;
    case HT_GOV_BRAVO: return setting->bravo;
    case HT_GOV_UNKNOWN: break;
    }
    return NULL;
}

static enum ht_err read_setting(const struct reading *reading, const struct setting *setting,
                                struct ht_why *why) {
    ht_u256 value;
    const struct ht_gov_profile *profile = reading->profile;
    const char *function = function_of(setting, profile);
    if (function == NULL)
        return ht_fail(why, HT_EINPUT, "no_setting", "this community has no setting %s",
                       setting->kind);
    enum ht_err err = ht_gov_u256_param(&value, reading->action, "value", why);
    if (err != HT_OK) return err;
    reading->out->target = setting->is_timelocks ? profile->timelock : profile->address;
    return set_call(reading, function, json_pack("[o]", ht_gov_u256_json(&value)), why);
}

static enum ht_err read_one(const struct reading *reading, struct ht_why *why) {
    const char *kind = "raw";
    if (ht_json_member(reading->action, "kind") != NULL) {
        enum ht_err err = ht_json_text(&kind, reading->action, "kind", why);
        if (err != HT_OK) return err;
    }
    if (strcmp(kind, "raw") == 0) return read_raw(reading, why);
    if (strcmp(kind, "call") == 0) return read_call(reading, why);
    if (strcmp(kind, "pay_ether") == 0) return read_pay_ether(reading, why);
    if (strcmp(kind, "pay_token") == 0) return read_pay_token(reading, why);
    for (size_t i = 0; i < SETTING_COUNT; i++)
        if (strcmp(kind, SETTINGS[i].kind) == 0) return read_setting(reading, &SETTINGS[i], why);
    return ht_fail(why, HT_EINPUT, "bad_action", "there is no such kind of action");
}

/* --- all -------------------------------------------------------------------------------------- */

static enum ht_err read_description(struct ht_gov_proposal *out, struct ht_arena *arena,
                                    const json_t *params, struct ht_why *why) {
    ht_bytes text;
    enum ht_err err = ht_json_str(&text, params, "description", why);
    if (err != HT_OK) return err;
    if (text.n == 0 || text.n > HT_GOV_DESCRIPTION_MAX)
        return ht_fail(why, HT_EINPUT, "bad_description", "a description of 1 to %zu bytes",
                       HT_GOV_DESCRIPTION_MAX);
    err = copy(&out->description, arena, text, why);
    if (err == HT_OK) ht_keccak256(&out->description_hash, out->description);
    return err;
}

/* Where calls have no signatures its selector stands before the arguments. */
static enum ht_err fold_signature(struct ht_gov_action *action, struct ht_arena *arena,
                                  struct ht_why *why) {
    struct ht_buf call;
    if (action->signature.n == 0) return HT_OK;
    ht_buf_init(&call, HT_GOV_CALLDATA_MAX);
    enum ht_err err = ht_gov_action_call(&call, action);
    if (err != HT_OK) (void)ht_fail(why, err, "action_too_large", "its data is too large");
    if (err == HT_OK) err = copy(&action->calldata, arena, ht_buf_view(&call), why);
    action->signature = (ht_bytes){0};
    ht_buf_fini(&call);
    return err;
}

enum ht_err ht_gov_actions_read(struct ht_gov_proposal *out, struct ht_arena *arena,
                                const struct ht_gov_profile *profile, const json_t *params,
                                struct ht_why *why) {
    const json_t *list;
    /* Told by the code even while no proposal shows the layout. */
    bool is_bravo =
        profile->layout.kind == HT_GOV_BRAVO || profile->ballots == HT_GOV_BALLOTS_BRAVO;
    size_t max = is_bravo ? BRAVO_ACTIONS_MAX : HT_GOV_ACTIONS_MAX;
    memset(out, 0, sizeof *out);
    enum ht_err err = ht_json_array(&list, params, "actions", why);
    if (err != HT_OK) return err;
    out->action_count = json_array_size(list);
    if (out->action_count == 0)
        return ht_fail(why, HT_EINPUT, "no_actions", "a proposal has at least one action");
    if (out->action_count > max)
        return ht_fail(why, HT_ELIMIT, "too_many_actions", "at most %zu actions", max);
    for (size_t i = 0; i < out->action_count; i++) {
        const struct reading reading = {&out->actions[i], arena, profile, json_array_get(list, i)};
        err = read_one(&reading, why);
        if (err == HT_OK && !is_bravo) err = fold_signature(&out->actions[i], arena, why);
        if (err == HT_OK) continue;
        ht_why_context(why, "action %zu: ", i + 1);
        return err;
    }
    err = read_description(out, arena, params, why);
    if (err != HT_OK || is_bravo) return err;
    err = ht_gov_proposal_hash(&out->id, out);
    return err == HT_OK ? HT_OK : ht_fail(why, err, "no_memory", "out of memory");
}

json_t *ht_gov_actions_json(const struct ht_gov_proposal *proposal) {
    json_t *list = json_array();
    for (size_t i = 0; i < proposal->action_count; i++) {
        const struct ht_gov_action *action = &proposal->actions[i];
        const char *signature = action->signature.n > 0 ? (const char *)action->signature.p : "";
        (void)json_array_append_new(list, json_pack("{s:o, s:o, s:o, s:o}", "target",
                                                    ht_address_json(&action->target), "wei",
                                                    ht_gov_u256_json(&action->value), "signature",
                                                    json_stringn(signature, action->signature.n),
                                                    "calldata", ht_gov_hex_json(action->calldata)));
    }
    return list;
}

enum ht_err ht_gov_action_call(struct ht_buf *out, const struct ht_gov_action *action) {
    char signature[SIGNATURE_MAX + 1];
    uint8_t selector[4];
    if (action->signature.n == 0 || action->signature.n > SIGNATURE_MAX)
        return ht_buf_add(out, action->calldata);
    memcpy(signature, action->signature.p, action->signature.n);
    signature[action->signature.n] = '\0';
    ht_abi_selector(selector, signature);
    enum ht_err err = ht_buf_add(out, HT_BYTES(selector));
    return err == HT_OK ? ht_buf_add(out, action->calldata) : err;
}

/* --- dao.templates ---------------------------------------------------------------------------- */

static json_t *field(const char *name, const char *label, const char *type) {
    return json_pack("{s:s, s:s, s:s}", "name", name, "label", label, "type", type);
}

enum ht_err ht_gov_templates(void *self, json_t **result, const json_t *params,
                             struct ht_why *why) {
    (void)self;
    (void)params;
    json_t *list = json_pack(
        "[{s:s, s:s, s:[o, o]}, {s:s, s:s, s:[o, o, o]}, {s:s, s:s, s:[o, o, o, o]}, {s:s, s:s, "
        "s:[o, o, o]}]",
        "kind", "pay_ether", "title", "Pay ether from the treasury", "fields",
        field("to", "To", "address"), field("wei", "Amount", "wei"), "kind", "pay_token", "title",
        "Pay a token from the treasury", "fields", field("token", "Token", "address"),
        field("to", "To", "address"), field("amount", "Amount, in its smallest unit", "number"),
        "kind", "call", "title", "Call a function", "fields",
        field("target", "Contract", "address"), field("signature", "Function", "text"),
        field("arguments", "Arguments", "list"), field("wei", "Amount", "wei"), "kind", "raw",
        "title", "Send data as it is", "fields", field("target", "Contract", "address"),
        field("calldata", "Data", "hex"), field("wei", "Amount", "wei"));
    for (size_t i = 0; i < SETTING_COUNT && list != NULL; i++) {
        (void)json_array_append_new(list, json_pack("{s:s, s:s, s:[o]}", "kind", SETTINGS[i].kind,
                                                    "title", SETTINGS[i].title, "fields",
                                                    field("value", "New value", "number")));
    }
    *result = json_pack("{s:o}", "templates", list);
    return *result != NULL ? HT_OK : no_memory(why);
}
