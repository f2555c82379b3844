/* Fuzzes the reading of an Origin header, and of cookies: what is taken has only bytes that mean
 * nothing in a header, in JSON or on a screen. */
#include "node/api/gate.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool is_plain(uint8_t c, bool is_page) {
    bool is_upper = c >= 'A' && c <= 'Z';
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (is_upper && !is_page) ||
           (c != '\0' && strchr("-_.:/[]", c) != NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    ht_bytes origin = ht_bytes_of(data, size);
    ht_bytes value;
    if (ht_gate_find_cookie(&value, origin, HT_GATE_COOKIE))
        ht_assert(value.p >= data && value.n <= size - (size_t)(value.p - data));
    enum ht_gate_origin kind = ht_gate_read_origin(origin);
    if (kind == HT_GATE_ORIGIN_NONE) return 0;
    ht_assert(size > 0 && size <= HT_GATE_ORIGIN_LEN_MAX);
    unsigned slashes = 0;
    for (size_t i = 0; i < size; i++) {
        ht_assert(is_plain(data[i], kind == HT_GATE_ORIGIN_PAGE));
        slashes += data[i] == '/';
    }
    ht_assert(slashes == 2);
    bool is_named_extension = memmem(data, size, "-extension://", 13) != NULL;
    ht_assert(is_named_extension == (kind == HT_GATE_ORIGIN_EXTENSION));
    return 0;
}
