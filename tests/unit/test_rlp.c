/* RLP: what is canonical, what is refused and with which reason, and that writing is the reverse.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "node/base/hex.h"
#include "node/codec/rlp.h"

static struct ht_buf from_hex(const char *hex) {
    struct ht_buf buf;
    ht_buf_init(&buf, 1 << 20);
    if (*hex != '\0') assert_int_equal(ht_hex_read_buf(&buf, ht_bytes_str(hex)), HT_OK);
    return buf;
}

static void judge(const char *hex, size_t depth, enum ht_err err, const char *code) {
    struct ht_buf buf = from_hex(hex);
    struct ht_why why = {.code = "ok"};
    enum ht_err got = ht_rlp_check(ht_buf_view(&buf), depth, &why);
    if (got != err) fail_msg("%s: %s %s", hex, ht_err_name(got), why.text);
    assert_string_equal(why.code, code);
    assert_int_equal(ht_rlp_check(ht_buf_view(&buf), depth, NULL), err);
    ht_buf_fini(&buf);
}

static void refuses(const char *hex, const char *code) {
    judge(hex, 16, HT_EINPUT, code);
}

static void accepts(const char *hex) {
    judge(hex, 16, HT_OK, "ok");
}

static void rlp_accepts_the_canonical_forms(void **state) {
    (void)state;
    const char *good[] = {"00",     "7f", "80",   "8180", "81ff",
                          "820000", "c0", "c180", "c101", "c7c0c1c0c3c0c1c0",
                          "c20080"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) accepts(good[i]);
}

static void rlp_rejects_an_empty_document(void **state) {
    (void)state;
    assert_int_equal(ht_rlp_check((ht_bytes){0}, 4, NULL), HT_EINPUT);
}

static void rlp_rejects_a_single_byte_with_a_header(void **state) {
    (void)state;
    refuses("8100", "rlp_non_canonical");
    refuses("817f", "rlp_non_canonical");
    refuses("c28100", "rlp_non_canonical");
    refuses("b80100", "rlp_non_canonical");
}

static void rlp_rejects_length_with_leading_zero(void **state) {
    (void)state;
    refuses("b800", "rlp_non_canonical");
    refuses("b90038", "rlp_non_canonical");
    refuses("f800", "rlp_non_canonical");
    refuses("fb00000040", "rlp_non_canonical");
}

static void rlp_rejects_a_long_length_that_fits_the_short_form(void **state) {
    (void)state;
    char text[2 * 60 + 1];
    memset(text, '0', sizeof text);
    memcpy(text, "b837", 4);
    text[2 * 57] = '\0';
    refuses(text, "rlp_non_canonical");
    memcpy(text, "f837", 4);
    refuses(text, "rlp_non_canonical");
}

static void rlp_accepts_56_bytes_in_the_long_form(void **state) {
    (void)state;
    char text[2 * 58 + 1];
    memset(text, '0', sizeof text);
    memcpy(text, "b838", 4);
    text[2 * 58] = '\0';
    accepts(text);
    memcpy(text, "f838", 4);
    accepts(text);
}

static void rlp_rejects_truncation_everywhere(void **state) {
    (void)state;
    const char *bad[] = {"81",     "8201", "b8",   "b838", "b9", "b901", "b90100",  "c1",
                         "c28301", "f8",   "f838", "bf",   "ff", "c3c1", "c4c38201"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) refuses(bad[i], "rlp_truncated");
}

static void rlp_rejects_lengths_near_the_end_of_the_address_space(void **state) {
    (void)state;
    refuses("bfffffffffffffffff00", "rlp_truncated");
    refuses("ffffffffffffffffff0001020304050607", "rlp_truncated");
    refuses("bf800000000000000000", "rlp_truncated");
    refuses("c9bfffffffffffffffff", "rlp_truncated");
}

static void rlp_rejects_bytes_behind_the_document(void **state) {
    (void)state;
    refuses("0000", "rlp_trailing");
    refuses("c000", "rlp_trailing");
    refuses("80c0", "rlp_trailing");
}

static void rlp_rejects_an_item_longer_than_its_list(void **state) {
    (void)state;
    refuses("c3820102c0", "rlp_trailing");
    refuses("c283010203", "rlp_trailing");
    refuses("c482010283", "rlp_truncated");
    refuses("c5c3830102c0", "rlp_truncated");
}

static void rlp_bounds_the_depth_without_recursion(void **state) {
    (void)state;
    judge("80", 0, HT_OK, "ok");
    judge("c0", 0, HT_ELIMIT, "rlp_too_deep");
    judge("c1c0", 2, HT_OK, "ok");
    judge("c2c1c0", 2, HT_ELIMIT, "rlp_too_deep");
    struct ht_buf buf;
    ht_buf_init(&buf, 1000);
    struct ht_rlp_writer writer;
    ht_rlp_writer_init(&writer, &buf);
    size_t begin[HT_RLP_DEPTH_MAX];
    for (size_t i = 0; i < HT_RLP_DEPTH_MAX; i++) begin[i] = ht_rlp_list_begin(&writer);
    for (size_t i = HT_RLP_DEPTH_MAX; i > 0; i--) ht_rlp_list_end(&writer, begin[i - 1]);
    assert_int_equal(ht_rlp_finish(&writer), HT_OK);
    assert_int_equal(ht_rlp_check(ht_buf_view(&buf), HT_RLP_DEPTH_MAX, NULL), HT_OK);
    assert_int_equal(ht_rlp_check(ht_buf_view(&buf), HT_RLP_DEPTH_MAX - 1, NULL), HT_ELIMIT);
    ht_buf_fini(&buf);
}

static void rlp_item_gives_payload_and_whole(void **state) {
    (void)state;
    const uint8_t data[] = {0xc2, 0x01, 0x02, 0x05, 0x82, 0xaa, 0xbb};
    ht_bytes rest = HT_BYTES(data);
    struct ht_rlp_item item;
    assert_int_equal(ht_rlp_read_item(&item, &rest, NULL), HT_OK);
    assert_true(item.is_list);
    assert_ptr_equal(item.payload.p, data + 1);
    assert_int_equal(item.payload.n, 2);
    assert_ptr_equal(item.whole.p, data);
    assert_int_equal(item.whole.n, 3);
    assert_int_equal(ht_rlp_read_item(&item, &rest, NULL), HT_OK);
    assert_false(item.is_list);
    assert_ptr_equal(item.payload.p, data + 3);
    assert_ptr_equal(item.whole.p, data + 3);
    assert_int_equal(item.whole.n, 1);
    assert_int_equal(ht_rlp_read_item(&item, &rest, NULL), HT_OK);
    assert_int_equal(item.payload.n, 2);
    assert_int_equal(item.whole.n, 3);
    struct ht_why why = {.code = ""};
    assert_int_equal(ht_rlp_read_item(&item, &rest, &why), HT_EINPUT);
    assert_string_equal(why.code, "rlp_missing");
}

static void rlp_integers_have_no_leading_zeros_and_fit(void **state) {
    (void)state;
    const struct {
        const char *hex;
        uint64_t value;
        const char *code;
    } cases[] = {
        {"80", 0, "ok"},
        {"01", 1, "ok"},
        {"8180", 128, "ok"},
        {"820400", 1024, "ok"},
        {"88ffffffffffffffff", UINT64_MAX, "ok"},
        {"00", 0, "rlp_leading_zero"},
        {"820001", 0, "rlp_leading_zero"},
        {"89010000000000000000", 0, "rlp_too_long"},
        {"c0", 0, "rlp_wrong_kind"},
        {"", 0, "rlp_missing"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct ht_buf buf = from_hex(cases[i].hex);
        ht_bytes rest = ht_buf_view(&buf);
        uint64_t got = 77;
        struct ht_why why = {.code = "ok"};
        enum ht_err err = ht_rlp_read_u64(&got, &rest, &why);
        assert_string_equal(why.code, cases[i].code);
        bool is_good = err == HT_OK;
        assert_true(got == (is_good ? cases[i].value : 77));
        assert_int_equal(rest.n, is_good ? 0 : buf.n);
        ht_buf_fini(&buf);
    }
}

static void rlp_u256_is_padded_to_32_bytes_big_endian(void **state) {
    (void)state;
    struct ht_buf buf = from_hex("820102");
    ht_bytes rest = ht_buf_view(&buf);
    uint8_t out[32];
    memset(out, 0xee, sizeof out);
    assert_int_equal(ht_rlp_read_u256(out, &rest, NULL), HT_OK);
    uint8_t want[32] = {[30] = 1, [31] = 2};
    assert_memory_equal(out, want, 32);
    ht_buf_fini(&buf);
    uint8_t big[34];
    memset(big, 0xff, sizeof big);
    big[0] = 0xa0;
    rest = ht_bytes_of(big, 33);
    assert_int_equal(ht_rlp_read_u256(out, &rest, NULL), HT_OK);
    assert_memory_equal(out, big + 1, 32);
    big[0] = 0xa1;
    rest = ht_bytes_of(big, 34);
    assert_int_equal(ht_rlp_read_u256(out, &rest, NULL), HT_EINPUT);
}

static void rlp_fixed_strings_have_exactly_their_length(void **state) {
    (void)state;
    uint8_t data[33] = {0xa0};
    ht_bytes rest = HT_BYTES(data);
    ht_hash32 hash;
    assert_int_equal(ht_rlp_read_hash32(&hash, &rest, NULL), HT_OK);
    rest = HT_BYTES(data);
    ht_addr20 addr;
    struct ht_why why = {.code = ""};
    assert_int_equal(ht_rlp_read_addr20(&addr, &rest, &why), HT_EINPUT);
    assert_string_equal(why.code, "rlp_wrong_length");
    assert_int_equal(rest.n, 33);
    data[0] = 0x94;
    assert_int_equal(ht_rlp_read_addr20(&addr, &rest, NULL), HT_OK);
    assert_int_equal(rest.n, 12);
}

static void rlp_strings_keep_to_their_maximum(void **state) {
    (void)state;
    const uint8_t data[] = {0x83, 1, 2, 3};
    ht_bytes rest = HT_BYTES(data);
    ht_bytes out = {0};
    struct ht_why why = {.code = ""};
    assert_int_equal(ht_rlp_read_bytes(&out, &rest, 2, &why), HT_ELIMIT);
    assert_string_equal(why.code, "rlp_too_long");
    assert_int_equal(ht_rlp_read_bytes(&out, &rest, 3, &why), HT_OK);
    assert_ptr_equal(out.p, data + 1);
    assert_int_equal(rest.n, 0);
}

static void rlp_list_is_entered_and_its_end_is_checked(void **state) {
    (void)state;
    const uint8_t data[] = {0xc3, 0x01, 0xc1, 0x02};
    ht_bytes rest = HT_BYTES(data);
    ht_bytes fields = {0};
    ht_bytes inner = {0};
    uint64_t value = 0;
    struct ht_why why = {.code = ""};
    assert_int_equal(ht_rlp_read_list(&fields, &rest, NULL), HT_OK);
    assert_int_equal(ht_rlp_end(rest, NULL), HT_OK);
    assert_int_equal(ht_rlp_read_list(&inner, &fields, &why), HT_EINPUT);
    assert_string_equal(why.code, "rlp_wrong_kind");
    assert_int_equal(ht_rlp_read_u64(&value, &fields, NULL), HT_OK);
    assert_int_equal(ht_rlp_end(fields, &why), HT_EINPUT);
    assert_string_equal(why.code, "rlp_trailing");
    assert_int_equal(ht_rlp_read_u64(&value, &fields, NULL), HT_EINPUT);
    assert_int_equal(ht_rlp_read_list(&inner, &fields, NULL), HT_OK);
    assert_int_equal(ht_rlp_end(fields, NULL), HT_OK);
}

static void rlp_count_stops_at_its_bound(void **state) {
    (void)state;
    const uint8_t data[] = {0x01, 0x82, 0x00, 0x00, 0xc1, 0x05};
    size_t count = 0;
    assert_int_equal(ht_rlp_count(&count, HT_BYTES(data), 3, NULL), HT_OK);
    assert_int_equal(count, 3);
    assert_int_equal(ht_rlp_count(&count, HT_BYTES(data), 2, NULL), HT_ELIMIT);
    assert_int_equal(ht_rlp_count(&count, ht_bytes_of(data, 2), 9, NULL), HT_EINPUT);
    assert_int_equal(ht_rlp_count(&count, (ht_bytes){0}, 0, NULL), HT_OK);
    assert_int_equal(count, 0);
}

static void write_string_of(struct ht_rlp_writer *writer, size_t n) {
    static uint8_t bytes[70000];
    memset(bytes, 0xab, sizeof bytes);
    ht_rlp_write_bytes(writer, ht_bytes_of(bytes, n));
}

static void rlp_writes_every_length_so_that_it_reads_back(void **state) {
    (void)state;
    const size_t sizes[] = {0, 1, 2, 55, 56, 57, 255, 256, 257, 65535, 65536};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct ht_buf buf;
        ht_buf_init(&buf, 100000);
        struct ht_rlp_writer writer;
        ht_rlp_writer_init(&writer, &buf);
        size_t outer = ht_rlp_list_begin(&writer);
        write_string_of(&writer, sizes[i]);
        size_t inner = ht_rlp_list_begin(&writer);
        ht_rlp_write_u64(&writer, 300);
        ht_rlp_list_end(&writer, inner);
        ht_rlp_list_end(&writer, outer);
        assert_int_equal(ht_rlp_finish(&writer), HT_OK);
        assert_int_equal(ht_rlp_check(ht_buf_view(&buf), 2, NULL), HT_OK);
        ht_bytes rest = ht_buf_view(&buf);
        ht_bytes fields = {0};
        ht_bytes string = {0};
        assert_int_equal(ht_rlp_read_list(&fields, &rest, NULL), HT_OK);
        assert_int_equal(ht_rlp_read_bytes(&string, &fields, 70000, NULL), HT_OK);
        assert_int_equal(string.n, sizes[i]);
        ht_buf_fini(&buf);
    }
}

static void rlp_writes_integers_without_leading_zeros(void **state) {
    (void)state;
    struct ht_buf buf;
    ht_buf_init(&buf, 100);
    struct ht_rlp_writer writer;
    ht_rlp_writer_init(&writer, &buf);
    const uint8_t zero[32] = {0};
    const uint8_t wide[32] = {[31] = 0x80};
    ht_rlp_write_u64(&writer, 0);
    ht_rlp_write_u64(&writer, 127);
    ht_rlp_write_u64(&writer, 0x0102);
    ht_rlp_write_uint(&writer, HT_BYTES(zero));
    ht_rlp_write_uint(&writer, HT_BYTES(wide));
    const uint8_t raw[] = {0xc0};
    ht_rlp_write_raw(&writer, HT_BYTES(raw));
    assert_int_equal(ht_rlp_finish(&writer), HT_OK);
    const uint8_t want[] = {0x80, 0x7f, 0x82, 0x01, 0x02, 0x80, 0x81, 0x80, 0xc0};
    assert_int_equal(buf.n, sizeof want);
    assert_memory_equal(buf.p, want, sizeof want);
    ht_buf_fini(&buf);
}

static void rlp_writer_past_the_maximum_leaves_the_buffer_as_it_was(void **state) {
    (void)state;
    for (size_t max = 2; max < 8; max++) {
        struct ht_buf buf;
        ht_buf_init(&buf, max);
        assert_int_equal(ht_buf_add_str(&buf, "ab"), HT_OK);
        struct ht_rlp_writer writer;
        ht_rlp_writer_init(&writer, &buf);
        size_t begin = ht_rlp_list_begin(&writer);
        write_string_of(&writer, 4);
        ht_rlp_list_end(&writer, begin);
        assert_int_equal(ht_rlp_finish(&writer), HT_ELIMIT);
        assert_int_equal(buf.n, 2);
        assert_memory_equal(buf.p, "ab", 2);
        ht_buf_fini(&buf);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rlp_accepts_the_canonical_forms),
        cmocka_unit_test(rlp_rejects_an_empty_document),
        cmocka_unit_test(rlp_rejects_a_single_byte_with_a_header),
        cmocka_unit_test(rlp_rejects_length_with_leading_zero),
        cmocka_unit_test(rlp_rejects_a_long_length_that_fits_the_short_form),
        cmocka_unit_test(rlp_accepts_56_bytes_in_the_long_form),
        cmocka_unit_test(rlp_rejects_truncation_everywhere),
        cmocka_unit_test(rlp_rejects_lengths_near_the_end_of_the_address_space),
        cmocka_unit_test(rlp_rejects_bytes_behind_the_document),
        cmocka_unit_test(rlp_rejects_an_item_longer_than_its_list),
        cmocka_unit_test(rlp_bounds_the_depth_without_recursion),
        cmocka_unit_test(rlp_item_gives_payload_and_whole),
        cmocka_unit_test(rlp_integers_have_no_leading_zeros_and_fit),
        cmocka_unit_test(rlp_u256_is_padded_to_32_bytes_big_endian),
        cmocka_unit_test(rlp_fixed_strings_have_exactly_their_length),
        cmocka_unit_test(rlp_strings_keep_to_their_maximum),
        cmocka_unit_test(rlp_list_is_entered_and_its_end_is_checked),
        cmocka_unit_test(rlp_count_stops_at_its_bound),
        cmocka_unit_test(rlp_writes_every_length_so_that_it_reads_back),
        cmocka_unit_test(rlp_writes_integers_without_leading_zeros),
        cmocka_unit_test(rlp_writer_past_the_maximum_leaves_the_buffer_as_it_was),
    };
    return cmocka_run_group_tests_name("rlp", tests, NULL, NULL);
}
