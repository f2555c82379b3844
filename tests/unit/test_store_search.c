/* Searches for words that are in many events: what is found does not depend on the way. */
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "node/store/db_sql.h"
#include "social/store/store_impl.h"
#include "social/store/store_query.h"
#include "social/store/store_search.h"
#include "tests/unit/store_world.h"

#define EVENTS 2400U /* every third says "rare" as well, every hundredth "once" */
#define BEGIN_S 1000

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

/* Puts all events, the i-th to arrive being of the second (i * step) % EVENTS. */
static void put_all(unsigned step) {
    assert_int_equal(ht_db_sql_begin(w.db), SQLITE_OK);
    for (unsigned i = 0; i < EVENTS; i++) {
        char label[32];
        unsigned at = i * step % EVENTS;
        (void)snprintf(label, sizeof label, "word%s%s %u", at % 3 == 0 ? " rare" : "",
                       at % 100 == 0 ? " once" : "", at);
        char author = (char)('a' + at % 5);
        const struct ht_event *event =
            store_world_event(&w, label, author, at % 2 == 0 ? 1 : 1111, BEGIN_S + at, NULL);
        assert_int_equal(store_world_put(&w, event), HT_PUT_STORED);
    }
    assert_int_equal(ht_db_sql_commit(w.db), SQLITE_OK);
}

static void found(const char *filter, const char *labels, bool is_complete) {
    assert_string_equal(store_world_ask(&w, filter), labels);
    assert_int_equal(w.is_complete, is_complete);
}

static void expect_the_newest(void) {
    found("{'search':'word','limit':3}", "word 2399 word 2398 word rare 2397", false);
    found("{'search':'rare','limit':3}", "word rare 2397 word rare 2394 word rare 2391", false);
    found("{'search':'rare word','kinds':[1],'limit':2}", "word rare 2394 word rare 2388", false);
    found("{'search':'word','limit':2,'until':1701}", "word 701 word once 700", false);
    found("{'search':'word','since':1010,'until':1012}", "word rare 12 word 11 word 10", true);
    found("{'search':'once','since':3100}", "word once 2300 word once 2200 word rare once 2100",
          true);
    found("{'search':'never'}", "", true);
}

static void a_common_word_finds_the_newest_when_the_newest_came_last(void **state) {
    (void)state;
    put_all(1);
    expect_the_newest();
}

static void a_common_word_finds_the_newest_when_the_oldest_came_last(void **state) {
    (void)state;
    put_all(EVENTS - 1);
    expect_the_newest();
}

static void a_common_word_finds_the_newest_when_they_came_in_no_order(void **state) {
    (void)state;
    put_all(1013);
    expect_the_newest();
}

static void ids_are_held_against_a_common_word(void **state) {
    (void)state;
    char filter[512];
    put_all(1);
    const struct ht_event *other = store_world_event(&w, "another", 'x', 1, 5000, NULL);
    assert_int_equal(store_world_put(&w, other), HT_PUT_STORED);
    const struct ht_event *one = store_world_event(&w, "word of old", 'x', 1, 10, NULL);
    assert_int_equal(store_world_put(&w, one), HT_PUT_STORED);
    (void)snprintf(filter, sizeof filter, "{'search':'word','ids':['%s','%s']}",
                   store_world_id(&w, one), store_world_id(&w, other));
    found(filter, "word of old", true);
}

static void a_search_is_counted_to_the_last(void **state) {
    (void)state;
    put_all(1013);
    assert_int_equal(store_world_count(&w, "{'search':'word'}"), EVENTS);
    assert_int_equal(store_world_count(&w, "{'search':'rare','kinds':[1111]}"), EVENTS / 6);
}

static void slices_of_a_search_make_the_same_answer(void **state) {
    (void)state;
    put_all(1013);
    const struct ht_filter filter = store_world_filter(&w, "{'search':'rare','limit':4}");
    const struct ht_store_visit visit = store_world_visit(&w);
    for (int64_t budget_us = 1; budget_us < 200; budget_us += 7) {
        struct ht_store_mark mark = {.is_begun = false};
        enum ht_err err = HT_EAGAIN;
        w.answer[0] = '\0';
        for (unsigned slices = 0; err == HT_EAGAIN; slices++) {
            err = ht_store_query_on(&w.is_complete, &mark, w.store, &filter, 1, &w.limits,
                                    budget_us, &visit, &w.why);
            assert_true(slices < 40);
        }
        assert_int_equal(err, HT_OK);
        assert_string_equal(w.answer,
                            "word rare 2397 word rare 2394 word rare 2391 word rare 2388");
    }
}

static void the_first_page_of_a_common_word_looks_up_few_of_its_events(void **state) {
    (void)state;
    bool is_short = true, is_found = false;
    struct ht_store_search search;
    struct ht_store_work work = {.is_bounded = false};
    put_all(1);
    assert_int_equal(
        ht_store_search_init(&search, &w.store->sql, ht_bytes_str("word"), &work, NULL), HT_OK);
    assert_int_equal(ht_store_search_is_short(&is_short, &search, 51, &work, NULL), HT_OK);
    assert_false(is_short);
    assert_true(search.count < EVENTS / 2);
    assert_int_equal(ht_store_search_has(&is_found, &search, 1, &work, NULL), HT_OK);
    assert_true(is_found);
    assert_int_equal(search.count, EVENTS);
    ht_store_search_fini(&search);
}

static void all_of_a_common_word_is_a_list(void **state) {
    (void)state;
    bool is_short = false;
    struct ht_store_search search;
    struct ht_store_work work = {.is_bounded = false};
    put_all(1);
    assert_int_equal(
        ht_store_search_init(&search, &w.store->sql, ht_bytes_str("word"), &work, NULL), HT_OK);
    assert_int_equal(ht_store_search_is_short(&is_short, &search, 0, &work, NULL), HT_OK);
    assert_true(is_short);
    assert_int_equal(search.count, EVENTS);
    ht_store_search_fini(&search);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_world, close_world)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_common_word_finds_the_newest_when_the_newest_came_last),
        TEST(a_common_word_finds_the_newest_when_the_oldest_came_last),
        TEST(a_common_word_finds_the_newest_when_they_came_in_no_order),
        TEST(ids_are_held_against_a_common_word),
        TEST(a_search_is_counted_to_the_last),
        TEST(slices_of_a_search_make_the_same_answer),
        TEST(the_first_page_of_a_common_word_looks_up_few_of_its_events),
        TEST(all_of_a_common_word_is_a_list),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
