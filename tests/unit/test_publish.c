/* From a draft to an event, and where those read whom it names. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "social/feed/publish.h"
#include "social/kinds.h"
#include "tests/unit/peers_bench.h"

#define FRIEND 3U

static unsigned ended;

static bool has_ended(void) {
    return ended == 1;
}

static void note_end(void *user) {
    (void)user;
    ended++;
}

static void take_all(struct ws_session *session, const char *text) {
    char answer[128];
    if (strncmp(text, "[\"EVENT\"", 8) != 0) return;
    (void)snprintf(answer, sizeof answer, "[\"OK\",\"%.64s\",true,\"\"]",
                   strstr(text, "\"id\":\"") + 6);
    ws_say(session, answer);
}

/* The friend's list of relays (kind 10002). */
static void friend_uses(const char *const (*relays)[2], size_t count) {
    ht_bytes items[12][3];
    struct ht_event_tag tags[12];
    for (size_t i = 0; i < count; i++) {
        tags[i] = world_tag(items[i], "r", relays[i][0], relays[i][1]);
    }
    struct bench_event list = bench_event_of(FRIEND, HT_KIND_RELAYS, MAKER_TIME, tags, count, "");
    world_store(&list);
}

static json_t *naming_the_friend(void) {
    char hex[65], owner[65];
    world_hex(hex, FRIEND);
    world_hex(owner, OWNER);
    return json_pack("[[s,s],[s,s],[s,s],[s,s]]", "p", owner, "p", hex, "p", "nobody", "p", hex);
}

/* Publishes a draft of that kind, and waits for its end; tags is taken over. */
static void publish_with(uint32_t kind, json_t *tags) {
    static int mark;
    struct ht_why why = {.code = ""};
    struct ht_task *task = ht_task_new_owned(&world.social, NULL, NULL);
    assert_non_null(task);
    task->user = &mark;
    task->free_user = note_end;
    assert_int_equal(ht_draft_set(&task->draft, kind, "hello", tags, "a post", &why), HT_OK);
    ended = 0;
    ht_publish_draft(task);
    bench_until(has_ended);
}

/* One that names the friend. */
static void publish(uint32_t kind) {
    publish_with(kind, naming_the_friend());
}

/* The scripted relay is one of the owner's, so that it may be on loopback; it is not written to. */
static void begin_with(const char *use) {
    const char *const relays[][2] = {{"http://no.relay", NULL}, {world.url, use}};
    friend_uses(relays, 2);
    world.script = take_all;
    world_set_own(world.url, true, false);
}

static void a_post_goes_to_where_those_read_whom_it_names(void **state) {
    (void)state;
    begin_with("read");
    publish(HT_KIND_NOTE);
    assert_int_equal(world_count("[\"EVENT\""), 1);
    assert_string_equal(world.what, "a post");
    assert_int_equal(world_number("taken"), 1);
}

static void a_relay_that_they_only_write_to_is_not_told(void **state) {
    (void)state;
    begin_with("write");
    publish(HT_KIND_NOTE);
    assert_int_equal(world_count("[\"EVENT\""), 0);
}

static void what_is_not_for_others_does_not_go_there(void **state) {
    (void)state;
    begin_with("read");
    publish(HT_KIND_MUTES);
    publish(HT_KIND_PROFILE);
    assert_int_equal(world_count("[\"EVENT\""), 0);
}

static void of_each_person_two_relays_are_told(void **state) {
    const char *const relays[][2] = {
        {"ws://127.0.0.1:1", "read"}, {"ws://127.0.0.1:2", NULL}, {world.url, "read"}};
    (void)state;
    friend_uses(relays, 3);
    world.script = take_all;
    world_set_own(world.url, true, false);
    publish(HT_KIND_REACTION);
    assert_int_equal(world_count("[\"EVENT\""), 0);
    assert_null(ht_link_find(bench.host.links, "ws://127.0.0.1:1"));
}

/* The friend's, at the scripted relay: its id. */
static const char *poll_at(const char *relay) {
    static struct bench_event poll;
    ht_bytes items[2][3];
    const struct ht_event_tag tags[] = {world_tag(items[0], "relay", "https://no.relay", NULL),
                                        world_tag(items[1], "relay", relay, NULL)};
    poll = bench_event_of(FRIEND, HT_KIND_POLL, MAKER_TIME, tags, 2, "Where?");
    world_store(&poll);
    return poll.id;
}

static void an_answer_goes_to_where_the_poll_wants_it(void **state) {
    (void)state;
    world.script = take_all;
    world_set_own(world.url, true, false);
    const char *poll = poll_at(world.url);
    publish_with(HT_KIND_VOTE, json_pack("[[s,s],[s,s]]", "e", poll, "response", "1"));
    assert_int_equal(world_count("[\"EVENT\""), 1);
    publish_with(HT_KIND_APP, json_pack("[[s,s],[s,s]]", "d", "root", "e", poll));
    assert_int_equal(world_count("[\"EVENT\""), 2);
    publish_with(HT_KIND_NOTE, json_pack("[[s,s]]", "e", poll));
    assert_int_equal(world_count("[\"EVENT\""), 2);
}

/* --- drafts ------------------------------------------------------------------------------------
 */

static void a_draft_that_is_too_long_is_refused(void **state) {
    static char text[HT_CLIENT_POST_MAX + 2];
    struct ht_draft draft = {0};
    struct ht_why why = {.code = ""};
    (void)state;
    memset(text, 'x', sizeof text - 1);
    assert_int_equal(ht_draft_set(&draft, 1, text, json_array(), "a post", &why), HT_ELIMIT);
    assert_string_equal(why.code, "too_long");
    assert_false(draft.is_there);
    json_decref(draft.tags);
}

static void tags_that_are_no_texts_are_refused(void **state) {
    const char *const bad[] = {"[[\"p\",1]]", "[[]]", "[\"p\"]"};
    const ht_hash32 author = maker_pubkey(OWNER);
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct ht_event event;
        struct ht_arena arena;
        struct ht_why why = {.code = ""};
        struct ht_draft draft = {.content = "x", .tags = json_loads(bad[i], 0, NULL)};
        ht_arena_init(&arena, 65536);
        assert_int_equal(ht_draft_event(&event, &arena, &draft, &author, 5, &why), HT_EINPUT);
        assert_string_equal(why.code, "bad_tag");
        ht_arena_fini(&arena);
        json_decref(draft.tags);
    }
}

static void an_event_is_newer_than_what_it_replaces(void **state) {
    const ht_hash32 author = maker_pubkey(OWNER);
    struct ht_event event;
    struct ht_arena arena;
    struct ht_draft draft = {.content = "x", .tags = json_array(), .after = 100};
    (void)state;
    ht_arena_init(&arena, 65536);
    assert_int_equal(ht_draft_event(&event, &arena, &draft, &author, 5, NULL), HT_OK);
    assert_int_equal(event.created_at, 101);
    assert_int_equal(ht_event_check_id(&event, NULL), HT_OK);
    ht_arena_fini(&arena);
    json_decref(draft.tags);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_start, world_end)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_post_goes_to_where_those_read_whom_it_names),
        TEST(a_relay_that_they_only_write_to_is_not_told),
        TEST(what_is_not_for_others_does_not_go_there),
        TEST(of_each_person_two_relays_are_told),
        TEST(an_answer_goes_to_where_the_poll_wants_it),
        cmocka_unit_test(a_draft_that_is_too_long_is_refused),
        cmocka_unit_test(tags_that_are_no_texts_are_refused),
        cmocka_unit_test(an_event_is_newer_than_what_it_replaces),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
