/* Order, limits, marks, work, visibility and search of queries. */
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "social/store/store_query.h"
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

static void expect(const char *filter, const char *labels, bool is_complete) {
    assert_string_equal(store_world_ask(&w, filter), labels);
    assert_int_equal(w.is_complete, is_complete);
    if (is_complete) {
        size_t words = labels[0] != '\0';
        for (const char *c = labels; *c != '\0'; c++) words += *c == ' ';
        assert_int_equal(store_world_count(&w, filter), words);
    }
}

static const char *with_key(const char *format, char author) {
    char *text = ht_arena_alloc(&w.arena, 400);
    assert_non_null(text);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    (void)snprintf(text, 400, format, store_world_key(&w, author));
#pragma GCC diagnostic pop
    return text;
}

static void put_some(void) {
    PUT("a1", 'a', 1, 101, "t", "art", "p", "x");
    PUT("b2", 'b', 1, 102, "t", "art", "t", "food");
    PUT("a3", 'a', 7, 103, "e", "id", "p", "x");
    PUT("b4", 'b', 6, 104, "t", "food");
    PUT("a5", 'a', 1, 105, "t", "Art", "t", "food", "t", "art", "t", "art");
}

static void answers_are_newest_first_whatever_order_they_came_in(void **state) {
    (void)state;
    PUT("old", 'a', 1, 0);
    PUT("new", 'a', 1, INT64_C(9007199254740991));
    PUT("middle", 'b', 1, 1700000000);
    expect("{}", "new middle old", true);
}

static void of_the_same_second_the_lowest_id_comes_first(void **state) {
    (void)state;
    const struct ht_event *events[8];
    char labels[8][8], expected[80] = "";
    for (size_t i = 0; i < 8; i++) {
        (void)snprintf(labels[i], sizeof labels[i], "n%zu", i);
        events[i] = EVENT(labels[i], 'a', 1, 500);
        (void)store_world_put(&w, events[i]);
    }
    for (size_t turn = 0; turn < 8; turn++) {
        size_t least = 8;
        for (size_t i = 0; i < 8; i++) {
            if (events[i] == NULL) continue;
            if (least == 8 || memcmp(&events[i]->id, &events[least]->id, 32) < 0) least = i;
        }
        if (turn > 0) strncat(expected, " ", sizeof expected - strlen(expected) - 1);
        strncat(expected, labels[least], sizeof expected - strlen(expected) - 1);
        events[least] = NULL;
    }
    expect("{}", expected, true);
}

static void each_condition_has_to_hold(void **state) {
    (void)state;
    put_some();
    expect("{'kinds':[1]}", "a5 b2 a1", true);
    expect("{'kinds':[1,7]}", "a5 a3 b2 a1", true);
    expect("{'#t':['art']}", "a5 b2 a1", true);
    expect("{'#t':['art','food']}", "a5 b4 b2 a1", true);
    expect("{'#t':['food'],'kinds':[6]}", "b4", true);
    expect("{'#t':['art'],'#p':['x']}", "a1", true);
    expect("{'#t':['art'],'#p':['u','v','w','x','y','z']}", "a1", true);
    expect("{'#t':['ART']}", "", true);
    expect("{'#T':['art']}", "", true);
    expect("{'#t':[]}", "", true);
    expect("{'since':102,'until':104}", "b4 a3 b2", true);
    expect("{'since':106}", "", true);
    expect("{'until':100}", "", true);
    expect(with_key("{'authors':['%s']}", 'a'), "a5 a3 a1", true);
    expect(with_key("{'authors':['%s'],'kinds':[1,7],'until':104}", 'a'), "a3 a1", true);
    expect(with_key("{'authors':['%s'],'#t':['food']}", 'b'), "b4 b2", true);
}

static void ids_are_found_in_order_and_checked_against_the_rest(void **state) {
    (void)state;
    const struct ht_event *one = EVENT("one", 'a', 1, 10), *two = EVENT("two", 'b', 7, 20);
    char filter[400];
    (void)store_world_put(&w, one);
    (void)store_world_put(&w, two);
    (void)snprintf(filter, sizeof filter, "{'ids':['%s','%s','%s']}", store_world_id(&w, one),
                   store_world_key(&w, 'z'), store_world_id(&w, two));
    expect(filter, "two one", true);
    (void)snprintf(filter, sizeof filter, "{'ids':['%s','%s'],'kinds':[1]}",
                   store_world_id(&w, one), store_world_id(&w, two));
    expect(filter, "one", true);
}

static void a_limit_takes_the_newest_and_says_whether_there_is_more(void **state) {
    (void)state;
    put_some();
    expect("{'limit':2}", "a5 b4", false);
    expect("{'limit':5}", "a5 b4 a3 b2 a1", true);
    expect("{'limit':0}", "", false);
    expect("{'kinds':[6],'limit':1}", "b4", true);
    w.limits.limit_default = 3;
    expect("{}", "a5 b4 a3", false);
    w.limits.limit_max = 1;
    expect("{'limit':5}", "a5", false);
    assert_int_equal(store_world_count(&w, "{'limit':1}"), 5);
}

static void each_filter_has_its_own_limit_and_no_event_comes_twice(void **state) {
    (void)state;
    put_some();
    const struct ht_filter filters[] = {
        store_world_filter(&w, "{'kinds':[1],'limit':2}"),
        store_world_filter(&w, "{'#t':['food'],'limit':2}"),
        store_world_filter(&w, "{'kinds':[7]}"),
    };
    const struct ht_store_visit visit = store_world_visit(&w);
    uint64_t count = 0;
    assert_int_equal(
        ht_store_query(&w.is_complete, w.store, filters, 3, &w.limits, 0, &visit, &w.why), HT_OK);
    assert_string_equal(w.answer, "a5 b4 a3 b2");
    assert_false(w.is_complete);
    assert_int_equal(ht_store_count(&count, w.store, filters, 3, &w.limits, 0, NULL, &w.why),
                     HT_OK);
    assert_int_equal(count, 5);
}

static void too_many_filters_are_refused(void **state) {
    (void)state;
    struct ht_filter filters[HT_FILTERS_MAX + 1];
    const struct ht_store_visit visit = store_world_visit(&w);
    for (size_t i = 0; i <= HT_FILTERS_MAX; i++) filters[i] = store_world_filter(&w, "{}");
    assert_int_equal(ht_store_query(&w.is_complete, w.store, filters, HT_FILTERS_MAX + 1, &w.limits,
                                    0, &visit, &w.why),
                     HT_ELIMIT);
    assert_string_equal(w.why.code, "too_many_filters");
}

static void slices_of_any_size_make_the_same_answer(void **state) {
    (void)state;
    put_some();
    const struct ht_filter filters[] = {
        store_world_filter(&w, "{'kinds':[1],'limit':2}"),
        store_world_filter(&w, "{'#t':['food']}"),
        store_world_filter(&w, "{'kinds':[999]}"),
    };
    const struct ht_store_visit visit = store_world_visit(&w);
    for (int64_t budget_us = 1; budget_us < 40; budget_us++) {
        struct ht_store_mark mark = {.is_begun = false};
        enum ht_err err = HT_EAGAIN;
        w.answer[0] = '\0';
        for (unsigned slices = 0; err == HT_EAGAIN; slices++) {
            err = ht_store_query_on(&w.is_complete, &mark, w.store, filters, 3, &w.limits,
                                    budget_us, &visit, &w.why);
            assert_true(slices < 20);
        }
        assert_int_equal(err, HT_OK);
        assert_string_equal(w.answer, "a5 b4 b2");
    }
}

static bool stop_after_one(void *user, const ht_hash32 *id, const ht_hash32 *pubkey, uint32_t kind,
                           int64_t created_at, ht_bytes json) {
    struct store_world *world = user;
    (void)store_world_visit(world).event(world, id, pubkey, kind, created_at, json);
    return false;
}

static void a_visitor_that_ends_the_query_goes_on_behind_it(void **state) {
    (void)state;
    put_some();
    struct ht_store_mark mark = {.is_begun = false};
    struct ht_filter filter = store_world_filter(&w, "{}");
    const struct ht_store_visit visit = {.event = stop_after_one, .user = &w};
    for (int i = 0; i < 3; i++) {
        assert_int_equal(ht_store_query_on(&w.is_complete, &mark, w.store, &filter, 1, &w.limits, 0,
                                           &visit, &w.why),
                         HT_OK);
        assert_false(w.is_complete);
    }
    assert_string_equal(w.answer, "a5 b4 a3");
}

static void counting_that_takes_too_much_work_is_given_up(void **state) {
    (void)state;
    uint64_t count = 0;
    put_some();
    struct ht_filter filter = store_world_filter(&w, "{}");
    assert_int_equal(ht_store_count(&count, w.store, &filter, 1, &w.limits, 3, NULL, &w.why),
                     HT_EAGAIN);
    assert_string_equal(w.why.code, "query_slow");
}

static bool may_not_see_b(void *user, const ht_hash32 *pubkey, uint32_t kind, ht_bytes json) {
    (void)user;
    (void)kind;
    assert_true(json.n > 0);
    return pubkey->b[0] != 'b';
}

static bool asks_about_notes(void *user, uint32_t kind) {
    (void)user;
    return kind == 1;
}

static void what_may_not_be_seen_does_not_count_against_the_limit(void **state) {
    (void)state;
    put_some();
    struct ht_store_visit visit = store_world_visit(&w);
    struct ht_filter filter = store_world_filter(&w, "{'limit':3}");
    visit.may = may_not_see_b;
    assert_int_equal(
        ht_store_query(&w.is_complete, w.store, &filter, 1, &w.limits, 0, &visit, &w.why), HT_OK);
    assert_string_equal(w.answer, "a5 a3 a1");
    assert_true(w.is_complete);
    visit.asks = asks_about_notes;
    w.answer[0] = '\0';
    assert_int_equal(
        ht_store_query(&w.is_complete, w.store, &filter, 1, &w.limits, 0, &visit, &w.why), HT_OK);
    assert_string_equal(w.answer, "a5 b4 a3");
}

static bool add_time(void *user, const ht_hash32 *id, const ht_hash32 *pubkey, uint32_t kind,
                     int64_t created_at, ht_bytes json) {
    (void)id;
    (void)pubkey;
    (void)kind;
    assert_int_equal(json.n, 0);
    *(int64_t *)user = *(int64_t *)user * 1000 + created_at;
    return true;
}

static void ids_for_reconciliation_have_no_limit(void **state) {
    (void)state;
    int64_t times = 0;
    put_some();
    struct ht_filter filter = store_world_filter(&w, "{'kinds':[1],'limit':1}");
    const struct ht_store_visit visit = {.event = add_time, .user = &times};
    assert_int_equal(ht_store_ids(w.store, &filter, &w.limits, &visit, &w.why), HT_OK);
    assert_int_equal(times, 105102101);
}

static void a_reader_beside_the_writer_finds_the_same(void **state) {
    (void)state;
    put_some();
    sqlite3 *db = NULL;
    struct ht_store *reader = NULL, *writer = w.store;
    assert_int_equal(ht_db_open_reader(&db, w.path, &w.why), HT_OK);
    assert_int_equal(ht_store_new(&reader, db, &w.why), HT_OK);
    w.store = reader;
    expect("{'#t':['food'],'kinds':[1]}", "a5 b2", true);
    expect("{'search':'a5'}", "a5", true);
    ht_store_free(reader);
    ht_db_close(db);
    w.store = writer;
}

static void found(const char *filter, const char *labels) {
    assert_string_equal(store_world_ask(&w, filter), labels);
}

static void a_search_finds_all_words_newest_first(void **state) {
    (void)state;
    PUT("Bridges of Köln", 'a', 1, 100);
    PUT("garden bridges", 'b', 1, 300, "t", "art");
    PUT("bridges, a garden", 'b', 30023, 200);
    PUT("plain", 'b', 30023, 150, "d", "x", "title", "A bridges story");
    PUT("bridges", 'b', 7, 400);
    found("{'search':'bridges'}", "garden bridges bridges, a garden plain Bridges of Köln");
    found("{'search':'garden BRIDGES'}", "garden bridges bridges, a garden");
    found("{'search':'koln'}", "Bridges of Köln");
    found("{'search':'bridges','#t':['art']}", "garden bridges");
    found("{'search':'bridges','until':150}", "plain Bridges of Köln");
    found("{'search':'nothing'}", "");
    found("{'search':'language:en bridges','kinds':[1],'limit':1}", "garden bridges");
    found("{'search':'include:spam','kinds':[7]}", "bridges");
}

static void a_phrase_is_found_as_it_stands(void **state) {
    (void)state;
    PUT("the old garden", 'a', 1, 100);
    PUT("garden old", 'a', 1, 101);
    found("{'search':'\\u0022old garden\\u0022'}", "the old garden");
}

static void a_search_of_signs_asks_nothing_of_the_index(void **state) {
    (void)state;
    PUT("NEAR", 'a', 1, 100);
    found("{'search':'AND OR NOT'}", "");
    found("{'search':'NEAR'}", "NEAR");
    found("{'search':'* ( ) ^ - + :'}", "NEAR");
    found("{'search':'near*'}", "NEAR");
    found("{'search':'—'}", "");
}

static void a_search_of_very_many_words_is_answered(void **state) {
    (void)state;
    char filter[300] = "{'search':'";
    size_t n = strlen(filter);
    PUT("a", 'a', 1, 100);
    for (size_t i = 0; i < 255; i++) filter[n++] = i % 2 == 0 ? 'a' : ' ';
    memcpy(filter + n, "'}", 3);
    found(filter, "a");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_world, close_world)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(answers_are_newest_first_whatever_order_they_came_in),
        TEST(of_the_same_second_the_lowest_id_comes_first),
        TEST(each_condition_has_to_hold),
        TEST(ids_are_found_in_order_and_checked_against_the_rest),
        TEST(a_limit_takes_the_newest_and_says_whether_there_is_more),
        TEST(each_filter_has_its_own_limit_and_no_event_comes_twice),
        TEST(too_many_filters_are_refused),
        TEST(slices_of_any_size_make_the_same_answer),
        TEST(a_visitor_that_ends_the_query_goes_on_behind_it),
        TEST(counting_that_takes_too_much_work_is_given_up),
        TEST(what_may_not_be_seen_does_not_count_against_the_limit),
        TEST(ids_for_reconciliation_have_no_limit),
        TEST(a_reader_beside_the_writer_finds_the_same),
        TEST(a_search_finds_all_words_newest_first),
        TEST(a_phrase_is_found_as_it_stands),
        TEST(a_search_of_signs_asks_nothing_of_the_index),
        TEST(a_search_of_very_many_words_is_answered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
