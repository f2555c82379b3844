/* The calls within a call: out of its arguments, by their names, in four forms: one call, lists
 * side by side, a list of tuples, and packed bytes. Who makes them follows the EVM: the contract
 * that runs, or for code that runs by a delegate call whoever runs it. */
#include "governance/calls/calls_inner.h"

#include "node/base/hex.h"
#include "node/codec/packed_calls.h"

#define SELECTOR 4U

struct adding {
    struct ht_gov_calls *calls;
    size_t at; /* of the call that makes them */
    enum ht_call_kind kind;
};

static struct ht_gov_call *maker(const struct adding *adding) {
    return &adding->calls->call[adding->at];
}

static enum ht_err add(const struct adding *adding, struct ht_gov_call_inner *inner) {
    const struct ht_gov_call *from = maker(adding);
    inner->is_undone = from->is_undone || adding->kind == HT_CALL_CALLS_UNDONE;
    inner->caller = from->self;
    if (adding->kind == HT_CALL_CALLS_SELF) {
        inner->has_target = from->has_target;
        inner->target = from->target;
        inner->caller = from->caller;
        inner->is_delegate = from->is_delegate;
    }
    return ht_gov_calls_add(adding->calls, adding->at, inner);
}

/* Bytes of a node, in the calls' arena with `head` bytes of room before them. */
static enum ht_err bytes_of(ht_bytes *out, const struct adding *adding, const json_t *node,
                            size_t head) {
    const json_t *value = json_object_get(node, "value");
    const char *hex = json_string_value(value);
    size_t length = json_string_length(value);
    enum ht_err err = HT_OK;
    *out = ht_bytes_of(NULL, 0);
    if (hex == NULL || length < 2) return HT_EINPUT;
    size_t n = (length - 2) / 2;
    uint8_t *bytes = ht_gov_calls_bytes(adding->calls, head + n, &err);
    if (bytes == NULL) return err;
    memset(bytes, 0, head);
    err = ht_hex_read(bytes + head, n, ht_bytes_of(hex, length));
    if (err == HT_OK) *out = ht_bytes_of(bytes, head + n);
    return err;
}

/* --- arguments --------------------------------------------------------------------------------*/

static const json_t *first_of(const json_t *args, const char *const names[], size_t index,
                              bool is_list) {
    for (size_t i = 0; names[i] != NULL; i++) {
        const json_t *node = ht_gov_call_arg(args, names[i]);
        if (node == NULL) continue;
        return is_list ? json_array_get(json_object_get(node, "children"), index) : node;
    }
    return NULL;
}

/* The signature as the contract reads it: nodes have texts made fit for the eye, values do not. The
 * signatures of a Safe are bytes, not text. */
static ht_bytes signature_of(const struct adding *adding, size_t index, bool is_list) {
    const struct ht_gov_call *from = maker(adding);
    for (size_t i = 0; i < json_array_size(from->args); i++) {
        const json_t *node = json_array_get(from->args, i);
        const char *name = json_string_value(json_object_get(node, "name"));
        const char *type = json_string_value(json_object_get(node, "type"));
        if (name == NULL || type == NULL || strncmp(name, "signature", 9) != 0) continue;
        if (strncmp(type, "string", 6) != 0) continue;
        const json_t *value = json_array_get(from->values, i);
        if (is_list) value = json_array_get(value, index);
        if (!json_is_string(value)) break;
        return ht_bytes_of(json_string_value(value), json_string_length(value));
    }
    return ht_bytes_of(NULL, 0);
}

static enum ht_err add_at(const struct adding *adding, const json_t *args, size_t index,
                          bool is_list) {
    static const char *const targets[] = {"to", "target", "targets", NULL};
    static const char *const values[] = {"value", "values", NULL};
    static const char *const datas[] = {"data",     "callData", "calldatas",
                                        "payloads", "payload",  NULL};
    const char *operation = ht_gov_call_text(args, "operation");
    const json_t *value = json_object_get(first_of(args, values, index, is_list), "value");
    struct ht_gov_call_inner inner = {.signature = signature_of(adding, index, is_list)};
    enum ht_err err = bytes_of(&inner.calldata, adding, first_of(args, datas, index, is_list), 0);
    if (err == HT_ELIMIT) {
        maker(adding)->left_out++;
        return HT_OK;
    }
    if (err == HT_ENOMEM) return err;
    if (json_is_string(value) &&
        ht_u256_from_decimal(&inner.wei, ht_bytes_str(json_string_value(value))) != HT_OK) {
        inner.wei = ht_u256_of(0);
    }
    inner.is_delegate = adding->kind == HT_CALL_DELEGATE || strcmp(operation, "1") == 0;
    inner.has_target = ht_gov_call_address(&inner.target, first_of(args, targets, index, is_list));
    return add(adding, &inner);
}

static size_t length_of(const json_t *node) {
    return json_array_size(json_object_get(node, "children"));
}

static enum ht_err add_arguments(const struct adding *adding, const json_t *args) {
    static const char *const datas[] = {"data", "calldatas", "payloads", NULL};
    const json_t *calls = ht_gov_call_arg(args, "calls");
    const json_t *data = first_of(args, datas, 0, false);
    bool is_list = calls == NULL && json_object_get(data, "children") != NULL;
    size_t count = calls != NULL ? length_of(calls) : is_list ? length_of(data) : 1;
    enum ht_err err = HT_OK;
    for (size_t i = 0; err == HT_OK && i < count; i++) {
        const json_t *tuple = json_array_get(json_object_get(calls, "children"), i);
        const json_t *from = calls != NULL ? json_object_get(tuple, "children") : args;
        err = add_at(adding, from, i, is_list);
    }
    return err;
}

/* The new code runs as the proxy: what upgradeToAndCall's own target is, and with a ProxyAdmin the
 * proxy that it is told. */
static enum ht_err add_upgrade(const struct adding *adding) {
    const struct ht_gov_call *from = maker(adding);
    struct ht_gov_call_inner inner = {.is_delegate = true};
    enum ht_err err = bytes_of(&inner.calldata, adding, ht_gov_call_arg(from->args, "data"), 0);
    if (err == HT_ENOMEM) return err;
    if (err == HT_ELIMIT) maker(adding)->left_out++;
    if (err != HT_OK || inner.calldata.n == 0) return HT_OK;
    const json_t *node = ht_gov_call_arg(from->args, "newImplementation");
    if (node == NULL) node = ht_gov_call_arg(from->args, "implementation");
    inner.has_target = ht_gov_call_address(&inner.target, node);
    inner.is_undone = from->is_undone;
    inner.caller = from->self;
    node = ht_gov_call_arg(from->args, "proxy");
    if (node != NULL && !ht_gov_call_address(&inner.caller, node)) return HT_OK;
    return ht_gov_calls_add(adding->calls, adding->at, &inner);
}

/* --- packed forms -----------------------------------------------------------------------------*/

static void tell_packed(const struct adding *adding, const char *reason) {
    ht_gov_call_alarm(adding->calls, maker(adding), HT_GOV_ALARM_PACKED,
                      "The calls in it cannot be shown: %.100s.", reason);
}

static enum ht_err add_packed(const struct adding *adding, const struct ht_packed_call *call) {
    struct ht_gov_call_inner inner = {.has_target = true,
                                      .target = call->target,
                                      .wei = call->value,
                                      .calldata = call->data,
                                      .is_delegate = call->operation == 1};
    return add(adding, &inner);
}

/* All of them or, when one is malformed, none: the contract would go back on all. */
static enum ht_err add_multisend(const struct adding *adding) {
    struct ht_packed_call call;
    struct ht_why why = {.code = "", .text = "they are too long"};
    ht_bytes whole;
    const json_t *node = ht_gov_call_arg(maker(adding)->args, "transactions");
    enum ht_err err = bytes_of(&whole, adding, node, 0);
    if (err == HT_ENOMEM) return err;
    ht_bytes rest = whole;
    while (err == HT_OK && rest.n > 0) err = ht_packed_take_multisend(&call, &rest, &why);
    if (err != HT_OK) {
        tell_packed(adding, why.text);
        return HT_OK;
    }
    rest = whole;
    while (err == HT_OK && rest.n > 0) {
        if (ht_packed_take_multisend(&call, &rest, &why) != HT_OK) break;
        err = add_packed(adding, &call);
    }
    return err;
}

/* The batch of ERC-7579 is the ABI's encoding of a list, without a selector. */
static enum ht_err add_batch(const struct adding *adding, ht_bytes with_room) {
    static const struct ht_known_call batch = {
        .signature = "batch((address target,uint256 value,bytes data)[] calls)"};
    struct ht_why why = {.code = "", .text = ""};
    bool has_trailing = false;
    json_t *args = NULL;
    enum ht_err err = ht_known_call_decode(&args, &has_trailing, &batch, with_room, &why);
    if (err == HT_ENOMEM) return err;
    if (err != HT_OK || has_trailing) {
        tell_packed(adding, err != HT_OK ? why.text : "data is left that none of them uses");
        json_decref(args);
        return HT_OK;
    }
    err = add_arguments(adding, args);
    json_decref(args);
    return err;
}

/* ERC-7579 execute(mode, executionCalldata): the mode's first byte says what the data is. */
static enum ht_err add_execution(const struct adding *adding) {
    struct ht_packed_call call;
    struct ht_why why = {.code = "", .text = "they are too long"};
    uint8_t mode[32] = {0};
    ht_bytes data;
    const json_t *args = maker(adding)->args;
    ht_bytes text = ht_bytes_str(ht_gov_call_text(args, "mode"));
    enum ht_err err = bytes_of(&data, adding, ht_gov_call_arg(args, "executionCalldata"), SELECTOR);
    if (err == HT_ENOMEM) return err;
    if (err == HT_OK) err = ht_hex_read(mode, sizeof mode, text);
    if (err == HT_OK && mode[0] == 0x01) return add_batch(adding, data);
    if (err == HT_OK && mode[0] != 0x00 && mode[0] != 0xff) {
        err = ht_fail(&why, HT_EINPUT, "packed_mode", "the mode is not known");
    }
    if (err == HT_OK) {
        ht_bytes packed = ht_bytes_of(data.p + SELECTOR, data.n - SELECTOR);
        err = ht_packed_read_single(&call, packed, mode[0] == 0xff, &why);
    }
    if (err == HT_OK) return add_packed(adding, &call);
    tell_packed(adding, why.text);
    return HT_OK;
}

enum ht_err ht_gov_calls_inner(struct ht_gov_calls *calls, size_t i) {
    const struct ht_gov_call *call = &calls->call[i];
    struct adding adding = {.calls = calls, .at = i, .kind = call->known->kind};
    switch (call->known->kind) {
    case HT_CALL_CALLS:
    case HT_CALL_CALLS_SELF:
    case HT_CALL_CALLS_UNDONE:
    case HT_CALL_DELEGATE: return add_arguments(&adding, call->args);
    case HT_CALL_UPGRADE: return add_upgrade(&adding);
    case HT_CALL_MULTISEND: return add_multisend(&adding);
    case HT_CALL_EXECUTION: return add_execution(&adding);
    case HT_CALL_OTHER:
    case HT_CALL_TRANSFER:
    case HT_CALL_TRANSFER_FROM:
    case HT_CALL_NFT_TRANSFER:
    case HT_CALL_APPROVE:
    case HT_CALL_APPROVE_ALL:
    case HT_CALL_PERMIT:
    case HT_CALL_PERMIT_ALL:
    case HT_CALL_PERMIT2_APPROVE:
    case HT_CALL_CONTROL:
    case HT_CALL_PACKED: break;
    }
    return HT_OK;
}
