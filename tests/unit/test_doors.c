/* The wallet at /eth: who sees what, who may ask for what, and what is refused to all. */
#include "tests/unit/wallet_world.h"

#define MAIL                                                                                  \
    "{\"types\":{\"EIP712Domain\":[{\"name\":\"name\",\"type\":\"string\"},{\"name\":"        \
    "\"chainId\",\"type\":\"uint256\"}],\"Mail\":[{\"name\":\"text\",\"type\":\"string\"}]}," \
    "\"primaryType\":\"Mail\",\"domain\":{\"name\":\"Post\",\"chainId\":%s},\"message\":"     \
    "{\"text\":\"hello\"}}"

static struct ask asked, decided;

static void decide(bool approve) {
    ask_owner(&decided, "wallet.decide", decision(0, approve, ""));
    if (approve && bench.asked != NULL) bench_signer_answers();
    bench_commit();
    (void)result_of(&decided);
}

static void expect_page(const char *method, const char *params, const char *result) {
    ask_page(&asked, method, params);
    assert_string_equal(result_of(&asked), result);
}

static void doors_tell_a_stranger_no_addresses(void **state) {
    (void)state;
    expect_page("eth_accounts", "[]", "[]");
    expect_page("wallet_getPermissions", "[]", "[]");
    put(&asked, eth, "", NULL, "eth_accounts", "[]");
    assert_string_equal(result_of(&asked), "[]");
}

static void doors_show_the_owner_all_accounts_but_hidden_ones(void **state) {
    (void)state;
    put(&asked, eth, NULL, NULL, "eth_accounts", "[]");
    assert_string_equal(result_of(&asked), "[\"" OURS "\",\"" WATCHED "\"]");
    bench.accounts[0].is_hidden = true;
    put(&asked, eth, NULL, NULL, "eth_requestAccounts", "[]");
    assert_string_equal(result_of(&asked), "[\"" WATCHED "\"]");
}

static void doors_show_accounts_when_the_owner_has_granted_it(void **state) {
    (void)state;
    ask_page(&asked, "eth_requestAccounts", "[]");
    assert_null(asked.reply);
    assert_string_equal(json_string_value(queued(0, "kind")), "permission");
    assert_string_equal(json_string_value(queued(0, "origin")), PAGE);
    ask_owner(&decided, "wallet.decide", decision(0, true, ""));
    assert_null(asked.reply);
    bench_commit();
    assert_string_equal(result_of(&asked), "[\"" OURS "\"]");
    (void)result_of(&decided);
    expect_page("eth_requestAccounts", "[]", "[\"" OURS "\"]");
    put(&asked, eth, OTHER_PAGE, NULL, "eth_accounts", "[]");
    assert_string_equal(result_of(&asked), "[]");
}

static void doors_say_when_the_owner_rejects(void **state) {
    (void)state;
    ask_page(&asked, "wallet_requestPermissions", "[{\"eth_accounts\":{}}]");
    decide(false);
    is_refused(&asked, 4001, "rejected");
    expect_page("eth_accounts", "[]", "[]");
}

static void doors_ask_once_for_an_origin_at_a_time(void **state) {
    (void)state;
    struct ask second;
    ask_page(&asked, "eth_requestAccounts", "[]");
    ask_page(&second, "eth_requestAccounts", "[]");
    is_refused(&second, -32002, "permission_waiting");
    put(&second, eth, OTHER_PAGE, NULL, "eth_requestAccounts", "[]");
    assert_int_equal(queue_size(), 2);
}

static void doors_have_nothing_to_show_without_accounts(void **state) {
    (void)state;
    bench.account_count = 0;
    ask_page(&asked, "eth_requestAccounts", "[]");
    is_refused(&asked, 4100, "no_accounts");
}

static void doors_tell_permissions_as_eip_2255(void **state) {
    (void)state;
    ask_page(&asked, "wallet_requestPermissions", "[{\"eth_accounts\":{}}]");
    decide(true);
    const char *want = "[{\"invoker\":\"" PAGE "\",\"parentCapability\":\"eth_accounts\","
                       "\"date\":1700000000000,\"caveats\":[{\"type\":"
                       "\"restrictReturnedAccounts\",\"value\":[\"" OURS "\"]}]}]";
    assert_string_equal(result_of(&asked), want);
    expect_page("wallet_getPermissions", "[]", want);
}

static void doors_know_one_permission_only(void **state) {
    (void)state;
    ask_page(&asked, "wallet_requestPermissions", "[{\"snap\":{}}]");
    is_refused(&asked, 4200, "unsupported");
    ask_page(&asked, "wallet_requestPermissions", "[{\"eth_accounts\":{},\"snap\":{}}]");
    is_refused(&asked, 4200, "unsupported");
    ask_page(&asked, "wallet_requestPermissions", "[]");
    is_refused(&asked, -32602, "bad_params");
}

static void doors_let_a_page_give_its_permission_back(void **state) {
    (void)state;
    grant(PAGE);
    grant(OTHER_PAGE);
    ask_page(&asked, "wallet_revokePermissions", "[{\"eth_accounts\":{}}]");
    bench_commit();
    assert_string_equal(result_of(&asked), "null");
    assert_false(ht_permission_has(&bench.identity, PAGE));
    assert_true(ht_permission_has(&bench.identity, OTHER_PAGE));
}

static void doors_refuse_everything_else_to_a_stranger(void **state) {
    (void)state;
    static const char *const methods[] = {"eth_sendTransaction", "personal_sign", "eth_sign",
                                          "wallet_switchEthereumChain", "eth_nothing"};
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
        ask_page(&asked, methods[i], "[]");
        is_refused(&asked, 4100, "unauthorized");
    }
}

static void doors_sign_for_permitted_accounts_only(void **state) {
    (void)state;
    grant(PAGE);
    ask_page(&asked, "personal_sign", "[\"0x00\",\"" WATCHED "\"]");
    is_refused(&asked, 4100, "unauthorized");
    ask_page(&asked, "personal_sign", "[\"0x00\",\"" STRANGER "\"]");
    is_refused(&asked, 4100, "unauthorized");
    ask_page(&asked, "eth_sendTransaction",
             "[{\"from\":\"" WATCHED "\",\"to\":\"" STRANGER "\",\"value\":\"0x1\"}]");
    is_refused(&asked, 4100, "unauthorized");
    put(&asked, eth, "", NULL, "personal_sign", "[\"0x00\",\"" OURS "\"]");
    is_refused(&asked, 4100, "unauthorized");
    assert_int_equal(queue_size(), 0);
}

static void doors_take_personal_sign_in_both_orders(void **state) {
    (void)state;
    struct ask first;
    grant(PAGE);
    ask_page(&first, "personal_sign", "[\"0x6869\",\"" OURS "\"]");
    ask_page(&asked, "personal_sign", "[\"" OURS "\",\"0x6869\"]");
    assert_string_equal(json_string_value(queued(0, "raw")), "0x6869");
    assert_string_equal(json_string_value(queued(1, "raw")), "0x6869");
    ask_page(&asked, "personal_sign", "[\"plain text\",\"" OURS "\"]");
    assert_string_equal(json_string_value(queued(2, "raw")), "0x706c61696e2074657874");
    ask_page(&asked, "personal_sign", "[\"one\",\"two\"]");
    is_refused(&asked, -32602, "json_value");
    ask_page(&asked, "personal_sign", "[\"0x00\"]");
    is_refused(&asked, -32602, "bad_params");
}

static void doors_give_a_signature_with_v_of_27_or_28(void **state) {
    (void)state;
    grant(PAGE);
    ask_page(&asked, "personal_sign", "[\"0x6869\",\"" OURS "\"]");
    decide(true);
    const char *text = result_of(&asked);
    assert_int_equal(strlen(text), 2 + 2 + 130);
    assert_true(strncmp(text + 131, "1b", 2) == 0 || strncmp(text + 131, "1c", 2) == 0);
}

static void doors_sign_typed_data_given_as_text_or_object(void **state) {
    (void)state;
    char document[600], params[1000];
    grant(PAGE);
    (void)snprintf(document, sizeof document, MAIL, "1337");
    (void)snprintf(params, sizeof params, "[\"" OURS "\",%s]", document);
    ask_page(&asked, "eth_signTypedData_v4", params);
    char hash[80];
    (void)snprintf(hash, sizeof hash, "%s", json_string_value(queued(0, "payload_hash")));
    decide(true);
    assert_int_equal(strlen(result_of(&asked)), 2 + 2 + 130);
    json_t *text = json_pack("[s, s]", OURS, document);
    char *as_text = json_dumps(text, JSON_COMPACT);
    ask_page(&asked, "eth_signTypedData_v4", as_text);
    free(as_text);
    json_decref(text);
    assert_string_equal(json_string_value(queued(0, "payload_hash")), hash);
}

/* A document whose domain names a contract. */
static void ask_for_contract(void) {
    ask_page(&asked, "eth_signTypedData_v4",
             "[\"" OURS "\",{\"types\":{\"Mail\":[{\"name\":\"text\",\"type\":\"string\"}]},"
             "\"primaryType\":\"Mail\",\"domain\":{\"chainId\":1337,\"verifyingContract\":"
             "\"" STRANGER "\"},\"message\":{\"text\":\"hello\"}}]");
}

static void doors_prove_the_contract_that_typed_data_is_for(void **state) {
    (void)state;
    grant(PAGE);
    bench.has_code = true;
    ask_for_contract();
    assert_true(json_is_true(json_object_get(queued(0, "explain"), "has_code")));
    decide(true);
    (void)result_of(&asked);
    bench.has_code = false;
    ask_for_contract();
    assert_true(json_is_true(json_object_get(queued(0, "explain"), "has_recipient")));
    assert_true(json_is_false(json_object_get(queued(0, "explain"), "has_code")));
    decide(true);
    (void)result_of(&asked);
    bench.sync_state = HT_SYNC_STALE;
    ask_for_contract();
    assert_true(json_is_false(json_object_get(queued(0, "explain"), "has_recipient")));
}

static void doors_refuse_typed_data_for_another_chain(void **state) {
    (void)state;
    char document[600], params[1000];
    grant(PAGE);
    (void)snprintf(document, sizeof document, MAIL, "1");
    (void)snprintf(params, sizeof params, "[\"" OURS "\",%s]", document);
    ask_page(&asked, "eth_signTypedData_v4", params);
    is_refused(&asked, -32602, "wrong_chain");
    ask_page(&asked, "eth_signTypedData_v4", "[\"" OURS "\",\"{\"]");
    is_refused(&asked, -32602, "json_syntax");
    ask_page(&asked, "eth_signTypedData_v4", "[\"" OURS "\",7]");
    is_refused(&asked, -32602, "bad_params");
    assert_int_equal(queue_size(), 0);
}

static void doors_refuse_to_sign_what_cannot_be_read(void **state) {
    (void)state;
    grant(PAGE);
    static const char *const methods[] = {"eth_sign", "eth_signTypedData", "eth_signTypedData_v3"};
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
        ask_page(&asked, methods[i], "[\"" OURS "\",\"0x00\"]");
        is_refused(&asked, 4200, "unsupported");
    }
}

static void doors_know_their_own_chain_only(void **state) {
    (void)state;
    grant(PAGE);
    expect_page("wallet_switchEthereumChain", "[{\"chainId\":\"0x539\"}]", "null");
    expect_page("wallet_addEthereumChain", "[{\"chainId\":\"0x539\"}]", "null");
    ask_page(&asked, "wallet_switchEthereumChain", "[{\"chainId\":\"0x1\"}]");
    is_refused(&asked, 4902, "unknown_chain");
    ask_page(&asked, "wallet_addEthereumChain", "[{\"chainId\":\"0x1\"}]");
    is_refused(&asked, 4200, "unsupported");
    ask_page(&asked, "wallet_switchEthereumChain", "[{\"chainId\":\"1337\"}]");
    is_refused(&asked, -32602, "bad_params");
}

static void doors_drop_what_a_closed_websocket_asked_for(void **state) {
    (void)state;
    struct ht_rpc_peer peer = {0};
    grant(PAGE);
    put(&asked, eth, PAGE, &peer, "personal_sign", "[\"0x00\",\"" OURS "\"]");
    put(&decided, eth, OTHER_PAGE, &peer, "eth_requestAccounts", "[]");
    assert_int_equal(queue_size(), 2);
    ht_rpc_peer_gone(&peer);
    assert_int_equal(queue_size(), 0);
    json_decref(asked.reply);
    json_decref(decided.reply);
}

static void doors_keep_nothing_of_a_websocket_that_was_answered(void **state) {
    (void)state;
    struct ht_rpc_peer peer = {0};
    put(&asked, eth, PAGE, &peer, "eth_requestAccounts", "[]");
    decide(false);
    is_refused(&asked, 4001, "rejected");
    assert_null(peer.watches);
}

static void doors_say_when_the_node_is_behind(void **state) {
    (void)state;
    grant(PAGE);
    bench.sync_state = HT_SYNC_STALE;
    ask_page(&asked, "eth_sendTransaction",
             "[{\"from\":\"" OURS "\",\"to\":\"" STRANGER "\",\"value\":\"0x1\"}]");
    is_refused(&asked, 4900, "not_live");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        WITH(doors_tell_a_stranger_no_addresses),
        WITH(doors_show_the_owner_all_accounts_but_hidden_ones),
        WITH(doors_show_accounts_when_the_owner_has_granted_it),
        WITH(doors_say_when_the_owner_rejects),
        WITH(doors_ask_once_for_an_origin_at_a_time),
        WITH(doors_have_nothing_to_show_without_accounts),
        WITH(doors_tell_permissions_as_eip_2255),
        WITH(doors_know_one_permission_only),
        WITH(doors_let_a_page_give_its_permission_back),
        WITH(doors_refuse_everything_else_to_a_stranger),
        WITH(doors_sign_for_permitted_accounts_only),
        WITH(doors_take_personal_sign_in_both_orders),
        WITH(doors_give_a_signature_with_v_of_27_or_28),
        WITH(doors_sign_typed_data_given_as_text_or_object),
        WITH(doors_prove_the_contract_that_typed_data_is_for),
        WITH(doors_refuse_typed_data_for_another_chain),
        WITH(doors_refuse_to_sign_what_cannot_be_read),
        WITH(doors_know_their_own_chain_only),
        WITH(doors_drop_what_a_closed_websocket_asked_for),
        WITH(doors_keep_nothing_of_a_websocket_that_was_answered),
        WITH(doors_say_when_the_node_is_behind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
