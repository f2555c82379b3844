/* The strip of recent slots and the delays of heads. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "node/l1/chain_view.h"

static struct ht_chain_view view;

static int clear_view(void **state) {
    (void)state;
    view = (struct ht_chain_view){0};
    return 0;
}

static ht_hash32 root_of(uint64_t slot, uint8_t chain) {
    ht_hash32 root = {{0}};
    ht_write_u64_le(root.b, slot + 1);
    root.b[31] = chain;
    return root;
}

/* A block of a chain whose parent is in parent_slot of parent_chain. */
static void add(uint64_t slot, uint8_t chain, uint64_t parent_slot, uint8_t parent_chain) {
    ht_hash32 root = root_of(slot, chain);
    struct ht_beacon_block_header beacon = {.slot = slot,
                                            .parent_root = root_of(parent_slot, parent_chain)};
    ht_view_add_block(&view, &beacon, &root);
}

static void expect_slots(uint64_t last, uint64_t finalized, const char *tail) {
    char letters[HT_VIEW_SLOTS + 1];
    uint64_t first = ht_view_slots(letters, &view, last, finalized);
    size_t n = strlen(letters);
    assert_int_equal(first + n - 1, last);
    assert_true(n >= strlen(tail));
    assert_string_equal(letters + n - strlen(tail), tail);
    for (size_t i = 0; i + strlen(tail) < n; i++) assert_int_equal(letters[i], '?');
}

static void nothing_seen_is_all_question_marks(void **state) {
    (void)state;
    char letters[HT_VIEW_SLOTS + 1];
    assert_int_equal(ht_view_slots(letters, &view, 500, 0), 500 - HT_VIEW_SLOTS + 1);
    assert_int_equal(strlen(letters), HT_VIEW_SLOTS);
    assert_int_equal(strspn(letters, "?"), HT_VIEW_SLOTS);
}

static void slots_before_genesis_are_left_out(void **state) {
    (void)state;
    char letters[HT_VIEW_SLOTS + 1];
    assert_int_equal(ht_view_slots(letters, &view, 0, 0), 0);
    assert_string_equal(letters, "?");
    assert_int_equal(ht_view_slots(letters, &view, HT_VIEW_SLOTS - 1, 0), 0);
    assert_int_equal(strlen(letters), HT_VIEW_SLOTS);
    assert_int_equal(ht_view_slots(letters, &view, HT_VIEW_SLOTS, 0), 1);
}

static void blocks_are_finalized_up_to_the_finalized_slot(void **state) {
    (void)state;
    add(200, 0, 199, 0);
    add(201, 0, 200, 0);
    add(202, 0, 201, 0);
    expect_slots(203, 201, "ffs?");
}

static void a_gap_is_missed_only_when_a_parent_link_proves_it(void **state) {
    (void)state;
    add(200, 0, 199, 0);
    add(203, 0, 200, 0); /* 201 and 202 had none */
    add(206, 0, 205, 0); /* 205 was not seen, so nothing is known of 204 */
    expect_slots(207, 0, "smms??s?");
}

static void blocks_may_come_in_any_order(void **state) {
    (void)state;
    add(204, 0, 202, 0);
    add(200, 0, 199, 0);
    add(202, 0, 200, 0);
    expect_slots(204, 0, "smsms");
}

static void the_same_block_twice_changes_nothing(void **state) {
    (void)state;
    add(200, 0, 199, 0);
    add(201, 0, 200, 0);
    add(200, 0, 199, 0);
    assert_int_equal(view.block_count, 2);
    expect_slots(201, 0, "ss");
}

static void another_block_in_a_slot_replaces_it_and_what_followed(void **state) {
    (void)state;
    add(200, 0, 199, 0);
    add(201, 0, 200, 0);
    add(202, 0, 201, 0);
    add(201, 1, 200, 0);
    assert_int_equal(view.block_count, 2);
    expect_slots(203, 0, "ss??");
    assert_int_equal(view.blocks[1].root.b[31], 1);
}

static void a_child_drops_the_orphans_between_it_and_its_parent(void **state) {
    (void)state;
    add(200, 0, 199, 0);
    add(201, 0, 200, 0);
    add(203, 1, 200, 0); /* its chain knows no 201 */
    assert_int_equal(view.block_count, 2);
    expect_slots(203, 0, "smms");
}

static void a_parent_drops_the_orphans_between_it_and_its_child(void **state) {
    (void)state;
    add(202, 0, 201, 0);
    add(204, 1, 200, 1);
    add(200, 1, 199, 1);
    assert_int_equal(view.block_count, 2);
    expect_slots(204, 0, "smmms");
}

static void only_so_many_blocks_are_kept(void **state) {
    (void)state;
    for (uint64_t slot = 1; slot <= HT_VIEW_SLOTS + 5; slot++) add(slot, 0, slot - 1, 0);
    assert_int_equal(view.block_count, HT_VIEW_SLOTS);
    assert_int_equal(view.blocks[0].slot, 6);
    add(2, 0, 1, 0); /* too old to be shown */
    assert_int_equal(view.block_count, HT_VIEW_SLOTS);
    assert_int_equal(view.blocks[0].slot, 6);
}

static void a_block_that_is_far_ahead_is_not_walked_to(void **state) {
    (void)state;
    add(5, 0, 4, 0);
    add(UINT64_MAX, 0, 5, 0);
    char letters[HT_VIEW_SLOTS + 1];
    assert_int_equal(ht_view_slots(letters, &view, UINT64_MAX, 0), UINT64_MAX - HT_VIEW_SLOTS + 1);
    assert_int_equal(strspn(letters, "m"), HT_VIEW_SLOTS - 1);
    assert_int_equal(letters[HT_VIEW_SLOTS - 1], 's');
}

static void the_newest_gap_is_the_one_to_fill(void **state) {
    (void)state;
    ht_hash32 wanted, expected = root_of(203, 0);
    add(200, 0, 199, 0);
    add(204, 0, 203, 0);
    add(205, 0, 204, 0);
    assert_true(ht_view_missing_parent(&wanted, &view, 100));
    assert_memory_equal(&wanted, &expected, sizeof wanted);
}

static void a_whole_strip_has_no_gap(void **state) {
    (void)state;
    ht_hash32 wanted;
    assert_false(ht_view_missing_parent(&wanted, &view, 0));
    add(203, 0, 202, 0);
    add(205, 0, 203, 0);
    assert_false(ht_view_missing_parent(&wanted, &view, 203)); /* older ones are not shown */
    assert_true(ht_view_missing_parent(&wanted, &view, 202));
}

static void delays_are_kept_oldest_first_and_bounded(void **state) {
    (void)state;
    for (int64_t i = 0; i < HT_VIEW_DELAYS + 3; i++) ht_view_add_delay(&view, 1000 + i, i);
    assert_int_equal(view.delay_count, HT_VIEW_DELAYS);
    assert_int_equal(view.delays[0].at_ms, 1003);
    assert_int_equal(view.delays[HT_VIEW_DELAYS - 1].delay_ms, HT_VIEW_DELAYS + 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(nothing_seen_is_all_question_marks, clear_view),
        cmocka_unit_test_setup(slots_before_genesis_are_left_out, clear_view),
        cmocka_unit_test_setup(blocks_are_finalized_up_to_the_finalized_slot, clear_view),
        cmocka_unit_test_setup(a_gap_is_missed_only_when_a_parent_link_proves_it, clear_view),
        cmocka_unit_test_setup(blocks_may_come_in_any_order, clear_view),
        cmocka_unit_test_setup(the_same_block_twice_changes_nothing, clear_view),
        cmocka_unit_test_setup(another_block_in_a_slot_replaces_it_and_what_followed, clear_view),
        cmocka_unit_test_setup(a_child_drops_the_orphans_between_it_and_its_parent, clear_view),
        cmocka_unit_test_setup(a_parent_drops_the_orphans_between_it_and_its_child, clear_view),
        cmocka_unit_test_setup(only_so_many_blocks_are_kept, clear_view),
        cmocka_unit_test_setup(a_block_that_is_far_ahead_is_not_walked_to, clear_view),
        cmocka_unit_test_setup(the_newest_gap_is_the_one_to_fill, clear_view),
        cmocka_unit_test_setup(a_whole_strip_has_no_gap, clear_view),
        cmocka_unit_test_setup(delays_are_kept_oldest_first_and_bounded, clear_view),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
