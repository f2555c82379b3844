/* The prober over storage that a test makes up, of every kind, and over a community of ours that
 * ran in our own machine: what it finds must be what the compiler says. */
#include <stdio.h>
#include <stdlib.h>

#include "governance/governor/probe.h"
#include "node/codec/abi.h"
#include "tests/unit/gov_contracts.h"
#include "tests/unit/gov_words.h"

#define VOTES 9U /* bases of the tests' governors */
#define PROPOSALS 4U

/* What a test's governor has, and what it answers. */
struct world {
    struct gov_kept kept;
    struct gov_code code;
    struct ht_gov_proposal proposal;
    struct ht_gov_called called;
    struct ht_gov_probe probe;
    struct ht_why why;
    size_t rounds;
};

static void slot_under(ht_hash32 *out, const struct world *w, uint64_t base) {
    ht_hash32 at = gov_word(base);
    *out = gov_of_number(&w->proposal.id, &at);
}

/* A 5.x governor: proposal with votes, settings, a history of quorums, a timelock. */
static struct world *begin(void) {
    static struct world world;
    static const uint32_t oz5[] = {0x2656227d, 0xc59057e4, 0x8ff262e3,
                                   0xd33219b4, 0x8f2a0bb0, 0x97c3d334};
    struct world *w = &world;
    ht_hash32 slot;
    *w = (struct world){.why = {.code = "", .text = ""}};
    gov_push_selectors(&w->code, oz5, 6);
    w->proposal = (struct ht_gov_proposal){.proposer = gov_account(1), .start = 100, .end = 200};
    assert_int_equal(ht_gov_proposal_hash(&w->proposal.id, &w->proposal), HT_OK);
    w->called = (struct ht_gov_called){
        .has_tally = true,
        .against = ht_u256_of(50),
        .in_favour = ht_u256_of(600),
        .abstain = ht_u256_of(7),
        .has_settings = true,
        .voting_delay = ht_u256_of(2),
        .voting_period = ht_u256_of(20),
        .threshold = ht_u256_of(1000),
        .has_timelock = true,
        .timelock = gov_account(9),
        .has_numerator = true,
        .numerator = ht_u256_of(4),
        .denominator = ht_u256_of(100),
        .has_name = true,
        .name = ht_bytes_str("Garden"),
        .clock_mode = ht_bytes_str("mode=blocknumber&from=default"),
        .counting_mode = ht_bytes_str("support=bravo&quorum=for,abstain"),
    };
    ht_hash32 core = gov_core5(&w->proposal.proposer, 100, 100);
    slot_under(&slot, w, PROPOSALS);
    gov_keep(&w->kept, &slot, 0, core.b);
    slot_under(&slot, w, VOTES);
    gov_keep_u64(&w->kept, &slot, 0, 50);
    gov_keep_u64(&w->kept, &slot, 1, 600);
    gov_keep_u64(&w->kept, &slot, 2, 7);
    return w;
}

static void keep_words(struct world *w) {
    ht_hash32 zero = gov_word(0);
    ht_hash32 history = gov_word(10);
    ht_hash32 name = {{'G', 'a', 'r', 'd', 'e', 'n', [31] = 12}};
    ht_hash32 timelock = {{0}};
    memcpy(timelock.b + 12, w->called.timelock.b, 20);
    gov_keep(&w->kept, &zero, PROPOSALS - 1, name.b);
    gov_keep_u64(&w->kept, &zero, 7, 1000);
    gov_keep_u64(&w->kept, &zero, 8, (uint64_t)20 << 48 | 2);
    gov_keep_u64(&w->kept, &zero, 10, 1);
    gov_keep(&w->kept, &zero, 11, timelock.b);
    ht_gov_slot_data(&history, &history);
    ht_hash32 quorum = gov_checkpoint(3, 48, 4);
    gov_keep(&w->kept, &history, 0, quorum.b);
}

static enum ht_err run_with(struct world *w, const struct ht_gov_known *known) {
    static ht_hash32 slots[HT_GOV_PROBE_SLOTS_MAX];
    static uint8_t values[HT_GOV_PROBE_SLOTS_MAX][32];
    enum ht_err err = ht_gov_probe_init(&w->probe, ht_bytes_of(w->code.b, w->code.n), known,
                                        &w->proposal, &w->called, &w->why);
    size_t count = 0;
    for (w->rounds = 0; err == HT_OK; w->rounds++) {
        assert_true(w->rounds < 40);
        count = ht_gov_probe_next(&w->probe, slots);
        assert_true(count <= HT_GOV_PROBE_SLOTS_MAX);
        if (count == 0) break;
        for (size_t i = 0; i < count; i++) gov_look(values[i], &w->kept, &slots[i]);
        err = ht_gov_probe_take(&w->probe, (const uint8_t(*)[32])values, count, &w->why);
    }
    if (err == HT_OK) assert_int_equal(w->probe.step, HT_GOV_PROBE_DONE);
    return err;
}

static void finds(struct world *w) {
    if (run_with(w, NULL) != HT_OK) fail_msg("%s: %s", w->why.code, w->why.text);
}

static void refuses(struct world *w, const char *code, const char *text) {
    assert_int_equal(run_with(w, NULL), HT_EUNVERIFIED);
    assert_string_equal(w->why.code, code);
    if (strstr(w->why.text, text) == NULL) fail_msg("%s", w->why.text);
}

static void is_base(const struct world *w, enum ht_gov_slot slot, uint64_t number) {
    ht_hash32 want = gov_word(number);
    assert_true(ht_gov_has(&w->probe.layout, slot));
    assert_memory_equal(w->probe.layout.base[slot].b, want.b, 32);
}

static void a_governor_of_5_is_found_by_its_words(void **state) {
    (void)state;
    struct world *w = begin();
    keep_words(w);
    finds(w);
    assert_int_equal(w->probe.layout.kind, HT_GOV_OZ5);
    assert_int_equal(w->probe.layout.timelock, HT_GOV_TIMELOCK_CONTROLLER);
    is_base(w, HT_GOV_PROPOSALS, PROPOSALS);
    is_base(w, HT_GOV_PROPOSAL_VOTES, VOTES);
    is_base(w, HT_GOV_NONCES, PROPOSALS - 2);
    is_base(w, HT_GOV_THRESHOLD, 7);
    is_base(w, HT_GOV_SETTINGS, 8);
    is_base(w, HT_GOV_QUORUM_HISTORY, 10);
    is_base(w, HT_GOV_TIMELOCK, 11);
    is_base(w, HT_GOV_TIMELOCK_IDS, 12);
    assert_int_equal(w->probe.quorum, HT_GOV_QUORUM_FRACTION);
    assert_true(w->probe.quorum_counts_abstain);
}

static void a_timelock_that_shares_its_word_is_found(void **state) {
    (void)state;
    struct world *w = begin();
    ht_hash32 zero = gov_word(0);
    ht_hash32 word = {{0}};
    memcpy(word.b + 2, w->called.timelock.b, 20);
    word.b[31] = 2;
    gov_keep(&w->kept, &zero, 20, word.b);
    finds(w);
    is_base(w, HT_GOV_TIMELOCK_IDS, 21);
    assert_false(ht_gov_has(&w->probe.layout, HT_GOV_TIMELOCK));
}

static void what_cannot_be_told_apart_is_left_out_when_it_is_for_display(void **state) {
    (void)state;
    struct world *w = begin();
    ht_hash32 zero = gov_word(0);
    keep_words(w);
    gov_keep_u64(&w->kept, &zero, 30, 1000);
    gov_keep_u64(&w->kept, &zero, 31, (uint64_t)20 << 48 | 2);
    w->called.name = ht_bytes_str("Another");
    finds(w);
    assert_false(ht_gov_has(&w->probe.layout, HT_GOV_SETTINGS));
    assert_false(ht_gov_has(&w->probe.layout, HT_GOV_NONCES));
}

static void a_proposal_that_is_nowhere_is_no_layout(void **state) {
    (void)state;
    struct world *w = begin();
    w->proposal.start = 101;
    refuses(w, "no_layout", "none of its storage slots has the proposal");
    w = begin();
    w->proposal.end = 201;
    refuses(w, "no_layout", "not those of the log");
    w = begin();
    w->proposal.proposer.b[3] ^= 1;
    refuses(w, "no_layout", "none of its storage slots has the proposal");
}

static void a_proposal_that_is_in_two_places_is_ambiguous(void **state) {
    (void)state;
    struct world *w = begin();
    ht_hash32 slot;
    ht_hash32 core = gov_core5(&w->proposal.proposer, 100, 100);
    slot_under(&slot, w, 40);
    gov_keep(&w->kept, &slot, 0, core.b);
    refuses(w, "ambiguous_layout", "several of its storage slots have the proposal");
}

static void tallies_in_two_places_are_ambiguous(void **state) {
    (void)state;
    struct world *w = begin();
    ht_hash32 slot;
    slot_under(&slot, w, 41);
    gov_keep_u64(&w->kept, &slot, 0, 50);
    gov_keep_u64(&w->kept, &slot, 1, 600);
    gov_keep_u64(&w->kept, &slot, 2, 7);
    refuses(w, "ambiguous_layout", "several");
}

static void tallies_that_differ_from_what_is_answered_are_no_layout(void **state) {
    (void)state;
    struct world *w = begin();
    w->called.in_favour = ht_u256_of(601);
    refuses(w, "no_layout", "has the proposal's votes");
    w = begin();
    w->called.abstain = ht_u256_of(8);
    refuses(w, "no_layout", "not what it answers");
}

static void a_proposal_without_votes_does_not_show_the_tallies(void **state) {
    (void)state;
    struct world *w = begin();
    w->called.has_tally = false;
    refuses(w, "ambiguous_layout", "without votes");
}

static void a_timelock_that_is_not_found_is_no_layout(void **state) {
    (void)state;
    struct world *w = begin();
    refuses(w, "no_layout", "has its timelock");
    w->called.has_timelock = false;
    refuses(w, "no_layout", "which timelock");
    w = begin();
    keep_words(w);
    ht_hash32 zero = gov_word(0);
    ht_hash32 timelock = {{0}};
    memcpy(timelock.b + 12, w->called.timelock.b, 20);
    gov_keep(&w->kept, &zero, 50, timelock.b);
    refuses(w, "ambiguous_layout", "its timelock");
}

static void a_code_of_no_kind_is_no_layout(void **state) {
    (void)state;
    struct world *w = begin();
    w->code.n = 0;
    refuses(w, "no_layout", "of no kind");
}

static void a_clock_of_another_chain_is_refused(void **state) {
    (void)state;
    struct world *w = begin();
    w->called.clock_mode = ht_bytes_str("mode=blocknumber&from=eip155:42161");
    assert_int_equal(run_with(w, NULL), HT_EINPUT);
    assert_string_equal(w->why.code, "bad_clock_mode");
}

/* --- other kinds ------------------------------------------------------------------------------*/

static void late_quorum_needs_its_deadlines(void **state) {
    (void)state;
    static const uint32_t late[] = {0x32b8113e};
    struct world *w = begin();
    ht_hash32 zero = gov_word(0);
    keep_words(w);
    gov_push_selectors(&w->code, late, 1);
    refuses(w, "no_layout", "by how much");
    w->called.has_extension = true;
    w->called.vote_extension = ht_u256_of(333);
    refuses(w, "no_layout", "extends deadlines");
    gov_keep_u64(&w->kept, &zero, 13, 333);
    finds(w);
    is_base(w, HT_GOV_EXTENDED_DEADLINES, 14);
    gov_keep_u64(&w->kept, &zero, 33, 333);
    refuses(w, "ambiguous_layout", "extend deadlines");
}

static void sequential_ids_are_found_by_their_hash(void **state) {
    (void)state;
    struct world *w = begin();
    ht_u256 hash = w->proposal.id;
    ht_hash32 slot;
    ht_hash32 base = gov_word(16);
    ht_hash32 core = gov_core5(&w->proposal.proposer, 100, 100);
    keep_words(w);
    w->proposal.id = ht_u256_of(42);
    slot_under(&slot, w, PROPOSALS);
    gov_keep(&w->kept, &slot, 0, core.b);
    slot_under(&slot, w, VOTES);
    gov_keep_u64(&w->kept, &slot, 0, 50);
    gov_keep_u64(&w->kept, &slot, 1, 600);
    gov_keep_u64(&w->kept, &slot, 2, 7);
    refuses(w, "no_layout", "neither a hash nor kept with one");
    slot = gov_of_number(&hash, &base);
    gov_keep_u64(&w->kept, &slot, 0, 42);
    finds(w);
    assert_true(w->probe.is_sequential);
    is_base(w, HT_GOV_SEQUENCE, 15);
    assert_false(w->probe.layout.counts_next);
}

static void a_list_of_ids_is_found_by_its_end(void **state) {
    (void)state;
    struct world *w = begin();
    ht_hash32 zero = gov_word(0);
    ht_hash32 list = gov_word(17);
    ht_hash32 id;
    keep_words(w);
    w->called.has_count = true;
    w->called.proposal_count = ht_u256_of(20);
    gov_keep_u64(&w->kept, &zero, 17, 20);
    gov_keep_u64(&w->kept, &zero, 27, 20);
    ht_gov_slot_data(&list, &list);
    ht_u256_to_be(id.b, &w->proposal.id);
    gov_keep(&w->kept, &list, 15, id.b);
    finds(w);
    is_base(w, HT_GOV_PROPOSAL_IDS, 17);
    is_base(w, HT_GOV_PROPOSAL_DETAILS, 18);
}

static void a_namespaced_governor_is_proven_where_its_code_says(void **state) {
    (void)state;
    static const enum ht_gov_slot named[] = {HT_GOV_PROPOSALS, HT_GOV_PROPOSAL_VOTES,
                                             HT_GOV_TIMELOCK, HT_GOV_QUORUM_HISTORY};
    struct world *w = begin();
    const struct ht_gov_layout *bases = &ht_gov_layout_upgradeable;
    ht_hash32 core = gov_core5(&w->proposal.proposer, 100, 100);
    for (size_t i = 0; i < 4; i++) gov_push(&w->code, bases->base[named[i]].b, 32);
    refuses(w, "no_layout", "none of its storage slots has the proposal");
    ht_hash32 slot = gov_of_number(&w->proposal.id, &bases->base[HT_GOV_PROPOSALS]);
    gov_keep(&w->kept, &slot, 0, core.b);
    refuses(w, "no_layout", "not what it answers");
    slot = gov_of_number(&w->proposal.id, &bases->base[HT_GOV_PROPOSAL_VOTES]);
    gov_keep_u64(&w->kept, &slot, 0, 50);
    gov_keep_u64(&w->kept, &slot, 1, 600);
    gov_keep_u64(&w->kept, &slot, 2, 7);
    finds(w);
    assert_memory_equal(w->probe.layout.base[HT_GOV_TIMELOCK_IDS].b,
                        bases->base[HT_GOV_TIMELOCK_IDS].b, 32);
    assert_int_equal(w->probe.quorum, HT_GOV_QUORUM_FRACTION);
    assert_int_equal(w->rounds, 3);
    w->called.counting_mode =
        ht_bytes_str("support=bravo,fractional&quorum=for,abstain&params=fractional");
    refuses(w, "no_layout", "does not name where votes");
}

/* 4.x: three words; its base may be behind gaps. */
static void keep_oz4(struct world *w, uint64_t proposals, uint64_t votes) {
    static const uint32_t oz4[] = {0x2656227d, 0xc59057e4, 0x3bccf4fd};
    ht_hash32 slot;
    w->kept.count = w->code.n = 0;
    gov_push_selectors(&w->code, oz4, 3);
    slot_under(&slot, w, proposals);
    gov_keep_u64(&w->kept, &slot, 0, 100);
    gov_keep_u64(&w->kept, &slot, 1, 200);
    slot_under(&slot, w, votes);
    gov_keep_u64(&w->kept, &slot, 0, 50);
    gov_keep_u64(&w->kept, &slot, 1, 600);
    gov_keep_u64(&w->kept, &slot, 2, 7);
}

static void a_governor_of_4_is_found_also_behind_gaps(void **state) {
    (void)state;
    struct world *w = begin();
    ht_hash32 zero = gov_word(0);
    keep_oz4(w, 3, 6);
    gov_keep_u64(&w->kept, &zero, 8, 4);
    finds(w);
    assert_int_equal(w->probe.layout.kind, HT_GOV_OZ4);
    is_base(w, HT_GOV_PROPOSALS, 3);
    is_base(w, HT_GOV_QUORUM_NUMERATOR, 8);
    keep_oz4(w, 203, 306);
    finds(w);
    is_base(w, HT_GOV_PROPOSALS, 203);
    is_base(w, HT_GOV_PROPOSAL_VOTES, 306);
    keep_oz4(w, 512, 513);
    refuses(w, "no_layout", "none of its storage slots has the proposal");
}

static void flexible_tallies_are_found_by_their_shared_word(void **state) {
    (void)state;
    struct world *w = begin();
    ht_hash32 slot;
    ht_hash32 both = gov_word(50);
    keep_oz4(w, 3, 60);
    both.b[14] = 2, both.b[15] = 0x58;
    slot_under(&slot, w, 6);
    gov_keep(&w->kept, &slot, 0, both.b);
    gov_keep_u64(&w->kept, &slot, 1, 7);
    w->called.counting_mode = ht_bytes_str("support=bravo&quorum=for,abstain&params=fractional");
    finds(w);
    is_base(w, HT_GOV_PROPOSAL_VOTES, 6);
}

static void keep_bravo(struct world *w, uint64_t base) {
    static const uint32_t bravo[] = {0x013cf08b, 0xe23a9a52, 0x3bccf4fd, 0xd33219b4};
    static const uint64_t words[] = {3, 0, 0, 0, 0, 0, 0, 100, 200, 600, 50, 7, 0};
    ht_hash32 zero = gov_word(0);
    ht_hash32 address = {{0}};
    ht_hash32 slot;
    w->kept.count = w->code.n = 0;
    gov_push_selectors(&w->code, bravo, 4);
    w->proposal.id = ht_u256_of(3);
    slot_under(&slot, w, base);
    for (size_t i = 0; i < 13; i++) gov_keep_u64(&w->kept, &slot, i, words[i]);
    memcpy(address.b + 12, w->proposal.proposer.b, 20);
    gov_keep(&w->kept, &slot, 1, address.b);
    memcpy(address.b + 12, w->called.timelock.b, 20);
    gov_keep(&w->kept, &zero, base - 2, address.b);
    gov_keep_u64(&w->kept, &zero, base - 3, 3);
    gov_keep_u64(&w->kept, &zero, base - 5, 1000);
    gov_keep_u64(&w->kept, &zero, base - 6, 20);
    gov_keep_u64(&w->kept, &zero, base - 7, 2);
    w->called.has_count = true;
    w->called.proposal_count = ht_u256_of(3);
}

static void bravo_is_found_with_and_without_its_delegator(void **state) {
    (void)state;
    struct world *w = begin();
    for (uint64_t base = 7; base <= 10; base += 3) {
        keep_bravo(w, base);
        finds(w);
        assert_int_equal(w->probe.layout.kind, HT_GOV_BRAVO);
        assert_int_equal(w->probe.layout.timelock, HT_GOV_TIMELOCK_COMPOUND);
        is_base(w, HT_GOV_PROPOSALS, base);
        is_base(w, HT_GOV_PROPOSAL_COUNT, base - 3);
        is_base(w, HT_GOV_TIMELOCK, base - 2);
        is_base(w, HT_GOV_VOTING_DELAY, base - 7);
        assert_int_equal(w->probe.quorum, HT_GOV_QUORUM_CALLED);
    }
}

static void a_bravo_that_stores_otherwise_is_no_layout(void **state) {
    (void)state;
    struct world *w = begin();
    keep_bravo(w, 10);
    w->called.in_favour = ht_u256_of(1);
    refuses(w, "no_layout", "not those of the log");
    w = begin();
    keep_bravo(w, 10);
    w->proposal.end = 300;
    refuses(w, "no_layout", "not those of the log");
}

/* --- tokens -----------------------------------------------------------------------------------*/

struct token_world {
    struct gov_kept kept;
    struct gov_code code;
    struct ht_gov_token_called called;
    struct ht_gov_token_probe probe;
    struct ht_why why;
};

static struct token_world *begin_token(unsigned key_bits) {
    static struct token_world world;
    static const uint32_t votes[] = {0x9ab24eb0, 0x3a46b1a8};
    struct token_world *w = &world;
    *w = (struct token_world){.why = {.code = "", .text = ""}};
    gov_push_selectors(&w->code, votes, 2);
    w->called = (struct ht_gov_token_called){.account = gov_account(5),
                                             .votes = ht_u256_of(900),
                                             .checkpoints = ht_u256_of(3),
                                             .balance = ht_u256_of(100),
                                             .delegatee = gov_account(6),
                                             .total = ht_u256_of(5000)};
    ht_hash32 base = gov_word(9);
    ht_hash32 slot = gov_of_account(&w->called.account, &base);
    ht_hash32 word = gov_checkpoint(77, key_bits, 900);
    gov_keep_u64(&w->kept, &slot, 0, 3);
    ht_gov_slot_data(&slot, &slot);
    gov_keep(&w->kept, &slot, 2, word.b);
    base = gov_word(10);
    gov_keep_u64(&w->kept, &base, 0, 8);
    ht_gov_slot_data(&slot, &base);
    word = gov_checkpoint(78, key_bits, 5000);
    gov_keep(&w->kept, &slot, 7, word.b);
    base = gov_word(0);
    slot = gov_of_account(&w->called.account, &base);
    gov_keep_u64(&w->kept, &slot, 0, 100);
    return w;
}

static enum ht_err run_token(struct token_world *w) {
    static ht_hash32 slots[HT_GOV_PROBE_SLOTS_MAX];
    static uint8_t values[HT_GOV_PROBE_SLOTS_MAX][32];
    enum ht_err err =
        ht_gov_token_probe_init(&w->probe, ht_bytes_of(w->code.b, w->code.n), &w->called, &w->why);
    for (size_t rounds = 0; err == HT_OK; rounds++) {
        size_t count = ht_gov_token_probe_next(&w->probe, slots);
        assert_true(rounds < 5);
        if (count == 0) break;
        for (size_t i = 0; i < count; i++) gov_look(values[i], &w->kept, &slots[i]);
        err = ht_gov_token_probe_take(&w->probe, (const uint8_t(*)[32])values, count, &w->why);
    }
    return err;
}

static void refuses_token(struct token_world *w, const char *code, const char *text) {
    assert_int_not_equal(run_token(w), HT_OK);
    assert_string_equal(w->why.code, code);
    if (strstr(w->why.text, text) == NULL) fail_msg("%s", w->why.text);
}

static void a_token_of_5_and_of_4_differ_by_their_checkpoints(void **state) {
    (void)state;
    ht_hash32 want = gov_word(9);
    ht_hash32 total = gov_word(10);
    struct token_world *w = begin_token(48);
    assert_int_equal(run_token(w), HT_OK);
    assert_int_equal(w->probe.layout.kind, HT_GOV_TOKEN_VOTES5);
    assert_memory_equal(w->probe.layout.checkpoints.b, want.b, 32);
    assert_memory_equal(w->probe.layout.total.b, total.b, 32);
    assert_true(w->probe.layout.has_balances);
    assert_false(w->probe.layout.has_nonces);
    w = begin_token(32);
    assert_int_equal(run_token(w), HT_OK);
    assert_int_equal(w->probe.layout.kind, HT_GOV_TOKEN_VOTES4);
}

static void a_token_whose_words_disagree_is_no_layout(void **state) {
    (void)state;
    struct token_world *w = begin_token(48);
    w->called.checkpoints = ht_u256_of(4);
    refuses_token(w, "no_layout", "has the account's checkpoints");
    w = begin_token(48);
    w->called.votes = ht_u256_of(901);
    refuses_token(w, "no_layout", "not what it answers");
    w = begin_token(48);
    w->called.total = ht_u256_of(5001);
    refuses_token(w, "no_layout", "end with its supply");
    w = begin_token(48);
    w->called.votes = ht_u256_of(0);
    refuses_token(w, "no_votes", "without votes");
    w = begin_token(48);
    w->code.n = 0;
    refuses_token(w, "no_layout", "no token with votes");
}

static void comps_checkpoints_are_before_their_counts(void **state) {
    (void)state;
    static const uint32_t comp[] = {0xb4b5ea57, 0x782d6fe1};
    struct token_world *w = begin_token(32);
    ht_hash32 base = gov_word(4);
    ht_hash32 want = gov_word(3);
    ht_u256 last = ht_u256_of(2);
    ht_hash32 word = gov_checkpoint(77, 32, 900);
    w->code.n = w->kept.count = 0;
    gov_push_selectors(&w->code, comp, 2);
    ht_hash32 slot = gov_of_account(&w->called.account, &base);
    gov_keep_u64(&w->kept, &slot, 0, 3);
    slot = gov_of_account(&w->called.account, &want);
    slot = gov_of_number(&last, &slot);
    gov_keep(&w->kept, &slot, 0, word.b);
    assert_int_equal(run_token(w), HT_OK);
    assert_int_equal(w->probe.layout.kind, HT_GOV_TOKEN_COMP);
    assert_memory_equal(w->probe.layout.checkpoints.b, want.b, 32);
    assert_memory_equal(w->probe.layout.total.b, base.b, 32);
}

/* --- a community that ran ---------------------------------------------------------------------*/

static const ht_addr20 holder = {{0x11, [19] = 0xb1}};

/* A call; its output is the bench's until the next. */
static ht_bytes ask(struct evm_bench *bench, const ht_addr20 *to, const char *function,
                    const char *values) {
    struct ht_abi_type type;
    struct ht_arena arena;
    struct ht_buf data;
    uint8_t selector[4];
    json_t *json = json_loads(values, 0, NULL);
    ht_arena_init(&arena, 1 << 16);
    ht_buf_init(&data, 1 << 16);
    ht_abi_selector(selector, function);
    assert_non_null(json);
    assert_int_equal(ht_buf_add(&data, HT_BYTES(selector)), HT_OK);
    ht_bytes types = ht_bytes_str(strchr(function, '('));
    assert_int_equal(ht_abi_type_read(&type, &arena, types, NULL), HT_OK);
    assert_int_equal(ht_abi_encode(&data, &type, json, NULL), HT_OK);
    struct ht_evm_message message = {.kind = HT_EVM_CALL,
                                     .sender = holder,
                                     .to = *to,
                                     .code = *to,
                                     .gas = 5000000,
                                     .input = {data.p, data.n}};
    assert_int_equal(evm_send(bench, &message), HT_OK);
    if (bench->result.status != HT_EVM_SUCCESS) {
        fail_msg("%s: %s", function, ht_evm_status_text(bench->result.status));
    }
    json_decref(json);
    ht_buf_fini(&data);
    ht_arena_fini(&arena);
    return bench->result.output;
}

static ht_u256 ask_word(struct evm_bench *bench, const ht_addr20 *to, const char *function,
                        const char *values, size_t word) {
    ht_bytes out = ask(bench, to, function, values);
    assert_true(out.n >= 32 * (word + 1));
    return ht_u256_from_be32(out.p + 32 * word);
}

static void look_up(uint8_t value[static 32], struct evm_bench *bench, const ht_addr20 *address,
                    const ht_hash32 *slot) {
    struct ht_evm_object *object = NULL;
    struct ht_evm_slot *found = NULL;
    ht_u256 key = ht_u256_from_be32(slot->b);
    assert_int_equal(ht_evm_world_find(&object, bench->world, address, NULL), HT_OK);
    assert_int_equal(ht_evm_world_slot(&found, bench->world, object, &key, NULL), HT_OK);
    ht_u256_to_be(value, &found->value);
}

static void advance(struct evm_bench *bench, uint64_t blocks) {
    bench->block.number += blocks;
    bench->block.timestamp += 12 * blocks;
    evm_bench_set(bench);
}

#define PROPOSE_VALUES \
    "[[\"0x1100000000000000000000000000000000000077\"], [\"3\"], [\"0x1234\"], \"# Pay\"]"

/* Proposes, and votes in parts; the proposal as its log would have it. */
static void act(struct ht_gov_proposal *out, struct evm_bench *bench, const ht_addr20 *governor) {
    char values[200];
    char id[HT_U256_DECIMAL_SIZE];
    static const uint8_t calldata[] = {0x12, 0x34};
    *out = (struct ht_gov_proposal){.action_count = 1, .proposer = holder};
    out->actions[0] = (struct ht_gov_action){.target = {{0x11, [19] = 0x77}},
                                             .value = ht_u256_of(3),
                                             .signature = ht_bytes_str(""),
                                             .calldata = HT_BYTES(calldata)};
    ht_keccak256(&out->description_hash, ht_bytes_str("# Pay"));
    advance(bench, 5);
    out->id =
        ask_word(bench, governor, "propose(address[],uint256[],bytes[],string)", PROPOSE_VALUES, 0);
    (void)ht_u256_to_decimal(id, &out->id);
    (void)snprintf(values, sizeof values, "[\"%s\"]", id);
    out->start = ask_word(bench, governor, "proposalSnapshot(uint256)", values, 0).limb[0];
    out->end = ask_word(bench, governor, "proposalDeadline(uint256)", values, 0).limb[0];
    advance(bench, 3);
    (void)snprintf(values, sizeof values, "[\"%s\", 255, \"\", \"0x%032x%032x%032x\"]", id, 100,
                   450, 50);
    (void)ask(bench, governor, "castVoteWithReasonAndParams(uint256,uint8,string,bytes)", values);
}

static void called_of(struct ht_gov_called *out, struct evm_bench *bench, const ht_addr20 *governor,
                      const ht_u256 *id) {
    char decimal[HT_U256_DECIMAL_SIZE];
    char values[100];
    uint8_t word[32];
    (void)ht_u256_to_decimal(decimal, id);
    (void)snprintf(values, sizeof values, "[\"%s\"]", decimal);
    *out = (struct ht_gov_called){.has_tally = true,
                                  .has_settings = true,
                                  .has_timelock = true,
                                  .has_numerator = true,
                                  .has_count = true,
                                  .has_extension = true,
                                  .has_name = true,
                                  .name = ht_bytes_str("Garden")};
    out->against = ask_word(bench, governor, "proposalVotes(uint256)", values, 0);
    out->in_favour = ask_word(bench, governor, "proposalVotes(uint256)", values, 1);
    out->abstain = ask_word(bench, governor, "proposalVotes(uint256)", values, 2);
    out->voting_delay = ask_word(bench, governor, "votingDelay()", "[]", 0);
    out->voting_period = ask_word(bench, governor, "votingPeriod()", "[]", 0);
    out->threshold = ask_word(bench, governor, "proposalThreshold()", "[]", 0);
    out->numerator = ask_word(bench, governor, "quorumNumerator()", "[]", 0);
    out->proposal_count = ask_word(bench, governor, "proposalCount()", "[]", 0);
    out->vote_extension = ask_word(bench, governor, "lateQuorumVoteExtension()", "[]", 0);
    ht_u256 timelock = ask_word(bench, governor, "timelock()", "[]", 0);
    ht_u256_to_be(word, &timelock);
    memcpy(out->timelock.b, word + 12, 20);
    out->clock_mode = ht_bytes_str("mode=blocknumber&from=default");
    out->counting_mode =
        ht_bytes_str("support=bravo,fractional&quorum=for,abstain&params=fractional");
}

struct ran {
    struct evm_bench bench;
    struct ht_gov_made made;
    struct ht_gov_proposal proposal;
};

static struct ran *run_community(void) {
    static struct ran ran;
    uint64_t gas = 0;
    struct ht_gov_wishes wishes = gov_wishes(GOV_TOKEN);
    ran = (struct ran){.made = {.maker = {{0}}}};
    evm_bench_init(&ran.bench, HT_EVM_OSAKA);
    ran.bench.block.number = 1000;
    ran.bench.block.timestamp = 1700000000;
    evm_bench_set(&ran.bench);
    ran.made = gov_make(&ran.bench, &gas, &wishes);
    act(&ran.proposal, &ran.bench, &ran.made.governor);
    return &ran;
}

static void the_id_that_a_real_governor_gives_is_the_hash(void **state) {
    (void)state;
    struct ran *ran = run_community();
    ht_u256 id;
    assert_int_equal(ht_gov_proposal_hash(&id, &ran->proposal), HT_OK);
    assert_true(ht_u256_equal(&id, &ran->proposal.id));
    evm_bench_fini(&ran->bench);
}

static void a_community_of_ours_is_found_as_the_compiler_has_it(void **state) {
    (void)state;
    static struct ht_gov_probe probe;
    static struct ht_gov_called called;
    struct ran *ran = run_community();
    struct ht_gov_layout want;
    struct ht_why why = {.code = "", .text = ""};
    ht_hash32 slots[HT_GOV_PROBE_SLOTS_MAX];
    uint8_t values[HT_GOV_PROBE_SLOTS_MAX][32];
    size_t count = 0;
    called_of(&called, &ran->bench, &ran->made.governor, &ran->proposal.id);
    ht_bytes code = gov_code(&ran->bench, &ran->made.governor);
    enum ht_err err = ht_gov_probe_init(&probe, code, NULL, &ran->proposal, &called, &why);
    while (err == HT_OK && (count = ht_gov_probe_next(&probe, slots)) > 0) {
        for (size_t i = 0; i < count; i++) {
            look_up(values[i], &ran->bench, &ran->made.governor, &slots[i]);
        }
        err = ht_gov_probe_take(&probe, (const uint8_t(*)[32])values, count, &why);
    }
    if (err != HT_OK) fail_msg("%s: %s", why.code, why.text);
    ht_gov_code_layout(&want, HT_GOV_BLOCKS);
    assert_int_equal(probe.layout.counting, HT_GOV_FRACTIONAL);
    assert_int_equal(probe.layout.timelock, HT_GOV_TIMELOCK_CONTROLLER);
    for (size_t i = 0; i < HT_GOV_SLOTS; i++) {
        if (!ht_gov_has(&probe.layout, (enum ht_gov_slot)i)) continue;
        assert_memory_equal(probe.layout.base[i].b, want.base[i].b, 32);
    }
    uint32_t all = 1U << HT_GOV_PROPOSALS | 1U << HT_GOV_PROPOSAL_VOTES |
                   1U << HT_GOV_TIMELOCK_IDS | 1U << HT_GOV_EXTENDED_DEADLINES |
                   1U << HT_GOV_QUORUM_HISTORY | 1U << HT_GOV_NONCES | 1U << HT_GOV_SETTINGS |
                   1U << HT_GOV_PROPOSAL_IDS;
    assert_int_equal(probe.layout.has & all, all);
    evm_bench_fini(&ran->bench);
}

static void a_token_of_ours_is_found_as_the_compiler_has_it(void **state) {
    (void)state;
    static const char who[] = "[\"0x11000000000000000000000000000000000000b1\"]";
    struct ran *ran = run_community();
    struct ht_gov_token_probe probe;
    struct ht_gov_token_layout want;
    struct ht_why why = {.code = "", .text = ""};
    ht_hash32 slots[HT_GOV_PROBE_SLOTS_MAX];
    uint8_t values[HT_GOV_PROBE_SLOTS_MAX][32];
    const ht_addr20 *votes = &ran->made.votes;
    struct ht_gov_token_called called = {.account = holder, .delegatee = holder};
    size_t count = 0;
    called.votes = ask_word(&ran->bench, votes, "getVotes(address)", who, 0);
    called.checkpoints = ask_word(&ran->bench, votes, "numCheckpoints(address)", who, 0);
    called.balance = ask_word(&ran->bench, votes, "balanceOf(address)", who, 0);
    called.total = ask_word(&ran->bench, votes, "totalSupply()", "[]", 0);
    ht_bytes code = gov_code(&ran->bench, votes);
    assert_true(ht_gov_code_token_layout(&want, ht_gov_code_ours(NULL, code), code));
    enum ht_err err = ht_gov_token_probe_init(&probe, code, &called, &why);
    while (err == HT_OK && (count = ht_gov_token_probe_next(&probe, slots)) > 0) {
        for (size_t i = 0; i < count; i++) look_up(values[i], &ran->bench, votes, &slots[i]);
        err = ht_gov_token_probe_take(&probe, (const uint8_t(*)[32])values, count, &why);
    }
    if (err != HT_OK) fail_msg("%s: %s", why.code, why.text);
    assert_int_equal(probe.layout.kind, HT_GOV_TOKEN_VOTES5);
    assert_memory_equal(probe.layout.checkpoints.b, want.checkpoints.b, 32);
    assert_memory_equal(probe.layout.total.b, want.total.b, 32);
    assert_memory_equal(probe.layout.delegatee.b, want.delegatee.b, 32);
    evm_bench_fini(&ran->bench);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_governor_of_5_is_found_by_its_words),
        cmocka_unit_test(a_timelock_that_shares_its_word_is_found),
        cmocka_unit_test(what_cannot_be_told_apart_is_left_out_when_it_is_for_display),
        cmocka_unit_test(a_proposal_that_is_nowhere_is_no_layout),
        cmocka_unit_test(a_proposal_that_is_in_two_places_is_ambiguous),
        cmocka_unit_test(tallies_in_two_places_are_ambiguous),
        cmocka_unit_test(tallies_that_differ_from_what_is_answered_are_no_layout),
        cmocka_unit_test(a_proposal_without_votes_does_not_show_the_tallies),
        cmocka_unit_test(a_timelock_that_is_not_found_is_no_layout),
        cmocka_unit_test(a_code_of_no_kind_is_no_layout),
        cmocka_unit_test(a_clock_of_another_chain_is_refused),
        cmocka_unit_test(late_quorum_needs_its_deadlines),
        cmocka_unit_test(sequential_ids_are_found_by_their_hash),
        cmocka_unit_test(a_list_of_ids_is_found_by_its_end),
        cmocka_unit_test(a_namespaced_governor_is_proven_where_its_code_says),
        cmocka_unit_test(a_governor_of_4_is_found_also_behind_gaps),
        cmocka_unit_test(flexible_tallies_are_found_by_their_shared_word),
        cmocka_unit_test(bravo_is_found_with_and_without_its_delegator),
        cmocka_unit_test(a_bravo_that_stores_otherwise_is_no_layout),
        cmocka_unit_test(a_token_of_5_and_of_4_differ_by_their_checkpoints),
        cmocka_unit_test(a_token_whose_words_disagree_is_no_layout),
        cmocka_unit_test(comps_checkpoints_are_before_their_counts),
        cmocka_unit_test(the_id_that_a_real_governor_gives_is_the_hash),
        cmocka_unit_test(a_community_of_ours_is_found_as_the_compiler_has_it),
        cmocka_unit_test(a_token_of_ours_is_found_as_the_compiler_has_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
