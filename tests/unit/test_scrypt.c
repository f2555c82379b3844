/* scrypt against RFC 7914, and its cost. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "node/base/hex.h"
#include "node/crypto/scrypt.h"

static void check(const char *password, const char *salt, struct ht_scrypt cost, const char *hex) {
    uint8_t got[64];
    uint8_t want[64];
    assert_int_equal(ht_hex_read(want, sizeof want, ht_bytes_str(hex)), HT_OK);
    assert_int_equal(
        ht_scrypt(got, sizeof got, ht_bytes_str(password), ht_bytes_str(salt), &cost, NULL), HT_OK);
    assert_memory_equal(got, want, sizeof want);
}

static void scrypt_gives_what_rfc_7914_says(void **state) {
    (void)state;
    check("", "", (struct ht_scrypt){16, 1, 1},
          "77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442"
          "fcd0069ded0948f8326a753a0fc81f17e8d3e0fb2e0d3628cf35e20c38d18906");
    check("password", "NaCl", (struct ht_scrypt){1024, 8, 16},
          "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162"
          "2eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640");
}

static void scrypt_knows_which_parameters_it_has(void **state) {
    (void)state;
    static const struct ht_scrypt good[] = {{2, 1, 1}, {32768, 1, 1}, {1U << 20, 8, 1}};
    static const struct ht_scrypt bad[] = {{0, 8, 1},
                                           {1, 8, 1},
                                           {3, 8, 1},
                                           {4095, 8, 1},
                                           {UINT64_C(1) << 32, 1, 1},
                                           {16, 0, 1},
                                           {16, 8, 0},
                                           {16, UINT64_C(1) << 30, 1},
                                           {16, UINT64_MAX, 2},
                                           {16, 2, UINT64_MAX}};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        assert_true(ht_scrypt_is_valid(&good[i]));
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) assert_false(ht_scrypt_is_valid(&bad[i]));
}

static void scrypt_counts_its_cost_without_wrapping_round(void **state) {
    (void)state;
    const struct ht_scrypt geth = {1U << 18, 8, 1};
    assert_int_equal(ht_scrypt_memory(&geth), 1024U * ((1U << 18) + 3U));
    assert_int_equal(ht_scrypt_work(&geth), 1U << 21);
    static const struct ht_scrypt huge[] = {{UINT64_MAX, 1, 1},
                                            {UINT64_MAX, 8, UINT64_MAX},
                                            {UINT64_C(1) << 32, UINT64_C(1) << 32, 1},
                                            {2, UINT64_C(1) << 60, 1}};
    for (size_t i = 0; i < sizeof huge / sizeof *huge; i++) {
        assert_true(ht_scrypt_memory(&huge[i]) == UINT64_MAX);
    }
    const struct ht_scrypt wide = {UINT64_C(1) << 32, UINT64_C(1) << 16, UINT64_C(1) << 16};
    assert_true(ht_scrypt_work(&wide) == UINT64_MAX);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scrypt_gives_what_rfc_7914_says),
        cmocka_unit_test(scrypt_knows_which_parameters_it_has),
        cmocka_unit_test(scrypt_counts_its_cost_without_wrapping_round),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
