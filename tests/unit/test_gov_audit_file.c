/* Audit bundles as files: made, with receipts one by one, and judged with their anchor. */
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <setjmp.h>
#include <cmocka.h>

#include "tests/unit/audit_world.h"

/* Votes in blocks 102 and 103; 104 and 105 are empty. */
static const struct audit_world_plan PLAN = {
    .vote_blocks = 2, .votes_per_block = 4, .filler = 3, .crowd = 40};

static void open_world(struct audit_world *world, enum audit_world_twist twist) {
    struct audit_world_plan plan = PLAN;
    plan.twist = twist;
    audit_world_open(world, &plan);
}

static json_t *bundle_of(struct audit_world *world) {
    struct ht_why why = {.text = ""};
    json_t *bundle = audit_world_bundle(world, &why);
    if (bundle == NULL) fail_msg("%s: %s", why.code, why.text);
    return bundle;
}

static void expect(const json_t *bundle, enum ht_err err, const char *code) {
    struct ht_gov_audit audit;
    assert_int_equal(ht_gov_audit_check(&audit, bundle, NULL), HT_OK);
    if (audit.err == err && strcmp(audit.why.code, code) == 0) return;
    fail_msg("expected %s, got %s: %s", code, audit.why.code, audit.why.text);
}

static json_t *at(json_t *json, const char *path) {
    const json_t *out = NULL;
    assert_int_equal(ht_json_get(&out, json, path, NULL), HT_OK);
    return (json_t *)(uintptr_t)out;
}

/* Flips the last hex digit of a text. */
static void flip(json_t *json, const char *path) {
    json_t *text = at(json, path);
    char *copy = strdup(json_string_value(text));
    assert_non_null(copy);
    char *last = copy + strlen(copy) - 1;
    *last = *last == '1' ? '2' : '1';
    assert_int_equal(json_string_set(text, copy), 0);
    free(copy);
}

/* --- receipts one by one ---------------------------------------------------------------------- */

/* The bundle of a world with receipts one by one, after an edit. */
static void lean(void (*edit)(json_t *bundle), enum ht_err err, const char *code) {
    struct audit_world_plan plan = PLAN;
    struct audit_world world;
    plan.is_lean = true;
    audit_world_open(&world, &plan);
    json_t *bundle = bundle_of(&world);
    if (edit != NULL) edit(bundle);
    expect(bundle, err, code);
    json_decref(bundle);
    audit_world_close(&world);
}

static void receipts_one_by_one_prove_the_tally_and_not_the_list(void **state) {
    (void)state;
    struct audit_world_plan plan = PLAN;
    struct audit_world world;
    struct ht_gov_audit audit;
    plan.is_lean = true;
    audit_world_open(&world, &plan);
    json_t *bundle = bundle_of(&world);
    assert_int_equal(ht_gov_audit_check(&audit, bundle, NULL), HT_OK);
    assert_true(audit.is_accepted && audit.result.tally_proven);
    assert_false(audit.result.list_proven);
    assert_int_equal(audit.result.votes, 8);
    assert_int_equal(audit.result.unchecked_count, 2);
    json_decref(bundle);
    audit_world_close(&world);
}

static void other_path(json_t *bundle) {
    flip(bundle, "provided.receipts.102.nodes[0]");
}
static void other_index(json_t *bundle) {
    json_object_set_new(at(bundle, "provided.receipts.102.proofs[0]"), "transactionIndex",
                        json_string("0x0"));
}
static void absent_index(json_t *bundle) {
    json_object_set_new(at(bundle, "provided.receipts.102.proofs[3]"), "transactionIndex",
                        json_string("0x7e"));
}
static void same_receipt_twice(json_t *bundle) {
    json_t *proofs = at(bundle, "provided.receipts.102.proofs");
    json_array_append(proofs, json_array_get(proofs, 3));
}
static void logs_at_one_place(json_t *bundle) {
    json_object_set_new(at(bundle, "provided.receipts.102.proofs[1]"), "logsBefore",
                        json_string("0x0"));
}
static void logs_elsewhere(json_t *bundle) {
    json_object_set_new(at(bundle, "provided.receipts.102.proofs[3]"), "logsBefore",
                        json_string("0x50"));
}
static void flip_vote(json_t *bundle) {
    flip(bundle, "provided.voteLogs[1].data");
}
static void omit_vote(json_t *bundle) {
    json_array_remove(at(bundle, "provided.voteLogs"), 5);
}
static void leave_out_receipt(json_t *bundle) {
    json_array_remove(at(bundle, "provided.receipts.102.proofs"), 3);
    json_array_remove(at(bundle, "provided.voteLogs"), 3);
}

static void receipts_one_by_one_have_to_hold(void **state) {
    (void)state;
    lean(other_path, HT_EUNVERIFIED, "receipts_root");
    lean(other_index, HT_EUNVERIFIED, "receipts_root");
    lean(absent_index, HT_EUNVERIFIED, "receipts_root");
    lean(same_receipt_twice, HT_EINPUT, "receipt_order");
    lean(logs_at_one_place, HT_EINPUT, "receipt_order");
    lean(logs_elsewhere, HT_EUNVERIFIED, "log_not_in_receipt");
    lean(leave_out_receipt, HT_EUNVERIFIED, "tally_incomplete");
    lean(flip_vote, HT_EUNVERIFIED, "log_not_in_receipt");
    lean(omit_vote, HT_EUNVERIFIED, "log_omitted");
}

/* --- making ---------------------------------------------------------------------------------- */

static void a_bundle_is_made_of_blocks_in_a_row(void **state) {
    (void)state;
    struct audit_world world;
    struct ht_gov_making *making = NULL;
    struct ht_why why = {.code = ""};
    json_t *bundle = NULL;
    open_world(&world, AUDIT_WORLD_PLAIN);
    assert_int_equal(ht_gov_making_new(&making, &world.builder->network, &world.layout,
                                       &world.governor, &world.id),
                     HT_OK);
    assert_int_equal(ht_gov_making_block(making, &world.blocks[1].header, NULL, 0, &why), HT_OK);
    assert_int_equal(ht_gov_making_block(making, &world.blocks[3].header, NULL, 0, &why),
                     HT_EINPUT);
    assert_string_equal(why.code, "making_order");
    assert_int_equal(ht_gov_making_finish(&bundle, making, 0, &why), HT_ENOTFOUND);
    assert_string_equal(why.code, "no_proposal_log");
    ht_gov_making_free(making);
    audit_world_close(&world);
}

/* --- the file --------------------------------------------------------------------------------- */

static void expect_verdict(struct audit_world *world, const json_t *bundle, const char *verdict,
                           const char *code) {
    json_t *outcome = NULL;
    assert_int_equal(ht_gov_audit_verify(&outcome, &world->judge, bundle, NULL), HT_OK);
    const char *got = json_string_value(json_object_get(outcome, "verdict"));
    const char *why = json_string_value(json_object_get(outcome, "code"));
    if (strcmp(got, verdict) != 0 || (code != NULL && strcmp(why, code) != 0)) {
        fail_msg("expected %s %s, got %s %s", verdict, code != NULL ? code : "", got,
                 why != NULL ? why : "");
    }
    json_decref(outcome);
}

static void a_final_anchor_makes_it_valid(void **state) {
    (void)state;
    struct audit_world world;
    json_t *outcome = NULL;
    open_world(&world, AUDIT_WORLD_PLAIN);
    json_t *bundle = bundle_of(&world);
    assert_int_equal(ht_gov_audit_verify(&outcome, &world.judge, bundle, NULL), HT_OK);
    assert_string_equal(json_string_value(json_object_get(outcome, "verdict")), "valid");
    assert_int_equal(json_array_size(json_object_get(outcome, "steps")), 6);
    assert_string_equal(json_string_value(at(outcome, "claim.tally.for")), "3009");
    assert_true(json_is_true(at(outcome, "claim.list_proven")));
    assert_int_equal(json_integer_value(at(outcome, "block.number")), AUDIT_WORLD_FIRST + 5);
    json_decref(outcome);
    json_decref(bundle);
    audit_world_close(&world);
}

static void an_anchor_before_the_final_block_needs_the_headers_between(void **state) {
    (void)state;
    struct audit_world world;
    open_world(&world, AUDIT_WORLD_TAIL);
    json_t *bundle = bundle_of(&world);
    assert_int_equal(json_array_size(json_object_get(bundle, "after")), 1);
    expect_verdict(&world, bundle, "valid", NULL);
    json_array_clear(json_object_get(bundle, "after"));
    expect_verdict(&world, bundle, "invalid", "anchor_final");
    json_decref(bundle);
    audit_world_close(&world);
}

static void an_anchor_that_nothing_proves_is_never_valid(void **state) {
    (void)state;
    struct audit_world world;
    open_world(&world, AUDIT_WORLD_PLAIN);
    json_t *bundle = bundle_of(&world);
    world.period = 4;
    expect_verdict(&world, bundle, "unverified", "committee_unknown");
    world.period = 3;
    json_object_set_new(bundle, "finality", json_null());
    expect_verdict(&world, bundle, "unverified", "anchor_trusted");
    json_object_set_new(at(bundle, "network"), "chain_id", json_integer(9));
    expect_verdict(&world, bundle, "unverified", "other_network");
    json_decref(bundle);
    audit_world_close(&world);
}

static void a_forged_update_or_count_is_invalid(void **state) {
    (void)state;
    struct audit_world world;
    open_world(&world, AUDIT_WORLD_PLAIN);
    json_t *bundle = bundle_of(&world);
    json_t *good = json_deep_copy(bundle);
    flip(bundle, "finality.ssz");
    expect_verdict(&world, bundle, "invalid", NULL);
    json_array_remove(at(good, "provided.voteLogs"), 0);
    expect_verdict(&world, good, "invalid", "log_omitted");
    json_decref(bundle);
    json_decref(good);
    audit_world_close(&world);
}

static void other_files_are_for_others(void **state) {
    (void)state;
    struct ht_why why = {.code = ""};
    json_t *outcome = NULL, *file = json_pack("{s:i}", "hearth_bundle", 1);
    struct audit_world world;
    open_world(&world, AUDIT_WORLD_PLAIN);
    assert_int_equal(
        ht_gov_verify_file(&outcome, world.judge.network, NULL, file, &ht_system_clock, &why),
        HT_ENOTFOUND);
    assert_string_equal(why.code, "unknown_file");
    json_decref(file);
    file = bundle_of(&world);
    assert_int_equal(
        ht_gov_verify_file(&outcome, world.judge.network, NULL, file, &ht_system_clock, &why),
        HT_OK);
    assert_string_equal(json_string_value(at(outcome, "code")), "committee_unknown");
    json_decref(outcome);
    json_decref(file);
    audit_world_close(&world);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(receipts_one_by_one_prove_the_tally_and_not_the_list),
        cmocka_unit_test(receipts_one_by_one_have_to_hold),
        cmocka_unit_test(a_bundle_is_made_of_blocks_in_a_row),
        cmocka_unit_test(a_final_anchor_makes_it_valid),
        cmocka_unit_test(an_anchor_before_the_final_block_needs_the_headers_between),
        cmocka_unit_test(an_anchor_that_nothing_proves_is_never_valid),
        cmocka_unit_test(a_forged_update_or_count_is_invalid),
        cmocka_unit_test(other_files_are_for_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
