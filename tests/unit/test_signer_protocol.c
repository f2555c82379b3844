/* Messages of the signer as bytes. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "node/signer/protocol.h"

static struct ht_buf example(void) {
    struct ht_signer_message message = {.number = 7, .type = HT_SIGNER_SIGN_TX};
    struct ht_buf out;
    ht_buf_init(&out, HT_SIGNER_MESSAGE_MAX);
    ht_signer_message_add(&message, HT_SIGNER_TAG_KEY, ht_bytes_str("key-1"));
    ht_signer_message_add(&message, HT_SIGNER_TAG_DATA, ht_bytes_str(""));
    assert_int_equal(ht_signer_message_write(&out, &message), HT_OK);
    return out;
}

static void read_fails(ht_bytes text) {
    struct ht_signer_message message;
    struct ht_why why = {.code = ""};
    assert_int_equal(ht_signer_message_read(&message, text, &why), HT_EINPUT);
    assert_string_equal(why.code, "signer_message");
}

static void message_comes_back_as_it_was_written(void **state) {
    (void)state;
    struct ht_buf out = example();
    struct ht_signer_message message;
    assert_int_equal(out.n, 12 + 5 + 5 + 5);
    assert_int_equal(ht_signer_message_read(&message, ht_buf_view(&out), NULL), HT_OK);
    assert_int_equal(message.number, 7);
    assert_int_equal(message.type, HT_SIGNER_SIGN_TX);
    assert_int_equal(message.field_count, 2);
    assert_true(
        ht_bytes_equal(ht_signer_field(&message, HT_SIGNER_TAG_KEY), ht_bytes_str("key-1")));
    ht_bytes data = ht_signer_field(&message, HT_SIGNER_TAG_DATA);
    assert_non_null(data.p);
    assert_int_equal(data.n, 0);
    assert_null(ht_signer_field(&message, HT_SIGNER_TAG_NAME).p);
    ht_buf_fini(&out);
}

static void message_that_is_cut_off_is_refused(void **state) {
    (void)state;
    struct ht_buf out = example();
    for (size_t n = 0; n < out.n; n++) {
        read_fails(ht_bytes_of(out.p, n));
        /* Also when its head knows. */
        if (n < HT_SIGNER_HEAD_SIZE || n == HT_SIGNER_HEAD_SIZE || n == 22) continue;
        ht_write_u32_le(out.p + 8, (uint32_t)n);
        read_fails(ht_bytes_of(out.p, n));
        ht_write_u32_le(out.p + 8, (uint32_t)out.n);
    }
    ht_buf_fini(&out);
}

static void message_with_a_field_twice_is_refused(void **state) {
    (void)state;
    struct ht_buf out = example();
    out.p[22] = HT_SIGNER_TAG_KEY;
    read_fails(ht_buf_view(&out));
    ht_buf_fini(&out);
}

static void message_with_an_unknown_field_is_refused(void **state) {
    (void)state;
    struct ht_buf out = example();
    out.p[22] = 0;
    read_fails(ht_buf_view(&out));
    out.p[22] = HT_SIGNER_TAG_REASON + 1;
    read_fails(ht_buf_view(&out));
    ht_buf_fini(&out);
}

static void message_with_too_many_fields_is_refused(void **state) {
    (void)state;
    struct ht_signer_message message = {.number = 1};
    struct ht_buf out;
    ht_buf_init(&out, HT_SIGNER_MESSAGE_MAX);
    for (unsigned i = 1; i <= HT_SIGNER_FIELDS_MAX; i++) {
        ht_signer_message_add(&message, (enum ht_signer_tag)i, ht_bytes_str("x"));
    }
    assert_int_equal(ht_signer_message_write(&out, &message), HT_OK);
    const uint8_t more[] = {HT_SIGNER_TAG_SIGNATURE, 0, 0, 0, 0};
    assert_int_equal(ht_buf_add(&out, HT_BYTES(more)), HT_OK);
    ht_write_u32_le(out.p + 8, (uint32_t)out.n);
    read_fails(ht_buf_view(&out));
    ht_buf_fini(&out);
}

static void message_size_is_bounded(void **state) {
    (void)state;
    uint8_t head[HT_SIGNER_HEAD_SIZE] = {0};
    size_t size = 0;
    ht_write_u32_le(head + 8, (uint32_t)HT_SIGNER_MESSAGE_MAX);
    assert_int_equal(ht_signer_message_size(&size, head), HT_OK);
    assert_int_equal(size, HT_SIGNER_MESSAGE_MAX);
    ht_write_u32_le(head + 8, (uint32_t)HT_SIGNER_MESSAGE_MAX + 1);
    assert_int_equal(ht_signer_message_size(&size, head), HT_ELIMIT);
    ht_write_u32_le(head + 8, HT_SIGNER_HEAD_SIZE - 1);
    assert_int_equal(ht_signer_message_size(&size, head), HT_EINPUT);
}

static void message_that_would_be_too_long_is_not_written(void **state) {
    (void)state;
    static uint8_t bytes[HT_SIGNER_MESSAGE_MAX];
    struct ht_signer_message message = {.number = 1};
    struct ht_buf out;
    ht_buf_init(&out, 2 * HT_SIGNER_MESSAGE_MAX);
    ht_signer_message_add(&message, HT_SIGNER_TAG_DATA,
                          ht_bytes_of(bytes, HT_SIGNER_MESSAGE_MAX - HT_SIGNER_HEAD_SIZE - 4));
    assert_int_equal(ht_signer_message_write(&out, &message), HT_ELIMIT);
    assert_int_equal(out.n, 0);
    message.fields[0].bytes.n--;
    assert_int_equal(ht_signer_message_write(&out, &message), HT_OK);
    assert_int_equal(out.n, HT_SIGNER_MESSAGE_MAX);
    ht_buf_fini(&out);
}

static void parts_come_back_as_they_were_written(void **state) {
    (void)state;
    const ht_bytes parts[] = {ht_bytes_str("old passphrase"), ht_bytes_str("")};
    ht_bytes read[HT_SIGNER_PARTS_MAX];
    uint8_t text[22];
    size_t n = 0;
    size_t count = 0;
    assert_int_equal(ht_signer_parts_write(text, &n, sizeof text, parts, 2), HT_OK);
    assert_int_equal(n, 22);
    assert_int_equal(ht_signer_parts_read(read, &count, ht_bytes_of(text, n), NULL), HT_OK);
    assert_int_equal(count, 2);
    assert_true(ht_bytes_equal(read[0], parts[0]));
    assert_int_equal(read[1].n, 0);
    assert_int_equal(read[2].n, 0);
    assert_int_equal(ht_signer_parts_write(text, &n, 21, parts, 2), HT_ELIMIT);
}

static void parts_that_are_cut_off_or_too_many_are_refused(void **state) {
    (void)state;
    static const uint8_t four[16];
    ht_bytes read[HT_SIGNER_PARTS_MAX];
    size_t count = 0;
    const ht_bytes wrong[] = {{four, 3},
                              {four, 16},
                              {(const uint8_t *)"\2\0\0\0x", 5},
                              {(const uint8_t *)"\0\0\0\0x", 5}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct ht_why why = {.code = ""};
        assert_int_equal(ht_signer_parts_read(read, &count, wrong[i], &why), HT_EINPUT);
        assert_string_equal(why.code, "signer_parts");
    }
    assert_int_equal(ht_signer_parts_read(read, &count, ht_bytes_of(four, 12), NULL), HT_OK);
    assert_int_equal(count, 3);
}

static void every_request_has_a_name_of_its_own(void **state) {
    (void)state;
    for (unsigned i = 0; i < HT_SIGNER_REQUEST_COUNT; i++) {
        const char *name = ht_signer_request_name((enum ht_signer_request)i);
        assert_non_null(name);
        for (unsigned j = 0; j < i; j++) {
            assert_string_not_equal(name, ht_signer_request_name((enum ht_signer_request)j));
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(message_comes_back_as_it_was_written),
        cmocka_unit_test(message_that_is_cut_off_is_refused),
        cmocka_unit_test(message_with_a_field_twice_is_refused),
        cmocka_unit_test(message_with_an_unknown_field_is_refused),
        cmocka_unit_test(message_with_too_many_fields_is_refused),
        cmocka_unit_test(message_size_is_bounded),
        cmocka_unit_test(message_that_would_be_too_long_is_not_written),
        cmocka_unit_test(parts_come_back_as_they_were_written),
        cmocka_unit_test(parts_that_are_cut_off_or_too_many_are_refused),
        cmocka_unit_test(every_request_has_a_name_of_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
