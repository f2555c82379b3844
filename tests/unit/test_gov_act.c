/* What acting sends: calldata against known selectors and our own governor's ids, actions from
 * templates, and what of them is refused. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "governance/act/act_actions.h"
#include "governance/act/act_calls.h"
#include "node/base/hex.h"
#include "node/codec/json.h"
#include "node/crypto/keccak.h"

struct bench {
    struct ht_gov_proposal proposal;
    struct ht_gov_profile profile;
    struct ht_arena arena;
    struct ht_buf call;
};

static int set_up(void **state) {
    struct bench *bench = calloc(1, sizeof *bench);
    if (bench == NULL) return -1;
    bench->profile.layout.kind = HT_GOV_OZ5;
    bench->profile.layout.timelock = HT_GOV_TIMELOCK_CONTROLLER;
    bench->profile.has_timelock = true;
    memset(bench->profile.address.b, 0x60, 20);
    memset(bench->profile.timelock.b, 0x71, 20);
    ht_arena_init(&bench->arena, HT_GOV_ACTIONS_ARENA);
    ht_buf_init(&bench->call, (size_t)1 << 20);
    *state = bench;
    return 0;
}

static int tear_down(void **state) {
    struct bench *bench = *state;
    ht_arena_fini(&bench->arena);
    ht_buf_fini(&bench->call);
    free(bench);
    return 0;
}

static json_t *parse(const char *text) {
    json_t *json = NULL;
    assert_int_equal(ht_json_parse(&json, ht_bytes_str(text), 1 << 20, NULL), HT_OK);
    return json;
}

static void reads(struct bench *bench, const char *text) {
    struct ht_why why = {.code = "", .text = ""};
    json_t *params = parse(text);
    if (ht_gov_actions_read(&bench->proposal, &bench->arena, &bench->profile, params, &why) !=
        HT_OK)
        fail_msg("%s: %s", text, why.text);
    json_decref(params);
}

static void refuses(struct bench *bench, const char *text, enum ht_err wanted, const char *code) {
    struct ht_why why = {.code = "", .text = ""};
    json_t *params = parse(text);
    assert_int_equal(
        ht_gov_actions_read(&bench->proposal, &bench->arena, &bench->profile, params, &why),
        wanted);
    assert_string_equal(why.code, code);
    json_decref(params);
}

static void begins_with(const struct bench *bench, const char *hex) {
    char text[HT_HEX_SIZE(4)];
    assert_true(bench->call.n >= 4);
    ht_hex_write(text, ht_bytes_of(bench->call.p, 4));
    assert_string_equal(text, hex);
}

static void calldata_is(const struct bench *bench, const char *hex) {
    char text[HT_HEX_SIZE(512)];
    ht_bytes data = bench->proposal.actions[0].calldata;
    assert_true(data.n <= 512);
    ht_hex_write(text, data);
    assert_string_equal(text, hex);
}

#define TO "0x5b38da6a701c568545dcfcb03fcb875f56beddc4"
#define WITH(actions) "{\"actions\": [" actions "], \"description\": \"d\"}"

/* --- calls ------------------------------------------------------------------------------------ */

static void a_vote_takes_the_smallest_function_that_keeps_all_of_it(void **state) {
    struct bench *bench = *state;
    const ht_u256 id = {{5}};
    static const uint8_t params[48];
    const ht_bytes none = {0};
    assert_int_equal(ht_gov_call_vote(&bench->call, &id, 1, none, none, NULL), HT_OK);
    begins_with(bench, "0x56781388");
    assert_int_equal(bench->call.n, 68);
    ht_buf_clear(&bench->call);
    assert_int_equal(ht_gov_call_vote(&bench->call, &id, 1, ht_bytes_str("x"), none, NULL), HT_OK);
    begins_with(bench, "0x7b3c71d3");
    ht_buf_clear(&bench->call);
    assert_int_equal(ht_gov_call_vote(&bench->call, &id, 255, none, HT_BYTES(params), NULL), HT_OK);
    begins_with(bench, "0x5f398a14");
}

static void queue_execute_and_cancel_go_by_actions_or_by_id(void **state) {
    struct bench *bench = *state;
    static const char *const BY_ACTIONS[] = {"0x160cbed7", "0x2656227d", "0x452115d6"};
    static const char *const BY_ID[] = {"0xddf0b009", "0xfe0d94c1", "0x40e58ee5"};
    reads(bench, WITH("{\"kind\": \"pay_ether\", \"to\": \"" TO "\", \"wei\": 1}"));
    for (int step = 0; step < 3; step++) {
        ht_buf_clear(&bench->call);
        assert_int_equal(
            ht_gov_call_step(&bench->call, (enum ht_gov_step)step, &bench->proposal, false, NULL),
            HT_OK);
        begins_with(bench, BY_ACTIONS[step]);
        ht_buf_clear(&bench->call);
        assert_int_equal(
            ht_gov_call_step(&bench->call, (enum ht_gov_step)step, &bench->proposal, true, NULL),
            HT_OK);
        begins_with(bench, BY_ID[step]);
        assert_int_equal(bench->call.n, 36);
    }
}

static void proposing_has_a_form_for_bravo_and_one_for_openzeppelin(void **state) {
    struct bench *bench = *state;
    reads(bench, WITH("{\"target\": \"" TO "\", \"calldata\": \"0x0102\"}"));
    assert_int_equal(ht_gov_call_propose(&bench->call, &bench->proposal, false, NULL), HT_OK);
    begins_with(bench, "0x7d5e81e2");
    ht_buf_clear(&bench->call);
    assert_int_equal(ht_gov_call_propose(&bench->call, &bench->proposal, true, NULL), HT_OK);
    begins_with(bench, "0xda95691a");
}

static void delegating_names_the_delegate(void **state) {
    struct bench *bench = *state;
    ht_addr20 to = {{1}};
    assert_int_equal(ht_gov_call_delegate(&bench->call, &to, NULL), HT_OK);
    begins_with(bench, "0x5c19a95c");
    assert_memory_equal(bench->call.p + 16, to.b, 20);
}

static void a_full_buffer_stays_as_it_was(void **state) {
    struct bench *bench = *state;
    struct ht_buf small;
    const ht_u256 id = {{5}};
    (void)bench;
    ht_buf_init(&small, 40);
    assert_int_not_equal(ht_gov_call_vote(&small, &id, 1, (ht_bytes){0}, (ht_bytes){0}, NULL),
                         HT_OK);
    assert_int_equal(small.n, 0);
    ht_buf_fini(&small);
}

/* --- actions ---------------------------------------------------------------------------------- */

static void a_payment_of_a_token_is_its_transfer(void **state) {
    struct bench *bench = *state;
    reads(bench, WITH("{\"kind\": \"pay_token\", \"token\": \"" TO "\", \"to\": \"" TO
                      "\", \"amount\": \"258\"}"));
    calldata_is(bench, "0xa9059cbb0000000000000000000000005b38da6a701c568545dcfcb03fcb875f56beddc4"
                       "0000000000000000000000000000000000000000000000000000000000000102");
    assert_true(ht_u256_is_zero(&bench->proposal.actions[0].value));
}

static void a_signature_stands_before_its_arguments(void **state) {
    struct bench *bench = *state;
    reads(bench,
          WITH("{\"target\": \"" TO "\", \"signature\": \"pause()\", \"calldata\": \"0x\"}"));
    calldata_is(bench, "0x8456cb59");
    assert_int_equal(bench->proposal.actions[0].signature.n, 0);
}

static void bravo_keeps_the_signature_apart(void **state) {
    struct bench *bench = *state;
    bench->profile.layout.kind = HT_GOV_BRAVO;
    reads(bench,
          WITH("{\"target\": \"" TO "\", \"signature\": \"pause()\", \"calldata\": \"0x\"}"));
    assert_int_equal(bench->proposal.actions[0].signature.n, 7);
    assert_int_equal(bench->proposal.actions[0].calldata.n, 0);
    assert_true(ht_u256_is_zero(&bench->proposal.id));
}

static void settings_go_to_the_contract_that_has_them(void **state) {
    struct bench *bench = *state;
    reads(bench, WITH("{\"kind\": \"voting_delay\", \"value\": 7}"));
    calldata_is(bench, "0x79051887"
                       "0000000000000000000000000000000000000000000000000000000000000007");
    assert_memory_equal(bench->proposal.actions[0].target.b, bench->profile.address.b, 20);
    reads(bench, WITH("{\"kind\": \"timelock_delay\", \"value\": 7}"));
    calldata_is(bench, "0x64d62353"
                       "0000000000000000000000000000000000000000000000000000000000000007");
    assert_memory_equal(bench->proposal.actions[0].target.b, bench->profile.timelock.b, 20);
}

static void the_id_is_the_hash_of_what_is_sent(void **state) {
    struct bench *bench = *state;
    ht_u256 id;
    reads(bench, WITH("{\"kind\": \"pay_ether\", \"to\": \"" TO "\", \"wei\": \"777\"}"));
    assert_int_equal(ht_gov_proposal_hash(&id, &bench->proposal), HT_OK);
    assert_true(ht_u256_equal(&id, &bench->proposal.id));
    assert_false(ht_u256_is_zero(&id));
}

static void a_proposal_without_actions_is_refused(void **state) {
    refuses(*state, WITH(""), HT_EINPUT, "no_actions");
}

static void a_kind_that_nobody_knows_is_refused(void **state) {
    refuses(*state, WITH("{\"kind\": \"steal\"}"), HT_EINPUT, "bad_action");
}

static void a_setting_that_the_governor_has_not_is_refused(void **state) {
    struct bench *bench = *state;
    bench->profile.has_timelock = false;
    refuses(bench, WITH("{\"kind\": \"timelock_delay\", \"value\": 1}"), HT_EINPUT, "no_setting");
}

static void a_setting_that_does_not_fit_its_type_is_refused(void **state) {
    refuses(*state, WITH("{\"kind\": \"voting_period\", \"value\": \"4294967296\"}"), HT_EINPUT,
            "abi_value");
}

static void an_amount_that_is_no_number_is_refused(void **state) {
    refuses(*state, WITH("{\"kind\": \"pay_ether\", \"to\": \"" TO "\", \"wei\": \"1.5\"}"),
            HT_EINPUT, "bad_number");
}

static void a_signature_without_types_is_refused(void **state) {
    refuses(*state,
            WITH("{\"kind\": \"call\", \"target\": \"" TO
                 "\", \"signature\": \"pause\", \"arguments\": []}"),
            HT_EINPUT, "bad_signature");
}

static void a_description_of_nothing_is_refused(void **state) {
    refuses(*state,
            "{\"actions\": [{\"target\": \"" TO
            "\", \"calldata\": \"0x\"}], \"description\": \"\"}",
            HT_EINPUT, "bad_description");
}

static void bravo_takes_ten_actions_and_no_more(void **state) {
    struct bench *bench = *state;
    bench->profile.layout.kind = HT_GOV_BRAVO;
    json_t *list = json_array();
    for (int i = 0; i < 11; i++)
        json_array_append_new(list, json_pack("{s:s, s:s}", "target", TO, "calldata", "0x"));
    json_t *params = json_pack("{s:o, s:s}", "actions", list, "description", "d");
    struct ht_why why = {.code = "", .text = ""};
    assert_int_equal(
        ht_gov_actions_read(&bench->proposal, &bench->arena, &bench->profile, params, &why),
        HT_ELIMIT);
    assert_string_equal(why.code, "too_many_actions");
    json_decref(params);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_vote_takes_the_smallest_function_that_keeps_all_of_it),
        TEST(queue_execute_and_cancel_go_by_actions_or_by_id),
        TEST(proposing_has_a_form_for_bravo_and_one_for_openzeppelin),
        TEST(delegating_names_the_delegate),
        TEST(a_full_buffer_stays_as_it_was),
        TEST(a_payment_of_a_token_is_its_transfer),
        TEST(a_signature_stands_before_its_arguments),
        TEST(bravo_keeps_the_signature_apart),
        TEST(settings_go_to_the_contract_that_has_them),
        TEST(the_id_is_the_hash_of_what_is_sent),
        TEST(a_proposal_without_actions_is_refused),
        TEST(a_kind_that_nobody_knows_is_refused),
        TEST(a_setting_that_the_governor_has_not_is_refused),
        TEST(a_setting_that_does_not_fit_its_type_is_refused),
        TEST(an_amount_that_is_no_number_is_refused),
        TEST(a_signature_without_types_is_refused),
        TEST(a_description_of_nothing_is_refused),
        TEST(bravo_takes_ten_actions_and_no_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
