/* Typed data: the specification's own example, and each way in which a document is refused. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "node/base/hex.h"
#include "node/codec/eip712.h"

#define DOMAIN "\"domain\":{\"name\":\"D\",\"chainId\":1}"
#define A "0xCD2a3d9F938E13CD947Ec05AbC7FE734Df8DD826"

static enum ht_err read_text(struct ht_eip712 *out, json_t **document, struct ht_arena *arena,
                             const char *text, struct ht_why *why) {
    ht_arena_init(arena, 1 << 20);
    enum ht_err err = ht_json_parse(document, ht_bytes_str(text), HT_EIP712_SIZE_MAX, why);
    if (err != HT_OK) fail_msg("the test's document is no JSON: %s", why->text);
    return ht_eip712_read(out, arena, *document, why);
}

static void judge(const char *text, enum ht_err err, const char *code) {
    struct ht_eip712 data;
    struct ht_arena arena;
    json_t *document = NULL;
    struct ht_why why = {.code = "ok", .text = ""};
    enum ht_err got = read_text(&data, &document, &arena, text, &why);
    if (got != err || strcmp(why.code, code) != 0) {
        fail_msg("%s: %s %s %s", text, ht_err_name(got), why.code, why.text);
    }
    json_decref(document);
    ht_arena_fini(&arena);
}

/* A document whose struct "S" has these members and this value. */
static void judge_struct(const char *members, const char *value, enum ht_err err,
                         const char *code) {
    char text[2048];
    (void)snprintf(text, sizeof text,
                   "{\"types\":{\"S\":[%s]},\"primaryType\":\"S\"," DOMAIN ",\"message\":%s}",
                   members, value);
    judge(text, err, code);
}

static void judge_value(const char *type, const char *value, const char *code) {
    char member[128];
    char message[512];
    (void)snprintf(member, sizeof member, "{\"name\":\"x\",\"type\":\"%s\"}", type);
    (void)snprintf(message, sizeof message, "{\"x\":%s}", value);
    judge_struct(member, message, strcmp(code, "ok") == 0 ? HT_OK : HT_EINPUT, code);
}

static void judge_domain(const char *types, const char *domain, const char *code) {
    char text[2048];
    (void)snprintf(text, sizeof text,
                   "{\"types\":{%s\"S\":[]},\"primaryType\":\"S\",\"domain\":%s,\"message\":{}}",
                   types, domain);
    judge(text, strcmp(code, "ok") == 0 ? HT_OK : HT_EINPUT, code);
}

static const char MAIL[] =
    "{\"types\":{\"EIP712Domain\":[{\"name\":\"name\",\"type\":\"string\"},"
    "{\"name\":\"version\",\"type\":\"string\"},{\"name\":\"chainId\",\"type\":\"uint256\"},"
    "{\"name\":\"verifyingContract\",\"type\":\"address\"}],"
    "\"Person\":[{\"name\":\"name\",\"type\":\"string\"},{\"name\":\"wallet\","
    "\"type\":\"address\"}],\"Mail\":[{\"name\":\"from\",\"type\":\"Person\"},"
    "{\"name\":\"to\",\"type\":\"Person\"},{\"name\":\"contents\",\"type\":\"string\"}]},"
    "\"primaryType\":\"Mail\",\"domain\":{\"name\":\"Ether Mail\",\"version\":\"1\","
    "\"chainId\":1,\"verifyingContract\":\"0xCcCCccccCCCCcCCCCCCcCcCccCcCCCcCcccccccC\"},"
    "\"message\":{\"from\":{\"name\":\"Cow\",\"wallet\":\"" A "\"},"
    "\"to\":{\"name\":\"Bob\",\"wallet\":\"0xbBbBBBBbbBBBbbbBbbBbbbbBBbBbbbbBbBbbBBbB\"},"
    "\"contents\":\"Hello, Bob!\"}}";

static void eip712_hashes_the_mail_of_the_specification(void **state) {
    (void)state;
    struct ht_eip712 data;
    struct ht_arena arena;
    struct ht_buf text;
    json_t *document = NULL;
    struct ht_why why = {.code = "ok", .text = ""};
    ht_hash32 separator;
    ht_hash32 hash;
    char hex[HT_HEX_SIZE(32)];
    assert_int_equal(read_text(&data, &document, &arena, MAIL, &why), HT_OK);
    assert_true(data.has_chain_id && data.has_verifying_contract);
    assert_int_equal(data.chain_id.limb[0], 1);
    assert_int_equal(data.verifying_contract.b[0], 0xcc);
    ht_buf_init(&text, 1024);
    assert_int_equal(ht_eip712_encode_type(&text, &data, "Mail", &why), HT_OK);
    static const char want[] = "Mail(Person from,Person to,string contents)"
                               "Person(string name,address wallet)";
    assert_int_equal(text.n, sizeof want - 1);
    assert_memory_equal(text.p, want, sizeof want - 1);
    assert_int_equal(ht_eip712_domain_separator(&separator, &data, &why), HT_OK);
    assert_int_equal(ht_eip712_struct_hash(&hash, &data, &why), HT_OK);
    ht_eip712_digest(&hash, &separator, &hash);
    ht_hex_write(hex, HT_BYTES(hash.b));
    assert_string_equal(hex, "0xbe609aee343fb3c4b28e1df9e632fca64fcfaede20f02e86244efddf30957bd2");
    ht_buf_fini(&text);
    json_decref(document);
    ht_arena_fini(&arena);
}

static void eip191_hashes_a_message_with_its_length(void **state) {
    (void)state;
    ht_hash32 hash;
    char hex[HT_HEX_SIZE(32)];
    ht_eip191_digest(&hash, ht_bytes_str("hello"));
    ht_hex_write(hex, HT_BYTES(hash.b));
    assert_string_equal(hex, "0x50b2c43fd39106bafbba0da34fc430e1f91e3c96ea2acee2bc34119f92b37750");
}

static void eip712_refuses_types_that_are_not_there_or_malformed(void **state) {
    (void)state;
    static const char *const bad[] = {"Ghost", "uint7",    "bytes33", "uint",      "int",
                                      "fixed", "",         "uint8[",  "uint8[x]",  "uint8[0]",
                                      "S x",   "function", "[]",      "uint8[01]", "uint8]"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) judge_value(bad[i], "1", "eip712_types");
    judge("{\"types\":{\"S\":[]},\"primaryType\":\"T\"," DOMAIN ",\"message\":{}}", HT_EINPUT,
          "eip712_types");
    judge("{\"types\":{\"S\":[]},\"primaryType\":\"S[]\"," DOMAIN ",\"message\":[]}", HT_EINPUT,
          "json_type");
}

static void eip712_refuses_the_domain_as_primary_type(void **state) {
    (void)state;
    judge("{\"types\":{\"S\":[]},\"primaryType\":\"EIP712Domain\"," DOMAIN ",\"message\":{}}",
          HT_EINPUT, "eip712_types");
}

static void eip712_refuses_structs_named_like_elementary_types(void **state) {
    (void)state;
    static const char *const names[] = {"uint256", "uint", "bytes33", "address", "string", "int7"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char text[512];
        (void)snprintf(text, sizeof text,
                       "{\"types\":{\"S\":[],\"%s\":[]},\"primaryType\":\"S\"," DOMAIN
                       ",\"message\":{}}",
                       names[i]);
        judge(text, HT_EINPUT, "eip712_types");
    }
}

static void eip712_refuses_a_member_that_is_named_twice(void **state) {
    (void)state;
    judge_struct("{\"name\":\"x\",\"type\":\"bool\"},{\"name\":\"x\",\"type\":\"bool\"}",
                 "{\"x\":true}", HT_EINPUT, "eip712_types");
}

static void eip712_refuses_names_that_could_forge_a_type(void **state) {
    (void)state;
    judge_struct("{\"name\":\"x,bool y\",\"type\":\"bool\"}", "{\"x,bool y\":true}", HT_EINPUT,
                 "eip712_types");
    judge("{\"types\":{\"S(bool x)T\":[]},\"primaryType\":\"S(bool x)T\"," DOMAIN
          ",\"message\":{}}",
          HT_EINPUT, "eip712_types");
}

static void eip712_refuses_missing_and_extra_values(void **state) {
    (void)state;
    const char *member = "{\"name\":\"x\",\"type\":\"bool\"}";
    judge_struct(member, "{}", HT_EINPUT, "eip712_missing");
    judge_struct(member, "{\"x\":null}", HT_EINPUT, "eip712_missing");
    judge_struct(member, "{\"x\":true,\"y\":1}", HT_EINPUT, "eip712_extra");
    judge_struct(member, "{\"x\":true}", HT_OK, "ok");
}

static void eip712_refuses_values_that_do_not_fit_their_type(void **state) {
    (void)state;
    static const char *const bad[][2] = {
        {"uint8", "256"},          {"uint8", "-1"},
        {"int8", "-129"},          {"int8", "128"},
        {"uint8", "\"01\""},       {"uint8", "true"},
        {"bool", "\"true\""},      {"bool", "1"},
        {"address", "\"0x1234\""}, {"bytes4", "\"0x1234\""},
        {"bytes", "\"0x123\""},    {"bytes", "\"12\""},
        {"bytes", "\"0x0x\""},     {"string", "5"},
        {"uint8[2]", "[1]"},       {"uint8[]", "1"},
        {"uint8[]", "[1,\"x\"]"},  {"uint8[2][]", "[[1,2],[3]]"},
        {"uint256", "1e3"},        {"bytes2", "\"0xzz00\""},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        judge_value(bad[i][0], bad[i][1], "eip712_value");
    }
    judge_value("uint8[2][]", "[[1,2],[3,4]]", "ok");
    judge_value("int8", "-128", "ok");
    judge_value("uint8", "\"0xff\"", "ok");
}

static void eip712_refuses_types_that_hold_themselves(void **state) {
    (void)state;
    judge_struct("{\"name\":\"s\",\"type\":\"S[]\"}", "{\"s\":[]}", HT_EINPUT, "eip712_recursion");
    judge("{\"types\":{\"S\":[{\"name\":\"t\",\"type\":\"T\"}],\"T\":[{\"name\":\"s\",\"type\":"
          "\"S[]\"}]},\"primaryType\":\"S\"," DOMAIN ",\"message\":{\"t\":{\"s\":[]}}}",
          HT_EINPUT, "eip712_recursion");
}

static void eip712_refuses_domains_that_are_not_the_specifications(void **state) {
    (void)state;
#define TYPE(members) "\"EIP712Domain\":[" members "],"
#define NAME "{\"name\":\"name\",\"type\":\"string\"}"
#define CHAIN "{\"name\":\"chainId\",\"type\":\"uint256\"}"
    judge_domain("", "{\"name\":\"D\",\"colour\":1}", "eip712_domain");
    judge_domain(TYPE("{\"name\":\"colour\",\"type\":\"string\"}"), "{\"colour\":\"D\"}",
                 "eip712_domain");
    judge_domain(TYPE("{\"name\":\"chainId\",\"type\":\"string\"}"), "{\"chainId\":\"1\"}",
                 "eip712_domain");
    judge_domain(TYPE(CHAIN "," NAME), "{\"name\":\"D\",\"chainId\":1}", "eip712_domain");
    judge_domain(TYPE(NAME), "{\"name\":\"D\",\"chainId\":1}", "eip712_extra");
    judge_domain(TYPE(NAME "," CHAIN), "{\"name\":\"D\"}", "eip712_missing");
    judge_domain(TYPE(NAME "," CHAIN), "{\"name\":\"D\",\"chainId\":1}", "ok");
    judge_domain("", "{}", "ok");
}

/* T0 holds T1 holds T2 … */
static char *chain_of_types(unsigned count) {
    char *text = malloc(65536);
    assert_non_null(text);
    size_t n = (size_t)snprintf(text, 65536, "{\"types\":{");
    for (unsigned i = 0; i < count; i++) {
        n += (size_t)snprintf(text + n, 65536 - n, "\"T%u\":[{\"name\":\"x\",\"type\":\"T%u[]\"}],",
                              i, i + 1);
    }
    (void)snprintf(text + n, 65536 - n,
                   "\"T%u\":[]},\"primaryType\":\"T0\"," DOMAIN ",\"message\":{\"x\":[]}}", count);
    return text;
}

static void eip712_refuses_documents_over_its_bounds(void **state) {
    (void)state;
    char *deep = chain_of_types(40);
    judge(deep, HT_ELIMIT, "eip712_too_large");
    free(deep);
    char *many = chain_of_types(64);
    judge(many, HT_ELIMIT, "eip712_too_large");
    free(many);
    char *fine = chain_of_types(30);
    judge(fine, HT_OK, "ok");
    free(fine);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(eip712_hashes_the_mail_of_the_specification),
        cmocka_unit_test(eip191_hashes_a_message_with_its_length),
        cmocka_unit_test(eip712_refuses_types_that_are_not_there_or_malformed),
        cmocka_unit_test(eip712_refuses_the_domain_as_primary_type),
        cmocka_unit_test(eip712_refuses_structs_named_like_elementary_types),
        cmocka_unit_test(eip712_refuses_a_member_that_is_named_twice),
        cmocka_unit_test(eip712_refuses_names_that_could_forge_a_type),
        cmocka_unit_test(eip712_refuses_missing_and_extra_values),
        cmocka_unit_test(eip712_refuses_values_that_do_not_fit_their_type),
        cmocka_unit_test(eip712_refuses_types_that_hold_themselves),
        cmocka_unit_test(eip712_refuses_domains_that_are_not_the_specifications),
        cmocka_unit_test(eip712_refuses_documents_over_its_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
