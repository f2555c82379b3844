/* Actions from any bytes. The first byte chooses the target and whether a signature's text comes
 * first (up to a line feed). However it is taken apart: each call stands behind its parent and
 * within the bounds, what is decoded leads back to the same bytes, raw bytes and wei are in the
 * JSON, which is as deep as the calls. */
#include <stdlib.h>

#include "governance/calls/calls.h"
#include "governance/calls/calls_family.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void must(bool claim) {
    if (!claim) abort();
}

static void check_call(const struct ht_gov_calls *calls, size_t i) {
    const struct ht_gov_call *call = &calls->call[i];
    must(call->depth < HT_GOV_CALL_DEPTH_MAX && call->alarm_count <= HT_GOV_ALARMS_MAX);
    if (call->parent == HT_GOV_NO_PARENT) {
        must(call->depth == 0);
    } else {
        must(call->parent < i && calls->call[call->parent].depth + 1 == call->depth);
        must(calls->call[call->parent].known != NULL);
    }
    for (size_t k = 1; k < call->alarm_count; k++) {
        must(call->alarms[k - 1].code <= call->alarms[k].code);
    }
    must((call->known != NULL) == (call->args != NULL));
    if (call->known == NULL) return;
    struct ht_buf again;
    ht_buf_init(&again, call->data.n);
    must(ht_known_call_write(&again, call->known, call->values, NULL) == HT_OK);
    must(ht_bytes_equal(ht_buf_view(&again), call->data));
    ht_buf_fini(&again);
}

static size_t count_calls(const json_t *actions) {
    const json_t *left[HT_GOV_CALLS_MAX];
    size_t open = 0, count = 0;
    for (size_t i = 0; i < json_array_size(actions); i++) left[open++] = json_array_get(actions, i);
    while (open > 0) {
        const json_t *one = left[--open];
        const json_t *calls = json_object_get(one, "calls");
        must(json_is_string(json_object_get(one, "calldata")));
        must(json_is_string(json_object_get(one, "wei")));
        count++;
        for (size_t i = 0; i < json_array_size(calls); i++) left[open++] = json_array_get(calls, i);
    }
    return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    static const struct ht_gov_calls_context context = {.chain_id = 1,
                                                        .governor = {.b = {0x11}},
                                                        .has_timelock = true,
                                                        .timelock = {.b = {0x22}},
                                                        .has_token = true,
                                                        .token = {.b = {0x33}}};
    static const ht_addr20 targets[] = {{.b = {0x11}}, {.b = {0x22}}, {.b = {0x33}}, {.b = {0x44}}};
    struct ht_gov_action action = {.calldata = ht_bytes_of(data, 0)};
    struct ht_gov_calls *calls = NULL;
    if (n == 0) return 0;
    action.target = targets[data[0] % 4];
    action.value = ht_u256_of(data[0] / 16);
    ht_bytes rest = ht_bytes_of(data + 1, n - 1);
    if ((data[0] & 8) != 0) {
        const uint8_t *end = rest.n > 0 ? memchr(rest.p, '\n', rest.n) : NULL;
        size_t length = end != NULL ? (size_t)(end - rest.p) : rest.n;
        action.signature = ht_bytes_of(rest.p, length);
        size_t taken = end != NULL ? length + 1 : length;
        rest = ht_bytes_of(rest.p + taken, rest.n - taken);
    }
    action.calldata = rest;
    must(ht_gov_calls_new(&calls, &context, &action, 1, NULL) == HT_OK);
    must(calls->count >= 1 && calls->count <= HT_GOV_CALLS_MAX);
    must(calls->bytes <= HT_GOV_CALLS_BYTES_MAX);
    for (size_t i = 0; i < calls->count; i++) check_call(calls, i);
    json_t *json = ht_gov_calls_json(calls);
    must(json != NULL && count_calls(json) == calls->count);
    json_decref(json);
    ht_gov_calls_free(calls);
    (void)ht_gov_families_of_code(ht_bytes_of(data, n));
    return 0;
}
