/* Simulations in words: each change of balances, owners, roles and codes has its sentence; what
 * fails says so, and lists that were cut are told of. */
#include "tests/unit/gov_calls_maker.h"

#include "governance/calls/words.h"
#include "node/codec/json.h"

#define PAD "000000000000000000000000"
#define RESULT(more) "[{\"status\":\"success\",\"gas_used\":\"0x5208\",\"cut\":[]" more "}]"

static json_t *words(const char *results) {
    struct ht_gov_calls_context context = community();
    json_error_t error;
    json_t *list = json_loads(results, 0, &error);
    if (list == NULL) fail_msg("%s", error.text);
    json_t *out = ht_gov_words_of_simulation(&context, list);
    assert_non_null(out);
    json_decref(list);
    return out;
}

static bool says(const json_t *out, const char *key, const char *wanted) {
    const json_t *list = json_object_get(out, key);
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *one = json_array_get(list, i);
        const char *text =
            json_string_value(json_is_string(one) ? one : json_object_get(one, "text"));
        if (strcmp(text, wanted) == 0) return true;
    }
    return false;
}

static void must_tell(const char *results, const char *key, const char *wanted) {
    json_t *out = words(results);
    if (!says(out, key, wanted)) {
        char *text = json_dumps(out, JSON_INDENT(1));
        fail_msg("%s", text);
    }
    if (strcmp(key, "words") != 0) assert_true(says(out, "words", wanted));
    json_decref(out);
}

static void what_succeeds_names_the_timelock_as_sender(void **state) {
    (void)state;
    must_tell("[{\"status\":\"success\",\"gas_used\":\"0x5208\"},"
              "{\"status\":\"success\",\"gas_used\":\"0x1\"}]",
              "words",
              "Rehearsed with the timelock " TIMELOCK
              " as sender: succeeds. 21001 gas. The result can change before it runs.");
}

static void what_fails_gives_the_reason_and_no_success(void **state) {
    (void)state;
    json_t *out = words("[{\"status\":\"success\"},{\"status\":\"reverted\",\"error\":\"execution "
                        "reverted\",\"revert\":{\"reason\":\"not enough\"}}]");
    assert_true(says(out, "words", "Action 2 would fail, and with it the whole: not enough."));
    assert_int_equal(json_array_size(json_object_get(out, "words")), 1);
    json_decref(out);
}

static void balances_are_differences_with_signs(void **state) {
    (void)state;
    const char *results = RESULT(
        ",\"accounts\":[{\"address\":\"" TIMELOCK "\",\"wei_before\":\"2000000000000000000\","
        "\"wei_after\":\"500000000000000000\",\"code_changed\":false}],"
        "\"tokens\":[{\"standard\":\"ERC-20\",\"contract\":\"" USDC "\",\"from\":\"" TIMELOCK
        "\",\"to\":\"" BOB "\",\"amount\":\"96000000000\"}]");
    must_tell(results, "balances", "the timelock " TIMELOCK " −1.5 ETH");
    must_tell(results, "balances", "the timelock " TIMELOCK " −96000 USDC");
    must_tell(results, "balances", BOB " +96000 USDC");
    json_t *out = words(results);
    const json_t *first = json_array_get(json_object_get(out, "balances"), 0);
    assert_string_equal(json_string_value(json_object_get(first, "change")),
                        "-1500000000000000000");
    assert_string_equal(json_string_value(json_object_get(first, "before")), "2000000000000000000");
    json_decref(out);
}

static void what_comes_and_goes_is_no_change(void **state) {
    (void)state;
    json_t *out = words(RESULT(",\"tokens\":[{\"standard\":\"ERC-20\",\"contract\":\"" USDC
                               "\",\"from\":\"" BOB "\",\"to\":\"" SAFE
                               "\",\"amount\":\"5\"},{\"standard\":\"ERC-20\",\"contract\":\"" USDC
                               "\",\"from\":\"" SAFE "\",\"to\":\"" BOB "\",\"amount\":\"5\"}]"));
    assert_int_equal(json_array_size(json_object_get(out, "balances")), 0);
    json_decref(out);
}

static void balances_add_up_over_the_actions(void **state) {
    (void)state;
#define ACCOUNT(before, after)                                                                \
    "{\"status\":\"success\",\"accounts\":[{\"address\":\"" BOB "\",\"wei_before\":\"" before \
    "\",\"wei_after\":\"" after "\"}]}"
    const char *both = "[" ACCOUNT("10", "12") "," ACCOUNT("12", "13") "]";
    must_tell(both, "balances", BOB " +0.000000000000000003 ETH");
}

#define LOG(topics, data) \
    RESULT(",\"logs\":[{\"address\":\"" SAFE "\",\"topics\":[" topics "],\"data\":\"" data "\"}]")
#define BOB_WORD "\"0x" PAD "5555555555555555555555555555555555555555\""
#define LOCK_WORD "\"0x" PAD "2222222222222222222222222222222222222222\""

static void owners_are_told(void **state) {
    (void)state;
    const char *results =
        LOG("\"0x8be0079c531659141344cd1fd0a4f28419497f9722a3daafe3b4186f6b6457e0\"," LOCK_WORD
            "," BOB_WORD,
            "0x");
    must_tell(results, "owners", SAFE " would be owned by " BOB ", was the timelock " TIMELOCK ".");
    json_t *out = words(results);
    const json_t *owner = json_array_get(json_object_get(out, "owners"), 0);
    assert_string_equal(json_string_value(json_object_get(owner, "severity")), "danger");
    json_decref(out);
    must_tell(
        LOG("\"0x8be0079c531659141344cd1fd0a4f28419497f9722a3daafe3b4186f6b6457e0\"," LOCK_WORD
            ",\"" ZERO32 "\"",
            "0x"),
        "owners", SAFE " would have no owner, was the timelock " TIMELOCK ".");
}

static void roles_are_told(void **state) {
    (void)state;
    must_tell(LOG("\"0x2f8788117e7eff1d82e926ec794901d17c78024a50270940304540a733656f0d\",\"" ZERO32
                  "\"," BOB_WORD "," LOCK_WORD,
                  "0x"),
              "roles", BOB " would get the highest role (DEFAULT_ADMIN) at " SAFE ".");
    must_tell(LOG("\"0xf6391f5c32d9c69d2a47ea670b442974b53935d1edc7fd64eb21e047a839171b\",\"" ZERO32
                  "\"," BOB_WORD "," LOCK_WORD,
                  "0x"),
              "roles", BOB " would lose the highest role (DEFAULT_ADMIN) at " SAFE ".");
}

static void owners_of_safes_are_told_indexed_or_not(void **state) {
    (void)state;
    const char *wanted = "The Safe " SAFE " would have the owner " BOB " as well.";
    must_tell(
        LOG("\"0x9465fa0c962cc76958e6373a993326400c1c94f8be2fe3a952adfa7f60b2ea26\"," BOB_WORD,
            "0x"),
        "owners", wanted);
    must_tell(LOG("\"0x9465fa0c962cc76958e6373a993326400c1c94f8be2fe3a952adfa7f60b2ea26\"",
                  "0x" PAD "5555555555555555555555555555555555555555"),
              "owners", wanted);
    must_tell(LOG("\"0x610f7ff2b304ae8903c3de74c60c6ab1f7d6226b3f52c5161905bb5ad4039c93\"",
                  "0x0000000000000000000000000000000000000000000000000000000000000003"),
              "owners", "For the Safe " SAFE ", 3 of its owners would have to sign.");
}

static void settings_are_told_with_what_was(void **state) {
    (void)state;
    must_tell(LOG("\"0xc565b045403dc03c2eea82b81a0465edad9e2e7fc4d97e11421c209da93d7a93\"",
                  "0x0000000000000000000000000000000000000000000000000000000000000002"
                  "0000000000000000000000000000000000000000000000000000000000000009"),
              "words", "At " SAFE ", the voting delay would be 9, was 2.");
}

static void upgrades_are_told_by_their_slot(void **state) {
    (void)state;
    must_tell(
        RESULT(",\"storage\":[{\"address\":\"" SAFE
               "\",\"slot\":\"0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382b"
               "bc\",\"before\":" LOCK_WORD ",\"after\":" BOB_WORD "}]"),
        "owners",
        "The proxy " SAFE " would have the code " BOB ", has the timelock " TIMELOCK
        ". By its storage.");
    must_tell(RESULT(",\"accounts\":[{\"address\":\"" BOB "\",\"wei_before\":\"0\",\"wei_after\":"
                     "\"0\",\"code_changed\":true}]"),
              "words", "The code of " BOB " would be another one than now.");
}

static void lists_that_were_cut_are_told_of(void **state) {
    (void)state;
    must_tell("[{\"status\":\"success\",\"cut\":[\"logs\"]}]", "words",
              "More would happen than is listed here.");
}

static void what_is_malformed_is_left_aside(void **state) {
    (void)state;
    json_t *out = words(
        "[{\"status\":\"success\",\"logs\":[{\"address\":1},{\"address\":\"" SAFE
        "\",\"topics\":[\"0x12\"]},7],\"tokens\":[{\"standard\":\"ERC-20\"}],\"accounts\":[null],"
        "\"storage\":[{\"slot\":\"0x\"}]},5]");
    assert_int_equal(json_array_size(json_object_get(out, "balances")), 0);
    assert_int_equal(json_array_size(json_object_get(out, "owners")), 0);
    json_decref(out);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_succeeds_names_the_timelock_as_sender),
        cmocka_unit_test(what_fails_gives_the_reason_and_no_success),
        cmocka_unit_test(balances_are_differences_with_signs),
        cmocka_unit_test(what_comes_and_goes_is_no_change),
        cmocka_unit_test(balances_add_up_over_the_actions),
        cmocka_unit_test(owners_are_told),
        cmocka_unit_test(roles_are_told),
        cmocka_unit_test(owners_of_safes_are_told_indexed_or_not),
        cmocka_unit_test(settings_are_told_with_what_was),
        cmocka_unit_test(upgrades_are_told_by_their_slot),
        cmocka_unit_test(lists_that_were_cut_are_told_of),
        cmocka_unit_test(what_is_malformed_is_left_aside),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
