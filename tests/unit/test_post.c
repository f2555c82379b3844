/* Posts as the owner sees them: threads, counts, reactions, polls, what is muted and embedded. */
#include "tests/unit/owner_world.h"

#include "social/feed/post.h"
#include "social/feed/post_parts.h"

static json_t *post;

static int close_post(void **state) {
    json_decref(post);
    post = NULL;
    return owner_close(state);
}

/* The post of that id, as the owner sees it now. */
static void read_post(const char *id) {
    struct ht_posts posts;
    json_t *event = NULL;
    ht_hash32 hash;
    assert_true(ht_event_hex32(&hash, ht_bytes_str(id)));
    struct ht_task *task = owner_task("{}");
    assert_int_equal(ht_look_id(&event, task, &hash, &o.why), HT_OK);
    assert_non_null(event);
    assert_int_equal(ht_posts_init(&posts, task, &o.why), HT_OK);
    json_decref(post);
    post = NULL;
    assert_int_equal(ht_post_json(&post, &posts, event, &o.why), HT_OK);
    ht_posts_fini(&posts);
    json_decref(event);
}

static void expect(const char *member, const char *text) {
    assert_string_equal(owner_text(json_object_get(post, member)), text);
}

static const char *e_tag(const char *id) {
    return owner_tags("[['e','%s']]", id);
}

static void replies_name_their_root_and_parent_with_marks_and_without(void **state) {
    (void)state;
    const char *root = owner_hex('1'), *parent = owner_hex('2');
    read_post(owner_put('b', 1, 5, "x",
                        owner_tags("[['e','%s','','reply'],['e','%s','','root']]", parent, root)));
    expect("root", owner_tags("'%s'", root));
    expect("reply_to", owner_tags("'%s'", parent));
    read_post(owner_put('b', 1, 6, "x", owner_tags("[['e','%s'],['e','%s']]", root, parent)));
    expect("root", owner_tags("'%s'", root));
    expect("reply_to", owner_tags("'%s'", parent));
    read_post(owner_put('b', 1, 7, "x", owner_tags("[['e','%s','','root']]", root)));
    expect("reply_to", owner_tags("'%s'", root));
    read_post(owner_put('b', 1, 8, "x", owner_tags("[['e','%s','','mention']]", root)));
    expect("root", "null");
}

static void reactions_are_counted_by_what_they_say_most_first(void **state) {
    (void)state;
    const char *id = owner_put('b', 1, 5, "hello", "[]");
    owner_put('c', 7, 6, "+", e_tag(id));
    owner_put('d', 7, 7, "", e_tag(id));
    owner_put('e', 7, 8, "\xf0\x9f\x94\xa5", e_tag(id));
    owner_put('a', 7, 9, ":party:", e_tag(id));
    read_post(id);
    expect("reactions", "4");
    const json_t *reacted = json_object_get(post, "reacted");
    assert_int_equal(json_array_size(reacted), 3);
    assert_string_equal(owner_text(json_array_get(reacted, 0)), "{'content':'+','count':2}");
    expect("mine", "{'reaction':':party:','reposted':false}");
}

static void a_reaction_is_to_the_last_event_that_it_names(void **state) {
    (void)state;
    const char *root = owner_put('b', 1, 5, "root", "[]");
    const char *reply = owner_put('c', 1, 6, "reply", e_tag(root));
    owner_put('d', 7, 7, "+",
              owner_tags("[['e','%s'],['e','%s','','%s']]", root, reply, owner_hex('c')));
    read_post(root);
    expect("reactions", "0");
    expect("reacted", "[]");
    read_post(reply);
    expect("reactions", "1");
}

static void at_most_eight_reactions_are_told_and_none_that_is_long(void **state) {
    (void)state;
    char content[HT_REACTION_MAX + 2];
    const char *id = owner_put('b', 1, 5, "hello", "[]");
    for (int i = 0; i < 12; i++) {
        (void)snprintf(content, sizeof content, "r%d", i);
        owner_put((char)('c' + i), 7, 10 + i, content, e_tag(id));
    }
    memset(content, 'x', HT_REACTION_MAX + 1);
    content[HT_REACTION_MAX + 1] = '\0';
    for (int i = 0; i < 3; i++) owner_put((char)('c' + i), 7, 30 + i, content, e_tag(id));
    read_post(id);
    expect("reactions", "15");
    const json_t *reacted = json_object_get(post, "reacted");
    assert_int_equal(json_array_size(reacted), HT_REACTED_MAX);
    assert_null(strstr(owner_text(reacted), "xxx"));
}

/* --- polls ------------------------------------------------------------------------------------ */

static const char *put_poll(const char *more) {
    return owner_put(
        'b', 1068, 5, "tea?",
        owner_tags("[['option','t','tea'],['option','c','coffee'],['option','t','again']%s]",
                   more));
}

static void put_vote(char who, int64_t at, const char *poll, const char *responses) {
    owner_put(who, 1018, at, "", owner_tags("[['e','%s']%s]", poll, responses));
}

static void expect_votes(unsigned tea, unsigned coffee, unsigned voters) {
    const json_t *poll = json_object_get(post, "poll");
    assert_string_equal(
        owner_text(json_object_get(poll, "options")),
        owner_tags("[{'id':'t','label':'tea','votes':%u},{'id':'c','label':'coffee','votes':%u}]",
                   tea, coffee));
    assert_int_equal(json_integer_value(json_object_get(poll, "voters")), voters);
}

static void of_each_voter_the_newest_vote_counts(void **state) {
    (void)state;
    const char *id = put_poll("");
    put_vote('c', 10, id, ",['response','t']");
    put_vote('c', 11, id, ",['response','c']");
    put_vote('d', 9, id, ",['response','c']");
    put_vote('a', 12, id, ",['response','t']");
    read_post(id);
    expect_votes(1, 2, 3);
    assert_string_equal(owner_text(json_object_get(json_object_get(post, "poll"), "mine")), "'t'");
}

static void a_single_choice_is_the_first_response(void **state) {
    (void)state;
    const char *id = put_poll("");
    put_vote('c', 10, id, ",['response','c'],['response','t']");
    put_vote('d', 10, id, ",['response','none'],['response','t']");
    read_post(id);
    expect_votes(0, 1, 1);
}

static void several_choices_count_once_each_and_only_for_options_that_exist(void **state) {
    (void)state;
    const char *id = put_poll(",['polltype','multiplechoice']");
    put_vote('a', 10, id,
             ",['response','c'],['response','none'],['response','c'],['response','t']");
    put_vote('d', 10, id, ",['response','none']");
    read_post(id);
    expect_votes(1, 1, 1);
    const json_t *poll = json_object_get(post, "poll");
    assert_string_equal(owner_text(json_object_get(poll, "chosen")), "['c','t']");
    assert_true(json_is_true(json_object_get(poll, "multiple")));
}

static void votes_after_the_end_do_not_count_and_the_last_before_does(void **state) {
    (void)state;
    const char *id = put_poll(",['endsAt','20']");
    put_vote('c', 20, id, ",['response','t']");
    put_vote('c', 21, id, ",['response','c']");
    put_vote('d', 22, id, ",['response','c']");
    read_post(id);
    expect_votes(1, 0, 1);
    assert_string_equal(owner_text(json_object_get(json_object_get(post, "poll"), "ends")), "20");
}

static void an_end_that_is_no_number_is_none(void **state) {
    (void)state;
    const char *id = put_poll(",['endsAt','20s']");
    put_vote('c', 21, id, ",['response','c']");
    read_post(id);
    expect_votes(0, 1, 1);
    assert_true(json_is_null(json_object_get(json_object_get(post, "poll"), "ends")));
}

/* --- the rest --------------------------------------------------------------------------------- */

static void what_is_muted_says_so(void **state) {
    (void)state;
    owner_put('a', 10000, 5, "", "[['word','noise']]");
    read_post(owner_put('b', 1, 6, "a NOISE", "[]"));
    expect("muted", "true");
    read_post(owner_put('b', 1, 7, "a sound", "[]"));
    expect("muted", "false");
    read_post(owner_put('a', 1, 8, "my noise", "[]"));
    expect("muted", "false");
}

static void a_repost_shows_what_is_here_and_nothing_that_only_claims_to_be(void **state) {
    (void)state;
    const char *id = owner_put('b', 1, 5, "said", "[]");
    read_post(owner_put('c', 6, 6, "", e_tag(id)));
    assert_string_equal(owner_text(json_object_get(json_object_get(post, "embedded"), "content")),
                        "'said'");
    const char *claim = "{\"id\":\"00\",\"pubkey\":\"00\",\"content\":\"forged\"}";
    read_post(owner_put('c', 6, 7, claim, e_tag(owner_hex('9'))));
    expect("embedded", "null");
}

static void warnings_and_expirations_are_told(void **state) {
    (void)state;
    read_post(owner_put('b', 1, 5, "x", "[['content-warning',''],['expiration','1790000000']]"));
    expect("warning", "''");
    expect("expires", "1790000000");
    read_post(owner_put('b', 1, 6, "x", "[['expiration','soon']]"));
    expect("expires", "null");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, owner_open, close_post)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(replies_name_their_root_and_parent_with_marks_and_without),
        TEST(reactions_are_counted_by_what_they_say_most_first),
        TEST(a_reaction_is_to_the_last_event_that_it_names),
        TEST(at_most_eight_reactions_are_told_and_none_that_is_long),
        TEST(of_each_voter_the_newest_vote_counts),
        TEST(a_single_choice_is_the_first_response),
        TEST(several_choices_count_once_each_and_only_for_options_that_exist),
        TEST(votes_after_the_end_do_not_count_and_the_last_before_does),
        TEST(an_end_that_is_no_number_is_none),
        TEST(what_is_muted_says_so),
        TEST(a_repost_shows_what_is_here_and_nothing_that_only_claims_to_be),
        TEST(warnings_and_expirations_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
