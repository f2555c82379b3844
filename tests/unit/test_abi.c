/* Contract ABI: types that are read and refused, strict decoding, encoding as the reverse, and the
 * table of known functions' way through it. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "node/base/hex.h"
#include "node/codec/abi.h"
#include "node/codec/json.h"

#define W0 "0000000000000000000000000000000000000000000000000000000000000000"
#define W1 "0000000000000000000000000000000000000000000000000000000000000001"
#define W2 "0000000000000000000000000000000000000000000000000000000000000002"
#define W5 "0000000000000000000000000000000000000000000000000000000000000005"
#define W20 "0000000000000000000000000000000000000000000000000000000000000020"
#define W40 "0000000000000000000000000000000000000000000000000000000000000040"
#define W60 "0000000000000000000000000000000000000000000000000000000000000060"
#define HELLO "68656c6c6f000000000000000000000000000000000000000000000000000000"
#define ONES "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"

struct codec {
    struct ht_arena arena;
    struct ht_abi_type type;
};

static enum ht_err open_type(struct codec *codec, const char *type, struct ht_why *why) {
    ht_arena_init(&codec->arena, 1 << 20);
    return ht_abi_type_read(&codec->type, &codec->arena, ht_bytes_str(type), why);
}

static void refuses_type(const char *type, enum ht_err err, const char *code) {
    struct codec codec;
    struct ht_why why = {.code = "ok"};
    assert_int_equal(open_type(&codec, type, &why), err);
    assert_string_equal(why.code, code);
    ht_arena_fini(&codec.arena);
}

static enum ht_err decode(json_t **out, const char *type, const char *hex,
                          enum ht_abi_trailing trailing, struct ht_why *why) {
    struct codec codec;
    struct ht_buf data;
    ht_buf_init(&data, 1 << 20);
    assert_int_equal(open_type(&codec, type, NULL), HT_OK);
    if (hex[0] != '\0') assert_int_equal(ht_hex_read_buf(&data, ht_bytes_str(hex)), HT_OK);
    enum ht_err err = ht_abi_decode(out, &codec.type, ht_buf_view(&data), trailing, why);
    ht_buf_fini(&data);
    ht_arena_fini(&codec.arena);
    return err;
}

static void refuses(const char *type, const char *hex, const char *code) {
    json_t *out = NULL;
    struct ht_why why = {.code = "ok"};
    assert_int_not_equal(decode(&out, type, hex, HT_ABI_EXACT, &why), HT_OK);
    assert_string_equal(why.code, code);
    assert_null(out);
}

static void decodes(const char *type, const char *hex, const char *json) {
    json_t *out = NULL;
    struct ht_why why = {.code = "ok", .text = ""};
    if (decode(&out, type, hex, HT_ABI_EXACT, &why) != HT_OK) fail_msg("%s: %s", type, why.text);
    char *text = json_dumps(out, JSON_COMPACT);
    assert_string_equal(text, json);
    free(text);
    json_decref(out);
}

static enum ht_err encode(struct ht_buf *out, const char *type, const char *json,
                          struct ht_why *why) {
    struct codec codec;
    json_t *values = json_loads(json, 0, NULL);
    assert_non_null(values);
    assert_int_equal(open_type(&codec, type, NULL), HT_OK);
    enum ht_err err = ht_abi_encode(out, &codec.type, values, why);
    json_decref(values);
    ht_arena_fini(&codec.arena);
    return err;
}

static void encodes(const char *type, const char *json, const char *hex) {
    struct ht_buf got;
    struct ht_buf want;
    ht_buf_init(&got, 1 << 20);
    ht_buf_init(&want, 1 << 20);
    assert_int_equal(ht_hex_read_buf(&want, ht_bytes_str(hex)), HT_OK);
    assert_int_equal(encode(&got, type, json, NULL), HT_OK);
    assert_int_equal(got.n, want.n);
    assert_memory_equal(got.p, want.p, want.n);
    ht_buf_fini(&got);
    ht_buf_fini(&want);
}

static void refuses_value(const char *type, const char *json) {
    struct ht_buf out;
    struct ht_why why = {.code = "ok"};
    ht_buf_init(&out, 1 << 20);
    assert_int_equal(encode(&out, type, json, &why), HT_EINPUT);
    assert_string_equal(why.code, "abi_value");
    assert_int_equal(out.n, 0);
    ht_buf_fini(&out);
}

static void abi_refuses_types_that_solidity_does_not_have(void **state) {
    (void)state;
    static const char *const bad[] = {"",         "uint7",      "uint264",  "uint08",   "int0",
                                      "bytes0",   "bytes33",    "byte",     "address[", "address]",
                                      "uint8[0]", "uint8[01]",  "uint8[x]", "(uint8",   "uint8)",
                                      "(uint8,)", "(,uint8)",   "(())",     "()[]",     "uint8 ",
                                      "uint8[]x", "(uint8)(a)", "String",   "fixed"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        refuses_type(bad[i], HT_EINPUT, "abi_type");
    }
}

static void abi_refuses_types_over_its_bounds(void **state) {
    (void)state;
    char deep[64] = "";
    memset(deep, '(', 20);
    memcpy(deep + 20, "uint8", 5);
    memset(deep + 25, ')', 20);
    deep[45] = '\0';
    refuses_type(deep, HT_ELIMIT, "abi_too_large");
    refuses_type("uint8[][][][][][][][][][][][][][][][][][]", HT_ELIMIT, "abi_too_large");
    refuses_type("uint8[65537]", HT_ELIMIT, "abi_too_large");
    refuses_type("uint8[60000][60000]", HT_ELIMIT, "abi_too_large");
    refuses_type("uint8[60000][60000][60000][60000][60000]", HT_ELIMIT, "abi_too_large");
}

static void abi_decodes_every_kind(void **state) {
    (void)state;
    decodes("(uint256,bool,int8)", "0x" W5 W1 ONES, "[\"5\",true,\"-1\"]");
    decodes("(string)", "0x" W20 W5 HELLO, "[\"hello\"]");
    decodes("(bytes,uint8)", "0x" W40 W1 W5 HELLO, "[\"0x68656c6c6f\",\"1\"]");
    decodes("(uint8[2],uint8[])", "0x" W1 W2 W60 W1 W5, "[[\"1\",\"2\"],[\"5\"]]");
    decodes("((uint8,string)[])", "0x" W20 W1 W20 W1 W40 W5 HELLO, "[[[\"1\",\"hello\"]]]");
    decodes("()", "", "[]");
}

static void abi_encodes_what_it_decodes(void **state) {
    (void)state;
    encodes("(uint256,bool,int8)", "[5,true,\"-1\"]", "0x" W5 W1 ONES);
    encodes("(uint)", "[\"0x5\"]", "0x" W5);
    encodes("(bytes,uint8)", "[\"0x68656C6c6f\",\"1\"]", "0x" W40 W1 W5 HELLO);
    encodes("((uint8,string)[])", "[[[1,\"hello\"]]]", "0x" W20 W1 W20 W1 W40 W5 HELLO);
}

static void abi_refuses_data_that_ends_too_early(void **state) {
    (void)state;
    refuses("(uint256)", "0x00", "abi_short");
    refuses("(uint256)", "", "abi_short");
    refuses("(string)", "0x" W20, "abi_short");
    refuses("(string)", "0x" W20 W5, "abi_short");
    refuses("(string)", "0x" W20 W5 "68656c6c6f", "abi_short");
}

static void abi_refuses_counts_larger_than_the_data(void **state) {
    (void)state;
    refuses("(uint8[])", "0x" W20 ONES, "abi_short");
    refuses("(uint8[])", "0x" W20 W2 W1, "abi_short");
    refuses("(bytes)", "0x" W20 ONES, "abi_short");
}

static void abi_refuses_offsets_backwards_outside_and_into_other_values(void **state) {
    (void)state;
    refuses("(string)", "0x" W0 W5 HELLO, "abi_offset");
    refuses("(string)", "0x" ONES W5 HELLO, "abi_offset");
    refuses("(string,string)", "0x" W40 W40 W5 HELLO, "abi_offset");
}

static void abi_refuses_dirty_padding(void **state) {
    (void)state;
    refuses("(uint8)", "0x" ONES, "abi_padding");
    refuses("(bool)", "0x" W2, "abi_padding");
    refuses("(address)", "0x" ONES, "abi_padding");
    refuses("(bytes4)", "0x" W1, "abi_padding");
    refuses("(int8)", "0x00000000000000000000000000000000000000000000000000000000000000ff",
            "abi_padding");
    refuses("(bytes)", "0x" W20 W1 HELLO, "abi_padding");
}

static void abi_refuses_trailing_data_only_when_exact(void **state) {
    (void)state;
    json_t *out = NULL;
    refuses("(uint256)", "0x" W1 W1, "abi_trailing");
    refuses("(string)", "0x" W40 W0 W5 HELLO, "abi_trailing");
    assert_int_equal(decode(&out, "(uint256)", "0x" W1 W1, HT_ABI_TRAILING_ALLOWED, NULL), HT_OK);
    json_decref(out);
    assert_int_equal(decode(&out, "(string)", "0x" W40 W0 W5 HELLO, HT_ABI_TRAILING_ALLOWED, NULL),
                     HT_OK);
    json_decref(out);
}

static void abi_refuses_text_that_is_not_utf8(void **state) {
    (void)state;
    refuses("(string)",
            "0x" W20 W1 "ff00000000000000000000000000000000000000000000000000000000000000",
            "abi_value");
}

static void abi_refuses_values_that_do_not_fit(void **state) {
    (void)state;
    refuses_value("(uint8)", "[256]");
    refuses_value("(uint8)", "[-1]");
    refuses_value("(uint8)", "[\"01\"]");
    refuses_value("(uint8)", "[\"\"]");
    refuses_value("(uint8)", "[\"0x\"]");
    refuses_value("(uint8)", "[1.5]");
    refuses_value("(int8)", "[128]");
    refuses_value("(int8)", "[-129]");
    refuses_value("(bool)", "[1]");
    refuses_value("(address)", "[\"0x1234\"]");
    refuses_value("(bytes2)", "[\"0x12\"]");
    refuses_value("(bytes2)", "[\"1234\"]");
    refuses_value("(bytes)", "[\"0x123\"]");
    refuses_value("(string)", "[5]");
    refuses_value("(uint8[2])", "[[1]]");
    refuses_value("(uint8)", "[1,2]");
}

static void abi_accepts_the_ends_of_a_range(void **state) {
    (void)state;
    encodes("(int8)", "[-128]",
            "0xffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff80");
    encodes("(int8)", "[127]",
            "0x000000000000000000000000000000000000000000000000000000000000007f");
    encodes("(uint8)", "[255]",
            "0x00000000000000000000000000000000000000000000000000000000000000ff");
    encodes("(int256)",
            "[\"-57896044618658097711785492504343953926634992332820282019728792003956564819968\"]",
            "0x8000000000000000000000000000000000000000000000000000000000000000");
}

static void abi_selects_transfer(void **state) {
    (void)state;
    uint8_t selector[4];
    ht_abi_selector(selector, "transfer(address,uint256)");
    assert_memory_equal(selector, "\xa9\x05\x9c\xbb", 4);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(abi_refuses_types_that_solidity_does_not_have),
        cmocka_unit_test(abi_refuses_types_over_its_bounds),
        cmocka_unit_test(abi_decodes_every_kind),
        cmocka_unit_test(abi_encodes_what_it_decodes),
        cmocka_unit_test(abi_refuses_data_that_ends_too_early),
        cmocka_unit_test(abi_refuses_counts_larger_than_the_data),
        cmocka_unit_test(abi_refuses_offsets_backwards_outside_and_into_other_values),
        cmocka_unit_test(abi_refuses_dirty_padding),
        cmocka_unit_test(abi_refuses_trailing_data_only_when_exact),
        cmocka_unit_test(abi_refuses_text_that_is_not_utf8),
        cmocka_unit_test(abi_refuses_values_that_do_not_fit),
        cmocka_unit_test(abi_accepts_the_ends_of_a_range),
        cmocka_unit_test(abi_selects_transfer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
