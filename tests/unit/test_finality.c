/* Finality that somebody else can check. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "node/l1/consensus/light_client_finality.h"
#include "node/l1/finality.h"
#include "tests/unit/lc_builder.h"

#define NOW 100000U

static const struct ht_lcb_plan PLAN = {.kind = HT_LC_FINALITY_UPDATE,
                                        .attested_slot = 3 * HT_LCB_PERIOD + 20,
                                        .finalized_slot = 3 * HT_LCB_PERIOD + 4,
                                        .has_finality = true};

static struct ht_bls_committee *committee_of(struct ht_lcb *builder, uint64_t period) {
    const struct ht_sync_committee *keys = &ht_lcb_committee(builder, period)->keys;
    struct ht_bls_committee *out = calloc(1, sizeof *out);
    assert_non_null(out);
    ht_bls_committee_init(out, keys->pubkeys[0], HT_LCB_SIZE, keys->aggregate_pubkey);
    return out;
}

static enum ht_err check(struct ht_lcb *builder, const struct ht_lc_object *object, uint64_t period,
                         struct ht_header_verified *out, struct ht_why *why) {
    struct ht_bls_committee *committee = committee_of(builder, period);
    enum ht_err err = ht_finality_verify(out, &builder->network, committee, object, NOW, why);
    free(committee);
    return err;
}

static void expect_code(struct ht_lcb *builder, const struct ht_lc_object *object, uint64_t period,
                        enum ht_err wanted, const char *code) {
    struct ht_header_verified header;
    struct ht_why why = {.code = ""};
    assert_int_equal(check(builder, object, period, &header, &why), wanted);
    assert_string_equal(why.code, code);
}

static void an_update_is_checked_with_its_period_s_committee_alone(void **state) {
    (void)state;
    struct ht_lcb *builder = ht_lcb_new(7);
    const uint64_t slots[] = {HT_LCB_PERIOD, 3 * HT_LCB_PERIOD, 3 * HT_LCB_PERIOD + 20,
                              4 * HT_LCB_PERIOD - 1, 6 * HT_LCB_PERIOD + 9};
    for (size_t i = 0; i < sizeof slots / sizeof *slots; i++) {
        struct ht_lcb_plan plan = PLAN;
        plan.attested_slot = slots[i];
        plan.finalized_slot = slots[i] - 16 < HT_LCB_PERIOD ? HT_LCB_PERIOD - 8 : slots[i] - 16;
        struct ht_lc_object *object = ht_lcb_update(builder, &plan);
        struct ht_header_verified header;
        struct ht_why why = {.code = ""};
        uint64_t period = ht_finality_period(&builder->network, object);
        assert_int_equal(period, (slots[i] + 1) / HT_LCB_PERIOD);
        enum ht_err err = check(builder, object, period, &header, &why);
        /* Altair's headers have no execution block. */
        bool is_altair = plan.finalized_slot < 2 * HT_LCB_PERIOD;
        if (is_altair) {
            assert_string_equal(why.code, "not_final");
        } else {
            assert_string_equal(why.code, "");
            assert_int_equal(err, HT_OK);
            assert_int_equal(header.beacon.slot, plan.finalized_slot);
        }
        free(object);
    }
    ht_lcb_free(builder);
}

static void another_period_s_committee_is_refused(void **state) {
    (void)state;
    struct ht_lcb *builder = ht_lcb_new(8);
    struct ht_lc_object *object = ht_lcb_update(builder, &PLAN);
    expect_code(builder, object, 2, HT_EUNVERIFIED, "bad_signature");
    free(object);
    ht_lcb_free(builder);
}

static void fewer_than_two_thirds_make_nothing_final(void **state) {
    (void)state;
    struct ht_lcb *builder = ht_lcb_new(9);
    struct ht_lcb_plan plan = PLAN;
    plan.participants = HT_LCB_SIZE * 2 / 3;
    struct ht_lc_object *object = ht_lcb_update(builder, &plan);
    expect_code(builder, object, 3, HT_EUNVERIFIED, "below_threshold");
    free(object);
    ht_lcb_free(builder);
}

static void another_finalized_header_is_refused(void **state) {
    (void)state;
    struct ht_lcb *builder = ht_lcb_new(10);
    struct ht_lc_object *object = ht_lcb_update(builder, &PLAN);
    object->update.finalized_header.beacon.proposer_index++;
    struct ht_header_verified header;
    struct ht_why why = {.code = ""};
    assert_int_equal(check(builder, object, 3, &header, &why), HT_EUNVERIFIED);
    assert_true(strcmp(why.code, "bad_finality_branch") == 0 ||
                strcmp(why.code, "bad_execution_branch") == 0);
    free(object);
    ht_lcb_free(builder);
}

static void what_was_kept_reads_back_from_json_byte_for_byte(void **state) {
    (void)state;
    struct ht_lcb *builder = ht_lcb_new(11);
    struct ht_lc_object *object = ht_lcb_update(builder, &PLAN);
    struct ht_lc_object *read = calloc(1, sizeof *read);
    struct ht_finality finality = {0}, again = {0}, copy = {0};
    const ht_hash32 hash = {{5}};
    struct ht_why why = {.code = ""};
    assert_non_null(read);
    assert_int_equal(ht_finality_set(&finality, &builder->network, object, &hash), HT_OK);
    assert_int_equal(ht_finality_copy(&copy, &finality), HT_OK);
    json_t *json = ht_finality_json(&copy);
    assert_int_equal(ht_finality_read(read, &builder->network, json, &why), HT_OK);
    assert_int_equal(ht_finality_set(&again, &builder->network, read, &hash), HT_OK);
    assert_true(ht_bytes_equal(ht_buf_view(&again.ssz), ht_buf_view(&finality.ssz)));
    assert_int_equal(again.finalized_slot, PLAN.finalized_slot);
    json_object_set_new(json, "kind", json_string("LightClientBootstrap"));
    assert_int_equal(ht_finality_read(read, &builder->network, json, &why), HT_EINPUT);
    assert_string_equal(why.code, "finality_form");
    json_decref(json);
    ht_finality_fini(&finality);
    ht_finality_fini(&again);
    ht_finality_fini(&copy);
    free(object);
    free(read);
    ht_lcb_free(builder);
}

#define TEST(name) cmocka_unit_test(name)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(an_update_is_checked_with_its_period_s_committee_alone),
        TEST(another_period_s_committee_is_refused),
        TEST(fewer_than_two_thirds_make_nothing_final),
        TEST(another_finalized_header_is_refused),
        TEST(what_was_kept_reads_back_from_json_byte_for_byte),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
