/* What Ethereum's methods make of what the services found, or did not: null, refusals, staleness,
 * provenance, the words for wallets, and what is passed on unproven. The services are replaced. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above */
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "node/api/eth.h"
#include "node/api/eth_forward.h"
#include "node/base/log.h"
#include "node/codec/json.h"
#include "node/l1/blocks_transaction.h"
#include "node/l1/logs.h"
#include "node/l1/status.h"

static struct ht_rpc *rpc;
static struct ht_eth eth;
static char answer[8000];
static enum ht_sync_state sync_state;
static struct ht_sync_view view;
static struct ht_network network;
static struct ht_exec_header_verified head;
/* The outcome of the next read, whatever it is. */
static struct {
    enum ht_err err;
    const char *code;
    bool is_final;
    json_t *pending;
} outcome;
static struct ht_body empty_body;

/* --- what is replaced ------------------------------------------------------------------------- */

enum ht_sync_state ht_sync_state(const struct ht_sync *sync, struct ht_why *why) {
    (void)sync;
    if (sync_state != HT_SYNC_LIVE) (void)ht_fail(why, HT_ESTALE, "head_late", "late");
    return sync_state;
}

const struct ht_sync_view *ht_sync_view(const struct ht_sync *sync) {
    (void)sync;
    return &view;
}

const struct ht_network *ht_sync_network(const struct ht_sync *sync) {
    (void)sync;
    return &network;
}

const struct ht_clock *ht_sync_clock(const struct ht_sync *sync) {
    (void)sync;
    return &ht_system_clock;
}

const char *ht_sync_state_name(enum ht_sync_state state) {
    (void)state;
    return "stale";
}

json_t *ht_l1_provenance_json(const struct ht_sync *sync, const char *level, uint64_t number,
                              const ht_hash32 *hash, uint64_t timestamp, const char *source) {
    (void)sync;
    (void)hash;
    (void)timestamp;
    return json_pack("{s:s, s:s, s:I, s:s}", "verdict",
                     sync_state == HT_SYNC_LIVE ? "proven" : "stale", "level", level, "number",
                     (json_int_t)number, "source", source);
}

const struct ht_exec_header_verified *ht_chain_head(const struct ht_chain *chain) {
    (void)chain;
    return &head;
}

const struct ht_exec_header_verified *ht_chain_finalized(const struct ht_chain *chain) {
    (void)chain;
    return NULL;
}

void ht_chain_listen(struct ht_chain *chain, struct ht_chain_listener *listener) {
    (void)chain;
    (void)listener;
}

void ht_chain_unlisten(struct ht_chain *chain, struct ht_chain_listener *listener) {
    (void)chain;
    (void)listener;
}

json_t *ht_chain_provenance_json(const struct ht_chain *chain,
                                 const struct ht_exec_header_verified *header, bool is_final,
                                 const char *source) {
    (void)chain;
    return ht_l1_provenance_json(NULL, is_final ? "finalized" : "head", header->header.number,
                                 &header->hash, 0, source);
}

static enum ht_err fill(struct ht_why *why) {
    return outcome.err == HT_OK ? HT_OK : ht_fail(why, outcome.err, outcome.code, "the reason");
}

void ht_chain_read(struct ht_chain *chain, struct ht_header_read *read) {
    (void)chain;
    read->err = fill(&read->why);
    read->header = head;
    read->is_final = outcome.is_final;
    read->done(read);
}

void ht_header_read_fini(struct ht_header_read *read) {
    (void)read;
}

void ht_blocks_read(struct ht_blocks *blocks, struct ht_block_read *read) {
    (void)blocks;
    read->err = fill(&read->why);
    read->header = head;
    read->is_final = outcome.is_final;
    read->body = &empty_body;
    read->done(read);
}

void ht_block_read_fini(struct ht_block_read *read) {
    (void)read;
}

void ht_blocks_read_transaction(struct ht_blocks *blocks, struct ht_transaction_read *read) {
    (void)blocks;
    read->err = fill(&read->why);
    read->pending = outcome.pending;
    (void)snprintf(read->question.source, sizeof read->question.source, "somebody");
    read->done(read);
}

void ht_transaction_read_fini(struct ht_transaction_read *read) {
    json_decref(read->pending);
}

struct ht_chain *ht_blocks_chain(const struct ht_blocks *blocks) {
    (void)blocks;
    return NULL;
}

void ht_blocks_blob_price(ht_u256 *out, const struct ht_blocks *blocks,
                          const struct ht_exec_header_verified *header) {
    (void)blocks;
    (void)header;
    *out = ht_u256_of(0);
}

void ht_logs_read(struct ht_blocks *blocks, struct ht_logs_read *read) {
    (void)blocks;
    read->err = fill(&read->why);
    read->last = head;
    read->is_final = outcome.is_final;
    read->logs = json_array();
    read->done(read);
}

void ht_logs_cancel(struct ht_logs_read *read) {
    (void)read;
}

void ht_logs_read_fini(struct ht_logs_read *read) {
    json_decref(read->logs);
}

enum ht_err ht_logs_of_block(json_t *array, const struct ht_log_filter *filter,
                             const struct ht_block_read *block, bool is_removed) {
    (void)array;
    (void)filter;
    (void)block;
    (void)is_removed;
    return HT_OK;
}

void ht_state_read(struct ht_state *state, struct ht_state_read *read) {
    (void)state;
    read->err = fill(&read->why);
    read->header = head;
    read->is_final = outcome.is_final;
    read->account.balance[31] = 7;
    read->done(read);
}

void ht_run_start(struct ht_runner *runner, struct ht_run *run) {
    (void)runner;
    run->err = fill(&run->why);
    run->header = head;
    run->is_final = outcome.is_final;
    run->questions = 1;
    run->done(run);
}

void ht_run_fini(struct ht_run *run) {
    json_decref(run->hint);
}

enum ht_err ht_run_world_new(struct ht_evm_world **out, struct ht_run *run) {
    (void)out, (void)run;
    return HT_ENOMEM;
}

const struct ht_evm_rules *ht_run_rules_at(const struct ht_network *net, uint64_t timestamp) {
    (void)net, (void)timestamp;
    return NULL;
}

enum ht_err ht_run_block_of(struct ht_evm_block *out, const struct ht_evm_rules **rules,
                            const struct ht_network *net, const struct ht_exec_header *header,
                            struct ht_why *why) {
    (void)out, (void)rules, (void)net, (void)header, (void)why;
    return HT_EDENIED;
}

void ht_state_read_fini(struct ht_state_read *read) {
    (void)read;
}

void ht_outbox_send(struct ht_outbox *outbox, struct ht_send *send) {
    (void)outbox;
    assert_int_equal(send->raw.n, 2);
    send->err = fill(&send->why);
    send->hash.b[31] = 1;
    send->done(send);
}

enum ht_err ht_question_add(struct ht_question *question, const char *method, json_t *params) {
    question->requests[0] = (struct ht_jsonrpc_request){method, params};
    question->count = 1;
    return HT_OK;
}

void ht_ask(struct ht_asker *asker, struct ht_question *question) {
    (void)asker;
    assert_true(question->takes_refusal);
    struct ht_jsonrpc_answer given = {.result = json_string("0x2a")};
    question->err = fill(&question->why);
    if (question->err == HT_OK) question->err = question->prove(question, &given, &question->why);
    json_decref(given.result);
    json_decref((json_t *)question->requests[0].params);
    (void)snprintf(question->source, sizeof question->source, "somebody");
    question->done(question);
}

/* --- calls ------------------------------------------------------------------------------------ */

static char *unverified[] = {(char *)"debug_traceCall", (char *)"eth_getBalance",
                             (char *)"eth_sign", (char *)"trace_block"};

static int set_up(void **state) {
    (void)state;
    ht_log_set_level(HT_LOG_ERROR);
    sync_state = HT_SYNC_LIVE;
    memset(&outcome, 0, sizeof outcome);
    memset(&head, 0, sizeof head);
    memset(&view, 0, sizeof view);
    view.has_store = view.optimistic.has_execution = view.optimistic.has_block_number = true;
    view.optimistic.block_number = head.header.number = 10;
    network.slot_duration_ms = 12000;
    /* Never looked into: only whether they are there counts. */
    eth = (struct ht_eth){.chain = (struct ht_chain *)&eth,
                          .blocks = (struct ht_blocks *)&eth,
                          .state = (struct ht_state *)&eth,
                          .runner = (struct ht_runner *)&eth,
                          .outbox = (struct ht_outbox *)&eth,
                          .asker = (struct ht_asker *)&eth,
                          .unverified = unverified,
                          .unverified_count = 4};
    return ht_rpc_new(&rpc, HT_RPC_ETHEREUM) != HT_OK || ht_eth_add(rpc, &eth) != HT_OK;
}

static int tear_down(void **state) {
    (void)state;
    ht_rpc_free(rpc);
    ht_eth_fini(&eth);
    return 0;
}

static void on_reply(void *user, enum ht_err err, struct ht_buf *text) {
    (void)user;
    assert_int_equal(err, HT_OK);
    assert_true(text->n < sizeof answer);
    memcpy(answer, text->p, text->n);
    answer[text->n] = '\0';
}

/* With provenance, unless the method has a '-' in front. */
static void call(const char *method, const char *params) {
    const struct ht_rpc_asker asker = {.may_wait = true, .on_reply = on_reply};
    char message[400];
    bool wants = method[0] != '-';
    int n = snprintf(message, sizeof message,
                     "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"%s\",\"params\":%s%s}",
                     method + (wants ? 0 : 1), params, wants ? ",\"provenance\":true" : "");
    assert_null(ht_rpc_handle(rpc, &asker, ht_bytes_of(message, (size_t)n)));
}

static void assert_has(const char *part) {
    if (strstr(answer, part) == NULL) fail_msg("want %s, got %s", part, answer);
}

static void end_with(enum ht_err err, const char *code, bool is_final) {
    outcome.err = err;
    outcome.code = code;
    outcome.is_final = is_final;
}

#define HASH "\"0x1122334455667788990011223344556677889900112233445566778899001122\""
#define ADDRESS "\"0x1122334455667788990011223344556677889900\""
#define NULL_RESULT "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":null}"

static void a_block_above_the_head_is_proven_not_to_be_there(void **state) {
    (void)state;
    end_with(HT_ENOTFOUND, "block_in_future", false);
    call("eth_getBlockByNumber", "[\"0x63\",false]");
    assert_has("\"result\":null,\"provenance\":{\"verdict\":\"proven\",\"level\":\"head\","
               "\"number\":10");
    call("-eth_getBlockByNumber", "[\"0x63\",false]");
    assert_string_equal(answer, NULL_RESULT);
    call("eth_getHeaderByNumber", "[\"0x63\"]");
    assert_has("\"result\":null,\"provenance\":{\"verdict\":\"proven\"");
    sync_state = HT_SYNC_STALE;
    call("eth_getBlockByNumber", "[\"0x63\",false]");
    assert_has("\"not_live\"");
}

static void a_block_that_nobody_knows_is_null_and_that_is_not_proven(void **state) {
    (void)state;
    static const char *const codes[] = {"block_not_found", "not_in_chain"};
    for (size_t i = 0; i < 2; i++) {
        end_with(HT_ENOTFOUND, codes[i], false);
        call("eth_getBlockByHash", "[" HASH ",true]");
        assert_has("\"result\":null,\"provenance\":{\"verdict\":\"unproven\",\"block\":null");
        assert_has("\"why\":\"the reason\"");
        call("-eth_getBlockReceipts", "[" HASH "]");
        assert_string_equal(answer, NULL_RESULT);
    }
}

static void what_was_not_reached_is_an_error_and_not_null(void **state) {
    (void)state;
    end_with(HT_ENOTFOUND, "too_far", false);
    call("eth_getBlockByNumber", "[\"0x1\",false]");
    assert_has("\"code\":-32001,");
    assert_has("\"too_far\"");
    end_with(HT_ENET, "no_provider", false);
    call("eth_getBlockByHash", "[" HASH ",true]");
    assert_has("\"code\":-32002,");
    end_with(HT_ENOTFOUND, "block_not_found", false);
    call("eth_getBalance", "[" ADDRESS "," HASH "]");
    assert_has("\"code\":-32001,");
}

static void final_blocks_are_told_while_the_head_is_old_and_say_so(void **state) {
    (void)state;
    sync_state = HT_SYNC_STALE;
    end_with(HT_OK, NULL, true);
    call("eth_getBalance", "[" ADDRESS ",\"0x5\"]");
    assert_has("\"result\":\"0x7\",\"provenance\":{\"verdict\":\"stale\",\"level\":\"finalized\"");
    call("eth_getLogs", "[{\"fromBlock\":\"0x1\",\"toBlock\":\"0x2\"}]");
    assert_has("\"result\":[],\"provenance\":{\"verdict\":\"stale\"");
    end_with(HT_OK, NULL, false);
    call("eth_getBalance", "[" ADDRESS ",\"0x5\"]");
    assert_has("\"not_live\"");
    call("eth_getLogs", "[{\"fromBlock\":\"0x1\",\"toBlock\":\"0x2\"}]");
    assert_has("\"not_live\"");
    call("eth_getBlockTransactionCountByNumber", "[\"0x5\"]");
    assert_has("\"not_live\"");
    call("eth_getBalance", "[" ADDRESS ",\"finalized\"]");
    assert_has("\"not_live\"");
}

static void an_index_past_the_last_transaction_is_proven_null(void **state) {
    (void)state;
    call("eth_getTransactionByBlockNumberAndIndex", "[\"latest\",\"0x0\"]");
    assert_has("\"result\":null,\"provenance\":{\"verdict\":\"proven\"");
    call("-eth_getBlockTransactionCountByHash", "[" HASH "]");
    assert_has("\"result\":\"0x0\"}");
}

static void uncles_are_counted_only_where_there_are_none(void **state) {
    (void)state;
    call("eth_getUncleCountByBlockNumber", "[\"latest\"]");
    assert_has("\"not_proven_yet\"");
    static const char *const none =
        "\"0x1dcc4de8dec75d7aab85b567b6ccd41ad312451b948a7413f0a142fd40d49347\"";
    json_t *hash = json_loads(none, JSON_DECODE_ANY, NULL);
    assert_int_equal(ht_json_hex(head.header.ommers_hash.b, 32, hash, "", NULL), HT_OK);
    json_decref(hash);
    call("-eth_getUncleCountByBlockHash", "[" HASH "]");
    assert_has("\"result\":\"0x0\"}");
}

static void a_transaction_in_no_block_is_unproven_and_has_no_receipt(void **state) {
    (void)state;
    end_with(HT_ENOTFOUND, "tx_pending", false);
    outcome.pending = json_pack("{s:n}", "blockHash");
    call("eth_getTransactionByHash", "[" HASH "]");
    assert_has("\"result\":{\"blockHash\":null},\"provenance\":{\"verdict\":\"unproven\"");
    assert_has("\"sources\":[\"somebody\"]");
    outcome.pending = json_pack("{s:n}", "blockHash");
    call("-eth_getTransactionReceipt", "[" HASH "]");
    assert_string_equal(answer, NULL_RESULT);
    outcome.pending = NULL;
    end_with(HT_ENOTFOUND, "tx_not_found", false);
    call("eth_getTransactionByHash", "[" HASH "]");
    assert_has("\"result\":null,\"provenance\":{\"verdict\":\"unproven\"");
    sync_state = HT_SYNC_STALE;
    call("eth_getTransactionReceipt", "[" HASH "]");
    assert_has("\"not_live\"");
}

static void
the_block_number_has_provenance_and_is_read_where_the_head_does_not_tell_it(void **state) {
    (void)state;
    call("-eth_blockNumber", "[]");
    assert_string_equal(answer, "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":\"0xa\"}");
    view.optimistic.has_block_number = false;
    head.header.number = 11;
    call("eth_blockNumber", "[]");
    assert_has("\"result\":\"0xb\",\"provenance\":{\"verdict\":\"proven\"");
}

static void what_is_wrong_with_a_transaction_is_told_in_common_words(void **state) {
    (void)state;
    static const char *const words[][2] = {
        {"nonce_too_low", "\"code\":-32003,\"message\":\"nonce too low: the reason\""},
        {"insufficient_funds", "\"insufficient funds for gas * price + value: the reason\""},
        {"fee_too_low", "\"max fee per gas less than block base fee: the reason\""},
        {"tx_gas_too_low", "\"intrinsic gas too low: the reason\""},
        {"refused", "\"code\":-32003,\"message\":\"the reason\""},
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        end_with(HT_EDENIED, words[i][0], false);
        call("eth_sendRawTransaction", "[\"0x02c0\"]");
        assert_has(words[i][1]);
    }
    end_with(HT_EINPUT, "tx_empty", false);
    call("eth_sendRawTransaction", "[\"0x02c0\"]");
    assert_has("\"code\":-32602,");
    call("eth_sendRawTransaction", "[\"02c0\"]");
    assert_has("\"code\":-32602,");
    end_with(HT_OK, NULL, false);
    call("eth_sendRawTransaction", "[\"0x02c0\"]");
    assert_has("\"result\":\"0x0000000000000000000000000000000000000000000000000000000000000001\"");
}

static void a_run_that_fails_says_whether_it_can_be_tried_again(void **state) {
    (void)state;
    end_with(HT_EAGAIN, "busy", false);
    call("eth_call", "[{}]");
    assert_has("\"code\":-32002,");
    end_with(HT_EDENIED, "stopping", false);
    call("eth_call", "[{}]");
    assert_has("\"code\":-32011,");
    end_with(HT_ELIMIT, "evm_time", false);
    call("eth_call", "[{}]");
    assert_has("\"code\":-32005,");
    end_with(HT_ELIMIT, "too_many_rounds", false);
    call("eth_estimateGas", "[{}]");
    assert_has("\"code\":-32004,");
    end_with(HT_ENET, "no_provider", false);
    call("eth_createAccessList", "[{}]");
    assert_has("\"code\":-32004,");
}

static void what_the_user_lets_through_is_marked_unproven(void **state) {
    (void)state;
    static const char *const names[] = {"-debug_traceCall", "-trace_block"};
    for (size_t i = 0; i < 2; i++) {
        call(names[i], "[{},\"latest\"]");
        assert_has("\"result\":\"0x2a\",\"provenance\":{\"verdict\":\"unproven\"");
        assert_has("\"sources\":[\"somebody\"],\"why\":\"a provider said so");
    }
    end_with(HT_EDENIED, "refused", false);
    call("debug_traceCall", "[{}]");
    assert_has("\"refused\"");
}

static void what_can_be_proven_and_what_signs_is_never_passed_on(void **state) {
    (void)state;
    call("-eth_getBalance", "[" ADDRESS "]");
    assert_string_equal(answer, "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":\"0x7\"}");
    call("eth_sign", "[]");
    assert_has("\"no_method\"");
    static const char *const never[] = {"eth_accounts",        "eth_sign",
                                        "eth_signTransaction", "eth_signTypedData_v4",
                                        "personal_unlock",     "eth_sendTransaction"};
    for (size_t i = 0; i < sizeof never / sizeof *never; i++) {
        assert_false(ht_eth_may_forward(never[i]));
    }
    assert_true(ht_eth_may_forward("debug_traceTransaction"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_block_above_the_head_is_proven_not_to_be_there),
        TEST(a_block_that_nobody_knows_is_null_and_that_is_not_proven),
        TEST(what_was_not_reached_is_an_error_and_not_null),
        TEST(final_blocks_are_told_while_the_head_is_old_and_say_so),
        TEST(an_index_past_the_last_transaction_is_proven_null),
        TEST(uncles_are_counted_only_where_there_are_none),
        TEST(a_transaction_in_no_block_is_unproven_and_has_no_receipt),
        TEST(the_block_number_has_provenance_and_is_read_where_the_head_does_not_tell_it),
        TEST(what_is_wrong_with_a_transaction_is_told_in_common_words),
        TEST(a_run_that_fails_says_whether_it_can_be_tried_again),
        TEST(what_the_user_lets_through_is_marked_unproven),
        TEST(what_can_be_proven_and_what_signs_is_never_passed_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
