/* The calls that a known function makes: found in its arguments, put on the walk's list.
 *
 * Arguments come in four forms: single ones, lists side by side, a list of tuples, and packed
 * bytes. Who makes the inner calls follows the EVM: the contract itself, or for code that runs by a
 * delegate call whoever runs it. */
#include "identity/wallet/explain_inner.h"

#include <stdio.h>
#include <stdlib.h>

#include "identity/wallet/explain_known.h"
#include "node/base/hex.h"
#include "node/codec/abi.h"
#include "node/codec/address.h"
#include "node/codec/packed_calls.h"

#define SELECTOR 4U

/* A call that is to be added. */
struct inner {
    bool has_target;
    ht_addr20 target;
    ht_u256 value;
    ht_bytes data;
    bool is_delegate;
    bool is_opaque;
};

struct adding {
    const struct ht_call_known *known;
    json_t *list;
    size_t index; /* of the next call, from 1 */
};

/* --- room --------------------------------------------------------------------------------------*/

static bool is_full(const struct adding *adding) {
    const struct ht_call_walk *walk = adding->known->walk;
    return walk->count == HT_CALLS_MAX || adding->known->task->depth == HT_CALL_DEPTH_MAX;
}

/* The bytes of a node's hex, behind `head` bytes of room for the caller, owned by the walk.
 * HT_ELIMIT past the bounds. */
static enum ht_err copy_bytes(struct ht_call_walk *walk, uint8_t **out, size_t *n,
                              const json_t *node, size_t head) {
    const char *hex = json_string_value(json_object_get(node, "value"));
    size_t length = json_string_length(json_object_get(node, "value"));
    if (hex == NULL || length < 2) return HT_EINPUT;
    *n = (length - 2) / 2;
    if (*n > HT_CALLS_DATA_MAX - walk->data_bytes) return HT_ELIMIT;
    if (walk->copy_count == HT_CALLS_MAX) return HT_ELIMIT;
    uint8_t *copy = malloc(head + *n + 1);
    if (copy == NULL) return HT_ENOMEM;
    walk->copies[walk->copy_count++] = copy;
    walk->data_bytes += *n;
    *out = copy;
    return ht_hex_read(copy + head, *n, ht_bytes_of(hex, length));
}

/* --- one call ----------------------------------------------------------------------------------*/

static void write_path(struct ht_call_task *task, const struct ht_call_task *from, size_t index) {
    const char *point = from->depth > 0 ? "." : "";
    int n = snprintf(task->path, sizeof task->path, "%s%s%zu", from->path, point, index);
    ht_assert(n > 0 && (size_t)n < sizeof task->path);
}

static void tell_value(struct ht_call_walk *walk, const struct ht_call_task *task) {
    char amount[HT_AMOUNT_SIZE];
    char to[HT_ADDRESS_TEXT_SIZE] = "an unknown address";
    const unsigned ether_decimals = 18;
    const unsigned rows_max = 16;
    const ht_addr20 *account = &walk->context->account;
    bool is_back = task->has_contract && memcmp(task->contract.b, account->b, 20) == 0;
    if (ht_u256_is_zero(&task->value) || task->is_undone) return;
    if (task->has_contract) ht_address_checksum(to, &task->contract);
    if (task->is_ours && !is_back) {
        ht_explain_leaf(walk->explanation, "ether", NULL, "ETH", ether_decimals, &task->value, to);
        return;
    }
    if (task->is_ours || walk->value_rows > rows_max) return;
    if (walk->value_rows++ == rows_max) {
        ht_explain_row(walk->explanation, "Amounts of inner calls", false,
                       "more of them stand with the calls");
        return;
    }
    ht_amount_text(amount, &task->value, ether_decimals);
    ht_explain_row(walk->explanation, "Amount of an inner call", false, "%s ETH to %s (call %s)",
                   amount, to, task->path);
}

static void add_call(struct adding *adding, const struct inner *inner) {
    const struct ht_call_task *from = adding->known->task;
    struct ht_call_walk *walk = adding->known->walk;
    enum ht_call_kind kind = adding->known->call->kind;
    size_t index = adding->index++;
    if (is_full(adding)) {
        walk->left_out++;
        return;
    }
    struct ht_call_task *task = &walk->tasks[walk->count++];
    *task = (struct ht_call_task){.list = adding->list,
                                  .depth = from->depth + 1,
                                  .data = inner->data,
                                  .is_opaque = inner->is_opaque,
                                  .is_undone = from->is_undone || kind == HT_CALL_CALLS_UNDONE};
    write_path(task, from, index);
    if (kind == HT_CALL_CALLS_SELF) {
        task->has_contract = from->has_contract;
        task->contract = from->contract;
        task->caller = from->caller;
        task->self = from->self;
        task->is_ours = from->is_ours;
        task->is_delegate = from->is_delegate;
        return;
    }
    task->has_contract = inner->has_target;
    task->contract = inner->target;
    task->caller = from->self;
    task->self = inner->is_delegate ? from->self : inner->target;
    task->value = inner->value;
    task->is_delegate = inner->is_delegate;
    task->is_ours = !task->is_delegate &&
                    memcmp(task->caller.b, walk->context->account.b, sizeof task->caller.b) == 0;
    tell_value(walk, task);
    if (task->is_delegate && kind != HT_CALL_UPGRADE) {
        ht_call_warn(walk, task, ht_known_call_find(task->data), HT_WARN_DELEGATE_CALL,
                     "Another contract's code would run as the one that calls it, by a delegate "
                     "call: that code may do anything with it.");
    }
}

/* --- arguments ---------------------------------------------------------------------------------*/

static const json_t *first_of(const json_t *args, const char *const names[], size_t index,
                              bool is_list) {
    for (size_t i = 0; names[i] != NULL; i++) {
        const json_t *node = ht_call_argument(args, names[i]);
        if (node == NULL) continue;
        return is_list ? json_array_get(json_object_get(node, "children"), index) : node;
    }
    return NULL;
}

/* What a signature is written with. A text with anything else may have been escaped: then its hash
 * is not that of what the contract would hash. */
static bool is_signature(const char *text) {
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_$(),[]";
    return text[strspn(text, letters)] == '\0';
}

/* GovernorBravo and Compound's timelock put the selector of a signature before the data, unless the
 * signature is empty. The signatures of a Safe are bytes, not text. */
static size_t selector_of(uint8_t out[static SELECTOR], bool *is_opaque, const json_t *signature) {
    const char *text = json_string_value(json_object_get(signature, "value"));
    const char *type = json_string_value(json_object_get(signature, "type"));
    bool is_text = text != NULL && type != NULL && strcmp(type, "string") == 0;
    if (!is_text || text[0] == '\0') return 0;
    *is_opaque = !is_signature(text);
    ht_abi_selector(out, text);
    return SELECTOR;
}

/* The call at this place of the arguments. */
static enum ht_err add_at(struct adding *adding, const json_t *args, size_t index, bool is_list) {
    static const char *const targets[] = {
        "to", "target", "targets", "newImplementation", "implementation", NULL};
    static const char *const values[] = {"value", "values", NULL};
    static const char *const datas[] = {"data",     "callData", "calldatas",
                                        "payloads", "payload",  NULL};
    static const char *const signatures[] = {"signature", "signatures", NULL};
    enum ht_call_kind kind = adding->known->call->kind;
    const json_t *data = first_of(args, datas, index, is_list);
    const char *operation = ht_call_text(args, "operation");
    uint8_t selector[SELECTOR];
    uint8_t *copy = NULL;
    size_t n = 0;
    struct inner inner = {.is_opaque = false};
    size_t head =
        selector_of(selector, &inner.is_opaque, first_of(args, signatures, index, is_list));
    enum ht_err err = HT_ELIMIT;
    if (!is_full(adding)) err = copy_bytes(adding->known->walk, &copy, &n, data, head);
    if (err == HT_ELIMIT) {
        adding->index++;
        adding->known->walk->left_out++;
        return HT_OK;
    }
    if (err != HT_OK) return err == HT_ENOMEM ? err : HT_OK;
    if (kind == HT_CALL_UPGRADE && n == 0) return HT_OK;
    memcpy(copy, selector, head);
    inner.value = ht_call_number(first_of(args, values, index, is_list));
    inner.data = ht_bytes_of(copy, head + n);
    inner.is_delegate =
        kind == HT_CALL_DELEGATE || kind == HT_CALL_UPGRADE || strcmp(operation, "1") == 0;
    inner.has_target = ht_call_address(&inner.target, first_of(args, targets, index, is_list));
    add_call(adding, &inner);
    return HT_OK;
}

static size_t length_of(const json_t *node) {
    return json_array_size(json_object_get(node, "children"));
}

/* Three forms: single arguments, lists side by side, a list of tuples. */
static enum ht_err add_arguments(struct adding *adding, const json_t *args) {
    static const char *const datas[] = {"data", "calldatas", "payloads", NULL};
    const json_t *calls = ht_call_argument(args, "calls");
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

/* --- packed forms ------------------------------------------------------------------------------*/

static void warn_packed(const struct ht_call_known *known, const char *reason) {
    ht_call_warn(known->walk, known->task, known->call, HT_WARN_PACKED,
                 "%s: the calls in it cannot be shown: %.100s.", known->call->title, reason);
}

static void add_packed(struct adding *adding, const struct ht_packed_call *call) {
    struct inner inner = {.has_target = true,
                          .target = call->target,
                          .value = call->value,
                          .data = call->data,
                          .is_delegate = call->operation == 1};
    add_call(adding, &inner);
}

/* All of them or, when one is malformed, none: the contract would go back on all. */
static enum ht_err add_multisend(struct adding *adding) {
    const struct ht_call_known *known = adding->known;
    struct ht_packed_call call;
    struct ht_why why = {.code = "", .text = "they are too long"};
    uint8_t *copy = NULL;
    size_t n = 0;
    const json_t *node = ht_call_argument(known->args, "transactions");
    enum ht_err err = copy_bytes(known->walk, &copy, &n, node, 0);
    if (err == HT_ENOMEM) return err;
    ht_bytes rest = ht_bytes_of(copy, n);
    while (err == HT_OK && rest.n > 0) err = ht_packed_take_multisend(&call, &rest, &why);
    if (err != HT_OK) {
        warn_packed(known, why.text);
        return HT_OK;
    }
    rest = ht_bytes_of(copy, n);
    while (rest.n > 0) {
        if (ht_packed_take_multisend(&call, &rest, &why) != HT_OK) break;
        add_packed(adding, &call);
    }
    return HT_OK;
}

/* The batch of ERC-7579 is the ABI's encoding of a list, without a selector. */
static enum ht_err add_batch(struct adding *adding, ht_bytes with_room) {
    static const struct ht_known_call batch = {
        .signature = "batch((address target,uint256 value,bytes data)[] calls)"};
    struct ht_why why = {.code = "", .text = ""};
    bool has_trailing = false;
    json_t *args = NULL;
    enum ht_err err = ht_known_call_decode(&args, &has_trailing, &batch, with_room, &why);
    if (err == HT_ENOMEM) return err;
    if (err != HT_OK) {
        warn_packed(adding->known, why.text);
        return HT_OK;
    }
    if (has_trailing) {
        ht_call_warn(adding->known->walk, adding->known->task, adding->known->call,
                     HT_WARN_TRAILING,
                     "Behind the arguments there is data that none of them uses.");
    }
    err = add_arguments(adding, args);
    json_decref(args);
    return err;
}

/* ERC-7579 execute(mode, executionCalldata): the mode's first byte says what the data is. */
static enum ht_err add_execution(struct adding *adding) {
    const struct ht_call_known *known = adding->known;
    struct ht_packed_call call;
    struct ht_why why = {.code = "", .text = "they are too long"};
    uint8_t *copy = NULL;
    uint8_t mode[32];
    size_t n = 0;
    ht_bytes text = ht_bytes_str(ht_call_text(known->args, "mode"));
    const json_t *node = ht_call_argument(known->args, "executionCalldata");
    enum ht_err err = copy_bytes(known->walk, &copy, &n, node, SELECTOR);
    if (err == HT_ENOMEM) return err;
    if (err == HT_OK) err = ht_hex_read(mode, sizeof mode, text);
    if (err == HT_OK && mode[0] == 0x01) {
        memset(copy, 0, SELECTOR);
        return add_batch(adding, ht_bytes_of(copy, SELECTOR + n));
    }
    if (err == HT_OK && mode[0] != 0x00 && mode[0] != 0xff) {
        err = ht_fail(&why, HT_EINPUT, "packed_mode", "the mode is not known");
    }
    if (err == HT_OK) {
        ht_bytes data = ht_bytes_of(copy + SELECTOR, n);
        err = ht_packed_read_single(&call, data, mode[0] == 0xff, &why);
    }
    if (err == HT_OK) {
        add_packed(adding, &call);
    } else {
        warn_packed(known, why.text);
    }
    return HT_OK;
}

enum ht_err ht_call_add_inner(const struct ht_call_known *known, json_t *list) {
    struct adding adding = {.known = known, .list = list, .index = 1};
    switch (known->call->kind) {
    case HT_CALL_CALLS:
    case HT_CALL_CALLS_SELF:
    case HT_CALL_CALLS_UNDONE:
    case HT_CALL_DELEGATE:
    case HT_CALL_UPGRADE: return add_arguments(&adding, known->args);
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
