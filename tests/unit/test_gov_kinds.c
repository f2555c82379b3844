/* Governors whose words are elsewhere than in most of their kind: 4.x's that is compatible with
 * Bravo, late quorums that share the timelock's word, one that may decide early, tokens that keep
 * balances as checkpoints, timelocks with a time of grace of their own. */
#include <stdio.h>
#include <stdlib.h>

#include "governance/governor/probe.h"
#include "tests/unit/gov_words.h"

struct world {
    struct gov_kept kept;
    struct gov_code code;
    struct ht_gov_proposal proposal;
    struct ht_gov_called called;
    struct ht_gov_probe probe;
    struct ht_why why;
};

static void slot_under(ht_hash32 *out, const struct world *w, uint64_t base) {
    ht_hash32 at = gov_word(base);
    *out = gov_of_number(&w->proposal.id, &at);
}

static void begin(struct world *w, const char *counting_mode) {
    *w = (struct world){.why = {.code = "", .text = ""}};
    w->proposal = (struct ht_gov_proposal){.proposer = gov_account(1), .start = 100, .end = 200};
    assert_int_equal(ht_gov_proposal_hash(&w->proposal.id, &w->proposal), HT_OK);
    w->called = (struct ht_gov_called){.has_tally = true,
                                       .against = ht_u256_of(50),
                                       .in_favour = ht_u256_of(600),
                                       .abstain = ht_u256_of(7),
                                       .counting_mode = ht_bytes_str(counting_mode)};
}

/* GovernorCompatibilityBravo: the core at 3, the details at 7. */
static void begin_compatible(struct world *w) {
    static const uint32_t selectors[] = {0x2656227d, 0xc59057e4, 0x3bccf4fd, 0xe23a9a52};
    static const uint64_t tallies[] = {600, 50, 7};
    ht_hash32 slot;
    begin(w, "support=bravo&quorum=bravo");
    gov_push_selectors(&w->code, selectors, 4);
    slot_under(&slot, w, 3);
    gov_keep_u64(&w->kept, &slot, 0, 100);
    gov_keep_u64(&w->kept, &slot, 1, 200);
    slot_under(&slot, w, 7);
    for (uint64_t i = 0; i < 3; i++) gov_keep_u64(&w->kept, &slot, 5 + i, tallies[i]);
}

/* A 5.x governor with late quorums and Compound's timelock: the core at 4, the tallies at 9. */
static void begin_late(struct world *w) {
    static const uint32_t selectors[] = {0x2656227d, 0xc59057e4, 0x8ff262e3,
                                         0xd33219b4, 0x3a66f901, 0x32b8113e};
    static const uint64_t tallies[] = {50, 600, 7};
    ht_hash32 slot;
    begin(w, "support=bravo&quorum=for,abstain");
    ht_hash32 core = gov_core5(&w->proposal.proposer, 100, 100);
    gov_push_selectors(&w->code, selectors, 6);
    slot_under(&slot, w, 4);
    gov_keep(&w->kept, &slot, 0, core.b);
    slot_under(&slot, w, 9);
    for (uint64_t i = 0; i < 3; i++) gov_keep_u64(&w->kept, &slot, i, tallies[i]);
    w->called.has_timelock = w->called.has_extension = true;
    w->called.timelock = gov_account(9);
    w->called.vote_extension = ht_u256_of(333);
}

/* The timelock in that slot, and above it a number. */
static void keep_timelock(struct world *w, uint64_t at, uint16_t above, uint8_t top) {
    ht_hash32 zero = gov_word(0);
    ht_hash32 word = {{top}};
    word.b[10] = (uint8_t)(above >> 8);
    word.b[11] = (uint8_t)above;
    memcpy(word.b + 12, w->called.timelock.b, 20);
    gov_keep(&w->kept, &zero, at, word.b);
}

static enum ht_err run(struct world *w) {
    static ht_hash32 slots[HT_GOV_PROBE_SLOTS_MAX];
    static uint8_t values[HT_GOV_PROBE_SLOTS_MAX][32];
    enum ht_err err = ht_gov_probe_init(&w->probe, ht_bytes_of(w->code.b, w->code.n), NULL,
                                        &w->proposal, &w->called, &w->why);
    for (size_t rounds = 0; err == HT_OK; rounds++) {
        size_t count = ht_gov_probe_next(&w->probe, slots);
        assert_true(rounds < 40);
        if (count == 0) break;
        for (size_t i = 0; i < count; i++) gov_look(values[i], &w->kept, &slots[i]);
        err = ht_gov_probe_take(&w->probe, (const uint8_t(*)[32])values, count, &w->why);
    }
    return err;
}

static void finds(struct world *w) {
    if (run(w) != HT_OK) fail_msg("%s: %s", w->why.code, w->why.text);
}

static void refuses(struct world *w, const char *code, const char *text) {
    assert_int_equal(run(w), HT_EUNVERIFIED);
    assert_string_equal(w->why.code, code);
    if (strstr(w->why.text, text) == NULL) fail_msg("%s", w->why.text);
}

static void is_base(const struct world *w, enum ht_gov_slot slot, uint64_t number) {
    ht_hash32 want = gov_word(number);
    assert_true(ht_gov_has(&w->probe.layout, slot));
    assert_memory_equal(w->probe.layout.base[slot].b, want.b, 32);
}

/* --- compatible with Bravo --------------------------------------------------------------------*/

static void a_compatible_governor_is_found_by_its_details(void **state) {
    (void)state;
    struct world w;
    begin_compatible(&w);
    finds(&w);
    assert_int_equal(w.probe.layout.kind, HT_GOV_OZ4);
    assert_int_equal(w.probe.layout.counting, HT_GOV_COMPATIBLE);
    assert_false(w.probe.quorum_counts_abstain);
    is_base(&w, HT_GOV_PROPOSALS, 3);
    is_base(&w, HT_GOV_PROPOSAL_VOTES, 7);
}

static void its_tallies_the_other_way_round_are_no_layout(void **state) {
    (void)state;
    struct world w;
    begin_compatible(&w);
    w.called.against = ht_u256_of(600);
    w.called.in_favour = ht_u256_of(50);
    refuses(&w, "no_layout", "none of its storage slots has the proposal's votes");
    begin_compatible(&w);
    w.called.against = ht_u256_of(51);
    refuses(&w, "no_layout", "not what it answers");
}

static void its_words_have_for_before_against_and_receipts_behind(void **state) {
    (void)state;
    static const uint64_t values[6] = {100, 200, 0, 600, 50, 7};
    struct ht_gov_layout layout = {.kind = HT_GOV_OZ4, .counting = HT_GOV_COMPATIBLE};
    struct ht_gov_words words;
    struct ht_gov_facts facts;
    ht_hash32 core = gov_word(3), details = gov_word(7), slot, want;
    ht_u256 id = ht_u256_of(77);
    ht_addr20 voter = gov_account(4);
    ht_gov_set_base(&layout, HT_GOV_PROPOSALS, &core);
    ht_gov_set_base(&layout, HT_GOV_PROPOSAL_VOTES, &details);
    ht_gov_words_of(&words, &layout, &id);
    assert_int_equal(words.count, 6);
    slot = gov_of_number(&id, &details);
    ht_gov_slot_add(&want, &slot, 5);
    assert_memory_equal(words.slot[3].b, want.b, 32);
    for (size_t i = 0; i < 6; i++) {
        ht_hash32 word = gov_word(values[i]);
        memcpy(words.value[i], word.b, 32);
    }
    assert_int_equal(ht_gov_words_read(&facts, &layout, &words, NULL), HT_OK);
    assert_int_equal(facts.in_favour.limb[0], 600);
    assert_int_equal(facts.against.limb[0], 50);
    assert_int_equal(facts.abstain.limb[0], 7);
    ht_gov_slot_add(&slot, &slot, 8);
    want = gov_of_account(&voter, &slot);
    ht_gov_slot_voter(&slot, &layout, &id, &voter);
    assert_memory_equal(slot.b, want.b, 32);
}

static void its_receipts_tell_choice_and_weight(void **state) {
    (void)state;
    const struct ht_gov_layout layout = {.kind = HT_GOV_OZ4, .counting = HT_GOV_COMPATIBLE};
    struct ht_why why = {.code = "", .text = ""};
    struct ht_gov_mark mark;
    ht_hash32 word = gov_word((uint64_t)44 << 16 | 2 << 8 | 1);
    assert_int_equal(ht_gov_mark_read(&mark, &layout, word.b, NULL), HT_OK);
    assert_true(mark.has_voted && mark.has_support && mark.has_weight);
    assert_int_equal(mark.support, 2);
    assert_int_equal(mark.weight.limb[0], 44);
    word = gov_word(2);
    assert_int_equal(ht_gov_mark_read(&mark, &layout, word.b, &why), HT_EUNVERIFIED);
    assert_string_equal(why.code, "wrong_layout");
}

static void its_layout_goes_through_json_and_is_of_4_only(void **state) {
    (void)state;
    struct ht_gov_layout layout = {.kind = HT_GOV_OZ4, .counting = HT_GOV_COMPATIBLE}, got;
    struct ht_why why = {.code = "", .text = ""};
    ht_hash32 core = gov_word(3), details = gov_word(7);
    ht_gov_set_base(&layout, HT_GOV_PROPOSALS, &core);
    ht_gov_set_base(&layout, HT_GOV_PROPOSAL_VOTES, &details);
    json_t *json = ht_gov_layout_json(&layout);
    assert_int_equal(ht_gov_layout_read(&got, json, NULL), HT_OK);
    assert_int_equal(got.counting, HT_GOV_COMPATIBLE);
    assert_int_equal(got.kind, HT_GOV_OZ4);
    assert_int_equal(json_object_set_new(json, "kind", json_string("oz")), 0);
    assert_int_equal(ht_gov_layout_read(&got, json, &why), HT_EINPUT);
    assert_string_equal(why.code, "bad_layout");
    json_decref(json);
}

/* --- 5.x --------------------------------------------------------------------------------------*/

static void an_extension_may_share_the_timelocks_word(void **state) {
    (void)state;
    struct world w;
    begin_late(&w);
    keep_timelock(&w, 12, 333, 0);
    finds(&w);
    is_base(&w, HT_GOV_EXTENDED_DEADLINES, 13);
    begin_late(&w);
    keep_timelock(&w, 12, 334, 0);
    refuses(&w, "no_layout", "none of its storage slots extends deadlines");
    begin_late(&w);
    keep_timelock(&w, 12, 333, 1);
    refuses(&w, "no_layout", "none of its storage slots extends deadlines");
}

static void one_that_may_decide_early_has_no_layout(void **state) {
    (void)state;
    static const uint32_t super[] = {0xc92f7730};
    struct world w;
    begin_late(&w);
    keep_timelock(&w, 12, 333, 0);
    gov_push_selectors(&w.code, super, 1);
    refuses(&w, "no_layout", "before its deadline");
}

static void a_timelocks_own_grace_counts(void **state) {
    (void)state;
    struct ht_gov_layout layout = {.kind = HT_GOV_OZ5, .timelock = HT_GOV_TIMELOCK_COMPOUND};
    const struct ht_gov_facts facts = {
        .exists = true, .start = 100, .deadline = 200, .eta = 1000, .in_favour = ht_u256_of(60)};
    struct ht_gov_state_input input = {.clock = 201, .time_s = 1013, .grace_s = 14};
    assert_int_equal(ht_gov_state_of(&layout, &facts, &input), HT_GOV_QUEUED);
    input.time_s = 1014;
    assert_int_equal(ht_gov_state_of(&layout, &facts, &input), HT_GOV_EXPIRED);
    layout.kind = HT_GOV_BRAVO;
    assert_int_equal(ht_gov_state_of(&layout, &facts, &input), HT_GOV_EXPIRED);
    input.grace_s = 0;
    assert_int_equal(ht_gov_state_of(&layout, &facts, &input), HT_GOV_QUEUED);
}

/* --- tokens -----------------------------------------------------------------------------------*/

/* An account that delegated to itself once: its balance's history says what its votes' does. */
static void keep_history(struct gov_kept *kept, const ht_addr20 *account, uint64_t at) {
    ht_hash32 base = gov_word(at);
    ht_hash32 word = gov_checkpoint(77, 48, 900);
    ht_hash32 slot = gov_of_account(account, &base);
    gov_keep_u64(kept, &slot, 0, 1);
    ht_gov_slot_data(&slot, &slot);
    gov_keep(kept, &slot, 0, word.b);
}

static void balances_with_a_history_are_not_taken_for_votes(void **state) {
    (void)state;
    static const uint32_t votes[] = {0x9ab24eb0, 0x3a46b1a8};
    static struct gov_kept kept;
    static struct gov_code code;
    struct ht_gov_token_probe probe;
    struct ht_why why = {.code = "", .text = ""};
    ht_hash32 slots[HT_GOV_PROBE_SLOTS_MAX];
    uint8_t values[HT_GOV_PROBE_SLOTS_MAX][32];
    const struct ht_gov_token_called called = {.account = gov_account(5),
                                               .votes = ht_u256_of(900),
                                               .checkpoints = ht_u256_of(1),
                                               .balance = ht_u256_of(900),
                                               .delegatee = gov_account(5),
                                               .total = ht_u256_of(5000)};
    ht_hash32 totals = gov_word(10), slot, word = gov_checkpoint(78, 48, 5000);
    ht_hash32 want = gov_word(9);
    gov_push_selectors(&code, votes, 2);
    keep_history(&kept, &called.account, 9);
    keep_history(&kept, &called.account, 12);
    gov_keep_u64(&kept, &totals, 0, 1);
    ht_gov_slot_data(&slot, &totals);
    gov_keep(&kept, &slot, 0, word.b);
    enum ht_err err = ht_gov_token_probe_init(&probe, ht_bytes_of(code.b, code.n), &called, &why);
    size_t count = 0;
    while (err == HT_OK && (count = ht_gov_token_probe_next(&probe, slots)) > 0) {
        for (size_t i = 0; i < count; i++) gov_look(values[i], &kept, &slots[i]);
        err = ht_gov_token_probe_take(&probe, (const uint8_t(*)[32])values, count, &why);
    }
    if (err != HT_OK) fail_msg("%s: %s", why.code, why.text);
    assert_memory_equal(probe.layout.checkpoints.b, want.b, 32);
    assert_memory_equal(probe.layout.total.b, totals.b, 32);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_compatible_governor_is_found_by_its_details),
        cmocka_unit_test(its_tallies_the_other_way_round_are_no_layout),
        cmocka_unit_test(its_words_have_for_before_against_and_receipts_behind),
        cmocka_unit_test(its_receipts_tell_choice_and_weight),
        cmocka_unit_test(its_layout_goes_through_json_and_is_of_4_only),
        cmocka_unit_test(an_extension_may_share_the_timelocks_word),
        cmocka_unit_test(one_that_may_decide_early_has_no_layout),
        cmocka_unit_test(a_timelocks_own_grace_counts),
        cmocka_unit_test(balances_with_a_history_are_not_taken_for_votes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
