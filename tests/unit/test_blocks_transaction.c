/* Transactions by their hash: who shows one names a block, and the proven block decides. */
#include "tests/unit/chain_fakes.h"

#include "node/base/hex.h"
#include "node/l1/blocks_transaction.h"

#define FIRST 100U

struct tx {
    struct ht_transaction_read read; /* first */
    unsigned done;
};

static struct tx one;

static void done(struct ht_transaction_read *read) {
    ((struct tx *)read)->done++;
}

static void start(struct ht_cb *bench, const ht_hash32 *hash, bool wants_receipt) {
    one = (struct tx){.read = {.hash = *hash, .wants_receipt = wants_receipt, .done = done}};
    ht_blocks_read_transaction(bench->blocks, &one.read);
}

static void read_tx(struct ht_cb *bench, const ht_hash32 *hash, bool wants_receipt) {
    start(bench, hash, wants_receipt);
    ht_cb_settle(bench);
    assert_int_equal(one.done, 1);
}

static ht_hash32 hash_of(const struct ht_cw_block *block, size_t index) {
    ht_hash32 hash;
    assert_int_equal(ht_tx_hash(&hash, &block->maker->transactions[index]), HT_OK);
    return hash;
}

/* An empty block, a full one, and three more; the head. The first is final. */
static const struct ht_cw_block *make_full(struct ht_cb *bench) {
    struct ht_cw *world = &bench->world;
    const struct ht_cw_block *base = ht_cw_add(world, NULL, FIRST, NULL, 0);
    const struct ht_cw_block *full = ht_cw_add_full(world, base, 0, NULL, NULL);
    ht_cb_set_head(bench, ht_cw_add_row(world, full, 3, 0));
    ht_cb_set_finalized(bench, base);
    return full;
}

static void expect_at(const struct ht_cw_block *block, size_t index) {
    const struct ht_transaction_read *read = &one.read;
    if (read->err != HT_OK) fail_msg("%s: %s", read->why.code, read->why.text);
    assert_int_equal(read->index, index);
    assert_memory_equal(read->block.header.hash.b, block->verified.hash.b, 32);
    assert_memory_equal(read->block.body->hashes[index].b, read->hash.b, 32);
    assert_int_equal(read->block.receipts != NULL, read->wants_receipt);
    ht_transaction_read_fini(&one.read);
}

static void expect_failed(enum ht_err err, const char *code) {
    ht_cb_expect(one.read.err, &one.read.why, err, code);
    assert_null(one.read.block.body);
    ht_transaction_read_fini(&one.read);
}

static void a_transaction_is_found_in_the_block_that_was_named(void **state) {
    struct ht_cb *bench = *state;
    const struct ht_cw_block *full = make_full(bench);
    ht_hash32 hash = hash_of(full, 2);
    read_tx(bench, &hash, true);
    assert_string_equal(one.read.block.source, "peer 0");
    expect_at(full, 2);
}

static void one_of_a_body_in_memory_takes_no_question(void **state) {
    struct ht_cb *bench = *state;
    const struct ht_cw_block *full = make_full(bench);
    ht_hash32 hash = hash_of(full, 2);
    read_tx(bench, &hash, true);
    expect_at(full, 2);
    bench->questions = 0;
    hash = hash_of(full, 4);
    start(bench, &hash, true);
    assert_int_equal(one.done, 1);
    expect_at(full, 4);
    assert_int_equal(bench->questions, 0);
}

/* Changes what the provider says of a transaction's place. */
static json_t *set(const char *method, json_t *honest, const char *name, const char *value) {
    if (strcmp(method, "eth_getTransactionByHash") != 0) return honest;
    json_object_set_new(honest, name, value != NULL ? json_string(value) : json_null());
    return honest;
}

static json_t *say_other_index(struct ht_cb *bench, const char *method, const json_t *params,
                               json_t *honest) {
    (void)bench;
    (void)params;
    return set(method, honest, "transactionIndex", "0x77");
}

static void one_claimed_at_the_wrong_place_is_found_all_the_same(void **state) {
    struct ht_cb *bench = *state;
    const struct ht_cw_block *full = make_full(bench);
    ht_hash32 hash = hash_of(full, 1);
    bench->peers[0].say = say_other_index;
    read_tx(bench, &hash, false);
    expect_at(full, 1);
    assert_int_equal(bench->peers[0].faults, 0);
}

static json_t *say_other_block(struct ht_cb *bench, const char *method, const json_t *params,
                               json_t *honest) {
    char text[HT_HEX_SIZE(32)];
    (void)params;
    ht_hex_write(text, HT_BYTES(bench->head->verified.hash.b));
    return set(method, honest, "blockHash", text);
}

static void who_names_a_block_that_does_not_hold_it_is_blamed_and_the_next_asked(void **state) {
    struct ht_cb *bench = *state;
    const struct ht_cw_block *full = make_full(bench);
    ht_hash32 hash = hash_of(full, 3);
    bench->peer_count = 3;
    bench->peers[0].say = say_other_block;
    bench->peers[1].say = say_other_block;
    read_tx(bench, &hash, true);
    expect_at(full, 3);
    assert_int_equal(bench->peers[0].faults, 1);
    assert_string_equal(bench->peers[0].fault.code, "tx_not_in_block");
    assert_int_equal(bench->peers[1].faults, 1);
    assert_int_equal(bench->peers[2].faults, 0);
}

static json_t *say_no_such_block(struct ht_cb *bench, const char *method, const json_t *params,
                                 json_t *honest) {
    (void)bench;
    (void)params;
    return set(method, honest, "blockHash",
               "0x7777777777777777777777777777777777777777777777777777777777777777");
}

static void when_a_block_is_named_that_nobody_knows_the_next_is_asked(void **state) {
    struct ht_cb *bench = *state;
    const struct ht_cw_block *full = make_full(bench);
    ht_hash32 hash = hash_of(full, 3);
    bench->peer_count = 2;
    bench->peers[0].say = say_no_such_block;
    read_tx(bench, &hash, true);
    expect_at(full, 3);
    bench->peer_count = 1;
    hash = (ht_hash32){{5}};
    read_tx(bench, &hash, true);
    expect_failed(HT_ENOTFOUND, "tx_not_found");
}

static json_t *say_pending(struct ht_cb *bench, const char *method, const json_t *params,
                           json_t *honest) {
    (void)bench;
    (void)params;
    return set(method, honest, "blockHash", NULL);
}

static void one_without_a_block_is_pending_and_shown_as_its_hash_covers_it(void **state) {
    struct ht_cb *bench = *state;
    const struct ht_cw_block *full = make_full(bench);
    ht_hash32 hash = hash_of(full, 2);
    bench->peers[0].say = say_pending;
    read_tx(bench, &hash, true);
    assert_non_null(one.read.pending);
    assert_string_equal(json_string_value(json_object_get(one.read.pending, "nonce")), "0x2");
    expect_failed(HT_ENOTFOUND, "tx_pending");
}

static void use_new_nonces(struct ht_block_maker *maker) {
    for (size_t i = 0; i < maker->count; i++) maker->transactions[i].nonce += 1000;
}

static void one_in_a_block_above_the_head_or_on_another_branch_is_pending(void **state) {
    struct ht_cb *bench = *state;
    make_full(bench);
    const struct ht_cw_block *head = bench->head;
    const struct ht_cw_block *next = ht_cw_add_full(&bench->world, head, 0, NULL, use_new_nonces);
    ht_hash32 hash = hash_of(next, 0);
    read_tx(bench, &hash, true);
    expect_failed(HT_ENOTFOUND, "tx_pending");
    ht_cb_set_head(bench, ht_cw_add_row(&bench->world, head, 3, 1));
    read_tx(bench, &hash, true);
    expect_failed(HT_ENOTFOUND, "tx_pending");
    assert_int_equal(bench->peers[0].faults, 0);
}

static json_t *say_other_value(struct ht_cb *bench, const char *method, const json_t *params,
                               json_t *honest) {
    (void)bench;
    (void)params;
    return set(method, honest, "value", "0x8888");
}

static void another_transaction_than_asked_for_is_a_fault(void **state) {
    struct ht_cb *bench = *state;
    const struct ht_cw_block *full = make_full(bench);
    ht_hash32 hash = hash_of(full, 3);
    bench->peer_count = 2;
    bench->peers[0].say = say_other_value;
    read_tx(bench, &hash, true);
    expect_at(full, 3);
    assert_int_equal(bench->peers[0].faults, 1);
}

static void one_that_nobody_knows_is_not_found(void **state) {
    struct ht_cb *bench = *state;
    const ht_hash32 hash = {{9}};
    make_full(bench);
    bench->peer_count = 2;
    read_tx(bench, &hash, true);
    expect_failed(HT_ENOTFOUND, "tx_not_found");
    bench->peer_count = 0;
    read_tx(bench, &hash, true);
    expect_failed(HT_ENET, "no_provider");
}

static void a_block_that_cannot_be_had_is_the_reads_error(void **state) {
    struct ht_cb *bench = *state;
    const struct ht_cw_block *full = make_full(bench);
    ht_hash32 hash = hash_of(full, 3);
    bench->peers[0].lacks_method = "eth_getBlockReceipts";
    read_tx(bench, &hash, true);
    expect_failed(HT_ENET, "no_method");
    read_tx(bench, &hash, false);
    expect_at(full, 3);
}

static void a_body_of_another_branch_in_memory_does_not_hide_the_right_one(void **state) {
    struct ht_cb *bench = *state;
    struct ht_cw *world = &bench->world;
    const struct ht_cw_block *base = ht_cw_add(world, NULL, FIRST, NULL, 0);
    const struct ht_cw_block *full = ht_cw_add_full(world, base, 0, NULL, NULL);
    ht_hash32 hash = hash_of(full, 3);
    ht_cb_set_head(bench, full);
    ht_cb_set_finalized(bench, base);
    read_tx(bench, &hash, true);
    expect_at(full, 3);
    const struct ht_cw_block *empty = ht_cw_add(world, base, 0, NULL, 3);
    ht_cb_set_head(bench, ht_cw_add(world, empty, 0, NULL, 0));
    read_tx(bench, &hash, true);
    expect_failed(HT_ENOTFOUND, "tx_pending");
}

#define WITH(test) cmocka_unit_test_setup_teardown(test, ht_cb_new, ht_cb_free)

int main(void) {
    const struct CMUnitTest tests[] = {
        WITH(a_transaction_is_found_in_the_block_that_was_named),
        WITH(one_of_a_body_in_memory_takes_no_question),
        WITH(one_claimed_at_the_wrong_place_is_found_all_the_same),
        WITH(who_names_a_block_that_does_not_hold_it_is_blamed_and_the_next_asked),
        WITH(when_a_block_is_named_that_nobody_knows_the_next_is_asked),
        WITH(one_without_a_block_is_pending_and_shown_as_its_hash_covers_it),
        WITH(one_in_a_block_above_the_head_or_on_another_branch_is_pending),
        WITH(another_transaction_than_asked_for_is_a_fault),
        WITH(one_that_nobody_knows_is_not_found),
        WITH(a_block_that_cannot_be_had_is_the_reads_error),
        WITH(a_body_of_another_branch_in_memory_does_not_hide_the_right_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
