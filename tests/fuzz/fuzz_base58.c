/* Base58: a text that is read writes back as itself, any bytes come back from their text, and a
 * multikey's codec is the shortest. */
#include <stdlib.h>

#include "node/codec/base58.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void check_text(ht_bytes text) {
    struct ht_buf bytes, again;
    struct ht_why why = {.code = NULL};
    ht_buf_init(&bytes, HT_BASE58_BYTES_MAX);
    ht_buf_init(&again, HT_BASE58_TEXT_MAX);
    if (ht_base58_read(&bytes, text, &why) != HT_OK) {
        if (why.code == NULL || bytes.n != 0) abort();
    } else {
        if (ht_base58_write(&again, ht_buf_view(&bytes)) != HT_OK) abort();
        if (!ht_bytes_equal(ht_buf_view(&again), text)) abort();
    }
    ht_buf_fini(&bytes);
    ht_buf_fini(&again);
}

static void check_bytes(ht_bytes bytes) {
    struct ht_buf text, again;
    ht_buf_init(&text, HT_BASE58_TEXT_MAX);
    ht_buf_init(&again, HT_BASE58_BYTES_MAX);
    if (ht_base58_write(&text, bytes) == HT_OK) {
        if (ht_base58_read(&again, ht_buf_view(&text), NULL) != HT_OK) abort();
        if (!ht_bytes_equal(ht_buf_view(&again), bytes)) abort();
    } else if (bytes.n <= HT_BASE58_BYTES_MAX) {
        abort();
    }
    ht_buf_fini(&text);
    ht_buf_fini(&again);
}

static void check_multikey(ht_bytes text) {
    struct ht_buf key, again;
    uint64_t codec = 0;
    ht_buf_init(&key, HT_BASE58_BYTES_MAX);
    ht_buf_init(&again, HT_BASE58_TEXT_MAX + 1);
    if (ht_multikey_read(&key, &codec, text, NULL) == HT_OK) {
        if (ht_multikey_write(&again, codec, ht_buf_view(&key)) != HT_OK) abort();
        if (!ht_bytes_equal(ht_buf_view(&again), text)) abort();
    }
    ht_buf_fini(&key);
    ht_buf_fini(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    check_text(ht_bytes_of(data, n));
    check_bytes(ht_bytes_of(data, n));
    check_multikey(ht_bytes_of(data, n));
    return 0;
}
