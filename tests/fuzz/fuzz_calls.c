/* Call data from any bytes, as an owner is asked to sign it: packed calls lie inside of their data,
 * the whole can always be explained, within its bounds, and red means a danger and nothing else. */
#include <stdlib.h>

#include "identity/wallet/explain_call.h"
#include "node/codec/packed_calls.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void must(bool claim) {
    if (!claim) abort();
}

static void must_be_inside(ht_bytes part, ht_bytes whole) {
    must(part.p >= whole.p && part.n <= whole.n && part.p + part.n <= whole.p + whole.n);
}

static void take_packed(ht_bytes whole) {
    struct ht_packed_call call;
    struct ht_why why = {.code = NULL};
    ht_bytes rest = whole;
    enum ht_err err = HT_OK;
    while (rest.n > 0 && err == HT_OK) {
        size_t before = rest.n;
        err = ht_packed_take_multisend(&call, &rest, &why);
        must(err == HT_OK ? rest.n < before : why.code != NULL && rest.n == before);
        if (err == HT_OK) must_be_inside(call.data, whole);
    }
    for (int i = 0; i < 2; i++) {
        err = ht_packed_read_single(&call, whole, i == 1, &why);
        if (err == HT_OK) must_be_inside(call.data, whole);
    }
}

static void explain(ht_bytes bytes, const ht_addr20 *account) {
    static const ht_addr20 contract = {.b = {0x33}};
    struct ht_explain_context context = {
        .chain_id = 1, .network = "mainnet", .origin = "https://app.example", .account = *account};
    struct ht_explanation explanation;
    json_t *out = NULL;
    ht_explanation_init(&explanation);
    must(ht_explain_call(&explanation, &context, &contract, bytes, NULL) == HT_OK);
    must(ht_explanation_take(&out, &explanation, NULL) == HT_OK);
    bool has_danger = false;
    size_t index = 0;
    json_t *warning = NULL;
    json_array_foreach(json_object_get(out, "warnings"), index, warning) {
        const char *level = json_string_value(json_object_get(warning, "level"));
        has_danger = has_danger || strcmp(level, "danger") == 0;
    }
    must(has_danger == json_is_true(json_object_get(out, "is_red")));
    must(json_array_size(json_object_get(out, "warnings")) <= HT_WARNINGS_MAX);
    must(json_array_size(json_object_get(out, "leaves")) <= HT_LEAVES_MAX);
    json_decref(out);
    ht_explanation_fini(&explanation);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    static const ht_addr20 accounts[] = {{.b = {0x11}}, {.b = {0x33}}};
    ht_bytes bytes = ht_bytes_of(data, n);
    take_packed(bytes);
    if (n == 0) return 0;
    for (size_t i = 0; i < 2; i++) explain(bytes, &accounts[i]);
    return 0;
}
