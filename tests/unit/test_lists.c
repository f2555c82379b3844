/* Whom and what the owner follows and mutes, as it is told. */
#include "tests/unit/owner_world.h"

#include "social/feed/lists.h"

static json_t *lists;

static int end(void **state) {
    json_decref(lists);
    lists = NULL;
    return owner_close(state);
}

static void read_lists(void) {
    assert_int_equal(ht_lists_json(&lists, owner_task("{}"), &o.why), HT_OK);
}

static void without_lists_all_is_empty(void **state) {
    (void)state;
    read_lists();
    assert_string_equal(owner_text(lists),
                        "{'follows':[],'muted':{'people':[],'words':[],'tags':[],'threads':[],"
                        "'has_private':false}}");
}

static void lists_are_told_in_their_order_with_names(void **state) {
    (void)state;
    owner_put('b', 0, 5, "{\"name\":\"Bob\"}", "[]");
    owner_put('c', 0, 5, "no profile", "[]");
    owner_put('a', 3, 6, "",
              owner_tags("[['p','%s'],['p','%s'],['p','%s'],['p','short'],['t','x']]",
                         owner_hex('c'), owner_hex('b'), owner_hex('c')));
    read_lists();
    assert_string_equal(owner_text(json_object_get(lists, "follows")),
                        owner_tags("[{'pubkey':'%s','name':null},{'pubkey':'%s','name':'Bob'}]",
                                   owner_hex('c'), owner_hex('b')));
}

static void mutes_are_told_by_what_they_are(void **state) {
    (void)state;
    owner_put('a', 10000, 6, "encrypted",
              owner_tags("[['p','%s'],['word','noise'],['e','%s'],['t','sport'],['word','']]",
                         owner_hex('m'), owner_hex('9')));
    read_lists();
    assert_string_equal(
        owner_text(json_object_get(lists, "muted")),
        owner_tags("{'people':[{'pubkey':'%s','name':null}],'words':['noise'],'tags':['sport'],"
                   "'threads':['%s'],'has_private':true}",
                   owner_hex('m'), owner_hex('9')));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, owner_open, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(without_lists_all_is_empty),
        TEST(lists_are_told_in_their_order_with_names),
        TEST(mutes_are_told_by_what_they_are),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
