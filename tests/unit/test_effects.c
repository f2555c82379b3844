/* What a waiting transaction would do: shown with it, kept up to date, and not for anything else.
 */
#include "tests/unit/wallet_world.h"

#include "identity/wallet/effects.h"

#define TOKEN "0x00000000000000000000000000000000000070c3"

static struct ask asked, other, decided;

static int set_up(void **state) {
    static int runner;
    int err = world_start(state);
    bench.host.runner = (struct ht_runner *)&runner;
    return err;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, world_end)

static void send_ether(void) {
    ask_owner(&asked, "wallet.send",
              "{\"from\":\"" OURS "\",\"to\":\"" STRANGER "\",\"value\":\"1000\"}");
}

static size_t running(void) {
    size_t count = 0;
    for (size_t i = 0; i < 4; i++) count += bench.simulated[i] != NULL;
    return count;
}

static struct ht_simulation *take(size_t i) {
    struct ht_simulation *simulation = bench.simulated[i];
    assert_non_null(simulation);
    bench.simulated[i] = NULL;
    return simulation;
}

/* The i-th one ends with that result, more members in front of the usual ones. */
static void finish(size_t i, const char *more) {
    char text[3000];
    struct ht_simulation *simulation = take(i);
    (void)snprintf(text, sizeof text,
                   "[{%s\"gas_used\":\"0x5208\",\"block\":{\"number\":100,\"hash\":\"0x01\","
                   "\"timestamp\":17},\"provenance\":{\"verdict\":\"proven\"},\"cut\":[]}]",
                   more);
    simulation->err = HT_OK;
    simulation->results = json_loads(text, 0, NULL);
    assert_non_null(simulation->results);
    simulation->done(simulation);
}

static void finish_badly(size_t i) {
    struct ht_simulation *simulation = take(i);
    simulation->err = ht_fail(&simulation->why, HT_ENET, "no_provider", "nobody has it");
    simulation->done(simulation);
}

/* What is left ends at the end of a test; nobody may want it then. */
static void finish_all(void) {
    for (size_t i = 0; i < 4; i++) {
        if (bench.simulated[i] != NULL) finish_badly(i);
    }
}

static const char *shown(size_t item, const char *member, const char *path) {
    static char text[4000];
    const json_t *value = NULL;
    struct ht_why why = {0};
    if (ht_json_get(&value, queued(item, member), path, &why) != HT_OK) {
        fail_msg("%s: %s", path, why.text);
    }
    size_t n = json_dumpb(value, text, sizeof text - 1, JSON_COMPACT | JSON_ENCODE_ANY);
    assert_true(n < sizeof text);
    text[n] = '\0';
    return text;
}

static void is_shown(const char *path, const char *wanted) {
    assert_string_equal(shown(0, "effects", path), wanted);
}

#define GOOD "\"status\":\"success\",\"error\":null,\"revert\":null,"

static void a_transaction_is_run_when_it_comes_and_says_so(void **state) {
    (void)state;
    send_ether();
    is_shown("state", "\"running\"");
    is_shown("leaves", "[]");
    assert_int_equal(running(), 1);
    const struct ht_simulation *simulation = bench.simulated[0];
    const json_t *call = json_array_get(simulation->calls, 0);
    assert_true(simulation->is_transaction);
    assert_string_equal(json_string_value(json_object_get(call, "from")), OURS);
    assert_string_equal(json_string_value(json_object_get(call, "to")), STRANGER);
    assert_string_equal(json_string_value(json_object_get(call, "value")), "0x3e8");
    assert_int_equal(json_object_size(simulation->overrides), 1);
    finish(0, GOOD);
    is_shown("state", "\"done\"");
    is_shown("block.number", "100");
    is_shown("gas_used", "21000");
    is_shown("reverts", "null");
    is_shown("provenance.verdict", "\"proven\"");
}

static void ether_that_leaves_and_arrives_is_listed_with_the_fee_at_most(void **state) {
    (void)state;
    send_ether();
    finish(0, GOOD "\"ether\":[{\"from\":\"" OURS "\",\"to\":\"" STRANGER "\",\"wei\":"
                   "\"1500000000000000000\",\"depth\":0},{\"from\":\"" STRANGER "\",\"to\":\"" OURS
                   "\",\"wei\":\"7\",\"depth\":1},{\"from\":\"" STRANGER "\",\"to\":\"" TOKEN
                   "\",\"wei\":\"9\",\"depth\":1}],");
    is_shown("leaves[0].what", "\"ether\"");
    is_shown("leaves[0].amount", "\"1.5\"");
    is_shown("leaves[0].unit", "\"ETH\"");
    is_shown("leaves[0].told_by_contract", "false");
    is_shown("leaves[1].what", "\"fee\"");
    is_shown("leaves[1].to", "null");
    assert_string_not_equal(shown(0, "effects", "leaves[1].raw"), "\"0\"");
    is_shown("arrives[0].raw", "\"7\"");
    assert_int_equal(json_array_size(json_object_get(queued(0, "effects"), "arrives")), 1);
    assert_int_equal(json_array_size(json_object_get(queued(0, "effects"), "leaves")), 2);
}

#define TOKENS(amount)                                                                 \
    "\"tokens\":[{\"standard\":\"ERC-20\",\"contract\":\"" TOKEN "\",\"from\":\"" OURS \
    "\",\"to\":\"" STRANGER "\",\"amount\":\"" amount "\",\"id\":null},"               \
    "{\"standard\":\"ERC-721\",\"contract\":\"" TOKEN "\",\"from\":\"" STRANGER        \
    "\",\"to\":\"" OURS "\",\"amount\":\"1\",\"id\":\"77\"}],"

static void tokens_are_told_by_contracts_and_without_decimals_that_nobody_knows(void **state) {
    (void)state;
    send_ether();
    finish(0, GOOD TOKENS("1500000"));
    is_shown("leaves[1].what", "\"token\"");
    is_shown("leaves[1].amount", "\"1500000\"");
    is_shown("leaves[1].unit", "\"base units\"");
    is_shown("leaves[1].told_by_contract", "true");
    is_shown("arrives[0].what", "\"nft\"");
    is_shown("arrives[0].amount", "\"77\"");
    is_shown("arrives[0].unit", "\"token id\"");
}

static void a_token_that_the_wallet_knows_has_its_symbol(void **state) {
    (void)state;
    static const struct ht_token_info token = {.symbol = "TDL", .decimals = 6};
    bench.token = &token;
    send_ether();
    finish(0, GOOD TOKENS("1500000"));
    is_shown("leaves[1].amount", "\"1.5\"");
    is_shown("leaves[1].unit", "\"TDL\"");
    is_shown("leaves[1].raw", "\"1500000\"");
}

static void tokens_that_do_not_move_are_not_listed(void **state) {
    (void)state;
    send_ether();
    finish(0, GOOD TOKENS("0"));
    assert_int_equal(json_array_size(json_object_get(queued(0, "effects"), "leaves")), 1);
}

#define APPROVAL(owner, amount, all)                                                 \
    "{\"standard\":\"ERC-20\",\"contract\":\"" TOKEN "\",\"owner\":\"" owner         \
    "\",\"spender\":\"" STRANGER "\",\"amount\":" amount ",\"id\":null,\"all\":" all \
    ",\"revoked\":false}"
#define MOST "\"115792089237316195423570985008687907853269984665640564039457584007913129639935\""

static void approvals_of_the_account_are_listed_with_their_spender(void **state) {
    (void)state;
    send_ether();
    finish(0,
           GOOD "\"approvals\":[" APPROVAL(OURS, "\"50\"", "false") "," APPROVAL(
               STRANGER, "\"60\"",
               "false") "," APPROVAL(OURS, MOST, "false") "," APPROVAL(OURS, "null", "true") "],");
    assert_int_equal(json_array_size(json_object_get(queued(0, "effects"), "approvals")), 3);
    is_shown("approvals[0].amount", "\"50\"");
    is_shown("approvals[0].is_unlimited", "false");
    is_shown("approvals[0].spender", "\"0x0000000000000000000000000000000000123456\"");
    is_shown("approvals[1].is_unlimited", "true");
    is_shown("approvals[2].all", "true");
    is_shown("approvals[2].amount", "null");
}

static void a_revert_is_a_danger_with_its_reason(void **state) {
    (void)state;
    send_ether();
    finish(0, "\"status\":\"reverted\",\"error\":\"execution reverted\",\"revert\":{\"reason\":"
              "\"too late\",\"error\":null,\"data\":\"0x08c379a0\"},");
    is_shown("state", "\"done\"");
    is_shown("reverts", "\"too late\"");
    assert_string_equal(shown(0, "explain", "warnings[0]"),
                        "{\"level\":\"danger\",\"code\":\"would_fail\",\"text\":"
                        "\"Would fail: too late\"}");
    assert_string_equal(shown(0, "explain", "is_red"), "true");
    assert_string_equal(shown(0, "explain", "title"), "\"transfer\"");
}

static void a_custom_error_is_shown_by_selector_and_data(void **state) {
    (void)state;
    send_ether();
    finish(0, "\"status\":\"reverted\",\"error\":\"execution reverted\",\"revert\":{\"reason\":"
              "null,\"error\":{\"name\":null,\"selector\":\"0xaabbccdd\",\"args\":null},"
              "\"data\":\"0xaabbccdd05\"},");
    is_shown("reverts", "\"error 0xaabbccdd of the contract's own: 0xaabbccdd05\"");
}

static void what_no_block_would_take_is_said_to_fail(void **state) {
    (void)state;
    send_ether();
    finish(0, "\"status\":\"failed\",\"error\":\"its sender has too little\",\"revert\":null,");
    is_shown("reverts", "\"its sender has too little\"");
}

static void a_long_reason_is_cut_between_characters(void **state) {
    (void)state;
    char more[1200] = "\"status\":\"failed\",\"revert\":null,\"error\":\"a";
    send_ether();
    for (size_t i = 0; i < 200; i++) strncat(more, "\xc3\xa9", 3);
    strncat(more, "\",", 3);
    finish(0, more);
    assert_int_equal(json_string_length(json_object_get(queued(0, "effects"), "reverts")), 239);
}

static void what_could_not_be_run_says_why_and_warns_of_nothing(void **state) {
    (void)state;
    send_ether();
    finish_badly(0);
    is_shown("state", "\"failed\"");
    is_shown("why", "\"nobody has it\"");
    is_shown("code", "\"no_provider\"");
    assert_null(json_object_get(queued(0, "explain"), "warnings"));
}

static void a_later_head_is_looked_at_but_not_too_often(void **state) {
    (void)state;
    send_ether();
    finish(0, GOOD);
    bench.mono_ms += HT_EFFECTS_EVERY_MS - 1;
    ht_queue_on_head(&bench.identity);
    assert_int_equal(running(), 0);
    bench.mono_ms += 1;
    bench_fire(); /* the queue's tick takes it up */
    assert_int_equal(running(), 1);
    is_shown("state", "\"done\""); /* what was found stands meanwhile */
    finish_badly(0);
    is_shown("state", "\"done\"");
    bench.mono_ms += HT_EFFECTS_EVERY_MS;
    bench_fire();
    assert_int_equal(running(), 0); /* no head, no look */
    ht_queue_on_head(&bench.identity);
    finish(0, "\"status\":\"failed\",\"error\":\"out of gas\",\"revert\":null,");
    is_shown("reverts", "\"out of gas\"");
}

static void an_amended_transaction_is_run_again_and_the_old_outcome_is_dropped(void **state) {
    (void)state;
    char params[400], id[24], hash[80];
    send_ether();
    (void)snprintf(id, sizeof id, "%s", json_string_value(queued(0, "id")));
    (void)snprintf(hash, sizeof hash, "%s", json_string_value(queued(0, "payload_hash")));
    (void)snprintf(params, sizeof params,
                   "{\"id\":\"%s\",\"payload_hash\":\"%s\",\"gas_limit\":\"50000\"}", id, hash);
    ask_owner(&other, "wallet.amend", params);
    (void)result_of(&other);
    assert_int_equal(running(), 2);
    finish(0, "\"status\":\"failed\",\"error\":\"out of gas\",\"revert\":null,");
    is_shown("state", "\"running\"");
    is_shown("reverts", "null");
    const json_t *call = json_array_get(bench.simulated[1]->calls, 0);
    assert_string_equal(json_string_value(json_object_get(call, "gas")), "0xc350");
    finish(1, GOOD);
    is_shown("state", "\"done\"");
}

static void what_nobody_waits_for_any_more_ends_by_itself(void **state) {
    (void)state;
    send_ether();
    ask_owner(&decided, "wallet.decide", decision(0, false, ""));
    (void)result_of(&decided);
    assert_int_equal(queue_size(), 0);
    assert_int_equal(running(), 1);
    finish_all();
    is_refused(&asked, -32011, "rejected");
}

static void a_creation_is_run(void **state) {
    (void)state;
    ask_owner(&asked, "wallet.send",
              "{\"from\":\"" OURS "\",\"data\":\"0x6000\",\"gas\":\"100000\"}");
    assert_int_equal(running(), 1);
    const json_t *call = json_array_get(bench.simulated[0]->calls, 0);
    assert_true(json_object_get(call, "to") == NULL || json_is_null(json_object_get(call, "to")));
    finish_all();
}

static void a_message_has_no_effects(void **state) {
    (void)state;
    ask_owner(&asked, "wallet.sign_text", "{\"account\":\"" OURS "\",\"text\":\"hello\"}");
    assert_int_equal(queue_size(), 1);
    assert_true(json_is_null(queued(0, "effects")));
    assert_int_equal(running(), 0);
}

static void a_node_that_runs_no_code_shows_none(void **state) {
    (void)state;
    bench.host.runner = NULL;
    send_ether();
    assert_int_equal(queue_size(), 1);
    assert_true(json_is_null(queued(0, "effects")));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_transaction_is_run_when_it_comes_and_says_so),
        TEST(ether_that_leaves_and_arrives_is_listed_with_the_fee_at_most),
        TEST(tokens_are_told_by_contracts_and_without_decimals_that_nobody_knows),
        TEST(a_token_that_the_wallet_knows_has_its_symbol),
        TEST(tokens_that_do_not_move_are_not_listed),
        TEST(approvals_of_the_account_are_listed_with_their_spender),
        TEST(a_revert_is_a_danger_with_its_reason),
        TEST(a_custom_error_is_shown_by_selector_and_data),
        TEST(what_no_block_would_take_is_said_to_fail),
        TEST(a_long_reason_is_cut_between_characters),
        TEST(what_could_not_be_run_says_why_and_warns_of_nothing),
        TEST(a_later_head_is_looked_at_but_not_too_often),
        TEST(an_amended_transaction_is_run_again_and_the_old_outcome_is_dropped),
        TEST(what_nobody_waits_for_any_more_ends_by_itself),
        TEST(a_creation_is_run),
        TEST(a_message_has_no_effects),
        TEST(a_node_that_runs_no_code_shows_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
