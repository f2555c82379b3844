/* Slots against known ones of mainnet's and of the compiler's arithmetic; layouts as JSON; modes.
 */
#include "node/codec/json.h"
#include "tests/unit/gov_words.h"

#define SLOT7 "0x0000000000000000000000000000000000000000000000000000000000000007"
#define SLOT9 "0x0000000000000000000000000000000000000000000000000000000000000009"

static enum ht_err read(struct ht_gov_layout *out, const char *text, struct ht_why *why) {
    json_t *target = json_loads(text, 0, NULL);
    assert_non_null(target);
    enum ht_err err = ht_gov_layout_read(out, target, why);
    json_decref(target);
    return err;
}

static void refuses(const char *text, const char *word) {
    struct ht_gov_layout layout;
    struct ht_why why = {.code = "", .text = ""};
    assert_int_equal(read(&layout, text, &why), HT_EINPUT);
    assert_string_equal(why.code, "bad_layout");
    if (strstr(why.text, word) == NULL) fail_msg("%s", why.text);
}

static void mapping_slots_are_those_of_solidity(void **state) {
    (void)state;
    ht_hash32 key = gov_word(1);
    ht_hash32 base = gov_word(7);
    ht_hash32 got;
    ht_hash32 want = gov_hash("b39221ace053465ec3453ce2b36430bd138b997ecea25c1043da0c366812b828");
    ht_gov_slot_map(&got, &key, &base);
    assert_memory_equal(got.b, want.b, 32);
    ht_gov_slot_add(&got, &got, 13);
    assert_int_equal(got.b[31], 0x28 + 13);
}

static void adding_to_a_slot_carries(void **state) {
    (void)state;
    ht_hash32 slot = {{0}};
    ht_hash32 got;
    memset(slot.b + 16, 0xff, 16);
    ht_gov_slot_add(&got, &slot, 2);
    assert_int_equal(got.b[15], 1);
    assert_int_equal(got.b[31], 1);
}

static void array_data_is_behind_the_hash_of_its_slot(void **state) {
    (void)state;
    ht_hash32 base = gov_hash("e770710421fd2cad75ad828c61aa98f2d77d423a440b67872d0f65554148e000");
    ht_hash32 want = gov_hash("293b0181c8ec34cd3252e741689bdc21b70ee7a0ec76216439035a5c3718909b");
    ht_hash32 got;
    ht_gov_slot_data(&got, &base);
    assert_memory_equal(got.b, want.b, 32);
}

static void a_keyed_nonce_takes_the_low_192_bits_of_the_id(void **state) {
    (void)state;
    struct ht_gov_layout layout = {.kind = HT_GOV_OZ5};
    ht_hash32 base = gov_word(20);
    ht_addr20 voter = gov_account(1);
    ht_u256 id = {{1, 2, 3, 4}};
    ht_u256 low = {{1, 2, 3, 0}};
    ht_hash32 with, without;
    ht_gov_set_base(&layout, HT_GOV_KEYED_NONCES, &base);
    ht_gov_slot_nonce(&with, &layout, &voter, &id, true);
    ht_gov_slot_nonce(&without, &layout, &voter, &low, true);
    assert_memory_equal(with.b, without.b, 32);
}

static void a_layout_goes_through_json_unchanged(void **state) {
    (void)state;
    struct ht_gov_layout layout = ht_gov_layout_upgradeable;
    struct ht_gov_layout got;
    layout.counting = HT_GOV_OVERRIDABLE;
    layout.clock = HT_GOV_TIME;
    layout.counts_next = true;
    layout.is_window_early = true;
    json_t *json = ht_gov_layout_json(&layout);
    assert_int_equal(ht_gov_layout_read(&got, json, NULL), HT_OK);
    json_decref(json);
    assert_int_equal(got.kind, layout.kind);
    assert_int_equal(got.counting, layout.counting);
    assert_int_equal(got.clock, layout.clock);
    assert_int_equal(got.timelock, layout.timelock);
    assert_int_equal(got.has, layout.has);
    assert_true(got.counts_next && got.is_window_early);
    assert_memory_equal(got.base, layout.base, sizeof got.base);
}

static void kinds_of_fixtures_say_how_they_count(void **state) {
    (void)state;
    struct ht_gov_layout layout;
    assert_int_equal(read(&layout,
                          "{\"kind\":\"oz-enum\",\"clockMode\":\"timestamp\",\"layout\":"
                          "{\"proposals\":\"" SLOT7 "\",\"proposalVotes\":\"" SLOT9
                          "\",\"voteExtension\":\"" SLOT9 "\"}}",
                          NULL),
                     HT_OK);
    assert_int_equal(layout.counting, HT_GOV_FRACTIONAL);
    assert_int_equal(layout.clock, HT_GOV_TIME);
    assert_int_equal(layout.timelock, HT_GOV_NO_TIMELOCK);
    assert_int_equal(
        read(&layout, "{\"kind\":\"bravo\",\"layout\":{\"proposals\":\"" SLOT7 "\"}}", NULL),
        HT_OK);
    assert_int_equal(layout.timelock, HT_GOV_TIMELOCK_COMPOUND);
}

static void a_layout_without_what_counts_is_refused(void **state) {
    (void)state;
    refuses("{\"kind\":\"oz\",\"layout\":{\"proposals\":\"" SLOT7 "\"}}", "set of slots");
    refuses("{\"kind\":\"bravo\",\"layout\":{}}", "set of slots");
    refuses("{\"kind\":\"other\",\"layout\":{}}", "kind");
    refuses("{\"kind\":\"oz\"}", "list of slots");
    refuses("{\"kind\":\"oz\",\"layout\":{\"proposals\":\"0x07\"}}", "proposals");
    refuses("{\"kind\":\"bravo\",\"clockMode\":\"sundial\",\"layout\":{\"proposals\":\"" SLOT7
            "\"}}",
            "clockMode");
    refuses("{\"kind\":\"bravo\",\"timelockKind\":1,\"counting\":2,\"layout\":{\"proposals\":"
            "\"" SLOT7 "\"}}",
            "kind");
    refuses("[]", "kind");
}

static void a_token_goes_through_json_unchanged(void **state) {
    (void)state;
    struct ht_gov_token_layout got;
    struct ht_gov_token_layout want = ht_gov_token_layout_upgradeable;
    want.has_nonces = false;
    want.kind = HT_GOV_TOKEN_COMP;
    json_t *json = ht_gov_token_json(&want);
    assert_int_equal(ht_gov_token_read(&got, json, NULL), HT_OK);
    json_decref(json);
    assert_int_equal(got.kind, HT_GOV_TOKEN_COMP);
    assert_true(got.has_balances && got.has_delegatee && !got.has_nonces);
    assert_memory_equal(got.checkpoints.b, want.checkpoints.b, 32);
    assert_memory_equal(got.total.b, want.total.b, 32);
}

static void a_token_without_checkpoints_is_refused(void **state) {
    (void)state;
    struct ht_gov_token_layout got;
    struct ht_why why = {.code = "", .text = ""};
    json_t *json = json_pack("{s:s, s:{s:s}}", "kind", "token", "layout", "total", SLOT7);
    assert_int_equal(ht_gov_token_read(&got, json, &why), HT_EINPUT);
    assert_string_equal(why.code, "bad_layout");
    json_decref(json);
}

static void clocks_are_blocks_or_time_of_this_chain(void **state) {
    (void)state;
    enum ht_gov_clock clock = HT_GOV_TIME;
    struct ht_why why = {.code = "", .text = ""};
    const char *const blocks[] = {"", "mode=blocknumber", "mode=blocknumber&from=default"};
    const char *const refused[] = {"mode=blocknumber&from=eip155:42161", "mode=epoch", "x",
                                   "remode=timestamp"};
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(ht_gov_clock_read(&clock, ht_bytes_str(blocks[i]), NULL), HT_OK);
        assert_int_equal(clock, HT_GOV_BLOCKS);
    }
    assert_int_equal(ht_gov_clock_read(&clock, ht_bytes_str("mode=timestamp"), NULL), HT_OK);
    assert_int_equal(clock, HT_GOV_TIME);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(ht_gov_clock_read(&clock, ht_bytes_str(refused[i]), &why), HT_EINPUT);
        assert_string_equal(why.code, "bad_clock_mode");
    }
}

static void ways_of_counting_are_told_by_their_text(void **state) {
    (void)state;
    static const struct {
        const char *text;
        enum ht_gov_counting counting;
        bool counts_abstain;
    } cases[] = {
        {"", HT_GOV_SIMPLE, true},
        {"support=bravo&quorum=for,abstain", HT_GOV_SIMPLE, true},
        {"support=bravo&quorum=bravo", HT_GOV_SIMPLE, false},
        {"support=bravo,fractional&quorum=for,abstain&params=fractional", HT_GOV_FRACTIONAL, true},
        {"support=bravo&quorum=for,abstain&params=fractional", HT_GOV_FLEXIBLE, true},
        {"support=bravo,override&quorum=for,abstain&overridable=true", HT_GOV_OVERRIDABLE, true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        enum ht_gov_counting counting = HT_GOV_SIMPLE;
        bool counts_abstain = !cases[i].counts_abstain;
        ht_bytes text = ht_bytes_str(cases[i].text);
        assert_int_equal(ht_gov_counting_read(&counting, &counts_abstain, text, NULL), HT_OK);
        assert_int_equal(counting, cases[i].counting);
        assert_int_equal(counts_abstain, cases[i].counts_abstain);
    }
}

static void a_way_of_counting_that_is_not_known_is_refused(void **state) {
    (void)state;
    enum ht_gov_counting counting = HT_GOV_SIMPLE;
    bool counts_abstain = false;
    struct ht_why why = {.code = "", .text = ""};
    const char *const refused[] = {"support=ranked&quorum=for,abstain",
                                   "support=bravo&quorum=against,for,abstain",
                                   "support=bravo&quorum=for,abstain&params=other"};
    for (size_t i = 0; i < 3; i++) {
        ht_bytes text = ht_bytes_str(refused[i]);
        assert_int_equal(ht_gov_counting_read(&counting, &counts_abstain, text, &why), HT_EINPUT);
        assert_string_equal(why.code, "bad_counting_mode");
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mapping_slots_are_those_of_solidity),
        cmocka_unit_test(adding_to_a_slot_carries),
        cmocka_unit_test(array_data_is_behind_the_hash_of_its_slot),
        cmocka_unit_test(a_keyed_nonce_takes_the_low_192_bits_of_the_id),
        cmocka_unit_test(a_layout_goes_through_json_unchanged),
        cmocka_unit_test(kinds_of_fixtures_say_how_they_count),
        cmocka_unit_test(a_layout_without_what_counts_is_refused),
        cmocka_unit_test(a_token_goes_through_json_unchanged),
        cmocka_unit_test(a_token_without_checkpoints_is_refused),
        cmocka_unit_test(clocks_are_blocks_or_time_of_this_chain),
        cmocka_unit_test(ways_of_counting_are_told_by_their_text),
        cmocka_unit_test(a_way_of_counting_that_is_not_known_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
