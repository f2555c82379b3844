/* Scores, pauses and the choice among providers, with a clock and randomness of our own. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

#include "node/net/provider.h"

static int64_t now_ms;
static uint8_t random_byte; /* all randomness is made of it */

static int64_t mono_ms(void *self) {
    (void)self;
    return now_ms;
}

static int64_t wall_ms(void *self) {
    (void)self;
    return now_ms + 1700000000000;
}

static void fill(void *self, uint8_t *out, size_t n) {
    (void)self;
    memset(out, random_byte, n);
}

static const struct ht_clock fake_clock = {.wall_ms = wall_ms, .mono_ms = mono_ms};
static const struct ht_random fake_random = {.fill = fill};
static const struct ht_why down = {.code = "connect_failed", .text = "refused"};
static const struct ht_provider_fault lie = {
    .asked = "LightClientUpdate", .why = {.code = "bad_signature", .text = "not signed"}};

static struct ht_providers all;

static int start(void **state) {
    (void)state;
    now_ms = 1000;
    random_byte = 0;
    all = (struct ht_providers){.clock = &fake_clock, .random = &fake_random};
    return 0;
}

static struct ht_provider *add(const char *url) {
    size_t before = all.count;
    assert_int_equal(ht_providers_add(&all, HT_PROVIDER_BEACON, url, NULL), HT_OK);
    assert_int_equal(all.count, before + 1);
    return &all.list[before];
}

static struct ht_provider *pick(void) {
    int64_t wait_ms;
    return ht_providers_pick(&all, HT_PROVIDER_BEACON, NULL, &wait_ms);
}

/* How long the only provider rests now. */
static int64_t pause_now_ms(void) {
    int64_t wait_ms = 0;
    assert_null(ht_providers_pick(&all, HT_PROVIDER_BEACON, NULL, &wait_ms));
    return wait_ms;
}

/* --- adding ----------------------------------------------------------------------------------- */

static void credentials_and_paths_are_never_in_the_name(void **state) {
    (void)state;
    const struct ht_provider *one = add("https://mara:secret@beacon.example:5052/key/abc/");
    assert_string_equal(one->name, "beacon.example:5052");
    assert_string_equal(one->url, "https://mara:secret@beacon.example:5052/key/abc");
    assert_string_equal(one->id, "beacon-1");
    assert_null(strstr(one->id, "secret"));
}

static void addresses_of_other_kinds_are_bad_urls(void **state) {
    (void)state;
    static const char *const bad[] = {"",
                                      "beacon",
                                      "ftp://beacon.example",
                                      "file:///etc/passwd",
                                      "http://",
                                      "http://a:99999999",
                                      "http://a b",
                                      "http:// ",
                                      "://x"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct ht_why why = {.code = ""};
        if (ht_providers_add(&all, HT_PROVIDER_BEACON, bad[i], &why) != HT_EINPUT) {
            fail_msg("\"%s\" was accepted", bad[i]);
        }
        assert_string_equal(why.code, "bad_url");
    }
    assert_int_equal(all.count, 0);
}

static void a_url_that_does_not_fit_is_bad(void **state) {
    (void)state;
    char url[600] = "http://beacon.example/";
    memset(url + strlen(url), 'a', sizeof url - 1 - strlen(url));
    struct ht_why why = {.code = ""};
    assert_int_equal(ht_providers_add(&all, HT_PROVIDER_BEACON, url, &why), HT_EINPUT);
    assert_string_equal(why.code, "bad_url");
    char host[200] = "http://";
    memset(host + 7, 'a', 150);
    assert_int_equal(ht_providers_add(&all, HT_PROVIDER_BEACON, host, &why), HT_EINPUT);
}

static void the_reason_for_a_bad_url_does_not_repeat_its_password(void **state) {
    (void)state;
    struct ht_why why = {.code = ""};
    assert_int_equal(
        ht_providers_add(&all, HT_PROVIDER_BEACON, "ftp://mara:secret@beacon.example", &why),
        HT_EINPUT);
    assert_null(strstr(why.text, "secret"));
}

static void the_same_url_is_added_once_for_each_kind(void **state) {
    (void)state;
    add("http://a.example");
    assert_int_equal(ht_providers_add(&all, HT_PROVIDER_BEACON, "http://a.example/", NULL), HT_OK);
    assert_int_equal(all.count, 1);
    assert_int_equal(ht_providers_add(&all, HT_PROVIDER_CHECKPOINT, "http://a.example", NULL),
                     HT_OK);
    assert_int_equal(all.count, 2);
    assert_string_equal(all.list[1].id, "checkpoint-1");
}

static void too_many_providers_are_refused(void **state) {
    (void)state;
    for (int i = 0; i < HT_PROVIDERS_MAX; i++) {
        char url[40];
        (void)snprintf(url, sizeof url, "http://p%d.example", i);
        add(url);
    }
    struct ht_why why = {.code = ""};
    assert_int_equal(ht_providers_add(&all, HT_PROVIDER_BEACON, "http://more.example", &why),
                     HT_ELIMIT);
    assert_string_equal(why.code, "too_many_providers");
}

static void providers_are_found_by_id(void **state) {
    (void)state;
    add("http://a.example");
    const struct ht_provider *b = add("http://b.example");
    assert_ptr_equal(ht_providers_find(&all, "beacon-2"), b);
    assert_null(ht_providers_find(&all, "beacon-3"));
}

/* --- choice ----------------------------------------------------------------------------------- */

static void the_first_of_equals_is_picked(void **state) {
    (void)state;
    struct ht_provider *a = add("http://a.example");
    add("http://b.example");
    assert_ptr_equal(pick(), a);
}

static void the_better_score_is_picked(void **state) {
    (void)state;
    add("http://a.example");
    struct ht_provider *b = add("http://b.example");
    ht_provider_succeeded(&all, b, 10);
    assert_ptr_equal(pick(), b);
}

static void the_faster_of_equal_scores_is_picked(void **state) {
    (void)state;
    struct ht_provider *a = add("http://a.example");
    struct ht_provider *b = add("http://b.example");
    ht_provider_succeeded(&all, a, 90);
    ht_provider_succeeded(&all, b, 30);
    assert_ptr_equal(pick(), b);
}

static void only_the_kind_asked_for_is_picked(void **state) {
    (void)state;
    int64_t wait_ms = 0;
    add("http://a.example");
    assert_null(ht_providers_pick(&all, HT_PROVIDER_CHECKPOINT, NULL, &wait_ms));
    assert_int_equal(wait_ms, -1);
}

static void one_is_passed_over_only_when_there_is_another(void **state) {
    (void)state;
    int64_t wait_ms;
    struct ht_provider *a = add("http://a.example");
    assert_ptr_equal(ht_providers_pick(&all, HT_PROVIDER_BEACON, a, &wait_ms), a);
    struct ht_provider *b = add("http://b.example");
    assert_ptr_equal(ht_providers_pick(&all, HT_PROVIDER_BEACON, a, &wait_ms), b);
}

static void a_failure_moves_on_to_the_next_and_back_after_the_pause(void **state) {
    (void)state;
    struct ht_provider *a = add("http://a.example");
    struct ht_provider *b = add("http://b.example");
    ht_provider_succeeded(&all, a, 10);
    ht_provider_succeeded(&all, a, 10);
    ht_provider_failed(&all, a, &down, -1);
    assert_ptr_equal(pick(), b);
    ht_provider_failed(&all, b, &down, -1);
    assert_null(pick());
    now_ms += 10000;
    assert_ptr_equal(pick(), a); /* its score is still the better one */
}

static void the_wait_is_until_the_first_pause_ends(void **state) {
    (void)state;
    struct ht_provider *a = add("http://a.example");
    struct ht_provider *b = add("http://b.example");
    ht_provider_failed(&all, a, &down, 20000);
    ht_provider_failed(&all, b, &down, 7000);
    assert_int_equal(pause_now_ms(), 7000);
    now_ms += 6999;
    assert_int_equal(pause_now_ms(), 1);
    now_ms += 1;
    assert_ptr_equal(pick(), b);
}

static void one_that_lags_is_asked_after_the_others(void **state) {
    (void)state;
    struct ht_provider *a = add("http://a.example");
    struct ht_provider *b = add("http://b.example");
    struct ht_provider *c = add("http://c.example");
    for (int i = 0; i < 20; i++) ht_provider_succeeded(&all, a, 10);
    assert_ptr_equal(pick(), a);
    ht_provider_lagged(&all, a, 5000);
    assert_ptr_equal(pick(), b);
    now_ms += 100;
    ht_provider_lagged(&all, b, 5000);
    assert_ptr_equal(pick(), c);
    now_ms += 100;
    ht_provider_lagged(&all, c, 5000);
    assert_ptr_equal(pick(), a); /* nobody else, and it has waited longest */
    assert_false(ht_providers_all_down(&all, HT_PROVIDER_BEACON));
    ht_provider_succeeded(&all, c, 10);
    assert_ptr_equal(pick(), c);
    now_ms += 5000;
    assert_ptr_equal(pick(), a);
}

/* --- pauses ----------------------------------------------------------------------------------- */

static void pauses_double_up_to_five_minutes(void **state) {
    (void)state;
    struct ht_provider *a = add("http://a.example");
    int64_t expected_ms = 500;
    for (int i = 0; i < 14; i++) {
        ht_provider_failed(&all, a, &down, -1);
        assert_int_equal(pause_now_ms(), expected_ms * 3 / 4);
        expected_ms = expected_ms < 150000 ? expected_ms * 2 : 300000;
    }
}

static void jitter_keeps_a_pause_within_a_quarter_of_it(void **state) {
    (void)state;
    struct ht_provider *a = add("http://a.example");
    bool has_low = false, has_high = false;
    for (int i = 0; i < 256; i++) {
        random_byte = (uint8_t)i;
        ht_provider_forgive(a);
        ht_provider_failed(&all, a, &down, -1);
        int64_t pause_ms = pause_now_ms();
        assert_in_range(pause_ms, 375, 624);
        has_low |= pause_ms < 440;
        has_high |= pause_ms > 560;
    }
    assert_true(has_low && has_high);
}

static void a_success_ends_the_pause_and_the_doubling(void **state) {
    (void)state;
    struct ht_provider *a = add("http://a.example");
    for (int i = 0; i < 5; i++) ht_provider_failed(&all, a, &down, -1);
    ht_provider_succeeded(&all, a, 10);
    assert_ptr_equal(pick(), a);
    ht_provider_failed(&all, a, &down, -1);
    assert_int_equal(pause_now_ms(), 375);
}

static void retry_after_is_kept_to(void **state) {
    (void)state;
    struct ht_provider *a = add("http://a.example");
    ht_provider_failed(&all, a, &down, 30000);
    assert_int_equal(pause_now_ms(), 30000);
}

static void a_short_retry_after_does_not_shorten_the_pause(void **state) {
    (void)state;
    struct ht_provider *a = add("http://a.example");
    ht_provider_failed(&all, a, &down, 0);
    assert_int_equal(pause_now_ms(), 375);
}

static void retry_after_of_days_is_cut_to_five_minutes(void **state) {
    (void)state;
    struct ht_provider *a = add("http://a.example");
    ht_provider_failed(&all, a, &down, INT64_MAX);
    assert_int_equal(pause_now_ms(), 300000);
}

static void in_a_hurry_pauses_are_cut_but_not_what_was_asked_for(void **state) {
    (void)state;
    static const struct ht_why limited = {.code = "rate_limited", .text = "later"};
    struct ht_provider *a = add("http://a.example");
    struct ht_provider *b = add("http://b.example");
    for (int i = 0; i < 9; i++) ht_provider_failed(&all, a, &down, -1);
    ht_provider_failed(&all, b, &limited, 60000);
    ht_providers_hurry(&all, HT_PROVIDER_CHECKPOINT, 2000); /* of others */
    assert_int_equal(pause_now_ms(), 60000);
    ht_providers_hurry(&all, HT_PROVIDER_BEACON, 2000);
    assert_int_equal(pause_now_ms(), 2000);
    now_ms += 2000;
    assert_ptr_equal(pick(), a);
    ht_providers_hurry(&all, HT_PROVIDER_BEACON, 2000);
    assert_int_equal(b->pause_until_ms - now_ms, 58000);
}

/* --- scores and states ------------------------------------------------------------------------ */

static void scores_stay_between_0_and_100(void **state) {
    (void)state;
    struct ht_provider *a = add("http://a.example");
    for (int i = 0; i < 100; i++) ht_provider_succeeded(&all, a, 1);
    assert_int_equal(a->score, 100);
    for (int i = 0; i < 100; i++) ht_provider_failed(&all, a, &down, -1);
    assert_int_equal(a->score, 0);
    assert_int_equal(a->requests, 200);
    assert_int_equal(a->failures, 100);
}

static void slow_answers_lower_the_score(void **state) {
    (void)state;
    struct ht_provider *a = add("http://a.example");
    struct ht_provider *b = add("http://b.example");
    for (int i = 0; i < 20; i++) {
        ht_provider_succeeded(&all, a, 5000);
        ht_provider_succeeded(&all, b, 50);
    }
    assert_true(a->score < b->score);
    assert_int_equal(ht_provider_state(a), HT_PROVIDER_SLOW);
    assert_int_equal(ht_provider_state(b), HT_PROVIDER_IN_USE);
}

static void the_last_to_answer_is_in_use(void **state) {
    (void)state;
    struct ht_provider *a = add("http://a.example");
    struct ht_provider *b = add("http://b.example");
    assert_int_equal(ht_provider_state(a), HT_PROVIDER_READY);
    ht_provider_succeeded(&all, a, 10);
    ht_provider_succeeded(&all, b, 10);
    assert_int_equal(ht_provider_state(a), HT_PROVIDER_READY);
    assert_int_equal(ht_provider_state(b), HT_PROVIDER_IN_USE);
    ht_provider_failed(&all, b, &down, -1);
    assert_int_equal(ht_provider_state(b), HT_PROVIDER_FAILING);
    assert_string_equal(b->last_error.text, "refused");
    assert_int_equal(b->last_error_ms, wall_ms(NULL));
}

static void the_median_is_of_the_last_eight(void **state) {
    (void)state;
    struct ht_provider *a = add("http://a.example");
    assert_int_equal(ht_provider_median_ms(a), -1);
    ht_provider_succeeded(&all, a, 70);
    assert_int_equal(ht_provider_median_ms(a), 70);
    for (int i = 0; i < 8; i++) ht_provider_succeeded(&all, a, 9000);
    assert_int_equal(ht_provider_median_ms(a), 9000);
    static const int64_t times[] = {8, 1, 7, 2, 6, 3, 5, 4};
    for (int i = 0; i < 8; i++) ht_provider_succeeded(&all, a, times[i]);
    assert_int_equal(ht_provider_median_ms(a), 5);
}

/* --- faults ----------------------------------------------------------------------------------- */

static void one_that_lied_is_never_picked(void **state) {
    (void)state;
    struct ht_provider *a = add("http://a.example");
    for (int i = 0; i < 20; i++) ht_provider_succeeded(&all, a, 1);
    ht_provider_faulted(&all, a, &lie, true);
    int64_t wait_ms = 0;
    now_ms += INT64_C(1) << 50;
    assert_null(ht_providers_pick(&all, HT_PROVIDER_BEACON, a, &wait_ms));
    assert_int_equal(wait_ms, -1);
    assert_int_equal(a->score, 0);
    assert_int_equal(ht_provider_state(a), HT_PROVIDER_LIED);
    ht_provider_succeeded(&all, a, 1);
    assert_null(pick());
}

static void a_malformed_answer_is_a_fault_but_no_lie(void **state) {
    (void)state;
    struct ht_provider *a = add("http://a.example");
    ht_provider_faulted(&all, a, &lie, false);
    assert_int_equal(ht_provider_state(a), HT_PROVIDER_FAILING);
    assert_int_equal(a->score, 50);
    assert_int_equal(a->fault_count, 1);
    now_ms += 1000;
    assert_ptr_equal(pick(), a);
}

static void forgiving_asks_again_and_keeps_the_record(void **state) {
    (void)state;
    struct ht_provider *a = add("http://a.example");
    ht_provider_faulted(&all, a, &lie, true);
    ht_provider_forgive(a);
    assert_ptr_equal(pick(), a);
    assert_int_equal(a->fault_count, 1);
    assert_string_equal(a->faults[0].why.code, "bad_signature");
    struct ht_provider *b = add("http://b.example");
    assert_ptr_equal(pick(), b); /* it starts over behind one that never lied */
}

static void the_newest_faults_are_kept(void **state) {
    (void)state;
    struct ht_provider *a = add("http://a.example");
    for (uint64_t i = 0; i < HT_PROVIDER_FAULTS_MAX + 2; i++) {
        struct ht_provider_fault fault = lie;
        fault.slot = i;
        ht_provider_faulted(&all, a, &fault, false);
    }
    assert_int_equal(a->fault_count, HT_PROVIDER_FAULTS_MAX);
    assert_int_equal(a->faults[0].slot, 2);
    assert_int_equal(a->faults[HT_PROVIDER_FAULTS_MAX - 1].slot, HT_PROVIDER_FAULTS_MAX + 1);
}

static void all_are_down_when_each_failed_or_lied(void **state) {
    (void)state;
    struct ht_provider *a = add("http://a.example");
    struct ht_provider *b = add("http://b.example");
    assert_false(ht_providers_all_down(&all, HT_PROVIDER_BEACON));
    ht_provider_failed(&all, a, &down, -1);
    assert_false(ht_providers_all_down(&all, HT_PROVIDER_BEACON));
    ht_provider_faulted(&all, b, &lie, true);
    assert_true(ht_providers_all_down(&all, HT_PROVIDER_BEACON));
    ht_provider_succeeded(&all, a, 10);
    assert_false(ht_providers_all_down(&all, HT_PROVIDER_BEACON));
}

static void states_and_kinds_have_names(void **state) {
    (void)state;
    assert_string_equal(ht_provider_state_name(HT_PROVIDER_IN_USE), "in_use");
    assert_string_equal(ht_provider_state_name(HT_PROVIDER_READY), "ready");
    assert_string_equal(ht_provider_state_name(HT_PROVIDER_SLOW), "slow");
    assert_string_equal(ht_provider_state_name(HT_PROVIDER_FAILING), "failing");
    assert_string_equal(ht_provider_state_name(HT_PROVIDER_LIED), "lied");
    assert_string_equal(ht_provider_kind_name(HT_PROVIDER_BEACON), "beacon");
    assert_string_equal(ht_provider_kind_name(HT_PROVIDER_CHECKPOINT), "checkpoint");
}

#define TEST(name) cmocka_unit_test_setup(name, start)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(credentials_and_paths_are_never_in_the_name),
        TEST(addresses_of_other_kinds_are_bad_urls),
        TEST(a_url_that_does_not_fit_is_bad),
        TEST(the_reason_for_a_bad_url_does_not_repeat_its_password),
        TEST(the_same_url_is_added_once_for_each_kind),
        TEST(too_many_providers_are_refused),
        TEST(providers_are_found_by_id),
        TEST(the_first_of_equals_is_picked),
        TEST(the_better_score_is_picked),
        TEST(the_faster_of_equal_scores_is_picked),
        TEST(only_the_kind_asked_for_is_picked),
        TEST(one_is_passed_over_only_when_there_is_another),
        TEST(a_failure_moves_on_to_the_next_and_back_after_the_pause),
        TEST(the_wait_is_until_the_first_pause_ends),
        TEST(one_that_lags_is_asked_after_the_others),
        TEST(pauses_double_up_to_five_minutes),
        TEST(jitter_keeps_a_pause_within_a_quarter_of_it),
        TEST(a_success_ends_the_pause_and_the_doubling),
        TEST(retry_after_is_kept_to),
        TEST(a_short_retry_after_does_not_shorten_the_pause),
        TEST(retry_after_of_days_is_cut_to_five_minutes),
        TEST(in_a_hurry_pauses_are_cut_but_not_what_was_asked_for),
        TEST(scores_stay_between_0_and_100),
        TEST(slow_answers_lower_the_score),
        TEST(the_last_to_answer_is_in_use),
        TEST(the_median_is_of_the_last_eight),
        TEST(one_that_lied_is_never_picked),
        TEST(a_malformed_answer_is_a_fault_but_no_lie),
        TEST(forgiving_asks_again_and_keeps_the_record),
        TEST(the_newest_faults_are_kept),
        TEST(all_are_down_when_each_failed_or_lied),
        TEST(states_and_kinds_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
