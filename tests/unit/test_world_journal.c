/* The journal: everything since a mark is taken back, however marks nest. */
#include "tests/unit/evm_world.h"

static void everything_since_a_mark_is_taken_back(void **state) {
    (void)state;
    struct fake fake;
    size_t logs = 0;
    const struct ht_evm_code *code = NULL;
    const uint8_t other[] = {0x00};
    start(&fake);
    struct ht_evm_object *object = find(&fake, 7), *new = find(&fake, 150);
    set(&fake, object, 1, 11);
    set_transient(&fake, 7, 1, 21);
    assert_int_equal(ht_evm_world_refund(fake.world, 10), HT_OK);
    assert_int_equal(ht_evm_world_code(&code, fake.world, object, NULL), HT_OK);
    size_t mark = ht_evm_world_mark(fake.world);
    set(&fake, object, 1, 12);
    set(&fake, object, 1, 13);
    set(&fake, object, 2, 14);
    set_transient(&fake, 7, 1, 22);
    set_transient(&fake, 7, 2, 23);
    set_wei(&fake, object, 1);
    set_wei(&fake, new, 2);
    assert_int_equal(ht_evm_world_set_nonce(fake.world, new, 1), HT_OK);
    assert_int_equal(ht_evm_world_create(fake.world, new), HT_OK);
    assert_int_equal(ht_evm_world_set_code(fake.world, object, HT_BYTES(other)), HT_OK);
    assert_int_equal(ht_evm_world_destroy(fake.world, object), HT_OK);
    assert_int_equal(ht_evm_world_touch(fake.world, find(&fake, 8)), HT_OK);
    assert_int_equal(ht_evm_world_refund(fake.world, -25), HT_OK);
    assert_int_equal(ht_evm_world_log(fake.world, &object->address, NULL, 0, HT_BYTES(CODE)),
                     HT_OK);
    bool was_warm = true;
    assert_int_equal(ht_evm_world_warm_slot(&was_warm, fake.world, slot_of(&fake, object, 2)),
                     HT_OK);
    assert_false(was_warm);
    assert_false(warm(&fake, object));
    assert_true(warm(&fake, object));
    assert_int_equal(ht_evm_world_refunded(fake.world), -15);
    ht_evm_world_revert(fake.world, mark);
    assert_int_equal(slot_of(&fake, object, 1)->value.limb[0], 11);
    assert_int_equal(slot_of(&fake, object, 2)->value.limb[0], 7002);
    assert_false(slot_of(&fake, object, 2)->is_warm);
    assert_int_equal(transient_of(&fake, 7, 1), 21);
    assert_int_equal(transient_of(&fake, 7, 2), 0);
    assert_int_equal(object->account.balance.limb[0], 7);
    assert_true(ht_evm_object_is_empty(new));
    assert_false(new->account.exists || new->is_created || new->is_storage_gone || new->is_touched);
    assert_false(object->is_destroyed || object->is_warm || object->is_touched);
    assert_ptr_equal(object->code, code);
    assert_false(find(&fake, 8)->is_touched);
    assert_int_equal(ht_evm_world_refunded(fake.world), 10);
    (void)ht_evm_world_logs(fake.world, &logs);
    assert_int_equal(logs, 0);
    ht_evm_world_free(fake.world);
}

static void inner_marks_do_not_hide_changes_from_outer_ones(void **state) {
    (void)state;
    struct fake fake;
    start(&fake);
    struct ht_evm_object *object = find(&fake, 9);
    size_t outer = ht_evm_world_mark(fake.world);
    set(&fake, object, 1, 1);
    size_t inner = ht_evm_world_mark(fake.world);
    set(&fake, object, 1, 2);
    set_transient(&fake, 9, 1, 2);
    ht_evm_world_revert(fake.world, inner);
    assert_int_equal(slot_of(&fake, object, 1)->value.limb[0], 1);
    set(&fake, object, 1, 3);
    set(&fake, object, 1, 4);
    size_t later = ht_evm_world_mark(fake.world);
    set(&fake, object, 1, 5);
    ht_evm_world_revert(fake.world, later);
    assert_int_equal(slot_of(&fake, object, 1)->value.limb[0], 4);
    ht_evm_world_revert(fake.world, inner);
    assert_int_equal(slot_of(&fake, object, 1)->value.limb[0], 1);
    set(&fake, object, 1, 6);
    ht_evm_world_revert(fake.world, outer);
    assert_int_equal(slot_of(&fake, object, 1)->value.limb[0], 9001);
    ht_evm_world_free(fake.world);
}

/* A model of the journal that copies everything at each mark. */
struct model {
    uint64_t slots[4][4], transients[4][4], wei[4];
    int64_t refund;
};

static void check_model(struct fake *fake, const struct model *model) {
    for (uint32_t i = 0; i < 4; i++) {
        assert_int_equal(find(fake, i)->account.balance.limb[0], model->wei[i]);
        for (uint64_t k = 0; k < 4; k++) {
            assert_int_equal(slot_of(fake, find(fake, i), k)->value.limb[0], model->slots[i][k]);
            assert_int_equal(transient_of(fake, i, k), model->transients[i][k]);
        }
    }
    assert_int_equal(ht_evm_world_refunded(fake->world), model->refund);
}

static void random_nested_changes_end_as_in_a_model_that_copies(void **state) {
    (void)state;
    struct fake fake;
    struct model models[8] = {{.refund = 0}};
    size_t marks[8], depth = 0;
    uint64_t random = 88172645463325252U;
    start(&fake);
    for (uint32_t i = 0; i < 4; i++) {
        models[0].wei[i] = i;
        for (uint64_t k = 0; k < 4; k++) models[0].slots[i][k] = i * UINT64_C(1000) + k;
    }
    for (unsigned step = 0; step < 20000; step++) {
        random ^= random << 13, random ^= random >> 7, random ^= random << 17;
        uint32_t i = random >> 8 & 3;
        uint64_t k = random >> 16 & 3, value = random >> 24 & 15;
        struct model *model = &models[depth];
        switch (random >> 40 & 7) {
        case 0:
        case 1: set(&fake, find(&fake, i), k, model->slots[i][k] = value); break;
        case 2: set_transient(&fake, i, k, model->transients[i][k] = value); break;
        case 3: set_wei(&fake, find(&fake, i), model->wei[i] = value); break;
        case 4:
            model->refund += (int64_t)value - 7;
            assert_int_equal(ht_evm_world_refund(fake.world, (int64_t)value - 7), HT_OK);
            break;
        case 5:
            if (depth == 7) break;
            models[depth + 1] = *model;
            marks[depth++] = ht_evm_world_mark(fake.world);
            break;
        case 6: /* a frame that succeeds: its changes are the outer one's */
            if (depth == 0) break;
            models[depth - 1] = *model;
            depth--;
            break;
        default:
            if (depth == 0) break;
            ht_evm_world_revert(fake.world, marks[--depth]);
            check_model(&fake, &models[depth]);
        }
    }
    check_model(&fake, &models[depth]);
    ht_evm_world_free(fake.world);
}

static void storing_to_one_slot_again_and_again_takes_no_more_memory(void **state) {
    (void)state;
    struct fake fake;
    start_with(&fake, 64 << 10);
    struct ht_evm_object *object = find(&fake, 9);
    for (unsigned i = 0; i < 100000; i++) {
        set(&fake, object, 1, i);
        set_transient(&fake, 9, 1, i);
        assert_int_equal(ht_evm_world_refund(fake.world, 1), HT_OK);
    }
    ht_evm_world_free(fake.world);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_since_a_mark_is_taken_back),
        cmocka_unit_test(inner_marks_do_not_hide_changes_from_outer_ones),
        cmocka_unit_test(random_nested_changes_end_as_in_a_model_that_copies),
        cmocka_unit_test(storing_to_one_slot_again_and_again_takes_no_more_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
