/* Subscriptions of websockets, while blocks come and go and peers do too. */
#include "tests/unit/eth_caller.h"

static struct ht_rpc_peer peers[2];
static char told[2][20000]; /* what each peer was sent, one after another */
static enum ht_err refusal;
static char id[HT_ETH_ID_SIZE];

static enum ht_err on_send(struct ht_rpc_peer *peer, struct ht_buf *text) {
    size_t at = (size_t)(peer - peers);
    if (refusal == HT_OK) {
        assert_true(strlen(told[at]) + text->n < sizeof told[at]);
        strncat(told[at], (const char *)text->p, text->n);
    }
    ht_buf_fini(text);
    if (refusal != HT_OK) {
        peer->send = NULL;
        ht_rpc_peer_gone(peer);
    }
    return refusal;
}

static int open_peers(void **state) {
    refusal = HT_OK;
    memset(told, 0, sizeof told);
    for (size_t i = 0; i < 2; i++) {
        peers[i] = (struct ht_rpc_peer){.bytes_max = 10000, .send = on_send};
    }
    int failed = set_up(state);
    world.peer = &peers[0];
    return failed;
}

static void subscribe(const char *params) {
    call("eth_subscribe", params);
    copy_result(id, sizeof id);
}

static unsigned count_of(const char *text, const char *part) {
    unsigned count = 0;
    for (const char *at = strstr(text, part); at != NULL; at = strstr(at + 1, part)) count++;
    return count;
}

#define LOG(data) "\"result\":{\"data\":\"" data "\",\"removed\":false}"

static void new_heads_are_told_with_the_id_of_the_subscription(void **state) {
    (void)state;
    char want[200];
    subscribe("[\"newHeads\"]");
    add_block(11, 'a');
    (void)snprintf(want, sizeof want,
                   "{\"jsonrpc\":\"2.0\",\"method\":\"eth_subscription\",\"params\":{"
                   "\"subscription\":\"%s\",\"result\":{",
                   id);
    assert_memory_equal(told[0], want, strlen(want));
    assert_non_null(strstr(told[0], "\"number\":\"0xb\""));
}

static void every_block_of_a_new_branch_is_told(void **state) {
    (void)state;
    subscribe("[\"newHeads\",{}]");
    add_block(11, 'a');
    const struct ht_exec_header_verified removed = block(11, 'a');
    const struct ht_exec_header_verified added[] = {block(11, 'b'), block(12, 'b')};
    change(&removed, 1, added, 2);
    assert_int_equal(count_of(told[0], "eth_subscription"), 3);
    assert_int_equal(count_of(told[0], "\"number\":\"0xb\""), 2);
}

static void logs_are_told_one_by_one_and_again_when_they_are_removed(void **state) {
    (void)state;
    subscribe("[\"logs\",{\"topics\":[null]}]");
    add_block(11, 'a');
    assert_non_null(strstr(told[0], LOG("11a")));
    const struct ht_exec_header_verified removed = block(11, 'a'), added = block(11, 'b');
    change(&removed, 1, &added, 1);
    const char *gone = strstr(told[0], "\"result\":{\"data\":\"11a\",\"removed\":true}");
    assert_non_null(gone);
    assert_non_null(strstr(gone, LOG("11b")));
    assert_int_equal(count_of(told[0], "eth_subscription"), 3);
}

static void logs_that_could_not_be_proven_come_with_the_next_head(void **state) {
    (void)state;
    subscribe("[\"logs\",{}]");
    world.how = READS_FAIL;
    add_block(11, 'a');
    assert_string_equal(told[0], "");
    world.how = READS_AT_ONCE;
    add_block(12, 'a');
    assert_non_null(strstr(strstr(told[0], LOG("11a")), LOG("12a")));
}

static void syncing_is_told_when_it_changes(void **state) {
    (void)state;
    subscribe("[\"syncing\"]");
    assert_null(world.listeners);
    ht_eth_tell_syncing(&world.eth);
    assert_string_equal(told[0], "");
    world.is_stale = true;
    ht_eth_tell_syncing(&world.eth);
    ht_eth_tell_syncing(&world.eth);
    assert_non_null(
        strstr(told[0], "\"result\":{\"syncing\":true,\"status\":{\"currentBlock\":\"0x0\"}}"));
    world.is_stale = false;
    ht_eth_tell_syncing(&world.eth);
    assert_non_null(strstr(told[0], "\"result\":false"));
    assert_int_equal(count_of(told[0], "eth_subscription"), 2);
}

static void each_connection_has_its_own(void **state) {
    (void)state;
    char params[64];
    subscribe("[\"newHeads\"]");
    (void)snprintf(params, sizeof params, "[\"%s\"]", id);
    world.peer = &peers[1];
    subscribe("[\"newHeads\"]");
    call("eth_unsubscribe", params);
    assert_has("\"result\":false");
    add_block(11, 'a');
    assert_int_equal(count_of(told[0], "eth_subscription"), 1);
    assert_int_equal(count_of(told[1], "eth_subscription"), 1);
    assert_non_null(strstr(told[1], id));
}

static void after_eth_unsubscribe_nothing_is_told(void **state) {
    (void)state;
    char params[64];
    subscribe("[\"logs\"]");
    (void)snprintf(params, sizeof params, "[\"%s\"]", id);
    world.how = READS_LATER;
    add_block(11, 'a');
    call("eth_unsubscribe", params);
    assert_has("\"result\":true");
    assert_null(world.listeners);
    finish_read(HT_OK);
    assert_string_equal(told[0], "");
    call("eth_unsubscribe", params);
    assert_has("\"result\":false");
}

static void subscriptions_end_with_their_connection(void **state) {
    (void)state;
    subscribe("[\"newHeads\"]");
    subscribe("[\"logs\",{}]");
    world.peer = &peers[1];
    subscribe("[\"logs\",{}]");
    world.how = READS_LATER;
    add_block(11, 'a');
    ht_rpc_peer_gone(&peers[0]);
    finish_read(HT_OK);
    finish_read(HT_OK);
    assert_int_equal(count_of(told[0], "eth_subscription"), 1);
    assert_int_equal(count_of(told[1], "eth_subscription"), 1);
    ht_rpc_peer_gone(&peers[1]);
    assert_null(world.listeners);
}

static void a_peer_that_goes_while_it_is_told_something_is_told_no_more(void **state) {
    (void)state;
    subscribe("[\"logs\",{}]");
    subscribe("[\"newHeads\"]");
    subscribe("[\"newHeads\"]");
    subscribe("[\"logs\",{}]");
    refusal = HT_ELIMIT;
    add_block(11, 'a');
    assert_null(world.listeners);
    refusal = HT_OK;
    add_block(12, 'a');
    assert_string_equal(told[0], "");
}

static void a_peer_that_goes_when_its_logs_come_late_is_told_no_more(void **state) {
    (void)state;
    subscribe("[\"logs\",{}]");
    subscribe("[\"logs\",{}]");
    world.how = READS_LATER;
    add_block(11, 'a');
    add_block(12, 'a');
    refusal = HT_ELIMIT;
    finish_read(HT_OK);
    assert_null(world.listeners);
    while (world.wait_count > 0) finish_read(HT_OK);
}

static void a_connection_has_so_many_subscriptions(void **state) {
    (void)state;
    for (unsigned i = 0; i < HT_ETH_SUBSCRIPTIONS_MAX; i++) subscribe("[\"newHeads\"]");
    call("eth_subscribe", "[\"newHeads\"]");
    assert_has("\"too_many_subscriptions\"");
    world.peer = &peers[1];
    subscribe("[\"newHeads\"]");
}

static void what_cannot_be_subscribed_to_is_refused(void **state) {
    (void)state;
    static const char *const bad[][2] = {
        {"[\"newPendingTransactions\"]", "not_proven_yet"},
        {"[\"heads\"]", "bad_subscription"},
        {"[5]", "json_type"},
        {"[]", "params_missing"},
        {"[\"logs\",{\"topics\":5}]", "json_type"},
        {"[\"logs\",5]", "bad_filter"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        call("eth_subscribe", bad[i][0]);
        assert_has(bad[i][1]);
    }
    assert_null(world.listeners);
    world.peer = NULL;
    call("eth_subscribe", "[\"newHeads\"]");
    assert_has("\"no_push\"");
}

#define TEST_PEERS(name) cmocka_unit_test_setup_teardown(name, open_peers, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST_PEERS(new_heads_are_told_with_the_id_of_the_subscription),
        TEST_PEERS(every_block_of_a_new_branch_is_told),
        TEST_PEERS(logs_are_told_one_by_one_and_again_when_they_are_removed),
        TEST_PEERS(logs_that_could_not_be_proven_come_with_the_next_head),
        TEST_PEERS(syncing_is_told_when_it_changes),
        TEST_PEERS(each_connection_has_its_own),
        TEST_PEERS(after_eth_unsubscribe_nothing_is_told),
        TEST_PEERS(subscriptions_end_with_their_connection),
        TEST_PEERS(a_peer_that_goes_while_it_is_told_something_is_told_no_more),
        TEST_PEERS(a_peer_that_goes_when_its_logs_come_late_is_told_no_more),
        TEST_PEERS(a_connection_has_so_many_subscriptions),
        TEST_PEERS(what_cannot_be_subscribed_to_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
