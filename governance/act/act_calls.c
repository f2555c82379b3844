/* What is sent to governors and tokens. */
#include "governance/act/act_calls.h"

#include "governance/text.h"
#include "node/codec/abi.h"
#include "node/codec/abi_word.h"

#define TYPE_ARENA ((size_t)64 << 10)

static enum ht_err no_memory(struct ht_why *why) {
    return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
}

enum ht_err ht_gov_call_any(struct ht_buf *out, const char *signature, const json_t *arguments,
                            struct ht_why *why) {
    uint8_t selector[4];
    struct ht_arena arena;
    struct ht_abi_type type;
    size_t before = out->n;
    const char *types = strchr(signature, '(');
    if (types == NULL || types == signature)
        return ht_fail(why, HT_EINPUT, "bad_signature", "no function like transfer(address)");
    ht_abi_selector(selector, signature);
    ht_arena_init(&arena, TYPE_ARENA);
    enum ht_err err = ht_abi_type_read(&type, &arena, ht_bytes_str(types), why);
    if (err == HT_OK && type.kind != HT_ABI_TUPLE)
        err = ht_fail(why, HT_EINPUT, "bad_signature", "no function like transfer(address)");
    if (err == HT_OK) {
        err = ht_buf_add(out, HT_BYTES(selector));
        if (err != HT_OK) (void)ht_fail(why, err, "call_too_large", "the call is too large");
    }
    if (err == HT_OK) err = ht_abi_encode(out, &type, arguments, why);
    if (err != HT_OK) out->n = before;
    ht_arena_fini(&arena);
    return err;
}

/* values is taken over. */
static enum ht_err call(struct ht_buf *out, const char *signature, json_t *values,
                        struct ht_why *why) {
    if (values == NULL) return no_memory(why);
    enum ht_err err = ht_gov_call_any(out, signature, values, why);
    json_decref(values);
    return err;
}

static json_t *text_json(ht_bytes text) {
    return json_stringn(text.n > 0 ? (const char *)text.p : "", text.n);
}

static json_t *address_json(const ht_addr20 *address) {
    return ht_abi_hex(HT_BYTES(address->b));
}

enum ht_err ht_gov_call_vote(struct ht_buf *out, const ht_u256 *proposal, uint8_t support,
                             ht_bytes reason, ht_bytes params, struct ht_why *why) {
    if (params.n > 0) {
        return call(out, "castVoteWithReasonAndParams(uint256,uint8,string,bytes)",
                    json_pack("[o, i, o, o]", ht_gov_u256_json(proposal), support,
                              text_json(reason), ht_abi_hex(params)),
                    why);
    }
    if (reason.n > 0) {
        return call(out, "castVoteWithReason(uint256,uint8,string)",
                    json_pack("[o, i, o]", ht_gov_u256_json(proposal), support, text_json(reason)),
                    why);
    }
    return call(out, "castVote(uint256,uint8)",
                json_pack("[o, i]", ht_gov_u256_json(proposal), support), why);
}

enum ht_err ht_gov_call_delegate(struct ht_buf *out, const ht_addr20 *to, struct ht_why *why) {
    return call(out, "delegate(address)", json_pack("[o]", address_json(to)), why);
}

/* --- proposals -------------------------------------------------------------------------------- */

static json_t *calldata_json(const struct ht_gov_action *action, bool is_bravo) {
    struct ht_buf whole;
    uint8_t selector[4];
    if (is_bravo || action->signature.n == 0) return ht_abi_hex(action->calldata);
    char signature[256];
    if (action->signature.n >= sizeof signature) return NULL;
    memcpy(signature, action->signature.p, action->signature.n);
    signature[action->signature.n] = '\0';
    ht_abi_selector(selector, signature);
    ht_buf_init(&whole, HT_GOV_CALLDATA_MAX + sizeof selector);
    json_t *json = NULL;
    if (ht_buf_add(&whole, HT_BYTES(selector)) == HT_OK &&
        ht_buf_add(&whole, action->calldata) == HT_OK)
        json = ht_abi_hex(ht_buf_view(&whole));
    ht_buf_fini(&whole);
    return json;
}

/* [targets, values, signatures (Bravo's), calldatas]; NULL without memory. */
static json_t *actions_json(const struct ht_gov_proposal *proposal, bool is_bravo) {
    json_t *targets = json_array(), *values = json_array();
    json_t *signatures = json_array(), *calldatas = json_array();
    int failed = 0;
    for (size_t i = 0; i < proposal->action_count; i++) {
        const struct ht_gov_action *action = &proposal->actions[i];
        failed |= json_array_append_new(targets, address_json(&action->target));
        failed |= json_array_append_new(values, ht_gov_u256_json(&action->value));
        failed |= json_array_append_new(signatures, text_json(action->signature));
        failed |= json_array_append_new(calldatas, calldata_json(action, is_bravo));
    }
    json_t *all = NULL;
    if (failed == 0 && is_bravo)
        all = json_pack("[O, O, O, O]", targets, values, signatures, calldatas);
    if (failed == 0 && !is_bravo) all = json_pack("[O, O, O]", targets, values, calldatas);
    json_decref(targets);
    json_decref(values);
    json_decref(signatures);
    json_decref(calldatas);
    return all;
}

enum ht_err ht_gov_call_propose(struct ht_buf *out, const struct ht_gov_proposal *proposal,
                                bool is_bravo, struct ht_why *why) {
    json_t *values = actions_json(proposal, is_bravo);
    if (json_array_append_new(values, text_json(proposal->description)) != 0) {
        json_decref(values);
        return no_memory(why);
    }
    return call(out,
                is_bravo ? "propose(address[],uint256[],string[],bytes[],string)"
                         : "propose(address[],uint256[],bytes[],string)",
                values, why);
}

const char *ht_gov_step_name(enum ht_gov_step step) {
    switch (step) {
    case HT_GOV_STEP_QUEUE: return "queue";
    case HT_GOV_STEP_EXECUTE: return "execute";
    case HT_GOV_STEP_CANCEL: return "cancel";
    }
    return "";
}

enum ht_err ht_gov_call_step(struct ht_buf *out, enum ht_gov_step step,
                             const struct ht_gov_proposal *proposal, bool is_by_id,
                             struct ht_why *why) {
    static const char *const BY_ID[] = {[HT_GOV_STEP_QUEUE] = "queue(uint256)",
                                        [HT_GOV_STEP_EXECUTE] = "execute(uint256)",
                                        [HT_GOV_STEP_CANCEL] = "cancel(uint256)"};
    static const char *const BY_ACTIONS[] = {
        [HT_GOV_STEP_QUEUE] = "queue(address[],uint256[],bytes[],bytes32)",
        [HT_GOV_STEP_EXECUTE] = "execute(address[],uint256[],bytes[],bytes32)",
        [HT_GOV_STEP_CANCEL] = "cancel(address[],uint256[],bytes[],bytes32)"};
    if (is_by_id)
        return call(out, BY_ID[step], json_pack("[o]", ht_gov_u256_json(&proposal->id)), why);
    json_t *values = actions_json(proposal, false);
    if (json_array_append_new(values, ht_abi_hex(HT_BYTES(proposal->description_hash.b))) != 0) {
        json_decref(values);
        return no_memory(why);
    }
    return call(out, BY_ACTIONS[step], values, why);
}
