/* Calls: what a known function would do, and the calls that it makes in turn.
 *
 * Calls within calls are taken from a list of those still to do, so that nothing recurses. Only
 * what happens in the signer's own name moves the signer's tokens: leaves and the title come from
 * the outer call and from calls of a contract to itself (multicall); warnings come from all. */
#include "identity/explain_call.h"

#include <stdio.h>
#include <stdlib.h>

#include "identity/address.h"
#include "node/base/hex.h"
#include "node/codec/abi_word.h"

struct task {
    json_t *list;       /* where the decoded call goes, borrowed */
    bool has_contract;  /* whom it calls */
    ht_addr20 contract; /* of a call to itself: the same */
    ht_u256 value;      /* wei that goes with it */
    ht_bytes data;
    unsigned depth;
    bool is_ours; /* in the signer's name */
};

struct walk {
    struct ht_explanation *explanation;
    const struct ht_explain_context *context;
    struct task tasks[HT_CALLS_MAX];
    uint8_t *copies[HT_CALLS_MAX]; /* data of inner calls */
    size_t done, count;
    bool is_over; /* a bound was met */
};

bool ht_is_unlimited(const ht_u256 *amount, unsigned bits) {
    const ht_u256 one = ht_u256_of(1);
    ht_u256 next;
    uint64_t common = 0;
    ht_u256_add(&next, amount, &one);
    for (size_t i = 0; i < 4; i++) common |= amount->limb[i] & next.limb[i];
    unsigned length = ht_u256_bit_length(amount);
    return length + 1 >= bits || (length >= 64 && common == 0);
}

/* --- arguments --------------------------------------------------------------------------------*/

static const json_t *argument(const json_t *args, const char *name) {
    size_t index = 0;
    json_t *node = NULL;
    json_array_foreach((json_t *)(uintptr_t)args, index, node) {
        const char *own = json_string_value(json_object_get(node, "name"));
        if (own != NULL && strcmp(own, name) == 0) return node;
    }
    return NULL;
}

static const char *text_of(const json_t *args, const char *name) {
    const char *text = json_string_value(json_object_get(argument(args, name), "value"));
    return text != NULL ? text : "?";
}

static bool address_of(ht_addr20 *out, const json_t *node) {
    const json_t *value = json_object_get(node, "value");
    if (!json_is_string(value)) return false;
    return ht_hex_read(out->b, sizeof out->b, ht_bytes_str(json_string_value(value))) == HT_OK;
}

static ht_u256 number_of(const json_t *node) {
    ht_u256 number = {{0}};
    const char *text = json_string_value(json_object_get(node, "value"));
    if (text == NULL || ht_u256_from_decimal(&number, ht_bytes_str(text)) != HT_OK) {
        return (ht_u256){{0}};
    }
    return number;
}

static bool is_true(const json_t *args, const char *name) {
    return json_is_true(json_object_get(argument(args, name), "value"));
}

/* --- calls within calls -----------------------------------------------------------------------*/

static const json_t *first_of(const json_t *args, const char *const names[], size_t index,
                              bool is_list) {
    for (size_t i = 0; names[i] != NULL; i++) {
        const json_t *node = argument(args, names[i]);
        if (node == NULL) continue;
        return is_list ? json_array_get(json_object_get(node, "children"), index) : node;
    }
    return NULL;
}

/* Puts a call on the list of those still to do. */
static enum ht_err add_task(struct walk *walk, const struct task *from, json_t *list,
                            const json_t *target, const json_t *value, const json_t *data) {
    const char *hex = json_string_value(json_object_get(data, "value"));
    if (hex == NULL) return HT_OK;
    if (walk->count == HT_CALLS_MAX || from->depth == HT_CALL_DEPTH_MAX) {
        walk->is_over = true;
        return HT_OK;
    }
    size_t n = (strlen(hex) - 2) / 2;
    uint8_t *copy = malloc(n + 1);
    if (copy == NULL) return HT_ENOMEM;
    walk->copies[walk->count] = copy;
    struct task *task = &walk->tasks[walk->count++];
    *task = (struct task){.list = list, .depth = from->depth + 1, .value = number_of(value)};
    if (ht_hex_read(copy, n, ht_bytes_str(hex)) == HT_OK) task->data = ht_bytes_of(copy, n);
    task->has_contract = target == NULL ? from->has_contract : address_of(&task->contract, target);
    if (target == NULL) {
        task->contract = from->contract;
        task->is_ours = from->is_ours;
    }
    return HT_OK;
}

static size_t length_of(const json_t *node) {
    return json_array_size(json_object_get(node, "children"));
}

/* Three forms: single arguments, lists side by side, a list of tuples. */
static enum ht_err add_inner(struct walk *walk, const struct task *task, json_t *list,
                             const json_t *args, bool is_self) {
    static const char *const targets[] = {"to", "target", "targets", NULL};
    static const char *const values[] = {"value", "values", NULL};
    static const char *const datas[] = {"data",     "callData", "calldatas",
                                        "payloads", "payload",  NULL};
    const json_t *calls = argument(args, "calls");
    const json_t *data = first_of(args, datas, 0, false);
    bool is_list = calls == NULL && json_object_get(data, "children") != NULL;
    size_t count = calls != NULL ? length_of(calls) : is_list ? length_of(data) : 1;
    enum ht_err err = HT_OK;
    for (size_t i = 0; err == HT_OK && i < count && !walk->is_over; i++) {
        const json_t *tuple = json_array_get(json_object_get(calls, "children"), i);
        const json_t *from = calls != NULL ? json_object_get(tuple, "children") : args;
        const json_t *target = is_self ? NULL : first_of(from, targets, i, is_list);
        err = add_task(walk, task, list, target, first_of(from, values, i, is_list),
                       first_of(from, datas, i, is_list));
    }
    return err;
}

/* --- what each kind means ---------------------------------------------------------------------*/

struct known {
    struct walk *walk;
    const struct task *task;
    const struct ht_known_call *call;
    const json_t *args;
};

/* The kind and the sentence are those of the outer call. */
HT_PRINTF(3, 4)
static void say(const struct known *known, const char *kind, const char *fmt, ...) {
    char text[sizeof known->walk->explanation->sentence];
    va_list ap;
    if (known->task->depth > 0) return;
    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    known->walk->explanation->kind = kind;
    ht_explain_sentence(known->walk->explanation, "%s", text);
}

/* The token of the context when the call is to the contract that the context is about. */
static const char *symbol_of(const struct known *known) {
    return known->task->depth == 0 ? known->walk->context->token_symbol : NULL;
}

/* "5 DAI", or the number alone when the token's decimals are not known. */
static void amount_words(char *out, size_t size, const struct known *known, const ht_u256 *amount) {
    char text[HT_AMOUNT_SIZE];
    char symbol[HT_SHORT_SIZE] = "base units of the token";
    const char *name = symbol_of(known);
    if (name != NULL) ht_short_text(symbol, ht_bytes_str(name));
    ht_amount_text(text, amount, name != NULL ? known->walk->context->token_decimals : 0);
    (void)snprintf(out, size, "%s %s", text, symbol);
}

static bool is_account(const struct known *known, const char *name) {
    ht_addr20 address;
    if (!address_of(&address, argument(known->args, name))) return false;
    return memcmp(address.b, known->walk->context->account.b, sizeof address.b) == 0;
}

static void warn_recipient(const struct known *known, const char *name) {
    ht_addr20 to;
    struct ht_explanation *explanation = known->walk->explanation;
    if (!address_of(&to, argument(known->args, name))) return;
    if (known->task->has_contract && memcmp(to.b, known->task->contract.b, sizeof to.b) == 0) {
        ht_explain_warn(explanation, HT_WARN_TOKEN_TO_ITSELF,
                        "The recipient is the token's own contract: what is sent there is lost.");
    }
    if (is_account(known, name)) {
        ht_explain_warn(explanation, HT_WARN_OWN_ADDRESS, "The recipient is your own address.");
    }
}

static void explain_transfer(const struct known *known) {
    struct ht_explanation *explanation = known->walk->explanation;
    char words[HT_AMOUNT_SIZE + HT_SHORT_SIZE];
    ht_u256 amount = number_of(argument(known->args, "amount"));
    const char *to = text_of(known->args, "to");
    bool is_from = known->call->kind == HT_CALL_TRANSFER_FROM;
    amount_words(words, sizeof words, known, &amount);
    warn_recipient(known, "to");
    if (!known->task->is_ours) return;
    if (is_from && !is_account(known, "from")) {
        say(known, "token", "Moves %.300s of %s to %s, as far as that is allowed.", words,
            text_of(known->args, "from"), to);
        return;
    }
    say(known, "token", "Sends %.300s to %s.", words, to);
    ht_explain_leaf(explanation, "token", &known->task->contract, symbol_of(known),
                    known->walk->context->token_decimals, &amount, to);
}

static void explain_nft(const struct known *known) {
    struct ht_explanation *explanation = known->walk->explanation;
    const char *to = text_of(known->args, "to");
    const json_t *id = argument(known->args, "tokenId");
    warn_recipient(known, "to");
    if (!known->task->is_ours) return;
    if (id == NULL) id = argument(known->args, "id");
    ht_u256 number = number_of(id);
    say(known, "token", "Sends %s %.80s to %s.", id != NULL ? "token" : "tokens",
        id != NULL ? json_string_value(json_object_get(id, "value")) : "", to);
    if (id != NULL && is_account(known, "from")) {
        ht_explain_leaf(explanation, "nft", &known->task->contract, symbol_of(known), 0, &number,
                        to);
    }
}

static void explain_approve(const struct known *known, const char *name, unsigned bits) {
    struct ht_explanation *explanation = known->walk->explanation;
    char words[HT_AMOUNT_SIZE + HT_SHORT_SIZE];
    const char *spender = text_of(known->args, "spender");
    ht_u256 amount = number_of(argument(known->args, name));
    bool is_unlimited = ht_is_unlimited(&amount, bits);
    amount_words(words, sizeof words, known, &amount);
    if (ht_u256_is_zero(&amount)) {
        ht_explain_warn(explanation, HT_WARN_REVOKES, "Takes an allowance back from %s.", spender);
        say(known, "approval", "%s may no longer spend this token.", spender);
        return;
    }
    if (is_unlimited) {
        ht_explain_warn(explanation, HT_WARN_APPROVAL_UNLIMITED,
                        "%s could take all of this token from you, now and at any time later.",
                        spender);
    } else {
        ht_explain_warn(explanation, HT_WARN_APPROVAL,
                        "%s could take up to %.200s from you at any time later.", spender, words);
    }
    say(known, "approval", "Allows %s to spend %.300s.", spender,
        is_unlimited ? "any amount of this token" : words);
}

static void explain_approve_all(const struct known *known) {
    struct ht_explanation *explanation = known->walk->explanation;
    const char *who = text_of(known->args, "operator");
    if (!is_true(known->args, "approved")) {
        ht_explain_warn(explanation, HT_WARN_REVOKES, "Takes control back from %s.", who);
        say(known, "approval", "%s may no longer move your tokens of this contract.", who);
        return;
    }
    ht_explain_warn(explanation, HT_WARN_APPROVAL_FOR_ALL,
                    "%s could take all your tokens of this contract, now and at any time later.",
                    who);
    say(known, "approval", "Gives %s control of all your tokens of this contract.", who);
}

static void explain_permit_all(const struct known *known) {
    struct ht_explanation *explanation = known->walk->explanation;
    const char *spender = text_of(known->args, "spender");
    if (!is_true(known->args, "allowed")) return;
    say(known, "approval", "Allows %s to spend any amount of this token.", spender);
    ht_explain_warn(explanation, HT_WARN_APPROVAL_UNLIMITED,
                    "%s could take all of this token from its holder, now and at any time later.",
                    spender);
}

static void explain_others(const struct known *known) {
    struct ht_explanation *explanation = known->walk->explanation;
    const char *operation = text_of(known->args, "operation");
    if (strcmp(operation, "1") == 0) {
        ht_explain_warn(explanation, HT_WARN_DELEGATE_CALL,
                        "The Safe would run the other contract's code as its own: that code may "
                        "do anything with it.");
    }
    if (known->call->kind == HT_CALL_CONTROL) {
        ht_explain_warn(explanation, HT_WARN_CONTROL,
                        "%s: this changes who commands a contract, a name or an identity.",
                        known->call->title);
    }
    if (known->call->kind == HT_CALL_PACKED) {
        ht_explain_warn(explanation, HT_WARN_PACKED,
                        "%s: the contract acts on packed data that cannot be shown in words.",
                        known->call->title);
    }
}

static void explain_known(const struct known *known) {
    struct ht_explanation *explanation = known->walk->explanation;
    if (known->task->depth == 0) {
        ht_explain_title(explanation, "%s", known->call->title);
        ht_explain_sentence(explanation, "Calls %.*s of the contract: %s.",
                            (int)strcspn(known->call->signature, "("), known->call->signature,
                            known->call->title);
    }
    switch (known->call->kind) {
    case HT_CALL_TRANSFER:
    case HT_CALL_TRANSFER_FROM: explain_transfer(known); break;
    case HT_CALL_NFT_TRANSFER: explain_nft(known); break;
    case HT_CALL_APPROVE:
        explain_approve(known, argument(known->args, "amount") != NULL ? "amount" : "addedValue",
                        256);
        break;
    case HT_CALL_PERMIT: explain_approve(known, "value", 256); break;
    case HT_CALL_PERMIT2_APPROVE: explain_approve(known, "amount", 160); break;
    case HT_CALL_APPROVE_ALL: explain_approve_all(known); break;
    case HT_CALL_PERMIT_ALL: explain_permit_all(known); break;
    case HT_CALL_CALLS:
    case HT_CALL_CALLS_SELF:
    case HT_CALL_CONTROL:
    case HT_CALL_PACKED:
    case HT_CALL_OTHER: explain_others(known); break;
    }
}

/* --- the walk ---------------------------------------------------------------------------------*/

static json_t *node_of(const struct task *task) {
    char wei[HT_U256_DECIMAL_SIZE];
    json_t *node = json_object();
    json_t *contract = task->has_contract ? ht_address_json(&task->contract) : json_null();
    (void)json_object_set_new(node, "contract", contract);
    if (task->depth > 0 && !ht_u256_is_zero(&task->value)) {
        (void)ht_u256_to_decimal(wei, &task->value);
        (void)json_object_set_new(node, "value", json_string(wei));
    }
    return node;
}

static void put_unknown(struct walk *walk, const struct task *task, json_t *node,
                        const struct ht_known_call *call, const char *reason) {
    struct ht_explanation *explanation = walk->explanation;
    bool is_short = task->data.n <= HT_CALL_DATA_MAX;
    bool has_selector = task->data.n >= 4;
    (void)json_object_set_new(node, "name", json_null());
    (void)json_object_set_new(
        node, "selector", has_selector ? ht_abi_hex(ht_bytes_of(task->data.p, 4)) : json_null());
    (void)json_object_set_new(node, "data", is_short ? ht_abi_hex(task->data) : json_null());
    if (task->data.n == 0) return;
    if (call != NULL) {
        ht_explain_warn(explanation, HT_WARN_BLIND,
                        "The data looks like \"%s\", but does not decode as it: %.100s.",
                        call->title, reason);
    } else {
        ht_explain_warn(explanation, HT_WARN_BLIND,
                        "%s data of %zu bytes for a function that this wallet does not know: what "
                        "it would do cannot be told.",
                        task->depth == 0 ? "Call" : "Inner call", task->data.n);
    }
    if (task->depth > 0) return;
    ht_explain_title(explanation, "Call an unknown function");
    ht_explain_sentence(explanation,
                        "Calls a function of the contract that this wallet does not know.");
}

static void put_text(json_t *node, const char *key, const char *text, size_t n) {
    (void)json_object_set_new(node, key, json_stringn(text, n));
}

static enum ht_err put_known(struct walk *walk, const struct task *task, json_t *node,
                             const struct ht_known_call *call, json_t *args) {
    char signature[HT_KNOWN_SIGNATURE_SIZE];
    struct known known = {.walk = walk, .task = task, .call = call, .args = args};
    ht_known_call_canonical(signature, call);
    put_text(node, "name", signature, strcspn(signature, "("));
    put_text(node, "title", call->title, strlen(call->title));
    put_text(node, "signature", signature, strlen(signature));
    json_t *calls = json_array();
    (void)json_object_set(node, "args", args);
    (void)json_object_set_new(node, "calls", calls);
    explain_known(&known);
    bool is_self = call->kind == HT_CALL_CALLS_SELF;
    if (calls == NULL) return HT_ENOMEM;
    if (!is_self && call->kind != HT_CALL_CALLS) return HT_OK;
    return add_inner(walk, task, calls, args, is_self);
}

static enum ht_err do_task(struct walk *walk, const struct task *task) {
    struct ht_why reason = {.code = "", .text = "too long"};
    bool has_trailing = false;
    json_t *args = NULL;
    enum ht_err err = HT_ELIMIT;
    const struct ht_known_call *call = ht_known_call_find(task->data);
    json_t *node = node_of(task);
    if (json_array_append_new(task->list, node) != 0) return HT_ENOMEM;
    if (call != NULL && task->data.n <= HT_CALL_DATA_MAX) {
        err = ht_known_call_decode(&args, &has_trailing, call, task->data, &reason);
    }
    if (err == HT_ENOMEM) return err;
    if (err != HT_OK) {
        put_unknown(walk, task, node, call, reason.text);
        return HT_OK;
    }
    if (has_trailing) {
        ht_explain_warn(walk->explanation, HT_WARN_TRAILING,
                        "Behind the arguments there is data that none of them uses.");
    }
    err = put_known(walk, task, node, call, args);
    json_decref(args);
    return err;
}

enum ht_err ht_explain_call(struct ht_explanation *explanation,
                            const struct ht_explain_context *context, const ht_addr20 *contract,
                            ht_bytes data, struct ht_why *why) {
    struct walk *walk = calloc(1, sizeof *walk);
    json_t *list = json_array();
    enum ht_err err = walk != NULL && list != NULL ? HT_OK : HT_ENOMEM;
    if (err != HT_OK) goto out;
    walk->explanation = explanation;
    walk->context = context;
    walk->count = 1;
    walk->tasks[0] = (struct task){
        .list = list, .has_contract = true, .contract = *contract, .data = data, .is_ours = true};
    explanation->kind = "call";
    for (; err == HT_OK && walk->done < walk->count; walk->done++) {
        err = do_task(walk, &walk->tasks[walk->done]);
    }
    if (walk->is_over) {
        ht_explain_warn(explanation, HT_WARN_BLIND,
                        "There are more calls within calls than are shown.");
    }
    if (err != HT_OK) goto out;
    json_decref(explanation->tree);
    explanation->tree = json_incref(json_array_get(list, 0));
out:
    for (size_t i = 0; walk != NULL && i < walk->count; i++) free(walk->copies[i]);
    free(walk);
    json_decref(list);
    if (err != HT_OK) return ht_fail(why, err, "no_memory", "no memory to explain this");
    return HT_OK;
}
