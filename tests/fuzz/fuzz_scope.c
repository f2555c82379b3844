/* Scopes as peers send them: what is accepted says the same of itself, and comes back from it. */
#include <stdlib.h>

#include "node/codec/json.h"
#include "node/p2p/scope.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void must(bool claim) {
    if (!claim) abort();
}

static void run(const json_t *json) {
    struct ht_scope *scope = NULL, *again = NULL;
    struct ht_why why = {.code = NULL};
    enum ht_err err = ht_scope_read(&scope, json, &why);
    must((err == HT_OK) == (scope != NULL) && (err == HT_OK || why.code != NULL));
    if (err != HT_OK) return;
    json_t *one = ht_scope_json(scope);
    must(one != NULL && ht_scope_read(&again, one, &why) == HT_OK);
    json_t *two = ht_scope_json(again);
    must(json_equal(one, two));
    const struct ht_event event = {.kind = 1};
    must(ht_scope_has(scope, &event) == ht_scope_has(again, &event));
    json_decref(one);
    json_decref(two);
    ht_scope_free(scope);
    ht_scope_free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    json_t *json = NULL;
    if (ht_json_parse(&json, ht_bytes_of(data, n), (size_t)256 << 10, NULL) != HT_OK) return 0;
    run(json);
    json_decref(json);
    return 0;
}
