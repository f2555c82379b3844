/* Counting votes: sums against what is stored, and which blocks were looked at. */
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <setjmp.h>
#include <cmocka.h>

#include "governance/count/count_receipts.h"

#define START 100U
#define DEADLINE 105U
#define TIME_S 1700000000U

static const ht_addr20 GOVERNOR = {{0x60}}, STRANGER = {{0x61}};

struct bench {
    struct ht_gov_layout layout;
    struct ht_gov_count *count;
    struct ht_gov_facts facts;
    uint8_t data[16][512];
    struct ht_gov_log logs[16];
    ht_hash32 topics[16][2];
    size_t log_count;
    uint8_t bloom[HT_BLOOM_SIZE];
};

static void open_with(struct bench *bench, const struct ht_gov_layout *layout) {
    const ht_u256 id = ht_u256_of(77);
    *bench = (struct bench){.layout = *layout,
                            .facts = {.exists = true, .start = START, .deadline = DEADLINE}};
    assert_int_equal(ht_gov_count_new(&bench->count, layout, &GOVERNOR, &id), HT_OK);
}

static void open_bench(struct bench *bench) {
    const struct ht_gov_layout layout = {.kind = HT_GOV_OZ5};
    open_with(bench, &layout);
}

static void close_bench(struct bench *bench) {
    ht_gov_count_free(bench->count);
}

static void put_word(uint8_t *word, uint64_t value) {
    memset(word, 0, 32);
    for (size_t k = 0; k < 8; k++) word[31 - k] = (uint8_t)(value >> 8 * k);
}

/* A vote of one of 200 voters in the next block. */
static struct ht_gov_log *put_log(struct bench *bench, const ht_hash32 *topic, uint8_t voter,
                                  uint64_t support, uint64_t weight) {
    assert_true(bench->log_count < 16);
    const size_t at = bench->log_count++;
    uint8_t *data = bench->data[at];
    bench->topics[at][0] = *topic;
    bench->topics[at][1] = (ht_hash32){.b = {[31] = voter}};
    put_word(data, 77);
    put_word(data + 32, support);
    put_word(data + 64, weight);
    put_word(data + 96, 128);
    put_word(data + 128, 2);
    memcpy(data + 160, "ok", 2);
    bench->logs[at] = (struct ht_gov_log){.address = GOVERNOR,
                                          .topics = bench->topics[at],
                                          .topic_count = 2,
                                          .data = ht_bytes_of(data, 192)};
    return &bench->logs[at];
}

static struct ht_gov_log *vote(struct bench *bench, uint8_t voter, uint64_t support,
                               uint64_t weight) {
    return put_log(bench, &ht_gov_topic_vote_cast, voter, support, weight);
}

static enum ht_err give(struct bench *bench, uint64_t number, bool has_receipts,
                        struct ht_why *why) {
    const struct ht_gov_block block = {.number = number,
                                       .time_s = TIME_S + 12 * number,
                                       .bloom = bench->bloom,
                                       .has_receipts = has_receipts,
                                       .logs = bench->logs,
                                       .log_count = bench->log_count};
    enum ht_err err = ht_gov_count_block(bench->count, &block, why);
    bench->log_count = 0;
    return err;
}

/* The next block, proven, with the logs put. */
static void proven(struct bench *bench, uint64_t number) {
    assert_int_equal(give(bench, number, true, NULL), HT_OK);
}

static void bare(struct bench *bench, uint64_t number) {
    assert_int_equal(give(bench, number, false, NULL), HT_OK);
}

static void set_bloom(struct bench *bench, const ht_addr20 *address, const ht_hash32 *topic) {
    struct ht_bloom_bits bits;
    memset(bench->bloom, 0, sizeof bench->bloom);
    ht_bloom_bits_of_address(&bits, address);
    ht_bloom_set(bench->bloom, &bits);
    ht_bloom_bits_of_topic(&bits, topic);
    ht_bloom_set(bench->bloom, &bits);
}

static struct ht_gov_result end(struct bench *bench) {
    struct ht_gov_result result;
    struct ht_why why = {.text = ""};
    if (ht_gov_count_end(&result, bench->count, &bench->facts, &why) != HT_OK) {
        fail_msg("%s", why.text);
    }
    return result;
}

static void store(struct bench *bench, uint64_t against, uint64_t in_favour, uint64_t abstain) {
    bench->facts.against = ht_u256_of(against);
    bench->facts.in_favour = ht_u256_of(in_favour);
    bench->facts.abstain = ht_u256_of(abstain);
}

static void expect_excess(struct bench *bench) {
    struct ht_gov_result result;
    struct ht_why why = {.code = ""};
    assert_int_equal(ht_gov_count_end(&result, bench->count, &bench->facts, &why), HT_EUNVERIFIED);
    assert_string_equal(why.code, "tally_excess");
}

/* Two votes For and one of each other kind in the first block, the window proven to its end. */
static void plain_vote(struct bench *bench) {
    vote(bench, 1, 1, 30);
    vote(bench, 2, 0, 20);
    vote(bench, 3, 2, 5);
    vote(bench, 4, 1, 10);
    proven(bench, START + 1);
    for (uint64_t n = START + 2; n <= DEADLINE; n++) bare(bench, n);
    ht_gov_count_as_of(bench->count, DEADLINE + 9, TIME_S + 12 * (DEADLINE + 9));
    store(bench, 20, 40, 5);
}

/* --- sums ------------------------------------------------------------------------------------- */

static void votes_that_add_up_prove_the_tally_and_the_list(void **state) {
    (void)state;
    struct bench bench;
    open_bench(&bench);
    plain_vote(&bench);
    const struct ht_gov_result result = end(&bench);
    assert_true(result.tally_proven && result.list_proven);
    assert_int_equal(result.votes, 4);
    assert_int_equal(result.voters, 4);
    assert_int_equal(result.in_favour.limb[0], 40);
    assert_int_equal(result.block, DEADLINE + 9);
    close_bench(&bench);
}

static void missing_votes_are_told_to_the_unit(void **state) {
    (void)state;
    struct bench bench;
    open_bench(&bench);
    plain_vote(&bench);
    store(&bench, 20, 12040, 6);
    const struct ht_gov_result result = end(&bench);
    assert_false(result.tally_proven);
    assert_false(result.list_proven);
    assert_int_equal(result.missing.against.limb[0], 0);
    assert_int_equal(result.missing.in_favour.limb[0], 12000);
    assert_int_equal(result.missing.abstain.limb[0], 1);
    close_bench(&bench);
}

static void more_votes_than_are_stored_are_refused(void **state) {
    (void)state;
    struct bench bench;
    open_bench(&bench);
    plain_vote(&bench);
    store(&bench, 20, 39, 5);
    expect_excess(&bench);
    close_bench(&bench);
}

static void a_sum_past_256_bits_is_more_than_any_tally(void **state) {
    (void)state;
    struct bench bench;
    open_bench(&bench);
    for (uint8_t i = 0; i < 2; i++) {
        struct ht_gov_log *log = vote(&bench, i, 1, 0);
        memset((uint8_t *)(uintptr_t)log->data.p + 64, 0xff, 32);
    }
    proven(&bench, START + 1);
    /* What the two add up to modulo 2^256. */
    bench.facts.in_favour = (ht_u256){{UINT64_MAX - 1, UINT64_MAX, UINT64_MAX, UINT64_MAX}};
    expect_excess(&bench);
    close_bench(&bench);
}

static void a_vote_in_parts_counts_for_each_part(void **state) {
    (void)state;
    struct bench bench;
    const struct ht_gov_layout layout = {.kind = HT_GOV_OZ5, .counting = HT_GOV_FRACTIONAL};
    open_with(&bench, &layout);
    struct ht_gov_log *log = put_log(&bench, &ht_gov_topic_vote_cast_with_params, 1, 255, 6);
    uint8_t *data = (uint8_t *)(uintptr_t)log->data.p;
    put_word(data + 96, 160);
    put_word(data + 128, 192);
    put_word(data + 160, 0);
    put_word(data + 192, 48);
    memset(data + 224, 0, 64);
    data[239] = 1, data[255] = 2, data[271] = 3;
    log->data.n = 288;
    proven(&bench, START + 1);
    store(&bench, 1, 2, 3);
    assert_true(end(&bench).tally_proven);
    close_bench(&bench);
}

static void an_override_takes_from_the_delegate_what_it_gives(void **state) {
    (void)state;
    struct bench bench;
    const struct ht_gov_layout layout = {.kind = HT_GOV_OZ5, .counting = HT_GOV_OVERRIDABLE};
    size_t n = 0;
    open_with(&bench, &layout);
    vote(&bench, 1, 1, 100);
    proven(&bench, START + 1);
    put_log(&bench, &ht_gov_topic_vote_reduced, 1, 1, 40)->data.n = 96;
    put_log(&bench, &ht_gov_topic_override_vote_cast, 2, 0, 40);
    proven(&bench, START + 2);
    store(&bench, 40, 60, 0);
    assert_true(end(&bench).tally_proven);
    const struct ht_gov_vote *votes = ht_gov_count_votes(bench.count, &n);
    assert_int_equal(n, 2);
    assert_false(votes[0].is_override);
    assert_true(votes[1].is_override);
    close_bench(&bench);
}

static void a_missing_override_is_no_forgery_but_proves_nothing(void **state) {
    (void)state;
    struct bench bench;
    const struct ht_gov_layout layout = {.kind = HT_GOV_OZ5, .counting = HT_GOV_OVERRIDABLE};
    open_with(&bench, &layout);
    vote(&bench, 1, 1, 100);
    proven(&bench, START + 1);
    store(&bench, 40, 60, 0);
    const struct ht_gov_result result = end(&bench);
    assert_false(result.tally_proven);
    assert_int_equal(result.missing.against.limb[0], 40);
    assert_int_equal(result.missing.in_favour.limb[0], 0);
    close_bench(&bench);
}

/* --- which logs ------------------------------------------------------------------------------- */

static void logs_of_others_and_of_other_proposals_are_left_aside(void **state) {
    (void)state;
    struct bench bench;
    open_bench(&bench);
    vote(&bench, 1, 1, 7);
    vote(&bench, 2, 1, 1000)->address = STRANGER;
    put_word((uint8_t *)(uintptr_t)vote(&bench, 3, 9, 1000)->data.p, 78);
    vote(&bench, 4, 1, 1000)->topic_count = 0;
    proven(&bench, START + 1);
    store(&bench, 0, 7, 0);
    assert_true(end(&bench).tally_proven);
    close_bench(&bench);
}

static void a_block_given_twice_counts_once(void **state) {
    (void)state;
    struct bench bench;
    open_bench(&bench);
    plain_vote(&bench);
    vote(&bench, 1, 1, 30);
    proven(&bench, START + 1);
    bare(&bench, START + 1);
    assert_int_equal(end(&bench).votes, 4);
    close_bench(&bench);
}

static void a_block_with_a_bad_vote_counts_nothing_and_can_come_again(void **state) {
    (void)state;
    struct bench bench;
    struct ht_why why = {.code = ""};
    open_bench(&bench);
    vote(&bench, 1, 1, 30);
    vote(&bench, 2, 3, 30);
    assert_int_equal(give(&bench, START + 1, true, &why), HT_EINPUT);
    assert_string_equal(why.code, "bad_support");
    vote(&bench, 1, 1, 30);
    proven(&bench, START + 1);
    store(&bench, 0, 30, 0);
    const struct ht_gov_result result = end(&bench);
    assert_true(result.tally_proven);
    assert_int_equal(result.votes, 1);
    close_bench(&bench);
}

static void votes_come_in_the_order_of_the_chain(void **state) {
    (void)state;
    struct bench bench;
    size_t n = 0;
    open_bench(&bench);
    vote(&bench, 3, 1, 1);
    proven(&bench, START + 3);
    vote(&bench, 1, 1, 1);
    vote(&bench, 2, 1, 1);
    proven(&bench, START + 1);
    store(&bench, 0, 3, 0);
    (void)end(&bench);
    const struct ht_gov_vote *votes = ht_gov_count_votes(bench.count, &n);
    assert_int_equal(n, 3);
    for (size_t i = 0; i < n; i++) assert_int_equal(votes[i].voter.b[19], i + 1);
    assert_int_equal(votes[1].log, 1);
    close_bench(&bench);
}

static void a_long_reason_is_cut_and_marked(void **state) {
    (void)state;
    struct bench bench;
    size_t n = 0;
    const size_t size = HT_GOV_REASON_MAX + 64;
    uint8_t *data = calloc(1, 160 + size);
    open_bench(&bench);
    assert_non_null(data);
    struct ht_gov_log *log = vote(&bench, 1, 1, 1);
    memcpy(data, log->data.p, 160);
    put_word(data + 128, size);
    memset(data + 160, 'a', size);
    log->data = ht_bytes_of(data, 160 + size);
    proven(&bench, START + 1);
    free(data);
    const struct ht_gov_vote *votes = ht_gov_count_votes(bench.count, &n);
    const size_t mark = sizeof HT_GOV_CUT - 1;
    assert_true(votes[0].is_reason_cut);
    assert_int_equal(votes[0].reason.n, HT_GOV_REASON_MAX + mark);
    assert_memory_equal(votes[0].reason.p + HT_GOV_REASON_MAX, HT_GOV_CUT, mark);
    close_bench(&bench);
}

/* --- which blocks ----------------------------------------------------------------------------- */

static void a_bloom_that_may_hold_a_vote_leaves_the_list_open(void **state) {
    (void)state;
    struct bench bench;
    open_bench(&bench);
    set_bloom(&bench, &GOVERNOR, &ht_gov_topic_vote_cast_with_params);
    bare(&bench, START + 3);
    memset(bench.bloom, 0, sizeof bench.bloom);
    plain_vote(&bench);
    set_bloom(&bench, &GOVERNOR, &ht_gov_topic_vote_cast);
    bare(&bench, START + 3);
    const struct ht_gov_result result = end(&bench);
    assert_true(result.tally_proven);
    assert_false(result.list_proven);
    assert_int_equal(result.unchecked_count, 1);
    assert_int_equal(result.unchecked[0], START + 3);
    proven(&bench, START + 3);
    assert_true(end(&bench).list_proven);
    close_bench(&bench);
}

static void a_bloom_without_governor_or_vote_is_no_doubt(void **state) {
    (void)state;
    struct bench bench;
    open_bench(&bench);
    plain_vote(&bench);
    set_bloom(&bench, &STRANGER, &ht_gov_topic_vote_cast);
    bare(&bench, START + 3);
    set_bloom(&bench, &GOVERNOR, &ht_gov_topic_proposal_created);
    bare(&bench, START + 4);
    set_bloom(&bench, &GOVERNOR, &ht_gov_topic_vote_cast);
    bare(&bench, START);
    bare(&bench, DEADLINE + 1);
    assert_true(end(&bench).list_proven);
    close_bench(&bench);
}

static void the_list_is_open_while_a_block_of_the_window_was_not_given(void **state) {
    (void)state;
    struct bench bench;
    open_bench(&bench);
    proven(&bench, START + 1);
    for (uint64_t n = START + 3; n <= DEADLINE; n++) bare(&bench, n);
    ht_gov_count_as_of(bench.count, DEADLINE, TIME_S);
    assert_false(end(&bench).list_proven);
    bare(&bench, START + 2);
    assert_true(end(&bench).list_proven);
    close_bench(&bench);
}

static void the_list_is_open_until_it_is_told_as_of_when(void **state) {
    (void)state;
    struct bench bench;
    open_bench(&bench);
    for (uint64_t n = START + 1; n <= DEADLINE; n++) bare(&bench, n);
    assert_false(end(&bench).list_proven);
    ht_gov_count_as_of(bench.count, START + 2, TIME_S);
    assert_true(end(&bench).list_proven);
    close_bench(&bench);
}

static void by_the_clock_of_time_the_blocks_must_be_a_row(void **state) {
    (void)state;
    struct bench bench;
    const struct ht_gov_layout layout = {.kind = HT_GOV_OZ5, .clock = HT_GOV_TIME};
    open_with(&bench, &layout);
    bench.facts.start = TIME_S + 12 * 50;
    bench.facts.deadline = TIME_S + 12 * 54;
    ht_gov_count_as_of(bench.count, 60, TIME_S + 12 * 60);
    for (uint64_t n = 51; n <= 55; n++) bare(&bench, n);
    assert_false(end(&bench).list_proven);
    bare(&bench, 50);
    assert_true(end(&bench).list_proven);
    close_bench(&bench);
    open_with(&bench, &layout);
    bench.facts.start = TIME_S + 12 * 50;
    bench.facts.deadline = TIME_S + 12 * 54;
    ht_gov_count_as_of(bench.count, 60, TIME_S + 12 * 60);
    for (uint64_t n = 50; n <= 56; n++) {
        if (n != 53) bare(&bench, n);
    }
    assert_false(end(&bench).list_proven);
    close_bench(&bench);
}

static void an_early_window_has_its_first_block_and_not_its_last(void **state) {
    (void)state;
    struct bench bench;
    const struct ht_gov_layout layout = {.kind = HT_GOV_OZ4, .is_window_early = true};
    open_with(&bench, &layout);
    ht_gov_count_as_of(bench.count, DEADLINE + 5, TIME_S);
    for (uint64_t n = START + 1; n < DEADLINE; n++) bare(&bench, n);
    assert_false(end(&bench).list_proven);
    bare(&bench, START);
    assert_true(end(&bench).list_proven);
    close_bench(&bench);
}

static void blocks_may_come_backwards_in_great_numbers(void **state) {
    (void)state;
    struct bench bench;
    open_bench(&bench);
    bench.facts.deadline = START + 5000;
    for (uint64_t n = START + 5000; n > START; n--) bare(&bench, n);
    ht_gov_count_as_of(bench.count, START + 5000, TIME_S);
    assert_true(end(&bench).list_proven);
    close_bench(&bench);
}

/* --- marks ------------------------------------------------------------------------------------ */

static void marks_are_read_as_each_kind_keeps_them(void **state) {
    (void)state;
    const struct ht_gov_layout plain = {.kind = HT_GOV_OZ5}, bravo = {.kind = HT_GOV_BRAVO},
                               parts = {.kind = HT_GOV_OZ5, .counting = HT_GOV_FRACTIONAL},
                               over = {.kind = HT_GOV_OZ5, .counting = HT_GOV_OVERRIDABLE};
    const struct ht_gov_vote cast = {.is_override = false}, override = {.is_override = true};
    const uint8_t none[32] = {0}, low[32] = {[31] = 1}, second[32] = {[30] = 1}, high[32] = {1};
    assert_false(ht_gov_count_is_marked(&plain, &cast, none));
    assert_true(ht_gov_count_is_marked(&plain, &cast, low));
    assert_true(ht_gov_count_is_marked(&parts, &cast, high));
    assert_true(ht_gov_count_is_marked(&bravo, &cast, low));
    assert_false(ht_gov_count_is_marked(&bravo, &cast, second));
    assert_true(ht_gov_count_is_marked(&over, &cast, low));
    assert_false(ht_gov_count_is_marked(&over, &cast, second));
    assert_true(ht_gov_count_is_marked(&over, &override, second));
    assert_false(ht_gov_count_is_marked(&over, &override, low));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(votes_that_add_up_prove_the_tally_and_the_list),
        cmocka_unit_test(missing_votes_are_told_to_the_unit),
        cmocka_unit_test(more_votes_than_are_stored_are_refused),
        cmocka_unit_test(a_sum_past_256_bits_is_more_than_any_tally),
        cmocka_unit_test(a_vote_in_parts_counts_for_each_part),
        cmocka_unit_test(an_override_takes_from_the_delegate_what_it_gives),
        cmocka_unit_test(a_missing_override_is_no_forgery_but_proves_nothing),
        cmocka_unit_test(logs_of_others_and_of_other_proposals_are_left_aside),
        cmocka_unit_test(a_block_given_twice_counts_once),
        cmocka_unit_test(a_block_with_a_bad_vote_counts_nothing_and_can_come_again),
        cmocka_unit_test(votes_come_in_the_order_of_the_chain),
        cmocka_unit_test(a_long_reason_is_cut_and_marked),
        cmocka_unit_test(a_bloom_that_may_hold_a_vote_leaves_the_list_open),
        cmocka_unit_test(a_bloom_without_governor_or_vote_is_no_doubt),
        cmocka_unit_test(the_list_is_open_while_a_block_of_the_window_was_not_given),
        cmocka_unit_test(the_list_is_open_until_it_is_told_as_of_when),
        cmocka_unit_test(by_the_clock_of_time_the_blocks_must_be_a_row),
        cmocka_unit_test(an_early_window_has_its_first_block_and_not_its_last),
        cmocka_unit_test(blocks_may_come_backwards_in_great_numbers),
        cmocka_unit_test(marks_are_read_as_each_kind_keeps_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
