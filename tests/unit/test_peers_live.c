/* What the owner's relays tell by themselves, with a scripted one on loopback. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/unit/peers_bench.h"

#define DAY INT64_C(86400)

static const char *to_say[8]; /* messages behind the next EOSE of live2 */
static bool is_cut;           /* … and the connection is hung up */

static bool is(const char *text, const char *what) {
    return strncmp(text + 2, what, strlen(what)) == 0;
}

static void tell(struct ws_session *session, const char *text) {
    char answer[64];
    if (!is(text, "REQ")) return;
    (void)snprintf(answer, sizeof answer, "[\"EOSE\",\"%.5s\"]", text + 8);
    ws_say(session, answer);
    if (strncmp(text + 8, "live2", 5) != 0) return;
    for (size_t i = 0; i < 8 && to_say[i] != NULL; i++) ws_say(session, to_say[i]);
    memset(to_say, 0, sizeof to_say);
    if (is_cut) ws_hang_up(session);
    is_cut = false;
}

/* The newest REQ of that subscription, NULL without. */
static const char *req(const char *sub) {
    char start[32];
    (void)snprintf(start, sizeof start, "[\"REQ\",\"%s\"", sub);
    for (size_t i = world.heard_count; i > 0; i--) {
        if (strncmp(world.heard[i - 1], start, strlen(start)) == 0) return world.heard[i - 1];
    }
    return NULL;
}

static const char *first_req(const char *sub) {
    char start[32];
    (void)snprintf(start, sizeof start, "[\"REQ\",\"%s\"", sub);
    size_t i = 0;
    while (i < world.heard_count && strncmp(world.heard[i], start, strlen(start)) != 0) i++;
    return i < world.heard_count ? world.heard[i] : NULL;
}

static int64_t since_in(const char *text) {
    const char *at = strstr(text, "\"since\":");
    return at != NULL ? strtoll(at + 8, NULL, 10) : 0;
}

static bool is_live(void) {
    json_t *relay = world_relay();
    bool is = json_is_true(json_object_get(relay, "is_live"));
    json_decref(relay);
    return is;
}

static void follow(int64_t at, const uint8_t *whom, size_t count) {
    char hex[4][65];
    ht_bytes items[4][3];
    struct ht_event_tag tags[4];
    for (size_t i = 0; i < count; i++) {
        world_hex(hex[i], whom[i]);
        tags[i] = world_tag(items[i], "p", hex[i], NULL);
    }
    struct bench_event list = bench_event_of(OWNER, 3, at, tags, count, "");
    world_store(&list);
}

static void say_of(char out[static 2200], const char *sub, const struct bench_event *event) {
    (void)snprintf(out, 2200, "[\"EVENT\",\"%s\",%s]", sub, event->json);
}

static bool one_is_new(void) {
    return ht_peers_new_count(&world.social) == 1;
}

static void what_the_followed_write_comes_by_itself(void **state) {
    char text[2200];
    (void)state;
    follow(MAKER_TIME, (const uint8_t[]){3}, 1);
    struct bench_event event = bench_note(3, MAKER_TIME, "look");
    say_of(text, "live2", &event);
    to_say[0] = text;
    world.script = tell;
    world_set_own(world.url, true, false);
    bench_until(one_is_new);
    bench_until(is_live);
    assert_int_equal(world_number("events"), 1);
    char hex[65], owner[65];
    world_hex(hex, 3);
    world_hex(owner, OWNER);
    assert_non_null(strstr(req("live2"), hex));
    assert_non_null(strstr(req("live0"), owner));
    assert_non_null(strstr(req("live0"), "24133"));
    assert_non_null(strstr(req("live1"), "1059"));
    assert_null(req("live3"));
}

static void what_was_not_asked_for_is_not_taken(void **state) {
    static char text[6][2200];
    (void)state;
    follow(MAKER_TIME, (const uint8_t[]){3}, 1);
    struct bench_event stranger = bench_note(4, MAKER_TIME, "buy");
    struct bench_event good = bench_note(3, MAKER_TIME, "look");
    struct bench_event seen = bench_note(3, MAKER_TIME, "seen");
    struct bench_event forged = good;
    forged.json[strlen(forged.json) - 3] ^= 1; /* of the signature */
    say_of(text[0], "live2", &stranger);
    say_of(text[1], "live4", &good);
    say_of(text[2], "live22", &good);
    say_of(text[3], "q1", &good);
    say_of(text[4], "live2", &forged);
    say_of(text[5], "live2", &seen);
    for (size_t i = 0; i < 6; i++) to_say[i] = text[i];
    world.script = tell;
    world_set_own(world.url, true, false);
    bench_until(one_is_new);
    /* The forged one was asked for, and our relay refused it. */
    assert_int_equal(world_number("events"), 2);
    assert_int_equal(world.social.relays->first->unasked_count, 1);
}

static void the_blocked_are_not_taken(void **state) {
    char text[2][2200];
    (void)state;
    const ht_hash32 blocked = maker_pubkey(4);
    assert_int_equal(ht_policy_set(bench.policy, HT_RANK_BLOCKED, &blocked, 1), HT_OK);
    follow(MAKER_TIME, (const uint8_t[]){3, 4}, 2);
    struct bench_event bad = bench_note(4, MAKER_TIME, "buy");
    struct bench_event good = bench_note(3, MAKER_TIME, "look");
    say_of(text[0], "live2", &bad);
    say_of(text[1], "live2", &good);
    to_say[0] = text[0];
    to_say[1] = text[1];
    world.script = tell;
    world_set_own(world.url, true, false);
    bench_until(one_is_new);
    assert_int_equal(world_number("events"), 1);
}

static bool came_twice(void) {
    return world_count("[\"REQ\",\"live2\"") == 2;
}

static void a_new_connection_asks_from_a_little_before(void **state) {
    (void)state;
    follow(MAKER_TIME - 9 * DAY, (const uint8_t[]){3}, 1);
    struct bench_event old = bench_note(3, MAKER_TIME - 9 * DAY, "old");
    world_store(&old);
    world.script = tell;
    is_cut = true;
    world_set_own(world.url, true, false);
    bench_until(came_twice);
    assert_int_equal(since_in(first_req("live2")), MAKER_TIME - 10 * DAY);
    assert_int_equal(since_in(req("live2")), MAKER_TIME - 600);
    bench_until(is_live);
    assert_int_equal(since_in(req("live1")), MAKER_TIME - 600 - 3 * DAY);
}

static void without_any_event_all_wraps_are_asked_for(void **state) {
    (void)state;
    follow(MAKER_TIME, (const uint8_t[]){3}, 1);
    world.script = tell;
    world_set_own(world.url, true, false);
    bench_until(is_live);
    assert_int_equal(since_in(req("live1")), 0);
    assert_int_equal(since_in(req("live2")), MAKER_TIME - 3 * DAY);
}

static void whom_the_owner_follows_anew_is_subscribed_to(void **state) {
    char hex[65];
    (void)state;
    follow(MAKER_TIME - 5, (const uint8_t[]){3}, 1);
    world.script = tell;
    world_set_own(world.url, true, false);
    bench_until(is_live);
    follow(MAKER_TIME - 4, (const uint8_t[]){3, 5}, 2);
    world_set_own(world.url, true, false);
    bench_until(came_twice);
    world_hex(hex, 5);
    assert_non_null(strstr(req("live2"), hex));
    assert_int_equal(since_in(req("live2")), MAKER_TIME - 3 * DAY);
}

static bool none_is_followed(void) {
    return world_count("[\"CLOSE\",\"live2\"]") == 1;
}

static void who_is_followed_no_more_is_let_go(void **state) {
    (void)state;
    follow(MAKER_TIME - 5, (const uint8_t[]){3}, 1);
    world.script = tell;
    world_set_own(world.url, true, false);
    bench_until(is_live);
    follow(MAKER_TIME - 4, NULL, 0);
    world_set_own(world.url, true, false);
    bench_until(none_is_followed);
}

static bool said_again(void) {
    return world_count("[\"REQ\",\"live0\"") == 1;
}

static void a_relay_only_for_writing_is_not_subscribed_to(void **state) {
    (void)state;
    follow(MAKER_TIME, (const uint8_t[]){3}, 1);
    world.script = tell;
    world_set_own(world.url, false, true);
    assert_string_equal(world_text("state"), "asleep");
    world_set_own(world.url, true, true);
    bench_until(said_again);
}

static void a_relay_that_is_no_longer_the_owners_is_forgotten(void **state) {
    (void)state;
    follow(MAKER_TIME, (const uint8_t[]){3}, 1);
    world.script = tell;
    world_set_own(world.url, true, true);
    bench_until(is_live);
    json_t *none = json_array();
    ht_peers_set_own(&world.social, none);
    json_decref(none);
    assert_null(world.social.relays->first);
}

static bool knows_owner;

static void want_auth(struct ws_session *session, const char *text) {
    bool is_wraps = strncmp(text, "[\"REQ\",\"live1\"", 14) == 0;
    if (is(text, "AUTH")) {
        char ok[128];
        (void)snprintf(ok, sizeof ok, "[\"OK\",\"%.64s\",true,\"\"]",
                       strstr(text, "\"id\":\"") + 6);
        knows_owner = true;
        ws_say(session, ok);
    } else if (is_wraps && !knows_owner) {
        ws_say(session, "[\"CLOSED\",\"live1\",\"auth-required: yours only\"]");
        ws_say(session, "[\"AUTH\",\"who\"]");
    } else {
        tell(session, text);
    }
}

static bool wraps_were_said_twice(void) {
    return world_count("[\"REQ\",\"live1\"") == 2;
}

static void wraps_are_subscribed_to_after_signing_in(void **state) {
    (void)state;
    knows_owner = false;
    follow(MAKER_TIME, (const uint8_t[]){3}, 1);
    world.script = want_auth;
    world_set_own(world.url, true, false);
    bench_until(wraps_were_said_twice);
    bench_until(is_live);
    assert_int_equal(world.signed_count, 1);
    assert_string_equal(world.what, "signing in to a relay");
}

static void refuse_for_ever(struct ws_session *session, const char *text) {
    char closed[80];
    if (!is(text, "REQ")) return;
    (void)snprintf(closed, sizeof closed, "[\"CLOSED\",\"%.5s\",\"rate-limited: later\"]",
                   text + 8);
    ws_say(session, closed);
}

static bool is_refused(void) {
    return strcmp(world_text("reason"), "rate-limited: later") == 0 &&
           world.social.relays->first->live.said == 0;
}

static void what_a_relay_puts_off_is_asked_again_only_later(void **state) {
    (void)state;
    follow(MAKER_TIME, (const uint8_t[]){3}, 1);
    world.script = refuse_for_ever;
    world_set_own(world.url, true, false);
    bench_until(is_refused);
    assert_int_equal(world_count("[\"REQ\""), 3);
    ht_peers_live_again(world.social.relays->first, false);
    bench_until(is_refused);
    assert_int_equal(world_count("[\"REQ\""), 6);
}

static int begin(void **state) {
    memset(to_say, 0, sizeof to_say);
    is_cut = false;
    return world_start(state);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, world_end)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(what_the_followed_write_comes_by_itself),
        TEST(what_was_not_asked_for_is_not_taken),
        TEST(the_blocked_are_not_taken),
        TEST(a_new_connection_asks_from_a_little_before),
        TEST(without_any_event_all_wraps_are_asked_for),
        TEST(whom_the_owner_follows_anew_is_subscribed_to),
        TEST(who_is_followed_no_more_is_let_go),
        TEST(a_relay_only_for_writing_is_not_subscribed_to),
        TEST(a_relay_that_is_no_longer_the_owners_is_forgotten),
        TEST(wraps_are_subscribed_to_after_signing_in),
        TEST(what_a_relay_puts_off_is_asked_again_only_later),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
