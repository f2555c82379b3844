/* Headers that are far: by parent hashes, by the hashes that a state holds, and when neither leads
 * there. */
#include "tests/unit/chain_fakes.h"

#include "node/l1/execution/history.h"

#define BASE 100000U

static struct ht_cb_header one, two;

/* A chain of count blocks whose last is final and remembers the block `goal` (0: none), and three
 * more above it; the head remembers head_goal. */
struct far {
    const struct ht_cw_block *finalized, *head;
};

static struct ht_cw_state *memory_of(struct ht_cb *bench, const struct ht_cw_block *below,
                                     uint64_t goal) {
    static const ht_addr20 somebody = {{0x55}};
    struct ht_cw_state *state = ht_cw_state(&bench->world);
    (void)ht_cw_account(state, &somebody, goal % 1000, 1);
    if (goal != 0) ht_cw_history(state, ht_cw_at(below, goal));
    ht_cw_state_finish(state);
    return state;
}

static struct far make_far(struct ht_cb *bench, size_t count, uint64_t goal, uint64_t head_goal) {
    struct ht_cw *world = &bench->world;
    const struct ht_cw_block *last = ht_cw_add(world, NULL, BASE, NULL, 0);
    last = ht_cw_add_row(world, last, count - 2, 0);
    struct far far = {
        .finalized = ht_cw_add(world, last, 0, goal != 0 ? memory_of(bench, last, goal) : NULL, 0)};
    last = ht_cw_add_row(world, far.finalized, 2, 0);
    far.head =
        ht_cw_add(world, last, 0, head_goal != 0 ? memory_of(bench, last, head_goal) : NULL, 0);
    ht_cb_set_head(bench, far.head);
    ht_cb_set_finalized(bench, far.finalized);
    ht_cb_read(bench, &one, ht_cb_kind(HT_BLOCK_LATEST), 0);
    ht_cb_is_block(&one, far.head, 0);
    bench->questions = 0;
    return far;
}

static void expect_ended(const struct ht_cb_header *header, enum ht_err err, const char *code) {
    ht_cb_expect(header->read.err, &header->read.why, err, code);
    assert_null(header->read.before);
}

/* --- by the state's hashes -------------------------------------------------------------------- */

static void one_question_leads_far_back_by_the_states_hashes(void **state) {
    struct ht_cb *bench = *state;
    struct far far = make_far(bench, 5000, BASE + 900, 0);
    ht_cb_read(bench, &one, ht_cb_number(BASE + 900), 40);
    ht_cb_is_block(&one, ht_cw_at(far.head, BASE + 900), 40);
    assert_true(one.read.is_final);
    assert_int_equal(bench->questions, 1);
    assert_int_equal(ht_cb_asked(bench, "eth_getProof"), 1);
    ht_header_read_fini(&one.read);
}

static void with_as_many_ancestors_as_there_may_be_a_second_question_is_enough(void **state) {
    struct ht_cb *bench = *state;
    struct far far = make_far(bench, 1000, BASE + 500, 0);
    ht_cb_read(bench, &one, ht_cb_number(BASE + 500), HT_CHAIN_BEFORE_MAX);
    ht_cb_is_block(&one, ht_cw_at(far.head, BASE + 500), HT_CHAIN_BEFORE_MAX);
    assert_int_equal(bench->questions, 2);
    ht_header_read_fini(&one.read);
}

static void a_jump_goes_on_from_where_the_last_one_led(void **state) {
    struct ht_cb *bench = *state;
    struct ht_cw *world = &bench->world;
    const uint64_t goal = BASE + 20;
    const struct ht_cw_block *last = ht_cw_add(world, NULL, BASE, NULL, 0);
    last = ht_cw_add_row(world, last, 2999, 0);
    const struct ht_cw_block *middle = ht_cw_add(world, last, 0, memory_of(bench, last, goal), 0);
    last = ht_cw_add_row(world, middle, HT_HISTORY_WINDOW - 1, 0);
    const struct ht_cw_block *finalized =
        ht_cw_add(world, last, 0, memory_of(bench, last, middle->verified.header.number), 0);
    ht_cb_set_head(bench, ht_cw_add_row(world, finalized, 3, 0));
    ht_cb_set_finalized(bench, finalized);
    ht_cb_read(bench, &one, ht_cb_number(goal), 3);
    ht_cb_is_block(&one, ht_cw_at(finalized, goal), 3);
    assert_true(one.read.is_final);
    assert_int_equal(ht_cb_asked(bench, "eth_getProof"), 2);
    assert_int_equal(bench->questions, 3);
    ht_header_read_fini(&one.read);
}

static void when_the_finalized_state_is_pruned_that_of_the_head_leads_there(void **state) {
    struct ht_cb *bench = *state;
    struct far far = make_far(bench, 6000, 0, BASE + 70);
    ht_cb_read(bench, &one, ht_cb_number(BASE + 70), 2);
    ht_cb_is_block(&one, ht_cw_at(far.head, BASE + 70), 2);
    assert_int_equal(bench->questions, 2);
    assert_int_equal(bench->peers[0].faults, 0);
    ht_header_read_fini(&one.read);
}

static json_t *say_other_value(struct ht_cb *bench, const char *method, const json_t *params,
                               json_t *honest) {
    (void)bench;
    (void)params;
    if (strcmp(method, "eth_getProof") != 0) return honest;
    json_t *slot = json_array_get(json_object_get(honest, "storageProof"), 0);
    json_object_set_new(slot, "value", json_string("0x1234"));
    return honest;
}

static void a_hash_that_its_proof_does_not_prove_is_a_fault(void **state) {
    struct ht_cb *bench = *state;
    struct far far = make_far(bench, 1000, BASE + 50, 0);
    bench->peer_count = 2;
    bench->peers[0].say = say_other_value;
    ht_cb_read(bench, &one, ht_cb_number(BASE + 50), 0);
    ht_cb_is_block(&one, ht_cw_at(far.head, BASE + 50), 0);
    assert_int_equal(bench->peers[0].faults, 1);
    assert_string_equal(bench->peers[0].fault.code, "claim_differs");
    assert_string_equal(one.read.source, "peer 1");
}

/* --- by parents ------------------------------------------------------------------------------- */

static void a_near_block_takes_one_question_for_all_between(void **state) {
    struct ht_cb *bench = *state;
    struct far far = make_far(bench, 200, BASE + 190, 0);
    uint64_t goal = far.finalized->verified.header.number - 63;
    ht_cb_read(bench, &one, ht_cb_number(goal), 0);
    ht_cb_is_block(&one, ht_cw_at(far.head, goal), 0);
    assert_int_equal(bench->questions, 1);
    assert_int_equal(ht_cb_asked(bench, "eth_getProof"), 0);
    ht_cb_read(bench, &one, ht_cb_number(goal - 10), 0);
    ht_cb_is_block(&one, ht_cw_at(far.head, goal - 10), 0);
    assert_int_equal(bench->questions, 2); /* from the one that is in memory now */
    assert_int_equal(ht_cb_asked(bench, "eth_getBlockByNumber"), 63 + 10);
}

static void without_any_state_a_walk_of_4096_blocks_is_made(void **state) {
    struct ht_cb *bench = *state;
    struct far far = make_far(bench, 5000, BASE + 1, BASE + 1);
    bench->peers[0].lacks_method = "eth_getProof";
    uint64_t final = far.finalized->verified.header.number;
    ht_cb_read(bench, &one, ht_cb_number(final - 4097), 0);
    expect_ended(&one, HT_ENOTFOUND, "too_far");
    ht_cb_read(bench, &one, ht_cb_number(final - 4096), 2);
    ht_cb_is_block(&one, ht_cw_at(far.head, final - 4096), 2);
    assert_true(one.read.is_final);
    assert_int_equal(bench->peers[0].faults, 0);
    ht_header_read_fini(&one.read);
}

static void a_state_without_that_hash_is_no_fault(void **state) {
    struct ht_cb *bench = *state;
    struct far far = make_far(bench, 400, BASE + 1, BASE + 2);
    ht_cb_read(bench, &one, ht_cb_number(BASE + 100), 0);
    ht_cb_is_block(&one, ht_cw_at(far.head, BASE + 100), 0);
    assert_int_equal(bench->peers[0].faults, 0);
    assert_true(one.read.is_final);
}

static void a_server_that_takes_small_batches_is_asked_for_fewer_at_once(void **state) {
    struct ht_cb *bench = *state;
    struct far far = make_far(bench, 1000, BASE + 300, 0);
    bench->peers[0].batch_max = 5;
    uint64_t near = far.finalized->verified.header.number - 60;
    ht_cb_read(bench, &one, ht_cb_number(near), 0);
    ht_cb_is_block(&one, ht_cw_at(far.head, near), 0);
    ht_cb_read(bench, &one, ht_cb_number(BASE + 300), 30);
    ht_cb_is_block(&one, ht_cw_at(far.head, BASE + 300), 30);
    ht_header_read_fini(&one.read);
}

static void above_finality_a_provider_on_another_branch_is_not_to_blame(void **state) {
    struct ht_cb *bench = *state;
    struct far far = make_far(bench, 100, 0, 0);
    const struct ht_cw_block *first = ht_cw_add_row(&bench->world, far.head, 40, 0);
    ht_cb_set_head(bench, first);
    bench->peer_count = 2;
    bench->peers[0].head = ht_cw_add_row(&bench->world, far.head, 40, 1);
    uint64_t goal = first->verified.header.number - 20;
    ht_cb_read(bench, &one, ht_cb_number(goal), 0);
    ht_cb_is_block(&one, ht_cw_at(first, goal), 0);
    assert_int_equal(bench->peers[0].faults, 0);
    assert_int_equal(bench->peers[1].faults, 0);
    assert_true(bench->peers[0].questions > 0);
}

static void a_walk_whose_head_is_replaced_under_way_begins_anew_at_the_new_one(void **state) {
    struct ht_cb *bench = *state;
    struct far far = make_far(bench, 100, 0, 0);
    const struct ht_cw_block *first = ht_cw_add_row(&bench->world, far.head, 40, 0);
    const struct ht_cw_block *second = ht_cw_add_row(&bench->world, far.head, 41, 1);
    uint64_t goal = first->verified.header.number - 20;
    ht_cb_set_head(bench, first);
    ht_cb_read(bench, &one, ht_cb_kind(HT_BLOCK_LATEST), 0);
    ht_cb_start(bench, &one, ht_cb_number(goal), 3);
    ht_cb_start(bench, &two, ht_cb_hash(ht_cw_at(first, goal)), 0);
    ht_cb_set_head(bench, second); /* providers follow it before the questions reach them */
    ht_cb_settle(bench);
    assert_int_equal(one.done, 1);
    ht_cb_is_block(&one, ht_cw_at(second, goal), 3);
    assert_int_equal(two.done, 1);
    expect_ended(&two, HT_ENOTFOUND, "not_in_chain");
    ht_header_read_fini(&one.read);
}

static void below_finality_a_provider_on_another_chain_is_at_fault(void **state) {
    struct ht_cb *bench = *state;
    struct far far = make_far(bench, 100, 0, 0);
    uint64_t goal = far.finalized->verified.header.number - 5;
    bench->peer_count = 2;
    bench->peers[0].head = ht_cw_add_row(&bench->world, ht_cw_at(far.head, goal - 5), 40, 1);
    ht_cb_read(bench, &one, ht_cb_number(goal), 0);
    ht_cb_is_block(&one, ht_cw_at(far.head, goal), 0);
    assert_int_equal(bench->peers[0].faults, 1);
    assert_string_equal(bench->peers[0].fault.code, "header_hash_differs");
}

/* --- ends ------------------------------------------------------------------------------------- */

static void a_question_that_nobody_answers_ends_the_read(void **state) {
    struct ht_cb *bench = *state;
    struct far far = make_far(bench, 100, 0, 0);
    bench->peer_count = 0;
    ht_cb_read(bench, &one, ht_cb_number(far.finalized->verified.header.number - 5), 3);
    expect_ended(&one, HT_ENET, "no_provider");
    bench->peer_count = 1;
    bench->peers[0].knows_not = "eth_getBlockByNumber";
    ht_cb_read(bench, &one, ht_cb_number(far.finalized->verified.header.number - 5), 3);
    expect_ended(&one, HT_ENET, "block_not_found");
}

static void network_failures_are_not_taken_for_missing_state(void **state) {
    struct ht_cb *bench = *state;
    make_far(bench, 1000, BASE + 50, 0);
    bench->peers[0].refusal = "go away";
    ht_cb_read(bench, &one, ht_cb_number(BASE + 50), 0);
    expect_ended(&one, HT_ENET, "refused");
}

static void two_reads_of_one_far_block_both_get_it(void **state) {
    struct ht_cb *bench = *state;
    struct far far = make_far(bench, 3000, BASE + 500, 0);
    ht_cb_start(bench, &one, ht_cb_number(BASE + 500), 2);
    ht_cb_start(bench, &two, ht_cb_number(BASE + 500), 0);
    ht_cb_settle(bench);
    ht_cb_is_block(&one, ht_cw_at(far.head, BASE + 500), 2);
    ht_cb_is_block(&two, ht_cw_at(far.head, BASE + 500), 0);
    ht_header_read_fini(&one.read);
}

static void a_walk_under_way_ends_when_the_node_stops(void **state) {
    struct ht_cb *bench = *state;
    make_far(bench, 300, 0, 0);
    bench->steps = 2;
    ht_cb_start(bench, &one, ht_cb_number(BASE + 5), 2);
    ht_cb_settle(bench);
    assert_int_equal(one.done, 0);
    ht_cb_close(bench);
    assert_int_equal(one.done, 1);
    expect_ended(&one, HT_EDENIED, "stopping");
}

#define WITH(test) cmocka_unit_test_setup_teardown(test, ht_cb_new, ht_cb_free)

int main(void) {
    const struct CMUnitTest tests[] = {
        WITH(one_question_leads_far_back_by_the_states_hashes),
        WITH(with_as_many_ancestors_as_there_may_be_a_second_question_is_enough),
        WITH(a_jump_goes_on_from_where_the_last_one_led),
        WITH(when_the_finalized_state_is_pruned_that_of_the_head_leads_there),
        WITH(a_hash_that_its_proof_does_not_prove_is_a_fault),
        WITH(a_near_block_takes_one_question_for_all_between),
        WITH(without_any_state_a_walk_of_4096_blocks_is_made),
        WITH(a_state_without_that_hash_is_no_fault),
        WITH(a_server_that_takes_small_batches_is_asked_for_fewer_at_once),
        WITH(above_finality_a_provider_on_another_branch_is_not_to_blame),
        WITH(a_walk_whose_head_is_replaced_under_way_begins_anew_at_the_new_one),
        WITH(below_finality_a_provider_on_another_chain_is_at_fault),
        WITH(a_question_that_nobody_answers_ends_the_read),
        WITH(network_failures_are_not_taken_for_missing_state),
        WITH(two_reads_of_one_far_block_both_get_it),
        WITH(a_walk_under_way_ends_when_the_node_stops),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
