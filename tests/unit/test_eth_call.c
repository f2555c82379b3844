/* eth_call, eth_estimateGas and eth_createAccessList over the made-up chain, as callers see them.
 */
#include "tests/unit/run_bench.h"

#include "node/api/eth_access_list.h"
#include "node/api/eth_call.h"
#include "node/api/eth_estimate.h"
#include "node/l1/status.h"

#define ALICE "\"0xa100000000000000000000000000000000000000\""
#define CHAIN "\"0xc100000000000000000000000000000000000000\""
#define CALLER "\"0xc200000000000000000000000000000000000000\""
#define NOBODY "\"0xee00000000000000000000000000000000000000\""
#define ZEROS "0x00000000000000000000000000000000000000000000000000000000000000"
#define ANSWER(low) "\"result\":\"" ZEROS low "\""

static struct {
    struct ht_rpc *rpc;
    struct ht_eth eth;
    bool is_stale;
    bool is_answered;
    char answer[8000];
} api;

/* --- what is replaced ------------------------------------------------------------------------- */

enum ht_err ht_eth_check_live(const struct ht_eth *eth, struct ht_why *why) {
    (void)eth;
    return api.is_stale ? ht_fail(why, HT_ESTALE, "not_live", "old") : HT_OK;
}

json_t *ht_l1_provenance_json(const struct ht_sync *sync, const char *level, uint64_t number,
                              const ht_hash32 *hash, uint64_t timestamp, const char *source) {
    (void)sync, (void)hash, (void)timestamp;
    return json_pack("{s:s, s:I, s:s}", "level", level, "number", (json_int_t)number, "source",
                     source);
}

/* --- asking ----------------------------------------------------------------------------------- */

static void on_reply(void *user, enum ht_err err, struct ht_buf *text) {
    (void)user;
    assert_int_equal(err, HT_OK);
    assert_true(text->n < sizeof api.answer);
    memcpy(api.answer, text->p, text->n);
    api.answer[text->n] = '\0';
    api.is_answered = true;
}

static void start_with(struct ht_cb *bench, const uint8_t *code, size_t n) {
    static const struct ht_rpc_method methods[] = {
        {.name = "eth_call", .start = ht_eth_call},
        {.name = "eth_estimateGas", .start = ht_eth_estimate_gas},
        {.name = "eth_createAccessList", .start = ht_eth_create_access_list},
    };
    rb_start_with(bench, code, n);
    memset(&api, 0, sizeof api);
    api.eth = (struct ht_eth){
        .sync = &bench->sync, .chain = bench->chain, .state = bench->state, .runner = rb.runner};
    assert_int_equal(ht_rpc_new(&api.rpc, HT_RPC_ETHEREUM), HT_OK);
    assert_int_equal(ht_rpc_add_methods(api.rpc, methods, 3, &api.eth), HT_OK);
}

static void start(struct ht_cb *bench) {
    start_with(bench, RB_CALLER_CODE, sizeof RB_CALLER_CODE);
}

static void ask(struct ht_cb *bench, const char *method, const char *params) {
    const struct ht_rpc_asker asker = {.may_wait = true, .on_reply = on_reply};
    char message[2000];
    int n = snprintf(message, sizeof message,
                     "{\"jsonrpc\":\"2.0\",\"id\":1,\"provenance\":true,\"method\":\"%s\","
                     "\"params\":%s}",
                     method, params);
    api.is_answered = false;
    struct ht_rpc_exchange *exchange =
        ht_rpc_handle(api.rpc, &asker, ht_bytes_of(message, (size_t)n));
    assert_true(exchange != NULL || api.is_answered);
    rb_settle(bench, &api.is_answered);
}

static void has(const char *part) {
    if (strstr(api.answer, part) == NULL) fail_msg("want %s, got %s", part, api.answer);
}

static void has_not(const char *part) {
    if (strstr(api.answer, part) != NULL) fail_msg("do not want %s, got %s", part, api.answer);
}

static int end(void **state) {
    ht_rpc_free(api.rpc);
    api.rpc = NULL;
    return rb_free(state);
}

/* Returns one word of what these bytes leave on the stack. */
#define RETURN_WORD 0x5f, 0x52, 0x60, 0x20, 0x5f, 0xf3
/* Reverts with what is in memory, up to a byte. */
#define REVERT_WITH(n) 0x60, n, 0x5f, 0xfd

/* --- eth_call --------------------------------------------------------------------------------- */

static void a_call_answers_what_the_code_answers_at_that_block(void **state) {
    struct ht_cb *bench = *state;
    start(bench);
    ask(bench, "eth_call", "[{\"to\":" CALLER "}]");
    has(ANSWER("2a"));
    has("\"provenance\":{\"level\":\"head\",\"number\":1001,\"source\":\"peer 0\"}");
    ask(bench, "eth_call", "[{\"to\":" CALLER "},\"finalized\"]");
    has(ANSWER("2b"));
    has("\"level\":\"finalized\",\"number\":1000");
    ask(bench, "eth_call", "[{\"to\":" CALLER ",\"data\":\"0x01\"},\"0x3e8\"]");
    has(ANSWER("2b"));
}

static void a_call_of_nobody_answers_nothing(void **state) {
    struct ht_cb *bench = *state;
    start(bench);
    ask(bench, "eth_call", "[{\"to\":" NOBODY "}]");
    has("\"result\":\"0x\"");
}

static void a_creation_answers_the_code_that_it_would_have(void **state) {
    struct ht_cb *bench = *state;
    start(bench);
    ask(bench, "eth_call",
        "[{\"from\":" ALICE ",\"data\":\"0x61600160005260026"
        "01ef3\"}]");
    has("\"result\":\"0x6001\"");
}

static void overrides_are_pretended(void **state) {
    struct ht_cb *bench = *state;
    start(bench);
    ask(bench, "eth_call",
        "[{\"to\":" CALLER "},\"latest\",{" CHAIN ":{\"stateDiff\":{\"" ZEROS "07\":\"" ZEROS
        "99\"}}}]");
    has(ANSWER("99"));
    ask(bench, "eth_call", "[{\"to\":" CALLER "},\"latest\",{" CHAIN ":{\"state\":{}}}]");
    has(ANSWER("00"));
    ask(bench, "eth_call",
        "[{\"to\":" NOBODY "},\"latest\",{" NOBODY ":{\"code\":\"0x425f5260205"
        "ff3\"}},{\"time\":\"0x55\"}]");
    has(ANSWER("55"));
    /* SHA-256's contract answers at another address, and IDENTITY where it was */
    ask(bench, "eth_call",
        "[{\"to\":" NOBODY ",\"data\":\"0x\"},\"latest\","
        "{\"0x0000000000000000000000000000000000000002\":"
        "{\"movePrecompileToAddress\":" NOBODY "}}]");
    has("0xe3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    ask(bench, "eth_call",
        "[{\"to\":\"0x0000000000000000000000000000000000000002\"},\"latest\","
        "{\"0x0000000000000000000000000000000000000002\":"
        "{\"movePrecompileToAddress\":" NOBODY "}}]");
    has("\"result\":\"0x\"");
}

static void an_override_that_cannot_be_is_an_answer_of_the_machine(void **state) {
    struct ht_cb *bench = *state;
    start(bench);
    ask(bench, "eth_call",
        "[{\"to\":" CALLER "},\"latest\",{" ALICE ":{\"movePrecompileToAddress\":" NOBODY "}}]");
    has("\"code\":-32000");
    has("is not a precompile");
}

static void a_revert_is_error_3_with_its_reason_and_data(void **state) {
    /* Error("no"), put together by hand */
    static const uint8_t code[] = {0x62, 0x08, 0xc3, 0x79, 0x60, 0x08, 0x1b,
                                   0x60, 0xa0, 0x17, 0x60, 0xe0, 0x1b, 0x5f,
                                   0x52, 0x60, 0x20, 0x60, 0x04, 0x52, 0x60,
                                   0x02, 0x60, 0x24, 0x52, 0x61, 0x6e, 0x6f,
                                   0x60, 0xf0, 0x1b, 0x60, 0x44, 0x52, REVERT_WITH(0x64)};
    struct ht_cb *bench = *state;
    start_with(bench, code, sizeof code);
    ask(bench, "eth_call", "[{\"to\":" CALLER "}]");
    has("\"code\":3");
    has("\"message\":\"execution reverted: no\"");
    has("\"data\":\"0x08c379a0");
    ask(bench, "eth_estimateGas", "[{\"to\":" CALLER "}]");
    has("\"message\":\"execution reverted: no\"");
}

static void another_halt_is_an_error_in_its_own_words(void **state) {
    static const uint8_t code[] = {0xfe};
    struct ht_cb *bench = *state;
    start_with(bench, code, sizeof code);
    ask(bench, "eth_call", "[{\"to\":" CALLER "}]");
    has("\"code\":-32000");
    has("\"code\":\"halted\"");
    ask(bench, "eth_call", "[{\"to\":" CHAIN ",\"gas\":\"0x5210\"}]");
    has("\"message\":\"out of gas\"");
}

static void nobody_pays_without_a_price_and_base_fees_read_as_zero(void **state) {
    static const uint8_t code[] = {0x48, 0x3a, 0x01, RETURN_WORD}; /* BASEFEE + GASPRICE */
    struct ht_cb *bench = *state;
    start_with(bench, code, sizeof code);
    ask(bench, "eth_call", "[{\"to\":" CALLER "}]");
    has(ANSWER("00"));
    ask(bench, "eth_call", "[{\"to\":" CALLER ",\"from\":" ALICE ",\"gasPrice\":\"0x1\"}]");
    has("max fee per gas less than block base fee");
    ask(bench, "eth_call",
        "[{\"to\":" CALLER ",\"from\":" ALICE ",\"gas\":\"0xffff\","
        "\"gasPrice\":\"0x174876e800\"}]");
    has("insufficient funds for gas * price + value");
    ask(bench, "eth_call", "[{\"to\":" CALLER ",\"from\":" ALICE ",\"value\":\"0xf4241\"}]");
    has("insufficient funds for gas * price + value");
    has("\"code\":-32000");
}

static void calls_that_cannot_be_read_are_refused(void **state) {
    struct ht_cb *bench = *state;
    start(bench);
    ask(bench, "eth_call", "[]");
    has("\"code\":\"params_missing\"");
    ask(bench, "eth_call", "[{\"to\":\"0x1\"}]");
    has("-32602");
    has("invalid argument 0");
    ask(bench, "eth_call", "[{},\"0x01\"]");
    has("\"code\":\"bad_block\"");
    ask(bench, "eth_call", "[{},\"latest\",{" ALICE ":{\"x\":1}}]");
    has("\"code\":\"override_unknown\"");
    ask(bench, "eth_call", "[{},\"latest\",{},{\"x\":1}]");
    has("\"code\":\"override_unknown\"");
    ask(bench, "eth_call", "[{\"chainId\":\"0x1\"}]");
    has("\"code\":\"call_chain\"");
    ask(bench, "eth_createAccessList", "[{},\"latest\",{}]");
    has("\"code\":\"too_many_params\"");
}

static void what_cannot_be_proven_is_said_with_what_was_missing(void **state) {
    struct ht_cb *bench = *state;
    start(bench);
    bench->peers[0].lacks_state = true;
    ask(bench, "eth_call", "[{\"to\":" CALLER "}]");
    has("\"code\":-32004");
    has("\"code\":\"state_pruned\"");
    has("not proven: account 0x");
    bench->sync.network.forks[HT_GLOAS].epoch = 0;
    ask(bench, "eth_call", "[{\"to\":" CALLER "}]");
    has("\"code\":-32004");
    has("\"code\":\"fork_not_run\"");
}

static void a_stale_head_and_a_block_to_come_are_told_as_elsewhere(void **state) {
    struct ht_cb *bench = *state;
    start(bench);
    ask(bench, "eth_call", "[{\"to\":" CALLER "},\"0x3ea\"]");
    has("\"code\":\"block_in_future\"");
    has("-32001");
    api.is_stale = true;
    ask(bench, "eth_call", "[{\"to\":" CALLER "}]");
    has("\"kind\":\"stale\"");
    ask(bench, "eth_call", "[{\"to\":" CALLER "},\"0x3e8\"]");
    has(ANSWER("2b"));
}

static void without_a_runner_nothing_is_run(void **state) {
    struct ht_cb *bench = *state;
    start(bench);
    api.eth.runner = NULL;
    ask(bench, "eth_call", "[{\"to\":" CALLER "}]");
    has("\"code\":\"not_proven_yet\"");
}

/* --- eth_estimateGas -------------------------------------------------------------------------- */

static void a_plain_transfer_takes_21000(void **state) {
    struct ht_cb *bench = *state;
    start(bench);
    ask(bench, "eth_estimateGas", "[{\"from\":" ALICE ",\"to\":" NOBODY ",\"value\":\"0x1\"}]");
    has("\"result\":\"0x5208\"");
}

static void an_estimate_is_the_least_gas_that_succeeds(void **state) {
    /* Needs 50,000 of gas at its start, though it uses less: GAS > 0x7148 or invalid */
    static const uint8_t code[] = {0x61, 0x71, 0x48, 0x5a, 0x11, 0x60,
                                   0x09, 0x57, 0xfe, 0x5b, 0x00};
    struct ht_cb *bench = *state;
    start_with(bench, code, sizeof code);
    ask(bench, "eth_estimateGas", "[{\"to\":" CALLER "}]");
    /* 21000, PUSH2 and GAS 5, and more than 0x7148 = 29000 left then */
    has("\"result\":\"0xc356\"");
    ask(bench, "eth_call", "[{\"to\":" CALLER ",\"gas\":\"0xc356\"}]");
    has("\"result\":\"0x\"");
    ask(bench, "eth_call", "[{\"to\":" CALLER ",\"gas\":\"0xc355\"}]");
    has("\"code\":-32000");
}

static void what_no_gas_helps_is_over_the_allowance(void **state) {
    static const uint8_t code[] = {0x5b, 0x5f, 0x56}; /* for ever */
    struct ht_cb *bench = *state;
    start_with(bench, code, sizeof code);
    ask(bench, "eth_estimateGas", "[{\"to\":" CALLER ",\"gas\":\"0xffff\"}]");
    has("gas required exceeds allowance (65535)");
    has("\"code\":-32000");
    /* 1,000,000 wei at 20 gwei a gas: nothing */
    ask(bench, "eth_estimateGas",
        "[{\"from\":" ALICE ",\"to\":" CALLER ",\"maxFeePerGas\":\"0x4a817c800\"}]");
    has("gas required exceeds allowance (0)");
    ask(bench, "eth_estimateGas",
        "[{\"from\":" ALICE ",\"to\":" CALLER
        ",\"value\":\"0xf4240\",\"maxFeePerGas\":\"0x4a817c800\"}]");
    has("insufficient funds");
}

/* --- eth_createAccessList --------------------------------------------------------------------- */

static void an_access_list_names_what_is_touched(void **state) {
    struct ht_cb *bench = *state;
    start(bench);
    ask(bench, "eth_createAccessList", "[{\"from\":" ALICE ",\"to\":" CALLER "}]");
    has("{\"accessList\":[{\"address\":" CHAIN ",\"storageKeys\":[\"" ZEROS "00\",\"" ZEROS
        "07\"]}],\"gasUsed\":\"0x");
    has_not("\"error\"");
    has("\"provenance\"");
    ask(bench, "eth_createAccessList", "[{\"from\":" ALICE ",\"to\":" CHAIN "}]");
    has("{\"accessList\":[{\"address\":" CHAIN ",\"storageKeys\":[\"" ZEROS "00\",\"" ZEROS
        "07\"]}],\"gasUsed\":\"0x");
    ask(bench, "eth_createAccessList", "[{\"from\":" ALICE ",\"to\":" NOBODY "}]");
    has("{\"accessList\":[],\"gasUsed\":\"0x5208\"}");
}

static void a_list_of_what_reverts_says_so_and_has_it_all(void **state) {
    static const uint8_t code[] = {0x60, 0x05, 0x54, 0x5f, 0x5f, 0xfd};
    struct ht_cb *bench = *state;
    start_with(bench, code, sizeof code);
    ask(bench, "eth_createAccessList", "[{\"to\":" CALLER "}]");
    has("{\"address\":" CALLER ",\"storageKeys\":[\"" ZEROS "05\"]}");
    has("\"error\":\"execution reverted\"");
}

static void contracts_that_a_transaction_creates_are_not_listed(void **state) {
    /* CREATE of no code, and BALANCE of 0xbb */
    static const uint8_t code[] = {0x5f, 0x5f, 0x5f, 0xf0, 0x50, 0x60, 0xbb, 0x31, 0x00};
    struct ht_cb *bench = *state;
    start_with(bench, code, sizeof code);
    ask(bench, "eth_createAccessList", "[{\"to\":" CALLER "}]");
    has("{\"accessList\":[{\"address\":\"0x00000000000000000000000000000000000000bb\","
        "\"storageKeys\":[]}],");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, ht_cb_new_with_disk, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_call_answers_what_the_code_answers_at_that_block),
        TEST(a_call_of_nobody_answers_nothing),
        TEST(a_creation_answers_the_code_that_it_would_have),
        TEST(overrides_are_pretended),
        TEST(an_override_that_cannot_be_is_an_answer_of_the_machine),
        TEST(a_revert_is_error_3_with_its_reason_and_data),
        TEST(another_halt_is_an_error_in_its_own_words),
        TEST(nobody_pays_without_a_price_and_base_fees_read_as_zero),
        TEST(calls_that_cannot_be_read_are_refused),
        TEST(what_cannot_be_proven_is_said_with_what_was_missing),
        TEST(a_stale_head_and_a_block_to_come_are_told_as_elsewhere),
        TEST(without_a_runner_nothing_is_run),
        TEST(a_plain_transfer_takes_21000),
        TEST(an_estimate_is_the_least_gas_that_succeeds),
        TEST(what_no_gas_helps_is_over_the_allowance),
        TEST(an_access_list_names_what_is_touched),
        TEST(a_list_of_what_reverts_says_so_and_has_it_all),
        TEST(contracts_that_a_transaction_creates_are_not_listed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
