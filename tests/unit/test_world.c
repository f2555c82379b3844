/* The world: what it reads and keeps, what a transaction leaves behind, its bounds. */
#include "tests/unit/evm_world.h"

static void each_thing_is_asked_of_the_source_once(void **state) {
    (void)state;
    struct fake fake;
    start(&fake);
    for (unsigned round = 0; round < 3; round++) {
        for (uint32_t i = 0; i < 200; i++) {
            struct ht_evm_object *object = find(&fake, i);
            assert_int_equal(object->account.nonce, i < 100 ? i : 0);
            for (uint64_t k = 0; k < 20; k++) {
                uint64_t want = i < 100 ? i * UINT64_C(1000) + k : 0;
                assert_int_equal(slot_of(&fake, object, k)->value.limb[0], want);
            }
        }
        ht_evm_world_begin(fake.world);
    }
    ht_hash32 hash;
    for (unsigned round = 0; round < 2; round++) {
        assert_int_equal(ht_evm_world_block_hash(&hash, fake.world, 300, NULL), HT_OK);
        assert_int_equal(hash.b[0], 300 % 256);
        assert_int_equal(ht_evm_world_block_hash(&hash, fake.world, 44, NULL), HT_OK);
    }
    assert_int_equal(fake.accounts, 200);
    assert_int_equal(fake.slots, 100 * 20); /* none of accounts that are not there */
    assert_in_range(fake.hashes, 2, 4);     /* both numbers share a place */
    ht_evm_world_free(fake.world);
}

static void code_is_analysed_and_empty_code_asks_nobody(void **state) {
    (void)state;
    struct fake fake;
    const struct ht_evm_code *code = NULL;
    start(&fake);
    for (unsigned round = 0; round < 2; round++) {
        assert_int_equal(ht_evm_world_code(&code, fake.world, find(&fake, 2), NULL), HT_OK);
        assert_int_equal(code->n, 0);
        assert_int_equal(ht_evm_world_code(&code, fake.world, find(&fake, 3), NULL), HT_OK);
        assert_int_equal(code->n, sizeof CODE);
        assert_true(ht_evm_code_is_jumpdest(code, 2));
    }
    assert_int_equal(fake.codes, 1);
    assert_true(ht_evm_object_has_code(find(&fake, 3)));
    assert_false(ht_evm_object_has_code(find(&fake, 2)));
    ht_evm_world_free(fake.world);
}

static void error_of_the_source_comes_out_and_nothing_is_kept(void **state) {
    (void)state;
    struct fake fake;
    struct ht_why why = {.code = ""};
    struct ht_evm_object *object = NULL;
    struct ht_evm_slot *slot = NULL;
    const struct ht_evm_code *code = NULL;
    ht_hash32 hash;
    ht_addr20 address = address_of(5);
    ht_u256 key = ht_u256_of(1);
    start(&fake);
    fake.is_down = true;
    assert_int_equal(ht_evm_world_find(&object, fake.world, &address, &why), HT_EAGAIN);
    assert_string_equal(why.code, "missing");
    assert_null(ht_evm_world_objects(fake.world));
    fake.is_down = false;
    object = find(&fake, 5);
    fake.is_down = true;
    assert_int_equal(ht_evm_world_slot(&slot, fake.world, object, &key, &why), HT_EAGAIN);
    assert_int_equal(ht_evm_world_code(&code, fake.world, object, &why), HT_EAGAIN);
    assert_int_equal(ht_evm_world_block_hash(&hash, fake.world, 1, &why), HT_EAGAIN);
    assert_null(object->all_slots);
    fake.is_down = false;
    assert_int_equal(slot_of(&fake, object, 1)->value.limb[0], 5001);
    assert_int_equal(ht_evm_world_code(&code, fake.world, object, &why), HT_OK);
    ht_evm_world_free(fake.world);
}

static void transaction_begins_with_nothing_warm_and_its_own_originals(void **state) {
    (void)state;
    struct fake fake;
    size_t logs = 0;
    start(&fake);
    struct ht_evm_object *object = find(&fake, 7);
    struct ht_evm_slot *slot = slot_of(&fake, object, 1);
    bool was_warm = false;
    assert_false(warm(&fake, object));
    assert_int_equal(ht_evm_world_warm_slot(&was_warm, fake.world, slot), HT_OK);
    assert_int_equal(ht_evm_world_warm_slot(&was_warm, fake.world, slot), HT_OK);
    assert_true(was_warm);
    set(&fake, object, 1, 5);
    set_transient(&fake, 7, 1, 5);
    assert_int_equal(ht_evm_world_refund(fake.world, 5), HT_OK);
    assert_int_equal(ht_evm_world_log(fake.world, &object->address, NULL, 0, HT_BYTES(CODE)),
                     HT_OK);
    assert_int_equal(slot->original.limb[0], 7001);
    assert_int_equal(ht_evm_world_end(fake.world), HT_OK);
    (void)ht_evm_world_logs(fake.world, &logs);
    assert_int_equal(logs, 1); /* until the next begins */
    ht_evm_world_begin(fake.world);
    (void)ht_evm_world_logs(fake.world, &logs);
    assert_int_equal(logs, 0);
    assert_int_equal(slot->original.limb[0], 5);
    assert_int_equal(slot->first.limb[0], 7001);
    assert_int_equal(transient_of(&fake, 7, 1), 0);
    assert_int_equal(ht_evm_world_refunded(fake.world), 0);
    assert_false(slot->is_warm);
    assert_false(warm(&fake, object));
    ht_evm_world_free(fake.world);
}

static void protocol_and_coinbase_are_warm_without_being_read(void **state) {
    (void)state;
    struct fake fake;
    struct ht_evm_object *object = NULL;
    ht_addr20 coinbase = address_of(3);
    start(&fake);
    ht_evm_world_warm_from_start(fake.world, 9, 0x100, &coinbase);
    assert_int_equal(fake.accounts, 0);
    const uint32_t numbers[] = {0, 1, 9, 10, 0x100, 0x101};
    const bool wants[] = {false, true, true, false, true, false};
    for (size_t i = 0; i < 6; i++) {
        ht_addr20 address = {.b = {[18] = (uint8_t)(numbers[i] >> 8), [19] = (uint8_t)numbers[i]}};
        assert_int_equal(ht_evm_world_find(&object, fake.world, &address, NULL), HT_OK);
        assert_int_equal(warm(&fake, object), wants[i]);
    }
    assert_true(warm(&fake, find(&fake, 3)));
    ht_evm_world_begin(fake.world);
    assert_false(warm(&fake, find(&fake, 3)));
    ht_evm_world_free(fake.world);
}

static void touched_and_empty_accounts_go_and_others_stay(void **state) {
    (void)state;
    struct fake fake;
    start(&fake);
    struct ht_evm_object *empty = find(&fake, 0), *other = find(&fake, 2);
    assert_true(empty->account.exists && ht_evm_object_is_empty(empty));
    assert_int_equal(ht_evm_world_end(fake.world), HT_OK);
    assert_true(empty->account.exists); /* nobody touched it */
    assert_int_equal(ht_evm_world_touch(fake.world, empty), HT_OK);
    assert_int_equal(ht_evm_world_touch(fake.world, other), HT_OK);
    struct ht_evm_object *passing = find(&fake, 120);
    set_wei(&fake, passing, 5);
    set_wei(&fake, passing, 0);
    assert_int_equal(ht_evm_world_end(fake.world), HT_OK);
    assert_false(empty->account.exists || passing->account.exists);
    assert_true(other->account.exists);
    ht_evm_world_free(fake.world);
}

static void destroyed_account_is_gone_with_its_storage_after_the_end(void **state) {
    (void)state;
    struct fake fake;
    start(&fake);
    struct ht_evm_object *object = find(&fake, 3);
    set(&fake, object, 1, 77);
    assert_true(ht_evm_object_collides(object));
    assert_int_equal(ht_evm_world_destroy(fake.world, object), HT_OK);
    assert_int_equal(slot_of(&fake, object, 1)->value.limb[0], 77);
    assert_int_equal(ht_evm_world_end(fake.world), HT_OK);
    unsigned asked = fake.slots;
    assert_false(object->account.exists || ht_evm_object_has_code(object));
    assert_true(object->is_storage_gone);
    assert_int_equal(slot_of(&fake, object, 1)->value.limb[0], 0);
    assert_int_equal(slot_of(&fake, object, 1)->original.limb[0], 0);
    assert_int_equal(slot_of(&fake, object, 2)->value.limb[0], 0);
    assert_int_equal(fake.slots, asked);
    assert_false(ht_evm_object_collides(object));
    ht_evm_world_free(fake.world);
}

static void storage_alone_is_a_collision(void **state) {
    (void)state;
    struct ht_evm_object object = {.account = {.code_hash = ht_evm_no_code_hash}};
    assert_false(ht_evm_object_collides(&object));
    object.account.balance = ht_u256_of(1);
    assert_false(ht_evm_object_collides(&object));
    object.account.has_storage = true;
    assert_true(ht_evm_object_collides(&object));
}

static void overrides_are_as_if_the_source_had_said_so(void **state) {
    (void)state;
    struct fake fake;
    const struct ht_evm_code *code = NULL;
    const ht_bytes bytes = HT_BYTES(CODE);
    start(&fake);
    struct ht_evm_object *object = find(&fake, 2);
    struct ht_evm_account account = object->account;
    account.balance = ht_u256_of(1234);
    ht_u256 key = ht_u256_of(4), value = ht_u256_of(44);
    assert_int_equal(slot_of(&fake, object, 1)->value.limb[0], 2001);
    assert_int_equal(ht_evm_world_override(fake.world, object, &account, &bytes), HT_OK);
    assert_int_equal(ht_evm_world_override_slot(fake.world, object, &key, &value), HT_OK);
    assert_int_equal(fake.slots, 1);
    assert_int_equal(object->first.balance.limb[0], 1234);
    assert_int_equal(ht_evm_world_code(&code, fake.world, object, NULL), HT_OK);
    assert_int_equal(code->n, sizeof CODE);
    assert_int_equal(slot_of(&fake, object, 4)->original.limb[0], 44);
    assert_int_equal(slot_of(&fake, object, 5)->value.limb[0], 2005);
    assert_int_equal(ht_evm_world_override_clear(fake.world, object), HT_OK);
    assert_int_equal(ht_evm_world_override_slot(fake.world, object, &key, &value), HT_OK);
    assert_int_equal(slot_of(&fake, object, 1)->value.limb[0], 0);
    assert_int_equal(slot_of(&fake, object, 4)->value.limb[0], 44);
    assert_int_equal(slot_of(&fake, object, 6)->value.limb[0], 0);
    ht_evm_world_free(fake.world);
}

static void forgetting_gives_back_what_the_source_said_without_asking_again(void **state) {
    (void)state;
    struct fake fake;
    const struct ht_evm_code *code = NULL;
    const uint8_t other[] = {0x00};
    start(&fake);
    struct ht_evm_object *object = find(&fake, 3), *changed = find(&fake, 5), *new = find(&fake, 0);
    assert_int_equal(ht_evm_world_code(&code, fake.world, object, NULL), HT_OK);
    assert_int_equal(ht_evm_world_code(&code, fake.world, changed, NULL), HT_OK);
    set(&fake, object, 1, 77);
    set(&fake, changed, 1, 78);
    set_wei(&fake, changed, 99);
    assert_int_equal(ht_evm_world_set_code(fake.world, changed, HT_BYTES(other)), HT_OK);
    assert_int_equal(ht_evm_world_destroy(fake.world, object), HT_OK);
    assert_int_equal(ht_evm_world_create(fake.world, new), HT_OK);
    set(&fake, new, 1, 5);
    assert_int_equal(ht_evm_world_end(fake.world), HT_OK);
    assert_int_equal(slot_of(&fake, object, 2)->value.limb[0], 0); /* not asked: it is gone */
    unsigned asked = fake.slots, codes = fake.codes;
    ht_evm_world_forget(fake.world);
    assert_true(object->account.exists && ht_evm_object_has_code(object));
    assert_int_equal(slot_of(&fake, object, 1)->value.limb[0], 3001);
    assert_int_equal(slot_of(&fake, changed, 1)->original.limb[0], 5001);
    assert_int_equal(changed->account.balance.limb[0], 5);
    for (unsigned i = 0; i < 2; i++) {
        assert_int_equal(ht_evm_world_code(&code, fake.world, i == 0 ? object : changed, NULL),
                         HT_OK);
        assert_int_equal(code->n, sizeof CODE);
    }
    assert_int_equal(fake.slots, asked);
    assert_int_equal(fake.codes, codes);
    assert_int_equal(slot_of(&fake, object, 2)->value.limb[0], 3002);
    assert_int_equal(slot_of(&fake, new, 1)->value.limb[0], 1);
    assert_int_equal(fake.slots, asked + 2);
    ht_evm_world_free(fake.world);
}

static void logs_keep_their_topics_and_data_in_order(void **state) {
    (void)state;
    struct fake fake;
    size_t count = 0;
    start(&fake);
    for (uint8_t i = 0; i < 200; i++) {
        ht_hash32 topics[4] = {{{i}}, {{1}}, {{2}}, {{3}}};
        uint8_t data[] = {i, 9};
        ht_addr20 address = address_of(i);
        assert_int_equal(
            ht_evm_world_log(fake.world, &address, topics, i % 5, ht_bytes_of(data, i % 3)), HT_OK);
    }
    const struct ht_evm_log *logs = ht_evm_world_logs(fake.world, &count);
    assert_int_equal(count, 200);
    for (uint8_t i = 0; i < 200; i++) {
        assert_int_equal(index_of(&logs[i].address), i);
        assert_int_equal(logs[i].topic_count, i % 5);
        if (i % 5 > 0) assert_int_equal(logs[i].topics[0].b[0], i);
        assert_int_equal(logs[i].data.n, i % 3);
        if (i % 3 > 0) assert_int_equal(logs[i].data.p[0], i);
    }
    ht_evm_world_free(fake.world);
}

static void more_state_than_allowed_is_refused_by_name(void **state) {
    (void)state;
    struct fake fake;
    struct ht_why why = {.code = ""};
    struct ht_evm_object *object = NULL;
    enum ht_err err = HT_OK;
    start_with(&fake, 32 << 10);
    for (uint32_t i = 0; i < 1000 && err == HT_OK; i++) {
        ht_addr20 address = address_of(i);
        err = ht_evm_world_find(&object, fake.world, &address, &why);
    }
    assert_int_equal(err, HT_ELIMIT);
    assert_string_equal(why.code, "state_too_large");
    static uint8_t large[64 << 10];
    assert_int_equal(ht_evm_world_set_code(fake.world, object, HT_BYTES(large)), HT_ELIMIT);
    assert_int_equal(ht_evm_world_log(fake.world, &object->address, NULL, 0, HT_BYTES(large)),
                     HT_ELIMIT);
    err = HT_OK;
    for (uint64_t k = 0; k < 1000 && err == HT_OK; k++) {
        ht_u256 key = ht_u256_of(k);
        err = ht_evm_world_set_transient(fake.world, &object->address, &key, &key);
    }
    assert_int_equal(err, HT_ELIMIT);
    ht_evm_world_free(fake.world);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_thing_is_asked_of_the_source_once),
        cmocka_unit_test(code_is_analysed_and_empty_code_asks_nobody),
        cmocka_unit_test(error_of_the_source_comes_out_and_nothing_is_kept),
        cmocka_unit_test(transaction_begins_with_nothing_warm_and_its_own_originals),
        cmocka_unit_test(protocol_and_coinbase_are_warm_without_being_read),
        cmocka_unit_test(touched_and_empty_accounts_go_and_others_stay),
        cmocka_unit_test(destroyed_account_is_gone_with_its_storage_after_the_end),
        cmocka_unit_test(storage_alone_is_a_collision),
        cmocka_unit_test(overrides_are_as_if_the_source_had_said_so),
        cmocka_unit_test(forgetting_gives_back_what_the_source_said_without_asking_again),
        cmocka_unit_test(logs_keep_their_topics_and_data_in_order),
        cmocka_unit_test(more_state_than_allowed_is_refused_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
