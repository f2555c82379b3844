/* Base64 against RFC 4648 §10, and what is refused. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "node/codec/base64.h"

static void goes_both_ways(enum ht_base64 form, ht_bytes bytes, const char *text) {
    struct ht_buf got;
    ht_buf_init(&got, 64);
    assert_int_equal(ht_buf_add_str(&got, ">"), HT_OK);
    assert_int_equal(ht_base64_write(&got, form, bytes), HT_OK);
    assert_int_equal(got.n, strlen(text) + 1);
    assert_memory_equal(got.p + 1, text, strlen(text));
    got.n = 1;
    assert_int_equal(ht_base64_read(&got, form, ht_bytes_str(text)), HT_OK);
    assert_int_equal(got.n, bytes.n + 1);
    assert_int_equal(got.p[0], '>');
    if (bytes.n > 0) assert_memory_equal(got.p + 1, bytes.p, bytes.n);
    ht_buf_fini(&got);
}

static void refuses(enum ht_base64 form, const char *text) {
    struct ht_buf got;
    ht_buf_init(&got, 64);
    assert_int_equal(ht_buf_add_str(&got, ">"), HT_OK);
    if (ht_base64_read(&got, form, ht_bytes_str(text)) != HT_EINPUT) fail_msg("took %s", text);
    assert_int_equal(got.n, 1);
    ht_buf_fini(&got);
}

static void base64_goes_both_ways_as_rfc_4648_shows(void **state) {
    (void)state;
    static const char *const padded[] = {"",         "Zg==",     "Zm8=",    "Zm9v",
                                         "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy"};
    static const char *const plain[] = {"", "Zg", "Zm8", "Zm9v", "Zm9vYg", "Zm9vYmE", "Zm9vYmFy"};
    for (size_t n = 0; n <= 6; n++) {
        goes_both_ways(HT_BASE64_STD, ht_bytes_of("foobar", n), padded[n]);
        goes_both_ways(HT_BASE64_URL, ht_bytes_of("foobar", n), plain[n]);
    }
}

static void base64_has_two_alphabets(void **state) {
    (void)state;
    static const uint8_t bytes[] = {0xfb, 0xff, 0xbf, 0x00, 0x10, 0x83};
    goes_both_ways(HT_BASE64_STD, HT_BYTES(bytes), "+/+/ABCD");
    goes_both_ways(HT_BASE64_URL, HT_BYTES(bytes), "-_-_ABCD");
    refuses(HT_BASE64_STD, "-_-_");
    refuses(HT_BASE64_URL, "+/+/");
}

static void base64_refuses_padding_that_is_not_as_it_must_be(void **state) {
    (void)state;
    refuses(HT_BASE64_STD, "Zg");
    refuses(HT_BASE64_STD, "Zg=");
    refuses(HT_BASE64_STD, "Zg===");
    refuses(HT_BASE64_STD, "Z===");
    refuses(HT_BASE64_STD, "====");
    refuses(HT_BASE64_STD, "Zg==Zg==");
    refuses(HT_BASE64_URL, "Zg==");
    refuses(HT_BASE64_URL, "Zm8=");
    refuses(HT_BASE64_URL, "Z");
    refuses(HT_BASE64_URL, "Zm9vY");
}

static void base64_refuses_bits_behind_the_last_byte(void **state) {
    (void)state;
    refuses(HT_BASE64_STD, "Zh==");
    refuses(HT_BASE64_STD, "Zm9=");
    refuses(HT_BASE64_URL, "Zh");
    refuses(HT_BASE64_URL, "Zm9");
}

static void base64_refuses_other_letters(void **state) {
    (void)state;
    refuses(HT_BASE64_URL, "Zm 9v");
    refuses(HT_BASE64_URL, "Zm9v\n");
    refuses(HT_BASE64_URL, "Zm9\n");
    refuses(HT_BASE64_STD, "Zm9\xff");
    refuses(HT_BASE64_STD, "Zm9@");
    refuses(HT_BASE64_STD, "Zm9[");
}

static void base64_stays_within_the_maximum(void **state) {
    (void)state;
    struct ht_buf got;
    ht_buf_init(&got, 5);
    assert_int_equal(ht_base64_read(&got, HT_BASE64_URL, ht_bytes_str("Zm9vYmFy")), HT_ELIMIT);
    assert_int_equal(ht_base64_write(&got, HT_BASE64_STD, ht_bytes_str("foob")), HT_ELIMIT);
    assert_int_equal(ht_base64_write(&got, HT_BASE64_URL, ht_bytes_str("foobar")), HT_ELIMIT);
    assert_int_equal(got.n, 0);
    ht_buf_fini(&got);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(base64_goes_both_ways_as_rfc_4648_shows),
        cmocka_unit_test(base64_has_two_alphabets),
        cmocka_unit_test(base64_refuses_padding_that_is_not_as_it_must_be),
        cmocka_unit_test(base64_refuses_bits_behind_the_last_byte),
        cmocka_unit_test(base64_refuses_other_letters),
        cmocka_unit_test(base64_stays_within_the_maximum),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
