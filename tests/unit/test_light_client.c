/* The store: what accepted objects change, in every fork, and what forced updates do. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "tests/unit/lc_builder.h"

#define NOW 100000U

static struct ht_lc_outcome process(struct ht_lcb *builder, struct ht_lc_store *store,
                                    const struct ht_lcb_plan *plan) {
    struct ht_lc_object *object = ht_lcb_update(builder, plan);
    struct ht_lc_outcome outcome = {0};
    struct ht_why why = {.text = ""};
    if (ht_lc_process(store, &outcome, object, NOW, &why) != HT_OK) {
        fail_msg("slot %llu: %s: %s", (unsigned long long)plan->attested_slot, why.code, why.text);
    }
    free(object);
    return outcome;
}

static void expect_refused(struct ht_lcb *builder, struct ht_lc_store *store,
                           const struct ht_lcb_plan *plan, const char *code) {
    struct ht_lc_object *object = ht_lcb_update(builder, plan);
    struct ht_why why = {.code = "accepted"};
    assert_int_not_equal(ht_lc_process(store, NULL, object, NOW, &why), HT_OK);
    assert_string_equal(why.code, code);
    free(object);
}

static struct ht_lcb_plan full_plan(uint64_t attested_slot, uint64_t finalized_slot) {
    return (struct ht_lcb_plan){.kind = HT_LC_UPDATE,
                                .attested_slot = attested_slot,
                                .finalized_slot = finalized_slot,
                                .has_finality = true,
                                .has_next_committee = true};
}

static void free_both(struct ht_lcb *builder, struct ht_lc_store *store) {
    free(store);
    ht_lcb_free(builder);
}

static bool is_committee_of(struct ht_lcb *builder, const struct ht_bls_committee *committee,
                            uint64_t period) {
    const struct ht_sync_committee *keys = &ht_lcb_committee(builder, period)->keys;
    return memcmp(committee->pubkeys, keys->pubkeys, sizeof(uint8_t[HT_LCB_SIZE][48])) == 0;
}

/* --- accepted updates ------------------------------------------------------------------------- */

static void bootstrap_of_every_fork_starts_a_store(void **state) {
    (void)state;
    struct ht_lcb *builder = ht_lcb_new(1);
    for (uint64_t period = 0; period < 7; period++) {
        struct ht_lc_store *store = ht_lcb_store(builder, period * 64 + 8);
        assert_int_equal(store->finalized.beacon.slot, period * 64 + 8);
        assert_int_equal(store->finalized.has_execution, period >= 2);
        assert_int_equal(store->finalized.has_block_number, period >= 2 && period < 6);
        assert_memory_equal(&store->finalized, &store->optimistic, sizeof store->finalized);
        assert_true(is_committee_of(builder, &store->current_committee, period));
        assert_false(store->has_next_committee);
        free(store);
    }
    ht_lcb_free(builder);
}

static void chain_of_updates_goes_through_every_fork(void **state) {
    (void)state;
    struct ht_lcb *builder = ht_lcb_new(2);
    struct ht_lc_store *store = ht_lcb_store(builder, 8);
    for (uint64_t period = 0; period < 8; period++) {
        struct ht_lcb_plan plan = full_plan(period * 64 + 30, period * 64 + 16);
        struct ht_lc_outcome outcome = process(builder, store, &plan);
        assert_true(outcome.finalized_advanced);
        assert_true(outcome.optimistic_advanced);
        assert_true(outcome.next_committee_learned);
        assert_false(outcome.is_below_threshold);
        assert_int_equal(outcome.participants, 32);
        assert_int_equal(store->finalized.beacon.slot, period * 64 + 16);
        assert_int_equal(store->optimistic.beacon.slot, period * 64 + 30);
        assert_int_equal(ht_lc_store_period(store), period);
        assert_true(is_committee_of(builder, &store->current_committee, period));
        assert_true(is_committee_of(builder, &store->next_committee, period + 1));
    }
    free_both(builder, store);
}

static void verified_header_has_what_the_payload_says(void **state) {
    (void)state;
    struct ht_lcb *builder = ht_lcb_new(3);
    struct ht_lc_store *store = ht_lcb_store(builder, 200);
    struct ht_lcb_plan plan = full_plan(220, 208);
    struct ht_lc_object *object = ht_lcb_update(builder, &plan);
    const struct ht_execution_payload_header *payload = &object->update.attested_header.execution;
    assert_int_equal(ht_lc_process(store, NULL, object, NOW, NULL), HT_OK);
    const struct ht_header_verified *header = &store->optimistic;
    ht_hash32 root;
    ht_ssz_hash_tree_root(&root, &ht_execution_payload_header_deneb_type, payload);
    assert_memory_equal(&header->execution_root, &root, 32);
    assert_memory_equal(&header->execution_block_hash, &payload->block_hash, 32);
    assert_int_equal(header->block_number, payload->block_number);
    assert_int_equal(header->block_timestamp, payload->timestamp);
    assert_int_equal(header->participants, 32);
    ht_lcb_root(&root, &object->update.attested_header);
    assert_memory_equal(&header->root, &root, 32);
    free(object);
    free_both(builder, store);
}

static void finality_and_optimistic_updates_move_what_they_are_about(void **state) {
    (void)state;
    struct ht_lcb *builder = ht_lcb_new(4);
    struct ht_lc_store *store = ht_lcb_store(builder, 130);
    struct ht_lcb_plan plan = {.kind = HT_LC_OPTIMISTIC_UPDATE, .attested_slot = 140};
    struct ht_lc_outcome outcome = process(builder, store, &plan);
    assert_true(outcome.optimistic_advanced);
    assert_false(outcome.finalized_advanced);
    assert_int_equal(store->optimistic.beacon.slot, 140);
    assert_int_equal(store->finalized.beacon.slot, 130);
    plan = (struct ht_lcb_plan){.kind = HT_LC_FINALITY_UPDATE,
                                .attested_slot = 150,
                                .finalized_slot = 136,
                                .has_finality = true};
    outcome = process(builder, store, &plan);
    assert_true(outcome.finalized_advanced);
    assert_false(outcome.next_committee_learned);
    assert_int_equal(store->finalized.beacon.slot, 136);
    assert_int_equal(store->optimistic.beacon.slot, 150);
    free_both(builder, store);
}

static void genesis_checkpoint_is_proven_as_a_zero_root(void **state) {
    (void)state;
    struct ht_lcb *builder = ht_lcb_new(5);
    struct ht_lc_store *store = ht_lcb_store(builder, 8);
    struct ht_lcb_plan plan = full_plan(20, 0);
    struct ht_lc_outcome outcome = process(builder, store, &plan);
    assert_false(outcome.finalized_advanced);
    assert_true(outcome.next_committee_learned);
    assert_int_equal(store->finalized.beacon.slot, 8);
    free_both(builder, store);
}

/* Slot 0 of an empty finalized header lies in period 0, but that makes nothing final. */
static void next_committee_is_not_taken_without_finality(void **state) {
    (void)state;
    struct ht_lcb *builder = ht_lcb_new(5);
    struct ht_lc_store *store = ht_lcb_store(builder, 8);
    struct ht_lcb_plan plan = {
        .kind = HT_LC_UPDATE, .attested_slot = 20, .has_next_committee = true};
    struct ht_lc_outcome outcome = process(builder, store, &plan);
    assert_false(outcome.next_committee_learned);
    assert_false(store->has_next_committee);
    assert_true(store->has_best_valid_update);
    free_both(builder, store);
}

static void older_update_may_bring_the_next_committee(void **state) {
    (void)state;
    struct ht_lcb *builder = ht_lcb_new(6);
    struct ht_lc_store *store = ht_lcb_store(builder, 150);
    struct ht_lcb_plan plan = full_plan(140, 136);
    struct ht_lc_outcome outcome = process(builder, store, &plan);
    assert_true(outcome.next_committee_learned);
    assert_false(outcome.finalized_advanced);
    assert_int_equal(store->finalized.beacon.slot, 150);
    assert_true(is_committee_of(builder, &store->next_committee, 3));
    free_both(builder, store);
}

static void next_committee_signs_at_once_when_it_is_known(void **state) {
    (void)state;
    struct ht_lcb *builder = ht_lcb_new(7);
    struct ht_lc_store *store = ht_lcb_store(builder, 130);
    struct ht_lcb_plan plan = full_plan(150, 136);
    (void)process(builder, store, &plan);
    plan = (struct ht_lcb_plan){.kind = HT_LC_OPTIMISTIC_UPDATE, .attested_slot = 195};
    assert_true(process(builder, store, &plan).optimistic_advanced);
    assert_int_equal(ht_lc_store_period(store), 2);
    free_both(builder, store);
}

static void next_period_without_its_next_committee_leaves_that_unknown(void **state) {
    (void)state;
    struct ht_lcb *builder = ht_lcb_new(8);
    struct ht_lc_store *store = ht_lcb_store(builder, 130);
    struct ht_lcb_plan plan = full_plan(150, 136);
    (void)process(builder, store, &plan);
    plan = (struct ht_lcb_plan){.kind = HT_LC_FINALITY_UPDATE,
                                .attested_slot = 210,
                                .finalized_slot = 200,
                                .has_finality = true};
    (void)process(builder, store, &plan);
    assert_int_equal(ht_lc_store_period(store), 3);
    assert_true(is_committee_of(builder, &store->current_committee, 3));
    assert_false(store->has_next_committee);
    free_both(builder, store);
}

/* --- thresholds ------------------------------------------------------------------------------- */

static void update_below_two_thirds_finalizes_nothing(void **state) {
    (void)state;
    struct ht_lcb *builder = ht_lcb_new(9);
    struct ht_lc_store *store = ht_lcb_store(builder, 130);
    struct ht_lcb_plan plan = full_plan(150, 136);
    plan.participants = 21; /* 63 of 96 */
    struct ht_lc_outcome outcome = process(builder, store, &plan);
    assert_true(outcome.is_below_threshold);
    assert_false(outcome.finalized_advanced);
    assert_false(outcome.next_committee_learned);
    assert_int_equal(outcome.participants, 21);
    assert_int_equal(store->finalized.beacon.slot, 130);
    assert_false(store->has_next_committee);
    plan.participants = 22; /* 66 of 96 */
    assert_true(process(builder, store, &plan).finalized_advanced);
    free_both(builder, store);
}

static void optimistic_header_asks_for_more_than_half_of_the_best_participation(void **state) {
    (void)state;
    struct ht_lcb *builder = ht_lcb_new(10);
    struct ht_lc_store *store = ht_lcb_store(builder, 130);
    struct ht_lcb_plan plan = {.kind = HT_LC_OPTIMISTIC_UPDATE, .attested_slot = 140};
    (void)process(builder, store, &plan);
    plan.attested_slot = 141;
    plan.participants = 16;
    struct ht_lc_outcome outcome = process(builder, store, &plan);
    assert_false(outcome.optimistic_advanced);
    assert_true(outcome.is_below_threshold);
    plan.participants = 17;
    outcome = process(builder, store, &plan);
    assert_true(outcome.optimistic_advanced);
    assert_false(outcome.is_below_threshold);
    free_both(builder, store);
}

static void participation_of_the_period_before_still_counts(void **state) {
    (void)state;
    struct ht_lcb *builder = ht_lcb_new(11);
    struct ht_lc_store *store = ht_lcb_store(builder, 130);
    struct ht_lcb_plan plan = full_plan(150, 136);
    (void)process(builder, store, &plan);
    plan = full_plan(210, 200);
    plan.participants = 24;
    (void)process(builder, store, &plan);
    assert_int_equal(store->previous_max_active_participants, 32);
    assert_int_equal(store->current_max_active_participants, 0);
    plan = (struct ht_lcb_plan){
        .kind = HT_LC_OPTIMISTIC_UPDATE, .attested_slot = 212, .participants = 16};
    assert_false(process(builder, store, &plan).optimistic_advanced);
    free_both(builder, store);
}

/* --- headers of an older fork in a later object ----------------------------------------------- */

/* The attested header is of `fork`, which starts with period 1; the finalized one is of `before`.
 */
static void expect_crossing(enum ht_fork before, enum ht_fork fork) {
    struct ht_lcb *builder = ht_lcb_new_at(12, before, fork);
    struct ht_lc_store *store = ht_lcb_store(builder, 8);
    struct ht_lcb_plan plan = full_plan(30, 16);
    (void)process(builder, store, &plan);
    plan = full_plan(70, 40);
    struct ht_lc_object *object = ht_lcb_update(builder, &plan);
    struct ht_why why = {.text = ""};
    assert_int_equal(object->fork, fork);
    if (ht_lc_process(store, NULL, object, NOW, &why) != HT_OK) {
        fail_msg("%s in %s: %s", ht_fork_specs[before].name, ht_fork_specs[fork].name, why.text);
    }
    assert_int_equal(store->finalized.beacon.slot, 40);
    assert_int_equal(store->finalized.has_execution, before >= HT_CAPELLA && fork >= HT_CAPELLA);
    free(object);
    free_both(builder, store);
}

static void finalized_header_may_be_of_any_earlier_fork(void **state) {
    (void)state;
    for (unsigned fork = HT_BELLATRIX; fork < HT_FORK_COUNT; fork++) {
        for (unsigned before = HT_ALTAIR; before < fork; before++) {
            expect_crossing((enum ht_fork)before, (enum ht_fork)fork);
        }
    }
}

/* A Gloas object whose finalized header is of `before`, with one thing changed by the caller. */
static struct ht_lc_object *crossing_object(struct ht_lcb **builder, struct ht_lc_store **store,
                                            enum ht_fork before, enum ht_fork fork) {
    *builder = ht_lcb_new_at(13, before, fork);
    *store = ht_lcb_store(*builder, 8);
    struct ht_lcb_plan plan = full_plan(30, 16);
    (void)process(*builder, *store, &plan);
    plan = full_plan(70, 40);
    return ht_lcb_update(*builder, &plan);
}

static void expect_object_refused(struct ht_lc_store *store, const struct ht_lc_object *object,
                                  const char *code) {
    struct ht_why why = {.code = "accepted"};
    assert_int_equal(ht_lc_process(store, NULL, object, NOW, &why), HT_EUNVERIFIED);
    assert_string_equal(why.code, code);
}

static void padding_of_an_upgraded_execution_branch_has_to_be_zero(void **state) {
    (void)state;
    const enum ht_fork before[] = {HT_CAPELLA, HT_DENEB, HT_FULU};
    for (size_t i = 0; i < 3; i++) {
        struct ht_lcb *builder;
        struct ht_lc_store *store;
        struct ht_lc_object *object = crossing_object(&builder, &store, before[i], HT_GLOAS);
        object->update.finalized_header.execution_branch[0].b[0] = 1;
        expect_object_refused(store, object, "bad_execution_branch");
        free(object);
        free_both(builder, store);
    }
}

static void upgraded_header_gets_the_root_of_its_payload_header(void **state) {
    (void)state;
    struct ht_lcb *builder;
    struct ht_lc_store *store;
    struct ht_lc_object *object = crossing_object(&builder, &store, HT_FULU, HT_GLOAS);
    const struct ht_header_claimed *header = &object->update.finalized_header;
    assert_int_equal(ht_lc_process(store, NULL, object, NOW, NULL), HT_OK);
    assert_memory_equal(&store->finalized.execution_block_hash, &header->execution_block_hash, 32);
    assert_false(store->finalized.has_block_number);
    /* From the payload header's root on, the branch goes up to the body by gindex 25. */
    ht_hash32 body;
    ht_ssz_branch_root(&body, &store->finalized.execution_root, header->execution_branch + 7, 25);
    assert_memory_equal(&body, &header->beacon.body_root, 32);
    free(object);
    free_both(builder, store);
}

static void gloas_header_is_proven_by_its_block_hash(void **state) {
    (void)state;
    struct ht_lcb *builder = ht_lcb_new(14);
    struct ht_lc_store *store = ht_lcb_store(builder, 6 * 64 + 8);
    struct ht_lcb_plan plan = full_plan(6 * 64 + 30, 6 * 64 + 16);
    struct ht_lc_object *object = ht_lcb_update(builder, &plan);
    object->update.attested_header.execution_block_hash.b[0] ^= 1;
    expect_object_refused(store, object, "bad_execution_branch");
    object->update.attested_header.execution_block_hash.b[0] ^= 1;
    assert_int_equal(ht_lc_process(store, NULL, object, NOW, NULL), HT_OK);
    assert_memory_equal(&store->optimistic.execution_root,
                        &object->update.attested_header.execution_block_hash, 32);
    free(object);
    free_both(builder, store);
}

static void header_from_before_capella_carries_no_execution_data(void **state) {
    (void)state;
    const enum ht_fork forks[] = {HT_CAPELLA, HT_GLOAS};
    for (size_t i = 0; i < 2; i++) {
        struct ht_lcb *builder;
        struct ht_lc_store *store;
        struct ht_lc_object *object = crossing_object(&builder, &store, HT_BELLATRIX, forks[i]);
        struct ht_header_claimed *header = &object->update.finalized_header;
        header->execution.gas_limit = i == 0 ? 1 : 0;
        header->execution_block_hash.b[5] = i == 1 ? 1 : 0;
        expect_object_refused(store, object, "bad_execution_branch");
        free(object);
        free_both(builder, store);
    }
}

static void capella_header_in_a_deneb_object_has_no_blob_fields(void **state) {
    (void)state;
    struct ht_lcb *builder;
    struct ht_lc_store *store;
    struct ht_lc_object *object = crossing_object(&builder, &store, HT_CAPELLA, HT_DENEB);
    object->update.finalized_header.execution.excess_blob_gas = 1;
    expect_object_refused(store, object, "bad_execution_branch");
    free(object);
    free_both(builder, store);
}

/* --- the domain at a fork --------------------------------------------------------------------- */

static void first_signature_of_a_fork_is_made_for_the_fork_before(void **state) {
    (void)state;
    struct ht_lcb *builder = ht_lcb_new(15);
    struct ht_lc_store *store = ht_lcb_store(builder, 5 * 64 + 8);
    struct ht_lcb_plan plan = full_plan(5 * 64 + 30, 5 * 64 + 16);
    (void)process(builder, store, &plan);
    plan = (struct ht_lcb_plan){.kind = HT_LC_OPTIMISTIC_UPDATE,
                                .attested_slot = 6 * 64 - 1,
                                .signature_slot = 6 * 64,
                                .domain_of_slot = 6 * 64 + 1};
    expect_refused(builder, store, &plan, "bad_signature");
    plan.domain_of_slot = 6 * 64 - 1;
    assert_true(process(builder, store, &plan).optimistic_advanced);
    plan = (struct ht_lcb_plan){.kind = HT_LC_OPTIMISTIC_UPDATE,
                                .attested_slot = 6 * 64,
                                .signature_slot = 6 * 64 + 1,
                                .domain_of_slot = 6 * 64 - 1};
    expect_refused(builder, store, &plan, "bad_signature");
    plan.domain_of_slot = 6 * 64 + 5;
    assert_true(process(builder, store, &plan).optimistic_advanced);
    free_both(builder, store);
}

/* --- age -------------------------------------------------------------------------------------- */

static void starting_point_older_than_the_limit_is_refused(void **state) {
    (void)state;
    struct ht_lcb *builder = ht_lcb_new(16);
    const struct ht_network *net = &builder->network;
    int64_t start_ms = ht_slot_start_ms(net, 100);
    struct ht_why why = {.code = ""};
    assert_int_equal(ht_lc_check_age(net, 100, start_ms + 3600000, &why), HT_OK);
    assert_int_equal(ht_lc_check_age(net, 100, start_ms - 5, &why), HT_OK);
    assert_int_equal(ht_lc_check_age(net, 100, start_ms + 3600001, &why), HT_ESTALE);
    assert_string_equal(why.code, "checkpoint_too_old");
    ht_lcb_free(builder);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bootstrap_of_every_fork_starts_a_store),
        cmocka_unit_test(chain_of_updates_goes_through_every_fork),
        cmocka_unit_test(verified_header_has_what_the_payload_says),
        cmocka_unit_test(finality_and_optimistic_updates_move_what_they_are_about),
        cmocka_unit_test(genesis_checkpoint_is_proven_as_a_zero_root),
        cmocka_unit_test(next_committee_is_not_taken_without_finality),
        cmocka_unit_test(older_update_may_bring_the_next_committee),
        cmocka_unit_test(next_committee_signs_at_once_when_it_is_known),
        cmocka_unit_test(next_period_without_its_next_committee_leaves_that_unknown),
        cmocka_unit_test(update_below_two_thirds_finalizes_nothing),
        cmocka_unit_test(optimistic_header_asks_for_more_than_half_of_the_best_participation),
        cmocka_unit_test(participation_of_the_period_before_still_counts),
        cmocka_unit_test(finalized_header_may_be_of_any_earlier_fork),
        cmocka_unit_test(padding_of_an_upgraded_execution_branch_has_to_be_zero),
        cmocka_unit_test(upgraded_header_gets_the_root_of_its_payload_header),
        cmocka_unit_test(gloas_header_is_proven_by_its_block_hash),
        cmocka_unit_test(header_from_before_capella_carries_no_execution_data),
        cmocka_unit_test(capella_header_in_a_deneb_object_has_no_blob_fields),
        cmocka_unit_test(first_signature_of_a_fork_is_made_for_the_fork_before),
        cmocka_unit_test(starting_point_older_than_the_limit_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
