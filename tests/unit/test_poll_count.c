/* Counting polls: which ballots count, what they add up to, and the root. */
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <setjmp.h>
#include <cmocka.h>

#include "governance/polls/poll_count.h"
#include "node/codec/json.h"

#define ANY_TIME INT64_MAX
#define BALLOTS 64U

struct bench {
    struct ht_poll poll;
    struct ht_poll_ballot ballots[BALLOTS];
    struct ht_poll_weight weights[BALLOTS];
    size_t count;
    int64_t closing_s;
    json_t *result;
};

static void open_bench(struct bench *bench, enum ht_poll_method method, size_t options) {
    *bench = (struct bench){.poll = {.method = method,
                                     .gate = HT_POLL_ATTESTATION,
                                     .question = "What next?",
                                     .option_count = options,
                                     .chain_id = 1337,
                                     .attester_count = 1,
                                     .snapshot_block = 10,
                                     .closing_block = 20},
                            .closing_s = ANY_TIME};
    for (size_t i = 0; i < options; i++) {
        (void)snprintf(bench->poll.option_ids[i], 17, "%u", (unsigned)(i + 1) % 1000U);
        (void)snprintf(bench->poll.options[i], 128, "option %zu", i);
    }
}

static void close_bench(struct bench *bench) {
    json_decref(bench->result);
}

/* A ballot of a voter, with a weight; choice is options as digits, "02". */
static struct ht_poll_ballot *cast(struct bench *bench, uint8_t voter, const char *choice,
                                   uint64_t weight) {
    size_t i = bench->count++;
    struct ht_poll_ballot *ballot = &bench->ballots[i];
    *ballot = (struct ht_poll_ballot){.created_at = 100};
    ballot->id.b[0] = (uint8_t)(i + 1);
    ballot->voter.b[19] = voter;
    ballot->author.b[0] = voter;
    for (; *choice != '\0'; choice++)
        ballot->choice[ballot->choice_count++] = (uint8_t)(*choice - '0');
    bench->weights[i] = (struct ht_poll_weight){.standing = HT_POLL_MAY_VOTE};
    bench->weights[i].weight = ht_u256_of(weight);
    return ballot;
}

static const json_t *count(struct bench *bench) {
    struct ht_why why;
    json_decref(bench->result);
    bench->result = NULL;
    assert_int_equal(ht_poll_count(&bench->result, &bench->poll, bench->ballots, bench->weights,
                                   bench->count, bench->closing_s, &why),
                     HT_OK);
    return bench->result;
}

static int64_t number(const json_t *result, const char *name) {
    return json_integer_value(json_object_get(result, name));
}

static const char *root_of(const json_t *result) {
    return json_string_value(json_object_get(result, "root"));
}

static uint64_t weight_of(const json_t *result, size_t option) {
    uint64_t weight;
    const json_t *options = json_object_get(result, "options");
    assert_int_equal(ht_json_u64(&weight, json_array_get(options, option), "weight", NULL), HT_OK);
    return weight;
}

static void expect_winner(const json_t *result, int64_t winner) {
    const json_t *value = json_object_get(result, "winner");
    assert_int_equal(json_is_null(value) ? -1 : json_integer_value(value), winner);
}

/* --- which ballots ---------------------------------------------------------------------------- */

static void the_newest_ballot_of_a_voter_counts(void **state) {
    struct bench bench;
    (void)state;
    open_bench(&bench, HT_POLL_SINGLE, 2);
    cast(&bench, 1, "0", 1);
    cast(&bench, 1, "1", 1)->created_at = 101;
    cast(&bench, 1, "0", 1)->created_at = 99;
    const json_t *result = count(&bench);
    assert_int_equal(number(result, "counted"), 1);
    assert_int_equal(number(result, "replaced"), 2);
    assert_int_equal(weight_of(result, 1), 1);
    expect_winner(result, 1);
    close_bench(&bench);
}

static void of_two_ballots_of_one_second_the_lower_id_counts(void **state) {
    struct bench bench;
    (void)state;
    open_bench(&bench, HT_POLL_SINGLE, 2);
    cast(&bench, 1, "0", 1)->id.b[0] = 9;
    cast(&bench, 1, "1", 1)->id.b[0] = 3;
    expect_winner(count(&bench), 1);
    close_bench(&bench);
}

static void a_late_ballot_does_not_push_out_an_early_one(void **state) {
    struct bench bench;
    (void)state;
    open_bench(&bench, HT_POLL_SINGLE, 2);
    cast(&bench, 1, "0", 1)->created_at = 200;
    cast(&bench, 1, "1", 1)->created_at = 201;
    bench.closing_s = 200;
    const json_t *result = count(&bench);
    assert_int_equal(number(result, "late"), 1);
    assert_int_equal(number(result, "counted"), 1);
    expect_winner(result, 0);
    close_bench(&bench);
}

static void a_refused_ballot_does_not_push_out_a_good_one(void **state) {
    struct bench bench;
    (void)state;
    open_bench(&bench, HT_POLL_SINGLE, 2);
    cast(&bench, 1, "0", 1);
    cast(&bench, 1, "1", 1)->created_at = 150;
    bench.weights[1] = (struct ht_poll_weight){.standing = HT_POLL_MAY_NOT, .why = "revoked"};
    const json_t *result = count(&bench), *refused = json_object_get(result, "refused");
    expect_winner(result, 0);
    assert_int_equal(number(result, "refused_count"), 1);
    assert_string_equal(json_string_value(json_object_get(json_array_get(refused, 0), "why")),
                        "revoked");
    close_bench(&bench);
}

static void what_is_unproven_is_not_counted_and_replaces_nothing(void **state) {
    struct bench bench;
    (void)state;
    open_bench(&bench, HT_POLL_SINGLE, 2);
    cast(&bench, 1, "0", 1);
    cast(&bench, 1, "1", 1)->created_at = 150;
    bench.weights[1] = (struct ht_poll_weight){.standing = HT_POLL_UNPROVEN};
    const json_t *result = count(&bench);
    assert_int_equal(number(result, "unproven"), 1);
    assert_int_equal(number(result, "counted"), 1);
    expect_winner(result, 0);
    close_bench(&bench);
}

static void a_ballot_given_twice_counts_once(void **state) {
    struct bench bench;
    char root[65];
    (void)state;
    open_bench(&bench, HT_POLL_SINGLE, 2);
    cast(&bench, 1, "0", 1);
    (void)snprintf(root, sizeof root, "%s", root_of(count(&bench)) + 2);
    cast(&bench, 1, "0", 1)->id = bench.ballots[0].id;
    const json_t *result = count(&bench);
    assert_int_equal(number(result, "counted"), 1);
    assert_int_equal(number(result, "replaced"), 0);
    assert_string_equal(root_of(result) + 2, root);
    close_bench(&bench);
}

static void in_an_open_poll_each_key_has_one_vote(void **state) {
    struct bench bench;
    (void)state;
    open_bench(&bench, HT_POLL_SINGLE, 2);
    bench.poll.gate = HT_POLL_OPEN;
    cast(&bench, 1, "0", 1)->voter.b[19] = 7;
    cast(&bench, 2, "0", 1)->voter.b[19] = 7;
    assert_int_equal(number(count(&bench), "counted"), 2);
    bench.poll.gate = HT_POLL_TOKEN;
    assert_int_equal(number(count(&bench), "counted"), 1);
    close_bench(&bench);
}

/* --- sums ------------------------------------------------------------------------------------- */

static void approval_adds_the_weight_to_each_approved_option(void **state) {
    struct bench bench;
    (void)state;
    open_bench(&bench, HT_POLL_APPROVAL, 3);
    cast(&bench, 1, "01", 5);
    cast(&bench, 2, "12", 4);
    const json_t *result = count(&bench);
    assert_int_equal(weight_of(result, 0), 5);
    assert_int_equal(weight_of(result, 1), 9);
    assert_int_equal(weight_of(result, 2), 4);
    expect_winner(result, 1);
    close_bench(&bench);
}

static void a_weighted_ballot_is_split_by_its_shares(void **state) {
    struct bench bench;
    (void)state;
    open_bench(&bench, HT_POLL_WEIGHTED, 3);
    struct ht_poll_ballot *ballot = cast(&bench, 1, "02", 10);
    ballot->share[0] = 1;
    ballot->share[2] = 2;
    const json_t *result = count(&bench);
    assert_int_equal(weight_of(result, 0), 3333333);
    assert_int_equal(weight_of(result, 1), 0);
    assert_int_equal(weight_of(result, 2), 6666666);
    expect_winner(result, 2);
    close_bench(&bench);
}

static void equals_have_no_winner(void **state) {
    struct bench bench;
    (void)state;
    open_bench(&bench, HT_POLL_SINGLE, 3);
    expect_winner(count(&bench), -1);
    cast(&bench, 1, "0", 3);
    cast(&bench, 2, "2", 3);
    expect_winner(count(&bench), -1);
    close_bench(&bench);
}

static const char *by_of(const json_t *result, size_t round) {
    const json_t *rounds = json_object_get(result, "rounds");
    return json_string_value(json_object_get(json_array_get(rounds, round), "by"));
}

static int64_t out_of(const json_t *result, size_t round) {
    const json_t *rounds = json_object_get(result, "rounds");
    return json_integer_value(json_object_get(json_array_get(rounds, round), "eliminated"));
}

static void the_last_choice_goes_to_the_next_of_its_voters(void **state) {
    struct bench bench;
    (void)state;
    open_bench(&bench, HT_POLL_RANKED, 3);
    cast(&bench, 1, "0", 8);
    cast(&bench, 2, "10", 7);
    cast(&bench, 3, "21", 5);
    const json_t *result = count(&bench);
    assert_int_equal(weight_of(result, 0), 8);
    assert_int_equal(out_of(result, 0), 2);
    assert_string_equal(by_of(result, 0), "weight");
    expect_winner(result, 1);
    close_bench(&bench);
}

static void among_equals_goes_who_had_less_before(void **state) {
    struct bench bench;
    (void)state;
    /* 4, 3, 2, 6: the third goes to the second, which then has 5 … the first has 4 and goes; a
     * second run has equals of which one had less in the first round. */
    open_bench(&bench, HT_POLL_RANKED, 4);
    cast(&bench, 1, "0", 4);
    cast(&bench, 2, "1", 3);
    cast(&bench, 3, "21", 1);
    cast(&bench, 4, "3", 5);
    const json_t *result = count(&bench);
    assert_int_equal(out_of(result, 0), 2);
    assert_int_equal(out_of(result, 1), 1);
    assert_string_equal(by_of(result, 1), "earlier_round");
    expect_winner(result, 3);
    close_bench(&bench);
}

static void among_equals_of_all_rounds_the_later_option_goes(void **state) {
    struct bench bench;
    (void)state;
    open_bench(&bench, HT_POLL_RANKED, 2);
    cast(&bench, 1, "0", 4);
    cast(&bench, 2, "1", 4);
    const json_t *result = count(&bench);
    assert_int_equal(out_of(result, 0), 1);
    assert_string_equal(by_of(result, 0), "order");
    expect_winner(result, 0);
    close_bench(&bench);
}

static void a_run_off_without_ballots_has_no_winner(void **state) {
    struct bench bench;
    (void)state;
    open_bench(&bench, HT_POLL_RANKED, 32);
    expect_winner(count(&bench), -1);
    close_bench(&bench);
}

static void a_weight_over_208_bits_is_refused(void **state) {
    struct bench bench;
    struct ht_why why;
    (void)state;
    open_bench(&bench, HT_POLL_SINGLE, 2);
    cast(&bench, 1, "0", 1);
    bench.weights[0].weight.limb[3] = UINT64_C(1) << 16;
    assert_int_equal(
        ht_poll_count(&bench.result, &bench.poll, bench.ballots, bench.weights, 1, ANY_TIME, &why),
        HT_ELIMIT);
    assert_string_equal(why.code, "weight_too_large");
}

static void too_many_ballots_are_refused(void **state) {
    struct bench bench;
    struct ht_why why;
    (void)state;
    open_bench(&bench, HT_POLL_SINGLE, 2);
    assert_int_equal(ht_poll_count(&bench.result, &bench.poll, bench.ballots, bench.weights,
                                   HT_POLL_BALLOTS_MAX + 1, ANY_TIME, &why),
                     HT_ELIMIT);
    assert_string_equal(why.code, "too_many_ballots");
}

/* --- properties ------------------------------------------------------------------------------- */

static uint64_t next(uint64_t *seed) {
    *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return *seed >> 33;
}

static void fill(struct bench *bench, uint64_t *seed) {
    enum ht_poll_method method = (enum ht_poll_method)(next(seed) % 4);
    open_bench(bench, method, 2 + next(seed) % 5);
    for (size_t i = 0; i < BALLOTS; i++) {
        char choice[8] = {0};
        size_t n = 0, start = next(seed) % bench->poll.option_count;
        size_t many = method == HT_POLL_SINGLE ? 1 : 1 + next(seed) % bench->poll.option_count;
        for (; n < many; n++) choice[n] = (char)('0' + (start + n) % bench->poll.option_count);
        struct ht_poll_ballot *ballot =
            cast(bench, (uint8_t)(next(seed) % 20), choice, 1 + next(seed) % 5);
        ballot->created_at = (int64_t)(95 + next(seed) % 10);
        for (size_t k = 0; k < n; k++)
            ballot->share[ballot->choice[k]] = (uint32_t)(1 + next(seed) % 9);
        bench->weights[i].standing =
            (enum ht_poll_standing)(next(seed) % 8 > 1 ? 1 : next(seed) % 3);
    }
    /* One voter has one weight. */
    for (size_t i = 0; i < BALLOTS; i++)
        bench->weights[i].weight = ht_u256_of(1 + bench->ballots[i].voter.b[19] % 7);
    bench->closing_s = 102;
}

static void the_order_of_ballots_does_not_matter(void **state) {
    uint64_t seed = 1;
    (void)state;
    for (int run = 0; run < 200; run++) {
        struct bench bench;
        fill(&bench, &seed);
        json_t *before = json_incref((json_t *)count(&bench));
        for (size_t i = BALLOTS - 1; i > 0; i--) {
            size_t k = next(&seed) % (i + 1);
            struct ht_poll_ballot ballot = bench.ballots[i];
            struct ht_poll_weight weight = bench.weights[i];
            bench.ballots[i] = bench.ballots[k];
            bench.weights[i] = bench.weights[k];
            bench.ballots[k] = ballot;
            bench.weights[k] = weight;
        }
        assert_true(json_equal(before, (json_t *)count(&bench)));
        json_decref(before);
        close_bench(&bench);
    }
}

static void every_ballot_is_accounted_for_once(void **state) {
    uint64_t seed = 2;
    (void)state;
    for (int run = 0; run < 200; run++) {
        struct bench bench;
        fill(&bench, &seed);
        const json_t *result = count(&bench);
        assert_int_equal(number(result, "counted") + number(result, "late") +
                             number(result, "replaced") + number(result, "refused_count") +
                             number(result, "unproven"),
                         BALLOTS);
        assert_true(number(result, "counted") <= 20);
        close_bench(&bench);
    }
}

static void what_does_not_count_does_not_change_the_root(void **state) {
    struct bench bench;
    char root[80];
    (void)state;
    open_bench(&bench, HT_POLL_SINGLE, 2);
    cast(&bench, 1, "0", 1);
    cast(&bench, 2, "0", 1);
    cast(&bench, 3, "1", 1);
    bench.closing_s = 100;
    (void)snprintf(root, sizeof root, "%s", root_of(count(&bench)));
    cast(&bench, 4, "1", 1)->created_at = 101;
    cast(&bench, 5, "1", 1);
    bench.weights[4].standing = HT_POLL_MAY_NOT;
    assert_string_equal(root_of(count(&bench)), root);
    cast(&bench, 6, "1", 1);
    assert_string_not_equal(root_of(count(&bench)), root);
    close_bench(&bench);
}

static void another_weight_gives_another_root(void **state) {
    struct bench bench;
    char root[80];
    (void)state;
    open_bench(&bench, HT_POLL_SINGLE, 2);
    cast(&bench, 1, "0", 1);
    (void)snprintf(root, sizeof root, "%s", root_of(count(&bench)));
    bench.weights[0].weight = ht_u256_of(2);
    assert_string_not_equal(root_of(count(&bench)), root);
    close_bench(&bench);
}

static void no_ballots_have_the_root_of_nothing(void **state) {
    struct bench bench;
    (void)state;
    open_bench(&bench, HT_POLL_SINGLE, 2);
    assert_string_equal(root_of(count(&bench)),
                        "0xe3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    close_bench(&bench);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_newest_ballot_of_a_voter_counts),
        cmocka_unit_test(of_two_ballots_of_one_second_the_lower_id_counts),
        cmocka_unit_test(a_late_ballot_does_not_push_out_an_early_one),
        cmocka_unit_test(a_refused_ballot_does_not_push_out_a_good_one),
        cmocka_unit_test(what_is_unproven_is_not_counted_and_replaces_nothing),
        cmocka_unit_test(a_ballot_given_twice_counts_once),
        cmocka_unit_test(in_an_open_poll_each_key_has_one_vote),
        cmocka_unit_test(approval_adds_the_weight_to_each_approved_option),
        cmocka_unit_test(a_weighted_ballot_is_split_by_its_shares),
        cmocka_unit_test(equals_have_no_winner),
        cmocka_unit_test(the_last_choice_goes_to_the_next_of_its_voters),
        cmocka_unit_test(among_equals_goes_who_had_less_before),
        cmocka_unit_test(among_equals_of_all_rounds_the_later_option_goes),
        cmocka_unit_test(a_run_off_without_ballots_has_no_winner),
        cmocka_unit_test(a_weight_over_208_bits_is_refused),
        cmocka_unit_test(too_many_ballots_are_refused),
        cmocka_unit_test(the_order_of_ballots_does_not_matter),
        cmocka_unit_test(every_ballot_is_accounted_for_once),
        cmocka_unit_test(what_does_not_count_does_not_change_the_root),
        cmocka_unit_test(another_weight_gives_another_root),
        cmocka_unit_test(no_ballots_have_the_root_of_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
