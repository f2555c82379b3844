/* Proof bundles: what holds, and what each lie in one fails at. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "identity/proof/bundle_text.h"
#include "tests/unit/bundle_world.h"

static struct bundle_world world;

static int open_world(void **state) {
    (void)state;
    bundle_world_open(&world, false, 40);
    return 0;
}

static int close_world(void **state) {
    (void)state;
    bundle_world_close(&world);
    return 0;
}

static const char *text_of(const json_t *json, const char *key) {
    const char *text = json_string_value(json_object_get(json, key));
    return text != NULL ? text : "";
}

static json_t *outcome_of(const struct ht_bundle_judge *judge, const json_t *bundle) {
    struct ht_why why = {.code = ""};
    json_t *outcome = NULL;
    if (ht_bundle_verify(&outcome, judge, bundle, &why) != HT_OK) {
        fail_msg("%s: %s", why.code, why.text);
    }
    return outcome;
}

/* Whether the verdict is that, for that reason, and the step that failed is the last one. */
static bool is_judged(const json_t *outcome, const char *verdict, const char *code) {
    const json_t *steps = json_object_get(outcome, "steps");
    const json_t *last = json_array_get(steps, json_array_size(steps) - 1);
    bool is_valid = strcmp(verdict, "valid") == 0;
    return strcmp(text_of(outcome, "verdict"), verdict) == 0 &&
           strcmp(text_of(outcome, "code"), code) == 0 &&
           json_is_true(json_object_get(last, "ok")) == is_valid &&
           json_is_null(json_object_get(outcome, "why")) == is_valid;
}

static void fail_with(const json_t *outcome, const char *what) {
    char *text = json_dumps(outcome, JSON_INDENT(1));
    print_error("%s\n", text);
    free(text);
    fail_msg("%s", what);
}

/* Takes the bundle over. */
static void expect(json_t *bundle, const char *verdict, const char *code) {
    json_t *outcome = outcome_of(&world.judge, bundle);
    if (!is_judged(outcome, verdict, code)) fail_with(outcome, code);
    json_decref(outcome);
    json_decref(bundle);
}

/* --- what holds ------------------------------------------------------------------------------- */

static void what_is_proven_is_valid_whatever_the_kind(void **state) {
    (void)state;
    expect(bundle_world_onchain(&world, BUNDLE_WORLD_PLAIN), "valid", "");
    expect(bundle_world_onchain(&world, BUNDLE_WORLD_PRIVATE), "valid", "");
    expect(bundle_world_offchain(&world, BUNDLE_WORLD_PLAIN), "valid", "");
    expect(bundle_world_offchain(&world, BUNDLE_WORLD_PRIVATE), "valid", "");
    expect(bundle_world_owner(&world, 1), "valid", "");
    expect(bundle_world_owner(&world, 2), "valid", "");
    expect(bundle_world_storage(&world), "valid", "");
}

static void an_outcome_says_at_which_block_and_how_long_ago(void **state) {
    (void)state;
    json_t *bundle = bundle_world_onchain(&world, BUNDLE_WORLD_PRIVATE);
    json_t *outcome = outcome_of(&world.judge, bundle);
    const json_t *block = json_object_get(outcome, "block");
    const json_t *claim = json_object_get(outcome, "claim");
    json_int_t time = json_integer_value(json_object_get(block, "time"));
    assert_int_equal(json_integer_value(json_object_get(block, "number")), 20);
    assert_int_equal(time, world.block->verified.header.timestamp);
    assert_int_equal(json_integer_value(json_object_get(outcome, "age_s")),
                     BUNDLE_WORLD_NOW_S - time);
    assert_string_equal(text_of(outcome, "age"), "2 hours");
    assert_string_equal(text_of(outcome, "kind"), "eas_onchain");
    assert_int_equal(json_integer_value(json_object_get(outcome, "period")), 3);
    assert_int_equal(json_array_size(json_object_get(outcome, "steps")), 10);
    assert_string_equal(text_of(json_object_get(claim, "schema"), "text"),
                        HT_BUNDLE_PRIVATE_SCHEMA);
    const json_t *field = json_array_get(json_object_get(claim, "fields"), 0);
    assert_string_equal(text_of(field, "name"), "privateData");
    const json_t *leaf = json_array_get(json_object_get(claim, "disclosed"), 0);
    assert_string_equal(text_of(leaf, "value"), "Bern");
    json_decref(outcome);
    json_decref(bundle);
}

static void a_file_that_went_through_text_is_the_same(void **state) {
    (void)state;
    json_t *bundle = bundle_world_offchain(&world, BUNDLE_WORLD_PLAIN), *again = NULL;
    struct ht_buf text;
    ht_buf_init(&text, HT_BUNDLE_TEXT_MAX);
    assert_int_equal(ht_json_dump_compact(&text, bundle), HT_OK);
    assert_int_equal(ht_json_parse(&again, ht_buf_view(&text), HT_BUNDLE_TEXT_MAX, NULL), HT_OK);
    ht_buf_fini(&text);
    json_decref(bundle);
    expect(again, "valid", "");
}

static void times_and_revocation_have_verdicts_of_their_own(void **state) {
    (void)state;
    static const struct {
        enum bundle_world_what what;
        const char *verdict;
    } CASES[] = {{BUNDLE_WORLD_REVOKED, "revoked"},
                 {BUNDLE_WORLD_EXPIRED, "expired"},
                 {BUNDLE_WORLD_EARLY, "from_future"}};
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        expect(bundle_world_onchain(&world, CASES[i].what), CASES[i].verdict, CASES[i].verdict);
        expect(bundle_world_offchain(&world, CASES[i].what), CASES[i].verdict, CASES[i].verdict);
    }
}

static void what_is_proven_to_be_absent_is_not_there(void **state) {
    (void)state;
    expect(bundle_world_absent(&world), "not_there", "no_attestation");
    expect(bundle_world_onchain(&world, BUNDLE_WORLD_NO_SCHEMA), "not_there", "no_schema");
    expect(bundle_world_offchain(&world, BUNDLE_WORLD_NO_SCHEMA), "not_there", "no_schema");
}

/* --- what cannot be told ---------------------------------------------------------------------- */

static void an_unknown_committee_is_unverified_and_never_valid(void **state) {
    (void)state;
    world.period = 4;
    expect(bundle_world_onchain(&world, BUNDLE_WORLD_PLAIN), "unverified", "committee_unknown");
    world.period = 3;
}

static void contracts_that_nobody_vouches_for_are_unverified(void **state) {
    (void)state;
    struct ht_bundle_contracts kept = world.judge.contracts;
    world.judge.contracts.has_eas = false;
    world.judge.contracts.has_did_registry = false;
    expect(bundle_world_onchain(&world, BUNDLE_WORLD_PLAIN), "unverified", "contract_unknown");
    expect(bundle_world_owner(&world, 1), "unverified", "contract_unknown");
    world.judge.contracts = kept;
    world.judge.contracts.eas.registry.b[0] ^= 1;
    expect(bundle_world_onchain(&world, BUNDLE_WORLD_PLAIN), "unverified", "contract_unknown");
    world.judge.contracts = kept;
    world.judge.contracts.eas.eas.b[0] ^= 1;
    expect(bundle_world_onchain(&world, BUNDLE_WORLD_PLAIN), "unverified", "contract_unknown");
    world.judge.contracts = kept;
}

static void a_contract_s_signature_is_unverified_offline(void **state) {
    (void)state;
    expect(bundle_world_wallet(&world), "unverified", "contract_attester");
    json_t *bundle = bundle_world_wallet(&world);
    json_object_del(bundle, "attester");
    expect(bundle, "invalid", "eas_signer");
}

static void an_owner_of_zero_with_a_history_is_unverified(void **state) {
    (void)state;
    expect(bundle_world_owner(&world, 3), "unverified", "owner_unclear");
}

static void a_signature_of_a_slot_to_come_is_unverified(void **state) {
    (void)state;
    const int64_t kept = world.judge.now_ms;
    json_t *bundle = bundle_world_storage(&world);
    json_object_set_new(bundle, "made", json_integer(1700000250));
    world.judge.now_ms = INT64_C(1700000260000);
    json_t *outcome = outcome_of(&world.judge, bundle);
    world.judge.now_ms = kept;
    assert_true(is_judged(outcome, "unverified", "future"));
    json_decref(outcome);
    json_decref(bundle);
}

/* --- lies ------------------------------------------------------------------------------------- */

/* The value at a path of names and numbers with dots between; and its holder and last name. */
static json_t *walk_to(json_t *root, const char *path, json_t **holder, char *name) {
    char copy[128], *rest = copy;
    json_t *at = root;
    (void)snprintf(copy, sizeof copy, "%s", path);
    for (char *part = strsep(&rest, "."); part != NULL; part = strsep(&rest, ".")) {
        *holder = at;
        (void)snprintf(name, 64, "%s", part);
        at = json_is_array(at) ? json_array_get(at, strtoul(part, NULL, 10))
                               : json_object_get(at, part);
    }
    return at;
}

/* Changes the last hex digit, the number, or the truth at a path. */
static void tamper(json_t *root, const char *path) {
    char name[64], *text = NULL;
    json_t *holder = NULL, *value = walk_to(root, path, &holder, name), *other = NULL;
    assert_non_null(value);
    if (json_is_string(value)) {
        text = strdup(json_string_value(value));
        size_t n = strlen(text);
        assert_true(n > 0);
        text[n - 1] = text[n - 1] == '1' ? '2' : '1';
        other = json_string(text);
    } else if (json_is_integer(value)) {
        other = json_integer(json_integer_value(value) + 1);
    } else {
        other = json_boolean(!json_is_true(value));
    }
    free(text);
    int failed = json_is_array(holder) ? json_array_set_new(holder, strtoul(name, NULL, 10), other)
                                       : json_object_set_new(holder, name, other);
    assert_int_equal(failed, 0);
}

struct lie {
    const char *path, *verdict, *code;
};

static void expect_lies(json_t *honest, const struct lie *lies, size_t count) {
    for (size_t i = 0; i < count; i++) {
        json_t *bundle = json_deep_copy(honest);
        tamper(bundle, lies[i].path);
        json_t *outcome = outcome_of(&world.judge, bundle);
        if (!is_judged(outcome, lies[i].verdict, lies[i].code)) fail_with(outcome, lies[i].path);
        json_decref(outcome);
        json_decref(bundle);
    }
    json_decref(honest);
}

static void each_field_of_the_frame_fails_for_its_own_reason(void **state) {
    (void)state;
    static const struct lie LIES[] = {
        {"hearth_bundle", "invalid", "bundle_version"},
        {"network.name", "unverified", "other_network"},
        {"network.chain_id", "unverified", "other_network"},
        {"network.genesis_validators_root", "unverified", "other_network"},
        {"claim.kind", "invalid", "claim_form"},
        {"header", "invalid", "header_hash_differs"},
        {"account.address", "unverified", "contract_unknown"},
        {"account.balance", "invalid", "claim_differs"},
        {"account.nonce", "invalid", "claim_differs"},
        {"account.codeHash", "invalid", "claim_differs"},
        {"account.storageHash", "invalid", "claim_differs"},
        {"account.accountProof.0", "invalid", "proof_wrong_node"},
        {"storage.0.key", "invalid", "wrong_slot"},
        {"storage.2.value", "invalid", "claim_differs"},
        {"storage.3.proof.0", "invalid", "proof_wrong_node"},
        {"schema.account.address", "unverified", "contract_unknown"},
        {"schema.account.nonce", "invalid", "claim_differs"},
        {"schema.account.accountProof.0", "invalid", "proof_wrong_node"},
        {"schema.storage.1.key", "invalid", "wrong_slot"},
        {"schema.storage.1.value", "invalid", "claim_differs"},
        {"schema.storage.1.proof.0", "invalid", "proof_wrong_node"},
        {"finality.kind", "invalid", "finality_form"},
        {"finality.fork", "invalid", "finality_form"},
    };
    expect_lies(bundle_world_onchain(&world, BUNDLE_WORLD_PLAIN), LIES, sizeof LIES / sizeof *LIES);
}

static void each_field_of_an_attestation_on_chain_is_compared(void **state) {
    (void)state;
    static const struct lie LIES[] = {
        {"claim.uid", "invalid", "wrong_slot"},
        {"claim.attestation.uid", "invalid", "claim_differs"},
        {"claim.attestation.schema", "invalid", "claim_differs"},
        {"claim.attestation.refUID", "invalid", "claim_differs"},
        {"claim.attestation.time", "invalid", "claim_differs"},
        {"claim.attestation.expirationTime", "invalid", "claim_differs"},
        {"claim.attestation.revocationTime", "invalid", "claim_differs"},
        {"claim.attestation.recipient", "invalid", "claim_differs"},
        {"claim.attestation.attester", "invalid", "claim_differs"},
        {"claim.attestation.revocable", "invalid", "claim_differs"},
        {"claim.attestation.data", "invalid", "claim_differs"},
        {"claim.disclosure.leaves.0.value", "invalid", "private_root"},
        {"claim.disclosure.leaves.0.name", "invalid", "private_root"},
        {"claim.disclosure.leaves.0.salt", "invalid", "private_root"},
        {"claim.disclosure.proof.0", "invalid", "private_root"},
    };
    expect_lies(bundle_world_onchain(&world, BUNDLE_WORLD_PRIVATE), LIES,
                sizeof LIES / sizeof *LIES);
}

static void each_field_of_a_package_fails_for_its_own_reason(void **state) {
    (void)state;
    static const struct lie LIES[] = {
        {"claim.package.sig.uid", "invalid", "wrong_slot"},
        {"claim.package.sig.message.recipient", "invalid", "eas_uid"},
        {"claim.package.sig.message.data", "invalid", "eas_uid"},
        {"claim.package.sig.message.salt", "invalid", "eas_uid"},
        {"claim.package.sig.domain.chainId", "invalid", "eas_domain"},
        {"claim.package.sig.domain.verifyingContract", "invalid", "eas_domain"},
        {"claim.package.sig.domain.name", "invalid", "eas_domain"},
        {"claim.package.signer", "invalid", "wrong_slot"},
        {"storage.0.value", "invalid", "claim_differs"},
    };
    expect_lies(bundle_world_offchain(&world, BUNDLE_WORLD_PLAIN), LIES,
                sizeof LIES / sizeof *LIES);
}

static void other_claims_are_compared_with_what_is_proven(void **state) {
    (void)state;
    static const struct lie OWNER[] = {{"claim.owner", "invalid", "claim_differs"},
                                       {"claim.did", "invalid", "wrong_slot"}};
    static const struct lie STORAGE[] = {{"claim.address", "invalid", "wrong_address"},
                                         {"claim.values.0.slot", "invalid", "wrong_slot"},
                                         {"claim.values.0.value", "invalid", "claim_differs"},
                                         {"claim.values.1.value", "invalid", "claim_differs"}};
    expect_lies(bundle_world_owner(&world, 1), OWNER, 2);
    expect_lies(bundle_world_storage(&world), STORAGE, 4);
}

static void the_time_it_was_made_is_neither_before_its_block_nor_to_come(void **state) {
    (void)state;
    static const json_int_t TIMES[] = {0, 1700000000, BUNDLE_WORLD_NOW_S + 601};
    for (size_t i = 0; i < sizeof TIMES / sizeof *TIMES; i++) {
        json_t *bundle = bundle_world_storage(&world);
        json_object_set_new(bundle, "made", json_integer(TIMES[i]));
        expect(bundle, "invalid", "made_time");
    }
}

static void whatever_byte_of_the_finality_is_changed_it_is_not_valid(void **state) {
    (void)state;
    json_t *honest = bundle_world_storage(&world);
    const char *ssz = text_of(json_object_get(honest, "finality"), "ssz");
    size_t n = strlen(ssz);
    for (size_t i = 2; i < n; i += 31) {
        json_t *bundle = json_deep_copy(honest);
        json_t *finality = json_object_get(bundle, "finality");
        char *text = strdup(ssz);
        assert_non_null(text);
        text[i] = text[i] == '7' ? '8' : '7';
        json_object_set_new(finality, "ssz", json_string(text));
        json_t *outcome = outcome_of(&world.judge, bundle);
        if (strcmp(text_of(outcome, "verdict"), "valid") == 0) fail_with(outcome, text);
        json_decref(outcome);
        json_decref(bundle);
        free(text);
    }
    json_decref(honest);
}

static void parts_of_another_bundle_do_not_fit(void **state) {
    (void)state;
    json_t *bundle = bundle_world_onchain(&world, BUNDLE_WORLD_PLAIN);
    json_t *other = bundle_world_onchain(&world, BUNDLE_WORLD_EXPIRED);
    json_object_set(bundle, "storage", json_object_get(other, "storage"));
    expect(bundle, "invalid", "wrong_slot");
    bundle = bundle_world_onchain(&world, BUNDLE_WORLD_PLAIN);
    json_object_set(bundle, "claim", json_object_get(other, "claim"));
    expect(bundle, "invalid", "wrong_slot");
    json_decref(other);
    other = bundle_world_onchain(&world, BUNDLE_WORLD_PRIVATE);
    bundle = bundle_world_onchain(&world, BUNDLE_WORLD_PLAIN);
    json_object_set(bundle, "schema", json_object_get(other, "schema"));
    expect(bundle, "invalid", "wrong_slot");
    json_decref(other);
}

/* --- form ------------------------------------------------------------------------------------- */

static void what_is_missing_or_too_much_is_refused(void **state) {
    (void)state;
    static const struct lie MISSING[] = {
        {"hearth_bundle", "", "bundle_form"}, {"network", "", "json_missing"},
        {"made", "", "json_missing"},         {"claim", "", "claim_form"},
        {"header", "", "json_missing"},       {"account", "", "bundle_form"},
        {"storage", "", "json_missing"},      {"schema", "", "schema_missing"},
        {"finality", "", "bundle_form"},
    };
    for (size_t i = 0; i < sizeof MISSING / sizeof *MISSING; i++) {
        json_t *bundle = bundle_world_onchain(&world, BUNDLE_WORLD_PLAIN);
        assert_int_equal(json_object_del(bundle, MISSING[i].path), 0);
        expect(bundle, "invalid", MISSING[i].code);
    }
    static const char *const PLACES[] = {"", "network", "claim", "account", "finality", "schema"};
    for (size_t i = 0; i < sizeof PLACES / sizeof *PLACES; i++) {
        json_t *bundle = bundle_world_onchain(&world, BUNDLE_WORLD_PLAIN);
        json_t *place = i == 0 ? bundle : json_object_get(bundle, PLACES[i]);
        json_object_set_new(place, "verdict", json_string("valid"));
        expect(bundle, "invalid", "bundle_member");
    }
    expect(json_array(), "invalid", "bundle_form");
    expect(json_string("bundle"), "invalid", "bundle_form");
}

static void sections_that_no_claim_needs_are_refused(void **state) {
    (void)state;
    json_t *other = bundle_world_onchain(&world, BUNDLE_WORLD_PLAIN);
    json_t *bundle = bundle_world_storage(&world);
    json_object_set(bundle, "schema", json_object_get(other, "schema"));
    expect(bundle, "invalid", "section_unexpected");
    bundle = bundle_world_storage(&world);
    json_object_set(bundle, "attester", json_object_get(other, "account"));
    expect(bundle, "invalid", "section_unexpected");
    json_decref(other);
}

static void disclosures_need_the_schema_of_private_data(void **state) {
    (void)state;
    json_t *bundle = bundle_world_onchain(&world, BUNDLE_WORLD_PLAIN);
    json_object_set(json_object_get(bundle, "claim"), "disclosure", world.disclosure);
    expect(bundle, "invalid", "disclosure_schema");
    bundle = bundle_world_onchain(&world, BUNDLE_WORLD_PRIVATE);
    json_object_set_new(json_object_get(bundle, "claim"), "disclosure", json_integer(1));
    expect(bundle, "invalid", "disclosure_form");
}

static void ages_are_told_in_words(void **state) {
    (void)state;
    static const struct {
        uint64_t seconds;
        const char *text;
    } CASES[] = {{0, "0 seconds"},   {1, "1 second"},       {119, "119 seconds"},
                 {120, "2 minutes"}, {7199, "119 minutes"}, {7200, "2 hours"},
                 {172800, "2 days"}, {63113904, "2 years"}};
    char text[HT_BUNDLE_TIME_SIZE];
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        ht_bundle_age_text(text, CASES[i].seconds);
        assert_string_equal(text, CASES[i].text);
    }
    ht_bundle_time_text(text, 1700000240);
    assert_string_equal(text, "2023-11-14 22:17 UTC");
    ht_bundle_time_text(text, UINT64_MAX);
    assert_string_equal(text, "9999-12-31 23:59 UTC");
}

#define TEST(name) cmocka_unit_test(name)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(what_is_proven_is_valid_whatever_the_kind),
        TEST(an_outcome_says_at_which_block_and_how_long_ago),
        TEST(a_file_that_went_through_text_is_the_same),
        TEST(times_and_revocation_have_verdicts_of_their_own),
        TEST(what_is_proven_to_be_absent_is_not_there),
        TEST(an_unknown_committee_is_unverified_and_never_valid),
        TEST(contracts_that_nobody_vouches_for_are_unverified),
        TEST(a_contract_s_signature_is_unverified_offline),
        TEST(an_owner_of_zero_with_a_history_is_unverified),
        TEST(a_signature_of_a_slot_to_come_is_unverified),
        TEST(each_field_of_the_frame_fails_for_its_own_reason),
        TEST(each_field_of_an_attestation_on_chain_is_compared),
        TEST(each_field_of_a_package_fails_for_its_own_reason),
        TEST(other_claims_are_compared_with_what_is_proven),
        TEST(the_time_it_was_made_is_neither_before_its_block_nor_to_come),
        TEST(whatever_byte_of_the_finality_is_changed_it_is_not_valid),
        TEST(parts_of_another_bundle_do_not_fit),
        TEST(what_is_missing_or_too_much_is_refused),
        TEST(sections_that_no_claim_needs_are_refused),
        TEST(disclosures_need_the_schema_of_private_data),
        TEST(ages_are_told_in_words),
    };
    return cmocka_run_group_tests(tests, open_world, close_world);
}
