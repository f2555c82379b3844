/* A peer's transaction: what is passed on, to whom, and what is refused unasked. */
#include "tests/unit/chain_fakes.h"

#include "node/app/near_send.h"
#include "node/base/hex.h"
#include "node/codec/json.h"

#define FIRST 1000U

static struct ht_rpc *rpc;
static struct ht_eth eth;
static struct ht_near_methods methods;
static struct ht_outbox *outbox;
static struct ht_transaction tx;
static struct ht_buf raw;
static json_t *reply;

static void on_change(void *user) {
    (void)user;
}

/* Signed by whomever that signature makes the sender. */
static void make_transaction(uint64_t chain_id) {
    ht_addr20 sender;
    uint64_t r = 1;
    tx = (struct ht_transaction){.type = HT_TX_FEE_MARKET,
                                 .has_chain_id = true,
                                 .chain_id = chain_id,
                                 .gas_limit = 21000,
                                 .max_fee_per_gas = ht_u256_of(2000),
                                 .max_priority_fee_per_gas = ht_u256_of(1),
                                 .to = {{0x70}},
                                 .value = ht_u256_of(1000),
                                 .is_signed = true,
                                 .s = ht_u256_of(1)};
    for (tx.r = ht_u256_of(r); ht_tx_sender(&sender, &tx, HT_ECDSA_ANY_S, NULL) != HT_OK;) {
        tx.r = ht_u256_of(++r);
    }
    ht_buf_fini(&raw);
    ht_buf_init(&raw, 10000);
    assert_int_equal(ht_tx_encode(&raw, &tx), HT_OK);
}

static int make(void **state) {
    if (ht_cb_new(state) != 0) return -1;
    struct ht_cb *bench = *state;
    const struct ht_outbox_options options = {.loop = bench->loop,
                                              .blocks = bench->blocks,
                                              .state = bench->state,
                                              .on_change = on_change};
    const struct ht_cw_block *base = ht_cw_add(&bench->world, NULL, FIRST, NULL, 0);
    ht_cb_set_head(bench, ht_cw_add(&bench->world, base, 0, NULL, 0));
    ht_cb_set_finalized(bench, base);
    assert_int_equal(ht_outbox_new(&outbox, &options, NULL, NULL), HT_OK);
    eth = (struct ht_eth){.sync = &bench->sync,
                          .chain = bench->chain,
                          .blocks = bench->blocks,
                          .state = bench->state,
                          .outbox = outbox};
    methods = (struct ht_near_methods){.eth = &eth};
    assert_int_equal(ht_rpc_new(&rpc, HT_RPC_ETHEREUM), HT_OK);
    assert_int_equal(ht_near_methods_add(rpc, &methods), HT_OK);
    for (size_t i = 0; i < bench->sync.providers.count; i++) {
        bench->sync.providers.list[i].kind = HT_PROVIDER_EXECUTION;
    }
    make_transaction(5);
    return 0;
}

static int end(void **state) {
    json_decref(reply);
    reply = NULL;
    ht_rpc_free(rpc);
    ht_cb_close(*state);
    ht_outbox_free(outbox);
    ht_buf_fini(&raw);
    return ht_cb_free(state);
}

static void on_reply(void *user, enum ht_err err, struct ht_buf *text) {
    (void)user;
    assert_int_equal(err, HT_OK);
    json_decref(reply);
    reply = NULL;
    assert_int_equal(ht_json_parse(&reply, ht_buf_view(text), 1 << 20, NULL), HT_OK);
}

static void send_bytes(struct ht_cb *bench, ht_bytes bytes) {
    size_t room = HT_HEX_SIZE(bytes.n) + 200;
    char *hex = malloc(HT_HEX_SIZE(bytes.n)), *text = malloc(room);
    assert_true(hex != NULL && text != NULL);
    ht_hex_write(hex, bytes);
    (void)snprintf(
        text, room,
        "{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"" HT_NEAR_SEND "\",\"params\":[\"%s\"]}", hex);
    const struct ht_rpc_asker asker = {.origin = "", .may_wait = true, .on_reply = on_reply};
    struct ht_rpc_exchange *exchange = ht_rpc_handle(rpc, &asker, ht_bytes_str(text));
    if (exchange != NULL) ht_cb_settle(bench);
    free(hex);
    free(text);
    assert_non_null(reply);
}

static void expect_refused(int64_t number, const char *code) {
    const json_t *error = json_object_get(reply, "error");
    const char *text = json_string_value(json_object_get(json_object_get(error, "data"), "code"));
    assert_string_equal(text != NULL ? text : "", code);
    assert_int_equal(json_integer_value(json_object_get(error, "code")), number);
}

static void a_transaction_is_given_to_one_provider_and_not_kept(void **state) {
    struct ht_cb *bench = *state;
    ht_hash32 hash, said;
    json_t *kept = NULL;
    bench->peer_count = 3;
    send_bytes(bench, ht_buf_view(&raw));
    assert_int_equal(ht_json_hex(said.b, 32, reply, "result", NULL), HT_OK);
    assert_int_equal(ht_tx_hash(&hash, &tx), HT_OK);
    assert_memory_equal(said.b, hash.b, 32);
    assert_int_equal(ht_cb_asked(bench, HT_NEAR_SEND), 1);
    assert_int_equal(ht_outbox_json(outbox, &kept, NULL), HT_OK);
    assert_int_equal(json_array_size(json_object_get(kept, "transactions")), 0);
    json_decref(kept);
}

static void a_provider_s_refusal_comes_back_in_its_words(void **state) {
    struct ht_cb *bench = *state;
    bench->peers[0].refusal = "replacement transaction underpriced";
    bench->peers[0].refuses = HT_NEAR_SEND;
    send_bytes(bench, ht_buf_view(&raw));
    expect_refused(HT_NEAR_REJECTED, "refused");
    assert_string_equal(
        json_string_value(json_object_get(json_object_get(reply, "error"), "message")),
        "replacement transaction underpriced");
}

static void another_chain_s_transaction_is_refused_unasked(void **state) {
    struct ht_cb *bench = *state;
    make_transaction(6);
    send_bytes(bench, ht_buf_view(&raw));
    expect_refused(HT_NEAR_REJECTED, "tx_wrong_chain");
    assert_int_equal(bench->questions, 0);
}

static void bytes_that_are_no_transaction_are_refused_unasked(void **state) {
    struct ht_cb *bench = *state;
    raw.n--;
    send_bytes(bench, ht_buf_view(&raw));
    assert_int_equal(json_integer_value(json_object_get(json_object_get(reply, "error"), "code")),
                     HT_NEAR_REJECTED);
    assert_int_equal(bench->questions, 0);
}

static void more_than_the_most_nodes_take_is_refused_unasked(void **state) {
    struct ht_cb *bench = *state;
    static uint8_t many[HT_NEAR_SEND_MAX + 1];
    send_bytes(bench, HT_BYTES(many));
    expect_refused(HT_NEAR_REJECTED, "json_value");
    assert_int_equal(bench->questions, 0);
}

static void a_peer_is_not_asked_to_pass_it_on(void **state) {
    struct ht_cb *bench = *state;
    for (size_t i = 0; i < bench->sync.providers.count; i++) {
        bench->sync.providers.list[i].is_peer = true;
    }
    send_bytes(bench, ht_buf_view(&raw));
    expect_refused(-32001, "state_pruned");
    assert_int_equal(bench->questions, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_transaction_is_given_to_one_provider_and_not_kept),
        TEST(a_provider_s_refusal_comes_back_in_its_words),
        TEST(another_chain_s_transaction_is_refused_unasked),
        TEST(bytes_that_are_no_transaction_are_refused_unasked),
        TEST(more_than_the_most_nodes_take_is_refused_unasked),
        TEST(a_peer_is_not_asked_to_pass_it_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
