/* The relay's protocol: what comes in over scripted connections, and what goes out. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/unit/relay_bench.h"

#define NOW MAKER_TIME

static struct bench_peer alice, bob;

static int start(void **state) {
    int rc = bench_start(state);
    if (rc == 0) {
        bench_open(&alice);
        bench_open(&bob);
    }
    return rc;
}

static int end(void **state) {
    bench_close(&alice);
    bench_close(&bob);
    return bench_end(state);
}

/* --- messages ----------------------------------------------------------------------------------*/

static void relay_answers_each_message_with_a_reply_that_fits(void **state) {
    static const struct {
        const char *said, *reply;
    } cases[] = {
        {"hello", "[\"NOTICE\",\"invalid: "},
        {"", "[\"NOTICE\","},
        {"[]", "[\"NOTICE\","},
        {"[\"WAT\",\"x\"]", "[\"NOTICE\",\"invalid: no such verb"},
        {"[\"REQ\",\"s\"]", "[\"CLOSED\",\"s\",\"invalid: a filter is missing"},
        {"[\"REQ\",\"\",{}]", "[\"CLOSED\",\"\",\"invalid: the id of a subscription is empty"},
        {"[\"REQ\",\"" HEX64 "0\",{}]", "[\"CLOSED\",\"" HEX64 "0\",\"invalid: "},
        {"[\"REQ\",\"" HEX64 "\",{}]", "[\"EOSE\",\"" HEX64 "\",[\"finish\"]]"},
        {"[\"REQ\",\"\xc3\xa9\\\"\\\\n\",{}]", "[\"EOSE\",\"\xc3\xa9\\\"\\\\n\""},
        {"[\"REQ\",5,{}]", "[\"NOTICE\",\"invalid: the id of a subscription is a text"},
        {"[\"REQ\",\"s\",[]]", "[\"CLOSED\",\"s\",\"invalid: "},
        {"[\"REQ\",\"s\",{\"foo\":1}]", "[\"CLOSED\",\"s\",\"invalid: "},
        {"[\"REQ\",\"s\",{\"ids\":[\"xyz\"]}]", "[\"CLOSED\",\"s\",\"invalid: "},
        {"[\"REQ\",\"s\",{\"limit\":-1}]", "[\"CLOSED\",\"s\",\"invalid: "},
        {"[\"REQ\",\"s\",{\"limit\":1000000000}]", "[\"EOSE\",\"s\",[\"finish\"]]"},
        {"[\"REQ\",\"s\",{\"limit\":0}]", "[\"EOSE\",\"s\"]"},
        {"[\"REQ\",\"s\",{\"ids\":[]}]", "[\"EOSE\",\"s\",[\"finish\"]]"},
        {"[\"COUNT\",\"c\",{\"kinds\":[1]}]", "[\"COUNT\",\"c\",{\"count\":0}]"},
        {"[\"NEG-OPEN\",\"n\",{},\"zz\"]", "[\"NEG-ERR\",\"n\",\"invalid: the message is not hex"},
        {"[\"NEG-OPEN\",\"n\",{},\"62\"]", "[\"NEG-MSG\",\"n\",\"61\"]"},
        {"[\"NEG-OPEN\",\"n\",{}]", "[\"NEG-ERR\",\"n\",\"invalid: "},
        {"[\"NEG-MSG\",\"zz\",\"61\"]", "[\"NEG-ERR\",\"zz\",\"closed: "},
        {"[\"AUTH\",{}]", "[\"NOTICE\",\"invalid: "},
        {"[\"AUTH\"]", "[\"NOTICE\",\"invalid: an event is missing"},
        {"[\"EVENT\"]", "[\"NOTICE\",\"invalid: an event is missing"},
        {"[\"EVENT\",{}]", "[\"NOTICE\",\"invalid: "},
        {"[\"EVENT\",{\"id\":\"x\"}]", "[\"OK\",\"x\",false,\"invalid: "},
        {"[\"EVENT\",{\"id\":\"x\"},1]", "[\"OK\",\"x\",false,\"invalid: "},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bench_say(&alice, cases[i].said);
        bench_expect(&alice, cases[i].reply);
    }
    /* And nothing for these. */
    bench_say(&alice, "[\"CLOSE\",\"nope\"]");
    bench_say(&alice, "[\"NEG-CLOSE\",\"nope\"]");
    assert_int_equal(alice.count, alice.read);
}

static void relay_refuses_a_message_that_is_too_long(void **state) {
    (void)state;
    char *text = malloc(HT_RELAY_MESSAGE_MAX + 1);
    assert_non_null(text);
    memset(text, ' ', HT_RELAY_MESSAGE_MAX + 1);
    ht_relay_received(alice.peer, ht_bytes_of(text, HT_RELAY_MESSAGE_MAX + 1));
    free(text);
    bench_expect(&alice, "[\"NOTICE\",\"invalid: the message is too long");
}

/* --- events ------------------------------------------------------------------------------------*/

static void relay_stores_an_event_and_finds_it(void **state) {
    char expected[2200];
    struct bench_event note = bench_note(1, NOW, "hello");
    (void)state;
    bench_publish(&alice, &note, "true,\"\"]");
    bench_say(&bob, "[\"REQ\",\"q\",{\"kinds\":[1]}]");
    (void)snprintf(expected, sizeof expected, "[\"EVENT\",\"q\",%s]", note.json);
    bench_expect(&bob, expected);
    bench_expect(&bob, "[\"EOSE\",\"q\",[\"finish\"]]");
    assert_int_equal(ht_relay_counts(bench.relay).stored, 1);
}

static void relay_answers_what_became_of_an_event(void **state) {
    struct bench_event note = bench_note(1, NOW, "a");
    struct bench_event newer = bench_event_of(1, 0, NOW, NULL, 0, "{}");
    struct bench_event older = bench_event_of(1, 0, NOW - 1, NULL, 0, "{}");
    const ht_bytes e_items[] = {ht_bytes_str("e"), ht_bytes_str(note.id)};
    const struct ht_event_tag e_tag = {.items = e_items, .count = 2};
    struct bench_event deletion = bench_event_of(1, 5, NOW, &e_tag, 1, "");
    struct bench_event ahead = bench_note(1, NOW + 901, "later");
    (void)state;
    bench_publish(&alice, &note, "true,\"\"]");
    bench_publish(&alice, &note, "true,\"duplicate: ");
    bench_publish(&alice, &newer, "true,\"\"]");
    bench_publish(&alice, &older, "false,\"duplicate: ");
    bench_publish(&alice, &deletion, "true,\"\"]");
    bench_publish(&alice, &note, "false,\"blocked: ");
    bench_publish(&alice, &ahead, "false,\"invalid: created_at");
}

static void relay_refuses_a_bad_signature_and_a_bad_id(void **state) {
    struct bench_event note = bench_note(1, NOW, "a");
    struct bench_event other = bench_note(1, NOW, "b");
    (void)state;
    char *at = strstr(note.message, "\"sig\":\"");
    at[7] = at[7] == '0' ? '1' : '0';
    bench_publish(&alice, &note, "false,\"invalid: the signature");
    at = strstr(other.message, "\"content\":\"b");
    at[11] = 'c';
    bench_publish(&alice, &other, "false,\"invalid: the id");
    assert_int_equal(ht_relay_counts(bench.relay).bad_signatures, 2);
    assert_int_equal(ht_relay_counts(bench.relay).stored, 0);
}

static void relay_hangs_up_on_a_flood_of_bad_signatures(void **state) {
    struct bench_event note = bench_note(1, NOW, "a");
    (void)state;
    char *at = strstr(note.message, "\"sig\":\"");
    at[7] = at[7] == '0' ? '1' : '0';
    for (int i = 0; i < 100; i++) bench_say(&alice, note.message);
    bench_wait.peer = &alice;
    bench_wait.count = 1000;
    bench_until(bench_has_come);
    assert_string_equal(alice.reason, "too many bad signatures");
    /* The address is not let in again for a while. */
    assert_null(ht_relay_opened(bench.relay, &alice, "127.0.0.1"));
    bench.mono_ms += 61000;
    alice.peer = ht_relay_opened(bench.relay, &alice, "127.0.0.1");
    assert_non_null(alice.peer);
}

static void relay_answers_the_events_of_a_connection_in_their_order(void **state) {
    enum { COUNT = 600 };
    static char ids[COUNT][65];
    (void)state;
    for (size_t i = 0; i < COUNT; i++) {
        char text[16];
        (void)snprintf(text, sizeof text, "%zu", i);
        struct bench_event note = bench_note((uint8_t)(1 + i % 7), NOW - (int64_t)i, text);
        memcpy(ids[i], note.id, sizeof ids[i]);
        /* Each tenth is refused at once, and waits all the same. */
        if (i % 10 == 9) {
            char *at = strstr(note.message, "\"kind\":1");
            at[7] = '-';
        }
        bench_say(&alice, note.message);
    }
    for (size_t i = 0; i < COUNT; i++) {
        char expected[100];
        (void)snprintf(expected, sizeof expected, "[\"OK\",\"%.64s\",%s", ids[i],
                       i % 10 == 9 ? "false,\"invalid" : "true,\"\"]");
        bench_expect(&alice, expected);
    }
    assert_int_equal(ht_relay_counts(bench.relay).stored, COUNT - COUNT / 10);
}

static void relay_limits_strangers_by_key_and_by_address(void **state) {
    (void)state;
    ht_policy_settings(bench.policy)->events_a_minute = 2;
    struct bench_event first = bench_note(1, NOW, "1"), second = bench_note(1, NOW, "2");
    struct bench_event third = bench_note(1, NOW, "3"), other = bench_note(2, NOW, "4");
    struct bench_event friend = bench_note(3, NOW, "5");
    ht_hash32 key = maker_pubkey(3);
    assert_int_equal(ht_policy_set(bench.policy, HT_RANK_FOLLOWED, &key, 1), HT_OK);
    bench_publish(&alice, &first, "true");
    bench_publish(&alice, &second, "true");
    bench_publish(&alice, &third, "false,\"rate-limited: ");
    bench_publish(&alice, &other, "false,\"rate-limited: ");
    bench_publish(&alice, &friend, "true");
    bench.mono_ms += 60000;
    bench_publish(&alice, &third, "true");
}

static void relay_asks_strangers_for_work(void **state) {
    struct bench_event note = bench_note(1, NOW, "1");
    (void)state;
    ht_policy_settings(bench.policy)->write = HT_RANK_ATTESTED;
    bench_publish(&alice, &note, "false,\"pow: ");
}

static void relay_holds_a_connection_that_sends_too_much_at_once(void **state) {
    struct bench_event note = bench_note(1, NOW, "1");
    (void)state;
    for (size_t i = 0; i < 4097; i++) bench_say(&alice, "[\"EVENT\",{\"id\":\"x\"}]");
    assert_true(alice.is_held);
    bench_publish(&bob, &note, "true");
    bench_wait.peer = &alice;
    bench_wait.count = 4000;
    bench_until(bench_has_come);
    assert_false(alice.is_held);
}

/* --- subscriptions -----------------------------------------------------------------------------*/

static void relay_tells_live_events_to_whoever_subscribed(void **state) {
    const ht_bytes items[] = {ht_bytes_str("t"), ht_bytes_str("ether")};
    const struct ht_event_tag tag = {.items = items, .count = 2};
    struct bench_event tagged = bench_event_of(1, 1, NOW, &tag, 1, "x");
    struct bench_event ephemeral = bench_event_of(1, 20001, NOW, &tag, 1, "y");
    struct bench_event plain = bench_note(1, NOW, "plain");
    char expected[2200];
    (void)state;
    bench_say(&bob,
              "[\"REQ\",\"s\",{\"#t\":[\"ether\",\"other\"]},{\"kinds\":[1],\"#t\":[\"ether\"]}]");
    bench_expect(&bob, "[\"EOSE\",\"s\"");
    bench_publish(&alice, &plain, "true");
    bench_publish(&alice, &tagged, "true");
    (void)snprintf(expected, sizeof expected, "[\"EVENT\",\"s\",%s]", tagged.json);
    bench_expect(&bob, expected);
    bench_publish(&alice, &ephemeral, "true,\"\"]");
    (void)snprintf(expected, sizeof expected, "[\"EVENT\",\"s\",%s]", ephemeral.json);
    bench_expect(&bob, expected);
    /* A duplicate is no news, and an ephemeral event is not kept. */
    bench_publish(&alice, &tagged, "true,\"duplicate");
    bench_say(&bob, "[\"REQ\",\"e\",{\"kinds\":[20001]}]");
    bench_expect(&bob, "[\"EOSE\",\"e\"");
    bench_say(&bob, "[\"CLOSE\",\"s\"]");
    struct bench_event late = bench_event_of(1, 1, NOW, &tag, 1, "z");
    bench_publish(&alice, &late, "true");
    assert_int_equal(bob.count, bob.read);
}

static void relay_replaces_a_subscription_of_the_same_id(void **state) {
    struct bench_event note = bench_note(1, NOW, "a");
    struct bench_event profile = bench_event_of(1, 0, NOW, NULL, 0, "{}");
    (void)state;
    bench_say(&bob, "[\"REQ\",\"s\",{\"kinds\":[1]}]");
    bench_say(&bob, "[\"REQ\",\"s\",{\"kinds\":[0]}]");
    bench_expect(&bob, "[\"EOSE\",\"s\"");
    bench_publish(&alice, &note, "true");
    bench_publish(&alice, &profile, "true");
    const char *got = bench_next(&bob);
    assert_non_null(strstr(got, "\"kind\":0"));
    assert_int_equal(ht_relay_counts(bench.relay).subscriptions_now, 1);
}

static void relay_bounds_the_subscriptions_of_a_connection(void **state) {
    char text[64];
    (void)state;
    for (unsigned i = 0; i < HT_RELAY_SUBSCRIPTIONS_MAX; i++) {
        (void)snprintf(text, sizeof text, "[\"REQ\",\"%u\",{\"limit\":0}]", i);
        bench_say(&bob, text);
        bench_expect(&bob, "[\"EOSE\"");
    }
    bench_say(&bob, "[\"REQ\",\"more\",{\"limit\":0}]");
    bench_expect(&bob, "[\"CLOSED\",\"more\",\"rate-limited: ");
    bench_say(&bob, "[\"CLOSE\",\"7\"]");
    bench_say(&bob, "[\"REQ\",\"more\",{\"limit\":0}]");
    bench_expect(&bob, "[\"EOSE\",\"more\"");
}

static void relay_says_finish_only_when_nothing_was_left_out(void **state) {
    struct bench_event first = bench_note(1, NOW, "1"), second = bench_note(1, NOW - 1, "2");
    (void)state;
    bench_publish(&alice, &first, "true");
    bench_publish(&alice, &second, "true");
    bench_say(&bob, "[\"REQ\",\"a\",{\"limit\":1}]");
    bench_expect(&bob, "[\"EVENT\",\"a\"");
    bench_expect(&bob, "[\"EOSE\",\"a\"]");
    bench_say(&bob, "[\"REQ\",\"b\",{\"limit\":2}]");
    bench_expect(&bob, "[\"EVENT\",\"b\"");
    bench_expect(&bob, "[\"EVENT\",\"b\"");
    bench_expect(&bob, "[\"EOSE\",\"b\",[\"finish\"]]");
    bench_say(&bob, "[\"COUNT\",\"c\",{}]");
    bench_expect(&bob, "[\"COUNT\",\"c\",{\"count\":2}]");
}

enum { MANY = 1500, LONG = 400 };

/* Enough for several slices. */
static void publish_many(void) {
    char text[LONG];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = 0;
    for (int64_t i = 0; i < MANY; i++) {
        struct bench_event note = bench_note(1, NOW - 10000 + i, text);
        bench_say(&alice, note.message);
    }
    for (size_t i = 0; i < MANY; i++) bench_expect(&alice, "[\"OK\"");
}

static bool bob_is_paused(void) {
    return bob.waiting > HT_RELAY_WAITING_PAUSE && bob.count > bob.read;
}

static int64_t time_of(const char *message) {
    const char *at = strstr(message, "\"created_at\":");
    assert_non_null(at);
    return strtoll(at + 13, NULL, 10);
}

static void relay_pauses_a_query_while_the_socket_is_full_and_loses_nothing(void **state) {
    struct bench_event live = bench_note(2, NOW, "live");
    size_t events = 0;
    int64_t last = INT64_MAX;
    (void)state;
    publish_many();
    bench_say(&bob, "[\"REQ\",\"s\",{\"limit\":5000}]");
    bob.waiting = HT_RELAY_WAITING_PAUSE + 1;
    bench_until(bob_is_paused);
    size_t before = bob.count;
    /* It comes while the query waits: told once, behind the stored ones. */
    bench_publish(&alice, &live, "true");
    bench_publish(&alice, &live, "true,\"duplicate");
    assert_int_equal(bob.count, before);
    bob.waiting = 0;
    ht_relay_drained(bob.peer);
    for (;;) {
        const char *got = bench_next(&bob);
        if (strncmp(got, "[\"EOSE\"", 7) == 0) break;
        int64_t at = time_of(got);
        assert_true(at < last);
        last = at;
        events++;
    }
    assert_int_equal(events, MANY);
    bench_expect(&bob, "[\"EVENT\",\"s\"");
    assert_non_null(strstr(bob.messages[bob.read - 1], live.id));
    assert_int_equal(bob.count, bob.read);
}

static void relay_tells_each_event_once_however_queries_and_writes_cross(void **state) {
    enum { ROUNDS = 60 };
    (void)state;
    for (unsigned i = 0; i < ROUNDS; i++) {
        char text[64];
        unsigned seen = 0;
        bool has_ended = false;
        (void)snprintf(text, sizeof text, "%u", i);
        struct bench_event note = bench_note(1, NOW - 5, text);
        (void)snprintf(text, sizeof text, "[\"REQ\",\"s%u\",{\"kinds\":[1]}]", i);
        if (i % 2 == 0) bench_say(&alice, note.message);
        if (i % 3 == 0) ht_loop_drain(bench.loop);
        bench_say(&bob, text);
        if (i % 2 == 1) bench_say(&alice, note.message);
        bench_expect(&alice, "[\"OK\"");
        while (!has_ended || seen == 0) {
            const char *got = bench_next(&bob);
            has_ended = has_ended || strncmp(got, "[\"EOSE\"", 7) == 0;
            seen += strstr(got, note.id) != NULL;
        }
        (void)snprintf(text, sizeof text, "[\"CLOSE\",\"s%u\"]", i);
        bench_say(&bob, text);
        assert_int_equal(seen, 1);
        assert_int_equal(bob.count, bob.read);
    }
}

static void relay_drops_a_reader_that_is_too_slow(void **state) {
    struct bench_event note = bench_note(1, NOW, "a");
    (void)state;
    bench_say(&bob, "[\"REQ\",\"s\",{\"limit\":0}]");
    bench_expect(&bob, "[\"EOSE\"");
    bob.waiting = HT_RELAY_WAITING_MAX;
    bench_publish(&alice, &note, "true");
    assert_true(bob.is_hung_up);
    assert_string_equal(bob.reason, "it reads too slowly");
    assert_int_equal(ht_relay_counts(bench.relay).dropped_slow, 1);
    assert_int_equal(ht_relay_counts(bench.relay).connections_now, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(relay_answers_each_message_with_a_reply_that_fits),
        TEST(relay_refuses_a_message_that_is_too_long),
        TEST(relay_stores_an_event_and_finds_it),
        TEST(relay_answers_what_became_of_an_event),
        TEST(relay_refuses_a_bad_signature_and_a_bad_id),
        TEST(relay_hangs_up_on_a_flood_of_bad_signatures),
        TEST(relay_answers_the_events_of_a_connection_in_their_order),
        TEST(relay_limits_strangers_by_key_and_by_address),
        TEST(relay_asks_strangers_for_work),
        TEST(relay_holds_a_connection_that_sends_too_much_at_once),
        TEST(relay_tells_live_events_to_whoever_subscribed),
        TEST(relay_replaces_a_subscription_of_the_same_id),
        TEST(relay_bounds_the_subscriptions_of_a_connection),
        TEST(relay_says_finish_only_when_nothing_was_left_out),
        TEST(relay_pauses_a_query_while_the_socket_is_full_and_loses_nothing),
        TEST(relay_tells_each_event_once_however_queries_and_writes_cross),
        TEST(relay_drops_a_reader_that_is_too_slow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
