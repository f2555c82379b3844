/* Resolving over a made-up chain: complete histories, hints, lies, gaps, versions, reorganisations.
 */
#include "tests/unit/chain_fakes.h"

#include "tests/unit/did_world.h"

/* --- what is there --------------------------------------------------------------------------- */

static void an_identity_that_never_changed_is_its_address(void **state) {
    struct ht_cb *bench = *state;
    finish(bench);
    resolve(bench, "");
    expect_delegates(0);
    assert_int_equal(json_object_size(at("didDocumentMetadata")), 0);
    assert_memory_equal(t.resolve.owner.b, IDENTITY.b, 20);
    assert_true(t.resolve.is_final);
    assert_int_equal(ht_cb_asked(bench, "eth_getBlockReceipts"), 0);
    assert_int_equal(t.hint_questions, 0);
    drop();
}

static void a_history_is_walked_back_to_its_first_change(void **state) {
    struct ht_cb *bench = *state;
    for (uint8_t i = 0; i < 3; i++) {
        change(bench, i);
        (void)block(bench, false);
    }
    finish(bench);
    resolve(bench, "");
    expect_delegates(3);
    assert_int_equal(t.resolve.change_count, 3);
    assert_int_equal(json_array_size(t.resolve.history), 3);
    assert_int_equal(json_integer_value(at("provenance.changes")), 3);
    assert_string_equal(json_string_value(at("didDocumentMetadata.versionId")), "1005");
    assert_int_equal(ht_cb_asked(bench, "eth_getBlockReceipts"), 3);
    drop();
}

static void several_changes_in_one_block_are_one_step(void **state) {
    struct ht_cb *bench = *state;
    change(bench, 1);
    uint64_t number = next_number();
    add_delegate(IDENTITY, 2, t.changed);
    add_delegate(FRIEND, 3, 0);
    add_delegate(IDENTITY, 4, number);
    t.changed = number;
    (void)block(bench, true);
    finish(bench);
    resolve(bench, "");
    expect_delegates(3);
    drop();
}

static void a_new_owner_is_the_registrys_and_the_historys(void **state) {
    struct ht_cb *bench = *state;
    change(bench, 1);
    change_owner(IDENTITY, &FRIEND, t.changed);
    t.changed = next_number();
    t.owner = FRIEND;
    (void)block(bench, true);
    finish(bench);
    resolve(bench, "");
    expect_delegates(1);
    assert_memory_equal(t.resolve.owner.b, FRIEND.b, 20);
    assert_string_equal(
        json_string_value(at("didDocument.verificationMethod[0].blockchainAccountId")),
        "eip155:5:0xF00D000000000000000000000000000000000000");
    drop();
}

static void fifty_changes_are_fetched_side_by_side_where_hints_say(void **state) {
    struct ht_cb *bench = *state;
    for (uint8_t i = 0; i < 50; i++) {
        change(bench, i);
        t.hints[t.hint_count++] = t.changed;
    }
    finish(bench);
    bench->held = "eth_getBlockReceipts";
    start(DID);
    ht_cb_settle(bench);
    assert_int_equal(t.done, 0);
    /* The newest is asked for; when it has led to another, so are those that are hinted at. */
    bench->held = NULL;
    bench->steps = 2;
    ht_cb_settle(bench);
    bench->is_held = false;
    bench->held = "eth_getBlockReceipts";
    ht_cb_settle(bench);
    unsigned side_by_side = ht_cb_asked(bench, "eth_getBlockReceipts");
    assert_true(side_by_side >= HT_DID_WALK_AT_ONCE);
    bench->held = NULL;
    ht_cb_settle(bench);
    assert_int_equal(t.done, 1);
    expect_delegates(50);
    assert_int_equal(ht_cb_asked(bench, "eth_getBlockReceipts"), 50);
    assert_int_equal(t.hint_questions, 1);
    drop();
}

static void a_long_history_is_told_by_the_pool_and_read_once(void **state) {
    struct ht_cb *bench = *state;
    for (uint8_t i = 0; i < 70; i++) change(bench, i);
    finish(bench);
    resolve(bench, "");
    expect_delegates(70);
    assert_int_equal(json_array_size(t.resolve.history), 70);
    assert_int_equal(ht_cb_asked(bench, "eth_getBlockReceipts"), 70);
    drop();
    /* What is final was kept: a restart asks for none of it. */
    ht_cb_reopen(bench);
    t.host.chain = bench->chain;
    t.host.blocks = bench->blocks;
    t.host.state = bench->state;
    t.host.pool = bench->pool;
    resolve(bench, "");
    expect_delegates(70);
    assert_int_equal(ht_cb_asked(bench, "eth_getBlockReceipts"), 70);
    drop();
}

/* --- hints that are wrong -------------------------------------------------------------------- */

static void a_hint_that_leads_nowhere_ends_the_fetching_ahead(void **state) {
    struct ht_cb *bench = *state;
    for (uint8_t i = 0; i < 20; i++) {
        change(bench, i);
        (void)block(bench, false);
        /* Only where nothing is. */
        t.hints[t.hint_count++] = t.changed + 1;
    }
    finish(bench);
    resolve(bench, "");
    expect_delegates(20);
    assert_true(ht_cb_asked(bench, "eth_getBlockReceipts") <= 20 + HT_DID_WALK_AT_ONCE);
    drop();
}

static void hints_that_leave_changes_out_hide_nothing(void **state) {
    struct ht_cb *bench = *state;
    for (uint8_t i = 0; i < 10; i++) {
        change(bench, i);
        if (i % 3 == 0) t.hints[t.hint_count++] = t.changed;
    }
    finish(bench);
    resolve(bench, "");
    expect_delegates(10);
    drop();
}

static void without_hints_the_walk_goes_on_by_itself(void **state) {
    struct ht_cb *bench = *state;
    for (uint8_t i = 0; i < 5; i++) change(bench, i);
    finish(bench);
    t.refuses_logs = true;
    resolve(bench, "");
    expect_delegates(5);
    drop();
    t.refuses_logs = false;
    t.hints_junk = true;
    resolve(bench, "");
    expect_delegates(5);
    assert_string_equal(bench->peers[0].fault.code, "logs_form");
    drop();
}

/* --- what does not close --------------------------------------------------------------------- */

static void a_block_without_the_change_that_is_named_is_refused(void **state) {
    struct ht_cb *bench = *state;
    change(bench, 1);
    t.changed = next_number();
    (void)block(bench, false);
    finish(bench);
    resolve(bench, "");
    expect_failed(HT_EUNVERIFIED, "did_order", "internalError");
    drop();
}

static void changes_that_lead_in_a_circle_are_refused(void **state) {
    struct ht_cb *bench = *state;
    change_naming(bench, 1, FIRST + 1);
    finish(bench);
    resolve(bench, "");
    expect_failed(HT_EUNVERIFIED, "did_order", "internalError");
    assert_int_equal(ht_cb_asked(bench, "eth_getBlockReceipts"), 1);
    drop();
}

static void changes_that_lead_forwards_are_refused(void **state) {
    struct ht_cb *bench = *state;
    change_naming(bench, 1, FIRST + 2);
    change(bench, 2);
    finish(bench);
    resolve(bench, "");
    expect_failed(HT_EUNVERIFIED, "did_order", "internalError");
    drop();
}

static void an_owner_that_no_change_made_is_refused(void **state) {
    struct ht_cb *bench = *state;
    change(bench, 1);
    t.owner = FRIEND;
    finish(bench);
    resolve(bench, "");
    expect_failed(HT_EUNVERIFIED, "did_owner", "internalError");
    drop();
}

static void a_history_with_a_gap_says_from_where_back_nothing_is_known(void **state) {
    struct ht_cb *bench = *state;
    change(bench, 1);
    uint64_t lost = t.changed;
    /* Nobody knows the block that is named: it is before the world begins. */
    change_naming(bench, 2, FIRST - 7);
    finish(bench);
    resolve(bench, "");
    assert_int_not_equal(t.resolve.err, HT_OK);
    assert_true(json_is_null(at("didDocument")));
    assert_true(json_is_false(at("provenance.complete")));
    assert_int_equal(json_integer_value(at("provenance.missing.to")), FIRST - 7);
    assert_true(t.resolve.has_state);
    assert_int_equal(t.resolve.changed, lost + 1);
    drop();
}

static void a_chain_without_the_registry_says_so(void **state) {
    struct ht_cb *bench = *state;
    t.has_no_registry = true;
    finish(bench);
    resolve(bench, "");
    expect_failed(HT_ENOTFOUND, "no_did_registry", "internalError");
    drop();
}

static void an_identity_of_another_chain_is_not_looked_for(void **state) {
    struct ht_cb *bench = *state;
    finish(bench);
    start("did:ethr:0x1d01000000000000000000000000000000000000");
    assert_int_equal(t.done, 1);
    expect_failed(HT_ENOTFOUND, "did_network", "internalError");
    assert_int_equal(bench->questions, 0);
    drop();
}

/* --- versions -------------------------------------------------------------------------------- */

static void versions_are_by_block_and_by_time(void **state) {
    struct ht_cb *bench = *state;
    char query[64];
    for (uint8_t i = 0; i < 3; i++) change(bench, i);
    finish(bench);
    (void)snprintf(query, sizeof query, "?versionId=%u", FIRST + 2);
    resolve(bench, query);
    expect_delegates(2);
    assert_string_equal(json_string_value(at("didDocumentMetadata.versionId")), "1002");
    assert_string_equal(json_string_value(at("didDocumentMetadata.nextVersionId")), "1003");
    drop();
    resolve(bench, "?versionTime=1970-01-01T00:00:01Z");
    expect_delegates(0);
    assert_string_equal(json_string_value(at("didDocumentMetadata.nextVersionId")), "1001");
    drop();
}

static void versions_to_come_are_refused(void **state) {
    struct ht_cb *bench = *state;
    change(bench, 1);
    finish(bench);
    resolve(bench, "?versionId=1003");
    expect_failed(HT_ENOTFOUND, "block_in_future", "notFound");
    drop();
    resolve(bench, "?versionTime=2999-01-01T00:00:00Z");
    expect_failed(HT_EINPUT, "did_version", "invalidDidUrl");
    drop();
}

/* --- the head -------------------------------------------------------------------------------- */

static void a_history_at_the_head_is_confirmed_by_it(void **state) {
    struct ht_cb *bench = *state;
    change(bench, 1);
    const struct ht_cw_block *finalized = t.head;
    finish(bench);
    ht_cb_set_finalized(bench, finalized);
    resolve(bench, "");
    expect_delegates(1);
    assert_false(t.resolve.is_final);
    drop();
}

static void a_reorganisation_begins_the_walk_again(void **state) {
    struct ht_cb *bench = *state;
    const struct ht_cw_block *common = t.head;
    change(bench, 1);
    finish(bench);
    ht_cb_set_finalized(bench, common);
    bench->held = "eth_getBlockReceipts";
    start(DID);
    ht_cb_settle(bench);
    /* Another branch, with two changes. */
    t.head = common;
    t.changed = 0;
    change(bench, 2);
    change(bench, 3);
    (void)block(bench, false);
    finish(bench);
    ht_cb_set_finalized(bench, common);
    ht_cb_head(bench, t.head);
    bench->held = NULL;
    ht_cb_settle(bench);
    assert_int_equal(t.done, 1);
    expect_delegates(2);
    assert_memory_equal(t.resolve.header.hash.b, t.head->verified.hash.b, 32);
    drop();
}

/* --- ends ------------------------------------------------------------------------------------ */

static void what_is_given_up_does_not_end(void **state) {
    struct ht_cb *bench = *state;
    for (uint8_t i = 0; i < 4; i++) change(bench, i);
    finish(bench);
    for (unsigned steps = 1; steps < 8; steps++) {
        bench->steps = steps;
        start(DID);
        ht_cb_settle(bench);
        bool was_done = t.done > 0;
        ht_did_resolve_cancel(&t.resolve);
        bench->is_held = false;
        bench->steps = 0;
        ht_cb_settle(bench);
        assert_int_equal(t.done, was_done ? 1 : 0);
        drop();
        ht_cb_reopen(bench);
        t.host.chain = bench->chain;
        t.host.blocks = bench->blocks;
        t.host.state = bench->state;
    }
}

static void what_is_under_way_ends_with_the_node(void **state) {
    struct ht_cb *bench = *state;
    for (uint8_t i = 0; i < 4; i++) change(bench, i);
    finish(bench);
    bench->steps = 3;
    start(DID);
    ht_cb_settle(bench);
    assert_int_equal(t.done, 0);
    ht_cb_close(bench);
    assert_int_equal(t.done, 1);
    assert_int_not_equal(t.resolve.err, HT_OK);
    drop();
}

static void keys_and_accounts_need_no_chain(void **state) {
    struct ht_cb *bench = *state;
    start("did:key:zQ3shcQUjp59A5PDCtJGdputFmB51m3eJW7Z1T21uFVdenEay");
    assert_int_equal(t.done, 1);
    assert_int_equal(t.resolve.err, HT_OK);
    assert_int_equal(json_array_size(at("didDocument.verificationMethod")), 1);
    drop();
    start("did:pkh:eip155:1:0x1ce94089bC77a43165299e14Ca0Ca96F060E6167");
    assert_int_equal(t.done, 1);
    assert_string_equal(
        json_string_value(at("didDocument.verificationMethod[0].blockchainAccountId")),
        "eip155:1:0x1ce94089bC77a43165299e14Ca0Ca96F060E6167");
    assert_int_equal(bench->questions, 0);
    drop();
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, ht_cb_free)
        T(an_identity_that_never_changed_is_its_address),
        T(a_history_is_walked_back_to_its_first_change),
        T(several_changes_in_one_block_are_one_step),
        T(a_new_owner_is_the_registrys_and_the_historys),
        T(fifty_changes_are_fetched_side_by_side_where_hints_say),
        cmocka_unit_test_setup_teardown(a_long_history_is_told_by_the_pool_and_read_once,
                                        setup_with_disk, ht_cb_free),
        T(a_hint_that_leads_nowhere_ends_the_fetching_ahead),
        T(hints_that_leave_changes_out_hide_nothing),
        T(without_hints_the_walk_goes_on_by_itself),
        T(a_block_without_the_change_that_is_named_is_refused),
        T(changes_that_lead_in_a_circle_are_refused),
        T(changes_that_lead_forwards_are_refused),
        T(an_owner_that_no_change_made_is_refused),
        T(a_history_with_a_gap_says_from_where_back_nothing_is_known),
        T(a_chain_without_the_registry_says_so),
        T(an_identity_of_another_chain_is_not_looked_for),
        T(versions_are_by_block_and_by_time),
        T(versions_to_come_are_refused),
        T(a_history_at_the_head_is_confirmed_by_it),
        T(a_reorganisation_begins_the_walk_again),
        T(what_is_given_up_does_not_end),
        T(what_is_under_way_ends_with_the_node),
        T(keys_and_accounts_need_no_chain),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
