/* Normal forms of passphrases. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "node/crypto/normalize.h"

static void gives(enum ht_normal_form form, const char *text, const char *want) {
    uint8_t out[HT_NORMAL_MAX];
    size_t n = 0;
    assert_int_equal(ht_normalize(out, &n, form, ht_bytes_str(text), NULL), HT_OK);
    assert_true(ht_bytes_equal(ht_bytes_of(out, n), ht_bytes_str(want)));
}

static void normalize_takes_characters_apart_or_together(void **state) {
    (void)state;
    gives(HT_NFKD, "", "");
    gives(HT_NFKD, "plain ASCII 1", "plain ASCII 1");
    gives(HT_NFKD, "\xc3\xa4", "a\xcc\x88");
    gives(HT_NFKC, "a\xcc\x88", "\xc3\xa4");
    gives(HT_NFKD, "\xef\xac\x81", "fi");
    gives(HT_NFKC, "\xef\xac\x81", "fi");
    /* Marks in their canonical order. */
    gives(HT_NFKD, "\xe1\xba\x9b\xcc\xa3", "s\xcc\xa3\xcc\x87");
    gives(HT_NFKC, "\xe2\x84\xab\xe2\x84\xa6\xe1\xba\x9b\xcc\xa3", "\xc3\x85\xce\xa9\xe1\xb9\xa9");
}

static void normalize_has_room_for_the_character_that_grows_most(void **state) {
    (void)state;
    uint8_t text[HT_PASSPHRASE_MAX];
    uint8_t out[HT_NORMAL_MAX];
    size_t n = 0;
    /* U+FDFA, 3 bytes, becomes 33. */
    for (size_t i = 0; i + 3 <= sizeof text; i += 3) memcpy(text + i, "\xef\xb7\xba", 3);
    text[sizeof text - 1] = 'x';
    assert_int_equal(ht_normalize(out, &n, HT_NFKD, HT_BYTES(text), NULL), HT_OK);
    assert_int_equal(n, 341 * 33 + 1);
}

static void normalize_takes_many_marks_in_a_row(void **state) {
    (void)state;
    uint8_t text[HT_PASSPHRASE_MAX];
    uint8_t out[HT_NORMAL_MAX];
    size_t n = 0;
    for (size_t i = 0; i < sizeof text; i += 2)
        memcpy(text + i, i % 4 == 0 ? "\xcc\x88" : "\xcc\xa3", 2);
    assert_int_equal(ht_normalize(out, &n, HT_NFKD, HT_BYTES(text), NULL), HT_OK);
    assert_int_equal(n, sizeof text);
    assert_memory_equal(out, "\xcc\xa3\xcc\xa3", 4);
}

static void normalize_refuses_what_is_not_utf8_or_too_long(void **state) {
    (void)state;
    static const char *const bad[] = {"\x80",         "\xc3",   "\xc0\x80",
                                      "\xed\xa0\x80", "ok\xff", "\xf4\x90\x80\x80"};
    uint8_t text[HT_PASSPHRASE_MAX + 1] = {0};
    uint8_t out[HT_NORMAL_MAX];
    size_t n = 0;
    struct ht_why why = {.code = "accepted"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        why.code = "accepted";
        assert_int_equal(ht_normalize(out, &n, HT_NFKD, ht_bytes_str(bad[i]), &why), HT_EINPUT);
        assert_string_equal(why.code, "passphrase_text");
    }
    assert_int_equal(ht_normalize(out, &n, HT_NFKD, HT_BYTES(text), &why), HT_ELIMIT);
    assert_string_equal(why.code, "too_long");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(normalize_takes_characters_apart_or_together),
        cmocka_unit_test(normalize_has_room_for_the_character_that_grows_most),
        cmocka_unit_test(normalize_takes_many_marks_in_a_row),
        cmocka_unit_test(normalize_refuses_what_is_not_utf8_or_too_long),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
