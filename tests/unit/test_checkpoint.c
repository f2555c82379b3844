/* Agreement of checkpoint sources. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

#include "node/l1/checkpoint.h"

static ht_hash32 root_of(uint8_t n) {
    ht_hash32 root = {{n, (uint8_t)(n + 1)}};
    return root;
}

static void add_sources(struct ht_checkpoint_poll *poll, size_t count, size_t quorum) {
    *poll = (struct ht_checkpoint_poll){.quorum = quorum};
    for (size_t i = 0; i < count; i++) {
        char name[40];
        (void)snprintf(name, sizeof name, "source-%zu", i);
        assert_int_equal(ht_checkpoint_add(poll, name), HT_OK);
    }
}

static void say(struct ht_checkpoint_poll *poll, size_t i, uint64_t epoch, uint8_t n) {
    ht_hash32 root = root_of(n);
    ht_checkpoint_state(poll, i, epoch, &root);
}

static void expect_agreed(const struct ht_checkpoint_poll *poll, uint64_t epoch, uint8_t n,
                          size_t votes) {
    struct ht_checkpoint_statement out = {0};
    size_t agreed = 0;
    struct ht_why why = {.code = ""};
    ht_hash32 root = root_of(n);
    assert_int_equal(ht_checkpoint_result(poll, &out, &agreed, &why), HT_CHECKPOINT_AGREED);
    assert_int_equal(out.epoch, epoch);
    assert_memory_equal(out.root.b, root.b, sizeof root.b);
    assert_int_equal(agreed, votes);
}

static enum ht_checkpoint_outcome result(const struct ht_checkpoint_poll *poll,
                                         struct ht_why *why) {
    struct ht_checkpoint_statement out;
    size_t agreed;
    return ht_checkpoint_result(poll, &out, &agreed, why);
}

static void a_quorum_that_says_the_same_agrees(void **state) {
    (void)state;
    struct ht_checkpoint_poll poll;
    add_sources(&poll, 3, 2);
    say(&poll, 0, 10, 1);
    say(&poll, 2, 10, 1);
    expect_agreed(&poll, 10, 1, 2);
}

static void one_source_is_enough_when_the_quorum_is_one(void **state) {
    (void)state;
    struct ht_checkpoint_poll poll;
    add_sources(&poll, 1, 1);
    say(&poll, 0, 10, 1);
    expect_agreed(&poll, 10, 1, 1);
}

static void nothing_said_stays_open(void **state) {
    (void)state;
    struct ht_checkpoint_poll poll;
    struct ht_why why;
    add_sources(&poll, 3, 2);
    assert_int_equal(result(&poll, &why), HT_CHECKPOINT_OPEN);
}

static void statements_about_different_epochs_stay_open(void **state) {
    (void)state;
    struct ht_checkpoint_poll poll;
    struct ht_why why;
    add_sources(&poll, 3, 2);
    say(&poll, 0, 10, 1);
    say(&poll, 1, 11, 2);
    say(&poll, 2, 12, 3);
    assert_int_equal(result(&poll, &why), HT_CHECKPOINT_OPEN);
}

static void sources_out_of_step_agree_in_a_later_round(void **state) {
    (void)state;
    struct ht_checkpoint_poll poll;
    add_sources(&poll, 2, 2);
    say(&poll, 0, 11, 2);
    say(&poll, 1, 10, 1);
    say(&poll, 1, 11, 2);
    expect_agreed(&poll, 11, 2, 2);
}

static void newest_agreed_epoch_is_taken(void **state) {
    (void)state;
    struct ht_checkpoint_poll poll;
    add_sources(&poll, 2, 2);
    for (size_t i = 0; i < 2; i++) {
        say(&poll, i, 12, 3);
        say(&poll, i, 10, 1);
        say(&poll, i, 11, 2);
    }
    expect_agreed(&poll, 12, 3, 2);
}

static void two_roots_of_one_epoch_are_a_dispute_that_names_both(void **state) {
    (void)state;
    struct ht_checkpoint_poll poll;
    struct ht_why why = {.code = ""};
    add_sources(&poll, 2, 2);
    say(&poll, 0, 10, 1);
    say(&poll, 1, 10, 0xab);
    assert_int_equal(result(&poll, &why), HT_CHECKPOINT_DISPUTED);
    assert_string_equal(why.code, "checkpoint_disagreement");
    assert_non_null(strstr(why.text, "epoch 10"));
    assert_non_null(strstr(why.text, "source-0 says 0x0102"));
    assert_non_null(strstr(why.text, "source-1 says 0xabac"));
}

static void an_even_split_is_a_dispute_though_each_half_is_a_quorum(void **state) {
    (void)state;
    struct ht_checkpoint_poll poll;
    struct ht_why why;
    add_sources(&poll, 4, 2);
    say(&poll, 0, 10, 1);
    say(&poll, 1, 10, 1);
    say(&poll, 2, 10, 2);
    say(&poll, 3, 10, 2);
    assert_int_equal(result(&poll, &why), HT_CHECKPOINT_DISPUTED);
}

static void a_majority_outvotes_a_liar(void **state) {
    (void)state;
    struct ht_checkpoint_poll poll;
    add_sources(&poll, 3, 2);
    say(&poll, 0, 10, 9);
    say(&poll, 1, 10, 1);
    say(&poll, 2, 10, 1);
    expect_agreed(&poll, 10, 1, 2);
}

static void a_liar_with_the_largest_epoch_decides_nothing(void **state) {
    (void)state;
    struct ht_checkpoint_poll poll;
    add_sources(&poll, 3, 2);
    say(&poll, 0, UINT64_MAX, 9);
    say(&poll, 1, 10, 1);
    say(&poll, 2, 10, 1);
    expect_agreed(&poll, 10, 1, 2);
}

static void a_source_is_held_to_what_it_said_first(void **state) {
    (void)state;
    struct ht_checkpoint_poll poll;
    struct ht_why why;
    add_sources(&poll, 2, 2);
    say(&poll, 0, 10, 1);
    say(&poll, 1, 10, 2);
    say(&poll, 1, 10, 1);
    assert_int_equal(result(&poll, &why), HT_CHECKPOINT_DISPUTED);
}

static void a_source_cannot_vote_twice_by_repeating_itself(void **state) {
    (void)state;
    struct ht_checkpoint_poll poll;
    struct ht_why why;
    add_sources(&poll, 2, 2);
    say(&poll, 0, 10, 1);
    say(&poll, 0, 10, 1);
    assert_int_equal(poll.sources[0].count, 1);
    assert_int_equal(result(&poll, &why), HT_CHECKPOINT_OPEN);
}

static void a_name_counts_once(void **state) {
    (void)state;
    struct ht_checkpoint_poll poll;
    add_sources(&poll, 2, 2);
    assert_int_equal(ht_checkpoint_add(&poll, "source-1"), HT_OK);
    assert_int_equal(poll.count, 2);
}

static void too_many_sources_are_refused(void **state) {
    (void)state;
    struct ht_checkpoint_poll poll;
    add_sources(&poll, HT_CHECKPOINT_SOURCES_MAX, 2);
    assert_int_equal(ht_checkpoint_add(&poll, "one more"), HT_ELIMIT);
    assert_int_equal(ht_checkpoint_add(&poll, "source-3"), HT_OK);
    assert_int_equal(poll.count, HT_CHECKPOINT_SOURCES_MAX);
}

static void the_oldest_statement_makes_room(void **state) {
    (void)state;
    struct ht_checkpoint_poll poll;
    add_sources(&poll, 1, 1);
    for (uint64_t epoch = 1; epoch <= HT_CHECKPOINT_STATEMENTS_MAX + 1; epoch++) {
        say(&poll, 0, epoch, (uint8_t)epoch);
    }
    assert_int_equal(poll.sources[0].count, HT_CHECKPOINT_STATEMENTS_MAX);
    assert_null(ht_checkpoint_find(&poll.sources[0], 1));
    assert_non_null(ht_checkpoint_find(&poll.sources[0], 2));
    expect_agreed(&poll, HT_CHECKPOINT_STATEMENTS_MAX + 1, HT_CHECKPOINT_STATEMENTS_MAX + 1, 1);
}

static void an_error_is_kept_until_the_source_answers(void **state) {
    (void)state;
    struct ht_checkpoint_poll poll;
    struct ht_why why = {.code = "timeout", .text = "too late"};
    add_sources(&poll, 1, 1);
    ht_checkpoint_fail(&poll, 0, &why);
    assert_true(poll.sources[0].has_error);
    assert_string_equal(poll.sources[0].error.text, "too late");
    say(&poll, 0, 10, 1);
    assert_false(poll.sources[0].has_error);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_quorum_that_says_the_same_agrees),
        cmocka_unit_test(one_source_is_enough_when_the_quorum_is_one),
        cmocka_unit_test(nothing_said_stays_open),
        cmocka_unit_test(statements_about_different_epochs_stay_open),
        cmocka_unit_test(sources_out_of_step_agree_in_a_later_round),
        cmocka_unit_test(newest_agreed_epoch_is_taken),
        cmocka_unit_test(two_roots_of_one_epoch_are_a_dispute_that_names_both),
        cmocka_unit_test(an_even_split_is_a_dispute_though_each_half_is_a_quorum),
        cmocka_unit_test(a_majority_outvotes_a_liar),
        cmocka_unit_test(a_liar_with_the_largest_epoch_decides_nothing),
        cmocka_unit_test(a_source_is_held_to_what_it_said_first),
        cmocka_unit_test(a_source_cannot_vote_twice_by_repeating_itself),
        cmocka_unit_test(a_name_counts_once),
        cmocka_unit_test(too_many_sources_are_refused),
        cmocka_unit_test(the_oldest_statement_makes_room),
        cmocka_unit_test(an_error_is_kept_until_the_source_answers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
