/* Execution providers: their addresses, the budget of requests, and the record with each method. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

#include "node/net/provider.h"

static int64_t now_ms;

static int64_t mono_ms(void *self) {
    (void)self;
    return now_ms;
}

static const struct ht_clock fake_clock = {.wall_ms = mono_ms, .mono_ms = mono_ms};
static const struct ht_provider_fault lie = {.asked = "account",
                                             .why = {.code = "bad_proof", .text = "does not hold"}};
static struct ht_providers all;

static int start(void **state) {
    (void)state;
    now_ms = 1000;
    all = (struct ht_providers){.clock = &fake_clock};
    return 0;
}

static struct ht_provider *add_execution(const char *url) {
    assert_int_equal(ht_providers_add(&all, HT_PROVIDER_EXECUTION, url, NULL), HT_OK);
    return &all.list[all.count - 1];
}

static struct ht_provider *pick_for(const char *method, size_t requests, int64_t *wait_ms) {
    struct ht_provider_wish wish = {.method = method, .requests = requests};
    return ht_providers_pick_for(&all, HT_PROVIDER_EXECUTION, &wish, wait_ms);
}

static void websockets_are_for_execution_providers_alone(void **state) {
    (void)state;
    struct ht_why why = {.code = ""};
    assert_string_equal(add_execution("ws://user:secret@a.example:8546/key")->name,
                        "a.example:8546");
    assert_string_equal(add_execution("wss://b.example/key?x=1")->name, "b.example");
    assert_int_equal(ht_providers_add(&all, HT_PROVIDER_BEACON, "ws://a.example", &why), HT_EINPUT);
    assert_string_equal(why.code, "bad_url");
    assert_int_equal(ht_providers_add(&all, HT_PROVIDER_CHECKPOINT, "wss://a.example", &why),
                     HT_EINPUT);
    assert_int_equal(ht_providers_add(&all, HT_PROVIDER_EXECUTION, "wsx://a.example", &why),
                     HT_EINPUT);
    assert_int_equal(all.count, 2);
}

static void twice_a_seconds_budget_may_go_at_once_and_more_must_wait(void **state) {
    (void)state;
    int64_t wait_ms;
    struct ht_provider *a = add_execution("http://a");
    ht_provider_spend(&all, a, 99);
    assert_ptr_equal(pick_for(NULL, 1, &wait_ms), a);
    ht_provider_spend(&all, a, 1);
    assert_null(pick_for(NULL, 1, &wait_ms));
    assert_int_equal(wait_ms, 20);
    assert_null(pick_for(NULL, 10, &wait_ms));
    assert_int_equal(wait_ms, 200);
    now_ms += 19;
    assert_null(pick_for(NULL, 1, &wait_ms));
    now_ms += 1;
    assert_ptr_equal(pick_for(NULL, 1, &wait_ms), a);
}

static void a_batch_larger_than_the_budget_goes_when_nothing_is_spent(void **state) {
    (void)state;
    int64_t wait_ms;
    struct ht_provider *a = add_execution("http://a");
    ht_providers_set_budget(&all, 10);
    assert_ptr_equal(pick_for(NULL, 64, &wait_ms), a);
    ht_provider_spend(&all, a, 64);
    assert_null(pick_for(NULL, 64, &wait_ms));
    assert_int_equal(wait_ms, 6400);
    assert_null(pick_for(NULL, 1, &wait_ms));
    assert_int_equal(wait_ms, 4500);
    now_ms += 6400;
    assert_ptr_equal(pick_for(NULL, 64, &wait_ms), a);
}

static void a_long_rest_saves_up_no_more_than_a_full_budget(void **state) {
    (void)state;
    int64_t wait_ms;
    struct ht_provider *a = add_execution("http://a");
    ht_provider_spend(&all, a, 10);
    now_ms += INT64_C(1) << 40;
    ht_provider_spend(&all, a, 100);
    assert_null(pick_for(NULL, 1, &wait_ms));
    assert_int_equal(wait_ms, 20);
}

static void a_budget_of_none_never_waits(void **state) {
    (void)state;
    int64_t wait_ms;
    struct ht_provider *a = add_execution("http://a");
    ht_providers_set_budget(&all, 0);
    ht_provider_spend(&all, a, 100000);
    assert_ptr_equal(pick_for(NULL, 64, &wait_ms), a);
}

static void other_kinds_have_no_budget(void **state) {
    (void)state;
    struct ht_provider *a = &all.list[0];
    assert_int_equal(ht_providers_add(&all, HT_PROVIDER_BEACON, "http://a", NULL), HT_OK);
    ht_provider_spend(&all, a, 100000);
    int64_t wait_ms;
    assert_ptr_equal(ht_providers_pick(&all, HT_PROVIDER_BEACON, NULL, &wait_ms), a);
}

static void a_spent_budget_gives_way_to_another_provider(void **state) {
    (void)state;
    int64_t wait_ms;
    struct ht_provider *a = add_execution("http://a");
    struct ht_provider *b = add_execution("http://b");
    ht_provider_spend(&all, a, 100);
    assert_ptr_equal(pick_for(NULL, 1, &wait_ms), b);
}

static void who_did_well_with_a_method_is_asked_first_for_it(void **state) {
    (void)state;
    int64_t wait_ms;
    struct ht_provider *a = add_execution("http://a");
    struct ht_provider *b = add_execution("http://b");
    ht_provider_note_method(a, "eth_getProof", false, 0);
    ht_provider_note_method(a, "eth_call", true, 100);
    assert_ptr_equal(pick_for("eth_getProof", 1, &wait_ms), b);
    assert_ptr_equal(pick_for("eth_call", 1, &wait_ms), a);
    assert_ptr_equal(pick_for("eth_getCode", 1, &wait_ms), a);
    assert_ptr_equal(pick_for(NULL, 1, &wait_ms), a);
}

static void of_two_that_do_equally_well_the_faster_is_asked(void **state) {
    (void)state;
    int64_t wait_ms;
    struct ht_provider *a = add_execution("http://a");
    struct ht_provider *b = add_execution("http://b");
    ht_provider_note_method(a, "eth_call", true, 300);
    ht_provider_note_method(b, "eth_call", true, 100);
    assert_ptr_equal(pick_for("eth_call", 1, &wait_ms), b);
}

static void a_methods_record_counts_and_averages(void **state) {
    (void)state;
    struct ht_provider *a = add_execution("http://a");
    ht_provider_note_method(a, "eth_call", false, 0);
    assert_int_equal(a->methods[0].average_ms, -1);
    ht_provider_note_method(a, "eth_call", true, 100);
    ht_provider_note_method(a, "eth_call", true, 500);
    assert_int_equal(a->method_count, 1);
    assert_string_equal(a->methods[0].method, "eth_call");
    assert_int_equal(a->methods[0].answered, 2);
    assert_int_equal(a->methods[0].failed, 1);
    assert_int_equal(a->methods[0].average_ms, 200);
}

static void more_methods_than_there_is_room_for_are_left_out(void **state) {
    (void)state;
    static char names[HT_PROVIDER_METHODS_MAX + 1][16];
    struct ht_provider *a = add_execution("http://a");
    for (size_t i = 0; i <= HT_PROVIDER_METHODS_MAX; i++) {
        (void)snprintf(names[i], sizeof names[i], "method_%zu", i);
        ht_provider_note_method(a, names[i], true, 1);
    }
    assert_int_equal(a->method_count, HT_PROVIDER_METHODS_MAX);
}

static void a_lie_that_is_recalled_drops_it_without_counting(void **state) {
    (void)state;
    int64_t wait_ms;
    struct ht_provider *a = add_execution("http://a");
    ht_provider_recall_lie(a, &lie);
    assert_null(pick_for(NULL, 1, &wait_ms));
    assert_int_equal(wait_ms, -1);
    assert_int_equal(ht_provider_state(a), HT_PROVIDER_LIED);
    assert_int_equal(a->requests, 0);
    assert_int_equal(a->fault_count, 1);
    assert_int_equal(a->faults_seen, 1);
    ht_provider_forgive(a);
    assert_ptr_equal(pick_for(NULL, 1, &wait_ms), a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup(name, start)
        TEST(websockets_are_for_execution_providers_alone),
        TEST(twice_a_seconds_budget_may_go_at_once_and_more_must_wait),
        TEST(a_batch_larger_than_the_budget_goes_when_nothing_is_spent),
        TEST(a_long_rest_saves_up_no_more_than_a_full_budget),
        TEST(a_budget_of_none_never_waits),
        TEST(other_kinds_have_no_budget),
        TEST(a_spent_budget_gives_way_to_another_provider),
        TEST(who_did_well_with_a_method_is_asked_first_for_it),
        TEST(of_two_that_do_equally_well_the_faster_is_asked),
        TEST(a_methods_record_counts_and_averages),
        TEST(more_methods_than_there_is_room_for_are_left_out),
        TEST(a_lie_that_is_recalled_drops_it_without_counting),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
