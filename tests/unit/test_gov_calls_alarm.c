/* Actions of proposals: what is dangerous is alarmed of, what is done is told in sentences, and the
 * JSON has it all. Taking apart: test_gov_calls.c. */
#include "tests/unit/gov_calls_maker.h"

#include "governance/calls/calls_family.h"
#include "node/codec/address.h"
#include "node/codec/json.h"

/* --- alarms -----------------------------------------------------------------------------------*/

static void functions_that_change_power_are_alarmed_of(void **state) {
    (void)state;
    static const struct {
        const char *signature, *values;
        enum ht_gov_alarm_code code;
        const char *target;
    } cases[] = {
        {"grantRole(bytes32,address)", "[\"" ZERO32 "\",\"" BOB "\"]", HT_GOV_ALARM_ROLE_GRANT,
         TIMELOCK},
        {"revokeRole(bytes32,address)", "[\"" ZERO32 "\",\"" BOB "\"]", HT_GOV_ALARM_ROLE_REVOKE,
         TIMELOCK},
        {"transferOwnership(address)", "[\"" BOB "\"]", HT_GOV_ALARM_OWNERSHIP, THING},
        {"renounceOwnership()", "[]", HT_GOV_ALARM_OWNERSHIP, THING},
        {"upgradeTo(address)", "[\"" BOB "\"]", HT_GOV_ALARM_UPGRADE, THING},
        {"_setImplementation(address)", "[\"" BOB "\"]", HT_GOV_ALARM_UPGRADE, THING},
        {"setProposalGuardian(address)", "[\"" BOB "\"]", HT_GOV_ALARM_GUARDIAN, GOVERNOR},
        {"updateTimelock(address)", "[\"" BOB "\"]", HT_GOV_ALARM_GOVERNOR_TIMELOCK, GOVERNOR},
        {"setVotingDelay(uint48)", "[\"1\"]", HT_GOV_ALARM_GOVERNOR_SELF_CALL, GOVERNOR},
        {"updateDelay(uint256)", "[\"1\"]", HT_GOV_ALARM_TIMELOCK_SELF_CALL, TIMELOCK},
        {"addOwnerWithThreshold(address,uint256)", "[\"" BOB "\",\"3\"]", HT_GOV_ALARM_SAFE_CONTROL,
         SAFE},
        {"setApprovalForAll(address,bool)", "[\"" BOB "\",true]", HT_GOV_ALARM_APPROVAL_FOR_ALL,
         THING},
        {"approve(address,uint256)", "[\"" BOB "\",\"" ALL "\"]", HT_GOV_ALARM_APPROVAL_UNLIMITED,
         USDC},
        {"approve(address,uint256)", "[\"" BOB "\",\"5\"]", HT_GOV_ALARM_APPROVAL, USDC},
        {"transfer(address,uint256)", "[\"" USDC "\",\"5\"]", HT_GOV_ALARM_TOKEN_TO_ITSELF, USDC},
        {"mint(address,uint256)", "[\"" BOB "\",\"5\"]", HT_GOV_ALARM_SUPPLY, TOKEN},
        {"sendMessage(address,bytes,uint32)", "[\"" BOB "\",\"0x\",\"5\"]",
         HT_GOV_ALARM_OTHER_CHAIN, THING},
        {"pause()", "[]", HT_GOV_ALARM_CONTROL, THING},
        {"setText(bytes32,string,string)", "[\"" ZERO32 "\",\"a\",\"b\\u202ec\"]",
         HT_GOV_ALARM_DECEIVING_TEXT, THING},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        json_t *values = json_loads(cases[i].values, 0, NULL);
        struct ht_gov_calls *calls =
            read(cases[i].target, "0", "", call_of(cases[i].signature, values));
        if (!has_alarm(&calls->call[0], cases[i].code)) fail_msg("%s", cases[i].signature);
        ht_gov_calls_free(calls);
    }
}

static void sentences_name_roles_settings_and_who_gets_what(void **state) {
    (void)state;
    static const struct {
        const char *signature, *values, *target, *sentence;
    } cases[] = {
        {"grantRole(bytes32,address)",
         "[\"0xb09aa5aeb3702cfd50b6b62bc4532604938f21248a27a1d5ca736082b6819cc1\",\"" BOB "\"]",
         TIMELOCK, "Gives " BOB " the role PROPOSER at the timelock " TIMELOCK "."},
        {"setVotingPeriod(uint32)", "[\"7200\"]", GOVERNOR,
         "Sets the voting period to 7200 blocks at the governor " GOVERNOR "."},
        {"setProposalThreshold(uint256)", "[\"1500000000000000000\"]", GOVERNOR,
         "Sets the votes that are needed to propose to 1.5 at the governor " GOVERNOR "."},
        {"transferOwnership(address)", "[\"" BOB "\"]", THING, "Hands " THING " over to " BOB "."},
        {"upgrade(address,address)", "[\"" SAFE "\",\"" BOB "\"]", THING,
         "The code of " SAFE " becomes that at " BOB "."},
        {"approve(address,uint256)", "[\"" BOB "\",\"0\"]", USDC,
         BOB " may no longer spend this token of the timelock " TIMELOCK "."},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        json_t *values = json_loads(cases[i].values, 0, NULL);
        struct ht_gov_calls *calls =
            read(cases[i].target, "0", "", call_of(cases[i].signature, values));
        assert_string_equal(calls->call[0].sentence, cases[i].sentence);
        ht_gov_calls_free(calls);
    }
}

static void a_call_to_an_address_without_code_is_alarmed_of_once_it_was_looked_at(void **state) {
    (void)state;
    struct ht_gov_calls_context context = community();
    struct ht_gov_place place = {.address = address_of(THING)};
    context.places = &place, context.place_count = 1;
    struct ht_gov_calls *calls = read_in(&context, THING, "0", "", transfer(BOB, "5"));
    assert_false(has_alarm(&calls->call[0], HT_GOV_ALARM_NO_CODE));
    ht_gov_calls_free(calls);
    place.is_looked_at = true;
    calls = read_in(&context, THING, "0", "", transfer(BOB, "5"));
    assert_true(has_alarm(&calls->call[0], HT_GOV_ALARM_NO_CODE));
    ht_gov_calls_free(calls);
}

static void ether_without_call_data_is_told(void **state) {
    (void)state;
    struct ht_gov_calls *calls = read(BOB, "1500000000000000000", "", ht_bytes_of(NULL, 0));
    assert_string_equal(calls->call[0].title, "Send ETH");
    assert_string_equal(calls->call[0].sentence, "Sends 1.5 ETH to " BOB ".");
    assert_true(has_alarm(&calls->call[0], HT_GOV_ALARM_EMPTY_CALL_WITH_VALUE));
    ht_gov_calls_free(calls);
}

/* --- JSON -------------------------------------------------------------------------------------*/

static const char *path_of(const json_t *list, size_t i) {
    return json_string_value(json_object_get(json_array_get(list, i), "path"));
}

static void json_has_calls_in_calls_and_all_alarms_worst_first(void **state) {
    (void)state;
    ht_bytes unlimited = call_of("approve(address,uint256)", json_pack("[ss]", BOB, ALL));
    json_t *list =
        json_pack("[[sbo][sbo]]", THING, 0, hex_of(transfer(BOB, "1")), USDC, 0, hex_of(unlimited));
    ht_bytes data = call_of("aggregate3((address,bool,bytes)[])", json_pack("[o]", list));
    struct ht_gov_calls *calls = read(THING, "0", "", data);
    json_t *json = ht_gov_calls_json(calls);
    assert_int_equal(json_array_size(json), 1);
    const json_t *action = json_array_get(json, 0);
    const json_t *inner = json_object_get(action, "calls");
    assert_int_equal(json_array_size(inner), 2);
    assert_string_equal(path_of(inner, 0), "1.1");
    assert_string_equal(path_of(inner, 1), "1.2");
    const json_t *alarms = json_object_get(action, "alarms");
    const json_t *worst = json_array_get(alarms, 0);
    assert_string_equal(json_string_value(json_object_get(worst, "code")), "approval_unlimited");
    assert_string_equal(json_string_value(json_object_get(worst, "path")), "1.2");
    assert_string_equal(json_string_value(json_object_get(worst, "level")), "danger");
    assert_null(json_object_get(json_array_get(inner, 0), "alarms"));
    assert_true(json_is_true(
        json_object_get(json_object_get(json_array_get(inner, 1), "explain"), "is_red")));
    json_decref(json);
    ht_gov_calls_free(calls);
}

static void json_tells_what_leaves_the_treasury(void **state) {
    (void)state;
    struct ht_gov_calls *calls = read(USDC, "2", "", transfer(BOB, "96000000000"));
    json_t *json = ht_gov_calls_json(calls);
    const json_t *leaves =
        json_object_get(json_object_get(json_array_get(json, 0), "explain"), "leaves");
    assert_int_equal(json_array_size(leaves), 2);
    const json_t *token = json_array_get(leaves, 1);
    assert_string_equal(json_string_value(json_object_get(token, "amount")), "96000");
    assert_string_equal(json_string_value(json_object_get(token, "unit")), "USDC");
    assert_string_equal(json_string_value(json_object_get(token, "raw")), "96000000000");
    assert_string_equal(json_string_value(json_object_get(token, "token")), USDC);
    json_decref(json);
    ht_gov_calls_free(calls);
}

static void targets_are_listed_once(void **state) {
    (void)state;
    json_t *list = json_pack("[[sbs][sbs][sbs]]", USDC, 0, "0x", BOB, 0, "0x", USDC, 0, "0x");
    ht_bytes data = call_of("aggregate3((address,bool,bytes)[])", json_pack("[o]", list));
    struct ht_gov_calls *calls = read(THING, "0", "", data);
    ht_addr20 targets[4];
    assert_int_equal(ht_gov_calls_targets(calls, targets, 4), 3);
    assert_true(is_address(&targets[0], THING));
    assert_true(is_address(&targets[1], USDC));
    assert_int_equal(ht_gov_calls_targets(calls, targets, 2), 2);
    ht_gov_calls_free(calls);
}

/* --- families ---------------------------------------------------------------------------------*/

static void code_is_of_a_family_when_it_pushes_all_of_its_selectors(void **state) {
    (void)state;
    static const char *const functions[] = {"totalSupply()",
                                            "balanceOf(address)",
                                            "transfer(address,uint256)",
                                            "transferFrom(address,address,uint256)",
                                            "approve(address,uint256)",
                                            "allowance(address,address)"};
    uint8_t code[6 * 5];
    for (size_t i = 0; i < 6; i++) {
        code[5 * i] = 0x63;
        ht_abi_selector(code + 5 * i + 1, functions[i]);
    }
    assert_int_equal(ht_gov_families_of_code(HT_BYTES(code)), HT_GOV_FAMILY_ERC20);
    code[0] = 0x64; /* a PUSH5 swallows the next push */
    assert_int_equal(ht_gov_families_of_code(HT_BYTES(code)), 0);
    assert_int_equal(ht_gov_families_of_code(ht_bytes_of(code + 5, 25)), 0);
    assert_int_equal(ht_gov_families_of_selector(0xa9059cbbU),
                     HT_GOV_FAMILY_ERC20 | HT_GOV_FAMILY_WETH);
}

static void well_known_addresses_have_right_checksums(void **state) {
    (void)state;
    for (size_t i = 0; i < ht_gov_well_known_count; i++) {
        ht_addr20 address;
        ht_bytes text = ht_bytes_str(ht_gov_well_known[i].address);
        if (ht_address_read(&address, text, NULL) != HT_OK)
            fail_msg("%s", ht_gov_well_known[i].name);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, made_init, made_fini)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(functions_that_change_power_are_alarmed_of),
        TEST(sentences_name_roles_settings_and_who_gets_what),
        TEST(a_call_to_an_address_without_code_is_alarmed_of_once_it_was_looked_at),
        TEST(ether_without_call_data_is_told),
        TEST(json_has_calls_in_calls_and_all_alarms_worst_first),
        TEST(json_tells_what_leaves_the_treasury),
        TEST(targets_are_listed_once),
        TEST(code_is_of_a_family_when_it_pushes_all_of_its_selectors),
        TEST(well_known_addresses_have_right_checksums),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
