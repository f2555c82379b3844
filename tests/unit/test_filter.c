/* Filters: what is read and refused and why, and which events match. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

#include "node/codec/json.h"
#include "social/relay/filter.h"
#include "tests/unit/event_maker.h"

#define ZEROS "0000000000000000"
#define HASH_0 ZEROS ZEROS ZEROS ZEROS
#define HASH_1 ZEROS ZEROS ZEROS "0000000000000001"
#define HASH_2 ZEROS ZEROS ZEROS "0000000000000002"

static struct ht_arena arena;

static int set_up(void **state) {
    (void)state;
    ht_arena_init(&arena, (size_t)1 << 24);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    ht_arena_fini(&arena);
    return 0;
}

static enum ht_err read_text(struct ht_filter *out, ht_bytes text, struct ht_why *why) {
    json_t *object = NULL;
    assert_int_equal(ht_json_parse(&object, text, (size_t)1 << 20, NULL), HT_OK);
    enum ht_err err = ht_filter_read(out, &arena, object, why);
    json_decref(object);
    return err;
}

static struct ht_filter reads(const char *text) {
    struct ht_filter filter;
    struct ht_why why = {.code = ""};
    if (read_text(&filter, ht_bytes_str(text), &why) != HT_OK) fail_msg("%s: %s", text, why.text);
    return filter;
}

static void refuses_bytes(ht_bytes text, enum ht_err err, const char *code, const char *word) {
    struct ht_filter filter = {.limit = 77};
    struct ht_why why = {.code = "accepted", .text = ""};
    enum ht_err got = read_text(&filter, text, &why);
    if (strcmp(why.code, code) != 0 || strstr(why.text, word) == NULL) {
        fail_msg("%.*s: expected %s \"%s\", got %s \"%s\"", (int)(text.n < 300 ? text.n : 300),
                 (const char *)text.p, code, word, why.code, why.text);
    }
    assert_int_equal(got, err);
    assert_int_equal(filter.limit, 77);
}

static void refuses(const char *text, const char *word) {
    refuses_bytes(ht_bytes_str(text), HT_EINPUT, "filter_field", word);
}

static void equals(ht_bytes got, const char *want) {
    assert_int_equal(got.n, strlen(want));
    assert_memory_equal(got.p, want, got.n);
}

static void filter_reads_every_member(void **state) {
    (void)state;
    struct ht_filter filter =
        reads("{\"ids\":[\"" HASH_1 "\"],\"authors\":[\"" HASH_2 "\",\"" HASH_0 "\"],"
              "\"kinds\":[1,0,65535],\"since\":5,\"until\":9,\"limit\":3,\"search\":\"best apps\","
              "\"#t\":[\"b\",\"a\"],\"#E\":[\"x\"]}");
    assert_int_equal(filter.id_count, 1);
    assert_int_equal(filter.ids[0].b[31], 1);
    assert_int_equal(filter.author_count, 2);
    assert_int_equal(filter.authors[0].b[31], 0);
    assert_int_equal(filter.authors[1].b[31], 2);
    assert_int_equal(filter.kind_count, 3);
    assert_int_equal(filter.kinds[0], 0);
    assert_int_equal(filter.kinds[2], 65535);
    assert_int_equal(filter.since, 5);
    assert_int_equal(filter.until, 9);
    assert_true(filter.has_limit);
    assert_int_equal(filter.limit, 3);
    equals(filter.search, "best apps");
    assert_int_equal(filter.tag_count, 2);
    assert_int_equal(filter.tags[0].name, 'E');
    assert_int_equal(filter.tags[1].name, 't');
    equals(filter.tags[1].values[0], "a");
    equals(filter.tags[1].values[1], "b");
}

static void filter_without_members_bounds_nothing(void **state) {
    (void)state;
    struct ht_filter filter = reads("{}");
    assert_false(filter.has_ids || filter.has_authors || filter.has_kinds || filter.has_limit);
    assert_int_equal(filter.since, INT64_MIN);
    assert_int_equal(filter.until, INT64_MAX);
    assert_int_equal(filter.search.n, 0);
    assert_false(ht_filter_is_empty(&filter));
}

static void filter_lists_hold_each_value_once(void **state) {
    (void)state;
    struct ht_filter filter =
        reads("{\"ids\":[\"" HASH_2 "\",\"" HASH_1 "\",\"" HASH_2 "\"],\"kinds\":[7,1,7,7],"
              "\"#t\":[\"b\",\"a\",\"ab\",\"b\",\"\"]}");
    assert_int_equal(filter.id_count, 2);
    assert_int_equal(filter.ids[1].b[31], 2);
    assert_int_equal(filter.kind_count, 2);
    assert_int_equal(filter.kinds[1], 7);
    assert_int_equal(filter.tags[0].count, 4);
    equals(filter.tags[0].values[0], "");
    equals(filter.tags[0].values[1], "a");
    equals(filter.tags[0].values[2], "ab");
    equals(filter.tags[0].values[3], "b");
}

static void filter_refuses_members_that_it_does_not_know(void **state) {
    (void)state;
    refuses("{\"foo\":1}", "of a name");
    refuses("{\"#\":[]}", "of a name");
    refuses("{\"#tt\":[]}", "of a name");
    refuses("{\"#1\":[]}", "of a name");
    refuses("{\"&t\":[]}", "of a name");
}

static void filter_refuses_values_of_other_types(void **state) {
    (void)state;
    refuses("{\"ids\":\"" HASH_1 "\"}", "ids is no list");
    refuses("{\"ids\":[\"xyz\"]}", "ids holds what is not 64");
    refuses("{\"ids\":[5]}", "ids holds what is not 64");
    refuses("{\"authors\":[\"ABCDEF" ZEROS ZEROS ZEROS "0123456789\"]}", "authors holds");
    refuses("{\"authors\":[\"" HASH_1 "0\"]}", "authors holds what is not 64");
    refuses("{\"authors\":null}", "authors is no list");
    refuses("{\"kinds\":[\"1\"]}", "kinds holds");
    refuses("{\"kinds\":[-1]}", "kinds holds");
    refuses("{\"kinds\":[65536]}", "kinds holds");
    refuses("{\"kinds\":[1.0]}", "kinds holds");
    refuses("{\"kinds\":1}", "kinds is no list");
    refuses("{\"since\":-1}", "since is no whole number");
    refuses("{\"since\":\"1\"}", "since is no whole number");
    refuses("{\"until\":1e3}", "until is no whole number");
    refuses("{\"limit\":-1}", "limit is no whole number");
    refuses("{\"limit\":null}", "limit is no whole number");
    refuses("{\"search\":5}", "search is no text");
    refuses("{\"#t\":[5]}", "#t holds what is no text");
    refuses("{\"#t\":{}}", "#t is no list");
    refuses_bytes(ht_bytes_str("[]"), HT_EINPUT, "filter_malformed", "object");
    refuses_bytes(ht_bytes_str("5"), HT_EINPUT, "filter_malformed", "object");
}

static void filter_bounds_lists_and_searches(void **state) {
    (void)state;
    struct ht_buf text;
    ht_buf_init(&text, (size_t)1 << 20);
    assert_int_equal(ht_buf_add_str(&text, "{\"kinds\":[1"), HT_OK);
    for (size_t i = 0; i < HT_FILTER_VALUES_MAX - 1; i++) {
        assert_int_equal(ht_buf_add_str(&text, ",1"), HT_OK);
    }
    size_t n = text.n;
    struct ht_filter filter;
    assert_int_equal(ht_buf_add_str(&text, "]}"), HT_OK);
    assert_int_equal(read_text(&filter, ht_buf_view(&text), NULL), HT_OK);
    assert_int_equal(filter.kind_count, 1);
    text.n = n;
    assert_int_equal(ht_buf_add_str(&text, ",1]}"), HT_OK);
    refuses_bytes(ht_buf_view(&text), HT_ELIMIT, "filter_too_large", "kinds has more than 2000");
    ht_buf_clear(&text);
    assert_int_equal(ht_buf_add_str(&text, "{\"search\":\""), HT_OK);
    for (size_t i = 0; i <= HT_FILTER_SEARCH_MAX; i++) {
        assert_int_equal(ht_buf_add_str(&text, "x"), HT_OK);
    }
    assert_int_equal(ht_buf_add_str(&text, "\"}"), HT_OK);
    refuses_bytes(ht_buf_view(&text), HT_ELIMIT, "filter_too_large", "search has more than 256");
    ht_buf_fini(&text);
}

static void filter_says_when_there_is_no_memory(void **state) {
    (void)state;
    struct ht_arena small;
    struct ht_filter filter;
    json_t *object = NULL;
    struct ht_why why = {.code = ""};
    ht_arena_init(&small, 8);
    assert_int_equal(ht_json_parse(&object, ht_bytes_str("{\"#t\":[\"a\"]}"), 100, NULL), HT_OK);
    assert_int_equal(ht_filter_read(&filter, &small, object, &why), HT_ENOMEM);
    assert_string_equal(why.code, "no_memory");
    json_decref(object);
    ht_arena_fini(&small);
}

/* --- matching ---------------------------------------------------------------------------------*/

static bool matches(const char *text) {
    static const char event_text[] =
        HEAD "\"created_at\":100,\"kind\":7,\"tags\":[[\"t\",\"a\",\"z\"],[\"t\",\"b\"],"
             "[\"tt\",\"c\"],[\"e\"],[\"r\",\"\"]],\"content\":\"hello\"" TAIL;
    struct ht_event event;
    assert_int_equal(ht_event_read(&event, &arena, ht_bytes_str(event_text), NULL), HT_OK);
    struct ht_filter filter = reads(text);
    return ht_filter_matches(&filter, &event);
}

static void filter_matches_what_all_its_members_say(void **state) {
    (void)state;
    assert_true(matches("{}"));
    assert_true(matches("{\"ids\":[\"" HASH_1 "\",\"" HEX64 "\"],\"authors\":[\"" HEX64 "\"],"
                        "\"kinds\":[1,7],\"since\":100,\"until\":100,\"#t\":[\"x\",\"a\"]}"));
    assert_false(matches("{\"ids\":[\"" HASH_1 "\"]}"));
    assert_false(matches("{\"authors\":[\"" HASH_1 "\"]}"));
    assert_false(matches("{\"kinds\":[1,6,8]}"));
    assert_false(matches("{\"since\":101}"));
    assert_false(matches("{\"until\":99}"));
    assert_false(matches("{\"kinds\":[7],\"#t\":[\"x\"]}"));
    assert_true(matches("{\"limit\":0,\"search\":\"nothing of it\"}"));
}

static void filter_matches_the_first_value_of_tags_of_one_letter(void **state) {
    (void)state;
    assert_true(matches("{\"#t\":[\"b\"]}"));
    assert_true(matches("{\"#r\":[\"\"]}"));
    assert_false(matches("{\"#t\":[\"z\"]}"));
    assert_false(matches("{\"#t\":[\"c\"]}"));
    assert_false(matches("{\"#t\":[\"A\"]}"));
    assert_false(matches("{\"#T\":[\"a\"]}"));
    assert_false(matches("{\"#e\":[\"\"]}"));
    assert_true(matches("{\"#t\":[\"a\"],\"#r\":[\"\",\"q\"]}"));
    assert_false(matches("{\"#t\":[\"a\"],\"#r\":[\"q\"]}"));
}

static void filter_with_an_empty_list_matches_nothing(void **state) {
    (void)state;
    static const char *const texts[] = {"{\"ids\":[]}", "{\"authors\":[]}", "{\"kinds\":[]}",
                                        "{\"#t\":[]}", "{\"since\":2,\"until\":1}"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct ht_filter filter = reads(texts[i]);
        assert_true(ht_filter_is_empty(&filter));
        assert_false(matches(texts[i]));
    }
}

int main(void) {
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(filter_reads_every_member),
        cmocka_unit_test(filter_without_members_bounds_nothing),
        cmocka_unit_test(filter_lists_hold_each_value_once),
        cmocka_unit_test(filter_refuses_members_that_it_does_not_know),
        cmocka_unit_test(filter_refuses_values_of_other_types),
        cmocka_unit_test(filter_bounds_lists_and_searches),
        cmocka_unit_test(filter_says_when_there_is_no_memory),
        cmocka_unit_test(filter_matches_what_all_its_members_say),
        cmocka_unit_test(filter_matches_the_first_value_of_tags_of_one_letter),
        cmocka_unit_test(filter_with_an_empty_list_matches_nothing),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
