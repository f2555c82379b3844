/* Calls of precompiles in tests: under Osaka's rules, with what must come out. Included after
 * cmocka.h. */
#ifndef HT_TESTS_UNIT_PRECOMPILE_CALLS_H
#define HT_TESTS_UNIT_PRECOMPILE_CALLS_H

#include "node/base/hex.h"
#include "node/evm/precompile.h"

#define HT_TEST_OUTPUT_MAX ((size_t)1 << 20)

/* xorshift64*: the same numbers in every run. */
static inline uint64_t ht_test_random(void) {
    static uint64_t seed = 1;
    seed ^= seed >> 12;
    seed ^= seed << 25;
    seed ^= seed >> 27;
    return seed * 0x2545f4914f6cdd1dU;
}

static inline void ht_test_random_bytes(uint8_t *out, size_t n) {
    for (size_t i = 0; i < n; i++) out[i] = (uint8_t)(ht_test_random() >> 32);
}

static inline const struct ht_evm_rules *ht_test_osaka(void) {
    return ht_evm_rules_of(HT_EVM_OSAKA);
}

/* The caller frees the output. */
static inline enum ht_err ht_test_run(struct ht_buf *output, unsigned number, ht_bytes input,
                                      struct ht_why *why) {
    ht_buf_init(output, HT_TEST_OUTPUT_MAX);
    return ht_precompile_run(output, ht_test_osaka(), number, input, why);
}

static inline void ht_test_expect_bytes(unsigned number, ht_bytes input, ht_bytes want) {
    struct ht_buf output;
    struct ht_why why = {.text = ""};
    if (ht_test_run(&output, number, input, &why) != HT_OK) fail_msg("%x: %s", number, why.text);
    assert_int_equal(output.n, want.n);
    if (want.n > 0) assert_memory_equal(output.p, want.p, want.n);
    ht_buf_fini(&output);
}

static inline void ht_test_expect_hex(unsigned number, ht_bytes input, const char *want) {
    uint8_t bytes[64];
    size_t n = strlen(want) / 2;
    assert_int_equal(ht_hex_read(bytes, n, ht_bytes_str(want)), HT_OK);
    ht_test_expect_bytes(number, input, ht_bytes_of(bytes, n));
}

/* reason: part of the text, so that each refusal is for its own. */
static inline void ht_test_expect_refused(unsigned number, ht_bytes input, const char *reason) {
    struct ht_buf output;
    struct ht_why why = {.code = "none"};
    assert_int_equal(ht_test_run(&output, number, input, &why), HT_EINPUT);
    assert_string_equal(why.code, "precompile_input");
    if (strstr(why.text, reason) == NULL) fail_msg("\"%s\" is not \"%s\"", why.text, reason);
    ht_buf_fini(&output);
}

#endif
