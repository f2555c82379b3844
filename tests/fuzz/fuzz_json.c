/* JSON: no input breaks the bounds, and what is accepted is written and read back as the same. */
#include <stdlib.h>

#include "node/codec/json.h"

#define TEXT_MAX 65536U

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void check_getters(const json_t *value) {
    static const char *const paths[] = {"", "a", "data", "data[0]", "[1]", "data[0].header.slot"};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        struct ht_why why = {.code = NULL};
        uint64_t number = 0;
        uint8_t word[4];
        const char *text = NULL;
        bool flag = false;
        if (ht_json_u64(&number, value, paths[i], &why) != HT_OK && why.code == NULL) abort();
        if (ht_json_hex(word, 4, value, paths[i], &why) != HT_OK && why.code == NULL) abort();
        if (ht_json_text(&text, value, paths[i], &why) != HT_OK && why.code == NULL) abort();
        if (ht_json_bool(&flag, value, paths[i], &why) != HT_OK && why.code == NULL) abort();
    }
}

/* Whether the text has brackets nested over the bound, counted without regard to strings: an
 * accepted text with fewer brackets in all than the bound cannot be too deep. */
static bool may_be_deep(const uint8_t *data, size_t n) {
    size_t count = 0;
    for (size_t i = 0; i < n; i++) count += data[i] == '[' || data[i] == '{';
    return count > HT_JSON_DEPTH_MAX;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    json_t *value = NULL;
    struct ht_why why = {.code = NULL};
    enum ht_err err = ht_json_parse(&value, ht_bytes_of(data, n), TEXT_MAX, &why);
    if (err != HT_OK) {
        if (value != NULL || why.code == NULL) abort();
        if (err == HT_ELIMIT && n <= TEXT_MAX && !may_be_deep(data, n)) abort();
        return 0;
    }
    check_getters(value);
    struct ht_buf out;
    ht_buf_init(&out, 32 * TEXT_MAX);
    if (ht_json_dump_compact(&out, value) != HT_OK) abort();
    json_t *again = NULL;
    if (ht_json_parse(&again, ht_buf_view(&out), 32 * TEXT_MAX, &why) != HT_OK) {
        /* Without its white space a text may have too many parts for its length. */
        if (strcmp(why.code, "json_too_many_parts") != 0) abort();
    } else if (!json_equal(value, again)) {
        abort();
    }
    json_decref(again);
    json_decref(value);
    ht_buf_fini(&out);
    return 0;
}
