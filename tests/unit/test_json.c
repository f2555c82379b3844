/* JSON glue: what the parser refuses and why, what each getter accepts, and compact writing. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "node/codec/json.h"

#define ROOM 1000000U

static enum ht_err parse(json_t **out, const char *text, struct ht_why *why) {
    return ht_json_parse(out, ht_bytes_str(text), ROOM, why);
}

static void expect_refused(ht_bytes text, enum ht_err err, const char *code) {
    json_t *value = NULL;
    struct ht_why why = {.code = ""};
    assert_int_equal(ht_json_parse(&value, text, ROOM, &why), err);
    assert_string_equal(why.code, code);
    assert_null(value);
    assert_int_equal(ht_json_parse(&value, text, ROOM, NULL), err);
}

static json_t *must_parse(const char *text) {
    json_t *value = NULL;
    struct ht_why why = {.code = ""};
    if (parse(&value, text, &why) != HT_OK) fail_msg("%s: %s", text, why.text);
    return value;
}

static void json_accepts_every_type_at_the_root(void **state) {
    (void)state;
    const char *texts[] = {"{}", "[]", "null", "true", "0", "-1", "1.5", "\"x\"", " { } \n"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) json_decref(must_parse(texts[i]));
}

static void json_refuses_text_over_the_limit_before_parsing(void **state) {
    (void)state;
    json_t *value = NULL;
    struct ht_why why = {.code = ""};
    assert_int_equal(ht_json_parse(&value, ht_bytes_str("not json"), 7, &why), HT_ELIMIT);
    assert_string_equal(why.code, "json_too_large");
    assert_int_equal(ht_json_parse(&value, ht_bytes_str("[1,2]"), 5, &why), HT_OK);
    json_decref(value);
}

static void json_names_line_and_column_of_a_mistake(void **state) {
    (void)state;
    json_t *value = NULL;
    struct ht_why why = {.code = ""};
    assert_int_equal(parse(&value, "{\"a\": 1,\n \"b\": x}", &why), HT_EINPUT);
    assert_string_equal(why.code, "json_syntax");
    assert_string_equal(why.text, "line 2, column 7: invalid token");
}

static void json_reason_never_quotes_the_text(void **state) {
    (void)state;
    json_t *value = NULL;
    struct ht_why why = {.code = ""};
    assert_int_equal(parse(&value, "{\"key\": \"s3cret\" \"s3cret\"", &why), HT_EINPUT);
    assert_null(strstr(why.text, "s3cret"));
    assert_int_equal(parse(&value, "{\"s3cret\": 1, \"s3cret\": 2}", &why), HT_EINPUT);
    assert_null(strstr(why.text, "s3cret"));
}

static void json_refuses_what_is_not_json(void **state) {
    (void)state;
    const char *texts[] = {"",           " ",
                           "{",          "[1,]",
                           "{\"a\":1,}", "{'a':1}",
                           "nul",        "01",
                           "[1] [2]",    "{} x",
                           "\"\t\"",     "\"\\ud800\"",
                           "\"\xff",     "\"\xc0\x80\"",
                           "]",          "[18446744073709551616]",
                           "1e999"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        expect_refused(ht_bytes_str(texts[i]), HT_EINPUT, "json_syntax");
    }
}

static void json_refuses_bytes_behind_the_value(void **state) {
    (void)state;
    expect_refused(ht_bytes_str("{}{}"), HT_EINPUT, "json_syntax");
    expect_refused(ht_bytes_of("{}\0", 3), HT_EINPUT, "json_syntax");
}

static void json_refuses_a_key_twice_in_one_object(void **state) {
    (void)state;
    expect_refused(ht_bytes_str("{\"a\":1,\"b\":{\"c\":1,\"c\":1}}"), HT_EINPUT,
                   "json_duplicate_key");
    expect_refused(ht_bytes_str("{\"a\":1,\"\\u0061\":2}"), HT_EINPUT, "json_duplicate_key");
    json_decref(must_parse("{\"a\":{\"a\":1}}"));
}

static void json_refuses_nul_in_a_key_but_not_in_a_string(void **state) {
    (void)state;
    expect_refused(ht_bytes_str("{\"a\\u0000b\":1}"), HT_EINPUT, "json_syntax");
    json_t *value = must_parse("{\"s\":\"a\\u0000b\"}");
    ht_bytes text = {0};
    assert_int_equal(ht_json_str(&text, value, "s", NULL), HT_OK);
    assert_int_equal(text.n, 3);
    const char *plain = NULL;
    assert_int_equal(ht_json_text(&plain, value, "s", NULL), HT_EINPUT);
    json_decref(value);
}

static void json_accepts_32_levels_and_refuses_33(void **state) {
    (void)state;
    char text[70];
    for (size_t depth = 32; depth <= 33; depth++) {
        memset(text, '[', depth);
        memset(text + depth, ']', depth);
        ht_bytes view = ht_bytes_of(text, 2 * depth);
        if (depth == 33) {
            expect_refused(view, HT_ELIMIT, "json_too_deep");
            continue;
        }
        json_t *value = NULL;
        assert_int_equal(ht_json_parse(&value, view, ROOM, NULL), HT_OK);
        json_decref(value);
    }
}

static void json_depth_ignores_brackets_inside_strings(void **state) {
    (void)state;
    json_decref(must_parse("[\"[[[[[[[[[[[[[[[[[[\\\"[[[[[[[[[[[[[[[[[[[[[[[\\\\\", \"{{\"]"));
}

static void json_refuses_a_million_levels_quickly(void **state) {
    (void)state;
    static char text[ROOM];
    memset(text, '[', sizeof text);
    expect_refused(ht_bytes_of(text, sizeof text), HT_ELIMIT, "json_too_deep");
}

static void json_refuses_memory_amplification_by_tiny_parts(void **state) {
    (void)state;
    static char text[ROOM];
    text[0] = '[';
    size_t n = 1;
    while (n + 4 < sizeof text) {
        memcpy(text + n, "{},", 3);
        n += 3;
    }
    memcpy(text + n, "{}]", 3);
    expect_refused(ht_bytes_of(text, n + 3), HT_ELIMIT, "json_too_many_parts");
}

static void json_u64_reads_integers_and_decimal_strings_exactly(void **state) {
    (void)state;
    json_t *value = must_parse("{\"a\":0,\"b\":\"18446744073709551615\",\"c\":9223372036854775807,"
                               "\"d\":\"0\",\"e\":[\"7\",8]}");
    const struct {
        const char *path;
        uint64_t want;
    } cases[] = {{"a", 0}, {"b", UINT64_MAX}, {"c", INT64_MAX}, {"d", 0}, {"e[0]", 7}, {"e[1]", 8}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint64_t got = 99;
        assert_int_equal(ht_json_u64(&got, value, cases[i].path, NULL), HT_OK);
        assert_true(got == cases[i].want);
    }
    json_decref(value);
}

static void json_u64_refuses_what_is_no_exact_number(void **state) {
    (void)state;
    const char *texts[] = {"-1",
                           "\"-1\"",
                           "\"+1\"",
                           "\"\"",
                           "\"1 \"",
                           "\" 1\"",
                           "\"01\"",
                           "\"0x1\"",
                           "\"1.0\"",
                           "\"1e3\"",
                           "1.0",
                           "1e3",
                           "true",
                           "null",
                           "\"18446744073709551616\"",
                           "\"99999999999999999999\"",
                           "\"1\\u00002\""};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        json_t *value = must_parse(texts[i]);
        uint64_t got = 99;
        if (ht_json_u64(&got, value, "", NULL) != HT_EINPUT) fail_msg("%s accepted", texts[i]);
        assert_int_equal(got, 99);
        json_decref(value);
    }
}

static void json_hex_wants_the_exact_length_and_the_prefix(void **state) {
    (void)state;
    json_t *value = must_parse("[\"0xAb01\",\"ab01\",\"0xab\",\"0xab0\",\"0xzz01\",5,\"0x\"]");
    uint8_t out[2] = {0};
    assert_int_equal(ht_json_hex(out, 2, value, "[0]", NULL), HT_OK);
    assert_int_equal(out[0], 0xab);
    assert_int_equal(out[1], 0x01);
    const char *wrong[] = {"[1]", "[2]", "[3]", "[4]", "[5]", "[6]", "[7]"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_int_equal(ht_json_hex(out, 2, value, wrong[i], NULL), HT_EINPUT);
    }
    json_decref(value);
}

static void json_hex_buf_appends_and_keeps_to_the_maximum(void **state) {
    (void)state;
    json_t *value = must_parse("[\"0x\",\"0x0102\",\"0x012\",\"0102\"]");
    struct ht_buf out;
    ht_buf_init(&out, 3);
    struct ht_why why = {.code = ""};
    assert_int_equal(ht_json_hex_buf(&out, value, "[0]", &why), HT_OK);
    assert_int_equal(ht_json_hex_buf(&out, value, "[1]", &why), HT_OK);
    assert_int_equal(out.n, 2);
    assert_int_equal(ht_json_hex_buf(&out, value, "[1]", &why), HT_ELIMIT);
    assert_int_equal(ht_json_hex_buf(&out, value, "[2]", &why), HT_EINPUT);
    assert_int_equal(ht_json_hex_buf(&out, value, "[3]", &why), HT_EINPUT);
    assert_int_equal(out.n, 2);
    ht_buf_fini(&out);
    json_decref(value);
}

static void json_reason_names_the_path_up_to_the_missing_part(void **state) {
    (void)state;
    json_t *value = must_parse("{\"data\":[{\"header\":{\"slot\":true}}],\"n\":null}");
    const struct {
        const char *path, *code, *text;
    } cases[] = {
        {"data[0].header.slot", "json_type", "data[0].header.slot is not a whole number"},
        {"data[0].header.root.x", "json_missing", "data[0].header.root is missing"},
        {"data[1].header", "json_missing", "data[1] is missing"},
        {"data.header", "json_missing", "data.header is missing"},
        {"n", "json_type", "n is not a whole number"},
        {"", "json_type", "value is not a whole number"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct ht_why why = {.code = ""};
        uint64_t got = 0;
        assert_int_equal(ht_json_u64(&got, value, cases[i].path, &why), HT_EINPUT);
        assert_string_equal(why.code, cases[i].code);
        assert_string_equal(why.text, cases[i].text);
    }
    struct ht_why why = {.code = ""};
    uint64_t got = 0;
    assert_int_equal(ht_json_u64(&got, NULL, "", &why), HT_EINPUT);
    assert_string_equal(why.text, "value is missing");
    json_decref(value);
}

static void json_getters_check_the_type(void **state) {
    (void)state;
    json_t *value = must_parse("{\"b\":false,\"s\":\"x\",\"a\":[1],\"o\":{}}");
    bool flag = true;
    const json_t *part = NULL;
    const char *text = NULL;
    assert_int_equal(ht_json_bool(&flag, value, "b", NULL), HT_OK);
    assert_false(flag);
    assert_int_equal(ht_json_bool(&flag, value, "s", NULL), HT_EINPUT);
    assert_int_equal(ht_json_array(&part, value, "a", NULL), HT_OK);
    assert_int_equal(ht_json_array(&part, value, "o", NULL), HT_EINPUT);
    assert_int_equal(ht_json_text(&text, value, "s", NULL), HT_OK);
    assert_string_equal(text, "x");
    assert_int_equal(ht_json_text(&text, value, "b", NULL), HT_EINPUT);
    assert_int_equal(ht_json_get(&part, value, "o", NULL), HT_OK);
    assert_null(ht_json_member(part, "x"));
    assert_null(ht_json_member(NULL, "x"));
    assert_non_null(ht_json_member(value, "s"));
    json_decref(value);
}

static void json_dump_is_compact_and_keeps_the_order(void **state) {
    (void)state;
    json_t *value = must_parse("{ \"z\" : [ 1, true ], \"a\" : \"\\u00e9\\n\\u0000\" }");
    struct ht_buf out;
    ht_buf_init(&out, 100);
    assert_int_equal(ht_json_dump_compact(&out, value), HT_OK);
    const char *want = "{\"z\":[1,true],\"a\":\"\xc3\xa9\\n\\u0000\"}";
    assert_int_equal(out.n, strlen(want));
    assert_memory_equal(out.p, want, out.n);
    ht_buf_fini(&out);
    json_decref(value);
}

static void json_dump_over_the_maximum_leaves_the_buffer_as_it_was(void **state) {
    (void)state;
    json_t *value = must_parse("[\"0123456789\"]");
    struct ht_buf out;
    ht_buf_init(&out, 12);
    assert_int_equal(ht_buf_add_str(&out, "ab"), HT_OK);
    assert_int_equal(ht_json_dump_compact(&out, value), HT_ELIMIT);
    assert_int_equal(out.n, 2);
    assert_int_equal(ht_json_dump_compact(&out, NULL), HT_EBUG);
    ht_buf_fini(&out);
    json_decref(value);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_accepts_every_type_at_the_root),
        cmocka_unit_test(json_refuses_text_over_the_limit_before_parsing),
        cmocka_unit_test(json_names_line_and_column_of_a_mistake),
        cmocka_unit_test(json_reason_never_quotes_the_text),
        cmocka_unit_test(json_refuses_what_is_not_json),
        cmocka_unit_test(json_refuses_bytes_behind_the_value),
        cmocka_unit_test(json_refuses_a_key_twice_in_one_object),
        cmocka_unit_test(json_refuses_nul_in_a_key_but_not_in_a_string),
        cmocka_unit_test(json_accepts_32_levels_and_refuses_33),
        cmocka_unit_test(json_depth_ignores_brackets_inside_strings),
        cmocka_unit_test(json_refuses_a_million_levels_quickly),
        cmocka_unit_test(json_refuses_memory_amplification_by_tiny_parts),
        cmocka_unit_test(json_u64_reads_integers_and_decimal_strings_exactly),
        cmocka_unit_test(json_u64_refuses_what_is_no_exact_number),
        cmocka_unit_test(json_hex_wants_the_exact_length_and_the_prefix),
        cmocka_unit_test(json_hex_buf_appends_and_keeps_to_the_maximum),
        cmocka_unit_test(json_reason_names_the_path_up_to_the_missing_part),
        cmocka_unit_test(json_getters_check_the_type),
        cmocka_unit_test(json_dump_is_compact_and_keeps_the_order),
        cmocka_unit_test(json_dump_over_the_maximum_leaves_the_buffer_as_it_was),
    };
    return cmocka_run_group_tests_name("json", tests, NULL, NULL);
}
