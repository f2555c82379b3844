/* Sending transactions: what is refused, kept first, given to several, and followed to finality. */
#include "tests/unit/chain_fakes.h"

#define FIRST 1000U
#define NONCE 5U

struct sending {
    struct ht_send send; /* first */
    unsigned done;
};

static struct sending one;
static struct ht_outbox *outbox;
static unsigned changes;
static struct ht_transaction tx;
static struct ht_buf raw;
static ht_addr20 sender;

static void on_change(void *user) {
    (void)user;
    changes++;
}

static void sent(struct ht_send *send) {
    ((struct sending *)send)->done++;
}

/* --- the scene -------------------------------------------------------------------------------- */

static void sign_transaction(void) {
    tx.is_signed = true;
    tx.s = ht_u256_of(1);
    uint64_t r = 1;
    for (tx.r = ht_u256_of(r); ht_tx_sender(&sender, &tx, HT_ECDSA_ANY_S, NULL) != HT_OK;) {
        tx.r = ht_u256_of(++r);
    }
    ht_buf_fini(&raw);
    ht_buf_init(&raw, 10000);
    assert_int_equal(ht_tx_encode(&raw, &tx), HT_OK);
}

/* A transfer of `wei`, signed by whomever that signature makes the sender. */
static void make_transaction(uint64_t wei) {
    tx = (struct ht_transaction){.type = HT_TX_FEE_MARKET,
                                 .has_chain_id = true,
                                 .chain_id = 5,
                                 .nonce = NONCE,
                                 .gas_limit = 21000,
                                 .max_fee_per_gas = ht_u256_of(2000),
                                 .max_priority_fee_per_gas = ht_u256_of(1),
                                 .to = {{0x70}},
                                 .value = ht_u256_of(wei)};
    sign_transaction();
}

static struct ht_cw_state *state_with(struct ht_cb *bench, uint64_t nonce, uint64_t wei) {
    struct ht_cw_state *state = ht_cw_state(&bench->world);
    (void)ht_cw_account(state, &sender, nonce, wei);
    ht_cw_state_finish(state);
    return state;
}

static void open_outbox(struct ht_cb *bench) {
    struct ht_outbox_options options = {.loop = bench->loop,
                                        .blocks = bench->blocks,
                                        .state = bench->state,
                                        .writer = bench->writer,
                                        .on_change = on_change};
    sqlite3 *db = NULL;
    if (bench->has_disk) assert_int_equal(ht_db_open_reader(&db, bench->path, NULL), HT_OK);
    assert_int_equal(ht_outbox_new(&outbox, &options, db, NULL), HT_OK);
    ht_db_close(db);
}

/* A final block, and the head, where the sender has that nonce and 10^9 wei. */
static void make_scene(struct ht_cb *bench, uint64_t nonce) {
    make_transaction(1000);
    const struct ht_cw_block *base =
        ht_cw_add(&bench->world, NULL, FIRST, state_with(bench, nonce, 1000000000), 0);
    ht_cb_set_head(bench, ht_cw_add(&bench->world, base, 0, base->state, 0));
    ht_cb_set_finalized(bench, base);
    changes = 0;
    open_outbox(bench);
}

static int make(void **state) {
    outbox = NULL;
    return ht_cb_new(state);
}

static int make_with_disk(void **state) {
    outbox = NULL;
    return ht_cb_new_with_disk(state);
}

static int end(void **state) {
    ht_cb_close(*state);
    ht_outbox_free(outbox);
    ht_buf_fini(&raw);
    return ht_cb_free(state);
}

static void start_send(void) {
    one = (struct sending){.send = {.raw = ht_buf_view(&raw), .done = sent}};
    ht_outbox_send(outbox, &one.send);
}

static void send_it(struct ht_cb *bench) {
    start_send();
    ht_cb_settle(bench);
    assert_int_equal(one.done, 1);
}

static void expect_sent(void) {
    ht_hash32 hash;
    if (one.send.err != HT_OK) fail_msg("%s: %s", one.send.why.code, one.send.why.text);
    assert_int_equal(ht_tx_hash(&hash, &tx), HT_OK);
    assert_memory_equal(one.send.hash.b, hash.b, 32);
}

/* The first transaction's member of l1.outbox; the caller drops it. NULL when there is none. */
static json_t *first_item(void) {
    json_t *json = NULL;
    assert_int_equal(ht_outbox_json(outbox, &json, NULL), HT_OK);
    json_t *item = json_incref(json_array_get(json_object_get(json, "transactions"), 0));
    json_decref(json);
    return item;
}

static void expect_state(const char *wanted, bool has_block) {
    json_t *item = first_item();
    assert_non_null(item);
    assert_string_equal(json_string_value(json_object_get(item, "state")), wanted);
    assert_int_equal(json_is_object(json_object_get(item, "block")), has_block);
    assert_int_equal(json_is_true(json_object_get(item, "succeeded")), has_block);
    json_decref(item);
}

static void expect_takers(size_t count) {
    json_t *item = first_item();
    assert_int_equal(json_array_size(json_object_get(item, "providers")), count);
    json_decref(item);
}

static void expect_nothing_kept(void) {
    json_t *item = first_item();
    assert_null(item);
}

static void hold_transaction(struct ht_block_maker *maker) {
    maker->count = 1;
    maker->transactions[0] = tx;
    maker->receipts[0].type = tx.type;
    maker->receipts[0].is_success = true;
}

static void move_to(struct ht_cb *bench, const struct ht_cw_block *head) {
    ht_cb_head(bench, head);
    ht_cb_settle(bench);
}

/* The next block holds the transaction. */
static const struct ht_cw_block *include(struct ht_cb *bench) {
    const struct ht_cw_block *block = ht_cw_add_full(
        &bench->world, bench->head, 0, state_with(bench, NONCE + 1, 500), hold_transaction);
    move_to(bench, block);
    return block;
}

/* An empty block more on top of the head, with the head's state. */
static void add_empty(struct ht_cb *bench) {
    move_to(bench, ht_cw_add(&bench->world, bench->head, 0, bench->head->state, 0));
}

/* --- refusals --------------------------------------------------------------------------------- */

static void a_nonce_that_was_used_is_refused(void **state) {
    struct ht_cb *bench = *state;
    make_scene(bench, NONCE + 1);
    send_it(bench);
    ht_cb_expect(one.send.err, &one.send.why, HT_EDENIED, "nonce_too_low");
    assert_int_equal(ht_cb_asked(bench, "eth_sendRawTransaction"), 0);
    expect_nothing_kept();
}

static void what_the_account_cannot_pay_is_refused(void **state) {
    struct ht_cb *bench = *state;
    make_scene(bench, NONCE);
    bench->sync.view.has_store = true;
    const struct ht_cw_block *poor =
        ht_cw_add(&bench->world, bench->head, 0, state_with(bench, NONCE, 42000999), 0);
    ht_cb_set_head(bench, poor); /* 21000 * 2000 + 1000 are needed */
    send_it(bench);
    ht_cb_expect(one.send.err, &one.send.why, HT_EDENIED, "insufficient_funds");
    assert_int_equal(ht_cb_asked(bench, "eth_sendRawTransaction"), 0);
}

static void what_is_no_transaction_or_of_another_chain_is_refused(void **state) {
    struct ht_cb *bench = *state;
    make_scene(bench, NONCE);
    bench->sync.network.chain_id = 6;
    send_it(bench);
    ht_cb_expect(one.send.err, &one.send.why, HT_EDENIED, "tx_wrong_chain");
    raw.n--;
    send_it(bench);
    assert_int_equal(one.send.err, HT_EINPUT);
    assert_int_equal(bench->questions, 0);
}

static void when_all_refuse_it_the_sender_hears_their_words(void **state) {
    struct ht_cb *bench = *state;
    make_scene(bench, NONCE);
    bench->peer_count = 2;
    bench->peers[0].refusal = "replacement transaction underpriced";
    bench->peers[0].refuses = "eth_sendRawTransaction";
    bench->peers[1] = bench->peers[0];
    send_it(bench);
    ht_cb_expect(one.send.err, &one.send.why, HT_EDENIED, "refused");
    assert_non_null(strstr(one.send.why.text, "underpriced"));
    assert_int_equal(ht_cb_asked(bench, "eth_sendRawTransaction"), 3);
    expect_nothing_kept();
}

static void when_nobody_can_be_asked_it_is_not_sent(void **state) {
    struct ht_cb *bench = *state;
    make_scene(bench, NONCE);
    bench->peers[0].lacks_method = "eth_sendRawTransaction";
    send_it(bench);
    ht_cb_expect(one.send.err, &one.send.why, HT_ENET, "no_method");
    expect_nothing_kept();
}

static void an_account_that_cannot_be_proven_keeps_it_from_being_sent(void **state) {
    struct ht_cb *bench = *state;
    make_scene(bench, NONCE);
    bench->peers[0].lacks_state = true;
    send_it(bench);
    ht_cb_expect(one.send.err, &one.send.why, HT_ENET, "state_pruned");
    assert_int_equal(ht_cb_asked(bench, "eth_sendRawTransaction"), 0);
}

/* --- sending ---------------------------------------------------------------------------------- */

static void it_tells_who_gets_how_much(void **state) {
    struct ht_cb *bench = *state;
    make_scene(bench, NONCE);
    send_it(bench);
    expect_sent();
    json_t *item = first_item();
    assert_string_equal(json_string_value(json_object_get(item, "to")),
                        "0x7000000000000000000000000000000000000000");
    assert_string_equal(json_string_value(json_object_get(item, "value")), "1000");
    json_decref(item);
}

static void it_has_no_recipient_when_it_makes_a_contract(void **state) {
    struct ht_cb *bench = *state;
    static const uint8_t code[] = {0x00};
    make_scene(bench, NONCE);
    tx.is_creation = true;
    tx.to = (ht_addr20){{0}};
    tx.data = HT_BYTES(code);
    tx.gas_limit = 60000;
    sign_transaction();
    ht_cb_set_head(
        bench, ht_cw_add(&bench->world, bench->head, 0, state_with(bench, NONCE, 1000000000), 0));
    send_it(bench);
    expect_sent();
    json_t *item = first_item();
    assert_true(json_is_null(json_object_get(item, "to")));
    json_decref(item);
}

static void it_is_given_to_several_and_taken_with_the_first(void **state) {
    struct ht_cb *bench = *state;
    make_scene(bench, NONCE);
    bench->peer_count = 3;
    send_it(bench);
    expect_sent();
    assert_int_equal(ht_cb_asked(bench, "eth_sendRawTransaction"), 3);
    expect_state("sent", false);
    expect_takers(3);
    assert_true(changes > 0);
}

static void one_that_has_it_already_counts_as_taking_it(void **state) {
    struct ht_cb *bench = *state;
    make_scene(bench, NONCE);
    bench->peer_count = 2;
    bench->peers[0].refusal = "already known";
    bench->peers[1].refusal = "transaction pool is full";
    bench->peers[0].refuses = "eth_sendRawTransaction";
    bench->peers[1].refuses = "eth_sendRawTransaction";
    send_it(bench);
    expect_sent();
    expect_takers(1);
}

static json_t *say_other_hash(struct ht_cb *bench, const char *method, const json_t *params,
                              json_t *honest) {
    (void)bench;
    (void)params;
    if (strcmp(method, "eth_sendRawTransaction") != 0) return honest;
    json_decref(honest);
    return json_string("0x7777777777777777777777777777777777777777777777777777777777777777");
}

static void who_names_another_hash_has_not_taken_it(void **state) {
    struct ht_cb *bench = *state;
    make_scene(bench, NONCE);
    bench->peer_count = 2;
    bench->peers[0].say = say_other_hash;
    send_it(bench);
    expect_sent();
    expect_takers(1);
    assert_true(bench->peers[0].faults > 0);
    assert_string_equal(bench->peers[0].fault.code, "tx_hash_differs");
}

static void one_that_is_under_way_is_sent_again_without_an_error(void **state) {
    struct ht_cb *bench = *state;
    make_scene(bench, NONCE);
    send_it(bench);
    unsigned before = ht_cb_asked(bench, "eth_sendRawTransaction");
    send_it(bench);
    expect_sent();
    assert_true(ht_cb_asked(bench, "eth_sendRawTransaction") > before);
}

static void one_that_is_being_checked_is_not_sent_twice(void **state) {
    struct ht_cb *bench = *state;
    static struct sending other;
    make_scene(bench, NONCE);
    start_send();
    other = (struct sending){.send = {.raw = ht_buf_view(&raw), .done = sent}};
    ht_outbox_send(outbox, &other.send);
    assert_int_equal(other.done, 1);
    ht_cb_expect(other.send.err, &other.send.why, HT_EAGAIN, "tx_busy");
    ht_cb_settle(bench);
    expect_sent();
}

/* --- keeping ---------------------------------------------------------------------------------- */

static void run_sql(struct ht_cb *bench, const char *sql) {
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open(bench->path, &db), SQLITE_OK);
    sqlite3_busy_timeout(db, 5000);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

static void one_that_cannot_be_kept_is_not_sent(void **state) {
    struct ht_cb *bench = *state;
    make_scene(bench, NONCE);
    ht_cb_settle(bench);
    run_sql(bench, "DROP TABLE outbox");
    send_it(bench);
    ht_cb_expect(one.send.err, &one.send.why, HT_ESTORE, "database_failed");
    assert_int_equal(ht_cb_asked(bench, "eth_sendRawTransaction"), 0);
    expect_nothing_kept();
}

/* As a restart of the node. */
static void restart(struct ht_cb *bench) {
    ht_cb_close(bench);
    ht_outbox_free(outbox);
    outbox = NULL;
    ht_cb_reopen(bench);
    open_outbox(bench);
    ht_cb_settle(bench);
}

static void one_under_way_is_followed_after_a_restart(void **state) {
    struct ht_cb *bench = *state;
    make_scene(bench, NONCE);
    send_it(bench);
    expect_sent();
    restart(bench);
    expect_state("sent", false);
    include(bench);
    expect_state("included", true);
    restart(bench);
    expect_state("included", true);
}

static void one_that_was_refused_is_not_there_after_a_restart(void **state) {
    struct ht_cb *bench = *state;
    make_scene(bench, NONCE);
    bench->peers[0].refusal = "no";
    bench->peers[0].refuses = "eth_sendRawTransaction";
    send_it(bench);
    assert_int_equal(one.send.err, HT_EDENIED);
    restart(bench);
    expect_nothing_kept();
}

static void one_that_is_being_given_when_the_node_stops_is_followed_afterwards(void **state) {
    struct ht_cb *bench = *state;
    make_scene(bench, NONCE);
    bench->held = "eth_sendRawTransaction";
    start_send();
    ht_cb_settle(bench);
    assert_int_equal(one.done, 0);
    restart(bench);
    assert_int_equal(one.done, 1);
    ht_cb_expect(one.send.err, &one.send.why, HT_EDENIED, "stopping");
    expect_state("sent", false);
}

/* --- where it ends up ------------------------------------------------------------------------- */

static void it_is_followed_into_a_block_and_to_finality(void **state) {
    struct ht_cb *bench = *state;
    make_scene(bench, NONCE);
    send_it(bench);
    add_empty(bench);
    expect_state("sent", false);
    const struct ht_cw_block *block = include(bench);
    expect_state("included", true);
    ht_cb_set_finalized(bench, block);
    add_empty(bench);
    expect_state("finalized", true);
    unsigned before = changes;
    add_empty(bench);
    assert_int_equal(changes, before);
}

static void a_reorganisation_takes_it_out_again(void **state) {
    struct ht_cb *bench = *state;
    make_scene(bench, NONCE);
    send_it(bench);
    const struct ht_cw_block *before = bench->head;
    include(bench);
    expect_state("included", true);
    const struct ht_cw_block *other = ht_cw_add(&bench->world, before, 0, before->state, 1);
    move_to(bench, ht_cw_add(&bench->world, other, 0, before->state, 1));
    expect_state("sent", false);
    unsigned told = changes;
    include(bench);
    expect_state("included", true);
    assert_true(changes > told);
}

static void another_of_the_same_nonce_replaces_it_at_finality(void **state) {
    struct ht_cb *bench = *state;
    make_scene(bench, NONCE);
    send_it(bench);
    const struct ht_cw_block *used =
        ht_cw_add(&bench->world, bench->head, 0, state_with(bench, NONCE + 1, 7), 0);
    move_to(bench, used);
    expect_state("sent", false);
    ht_cb_set_finalized(bench, used);
    add_empty(bench);
    expect_state("replaced", false);
}

static json_t *say_pending(struct ht_cb *bench, const char *method, const json_t *params,
                           json_t *honest) {
    (void)bench;
    (void)params;
    if (strcmp(method, "eth_getTransactionByHash") != 0 || json_is_null(honest)) return honest;
    json_object_set_new(honest, "blockHash", json_null());
    return honest;
}

static void one_that_somebody_calls_pending_is_not_taken_for_replaced(void **state) {
    struct ht_cb *bench = *state;
    make_scene(bench, NONCE);
    send_it(bench);
    bench->peers[0].say = say_pending;
    const struct ht_cw_block *block = include(bench);
    expect_state("sent", false);
    ht_cb_set_finalized(bench, block);
    add_empty(bench);
    expect_state("sent", false);
    bench->peers[0].say = NULL;
    add_empty(bench);
    expect_state("finalized", true);
}

static void one_that_is_missing_is_sent_again_after_eight_heads(void **state) {
    struct ht_cb *bench = *state;
    make_scene(bench, NONCE);
    send_it(bench);
    unsigned before = ht_cb_asked(bench, "eth_sendRawTransaction");
    for (unsigned i = 0; i < 7; i++) add_empty(bench);
    assert_int_equal(ht_cb_asked(bench, "eth_sendRawTransaction"), before);
    add_empty(bench);
    add_empty(bench);
    assert_true(ht_cb_asked(bench, "eth_sendRawTransaction") > before);
    expect_state("sent", false);
    expect_takers(1);
}

#define WITH(test) cmocka_unit_test_setup_teardown(test, make, end)
#define WITH_DISK(test) cmocka_unit_test_setup_teardown(test, make_with_disk, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        WITH(a_nonce_that_was_used_is_refused),
        WITH(what_the_account_cannot_pay_is_refused),
        WITH(what_is_no_transaction_or_of_another_chain_is_refused),
        WITH(when_all_refuse_it_the_sender_hears_their_words),
        WITH(when_nobody_can_be_asked_it_is_not_sent),
        WITH(an_account_that_cannot_be_proven_keeps_it_from_being_sent),
        WITH(it_tells_who_gets_how_much),
        WITH(it_has_no_recipient_when_it_makes_a_contract),
        WITH(it_is_given_to_several_and_taken_with_the_first),
        WITH(one_that_has_it_already_counts_as_taking_it),
        WITH(who_names_another_hash_has_not_taken_it),
        WITH(one_that_is_under_way_is_sent_again_without_an_error),
        WITH(one_that_is_being_checked_is_not_sent_twice),
        WITH_DISK(one_that_cannot_be_kept_is_not_sent),
        WITH_DISK(one_under_way_is_followed_after_a_restart),
        WITH_DISK(one_that_was_refused_is_not_there_after_a_restart),
        WITH_DISK(one_that_is_being_given_when_the_node_stops_is_followed_afterwards),
        WITH(it_is_followed_into_a_block_and_to_finality),
        WITH(a_reorganisation_takes_it_out_again),
        WITH(another_of_the_same_nonce_replaces_it_at_finality),
        WITH(one_that_somebody_calls_pending_is_not_taken_for_replaced),
        WITH(one_that_is_missing_is_sent_again_after_eight_heads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
