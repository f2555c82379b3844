/* Forced updates, and which update is kept as the best for one (is_better_update): each pair of
 * updates differs in one rank, and the better one has to win in both orders of arrival. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "tests/unit/lc_builder.h"

#define NOW 100000U

static void process(struct ht_lcb *builder, struct ht_lc_store *store,
                    const struct ht_lcb_plan *plan) {
    struct ht_lc_object *object = ht_lcb_update(builder, plan);
    struct ht_why why = {.text = ""};
    if (ht_lc_process(store, NULL, object, NOW, &why) != HT_OK) {
        fail_msg("slot %llu: %s: %s", (unsigned long long)plan->attested_slot, why.code, why.text);
    }
    free(object);
}

static const struct ht_lcb_plan first_plan = {.kind = HT_LC_UPDATE,
                                              .attested_slot = 150,
                                              .finalized_slot = 136,
                                              .has_finality = true,
                                              .has_next_committee = true};

/* A store of period 2, finalized at 136, that knows its next committee if asked to. */
static struct ht_lc_store *new_store(struct ht_lcb *builder, bool knows_next) {
    struct ht_lc_store *store = ht_lcb_store(builder, knows_next ? 130 : 136);
    if (knows_next) process(builder, store, &first_plan);
    assert_int_equal(store->finalized.beacon.slot, 136);
    assert_false(store->has_best_valid_update);
    return store;
}

static bool is_best(const struct ht_lc_store *store, const struct ht_lcb_plan *plan) {
    const struct ht_lc_validated *best = &store->best_valid_update;
    uint64_t signature_slot =
        plan->signature_slot != 0 ? plan->signature_slot : plan->attested_slot + 1;
    size_t participants = plan->participants != 0 ? plan->participants : HT_LCB_SIZE;
    return store->has_best_valid_update && best->attested.beacon.slot == plan->attested_slot &&
           best->attested.beacon.proposer_index == plan->variant &&
           best->signature_slot == signature_slot && best->participants == participants;
}

static void expect_better(bool knows_next, const struct ht_lcb_plan *better,
                          const struct ht_lcb_plan *worse) {
    struct ht_lcb *builder = ht_lcb_new(1);
    for (int better_first = 0; better_first < 2; better_first++) {
        struct ht_lc_store *store = new_store(builder, knows_next);
        process(builder, store, better_first ? better : worse);
        assert_true(is_best(store, better_first ? better : worse));
        process(builder, store, better_first ? worse : better);
        assert_true(is_best(store, better));
        assert_int_equal(store->finalized.beacon.slot, 136);
        free(store);
    }
    ht_lcb_free(builder);
}

/* --- ranks ------------------------------------------------------------------------------------ */

static void supermajority_is_better_than_everything_else(void **state) {
    (void)state;
    struct ht_lcb_plan better = {.kind = HT_LC_UPDATE, .attested_slot = 170, .participants = 22};
    struct ht_lcb_plan worse = first_plan;
    worse.attested_slot = 160;
    worse.finalized_slot = 144;
    worse.participants = 21;
    expect_better(false, &better, &worse);
}

static void more_of_a_minority_is_better_than_what_it_brings(void **state) {
    (void)state;
    struct ht_lcb_plan better = {.kind = HT_LC_UPDATE, .attested_slot = 170, .participants = 11};
    struct ht_lcb_plan worse = first_plan;
    worse.attested_slot = 160;
    worse.finalized_slot = 144;
    worse.participants = 10;
    expect_better(false, &better, &worse);
}

static void next_committee_is_better_than_finality(void **state) {
    (void)state;
    struct ht_lcb_plan better = {
        .kind = HT_LC_UPDATE, .attested_slot = 170, .participants = 10, .has_next_committee = true};
    struct ht_lcb_plan worse = {.kind = HT_LC_UPDATE,
                                .attested_slot = 160,
                                .participants = 10,
                                .finalized_slot = 144,
                                .has_finality = true};
    expect_better(false, &better, &worse);
}

/* Signed in the period after the attested one, the committee is of no use any more. */
static void next_committee_counts_only_when_signed_in_its_period(void **state) {
    (void)state;
    struct ht_lcb_plan better = {
        .kind = HT_LC_UPDATE, .attested_slot = 190, .participants = 10, .has_next_committee = true};
    struct ht_lcb_plan worse = better;
    worse.attested_slot = 185;
    worse.signature_slot = 192;
    expect_better(true, &better, &worse);
}

static void finality_is_better_than_none(void **state) {
    (void)state;
    struct ht_lcb_plan better = {.kind = HT_LC_UPDATE,
                                 .attested_slot = 170,
                                 .participants = 30,
                                 .finalized_slot = 120,
                                 .has_finality = true,
                                 .has_next_committee = true};
    struct ht_lcb_plan worse = {
        .kind = HT_LC_UPDATE, .attested_slot = 160, .participants = 32, .has_next_committee = true};
    expect_better(true, &better, &worse);
}

static void finality_in_the_attested_period_is_better_than_before_it(void **state) {
    (void)state;
    struct ht_lcb_plan better = {.kind = HT_LC_UPDATE,
                                 .attested_slot = 170,
                                 .participants = 30,
                                 .finalized_slot = 136,
                                 .has_finality = true,
                                 .has_next_committee = true};
    struct ht_lcb_plan worse = better;
    worse.attested_slot = 160;
    worse.participants = 32;
    worse.finalized_slot = 120;
    expect_better(true, &better, &worse);
}

static void more_participants_beyond_the_supermajority_are_better(void **state) {
    (void)state;
    struct ht_lcb_plan better = {.kind = HT_LC_UPDATE, .attested_slot = 170, .participants = 29};
    struct ht_lcb_plan worse = {.kind = HT_LC_UPDATE, .attested_slot = 160, .participants = 28};
    expect_better(false, &better, &worse);
}

static void older_attested_header_is_better(void **state) {
    (void)state;
    struct ht_lcb_plan better = {.kind = HT_LC_UPDATE, .attested_slot = 160, .signature_slot = 180};
    struct ht_lcb_plan worse = {.kind = HT_LC_UPDATE, .attested_slot = 161, .signature_slot = 162};
    expect_better(false, &better, &worse);
}

static void earlier_signature_is_better(void **state) {
    (void)state;
    struct ht_lcb_plan better = {.kind = HT_LC_UPDATE, .attested_slot = 160, .signature_slot = 161};
    struct ht_lcb_plan worse = {.kind = HT_LC_UPDATE, .attested_slot = 160, .signature_slot = 162};
    expect_better(false, &better, &worse);
}

static void first_of_two_equal_updates_is_kept(void **state) {
    (void)state;
    struct ht_lcb *builder = ht_lcb_new(1);
    struct ht_lc_store *store = new_store(builder, false);
    struct ht_lcb_plan first = {.kind = HT_LC_UPDATE, .attested_slot = 160, .variant = 1};
    struct ht_lcb_plan second = first;
    second.variant = 2;
    process(builder, store, &first);
    process(builder, store, &second);
    assert_true(is_best(store, &first));
    free(store);
    ht_lcb_free(builder);
}

static void best_update_is_forgotten_once_finality_moves(void **state) {
    (void)state;
    struct ht_lcb *builder = ht_lcb_new(1);
    struct ht_lc_store *store = new_store(builder, false);
    struct ht_lcb_plan weak = {.kind = HT_LC_UPDATE, .attested_slot = 160, .participants = 5};
    process(builder, store, &weak);
    assert_true(is_best(store, &weak));
    struct ht_lcb_plan strong = first_plan;
    strong.attested_slot = 170;
    strong.finalized_slot = 144;
    process(builder, store, &strong);
    assert_false(store->has_best_valid_update);
    assert_false(ht_lc_force_update(store, NOW));
    free(store);
    ht_lcb_free(builder);
}

/* --- forced updates --------------------------------------------------------------------------- */

static void force_update_does_nothing_without_an_update(void **state) {
    (void)state;
    struct ht_lcb *builder = ht_lcb_new(1);
    struct ht_lc_store *store = new_store(builder, true);
    assert_false(ht_lc_force_update(store, NOW));
    assert_int_equal(store->finalized.beacon.slot, 136);
    free(store);
    ht_lcb_free(builder);
}

static void force_update_waits_for_a_whole_period(void **state) {
    (void)state;
    struct ht_lcb *builder = ht_lcb_new(1);
    struct ht_lc_store *store = new_store(builder, false);
    struct ht_lcb_plan plan = {.kind = HT_LC_UPDATE, .attested_slot = 160, .participants = 5};
    process(builder, store, &plan);
    assert_false(ht_lc_force_update(store, 136 + 64));
    assert_int_equal(store->finalized.beacon.slot, 136);
    assert_true(ht_lc_force_update(store, 136 + 65));
    assert_int_equal(store->finalized.beacon.slot, 160);
    assert_int_equal(store->optimistic.beacon.slot, 160);
    assert_false(ht_lc_force_update(store, NOW));
    free(store);
    ht_lcb_free(builder);
}

static void force_update_prefers_the_finalized_header_when_it_is_news(void **state) {
    (void)state;
    struct ht_lcb *builder = ht_lcb_new(1);
    struct ht_lc_store *store = new_store(builder, false);
    struct ht_lcb_plan plan = first_plan;
    plan.finalized_slot = 144;
    plan.participants = 5;
    process(builder, store, &plan);
    assert_true(ht_lc_force_update(store, NOW));
    assert_int_equal(store->finalized.beacon.slot, 144);
    assert_true(store->has_next_committee);
    free(store);
    ht_lcb_free(builder);
}

static void force_update_moves_on_to_the_next_period(void **state) {
    (void)state;
    struct ht_lcb *builder = ht_lcb_new(1);
    struct ht_lc_store *store = new_store(builder, true);
    struct ht_lcb_plan plan = {
        .kind = HT_LC_UPDATE, .attested_slot = 200, .participants = 5, .has_next_committee = true};
    process(builder, store, &plan);
    assert_int_equal(ht_lc_store_period(store), 2);
    assert_true(ht_lc_force_update(store, 201));
    assert_int_equal(ht_lc_store_period(store), 3);
    assert_memory_equal(store->current_committee.pubkeys,
                        ht_lcb_committee(builder, 3)->keys.pubkeys, sizeof(uint8_t[32][48]));
    assert_true(store->has_next_committee);
    assert_memory_equal(store->next_committee.pubkeys, ht_lcb_committee(builder, 4)->keys.pubkeys,
                        sizeof(uint8_t[32][48]));
    plan = (struct ht_lcb_plan){
        .kind = HT_LC_UPDATE, .attested_slot = 260, .finalized_slot = 256, .has_finality = true};
    process(builder, store, &plan);
    assert_int_equal(ht_lc_store_period(store), 4);
    free(store);
    ht_lcb_free(builder);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(supermajority_is_better_than_everything_else),
        cmocka_unit_test(more_of_a_minority_is_better_than_what_it_brings),
        cmocka_unit_test(next_committee_is_better_than_finality),
        cmocka_unit_test(next_committee_counts_only_when_signed_in_its_period),
        cmocka_unit_test(finality_is_better_than_none),
        cmocka_unit_test(finality_in_the_attested_period_is_better_than_before_it),
        cmocka_unit_test(more_participants_beyond_the_supermajority_are_better),
        cmocka_unit_test(older_attested_header_is_better),
        cmocka_unit_test(earlier_signature_is_better),
        cmocka_unit_test(first_of_two_equal_updates_is_kept),
        cmocka_unit_test(best_update_is_forgotten_once_finality_moves),
        cmocka_unit_test(force_update_does_nothing_without_an_update),
        cmocka_unit_test(force_update_waits_for_a_whole_period),
        cmocka_unit_test(force_update_prefers_the_finalized_header_when_it_is_news),
        cmocka_unit_test(force_update_moves_on_to_the_next_period),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
