/* Hidden power: only what the code has is asked, holders that no vote commands are told as a
 * danger, and what was not answered is never taken for "nobody". */
#include "tests/unit/gov_calls_maker.h"

#include "governance/power/power.h"
#include "node/codec/json.h"

static struct ht_gov_calls_context context;
static struct ht_gov_power power;
static uint8_t codes[3][256];
static size_t lengths[3];
enum { GOV, LOCK, TOK };

static void has(unsigned which, const char *function) {
    codes[which][lengths[which]++] = 0x63;
    ht_abi_selector(codes[which] + lengths[which], function);
    lengths[which] += 4;
}

static int begin(void **state) {
    (void)state;
    memset(codes, 0, sizeof codes);
    memset(lengths, 0, sizeof lengths);
    for (unsigned i = 0; i < 3; i++) codes[i][lengths[i]++] = 0x5b; /* some code */
    context = community();
    return 0;
}

static void init(enum ht_gov_timelock kind) {
    struct ht_gov_power_codes given = {.governor = ht_bytes_of(codes[GOV], lengths[GOV]),
                                       .timelock = ht_bytes_of(codes[LOCK], lengths[LOCK]),
                                       .token = ht_bytes_of(codes[TOK], lengths[TOK])};
    ht_gov_power_init(&power, &context, kind, &given);
}

static struct ht_gov_power_ask *ask_of(enum ht_gov_power_what what, const char *to) {
    ht_addr20 address = address_of(to);
    for (size_t i = 0; i < power.count; i++) {
        struct ht_gov_power_ask *ask = &power.asks[i];
        if (ask->what == what && memcmp(ask->to.b, address.b, 20) == 0) return ask;
    }
    return NULL;
}

static struct ht_gov_power_ask *role_of(enum ht_gov_role_index role, const char *account) {
    ht_addr20 address = address_of(account);
    for (size_t i = 0; i < power.count; i++) {
        struct ht_gov_power_ask *ask = &power.asks[i];
        if (ask->what == HT_GOV_POWER_ROLE && memcmp(ask->account.b, address.b, 20) == 0 &&
            ht_hash32_equal(&ask->role, &ht_gov_roles[role].hash)) {
            return ask;
        }
    }
    return NULL;
}

static void answer(struct ht_gov_power_ask *ask, const char *address) {
    ht_addr20 value = address_of(address);
    assert_non_null(ask);
    ask->is_answered = true;
    ask->value_n = 32;
    memcpy(ask->value + 12, value.b, sizeof value.b);
}

static void answer_number(struct ht_gov_power_ask *ask, uint8_t number) {
    assert_non_null(ask);
    ask->is_answered = true;
    ask->value_n = 32;
    ask->value[31] = number;
}

/* Everything that is open: zero. */
static void answer_others(void) {
    for (size_t i = 0; i < power.count; i++) {
        if (power.asks[i].is_answered) continue;
        power.asks[i].is_answered = true;
        power.asks[i].value_n = 32;
    }
}

/* The severity of the text that has this part; NULL: none has. */
static const char *severity(const char *part) {
    static char found[16];
    const char *result = NULL;
    json_t *list = ht_gov_power_hidden(&power);
    assert_non_null(list);
    for (size_t i = 0; i < json_array_size(list) && result == NULL; i++) {
        const json_t *one = json_array_get(list, i);
        if (strstr(json_string_value(json_object_get(one, "text")), part) == NULL) continue;
        (void)snprintf(found, sizeof found, "%s",
                       json_string_value(json_object_get(one, "severity")));
        result = found;
    }
    json_decref(list);
    return result;
}

static void must_be(const char *part, const char *wanted) {
    const char *found = severity(part);
    if (found == NULL) fail_msg("nothing says \"%s\"", part);
    assert_string_equal(found, wanted);
}

static void a_controller(void) {
    has(LOCK, "hasRole(bytes32,address)");
    has(LOCK, "getMinDelay()");
    init(HT_GOV_TIMELOCK_CONTROLLER);
    answer_number(role_of(HT_GOV_ROLE_PROPOSER, GOVERNOR), 1);
    answer_number(role_of(HT_GOV_ROLE_CANCELLER, GOVERNOR), 1);
    answer_number(role_of(HT_GOV_ROLE_ADMIN, TIMELOCK), 1);
    answer_number(ask_of(HT_GOV_POWER_MIN_DELAY, TIMELOCK), 60);
}

/* --- tests ------------------------------------------------------------------------------------*/

static void only_what_the_code_has_is_asked(void **state) {
    (void)state;
    init(HT_GOV_TIMELOCK_CONTROLLER);
    assert_null(ask_of(HT_GOV_POWER_VETOER, GOVERNOR));
    assert_null(role_of(HT_GOV_ROLE_ADMIN, TIMELOCK));
    assert_non_null(ask_of(HT_GOV_POWER_PROXY_ADMIN, GOVERNOR));
    has(GOV, "vetoer()");
    init(HT_GOV_TIMELOCK_CONTROLLER);
    assert_int_equal(ask_of(HT_GOV_POWER_VETOER, GOVERNOR)->selector, 0xd8bff440U);
}

static void a_community_that_only_votes_command_has_no_danger(void **state) {
    (void)state;
    a_controller();
    power.are_roles_complete = true;
    answer_others();
    assert_false(ht_gov_power_next(&power));
    json_t *list = ht_gov_power_hidden(&power);
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *one = json_array_get(list, i);
        assert_string_equal(json_string_value(json_object_get(one, "severity")), "note");
    }
    json_decref(list);
}

static void another_holder_of_the_highest_role_is_found_by_a_log(void **state) {
    (void)state;
    ht_hash32 topics[3] = {{.b = {0}}, {.b = {0}}, {.b = {0}}};
    ht_addr20 timelock = address_of(TIMELOCK), token = address_of(TOKEN), bob = address_of(BOB);
    assert_int_equal(
        ht_hex_read(
            topics[0].b, 32,
            ht_bytes_str("0x2f8788117e7eff1d82e926ec794901d17c78024a50270940304540a733656f0d")),
        HT_OK);
    memcpy(topics[2].b + 12, bob.b, sizeof bob.b);
    a_controller();
    size_t before = power.count;
    ht_gov_power_log(&power, &token, topics, 3);
    ht_gov_power_log(&power, &timelock, topics, 2);
    assert_int_equal(power.count, before);
    ht_gov_power_log(&power, &timelock, topics, 3);
    ht_gov_power_log(&power, &timelock, topics, 3);
    assert_int_equal(power.count, before + 1);
    struct ht_gov_power_ask *ask = role_of(HT_GOV_ROLE_ADMIN, BOB);
    assert_int_equal(ask->selector, 0x91d14854U);
    assert_memory_equal(ask->words[1] + 12, bob.b, 20);
    answer_number(ask, 1);
    answer_others();
    must_be(BOB " holds the highest role (DEFAULT_ADMIN) of the timelock", "danger");
    assert_non_null(severity("not proven to be all there are"));
    json_t *json = ht_gov_power_json(&power);
    const json_t *roles = json_object_get(json, "timelock_roles");
    assert_int_equal(json_array_size(json_object_get(roles, "DEFAULT_ADMIN")), 2);
    assert_int_equal(json_integer_value(json_object_get(json, "min_delay_s")), 60);
    assert_true(json_is_false(json_object_get(json, "executor_open")));
    json_decref(json);
}

static void an_answer_that_is_no_bool_gives_no_role(void **state) {
    (void)state;
    a_controller();
    answer_number(role_of(HT_GOV_ROLE_EXECUTOR, ZERO), 2);
    answer_others();
    json_t *json = ht_gov_power_json(&power);
    assert_true(json_is_false(json_object_get(json, "executor_open")));
    json_decref(json);
}

static void an_open_executor_and_no_delay_are_told(void **state) {
    (void)state;
    a_controller();
    answer_number(role_of(HT_GOV_ROLE_EXECUTOR, ZERO), 1);
    ask_of(HT_GOV_POWER_MIN_DELAY, TIMELOCK)->value[31] = 0;
    answer_others();
    must_be("Anybody can execute", "note");
    must_be("does not wait", "warn");
    json_t *json = ht_gov_power_json(&power);
    assert_true(json_is_true(json_object_get(json, "executor_open")));
    json_decref(json);
}

static void a_governor_that_may_not_propose_to_its_timelock_is_told(void **state) {
    (void)state;
    has(LOCK, "hasRole(bytes32,address)");
    init(HT_GOV_TIMELOCK_CONTROLLER);
    assert_null(severity("cannot be queued"));
    answer_others();
    must_be("cannot be queued", "warn");
}

static void a_proxys_admin_is_asked_for_its_owner(void **state) {
    (void)state;
    init(HT_GOV_TIMELOCK_CONTROLLER);
    answer(ask_of(HT_GOV_POWER_PROXY_ADMIN, GOVERNOR), THING);
    assert_true(ht_gov_power_next(&power));
    assert_false(ht_gov_power_next(&power));
    answer(ask_of(HT_GOV_POWER_OWNER, THING), BOB);
    answer_others();
    must_be(BOB " can replace the code of the governor without a vote", "danger");
    answer(ask_of(HT_GOV_POWER_OWNER, THING), TIMELOCK);
    assert_null(severity("without a vote"));
    must_be("can be replaced by a vote", "note");
}

static void a_guardian_and_a_vetoer_are_told_with_their_expiry(void **state) {
    (void)state;
    has(GOV, "proposalGuardian()");
    has(GOV, "vetoer()");
    init(HT_GOV_TIMELOCK_COMPOUND);
    struct ht_gov_power_ask *guardian = ask_of(HT_GOV_POWER_GUARDIAN, GOVERNOR);
    answer(guardian, BOB);
    guardian->value_n = 64;
    guardian->value[63] = 77;
    answer(ask_of(HT_GOV_POWER_VETOER, GOVERNOR), SAFE);
    answer_others();
    must_be(BOB " can cancel proposals until second 77", "warn");
    must_be(SAFE " can veto", "danger");
    json_t *json = ht_gov_power_json(&power);
    const json_t *who = json_array_get(json_object_get(json, "can_cancel"), 0);
    assert_int_equal(json_integer_value(json_object_get(who, "until_s")), 77);
    assert_string_equal(json_string_value(json_object_get(who, "provenance")), "called");
    assert_int_equal(json_array_size(json_object_get(json, "can_veto")), 1);
    json_decref(json);
}

static void compounds_timelock_with_another_admin_is_a_danger(void **state) {
    (void)state;
    has(LOCK, "admin()");
    has(LOCK, "pendingAdmin()");
    init(HT_GOV_TIMELOCK_COMPOUND);
    answer(ask_of(HT_GOV_POWER_ADMIN, TIMELOCK), GOVERNOR);
    answer(ask_of(HT_GOV_POWER_PENDING_ADMIN, TIMELOCK), BOB);
    answer_others();
    assert_null(severity("commands the timelock"));
    must_be(BOB " can take command of the timelock", "danger");
    answer(ask_of(HT_GOV_POWER_ADMIN, TIMELOCK), BOB);
    must_be(BOB " commands the timelock without a vote", "danger");
}

static void who_can_mint_votes_is_told(void **state) {
    (void)state;
    has(TOK, "owner()");
    has(TOK, "mint(address,uint256)");
    init(HT_GOV_TIMELOCK_CONTROLLER);
    answer(ask_of(HT_GOV_POWER_OWNER, TOKEN), BOB);
    answer_others();
    must_be(BOB " can make new tokens", "danger");
    answer(ask_of(HT_GOV_POWER_OWNER, TOKEN), TIMELOCK);
    assert_null(severity("can make new tokens"));
}

static void questions_without_an_answer_are_told(void **state) {
    (void)state;
    init(HT_GOV_TIMELOCK_CONTROLLER);
    assert_non_null(severity("could not be answered"));
    answer_others();
    assert_null(severity("could not be answered"));
}

#define TEST(name) cmocka_unit_test_setup(name, begin)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(only_what_the_code_has_is_asked),
        TEST(a_community_that_only_votes_command_has_no_danger),
        TEST(another_holder_of_the_highest_role_is_found_by_a_log),
        TEST(an_answer_that_is_no_bool_gives_no_role),
        TEST(an_open_executor_and_no_delay_are_told),
        TEST(a_governor_that_may_not_propose_to_its_timelock_is_told),
        TEST(a_proxys_admin_is_asked_for_its_owner),
        TEST(a_guardian_and_a_vetoer_are_told_with_their_expiry),
        TEST(compounds_timelock_with_another_admin_is_a_danger),
        TEST(who_can_mint_votes_is_told),
        TEST(questions_without_an_answer_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
