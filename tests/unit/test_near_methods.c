/* What peers may ask by JSON-RPC, over made-up providers: proven answers, what is kept when nobody
 * is left to ask, and no circles of peers that ask each other. */
#include "tests/unit/chain_fakes.h"

#include "node/app/near_methods.h"
#include "node/base/hex.h"
#include "node/codec/json.h"

#define FIRST 100U

static struct ht_rpc *rpc;
static struct ht_eth eth;
static struct ht_near_methods methods;
static json_t *reply;

static void open_table(struct ht_cb *bench) {
    eth = (struct ht_eth){.sync = &bench->sync,
                          .chain = bench->chain,
                          .blocks = bench->blocks,
                          .state = bench->state};
    methods = (struct ht_near_methods){.eth = &eth, .cache = bench->reader};
    assert_int_equal(ht_rpc_new(&rpc, HT_RPC_ETHEREUM), HT_OK);
    assert_int_equal(ht_near_methods_add(rpc, &methods), HT_OK);
}

static void close_table(void) {
    json_decref(reply);
    reply = NULL;
    ht_rpc_free(rpc);
}

static void on_reply(void *user, enum ht_err err, struct ht_buf *text) {
    (void)user;
    assert_int_equal(err, HT_OK);
    json_decref(reply);
    reply = NULL;
    assert_int_equal(ht_json_parse(&reply, ht_buf_view(text), 1 << 20, NULL), HT_OK);
}

/* params: JSON with one %s, the block's hash. */
static const json_t *ask(struct ht_cb *bench, const char *method, const char *params,
                         const struct ht_cw_block *block) {
    char text[600], list[400], hash[HT_HEX_SIZE(32)];
    ht_hex_write(hash, HT_BYTES(block->verified.hash.b));
    const char *at = strstr(params, "%s");
    assert_non_null(at);
    (void)snprintf(list, sizeof list, "%.*s%s%s", (int)(at - params), params, hash, at + 2);
    (void)snprintf(text, sizeof text,
                   "{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"%s\",\"params\":%s}", method, list);
    const struct ht_rpc_asker asker = {.origin = "", .may_wait = true, .on_reply = on_reply};
    json_decref(reply);
    reply = NULL;
    struct ht_rpc_exchange *exchange = ht_rpc_handle(rpc, &asker, ht_bytes_str(text));
    if (exchange != NULL) ht_cb_settle(bench);
    assert_non_null(reply);
    return json_object_get(reply, "result");
}

static const char *code(void) {
    const json_t *error = json_object_get(reply, "error");
    const char *text = json_string_value(json_object_get(json_object_get(error, "data"), "code"));
    return text != NULL ? text : "";
}

/* The providers of the bench, the first of them a peer's if wanted. */
static void set_providers(struct ht_cb *bench, bool is_peer, bool fails) {
    for (size_t i = 0; i < bench->sync.providers.count; i++) {
        bench->sync.providers.list[i].kind = HT_PROVIDER_EXECUTION;
        bench->sync.providers.list[i].is_peer = is_peer;
        bench->sync.providers.list[i].failures_in_row = fails ? 1 : 0;
    }
}

static const struct ht_cw_block *make_full(struct ht_cb *bench) {
    struct ht_cw *world = &bench->world;
    const struct ht_cw_block *base = ht_cw_add(world, NULL, FIRST, NULL, 0);
    const struct ht_cw_block *full = ht_cw_add_full(world, base, 0, NULL, NULL);
    ht_cb_set_head(bench, ht_cw_add(world, full, 0, NULL, 0));
    ht_cb_set_finalized(bench, full);
    struct ht_cb_header header;
    ht_cb_read(bench, &header, ht_cb_kind(HT_BLOCK_LATEST), 0);
    ht_header_read_fini(&header.read);
    bench->questions = 0;
    open_table(bench);
    set_providers(bench, false, false);
    return full;
}

/* --- tests ------------------------------------------------------------------------------------ */

static void a_header_is_given_without_fetching_its_body(void **state) {
    struct ht_cb *bench = *state;
    const struct ht_cw_block *full = make_full(bench);
    const json_t *block = ask(bench, "eth_getBlockByHash", "[\"%s\",false]", full);
    struct ht_exec_header_claimed claimed;
    assert_int_equal(ht_exec_header_from_json(&claimed, block, NULL), HT_OK);
    assert_memory_equal(claimed.hash.b, full->verified.hash.b, 32);
    assert_int_equal(bench->questions, 0);
    close_table();
}

static void receipts_prove_themselves_to_who_asked(void **state) {
    struct ht_cb *bench = *state;
    const struct ht_cw_block *full = make_full(bench);
    const json_t *list = ask(bench, "eth_getBlockReceipts", "[{\"blockHash\":\"%s\"}]", full);
    struct ht_receipts *receipts = NULL;
    struct ht_why why = {.text = ""};
    if (ht_receipts_prove_json(&receipts, &full->verified, list, 1 << 20, &why) != HT_OK)
        fail_msg("%s", why.text);
    assert_int_equal(receipts->count, full->maker->count);
    ht_receipts_unref(receipts);
    close_table();
}

static void kept_receipts_are_given_when_nobody_can_be_asked(void **state) {
    struct ht_cb *bench = *state;
    const struct ht_cw_block *full = make_full(bench);
    (void)ask(bench, "eth_getBlockReceipts", "[{\"blockHash\":\"%s\"}]", full);
    close_table();
    ht_cb_settle(bench);
    ht_cb_reopen(bench); /* memory is empty, and the provider has gone */
    open_table(bench);
    set_providers(bench, false, true);
    bench->questions = 0;
    const json_t *list = ask(bench, "eth_getBlockReceipts", "[{\"blockHash\":\"%s\"}]", full);
    assert_int_equal(json_array_size(list), full->maker->count);
    const json_t *block = ask(bench, "eth_getBlockByHash", "[\"%s\",false]", full);
    assert_true(json_is_object(block));
    assert_int_equal(bench->questions, 0);
    close_table();
}

static void expect_refused_without_asking(struct ht_cb *bench, const struct ht_cw_block *full) {
    static const char *const asked[][2] = {
        {"eth_getBlockReceipts", "[{\"blockHash\":\"%s\"}]"},
        {"eth_getBlockByHash", "[\"%s\",true]"},
        {"eth_getProof",
         "[\"0x0000000000000000000000000000000000000001\",[],{\"blockHash\":\"%s\"}]"},
        {"eth_getCode", "[\"0x0000000000000000000000000000000000000001\",{\"blockHash\":\"%s\"}]"},
        {"eth_getTransactionByHash", "[\"%s\"]"},
    };
    for (size_t i = 0; i < sizeof asked / sizeof *asked; i++) {
        assert_null(ask(bench, asked[i][0], asked[i][1], full));
        assert_string_equal(code(), "state_pruned");
    }
    assert_int_equal(bench->questions, 0);
}

static void a_peer_is_not_asked_for_a_peer(void **state) {
    struct ht_cb *bench = *state;
    const struct ht_cw_block *full = make_full(bench);
    set_providers(bench, true, false);
    expect_refused_without_asking(bench, full);
    close_table();
}

static void a_provider_that_fails_is_not_asked_for_a_peer(void **state) {
    struct ht_cb *bench = *state;
    const struct ht_cw_block *full = make_full(bench);
    set_providers(bench, false, true);
    expect_refused_without_asking(bench, full);
    close_table();
}

static void what_is_not_proven_is_not_given(void **state) {
    struct ht_cb *bench = *state;
    const struct ht_cw_block *full = make_full(bench);
    bench->peers[0].knows_not = "eth_getBlockReceipts";
    assert_null(ask(bench, "eth_getBlockReceipts", "[{\"blockHash\":\"%s\"}]", full));
    assert_string_not_equal(code(), "");
    close_table();
}

static void methods_that_change_something_are_not_there(void **state) {
    struct ht_cb *bench = *state;
    const struct ht_cw_block *full = make_full(bench);
    const char *const names[] = {"eth_sendTransaction", "eth_call", "eth_getLogs", "eth_accounts",
                                 "eth_sign"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        assert_null(ask(bench, names[i], "[\"%s\"]", full));
        assert_string_equal(code(), "no_method");
    }
    close_table();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_header_is_given_without_fetching_its_body, ht_cb_new,
                                        ht_cb_free),
        cmocka_unit_test_setup_teardown(receipts_prove_themselves_to_who_asked, ht_cb_new,
                                        ht_cb_free),
        cmocka_unit_test_setup_teardown(kept_receipts_are_given_when_nobody_can_be_asked,
                                        ht_cb_new_with_disk, ht_cb_free),
        cmocka_unit_test_setup_teardown(a_peer_is_not_asked_for_a_peer, ht_cb_new, ht_cb_free),
        cmocka_unit_test_setup_teardown(a_provider_that_fails_is_not_asked_for_a_peer, ht_cb_new,
                                        ht_cb_free),
        cmocka_unit_test_setup_teardown(what_is_not_proven_is_not_given, ht_cb_new, ht_cb_free),
        cmocka_unit_test_setup_teardown(methods_that_change_something_are_not_there, ht_cb_new,
                                        ht_cb_free),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
