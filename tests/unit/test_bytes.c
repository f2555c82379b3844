/* Buffers with a hard maximum, views, and numbers in little-endian bytes. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "node/base/bytes.h"

static void buf_holds_exactly_its_maximum(void **state) {
    (void)state;
    struct ht_buf buf;
    ht_buf_init(&buf, 5);
    assert_int_equal(ht_buf_add_str(&buf, "hello"), HT_OK);
    assert_int_equal(ht_buf_add_str(&buf, "!"), HT_ELIMIT);
    assert_int_equal(buf.n, 5);
    assert_memory_equal(buf.p, "hello", 5);
    ht_buf_fini(&buf);
}

static void buf_add_past_the_maximum_adds_nothing(void **state) {
    (void)state;
    struct ht_buf buf;
    ht_buf_init(&buf, 4);
    assert_int_equal(ht_buf_add_str(&buf, "abc"), HT_OK);
    assert_int_equal(ht_buf_add_str(&buf, "de"), HT_ELIMIT);
    assert_int_equal(ht_buf_add_str(&buf, "d"), HT_OK);
    assert_memory_equal(buf.p, "abcd", 4);
    ht_buf_fini(&buf);
}

static void buf_refuses_lengths_that_would_overflow(void **state) {
    (void)state;
    struct ht_buf buf;
    ht_buf_init(&buf, 10);
    assert_int_equal(ht_buf_add_str(&buf, "ab"), HT_OK);
    assert_null(ht_buf_reserve(&buf, SIZE_MAX));
    assert_null(ht_buf_reserve(&buf, SIZE_MAX - 1));
    assert_int_equal(ht_buf_add(&buf, ht_bytes_of("x", SIZE_MAX)), HT_ELIMIT);
    assert_int_equal(buf.n, 2);
    ht_buf_fini(&buf);
}

static void buf_of_maximum_zero_takes_only_nothing(void **state) {
    (void)state;
    struct ht_buf buf;
    ht_buf_init(&buf, 0);
    assert_int_equal(ht_buf_add(&buf, (ht_bytes){0}), HT_OK);
    assert_int_equal(ht_buf_add_str(&buf, "a"), HT_ELIMIT);
    ht_buf_fini(&buf);
}

static void buf_keeps_its_content_while_it_grows(void **state) {
    (void)state;
    struct ht_buf buf;
    ht_buf_init(&buf, 10000);
    for (size_t i = 0; i < 10000; i++) {
        uint8_t byte = (uint8_t)(i % 251);
        assert_int_equal(ht_buf_add(&buf, ht_bytes_of(&byte, 1)), HT_OK);
    }
    for (size_t i = 0; i < 10000; i++) assert_int_equal(buf.p[i], i % 251);
    assert_true(buf.cap <= buf.max);
    ht_buf_fini(&buf);
}

static void buf_reserve_gives_room_without_using_it(void **state) {
    (void)state;
    struct ht_buf buf;
    ht_buf_init(&buf, 8);
    assert_int_equal(ht_buf_add_str(&buf, "ab"), HT_OK);
    uint8_t *room = ht_buf_reserve(&buf, 6);
    assert_non_null(room);
    assert_int_equal(buf.n, 2);
    assert_ptr_equal(room, buf.p + 2);
    memset(room, 'x', 6);
    buf.n += 6;
    assert_memory_equal(buf.p, "abxxxxxx", 8);
    ht_buf_fini(&buf);
}

static void buf_is_usable_again_after_clear_and_fini(void **state) {
    (void)state;
    struct ht_buf buf;
    ht_buf_init(&buf, 3);
    assert_int_equal(ht_buf_add_str(&buf, "abc"), HT_OK);
    ht_buf_clear(&buf);
    assert_int_equal(ht_buf_add_str(&buf, "de"), HT_OK);
    assert_int_equal(buf.n, 2);
    ht_buf_fini(&buf);
    assert_null(buf.p);
    assert_int_equal(ht_buf_add_str(&buf, "abcd"), HT_ELIMIT);
    assert_int_equal(ht_buf_add_str(&buf, "abc"), HT_OK);
    ht_buf_fini(&buf);
}

static void bytes_are_equal_by_length_and_content(void **state) {
    (void)state;
    assert_true(ht_bytes_equal((ht_bytes){0}, ht_bytes_str("")));
    assert_true(ht_bytes_equal(ht_bytes_str("ab"), ht_bytes_of("abc", 2)));
    assert_false(ht_bytes_equal(ht_bytes_str("ab"), ht_bytes_str("abc")));
    assert_false(ht_bytes_equal(ht_bytes_str("ab"), ht_bytes_str("ac")));
}

static void hash_is_zero_only_when_every_byte_is(void **state) {
    (void)state;
    ht_hash32 hash = {{0}};
    assert_true(ht_hash32_is_zero(&hash));
    hash.b[31] = 1;
    assert_false(ht_hash32_is_zero(&hash));
}

static void little_endian_numbers_read_back(void **state) {
    (void)state;
    uint8_t raw[8];
    ht_write_u64_le(raw, 0x0123456789abcdef);
    const uint8_t want[8] = {0xef, 0xcd, 0xab, 0x89, 0x67, 0x45, 0x23, 0x01};
    assert_memory_equal(raw, want, 8);
    assert_true(ht_read_u64_le(raw) == 0x0123456789abcdef);
    ht_write_u32_le(raw, 0xdeadbeef);
    assert_true(ht_read_u32_le(raw) == 0xdeadbeef);
    ht_write_u64_le(raw, UINT64_MAX);
    assert_true(ht_read_u64_le(raw) == UINT64_MAX);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(buf_holds_exactly_its_maximum),
        cmocka_unit_test(buf_add_past_the_maximum_adds_nothing),
        cmocka_unit_test(buf_refuses_lengths_that_would_overflow),
        cmocka_unit_test(buf_of_maximum_zero_takes_only_nothing),
        cmocka_unit_test(buf_keeps_its_content_while_it_grows),
        cmocka_unit_test(buf_reserve_gives_room_without_using_it),
        cmocka_unit_test(buf_is_usable_again_after_clear_and_fini),
        cmocka_unit_test(bytes_are_equal_by_length_and_content),
        cmocka_unit_test(hash_is_zero_only_when_every_byte_is),
        cmocka_unit_test(little_endian_numbers_read_back),
    };
    return cmocka_run_group_tests_name("bytes", tests, NULL, NULL);
}
