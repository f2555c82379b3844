/* What of an event is indexed, and what a search asks of the index. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "social/store/store_text.h"

static void expect(const char *search, const char *expression) {
    struct ht_buf out;
    ht_buf_init(&out, 4096);
    assert_int_equal(ht_store_expression(&out, ht_bytes_str(search)), HT_OK);
    assert_int_equal(ht_buf_add(&out, ht_bytes_of("", 1)), HT_OK);
    assert_string_equal((const char *)out.p, expression);
    ht_buf_fini(&out);
}

static void words_and_phrases_are_quoted_and_all_asked_for(void **state) {
    (void)state;
    expect("one  two", "\"one\" AND \"two\"");
    expect("\"one two\" three", "\"one two\" AND \"three\"");
    expect("open \"phrase", "\"open\" AND \"phrase\"");
    expect("a\"b\"", "\"a b \"");
}

static void extensions_are_left_out_but_addresses_are_not(void **state) {
    (void)state;
    expect("language:en word include:spam", "\"word\"");
    expect("https://a.example", "\"https://a.example\"");
    expect("word: :word", "\"word:\" AND \":word\"");
}

static void without_letters_nothing_is_asked(void **state) {
    (void)state;
    expect("", "");
    expect(" \t * \"\" -", "");
}

static void titles_and_content_are_indexed_up_to_a_bound(void **state) {
    (void)state;
    static char content[2 * HT_STORE_TEXT_MAX];
    const ht_bytes title[] = {ht_bytes_str("title"), ht_bytes_str("Name")};
    const struct ht_event_tag tag = {title, 2};
    struct ht_event event = {.tags = &tag, .tag_count = 1, .content = ht_bytes_str("text")};
    struct ht_buf out;
    ht_buf_init(&out, HT_STORE_TEXT_MAX);
    assert_int_equal(ht_store_text(&out, &event), HT_OK);
    assert_int_equal(out.n, 9);
    assert_memory_equal(out.p, "Name\ntext", 9);
    /* Two bytes each, so that the bound falls into a character. */
    for (size_t i = 0; i < sizeof content; i++) content[i] = i % 2 == 0 ? '\xc3' : '\xa9';
    event.content = ht_bytes_of(content, sizeof content);
    assert_int_equal(ht_store_text(&out, &event), HT_OK);
    assert_true(out.n > HT_STORE_TEXT_MAX - 4 && out.n <= HT_STORE_TEXT_MAX);
    assert_int_equal(out.p[out.n - 1], 0xa9);
    ht_buf_fini(&out);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_and_phrases_are_quoted_and_all_asked_for),
        cmocka_unit_test(extensions_are_left_out_but_addresses_are_not),
        cmocka_unit_test(without_letters_nothing_is_asked),
        cmocka_unit_test(titles_and_content_are_indexed_up_to_a_bound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
