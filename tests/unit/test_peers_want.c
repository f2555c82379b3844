/* What is wanted and asked of strangers, with a scripted relay on loopback. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#define WS_OUT_MAX 256

#include "social/feed/feed_ask.h"
#include "social/kinds.h"
#include "social/links/peers_tap.h"
#include "social/links/peers_want.h"
#include "tests/unit/peers_bench.h"

#define E1 "1111111111111111111111111111111111111111111111111111111111111111"
#define E2 "2222222222222222222222222222222222222222222222222222222222222222"
#define BALLOTS "[{\"kinds\":[1018],\"#e\":[\"" E1 "\"]}]"

static struct {
    unsigned number, done;
    enum ht_err err;
    char code[32];
    struct ht_feed_source source;
    struct bench_event ballot;
    size_t ballots; /* that the relay has, by their times */
    bool is_shut;
} seen;

static struct bench_event ballot_of(uint8_t who, int64_t at, const char *poll) {
    ht_bytes items[3];
    struct ht_event_tag tag = world_tag(items, "e", poll, NULL);
    return bench_event_of(who, HT_KIND_VOTE, at, &tag, 1, "");
}

static enum ht_err want(const char *filters) {
    struct ht_why why = {.code = ""};
    json_t *value = json_loads(filters, 0, NULL);
    assert_non_null(value);
    enum ht_err err = ht_peers_want(&world.social, &seen.number, value, &why);
    (void)snprintf(seen.code, sizeof seen.code, "%s", why.code);
    json_decref(value);
    return err;
}

static const char *newest(const char *start) {
    for (size_t i = world.heard_count; i > 0; i--) {
        if (strncmp(world.heard[i - 1], start, strlen(start)) == 0) return world.heard[i - 1];
    }
    return "";
}

/* --- wants ------------------------------------------------------------------------------------ */

static void tell_one(struct ws_session *session, const char *text) {
    char said[2200];
    if (strncmp(text, "[\"REQ\",\"want0\"", 14) != 0) return;
    (void)snprintf(said, sizeof said, "[\"EVENT\",\"want0\",%s]", seen.ballot.json);
    ws_say(session, said);
    ws_say(session, "[\"EOSE\",\"want0\"]");
}

static bool one_is_new(void) {
    return ht_peers_new_count(&world.social) == 1;
}

static bool is_said(void) {
    return world_count("[\"REQ\",\"want0\"") > 0;
}

static bool is_open(void) {
    return strcmp(world_text("state"), "open") == 0;
}

static void what_is_wanted_comes_from_people_who_are_not_followed(void **state) {
    (void)state;
    seen.ballot = ballot_of(9, MAKER_TIME, E1);
    world.script = tell_one;
    assert_int_equal(want(BALLOTS), HT_OK);
    assert_int_equal(seen.number, 1);
    world_set_own(world.url, true, false);
    bench_until(one_is_new);
    assert_non_null(strstr(newest("[\"REQ\",\"want0\""), "\"limit\":500"));
}

static bool was_unasked(void) {
    return world.social.relays->first->unasked_count == 1;
}

static void what_answers_another_poll_is_not_taken(void **state) {
    (void)state;
    seen.ballot = ballot_of(9, MAKER_TIME, E2);
    world.script = tell_one;
    assert_int_equal(want(BALLOTS), HT_OK);
    world_set_own(world.url, true, false);
    bench_until(was_unasked);
    assert_int_equal(ht_peers_new_count(&world.social), 0);
}

static bool is_other(void) {
    return strstr(newest("[\"REQ\",\"want0\""), E2) != NULL;
}

static bool is_closed(void) {
    return world_count("[\"CLOSE\",\"want0\"]") == 1;
}

static void another_wish_takes_the_place_of_the_first_until_it_ends(void **state) {
    (void)state;
    world_set_own(world.url, true, false);
    bench_until(is_open);
    assert_int_equal(want(BALLOTS), HT_OK);
    bench_until(is_said);
    assert_int_equal(want("[{\"kinds\":[1018],\"#e\":[\"" E2 "\"]}]"), HT_OK);
    assert_int_equal(seen.number, 1);
    bench_until(is_other);
    assert_int_equal(want("[]"), HT_OK);
    assert_int_equal(seen.number, 0);
    bench_until(is_closed);
}

static bool is_connected(void) {
    return world.heard_count > 0;
}

static void asked(void *user, enum ht_err err, const struct ht_why *why,
                  const struct ht_feed_source *source) {
    assert_ptr_equal(user, &seen);
    seen.done++;
    seen.err = err;
    (void)snprintf(seen.code, sizeof seen.code, "%s", err != HT_OK ? why->code : "");
    if (source != NULL) seen.source = *source;
}

static bool is_answered(void) {
    return seen.done > 0;
}

static void ask(const char *filters, const char *more) {
    json_t *value = json_loads(filters, 0, NULL);
    json_t *urls = more != NULL ? json_pack("[s]", more) : NULL;
    seen.done = 0;
    ht_feed_ask(&world.social, value, urls, asked, &seen);
    json_decref(value);
    json_decref(urls);
    bench_until(is_answered);
}

static void a_relay_that_is_not_the_owners_for_reading_is_told_nothing(void **state) {
    (void)state;
    world_set_own(world.url, false, true);
    assert_int_equal(want(BALLOTS), HT_OK);
    struct bench_event note = bench_note(OWNER, MAKER_TIME, "wakes it");
    (void)world_send(&note);
    bench_until(is_connected);
    ask(BALLOTS, NULL);
    assert_int_equal(seen.source.asked, 0);
    assert_int_equal(world_count("[\"REQ\""), 0);
}

/* --- nodes ------------------------------------------------------------------------------------ */

static bool is_tapped;

static void tap_opened(void *user, struct ht_link *link) {
    (void)user, (void)link;
    is_tapped = true;
}

static bool tap_received(void *user, ht_bytes text) {
    (void)user, (void)text;
    return false;
}

static void tap_closed(void *user, enum ht_err err, const struct ht_why *why) {
    (void)user, (void)err, (void)why;
}

static void tap_gone(void *user) {
    (void)user;
}

static bool has_opened(void) {
    return is_tapped;
}

static bool has_looked(void) {
    return world.social.relays->live != NULL && !world.social.relays->is_looking;
}

static void a_node_is_told_nothing_before_it_has_proven_who_it_is(void **state) {
    static const struct ht_peers_tap TAP = {tap_opened, tap_received, tap_closed, tap_gone};
    const struct ht_peers_joining joining = {.url = world.url, .is_named = true, .tap = &TAP};
    struct ht_peer *peer = NULL;
    (void)state;
    is_tapped = false;
    assert_int_equal(ht_peers_join(&peer, &world.social, &joining, NULL), HT_OK);
    bench_until(has_opened);
    assert_int_equal(want(BALLOTS), HT_OK);
    ht_peers_live_look(world.social.relays);
    bench_until(has_looked);
    ask(BALLOTS, NULL);
    assert_int_equal(seen.source.asked, 0);
    assert_int_equal(world.heard_count, 0);
    ht_peers_prove(peer);
    bench_until(is_said);
    assert_int_equal(world_count("[\"REQ\",\"live1\""), 1);
    assert_int_equal(world_count("[\"REQ\",\"live0\""), 0);
}

/* --- bounds ----------------------------------------------------------------------------------- */

static bool was_put_off(void) {
    return world.social.relays->first->wants.again == 1;
}

static bool was_said_twice(void) {
    return world_count("[\"REQ\",\"want0\"") == 2;
}

static void limit_once(struct ws_session *session, const char *text) {
    if (strncmp(text, "[\"REQ\",\"want0\"", 14) != 0 || seen.is_shut) return;
    seen.is_shut = true;
    ws_say(session, "[\"CLOSED\",\"want0\",\"rate-limited: later\"]");
}

static void what_was_put_off_is_said_again(void **state) {
    (void)state;
    world.script = limit_once;
    world_set_own(world.url, true, false);
    bench_until(is_open);
    assert_int_equal(want(BALLOTS), HT_OK);
    bench_until(was_put_off);
    ht_peers_want_again(world.social.relays->first, false);
    bench_until(was_said_twice);
}

static bool was_dropped(void) {
    return world.social.relays->first->wants.again == 1;
}

static void more_than_a_relay_may_tell_in_a_minute_is_dropped_and_asked_for_later(void **state) {
    (void)state;
    seen.ballot = ballot_of(9, MAKER_TIME, E1);
    world.script = tell_one;
    world_set_own(world.url, true, false);
    bench_until(is_open);
    world.social.relays->first->wants.minute_ms = ht_peers_mono_ms(world.social.relays);
    world.social.relays->first->wants.events = HT_WANT_A_MINUTE;
    assert_int_equal(want(BALLOTS), HT_OK);
    bench_until(was_dropped);
    assert_int_equal(ht_peers_new_count(&world.social), 0);
    world.social.relays->first->wants.minute_ms -= 60000;
    ht_peers_want_again(world.social.relays->first, false);
    bench_until(one_is_new);
}

static void a_question_to_others_has_bounds(void **state) {
    static const struct {
        const char *filters, *code;
    } CASES[] = {
        {"[{\"kinds\":[1018]}]", "filter_too_wide"},
        {"[{\"#e\":[\"" E1 "\"]}]", "filter_too_wide"},
        {"[{\"kinds\":[1,2,3,4,5,6,7,8,9],\"#e\":[\"" E1 "\"]}]", "filter_too_wide"},
        {"[{\"kinds\":[1018],\"#e\":[\"" E1 "\"],\"limit\":5}]", "filter_too_wide"},
        {"[{\"kinds\":[1018],\"#e\":[\"" E1 "\"],\"since\":5}]", "filter_too_wide"},
        {"[{\"kinds\":[1018],\"#e\":[\"" E1 "\"],\"search\":\"x\"}]", "filter_too_wide"},
        {"[{\"kinds\":[1018],\"#e\":[\"" E1 "\"]},1]", "filter_malformed"},
        {"[{\"kinds\":[1],\"#e\":[]},{\"kinds\":[1],\"#e\":[]},{\"kinds\":[1],\"#e\":[]},"
         "{\"kinds\":[1],\"#e\":[]},{\"kinds\":[1],\"#e\":[]}]",
         "filter_too_wide"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        assert_int_equal(want(CASES[i].filters), HT_EINPUT);
        assert_string_equal(seen.code, CASES[i].code);
        ask(CASES[i].filters, NULL);
        assert_int_equal(seen.err, HT_EINPUT);
        assert_string_equal(seen.code, CASES[i].code);
    }
    assert_int_equal(seen.number, 0);
}

static void more_wishes_than_there_is_room_for_are_refused(void **state) {
    unsigned numbers[HT_FEED_WANTS_MAX] = {0};
    json_t *filters = json_loads(BALLOTS, 0, NULL);
    (void)state;
    for (size_t i = 0; i < HT_FEED_WANTS_MAX; i++)
        assert_int_equal(ht_peers_want(&world.social, &numbers[i], filters, NULL), HT_OK);
    assert_int_equal(want(BALLOTS), HT_ELIMIT);
    assert_string_equal(seen.code, "too_many_wants");
    assert_int_equal(ht_peers_want(&world.social, &numbers[3], NULL, NULL), HT_OK);
    assert_int_equal(want(BALLOTS), HT_OK);
    assert_int_equal(seen.number, 4);
    json_decref(filters);
}

/* --- questions -------------------------------------------------------------------------------- */

/* Gives ballots from `until` on back, at most 120, as a relay with a small limit does. */
static void tell_pages(struct ws_session *session, const char *text) {
    char id[16] = "", said[2300];
    const char *until = strstr(text, "\"until\":");
    int64_t from = until != NULL ? strtoll(until + 8, NULL, 10) : MAKER_TIME;
    if (sscanf(text, "[\"REQ\",\"%15[q0-9]", id) != 1) return;
    int64_t oldest = MAKER_TIME - (int64_t)seen.ballots + 1;
    for (int64_t at = from; at >= oldest && at > from - 120; at--) {
        struct bench_event one = ballot_of(9, at, E1);
        (void)snprintf(said, sizeof said, "[\"EVENT\",\"%s\",%s]", id, one.json);
        ws_say(session, said);
    }
    (void)snprintf(said, sizeof said, "[\"EOSE\",\"%s\"]", id);
    ws_say(session, said);
}

static void more_than_one_page_is_asked_for_to_its_end(void **state) {
    (void)state;
    seen.ballots = 300;
    world.script = tell_pages;
    world_set_own(world.url, true, false);
    bench_until(is_open);
    ask(BALLOTS, NULL);
    assert_int_equal(seen.err, HT_OK);
    assert_int_equal(seen.source.asked, 1);
    assert_int_equal(seen.source.answered, 1);
    assert_false(seen.source.is_cut);
    assert_int_equal(ht_peers_new_count(&world.social), 300);
    assert_int_equal(world_count("[\"REQ\",\"q"), 3);
}

static void who_gives_few_has_given_all(void **state) {
    (void)state;
    seen.ballots = 3;
    world.script = tell_pages;
    world_set_own(world.url, true, false);
    bench_until(is_open);
    ask(BALLOTS, NULL);
    assert_int_equal(seen.source.given, 3);
    assert_int_equal(world_count("[\"REQ\",\"q"), 1);
}

static void relays_that_others_named_are_public_ones_only(void **state) {
    (void)state;
    ask(BALLOTS, world.url);
    assert_int_equal(seen.err, HT_OK);
    assert_int_equal(seen.source.asked, 1);
    assert_int_equal(seen.source.answered, 0);
    assert_int_equal(world.heard_count, 0);
}

static void too_many_questions_at_once_are_refused(void **state) {
    (void)state;
    world.social.feed_asks = HT_FEED_ASKS_MAX;
    ask(BALLOTS, NULL);
    assert_int_equal(seen.err, HT_EAGAIN);
    assert_string_equal(seen.code, "busy");
    world.social.feed_asks = 0;
}

static void a_node_that_stops_asks_nobody(void **state) {
    (void)state;
    world.social.is_stopped = true;
    ask(BALLOTS, NULL);
    assert_string_equal(seen.code, "stopping");
    ht_peers_stop(&world.social);
    assert_int_equal(want(BALLOTS), HT_EAGAIN);
    assert_string_equal(seen.code, "stopping");
}

static void only_relays_that_anybody_may_know_are_named_for_answers(void **state) {
    (void)state;
    json_t *own =
        json_pack("[{s:s, s:b, s:b}, {s:s, s:b, s:b}, {s:s, s:b, s:b}, {s:s, s:b, s:b}]", "url",
                  "wss://relay.example", "read", 1, "write", 1, "url", "ws://192.168.1.4:8421",
                  "read", 1, "write", 1, "url", "wss://reading.example", "read", 1, "write", 0,
                  "url", "ws://abcdefghijklmnop.onion", "read", 0, "write", 1);
    json_decref(world.social.relays->own);
    world.social.relays->own = own;
    json_t *named = ht_feed_relays(&world.social);
    assert_int_equal(json_array_size(named), 2);
    assert_non_null(strstr(json_string_value(json_array_get(named, 0)), "wss://relay.example"));
    assert_non_null(strstr(json_string_value(json_array_get(named, 1)), ".onion"));
    json_decref(named);
}

static int begin(void **state) {
    memset(&seen, 0, sizeof seen);
    return world_start(state);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, world_end)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(what_is_wanted_comes_from_people_who_are_not_followed),
        TEST(what_answers_another_poll_is_not_taken),
        TEST(another_wish_takes_the_place_of_the_first_until_it_ends),
        TEST(a_relay_that_is_not_the_owners_for_reading_is_told_nothing),
        TEST(a_node_is_told_nothing_before_it_has_proven_who_it_is),
        TEST(what_was_put_off_is_said_again),
        TEST(more_than_a_relay_may_tell_in_a_minute_is_dropped_and_asked_for_later),
        TEST(a_question_to_others_has_bounds),
        TEST(more_wishes_than_there_is_room_for_are_refused),
        TEST(more_than_one_page_is_asked_for_to_its_end),
        TEST(who_gives_few_has_given_all),
        TEST(relays_that_others_named_are_public_ones_only),
        TEST(too_many_questions_at_once_are_refused),
        TEST(a_node_that_stops_asks_nobody),
        TEST(only_relays_that_anybody_may_know_are_named_for_answers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
