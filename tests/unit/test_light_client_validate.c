/* What objects are refused for: each test breaks one thing and expects its reason, with the store
 * unchanged. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "node/l1/consensus/light_client_validate.h"
#include "tests/unit/lc_builder.h"

#define NOW 100000U

/* A store of period 2 (Capella, first slot 128) and an update about it that holds. */
struct scene {
    struct ht_lcb *builder;
    struct ht_lc_store *store;
    struct ht_lcb_plan plan;
    struct ht_lc_object *object;
};

static const struct ht_lcb_plan good_plan = {.kind = HT_LC_UPDATE,
                                             .attested_slot = 150,
                                             .finalized_slot = 136,
                                             .has_finality = true,
                                             .has_next_committee = true};

static struct scene new_scene(const struct ht_lcb_plan *plan) {
    struct scene scene = {.builder = ht_lcb_new(1), .plan = *plan};
    scene.store = ht_lcb_store(scene.builder, 130);
    scene.object = ht_lcb_update(scene.builder, plan);
    return scene;
}

static void free_scene(struct scene *scene) {
    free(scene->object);
    free(scene->store);
    ht_lcb_free(scene->builder);
}

/* Everything but decompressed keys and the scratch room. */
static void forget_caches(struct ht_lc_store *store) {
    memset(store->current_committee.has_affine, 0, sizeof store->current_committee.has_affine);
    memset(store->current_committee.affine, 0, sizeof store->current_committee.affine);
    memset(store->next_committee.has_affine, 0, sizeof store->next_committee.has_affine);
    memset(store->next_committee.affine, 0, sizeof store->next_committee.affine);
    memset(&store->current_committee.aggregate, 0, sizeof store->current_committee.aggregate);
    memset(&store->next_committee.aggregate, 0, sizeof store->next_committee.aggregate);
    store->current_committee.has_aggregate = store->next_committee.has_aggregate = false;
    memset(&store->scratch, 0, sizeof store->scratch);
}

static void expect_refused_at(struct scene *scene, uint64_t current_slot, enum ht_err err,
                              const char *code) {
    struct ht_lc_store *before = malloc(sizeof *before);
    struct ht_lc_outcome outcome = {.participants = 12345};
    struct ht_why why = {.code = "accepted"};
    assert_non_null(before);
    forget_caches(scene->store);
    memcpy(before, scene->store, sizeof *before);
    assert_int_equal(ht_lc_process(scene->store, &outcome, scene->object, current_slot, &why), err);
    assert_string_equal(why.code, code);
    assert_true(why.text[0] != '\0');
    assert_int_equal(outcome.participants, 12345);
    forget_caches(scene->store);
    assert_memory_equal(before, scene->store, sizeof *before);
    assert_int_equal(ht_lc_process(scene->store, NULL, scene->object, current_slot, NULL), err);
    free(before);
}

static void expect_refused(struct scene *scene, enum ht_err err, const char *code) {
    expect_refused_at(scene, NOW, err, code);
    free_scene(scene);
}

static void expect_accepted(struct scene *scene) {
    struct ht_why why = {.text = ""};
    if (ht_lc_process(scene->store, NULL, scene->object, NOW, &why) != HT_OK) {
        fail_msg("%s: %s", why.code, why.text);
    }
    free_scene(scene);
}

/* Offers the scene's update before the one under test, so that the next committee is known. */
static void learn_next_committee(struct scene *scene) {
    struct ht_lcb_plan plan = good_plan;
    plan.attested_slot = 140;
    struct ht_lc_object *object = ht_lcb_update(scene->builder, &plan);
    assert_int_equal(ht_lc_process(scene->store, NULL, object, NOW, NULL), HT_OK);
    assert_true(scene->store->has_next_committee);
    free(object);
}

static void update_of_the_scene_is_accepted_when_nothing_is_broken(void **state) {
    (void)state;
    struct scene scene = new_scene(&good_plan);
    expect_accepted(&scene);
}

/* --- form and slots --------------------------------------------------------------------------- */

static void container_of_another_fork_is_wrong_fork(void **state) {
    (void)state;
    struct scene scene = new_scene(&good_plan);
    scene.object->fork = HT_DENEB;
    expect_refused(&scene, HT_EINPUT, "wrong_fork");
}

static void signature_slot_ahead_of_the_clock_is_future(void **state) {
    (void)state;
    struct scene scene = new_scene(&good_plan);
    expect_refused_at(&scene, 150, HT_EUNVERIFIED, "future");
    assert_int_equal(ht_lc_process(scene.store, NULL, scene.object, 151, NULL), HT_OK);
    free_scene(&scene);
}

static void signature_slot_not_after_the_attested_one_is_bad_slots(void **state) {
    (void)state;
    struct ht_lcb_plan plan = good_plan;
    plan.signature_slot = 150;
    struct scene scene = new_scene(&plan);
    expect_refused(&scene, HT_EINPUT, "bad_slots");
}

static void finalized_slot_after_the_attested_one_is_bad_slots(void **state) {
    (void)state;
    struct ht_lcb_plan plan = good_plan;
    plan.finalized_slot = 151;
    struct scene scene = new_scene(&plan);
    expect_refused(&scene, HT_EINPUT, "bad_slots");
}

static void
signature_of_the_next_period_is_other_period_while_its_committee_is_unknown(void **state) {
    (void)state;
    struct ht_lcb_plan plan = good_plan;
    plan.attested_slot = 200;
    plan.finalized_slot = 192;
    struct scene scene = new_scene(&plan);
    expect_refused(&scene, HT_ESTALE, "other_period");
}

static void signature_two_periods_on_is_other_period(void **state) {
    (void)state;
    struct ht_lcb_plan plan = good_plan;
    plan.attested_slot = 260;
    plan.finalized_slot = 256;
    struct scene scene = new_scene(&plan);
    learn_next_committee(&scene);
    expect_refused(&scene, HT_ESTALE, "other_period");
}

static void signature_of_an_earlier_period_is_other_period(void **state) {
    (void)state;
    struct ht_lcb_plan plan = {.kind = HT_LC_OPTIMISTIC_UPDATE, .attested_slot = 100};
    struct scene scene = new_scene(&plan);
    expect_refused(&scene, HT_ESTALE, "other_period");
}

static void header_that_is_final_already_is_stale(void **state) {
    (void)state;
    struct ht_lcb_plan plan = {.kind = HT_LC_OPTIMISTIC_UPDATE, .attested_slot = 130};
    struct scene scene = new_scene(&plan);
    expect_refused(&scene, HT_ESTALE, "stale");
}

static void old_header_with_the_next_committee_is_stale_once_that_is_known(void **state) {
    (void)state;
    struct ht_lcb_plan plan = good_plan;
    plan.attested_slot = 129;
    plan.finalized_slot = 128;
    struct scene scene = new_scene(&plan);
    learn_next_committee(&scene);
    expect_refused(&scene, HT_ESTALE, "stale");
}

static void update_without_any_signer_is_no_participants(void **state) {
    (void)state;
    struct scene scene = new_scene(&good_plan);
    memset(&scene.object->update.sync_aggregate, 0, sizeof(struct ht_sync_aggregate));
    expect_refused(&scene, HT_EUNVERIFIED, "no_participants");
}

/* --- branches --------------------------------------------------------------------------------- */

static void changed_execution_header_is_bad_execution_branch(void **state) {
    (void)state;
    struct scene scene = new_scene(&good_plan);
    scene.object->update.attested_header.execution.block_number++;
    expect_refused(&scene, HT_EUNVERIFIED, "bad_execution_branch");
}

static void changed_execution_header_of_the_finalized_one_is_bad_execution_branch(void **state) {
    (void)state;
    struct scene scene = new_scene(&good_plan);
    scene.object->update.finalized_header.execution.gas_used ^= 1;
    expect_refused(&scene, HT_EUNVERIFIED, "bad_execution_branch");
}

static void changed_node_of_the_execution_branch_is_bad_execution_branch(void **state) {
    (void)state;
    for (size_t i = 0; i < 4; i++) {
        struct scene scene = new_scene(&good_plan);
        scene.object->update.attested_header.execution_branch[i].b[31] ^= 1;
        expect_refused(&scene, HT_EUNVERIFIED, "bad_execution_branch");
    }
}

static void changed_node_of_the_finality_branch_is_bad_finality_branch(void **state) {
    (void)state;
    for (size_t i = 0; i < 6; i++) {
        struct scene scene = new_scene(&good_plan);
        scene.object->update.finality_branch[i].b[0] ^= 1;
        expect_refused(&scene, HT_EUNVERIFIED, "bad_finality_branch");
    }
}

static void another_finalized_header_is_bad_finality_branch(void **state) {
    (void)state;
    struct scene scene = new_scene(&good_plan);
    scene.object->update.finalized_header.beacon.proposer_index++;
    expect_refused(&scene, HT_EUNVERIFIED, "bad_finality_branch");
}

static void finalized_header_without_a_branch_is_unexpected(void **state) {
    (void)state;
    struct scene scene = new_scene(&good_plan);
    memset(scene.object->update.finality_branch, 0, sizeof scene.object->update.finality_branch);
    expect_refused(&scene, HT_EINPUT, "unexpected_finalized_header");
}

static void finalized_header_of_slot_zero_that_is_not_empty_is_unexpected(void **state) {
    (void)state;
    struct ht_lcb_plan plan = good_plan;
    plan.finalized_slot = 0;
    struct scene scene = new_scene(&plan);
    scene.object->update.finalized_header.beacon.proposer_index = 1;
    expect_refused(&scene, HT_EINPUT, "unexpected_finalized_header");
}

static void changed_next_committee_is_bad_next_committee_branch(void **state) {
    (void)state;
    struct scene scene = new_scene(&good_plan);
    scene.object->update.next_sync_committee.aggregate_pubkey[47] ^= 1;
    expect_refused(&scene, HT_EUNVERIFIED, "bad_next_committee_branch");
}

static void changed_node_of_the_next_committee_branch_is_bad_next_committee_branch(void **state) {
    (void)state;
    for (size_t i = 0; i < 5; i++) {
        struct scene scene = new_scene(&good_plan);
        scene.object->update.next_sync_committee_branch[i].b[7] ^= 1;
        expect_refused(&scene, HT_EUNVERIFIED, "bad_next_committee_branch");
    }
}

static void next_committee_without_a_branch_is_unexpected(void **state) {
    (void)state;
    struct scene scene = new_scene(&good_plan);
    memset(scene.object->update.next_sync_committee_branch, 0,
           sizeof scene.object->update.next_sync_committee_branch);
    expect_refused(&scene, HT_EINPUT, "unexpected_next_committee");
}

static void proven_next_committee_other_than_the_known_one_differs(void **state) {
    (void)state;
    struct ht_lcb_plan plan = good_plan;
    plan.next_of_period = 9;
    struct scene scene = new_scene(&plan);
    learn_next_committee(&scene);
    expect_refused(&scene, HT_EUNVERIFIED, "next_committee_differs");
}

/* --- signatures ------------------------------------------------------------------------------- */

static void signature_by_another_committee_is_bad_signature(void **state) {
    (void)state;
    struct ht_lcb_plan plan = good_plan;
    plan.signed_by_period = 3;
    struct scene scene = new_scene(&plan);
    expect_refused(&scene, HT_EUNVERIFIED, "bad_signature");
}

static void signature_over_another_header_is_bad_signature(void **state) {
    (void)state;
    struct scene scene = new_scene(&good_plan);
    scene.object->update.attested_header.beacon.proposer_index++;
    expect_refused(&scene, HT_EUNVERIFIED, "bad_signature");
}

static void participant_who_did_not_sign_is_bad_signature(void **state) {
    (void)state;
    struct ht_lcb_plan plan = good_plan;
    plan.participants = 31;
    struct scene scene = new_scene(&plan);
    memset(&scene.object->update.sync_aggregate.sync_committee_bits, 0xff, 4);
    expect_refused(&scene, HT_EUNVERIFIED, "bad_signature");
}

static void changed_signature_slot_in_another_fork_is_bad_signature(void **state) {
    (void)state;
    struct ht_lcb_plan plan = good_plan;
    plan.domain_of_slot = 120;
    struct scene scene = new_scene(&plan);
    expect_refused(&scene, HT_EUNVERIFIED, "bad_signature");
}

static void signature_that_is_no_point_is_signature_malformed(void **state) {
    (void)state;
    struct scene scene = new_scene(&good_plan);
    memset(scene.object->update.sync_aggregate.sync_committee_signature, 0xff, 96);
    expect_refused(&scene, HT_EUNVERIFIED, "signature_malformed");
}

static void signature_outside_of_the_group_is_not_in_subgroup(void **state) {
    (void)state;
    struct scene scene = new_scene(&good_plan);
    uint8_t *signature = scene.object->update.sync_aggregate.sync_committee_signature;
    blst_p2_affine point;
    memset(signature, 0, 96);
    signature[0] = 0x80;
    do {
        signature[95]++;
    } while (blst_p2_uncompress(&point, signature) != BLST_SUCCESS);
    expect_refused(&scene, HT_EUNVERIFIED, "signature_not_in_subgroup");
}

static void committee_key_that_is_no_point_is_pubkey_malformed(void **state) {
    (void)state;
    struct scene scene = new_scene(&good_plan);
    memset(scene.store->current_committee.aggregate_pubkey, 0xff, 48);
    expect_refused(&scene, HT_EUNVERIFIED, "pubkey_malformed");
}

/* --- bootstraps ------------------------------------------------------------------------------- */

static void expect_bootstrap_refused(struct ht_lcb *builder, struct ht_lc_object *bootstrap,
                                     const ht_hash32 *root, enum ht_err err, const char *code) {
    struct ht_lc_store *store = calloc(1, sizeof *store);
    struct ht_why why = {.code = "accepted"};
    assert_non_null(store);
    assert_int_equal(ht_lc_store_init(store, &builder->network, root, bootstrap, &why), err);
    assert_string_equal(why.code, code);
    free(store);
    free(bootstrap);
    ht_lcb_free(builder);
}

static void bootstrap_of_another_block_is_wrong_trusted_root(void **state) {
    (void)state;
    struct ht_lcb *builder = ht_lcb_new(1);
    struct ht_lc_object *bootstrap = ht_lcb_bootstrap(builder, 130);
    ht_hash32 root;
    ht_lcb_root(&root, &bootstrap->bootstrap.header);
    root.b[31] ^= 1;
    expect_bootstrap_refused(builder, bootstrap, &root, HT_EUNVERIFIED, "wrong_trusted_root");
}

static void bootstrap_with_another_committee_is_bad_current_committee_branch(void **state) {
    (void)state;
    struct ht_lcb *builder = ht_lcb_new(1);
    struct ht_lc_object *bootstrap = ht_lcb_bootstrap(builder, 130);
    ht_hash32 root;
    ht_lcb_root(&root, &bootstrap->bootstrap.header);
    bootstrap->bootstrap.current_sync_committee = ht_lcb_committee(builder, 3)->keys;
    expect_bootstrap_refused(builder, bootstrap, &root, HT_EUNVERIFIED,
                             "bad_current_committee_branch");
}

static void bootstrap_with_another_execution_header_is_bad_execution_branch(void **state) {
    (void)state;
    struct ht_lcb *builder = ht_lcb_new(1);
    struct ht_lc_object *bootstrap = ht_lcb_bootstrap(builder, 130);
    ht_hash32 root;
    ht_lcb_root(&root, &bootstrap->bootstrap.header);
    bootstrap->bootstrap.header.execution.block_hash.b[0] ^= 1;
    expect_bootstrap_refused(builder, bootstrap, &root, HT_EUNVERIFIED, "bad_execution_branch");
}

static void bootstrap_in_the_container_of_another_fork_is_wrong_fork(void **state) {
    (void)state;
    struct ht_lcb *builder = ht_lcb_new(1);
    struct ht_lc_object *bootstrap = ht_lcb_bootstrap(builder, 130);
    ht_hash32 root;
    ht_lcb_root(&root, &bootstrap->bootstrap.header);
    bootstrap->fork = HT_ALTAIR;
    expect_bootstrap_refused(builder, bootstrap, &root, HT_EINPUT, "wrong_fork");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(update_of_the_scene_is_accepted_when_nothing_is_broken),
        cmocka_unit_test(container_of_another_fork_is_wrong_fork),
        cmocka_unit_test(signature_slot_ahead_of_the_clock_is_future),
        cmocka_unit_test(signature_slot_not_after_the_attested_one_is_bad_slots),
        cmocka_unit_test(finalized_slot_after_the_attested_one_is_bad_slots),
        cmocka_unit_test(
            signature_of_the_next_period_is_other_period_while_its_committee_is_unknown),
        cmocka_unit_test(signature_two_periods_on_is_other_period),
        cmocka_unit_test(signature_of_an_earlier_period_is_other_period),
        cmocka_unit_test(header_that_is_final_already_is_stale),
        cmocka_unit_test(old_header_with_the_next_committee_is_stale_once_that_is_known),
        cmocka_unit_test(update_without_any_signer_is_no_participants),
        cmocka_unit_test(changed_execution_header_is_bad_execution_branch),
        cmocka_unit_test(changed_execution_header_of_the_finalized_one_is_bad_execution_branch),
        cmocka_unit_test(changed_node_of_the_execution_branch_is_bad_execution_branch),
        cmocka_unit_test(changed_node_of_the_finality_branch_is_bad_finality_branch),
        cmocka_unit_test(another_finalized_header_is_bad_finality_branch),
        cmocka_unit_test(finalized_header_without_a_branch_is_unexpected),
        cmocka_unit_test(finalized_header_of_slot_zero_that_is_not_empty_is_unexpected),
        cmocka_unit_test(changed_next_committee_is_bad_next_committee_branch),
        cmocka_unit_test(changed_node_of_the_next_committee_branch_is_bad_next_committee_branch),
        cmocka_unit_test(next_committee_without_a_branch_is_unexpected),
        cmocka_unit_test(proven_next_committee_other_than_the_known_one_differs),
        cmocka_unit_test(signature_by_another_committee_is_bad_signature),
        cmocka_unit_test(signature_over_another_header_is_bad_signature),
        cmocka_unit_test(participant_who_did_not_sign_is_bad_signature),
        cmocka_unit_test(changed_signature_slot_in_another_fork_is_bad_signature),
        cmocka_unit_test(signature_that_is_no_point_is_signature_malformed),
        cmocka_unit_test(signature_outside_of_the_group_is_not_in_subgroup),
        cmocka_unit_test(committee_key_that_is_no_point_is_pubkey_malformed),
        cmocka_unit_test(bootstrap_of_another_block_is_wrong_trusted_root),
        cmocka_unit_test(bootstrap_with_another_committee_is_bad_current_committee_branch),
        cmocka_unit_test(bootstrap_with_another_execution_header_is_bad_execution_branch),
        cmocka_unit_test(bootstrap_in_the_container_of_another_fork_is_wrong_fork),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
