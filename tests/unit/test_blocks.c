/* Bodies and receipts: asked for once, proven, kept in memory within its bound and on disk. */
#include "tests/unit/chain_fakes.h"

#include "node/l1/execution/receipt_json.h"

#define FIRST 100U

struct block {
    struct ht_block_read read; /* first */
    unsigned done;
};

static struct block one, two;

static void done(struct ht_block_read *read) {
    ((struct block *)read)->done++;
}

static void start(struct ht_cb *bench, struct block *block, const struct ht_cw_block *wanted,
                  bool wants_body, bool wants_receipts) {
    *block = (struct block){.read = {.id = ht_cb_number(wanted->verified.header.number),
                                     .wants_body = wants_body,
                                     .wants_receipts = wants_receipts,
                                     .done = done}};
    ht_blocks_read(bench->blocks, &block->read);
}

static void read_block(struct ht_cb *bench, struct block *block, const struct ht_cw_block *wanted,
                       bool wants_body, bool wants_receipts) {
    start(bench, block, wanted, wants_body, wants_receipts);
    ht_cb_settle(bench);
    assert_int_equal(block->done, 1);
}

static void expect_failed(const struct block *block, enum ht_err err, const char *code) {
    ht_cb_expect(block->read.err, &block->read.why, err, code);
    assert_null(block->read.body);
    assert_null(block->read.receipts);
}

/* What was wanted of the block is there and is what was put into it. Drops it. */
static void expect_block(struct block *block, const struct ht_cw_block *wanted) {
    struct ht_block_read *read = &block->read;
    if (read->err != HT_OK) fail_msg("%s: %s", read->why.code, read->why.text);
    size_t count = wanted->maker != NULL ? wanted->maker->count : 0;
    assert_memory_equal(read->header.hash.b, wanted->verified.hash.b, 32);
    assert_int_equal(read->body != NULL, read->wants_body);
    assert_int_equal(read->receipts != NULL, read->wants_receipts);
    if (read->body != NULL) assert_int_equal(read->body->count, count);
    if (read->receipts != NULL) assert_int_equal(read->receipts->count, count);
    for (size_t i = 0; read->body != NULL && i < count; i++) {
        assert_int_equal(read->body->transactions[i].nonce, wanted->maker->transactions[i].nonce);
    }
    ht_block_read_fini(read);
}

/* A final block, a full one above it and an empty one, which is the head; the full one. */
static const struct ht_cw_block *make_full(struct ht_cb *bench,
                                           void (*edit)(struct ht_block_maker *maker)) {
    struct ht_cw *world = &bench->world;
    const struct ht_cw_block *base = ht_cw_add(world, NULL, FIRST, NULL, 0);
    const struct ht_cw_block *full = ht_cw_add_full(world, base, 0, NULL, edit);
    ht_cb_set_head(bench, ht_cw_add(world, full, 0, NULL, 0));
    ht_cb_set_finalized(bench, full);
    struct ht_cb_header header;
    ht_cb_read(bench, &header, ht_cb_kind(HT_BLOCK_LATEST), 0);
    bench->questions = 0;
    return full;
}

/* --- asking ----------------------------------------------------------------------------------- */

static void body_and_receipts_come_with_one_read(void **state) {
    struct ht_cb *bench = *state;
    const struct ht_cw_block *full = make_full(bench, NULL);
    read_block(bench, &one, full, true, true);
    assert_int_equal(bench->questions, 2);
    assert_string_equal(one.read.source, "peer 0");
    assert_true(one.read.is_final);
    expect_block(&one, full);
}

static void what_memory_has_is_not_asked_for_again(void **state) {
    struct ht_cb *bench = *state;
    const struct ht_cw_block *full = make_full(bench, NULL);
    read_block(bench, &one, full, true, false);
    expect_block(&one, full);
    assert_int_equal(ht_cb_asked(bench, "eth_getBlockReceipts"), 0);
    read_block(bench, &one, full, false, true);
    expect_block(&one, full);
    assert_int_equal(bench->questions, 2);
    start(bench, &one, full, true, true);
    assert_int_equal(one.done, 1);
    expect_block(&one, full);
    struct ht_blocks_counts counts = ht_blocks_counts(bench->blocks);
    assert_int_equal(counts.bodies, 1);
    assert_int_equal(counts.receipts, 1);
    assert_int_equal(counts.hits, 1);
    assert_int_equal(counts.misses, 2);
    assert_true(counts.bytes > 0);
}

static void a_header_alone_takes_no_question_of_its_own(void **state) {
    struct ht_cb *bench = *state;
    const struct ht_cw_block *full = make_full(bench, NULL);
    read_block(bench, &one, full, false, false);
    expect_block(&one, full);
    assert_int_equal(bench->questions, 0);
}

static void two_readers_share_one_question(void **state) {
    struct ht_cb *bench = *state;
    const struct ht_cw_block *full = make_full(bench, NULL);
    start(bench, &one, full, true, true);
    start(bench, &two, full, true, false);
    assert_int_equal(one.done + two.done, 0);
    ht_cb_settle(bench);
    assert_int_equal(bench->questions, 2);
    assert_ptr_equal(one.read.body, two.read.body);
    expect_block(&one, full);
    expect_block(&two, full);
}

static void an_empty_block_takes_no_question(void **state) {
    struct ht_cb *bench = *state;
    make_full(bench, NULL);
    start(bench, &one, bench->head, true, true);
    assert_int_equal(one.done, 1);
    assert_int_equal(bench->questions, 0);
    expect_block(&one, bench->head);
}

static void without_transactions(struct ht_block_maker *maker) {
    maker->count = 0;
    maker->header.gas_used = 0;
}

static void a_block_with_withdrawals_alone_is_asked_for_its_body_only(void **state) {
    struct ht_cb *bench = *state;
    const struct ht_cw_block *full = make_full(bench, without_transactions);
    read_block(bench, &one, full, true, true);
    assert_int_equal(bench->questions, 1);
    assert_int_equal(one.read.body->withdrawal_count, 2);
    expect_block(&one, full);
}

/* --- what does not hold ----------------------------------------------------------------------- */

static json_t *say_less(struct ht_cb *bench, const char *method, const json_t *params,
                        json_t *honest) {
    (void)bench;
    (void)params;
    json_t *copy = json_deep_copy(honest);
    json_decref(honest);
    if (strcmp(method, "eth_getBlockReceipts") == 0) {
        json_array_remove(copy, json_array_size(copy) - 1);
    } else if (strcmp(method, "eth_getBlockByHash") == 0) {
        json_array_remove(json_object_get(copy, "transactions"), 1);
    }
    return copy;
}

static void what_leaves_something_out_is_a_fault_and_the_next_is_asked(void **state) {
    struct ht_cb *bench = *state;
    const struct ht_cw_block *full = make_full(bench, NULL);
    bench->peer_count = 2;
    bench->peers[0].say = say_less;
    read_block(bench, &one, full, true, false);
    assert_string_equal(bench->peers[0].fault.code, "body_transactions");
    assert_string_equal(one.read.source, "peer 1");
    expect_block(&one, full);
    read_block(bench, &one, full, false, true);
    assert_string_equal(bench->peers[0].fault.code, "body_receipts");
    assert_int_equal(bench->peers[0].faults, 2);
    expect_block(&one, full);
}

static void a_block_that_nobody_has_is_not_to_be_had(void **state) {
    struct ht_cb *bench = *state;
    const struct ht_cw_block *full = make_full(bench, NULL);
    bench->peers[0].knows_not = "eth_getBlockReceipts";
    read_block(bench, &one, full, true, true);
    expect_failed(&one, HT_ENET, "block_not_found");
    bench->peers[0].knows_not = NULL;
    bench->peers[0].lacks_method = "eth_getBlockReceipts";
    read_block(bench, &one, full, true, true);
    expect_failed(&one, HT_ENET, "no_method");
    bench->peers[0].lacks_method = NULL;
    read_block(bench, &one, full, true, true);
    expect_block(&one, full);
}

static void errors_of_the_header_are_the_reads(void **state) {
    struct ht_cb *bench = *state;
    make_full(bench, NULL);
    const struct ht_cw_block *next = ht_cw_add(&bench->world, bench->head, 0, NULL, 0);
    read_block(bench, &one, next, true, true);
    expect_failed(&one, HT_ENOTFOUND, "block_in_future");
}

/* Gives a block of the world the receipts of another. */
static void set_receipts(struct ht_cw_block *block, const struct ht_block_maker *other) {
    struct ht_block_maker *maker = block->maker;
    json_t *header = NULL;
    maker->header.receipts_root = other->header.receipts_root;
    ht_bm_verify(&maker->verified, &maker->header);
    assert_int_equal(ht_exec_header_to_json(&header, &maker->header, &maker->verified.hash), HT_OK);
    json_object_update(maker->block, header);
    json_decref(header);
    json_array_clear(maker->receipts_json);
    for (size_t i = 0; i < other->count; i++) {
        struct ht_receipt_place place = {.block_hash = maker->verified.hash,
                                         .block_number = maker->header.number,
                                         .transaction_index = i,
                                         .transaction = &maker->transactions[i]};
        json_t *one_json = NULL;
        assert_int_equal(ht_receipt_to_json(&one_json, &other->receipts[i], &place), HT_OK);
        json_array_append_new(maker->receipts_json, one_json);
    }
    block->verified = maker->verified;
}

static void a_block_with_fewer_receipts_than_transactions_is_refused(void **state) {
    struct ht_cb *bench = *state;
    struct ht_block_maker other;
    struct ht_cw_block *base = ht_cw_add(&bench->world, NULL, FIRST, NULL, 0);
    struct ht_cw_block *full = ht_cw_add_full(&bench->world, base, 0, NULL, NULL);
    ht_bm_init(&other, HT_EXEC_LAYOUT_PRAGUE);
    other.count--;
    ht_bm_finish(&other);
    set_receipts(full, &other);
    ht_cb_set_head(bench, full);
    read_block(bench, &one, full, true, true);
    expect_failed(&one, HT_EUNVERIFIED, "receipt_count");
    start(bench, &one, full, true, true);
    assert_int_equal(one.done, 1);
    expect_failed(&one, HT_EUNVERIFIED, "receipt_count");
    ht_bm_fini(&other);
}

/* --- keeping ---------------------------------------------------------------------------------- */

static uint8_t large[200000];

static void make_large(struct ht_block_maker *maker) {
    maker->count = 3;
    for (size_t i = 0; i < maker->count; i++) {
        maker->transactions[i].data = ht_bytes_of(large, sizeof large);
    }
}

static void memory_stays_below_its_bound_and_the_oldest_goes_first(void **state) {
    struct ht_cb *bench = *state;
    const struct ht_cw_block *head = ht_cw_add(&bench->world, NULL, FIRST, NULL, 0);
    for (size_t i = 0; i < 30; i++) {
        head = ht_cw_add_full(&bench->world, head, 0, NULL, make_large);
    }
    ht_cb_set_head(bench, head);
    ht_cb_set_finalized(bench, head);
    for (uint64_t i = 1; i <= 30; i++) {
        const struct ht_cw_block *block = ht_cw_at(head, FIRST + i);
        read_block(bench, &one, block, true, true);
        expect_block(&one, block);
        assert_true(ht_blocks_counts(bench->blocks).bytes <= HT_BLOCKS_MEMORY_MAX);
    }
    size_t bodies = ht_blocks_counts(bench->blocks).bodies;
    assert_true(bodies >= 5 && bodies < 25);
    bench->questions = 0;
    read_block(bench, &one, head, true, true);
    expect_block(&one, head);
    assert_int_equal(bench->questions, 0);
    read_block(bench, &one, ht_cw_at(head, FIRST + 1), true, false);
    expect_block(&one, ht_cw_at(head, FIRST + 1));
    assert_int_equal(bench->questions, 1);
}

static void receipts_are_kept_on_disk_over_a_restart(void **state) {
    struct ht_cb *bench = *state;
    const struct ht_cw_block *full = make_full(bench, NULL);
    read_block(bench, &one, full, true, true);
    expect_block(&one, full);
    assert_int_equal(ht_blocks_counts(bench->blocks).kept, 1);
    ht_cb_reopen(bench);
    struct ht_cb_header header;
    ht_cb_read(bench, &header, ht_cb_kind(HT_BLOCK_LATEST), 0);
    bench->questions = 0;
    read_block(bench, &one, full, false, true);
    assert_string_equal(one.read.source, "kept");
    expect_block(&one, full);
    assert_int_equal(bench->questions, 0);
    read_block(bench, &one, full, true, true);
    expect_block(&one, full);
    assert_int_equal(bench->questions, 1);
}

static void reads_that_are_left_end_when_the_node_stops(void **state) {
    struct ht_cb *bench = *state;
    const struct ht_cw_block *full = make_full(bench, NULL);
    start(bench, &one, full, true, true);
    start(bench, &two, full, false, true);
    ht_cb_close(bench);
    assert_int_equal(one.done + two.done, 2);
    expect_failed(&one, HT_EDENIED, "stopping");
    expect_failed(&two, HT_EDENIED, "stopping");
}

/* --- prices ----------------------------------------------------------------------------------- */

static void blob_gas_has_a_price_where_there_are_blobs(void **state) {
    struct ht_cb *bench = *state;
    struct ht_exec_header_verified header = {.header = bench->world.empty};
    ht_u256 price = ht_u256_of(7);
    header.header.timestamp = 1600000000;
    ht_blocks_blob_price(&price, bench->blocks, &header);
    assert_true(ht_u256_is_zero(&price));
    header.header.timestamp = 1750000000;
    header.header.excess_blob_gas = 50000000;
    ht_blocks_blob_price(&price, bench->blocks, &header);
    assert_false(ht_u256_is_zero(&price));
    assert_ptr_equal(ht_blocks_chain(bench->blocks), bench->chain);
}

#define WITH(test) cmocka_unit_test_setup_teardown(test, ht_cb_new, ht_cb_free)
#define WITH_DISK(test) cmocka_unit_test_setup_teardown(test, ht_cb_new_with_disk, ht_cb_free)

int main(void) {
    const struct CMUnitTest tests[] = {
        WITH(body_and_receipts_come_with_one_read),
        WITH(what_memory_has_is_not_asked_for_again),
        WITH(a_header_alone_takes_no_question_of_its_own),
        WITH(two_readers_share_one_question),
        WITH(an_empty_block_takes_no_question),
        WITH(a_block_with_withdrawals_alone_is_asked_for_its_body_only),
        WITH(what_leaves_something_out_is_a_fault_and_the_next_is_asked),
        WITH(a_block_that_nobody_has_is_not_to_be_had),
        WITH(errors_of_the_header_are_the_reads),
        WITH(a_block_with_fewer_receipts_than_transactions_is_refused),
        WITH(memory_stays_below_its_bound_and_the_oldest_goes_first),
        WITH_DISK(receipts_are_kept_on_disk_over_a_restart),
        WITH(reads_that_are_left_end_when_the_node_stops),
        WITH(blob_gas_has_a_price_where_there_are_blobs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
