/* What a contract said when it reverted, and what it did not say. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "node/l1/execution/revert.h"

static uint8_t output[4 + 32 + 32 + 2048];
static char reason[HT_REVERT_REASON_MAX + 1];

/* Error(text), which is cut to n bytes of output when n is not 0. */
static size_t error_with(const char *text, size_t claimed, size_t n) {
    static const uint8_t selector[] = {0x08, 0xc3, 0x79, 0xa0};
    size_t length = strlen(text);
    memset(output, 0, sizeof output);
    memcpy(output, selector, 4);
    output[4 + 31] = 32;
    output[4 + 32 + 30] = (uint8_t)(claimed >> 8);
    output[4 + 32 + 31] = (uint8_t)claimed;
    memcpy(output + 68, text, length);
    return ht_revert_reason(reason, ht_bytes_of(output, n != 0 ? n : 68 + (length + 31) / 32 * 32));
}

static size_t panic_with(uint8_t high, uint8_t low) {
    static const uint8_t selector[] = {0x4e, 0x48, 0x7b, 0x71};
    memset(output, 0, sizeof output);
    memcpy(output, selector, 4);
    output[4] = high;
    output[4 + 31] = low;
    return ht_revert_reason(reason, ht_bytes_of(output, 36));
}

static void a_required_condition_tells_its_text(void **state) {
    (void)state;
    assert_int_equal(error_with("not enough", 10, 0), 10);
    assert_string_equal(reason, "not enough");
    assert_int_equal(error_with("", 0, 0), 0);
    assert_string_equal(reason, "");
}

static void a_panic_tells_its_code_in_words(void **state) {
    (void)state;
    assert_true(panic_with(0, 0x01) > 0);
    assert_string_equal(reason, "assert(false)");
    assert_true(panic_with(0, 0x11) > 0);
    assert_string_equal(reason, "arithmetic underflow or overflow");
    assert_true(panic_with(0, 0x77) > 0);
    assert_string_equal(reason, "unknown panic code: 0x77");
    assert_true(panic_with(0xff, 0x01) > 0);
    assert_int_equal(strncmp(reason, "unknown panic code: 0xff00", 26), 0);
}

static void other_errors_tell_nothing(void **state) {
    (void)state;
    static const uint8_t own[36] = {0xde, 0xad, 0xbe, 0xef};
    assert_int_equal(ht_revert_reason(reason, (ht_bytes){NULL, 0}), 0);
    assert_int_equal(ht_revert_reason(reason, HT_BYTES(own)), 0);
    assert_string_equal(reason, "");
}

static void text_that_is_said_to_be_longer_than_it_is_tells_nothing(void **state) {
    (void)state;
    assert_int_equal(error_with("cut", 33, 0), 0);
    assert_int_equal(error_with("cut", 3, 70), 0);
    assert_int_equal(error_with("cut", 3, 67), 0);
    assert_int_equal(error_with("cut", 3, 4), 0);
    assert_int_equal(error_with("cut", 3, 71), 3);
}

static void places_outside_of_the_data_tell_nothing(void **state) {
    (void)state;
    (void)error_with("text", 4, 0);
    output[4 + 31] = 0xff;
    assert_int_equal(ht_revert_reason(reason, ht_bytes_of(output, 100)), 0);
    output[4] = 0xff;
    assert_int_equal(ht_revert_reason(reason, ht_bytes_of(output, 100)), 0);
    (void)error_with("text", 4, 0);
    memset(output + 36, 0xff, 32);
    assert_int_equal(ht_revert_reason(reason, ht_bytes_of(output, 100)), 0);
}

static void bytes_that_are_no_text_are_replaced(void **state) {
    (void)state;
    assert_int_equal(error_with("a\x1b[2J\xff\xc3-z", 9, 0), 9);
    assert_string_equal(reason, "a?[2J\?\?-z");
    assert_int_equal(error_with("\xc3\xa9\xe2\x82\xac", 5, 0), 5);
    assert_string_equal(reason, "\xc3\xa9\xe2\x82\xac");
}

static void long_text_is_cut_at_a_whole_character(void **state) {
    (void)state;
    static char text[2001];
    memset(text, 'a', 2000);
    text[0] = 'x'; /* so that characters of two bytes do not end at the maximum */
    for (size_t i = 1; i + 1 < 2000; i += 2) memcpy(text + i, "\xc3\xa9", 2);
    assert_int_equal(error_with(text, 1999, 0), HT_REVERT_REASON_MAX - 1);
    assert_int_equal(strlen(reason), HT_REVERT_REASON_MAX - 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_required_condition_tells_its_text),
        cmocka_unit_test(a_panic_tells_its_code_in_words),
        cmocka_unit_test(other_errors_tell_nothing),
        cmocka_unit_test(text_that_is_said_to_be_longer_than_it_is_tells_nothing),
        cmocka_unit_test(places_outside_of_the_data_tell_nothing),
        cmocka_unit_test(bytes_that_are_no_text_are_replaced),
        cmocka_unit_test(long_text_is_cut_at_a_whole_character),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
