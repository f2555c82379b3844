/* Threads: what belongs to one, in which order, and what relays are asked for it. */
#include "tests/unit/owner_world.h"

#include "social/feed/thread.h"

/* The contents of a thread, in order, a space between; a reason's code instead. */
static const char *read_thread(const char *id) {
    static char text[1024];
    size_t i;
    json_t *post;
    struct ht_task *task = owner_task(owner_tags("{'id':'%s'}", id));
    if (ht_thread_look(task, NULL, &o.why) != HT_OK) return o.why.code;
    text[0] = '\0';
    json_array_foreach(json_object_get(task->result, "posts"), i, post) {
        size_t n = strlen(text);
        (void)snprintf(text + n, sizeof text - n, "%s%s", n > 0 ? " " : "",
                       json_string_value(json_object_get(post, "content")));
    }
    return text;
}

static const json_t *asked(const char *name) {
    return json_object_get(o.task.ask, name);
}

static const char *reply_to(const char *root) {
    return owner_tags("[['e','%s','','root']]", root);
}

static void a_thread_begins_with_its_root_and_goes_on_oldest_first(void **state) {
    (void)state;
    const char *root = owner_put('b', 1, 50, "root", "[]");
    const char *late = owner_put('c', 1, 60, "late", reply_to(root));
    owner_put('d', 1, 55, "early", reply_to(root));
    owner_put('e', 1, 40, "backdated", reply_to(root));
    owner_put('e', 1, 56, "elsewhere", reply_to(owner_hex('9')));
    owner_put('e', 7, 57, "+", reply_to(root));
    assert_string_equal(read_thread(late), "root backdated early late");
    assert_string_equal(read_thread(root), "root backdated early late");
    assert_string_equal(owner_text(json_object_get(o.task.result, "root")),
                        owner_tags("'%s'", root));
    assert_true(json_is_true(asked("is_here")));
}

static void comments_of_either_way_of_naming_come_once(void **state) {
    (void)state;
    const char *article = owner_put('b', 30023, 50, "article", "[['d','x']]");
    const char *first = owner_put(
        'c', 1111, 51, "first",
        owner_tags("[['E','%s'],['K','30023'],['e','%s'],['k','30023']]", article, article));
    owner_put('d', 1111, 52, "nested",
              owner_tags("[['E','%s'],['K','30023'],['e','%s'],['k','1111']]", article, first));
    assert_string_equal(read_thread(first), "article first nested");
}

static void a_root_that_is_not_here_is_asked_for_by_its_id(void **state) {
    (void)state;
    const char *root = owner_hex('9');
    const char *reply = owner_put('c', 1, 60, "reply", reply_to(root));
    assert_string_equal(read_thread(reply), "reply");
    assert_false(json_is_true(asked("is_here")));
    assert_string_equal(owner_text(json_array_get(asked("filters"), 0)),
                        owner_tags("{'ids':['%s'],'limit':1}", root));
    assert_int_equal(json_array_size(asked("filters")), 3);
    assert_string_equal(owner_text(asked("relays")), "[]");
}

static void those_relays_are_asked_where_replies_and_votes_are(void **state) {
    (void)state;
    owner_put('b', 10002, 5, "",
              "[['r','wss://in.example','read'],['r','wss://out.example','write']]");
    const char *poll = owner_put('b', 1068, 50, "?", "[['relay','wss://votes.example']]");
    assert_string_equal(read_thread(poll), "?");
    assert_string_equal(owner_text(asked("relays")),
                        "['wss://votes.example','wss://in.example','wss://out.example']");
    const json_t *filter = json_array_get(asked("filters"), 0);
    assert_string_equal(owner_text(json_object_get(filter, "#e")), owner_tags("['%s']", poll));
    assert_non_null(strstr(owner_text(json_object_get(filter, "kinds")), "1018"));
}

static void what_nobody_has_is_missing_only_after_asking(void **state) {
    (void)state;
    assert_string_equal(read_thread(owner_hex('9')), "");
    struct ht_task *task = owner_task(owner_tags("{'id':'%s'}", owner_hex('9')));
    task->has_asked = true;
    assert_int_equal(ht_thread_look(task, NULL, &o.why), HT_ENOTFOUND);
    assert_string_equal(o.why.code, "no_event");
    assert_string_equal(read_thread("x"), "bad_id");
}

static void a_second_look_knows_whether_the_root_is_another(void **state) {
    (void)state;
    const char *reply = owner_hex('9');
    (void)read_thread(reply);
    assert_false(json_is_true(asked("is_same")));
    assert_int_equal(ht_thread_look(&o.task, NULL, &o.why), HT_OK);
    assert_true(json_is_true(asked("is_same")));
}

static void muted_posts_of_a_thread_are_there_and_say_so(void **state) {
    (void)state;
    owner_put('a', 10000, 5, "", "[['word','noise']]");
    const char *root = owner_put('b', 1, 50, "root", "[]");
    owner_put('c', 1, 60, "noise", reply_to(root));
    assert_string_equal(read_thread(root), "root noise");
    const json_t *post = json_array_get(json_object_get(o.task.result, "posts"), 1);
    assert_true(json_is_true(json_object_get(post, "muted")));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        OWNER_TEST(a_thread_begins_with_its_root_and_goes_on_oldest_first),
        OWNER_TEST(comments_of_either_way_of_naming_come_once),
        OWNER_TEST(a_root_that_is_not_here_is_asked_for_by_its_id),
        OWNER_TEST(those_relays_are_asked_where_replies_and_votes_are),
        OWNER_TEST(what_nobody_has_is_missing_only_after_asking),
        OWNER_TEST(a_second_look_knows_whether_the_root_is_another),
        OWNER_TEST(muted_posts_of_a_thread_are_there_and_say_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
