/* Calls as JSON. Calls stand behind the call that makes them, so that from the last to the first
 * each is put into a parent that is still to come: nothing recurses. */
#include "governance/calls/calls_json.h"

#include <stdlib.h>

#include "governance/calls/calls_family.h"
#include "governance/text.h"
#include "node/codec/address.h"
#include "node/codec/amount.h"

#define ETHER_DECIMALS 18U
#define SIGNATURE_SHOWN 512U

static json_t *target_json(const struct ht_gov_call *call) {
    return call->has_target ? ht_address_json(&call->target) : json_null();
}

/* --- explanation, as identity's explain.h has it ----------------------------------------------*/

static json_t *tree_json(const struct ht_gov_call *call) {
    char signature[HT_KNOWN_SIGNATURE_SIZE];
    bool has_selector = call->data.n >= 4;
    if (call->known == NULL) {
        json_t *selector =
            has_selector ? ht_gov_hex_json(ht_bytes_of(call->data.p, 4)) : json_null();
        return json_pack("{so sn so so ss}", "contract", target_json(call), "name", "selector",
                         selector, "data", ht_gov_hex_json(call->data), "why",
                         call->raw.code != NULL ? call->raw.code : "");
    }
    ht_known_call_canonical(signature, call->known);
    return json_pack("{so so ss ss sO}", "contract", target_json(call), "name",
                     json_stringn(signature, strcspn(signature, "(")), "title", call->title,
                     "signature", signature, "args", call->args);
}

static json_t *leaf_json(const char *what, const ht_addr20 *token, const char *symbol,
                         unsigned decimals, const ht_u256 *amount, const char *to) {
    char text[HT_AMOUNT_SIZE];
    bool is_nft = strcmp(what, "nft") == 0;
    const char *unit = is_nft ? "token id" : symbol != NULL ? symbol : "base units";
    ht_amount_text(text, amount, symbol != NULL && !is_nft ? decimals : 0);
    json_t *leaf = json_pack("{ss ss so ss so}", "what", what, "amount", text, "unit",
                             ht_gov_text_json(ht_bytes_str(unit), HT_GOV_PLACE_NAME_MAX), "to", to,
                             "raw", ht_gov_u256_json(amount));
    if (leaf != NULL && token != NULL) {
        (void)json_object_set_new(leaf, "token", ht_address_json(token));
    }
    return leaf;
}

/* Whether it is the community's own money that moves: the treasury's or the governor's. */
static bool is_ours(const struct ht_gov_calls_context *context, const ht_addr20 *address) {
    if (memcmp(address->b, context->governor.b, sizeof address->b) == 0) return true;
    return context->has_timelock && memcmp(address->b, context->timelock.b, sizeof address->b) == 0;
}

static json_t *leaves_json(const struct ht_gov_calls *calls, const struct ht_gov_call *call) {
    const struct ht_gov_calls_context *context = &calls->context;
    json_t *leaves = json_array();
    struct ht_gov_place place;
    char to[HT_ADDRESS_TEXT_SIZE] = "an unknown address";
    ht_addr20 from = call->caller;
    if (call->is_undone) return leaves;
    if (call->has_target) ht_address_checksum(to, &call->target);
    bool is_sent = !call->is_delegate && is_ours(context, &call->caller);
    bool is_kept = call->has_target && is_ours(context, &call->target);
    if (is_sent && !is_kept && !ht_u256_is_zero(&call->wei)) {
        (void)json_array_append_new(
            leaves, leaf_json("ether", NULL, "ETH", ETHER_DECIMALS, &call->wei, to));
    }
    if (call->known == NULL || !call->has_target) return leaves;
    enum ht_call_kind kind = call->known->kind;
    bool is_nft = kind == HT_CALL_NFT_TRANSFER;
    if (kind != HT_CALL_TRANSFER && kind != HT_CALL_TRANSFER_FROM && !is_nft) return leaves;
    const json_t *node = ht_gov_call_arg(call->args, "from");
    if (node != NULL && !ht_gov_call_address(&from, node)) return leaves;
    if (!is_ours(context, &from)) return leaves;
    const char *arg = "amount";
    if (is_nft) arg = ht_gov_call_arg(call->args, "tokenId") != NULL ? "tokenId" : "id";
    if (ht_gov_call_arg(call->args, arg) == NULL) return leaves;
    ht_u256 amount = ht_gov_call_number(call->args, arg);
    ht_gov_place_find(&place, context, &call->target);
    (void)json_array_append_new(leaves, leaf_json(is_nft ? "nft" : "token", &call->target,
                                                  place.symbol, place.decimals, &amount,
                                                  ht_gov_call_text(call->args, "to")));
    return leaves;
}

static json_t *row_json(const char *label, json_t *value, bool is_mono) {
    return json_pack("{ss so sb}", "label", label, "value", value, "mono", is_mono);
}

static json_t *rows_json(const struct ht_gov_calls *calls, const struct ht_gov_call *call) {
    char text[HT_AMOUNT_SIZE + 8];
    char place[HT_GOV_PLACE_TEXT_SIZE];
    json_t *rows = json_array();
    if (call->has_target) {
        ht_gov_place_text(place, &calls->context, &call->target);
        (void)json_array_append_new(rows, row_json("Contract", json_string(place), true));
    }
    ht_gov_place_text(place, &calls->context, &call->caller);
    (void)json_array_append_new(rows, row_json("Made by", json_string(place), true));
    if (!ht_u256_is_zero(&call->wei)) {
        ht_amount_text(text, &call->wei, ETHER_DECIMALS);
        (void)json_array_append_new(rows, row_json("Amount", json_sprintf("%s ETH", text), false));
    }
    return rows;
}

static json_t *alarm_json(const struct ht_gov_alarm *alarm) {
    return json_pack("{ss ss ss}", "level", ht_gov_alarm_level(alarm->code), "code",
                     ht_gov_alarm_name(alarm->code), "text", alarm->text);
}

static const char *kind_of(const struct ht_gov_call *call) {
    if (call->known == NULL) return call->data.n == 0 ? "transfer" : "call";
    switch (call->known->kind) {
    case HT_CALL_TRANSFER:
    case HT_CALL_TRANSFER_FROM:
    case HT_CALL_NFT_TRANSFER: return "token";
    case HT_CALL_APPROVE:
    case HT_CALL_APPROVE_ALL:
    case HT_CALL_PERMIT:
    case HT_CALL_PERMIT_ALL:
    case HT_CALL_PERMIT2_APPROVE: return "approval";
    case HT_CALL_CALLS:
    case HT_CALL_CALLS_SELF:
    case HT_CALL_CALLS_UNDONE:
    case HT_CALL_DELEGATE:
    case HT_CALL_UPGRADE:
    case HT_CALL_MULTISEND:
    case HT_CALL_EXECUTION:
    case HT_CALL_CONTROL:
    case HT_CALL_PACKED:
    case HT_CALL_OTHER: break;
    }
    return "call";
}

static json_t *explain_json(const struct ht_gov_calls *calls, const struct ht_gov_call *call) {
    bool is_red = false;
    json_t *warnings = json_array();
    for (size_t i = 0; i < call->alarm_count; i++) {
        is_red = is_red || strcmp(ht_gov_alarm_level(call->alarms[i].code), "danger") == 0;
        (void)json_array_append_new(warnings, alarm_json(&call->alarms[i]));
    }
    return json_pack("{ss ss ss so so so so sb}", "title", call->title, "sentence", call->sentence,
                     "kind", kind_of(call), "leaves", leaves_json(calls, call), "rows",
                     rows_json(calls, call), "tree", tree_json(call), "warnings", warnings,
                     "is_red", is_red);
}

/* --- calls ------------------------------------------------------------------------------------*/

static json_t *call_json(const struct ht_gov_calls *calls, const struct ht_gov_call *call) {
    struct ht_gov_place place = {.name = NULL};
    if (call->has_target) ht_gov_place_find(&place, &calls->context, &call->target);
    json_t *name = place.name != NULL
                       ? ht_gov_text_json(ht_bytes_str(place.name), HT_GOV_PLACE_NAME_MAX)
                       : json_null();
    return json_pack("{ss so so so so so ss sb so s[] sI}", "path", call->path, "target",
                     target_json(call), "target_name", name, "wei", ht_gov_u256_json(&call->wei),
                     "signature", ht_gov_text_json(call->signature, SIGNATURE_SHOWN), "calldata",
                     ht_gov_hex_json(call->calldata), "operation",
                     call->is_delegate ? "delegate" : "call", "guess", call->is_guess, "explain",
                     explain_json(calls, call), "calls", "left_out", (json_int_t)call->left_out);
}

/* Which action each call is part of; parents stand before. */
static void find_actions(size_t out[static HT_GOV_CALLS_MAX], const struct ht_gov_calls *calls) {
    for (size_t i = 0; i < calls->count; i++) {
        size_t parent = calls->call[i].parent;
        out[i] = parent == HT_GOV_NO_PARENT ? i : out[parent];
    }
}

static json_t *alarms_json(const struct ht_gov_calls *calls, const size_t *actions, size_t action) {
    json_t *list = json_array();
    for (unsigned code = 0; code < HT_GOV_ALARM_COUNT; code++) {
        for (size_t i = action; i < calls->count; i++) {
            const struct ht_gov_call *call = &calls->call[i];
            for (size_t k = 0; actions[i] == action && k < call->alarm_count; k++) {
                if (call->alarms[k].code != (enum ht_gov_alarm_code)code) continue;
                json_t *alarm = alarm_json(&call->alarms[k]);
                (void)json_object_set_new(alarm, "path", json_string(call->path));
                (void)json_array_append_new(list, alarm);
            }
        }
    }
    return list;
}

/* Puts each where it belongs; false without memory. */
static bool put_together(json_t *out, json_t **nodes, const struct ht_gov_calls *calls) {
    size_t actions[HT_GOV_CALLS_MAX];
    find_actions(actions, calls);
    for (size_t i = calls->count; i-- > 0;) {
        size_t parent = calls->call[i].parent;
        json_t *list = out;
        if (parent == HT_GOV_NO_PARENT) {
            json_t *alarms = alarms_json(calls, actions, i);
            if (json_object_set_new(nodes[i], "alarms", alarms) != 0) return false;
        } else {
            list = json_object_get(nodes[parent], "calls");
        }
        if (json_array_insert(list, 0, nodes[i]) != 0) return false;
    }
    return true;
}

json_t *ht_gov_calls_json(const struct ht_gov_calls *calls) {
    json_t *out = json_array();
    json_t **nodes = calloc(HT_GOV_CALLS_MAX, sizeof *nodes);
    bool is_whole = out != NULL && nodes != NULL;
    for (size_t i = 0; is_whole && i < calls->count; i++) {
        nodes[i] = call_json(calls, &calls->call[i]);
        is_whole = nodes[i] != NULL;
    }
    if (is_whole) is_whole = put_together(out, nodes, calls);
    for (size_t i = 0; nodes != NULL && i < calls->count; i++) json_decref(nodes[i]);
    free(nodes);
    if (is_whole) return out;
    json_decref(out);
    return NULL;
}
