/* Creating communities: wishes, the transaction, addresses, the check, and calls to contracts of
 * ours. */
#include "tests/unit/gov_contracts.h"

#include <stdio.h>

#include "governance/create/create_calls.h"
#include "node/base/hex.h"

static const ht_addr20 EAS = {{0xea, 0x5}};

/* --- wishes ------------------------------------------------------------------------------------*/

static void refuses(const char *text, const char *code) {
    struct ht_gov_wishes wishes;
    struct ht_why why = {.code = "", .text = ""};
    json_t *params = gov_json(text);
    enum ht_err err = ht_gov_wishes_read(&wishes, params, &EAS, &why);
    if (err == HT_OK || strcmp(why.code, code) != 0) fail_msg("%s: got %s", text, why.code);
    json_decref(params);
}

#define HOLDER(last) "{\"address\": \"0x11000000000000000000000000000000000000" last "\", "
#define TOKEN_WITH(holders) \
    "\"token\": {\"name\": \"Seed\", \"symbol\": \"S\", \"holders\": [" holders "]}"
#define WITH(spans, rest) "{\"name\": \"Garden\", \"kind\": \"token\", " spans ", " rest "}"
#define SPANS(delay, period, percent, threshold, lock)                                         \
    "\"voting_delay\": " delay ", \"voting_period\": " period ", \"quorum_percent\": " percent \
    ", \"threshold\": " threshold ", \"timelock_delay_s\": " lock
#define ONE TOKEN_WITH(HOLDER("b1") "\"amount\": 10}")

static void wishes_are_read_as_they_were_said(void **state) {
    (void)state;
    struct ht_gov_wishes wishes = gov_wishes(GOV_TOKEN);
    assert_int_equal(wishes.by, HT_GOV_BY_TOKEN);
    assert_string_equal(wishes.name, "Garden");
    assert_int_equal(wishes.clock, HT_GOV_BLOCKS);
    assert_int_equal(wishes.voting_period, 40);
    assert_int_equal(wishes.late_extension, 10);
    assert_int_equal(wishes.holder_count, 2);
    assert_true(wishes.holders[1].is_treasury);
    assert_int_equal(wishes.holders[1].amount.limb[0], 400);
    wishes = gov_wishes(GOV_PEOPLE);
    assert_int_equal(wishes.by, HT_GOV_BY_PEOPLE);
    assert_int_equal(wishes.clock, HT_GOV_TIME);
    assert_string_equal(wishes.symbol, "VOTE");
    assert_int_equal(wishes.attester_count, 1);
}

static void spans_out_of_bounds_are_refused(void **state) {
    (void)state;
    refuses(WITH(SPANS("0", "9", "4", "1", "0"), ONE), "wish_span");
    refuses(WITH(SPANS("1", "0", "4", "1", "0"), ONE), "wish_span");
    refuses(WITH(SPANS("1", "9", "4", "1", "31536001"), ONE), "wish_span");
    refuses(WITH(SPANS("1", "9", "4", "1", "0"), "\"late_extension\": 10, " ONE), "wish_span");
    refuses(WITH(SPANS("1", "9", "4", "1", "0"), "\"clock\": \"sundial\", " ONE), "wish_clock");
}

static void a_quorum_of_nothing_or_of_more_than_all_is_refused(void **state) {
    (void)state;
    refuses(WITH(SPANS("1", "9", "0", "1", "0"), ONE), "wish_quorum");
    refuses(WITH(SPANS("1", "9", "101", "1", "0"), ONE), "wish_quorum");
}

static void a_quorum_that_the_treasury_keeps_out_of_reach_is_refused(void **state) {
    (void)state;
    refuses(WITH(SPANS("1", "9", "41", "1", "0"),
                 TOKEN_WITH(HOLDER("b1") "\"amount\": 40}, {\"treasury\": true, \"amount\": 60}")),
            "wish_quorum");
    refuses(
        WITH(SPANS("1", "9", "1", "0", "0"), TOKEN_WITH("{\"treasury\": true, \"amount\": 60}")),
        "wish_quorum");
}

static void a_threshold_that_nobody_can_meet_is_refused(void **state) {
    (void)state;
    refuses(WITH(SPANS("1", "9", "4", "\"11\"", "0"), ONE), "wish_threshold");
}

static void holders_that_make_no_sense_are_refused(void **state) {
    (void)state;
    refuses(WITH(SPANS("1", "9", "4", "1", "0"), TOKEN_WITH(HOLDER("b1") "\"amount\": 0}")),
            "wish_holders");
    refuses(WITH(SPANS("1", "9", "4", "1", "0"),
                 TOKEN_WITH(HOLDER("b1") "\"amount\": 1}, " HOLDER("b1") "\"amount\": 2}")),
            "wish_holders");
    refuses(
        WITH(SPANS("1", "9", "4", "1", "0"),
             TOKEN_WITH(HOLDER("b1") "\"amount\": \"0x1" /* 2^208 */
                                     "0000000000000000000000000000000000000000000000000000\"}")),
        "wish_holders");
    refuses(WITH(SPANS("1", "9", "4", "1", "0"), TOKEN_WITH("")), "wish_quorum");
}

static void lists_over_forty_are_refused(void **state) {
    (void)state;
    char text[8192];
    int n = snprintf(text, sizeof text,
                     "{\"name\": \"V\", \"kind\": \"people\", " GOV_SPANS
                     ", \"schema\": \"" GOV_SCHEMA "\", \"attesters\": [");
    for (int i = 0; i < 41; i++) {
        n += snprintf(text + n, sizeof text - (size_t)n, "%s\"0x%040x\"", i > 0 ? "," : "", i + 1);
    }
    (void)snprintf(text + n, sizeof text - (size_t)n, "]}");
    refuses(text, "wish_list");
}

static void who_votes_must_be_said_once(void **state) {
    (void)state;
    refuses(WITH(GOV_SPANS, "\"existing\": \"0x11000000000000000000000000000000000000b1\", " ONE),
            "wish_token");
    refuses("{\"name\": \"Garden\", \"kind\": \"token\", " GOV_SPANS "}", "wish_token");
    refuses("{\"name\": \"Garden\", \"kind\": \"dice\", " GOV_SPANS "}", "wish_kind");
    refuses(WITH(GOV_SPANS, "\"existing\": \"0x0000000000000000000000000000000000000000\""),
            "wish_token");
}

static void names_are_short_and_without_control_characters(void **state) {
    (void)state;
    refuses("{\"name\": \"\", \"kind\": \"token\", " GOV_SPANS ", " ONE "}", "wish_name");
    refuses("{\"name\": \"a\\u0007b\", \"kind\": \"token\", " GOV_SPANS ", " ONE "}", "wish_name");
    refuses("{\"name\": \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\", "
            "\"kind\": \"token\", " GOV_SPANS ", " ONE "}",
            "wish_name");
}

static void people_need_attesters_a_schema_and_the_attestation_service(void **state) {
    (void)state;
    struct ht_gov_wishes wishes;
    struct ht_why why = {.code = "", .text = ""};
    json_t *params = gov_json(GOV_PEOPLE);
    assert_int_equal(ht_gov_wishes_read(&wishes, params, NULL, &why), HT_ENOTFOUND);
    assert_string_equal(why.code, "no_eas");
    json_decref(params);
    refuses("{\"name\": \"V\", \"kind\": \"people\", " GOV_SPANS ", \"schema\": \"" GOV_SCHEMA
            "\", \"attesters\": []}",
            "wish_people");
    refuses("{\"name\": \"V\", \"kind\": \"people\", " GOV_SPANS ", \"attesters\": []}",
            "json_missing");
    refuses("{\"name\": \"V\", \"kind\": \"people\", " GOV_SPANS ", \"schema\": \"" GOV_SCHEMA
            "\", \"attesters\": [\"0xD8dA6BF26964aF9D7eEd9e03E53415D37aA96046\"]}",
            "address_checksum");
}

/* --- the transaction ---------------------------------------------------------------------------*/

static struct ht_gov_made_codes codes_of(struct evm_bench *bench, const struct ht_gov_made *made) {
    return (struct ht_gov_made_codes){.treasury = gov_code(bench, &made->treasury),
                                      .votes = gov_code(bench, &made->votes),
                                      .governor = gov_code(bench, &made->governor)};
}

/* As a transaction: with what is paid before the code runs (EIP-2028, 3860). */
static void stays_under_its_gas(const struct ht_gov_wishes *wishes, uint64_t gas) {
    struct ht_buf data;
    ht_buf_init(&data, HT_GOV_CREATE_MAX);
    assert_int_equal(ht_gov_create_data(&data, wishes, NULL), HT_OK);
    gas += 53000 + data.n * 16 + (data.n + 31) / 32 * 2;
    uint64_t most = ht_gov_create_gas(wishes);
    if (gas > most)
        fail_msg("%llu gas, over %llu", (unsigned long long)gas, (unsigned long long)most);
    if (most >= 1U << 24) fail_msg("%llu gas is over EIP-7825", (unsigned long long)most);
    ht_buf_fini(&data);
}

static void one_transaction_makes_a_community_with_a_token(void **state) {
    (void)state;
    struct evm_bench bench;
    uint64_t gas;
    struct ht_why why = {.code = "", .text = ""};
    evm_bench_init(&bench, HT_EVM_OSAKA);
    struct ht_gov_wishes wishes = gov_wishes(GOV_TOKEN);
    wishes.treasury_wei = ht_u256_of(1234);
    struct ht_gov_made made = gov_make(&bench, &gas, &wishes);
    struct ht_gov_made_codes codes = codes_of(&bench, &made);
    if (ht_gov_made_check(&made, &wishes, &codes, &why) != HT_OK) fail_msg("%s", why.text);
    stays_under_its_gas(&wishes, gas);
    struct ht_evm_object *treasury = NULL;
    assert_int_equal(ht_evm_world_find(&treasury, bench.world, &made.treasury, NULL), HT_OK);
    assert_int_equal(treasury->account.balance.limb[0], 1234);
    evm_bench_fini(&bench);
}

static void one_transaction_makes_a_community_of_people(void **state) {
    (void)state;
    struct evm_bench bench;
    uint64_t gas;
    struct ht_why why = {.code = "", .text = ""};
    evm_bench_init(&bench, HT_EVM_OSAKA);
    struct ht_gov_wishes wishes = gov_wishes(GOV_PEOPLE);
    struct ht_gov_made made = gov_make(&bench, &gas, &wishes);
    struct ht_gov_made_codes codes = codes_of(&bench, &made);
    if (ht_gov_made_check(&made, &wishes, &codes, &why) != HT_OK) fail_msg("%s", why.text);
    stays_under_its_gas(&wishes, gas);
    evm_bench_fini(&bench);
}

/* The governor asks them for their clock when it is made. */
static void one_transaction_makes_a_community_of_a_tokens_holders(void **state) {
    (void)state;
    struct evm_bench bench;
    uint64_t gas;
    struct ht_why why = {.code = "", .text = ""};
    evm_bench_init(&bench, HT_EVM_OSAKA);
    struct ht_gov_wishes wishes =
        gov_wishes(WITH(GOV_SPANS, "\"existing\": \"0x11000000000000000000000000000000000000b1\""));
    (void)evm_put(&bench, wishes.existing, 0, "NUMBER" EVM_RETURN);
    struct ht_gov_made made = gov_make(&bench, &gas, &wishes);
    assert_memory_equal(&made.votes, &wishes.existing, sizeof made.votes);
    struct ht_gov_made_codes codes = codes_of(&bench, &made);
    if (ht_gov_made_check(&made, &wishes, &codes, &why) != HT_OK) fail_msg("%s", why.text);
    stays_under_its_gas(&wishes, gas);
    evm_bench_fini(&bench);
}

static void fill_holders(struct ht_gov_wishes *wishes) {
    for (size_t i = 0; i < HT_GOV_CREATE_LIST_MAX; i++) {
        struct ht_gov_holder *one = &wishes->holders[i];
        *one = (struct ht_gov_holder){.amount = ht_u256_of(UINT64_MAX - i)};
        memset(one->address.b, (int)(i + 1), sizeof one->address.b);
    }
    wishes->holder_count = HT_GOV_CREATE_LIST_MAX;
    memset(wishes->name, 'n', HT_GOV_CREATE_NAME_MAX);
    memset(wishes->token_name, 't', HT_GOV_CREATE_NAME_MAX);
}

static void the_most_holders_fit_into_one_transaction(void **state) {
    (void)state;
    struct evm_bench bench;
    uint64_t gas;
    evm_bench_init(&bench, HT_EVM_OSAKA);
    struct ht_gov_wishes wishes = gov_wishes(GOV_TOKEN);
    fill_holders(&wishes);
    (void)gov_make(&bench, &gas, &wishes);
    stays_under_its_gas(&wishes, gas);
    evm_bench_fini(&bench);
}

static void the_most_attesters_and_people_fit_into_its_data(void **state) {
    (void)state;
    struct ht_buf data;
    struct ht_gov_wishes wishes = gov_wishes(GOV_PEOPLE);
    wishes.attester_count = wishes.uid_count = HT_GOV_CREATE_LIST_MAX;
    memset(wishes.name, 'n', HT_GOV_CREATE_NAME_MAX);
    ht_buf_init(&data, HT_GOV_CREATE_MAX);
    assert_int_equal(ht_gov_create_data(&data, &wishes, NULL), HT_OK);
    assert_true(ht_gov_create_gas(&wishes) < 1U << 24);
    ht_buf_fini(&data);
}

static void code_that_is_not_ours_or_not_as_wished_is_refused_by_name(void **state) {
    (void)state;
    struct evm_bench bench;
    uint64_t gas;
    struct ht_why why = {.code = "", .text = ""};
    evm_bench_init(&bench, HT_EVM_OSAKA);
    struct ht_gov_wishes wishes = gov_wishes(GOV_PEOPLE);
    struct ht_gov_made made = gov_make(&bench, &gas, &wishes);
    struct ht_gov_made_codes codes = codes_of(&bench, &made), bad = codes;
    bad.treasury = codes.governor;
    assert_int_equal(ht_gov_made_check(&made, &wishes, &bad, &why), HT_EUNVERIFIED);
    assert_string_equal(why.code, "not_our_code");
    bad = codes;
    bad.governor = (ht_bytes){NULL, 0};
    assert_int_equal(ht_gov_made_check(&made, &wishes, &bad, &why), HT_EUNVERIFIED);
    assert_string_equal(why.code, "not_our_code");
    struct ht_gov_wishes others = wishes;
    others.schema.b[0] ^= 1;
    assert_int_equal(ht_gov_made_check(&made, &others, &codes, &why), HT_EUNVERIFIED);
    assert_string_equal(why.code, "not_as_wished");
    others = wishes;
    others.clock = HT_GOV_BLOCKS;
    assert_int_equal(ht_gov_made_check(&made, &others, &codes, &why), HT_EUNVERIFIED);
    assert_string_equal(why.code, "not_as_wished");
    struct ht_gov_made elsewhere = made;
    elsewhere.votes.b[0] ^= 1;
    assert_int_equal(ht_gov_made_check(&elsewhere, &wishes, &codes, &why), HT_EUNVERIFIED);
    assert_string_equal(why.code, "not_as_wished");
    evm_bench_fini(&bench);
}

/* --- calls -------------------------------------------------------------------------------------*/

static void a_call_is(const struct ht_buf *data, const char *signature, size_t length) {
    ht_hash32 hash;
    ht_keccak256(&hash, ht_bytes_str(signature));
    assert_int_equal(data->n, length);
    assert_memory_equal(data->p, hash.b, 4);
}

static void people_are_registered_and_struck(void **state) {
    (void)state;
    struct ht_buf data;
    struct ht_why why = {.code = "", .text = ""};
    ht_hash32 uids[3] = {{{1}}, {{2}}, {{3}}};
    ht_addr20 person = evm_address(0xb1);
    ht_buf_init(&data, 4096);
    assert_int_equal(ht_gov_call_register(&data, uids, 1, NULL), HT_OK);
    a_call_is(&data, "register(bytes32)", 36);
    ht_buf_clear(&data);
    assert_int_equal(ht_gov_call_register(&data, uids, 3, NULL), HT_OK);
    a_call_is(&data, "registerMany(bytes32[])", 4 + 32 * 5);
    ht_buf_clear(&data);
    assert_int_equal(ht_gov_call_strike(&data, &person, NULL), HT_OK);
    a_call_is(&data, "strike(address)", 36);
    assert_memory_equal(data.p + 16, person.b, 20);
    assert_int_equal(ht_gov_call_register(&data, uids, 0, &why), HT_ELIMIT);
    assert_string_equal(why.code, "too_many_people");
    ht_buf_fini(&data);
}

/* Runs the deployer's part: CREATE2 with salt 0, as the deployer would. */
static void put_relay(struct evm_bench *bench) {
    struct ht_buf data;
    ht_addr20 relay;
    ht_buf_init(&data, 4096);
    assert_int_equal(ht_gov_relay_deploy(&data, NULL), HT_OK);
    struct ht_evm_message message = {.kind = HT_EVM_CREATE2,
                                     .sender = ht_gov_deployer,
                                     .gas = 1000000,
                                     .input = {data.p + 32, data.n - 32}};
    assert_int_equal(evm_send(bench, &message), HT_OK);
    assert_string_equal(ht_evm_status_text(bench->result.status), "success");
    ht_gov_relay_address(&relay);
    assert_memory_equal(&bench->result.created, &relay, sizeof relay);
    ht_buf_fini(&data);
}

static void send_ballots(struct evm_bench *bench, const ht_bytes *ballots, size_t count,
                         uint64_t gas_each, uint64_t gas) {
    struct ht_buf data;
    ht_addr20 relay, governor = evm_address(0x60);
    ht_gov_relay_address(&relay);
    ht_buf_init(&data, 1 << 16);
    assert_int_equal(ht_gov_call_relay(&data, &governor, ballots, count, gas_each, NULL), HT_OK);
    struct ht_evm_message message = {.kind = HT_EVM_CALL,
                                     .sender = evm_address(0xaa),
                                     .to = relay,
                                     .code = relay,
                                     .gas = gas,
                                     .input = {data.p, data.n}};
    assert_int_equal(evm_send(bench, &message), HT_OK);
    ht_buf_fini(&data);
}

/* The governor takes calls that begin with 0x01, refuses others with a long reason, and one that
 * begins with 0x02 uses up whatever it is given. */
#define GOVERNOR                                                                               \
    "PUSH1 00 CALLDATALOAD PUSH1 F8 SHR DUP1 PUSH1 02 EQ PUSH1 19 JUMPI PUSH1 01 EQ PUSH1 1B " \
    "JUMPI PUSH2 10 00 PUSH1 00 REVERT JUMPDEST INVALID JUMPDEST STOP"

static void the_relay_sends_all_ballots_and_names_those_that_were_refused(void **state) {
    (void)state;
    struct evm_bench bench;
    evm_bench_init(&bench, HT_EVM_OSAKA);
    put_relay(&bench);
    (void)evm_put(&bench, evm_address(0x60), 0, GOVERNOR);
    const ht_bytes ballots[4] = {{(const uint8_t *)"\x01good", 5},
                                 {(const uint8_t *)"\x03no", 3},
                                 {(const uint8_t *)"\x02hungry", 7},
                                 {(const uint8_t *)"\x01last", 5}};
    uint64_t gas = ht_gov_relay_gas(ballots, 4, 50000);
    send_ballots(&bench, ballots, 4, 50000, gas);
    assert_string_equal(ht_evm_status_text(bench.result.status), "success");
    assert_int_equal(evm_output(&bench).limb[0], 2);
    size_t count = 0;
    const struct ht_evm_log *logs = ht_evm_world_logs(bench.world, &count);
    assert_int_equal(count, 2);
    for (size_t i = 0; i < count; i++) {
        assert_memory_equal(&logs[i].topics[0], &ht_gov_relay_refused, 32);
        assert_int_equal(logs[i].data.p[31], i + 1);
    }
    assert_int_equal(logs[0].data.p[94] << 8 | logs[0].data.p[95], 260);
    assert_int_equal(logs[1].data.p[95], 0);
    evm_bench_fini(&bench);
}

static void the_relay_reverts_before_a_ballot_gets_too_little_gas(void **state) {
    (void)state;
    struct evm_bench bench;
    ht_hash32 error;
    evm_bench_init(&bench, HT_EVM_OSAKA);
    put_relay(&bench);
    (void)evm_put(&bench, evm_address(0x60), 0, GOVERNOR);
    const ht_bytes ballots[1] = {{(const uint8_t *)"\x01good", 5}};
    send_ballots(&bench, ballots, 1, 400000, 300000);
    assert_int_equal(bench.result.status, HT_EVM_REVERT);
    ht_keccak256(&error, ht_bytes_str("TooLittleGas(uint256)"));
    assert_memory_equal(bench.result.output.p, error.b, 4);
    evm_bench_fini(&bench);
}

static void the_relay_refuses_a_governor_without_code(void **state) {
    (void)state;
    struct evm_bench bench;
    ht_hash32 error;
    evm_bench_init(&bench, HT_EVM_OSAKA);
    put_relay(&bench);
    const ht_bytes ballots[1] = {{(const uint8_t *)"\x01good", 5}};
    send_ballots(&bench, ballots, 1, 50000, 300000);
    assert_int_equal(bench.result.status, HT_EVM_REVERT);
    ht_keccak256(&error, ht_bytes_str("NoGovernor(address)"));
    assert_memory_equal(bench.result.output.p, error.b, 4);
    evm_bench_fini(&bench);
}

static void the_relay_is_known_by_its_code(void **state) {
    (void)state;
    struct evm_bench bench;
    ht_addr20 relay;
    enum ht_gov_ours part = HT_GOV_OURS_COUNT;
    evm_bench_init(&bench, HT_EVM_OSAKA);
    put_relay(&bench);
    ht_gov_relay_address(&relay);
    assert_non_null(ht_gov_code_ours(&part, gov_code(&bench, &relay)));
    assert_int_equal(part, HT_GOV_OURS_RELAY);
    evm_bench_fini(&bench);
}

static void ballots_over_the_bounds_are_not_sent(void **state) {
    (void)state;
    static const uint8_t large[HT_GOV_RELAY_BALLOT_MAX + 1];
    static ht_bytes many[HT_GOV_RELAY_MAX + 1];
    struct ht_buf data;
    struct ht_why why = {.code = "", .text = ""};
    ht_addr20 governor = evm_address(1);
    const ht_bytes one = HT_BYTES(large);
    ht_buf_init(&data, 1 << 20);
    assert_int_equal(ht_gov_call_relay(&data, &governor, &one, 1, 1, &why), HT_ELIMIT);
    assert_string_equal(why.code, "ballot_too_large");
    assert_int_equal(ht_gov_call_relay(&data, &governor, many, HT_GOV_RELAY_MAX + 1, 1, &why),
                     HT_ELIMIT);
    assert_string_equal(why.code, "too_many_ballots");
    assert_int_equal(ht_gov_call_relay(&data, &governor, many, 0, 1, &why), HT_EINPUT);
    assert_string_equal(why.code, "no_ballots");
    assert_int_equal(data.n, 0);
    ht_buf_fini(&data);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wishes_are_read_as_they_were_said),
        cmocka_unit_test(spans_out_of_bounds_are_refused),
        cmocka_unit_test(a_quorum_of_nothing_or_of_more_than_all_is_refused),
        cmocka_unit_test(a_quorum_that_the_treasury_keeps_out_of_reach_is_refused),
        cmocka_unit_test(a_threshold_that_nobody_can_meet_is_refused),
        cmocka_unit_test(holders_that_make_no_sense_are_refused),
        cmocka_unit_test(lists_over_forty_are_refused),
        cmocka_unit_test(who_votes_must_be_said_once),
        cmocka_unit_test(names_are_short_and_without_control_characters),
        cmocka_unit_test(people_need_attesters_a_schema_and_the_attestation_service),
        cmocka_unit_test(one_transaction_makes_a_community_with_a_token),
        cmocka_unit_test(one_transaction_makes_a_community_of_people),
        cmocka_unit_test(one_transaction_makes_a_community_of_a_tokens_holders),
        cmocka_unit_test(the_most_holders_fit_into_one_transaction),
        cmocka_unit_test(the_most_attesters_and_people_fit_into_its_data),
        cmocka_unit_test(code_that_is_not_ours_or_not_as_wished_is_refused_by_name),
        cmocka_unit_test(people_are_registered_and_struck),
        cmocka_unit_test(the_relay_sends_all_ballots_and_names_those_that_were_refused),
        cmocka_unit_test(the_relay_reverts_before_a_ballot_gets_too_little_gas),
        cmocka_unit_test(the_relay_refuses_a_governor_without_code),
        cmocka_unit_test(the_relay_is_known_by_its_code),
        cmocka_unit_test(ballots_over_the_bounds_are_not_sent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
