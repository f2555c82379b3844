/* Catch-up with the owner's relays, with a scripted one on loopback that has no NIP-77. How two
 * sides compare is tested with the core (test_catchup.c). */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "social/links/peers_catchup.h"
#include "tests/unit/peers_bench.h"

#define FRIEND 3U

static const char *refusal; /* of NEG-OPEN */
static bool wants_auth;     /* until somebody has signed in */
static struct bench_event has[4];
static size_t has_count;

static bool is(const char *text, const char *what) {
    return strncmp(text + 2, what, strlen(what)) == 0;
}

/* The events that a REQ of catch-up asks for by their authors, all of them, as often as asked. */
static void say_events(struct ws_session *session, const char *text, const char *name, int name_n) {
    for (size_t i = 0; i < has_count; i++) {
        char hex[65], out[2300];
        ht_task_hex(hex, &has[i].event.pubkey);
        if (strstr(text, hex) == NULL) continue;
        (void)snprintf(out, sizeof out, "[\"EVENT\",\"%.*s\",%s]", name_n, name, has[i].json);
        ws_say(session, out);
    }
}

static void answer_req(struct ws_session *session, const char *text) {
    char out[128];
    const char *name = text + strlen("[\"REQ\",\"");
    int n = (int)strcspn(name, "\"");
    if (strncmp(name, "catchup", 7) == 0) say_events(session, text, name, n);
    (void)snprintf(out, sizeof out, "[\"EOSE\",\"%.*s\"]", n, name);
    ws_say(session, out);
}

static void say_ok(struct ws_session *session, const char *text) {
    char out[128];
    const char *id = strstr(text, "\"id\":\"");
    assert_non_null(id);
    (void)snprintf(out, sizeof out, "[\"OK\",\"%.64s\",true,\"\"]", id + 6);
    ws_say(session, out);
}

static void answer(struct ws_session *session, const char *text) {
    if (is(text, "AUTH")) {
        wants_auth = false;
        say_ok(session, text);
    } else if (is(text, "NEG-OPEN") && wants_auth) {
        ws_say(session, "[\"AUTH\",\"a challenge\"]");
        ws_say(session, "[\"NEG-ERR\",\"catchup\",\"auth-required: sign in\"]");
    } else if (is(text, "NEG-OPEN")) {
        ws_say(session, refusal);
    } else if (is(text, "EVENT")) {
        say_ok(session, text);
    } else if (is(text, "REQ")) {
        answer_req(session, text);
    }
}

/* Of "catchup" in social.relays: a new reference. */
static json_t *catchup(void) {
    json_t *relay = world_relay();
    json_t *found = json_incref(json_object_get(relay, "catchup"));
    json_decref(relay);
    return found;
}

static json_int_t number(const char *name) {
    json_t *found = catchup();
    json_int_t value = json_integer_value(json_object_get(found, name));
    json_decref(found);
    return value;
}

static bool has_state(const char *state) {
    json_t *found = catchup();
    const char *text = json_string_value(json_object_get(found, "state"));
    bool is_it = text != NULL && strcmp(text, state) == 0;
    json_decref(found);
    bench.mono_ms += 5; /* offers are paced */
    return is_it;
}

static bool is_done(void) {
    return has_state("done");
}

static uint64_t wanted_new;
static bool has_new(void) {
    return ht_peers_new_count(&world.social) >= wanted_new;
}

/* Our relay stores them later. */
static void expect_new(uint64_t count) {
    wanted_new = count;
    bench_until(has_new);
    assert_int_equal(ht_peers_new_count(&world.social), count);
}

static void follow(void) {
    char hex[65];
    ht_bytes items[3];
    world_hex(hex, FRIEND);
    struct ht_event_tag tag = world_tag(items, "p", hex, NULL);
    struct bench_event list = bench_event_of(OWNER, 3, MAKER_TIME - 50, &tag, 1, "");
    world_store(&list);
}

static void begin_with(bool is_read, bool is_write) {
    world.script = answer;
    world_set_own(world.url, is_read, is_write);
}

static void what_a_relay_without_neg_has_is_fetched(void **state) {
    (void)state;
    follow();
    has[has_count++] = bench_note(FRIEND, MAKER_TIME - 100, "one");
    has[has_count++] = bench_note(FRIEND, MAKER_TIME - 200, "two");
    begin_with(true, false);
    bench_until(is_done);
    assert_int_equal(number("taken"), 2);
    json_t *found = catchup();
    assert_false(json_is_true(json_object_get(found, "has_neg")));
    json_decref(found);
    expect_new(2);
    /* Compared first, of the owner and of the followed. */
    assert_int_equal(world_count("[\"NEG-OPEN\""), 2);
}

static void what_it_gives_of_others_is_not_taken(void **state) {
    (void)state;
    follow();
    char hex[65];
    struct bench_event forged = bench_note(4, MAKER_TIME - 100, "buy");
    world_hex(hex, FRIEND);
    has[0] = forged;
    has[0].event.pubkey = maker_pubkey(FRIEND); /* said when the friend is asked for */
    has[1] = bench_note(FRIEND, MAKER_TIME - 200, hex);
    has_count = 2;
    begin_with(true, false);
    bench_until(is_done);
    expect_new(1);
    assert_int_equal(world_number("events"), 1);
}

static bool was_sent(const char *id) {
    for (size_t i = 0; i < world.heard_count; i++) {
        if (is(world.heard[i], "EVENT") && strstr(world.heard[i], id) != NULL) return true;
    }
    return false;
}

static struct bench_event ours;

static bool has_come(void) {
    bench.mono_ms += 5;
    return was_sent(ours.id);
}

static void what_the_owner_wrote_is_sent_where_it_lacks(void **state) {
    ht_bytes items[3];
    (void)state;
    follow();
    ours = bench_note(OWNER, MAKER_TIME - 100, "ours");
    struct ht_event_tag protect = {.items = items, .count = 1};
    items[0] = ht_bytes_str("-");
    struct bench_event kept = bench_event_of(OWNER, 1, MAKER_TIME - 90, &protect, 1, "kept");
    struct bench_event theirs = bench_note(FRIEND, MAKER_TIME - 80, "theirs");
    world_store(&ours);
    world_store(&kept);
    world_store(&theirs);
    begin_with(true, true);
    bench_until(has_come);
    bench_until(is_done);
    assert_false(was_sent(kept.id));
    assert_false(was_sent(theirs.id));
}

static void a_relay_for_reading_is_sent_nothing(void **state) {
    (void)state;
    follow();
    ours = bench_note(OWNER, MAKER_TIME - 100, "ours");
    world_store(&ours);
    begin_with(true, false);
    bench_until(is_done);
    assert_int_equal(number("offered"), 0);
    assert_int_equal(world_count("[\"EVENT\""), 0);
}

static void a_relay_for_writing_is_not_compared_with(void **state) {
    (void)state;
    follow();
    ours = bench_note(OWNER, MAKER_TIME - 100, "ours");
    begin_with(false, true);
    assert_string_equal(world_send(&ours), "ok");
    json_t *found = catchup();
    assert_true(json_is_null(found));
    json_decref(found);
}

static void after_signing_in_it_begins_again(void **state) {
    (void)state;
    follow();
    has[has_count++] = bench_note(FRIEND, MAKER_TIME - 100, "one");
    wants_auth = true;
    begin_with(true, false);
    bench_until(is_done);
    assert_int_equal(world.signed_count, 1);
    assert_int_equal(number("taken"), 1);
}

static bool is_again(void) {
    (void)has_state("");
    return world_count("[\"NEG-OPEN\"") >= 3 && has_state("done");
}

static void whom_the_owner_follows_anew_is_caught_up_with(void **state) {
    (void)state;
    has[has_count++] = bench_note(FRIEND, MAKER_TIME - 100, "one");
    begin_with(true, false);
    bench_until(is_done);
    assert_int_equal(number("taken"), 0);
    follow();
    ht_peers_live_look(world.social.relays);
    bench_until(is_again);
    assert_int_equal(number("taken"), 1);
}

static bool is_comparing(void) {
    return world_count("[\"NEG-OPEN\"") == 1 && has_state("comparing");
}

static bool is_gone(void) {
    json_t *all = NULL;
    assert_int_equal(ht_peers_json(&world.social, &all, NULL), HT_OK);
    bool is_none = json_array_size(json_object_get(all, "relays")) == 0;
    json_decref(all);
    return is_none;
}

static void a_relay_that_goes_ends_it(void **state) {
    (void)state;
    follow();
    refusal = "[\"EOSE\",\"nothing\"]"; /* it is waited for */
    begin_with(true, false);
    bench_until(is_comparing);
    json_t *none = json_array();
    ht_peers_set_own(&world.social, none);
    json_decref(none);
    bench_until(is_gone);
}

static int begin(void **state) {
    refusal = "[\"NOTICE\",\"unknown message\"]";
    wants_auth = false;
    has_count = 0;
    return world_start(state);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, world_end)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(what_a_relay_without_neg_has_is_fetched),
        TEST(what_it_gives_of_others_is_not_taken),
        TEST(what_the_owner_wrote_is_sent_where_it_lacks),
        TEST(a_relay_for_reading_is_sent_nothing),
        TEST(a_relay_for_writing_is_not_compared_with),
        TEST(after_signing_in_it_begins_again),
        TEST(whom_the_owner_follows_anew_is_caught_up_with),
        TEST(a_relay_that_goes_ends_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
