/* Complete logs over ranges: in order, with exact gaps, over reorganisations, and given up. */
#include "tests/unit/chain_fakes.h"

#include <stdio.h>
#include <stdlib.h>

#include "node/base/hex.h"

#define FIRST 1000U

/* All logs of the address 0x10…: one in each transaction but the first. */
#define OF_ONE "{\"address\":\"0x1000000000000000000000000000000000000000\"}"

static struct {
    struct ht_logs_read read; /* first */
    unsigned done, told;
    uint64_t progress, total;
    bool cancels; /* when told how far it is */
} one;

static void done(struct ht_logs_read *read) {
    assert_ptr_equal(read, &one.read);
    one.done++;
}

static void progress(struct ht_logs_read *read, uint64_t blocks_done, uint64_t blocks_total) {
    one.told++;
    one.progress = blocks_done;
    one.total = blocks_total;
    if (one.cancels) ht_logs_cancel(read);
}

static void start(struct ht_cb *bench, struct ht_block_id from, struct ht_block_id to,
                  const char *filter) {
    json_t *object = json_loads(filter, 0, NULL);
    memset(&one, 0, sizeof one);
    one.read = (struct ht_logs_read){.from = from, .to = to, .done = done, .progress = progress};
    assert_int_equal(ht_log_filter_read(&one.read.filter, object, NULL), HT_OK);
    json_decref(object);
    ht_logs_read(bench->blocks, &one.read);
}

static void read_logs(struct ht_cb *bench, uint64_t from, uint64_t to, const char *filter) {
    start(bench, ht_cb_number(from), ht_cb_number(to), filter);
    ht_cb_settle(bench);
    assert_int_equal(one.done, 1);
}

static void drop(void) {
    ht_logs_read_fini(&one.read);
    ht_log_filter_fini(&one.read.filter);
}

static void expect_failed(enum ht_err err, const char *code) {
    assert_int_equal(one.done, 1);
    ht_cb_expect(one.read.err, &one.read.why, err, code);
    assert_null(one.read.logs);
    drop();
}

/* Complete, with logs of exactly these blocks, in order, four in each. */
static void expect_logs(const struct ht_cw_block *head, const uint64_t *blocks, size_t count) {
    struct ht_logs_read *read = &one.read;
    if (read->err != HT_OK) fail_msg("%s: %s", read->why.code, read->why.text);
    assert_int_equal(json_array_size(read->logs), 4 * count);
    for (size_t i = 0; i < 4 * count; i++) {
        const json_t *log = json_array_get(read->logs, i);
        char hash[HT_HEX_SIZE(32)];
        const struct ht_cw_block *block = ht_cw_at(head, blocks[i / 4]);
        ht_hex_write(hash, HT_BYTES(block->verified.hash.b));
        assert_string_equal(json_string_value(json_object_get(log, "blockHash")), hash);
        uint64_t index =
            strtoull(json_string_value(json_object_get(log, "transactionIndex")), NULL, 16);
        assert_int_equal(index, 1 + i % 4);
    }
}

static void expect_gap(size_t i, uint64_t from, uint64_t to, const char *code) {
    assert_true(i < one.read.gap_count);
    assert_int_equal(one.read.gaps[i].from, from);
    assert_int_equal(one.read.gaps[i].to, to);
    assert_string_equal(one.read.gaps[i].why.code, code);
}

/* Blocks FIRST to FIRST + 199; full: those at offsets 10, 70, 71, 150, 199; final up to 120. */
static const uint64_t FULL[] = {FIRST + 10, FIRST + 70, FIRST + 71, FIRST + 150, FIRST + 199};

static const struct ht_cw_block *make_chain(struct ht_cb *bench) {
    struct ht_cw *world = &bench->world;
    const struct ht_cw_block *head = ht_cw_add(world, NULL, FIRST, NULL, 0);
    size_t next = 0;
    for (uint64_t number = FIRST + 1; number < FIRST + 200; number++) {
        bool is_full = next < 5 && FULL[next] == number;
        next += is_full ? 1 : 0;
        head = is_full ? ht_cw_add_full(world, head, 0, NULL, NULL)
                       : ht_cw_add(world, head, 0, NULL, 0);
    }
    ht_cb_set_head(bench, head);
    ht_cb_set_finalized(bench, ht_cw_at(head, FIRST + 120));
    return head;
}

/* --- what is there ---------------------------------------------------------------------------- */

static void logs_of_several_windows_come_complete_and_in_order(void **state) {
    struct ht_cb *bench = *state;
    const struct ht_cw_block *head = make_chain(bench);
    read_logs(bench, FIRST, FIRST + 199, OF_ONE);
    expect_logs(head, FULL, 5);
    assert_int_equal(one.read.gap_count, 0);
    assert_int_equal(one.read.blocks_with_hits, 5);
    assert_int_equal(ht_cb_asked(bench, "eth_getBlockReceipts"), 5);
    assert_int_equal(one.read.from_number, FIRST);
    assert_int_equal(one.read.to_number, FIRST + 199);
    assert_memory_equal(one.read.last.hash.b, head->verified.hash.b, 32);
    assert_false(one.read.is_final);
    assert_int_equal(one.total, 200);
    assert_int_equal(one.progress, 200);
    assert_int_equal(one.told, 4);
    drop();
}

static void a_part_of_the_range_gives_its_logs_alone(void **state) {
    struct ht_cb *bench = *state;
    const struct ht_cw_block *head = make_chain(bench);
    read_logs(bench, FIRST + 11, FIRST + 71, OF_ONE);
    expect_logs(head, FULL + 1, 2);
    assert_true(one.read.is_final);
    drop();
}

static void blooms_clear_blocks_without_a_question(void **state) {
    struct ht_cb *bench = *state;
    make_chain(bench);
    read_logs(bench, FIRST, FIRST + 199,
              "{\"address\":\"0x9999999999999999999999999999999999999999\"}");
    expect_logs(bench->head, NULL, 0);
    assert_int_equal(one.read.gap_count, 0);
    assert_int_equal(ht_cb_asked(bench, "eth_getBlockReceipts"), 0);
    drop();
}

static void the_range_ends_at_the_head(void **state) {
    struct ht_cb *bench = *state;
    const struct ht_cw_block *head = make_chain(bench);
    read_logs(bench, FIRST + 190, FIRST + 5000, OF_ONE);
    expect_logs(head, FULL + 4, 1);
    assert_int_equal(one.read.to_number, FIRST + 199);
    drop();
    start(bench, ht_cb_kind(HT_BLOCK_FINALIZED), ht_cb_kind(HT_BLOCK_LATEST), OF_ONE);
    ht_cb_settle(bench);
    expect_logs(head, FULL + 3, 2);
    assert_int_equal(one.read.from_number, FIRST + 120);
    drop();
}

static void one_block_is_named_by_its_hash(void **state) {
    struct ht_cb *bench = *state;
    const struct ht_cw_block *head = make_chain(bench);
    struct ht_block_id id = ht_cb_hash(ht_cw_at(head, FULL[3]));
    start(bench, id, id, OF_ONE);
    ht_cb_settle(bench);
    expect_logs(head, FULL + 3, 1);
    assert_int_equal(one.read.from_number, FULL[3]);
    assert_int_equal(one.read.to_number, FULL[3]);
    drop();
}

/* --- what is refused -------------------------------------------------------------------------- */

static void a_range_that_ends_before_it_begins_is_refused(void **state) {
    struct ht_cb *bench = *state;
    make_chain(bench);
    read_logs(bench, FIRST + 20, FIRST + 19, OF_ONE);
    expect_failed(HT_EINPUT, "range_reversed");
}

static void a_range_that_begins_above_the_head_is_refused(void **state) {
    struct ht_cb *bench = *state;
    const struct ht_cw_block *head = make_chain(bench);
    uint64_t number = head->verified.header.number;
    read_logs(bench, number + 1, number + 5, OF_ONE);
    expect_failed(HT_ENOTFOUND, "block_in_future");
}

static void a_range_of_too_many_blocks_is_refused(void **state) {
    struct ht_cb *bench = *state;
    const struct ht_cw_block *base = ht_cw_add(&bench->world, NULL, HT_LOGS_BLOCKS_MAX, NULL, 0);
    ht_cb_set_head(bench, base);
    read_logs(bench, 0, HT_LOGS_BLOCKS_MAX, OF_ONE);
    assert_non_null(strstr(one.read.why.text, "0 to 9999"));
    expect_failed(HT_ELIMIT, "range_too_wide");
}

static void an_end_of_the_range_that_cannot_be_had_is_the_error(void **state) {
    struct ht_cb *bench = *state;
    struct ht_block_id id = {.kind = HT_BLOCK_HASH, .hash = {{7}}};
    make_chain(bench);
    start(bench, id, id, OF_ONE);
    ht_cb_settle(bench);
    expect_failed(HT_ENOTFOUND, "block_not_found");
}

static struct ht_log many[2000];

static void make_many(struct ht_block_maker *maker) {
    for (size_t i = 0; i < 2000; i++) many[i].address = (ht_addr20){{0x10}};
    for (size_t i = 0; i < maker->count; i++) {
        maker->receipts[i].logs = many;
        maker->receipts[i].log_count = 600;
    }
}

static void too_many_logs_are_refused_with_a_range_that_fits(void **state) {
    struct ht_cb *bench = *state;
    const struct ht_cw_block *head = ht_cw_add(&bench->world, NULL, FIRST, NULL, 0);
    for (size_t i = 0; i < 8; i++) {
        head = ht_cw_add_full(&bench->world, head, 0, NULL, make_many); /* 3000 logs */
    }
    ht_cb_set_head(bench, head);
    unsigned long long from = 0, to = 0;
    read_logs(bench, FIRST, FIRST + 8, OF_ONE);
    const char *advice = strstr(one.read.why.text, "ask for");
    assert_non_null(advice);
    assert_int_equal(sscanf(advice, "ask for %llu to %llu", &from, &to), 2);
    expect_failed(HT_ELIMIT, "too_many_logs");
    assert_int_equal(to, FIRST + 8);
    assert_int_equal(from, FIRST + 6);
    read_logs(bench, from, to, OF_ONE);
    assert_int_equal(one.read.err, HT_OK);
    assert_int_equal(json_array_size(one.read.logs), 9000);
    drop();
}

/* --- gaps ------------------------------------------------------------------------------------- */

static json_t *hide_receipts(struct ht_cb *bench, const char *method, const json_t *params,
                             json_t *honest) {
    char hidden[HT_HEX_SIZE(32)];
    const struct ht_cw_block *block = ht_cw_at(bench->head, FULL[2]);
    const json_t *hash = json_object_get(json_array_get(params, 0), "blockHash");
    if (strcmp(method, "eth_getBlockReceipts") != 0) return honest;
    ht_hex_write(hidden, HT_BYTES(block->verified.hash.b));
    if (strcmp(json_string_value(hash), hidden) != 0) return honest;
    json_decref(honest);
    return json_null();
}

static void a_block_whose_receipts_nobody_has_is_the_only_gap(void **state) {
    struct ht_cb *bench = *state;
    const struct ht_cw_block *head = make_chain(bench);
    const uint64_t others[] = {FULL[0], FULL[1], FULL[3], FULL[4]};
    bench->peers[0].say = hide_receipts;
    read_logs(bench, FIRST, FIRST + 199, OF_ONE);
    expect_logs(head, others, 4);
    assert_int_equal(one.read.gap_count, 1);
    expect_gap(0, FULL[2], FULL[2], "block_not_found");
    drop();
}

/* Blocks FIRST + 72 to FIRST + 135, the second window of four, are not to be had. */
static json_t *hide_window(struct ht_cb *bench, const char *method, const json_t *params,
                           json_t *honest) {
    (void)bench;
    if (strcmp(method, "eth_getBlockByNumber") != 0) return honest;
    uint64_t number = strtoull(json_string_value(json_array_get(params, 0)), NULL, 16);
    if (number < FIRST + 72 || number > FIRST + 135) return honest;
    json_decref(honest);
    return json_null();
}

static void a_window_that_cannot_be_had_is_one_gap_and_the_rest_is_read(void **state) {
    struct ht_cb *bench = *state;
    const struct ht_cw_block *head = make_chain(bench);
    ht_cb_set_finalized(bench, ht_cw_at(head, FIRST + 71));
    bench->peers[0].say = hide_window;
    read_logs(bench, FIRST, FIRST + 199, OF_ONE);
    expect_logs(head, FULL, 5);
    assert_int_equal(one.read.gap_count, 1);
    expect_gap(0, FIRST + 72, FIRST + 135, "block_not_found");
    drop();
}

static void when_nothing_can_be_had_the_rest_is_not_tried(void **state) {
    struct ht_cb *bench = *state;
    const struct ht_cw_block *head = make_chain(bench);
    struct ht_cb_header header;
    ht_cb_read(bench, &header, ht_cb_kind(HT_BLOCK_LATEST), 0);
    bench->questions = 0;
    bench->peer_count = 0;
    read_logs(bench, FIRST, FIRST + 198, OF_ONE);
    expect_failed(HT_ENET, "no_provider"); /* its last block itself */
    read_logs(bench, FIRST, FIRST + 199, OF_ONE);
    assert_int_equal(one.read.err, HT_OK);
    assert_int_equal(one.read.gap_count, 1);
    expect_gap(0, FIRST, FIRST + 199, "no_provider");
    assert_int_equal(bench->questions, 4);
    assert_memory_equal(one.read.last.hash.b, head->verified.hash.b, 32);
    drop();
}

/* --- changes under way ------------------------------------------------------------------------ */

static void a_read_that_is_given_up_ends_in_silence(void **state) {
    struct ht_cb *bench = *state;
    make_chain(bench);
    for (unsigned steps = 1; steps < 12; steps++) {
        bench->steps = steps;
        start(bench, ht_cb_number(FIRST), ht_cb_number(FIRST + 199), OF_ONE);
        ht_cb_settle(bench);
        ht_logs_cancel(&one.read);
        drop();
        bench->steps = 0;
        bench->is_held = false;
        unsigned before = one.done;
        ht_cb_settle(bench);
        assert_int_equal(one.done, before);
        ht_cb_reopen(bench);
    }
}

static void a_read_may_be_given_up_while_it_is_told_how_far_it_is(void **state) {
    struct ht_cb *bench = *state;
    make_chain(bench);
    start(bench, ht_cb_number(FIRST), ht_cb_number(FIRST + 199), OF_ONE);
    one.cancels = true;
    ht_cb_settle(bench);
    assert_int_equal(one.told, 1);
    assert_int_equal(one.done, 0);
    drop();
}

/* The chain from FIRST + fork on goes another way, with a full block at the new head alone. */
static const struct ht_cw_block *reorganise(struct ht_cb *bench, uint64_t fork) {
    const struct ht_cw_block *at = ht_cw_at(bench->head, FIRST + fork);
    const struct ht_cw_block *last = ht_cw_add_row(&bench->world, at, (size_t)(198 - fork), 1);
    last = ht_cw_add_full(&bench->world, last, 0, NULL, NULL);
    last = ht_cw_add(&bench->world, last, 0, NULL, 1);
    ht_cb_head(bench, last);
    return last;
}

static void a_reorganisation_between_windows_begins_anew(void **state) {
    struct ht_cb *bench = *state;
    make_chain(bench);
    const uint64_t wanted[] = {FULL[0], FULL[1], FULL[2], FIRST + 199};
    for (unsigned steps = 2; steps < 9; steps++) {
        bench->steps = steps;
        start(bench, ht_cb_number(FIRST), ht_cb_number(FIRST + 199), OF_ONE);
        ht_cb_settle(bench);
        bench->steps = 0;
        bench->is_held = false;
        const struct ht_cw_block *old = bench->head;
        const struct ht_cw_block *head = reorganise(bench, 125);
        ht_cb_settle(bench);
        assert_int_equal(one.done, 1);
        assert_int_equal(one.read.err, HT_OK);
        assert_int_equal(one.read.gap_count, 0);
        if (json_array_size(one.read.logs) == 16) {
            expect_logs(head, wanted, 4);
        } else {
            expect_logs(old, FULL, 5); /* all of it was read before */
        }
        drop();
        ht_cb_reopen(bench);
        ht_cb_set_head(bench, old);
    }
}

static void receipts_of_a_branch_that_lost_do_not_get_into_the_answer(void **state) {
    struct ht_cb *bench = *state;
    make_chain(bench);
    const uint64_t wanted[] = {FULL[0], FULL[1], FULL[2], FIRST + 199};
    bench->held = "eth_getBlockReceipts";
    start(bench, ht_cb_number(FIRST), ht_cb_number(FIRST + 199), OF_ONE);
    bench->steps = 2; /* the head and the first window; receipts wait */
    ht_cb_settle(bench);
    bench->steps = 0;
    bench->is_held = false;
    const struct ht_cw_block *head = reorganise(bench, 125);
    ht_cb_settle(bench); /* the windows are read again */
    bench->held = NULL;
    ht_cb_settle(bench);
    assert_int_equal(one.done, 1);
    expect_logs(head, wanted, 4);
    assert_int_equal(one.read.gap_count, 0);
    drop();
}

static void logs_of_a_block_that_was_taken_out_are_marked(void **state) {
    struct ht_cb *bench = *state;
    const struct ht_cw_block *head = make_chain(bench);
    const struct ht_cw_block *full = ht_cw_at(head, FULL[1]);
    struct ht_block_read block = {.header = full->verified,
                                  .body = ht_bm_body(full->maker),
                                  .receipts = ht_bm_receipts(full->maker)};
    struct ht_log_filter all = {.address_count = 0};
    json_t *logs = json_array();
    assert_int_equal(ht_logs_of_block(logs, &all, &block, true), HT_OK);
    assert_int_equal(json_array_size(logs), 8);
    assert_true(json_is_true(json_object_get(json_array_get(logs, 3), "removed")));
    json_decref(logs);
    ht_block_read_fini(&block);
}

#define WITH(test) cmocka_unit_test_setup_teardown(test, ht_cb_new, ht_cb_free)

int main(void) {
    const struct CMUnitTest tests[] = {
        WITH(logs_of_several_windows_come_complete_and_in_order),
        WITH(a_part_of_the_range_gives_its_logs_alone),
        WITH(blooms_clear_blocks_without_a_question),
        WITH(the_range_ends_at_the_head),
        WITH(one_block_is_named_by_its_hash),
        WITH(a_range_that_ends_before_it_begins_is_refused),
        WITH(a_range_that_begins_above_the_head_is_refused),
        WITH(a_range_of_too_many_blocks_is_refused),
        WITH(an_end_of_the_range_that_cannot_be_had_is_the_error),
        WITH(too_many_logs_are_refused_with_a_range_that_fits),
        WITH(a_block_whose_receipts_nobody_has_is_the_only_gap),
        WITH(a_window_that_cannot_be_had_is_one_gap_and_the_rest_is_read),
        WITH(when_nothing_can_be_had_the_rest_is_not_tried),
        WITH(a_read_that_is_given_up_ends_in_silence),
        WITH(a_read_may_be_given_up_while_it_is_told_how_far_it_is),
        WITH(a_reorganisation_between_windows_begins_anew),
        WITH(receipts_of_a_branch_that_lost_do_not_get_into_the_answer),
        WITH(logs_of_a_block_that_was_taken_out_are_marked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
