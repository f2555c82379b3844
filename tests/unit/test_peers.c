/* Other relays, with a scripted one on loopback: what is sent, signed in to, asked and taken. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/unit/peers_bench.h"

#define DEAD_URL "ws://127.0.0.1:9"

static bool knows_owner; /* the relay: somebody has signed in on this connection */
static unsigned events_heard, reqs_heard;

/* The id in ["EVENT",{"id":"…  or ["AUTH",{"id":"… */
static void read_id(char out[static 65], const char *text) {
    const char *at = strstr(text, "\"id\":\"");
    assert_non_null(at);
    memcpy(out, at + 6, 64);
    out[64] = '\0';
}

static void read_subscription(char out[static 72], const char *text) {
    const char *at = text + strlen("[\"REQ\",\"");
    size_t n = strcspn(at, "\"");
    assert_true(n < 72);
    memcpy(out, at, n);
    out[n] = '\0';
}

static void say_ok(struct ws_session *session, const char *text, bool is_taken,
                   const char *reason) {
    char id[65], answer[400];
    read_id(id, text);
    (void)snprintf(answer, sizeof answer, "[\"OK\",\"%s\",%s,\"%s\"]", id,
                   is_taken ? "true" : "false", reason);
    ws_say(session, answer);
}

static void say_of(struct ws_session *session, const char *what, const char *text,
                   const char *rest) {
    char id[72], answer[400];
    read_subscription(id, text);
    (void)snprintf(answer, sizeof answer, "[\"%s\",\"%s\"%s]", what, id, rest);
    ws_say(session, answer);
}

static bool is(const char *text, const char *what) {
    return strncmp(text + 2, what, strlen(what)) == 0;
}

static struct ht_peer *first(void) {
    return world.social.relays->first;
}

/* --- sending -----------------------------------------------------------------------------------
 */

static void take_all(struct ws_session *session, const char *text) {
    if (is(text, "EVENT")) say_ok(session, text, true, "");
    if (is(text, "REQ")) say_of(session, "EOSE", text, "");
}

static void an_event_is_ok_when_the_relay_says_so(void **state) {
    (void)state;
    world.script = take_all;
    world_set_own(world.url, false, true);
    struct bench_event event = bench_note(OWNER, MAKER_TIME, "hello");
    assert_string_equal(world_send(&event), "ok");
    assert_int_equal(world_number("taken"), 1);
    assert_int_equal(world_number("queued"), 0);
}

static void refuse_all(struct ws_session *session, const char *text) {
    if (is(text, "EVENT")) say_ok(session, text, false, "blocked: not here");
}

static void a_refusal_is_told_with_its_reason(void **state) {
    (void)state;
    world.script = refuse_all;
    world_set_own(world.url, false, true);
    struct bench_event event = bench_note(OWNER, MAKER_TIME, "hello");
    assert_string_equal(world_send(&event), "refused");
    assert_string_equal(world_text("reason"), "blocked: not here");
    assert_int_equal(world_number("refused"), 1);
    assert_int_equal(world_number("queued"), 0);
}

static void answer_about_others(struct ws_session *session, const char *text) {
    if (!is(text, "EVENT")) return;
    ws_say(session, "[\"OK\",\"" HEX64 "\",true,\"\"]");
    ws_say(session, "[\"OK\",7,true]");
    ws_say(session, "[\"OK\"]");
    ws_say(session, "{}");
    ws_say(session, "[[[[[[");
}

static void answers_about_other_events_are_nobodys(void **state) {
    (void)state;
    world.script = answer_about_others;
    world_set_own(world.url, false, true);
    struct bench_event event = bench_note(OWNER, MAKER_TIME, "hello");
    assert_string_equal(world_send(&event), "sent");
    assert_int_equal(world_number("taken"), 0);
    assert_int_equal(world_number("queued"), 1);
}

static void hang_up_once(struct ws_session *session, const char *text) {
    if (is(text, "EVENT") && ++events_heard == 1) {
        ws_hang_up(session);
    } else {
        take_all(session, text);
    }
}

static bool one_was_taken(void) {
    return world_number("taken") == 1;
}

static void what_was_not_answered_is_said_again_on_the_next_connection(void **state) {
    (void)state;
    world.script = hang_up_once;
    world_set_own(world.url, true, true);
    struct bench_event event = bench_note(OWNER, MAKER_TIME, "hello");
    assert_string_equal(world_send(&event), "no_answer");
    assert_int_equal(world_number("queued"), 1);
    bench_until(one_was_taken);
    assert_int_equal(world_count("[\"EVENT\""), 2);
    assert_int_equal(world_number("queued"), 0);
}

static void put_off_once(struct ws_session *session, const char *text) {
    bool is_first = is(text, "EVENT") && ++events_heard == 1;
    if (is_first) say_ok(session, text, false, "rate-limited: slower");
    if (!is_first) take_all(session, text);
}

static void what_is_put_off_is_said_again_later(void **state) {
    (void)state;
    world.script = put_off_once;
    world_set_own(world.url, false, true);
    struct bench_event event = bench_note(OWNER, MAKER_TIME, "hello");
    assert_string_equal(world_send(&event), "sent");
    ht_peers_send_flush(first());
    assert_int_equal(world_number("sent"), 1);
    bench.mono_ms += 61000;
    ht_peers_send_flush(first());
    bench_until(one_was_taken);
}

static void a_queue_is_bounded_and_the_oldest_gives_way(void **state) {
    (void)state;
    (void)snprintf(world.url, sizeof world.url, "%s", DEAD_URL);
    world_set_own(world.url, false, true);
    for (unsigned i = 0; i < HT_PEERS_QUEUE_MAX + 3; i++) {
        struct bench_event event = bench_note(OWNER, MAKER_TIME + i, "hello");
        ht_peers_send(&world.social, ht_bytes_str(event.json), NULL, world_sent, NULL);
    }
    assert_int_equal(world_number("queued"), HT_PEERS_QUEUE_MAX);
    assert_int_equal(world_number("dropped"), 3);
    bench_until(world_is_told);
    assert_string_equal(json_string_value(json_object_get(json_array_get(world.sent, 0), "state")),
                        "no_answer");
}

static void relays_that_others_named_lead_nowhere_private(void **state) {
    (void)state;
    json_t *more = json_pack("[s, s]", world.url, "wss://localhost:1");
    struct bench_event event = bench_note(OWNER, MAKER_TIME, "hello");
    ht_peers_send(&world.social, ht_bytes_str(event.json), more, world_sent, NULL);
    json_decref(more);
    bench_until(world_is_told);
    assert_int_equal(json_array_size(world.sent), 2);
    for (size_t i = 0; i < 2; i++) {
        const json_t *one = json_array_get(world.sent, i);
        assert_string_equal(json_string_value(json_object_get(one, "state")), "refused");
    }
    assert_int_equal(ws_server.connections, 0);
}

static void our_own_door_is_not_told(void **state) {
    (void)state;
    char url[64];
    assert_int_equal(ht_door_new(&world.door, bench.loop, &(struct ht_door_options){0}, NULL),
                     HT_OK);
    bench.host.door = world.door;
    (void)snprintf(url, sizeof url, "ws://localhost:%u/", ht_door_port(world.door));
    world_set_own(url, true, true);
    struct bench_event event = bench_note(OWNER, MAKER_TIME, "hello");
    assert_null(world_send(&event));
    assert_int_equal(json_array_size(world.sent), 0);
    assert_null(first());
}

/* --- signing in --------------------------------------------------------------------------------
 */

static void want_auth(struct ws_session *session, const char *text) {
    if (is(text, "AUTH")) {
        assert_non_null(strstr(text, "[\"challenge\",\"a challenge\"]"));
        assert_non_null(strstr(text, world.url));
        assert_non_null(strstr(text, "\"kind\":22242"));
        knows_owner = true;
        say_ok(session, text, true, "");
    } else if (knows_owner) {
        take_all(session, text);
    } else {
        if (is(text, "EVENT")) say_ok(session, text, false, "auth-required: who are you?");
        if (is(text, "REQ")) say_of(session, "CLOSED", text, ",\"auth-required: who are you?\"");
        ws_say(session, "[\"AUTH\",\"a challenge\"]");
    }
}

static void an_event_is_said_again_after_signing_in(void **state) {
    (void)state;
    world.script = want_auth;
    world_set_own(world.url, false, true);
    struct bench_event event = bench_note(OWNER, MAKER_TIME, "hello");
    assert_string_equal(world_send(&event), "ok");
    assert_int_equal(world.signed_count, 1);
    assert_int_equal(world_count("[\"EVENT\""), 2);
}

static void ask(void) {
    json_t *filter = json_pack("{s:[i]}", "kinds", 1);
    world.told = 0;
    ht_peers_ask(&world.social, filter, NULL, world_source, NULL);
    json_decref(filter);
}

static const char *asked_state(void) {
    bench_until(world_is_told);
    const json_t *relay = json_array_get(json_object_get(world.source, "relays"), 0);
    return json_string_value(json_object_get(relay, "state"));
}

static void a_question_is_asked_again_after_signing_in(void **state) {
    (void)state;
    world.script = want_auth;
    world_set_own(world.url, true, false);
    ask();
    assert_string_equal(asked_state(), "none");
    assert_int_equal(world.signed_count, 1);
}

static void never_let_in(struct ws_session *session, const char *text) {
    if (is(text, "AUTH")) say_ok(session, text, false, "restricted: not you");
    if (is(text, "REQ")) say_of(session, "CLOSED", text, ",\"auth-required: \"");
    if (is(text, "EVENT")) say_ok(session, text, false, "auth-required: ");
    if (!is(text, "AUTH")) ws_say(session, "[\"AUTH\",\"a challenge\"]");
}

static void who_is_not_let_in_hears_of_it(void **state) {
    (void)state;
    world.script = never_let_in;
    world_set_own(world.url, true, true);
    ask();
    assert_string_equal(asked_state(), "auth");
    assert_string_equal(world_text("state"), "auth");
    struct bench_event event = bench_note(OWNER, MAKER_TIME, "hello");
    assert_string_equal(world_send(&event), "refused");
}

static bool is_locked_out(void) {
    return strcmp(world_text("state"), "auth") == 0;
}

static void what_waits_for_the_vault_is_said_when_it_opens(void **state) {
    (void)state;
    world.script = want_auth;
    world.is_open = false;
    world_set_own(world.url, false, true);
    struct bench_event event = bench_note(OWNER, MAKER_TIME, "hello");
    assert_string_equal(world_send(&event), "sent");
    assert_true(is_locked_out());
    assert_int_equal(world.signed_count, 0);
    world.is_open = true;
    world_set_own(world.url, false, true);
    bench_until(one_was_taken);
    assert_int_equal(world.signed_count, 1);
}

static void relays_that_others_named_are_not_told_who_we_are(void **state) {
    (void)state;
    world.script = want_auth;
    world_set_own(world.url, false, true);
    /* As if others had named it: loopback is not dialled for them. */
    first()->is_own = false;
    struct bench_event event = bench_note(OWNER, MAKER_TIME, "hello");
    assert_string_equal(world_send(&event), "refused");
    assert_string_equal(world_text("reason"), "auth-required: who are you?");
    assert_int_equal(world.signed_count, 0);
    assert_int_equal(world_count("[\"AUTH\""), 0);
    first()->is_own = true;
}

static void challenge_for_ever(struct ws_session *session, const char *text) {
    char challenge[64];
    static unsigned number;
    if (!is(text, "AUTH") && !is(text, "EVENT")) return;
    (void)snprintf(challenge, sizeof challenge, "[\"AUTH\",\"%u\"]", ++number);
    ws_say(session, challenge);
}

static void of_endless_challenges_few_are_signed(void **state) {
    (void)state;
    world.script = challenge_for_ever;
    world_set_own(world.url, false, true);
    struct bench_event event = bench_note(OWNER, MAKER_TIME, "hello");
    assert_string_equal(world_send(&event), "sent");
    assert_int_equal(world.signed_count, HT_PEER_AUTHS_MAX);
}

static void challenge_at_length(struct ws_session *session, const char *text) {
    char challenge[700];
    if (!is(text, "EVENT")) return;
    memset(challenge, 'x', sizeof challenge);
    memcpy(challenge, "[\"AUTH\",\"", 9);
    memcpy(challenge + sizeof challenge - 3, "\"]", 3);
    ws_say(session, challenge);
    ws_say(session, "[\"AUTH\",\"\"]");
    say_ok(session, text, true, "");
}

static void a_challenge_too_long_is_not_signed(void **state) {
    (void)state;
    world.script = challenge_at_length;
    world_set_own(world.url, false, true);
    struct bench_event event = bench_note(OWNER, MAKER_TIME, "hello");
    assert_string_equal(world_send(&event), "ok");
    assert_int_equal(world.signed_count, 0);
}

/* --- floods ------------------------------------------------------------------------------------
 */

static void a_relay_that_floods_is_let_go(void **state) {
    (void)state;
    world.script = take_all;
    world_set_own(world.url, true, true);
    struct bench_event event = bench_note(OWNER, MAKER_TIME, "hello");
    assert_string_equal(world_send(&event), "ok");
    first()->frames = HT_PEER_FRAMES_A_MINUTE;
    struct bench_event other = bench_note(OWNER, MAKER_TIME, "again");
    assert_string_equal(world_send(&other), "no_answer");
    assert_string_equal(world_text("state"), "flooding");
    assert_int_equal(world_number("queued"), 1);
    ask();
    assert_string_equal(asked_state(), "refused");
}

static void no_more_is_taken_than_our_relay_can_hold(void **state) {
    (void)state;
    world.script = take_all;
    world_set_own(world.url, false, true);
    struct bench_event event = bench_note(3, MAKER_TIME, "one too many");
    struct ht_filter any = {.since = INT64_MIN, .until = INT64_MAX};
    world.social.relays->taking_count = HT_PEERS_TAKING_MAX;
    assert_false(ht_peers_take(first(), ht_bytes_str(event.json), &any, 1));
    assert_true(world.social.relays->has_missed);
    world.social.relays->taking_count = 0;
    assert_int_equal(world_number("events"), 0);
}

static int begin(void **state) {
    knows_owner = false;
    events_heard = reqs_heard = 0;
    return world_start(state);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, world_end)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(an_event_is_ok_when_the_relay_says_so),
        TEST(a_refusal_is_told_with_its_reason),
        TEST(answers_about_other_events_are_nobodys),
        TEST(what_was_not_answered_is_said_again_on_the_next_connection),
        TEST(what_is_put_off_is_said_again_later),
        TEST(a_queue_is_bounded_and_the_oldest_gives_way),
        TEST(relays_that_others_named_lead_nowhere_private),
        TEST(our_own_door_is_not_told),
        TEST(an_event_is_said_again_after_signing_in),
        TEST(a_question_is_asked_again_after_signing_in),
        TEST(who_is_not_let_in_hears_of_it),
        TEST(what_waits_for_the_vault_is_said_when_it_opens),
        TEST(relays_that_others_named_are_not_told_who_we_are),
        TEST(of_endless_challenges_few_are_signed),
        TEST(a_challenge_too_long_is_not_signed),
        TEST(a_relay_that_floods_is_let_go),
        TEST(no_more_is_taken_than_our_relay_can_hold),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
