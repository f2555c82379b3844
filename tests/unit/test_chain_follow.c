/* Keeping up with the head: what listeners are told when it moves on, skips blocks, or goes
 * another way. */
#include "tests/unit/chain_fakes.h"

#define FIRST 1000U

static struct ht_cb_header one, two;

/* What a listener was told, all of it. */
struct ear {
    struct ht_chain_listener listener; /* first */
    struct ht_cb *bench;
    ht_hash32 removed[512], added[512];
    size_t removed_count, added_count;
    unsigned told;
    bool is_tired;                   /* stops listening when told */
    struct ht_chain_listener *other; /* stops that one too */
    bool reads;                      /* reads the head when told */
    struct ht_cb_header read;
};

static struct ear ear, ear2;

static void on_change(struct ht_chain_listener *listener, const struct ht_chain_change *change) {
    struct ear *e = (struct ear *)listener;
    e->told++;
    for (size_t i = 0; i < change->removed_count; i++) {
        e->removed[e->removed_count++] = change->removed[i].hash;
    }
    for (size_t i = 0; i < change->added_count; i++) {
        e->added[e->added_count++] = change->added[i].hash;
    }
    if (e->is_tired) ht_chain_unlisten(e->bench->chain, listener);
    if (e->other != NULL) ht_chain_unlisten(e->bench->chain, e->other);
    if (e->reads) ht_cb_start(e->bench, &e->read, ht_cb_kind(HT_BLOCK_LATEST), 0);
}

static void start_ear(struct ht_cb *bench, struct ear *e) {
    *e = (struct ear){.listener.on_change = on_change, .bench = bench};
    ht_chain_listen(bench->chain, &e->listener);
    ht_cb_settle(bench);
}

/* Forgets what was told so far. */
static void forget(struct ear *e) {
    e->told = 0;
    e->removed_count = 0;
    e->added_count = 0;
}

static void expect_added(const struct ear *e, const struct ht_cw_block *head, size_t count) {
    assert_int_equal(e->added_count, count);
    for (size_t i = count; i > 0; i--, head = head->parent) {
        assert_memory_equal(e->added[i - 1].b, head->verified.hash.b, 32);
    }
}

static void expect_removed(const struct ear *e, const struct ht_cw_block *newest, size_t count) {
    assert_int_equal(e->removed_count, count);
    for (size_t i = 0; i < count; i++, newest = newest->parent) {
        assert_memory_equal(e->removed[i].b, newest->verified.hash.b, 32);
    }
}

/* A head that somebody has listened to for `count` blocks; the first block but one is final. */
static const struct ht_cw_block *make_heard(struct ht_cb *bench, size_t count) {
    const struct ht_cw_block *head = ht_cw_add(&bench->world, NULL, FIRST, NULL, 0);
    ht_cb_set_head(bench, head);
    ht_cb_set_finalized(bench, head);
    start_ear(bench, &ear);
    for (size_t i = 1; i < count; i++) {
        head = ht_cw_add(&bench->world, head, 0, NULL, 0);
        ht_cb_head(bench, head);
        ht_cb_settle(bench);
    }
    assert_int_equal(ear.told, count);
    expect_added(&ear, head, count);
    forget(&ear);
    return head;
}

static void move_head(struct ht_cb *bench, const struct ht_cw_block *head) {
    ht_cb_head(bench, head);
    ht_cb_settle(bench);
}

/* --- moving on -------------------------------------------------------------------------------- */

static void a_head_that_extends_is_told_as_one_block_more(void **state) {
    struct ht_cb *bench = *state;
    const struct ht_cw_block *head = make_heard(bench, 5);
    head = ht_cw_add(&bench->world, head, 0, NULL, 0);
    bench->questions = 0;
    move_head(bench, head);
    assert_int_equal(bench->questions, 1);
    assert_int_equal(ear.told, 1);
    expect_added(&ear, head, 1);
    expect_removed(&ear, NULL, 0);
    assert_int_equal(ht_chain_counts(bench->chain).recent, 6);
}

static void blocks_that_a_head_skips_are_fetched_while_somebody_listens(void **state) {
    struct ht_cb *bench = *state;
    const struct ht_cw_block *head = make_heard(bench, 5);
    head = ht_cw_add_row(&bench->world, head, 7, 0);
    move_head(bench, head);
    assert_int_equal(ear.told, 1);
    expect_added(&ear, head, 7);
    expect_removed(&ear, NULL, 0);
    head = ht_cw_add_row(&bench->world, head, 100, 0);
    forget(&ear);
    move_head(bench, head);
    expect_added(&ear, head, 100);
    expect_removed(&ear, NULL, 0);
}

static void blocks_that_a_head_skips_are_not_fetched_when_nobody_listens(void **state) {
    struct ht_cb *bench = *state;
    const struct ht_cw_block *head = make_heard(bench, 5);
    ht_chain_unlisten(bench->chain, &ear.listener);
    head = ht_cw_add_row(&bench->world, head, 7, 0);
    ht_cb_read(bench, &one, ht_cb_kind(HT_BLOCK_LATEST), 0);
    bench->questions = 0;
    move_head(bench, head);
    assert_int_equal(bench->questions, 1);
    assert_int_equal(ear.told, 0);
    assert_int_equal(ht_chain_counts(bench->chain).recent, 1);
}

static void a_head_is_not_followed_long_after_the_last_read(void **state) {
    struct ht_cb *bench = *state;
    const struct ht_cw_block *head = make_heard(bench, 2);
    ht_chain_unlisten(bench->chain, &ear.listener);
    ht_cb_read(bench, &one, ht_cb_kind(HT_BLOCK_LATEST), 0);
    bench->sync.mono_ms += 299999;
    bench->questions = 0;
    head = ht_cw_add(&bench->world, head, 0, NULL, 0);
    move_head(bench, head);
    assert_int_equal(bench->questions, 1);
    bench->sync.mono_ms += 2;
    head = ht_cw_add(&bench->world, head, 0, NULL, 0);
    move_head(bench, head);
    assert_int_equal(bench->questions, 1);
    ht_cb_read(bench, &one, ht_cb_kind(HT_BLOCK_LATEST), 0);
    ht_cb_is_block(&one, head, 0);
}

/* --- another way ------------------------------------------------------------------------------ */

static void a_reorganisation_tells_what_it_took_out_newest_first_then_what_it_added(void **state) {
    struct ht_cb *bench = *state;
    const struct ht_cw_block *old = make_heard(bench, 10);
    const struct ht_cw_block *fork = ht_cw_at(old, FIRST + 6);
    const struct ht_cw_block *head = ht_cw_add_row(&bench->world, fork, 5, 1);
    move_head(bench, head);
    assert_int_equal(ear.told, 1);
    expect_removed(&ear, old, 3);
    expect_added(&ear, head, 5);
    ht_cb_read(bench, &one, ht_cb_number(FIRST + 8), 0);
    ht_cb_is_block(&one, ht_cw_at(head, FIRST + 8), 0);
    ht_cb_read(bench, &one, ht_cb_hash(old), 0);
    ht_cb_expect(one.read.err, &one.read.why, HT_ENOTFOUND, "not_in_chain");
}

static void a_sibling_of_the_head_replaces_it(void **state) {
    struct ht_cb *bench = *state;
    const struct ht_cw_block *old = make_heard(bench, 4);
    const struct ht_cw_block *head = ht_cw_add(&bench->world, old->parent, 0, NULL, 1);
    bench->questions = 0;
    move_head(bench, head);
    assert_int_equal(bench->questions, 1);
    expect_removed(&ear, old, 1);
    expect_added(&ear, head, 1);
}

static void a_head_that_falls_back_to_an_ancestor_takes_out_what_was_above_it(void **state) {
    struct ht_cb *bench = *state;
    const struct ht_cw_block *old = make_heard(bench, 6);
    const struct ht_cw_block *head = old->parent->parent;
    move_head(bench, head);
    assert_int_equal(ear.told, 1);
    expect_removed(&ear, old, 2);
    expect_added(&ear, head, 0);
    ht_cb_read(bench, &one, ht_cb_kind(HT_BLOCK_LATEST), 0);
    ht_cb_is_block(&one, head, 0);
    move_head(bench, ht_cw_at(old, FIRST));
    assert_int_equal(ear.added_count, 0);
    assert_int_equal(ear.removed_count, 5);
}

static void
a_reorganisation_deeper_than_what_is_known_takes_out_all_that_it_contradicts(void **state) {
    struct ht_cb *bench = *state;
    const struct ht_cw_block *base = ht_cw_add(&bench->world, NULL, FIRST - 20, NULL, 0);
    const struct ht_cw_block *old = ht_cw_add_row(&bench->world, base, 20, 0);
    ht_cb_set_head(bench, old);
    start_ear(bench, &ear);
    const struct ht_cw_block *next = ht_cw_add_row(&bench->world, old, 3, 0);
    move_head(bench, next);
    forget(&ear);
    const struct ht_cw_block *head = ht_cw_add_row(&bench->world, base, 25, 1);
    move_head(bench, head);
    assert_int_equal(ear.told, 1);
    expect_removed(&ear, next, 4);
    assert_memory_equal(ear.added[ear.added_count - 1].b, head->verified.hash.b, 32);
    assert_true(ear.added_count >= 4);
}

/* --- what cannot be had ----------------------------------------------------------------------- */

static void blocks_below_a_gap_that_cannot_be_filled_are_not_told_as_removed(void **state) {
    struct ht_cb *bench = *state;
    const struct ht_cw_block *head = make_heard(bench, 5);
    head = ht_cw_add_row(&bench->world, head, 9, 0);
    bench->peers[0].knows_not = "eth_getBlockByNumber";
    move_head(bench, head);
    assert_int_equal(ear.told, 1);
    expect_removed(&ear, NULL, 0);
    expect_added(&ear, head, 1);
}

static void blocks_below_a_gap_too_wide_to_be_filled_are_not_told_as_removed(void **state) {
    struct ht_cb *bench = *state;
    const struct ht_cw_block *head = make_heard(bench, 5);
    head = ht_cw_add_row(&bench->world, head, 1000, 0);
    move_head(bench, head);
    assert_int_equal(ear.told, 1);
    expect_removed(&ear, NULL, 0);
    assert_true(ear.added_count >= 100 && ear.added_count < 256);
    expect_added(&ear, head, ear.added_count);
}

static void a_final_block_above_the_old_head_is_read_while_a_gap_is_fetched(void **state) {
    struct ht_cb *bench = *state;
    const struct ht_cw_block *head = make_heard(bench, 5);
    head = ht_cw_add_row(&bench->world, head, 90, 0);
    ht_cb_set_finalized(bench, ht_cw_at(head, FIRST + 50));
    bench->steps = 1;
    ht_cb_head(bench, head);
    ht_cb_settle(bench);
    ht_cb_start(bench, &one, ht_cb_number(FIRST + 50), 0);
    assert_int_equal(one.done, 1);
    ht_cb_is_block(&one, ht_cw_at(head, FIRST + 50), 0);
    ht_cb_start(bench, &two, ht_cb_number(FIRST + 40), 0);
    bench->is_held = false;
    ht_cb_settle(bench);
    assert_int_equal(two.done, 1);
    ht_cb_is_block(&two, ht_cw_at(head, FIRST + 40), 0);
}

static void a_head_that_nobody_has_is_asked_for_again_with_the_next(void **state) {
    struct ht_cb *bench = *state;
    const struct ht_cw_block *head = make_heard(bench, 5);
    head = ht_cw_add(&bench->world, head, 0, NULL, 0);
    bench->peers[0].knows_not = "eth_getBlockByHash";
    move_head(bench, head);
    assert_int_equal(ear.told, 0);
    bench->peers[0].knows_not = NULL;
    head = ht_cw_add(&bench->world, head, 0, NULL, 0);
    move_head(bench, head);
    expect_added(&ear, head, 2);
}

static void a_head_that_moves_on_meanwhile_is_followed_at_once(void **state) {
    struct ht_cb *bench = *state;
    const struct ht_cw_block *head = make_heard(bench, 5);
    head = ht_cw_add(&bench->world, head, 0, NULL, 0);
    ht_cb_head(bench, head);
    head = ht_cw_add(&bench->world, head, 0, NULL, 0);
    ht_cb_head(bench, head);
    ht_cb_start(bench, &one, ht_cb_kind(HT_BLOCK_LATEST), 0);
    ht_cb_settle(bench);
    assert_int_equal(ear.told, 2);
    expect_added(&ear, head, 2);
    assert_int_equal(one.done, 1);
}

/* --- finality --------------------------------------------------------------------------------- */

static void blocks_that_become_final_are_kept(void **state) {
    struct ht_cb *bench = *state;
    const struct ht_cw_block *head = make_heard(bench, 30);
    head = ht_cw_add(&bench->world, head, 0, NULL, 0);
    ht_cb_set_finalized(bench, ht_cw_at(head, FIRST + 20));
    bench->questions = 0;
    move_head(bench, head);
    assert_int_equal(bench->questions, 1);
    assert_int_equal(ht_cb_asked(bench, "eth_getBlockByNumber"), 0);
    assert_int_equal(ht_chain_counts(bench->chain).kept, 21);
    ht_cb_read(bench, &one, ht_cb_number(FIRST + 20), 15);
    ht_cb_is_block(&one, ht_cw_at(head, FIRST + 20), 15);
    assert_true(one.read.is_final);
    ht_header_read_fini(&one.read);
    assert_int_equal(bench->questions, 1);
}

static void finality_alone_is_taken_from_memory_without_a_question(void **state) {
    struct ht_cb *bench = *state;
    const struct ht_cw_block *head = make_heard(bench, 30);
    ht_cb_set_finalized(bench, ht_cw_at(head, FIRST + 9));
    bench->questions = 0;
    move_head(bench, head);
    assert_int_equal(ht_chain_finalized(bench->chain)->header.number, FIRST + 9);
    assert_int_equal(bench->questions, 0);
    assert_int_equal(ear.told, 0);
}

static void memory_of_recent_blocks_stays_bounded(void **state) {
    struct ht_cb *bench = *state;
    const struct ht_cw_block *head = make_heard(bench, 300);
    assert_true(ht_chain_counts(bench->chain).recent <= 256);
    bench->questions = 0;
    ht_cb_read(bench, &one, ht_cb_kind(HT_BLOCK_LATEST), 60);
    ht_cb_is_block(&one, head, 60);
    ht_header_read_fini(&one.read);
    assert_int_equal(bench->questions, 0);
}

/* --- listeners -------------------------------------------------------------------------------- */

static void a_listener_may_stop_listening_while_it_is_told(void **state) {
    struct ht_cb *bench = *state;
    const struct ht_cw_block *head = make_heard(bench, 5);
    start_ear(bench, &ear2);
    ear.is_tired = true;
    ear2.is_tired = true;
    for (unsigned i = 0; i < 2; i++) {
        head = ht_cw_add(&bench->world, head, 0, NULL, 0);
        move_head(bench, head);
    }
    assert_int_equal(ear.told, 1);
    assert_int_equal(ear2.told, 1);
}

static void a_listener_may_stop_another_while_it_is_told(void **state) {
    struct ht_cb *bench = *state;
    const struct ht_cw_block *head = make_heard(bench, 5);
    start_ear(bench, &ear2); /* told first */
    ear2.other = &ear.listener;
    head = ht_cw_add(&bench->world, head, 0, NULL, 0);
    move_head(bench, head);
    assert_int_equal(ear2.told, 1);
    assert_int_equal(ear.told, 0);
}

static void a_listener_reads_the_new_head_at_once(void **state) {
    struct ht_cb *bench = *state;
    const struct ht_cw_block *head = make_heard(bench, 5);
    ear.reads = true;
    head = ht_cw_add(&bench->world, head, 0, NULL, 0);
    move_head(bench, head);
    assert_int_equal(ear.read.done, 1);
    ht_cb_is_block(&ear.read, head, 0);
}

#define WITH(test) cmocka_unit_test_setup_teardown(test, ht_cb_new, ht_cb_free)
#define WITH_DISK(test) cmocka_unit_test_setup_teardown(test, ht_cb_new_with_disk, ht_cb_free)

int main(void) {
    const struct CMUnitTest tests[] = {
        WITH(a_head_that_extends_is_told_as_one_block_more),
        WITH(blocks_that_a_head_skips_are_fetched_while_somebody_listens),
        WITH(blocks_that_a_head_skips_are_not_fetched_when_nobody_listens),
        WITH(a_head_is_not_followed_long_after_the_last_read),
        WITH(a_reorganisation_tells_what_it_took_out_newest_first_then_what_it_added),
        WITH(a_sibling_of_the_head_replaces_it),
        WITH(a_head_that_falls_back_to_an_ancestor_takes_out_what_was_above_it),
        WITH(a_reorganisation_deeper_than_what_is_known_takes_out_all_that_it_contradicts),
        WITH(blocks_below_a_gap_that_cannot_be_filled_are_not_told_as_removed),
        WITH(blocks_below_a_gap_too_wide_to_be_filled_are_not_told_as_removed),
        WITH(a_final_block_above_the_old_head_is_read_while_a_gap_is_fetched),
        WITH(a_head_that_nobody_has_is_asked_for_again_with_the_next),
        WITH(a_head_that_moves_on_meanwhile_is_followed_at_once),
        WITH_DISK(blocks_that_become_final_are_kept),
        WITH(finality_alone_is_taken_from_memory_without_a_question),
        WITH(memory_of_recent_blocks_stays_bounded),
        WITH(a_listener_may_stop_listening_while_it_is_told),
        WITH(a_listener_may_stop_another_while_it_is_told),
        WITH(a_listener_reads_the_new_head_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
