/* What the files of the precompiles share. */
#ifndef HT_EVM_PRECOMPILE_IMPL_H
#define HT_EVM_PRECOMPILE_IMPL_H

#include "node/base/bytes.h"

/* Makes these bytes the output: HT_OK, or HT_ELIMIT or HT_ENOMEM "precompile_output". */
static inline enum ht_err ht_precompile_answer(struct ht_buf *output, ht_bytes bytes,
                                               struct ht_why *why) {
    ht_buf_clear(output);
    enum ht_err err = ht_buf_add(output, bytes);
    if (err == HT_OK) return HT_OK;
    return ht_fail(why, err, "precompile_output", "there is no room for the %zu bytes of an answer",
                   bytes.n);
}

/* HT_EINPUT "precompile_input", for the reason that is given. */
static inline enum ht_err ht_precompile_refuse(struct ht_why *why, const char *reason) {
    return ht_fail(why, HT_EINPUT, "precompile_input", "%s", reason);
}

/* Copies at most n bytes of the input from `at` on, as if zeros stood behind it. */
static inline void ht_precompile_copy(uint8_t *out, size_t n, ht_bytes input, size_t at) {
    size_t there = input.n > at ? input.n - at : 0;
    size_t count = there < n ? there : n;
    if (count > 0) memcpy(out, input.p + at, count);
    if (count < n) memset(out + count, 0, n - count);
}

#endif
