/* wallet_watchAsset: a page asks, the owner decides, and nothing of what it claims looks proven. */
#include "tests/unit/wallet_world.h"

#define TOKEN "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed" /* ERC-55's example, in one case */
#define TOKEN_CHECKSUM "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
#define OPTIONS "{\"address\":\"" TOKEN "\",\"symbol\":\"DAI\",\"decimals\":18}"
#define ASSET "{\"type\":\"ERC20\",\"options\":" OPTIONS "}"

static struct ask asked, decided;

static void ask_with(const char *options) {
    char params[600];
    (void)snprintf(params, sizeof params, "{\"type\":\"ERC20\",\"options\":%s}", options);
    ask_page(&asked, "wallet_watchAsset", params);
}

static void is_malformed(const char *options, const char *code) {
    ask_with(options);
    is_refused(&asked, -32602, code);
    assert_int_equal(queue_size(), 0);
}

static void decide(bool approve) {
    ask_owner(&decided, "wallet.decide", decision(0, approve, ""));
}

/* The explanation of the first item as text. */
static const char *explained(void) {
    static char text[4096];
    size_t n = json_dumpb(queued(0, "explain"), text, sizeof text - 1, JSON_COMPACT);
    assert_true(n < sizeof text);
    text[n] = '\0';
    return text;
}

static void watch_asks_the_owner_with_what_the_page_claims(void **state) {
    (void)state;
    grant(PAGE);
    ask_page(&asked, "wallet_watchAsset", ASSET);
    assert_null(asked.reply);
    assert_string_equal(json_string_value(queued(0, "kind")), "token");
    assert_string_equal(json_string_value(queued(0, "origin")), PAGE);
    assert_true(json_is_null(queued(0, "account")));
    assert_string_equal(json_string_value(queued(0, "raw")), "ERC20 " TOKEN_CHECKSUM " 18 DAI");
    const char *text = explained();
    assert_non_null(
        strstr(text, PAGE " asks to show token DAI at " TOKEN_CHECKSUM " in your wallet."));
    assert_non_null(strstr(text, "{\"label\":\"Symbol, unproven: what the page claims\",\"value\":"
                                 "\"DAI\""));
    assert_non_null(strstr(text, "{\"label\":\"Decimals, unproven: what the page claims\","
                                 "\"value\":\"18\""));
    assert_non_null(strstr(text, "token_unproven"));
    assert_null(strstr(text, "token_replaced"));
}

static void watch_adds_the_token_when_the_owner_approves(void **state) {
    (void)state;
    char address[HT_HEX_SIZE(20)];
    grant(PAGE);
    ask_page(&asked, "wallet_watchAsset", ASSET);
    decide(true);
    assert_null(asked.reply);
    assert_null(decided.reply);
    assert_string_equal(json_string_value(queued(0, "state")), "signing");
    ht_hex_write(address, HT_BYTES(bench.token_claim.address.b));
    assert_string_equal(address, TOKEN);
    assert_string_equal(bench.token_claim.symbol, "DAI");
    assert_int_equal(bench.token_claim.decimals, 18);
    assert_null(bench.asked); /* nothing is signed */
    bench_token_added(NULL);
    assert_string_equal(result_of(&decided), "{\"state\":\"added\"}");
    assert_string_equal(result_of(&asked), "true");
    assert_string_equal(bench.audit[1], "token_added " PAGE);
    assert_int_equal(queue_size(), 0);
}

static void watch_adds_nothing_when_the_owner_rejects(void **state) {
    (void)state;
    grant(PAGE);
    ask_page(&asked, "wallet_watchAsset", ASSET);
    decide(false);
    assert_string_equal(result_of(&decided), "{\"state\":\"rejected\"}");
    is_refused(&asked, 4001, "rejected");
    assert_null(bench.token_told.done);
}

static void watch_tells_both_when_the_token_cannot_be_added(void **state) {
    (void)state;
    grant(PAGE);
    ask_page(&asked, "wallet_watchAsset", ASSET);
    decide(true);
    bench_token_added("no_code");
    is_refused(&decided, -32001, "no_code");
    is_refused(&asked, -32001, "no_code");
    assert_int_equal(queue_size(), 0);
}

static void watch_is_for_origins_with_a_permission(void **state) {
    (void)state;
    ask_page(&asked, "wallet_watchAsset", ASSET);
    is_refused(&asked, 4100, "unauthorized");
    put(&asked, eth, "", NULL, "wallet_watchAsset", ASSET);
    is_refused(&asked, 4100, "unauthorized");
    assert_int_equal(queue_size(), 0);
    put(&asked, eth, NULL, NULL, "wallet_watchAsset", ASSET);
    assert_true(json_is_true(queued(0, "is_own")));
}

static void watch_ends_with_the_permission(void **state) {
    (void)state;
    grant(PAGE);
    ask_page(&asked, "wallet_watchAsset", ASSET);
    ht_permission_revoke(&bench.identity, PAGE, NULL);
    is_refused(&asked, 4100, "revoked");
}

static void watch_waits_on_while_the_vault_locks(void **state) {
    (void)state;
    grant(PAGE);
    ask_page(&asked, "wallet_watchAsset", ASSET);
    bench.is_locked = true;
    ht_queue_on_lock(&bench.identity);
    assert_int_equal(queue_size(), 1);
    decide(true);
    bench_token_added(NULL);
    (void)result_of(&decided);
    (void)result_of(&asked);
}

static void watch_is_over_for_a_page_that_left_while_it_was_added(void **state) {
    (void)state;
    struct ht_rpc_peer peer = {0};
    grant(PAGE);
    put(&asked, eth, PAGE, &peer, "wallet_watchAsset", ASSET);
    decide(true);
    ht_rpc_peer_gone(&peer);
    assert_int_equal(queue_size(), 0);
    bench_token_added(NULL);
    json_decref(asked.reply);
    json_decref(decided.reply);
}

static void watch_takes_a_list_of_one_and_numbers_in_text(void **state) {
    (void)state;
    grant(PAGE);
    ask_page(&asked, "wallet_watchAsset",
             "[{\"type\":\"ERC20\",\"options\":{\"address\":\"" TOKEN_CHECKSUM
             "\",\"symbol\":\"DAI\",\"decimals\":\"18\",\"chainId\":1337,\"image\":\"x\"}}]");
    assert_string_equal(json_string_value(queued(0, "raw")), "ERC20 " TOKEN_CHECKSUM " 18 DAI");
}

static void watch_asks_the_token_for_what_the_page_does_not_say(void **state) {
    (void)state;
    grant(PAGE);
    ask_with("{\"address\":\"" TOKEN "\",\"symbol\":null}");
    assert_string_equal(json_string_value(queued(0, "raw")), "ERC20 " TOKEN_CHECKSUM " - -");
    assert_non_null(strstr(explained(), "asks to show a token at " TOKEN_CHECKSUM));
    decide(true);
    assert_false(bench.token_claim.has_symbol);
    assert_false(bench.token_claim.has_decimals);
    bench_token_added(NULL);
    (void)result_of(&decided);
    (void)result_of(&asked);
}

static void watch_refuses_what_is_malformed(void **state) {
    (void)state;
    grant(PAGE);
    is_malformed("{}", "json_missing");
    is_malformed("7", "bad_params");
    is_malformed("{\"address\":\"0x12\"}", "json_value");
    is_malformed("{\"address\":\"0x5AAeb6053F3E94C9b9A09f33669435E7Ef1BeAed\"}",
                 "address_checksum");
    is_malformed("{\"address\":\"" TOKEN "\",\"symbol\":\"\"}", "token_symbol");
    is_malformed("{\"address\":\"" TOKEN "\",\"symbol\":\"ABCDEFGHIJKLMNOP\"}", "token_symbol");
    is_malformed("{\"address\":\"" TOKEN "\",\"symbol\":\"D\\u0410I\"}", "token_symbol");
    is_malformed("{\"address\":\"" TOKEN "\",\"symbol\":7}", "json_type");
    is_malformed("{\"address\":\"" TOKEN "\",\"decimals\":78}", "token_decimals");
    is_malformed("{\"address\":\"" TOKEN "\",\"decimals\":-1}", "json_value");
    is_malformed("{\"address\":\"" TOKEN "\",\"chainId\":1}", "wrong_chain");
    ask_page(&asked, "wallet_watchAsset", "[]");
    is_refused(&asked, -32602, "bad_params");
    ask_page(&asked, "wallet_watchAsset", "{\"options\":" OPTIONS "}");
    is_refused(&asked, -32602, "json_missing");
}

static void watch_shows_tokens_of_one_type_only(void **state) {
    (void)state;
    grant(PAGE);
    ask_page(&asked, "wallet_watchAsset", "{\"type\":\"ERC721\",\"options\":" OPTIONS "}");
    is_refused(&asked, 4200, "unsupported");
}

static void watch_says_when_the_wallet_shows_it_already(void **state) {
    (void)state;
    static const struct ht_token_info known = {.symbol = "OLD", .decimals = 6};
    grant(PAGE);
    bench.token = &known;
    ask_page(&asked, "wallet_watchAsset", ASSET);
    assert_non_null(strstr(explained(), "token_replaced"));
    assert_non_null(strstr(explained(), "already, as OLD with 6 decimals"));
}

static void watch_is_bounded_as_all_requests_of_an_origin(void **state) {
    (void)state;
    static struct ask many[HT_QUEUE_PER_ORIGIN];
    grant(PAGE);
    for (size_t i = 0; i < HT_QUEUE_PER_ORIGIN; i++) ask_page(&many[i], "wallet_watchAsset", ASSET);
    ask_page(&asked, "wallet_watchAsset", ASSET);
    is_refused(&asked, -32005, "too_many_requests");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        WITH(watch_asks_the_owner_with_what_the_page_claims),
        WITH(watch_adds_the_token_when_the_owner_approves),
        WITH(watch_adds_nothing_when_the_owner_rejects),
        WITH(watch_tells_both_when_the_token_cannot_be_added),
        WITH(watch_is_for_origins_with_a_permission),
        WITH(watch_ends_with_the_permission),
        WITH(watch_waits_on_while_the_vault_locks),
        WITH(watch_is_over_for_a_page_that_left_while_it_was_added),
        WITH(watch_takes_a_list_of_one_and_numbers_in_text),
        WITH(watch_asks_the_token_for_what_the_page_does_not_say),
        WITH(watch_refuses_what_is_malformed),
        WITH(watch_shows_tokens_of_one_type_only),
        WITH(watch_says_when_the_wallet_shows_it_already),
        WITH(watch_is_bounded_as_all_requests_of_an_origin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
