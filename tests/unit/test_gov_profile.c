/* Profiles that hold and that do not, as JSON, the well-known ones, and what code tells. */
#include "governance/governor/profile.h"
#include "node/codec/json.h"
#include "tests/unit/gov_words.h"

static struct ht_gov_profile sample(void) {
    struct ht_gov_profile profile = {
        .name = "Sample",
        .chain_id = 1,
        .address = gov_account(1),
        .code_hash = gov_word(11),
        .proxy = HT_GOV_PROXY_1967,
        .implementation = gov_account(2),
        .implementation_hash = gov_word(12),
        .layout = ht_gov_layout_upgradeable,
        .token = gov_account(3),
        .token_layout = ht_gov_token_layout_upgradeable,
        .token_decimals = 18,
        .has_timelock = true,
        .timelock = gov_account(4),
        .start_block = 13533772,
        .is_sequential = true,
        .is_keyed = true,
        .quorum_counts_abstain = true,
        .quorum = HT_GOV_QUORUM_AMOUNTS,
        .denominator = 10000,
        .fixed_quorum = {{0, 1, 0, 0}},
        .ballots = HT_GOV_BALLOTS_4,
        .grace_s = 604800,
    };
    return profile;
}

static void refuses(const struct ht_gov_profile *profile, const ht_hash32 *code_hash,
                    const uint8_t *word, const ht_hash32 *hash, const char *code) {
    struct ht_why why = {.code = "", .text = ""};
    assert_int_equal(ht_gov_profile_check(profile, code_hash, word, hash, &why), HT_EUNVERIFIED);
    assert_string_equal(why.code, code);
}

static void a_profile_holds_while_code_and_implementation_do(void **state) {
    (void)state;
    struct ht_gov_profile profile = sample();
    uint8_t word[32] = {0};
    ht_hash32 other = gov_word(99);
    memcpy(word + 12, profile.implementation.b, 20);
    assert_int_equal(ht_gov_profile_check(&profile, &profile.code_hash, word,
                                          &profile.implementation_hash, NULL),
                     HT_OK);
    refuses(&profile, &other, word, &profile.implementation_hash, "code_changed");
    refuses(&profile, &profile.code_hash, word, &other, "proxy_changed");
    refuses(&profile, &profile.code_hash, NULL, NULL, "proxy_changed");
    word[31] ^= 1;
    refuses(&profile, &profile.code_hash, word, &profile.implementation_hash, "proxy_changed");
    word[31] ^= 1;
    word[0] = 1;
    refuses(&profile, &profile.code_hash, word, &profile.implementation_hash, "proxy_changed");
}

static void without_a_proxy_only_the_code_counts(void **state) {
    (void)state;
    struct ht_gov_profile profile = sample();
    ht_hash32 slot;
    profile.proxy = HT_GOV_NO_PROXY;
    assert_int_equal(ht_gov_profile_check(&profile, &profile.code_hash, NULL, NULL, NULL), HT_OK);
    assert_false(ht_gov_proxy_slot(&slot, HT_GOV_PROXY_CLONE));
    assert_true(ht_gov_proxy_slot(&slot, HT_GOV_PROXY_DELEGATOR));
    assert_int_equal(slot.b[31], 2);
}

static void a_profile_goes_through_json_unchanged(void **state) {
    (void)state;
    struct ht_gov_profile want = sample();
    struct ht_gov_profile got;
    json_t *json = ht_gov_profile_json(&want);
    assert_non_null(json);
    assert_int_equal(ht_gov_profile_read(&got, json, NULL), HT_OK);
    json_decref(json);
    assert_string_equal(got.name, want.name);
    assert_memory_equal(got.address.b, want.address.b, 20);
    assert_memory_equal(got.code_hash.b, want.code_hash.b, 32);
    assert_memory_equal(got.implementation_hash.b, want.implementation_hash.b, 32);
    assert_memory_equal(got.layout.base, want.layout.base, sizeof got.layout.base);
    assert_int_equal(got.token_layout.kind, want.token_layout.kind);
    assert_int_equal(got.proxy, want.proxy);
    assert_int_equal(got.quorum, want.quorum);
    assert_int_equal(got.ballots, want.ballots);
    assert_int_equal(got.denominator, 10000);
    assert_int_equal(got.grace_s, 604800);
    assert_int_equal(got.token_decimals, 18);
    assert_true(ht_u256_equal(&got.fixed_quorum, &want.fixed_quorum));
    assert_true(got.is_sequential && got.is_keyed && got.has_timelock && got.quorum_counts_abstain);
}

static void a_profile_with_any_part_missing_or_wrong_is_refused(void **state) {
    (void)state;
    struct ht_gov_profile profile = sample();
    json_t *whole = ht_gov_profile_json(&profile);
    const char *key = NULL;
    json_t *value = NULL;
    json_object_foreach(whole, key, value) {
        struct ht_why why = {.code = "", .text = ""};
        json_t *part = json_copy(whole);
        assert_int_equal(json_object_del(part, key), 0);
        assert_int_equal(ht_gov_profile_read(&profile, part, &why), HT_EINPUT);
        assert_string_equal(why.code, "bad_profile");
        assert_int_equal(json_object_set_new(part, key, json_real(0.5)), 0);
        assert_int_equal(ht_gov_profile_read(&profile, part, &why), HT_EINPUT);
        json_decref(part);
    }
    assert_int_equal(json_object_set_new(whole, "proxy", json_integer(4)), 0);
    assert_int_equal(ht_gov_profile_read(&profile, whole, NULL), HT_EINPUT);
    json_decref(whole);
}

static void the_well_known_are_found_by_chain_and_address(void **state) {
    (void)state;
    ht_addr20 ens;
    assert_int_equal(
        ht_hex_read(ens.b, 20, ht_bytes_str("0x323a76393544d5ecca80cd6ef2a560c6a395b7e3")), HT_OK);
    const struct ht_gov_known *known = ht_gov_known_find(1, &ens);
    assert_non_null(known);
    assert_string_equal(known->name, "ENS");
    assert_int_equal(known->denominator, 10000);
    assert_null(ht_gov_known_find(5, &ens));
    ens.b[0] ^= 1;
    assert_null(ht_gov_known_find(1, &ens));
}

static void what_is_known_can_be_read_and_claims_no_code(void **state) {
    (void)state;
    for (size_t i = 0; i < ht_gov_known_count; i++) {
        const struct ht_gov_known *known = &ht_gov_known[i];
        ht_addr20 address;
        assert_int_equal(ht_hex_read(address.b, 20, ht_bytes_str(known->address)), HT_OK);
        assert_int_equal(ht_hex_read(address.b, 20, ht_bytes_str(known->token)), HT_OK);
        assert_true(known->timelock == NULL ||
                    ht_hex_read(address.b, 20, ht_bytes_str(known->timelock)) == HT_OK);
        assert_null(known->code_hash);
        assert_true(known->is_elsewhere == (known->chain_id != 1));
        assert_non_null(known->notes[0]);
    }
}

/* --- code -------------------------------------------------------------------------------------*/

static ht_bytes view(const struct gov_code *code) {
    return ht_bytes_of(code->b, code->n);
}

static void kinds_are_told_by_their_functions(void **state) {
    (void)state;
    static const struct {
        uint32_t selectors[4];
        enum ht_gov_kind kind;
        enum ht_gov_ballots ballots;
    } cases[] = {
        {{0x2656227d, 0xc59057e4, 0x8ff262e3, 0}, HT_GOV_OZ5, HT_GOV_BALLOTS_5},
        {{0x2656227d, 0xc59057e4, 0x3bccf4fd, 0}, HT_GOV_OZ4, HT_GOV_BALLOTS_4},
        {{0x013cf08b, 0xe23a9a52, 0x3bccf4fd, 0}, HT_GOV_BRAVO, HT_GOV_BALLOTS_BRAVO},
        {{0x013cf08b, 0xe23a9a52, 0, 0}, HT_GOV_UNKNOWN, HT_GOV_BALLOTS_NONE},
        {{0x2656227d, 0xc59057e4, 0, 0}, HT_GOV_UNKNOWN, HT_GOV_BALLOTS_NONE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct gov_code code = {.n = 0};
        struct ht_gov_traits traits;
        gov_push_selectors(&code, cases[i].selectors, 4);
        ht_gov_traits_of(&traits, view(&code));
        assert_int_equal(traits.kind, cases[i].kind);
        assert_int_equal(traits.ballots, cases[i].ballots);
    }
}

static void data_behind_other_pushes_is_no_selector(void **state) {
    (void)state;
    struct gov_code code = {.n = 0};
    const uint8_t data[6] = {0x63, 0x26, 0x56, 0x22, 0x7d, 0};
    gov_push(&code, data, sizeof data);
    assert_false(ht_gov_code_has(view(&code), 0x2656227d));
    gov_push(&code, data + 1, 4);
    assert_true(ht_gov_code_has(view(&code), 0x2656227d));
    assert_false(ht_gov_code_has(ht_bytes_of(code.b, code.n - 1), 0x2656227d));
}

static void a_selector_that_an_optimizer_shifted_is_seen(void **state) {
    (void)state;
    struct gov_code code = {.n = 0};
    const uint8_t data[4] = {0x08, 0xf2, 0xa0, 0xbb};
    const uint8_t by[1] = {0xe4};
    const uint8_t other[1] = {0xe3};
    gov_push(&code, data, sizeof data);
    gov_push(&code, other, 1);
    assert_false(ht_gov_code_has(view(&code), 0x8f2a0bb0));
    gov_push(&code, data, sizeof data);
    assert_false(ht_gov_code_has(view(&code), 0x8f2a0bb0));
    gov_push(&code, by, 1);
    assert_true(ht_gov_code_has(view(&code), 0x8f2a0bb0));
}

static void namespaces_are_seen_with_and_without_leading_zeros(void **state) {
    (void)state;
    struct gov_code code = {.n = 0};
    struct ht_gov_traits traits;
    const uint32_t oz5[] = {0x2656227d, 0xc59057e4, 0x8ff262e3};
    gov_push_selectors(&code, oz5, 3);
    /* One slot behind the base, as optimizers fold it; and a base that begins with a zero. */
    gov_push(&code, ht_gov_layout_upgradeable.base[HT_GOV_PROPOSALS].b, 32);
    gov_push(&code, ht_gov_layout_upgradeable.base[HT_GOV_SETTINGS].b + 1, 31);
    ht_gov_traits_of(&traits, view(&code));
    assert_true(traits.is_namespaced);
    assert_int_equal(traits.named,
                     1U << HT_GOV_PROPOSALS | 1U << HT_GOV_THRESHOLD | 1U << HT_GOV_SETTINGS);
    assert_false(traits.names_fractional);
}

static void namespaces_are_seen_in_the_data_behind_the_code(void **state) {
    (void)state;
    struct gov_code code = {.n = 0};
    ht_hash32 near = ht_gov_base_fractional;
    code.b[code.n++] = 0xfe;
    near.b[31] = 4;
    memcpy(code.b + code.n, near.b, 32);
    code.n += 32;
    assert_false(ht_gov_code_has_base(view(&code), &ht_gov_base_fractional));
    memcpy(code.b + code.n, ht_gov_base_fractional.b, 32);
    assert_false(ht_gov_code_has_base(ht_bytes_of(code.b, code.n + 31), &ht_gov_base_fractional));
    code.n += 32;
    assert_true(ht_gov_code_has_base(view(&code), &ht_gov_base_fractional));
}

static void the_target_of_a_clone_is_in_its_code(void **state) {
    (void)state;
    uint8_t code[45] = {0x36, 0x3d, 0x3d, 0x37, 0x3d, 0x3d, 0x3d, 0x36, 0x3d, 0x73};
    static const uint8_t tail[] = {0x5a, 0xf4, 0x3d, 0x82, 0x80, 0x3e, 0x90, 0x3d,
                                   0x91, 0x60, 0x2b, 0x57, 0xfd, 0x5b, 0xf3};
    ht_addr20 target;
    memset(code + 10, 0xbb, 20);
    memcpy(code + 30, tail, sizeof tail);
    assert_true(ht_gov_clone_target(&target, HT_BYTES(code)));
    assert_int_equal(target.b[19], 0xbb);
    code[44] ^= 1;
    assert_false(ht_gov_clone_target(&target, HT_BYTES(code)));
    assert_false(ht_gov_clone_target(&target, ht_bytes_of(code, 44)));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_profile_holds_while_code_and_implementation_do),
        cmocka_unit_test(without_a_proxy_only_the_code_counts),
        cmocka_unit_test(a_profile_goes_through_json_unchanged),
        cmocka_unit_test(a_profile_with_any_part_missing_or_wrong_is_refused),
        cmocka_unit_test(the_well_known_are_found_by_chain_and_address),
        cmocka_unit_test(what_is_known_can_be_read_and_claims_no_code),
        cmocka_unit_test(kinds_are_told_by_their_functions),
        cmocka_unit_test(data_behind_other_pushes_is_no_selector),
        cmocka_unit_test(a_selector_that_an_optimizer_shifted_is_seen),
        cmocka_unit_test(namespaces_are_seen_with_and_without_leading_zeros),
        cmocka_unit_test(namespaces_are_seen_in_the_data_behind_the_code),
        cmocka_unit_test(the_target_of_a_clone_is_in_its_code),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
