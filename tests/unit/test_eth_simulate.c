/* eth_simulateV1 over the made-up chain, as callers see it. */
#include "tests/unit/run_bench.h"

#include "node/api/eth_simulate.h"
#include "node/base/hex.h"
#include "node/crypto/keccak.h"
#include "node/l1/status.h"

#define ALICE "\"0xa100000000000000000000000000000000000000\""
#define CHAIN "\"0xc100000000000000000000000000000000000000\""
#define NOBODY "\"0xee00000000000000000000000000000000000000\""
#define ZEROS "0x00000000000000000000000000000000000000000000000000000000000000"

static struct {
    struct ht_rpc *rpc;
    struct ht_eth eth;
    bool is_answered;
    char answer[60000];
    json_t *parsed;
} api;

/* --- what is replaced ------------------------------------------------------------------------- */

enum ht_err ht_eth_check_live(const struct ht_eth *eth, struct ht_why *why) {
    (void)eth, (void)why;
    return HT_OK;
}

json_t *ht_l1_provenance_json(const struct ht_sync *sync, const char *level, uint64_t number,
                              const ht_hash32 *hash, uint64_t timestamp, const char *source) {
    (void)sync, (void)number, (void)hash, (void)timestamp, (void)source;
    return json_pack("{s:s}", "level", level);
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

static void start(struct ht_cb *bench) {
    static const struct ht_rpc_method methods[] = {
        {.name = "eth_simulateV1", .start = ht_eth_simulate_v1}};
    rb_start(bench);
    memset(&api, 0, sizeof api);
    api.eth = (struct ht_eth){
        .sync = &bench->sync, .chain = bench->chain, .state = bench->state, .runner = rb.runner};
    assert_int_equal(ht_rpc_new(&api.rpc, HT_RPC_ETHEREUM), HT_OK);
    assert_int_equal(ht_rpc_add_methods(api.rpc, methods, 1, &api.eth), HT_OK);
}

/* blocks: what is in "blockStateCalls"; more: further members, with a comma in front. */
static void ask(struct ht_cb *bench, const char *blocks, const char *more) {
    const struct ht_rpc_asker asker = {.may_wait = true, .on_reply = on_reply};
    static char message[20000];
    int n = snprintf(message, sizeof message,
                     "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"eth_simulateV1\","
                     "\"params\":[{\"blockStateCalls\":[%s]%s}]}",
                     blocks, more);
    assert_true(n > 0 && (size_t)n < sizeof message);
    api.is_answered = false;
    struct ht_rpc_exchange *exchange =
        ht_rpc_handle(api.rpc, &asker, ht_bytes_of(message, (size_t)n));
    assert_true(exchange != NULL || api.is_answered);
    rb_settle(bench, &api.is_answered);
    json_decref(api.parsed);
    api.parsed = json_loads(api.answer, 0, NULL);
    assert_non_null(api.parsed);
}

static void has(const char *part) {
    if (strstr(api.answer, part) == NULL) fail_msg("want %s, got %s", part, api.answer);
}

static void has_not(const char *part) {
    if (strstr(api.answer, part) != NULL) fail_msg("do not want %s, got %s", part, api.answer);
}

/* A text in the result: "[0].hash". */
static const char *text_at(const char *path) {
    const char *text = NULL;
    char whole[80];
    (void)snprintf(whole, sizeof whole, "result%s", path);
    if (ht_json_text(&text, api.parsed, whole, NULL) != HT_OK) {
        fail_msg("no %s in %s", path, api.answer);
    }
    return text;
}

static void is_hash(const char *path, const ht_hash32 *want) {
    char text[HT_HEX_SIZE(32)];
    ht_hex_write(text, HT_BYTES(want->b));
    assert_string_equal(text_at(path), text);
}

static void refused(int number) {
    json_int_t code = 0;
    assert_int_equal(json_unpack(api.parsed, "{s:{s:I}}", "error", "code", &code), 0);
    assert_int_equal(code, number);
}

static int end(void **state) {
    json_decref(api.parsed);
    api.parsed = NULL;
    ht_rpc_free(api.rpc);
    api.rpc = NULL;
    return rb_free(state);
}

/* --- blocks ----------------------------------------------------------------------------------- */

static void simulated_blocks_stand_on_the_head_and_on_each_other(void **state) {
    struct ht_cb *bench = *state;
    start(bench);
    ask(bench, "{},{\"blockOverrides\":{\"number\":\"0x3ec\"}}", "");
    is_hash("[0].parentHash", &rb.head->verified.hash);
    assert_string_equal(text_at("[0].number"), "0x3ea");
    assert_string_equal(text_at("[1].number"), "0x3eb");
    assert_string_equal(text_at("[2].number"), "0x3ec");
    assert_string_equal(text_at("[1].parentHash"), text_at("[0].hash"));
    assert_string_equal(text_at("[2].parentHash"), text_at("[1].hash"));
    assert_string_equal(text_at("[0].baseFeePerGas"), "0x0");
    is_hash("[2].stateRoot", &rb.head->verified.header.state_root);
}

static void a_blocks_hash_is_seen_by_the_blocks_after_it(void **state) {
    struct ht_cb *bench = *state;
    start(bench);
    ask(bench,
        "{},{\"stateOverrides\":{" NOBODY ":{\"code\":\"0x60014303405f5260205ff3\"}},"
        "\"calls\":[{\"to\":" NOBODY "}]}",
        "");
    assert_string_equal(text_at("[1].calls[0].returnData"), text_at("[0].hash"));
}

static void the_state_root_is_the_one_of_the_whole_state_after_it(void **state) {
    struct ht_cb *bench = *state;
    start(bench);
    struct ht_cw_state *after = ht_cw_state(&bench->world);
    const ht_hash32 zero = rb_word(0), seven = rb_word(7), value = rb_word(42);
    (void)ht_cw_account(after, &RB_ALICE, 4, 999000);
    struct ht_cw_account *chain = ht_cw_account(after, &RB_CHAIN, 1, 1000);
    ht_cw_slot(chain, &zero, &seven);
    ht_cw_slot(chain, &seven, &value);
    ht_cw_code(chain, HT_BYTES(RB_CHAIN_CODE));
    ht_cw_code(ht_cw_account(after, &RB_CALLER, 1, 0), HT_BYTES(RB_CALLER_CODE));
    ht_cw_state_finish(after);
    ask(bench, "{\"calls\":[{\"from\":" ALICE ",\"to\":" CHAIN ",\"value\":\"0x3e8\"}]}", "");
    has("\"status\":\"0x1\"");
    is_hash("[0].stateRoot", &after->trie.root);
}

/* With its neighbour gone, the slot that is left moves up: its node must be proven first. */
static void a_slot_that_is_cleared_takes_what_it_needs_from_its_neighbour(void **state) {
    static const uint8_t clears_slot_0[] = {0x5f, 0x5f, 0x55};
    struct ht_cb *bench = *state;
    start(bench);
    struct ht_cw_state *after = ht_cw_state(&bench->world);
    const ht_hash32 seven = rb_word(7), value = rb_word(42);
    (void)ht_cw_account(after, &RB_ALICE, 4, 1000000);
    struct ht_cw_account *chain = ht_cw_account(after, &RB_CHAIN, 1, 0);
    ht_cw_slot(chain, &seven, &value);
    ht_cw_code(chain, HT_BYTES(clears_slot_0));
    ht_cw_code(ht_cw_account(after, &RB_CALLER, 1, 0), HT_BYTES(RB_CALLER_CODE));
    ht_cw_state_finish(after);
    ask(bench,
        "{\"stateOverrides\":{" CHAIN ":{\"code\":\"0x5f5f55\"}},"
        "\"calls\":[{\"from\":" ALICE ",\"to\":" CHAIN "}]}",
        "");
    has("\"status\":\"0x1\"");
    is_hash("[0].stateRoot", &after->trie.root);
}

static void slots_that_are_overridden_unread_are_in_the_root(void **state) {
    struct ht_cb *bench = *state;
    start(bench);
    struct ht_cw_state *after = ht_cw_state(&bench->world);
    const ht_hash32 zero = rb_word(0), seven = rb_word(7), value = rb_word(9);
    (void)ht_cw_account(after, &RB_ALICE, 3, 1000000);
    struct ht_cw_account *chain = ht_cw_account(after, &RB_CHAIN, 1, 0);
    ht_cw_slot(chain, &zero, &seven);
    ht_cw_slot(chain, &seven, &value);
    ht_cw_code(chain, HT_BYTES(RB_CHAIN_CODE));
    ht_cw_code(ht_cw_account(after, &RB_CALLER, 1, 0), HT_BYTES(RB_CALLER_CODE));
    ht_cw_state_finish(after);
    ask(bench, "{\"stateOverrides\":{" CHAIN ":{\"stateDiff\":{\"" ZEROS "07\":\"" ZEROS "09\"}}}}",
        "");
    is_hash("[0].stateRoot", &after->trie.root);
}

/* --- calls ------------------------------------------------------------------------------------ */

static void calls_of_a_block_stand_on_the_ones_before(void **state) {
    struct ht_cb *bench = *state;
    start(bench);
    ask(bench,
        "{\"calls\":[{\"from\":" ALICE ",\"to\":" NOBODY ",\"value\":\"0x5\"},"
        "{\"from\":" NOBODY ",\"to\":" ALICE ",\"value\":\"0x5\"}]}",
        ",\"returnFullTransactions\":true");
    assert_string_equal(text_at("[0].gasUsed"), "0xa410");
    assert_string_equal(text_at("[0].transactions[0].nonce"), "0x3");
    assert_string_equal(text_at("[0].transactions[1].nonce"), "0x0");
    assert_string_equal(text_at("[0].transactions[0].from"),
                        "0xa100000000000000000000000000000000000000");
    assert_string_equal(text_at("[0].transactions[0].blockHash"), text_at("[0].hash"));
    assert_string_equal(text_at("[0].transactions[0].r"), "0x0");
}

static void moves_of_ether_are_logs_when_asked_for(void **state) {
    struct ht_cb *bench = *state;
    start(bench);
    const char *blocks = "{\"calls\":[{\"from\":" ALICE ",\"to\":" NOBODY ",\"value\":\"0x5\"}]}";
    ask(bench, blocks, "");
    has("\"logs\":[]");
    ask(bench, blocks, ",\"traceTransfers\":true");
    assert_string_equal(text_at("[0].calls[0].logs[0].address"),
                        "0xeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee");
    assert_string_equal(text_at("[0].calls[0].logs[0].data"), ZEROS "05");
    assert_string_equal(text_at("[0].calls[0].logs[0].blockHash"), text_at("[0].hash"));
}

static void logs_of_what_was_taken_back_are_not_told_but_counted(void **state) {
    struct ht_cb *bench = *state;
    start(bench);
    /* LOG0 and REVERT; then LOG0 alone, in the next call */
    ask(bench,
        "{\"stateOverrides\":{" NOBODY ":{\"code\":\"0x5f5fa05f5ffd\"}," CHAIN
        ":{\"code\":\"0x5f5fa0\"}},\"calls\":[{\"to\":" NOBODY "},{\"to\":" CHAIN "}]}",
        "");
    has("\"status\":\"0x0\"");
    has("\"error\":{\"message\":\"execution reverted\",\"code\":3,\"data\":\"0x\"}");
    assert_string_equal(text_at("[0].calls[1].logs[0].logIndex"), "0x1");
}

static void a_halt_is_told_in_its_own_words(void **state) {
    struct ht_cb *bench = *state;
    start(bench);
    ask(bench, "{\"calls\":[{\"to\":" CHAIN ",\"gas\":\"0x5209\"}]}", "");
    has("\"error\":{\"message\":\"out of gas\",\"code\":-32015}");
}

/* --- what is refused -------------------------------------------------------------------------- */

static void calls_that_no_block_could_hold_have_numbers_of_their_own(void **state) {
    struct ht_cb *bench = *state;
    start(bench);
    ask(bench, "{\"calls\":[{\"from\":" NOBODY ",\"to\":" ALICE ",\"value\":\"0x1\"}]}", "");
    refused(-38014);
    ask(bench, "{\"calls\":[{\"from\":" ALICE ",\"to\":" ALICE ",\"nonce\":\"0x2\"}]}", "");
    has_not("error");
    const char *free_block = "\"blockOverrides\":{\"baseFeePerGas\":\"0x0\"},\"calls\":";
    static char blocks[400];
    (void)snprintf(blocks, sizeof blocks, "{%s[{\"from\":%s,\"nonce\":\"0x2\",\"to\":%s}]}",
                   free_block, ALICE, ALICE);
    ask(bench, blocks, ",\"validation\":true");
    refused(-38010);
    (void)snprintf(blocks, sizeof blocks, "{%s[{\"from\":%s,\"nonce\":\"0x9\",\"to\":%s}]}",
                   free_block, ALICE, ALICE);
    ask(bench, blocks, ",\"validation\":true");
    refused(-38011);
    ask(bench, "{\"calls\":[{\"from\":" ALICE ",\"to\":" ALICE "}]}", ",\"validation\":true");
    refused(-38012);
    ask(bench, "{\"calls\":[{\"to\":" ALICE ",\"gas\":\"0x5207\"}]}", "");
    refused(-38013);
    ask(bench, "{\"calls\":[{\"to\":" ALICE ",\"gas\":\"0xffffffffff\"}]}", "");
    refused(-38015);
}

static void blocks_out_of_order_and_too_many_have_numbers_of_their_own(void **state) {
    struct ht_cb *bench = *state;
    start(bench);
    ask(bench, "{\"blockOverrides\":{\"number\":\"0x3e9\"}}", "");
    refused(-38020);
    ask(bench, "{\"blockOverrides\":{\"time\":\"0x1\"}}", "");
    refused(-38021);
    ask(bench, "{\"blockOverrides\":{\"number\":\"0x4ea\"}}", "");
    refused(-38026);
}

static void what_cannot_be_read_or_pretended_is_refused(void **state) {
    struct ht_cb *bench = *state;
    start(bench);
    ask(bench, "", "");
    refused(-32602);
    has("\"sim_empty\"");
    ask(bench, "{\"calls\":[7]}", "");
    refused(-32602);
    has("\"json_type\"");
    ask(bench, "{\"calls\":{}}", "");
    refused(-32602);
    ask(bench, "{\"blockOverrides\":{\"beaconRoot\":\"0x1\"}}", "");
    refused(-32602);
    has("\"json_value\"");
    ask(bench, "{\"stateOverrides\":{" ALICE ":{\"movePrecompileToAddress\":" NOBODY "}}}", "");
    refused(-32000);
    has("\"override_not_precompile\"");
}

static void withdrawals_are_paid_in_gwei(void **state) {
    struct ht_cb *bench = *state;
    start(bench);
    ask(bench,
        "{\"blockOverrides\":{\"withdrawals\":[{\"index\":\"0x1\",\"validatorIndex\":\"0x2\","
        "\"address\":" NOBODY ",\"amount\":\"0x3\"}]}},"
        "{\"stateOverrides\":{" CHAIN
        ":{\"code\":\"0x73ee00000000000000000000000000000000000000315f"
        "5260205ff3\"}},\"calls\":[{\"to\":" CHAIN "}]}",
        "");
    has("\"withdrawals\":[{\"index\":\"0x1\",\"validatorIndex\":\"0x2\"");
    assert_string_equal(text_at("[1].calls[0].returnData"),
                        "0x00000000000000000000000000000000000000000000000000000000b2d05e00");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, ht_cb_new_with_disk, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(simulated_blocks_stand_on_the_head_and_on_each_other),
        TEST(a_blocks_hash_is_seen_by_the_blocks_after_it),
        TEST(the_state_root_is_the_one_of_the_whole_state_after_it),
        TEST(a_slot_that_is_cleared_takes_what_it_needs_from_its_neighbour),
        TEST(slots_that_are_overridden_unread_are_in_the_root),
        TEST(calls_of_a_block_stand_on_the_ones_before),
        TEST(moves_of_ether_are_logs_when_asked_for),
        TEST(logs_of_what_was_taken_back_are_not_told_but_counted),
        TEST(a_halt_is_told_in_its_own_words),
        TEST(calls_that_no_block_could_hold_have_numbers_of_their_own),
        TEST(blocks_out_of_order_and_too_many_have_numbers_of_their_own),
        TEST(what_cannot_be_read_or_pretended_is_refused),
        TEST(withdrawals_are_paid_in_gwei),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
