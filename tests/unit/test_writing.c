/* Drafts of what the owner writes: posts with pictures, quotes and polls, reactions, votes, mutes.
 */
#include "tests/unit/owner_world.h"

#include "node/nostr/entity.h"
#include "social/feed/contacts.h"
#include "social/feed/writing.h"
#include "social/feed/writing_post.h"
#include "social/kinds.h"

typedef enum ht_err (*writer)(struct ht_task *task, sqlite3 *db, struct ht_why *why);

/* "" or the reason's code. */
static const char *try_post(const char *params) {
    struct ht_task *task = owner_task(params);
    return ht_post_draft(task, &o.why) == HT_OK ? "" : o.why.code;
}

static const char *try_with(writer write, const char *params) {
    struct ht_task *task = owner_task(params);
    return write(task, NULL, &o.why) == HT_OK ? "" : o.why.code;
}

static bool has_tag(const char *text) {
    size_t i;
    json_t *tag;
    json_array_foreach(o.task.draft.tags, i, tag) {
        if (strcmp(owner_text(tag), text) == 0) return true;
    }
    return false;
}

static void expect_tag(const char *text) {
    if (!has_tag(text)) fail_msg("no %s in %s", text, owner_text(o.task.draft.tags));
}

/* --- pictures --------------------------------------------------------------------------------- */

#define URL "https://media.example/cat.png"
#define MEDIA(more)                                                    \
    "{'url':'" URL "','sha256':'"                                      \
    "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff" \
    "','type':'image/png'" more "}"

static void a_picture_has_a_tag_and_its_address_in_the_text(void **state) {
    (void)state;
    assert_string_equal(
        try_post("{'content':'look','media':[" MEDIA(",'size':77,'alt':'a cat'") "]}"), "");
    assert_string_equal(o.task.draft.content, "look\n" URL);
    expect_tag("['imeta','url " URL "','m image/png','x "
               "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
               "','size 77','alt a cat']");
}

static void a_picture_alone_is_a_post_and_one_in_the_text_is_not_added(void **state) {
    (void)state;
    assert_string_equal(try_post("{'content':'','media':[" MEDIA("") "]}"), "");
    assert_string_equal(o.task.draft.content, URL);
    assert_string_equal(try_post("{'content':'see " URL " there','media':[" MEDIA("") "]}"), "");
    assert_string_equal(o.task.draft.content, "see " URL " there");
}

static void wrong_pictures_are_refused(void **state) {
    (void)state;
    static const char *const wrong[] = {
        "{'content':'x','media':{}}",
        "{'content':'x','media':[{'url':'file:///etc','sha256':'00','type':'a/b'}]}",
        "{'content':'x','media':[{'url':'https://a b','sha256':'00','type':'a/b'}]}",
        "{'content':'x','media':[{'url':'" URL "','sha256':'00','type':'a/b'}]}",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        if (strcmp(try_post(wrong[i]), "bad_media") != 0)
            fail_msg("%s: %s", wrong[i], try_post(wrong[i]));
    }
    const char *type = "{'content':'x','media':[{'url':'" URL "','sha256':'%s','type':'%s'}]}";
    assert_string_equal(try_post(owner_tags(type, owner_hex('1'), "png")), "bad_media");
    assert_string_equal(try_post(owner_tags(type, owner_hex('1'), "image/png; x")), "bad_media");
    assert_string_equal(try_post("{'content':'x','media':[{}]}"), "json_missing");
    assert_string_equal(try_post("{'content':'x','media':[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]}"),
                        "too_much_media");
}

static void nothing_is_no_post(void **state) {
    (void)state;
    assert_string_equal(try_post("{'content':''}"), "empty");
    assert_string_equal(try_post("{'content':'','media':[]}"), "empty");
}

static void a_post_has_a_bound_and_room_for_all_below_it(void **state) {
    (void)state;
    struct ht_task *task = owner_task("{}");
    char *text = malloc(HT_CLIENT_POST_MAX + 2);
    assert_non_null(text);
    memset(text, 'x', HT_CLIENT_POST_MAX + 1);
    text[HT_CLIENT_POST_MAX + 1] = '\0';
    (void)json_object_set_new(task->params, "content", json_string(text));
    assert_int_equal(ht_post_draft(task, &o.why), HT_ELIMIT);
    assert_string_equal(o.why.code, "too_long");
    text[HT_CLIENT_POST_MAX] = '\0';
    (void)json_object_set_new(task->params, "content", json_string(text));
    assert_int_equal(ht_post_draft(task, &o.why), HT_OK);
    assert_int_equal(strlen(task->draft.content), HT_CLIENT_POST_MAX);
    free(text);
}

/* --- quotes ----------------------------------------------------------------------------------- */

static void a_quote_is_named_in_the_text_once(void **state) {
    (void)state;
    char name[512];
    const char *id = owner_put('b', 1, 5, "said", "[]");
    struct ht_entity entity = {.kind = HT_ENTITY_NOTE};
    assert_true(ht_event_hex32(&entity.key, ht_bytes_str(id)));
    assert_string_equal(try_post(owner_tags("{'content':'so true','quote':'%s'}", id)), "");
    assert_non_null(strstr(o.task.draft.content, "so true\n\nnostr:nevent1"));
    expect_tag(owner_tags("['q','%s','','%s']", id, owner_hex('b')));
    expect_tag(owner_tags("['p','%s']", owner_hex('b')));
    assert_int_equal(ht_entity_write(name, sizeof name, &entity), HT_OK);
    assert_string_equal(
        try_post(owner_tags("{'content':'nostr:%s so true','quote':'%s'}", name, id)), "");
    assert_string_equal(o.task.draft.content, owner_tags("nostr:%s so true", name));
}

static void a_quote_alone_is_a_post_and_another_name_does_not_stand_for_it(void **state) {
    (void)state;
    char name[512];
    const char *id = owner_put('b', 1, 5, "said", "[]");
    struct ht_entity entity = {.kind = HT_ENTITY_NOTE, .key = owner_key('z')};
    assert_int_equal(ht_entity_write(name, sizeof name, &entity), HT_OK);
    assert_string_equal(try_post(owner_tags("{'content':'','quote':'%s'}", id)), "");
    assert_ptr_equal(strstr(o.task.draft.content, "nostr:nevent1"), o.task.draft.content);
    assert_string_equal(try_post(owner_tags("{'content':'nostr:%s','quote':'%s'}", name, id)), "");
    assert_non_null(strstr(o.task.draft.content, "\n\nnostr:nevent1"));
    assert_string_equal(try_post(owner_tags("{'content':'x','quote':'%s'}", owner_hex('9'))),
                        "no_event");
}

static void people_in_the_text_are_named_in_tags(void **state) {
    (void)state;
    char name[512];
    struct ht_entity entity = {.kind = HT_ENTITY_NPUB, .key = owner_key('b')};
    assert_int_equal(ht_entity_write(name, sizeof name, &entity), HT_OK);
    assert_string_equal(try_post(owner_tags("{'content':'hi nostr:%s, nostr:npub1x'}", name)), "");
    assert_string_equal(owner_text(o.task.draft.tags), owner_tags("[['p','%s']]", owner_hex('b')));
}

/* --- polls, votes and reactions --------------------------------------------------------------- */

static void a_poll_says_how_many_may_be_chosen_and_when_it_ends(void **state) {
    (void)state;
    assert_string_equal(try_post("{'content':'?','poll':{'options':['a','b']}}"), "");
    assert_int_equal(o.task.draft.kind, HT_KIND_POLL);
    expect_tag("['polltype','singlechoice']");
    assert_string_equal(try_post("{'content':'?','poll':{'options':['a','b'],'multiple':true,"
                                 "'ends':1780000001}}"),
                        "");
    expect_tag("['polltype','multiplechoice']");
    expect_tag("['endsAt','1780000001']");
    assert_string_equal(try_post("{'content':'?','poll':{'options':['a','b'],'ends':5}}"),
                        "bad_time");
    assert_string_equal(try_post("{'content':'?','poll':{'options':['a']}}"), "empty");
    assert_string_equal(try_post("{'content':'?','poll':{'options':['a','']}}"), "empty");
}

static void a_vote_names_options_that_exist_in_time(void **state) {
    (void)state;
    const char *poll = "[['option','1','a'],['option','2','b']%s]";
    const char *one = owner_put('b', 1068, 5, "?", owner_tags(poll, ""));
    const char *many =
        owner_put('b', 1068, 6, "?", owner_tags(poll, ",['polltype','multiplechoice']"));
    const char *over = owner_put('b', 1068, 7, "?", owner_tags(poll, ",['endsAt','1779999999']"));
    const char *note = owner_put('b', 1, 8, "x", "[]");
    const char *vote = "{'id':'%s','options':%s}";
    assert_string_equal(try_with(ht_vote_draft, owner_tags(vote, one, "['2']")), "");
    assert_string_equal(owner_text(o.task.draft.tags),
                        owner_tags("[['e','%s'],['response','2']]", one));
    assert_string_equal(try_with(ht_vote_draft, owner_tags(vote, one, "['1','2']")),
                        "too_many_options");
    assert_string_equal(try_with(ht_vote_draft, owner_tags(vote, many, "['1','2']")), "");
    assert_string_equal(try_with(ht_vote_draft, owner_tags(vote, one, "['3']")), "bad_id");
    assert_string_equal(try_with(ht_vote_draft, owner_tags(vote, one, "[]")), "empty");
    assert_string_equal(try_with(ht_vote_draft, owner_tags(vote, over, "['1']")), "poll_ended");
    assert_string_equal(try_with(ht_vote_draft, owner_tags(vote, note, "['1']")), "bad_kind");
}

static void a_reaction_is_one_short_line(void **state) {
    (void)state;
    char content[100];
    const char *id =
        owner_put('b', 1, 5, "x", "[['emoji','soapbox','https://media.example/s.png']]");
    const char *react = "{'id':'%s','content':'%s'}";
    assert_string_equal(try_with(ht_react_draft, owner_tags("{'id':'%s'}", id)), "");
    assert_string_equal(o.task.draft.content, "+");
    assert_string_equal(try_with(ht_react_draft, owner_tags(react, id, ":soapbox:")), "");
    expect_tag("['emoji','soapbox','https://media.example/s.png']");
    assert_string_equal(try_with(ht_react_draft, owner_tags(react, id, ":other:")), "");
    assert_false(has_tag("['emoji','soapbox','https://media.example/s.png']"));
    assert_string_equal(try_with(ht_react_draft, owner_tags(react, id, "")), "bad_reaction");
    assert_string_equal(try_with(ht_react_draft, owner_tags(react, id, "a\\nb")), "bad_reaction");
    memset(content, 'x', 65);
    content[65] = '\0';
    assert_string_equal(try_with(ht_react_draft, owner_tags(react, id, content)), "bad_reaction");
    assert_string_equal(try_with(ht_react_draft, owner_tags(react, id, content + 1)), "");
}

/* --- muted words ------------------------------------------------------------------------------ */

static void words_are_kept_in_lower_case_and_taken_out_as_they_stand(void **state) {
    (void)state;
    owner_put('a', 10000, 5, "secret", "[['word','LOUD'],['x','kept']]");
    assert_string_equal(try_with(ht_mute_draft, "{'word':'\xc3\x84rger','on':true}"), "");
    expect_tag("['word','\xc3\xa4rger']");
    expect_tag("['x','kept']");
    assert_string_equal(o.task.draft.content, "secret");
    assert_string_equal(owner_text(o.task.result), "{'count':2}");
    assert_string_equal(try_with(ht_mute_draft, "{'word':'LOUD','on':false}"), "");
    assert_false(has_tag("['word','LOUD']"));
    assert_string_equal(try_with(ht_mute_draft, "{'word':'Quiet','on':false}"), "");
    assert_false(o.task.draft.is_there);
    assert_string_equal(try_with(ht_mute_draft, "{'word':' ','on':true}"), "bad_word");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        OWNER_TEST(a_picture_has_a_tag_and_its_address_in_the_text),
        OWNER_TEST(a_picture_alone_is_a_post_and_one_in_the_text_is_not_added),
        OWNER_TEST(wrong_pictures_are_refused),
        OWNER_TEST(nothing_is_no_post),
        OWNER_TEST(a_post_has_a_bound_and_room_for_all_below_it),
        OWNER_TEST(a_quote_is_named_in_the_text_once),
        OWNER_TEST(a_quote_alone_is_a_post_and_another_name_does_not_stand_for_it),
        OWNER_TEST(people_in_the_text_are_named_in_tags),
        OWNER_TEST(a_poll_says_how_many_may_be_chosen_and_when_it_ends),
        OWNER_TEST(a_vote_names_options_that_exist_in_time),
        OWNER_TEST(a_reaction_is_one_short_line),
        OWNER_TEST(words_are_kept_in_lower_case_and_taken_out_as_they_stand),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
