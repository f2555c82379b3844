/* Scores and budgets of peers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
/* cmocka wants the five above */
#include <cmocka.h>

#include "node/p2p/peer_score.h"

#define NOW INT64_C(1780000000000)

static struct ht_peer_score score;

static int setup(void **state) {
    (void)state;
    ht_peer_score_init(&score);
    return 0;
}

static bool fault(enum ht_peer_fault_kind kind) {
    return ht_peer_score_fault(&score, kind, "", NOW);
}

static void a_bucket_is_full_at_first_and_comes_back_with_time(void **state) {
    (void)state;
    struct ht_bucket bucket = {0};
    assert_true(ht_bucket_take(&bucket, 50, 500, 500, 1000));
    assert_false(ht_bucket_take(&bucket, 50, 500, 1, 1000));
    assert_false(ht_bucket_take(&bucket, 50, 500, 1, 1019));
    assert_true(ht_bucket_take(&bucket, 50, 500, 1, 1020));
    assert_true(ht_bucket_take(&bucket, 50, 500, 500, 1000000));
    assert_false(ht_bucket_take(&bucket, 50, 500, 1, 1000000));
}

static void a_refused_take_takes_nothing(void **state) {
    (void)state;
    struct ht_bucket bucket = {0};
    assert_true(ht_bucket_take(&bucket, 1, 10, 5, 1000));
    assert_false(ht_bucket_take(&bucket, 1, 10, 6, 1000));
    assert_true(ht_bucket_take(&bucket, 1, 10, 5, 1000));
}

static void a_bucket_bears_any_time(void **state) {
    (void)state;
    struct ht_bucket bucket = {0};
    assert_true(ht_bucket_take(&bucket, UINT32_MAX, UINT32_MAX, UINT32_MAX, 0));
    assert_true(ht_bucket_take(&bucket, UINT32_MAX, UINT32_MAX, UINT32_MAX, INT64_MAX));
    assert_false(ht_bucket_take(&bucket, UINT32_MAX, UINT32_MAX, 1, 5)); /* back: no gain */
    struct ht_bucket still = {0};
    assert_true(ht_bucket_take(&still, 0, 3, 3, 1));
    assert_false(ht_bucket_take(&still, 0, 3, 1, INT64_MAX));
}

static void what_is_given_back_does_not_overflow_the_bucket(void **state) {
    (void)state;
    struct ht_bucket bucket = {0};
    assert_true(ht_bucket_take(&bucket, 1, 10, 4, 1000));
    ht_bucket_give(&bucket, 10, 100);
    assert_true(ht_bucket_take(&bucket, 1, 10, 10, 1000));
    assert_false(ht_bucket_take(&bucket, 1, 10, 1, 1000));
}

static void a_bad_signature_is_a_ban_for_a_day(void **state) {
    (void)state;
    for (int i = 0; i < 200; i++) ht_peer_score_first(&score);
    assert_int_equal(score.score, 100);
    assert_true(fault(HT_FAULT_SIGNATURE));
    assert_int_equal(score.until_ms, NOW + HT_PEER_BAN_MS);
    assert_false(ht_peer_score_may_come(&score, NOW + HT_PEER_BAN_MS - 1));
    assert_true(ht_peer_score_may_come(&score, NOW + HT_PEER_BAN_MS));
}

static void small_faults_add_up_to_a_rest(void **state) {
    (void)state;
    for (int i = 0; i < 4; i++) assert_false(fault(HT_FAULT_NOT_HAD));
    assert_true(fault(HT_FAULT_NOT_HAD));
    assert_int_equal(score.until_ms, NOW + HT_PEER_REST_MS);
    assert_int_equal(score.fault_count, 1);
    assert_int_equal(score.faults[0].count, 5);
}

static void who_has_rested_begins_below_nothing(void **state) {
    (void)state;
    for (int i = 0; i < 5; i++) (void)fault(HT_FAULT_FLOOD);
    int64_t later = score.until_ms;
    assert_false(ht_peer_score_fault(&score, HT_FAULT_FLOOD, "", later));
    assert_int_equal(score.score, -35);
    assert_true(ht_peer_score_may_come(&score, later));
    assert_false(ht_peer_score_fault(&score, HT_FAULT_FLOOD, "", later));
    assert_true(ht_peer_score_fault(&score, HT_FAULT_FLOOD, "", later));
}

static void a_rest_does_not_shorten_a_ban(void **state) {
    (void)state;
    assert_true(fault(HT_FAULT_IDENTITY));
    assert_true(fault(HT_FAULT_FLOOD));
    assert_int_equal(score.until_ms, NOW + HT_PEER_BAN_MS);
}

static void firsts_make_up_for_faults(void **state) {
    (void)state;
    for (int i = 0; i < 100; i++) {
        for (int j = 0; j < 10; j++) ht_peer_score_first(&score);
        assert_false(fault(HT_FAULT_WITHHELD));
    }
    assert_int_equal(score.first, 1000);
}

static void the_newest_faults_are_kept_by_name(void **state) {
    (void)state;
    for (int i = 0; i < 20; i++) {
        score.score = 0;
        (void)ht_peer_score_fault(&score, i % 2 == 0 ? HT_FAULT_ECHO : HT_FAULT_CHUNK,
                                  i == 19 ? "chunk 3" : "x", NOW + i);
    }
    assert_int_equal(score.fault_count, HT_PEER_FAULTS_MAX);
    assert_int_equal(score.faults[7].at_ms, NOW + 19);
    assert_int_equal(score.faults[0].at_ms, NOW + 12);
    assert_string_equal(score.faults[7].what, "chunk 3");
    assert_string_equal(ht_peer_fault_name(score.faults[7].kind), "bad_chunk");
    assert_string_equal(ht_peer_fault_name(HT_FAULT_PROOF), "bad_proof");
}

static void what_is_too_long_is_cut(void **state) {
    (void)state;
    char text[200];
    memset(text, 'a', sizeof text);
    text[199] = 0;
    (void)ht_peer_score_fault(&score, HT_FAULT_ECHO, text, NOW);
    assert_int_equal(strlen(score.faults[0].what), sizeof score.faults[0].what - 1);
    (void)ht_peer_score_fault(&score, HT_FAULT_CHUNK, NULL, NOW);
    assert_string_equal(score.faults[1].what, "");
}

static void who_is_forgiven_may_come_and_faults_stay_on_record(void **state) {
    (void)state;
    assert_true(fault(HT_FAULT_SIGNATURE));
    ht_peer_score_forgive(&score);
    assert_true(ht_peer_score_may_come(&score, NOW));
    assert_int_equal(score.score, 0);
    assert_int_equal(score.fault_count, 1);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup(name, setup)
    const struct CMUnitTest tests[] = {
        TEST(a_bucket_is_full_at_first_and_comes_back_with_time),
        TEST(a_refused_take_takes_nothing),
        TEST(a_bucket_bears_any_time),
        TEST(what_is_given_back_does_not_overflow_the_bucket),
        TEST(a_bad_signature_is_a_ban_for_a_day),
        TEST(small_faults_add_up_to_a_rest),
        TEST(who_has_rested_begins_below_nothing),
        TEST(a_rest_does_not_shorten_a_ban),
        TEST(firsts_make_up_for_faults),
        TEST(the_newest_faults_are_kept_by_name),
        TEST(what_is_too_long_is_cut),
        TEST(who_is_forgiven_may_come_and_faults_stay_on_record),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
