/* Calls: the walk through a known function and the calls that it makes in turn.
 *
 * Calls within calls are taken from a list of those still to do, so that nothing recurses. What one
 * of them means is for explain_known.c, which calls it makes for explain_inner.c. */
#include "identity/wallet/explain_call.h"

#include <stdio.h>
#include <stdlib.h>

#include "identity/wallet/explain_inner.h"
#include "identity/wallet/explain_known.h"
#include "node/codec/abi_word.h"
#include "node/codec/address.h"

static json_t *node_of(const struct ht_call_task *task) {
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

static void put_unknown(struct ht_call_walk *walk, const struct ht_call_task *task, json_t *node,
                        const struct ht_known_call *call, const char *reason) {
    bool is_short = task->data.n <= HT_CALL_DATA_MAX;
    bool has_selector = task->data.n >= 4;
    (void)json_object_set_new(node, "name", json_null());
    (void)json_object_set_new(
        node, "selector", has_selector ? ht_abi_hex(ht_bytes_of(task->data.p, 4)) : json_null());
    (void)json_object_set_new(node, "data", is_short ? ht_abi_hex(task->data) : json_null());
    if (task->data.n == 0) return;
    if (call != NULL) {
        ht_call_warn(walk, task, call, HT_WARN_BLIND,
                     "The data looks like \"%s\", but does not decode as it: %.100s.", call->title,
                     reason);
    } else {
        ht_call_warn(walk, task, NULL, HT_WARN_BLIND,
                     "Call data of %zu bytes for a function that this wallet does not know: what "
                     "it would do cannot be told.",
                     task->data.n);
    }
    if (task->depth > 0) return;
    ht_explain_title(walk->explanation, "Call an unknown function");
    ht_explain_sentence(walk->explanation,
                        "Calls a function of the contract that this wallet does not know.");
}

static void put_text(json_t *node, const char *key, const char *text, size_t n) {
    (void)json_object_set_new(node, key, json_stringn(text, n));
}

static enum ht_err put_known(struct ht_call_walk *walk, const struct ht_call_task *task,
                             json_t *node, const struct ht_known_call *call, json_t *args) {
    char signature[HT_KNOWN_SIGNATURE_SIZE];
    struct ht_call_known known = {.walk = walk, .task = task, .call = call, .args = args};
    ht_known_call_canonical(signature, call);
    put_text(node, "name", signature, strcspn(signature, "("));
    put_text(node, "title", call->title, strlen(call->title));
    put_text(node, "signature", signature, strlen(signature));
    json_t *calls = json_array();
    (void)json_object_set(node, "args", args);
    (void)json_object_set_new(node, "calls", calls);
    ht_call_explain(&known);
    if (calls == NULL) return HT_ENOMEM;
    size_t before = walk->left_out;
    enum ht_err err = ht_call_add_inner(&known, calls);
    if (walk->left_out > before) {
        json_int_t left_out = (json_int_t)(walk->left_out - before);
        (void)json_object_set_new(node, "left_out", json_integer(left_out));
    }
    return err;
}

static enum ht_err do_task(struct ht_call_walk *walk, const struct ht_call_task *task) {
    struct ht_why reason = {.code = "", .text = "too long"};
    bool has_trailing = false;
    json_t *args = NULL;
    enum ht_err err = HT_ELIMIT;
    const struct ht_known_call *call = task->is_opaque ? NULL : ht_known_call_find(task->data);
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
        ht_call_warn(walk, task, call, HT_WARN_TRAILING,
                     "Behind the arguments there is data that none of them uses.");
    }
    err = put_known(walk, task, node, call, args);
    json_decref(args);
    return err;
}

/* The calls are there to be read one by one; the sentence says how many. */
static void tell_count(const struct ht_call_walk *walk) {
    struct ht_explanation *explanation = walk->explanation;
    char sentence[sizeof explanation->sentence];
    size_t count = walk->count - 1;
    if (count > 0 && strcmp(explanation->kind, "call") == 0) {
        (void)snprintf(sentence, sizeof sentence, "%s", explanation->sentence);
        ht_explain_sentence(explanation, "%.500s It makes %zu more call%s.", sentence, count,
                            count > 1 ? "s" : "");
    }
    if (walk->left_out == 0) return;
    ht_explain_warn(explanation, HT_WARN_BLIND,
                    "%zu more calls within calls are not shown, since at most %u calls, %u deep "
                    "and %zu kB in all, are looked into: what those would do cannot be told.",
                    walk->left_out, HT_CALLS_MAX, HT_CALL_DEPTH_MAX, HT_CALLS_DATA_MAX / 1024);
}

enum ht_err ht_explain_call(struct ht_explanation *explanation,
                            const struct ht_explain_context *context, const ht_addr20 *contract,
                            ht_bytes data, struct ht_why *why) {
    struct ht_call_walk *walk = calloc(1, sizeof *walk);
    json_t *list = json_array();
    enum ht_err err = walk != NULL && list != NULL ? HT_OK : HT_ENOMEM;
    if (err != HT_OK) goto out;
    walk->explanation = explanation;
    walk->context = context;
    walk->count = 1;
    walk->tasks[0] = (struct ht_call_task){.list = list,
                                           .has_contract = true,
                                           .contract = *contract,
                                           .caller = context->account,
                                           .self = *contract,
                                           .data = data,
                                           .is_ours = true};
    explanation->kind = "call";
    for (; err == HT_OK && walk->done < walk->count; walk->done++) {
        err = do_task(walk, &walk->tasks[walk->done]);
    }
    if (err != HT_OK) goto out;
    tell_count(walk);
    json_decref(explanation->tree);
    explanation->tree = json_incref(json_array_get(list, 0));
out:
    for (size_t i = 0; walk != NULL && i < walk->copy_count; i++) free(walk->copies[i]);
    free(walk);
    json_decref(list);
    if (err != HT_OK) return ht_fail(why, err, "no_memory", "no memory to explain this");
    return HT_OK;
}
