/* Contract ABI from any bytes: the text of a type up to the first NUL, then data.
 *
 * What the strict decoder accepts must encode back to the same bytes; what only the loose one
 * accepts must encode to something that the strict one accepts as the same values. The table of
 * known calls gets the data as it is. */
#include <stdlib.h>

#include "node/codec/abi.h"
#include "node/codec/json.h"
#include "node/codec/known_calls.h"

#define ARENA_MAX ((size_t)4 << 20)
#define ENCODED_MAX ((size_t)16 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void must(bool claim) {
    if (!claim) abort();
}

static void judge(const struct ht_abi_type *tuple, ht_bytes data) {
    struct ht_why why = {.code = NULL};
    struct ht_buf again;
    json_t *values = NULL;
    json_t *back = NULL;
    ht_buf_init(&again, ENCODED_MAX);
    enum ht_err exact = ht_abi_decode(&values, tuple, data, HT_ABI_EXACT, &why);
    must(exact == HT_OK || (why.code != NULL && values == NULL));
    enum ht_err err = exact;
    if (exact != HT_OK) err = ht_abi_decode(&values, tuple, data, HT_ABI_TRAILING_ALLOWED, &why);
    if (err == HT_OK) {
        must(ht_abi_encode(&again, tuple, values, NULL) == HT_OK);
        must(exact != HT_OK || ht_bytes_equal(ht_buf_view(&again), data));
        must(ht_abi_decode(&back, tuple, ht_buf_view(&again), HT_ABI_EXACT, NULL) == HT_OK);
        must(json_equal(values, back));
    }
    json_decref(values);
    json_decref(back);
    ht_buf_fini(&again);
}

static void run_known(ht_bytes data) {
    const struct ht_known_call *call = ht_known_call_find(data);
    bool has_trailing = false;
    json_t *args = NULL;
    if (call == NULL) return;
    if (ht_known_call_decode(&args, &has_trailing, call, data, NULL) == HT_OK) {
        must(json_is_array(args));
    }
    json_decref(args);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    struct ht_arena arena;
    struct ht_abi_type type;
    struct ht_why why = {.code = NULL};
    const uint8_t *end = n > 0 ? memchr(data, 0, n) : NULL;
    size_t length = end != NULL ? (size_t)(end - data) : n;
    run_known(ht_bytes_of(data, n));
    ht_arena_init(&arena, ARENA_MAX);
    enum ht_err err = ht_abi_type_read(&type, &arena, ht_bytes_of(data, length), &why);
    must(err == HT_OK || why.code != NULL);
    if (err == HT_OK && type.kind == HT_ABI_TUPLE && end != NULL) {
        judge(&type, ht_bytes_of(end + 1, n - length - 1));
    }
    ht_arena_fini(&arena);
    return 0;
}
