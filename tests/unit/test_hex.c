/* Hex: lower case and 0x out, either case in, exact lengths, nothing written on refusal. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "node/base/hex.h"

static void hex_writes_lower_case_with_prefix(void **state) {
    (void)state;
    const uint8_t bytes[] = {0x00, 0xab, 0x0f, 0xf0};
    char text[HT_HEX_SIZE(4)];
    ht_hex_write(text, HT_BYTES(bytes));
    assert_string_equal(text, "0x00ab0ff0");
    ht_hex_write(text, (ht_bytes){0});
    assert_string_equal(text, "0x");
}

static void hex_reads_either_case_with_or_without_prefix(void **state) {
    (void)state;
    const char *texts[] = {"0xab0C", "0XAB0c", "ab0c", "AB0C"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        uint8_t out[2] = {0};
        assert_int_equal(ht_hex_read(out, 2, ht_bytes_str(texts[i])), HT_OK);
        assert_int_equal(out[0], 0xab);
        assert_int_equal(out[1], 0x0c);
    }
}

static void hex_refuses_other_lengths_and_characters(void **state) {
    (void)state;
    const char *texts[] = {"",       "0x",     "0xab",   "0xab0", "0xab0c0d", "0xab0g",
                           "0xab 0", "xab0c",  "0x0xab", "-0ab0", "0xab0c ",  "0xab0/",
                           "0xab0:", "0xab0`", "0xab0@", "0xab0G"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        uint8_t out[2] = {1, 2};
        if (ht_hex_read(out, 2, ht_bytes_str(texts[i])) != HT_EINPUT) {
            fail_msg("%s was accepted", texts[i]);
        }
        assert_int_equal(out[0], 1);
        assert_int_equal(out[1], 2);
    }
}

static void hex_reads_nothing_from_nothing(void **state) {
    (void)state;
    uint8_t out[1] = {7};
    assert_int_equal(ht_hex_read(out, 0, ht_bytes_str("0x")), HT_OK);
    assert_int_equal(ht_hex_read(out, 0, (ht_bytes){0}), HT_OK);
    assert_int_equal(out[0], 7);
}

static void hex_reads_every_byte_back(void **state) {
    (void)state;
    uint8_t all[256];
    uint8_t back[256];
    char text[HT_HEX_SIZE(256)];
    for (size_t i = 0; i < 256; i++) all[i] = (uint8_t)i;
    ht_hex_write(text, HT_BYTES(all));
    assert_int_equal(ht_hex_read(back, 256, ht_bytes_str(text)), HT_OK);
    assert_memory_equal(all, back, 256);
}

static void hex_appends_to_a_buffer_within_its_maximum(void **state) {
    (void)state;
    struct ht_buf buf;
    ht_buf_init(&buf, 3);
    assert_int_equal(ht_hex_read_buf(&buf, ht_bytes_str("0x0102")), HT_OK);
    assert_int_equal(ht_hex_read_buf(&buf, ht_bytes_str("0x0304")), HT_ELIMIT);
    assert_int_equal(ht_hex_read_buf(&buf, ht_bytes_str("0x030")), HT_EINPUT);
    assert_int_equal(ht_hex_read_buf(&buf, ht_bytes_str("zz")), HT_EINPUT);
    assert_int_equal(buf.n, 2);
    assert_int_equal(ht_hex_read_buf(&buf, ht_bytes_str("03")), HT_OK);
    const uint8_t want[] = {1, 2, 3};
    assert_int_equal(buf.n, 3);
    assert_memory_equal(buf.p, want, 3);
    ht_buf_fini(&buf);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hex_writes_lower_case_with_prefix),
        cmocka_unit_test(hex_reads_either_case_with_or_without_prefix),
        cmocka_unit_test(hex_refuses_other_lengths_and_characters),
        cmocka_unit_test(hex_reads_nothing_from_nothing),
        cmocka_unit_test(hex_reads_every_byte_back),
        cmocka_unit_test(hex_appends_to_a_buffer_within_its_maximum),
    };
    return cmocka_run_group_tests_name("hex", tests, NULL, NULL);
}
