/* Base58 and multikeys against the drafts' examples, and what is refused. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "node/base/hex.h"
#include "node/codec/base58.h"

static void both_ways(const char *hex, const char *text) {
    struct ht_buf bytes, got;
    ht_buf_init(&bytes, 2048);
    ht_buf_init(&got, 4096);
    assert_int_equal(ht_hex_read_buf(&bytes, ht_bytes_str(hex)), HT_OK);
    assert_int_equal(ht_base58_write(&got, ht_buf_view(&bytes)), HT_OK);
    assert_int_equal(got.n, strlen(text));
    if (got.n > 0) assert_memory_equal(got.p, text, got.n);
    ht_buf_clear(&got);
    assert_int_equal(ht_base58_read(&got, ht_bytes_str(text), NULL), HT_OK);
    assert_int_equal(got.n, bytes.n);
    if (got.n > 0) assert_memory_equal(got.p, bytes.p, got.n);
    ht_buf_fini(&bytes);
    ht_buf_fini(&got);
}

static void base58_reads_and_writes_what_the_draft_shows(void **state) {
    (void)state;
    both_ways("48656c6c6f20576f726c6421", "2NEpo7TZRRrLZSi2U");
    both_ways("54686520717569636b2062726f776e20666f78206a756d7073206f76657220746865206c617a7920646f"
              "672e",
              "USm3fpXnKG5EUBx2ndxBDMPVciP5hGey2Jh4NDv6gmeo1LkMeiKrLJUUBk6Z");
    both_ways("0000287fb4cd", "11233QC4");
}

static void base58_keeps_zero_bytes_in_front(void **state) {
    (void)state;
    both_ways("", "");
    both_ways("00", "1");
    both_ways("000000", "111");
    both_ways("0001", "12");
    both_ways("ff", "5Q");
}

static void base58_takes_its_largest_and_nothing_larger(void **state) {
    (void)state;
    static uint8_t bytes[HT_BASE58_BYTES_MAX + 1];
    struct ht_buf text, again;
    struct ht_why why = {.code = ""};
    memset(bytes, 0xff, sizeof bytes);
    ht_buf_init(&text, 4096);
    ht_buf_init(&again, 4096);
    assert_int_equal(ht_base58_write(&text, ht_bytes_of(bytes, sizeof bytes - 1)), HT_OK);
    assert_int_equal(text.n, HT_BASE58_TEXT_MAX);
    assert_int_equal(ht_base58_read(&again, ht_buf_view(&text), &why), HT_OK);
    assert_int_equal(again.n, HT_BASE58_BYTES_MAX);
    assert_memory_equal(again.p, bytes, again.n);
    assert_int_equal(ht_base58_write(&text, HT_BYTES(bytes)), HT_ELIMIT);
    assert_int_equal(text.n, HT_BASE58_TEXT_MAX);
    /* One letter more, and as many ones as letters are allowed. */
    assert_int_equal(ht_buf_add_str(&text, "1"), HT_OK);
    assert_int_equal(ht_base58_read(&again, ht_buf_view(&text), &why), HT_ELIMIT);
    assert_string_equal(why.code, "too_long");
    memset(text.p, '1', HT_BASE58_BYTES_MAX + 1);
    assert_int_equal(ht_base58_read(&again, ht_bytes_of(text.p, HT_BASE58_BYTES_MAX + 1), &why),
                     HT_ELIMIT);
    assert_int_equal(again.n, HT_BASE58_BYTES_MAX);
    ht_buf_fini(&text);
    ht_buf_fini(&again);
}

static void base58_refuses_letters_that_look_like_others(void **state) {
    (void)state;
    static const char *const bad[] = {"0", "O", "I", "l", "2NEpo7TZRRrLZSi2U ", "a+b", "\xc3\xa4"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct ht_buf out;
        struct ht_why why = {.code = ""};
        ht_buf_init(&out, 64);
        assert_int_equal(ht_base58_read(&out, ht_bytes_str(bad[i]), &why), HT_EINPUT);
        assert_string_equal(why.code, "base58_text");
        assert_int_equal(out.n, 0);
        ht_buf_fini(&out);
    }
}

static void base58_stops_at_the_room_that_it_is_given(void **state) {
    (void)state;
    struct ht_buf out;
    struct ht_why why = {.code = ""};
    ht_buf_init(&out, 11);
    assert_int_equal(ht_base58_read(&out, ht_bytes_str("2NEpo7TZRRrLZSi2U"), &why), HT_ELIMIT);
    assert_string_equal(why.code, "too_long");
    assert_int_equal(ht_base58_write(&out, ht_bytes_str("Hello World!")), HT_ELIMIT);
    assert_int_equal(out.n, 0);
    ht_buf_fini(&out);
}

static void multikeys_come_with_their_codec(void **state) {
    (void)state;
    static const char *const text = "zQ3shcQUjp59A5PDCtJGdputFmB51m3eJW7Z1T21uFVdenEay";
    struct ht_buf key, again;
    uint64_t codec = 0;
    uint8_t want[33];
    ht_buf_init(&key, 64);
    ht_buf_init(&again, 128);
    assert_int_equal(ht_multikey_read(&key, &codec, ht_bytes_str(text), NULL), HT_OK);
    assert_int_equal(codec, HT_MULTICODEC_SECP256K1);
    assert_int_equal(key.n, 33);
    assert_int_equal(ht_hex_read(want, 33,
                                 ht_bytes_str("0x02decaee61d212446f98879991285efc5f26211f2e2f3e5d86"
                                              "98ac63ca28f8235e")),
                     HT_OK);
    assert_memory_equal(key.p, want, 33);
    assert_int_equal(ht_multikey_write(&again, codec, ht_buf_view(&key)), HT_OK);
    assert_int_equal(again.n, strlen(text));
    assert_memory_equal(again.p, text, again.n);
    ht_buf_fini(&key);
    ht_buf_fini(&again);
}

static void expect_no_multikey(ht_bytes raw, const char *code) {
    struct ht_buf text, out;
    struct ht_why why = {.code = ""};
    uint64_t codec = 77;
    ht_buf_init(&text, 256);
    ht_buf_init(&out, 64);
    assert_int_equal(ht_buf_add_str(&text, "z"), HT_OK);
    assert_int_equal(ht_base58_write(&text, raw), HT_OK);
    assert_int_equal(ht_multikey_read(&out, &codec, ht_buf_view(&text), &why), HT_EINPUT);
    assert_string_equal(why.code, code);
    assert_int_equal(codec, 77);
    ht_buf_fini(&text);
    ht_buf_fini(&out);
}

static void multikeys_need_the_shortest_varint_in_base58(void **state) {
    (void)state;
    static const uint8_t longer[] = {0xed, 0x81, 0x00, 1, 2, 3}; /* 0xed in three bytes */
    static const uint8_t endless[] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1};
    struct ht_buf out;
    struct ht_why why = {.code = ""};
    uint64_t codec = 0;
    expect_no_multikey(HT_BYTES(longer), "multicodec");
    expect_no_multikey(HT_BYTES(endless), "multicodec");
    expect_no_multikey(ht_bytes_of(longer, 0), "multicodec");
    ht_buf_init(&out, 64);
    assert_int_equal(ht_multikey_read(&out, &codec, ht_bytes_str("mAQ"), &why), HT_EINPUT);
    assert_string_equal(why.code, "multibase");
    assert_int_equal(ht_multikey_read(&out, &codec, ht_bytes_str(""), &why), HT_EINPUT);
    assert_string_equal(why.code, "multibase");
    ht_buf_fini(&out);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(base58_reads_and_writes_what_the_draft_shows),
        cmocka_unit_test(base58_keeps_zero_bytes_in_front),
        cmocka_unit_test(base58_takes_its_largest_and_nothing_larger),
        cmocka_unit_test(base58_refuses_letters_that_look_like_others),
        cmocka_unit_test(base58_stops_at_the_room_that_it_is_given),
        cmocka_unit_test(multikeys_come_with_their_codec),
        cmocka_unit_test(multikeys_need_the_shortest_varint_in_base58),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
