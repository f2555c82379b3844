/* The relay within the program: publishing, listening, describing itself, ending. */
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

static struct {
    struct ht_relay_publish publish;
    unsigned done, heard;
    enum ht_err err;
    enum ht_put put;
    struct ht_why why;
} inside;

static void published(struct ht_relay_publish *publish, enum ht_err err, enum ht_put put,
                      const struct ht_why *why) {
    (void)publish;
    inside.done++;
    inside.err = err;
    inside.put = put;
    inside.why = *why;
}

static void heard(struct ht_relay_listener *listener, const struct ht_event *event) {
    (void)listener;
    assert_int_equal(event->kind, 1);
    inside.heard++;
}

static bool is_done(void) {
    return inside.done > 0;
}

static void publish_inside(const char *json, bool is_trusted) {
    memset(&inside, 0, sizeof inside);
    inside.publish = (struct ht_relay_publish){
        .done = published, .json = ht_bytes_str(json), .is_trusted_source = is_trusted};
    ht_relay_publish(bench.relay, &inside.publish);
    bench_until(is_done);
}

static void relay_publishes_what_the_program_gives_it(void **state) {
    struct ht_relay_listener listener = {.event = heard};
    struct bench_event note = bench_note(1, NOW, "a");
    (void)state;
    ht_relay_listen(bench.relay, &listener);
    ht_policy_settings(bench.policy)->write = HT_RANK_OWNER;
    bench_say(&bob, "[\"REQ\",\"s\",{\"kinds\":[1]}]");
    bench_expect(&bob, "[\"EOSE\"");
    publish_inside(note.json, false);
    assert_int_equal(inside.err, HT_EDENIED);
    assert_string_equal(inside.why.code, "pow");
    publish_inside(note.json, true);
    assert_int_equal(inside.err, HT_OK);
    assert_int_equal(inside.put, HT_PUT_STORED);
    assert_int_equal(inside.heard, 1);
    bench_expect(&bob, "[\"EVENT\",\"s\"");
    publish_inside(note.json, true);
    assert_int_equal(inside.put, HT_PUT_DUPLICATE);
    assert_int_equal(inside.heard, 0);
    publish_inside("{}", true);
    assert_int_equal(inside.err, HT_EINPUT);
    assert_string_equal(inside.why.code, "event_field");
    note.json[strlen(note.json) - 3] ^= 1;
    publish_inside(note.json, true);
    assert_true(inside.err == HT_EUNVERIFIED || inside.err == HT_EINPUT);
}

static void relay_ends_with_events_and_queries_under_way(void **state) {
    (void)state;
    memset(&inside, 0, sizeof inside);
    struct bench_event own = bench_note(2, NOW, "own");
    for (int64_t i = 0; i < 900; i++) {
        struct bench_event note = bench_note(1, NOW - i, "a");
        bench_say(&alice, note.message);
        if (i == 300) ht_loop_drain(bench.loop);
    }
    bench_say(&bob, "[\"REQ\",\"q\",{\"kinds\":[1]}]");
    bench_say(&bob, "[\"NEG-OPEN\",\"n\",{},\"61\"]");
    inside.publish = (struct ht_relay_publish){
        .done = published, .json = ht_bytes_str(own.json), .is_trusted_source = true};
    ht_relay_publish(bench.relay, &inside.publish);
    assert_int_equal(inside.done, 0);
    bench_close(&bob);
    /* Whoever published is told all the same, once: end_told sees to it. */
}

static int end_told(void **state) {
    int rc = end(state);
    return rc == 0 && inside.done == 1 ? 0 : 1;
}

static void relay_describes_itself(void **state) {
    struct ht_buf text;
    (void)state;
    json_t *about = ht_relay_information(bench.relay);
    assert_non_null(about);
    assert_string_equal(json_string_value(json_object_get(about, "name")), "bench");
    assert_string_equal(json_string_value(json_object_get(about, "version")), "1.2.3");
    const json_t *limits = json_object_get(about, "limitation");
    assert_int_equal(json_integer_value(json_object_get(limits, "max_limit")), 5000);
    assert_int_equal(json_integer_value(json_object_get(limits, "max_subscriptions")), 64);
    assert_true(json_is_false(json_object_get(limits, "auth_required")));
    json_decref(about);
    ht_buf_init(&text, 16384);
    assert_int_equal(ht_relay_metrics(&text, bench.relay), HT_OK);
    assert_int_equal(ht_buf_add(&text, ht_bytes_of("", 1)), HT_OK);
    assert_non_null(strstr((const char *)text.p, "\nhearth_relay_connections 2\n"));
    ht_buf_fini(&text);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(relay_publishes_what_the_program_gives_it),
        cmocka_unit_test_setup_teardown(relay_ends_with_events_and_queries_under_way, start,
                                        end_told),
        TEST(relay_describes_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
