/* Moderation, expiry, retention, counts and compaction. */
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
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
#define PUT(...) (void)store_world_put(&w, EVENT(__VA_ARGS__))

static void expect(const char *filter, const char *labels) {
    assert_string_equal(store_world_ask(&w, filter), labels);
}

static size_t sweep(const struct ht_retention *rules, size_t count, size_t max, bool has_more) {
    size_t removed = 0;
    bool more = !has_more;
    assert_int_equal(
        ht_store_sweep(&removed, &more, w.store, rules, count, w.limits.now_s, max, &w.why), HT_OK);
    assert_int_equal(more, has_more);
    return removed;
}

static void what_was_removed_stays_out_until_it_is_allowed(void **state) {
    (void)state;
    const struct ht_event *event = EVENT("x", 'a', 1, 100, "t", "art");
    assert_int_equal(ht_store_remove(w.store, &event->id, &w.why), HT_ENOTFOUND);
    assert_string_equal(w.why.code, "no_event");
    assert_int_equal(store_world_put(&w, event), HT_PUT_DELETED);
    assert_int_equal(ht_store_allow(w.store, &event->id, &w.why), HT_OK);
    assert_int_equal(store_world_put(&w, event), HT_PUT_STORED);
    assert_int_equal(ht_store_remove(w.store, &event->id, &w.why), HT_OK);
    expect("{'#t':['art']}", "");
    assert_int_equal(store_world_put(&w, event), HT_PUT_DELETED);
}

static void sweeping_removes_what_has_expired_a_few_at_a_time(void **state) {
    (void)state;
    PUT("a", 'a', 1, 100, "expiration", "1000001");
    PUT("b", 'a', 1, 101, "expiration", "1000002");
    PUT("c", 'a', 1, 102, "expiration", "1000003");
    PUT("stays", 'a', 1, 103);
    assert_int_equal(sweep(NULL, 0, 10, false), 0);
    w.limits.now_s = 1000002;
    assert_int_equal(sweep(NULL, 0, 1, true), 1);
    assert_int_equal(sweep(NULL, 0, 10, false), 1);
    w.limits.now_s = 0;
    expect("{}", "stays c");
}

static bool is_a(void *user, const ht_hash32 *pubkey) {
    (void)user;
    return pubkey->b[0] == 'a' && pubkey->b[31] == 'a';
}

static void retention_removes_old_events_of_a_kind_but_not_ours(void **state) {
    (void)state;
    PUT("ours", 'a', 7, 100);
    PUT("old", 'b', 7, 199);
    PUT("young", 'b', 7, 200);
    PUT("note", 'b', 1, 100);
    const struct ht_retention rule = {
        .kind_from = 6, .kind_to = 7, .older_than_s = 200, .keeps_owner = true, .is_ours = is_a};
    assert_int_equal(sweep(&rule, 1, 10, false), 1);
    assert_int_equal(store_world_count(&w, "{}"), 3);
    expect("{'kinds':[7]}", "young ours");
}

static void retention_keeps_an_authors_newest(void **state) {
    (void)state;
    PUT("a1", 'a', 1, 100);
    PUT("a2", 'a', 1, 101);
    PUT("a3", 'a', 1, 102);
    PUT("a7", 'a', 7, 100);
    PUT("b1", 'b', 1, 99);
    const struct ht_retention rule = {
        .kind_from = 0, .kind_to = 65535, .older_than_s = INT64_MIN, .per_author_max = 2};
    assert_int_equal(sweep(&rule, 1, 10, false), 1);
    expect("{'kinds':[1]}", "a3 a2 b1");
    expect("{'kinds':[7]}", "a7");
}

static void counts_say_what_is_there(void **state) {
    (void)state;
    struct ht_store_counts counts;
    assert_int_equal(ht_store_counts(&counts, w.store, &w.why), HT_OK);
    assert_int_equal(counts.events, 0);
    PUT("a", 'a', 1, 100);
    PUT("b", 'b', 5, 300, "e", store_world_key(&w, 'x'));
    PUT("c", 'b', 1, 200);
    assert_int_equal(ht_store_counts(&counts, w.store, &w.why), HT_OK);
    assert_int_equal(counts.events, 3);
    assert_int_equal(counts.authors, 2);
    assert_int_equal(counts.tombstones, 1);
    assert_int_equal(counts.oldest, 100);
    assert_int_equal(counts.newest, 300);
    assert_true(counts.bytes > 0);
}

static void compaction_gives_room_back_and_keeps_what_is_there(void **state) {
    (void)state;
    struct ht_store_counts full, after;
    char label[16];
    for (int i = 0; i < 300; i++) {
        (void)snprintf(label, sizeof label, "n%d", i);
        PUT(label, 'a', 1, 100 + i, "t", "art");
    }
    PUT("kept", 'b', 1, 50, "t", "art");
    assert_int_equal(ht_store_counts(&full, w.store, &w.why), HT_OK);
    PUT("vanish", 'a', 62, 10000, "relay", "ALL_RELAYS");
    assert_int_equal(ht_store_compact(w.store, &w.why), HT_OK);
    expect("{'#t':['art']}", "kept");
    expect("{'search':'kept'}", "kept");
    assert_int_equal(ht_store_counts(&after, w.store, &w.why), HT_OK);
    assert_true(after.bytes < full.bytes);
    assert_int_equal(after.events, 2);
}

static void fill_and_leave(uint64_t bytes) {
    char sql[200];
    (void)snprintf(sql, sizeof sql,
                   "CREATE TABLE filler (b BLOB); INSERT INTO filler VALUES (zeroblob(%llu));"
                   "DROP TABLE filler;",
                   (unsigned long long)bytes);
    assert_int_equal(sqlite3_exec(w.db, sql, NULL, NULL, NULL), SQLITE_OK);
}

static void the_file_is_made_smaller_only_when_much_of_it_is_unused(void **state) {
    (void)state;
    struct stat loose, after;
    bool did = true;
    PUT("kept", 'b', 1, 50, "t", "art");
    assert_int_equal(ht_store_tidy(&did, w.store, &w.why), HT_OK);
    assert_false(did);
    fill_and_leave(HT_STORE_UNUSED_MIN / 2);
    assert_int_equal(ht_store_tidy(&did, w.store, &w.why), HT_OK);
    assert_false(did);
    fill_and_leave(HT_STORE_UNUSED_MIN + 65536);
    store_world_reopen(&w);
    assert_int_equal(stat(w.path, &loose), 0);
    assert_int_equal(ht_store_tidy(&did, w.store, &w.why), HT_OK);
    assert_true(did);
    store_world_reopen(&w);
    assert_int_equal(stat(w.path, &after), 0);
    assert_true(after.st_size + (off_t)HT_STORE_UNUSED_MIN < loose.st_size);
    expect("{'#t':['art']}", "kept");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_world, close_world)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(what_was_removed_stays_out_until_it_is_allowed),
        TEST(sweeping_removes_what_has_expired_a_few_at_a_time),
        TEST(retention_removes_old_events_of_a_kind_but_not_ours),
        TEST(retention_keeps_an_authors_newest),
        TEST(counts_say_what_is_there),
        TEST(compaction_gives_room_back_and_keeps_what_is_there),
        TEST(the_file_is_made_smaller_only_when_much_of_it_is_unused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
