/* Ethereum's methods over a light client that starts, follows a chain and loses it. */
#include "tests/unit/sync_bench.h"

#include <stdio.h>
#include <stdlib.h>

#include "node/api/eth.h"

#define NOW 360U

static struct ht_rpc *rpc;
static struct ht_eth eth;
static char answer[4000];

static int set_up(void **state) {
    return ht_bench_new(state) != 0 || ht_rpc_new(&rpc, HT_RPC_ETHEREUM) != HT_OK;
}

static int tear_down(void **state) {
    ht_rpc_free(rpc);
    ht_eth_fini(&eth);
    return ht_bench_free(state);
}

static void start(struct ht_bench *b) {
    for (size_t i = 0; i < HT_BENCH_BEACONS; i++) ht_bench_publish(b, i, NOW);
    ht_bench_set_slot(b, NOW);
    ht_bench_start(b);
    eth = (struct ht_eth){.sync = b->sync, .version = "0.1.0"};
    assert_int_equal(ht_eth_add(rpc, &eth), HT_OK);
    assert_int_equal(ht_eth_add_keyless(rpc, &eth), HT_OK);
}

static void on_reply(void *user, enum ht_err err, struct ht_buf *text) {
    (void)user;
    assert_int_equal(err, HT_OK);
    assert_true(text->n > 0 && text->n < sizeof answer);
    memcpy(answer, text->p, text->n);
    answer[text->n] = '\0';
}

static void call(const char *method, const char *params) {
    const struct ht_rpc_asker asker = {.may_wait = true, .on_reply = on_reply};
    char message[256];
    int n =
        snprintf(message, sizeof message,
                 "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"%s\",\"params\":%s}", method, params);
    assert_null(ht_rpc_handle(rpc, &asker, ht_bytes_of(message, (size_t)n)));
}

static void assert_result(const char *method, const char *value) {
    char want[256];
    call(method, "[]");
    (void)snprintf(want, sizeof want, "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":%s}", value);
    assert_string_equal(answer, want);
}

static void assert_error(const char *method, int number, const char *code, const char *kind) {
    char want[128];
    call(method, "[]");
    (void)snprintf(want, sizeof want, "\"error\":{\"code\":%d,\"message\":\"", number);
    if (strstr(answer, want) == NULL) fail_msg("%s: want %s, got %s", method, want, answer);
    (void)snprintf(want, sizeof want, "\"data\":{\"code\":\"%s\",\"kind\":\"%s\"}}", code, kind);
    if (strstr(answer, want) == NULL) fail_msg("%s: want %s, got %s", method, want, answer);
}

static void the_node_says_what_it_is_and_which_chain_it_follows(void **state) {
    struct ht_bench *b = *state;
    char text[32];
    start(b);
    assert_result("web3_clientVersion", "\"Hearth/v0.1.0/linux/c\"");
    uint64_t chain_id = ht_sync_network(b->sync)->chain_id;
    (void)snprintf(text, sizeof text, "\"%llu\"", (unsigned long long)chain_id);
    assert_result("net_version", text);
    (void)snprintf(text, sizeof text, "\"0x%llx\"", (unsigned long long)chain_id);
    assert_result("eth_chainId", text);
    assert_result("net_listening", "false");
    assert_result("eth_accounts", "[]");
}

static void the_block_number_is_that_of_the_verified_head(void **state) {
    struct ht_bench *b = *state;
    char text[32];
    start(b);
    UNTIL(b, ht_bench_is_live);
    const struct ht_header_verified *head = &ht_sync_view(b->sync)->optimistic;
    if (head->has_block_number) {
        (void)snprintf(text, sizeof text, "\"0x%llx\"", (unsigned long long)head->block_number);
        assert_result("eth_blockNumber", text);
    } else {
        assert_error("eth_blockNumber", -32002, "no_block_number", "stale");
    }
    assert_result("eth_syncing", "false");
}

static void before_there_is_a_head_there_is_no_block_number(void **state) {
    start(*state);
    assert_error("eth_blockNumber", -32002, "not_live", "stale");
    call("eth_syncing", "[]");
    assert_non_null(strstr(answer, "\"result\":{\"startingBlock\":\"0x0\",\"currentBlock\":\"0x0\","
                                   "\"highestBlock\":\"0x0\",\"state\":\"starting\""));
}

static void an_old_head_is_no_head(void **state) {
    struct ht_bench *b = *state;
    start(b);
    UNTIL(b, ht_bench_is_live);
    ht_bench_set_slot(b, NOW + 20);
    UNTIL(b, ht_bench_is_stale);
    assert_error("eth_blockNumber", -32002, "not_live", "stale");
    call("eth_syncing", "[]");
    assert_non_null(strstr(answer, "\"state\":\"stale\",\"code\":\"head_late\""));
}

static void state_is_not_read_while_no_head_is_live(void **state) {
    static const char *const names[] = {"eth_getBalance", "eth_getCode", "eth_getStorageAt",
                                        "eth_getTransactionCount"};
    start(*state);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        call(names[i], "[\"0x0000000000000000000000000000000000000001\",\"0x0\"]");
        if (i != 2) call(names[i], "[\"0x0000000000000000000000000000000000000001\"]");
        assert_non_null(strstr(answer, "\"code\":-32002,"));
        assert_non_null(strstr(answer, "\"not_live\""));
    }
}

static void what_waits_in_a_mempool_cannot_be_proven(void **state) {
    start(*state);
    assert_error("eth_newPendingTransactionFilter", -32004, "not_proven_yet", "denied");
    assert_non_null(strstr(answer, "mempool"));
}

static void without_anybody_to_ask_reads_say_so(void **state) {
    static const char *const calls[][2] = {
        {"eth_getBalance", "[\"0x0000000000000000000000000000000000000001\"]"},
        {"eth_getProof", "[\"0x0000000000000000000000000000000000000001\",[]]"},
        {"eth_getBlockByNumber", "[\"latest\",false]"},
        {"eth_getHeaderByNumber", "[\"0x1\"]"},
        {"eth_getBlockReceipts", "[\"finalized\"]"},
        {"eth_getTransactionByHash",
         "[\"0x0000000000000000000000000000000000000000000000000000000000000001\"]"},
        {"eth_getLogs", "[{}]"},
        {"eth_call", "[{}]"},
        {"eth_estimateGas", "[{}]"},
        {"eth_createAccessList", "[{}]"},
        {"eth_simulateV1", "[{\"blockStateCalls\":[{}]}]"},
        {"debug_getRawHeader", "[\"0x1\"]"},
        {"debug_getRawBlock", "[\"latest\"]"},
        {"debug_getRawReceipts", "[\"finalized\"]"},
        {"debug_getRawTransaction",
         "[\"0x0000000000000000000000000000000000000000000000000000000000000001\"]"},
        {"eth_newFilter", "[{}]"},
        {"eth_newBlockFilter", "[]"},
        {"eth_gasPrice", "[]"},
        {"eth_maxPriorityFeePerGas", "[]"},
        {"eth_feeHistory", "[\"0x1\",\"latest\",[]]"},
        {"eth_blobBaseFee", "[]"},
        {"eth_sendRawTransaction", "[\"0x00\"]"},
    };
    struct ht_bench *b = *state;
    start(b);
    UNTIL(b, ht_bench_is_live);
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        call(calls[i][0], calls[i][1]);
        if (strstr(answer, "not_proven_yet") == NULL) fail_msg("%s: %s", calls[i][0], answer);
    }
}

static void subscriptions_need_a_websocket(void **state) {
    start(*state);
    call("eth_subscribe", "[\"newHeads\"]");
    assert_non_null(strstr(answer, "\"code\":-32004,"));
    assert_non_null(strstr(answer, "\"no_push\""));
    call("eth_unsubscribe", "[\"0x1\"]");
    assert_non_null(strstr(answer, "\"result\":false"));
}

static void methods_that_are_not_there_are_not_found(void **state) {
    start(*state);
    assert_error("eth_sign", -32601, "no_method", "not_found");
    assert_error("eth_sendTransaction", -32601, "no_method", "not_found");
    assert_error("ETH_CHAINID", -32601, "no_method", "not_found");
}

static void parameters_that_mean_nothing_are_refused(void **state) {
    start(*state);
    static const char *const names[] = {"web3_clientVersion", "net_version", "net_listening",
                                        "eth_chainId",        "eth_syncing", "eth_accounts",
                                        "eth_blockNumber"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        call(names[i], "[\"latest\"]");
        assert_non_null(strstr(answer, "\"code\":-32602,"));
        assert_non_null(strstr(answer, "too_many_params"));
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(the_node_says_what_it_is_and_which_chain_it_follows),
        TEST(the_block_number_is_that_of_the_verified_head),
        TEST(before_there_is_a_head_there_is_no_block_number),
        TEST(an_old_head_is_no_head),
        TEST(state_is_not_read_while_no_head_is_live),
        TEST(what_waits_in_a_mempool_cannot_be_proven),
        TEST(without_anybody_to_ask_reads_say_so),
        TEST(subscriptions_need_a_websocket),
        TEST(methods_that_are_not_there_are_not_found),
        TEST(parameters_that_mean_nothing_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
