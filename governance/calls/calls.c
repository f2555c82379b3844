/* Calls: the actions and the calls within them, taken off a list of those still to do, so that
 * nothing recurses. Which calls a call makes is for calls_inner.c, what it means for
 * calls_alarm.c, how it is told for calls_json.c. */
#include "governance/calls/calls.h"

#include <stdio.h>
#include <stdlib.h>

#include "governance/calls/calls_alarm.h"
#include "governance/calls/calls_family.h"
#include "governance/calls/calls_inner.h"
#include "governance/text.h"
#include "node/base/hex.h"
#include "node/codec/abi.h"
#include "node/crypto/keccak.h"

#define SELECTOR 4U
#define ARENA_MAX ((size_t)4 << 20)
#define SIGNATURE_MAX 400U

/* --- arguments --------------------------------------------------------------------------------*/

const json_t *ht_gov_call_arg(const json_t *args, const char *name) {
    for (size_t i = 0; i < json_array_size(args); i++) {
        const json_t *node = json_array_get(args, i);
        const char *own = json_string_value(json_object_get(node, "name"));
        if (own != NULL && strcmp(own, name) == 0) return node;
    }
    return NULL;
}

const char *ht_gov_call_text(const json_t *args, const char *name) {
    const char *text = json_string_value(json_object_get(ht_gov_call_arg(args, name), "value"));
    return text != NULL ? text : "?";
}

ht_u256 ht_gov_call_number(const json_t *args, const char *name) {
    ht_u256 number = {{0}};
    ht_bytes text = ht_bytes_str(ht_gov_call_text(args, name));
    return ht_u256_from_decimal(&number, text) == HT_OK ? number : ht_u256_of(0);
}

bool ht_gov_call_address(ht_addr20 *out, const json_t *node) {
    const char *text = json_string_value(json_object_get(node, "value"));
    return text != NULL && ht_hex_read(out->b, sizeof out->b, ht_bytes_str(text)) == HT_OK;
}

/* --- bounds -----------------------------------------------------------------------------------*/

uint8_t *ht_gov_calls_bytes(struct ht_gov_calls *calls, size_t n, enum ht_err *err) {
    *err = HT_ELIMIT;
    if (n > HT_GOV_CALLS_BYTES_MAX - calls->bytes) return NULL;
    uint8_t *bytes = ht_arena_alloc(&calls->arena, n + 1);
    *err = bytes != NULL ? HT_OK : HT_ENOMEM;
    if (bytes != NULL) calls->bytes += n;
    return bytes;
}

static void write_path(struct ht_gov_call *call, const struct ht_gov_call *parent, size_t number) {
    const char *before = parent != NULL ? parent->path : "";
    int n = snprintf(call->path, sizeof call->path, "%s%s%zu", before, parent != NULL ? "." : "",
                     number);
    ht_assert(n > 0 && (size_t)n < sizeof call->path);
}

/* The number of the next call that the parent makes. */
static size_t next_number(const struct ht_gov_calls *calls, size_t parent) {
    size_t number = 1;
    for (size_t i = 0; i < calls->count; i++) number += calls->call[i].parent == parent;
    return number;
}

/* What the target gets: behind a signature's selector, if there is one. */
static enum ht_err put_data(struct ht_gov_calls *calls, struct ht_gov_call *call) {
    ht_hash32 hash;
    enum ht_err err;
    if (call->signature.n == 0) {
        call->data = call->calldata;
        return HT_OK;
    }
    uint8_t *data = ht_gov_calls_bytes(calls, SELECTOR + call->calldata.n, &err);
    if (data == NULL) return err;
    ht_keccak256(&hash, call->signature);
    memcpy(data, hash.b, SELECTOR);
    if (call->calldata.n > 0) memcpy(data + SELECTOR, call->calldata.p, call->calldata.n);
    call->data = ht_bytes_of(data, SELECTOR + call->calldata.n);
    return HT_OK;
}

enum ht_err ht_gov_calls_add(struct ht_gov_calls *calls, size_t parent,
                             const struct ht_gov_call_inner *inner) {
    struct ht_gov_call *from = parent != HT_GOV_NO_PARENT ? &calls->call[parent] : NULL;
    unsigned depth = from != NULL ? from->depth + 1 : 0;
    if (calls->count == HT_GOV_CALLS_MAX || depth == HT_GOV_CALL_DEPTH_MAX) {
        if (from != NULL) from->left_out++;
        return HT_OK;
    }
    struct ht_gov_call *call = &calls->call[calls->count];
    *call = (struct ht_gov_call){.parent = parent,
                                 .depth = depth,
                                 .has_target = inner->has_target,
                                 .target = inner->target,
                                 .caller = inner->caller,
                                 .self = inner->is_delegate ? inner->caller : inner->target,
                                 .wei = inner->wei,
                                 .signature = inner->signature,
                                 .calldata = inner->calldata,
                                 .is_delegate = inner->is_delegate,
                                 .is_undone = inner->is_undone,
                                 .title = "",
                                 .sentence = ""};
    write_path(call, from, next_number(calls, parent));
    enum ht_err err = put_data(calls, call);
    if (err == HT_ELIMIT && from != NULL) {
        from->left_out++;
        return HT_OK;
    }
    /* An action stays, be it without its selector: its bytes are shown. */
    call->is_opaque = err == HT_ELIMIT;
    if (err == HT_ENOMEM) return err;
    calls->count++;
    return HT_OK;
}

void ht_gov_call_alarm(struct ht_gov_calls *calls, struct ht_gov_call *call,
                       enum ht_gov_alarm_code code, const char *fmt, ...) {
    char text[600];
    va_list ap;
    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    /* Without room for its words the alarm is still given. */
    const char *copy = ht_arena_copy_str(&calls->arena, ht_bytes_str(text));
    size_t at = call->alarm_count;
    while (at > 0 && call->alarms[at - 1].code > code) at--;
    if (at == HT_GOV_ALARMS_MAX) return;
    size_t kept = call->alarm_count < HT_GOV_ALARMS_MAX ? call->alarm_count : HT_GOV_ALARMS_MAX - 1;
    memmove(&call->alarms[at + 1], &call->alarms[at], (kept - at) * sizeof *call->alarms);
    call->alarms[at] = (struct ht_gov_alarm){.code = code, .text = copy != NULL ? copy : ""};
    call->alarm_count = kept + 1;
}

/* --- decoding ---------------------------------------------------------------------------------*/

static bool is_signature(ht_bytes text) {
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_$(),[]";
    size_t open = 0;
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == '\0' || strchr(letters, text.p[i]) == NULL) return false;
        if (open == 0 && text.p[i] == '(') open = i;
    }
    return open > 0 && text.n <= SIGNATURE_MAX;
}

/* A function that only the proposal names: its types stand in the signature. */
static const struct ht_known_call *name_by_signature(struct ht_gov_calls *calls,
                                                     struct ht_gov_call *call) {
    struct ht_abi_type type;
    struct ht_arena scratch;
    if (!is_signature(call->signature) || call->data.n < SELECTOR) return NULL;
    char *text = ht_arena_copy_str(&calls->arena, call->signature);
    struct ht_known_call *named = ht_arena_alloc(&calls->arena, sizeof *named);
    if (text == NULL || named == NULL) return NULL;
    ht_arena_init(&scratch, 1U << 16);
    const char *types = strchr(text, '(');
    bool is_type = ht_abi_type_read(&type, &scratch, ht_bytes_str(types), NULL) == HT_OK;
    ht_arena_fini(&scratch);
    if (!is_type || type.kind != HT_ABI_TUPLE) return NULL;
    const uint8_t *p = call->data.p;
    *named = (struct ht_known_call){.selector = (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
                                                (uint32_t)p[2] << 8 | p[3],
                                    .kind = HT_CALL_OTHER,
                                    .title = "Call a function that the proposal names",
                                    .signature = text};
    call->named = named;
    return named;
}

static const struct ht_known_call *find_known(struct ht_gov_calls *calls,
                                              struct ht_gov_call *call) {
    char canonical[HT_KNOWN_SIGNATURE_SIZE], line[121];
    const struct ht_known_call *known = ht_known_call_find(call->data);
    if (call->signature.n == 0) return known;
    if (known == NULL) return name_by_signature(calls, call);
    ht_known_call_canonical(canonical, known);
    if (ht_bytes_equal(ht_bytes_str(canonical), call->signature)) return known;
    (void)ht_gov_text_line(line, sizeof line - 1, call->signature);
    ht_gov_call_alarm(calls, call, HT_GOV_ALARM_SIGNATURE_COLLISION,
                      "The proposal calls it \"%s\", but what would be called has the first four "
                      "bytes of %s.",
                      line, canonical);
    return known;
}

/* Nothing is believed to be decoded that does not lead back to the same bytes. */
static bool leads_back(const struct ht_known_call *known, const json_t *values, ht_bytes data) {
    struct ht_buf again;
    ht_buf_init(&again, data.n);
    enum ht_err err = ht_known_call_write(&again, known, values, NULL);
    bool is_same = err == HT_OK && ht_bytes_equal(ht_buf_view(&again), data);
    ht_buf_fini(&again);
    return is_same;
}

static enum ht_err decode(struct ht_gov_calls *calls, struct ht_gov_call *call) {
    bool has_trailing = false;
    if (call->is_opaque) {
        (void)ht_fail(&call->raw, HT_ELIMIT, "too_long", "there is too much of it in all");
        return HT_OK;
    }
    if (call->data.n == 0) return HT_OK;
    const struct ht_known_call *known = find_known(calls, call);
    if (known == NULL) {
        (void)ht_fail(&call->raw, HT_EINPUT, "unknown_function", "the function is not known");
        return HT_OK;
    }
    enum ht_err err =
        ht_known_call_read(&call->values, &has_trailing, known, call->data, &call->raw);
    if (err == HT_ENOMEM) return err;
    if (err == HT_OK && !leads_back(known, call->values, call->data)) {
        json_decref(call->values);
        call->values = NULL;
        err = ht_fail(&call->raw, HT_EINPUT, "does_not_round_trip",
                      "what is decoded does not lead back to the same bytes");
    }
    if (err != HT_OK) {
        ht_gov_call_alarm(calls, call, HT_GOV_ALARM_DOES_NOT_ROUND_TRIP,
                          "The data begins as %.*s, but is not such a call: %.150s. What it does "
                          "cannot be told.",
                          (int)strcspn(known->signature, "("), known->signature, call->raw.text);
        return HT_OK;
    }
    call->args = ht_known_call_nodes(known, call->values);
    if (call->args == NULL) return HT_ENOMEM;
    call->known = known;
    return HT_OK;
}

static void judge_guess(struct ht_gov_calls *calls, struct ht_gov_call *call) {
    struct ht_gov_place place;
    if (call->known == NULL) return;
    ht_gov_place_find(&place, &calls->context, &call->target);
    uint32_t families = ht_gov_families_of_selector(call->known->selector);
    call->is_guess = !call->has_target || (families & place.families) == 0;
}

static enum ht_err do_call(struct ht_gov_calls *calls, size_t i) {
    struct ht_gov_call *call = &calls->call[i];
    enum ht_err err = decode(calls, call);
    if (err != HT_OK) return err;
    judge_guess(calls, call);
    if (call->known != NULL) err = ht_gov_calls_inner(calls, i);
    if (err == HT_OK) ht_gov_call_judge(calls, i);
    return err;
}

/* --- the whole --------------------------------------------------------------------------------*/

enum ht_err ht_gov_calls_new(struct ht_gov_calls **out, const struct ht_gov_calls_context *context,
                             const struct ht_gov_action *actions, size_t count,
                             struct ht_why *why) {
    if (count > HT_GOV_ACTIONS_MAX) {
        return ht_fail(why, HT_ELIMIT, "too_many_actions", "more than %u actions",
                       HT_GOV_ACTIONS_MAX);
    }
    struct ht_gov_calls *calls = calloc(1, sizeof *calls);
    if (calls == NULL) return ht_fail(why, HT_ENOMEM, "no_memory", "no memory for the actions");
    calls->context = *context;
    ht_arena_init(&calls->arena, ARENA_MAX);
    enum ht_err err = HT_OK;
    for (size_t i = 0; err == HT_OK && i < count; i++) {
        struct ht_gov_call_inner action = {.has_target = true,
                                           .target = actions[i].target,
                                           .caller = context->has_timelock ? context->timelock
                                                                           : context->governor,
                                           .wei = actions[i].value,
                                           .signature = actions[i].signature,
                                           .calldata = actions[i].calldata};
        err = ht_gov_calls_add(calls, HT_GOV_NO_PARENT, &action);
    }
    calls->action_count = calls->count;
    for (size_t i = 0; err == HT_OK && i < calls->count; i++) err = do_call(calls, i);
    if (err != HT_OK) {
        ht_gov_calls_free(calls);
        return ht_fail(why, err, "no_memory", "no memory for the actions");
    }
    *out = calls;
    return HT_OK;
}

void ht_gov_calls_free(struct ht_gov_calls *calls) {
    if (calls == NULL) return;
    for (size_t i = 0; i < calls->count; i++) {
        json_decref(calls->call[i].values);
        json_decref(calls->call[i].args);
    }
    ht_arena_fini(&calls->arena);
    free(calls);
}

size_t ht_gov_calls_targets(const struct ht_gov_calls *calls, ht_addr20 *out, size_t max) {
    size_t count = 0;
    for (size_t i = 0; i < calls->count; i++) {
        const struct ht_gov_call *call = &calls->call[i];
        bool is_there = !call->has_target;
        for (size_t k = 0; k < count && !is_there; k++) {
            is_there = memcmp(out[k].b, call->target.b, sizeof call->target.b) == 0;
        }
        if (!is_there && count < max) out[count++] = call->target;
    }
    return count;
}
