/* The queue: one decision for one payload, and no signature but by it. */
#include "tests/unit/wallet_world.h"

#include "identity/wallet/queue_impl.h"

#define TEXT "{\"account\":\"" OURS "\",\"text\":\"hello\"}"

static struct ask asked, decided;

static void sign_text(struct ask *ask) {
    ask_owner(ask, "wallet.sign_text", TEXT);
}

static void page_signs(struct ask *ask) {
    ask_page(ask, "personal_sign", "[\"0x68656c6c6f\",\"" OURS "\"]");
}

static void decide(bool approve) {
    ask_owner(&decided, "wallet.decide", decision(0, approve, ""));
}

static void queue_shows_what_waits_with_the_hash_of_its_payload(void **state) {
    (void)state;
    char want[HT_HEX_SIZE(32)];
    ht_hash32 hash;
    ht_keccak256(&hash, ht_bytes_str("hello"));
    ht_hex_write(want, HT_BYTES(hash.b));
    sign_text(&asked);
    assert_null(asked.reply);
    assert_string_equal(json_string_value(queued(0, "payload_hash")), want);
    assert_string_equal(json_string_value(queued(0, "kind")), "message");
    assert_string_equal(json_string_value(queued(0, "account")), OURS);
    assert_string_equal(json_string_value(queued(0, "raw")), "0x68656c6c6f");
    assert_string_equal(json_string_value(queued(0, "state")), "waiting");
    assert_true(json_is_true(queued(0, "is_own")));
    assert_true(json_is_null(queued(0, "origin")));
    assert_int_equal(json_integer_value(queued(0, "expires_ms")),
                     bench.wall_ms + HT_QUEUE_EXPIRES_MS);
}

static void queue_signs_what_was_approved_and_tells_both(void **state) {
    (void)state;
    sign_text(&asked);
    decide(true);
    assert_null(decided.reply);
    assert_string_equal(json_string_value(queued(0, "state")), "signing");
    assert_string_equal(bench.asked_key, "key-1");
    assert_memory_equal(bench.asked_data, "hello", 5);
    bench_signer_answers();
    assert_string_equal(result_of(&decided), "{\"state\":\"signed\"}");
    assert_int_equal(strlen(result_of(&asked)), sizeof "{\"signature\":\"0x\"}" - 1 + 130);
    assert_int_equal(queue_size(), 0);
    assert_string_equal(bench.audit[0], "signed owner");
    assert_true(bench.touched > 0);
}

static void queue_rejects_with_the_number_of_eip_1193(void **state) {
    (void)state;
    grant(PAGE);
    page_signs(&asked);
    decide(false);
    assert_string_equal(result_of(&decided), "{\"state\":\"rejected\"}");
    is_refused(&asked, 4001, "rejected");
    assert_null(bench.asked);
}

static void queue_refuses_a_second_approval(void **state) {
    (void)state;
    char again[800];
    struct ask second;
    sign_text(&asked);
    (void)snprintf(again, sizeof again, "%s", decision(0, true, ""));
    decide(true);
    ask_owner(&second, "wallet.decide", again);
    is_refused(&second, -32011, "decided");
    bench_signer_answers();
    ask_owner(&second, "wallet.decide", again);
    is_refused(&second, -32011, "decided");
    (void)result_of(&asked);
    (void)result_of(&decided);
    assert_null(bench.asked);
}

static void queue_refuses_an_approval_of_another_payload(void **state) {
    (void)state;
    char other[800];
    struct ask first;
    sign_text(&first);
    ask_owner(&asked, "wallet.sign_text", "{\"account\":\"" OURS "\",\"text\":\"other\"}");
    (void)snprintf(other, sizeof other,
                   "{\"id\":\"%s\",\"payload_hash\":", json_string_value(queued(0, "id")));
    size_t n = strlen(other);
    (void)snprintf(other + n, sizeof other - n, "\"%s\",\"approve\":true}",
                   json_string_value(queued(1, "payload_hash")));
    ask_owner(&decided, "wallet.decide", other);
    is_refused(&decided, -32011, "payload_differs");
    assert_null(bench.asked);
    assert_int_equal(queue_size(), 2);
}

/* A decision about the first, with a hash that is not its. */
static void decide_blindly(bool approve) {
    char params[300];
    (void)snprintf(params, sizeof params,
                   "{\"id\":\"%s\",\"payload_hash\":\"0x%064d\",\"approve\":%s}",
                   json_string_value(queued(0, "id")), 1, approve ? "true" : "false");
    ask_owner(&decided, "wallet.decide", params);
}

static void queue_takes_no_decision_under_another_hash(void **state) {
    (void)state;
    ask_page(&asked, "eth_requestAccounts", "[]");
    decide_blindly(true);
    is_refused(&decided, -32011, "payload_differs");
    decide_blindly(false);
    is_refused(&decided, -32011, "payload_differs");
    assert_null(asked.reply);
    assert_int_equal(queue_size(), 1);
}

static void queue_refuses_fees_for_what_has_none(void **state) {
    (void)state;
    sign_text(&asked);
    ask_owner(&decided, "wallet.decide", decision(0, true, ",\"fees\":{\"maxFeePerGas\":\"1\"}"));
    is_refused(&decided, -32602, "no_fees");
    assert_int_equal(queue_size(), 1);
}

static void queue_knows_no_id_that_was_never_there(void **state) {
    (void)state;
    ask_owner(&decided, "wallet.decide",
              "{\"id\":\"12\",\"payload_hash\":\"0x00000000000000000000000000000000000000000000"
              "00000000000000000000\",\"approve\":true}");
    is_refused(&decided, -32001, "no_such_request");
}

static void queue_refuses_an_approval_after_expiry(void **state) {
    (void)state;
    sign_text(&asked);
    const char *late = decision(0, true, "");
    bench.mono_ms += HT_QUEUE_EXPIRES_MS;
    ask_owner(&decided, "wallet.decide", late);
    is_refused(&decided, -32002, "request_expired");
    is_refused(&asked, -32002, "request_expired");
    assert_null(bench.asked);
}

static void queue_expires_by_itself(void **state) {
    (void)state;
    sign_text(&asked);
    bench.mono_ms += HT_QUEUE_EXPIRES_MS - 1;
    bench_fire();
    assert_int_equal(queue_size(), 1);
    bench.mono_ms++;
    bench_fire();
    is_refused(&asked, -32002, "request_expired");
    assert_int_equal(queue_size(), 0);
}

static void queue_refuses_what_waited_when_the_vault_was_locked(void **state) {
    (void)state;
    sign_text(&asked);
    const char *late = decision(0, true, "");
    ht_queue_on_lock(&bench.identity);
    is_refused(&asked, -32011, "vault_locked");
    ask_owner(&decided, "wallet.decide", late);
    is_refused(&decided, -32011, "vault_locked");
    assert_null(bench.asked);
}

static void queue_keeps_what_is_approved_under_a_locked_vault_until_it_is_open(void **state) {
    (void)state;
    bench.is_locked = true;
    sign_text(&asked);
    decide(true);
    is_refused(&decided, -32011, "vault_locked");
    bench.is_locked = false;
    decide(true);
    bench_signer_answers();
    (void)result_of(&decided);
    (void)result_of(&asked);
}

static void queue_gives_nobody_a_signature_that_comes_after_locking(void **state) {
    (void)state;
    sign_text(&asked);
    decide(true);
    ht_queue_on_lock(&bench.identity);
    is_refused(&asked, -32011, "vault_locked");
    is_refused(&decided, -32011, "vault_locked");
    assert_int_equal(queue_size(), 0);
    bench_signer_answers();
    assert_null(asked.reply);
    assert_int_equal(bench.audit_count, 0);
}

static void queue_gives_nobody_a_signature_of_another_key(void **state) {
    (void)state;
    sign_text(&asked);
    bench.signs_wrongly = true;
    decide(true);
    bench_signer_answers();
    is_refused(&decided, -32010, "signature_differs");
    is_refused(&asked, -32010, "signature_differs");
    assert_int_equal(bench.audit_count, 0);
}

static void queue_keeps_an_item_that_the_signer_is_too_busy_for(void **state) {
    (void)state;
    sign_text(&asked);
    bench.is_busy = true;
    decide(true);
    is_refused(&decided, -32002, "busy");
    assert_string_equal(json_string_value(queued(0, "state")), "waiting");
}

static void queue_bounds_a_thousand_requests_of_one_origin(void **state) {
    (void)state;
    static struct ask many[1000];
    grant(PAGE);
    for (size_t i = 0; i < 1000; i++) page_signs(&many[i]);
    assert_int_equal(queue_size(), HT_QUEUE_PER_ORIGIN);
    for (size_t i = HT_QUEUE_PER_ORIGIN; i < 1000; i++)
        is_refused(&many[i], -32005, "too_many_requests");
    sign_text(&asked);
    assert_int_equal(queue_size(), HT_QUEUE_PER_ORIGIN + 1);
}

static void queue_leaves_the_owner_room_when_many_origins_fill_it(void **state) {
    (void)state;
    static struct ask many[HT_QUEUE_MAX];
    struct ask last;
    for (size_t i = 0; i < HT_QUEUE_MAX; i++) {
        char origin[32];
        (void)snprintf(origin, sizeof origin, "https://page-%zu.example", i / 4);
        if (i % 4 == 0) grant(origin);
        put(&many[i], eth, origin, NULL, "personal_sign", "[\"0x00\",\"" OURS "\"]");
    }
    assert_int_equal(queue_size(), HT_QUEUE_MAX - HT_QUEUE_PER_ORIGIN);
    is_refused(&many[HT_QUEUE_MAX - 1], -32005, "too_many_requests");
    for (size_t i = 0; i < HT_QUEUE_PER_ORIGIN; i++) sign_text(&many[i]);
    assert_int_equal(queue_size(), HT_QUEUE_MAX);
    sign_text(&last);
    is_refused(&last, -32005, "too_many_requests");
    for (size_t i = HT_QUEUE_PER_ORIGIN; i < HT_QUEUE_MAX; i++) json_decref(many[i].reply);
}

static void queue_drops_what_nobody_waits_for(void **state) {
    (void)state;
    sign_text(&asked);
    const char *late = decision(0, true, "");
    ht_rpc_abandon(asked.exchange);
    ask_owner(&decided, "wallet.decide", late);
    is_refused(&decided, -32011, "asker_gone");
    assert_int_equal(queue_size(), 0);
    assert_null(bench.asked);
}

static void queue_drops_by_itself_what_nobody_waits_for(void **state) {
    (void)state;
    sign_text(&asked);
    ht_rpc_abandon(asked.exchange);
    assert_int_equal(queue_size(), 1);
    bench_fire();
    assert_int_equal(queue_size(), 0);
}

static void queue_tells_nobody_of_a_permission_before_it_is_on_disk(void **state) {
    (void)state;
    ask_page(&asked, "eth_requestAccounts", "[]");
    ask_owner(&decided, "wallet.decide", decision(0, true, ",\"accounts\":[\"" WATCHED "\"]"));
    assert_null(decided.reply);
    assert_null(asked.reply);
    bench_commit();
    assert_string_equal(result_of(&decided), "{\"state\":\"granted\"}");
    assert_string_equal(result_of(&asked), "[\"" WATCHED "\"]");
}

static void queue_grants_no_account_that_is_not_there(void **state) {
    (void)state;
    ask_page(&asked, "eth_requestAccounts", "[]");
    ask_owner(&decided, "wallet.decide", decision(0, true, ",\"accounts\":[\"" STRANGER "\"]"));
    is_refused(&decided, -32001, "no_such_account");
    ask_owner(&decided, "wallet.decide", decision(0, true, ",\"accounts\":[]"));
    is_refused(&decided, -32602, "bad_accounts");
    ask_owner(&decided, "wallet.decide",
              decision(0, true, ",\"accounts\":[\"" OURS "\",\"" OURS "\"]"));
    is_refused(&decided, -32602, "bad_accounts");
    assert_int_equal(queue_size(), 1);
}

static void queue_keeps_permissions_waiting_when_the_vault_locks(void **state) {
    (void)state;
    ask_page(&asked, "eth_requestAccounts", "[]");
    ht_queue_on_lock(&bench.identity);
    assert_int_equal(queue_size(), 1);
}

static void queue_ends_what_is_left_when_the_node_stops(void **state) {
    (void)state;
    sign_text(&asked);
    ht_queue_free(&bench.identity);
    is_refused(&asked, -32002, "stopping");
    assert_int_equal(ht_queue_new(&bench.identity), HT_OK);
}

static void queue_uses_no_id_twice(void **state) {
    (void)state;
    char first[24];
    sign_text(&asked);
    (void)snprintf(first, sizeof first, "%s", json_string_value(queued(0, "id")));
    decide(false);
    (void)result_of(&decided);
    is_refused(&asked, -32011, "rejected");
    sign_text(&asked);
    assert_string_not_equal(first, json_string_value(queued(0, "id")));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        WITH(queue_shows_what_waits_with_the_hash_of_its_payload),
        WITH(queue_signs_what_was_approved_and_tells_both),
        WITH(queue_rejects_with_the_number_of_eip_1193),
        WITH(queue_refuses_a_second_approval),
        WITH(queue_refuses_an_approval_of_another_payload),
        WITH(queue_takes_no_decision_under_another_hash),
        WITH(queue_refuses_fees_for_what_has_none),
        WITH(queue_knows_no_id_that_was_never_there),
        WITH(queue_refuses_an_approval_after_expiry),
        WITH(queue_expires_by_itself),
        WITH(queue_refuses_what_waited_when_the_vault_was_locked),
        WITH(queue_keeps_what_is_approved_under_a_locked_vault_until_it_is_open),
        WITH(queue_gives_nobody_a_signature_that_comes_after_locking),
        WITH(queue_gives_nobody_a_signature_of_another_key),
        WITH(queue_keeps_an_item_that_the_signer_is_too_busy_for),
        WITH(queue_bounds_a_thousand_requests_of_one_origin),
        WITH(queue_leaves_the_owner_room_when_many_origins_fill_it),
        WITH(queue_drops_what_nobody_waits_for),
        WITH(queue_drops_by_itself_what_nobody_waits_for),
        WITH(queue_tells_nobody_of_a_permission_before_it_is_on_disk),
        WITH(queue_grants_no_account_that_is_not_there),
        WITH(queue_keeps_permissions_waiting_when_the_vault_locks),
        WITH(queue_ends_what_is_left_when_the_node_stops),
        WITH(queue_uses_no_id_twice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
