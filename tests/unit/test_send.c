/* Sending: what is proposed, what the owner may change, and what leaves in the end. */
#include "tests/unit/wallet_world.h"

#define TO "0x00000000000000000000000000000000000c0ffe"
/* One of ERC-55's examples, in one case. */
#define PLAIN "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed"
#define SEND "{\"from\":\"" OURS "\",\"to\":\"" STRANGER "\",\"value\":\"1000\"%s}"

static struct ask asked, decided;

static void ask_send(const char *method, const char *more) {
    char params[1200];
    (void)snprintf(params, sizeof params, SEND, more);
    ask_owner(&asked, method, params);
}

static void decide(const char *more) {
    ask_owner(&decided, "wallet.decide", decision(0, true, more));
}

/* The one that was sent, as nodes read it; its lists are kept until the next. */
static void read_sent(struct ht_transaction *tx) {
    static struct ht_arena arena;
    ht_arena_fini(&arena);
    ht_arena_init(&arena, 1 << 20);
    struct ht_why why = {0};
    enum ht_err err = ht_tx_decode(tx, &arena, ht_bytes_of(bench.sent_raw, bench.sent_n),
                                   HT_TX_NETWORK_FORM_REFUSE, &why);
    if (err != HT_OK) fail_msg("%s", why.text);
    ht_addr20 sender;
    assert_int_equal(ht_tx_sender(&sender, tx, HT_ECDSA_LOW_S, &why), HT_OK);
    assert_memory_equal(sender.b, bench.accounts[0].address.b, sizeof sender.b);
    if (tx->data.n == 0) ht_arena_fini(&arena);
}

/* Approves, signs and hands it to the outbox. */
static void send_it(struct ht_transaction *tx) {
    decide("");
    bench_signer_answers();
    assert_string_equal(result_of(&decided), "{\"state\":\"signed\"}");
    read_sent(tx);
    bench_outbox_takes();
    (void)result_of(&asked);
}

static void is_wei(const ht_u256 *value, uint64_t wei) {
    ht_u256 want = ht_u256_of(wei);
    char got[HT_U256_DECIMAL_SIZE];
    (void)ht_u256_to_decimal(got, value);
    if (!ht_u256_equal(value, &want)) fail_msg("want %llu, got %s", (unsigned long long)wei, got);
}

static void send_proposes_a_transaction_of_type_2_from_proven_facts(void **state) {
    (void)state;
    struct ht_transaction tx;
    ask_send("wallet.send", "");
    send_it(&tx);
    assert_int_equal(tx.type, HT_TX_FEE_MARKET);
    assert_int_equal(tx.chain_id, 1337);
    assert_int_equal(tx.nonce, 7);
    assert_int_equal(tx.gas_limit, 21000);
    is_wei(&tx.value, 1000);
    is_wei(&tx.max_priority_fee_per_gas, 1);
    is_wei(&tx.max_fee_per_gas, 20 * BENCH_GWEI + 1);
}

static void send_answers_with_the_hash_when_a_provider_has_taken_it(void **state) {
    (void)state;
    char want[HT_HEX_SIZE(32)];
    uint8_t hash[32];
    memset(hash, 0xab, sizeof hash);
    ht_hex_write(want, HT_BYTES(hash));
    ask_send("wallet.send", "");
    decide("");
    bench_signer_answers();
    assert_null(asked.reply);
    bench_outbox_takes();
    assert_non_null(strstr(result_of(&asked), want));
    (void)result_of(&decided);
}

static void send_prepares_without_asking_anybody(void **state) {
    (void)state;
    ask_send("wallet.prepare", ",\"gas\":\"0x7530\"");
    const char *got = result_of(&asked);
    assert_non_null(strstr(got, "\"gas\":{\"limit\":30000,\"is_guess\":false}"));
    assert_non_null(strstr(got, "\"nonce\":\"0x7\""));
    assert_non_null(strstr(got, "\"cost_max\":\"600000000031000\""));
    assert_non_null(strstr(got, "\"verdict\":\"proven\""));
    assert_int_equal(queue_size(), 0);
}

static void send_marks_gas_of_calls_as_a_guess(void **state) {
    (void)state;
    bench.has_code = true;
    ask_send("wallet.prepare", ",\"data\":\"0xa9059cbb\"");
    assert_non_null(strstr(result_of(&asked), "\"is_guess\":true"));
    ask_send("wallet.prepare", ",\"data\":\"0xa9059cbb\",\"gas\":\"21000\"");
    is_refused(&asked, -32011, "tx_gas_too_low");
}

static void send_counts_the_nonces_under_way(void **state) {
    (void)state;
    struct ht_transaction tx;
    bench.outbox = "{\"transactions\":["
                   "{\"from\":\"" OURS "\",\"nonce\":8,\"state\":\"sent\"},"
                   "{\"from\":\"" OURS "\",\"nonce\":7,\"state\":\"included\"},"
                   "{\"from\":\"" OURS "\",\"nonce\":9,\"state\":\"replaced\"},"
                   "{\"from\":\"" STRANGER "\",\"nonce\":9,\"state\":\"sent\"}]}";
    ask_send("wallet.send", "");
    send_it(&tx);
    assert_int_equal(tx.nonce, 9);
}

static void send_shows_it_again_when_its_nonce_was_used_in_the_meantime(void **state) {
    (void)state;
    struct ht_transaction tx;
    char before[80];
    ask_send("wallet.send", "");
    (void)snprintf(before, sizeof before, "%s", json_string_value(queued(0, "payload_hash")));
    bench.outbox = "{\"transactions\":[{\"from\":\"" OURS "\",\"nonce\":7,\"state\":\"sent\"}]}";
    decide("");
    const char *got = result_of(&decided);
    assert_non_null(strstr(got, "\"state\":\"waiting\""));
    assert_non_null(strstr(got, json_string_value(queued(0, "payload_hash"))));
    assert_string_not_equal(before, json_string_value(queued(0, "payload_hash")));
    assert_null(bench.asked);
    send_it(&tx);
    assert_int_equal(tx.nonce, 8);
}

static void send_keeps_a_nonce_that_was_asked_for(void **state) {
    (void)state;
    struct ht_transaction tx;
    bench.outbox = "{\"transactions\":[{\"from\":\"" OURS "\",\"nonce\":7,\"state\":\"sent\"}]}";
    ask_send("wallet.send", ",\"nonce\":7");
    send_it(&tx);
    assert_int_equal(tx.nonce, 7);
    ask_send("wallet.send", ",\"nonce\":6");
    is_refused(&asked, -32011, "nonce_too_low");
}

static void send_wants_new_fees_confirmed_under_the_new_hash(void **state) {
    (void)state;
    struct ht_transaction tx;
    const char *fees =
        ",\"fees\":{\"maxFeePerGas\":\"30000000000\",\"maxPriorityFeePerGas\":\"2000000000\"}";
    ask_send("wallet.send", "");
    decide(fees);
    assert_non_null(strstr(result_of(&decided), "\"state\":\"waiting\""));
    assert_null(bench.asked);
    decide(fees);
    bench_signer_answers();
    assert_string_equal(result_of(&decided), "{\"state\":\"signed\"}");
    read_sent(&tx);
    is_wei(&tx.max_fee_per_gas, 30 * BENCH_GWEI);
    is_wei(&tx.max_priority_fee_per_gas, 2 * BENCH_GWEI);
    bench_outbox_takes();
    (void)result_of(&asked);
}

static void send_signs_new_fees_at_once_for_who_names_the_new_hash(void **state) {
    (void)state;
    char hash[80], params[600];
    const char *fees = "{\"maxFeePerGas\":\"30000000000\",\"maxPriorityFeePerGas\":\"0x1\"}";
    (void)snprintf(params, sizeof params, ",\"fees\":%s", fees);
    ask_send("wallet.send", params);
    (void)snprintf(hash, sizeof hash, "%s", json_string_value(queued(0, "payload_hash")));
    ask_owner(&decided, "wallet.decide", decision(0, false, ""));
    (void)result_of(&decided);
    is_refused(&asked, -32011, "rejected");
    ask_send("wallet.send", "");
    (void)snprintf(params, sizeof params,
                   "{\"id\":\"%s\",\"payload_hash\":\"%s\",\"approve\":true,\"fees\":%s}",
                   json_string_value(queued(0, "id")), hash, fees);
    ask_owner(&decided, "wallet.decide", params);
    bench_signer_answers();
    assert_string_equal(result_of(&decided), "{\"state\":\"signed\"}");
    bench_outbox_takes();
    (void)result_of(&asked);
}

static void send_changes_nothing_for_fees_under_a_third_hash(void **state) {
    (void)state;
    char before[80], params[600];
    ask_send("wallet.send", "");
    (void)snprintf(before, sizeof before, "%s", json_string_value(queued(0, "payload_hash")));
    (void)snprintf(params, sizeof params,
                   "{\"id\":\"%s\",\"payload_hash\":\"0x%064d\",\"approve\":true,\"fees\":"
                   "{\"maxFeePerGas\":\"30000000000\"}}",
                   json_string_value(queued(0, "id")), 1);
    ask_owner(&decided, "wallet.decide", params);
    is_refused(&decided, -32011, "payload_differs");
    assert_string_equal(json_string_value(queued(0, "payload_hash")), before);
}

static void send_refuses_new_fees_that_the_account_cannot_pay(void **state) {
    (void)state;
    ask_send("wallet.send", "");
    decide(",\"fees\":{\"maxFeePerGas\":\"1000000000000000\"}");
    is_refused(&decided, -32011, "insufficient_funds");
    assert_int_equal(queue_size(), 1);
}

static void send_refuses_what_the_account_cannot_pay(void **state) {
    (void)state;
    bench.balance_gwei = 420000;
    ask_send("wallet.send", ",\"fees\":{\"maxFeePerGas\":\"20000000000\"}");
    is_refused(&asked, -32011, "insufficient_funds");
    bench.balance_gwei++;
    ask_send("wallet.send", ",\"fees\":{\"maxFeePerGas\":\"20000000000\"}");
    assert_int_equal(queue_size(), 1);
}

static void send_refuses_another_chain(void **state) {
    (void)state;
    ask_send("wallet.send", ",\"chainId\":1");
    is_refused(&asked, -32602, "wrong_chain");
    ask_send("wallet.send",
             ",\"authorizationList\":[{\"chainId\":\"0x1\",\"address\":\"" TO
             "\",\"nonce\":\"0x0\",\"yParity\":\"0x0\",\"r\":\"0x1\",\"s\":\"0x1\"}]");
    is_refused(&asked, -32602, "wrong_chain");
}

static void send_refuses_blobs(void **state) {
    (void)state;
    ask_send("wallet.send", ",\"type\":\"0x3\"");
    is_refused(&asked, -32011, "blobs_unsupported");
    ask_send("wallet.send", ",\"blobVersionedHashes\":[]");
    is_refused(&asked, -32011, "blobs_unsupported");
}

static void send_takes_types_0_1_2_and_4_as_given(void **state) {
    (void)state;
    struct ht_transaction tx;
    ask_send("wallet.send", ",\"type\":0,\"fees\":{\"gasPrice\":\"12000000000\"}");
    send_it(&tx);
    assert_int_equal(tx.type, HT_TX_LEGACY);
    assert_true(tx.has_chain_id && tx.chain_id == 1337);
    is_wei(&tx.gas_price, 12 * BENCH_GWEI);
    ask_send("wallet.send",
             ",\"type\":\"0x1\",\"accessList\":[{\"address\":\"" TO "\",\"storageKeys\":[]}]");
    send_it(&tx);
    assert_int_equal(tx.type, HT_TX_ACCESS_LIST);
    assert_int_equal(tx.access_count, 1);
    assert_int_equal(tx.gas_limit, 21000 + 2400);
    ask_send("wallet.send",
             ",\"authorizationList\":[{\"chainId\":\"0x539\",\"address\":\"" TO
             "\",\"nonce\":\"0x0\",\"yParity\":\"0x0\",\"r\":\"0x1\",\"s\":\"0x1\"}]");
    send_it(&tx);
    assert_int_equal(tx.type, HT_TX_SET_CODE);
    assert_int_equal(tx.authorization_count, 1);
}

static void send_refuses_fees_of_another_kind(void **state) {
    (void)state;
    ask_send("wallet.send", ",\"type\":2,\"fees\":{\"gasPrice\":1}");
    is_refused(&asked, -32602, "fees_differ");
    ask_send("wallet.send", ",\"type\":0,\"fees\":{\"maxFeePerGas\":1}");
    is_refused(&asked, -32602, "fees_differ");
    ask_send("wallet.send", ",\"fees\":{\"maxFeePerGas\":1,\"maxPriorityFeePerGas\":2}");
    is_refused(&asked, -32011, "tx_fee_inconsistent");
}

static void send_refuses_what_says_two_things(void **state) {
    (void)state;
    ask_send("wallet.send", ",\"data\":\"0x00\",\"input\":\"0x01\"");
    is_refused(&asked, -32602, "data_differs");
    ask_send("wallet.send", ",\"data\":\"00\"");
    is_refused(&asked, -32602, "bad_data");
    ask_owner(&asked, "wallet.send", "{\"from\":\"" OURS "\",\"to\":\"0x12\",\"value\":\"1\"}");
    is_refused(&asked, -32602, "bad_address");
    ask_owner(&asked, "wallet.send", "{\"from\":\"" OURS "\",\"value\":\"1\"}");
    is_refused(&asked, -32602, "bad_address");
}

static void send_takes_only_quantities_from_pages(void **state) {
    (void)state;
    grant(PAGE);
    ask_page(&asked, "eth_sendTransaction",
             "[{\"from\":\"" OURS "\",\"to\":\"" STRANGER "\",\"value\":\"1000\"}]");
    is_refused(&asked, -32602, "bad_quantity");
    ask_page(&asked, "eth_sendTransaction",
             "[{\"from\":\"" OURS "\",\"to\":\"" STRANGER "\",\"value\":16}]");
    is_refused(&asked, -32602, "bad_quantity");
}

static void send_gives_a_page_the_signed_bytes_unsent(void **state) {
    (void)state;
    struct ht_transaction tx;
    grant(PAGE);
    ask_page(&asked, "eth_signTransaction",
             "[{\"from\":\"" OURS "\",\"to\":\"" STRANGER "\",\"value\":\"0x10\"}]");
    decide("");
    bench_signer_answers();
    (void)result_of(&decided);
    const json_t *result = json_object_get(asked.reply, "result");
    struct ht_buf raw;
    ht_buf_init(&raw, sizeof bench.sent_raw);
    assert_int_equal(ht_json_hex_buf(&raw, result, "", NULL), HT_OK);
    memcpy(bench.sent_raw, raw.p, raw.n);
    bench.sent_n = raw.n;
    read_sent(&tx);
    is_wei(&tx.value, 16);
    assert_null(bench.sent);
    ht_buf_fini(&raw);
    json_decref(asked.reply);
}

static void send_refuses_accounts_that_cannot_sign(void **state) {
    (void)state;
    ask_owner(&asked, "wallet.send", "{\"from\":\"" WATCHED "\",\"to\":\"" TO "\"}");
    is_refused(&asked, -32011, "watch_only");
    ask_owner(&asked, "wallet.send", "{\"from\":\"" TO "\",\"to\":\"" TO "\"}");
    is_refused(&asked, -32001, "no_such_account");
}

static void send_queues_nothing_for_an_asker_who_left_while_it_was_proven(void **state) {
    (void)state;
    struct ht_rpc_peer peer = {0};
    grant(PAGE);
    bench.is_held = true;
    put(&asked, eth, PAGE, &peer, "eth_sendTransaction",
        "[{\"from\":\"" OURS "\",\"to\":\"" STRANGER "\",\"value\":\"0x10\"}]");
    ht_rpc_peer_gone(&peer);
    bench_release();
    assert_int_equal(queue_size(), 0);
    json_decref(asked.reply);
}

static void send_queues_nothing_for_an_origin_revoked_while_it_was_proven(void **state) {
    (void)state;
    grant(PAGE);
    bench.is_held = true;
    ask_page(&asked, "eth_sendTransaction",
             "[{\"from\":\"" OURS "\",\"to\":\"" STRANGER "\",\"value\":\"0x10\"}]");
    ht_permission_revoke(&bench.identity, PAGE, NULL);
    bench_commit();
    bench_release();
    is_refused(&asked, 4100, "revoked");
    assert_int_equal(queue_size(), 0);
}

/* One in the outbox, of type 2 with nonce 7. */
static void make_sent(struct ht_transaction *tx, const char *state_name) {
    static char outbox[600];
    static uint8_t raw[sizeof bench.sent_raw];
    ask_send("wallet.send", "");
    send_it(tx);
    memcpy(raw, bench.sent_raw, bench.sent_n);
    bench.outbox_raw = ht_bytes_of(raw, bench.sent_n);
    (void)snprintf(outbox, sizeof outbox,
                   "{\"transactions\":[{\"hash\":\"0x%064d\",\"from\":\"%s\",\"nonce\":7,"
                   "\"to\":\"%s\",\"value\":\"1000\",\"state\":\"%s\",\"block\":{\"number\":98,"
                   "\"hash\":\"0x\"}},{\"hash\":\"0x\",\"from\":\"%s\",\"nonce\":7,"
                   "\"state\":\"sent\"}]}",
                   5, OURS, PLAIN, state_name, STRANGER);
    bench.outbox = outbox;
}

static void ask_about_sent(const char *method) {
    char params[120];
    (void)snprintf(params, sizeof params, "{\"hash\":\"0x%064d\"}", 5);
    ask_owner(&asked, method, params);
}

static void send_speeds_up_with_an_eighth_more(void **state) {
    (void)state;
    struct ht_transaction first, second;
    make_sent(&first, "sent");
    ask_about_sent("wallet.speed_up");
    send_it(&second);
    assert_int_equal(second.nonce, 7);
    is_wei(&second.value, 1000);
    assert_memory_equal(second.to.b, first.to.b, sizeof first.to.b);
    is_wei(&second.max_priority_fee_per_gas, 2);
    is_wei(&second.max_fee_per_gas, 20 * BENCH_GWEI + 1 + (20 * BENCH_GWEI + 1) / 8 + 1);
}

static void send_cancels_with_nothing_to_oneself(void **state) {
    (void)state;
    struct ht_transaction first, second;
    make_sent(&first, "sent");
    ask_about_sent("wallet.cancel");
    send_it(&second);
    assert_int_equal(second.nonce, 7);
    is_wei(&second.value, 0);
    assert_int_equal(second.gas_limit, 21000);
    assert_memory_equal(second.to.b, bench.accounts[0].address.b, sizeof second.to.b);
    assert_true(ht_u256_compare(&second.max_fee_per_gas, &first.max_fee_per_gas) > 0);
}

static void send_replaces_nothing_that_is_in_a_block(void **state) {
    (void)state;
    struct ht_transaction tx;
    make_sent(&tx, "included");
    ask_about_sent("wallet.speed_up");
    is_refused(&asked, -32602, "tx_settled");
    bench.outbox_raw = (ht_bytes){0};
    ask_about_sent("wallet.cancel");
    is_refused(&asked, -32001, "tx_not_found");
}

static void send_shows_the_activity_of_our_accounts_alone(void **state) {
    (void)state;
    struct ht_transaction tx;
    json_t *topic = NULL;
    make_sent(&tx, "included");
    assert_int_equal(ht_activity_json(&bench.identity, &topic, NULL), HT_OK);
    const json_t *list = json_object_get(topic, "transactions");
    assert_int_equal(json_array_size(list), 1);
    const json_t *one = json_array_get(list, 0);
    assert_int_equal(json_integer_value(json_object_get(one, "confirmations")), 3);
    assert_int_equal(json_integer_value(json_object_get(one, "account")), 1);
    assert_true(json_is_false(json_object_get(one, "can_replace")));
    assert_string_equal(json_string_value(json_object_get(one, "to")),
                        "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed");
    assert_string_equal(json_string_value(json_object_get(one, "value")), "1000");
    json_decref(topic);
}

static void send_shows_no_recipient_of_a_new_contract(void **state) {
    (void)state;
    json_t *topic = NULL;
    bench.outbox = "{\"transactions\":[{\"hash\":\"0x\",\"from\":\"" OURS "\",\"to\":null,"
                   "\"value\":\"0\",\"nonce\":7,\"state\":\"sent\"}]}";
    assert_int_equal(ht_activity_json(&bench.identity, &topic, NULL), HT_OK);
    const json_t *one = json_array_get(json_object_get(topic, "transactions"), 0);
    assert_true(json_is_null(json_object_get(one, "to")));
    assert_string_equal(json_string_value(json_object_get(one, "value")), "0");
    json_decref(topic);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        WITH(send_proposes_a_transaction_of_type_2_from_proven_facts),
        WITH(send_answers_with_the_hash_when_a_provider_has_taken_it),
        WITH(send_prepares_without_asking_anybody),
        WITH(send_marks_gas_of_calls_as_a_guess),
        WITH(send_counts_the_nonces_under_way),
        WITH(send_shows_it_again_when_its_nonce_was_used_in_the_meantime),
        WITH(send_keeps_a_nonce_that_was_asked_for),
        WITH(send_wants_new_fees_confirmed_under_the_new_hash),
        WITH(send_signs_new_fees_at_once_for_who_names_the_new_hash),
        WITH(send_changes_nothing_for_fees_under_a_third_hash),
        WITH(send_refuses_new_fees_that_the_account_cannot_pay),
        WITH(send_refuses_what_the_account_cannot_pay),
        WITH(send_refuses_another_chain),
        WITH(send_refuses_blobs),
        WITH(send_takes_types_0_1_2_and_4_as_given),
        WITH(send_refuses_fees_of_another_kind),
        WITH(send_refuses_what_says_two_things),
        WITH(send_takes_only_quantities_from_pages),
        WITH(send_gives_a_page_the_signed_bytes_unsent),
        WITH(send_refuses_accounts_that_cannot_sign),
        WITH(send_queues_nothing_for_an_asker_who_left_while_it_was_proven),
        WITH(send_queues_nothing_for_an_origin_revoked_while_it_was_proven),
        WITH(send_speeds_up_with_an_eighth_more),
        WITH(send_cancels_with_nothing_to_oneself),
        WITH(send_replaces_nothing_that_is_in_a_block),
        WITH(send_shows_the_activity_of_our_accounts_alone),
        WITH(send_shows_no_recipient_of_a_new_contract),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
