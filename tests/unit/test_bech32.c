/* Bech32 against BIP-173's and NIP-19's examples, and what is refused. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "node/base/hex.h"
#include "node/codec/bech32.h"

#define NPUB "npub10elfcs4fr0l0r8af98jlmgdh9c8tcxjvz9qkw038js35mp4dma8qzvjptg"
#define NPUB_HEX "7e7e9c42a91bfef19fa929e5fda1b72e0ebc1a4c1141673e2794234d86addf4e"

static void decodes(const char *prefix, const char *text, const char *hex) {
    uint8_t got[128];
    uint8_t want[128];
    char again[512];
    char small[512];
    size_t n = 0;
    struct ht_why why = {.code = "ok", .text = ""};
    if (ht_bech32_decode(got, &n, sizeof got, prefix, ht_bytes_str(text), &why) != HT_OK) {
        fail_msg("%s: %s", text, why.text);
    }
    assert_int_equal(n, strlen(hex) / 2);
    assert_int_equal(ht_hex_read(want, n, ht_bytes_str(hex)), HT_OK);
    assert_memory_equal(got, want, n);
    assert_int_equal(ht_bech32_encode(again, sizeof again, prefix, ht_bytes_of(got, n)), HT_OK);
    size_t i = 0;
    for (; text[i] != '\0'; i++) {
        small[i] = (char)(text[i] >= 'A' && text[i] <= 'Z' ? text[i] + 32 : text[i]);
    }
    small[i] = '\0';
    assert_string_equal(again, small);
}

static void refuses_with(const char *prefix, ht_bytes text, size_t max, enum ht_err want,
                         const char *code) {
    uint8_t got[6000];
    size_t n = 77;
    struct ht_why why = {.code = "accepted", .text = ""};
    memset(got, 0x5a, sizeof got);
    enum ht_err err = ht_bech32_decode(got, &n, max, prefix, text, &why);
    assert_string_equal(why.code, code);
    assert_int_equal(err, want);
    assert_int_equal(n, 77);
    assert_int_equal(got[0], 0x5a);
    assert_int_equal(ht_bech32_decode(got, &n, max, prefix, text, NULL), want);
}

static void refuses(const char *prefix, const char *text, const char *code) {
    refuses_with(prefix, ht_bytes_str(text), 128, HT_EINPUT, code);
}

static void bech32_reads_and_writes_what_the_standards_show(void **state) {
    (void)state;
    decodes("npub", NPUB, NPUB_HEX);
    decodes("nsec", "nsec1vl029mgpspedva04g90vltkh6fvh240zqtv9k0t9af8935ke9laqsnlfe5",
            "67dea2ed018072d675f5415ecfaed7d2597555e202d85b3d65ea4e58d2d92ffa");
    decodes("a", "A12UEL5L", "");
    decodes("a", "a12uel5l", "");
    decodes("abc", "abc1qy928epu", "01");
    decodes("abc", "abc1llhd6mt6rx0", "ffeedd");
    decodes("abcdef", "abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw",
            "00443214c74254b635cf84653a56d7c675be77df");
    decodes(
        "an83characterlonghumanreadablepartthatcontainsthenumber1andtheexcludedcharactersbio",
        "an83characterlonghumanreadablepartthatcontainsthenumber1andtheexcludedcharactersbio1tt5tgs",
        "");
}

/* BIP-173's list of invalid strings. */
static void bech32_refuses_what_bip_173_lists(void **state) {
    (void)state;
    refuses("x",
            "\x20"
            "1nwldj5",
            "bech32_text");
    refuses("x",
            "\x7f"
            "1axkwrx",
            "bech32_text");
    refuses("x",
            "\x80"
            "1eym55h",
            "bech32_text");
    refuses("pzry9x0s0muk", "pzry9x0s0muk", "bech32_text");
    refuses("", "1pzry9x0s0muk", "bech32_text");
    refuses("x", "x1b4n0q5v", "bech32_text");
    refuses("li", "li1dgmt3", "bech32_text");
    refuses("de", "de1lg7wt\xff", "bech32_text");
    refuses("a", "A1G7SGD8", "bech32_checksum");
    refuses("", "10a06t8", "bech32_text");
    refuses("", "1qzzfhee", "bech32_text");
}

static void bech32_refuses_mixed_case(void **state) {
    (void)state;
    refuses("a", "A12uEL5L", "bech32_text");
    refuses("abc", "Abc1qy928epu", "bech32_text");
}

static void bech32_refuses_any_one_letter_changed(void **state) {
    (void)state;
    char text[] = NPUB;
    for (size_t i = 5; i < sizeof text - 1; i++) {
        char was = text[i];
        text[i] = was == 'q' ? 'p' : 'q';
        refuses("npub", text, "bech32_checksum");
        text[i] = was;
    }
}

static void bech32_refuses_another_prefix(void **state) {
    (void)state;
    refuses("nsec", NPUB, "bech32_prefix");
    refuses("npu", NPUB, "bech32_prefix");
    refuses("npubx", NPUB, "bech32_prefix");
}

static void bech32_refuses_wrong_bits_behind_the_last_byte(void **state) {
    (void)state;
    refuses("abc", "abc1qphk32n5", "bech32_padding"); /* bits that are not zero */
    refuses("abc", "abc1qvm7r47", "bech32_padding");  /* a letter too many */
    refuses("abc", "abc1lll393ntc", "bech32_padding");
}

static void bech32_refuses_more_than_its_bounds(void **state) {
    (void)state;
    static uint8_t text[HT_BECH32_TEXT_MAX + 1];
    memset(text, 'q', sizeof text);
    memcpy(text, "a1", 2);
    refuses_with("a", HT_BYTES(text), 6000, HT_ELIMIT, "too_long");
    refuses_with("a", ht_bytes_of(text, HT_BECH32_TEXT_MAX), 6000, HT_EINPUT, "bech32_checksum");
    refuses_with("npub", ht_bytes_str(NPUB), 31, HT_ELIMIT, "too_long");
    refuses_with("a", ht_bytes_of(NULL, 0), 31, HT_EINPUT, "bech32_text");
    refuses_with("a", ht_bytes_of("a12uel\0l", 8), 31, HT_EINPUT, "bech32_text");
}

static void bech32_does_not_write_past_its_room(void **state) {
    (void)state;
    char out[16];
    const uint8_t bytes[1] = {1};
    memset(out, '!', sizeof out);
    /* "abc1qy928epu" has 12 letters. */
    assert_int_equal(ht_bech32_encode(out, 12, "abc", HT_BYTES(bytes)), HT_ELIMIT);
    assert_int_equal(out[0], '!');
    assert_int_equal(ht_bech32_encode(out, 13, "abc", HT_BYTES(bytes)), HT_OK);
    assert_string_equal(out, "abc1qy928epu");
    assert_int_equal(out[13], '!');
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bech32_reads_and_writes_what_the_standards_show),
        cmocka_unit_test(bech32_refuses_what_bip_173_lists),
        cmocka_unit_test(bech32_refuses_mixed_case),
        cmocka_unit_test(bech32_refuses_any_one_letter_changed),
        cmocka_unit_test(bech32_refuses_another_prefix),
        cmocka_unit_test(bech32_refuses_wrong_bits_behind_the_last_byte),
        cmocka_unit_test(bech32_refuses_more_than_its_bounds),
        cmocka_unit_test(bech32_does_not_write_past_its_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
