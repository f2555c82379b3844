/* Schemas of attestations: what is read, what is refused, and data by them. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "identity/eas/schema.h"
#include "node/codec/abi_word.h"
#include "node/codec/json.h"

static struct ht_arena arena;

static int set_up(void **state) {
    (void)state;
    ht_arena_init(&arena, HT_SCHEMA_ARENA_MAX);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    ht_arena_fini(&arena);
    return 0;
}

static void must_read(struct ht_schema *out, const char *text) {
    struct ht_why why = {.code = "", .text = ""};
    if (ht_schema_read(out, &arena, ht_bytes_str(text), &why) != HT_OK) {
        fail_msg("%s: %s, %s", text, why.code, why.text);
    }
}

static void refused_bytes(ht_bytes text, const char *code) {
    struct ht_schema schema;
    struct ht_why why = {.code = "ok", .text = ""};
    enum ht_err err = ht_schema_read(&schema, &arena, text, &why);
    if (strcmp(why.code, code) != 0) {
        fail_msg("%s expected, got %s: %s in %.60s", code, why.code, why.text,
                 (const char *)text.p);
    }
    assert_int_not_equal(err, HT_OK);
    ht_arena_fini(&arena);
}

static void refused(const char *text, const char *code) {
    refused_bytes(ht_bytes_str(text), code);
}

static json_t *parse(const char *text) {
    json_t *value = NULL;
    assert_int_equal(ht_json_parse(&value, ht_bytes_str(text), 4096, NULL), HT_OK);
    return value;
}

/* The description must be that JSON. */
static void describes(const char *text, const char *json) {
    struct ht_schema schema;
    must_read(&schema, text);
    json_t *got = ht_schema_json(&schema), *expected = parse(json);
    if (!json_equal(got, expected)) {
        char *dump = json_dumps(got, JSON_COMPACT);
        fail_msg("%s: got %s", text, dump);
    }
    json_decref(got);
    json_decref(expected);
}

/* --- text ------------------------------------------------------------------------------------- */

static void schema_reads_names_and_types(void **state) {
    (void)state;
    describes("uint256 eventId, bytes32[] proofs", "[{\"name\":\"eventId\",\"type\":\"uint256\"},"
                                                   "{\"name\":\"proofs\",\"type\":\"bytes32[]\"}]");
    describes("bool isHuman", "[{\"name\":\"isHuman\",\"type\":\"bool\"}]");
    describes("\n bool\ta ,\r\naddress  b ",
              "[{\"name\":\"a\",\"type\":\"bool\"},{\"name\":\"b\",\"type\":\"address\"}]");
    describes("string[2][] $x_1", "[{\"name\":\"$x_1\",\"type\":\"string[2][]\"}]");
}

static void schema_reads_tuples_and_arrays_of_them(void **state) {
    (void)state;
    describes("(string name, uint8 age) who",
              "[{\"name\":\"who\",\"type\":\"(string,uint8)\",\"parts\":["
              "{\"name\":\"name\",\"type\":\"string\"},{\"name\":\"age\",\"type\":\"uint8\"}]}]");
    describes("tuple(string k,(bytes v,bool b)[3] in)[] pairs,uint8 n",
              "[{\"name\":\"pairs\",\"type\":\"(string,(bytes,bool)[3])[]\",\"parts\":["
              "{\"name\":\"k\",\"type\":\"string\"},{\"name\":\"in\",\"type\":\"(bytes,bool)[3]\","
              "\"parts\":[{\"name\":\"v\",\"type\":\"bytes\"},{\"name\":\"b\",\"type\":\"bool\"}]}]"
              "},{\"name\":\"n\",\"type\":\"uint8\"}]");
}

static void schema_may_leave_names_out_and_shorten_types(void **state) {
    (void)state;
    describes("uint,int[] i,ipfsHash h,(bool)",
              "[{\"name\":\"\",\"type\":\"uint256\"},{\"name\":\"i\",\"type\":\"int256[]\"},"
              "{\"name\":\"h\",\"type\":\"bytes32\"},{\"name\":\"\",\"type\":\"(bool)\","
              "\"parts\":[{\"name\":\"\",\"type\":\"bool\"}]}]");
}

static void schema_of_no_text_has_no_fields(void **state) {
    (void)state;
    describes("", "[]");
    describes("  ", "[]");
    struct ht_schema schema;
    json_t *list = NULL;
    assert_int_equal(ht_schema_read(&schema, &arena, ht_bytes_of(NULL, 0), NULL), HT_OK);
    assert_int_equal(ht_schema_decode(&list, &schema, ht_bytes_of("", 0), NULL), HT_OK);
    assert_int_equal(json_array_size(list), 0);
    json_decref(list);
}

static void schema_refuses_text_that_is_no_list_of_fields(void **state) {
    (void)state;
    refused(",", "schema_syntax");
    refused("bool a,", "schema_syntax");
    refused("bool a,,bool b", "schema_syntax");
    refused("bool a b", "schema_syntax");
    refused("bool a)", "schema_syntax");
    refused("(bool a", "schema_syntax");
    refused("() a", "schema_syntax");
    refused("(bool a,) b", "schema_syntax");
    refused("uint8[ a", "schema_syntax");
    refused("uint8[2 a", "schema_syntax");
    refused("uint8[-1] a", "schema_syntax");
    refused("bool a;", "schema_syntax");
}

static void schema_refuses_types_that_the_abi_has_not(void **state) {
    (void)state;
    refused("boolean a", "schema_type");
    refused("uint7 a", "schema_type");
    refused("uint264 a", "schema_type");
    refused("bytes33 a", "schema_type");
    refused("tuple a", "schema_type");
    refused("mapping(address a) b", "schema_type");
    refused("0x0fda4f0c", "schema_type");
    refused("bool[0] a", "schema_type");
    refused("bool[01] a", "schema_type");
    refused("fixed128x18 a", "schema_type");
}

static void schema_refuses_names_that_are_no_identifiers(void **state) {
    (void)state;
    refused("string \xc3\xbcn\xc3\xaf"
            "code",
            "schema_name");
    refused("string 1a", "schema_name");
    refused("string \"a\"", "schema_name");
    refused_bytes(ht_bytes_of("string \0a", 9), "schema_name");
    refused("string a\xe2\x80\xae", "schema_syntax");
}

static void schema_is_bounded(void **state) {
    (void)state;
    static char text[HT_SCHEMA_TEXT_MAX + 2];
    memset(text, ' ', HT_SCHEMA_TEXT_MAX + 1);
    refused(text, "schema_too_large");
    size_t n = 0;
    for (size_t i = 0; i < HT_SCHEMA_FIELDS_MAX + 1; i++) {
        n += (size_t)snprintf(text + n, sizeof text - n, "%sbool", i > 0 ? "," : "");
    }
    refused(text, "schema_too_large");
    text[n - 5] = '\0';
    struct ht_schema schema;
    must_read(&schema, text);
    assert_int_equal(schema.count, HT_SCHEMA_FIELDS_MAX);
    (void)snprintf(text, sizeof text, "bool %0129d", 0);
    text[5] = 'a';
    refused(text, "schema_too_large");
    text[5 + HT_SCHEMA_NAME_MAX] = '\0';
    must_read(&schema, text);
    refused("(((((((((bool)))))))))", "schema_too_large");
    must_read(&schema, "((((((((bool))))))))");
    refused("bool[][][][][][][][][][][][][][][][][] a", "schema_too_large");
    refused("bool[65537] a", "schema_too_large");
    refused("bool[9999999999999999999999] a", "schema_too_large");
    memset(text, '(', HT_SCHEMA_TEXT_MAX);
    text[HT_SCHEMA_TEXT_MAX] = '\0';
    refused(text, "schema_too_large");
}

static void schema_of_any_shape_fits_into_its_arena(void **state) {
    (void)state;
    static char text[HT_SCHEMA_TEXT_MAX + 1];
    struct ht_schema schema;
    size_t n = 0;
    for (size_t i = 0; i < HT_SCHEMA_DEPTH_MAX; i++) text[n++] = '(';
    for (size_t i = 0; i < HT_SCHEMA_FIELDS_MAX - HT_SCHEMA_DEPTH_MAX; i++) {
        n += (size_t)snprintf(text + n, sizeof text - n, "%suint256[1][1][1][1][1][1] a%063zu",
                              i > 0 ? "," : "", i);
    }
    for (size_t i = 0; i < HT_SCHEMA_DEPTH_MAX; i++) text[n++] = ')';
    must_read(&schema, text);
    assert_in_range(arena.used, 1, HT_SCHEMA_ARENA_MAX);
}

static void schema_reports_an_arena_that_is_too_small(void **state) {
    (void)state;
    struct ht_schema schema;
    struct ht_why why = {.code = ""};
    struct ht_arena small;
    ht_arena_init(&small, 16);
    assert_int_equal(ht_schema_read(&schema, &small, ht_bytes_str("bool a"), &why), HT_ELIMIT);
    assert_string_equal(why.code, "no_room");
    ht_arena_fini(&small);
}

/* --- data ------------------------------------------------------------------------------------- */

#define WHO "uint8 n,(string name,uint8 age)[] who"

/* Encodes, and gives the bytes as hex; NULL with that reason. */
static json_t *encoded(const char *text, const char *values, const char *code) {
    struct ht_schema schema;
    struct ht_buf out;
    struct ht_why why = {.code = "ok", .text = ""};
    must_read(&schema, text);
    json_t *list = parse(values);
    ht_buf_init(&out, 4096);
    enum ht_err err = ht_schema_encode(&out, &schema, list, &why);
    if (strcmp(why.code, code) != 0) fail_msg("%s expected, got %s: %s", code, why.code, why.text);
    json_t *hex = err == HT_OK ? ht_abi_hex(ht_buf_view(&out)) : NULL;
    assert_int_equal(err != HT_OK, strcmp(code, "ok") != 0);
    if (err != HT_OK) assert_int_equal(out.n, 0);
    json_decref(list);
    ht_buf_fini(&out);
    return hex;
}

static void schema_encodes_by_name_as_by_place(void **state) {
    (void)state;
    json_t *by_place = encoded(WHO, "[1,[[\"Ada\",36],[\"Bo\",7]]]", "ok");
    json_t *by_name =
        encoded(WHO, "{\"who\":[{\"age\":\"36\",\"name\":\"Ada\"},[\"Bo\",7]],\"n\":\"1\"}", "ok");
    assert_true(json_equal(by_place, by_name));
    json_decref(by_place);
    json_decref(by_name);
    json_t *flag = encoded("bool isHuman", "{\"isHuman\":true}", "ok");
    assert_string_equal(json_string_value(flag),
                        "0x0000000000000000000000000000000000000000000000000000000000000001");
    json_decref(flag);
}

static void schema_refuses_values_that_do_not_fit_its_fields(void **state) {
    (void)state;
    assert_null(encoded(WHO, "{\"n\":1}", "schema_name"));
    assert_null(encoded(WHO, "{\"n\":1,\"who\":[],\"x\":1}", "schema_name"));
    assert_null(encoded(WHO, "{\"n\":1,\"who\":[{\"name\":\"Ada\"}]}", "schema_name"));
    assert_null(encoded("bool a,bool a", "{\"a\":true}", "schema_name"));
    assert_null(encoded("bool", "{\"\":true}", "schema_name"));
    assert_null(encoded(WHO, "[1]", "abi_value"));
    assert_null(encoded(WHO, "[1,[],2]", "abi_value"));
    assert_null(encoded(WHO, "{\"n\":256,\"who\":[]}", "abi_value"));
    assert_null(encoded(WHO, "{\"n\":1,\"who\":{}}", "abi_value"));
    assert_null(encoded(WHO, "{\"n\":1,\"who\":[1]}", "abi_value"));
    assert_null(encoded(WHO, "1", "abi_value"));
    json_t *by_place = encoded("bool a,bool a", "[true,false]", "ok");
    assert_non_null(by_place);
    json_decref(by_place);
}

static void decoded(const char *text, const char *hex, const char *json, const char *code) {
    struct ht_schema schema;
    struct ht_why why = {.code = "ok", .text = ""};
    struct ht_buf data;
    json_t *list = NULL;
    must_read(&schema, text);
    ht_buf_init(&data, 4096);
    json_t *holder = json_string(hex);
    assert_int_equal(ht_json_hex_buf(&data, holder, "", NULL), HT_OK);
    enum ht_err err = ht_schema_decode(&list, &schema, ht_buf_view(&data), &why);
    assert_string_equal(why.code, code);
    assert_int_equal(err == HT_OK, json != NULL);
    json_t *expected = json != NULL ? parse(json) : NULL;
    if (json != NULL) assert_true(json_equal(list, expected));
    json_decref(holder);
    json_decref(expected);
    json_decref(list);
    ht_buf_fini(&data);
}

static void schema_decodes_values_beside_their_names(void **state) {
    (void)state;
    json_t *hex = encoded(WHO, "[1,[[\"Ada\",36]]]", "ok");
    decoded(WHO, json_string_value(hex),
            "[{\"name\":\"n\",\"type\":\"uint8\",\"value\":\"1\"},{\"name\":\"who\",\"type\":"
            "\"(string,uint8)[]\",\"value\":[[\"Ada\",\"36\"]],\"parts\":[{\"name\":\"name\","
            "\"type\":\"string\"},{\"name\":\"age\",\"type\":\"uint8\"}]}]",
            "ok");
    json_decref(hex);
}

static void schema_shows_no_data_that_it_does_not_explain_whole(void **state) {
    (void)state;
    const char word[] = "0x0000000000000000000000000000000000000000000000000000000000000001";
    char longer[140];
    (void)snprintf(longer, sizeof longer, "%s%s", word, word + 2);
    decoded("bool a", longer, NULL, "abi_trailing");
    decoded("bool a,bool b", word, NULL, "abi_short");
    decoded("string a", word, NULL, "abi_offset");
    decoded("", word, NULL, "abi_trailing");
    longer[2] = 'f';
    decoded("bool a,bool b", longer, NULL, "abi_padding");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(schema_reads_names_and_types),
        TEST(schema_reads_tuples_and_arrays_of_them),
        TEST(schema_may_leave_names_out_and_shorten_types),
        TEST(schema_of_no_text_has_no_fields),
        TEST(schema_refuses_text_that_is_no_list_of_fields),
        TEST(schema_refuses_types_that_the_abi_has_not),
        TEST(schema_refuses_names_that_are_no_identifiers),
        TEST(schema_is_bounded),
        TEST(schema_of_any_shape_fits_into_its_arena),
        TEST(schema_reports_an_arena_that_is_too_small),
        TEST(schema_encodes_by_name_as_by_place),
        TEST(schema_refuses_values_that_do_not_fit_its_fields),
        TEST(schema_decodes_values_beside_their_names),
        TEST(schema_shows_no_data_that_it_does_not_explain_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
