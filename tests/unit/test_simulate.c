/* Simulations: what a transaction does is told, what was taken back is not, and none of it is told
 * while something is missing. */
#include "tests/unit/simulate_world.h"

#include "node/l1/simulate.h"
#include "node/l1/simulate_revert.h"
#include "tests/unit/simulate_contracts_vec.h"

#define ME "0x5100000000000000000000000000000000000001"
#define TOKEN_AT "0x5100000000000000000000000000000000000002"
#define OTHER "0x5100000000000000000000000000000000000003"
#define OTHER_WORD "0000000000000000000000005100000000000000000000000000000000000003"
#define BUY "0xa6f2ae3a"
#define FAILS "0xe6eec67e000000000000000000000000000000000000000000000000000000000000000"
#define ETHER UINT64_C(1000000000000000000)

static struct ht_simulation simulation;
static unsigned done_count;

static void done(struct ht_simulation *one) {
    (void)one;
    done_count++;
}

static int set_up(void **state) {
    (void)sim_set_up(state);
    sim_put(sim_address(1), ETHER, NULL);
    sim_put(sim_address(2), ETHER, TOKEN);
    done_count = 0;
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    ht_simulation_fini(&simulation);
    return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

static void simulate(const char *calls, const char *overrides, bool is_transaction) {
    json_t *list = json_loads(calls, 0, NULL);
    json_t *object = overrides != NULL ? json_loads(overrides, 0, NULL) : NULL;
    assert_non_null(list);
    simulation = (struct ht_simulation){
        .calls = list, .overrides = object, .is_transaction = is_transaction, .done = done};
    ht_simulate(NULL, &simulation);
    assert_int_equal(done_count, 1);
    json_decref(list);
    json_decref(object);
}

/* A call of the token by the first account, more members behind. */
static void call_token(const char *data, const char *more) {
    char text[1000];
    (void)snprintf(text, sizeof text,
                   "[{\"from\":\"" ME "\",\"to\":\"" TOKEN_AT "\",\"data\":\"%s\"%s}]", data, more);
    simulate(text, NULL, false);
    if (simulation.err != HT_OK) fail_msg("%s: %s", simulation.why.code, simulation.why.text);
}

/* What stands at a path of the i-th result, as JSON; good until the next. */
static const char *told(size_t i, const char *path) {
    static char text[20000];
    const json_t *value = NULL;
    struct ht_why why = {0};
    if (ht_json_get(&value, json_array_get(simulation.results, i), path, &why) != HT_OK) {
        fail_msg("%s: %s", path, why.text);
    }
    size_t n = json_dumpb(value, text, sizeof text - 1, JSON_COMPACT | JSON_ENCODE_ANY);
    assert_true(n < sizeof text);
    text[n] = '\0';
    return text;
}

static void is_told(const char *path, const char *wanted) {
    assert_string_equal(told(0, path), wanted);
}

static void a_transfer_of_ether_tells_who_sent_what_to_whom(void **state) {
    (void)state;
    simulate("[{\"from\":\"" ME "\",\"to\":\"" OTHER "\",\"value\":\"0x64\"}]", NULL, false);
    is_told("status", "\"success\"");
    is_told("error", "null");
    is_told("gas_used", "\"0x5208\"");
    is_told("ether", "[{\"from\":\"" ME "\",\"to\":\"" OTHER "\",\"wei\":\"100\",\"depth\":0}]");
    is_told("accounts[1].wei_before", "\"0\"");
    is_told("accounts[1].wei_after", "\"100\"");
    is_told("accounts[0].nonce_before", "0");
    is_told("accounts[0].nonce_after", "1");
    is_told("block.number", "100");
    is_told("provenance.verdict", "\"proven\"");
    is_told("cut", "[]");
    assert_true(sim.had_hint);
}

static void a_purchase_tells_ether_both_ways_tokens_storage_logs_and_calls(void **state) {
    (void)state;
    call_token(BUY, ",\"value\":\"0x64\"");
    is_told("status", "\"success\"");
    is_told("ether[0].wei", "\"100\"");
    is_told("ether[1]", "{\"from\":\"" TOKEN_AT "\",\"to\":\"" ME "\",\"wei\":\"50\",\"depth\":1}");
    is_told("tokens", "[{\"standard\":\"ERC-20\",\"contract\":\"" TOKEN_AT "\",\"from\":\"" TOKEN_AT
                      "\",\"to\":\"" ME "\",\"amount\":\"300\",\"id\":null}]");
    is_told("storage[0].address", "\"" TOKEN_AT "\"");
    is_told("storage[0].after",
            "\"0x0000000000000000000000000000000000000000000000000000000000000001\"");
    is_told("logs[0].data",
            "\"0x000000000000000000000000000000000000000000000000000000000000012c\"");
    is_told("calls.type", "\"CALL\"");
    is_told("calls.input", "\"" BUY "\"");
    is_told("calls.calls[0].from", "\"" TOKEN_AT "\"");
    is_told("calls.calls[0].to", "\"" ME "\"");
    is_told("calls.calls[0].wei", "\"50\"");
    is_told("calls.calls[0].status", "\"success\"");
    is_told("approvals", "[]");
}

static void what_a_frame_that_failed_did_is_not_told(void **state) {
    (void)state;
    call_token("0xff00117f" OTHER_WORD, ",\"value\":\"0x64\"");
    is_told("status", "\"success\"");
    is_told("tokens", "[]");
    assert_int_equal(
        json_array_size(json_object_get(json_array_get(simulation.results, 0), "ether")), 2);
    is_told("ether[0].wei", "\"100\"");
    is_told("ether[1]",
            "{\"from\":\"" TOKEN_AT "\",\"to\":\"" OTHER "\",\"wei\":\"50\",\"depth\":1}");
    is_told("calls.calls[0].status", "\"execution reverted\"");
    is_told("calls.calls[0].calls[0].wei", "\"1\"");
}

static void approvals_are_told_with_their_spender_and_what_they_take_back(void **state) {
    (void)state;
    call_token("0x095ea7b3" OTHER_WORD
               "00000000000000000000000000000000000000000000000000000000000003e8",
               "");
    is_told("approvals", "[{\"standard\":\"ERC-20\",\"contract\":\"" TOKEN_AT "\",\"owner\":\"" ME
                         "\",\"spender\":\"" OTHER
                         "\",\"amount\":\"1000\",\"id\":null,\"all\":false,\"revoked\":false}]");
}

static void approvals_for_all_are_told_and_their_end(void **state) {
    (void)state;
    call_token("0x9cbf7d0d" OTHER_WORD
               "0000000000000000000000000000000000000000000000000000000000000000",
               "");
    is_told("approvals[0].all", "true");
    is_told("approvals[0].revoked", "true");
    is_told("approvals[0].amount", "null");
}

static void batches_of_erc1155_are_told_one_by_one(void **state) {
    (void)state;
    call_token("0xdad6ea90" OTHER_WORD, "");
    is_told("tokens[0].standard", "\"ERC-1155\"");
    is_told("tokens[0].id", "\"7\"");
    is_told("tokens[0].amount", "\"70\"");
    is_told("tokens[1].id", "\"8\"");
    is_told("tokens[1].from", "\"" ME "\"");
    is_told("tokens[1].to", "\"" OTHER "\"");
}

static void wei_of_a_selfdestruct_are_told(void **state) {
    (void)state;
    call_token("0x11547957" OTHER_WORD, "");
    is_told("ether", "[{\"from\":\"" TOKEN_AT "\",\"to\":\"" OTHER
                     "\",\"wei\":\"1000000000000000000\",\"depth\":0}]");
}

static void a_revert_with_a_text_has_it_as_its_reason(void **state) {
    (void)state;
    call_token(FAILS "0", "");
    is_told("status", "\"reverted\"");
    is_told("error", "\"execution reverted\"");
    is_told("revert.reason", "\"too late\"");
    is_told("revert.error.name", "\"Error\"");
    is_told("revert.error.selector", "\"0x08c379a0\"");
    is_told("ether", "[]");
}

static void a_panic_is_told_in_words(void **state) {
    (void)state;
    call_token(FAILS "1", "");
    is_told("revert.reason", "\"arithmetic overflow or underflow (panic 17)\"");
    is_told("revert.error.name", "\"Panic\"");
}

static void a_custom_error_is_told_by_its_selector_and_data(void **state) {
    (void)state;
    call_token(FAILS "2", "");
    is_told("revert.reason", "null");
    is_told("revert.error.name", "null");
    is_told("revert.error.args", "null");
    assert_memory_equal(told(0, "revert.data") + 1, "0x", 2);
    assert_int_equal(strlen(told(0, "revert.data")), 2 + 2 + 2 * 36);
}

static json_t *revert_of(const char *hex) {
    uint8_t data[200];
    size_t n = strlen(hex) / 2;
    assert_true(n <= sizeof data);
    assert_int_equal(ht_hex_read(data, n, ht_bytes_str(hex)), HT_OK);
    json_t *revert = ht_revert_json(ht_bytes_of(data, n));
    assert_non_null(revert);
    return revert;
}

static void an_error_that_all_tokens_have_is_written_out(void **state) {
    (void)state;
    json_t *revert = revert_of("e450d38c" OTHER_WORD
                               "0000000000000000000000000000000000000000000000000000000000000001"
                               "0000000000000000000000000000000000000000000000000000000000000002");
    assert_string_equal(json_string_value(json_object_get(revert, "reason")),
                        "ERC20InsufficientBalance(" OTHER ", 1, 2)");
    json_decref(revert);
}

static void a_text_that_is_cut_off_is_no_reason(void **state) {
    (void)state;
    json_t *revert = revert_of("08c379a0"
                               "0000000000000000000000000000000000000000000000000000000000000020"
                               "0000000000000000000000000000000000000000000000000000000000000028"
                               "746f6f206c617465000000000000000000000000000000000000000000000000");
    assert_true(json_is_null(json_object_get(revert, "reason")));
    json_decref(revert);
}

static void a_revert_with_too_much_data_is_not_read(void **state) {
    (void)state;
    size_t n = 4 + 64 + 80000;
    uint8_t *data = calloc(1, n);
    assert_non_null(data);
    memcpy(data, (const uint8_t[4]){0x08, 0xc3, 0x79, 0xa0}, 4);
    data[4 + 31] = 32;
    memcpy(data + 4 + 61, (const uint8_t[3]){0x01, 0x38, 0x80}, 3); /* 80,000 bytes */
    memset(data + 68, 'a', 80000);
    json_t *revert = ht_revert_json(ht_bytes_of(data, n));
    free(data);
    assert_true(json_is_null(json_object_get(revert, "reason")));
    assert_int_equal(json_string_length(json_object_get(revert, "data")), 2 + 2 * 8192);
    json_decref(revert);
}

static void a_revert_without_data_has_no_reason_and_no_error(void **state) {
    (void)state;
    call_token(FAILS "3", "");
    is_told("revert", "{\"reason\":null,\"error\":null,\"data\":\"0x\"}");
}

static void an_invalid_instruction_is_a_failure_and_no_revert(void **state) {
    (void)state;
    call_token(FAILS "4", ",\"gas\":\"0x186a0\"");
    is_told("status", "\"failed\"");
    is_told("revert", "null");
    is_told("gas_limit", "\"0x186a0\"");
    is_told("gas_used", "\"0x186a0\"");
    assert_non_null(strstr(told(0, "error"), "invalid"));
}

static void a_creation_tells_the_contract_that_it_made(void **state) {
    (void)state;
    size_t size = sizeof TOKEN_INIT + 200;
    char *text = malloc(size);
    assert_non_null(text);
    (void)snprintf(text, size, "[{\"from\":\"" ME "\",\"data\":\"0x%s\"}]", TOKEN_INIT);
    simulate(text, NULL, true);
    free(text);
    is_told("status", "\"success\"");
    is_told("calls.type", "\"CREATE\"");
    assert_int_equal(strlen(told(0, "created")), 44);
    is_told("accounts[1].code_changed", "true");
}

static void a_transaction_pays_its_fees_and_a_call_does_not(void **state) {
    (void)state;
    const char *text = "[{\"from\":\"" ME "\",\"to\":\"" OTHER
                       "\",\"gas\":\"0x5208\",\"gasPrice\":\"0x77359400\"}]";
    simulate(text, NULL, true);
    is_told("status", "\"success\"");
    is_told("accounts[0].wei_before", "\"0\""); /* the coinbase */
    is_told("accounts[0].wei_after", "\"21000000000000\"");
    is_told("accounts[1].wei_after", "\"999958000000000000\"");
}

static void what_no_block_would_take_is_an_answer_with_its_reason(void **state) {
    (void)state;
    simulate("[{\"from\":\"" ME "\",\"to\":\"" OTHER
             "\",\"value\":\"0xffffffffffffffffffff\",\"gasPrice\":\"0x77359400\"}]",
             NULL, true);
    assert_int_equal(simulation.err, HT_OK);
    is_told("status", "\"failed\"");
    is_told("code", "\"tx_no_funds\"");
    is_told("gas_used", "\"0x0\"");
    is_told("calls", "null");
    is_told("accounts", "[]");
}

static void a_nonce_that_is_used_is_refused_of_a_transaction_alone(void **state) {
    (void)state;
    const char *text = "[{\"from\":\"" ME "\",\"to\":\"" OTHER "\",\"nonce\":\"0x5\"}]";
    simulate(text, NULL, true);
    is_told("code", "\"tx_nonce_mismatch\"");
    ht_simulation_fini(&simulation);
    done_count = 0;
    simulate(text, NULL, false);
    is_told("status", "\"success\"");
    ht_simulation_fini(&simulation);
    done_count = 0;
    simulate(text, "{\"" ME "\":{\"nonce\":\"0x5\"}}", true);
    is_told("status", "\"success\"");
}

static void calls_run_on_what_those_before_them_left(void **state) {
    (void)state;
    const char *buy =
        "{\"from\":\"" ME "\",\"to\":\"" TOKEN_AT "\",\"data\":\"" BUY "\",\"value\":\"0x64\"}";
    char text[500];
    (void)snprintf(text, sizeof text, "[%s,%s]", buy, buy);
    simulate(text, NULL, false);
    assert_int_equal(json_array_size(simulation.results), 2);
    assert_string_equal(told(1, "storage[0].before"),
                        "\"0x0000000000000000000000000000000000000000000000000000000000000001\"");
    assert_string_equal(told(1, "storage[0].after"),
                        "\"0x0000000000000000000000000000000000000000000000000000000000000002\"");
    assert_string_equal(told(1, "accounts[0].wei_before"), "\"999999999999999950\"");
    assert_string_equal(told(1, "accounts[0].nonce_before"), "1");
    assert_int_equal(strlen(told(0, "storage[0].address")), 44);
}

static void overridden_code_is_what_runs_and_no_hint_is_asked_for(void **state) {
    (void)state;
    simulate("[{\"from\":\"" ME "\",\"to\":\"" TOKEN_AT "\",\"data\":\"" FAILS "0\"}]",
             "{\"" TOKEN_AT "\":{\"code\":\"0x00\"}}", false);
    is_told("status", "\"success\"");
    assert_false(sim.had_hint);
}

static void nothing_is_told_of_a_round_in_which_something_was_missing(void **state) {
    (void)state;
    sim.missing = 1;
    call_token(BUY, ",\"value\":\"0x64\"");
    assert_int_equal(sim.rounds, 2);
    assert_int_equal(json_array_size(simulation.results), 1);
}

static void what_cannot_be_proven_is_an_error_and_no_result(void **state) {
    (void)state;
    sim.refuses = HT_ENET;
    simulate("[{\"from\":\"" ME "\",\"to\":\"" OTHER "\"}]", NULL, false);
    assert_int_equal(simulation.err, HT_ENET);
    assert_string_equal(simulation.why.code, "state_pruned");
    assert_null(simulation.results);
}

static void too_many_calls_and_none_are_refused(void **state) {
    (void)state;
    simulate("[]", NULL, false);
    assert_int_equal(simulation.err, HT_EINPUT);
    ht_simulation_fini(&simulation);
    char text[3 * (HT_SIMULATE_CALLS_MAX + 1) + 3] = "[";
    for (size_t i = 0; i <= HT_SIMULATE_CALLS_MAX; i++) strncat(text, i > 0 ? ",{}" : "{}", 4);
    strncat(text, "]", 2);
    done_count = 0;
    simulate(text, NULL, false);
    assert_int_equal(simulation.err, HT_ELIMIT);
    assert_string_equal(simulation.why.code, "too_many_calls");
}

static void a_call_object_that_is_wrong_is_refused_with_its_reason(void **state) {
    (void)state;
    simulate("[{\"to\":\"" OTHER "\",\"data\":\"0x00\",\"input\":\"0x01\"}]", NULL, false);
    assert_int_equal(simulation.err, HT_EINPUT);
    assert_string_equal(simulation.why.code, "call_both_data");
}

/* A contract that calls itself until the gas is gone: the tree and its levels are bounded. */
static void a_deep_tree_is_cut_and_says_so(void **state) {
    (void)state;
    /* CALL(GAS, ADDRESS, 0, 0, 0, 0, 0) twice */
    sim_put(sim_address(3), 0, "5f5f5f5f5f305af1505f5f5f5f5f305af100");
    simulate("[{\"from\":\"" ME "\",\"to\":\"" OTHER "\",\"gas\":\"0x4c4b40\"}]", NULL, false);
    is_told("status", "\"success\"");
    is_told("cut", "[\"calls\"]");
    const json_t *frame = json_object_get(json_array_get(simulation.results, 0), "calls");
    unsigned levels = 0;
    for (; frame != NULL; levels++) frame = json_array_get(json_object_get(frame, "calls"), 0);
    assert_int_equal(levels, HT_SIMULATE_LEVELS_MAX);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_transfer_of_ether_tells_who_sent_what_to_whom),
        TEST(a_purchase_tells_ether_both_ways_tokens_storage_logs_and_calls),
        TEST(what_a_frame_that_failed_did_is_not_told),
        TEST(approvals_are_told_with_their_spender_and_what_they_take_back),
        TEST(approvals_for_all_are_told_and_their_end),
        TEST(batches_of_erc1155_are_told_one_by_one),
        TEST(wei_of_a_selfdestruct_are_told),
        TEST(a_revert_with_a_text_has_it_as_its_reason),
        TEST(a_panic_is_told_in_words),
        TEST(a_custom_error_is_told_by_its_selector_and_data),
        TEST(an_error_that_all_tokens_have_is_written_out),
        TEST(a_text_that_is_cut_off_is_no_reason),
        TEST(a_revert_with_too_much_data_is_not_read),
        TEST(a_revert_without_data_has_no_reason_and_no_error),
        TEST(an_invalid_instruction_is_a_failure_and_no_revert),
        TEST(a_creation_tells_the_contract_that_it_made),
        TEST(a_transaction_pays_its_fees_and_a_call_does_not),
        TEST(what_no_block_would_take_is_an_answer_with_its_reason),
        TEST(a_nonce_that_is_used_is_refused_of_a_transaction_alone),
        TEST(calls_run_on_what_those_before_them_left),
        TEST(overridden_code_is_what_runs_and_no_hint_is_asked_for),
        TEST(nothing_is_told_of_a_round_in_which_something_was_missing),
        TEST(what_cannot_be_proven_is_an_error_and_no_result),
        TEST(too_many_calls_and_none_are_refused),
        TEST(a_call_object_that_is_wrong_is_refused_with_its_reason),
        TEST(a_deep_tree_is_cut_and_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
