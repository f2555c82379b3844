/* The fast reader against jansson: the same value, or it is not sure. */
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <setjmp.h>
#include <cmocka.h>

#include "node/codec/json.h"
#include "node/codec/json_fast.h"

static void expect_same(const char *text) {
    json_t *fast = ht_json_fast(ht_bytes_str(text));
    json_t *slow = json_loadb(text, strlen(text), JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, NULL);
    if (fast == NULL || slow == NULL || !json_equal(fast, slow)) fail_msg("%s", text);
    json_decref(fast);
    json_decref(slow);
}

static void expect_unsure(const char *text) {
    json_t *fast = ht_json_fast(ht_bytes_str(text));
    if (fast != NULL) fail_msg("%s", text);
}

static void plain_json_is_read_as_jansson_reads_it(void **state) {
    (void)state;
    static const char *const TEXTS[] = {"{}",
                                        "[]",
                                        " [ ] ",
                                        "{ }",
                                        "0",
                                        "-7",
                                        "\"\"",
                                        "true",
                                        "false",
                                        "null",
                                        "[1,2,3]",
                                        "[[],{},[{}]]",
                                        "{\"a\":{\"b\":[1,\"x\",null,true,false]},\"c\":-12}",
                                        "\t{ \"key\" : \"0x00ff\" ,\r\n \"other\" : [ 1 , 2 ] }\n",
                                        "999999999999999999",
                                        "\"a longer text with }{][,: in it\"",
                                        "{\"\":1}"};
    for (size_t i = 0; i < sizeof TEXTS / sizeof *TEXTS; i++) expect_same(TEXTS[i]);
}

static void members_keep_their_order(void **state) {
    (void)state;
    json_t *value = ht_json_fast(ht_bytes_str("{\"z\":1,\"a\":2,\"m\":3}"));
    char *text = json_dumps(value, JSON_COMPACT);
    assert_string_equal(text, "{\"z\":1,\"a\":2,\"m\":3}");
    free(text);
    json_decref(value);
}

static void what_is_not_plain_is_left_to_jansson(void **state) {
    (void)state;
    static const char *const TEXTS[] = {"\"\\n\"",
                                        "\"\xc3\xa9\"",
                                        "\"\xff\"",
                                        "\"tab\tin it\"",
                                        "\"12345678\\\"\"",
                                        "1.5",
                                        "1e3",
                                        "9999999999999999999",
                                        "-0",
                                        "{\"a\":1,\"a\":2}",
                                        "{\"a\\u0062\":1}"};
    for (size_t i = 0; i < sizeof TEXTS / sizeof *TEXTS; i++) expect_unsure(TEXTS[i]);
    assert_null(ht_json_fast(ht_bytes_of("\"a\0b\"", 5)));
}

static void what_is_no_json_is_never_accepted(void **state) {
    (void)state;
    static const char *const TEXTS[] = {"",
                                        " ",
                                        "{",
                                        "[",
                                        "}",
                                        "]",
                                        "[1",
                                        "[1,",
                                        "[1,]",
                                        "[,1]",
                                        "{\"a\"",
                                        "{\"a\":",
                                        "{\"a\":}",
                                        "{\"a\":1,}",
                                        "{\"a\":]",
                                        "{\"a\":1]",
                                        "[1}",
                                        "{1:2}",
                                        "[1 2]",
                                        "{\"a\" 1}",
                                        "tru",
                                        "nul",
                                        "truex",
                                        "[truex]",
                                        "01",
                                        "-",
                                        "--1",
                                        "+1",
                                        "1-",
                                        "\"",
                                        "\"a",
                                        "[] []",
                                        "{}x",
                                        "1 1",
                                        "[1],",
                                        "'a'",
                                        "{\"a\":1 \"b\":2}",
                                        "[}",
                                        "{]"};
    for (size_t i = 0; i < sizeof TEXTS / sizeof *TEXTS; i++) expect_unsure(TEXTS[i]);
}

static void depth_is_bounded(void **state) {
    (void)state;
    char text[2 * HT_JSON_DEPTH_MAX + 3] = {0};
    memset(text, '[', HT_JSON_DEPTH_MAX);
    memset(text + HT_JSON_DEPTH_MAX, ']', HT_JSON_DEPTH_MAX);
    expect_same(text);
    memset(text, '[', HT_JSON_DEPTH_MAX + 1);
    memset(text + HT_JSON_DEPTH_MAX + 1, ']', HT_JSON_DEPTH_MAX + 1);
    expect_unsure(text);
}

static void each_byte_is_looked_at_wherever_it_stands(void **state) {
    (void)state;
    for (size_t n = 1; n < 40; n++) {
        for (size_t at = 0; at < n; at++) {
            char text[48] = {0};
            memset(text, 'a', n + 2);
            text[0] = text[n + 1] = '"';
            expect_same(text);
            text[at + 1] = 0x1f;
            expect_unsure(text);
            text[at + 1] = '\\';
            expect_unsure(text);
            text[at + 1] = (char)0x80;
            expect_unsure(text);
            text[at + 1] = 0x7f;
            expect_same(text);
        }
    }
}

static void a_text_full_of_escapes_is_gone_through_once(void **state) {
    (void)state;
    const size_t n = (size_t)4 << 20;
    char *text = malloc(n);
    json_t *value = NULL;
    assert_non_null(text);
    memset(text, '\\', n);
    text[0] = text[n - 1] = '"';
    assert_int_equal(ht_json_parse(&value, ht_bytes_of(text, n), n, NULL), HT_OK);
    assert_int_equal(json_string_length(value), (n - 2) / 2);
    json_decref(value);
    free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_json_is_read_as_jansson_reads_it),
        cmocka_unit_test(members_keep_their_order),
        cmocka_unit_test(what_is_not_plain_is_left_to_jansson),
        cmocka_unit_test(what_is_no_json_is_never_accepted),
        cmocka_unit_test(depth_is_bounded),
        cmocka_unit_test(each_byte_is_looked_at_wherever_it_stands),
        cmocka_unit_test(a_text_full_of_escapes_is_gone_through_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
