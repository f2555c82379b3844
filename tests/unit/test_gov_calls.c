/* Actions of proposals: each form of calls within calls is taken apart to the last one, what is not
 * sure is marked, and what cannot be told is said. Alarms: test_gov_calls_alarm.c. */
#include "tests/unit/gov_calls_maker.h"

#include "governance/calls/calls_family.h"
#include "node/codec/json.h"

/* --- decoding ---------------------------------------------------------------------------------*/

static void a_payment_of_a_known_token_is_no_guess(void **state) {
    (void)state;
    struct ht_gov_calls *calls = read(USDC, "0", "", transfer(BOB, "96000000000"));
    assert_int_equal(calls->count, 1);
    const struct ht_gov_call *call = &calls->call[0];
    assert_false(call->is_guess);
    assert_string_equal(call->path, "1");
    assert_string_equal(call->sentence, "Sends 96000 USDC to " BOB ".");
    assert_int_equal(call->alarm_count, 0);
    assert_true(is_address(&call->caller, TIMELOCK));
    ht_gov_calls_free(calls);
}

static void a_function_is_a_guess_until_its_contract_is_known(void **state) {
    (void)state;
    struct ht_gov_calls_context context = community();
    struct ht_gov_place place = {.address = address_of(THING),
                                 .is_looked_at = true,
                                 .has_code = true,
                                 .families = HT_GOV_FAMILY_ERC721};
    context.places = &place, context.place_count = 1;
    struct ht_gov_calls *calls = read_in(&context, THING, "0", "", transfer(BOB, "5"));
    assert_true(calls->call[0].is_guess);
    assert_true(has_alarm(&calls->call[0], HT_GOV_ALARM_GUESS));
    assert_string_equal(calls->call[0].sentence, "Sends 5 base units to " BOB ".");
    ht_gov_calls_free(calls);
    place.families = HT_GOV_FAMILY_ERC20, place.symbol = "TT", place.decimals = 1;
    calls = read_in(&context, THING, "0", "", transfer(BOB, "5"));
    assert_false(calls->call[0].is_guess);
    assert_string_equal(calls->call[0].sentence, "Sends 0.5 TT to " BOB ".");
    ht_gov_calls_free(calls);
}

static void what_does_not_lead_back_to_its_bytes_is_raw(void **state) {
    (void)state;
    ht_bytes data = transfer(BOB, "5");
    assert_int_equal(ht_buf_add(&made, ht_bytes_str("more")), HT_OK);
    data.n += 4;
    struct ht_gov_calls *calls = read(USDC, "0", "", data);
    assert_null(calls->call[0].known);
    assert_string_equal(calls->call[0].raw.code, "does_not_round_trip");
    assert_true(has_alarm(&calls->call[0], HT_GOV_ALARM_DOES_NOT_ROUND_TRIP));
    json_t *json = ht_gov_calls_json(calls);
    const json_t *tree =
        json_object_get(json_object_get(json_array_get(json, 0), "explain"), "tree");
    assert_true(json_is_null(json_object_get(tree, "name")));
    assert_int_equal(json_string_length(json_object_get(tree, "data")), 2 + 2 * 72);
    json_decref(json);
    ht_gov_calls_free(calls);
}

static void arguments_with_dirty_bits_are_raw_with_the_decoders_reason(void **state) {
    (void)state;
    ht_bytes data = transfer(BOB, "5");
    made.p[made.n - 64] = 1; /* above the address */
    struct ht_gov_calls *calls = read(USDC, "0", "", data);
    assert_null(calls->call[0].known);
    assert_string_equal(calls->call[0].raw.code, "abi_padding");
    assert_true(has_alarm(&calls->call[0], HT_GOV_ALARM_DOES_NOT_ROUND_TRIP));
    ht_gov_calls_free(calls);
}

static void an_unknown_function_is_shown_raw(void **state) {
    (void)state;
    static const uint8_t data[] = {1, 2, 3, 4, 5};
    struct ht_gov_calls *calls = read(THING, "7", "", HT_BYTES(data));
    assert_true(has_alarm(&calls->call[0], HT_GOV_ALARM_UNKNOWN_FUNCTION));
    json_t *json = ht_gov_calls_json(calls);
    const json_t *action = json_array_get(json, 0);
    assert_string_equal(json_string_value(json_object_get(action, "calldata")), "0x0102030405");
    assert_string_equal(json_string_value(json_object_get(action, "wei")), "7");
    assert_true(json_is_false(json_object_get(action, "guess")));
    json_decref(json);
    ht_gov_calls_free(calls);
}

/* --- signatures of GovernorBravo --------------------------------------------------------------*/

static ht_bytes without_selector(ht_bytes call) {
    return ht_bytes_of(call.p + 4, call.n - 4);
}

static void bravos_signature_and_data_are_one_call(void **state) {
    (void)state;
    ht_bytes data = transfer(BOB, "96000000000");
    struct ht_gov_calls *calls =
        read(USDC, "0", "transfer(address,uint256)", without_selector(data));
    assert_true(ht_bytes_equal(calls->call[0].data, data));
    assert_string_equal(calls->call[0].sentence, "Sends 96000 USDC to " BOB ".");
    ht_gov_calls_free(calls);
}

static void a_signature_alone_names_a_function_that_stays_a_guess(void **state) {
    (void)state;
    ht_bytes data = call_of("setFee(uint256,address)", json_pack("[ss]", "17", BOB));
    struct ht_gov_calls *calls =
        read(THING, "0", "setFee(uint256,address)", without_selector(data));
    assert_non_null(calls->call[0].known);
    assert_true(calls->call[0].is_guess);
    assert_int_equal(json_array_size(calls->call[0].args), 2);
    ht_gov_calls_free(calls);
}

/* Another text whose hash begins as that of transferFrom. */
static void a_signature_that_collides_with_a_known_function_is_alarmed_of(void **state) {
    (void)state;
    ht_bytes data =
        call_of("transferFrom(address,address,uint256)", json_pack("[sss]", TIMELOCK, BOB, "5"));
    struct ht_gov_calls *calls =
        read(USDC, "0", "gasprice_bit_ether(int128)", without_selector(data));
    assert_true(has_alarm(&calls->call[0], HT_GOV_ALARM_SIGNATURE_COLLISION));
    must_say(alarm_text(&calls->call[0], HT_GOV_ALARM_SIGNATURE_COLLISION),
             "transferFrom(address,address,uint256)");
    ht_gov_calls_free(calls);
}

static void signatures_that_are_none_are_raw(void **state) {
    (void)state;
    static const char *const texts[] = {
        "x",    "(",        "f(((((((((((((((((((", "f(uint256",
        "f()x", "f(uint7)", "drop table(uint256)",  "\xff\xfe(uint256)"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct ht_gov_calls *calls = read(THING, "0", texts[i], transfer(BOB, "1"));
        assert_null(calls->call[0].known);
        assert_int_equal(calls->call[0].data.n, 4 + 68);
        json_t *json = ht_gov_calls_json(calls);
        assert_non_null(json);
        json_decref(json);
        ht_gov_calls_free(calls);
    }
}

static void a_queued_call_of_compounds_timelock_has_its_signature(void **state) {
    (void)state;
    ht_bytes inner = transfer(BOB, "5");
    ht_bytes data = call_of("queueTransaction(address,uint256,string,bytes,uint256)",
                            json_pack("[sssos]", USDC, "0", "transfer(address,uint256)",
                                      hex_of(without_selector(inner)), "1700000000"));
    struct ht_gov_calls *calls = read(TIMELOCK, "0", "", data);
    assert_int_equal(calls->count, 2);
    assert_string_equal(calls->call[1].path, "1.1");
    assert_true(ht_bytes_equal(calls->call[1].data, inner));
    assert_string_equal(calls->call[1].sentence, "Sends 0.000005 USDC to " BOB ".");
    ht_gov_calls_free(calls);
}

/* --- calls within calls -----------------------------------------------------------------------*/

static ht_bytes packed(const char *to, ht_bytes data) {
    size_t from = made.n;
    ht_addr20 target = address_of(to);
    uint8_t head[85] = {0};
    memcpy(head + 1, target.b, sizeof target.b);
    head[83] = (uint8_t)(data.n >> 8), head[84] = (uint8_t)data.n;
    assert_int_equal(ht_buf_add(&made, HT_BYTES(head)), HT_OK);
    assert_int_equal(ht_buf_add(&made, data), HT_OK);
    return ht_bytes_of(made.p + from, made.n - from);
}

static ht_bytes of_safe(const char *to, ht_bytes data, const char *operation) {
    return call_of("execTransaction(address,uint256,bytes,uint8,uint256,uint256,uint256,address,"
                   "address,bytes)",
                   json_pack("[ssosssssss]", to, "0", hex_of(data), operation, "0", "0", "0", ZERO,
                             ZERO, "0x"));
}

static ht_bytes scheduled(const char *to, ht_bytes data) {
    return call_of("schedule(address,uint256,bytes,bytes32,bytes32,uint256)",
                   json_pack("[ssosss]", to, "3", hex_of(data), ZERO32, ZERO32, "60"));
}

static void a_timelock_a_safe_and_its_multisend_are_taken_apart(void **state) {
    (void)state;
    ht_bytes two = packed(USDC, transfer(BOB, "1000000"));
    ht_bytes batch = call_of("multiSend(bytes)", json_pack("[o]", hex_of(two)));
    struct ht_gov_calls *calls =
        read(TIMELOCK, "0", "", scheduled(SAFE, of_safe(MULTISEND, batch, "1")));
    assert_int_equal(calls->count, 4);
    const struct ht_gov_call *last = &calls->call[3];
    assert_string_equal(last->path, "1.1.1.1");
    assert_int_equal(last->parent, 2);
    assert_string_equal(last->sentence, "Sends 1 USDC to " BOB ".");
    assert_true(is_address(&last->caller, SAFE));
    assert_true(is_address(&calls->call[2].self, SAFE));
    assert_true(has_alarm(&calls->call[2], HT_GOV_ALARM_DELEGATE_CALL));
    assert_true(calls->call[1].wei.limb[0] == 3);
    assert_true(has_alarm(&calls->call[0], HT_GOV_ALARM_TIMELOCK_SELF_CALL));
    ht_gov_calls_free(calls);
}

static void a_relay_acts_in_the_governors_name(void **state) {
    (void)state;
    ht_bytes data = call_of("relay(address,uint256,bytes)",
                            json_pack("[sso]", USDC, "0", hex_of(transfer(BOB, "1"))));
    struct ht_gov_calls *calls = read(GOVERNOR, "0", "", data);
    assert_int_equal(calls->count, 2);
    assert_true(has_alarm(&calls->call[0], HT_GOV_ALARM_GOVERNOR_RELAY));
    assert_true(has_alarm(&calls->call[0], HT_GOV_ALARM_GOVERNOR_SELF_CALL));
    assert_false(calls->call[0].is_guess);
    assert_true(is_address(&calls->call[1].caller, GOVERNOR));
    ht_gov_calls_free(calls);
}

static void multicall3_keeps_values_and_order(void **state) {
    (void)state;
    json_t *list = json_pack("[[sbso][sbso]]", USDC, 0, "0", hex_of(transfer(BOB, "1")), BOB, 1,
                             "9", json_string("0x"));
    ht_bytes data =
        call_of("aggregate3Value((address,bool,uint256,bytes)[])", json_pack("[o]", list));
    struct ht_gov_calls *calls = read("0xcA11bde05977b3631167028862bE2a173976CA11", "9", "", data);
    assert_int_equal(calls->count, 3);
    assert_false(calls->call[0].is_guess);
    assert_string_equal(calls->call[2].path, "1.2");
    assert_string_equal(calls->call[2].sentence, "Sends 0.000000000000000009 ETH to " BOB ".");
    ht_gov_calls_free(calls);
}

static void code_of_an_upgrade_runs_as_the_proxy(void **state) {
    (void)state;
    ht_bytes init = call_of("transferOwnership(address)", json_pack("[s]", BOB));
    ht_bytes data = call_of("upgradeAndCall(address,address,bytes)",
                            json_pack("[sso]", SAFE, THING, hex_of(init)));
    struct ht_gov_calls *calls = read(BOB, "0", "", data);
    assert_int_equal(calls->count, 2);
    assert_true(has_alarm(&calls->call[0], HT_GOV_ALARM_UPGRADE));
    assert_true(calls->call[1].is_delegate);
    assert_true(is_address(&calls->call[1].target, THING));
    assert_true(is_address(&calls->call[1].self, SAFE));
    assert_true(has_alarm(&calls->call[1], HT_GOV_ALARM_OWNERSHIP));
    ht_gov_calls_free(calls);
}

static void what_is_cancelled_is_alarmed_of_no_further(void **state) {
    (void)state;
    ht_bytes inner = call_of("approve(address,uint256)", json_pack("[ss]", BOB, ALL));
    ht_bytes data = call_of("cancel(address[],uint256[],bytes[],bytes32)",
                            json_pack("[[s][s][o]s]", USDC, "0", hex_of(inner), ZERO32));
    struct ht_gov_calls *calls = read(GOVERNOR, "0", "", data);
    assert_int_equal(calls->count, 2);
    assert_true(calls->call[1].is_undone);
    assert_int_equal(calls->call[1].alarm_count, 1);
    assert_true(has_alarm(&calls->call[1], HT_GOV_ALARM_UNDONE));
    ht_gov_calls_free(calls);
}

static void a_multisend_that_ends_within_a_call_shows_none_of_them(void **state) {
    (void)state;
    ht_bytes two = packed(USDC, transfer(BOB, "1"));
    two.n--;
    ht_bytes data = call_of("multiSend(bytes)", json_pack("[o]", hex_of(two)));
    struct ht_gov_calls *calls = read(MULTISEND, "0", "", data);
    assert_int_equal(calls->count, 1);
    must_say(alarm_text(&calls->call[0], HT_GOV_ALARM_PACKED), "ends within a call");
    ht_gov_calls_free(calls);
}

static void a_batch_of_an_account_contract_is_taken_apart(void **state) {
    (void)state;
    json_t *list = json_pack("[[sso]]", USDC, "4", hex_of(transfer(BOB, "1")));
    ht_bytes batch = call_of("batch((address,uint256,bytes)[])", json_pack("[o]", list));
    ht_bytes data = call_of(
        "execute(bytes32,bytes)",
        json_pack("[so]", "0x0100000000000000000000000000000000000000000000000000000000000000",
                  hex_of(without_selector(batch))));
    struct ht_gov_calls *calls = read(SAFE, "0", "", data);
    assert_int_equal(calls->count, 2);
    assert_true(calls->call[1].wei.limb[0] == 4);
    assert_true(is_address(&calls->call[1].caller, SAFE));
    ht_gov_calls_free(calls);
}

/* --- bounds -----------------------------------------------------------------------------------*/

static void calls_past_the_eighth_level_are_counted(void **state) {
    (void)state;
    ht_bytes data = transfer(BOB, "1");
    for (unsigned i = 0; i < HT_GOV_CALL_DEPTH_MAX; i++) data = of_safe(SAFE, data, "0");
    struct ht_gov_calls *calls = read(SAFE, "0", "", data);
    assert_int_equal(calls->count, HT_GOV_CALL_DEPTH_MAX);
    assert_int_equal(calls->call[HT_GOV_CALL_DEPTH_MAX - 1].left_out, 1);
    assert_true(has_alarm(&calls->call[HT_GOV_CALL_DEPTH_MAX - 1], HT_GOV_ALARM_LEFT_OUT));
    ht_gov_calls_free(calls);
}

static void calls_past_the_256th_are_counted(void **state) {
    (void)state;
    json_t *list = json_array();
    for (int i = 0; i < 300; i++) {
        assert_int_equal(json_array_append_new(list, json_pack("[sbs]", BOB, 0, "0x")), 0);
    }
    ht_bytes data = call_of("aggregate3((address,bool,bytes)[])", json_pack("[o]", list));
    struct ht_gov_calls *calls = read(THING, "0", "", data);
    assert_int_equal(calls->count, HT_GOV_CALLS_MAX);
    assert_int_equal(calls->call[0].left_out, 300 - (HT_GOV_CALLS_MAX - 1));
    json_t *json = ht_gov_calls_json(calls);
    const json_t *action = json_array_get(json, 0);
    assert_int_equal(json_array_size(json_object_get(action, "calls")), HT_GOV_CALLS_MAX - 1);
    json_decref(json);
    ht_gov_calls_free(calls);
}

static void call_data_past_the_bound_of_all_is_left_out(void **state) {
    (void)state;
    struct ht_gov_calls_context context = community();
    struct ht_gov_calls *calls = NULL;
    struct ht_gov_action actions[10];
    size_t n = 60000;
    uint8_t *blob = calloc(1, n);
    assert_non_null(blob);
    ht_bytes data = scheduled(BOB, ht_bytes_of(blob, n));
    for (size_t i = 0; i < 10; i++) {
        actions[i] = (struct ht_gov_action){.target = address_of(TIMELOCK), .calldata = data};
    }
    assert_int_equal(ht_gov_calls_new(&calls, &context, actions, 10, NULL), HT_OK);
    assert_int_equal(calls->count, 10 + HT_GOV_CALLS_BYTES_MAX / n);
    assert_int_equal(calls->call[9].left_out, 1);
    assert_true(has_alarm(&calls->call[9], HT_GOV_ALARM_LEFT_OUT));
    ht_gov_calls_free(calls);
    free(blob);
}

static void more_actions_than_a_proposal_has_are_refused(void **state) {
    (void)state;
    struct ht_gov_calls_context context = community();
    struct ht_gov_calls *calls = NULL;
    struct ht_why why = {.code = ""};
    struct ht_gov_action actions[HT_GOV_ACTIONS_MAX + 1];
    memset(actions, 0, sizeof actions);
    enum ht_err err = ht_gov_calls_new(&calls, &context, actions, HT_GOV_ACTIONS_MAX + 1, &why);
    assert_int_equal(err, HT_ELIMIT);
    assert_string_equal(why.code, "too_many_actions");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, made_init, made_fini)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_payment_of_a_known_token_is_no_guess),
        TEST(a_function_is_a_guess_until_its_contract_is_known),
        TEST(what_does_not_lead_back_to_its_bytes_is_raw),
        TEST(arguments_with_dirty_bits_are_raw_with_the_decoders_reason),
        TEST(an_unknown_function_is_shown_raw),
        TEST(bravos_signature_and_data_are_one_call),
        TEST(a_signature_alone_names_a_function_that_stays_a_guess),
        TEST(a_signature_that_collides_with_a_known_function_is_alarmed_of),
        TEST(signatures_that_are_none_are_raw),
        TEST(a_queued_call_of_compounds_timelock_has_its_signature),
        TEST(a_timelock_a_safe_and_its_multisend_are_taken_apart),
        TEST(a_relay_acts_in_the_governors_name),
        TEST(multicall3_keeps_values_and_order),
        TEST(code_of_an_upgrade_runs_as_the_proxy),
        TEST(what_is_cancelled_is_alarmed_of_no_further),
        TEST(a_multisend_that_ends_within_a_call_shows_none_of_them),
        TEST(a_batch_of_an_account_contract_is_taken_apart),
        TEST(calls_past_the_eighth_level_are_counted),
        TEST(calls_past_the_256th_are_counted),
        TEST(call_data_past_the_bound_of_all_is_left_out),
        TEST(more_actions_than_a_proposal_has_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
