/* Amending what waits: other fees and gas under the same id, and nothing signed under an old hash.
 */
#include "tests/unit/wallet_world.h"

#define LOWER "\"max_fee_per_gas\":\"15000000000\""

static struct ask asked, decided, amended;

static void ask_send(const char *more) {
    char params[1200];
    (void)snprintf(params, sizeof params,
                   "{\"from\":\"" OURS "\",\"to\":\"" STRANGER "\",\"value\":\"1000\"%s}", more);
    ask_owner(&asked, "wallet.send", params);
}

/* The first item, under that hash; more goes behind it. */
static void amend_under(const char *hash, const char *more) {
    char params[900];
    (void)snprintf(params, sizeof params, "{\"id\":\"%s\",\"payload_hash\":\"%s\"%s%s}",
                   json_string_value(queued(0, "id")), hash, *more != '\0' ? "," : "", more);
    ask_owner(&amended, "wallet.amend", params);
}

static void copy_hash(char out[static 80]) {
    (void)snprintf(out, 80, "%s", json_string_value(queued(0, "payload_hash")));
}

static void amend(const char *more) {
    char hash[80];
    copy_hash(hash);
    amend_under(hash, more);
}

/* Refused, and what waits is what it was. */
static void amend_is_refused(const char *more, int number, const char *code) {
    char before[80];
    copy_hash(before);
    amend(more);
    is_refused(&amended, number, code);
    assert_string_equal(json_string_value(queued(0, "payload_hash")), before);
    assert_int_equal(queue_size(), 1);
}

static void read_sent(struct ht_transaction *tx) {
    struct ht_arena arena;
    ht_arena_init(&arena, 1 << 20);
    assert_int_equal(ht_tx_decode(tx, &arena, ht_bytes_of(bench.sent_raw, bench.sent_n),
                                  HT_TX_NETWORK_FORM_REFUSE, NULL),
                     HT_OK);
    ht_arena_fini(&arena);
}

static void send_it(struct ht_transaction *tx) {
    ask_owner(&decided, "wallet.decide", decision(0, true, ""));
    bench_signer_answers();
    assert_string_equal(result_of(&decided), "{\"state\":\"signed\"}");
    read_sent(tx);
    bench_outbox_takes();
    (void)result_of(&asked);
}

static void is_wei(const ht_u256 *value, uint64_t wei) {
    ht_u256 want = ht_u256_of(wei);
    assert_true(ht_u256_equal(value, &want));
}

static void amend_makes_another_payload_under_the_same_id(void **state) {
    (void)state;
    char id[24], before[80];
    struct ht_transaction tx;
    ask_send("");
    (void)snprintf(id, sizeof id, "%s", json_string_value(queued(0, "id")));
    copy_hash(before);
    amend(LOWER ",\"max_priority_fee_per_gas\":\"0x3b9aca00\",\"gas_limit\":\"30000\"");
    assert_string_equal(json_string_value(queued(0, "id")), id);
    assert_string_not_equal(json_string_value(queued(0, "payload_hash")), before);
    assert_int_equal(queue_size(), 1);
    (void)result_of(&amended);
    send_it(&tx);
    is_wei(&tx.max_fee_per_gas, 15 * BENCH_GWEI);
    is_wei(&tx.max_priority_fee_per_gas, BENCH_GWEI);
    is_wei(&tx.value, 1000);
    assert_int_equal(tx.gas_limit, 30000);
    assert_int_equal(tx.nonce, 7);
}

static void amend_answers_the_item_as_the_queue_shows_it(void **state) {
    (void)state;
    ask_send("");
    amend(LOWER);
    json_t *topic = NULL;
    assert_int_equal(ht_queue_json(&bench.identity, &topic, NULL), HT_OK);
    const json_t *item = json_array_get(json_object_get(topic, "items"), 0);
    assert_true(json_equal(json_object_get(amended.reply, "result"), item));
    json_decref(topic);
    json_decref(amended.reply);
}

static void amend_keeps_what_it_does_not_name(void **state) {
    (void)state;
    struct ht_transaction tx;
    ask_send("");
    amend("\"gas_limit\":\"50000\"");
    (void)result_of(&amended);
    send_it(&tx);
    assert_int_equal(tx.gas_limit, 50000);
    is_wei(&tx.max_fee_per_gas, 20 * BENCH_GWEI + 1);
    is_wei(&tx.max_priority_fee_per_gas, 1);
}

static void amend_ends_decisions_under_the_old_hash(void **state) {
    (void)state;
    char old[800];
    ask_send("");
    (void)snprintf(old, sizeof old, "%s", decision(0, true, ""));
    amend(LOWER);
    (void)result_of(&amended);
    ask_owner(&decided, "wallet.decide", old);
    is_refused(&decided, -32011, "payload_differs");
    assert_null(bench.asked);
    assert_int_equal(queue_size(), 1);
}

static void amend_ends_decisions_that_make_the_old_payload_again(void **state) {
    (void)state;
    char old[800];
    ask_send("");
    (void)snprintf(old, sizeof old, "%s",
                   decision(0, true,
                            ",\"fees\":{\"maxFeePerGas\":\"20000000001\",\"maxPriorityFeePerGas\":"
                            "\"1\"}"));
    amend(LOWER);
    (void)result_of(&amended);
    ask_owner(&decided, "wallet.decide", old);
    is_refused(&decided, -32011, "payload_differs");
    assert_null(bench.asked);
}

static void amend_refuses_a_hash_that_is_not_the_present_one(void **state) {
    (void)state;
    char old[80];
    ask_send("");
    copy_hash(old);
    amend(LOWER);
    (void)result_of(&amended);
    amend_under(old, LOWER);
    is_refused(&amended, -32602, "payload_changed");
}

static void amend_knows_no_id_that_was_never_there(void **state) {
    (void)state;
    char params[200];
    (void)snprintf(params, sizeof params, "{\"id\":\"12\",\"payload_hash\":\"0x%064d\"}", 1);
    ask_owner(&amended, "wallet.amend", params);
    is_refused(&amended, -32001, "no_request");
}

static void amend_refuses_what_does_not_wait_any_more(void **state) {
    (void)state;
    char params[300], hash[80];
    ask_send("");
    copy_hash(hash);
    (void)snprintf(params, sizeof params, "{\"id\":\"%s\",\"payload_hash\":\"%s\"}",
                   json_string_value(queued(0, "id")), hash);
    ask_owner(&decided, "wallet.decide", decision(0, true, ""));
    ask_owner(&amended, "wallet.amend", params);
    is_refused(&amended, -32602, "not_waiting"); /* the signer has it */
    bench_signer_answers();
    (void)result_of(&decided);
    bench_outbox_takes();
    (void)result_of(&asked);
    ask_owner(&amended, "wallet.amend", params);
    is_refused(&amended, -32602, "not_waiting"); /* it has been decided about */
}

static void amend_refuses_what_is_no_transaction(void **state) {
    (void)state;
    ask_owner(&asked, "wallet.sign_text", "{\"account\":\"" OURS "\",\"text\":\"hello\"}");
    amend_is_refused(LOWER, -32602, "not_a_transaction");
}

static void amend_refuses_a_fee_below_the_base_fee(void **state) {
    (void)state;
    ask_send("");
    amend_is_refused("\"max_fee_per_gas\":\"9999999999\"", -32602, "fee_too_low");
    amend("\"max_fee_per_gas\":\"10000000000\"");
    (void)result_of(&amended);
}

static void amend_refuses_a_tip_above_the_fee(void **state) {
    (void)state;
    ask_send("");
    amend_is_refused("\"max_priority_fee_per_gas\":\"20000000002\"", -32602, "tip_above_fee");
    amend("\"max_priority_fee_per_gas\":\"20000000001\"");
    (void)result_of(&amended);
    amend_is_refused(LOWER, -32602, "tip_above_fee"); /* the tip that it has */
}

static void amend_refuses_gas_below_what_the_bytes_cost(void **state) {
    (void)state;
    char more[300] = ",\"gas\":\"100000\",\"data\":\"0x";
    size_t n = strlen(more);
    memset(more + n, 'f', 200); /* 100 bytes, 4 tokens of 10 gas each by EIP-7623 */
    memcpy(more + n + 200, "\"", 2);
    bench.has_code = true;
    ask_send(more);
    amend_is_refused("\"gas_limit\":\"24999\"", -32602, "gas_too_low");
    amend("\"gas_limit\":\"25000\"");
    (void)result_of(&amended);
}

static void amend_refuses_gas_over_the_bound_of_a_transaction(void **state) {
    (void)state;
    ask_send("");
    amend_is_refused("\"gas_limit\":\"16777217\"", -32602, "gas_too_high");
    amend_is_refused("\"gas_limit\":\"18446744073709551616\"", -32602, "gas_too_high");
    amend("\"gas_limit\":\"16777216\"");
    (void)result_of(&amended);
    bench.fork = "Prague"; /* has no bound yet */
    amend("\"gas_limit\":\"16777217\"");
    (void)result_of(&amended);
}

static void amend_refuses_what_the_account_cannot_pay(void **state) {
    (void)state;
    ask_send("");
    bench.balance_gwei = 400000; /* 21000 gas at 19 gwei, and not at 20 */
    amend_is_refused("", -32011, "insufficient_funds");
    amend("\"max_fee_per_gas\":\"19000000000\"");
    (void)result_of(&amended);
}

static void amend_takes_numbers_in_texts_alone(void **state) {
    (void)state;
    ask_send("");
    amend_is_refused("\"max_fee_per_gas\":15000000000", -32602, "bad_quantity");
    amend_is_refused("\"max_fee_per_gas\":\"1.5\"", -32602, "bad_quantity");
    amend_is_refused("\"max_priority_fee_per_gas\":\"-1\"", -32602, "bad_quantity");
    amend_is_refused("\"gas_limit\":\"\"", -32602, "bad_quantity");
}

static void amend_sets_the_gas_price_of_older_types(void **state) {
    (void)state;
    struct ht_transaction tx;
    ask_send(",\"type\":0,\"fees\":{\"gasPrice\":\"12000000000\"}");
    amend_is_refused("\"max_priority_fee_per_gas\":\"1\"", -32602, "fees_differ");
    amend_is_refused("\"max_fee_per_gas\":\"9999999999\"", -32602, "fee_too_low");
    amend("\"max_fee_per_gas\":\"11000000000\"");
    (void)result_of(&amended);
    send_it(&tx);
    assert_int_equal(tx.type, HT_TX_LEGACY);
    is_wei(&tx.gas_price, 11 * BENCH_GWEI);
}

static void amend_looks_again_when_all_is_proven(void **state) {
    (void)state;
    ask_send("");
    bench.is_held = true;
    amend(LOWER);
    assert_null(amended.reply);
    ask_owner(&decided, "wallet.decide", decision(0, false, ""));
    (void)result_of(&decided);
    is_refused(&asked, -32011, "rejected");
    bench_release();
    is_refused(&amended, -32602, "not_waiting");
}

static void amend_takes_the_nonce_that_is_next_now(void **state) {
    (void)state;
    struct ht_transaction tx;
    ask_send("");
    bench.nonce = 9;
    amend(LOWER);
    (void)result_of(&amended);
    send_it(&tx);
    assert_int_equal(tx.nonce, 9);
}

static void amend_says_when_the_node_is_behind(void **state) {
    (void)state;
    ask_send("");
    bench.sync_state = HT_SYNC_STALE;
    amend_is_refused(LOWER, -32002, "not_live");
}

static void amend_is_for_the_owner_and_not_for_pages(void **state) {
    (void)state;
    char params[300], hash[80];
    grant(PAGE);
    ask_page(&asked, "eth_sendTransaction",
             "[{\"from\":\"" OURS "\",\"to\":\"" STRANGER "\",\"value\":\"0x10\"}]");
    copy_hash(hash);
    (void)snprintf(params, sizeof params, "{\"id\":\"%s\",\"payload_hash\":\"%s\"," LOWER "}",
                   json_string_value(queued(0, "id")), hash);
    ask_page(&amended, "wallet.amend", params);
    is_refused(&amended, -32601, "no_method");
    assert_string_equal(json_string_value(queued(0, "payload_hash")), hash);
    amend(LOWER); /* the owner may, what the page asked for too */
    assert_string_not_equal(json_string_value(queued(0, "payload_hash")), hash);
    (void)result_of(&amended);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        WITH(amend_makes_another_payload_under_the_same_id),
        WITH(amend_answers_the_item_as_the_queue_shows_it),
        WITH(amend_keeps_what_it_does_not_name),
        WITH(amend_ends_decisions_under_the_old_hash),
        WITH(amend_ends_decisions_that_make_the_old_payload_again),
        WITH(amend_refuses_a_hash_that_is_not_the_present_one),
        WITH(amend_knows_no_id_that_was_never_there),
        WITH(amend_refuses_what_does_not_wait_any_more),
        WITH(amend_refuses_what_is_no_transaction),
        WITH(amend_refuses_a_fee_below_the_base_fee),
        WITH(amend_refuses_a_tip_above_the_fee),
        WITH(amend_refuses_gas_below_what_the_bytes_cost),
        WITH(amend_refuses_gas_over_the_bound_of_a_transaction),
        WITH(amend_refuses_what_the_account_cannot_pay),
        WITH(amend_takes_numbers_in_texts_alone),
        WITH(amend_sets_the_gas_price_of_older_types),
        WITH(amend_looks_again_when_all_is_proven),
        WITH(amend_takes_the_nonce_that_is_next_now),
        WITH(amend_says_when_the_node_is_behind),
        WITH(amend_is_for_the_owner_and_not_for_pages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
