/* What the list of mutes hides. */
#include "tests/unit/owner_world.h"

#include "social/feed/mutes.h"

static struct ht_mutes mutes;

static int end(void **state) {
    (void)state;
    ht_mutes_fini(&mutes);
    return 0;
}

static json_t *read_json(const char *text) {
    char copy[4096];
    (void)snprintf(copy, sizeof copy, "%s", text);
    for (char *c = copy; *c != '\0'; c++) *c = *c == '\'' ? '"' : *c;
    json_t *value = json_loads(copy, 0, NULL);
    assert_non_null(value);
    return value;
}

static void read_list(const char *tags) {
    ht_hash32 owner = owner_key('a');
    ht_mutes_fini(&mutes);
    json_t *list = read_json(owner_tags("{'tags':%s}", tags));
    assert_int_equal(ht_mutes_read(&mutes, list, &owner, NULL), HT_OK);
    json_decref(list);
}

static bool hides(char who, int kind, const char *content, const char *tags) {
    json_t *event =
        json_pack("{s:s, s:s, s:i, s:s, s:o}", "id", owner_hex('1'), "pubkey", owner_hex(who),
                  "kind", kind, "content", content, "tags", read_json(tags));
    bool is_hidden = ht_mutes_hides(&mutes, event);
    json_decref(event);
    return is_hidden;
}

static void words_are_found_in_any_case_and_within_words(void **state) {
    (void)state;
    read_list("[['word','Art'],['word','straße'],['word','\\u00c9t\\u00e9']]");
    assert_true(hides('b', 1, "a PARTY", "[]"));
    assert_true(hides('b', 1, "HAUPTSTRASSE", "[]"));
    assert_true(hides('b', 1, "un e\xcc\x81t\xc3\x89", "[]"));
    assert_false(hides('b', 1, "a r t", "[]"));
    assert_false(hides('b', 1, "", "[]"));
}

static void words_are_found_in_titles_and_options(void **state) {
    (void)state;
    read_list("[['word','spoiler']]");
    assert_true(hides('b', 30023, "text", "[['title','A Spoiler']]"));
    assert_true(hides('b', 1068, "which?", "[['option','1','the spoiler']]"));
    assert_false(hides('b', 1, "text", "[['alt','spoiler']]"));
}

static void hashtags_are_whole_tags(void **state) {
    (void)state;
    read_list("[['t','Sports']]");
    assert_true(hides('b', 1, "x", "[['t','SPORTS']]"));
    assert_false(hides('b', 1, "#sports", "[['t','sportscar']]"));
}

static void a_thread_hides_its_root_and_replies_and_reactions_to_them(void **state) {
    (void)state;
    read_list(owner_tags("[['e','%s']]", owner_hex('1')));
    assert_true(hides('b', 1, "the root itself", "[]"));
    read_list(owner_tags("[['e','%s']]", owner_hex('2')));
    assert_true(hides('b', 1, "x", owner_tags("[['e','%s','','root']]", owner_hex('2'))));
    assert_true(hides('b', 1111, "x", owner_tags("[['E','%s']]", owner_hex('2'))));
    assert_true(hides('b', 7, "+", owner_tags("[['e','%s']]", owner_hex('2'))));
    assert_false(hides('b', 1, "x", owner_tags("[['e','%s','','root']]", owner_hex('3'))));
}

static void people_are_hidden_and_what_others_repost_of_them(void **state) {
    (void)state;
    read_list(owner_tags("[['p','%s'],['word','hush']]", owner_hex('m')));
    assert_true(hides('m', 1, "x", "[]"));
    assert_true(hides('b', 6, "", owner_tags("[['p','%s']]", owner_hex('m'))));
    assert_true(hides('b', 6,
                      owner_tags("{\"pubkey\":\"%s\",\"kind\":1,\"content\":\"Hush!\",\"tags\":[]}",
                                 owner_hex('c')),
                      owner_tags("[['p','%s']]", owner_hex('c'))));
    assert_false(hides('b', 6, "not JSON hush", owner_tags("[['p','%s']]", owner_hex('c'))));
    assert_false(hides('b', 1, "x", owner_tags("[['p','%s']]", owner_hex('m'))));
}

static void the_owners_own_posts_are_seen(void **state) {
    (void)state;
    read_list(owner_tags("[['p','%s'],['word','x']]", owner_hex('a')));
    assert_false(hides('a', 1, "x", "[]"));
    assert_true(hides('b', 1, "x", "[]"));
}

static void what_cannot_be_hidden_need_not_be_read(void **state) {
    (void)state;
    bool is_sure = true;
    ht_hash32 b = owner_key('b'), m = owner_key('m'), a = owner_key('a');
    read_list(owner_tags("[['p','%s']]", owner_hex('m')));
    assert_false(ht_mutes_may_hide(&mutes, &b, 1, &is_sure));
    assert_false(is_sure);
    assert_true(ht_mutes_may_hide(&mutes, &b, 6, &is_sure));
    assert_true(ht_mutes_may_hide(&mutes, &m, 1, &is_sure));
    assert_true(is_sure);
    assert_false(ht_mutes_may_hide(&mutes, &a, 1, &is_sure));
    read_list("[['word','x']]");
    assert_true(ht_mutes_may_hide(&mutes, &b, 1, &is_sure));
    assert_false(is_sure);
}

static void empty_and_overlong_words_are_passed_over(void **state) {
    (void)state;
    char word[HT_MUTES_WORD_MAX + 2];
    memset(word, 'x', HT_MUTES_WORD_MAX + 1);
    word[HT_MUTES_WORD_MAX + 1] = '\0';
    read_list(owner_tags("[['word',''],['word'],['word',7],['word','%s']]", word));
    assert_int_equal(json_array_size(mutes.words), 0);
    assert_false(hides('b', 1, word, "[]"));
}

#define TEST(name) cmocka_unit_test_teardown(name, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(words_are_found_in_any_case_and_within_words),
        TEST(words_are_found_in_titles_and_options),
        TEST(hashtags_are_whole_tags),
        TEST(a_thread_hides_its_root_and_replies_and_reactions_to_them),
        TEST(people_are_hidden_and_what_others_repost_of_them),
        TEST(the_owners_own_posts_are_seen),
        TEST(what_cannot_be_hidden_need_not_be_read),
        TEST(empty_and_overlong_words_are_passed_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
