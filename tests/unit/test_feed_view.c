/* Which events a view shows, what it leaves out because it is muted, and which relays it asks. */
#include "tests/unit/owner_world.h"

#include "social/feed/feed_view.h"

static json_t *events;
static size_t hidden;

static int end(void **state) {
    json_decref(events);
    events = NULL;
    return owner_close(state);
}

/* The contents of what a view shows, newest first, a space between. */
static const char *see(const char *params) {
    static char text[1024];
    struct ht_view view;
    size_t i;
    json_t *event;
    struct ht_task *task = owner_task(params);
    if (ht_view_read(&view, task, &o.why) != HT_OK) return o.why.code;
    json_decref(events);
    events = NULL;
    assert_int_equal(ht_look_events(&events, NULL, task, &view.look, &o.why), HT_OK);
    hidden = view.hidden;
    ht_view_fini(&view);
    text[0] = '\0';
    json_array_foreach(events, i, event) {
        size_t n = strlen(text);
        (void)snprintf(text + n, sizeof text - n, "%s%s", n > 0 ? " " : "",
                       json_string_value(json_object_get(event, "content")));
    }
    return text;
}

static void follow_b(void) {
    owner_put('a', 3, 1, "", owner_tags("[['p','%s']]", owner_hex('b')));
}

static void following_shows_the_followed_and_the_owner(void **state) {
    (void)state;
    follow_b();
    owner_put('b', 1, 5, "b1", "[]");
    owner_put('a', 1, 6, "a1", "[]");
    owner_put('c', 1, 7, "c1", "[]");
    owner_put('b', 7, 8, "+", "[]");
    assert_string_equal(see("{'view':'following'}"), "a1 b1");
    assert_string_equal(see("{'view':'all'}"), "c1 a1 b1");
    assert_string_equal(see("{'view':'all','until':6}"), "a1 b1");
    assert_string_equal(see("{'view':'all','limit':1}"), "c1");
}

static void what_is_muted_is_left_out_and_does_not_count_against_the_limit(void **state) {
    (void)state;
    follow_b();
    owner_put('a', 10000, 2, "", "[['word','noise']]");
    owner_put('b', 1, 5, "one", "[]");
    owner_put('b', 1, 6, "NOISE", "[]");
    owner_put('b', 1, 7, "noisenoise", "[]");
    owner_put('b', 1, 8, "two", "[]");
    assert_string_equal(see("{'view':'following','limit':2}"), "two one");
    assert_int_equal(hidden, 2);
    assert_string_equal(see("{'view':'following','muted':true}"), "two noisenoise NOISE one");
    assert_int_equal(hidden, 0);
    assert_string_equal(see("{'view':'search','text':'noise'}"), "");
    assert_string_equal(see("{'view':'search','text':'noise','muted':true}"), "NOISE");
}

static void an_authors_page_and_bookmarks_show_what_is_muted(void **state) {
    (void)state;
    const char *id = owner_put('b', 1, 5, "hello", "[]");
    owner_put('a', 10000, 2, "", owner_tags("[['p','%s']]", owner_hex('b')));
    owner_put('a', 10003, 2, "", owner_tags("[['e','%s']]", id));
    assert_string_equal(see("{'view':'all'}"), "");
    assert_string_equal(see(owner_tags("{'view':'author','author':'%s'}", owner_hex('b'))),
                        "hello");
    assert_string_equal(see("{'view':'bookmarks'}"), "hello");
    assert_string_equal(
        see(owner_tags("{'view':'author','author':'%s','muted':false}", owner_hex('b'))), "");
}

static void notifications_are_of_others_and_not_of_muted_threads(void **state) {
    (void)state;
    const char *thread = owner_hex('7');
    const char *me = owner_tags("[['p','%s']]", owner_hex('a'));
    owner_put('b', 1, 5, "mention", me);
    owner_put('a', 1, 6, "mine", me);
    owner_put('b', 1, 7, "quarrel",
              owner_tags("[['p','%s'],['e','%s','','root']]", owner_hex('a'), thread));
    assert_string_equal(see("{'view':'notifications'}"), "quarrel mention");
    owner_put('a', 10000, 2, "", owner_tags("[['e','%s']]", thread));
    assert_string_equal(see("{'view':'notifications'}"), "mention");
    assert_int_equal(hidden, 1);
}

static void media_shows_posts_with_pictures(void **state) {
    (void)state;
    follow_b();
    owner_put('b', 1, 5, "text", "[]");
    owner_put('b', 1, 6, "cat.png", "[]");
    owner_put('b', 20, 7, "picture", "[]");
    assert_string_equal(see("{'view':'media'}"), "picture cat.png");
}

static void wrong_parameters_are_refused(void **state) {
    (void)state;
    assert_string_equal(see("{'view':'none'}"), "bad_view");
    assert_string_equal(see("{'view':'all','limit':0}"), "bad_limit");
    assert_string_equal(see("{'view':'all','limit':101}"), "bad_limit");
    assert_string_equal(see("{'view':'author','author':'me'}"), "bad_npub");
    assert_string_equal(see("{'view':'search','text':''}"), "bad_search");
    assert_string_equal(see("{'view':'all','muted':1}"), "json_type");
}

static void those_relays_are_asked_that_most_authors_write_to(void **state) {
    (void)state;
    struct ht_view view;
    json_t *ask = NULL;
    owner_put('a', 3, 1, "", owner_tags("[['p','%s'],['p','%s']]", owner_hex('b'), owner_hex('c')));
    owner_put('b', 10002, 5, "", "[['r','wss://one.example','read'],['r','wss://two.example']]");
    owner_put('c', 10002, 5, "",
              "[['r','wss://three.example','write'],['r','wss://two.example','write']]");
    struct ht_task *task = owner_task("{'view':'following'}");
    assert_int_equal(ht_view_read(&view, task, &o.why), HT_OK);
    assert_int_equal(ht_view_ask(&ask, task, &view, &o.why), HT_OK);
    ht_view_fini(&view);
    assert_string_equal(owner_text(json_object_get(ask, "relays")),
                        "['wss://two.example','wss://three.example']");
    const json_t *filter = json_object_get(ask, "filter");
    assert_int_equal(json_array_size(json_object_get(filter, "authors")), 3);
    json_decref(ask);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, owner_open, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(following_shows_the_followed_and_the_owner),
        TEST(what_is_muted_is_left_out_and_does_not_count_against_the_limit),
        TEST(an_authors_page_and_bookmarks_show_what_is_muted),
        TEST(notifications_are_of_others_and_not_of_muted_threads),
        TEST(media_shows_posts_with_pictures),
        TEST(wrong_parameters_are_refused),
        TEST(those_relays_are_asked_that_most_authors_write_to),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
