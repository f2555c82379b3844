/* What is kept, what replaces what, and what deletions and requests to vanish do. */
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "tests/unit/store_world.h"

static struct store_world w;

static int open_world(void **state) {
    (void)state;
    store_world_open(&w);
    return 0;
}

static int close_world(void **state) {
    (void)state;
    store_world_close(&w);
    return 0;
}

#define EVENT(...) store_world_event(&w, __VA_ARGS__, NULL)
#define PUT(...) store_world_put(&w, EVENT(__VA_ARGS__))

static void expect(const char *filter, const char *labels) {
    assert_string_equal(store_world_ask(&w, filter), labels);
}

static const char *address(char author, unsigned kind, const char *d) {
    char *text = ht_arena_alloc(&w.arena, 200);
    assert_non_null(text);
    (void)snprintf(text, 200, "%u:%s:%s", kind, store_world_key(&w, author), d);
    return text;
}

/* Two events of the same second, the one with the lower id first. */
static void make_tie(const struct ht_event *out[2], uint32_t kind) {
    out[0] = EVENT("one", 'a', kind, 100);
    out[1] = EVENT("two", 'a', kind, 100);
    if (memcmp(&out[0]->id, &out[1]->id, sizeof out[0]->id) < 0) return;
    const struct ht_event *kept = out[0];
    out[0] = out[1];
    out[1] = kept;
}

static void store_keeps_an_event_once(void **state) {
    (void)state;
    const struct ht_event *event = EVENT("x", 'a', 1, 100);
    assert_false(ht_store_has(w.store, &event->id));
    assert_int_equal(store_world_put(&w, event), HT_PUT_STORED);
    assert_int_equal(store_world_put(&w, event), HT_PUT_DUPLICATE);
    assert_true(ht_store_has(w.store, &event->id));
    expect("{}", "x");
}

static void store_has_it_after_the_file_was_closed(void **state) {
    (void)state;
    (void)PUT("x", 'a', 1, 100, "t", "art");
    store_world_reopen(&w);
    expect("{'#t':['art']}", "x");
    expect("{'search':'x'}", "x");
}

static void store_takes_no_ephemeral_event(void **state) {
    (void)state;
    enum ht_put put;
    const struct ht_event *event = EVENT("x", 'a', 20001, 100);
    assert_int_equal(ht_store_put(&put, w.store, event, &w.limits, NULL, &w.why), HT_EINPUT);
    assert_string_equal(w.why.code, "event_ephemeral");
    expect("{}", "");
}

static void newer_profile_replaces_the_older(void **state) {
    (void)state;
    assert_int_equal(PUT("old", 'a', 0, 100), HT_PUT_STORED);
    assert_int_equal(PUT("other", 'b', 0, 50), HT_PUT_STORED);
    assert_int_equal(PUT("new", 'a', 0, 101), HT_PUT_STORED);
    assert_int_equal(PUT("older", 'a', 0, 99), HT_PUT_REPLACED);
    expect("{'kinds':[0]}", "new other");
    expect("{'search':'old'}", "");
}

static void of_the_same_second_the_lowest_id_stays(void **state) {
    (void)state;
    const struct ht_event *tie[2];
    make_tie(tie, 10002);
    assert_int_equal(store_world_put(&w, tie[1]), HT_PUT_STORED);
    assert_int_equal(store_world_put(&w, tie[0]), HT_PUT_STORED);
    assert_int_equal(store_world_put(&w, tie[1]), HT_PUT_REPLACED);
    assert_true(ht_store_has(w.store, &tie[0]->id));
    assert_int_equal(store_world_count(&w, "{}"), 1);
}

static void addresses_differ_by_their_d_tag(void **state) {
    (void)state;
    (void)PUT("x1", 'a', 30023, 100, "d", "x");
    (void)PUT("y1", 'a', 30023, 101, "d", "y");
    (void)PUT("x2", 'a', 30023, 102, "d", "x");
    (void)PUT("none", 'a', 30023, 103);
    (void)PUT("empty", 'a', 30023, 104, "d", "");
    expect("{}", "empty x2 y1");
    expect("{'#d':['x']}", "x2");
}

static void author_deletes_by_id_also_before_it_comes(void **state) {
    (void)state;
    const struct ht_event *there = EVENT("there", 'a', 1, 100, "t", "art");
    const struct ht_event *late = EVENT("late", 'a', 1, 100);
    (void)store_world_put(&w, there);
    (void)PUT("del", 'a', 5, 90, "e", store_world_id(&w, there), "e", store_world_id(&w, late));
    assert_int_equal(store_world_put(&w, late), HT_PUT_DELETED);
    assert_int_equal(store_world_put(&w, there), HT_PUT_DELETED);
    expect("{}", "del");
    expect("{'#t':['art']}", "");
    expect("{'search':'there'}", "");
}

static void nobody_deletes_what_another_wrote(void **state) {
    (void)state;
    const struct ht_event *there = EVENT("there", 'a', 1, 100);
    const struct ht_event *late = EVENT("late", 'a', 1, 101);
    (void)store_world_put(&w, there);
    (void)PUT("del", 'b', 5, 200, "e", store_world_id(&w, there), "e", store_world_id(&w, late),
              "a", address('a', 0, ""));
    assert_int_equal(store_world_put(&w, late), HT_PUT_STORED);
    assert_int_equal(PUT("profile", 'a', 0, 102), HT_PUT_STORED);
    expect("{'kinds':[0,1]}", "profile late there");
}

static void deleting_a_deletion_does_nothing(void **state) {
    (void)state;
    const struct ht_event *note = EVENT("note", 'a', 1, 100);
    const struct ht_event *deletion = EVENT("del", 'a', 5, 101, "e", store_world_id(&w, note));
    (void)store_world_put(&w, deletion);
    (void)PUT("del2", 'a', 5, 102, "e", store_world_id(&w, deletion));
    assert_int_equal(store_world_put(&w, note), HT_PUT_DELETED);
    assert_int_equal(store_world_put(&w, deletion), HT_PUT_DUPLICATE);
    expect("{}", "del2 del");
}

static void deleting_an_address_reaches_up_to_its_own_time(void **state) {
    (void)state;
    (void)PUT("v1", 'a', 30023, 100, "d", "x");
    (void)PUT("del", 'a', 5, 110, "a", address('a', 30023, "x"));
    expect("{'kinds':[30023]}", "");
    assert_int_equal(PUT("v2", 'a', 30023, 110, "d", "x"), HT_PUT_DELETED);
    assert_int_equal(PUT("v3", 'a', 30023, 111, "d", "x"), HT_PUT_STORED);
    (void)PUT("earlier", 'a', 5, 105, "a", address('a', 30023, "x"));
    assert_int_equal(PUT("v4", 'a', 30023, 109, "d", "x"), HT_PUT_DELETED);
    expect("{'kinds':[30023]}", "v3");
}

static void vanishing_removes_all_but_the_requests(void **state) {
    (void)state;
    const char *key = store_world_key(&w, 'a');
    (void)PUT("note", 'a', 1, 100);
    (void)PUT("del", 'a', 5, 100, "e", key);
    (void)PUT("wrap", 'z', 1059, 120, "p", key);
    (void)PUT("mention", 'z', 1, 90, "p", key);
    (void)PUT("later", 'a', 1, 300);
    assert_int_equal(PUT("vanish", 'a', 62, 200, "relay", "ALL_RELAYS"), HT_PUT_STORED);
    expect("{}", "later vanish mention");
    assert_int_equal(PUT("late", 'a', 1, 200), HT_PUT_DELETED);
    assert_int_equal(PUT("late_del", 'a', 5, 150), HT_PUT_DELETED);
    assert_int_equal(PUT("late_wrap", 'y', 1059, 150, "p", key), HT_PUT_DELETED);
    assert_int_equal(PUT("new_wrap", 'y', 1059, 201, "p", key), HT_PUT_STORED);
    assert_int_equal(PUT("new", 'a', 1, 201), HT_PUT_STORED);
}

static void vanishing_from_another_relay_is_not_from_here(void **state) {
    (void)state;
    (void)PUT("note", 'a', 1, 100);
    (void)PUT("vanish", 'a', 62, 200, "relay", "ws://elsewhere.example");
    expect("{'kinds':[1]}", "note");
    (void)PUT("here", 'a', 62, 201, "relay", "ws://Relay.example/");
    expect("{'kinds':[1]}", "");
}

static void a_request_to_vanish_cannot_be_deleted(void **state) {
    (void)state;
    const struct ht_event *vanish = EVENT("vanish", 'a', 62, 100, "relay", "ALL_RELAYS");
    (void)store_world_put(&w, vanish);
    (void)PUT("del", 'a', 5, 150, "e", store_world_id(&w, vanish));
    expect("{}", "del vanish");
}

static void expired_events_are_neither_taken_nor_shown(void **state) {
    (void)state;
    assert_int_equal(PUT("gone", 'a', 1, 100, "expiration", "1000000"), HT_PUT_EXPIRED);
    assert_int_equal(PUT("soon", 'a', 1, 100, "expiration", "1000010"), HT_PUT_STORED);
    expect("{}", "soon");
    w.limits.now_s = 1000010;
    expect("{}", "");
    assert_int_equal(store_world_count(&w, "{}"), 0);
}

static void an_author_has_a_share_of_the_disk(void **state) {
    (void)state;
    const struct ht_event *first = EVENT("first", 'a', 1, 100);
    const struct ht_event *profile = EVENT("profile", 'a', 0, 100);
    w.limits.author_bytes = first->json.n + profile->json.n;
    assert_int_equal(store_world_put(&w, first), HT_PUT_STORED);
    assert_int_equal(store_world_put(&w, profile), HT_PUT_STORED);
    assert_int_equal(PUT("more", 'a', 1, 101), HT_PUT_QUOTA);
    assert_int_equal(PUT("profilf", 'a', 0, 101), HT_PUT_STORED);
    assert_int_equal(PUT("other", 'b', 1, 102), HT_PUT_STORED);
    (void)PUT("vanish", 'a', 62, 100, "relay", "ALL_RELAYS");
    expect("{'kinds':[0,1]}", "other profilf");
}

static void a_full_disk_takes_only_requests_to_vanish(void **state) {
    (void)state;
    w.limits.total_bytes = 4096;
    assert_int_equal(PUT("note", 'a', 1, 100), HT_PUT_QUOTA);
    assert_int_equal(PUT("vanish", 'a', 62, 100, "relay", "ALL_RELAYS"), HT_PUT_STORED);
}

static void tags_beyond_a_short_text_are_told_apart(void **state) {
    (void)state;
    char long_a[600], long_b[600], filter[700];
    memset(long_a, 'x', sizeof long_a);
    memset(long_b, 'x', sizeof long_b);
    long_a[599] = long_b[599] = '\0';
    long_b[598] = 'y';
    (void)PUT("a", 'a', 1, 100, "r", long_a);
    (void)PUT("b", 'a', 1, 101, "r", long_b);
    (void)snprintf(filter, sizeof filter, "{'#r':['%s']}", long_a);
    expect(filter, "a");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_world, close_world)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(store_keeps_an_event_once),
        TEST(store_has_it_after_the_file_was_closed),
        TEST(store_takes_no_ephemeral_event),
        TEST(newer_profile_replaces_the_older),
        TEST(of_the_same_second_the_lowest_id_stays),
        TEST(addresses_differ_by_their_d_tag),
        TEST(author_deletes_by_id_also_before_it_comes),
        TEST(nobody_deletes_what_another_wrote),
        TEST(deleting_a_deletion_does_nothing),
        TEST(deleting_an_address_reaches_up_to_its_own_time),
        TEST(vanishing_removes_all_but_the_requests),
        TEST(vanishing_from_another_relay_is_not_from_here),
        TEST(a_request_to_vanish_cannot_be_deleted),
        TEST(expired_events_are_neither_taken_nor_shown),
        TEST(an_author_has_a_share_of_the_disk),
        TEST(a_full_disk_takes_only_requests_to_vanish),
        TEST(tags_beyond_a_short_text_are_told_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
