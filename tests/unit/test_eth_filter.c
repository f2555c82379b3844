/* Filters that are polled, while blocks come and go. */
#include "tests/unit/eth_caller.h"

static char id[HT_ETH_ID_SIZE];

static const char *with_id(const char *method) {
    char params[64];
    (void)snprintf(params, sizeof params, "[\"%s\"]", id);
    return call(method, params);
}

static void make_filter(const char *object) {
    char params[300];
    (void)snprintf(params, sizeof params, "[%s]", object);
    call("eth_newFilter", params);
    copy_result(id, sizeof id);
    assert_int_equal(strlen(id), 34);
}

static void make_block_filter(void) {
    call("eth_newBlockFilter", "[]");
    copy_result(id, sizeof id);
}

static void assert_changes(const char *result) {
    char want[300];
    with_id("eth_getFilterChanges");
    (void)snprintf(want, sizeof want, "\"result\":%s}", result);
    assert_has(want);
}

#define LOG(data) "{\"data\":\"" data "\",\"removed\":false}"
#define REMOVED(data) "{\"data\":\"" data "\",\"removed\":true}"

static void a_block_filter_tells_each_new_block_once(void **state) {
    (void)state;
    make_block_filter();
    assert_changes("[]");
    add_block(11, 'a');
    add_block(12, 'a');
    assert_changes("[\"0x0b61000000000000000000000000000000000000000000000000000000000000\","
                   "\"0x0c61000000000000000000000000000000000000000000000000000000000000\"]");
    assert_changes("[]");
}

static void a_log_filter_tells_each_new_log_once(void **state) {
    (void)state;
    make_filter("{}");
    add_block(11, 'a');
    add_block(12, 'a');
    assert_changes("[" LOG("11a") "," LOG("12a") "]");
    assert_changes("[]");
}

static void blocks_whose_bloom_has_no_match_are_not_read(void **state) {
    (void)state;
    make_filter("{\"address\":\"0x0000000000000000000000000000000000000001\"}");
    struct ht_exec_header_verified added = block(11, 'a');
    memset(added.header.logs_bloom, 0, sizeof added.header.logs_bloom);
    change(NULL, 0, &added, 1);
    assert_int_equal(world.read_count, 0);
    assert_changes("[]");
}

static void blocks_outside_of_the_range_are_passed_over(void **state) {
    (void)state;
    make_filter("{\"fromBlock\":\"0xc\",\"toBlock\":\"0xd\"}");
    for (uint64_t number = 11; number <= 14; number++) add_block(number, 'a');
    assert_changes("[" LOG("12a") "," LOG("13a") "]");
}

static void logs_of_a_block_that_was_taken_out_come_again_as_removed(void **state) {
    (void)state;
    make_filter("{}");
    add_block(11, 'a');
    add_block(12, 'a');
    with_id("eth_getFilterChanges");
    const struct ht_exec_header_verified removed[] = {block(12, 'a'), block(11, 'a')};
    const struct ht_exec_header_verified added[] = {block(11, 'b'), block(12, 'b')};
    change(removed, 2, added, 2);
    assert_changes("[" REMOVED("12a") "," REMOVED("11a") "," LOG("11b") "," LOG("12b") "]");
}

static void a_block_that_was_taken_out_before_it_was_read_is_not_told(void **state) {
    (void)state;
    make_filter("{}");
    world.how = READS_LATER;
    add_block(11, 'a');
    assert_int_equal(world.wait_count, 1);
    const struct ht_exec_header_verified removed = block(11, 'a'), added = block(11, 'b');
    change(&removed, 1, &added, 1);
    finish_read(HT_OK);
    finish_read(HT_OK);
    assert_changes("[" LOG("11b") "]");
}

static void changes_wait_until_the_blocks_so_far_are_read(void **state) {
    (void)state;
    make_filter("{}");
    world.how = READS_LATER;
    add_block(11, 'a');
    add_block(12, 'a');
    with_id("eth_getFilterChanges");
    assert_string_equal(world.answer, "");
    finish_read(HT_OK);
    assert_string_equal(world.answer, "");
    finish_read(HT_OK);
    assert_has("\"result\":[" LOG("11a") "," LOG("12a") "]");
}

static void changes_that_nobody_waited_for_are_kept_for_the_next_who_asks(void **state) {
    (void)state;
    make_filter("{}");
    world.how = READS_LATER;
    add_block(11, 'a');
    with_id("eth_getFilterChanges");
    ht_rpc_abandon(world.exchange);
    finish_read(HT_OK);
    assert_string_equal(world.answer, "");
    assert_changes("[" LOG("11a") "]");
}

static void a_block_that_cannot_be_read_is_named_and_nothing_is_lost(void **state) {
    (void)state;
    make_filter("{}");
    add_block(11, 'a');
    world.how = READS_FAIL;
    add_block(12, 'a');
    add_block(13, 'a');
    with_id("eth_getFilterChanges");
    assert_has("\"logs_incomplete\"");
    assert_has("not proven are blocks 12-13\"");
    assert_has("\"missing\":[{\"from\":\"0xc\",\"to\":\"0xd\",\"code\":\"no_provider\"");
    world.how = READS_AT_ONCE;
    assert_changes("[" LOG("11a") "," LOG("12a") "," LOG("13a") "]");
}

static void blocks_that_the_chain_jumped_over_are_named_once(void **state) {
    (void)state;
    make_filter("{}");
    add_block(11, 'a');
    add_block(15, 'a');
    with_id("eth_getFilterChanges");
    assert_has("not proven are blocks 12-14\"");
    assert_changes("[" LOG("11a") "," LOG("15a") "]");
}

static void logs_of_a_filter_are_those_of_its_whole_range(void **state) {
    (void)state;
    make_filter("{\"fromBlock\":\"0x2\",\"toBlock\":\"latest\"}");
    with_id("eth_getFilterLogs");
    assert_has("\"result\":[\"all\"]");
    assert_int_equal(world.from.number, 2);
    assert_int_equal(world.to.kind, HT_BLOCK_LATEST);
    world.how = READS_FAIL;
    with_id("eth_getFilterLogs");
    assert_has("\"code\":-32002,\"message\":\"the logs are not complete: not proven are blocks "
               "3-5, 9\"");
    make_block_filter();
    with_id("eth_getFilterLogs");
    assert_has("no_log_filter");
}

static void assert_unknown(void) {
    assert_has("\"code\":-32000,\"message\":\"filter not found\"");
    assert_has("\"filter_not_found\"");
}

static void a_filter_that_was_taken_away_is_not_found(void **state) {
    (void)state;
    make_filter("{}");
    with_id("eth_uninstallFilter");
    assert_has("\"result\":true");
    with_id("eth_uninstallFilter");
    assert_has("\"result\":false");
    with_id("eth_getFilterChanges");
    assert_unknown();
    with_id("eth_getFilterLogs");
    assert_unknown();
    assert_null(world.listeners);
}

static void a_filter_that_nobody_asks_for_goes_after_five_minutes(void **state) {
    (void)state;
    make_filter("{}");
    world.mono_ms += HT_ETH_FILTER_IDLE_MS;
    assert_changes("[]");
    world.mono_ms += HT_ETH_FILTER_IDLE_MS + 1;
    with_id("eth_getFilterChanges");
    assert_unknown();
    assert_null(world.listeners);
    make_block_filter();
    world.mono_ms += HT_ETH_FILTER_IDLE_MS + 1;
    add_block(11, 'a');
    assert_null(world.listeners);
}

static void there_is_room_for_so_many_filters_and_old_ones_make_room(void **state) {
    (void)state;
    for (unsigned i = 0; i < HT_ETH_FILTERS_MAX; i++) make_block_filter();
    call("eth_newBlockFilter", "[]");
    assert_has("\"too_many_filters\"");
    world.mono_ms += HT_ETH_FILTER_IDLE_MS + 1;
    make_block_filter();
}

static void a_filter_that_goes_while_it_is_waited_for_says_so(void **state) {
    (void)state;
    make_filter("{}");
    world.how = READS_LATER;
    add_block(11, 'a');
    with_id("eth_getFilterChanges");
    assert_string_equal(world.answer, "");
    ht_eth_filters_free(&world.eth);
    assert_unknown();
    finish_read(HT_OK);
}

static void an_old_head_has_no_changes(void **state) {
    (void)state;
    make_filter("{}");
    world.is_stale = true;
    with_id("eth_getFilterChanges");
    assert_has("\"not_live\"");
    call("eth_newBlockFilter", "[]");
    assert_has("\"not_live\"");
}

static void filters_that_mean_nothing_are_refused(void **state) {
    (void)state;
    static const char *const bad[][2] = {
        {"[]", "params_missing"},
        {"[5]", "bad_filter"},
        {"[{\"fromBlock\":\"x\"}]", "bad_block"},
        {"[{\"address\":5}]", "json_type"},
        {"[{\"blockHash\":\"0x11\"}]", "json_value"},
        {"[{\"blockHash\":\"0x1122334455667788990011223344556677889900112233445566778899001122\"}]",
         "bad_filter"},
        {"[{\"blockHash\":\"0x1122334455667788990011223344556677889900112233445566778899001122\","
         "\"toBlock\":\"0x1\"}]",
         "block_hash_and_range"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        call("eth_newFilter", bad[i][0]);
        assert_has("\"code\":-32602,");
        assert_has(bad[i][1]);
    }
    assert_null(world.listeners);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_block_filter_tells_each_new_block_once),
        TEST(a_log_filter_tells_each_new_log_once),
        TEST(blocks_whose_bloom_has_no_match_are_not_read),
        TEST(blocks_outside_of_the_range_are_passed_over),
        TEST(logs_of_a_block_that_was_taken_out_come_again_as_removed),
        TEST(a_block_that_was_taken_out_before_it_was_read_is_not_told),
        TEST(changes_wait_until_the_blocks_so_far_are_read),
        TEST(changes_that_nobody_waited_for_are_kept_for_the_next_who_asks),
        TEST(a_block_that_cannot_be_read_is_named_and_nothing_is_lost),
        TEST(blocks_that_the_chain_jumped_over_are_named_once),
        TEST(logs_of_a_filter_are_those_of_its_whole_range),
        TEST(a_filter_that_was_taken_away_is_not_found),
        TEST(a_filter_that_nobody_asks_for_goes_after_five_minutes),
        TEST(there_is_room_for_so_many_filters_and_old_ones_make_room),
        TEST(a_filter_that_goes_while_it_is_waited_for_says_so),
        TEST(an_old_head_has_no_changes),
        TEST(filters_that_mean_nothing_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
