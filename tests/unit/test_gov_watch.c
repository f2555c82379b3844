/* What the owner is told of, once each; and looks that are refused when the code is another. */
#include "governance/look/look.h"
#include "governance/watch/watch.h"
#define GW_HAS_BLOCKS
#include "tests/unit/gov_world.h"

static struct {
    unsigned count;
    char last[96], kind[16];
} told;

static void tell(void *user, const char *kind, const char *text) {
    (void)user;
    told.count++;
    (void)snprintf(told.kind, sizeof told.kind, "%s", kind);
    (void)snprintf(told.last, sizeof told.last, "%s", text);
}

static unsigned step(unsigned bits, enum ht_gov_state state, int64_t left_s, bool is_asked) {
    told.count = 0;
    return ht_gov_watch_told(bits, state, left_s, is_asked, tell, NULL);
}

static void each_state_is_told_once(void **state) {
    (void)state;
    unsigned bits = step(0, HT_GOV_PENDING, 900000, true);
    assert_int_equal(told.count, 1);
    bits = step(bits, HT_GOV_PENDING, 900000, true);
    assert_int_equal(told.count, 0);
    bits = step(bits, HT_GOV_ACTIVE, 900000, true);
    assert_string_equal(told.last, "can be voted on now");
    bits = step(bits, HT_GOV_SUCCEEDED, -1, true);
    assert_string_equal(told.last, "was accepted");
    bits = step(bits, HT_GOV_SUCCEEDED, -1, true);
    assert_int_equal(told.count, 0);
}

static void what_was_decided_before_it_was_seen_is_no_news(void **state) {
    (void)state;
    unsigned bits = step(0, HT_GOV_EXECUTED, -1, true);
    assert_int_equal(told.count, 0);
    (void)step(bits, HT_GOV_EXECUTED, -1, true);
    assert_int_equal(told.count, 0);
}

static void a_deadline_is_told_a_day_and_an_hour_before(void **state) {
    (void)state;
    unsigned bits = step(0, HT_GOV_ACTIVE, 200000, true);
    bits = step(bits, HT_GOV_ACTIVE, 86000, true);
    assert_int_equal(told.count, 1);
    assert_string_equal(told.kind, "deadline");
    bits = step(bits, HT_GOV_ACTIVE, 80000, true);
    assert_int_equal(told.count, 0);
    bits = step(bits, HT_GOV_ACTIVE, 3000, true);
    assert_string_equal(told.last, "closes within the hour, and you have not voted");
    (void)step(bits, HT_GOV_ACTIVE, 100, true);
    assert_int_equal(told.count, 0);
}

static void who_cannot_vote_or_has_voted_hears_of_no_deadline(void **state) {
    (void)state;
    unsigned bits = step(0, HT_GOV_ACTIVE, 200000, false);
    (void)step(bits, HT_GOV_ACTIVE, 3000, false);
    assert_int_equal(told.count, 0);
}

static void a_proposal_that_is_gone_is_not_told_of(void **state) {
    (void)state;
    assert_int_equal(step(0, HT_GOV_NONE, 0, true), 0);
    assert_int_equal(told.count, 0);
}

/* --- looks ------------------------------------------------------------------------------------ */

static struct {
    unsigned done;
    enum ht_err err;
    const char *code;
} looked;

static void on_looked(void *user, struct ht_gov_item *item, enum ht_err err,
                      const struct ht_why *why) {
    (void)user, (void)item;
    looked.done++;
    looked.err = err;
    looked.code = why->code;
}

static struct ht_gov_item *pending_item(struct ht_community *community) {
    const ht_u256 id = ht_u256_of(9);
    const struct ht_gov_seen seen = {.id = &id};
    gw_store(community, &id, 1010, 100);
    memset(&looked, 0, sizeof looked);
    return ht_gov_item_see(community, &seen);
}

static void a_look_proves_the_state_at_the_head(void **state) {
    (void)state;
    struct ht_gov_item *item = pending_item(gw_community(1));
    ht_gov_look(item, on_looked, NULL);
    assert_int_equal(looked.done, 1);
    assert_int_equal(looked.err, HT_OK);
    assert_int_equal(item->provenance, HT_GOV_BY_PROOF);
    assert_int_equal(item->state, HT_GOV_PENDING);
    assert_int_equal(item->as_of.number, GW_HEAD);
    assert_int_equal(item->facts.deadline, 1110);
    assert_false(ht_gov_is_open(item) || ht_gov_is_over(item));
}

static void another_code_drops_the_profile_and_all_that_was_proven_with_it(void **state) {
    (void)state;
    struct ht_community *community = gw_community(1);
    struct ht_gov_item *item = pending_item(community);
    ht_gov_look(item, on_looked, NULL);
    assert_int_equal(item->provenance, HT_GOV_BY_PROOF);
    gw.code_hash.b[0] = 0xbb;
    ht_gov_look(item, on_looked, NULL);
    assert_int_equal(looked.err, HT_EUNVERIFIED);
    assert_string_equal(looked.code, "code_changed");
    assert_int_equal(community->standing, HT_GOV_STANDS_NOT);
    assert_int_equal(item->provenance, HT_GOV_UNVERIFIED);
    ht_gov_look(item, on_looked, NULL);
    assert_int_equal(looked.err, HT_EUNVERIFIED);
}

static void an_upgraded_implementation_drops_the_profile(void **state) {
    static const uint8_t other[32] = {[31] = 0x99};
    ht_hash32 slot;
    (void)state;
    struct ht_community *community = gw_community(1);
    community->profile.proxy = HT_GOV_PROXY_1967;
    community->profile.implementation.b[19] = 0x98;
    community->profile.implementation_hash = gw.code_hash;
    struct ht_gov_item *item = pending_item(community);
    assert_true(ht_gov_proxy_slot(&slot, HT_GOV_PROXY_1967));
    gw_set(&slot, other);
    ht_gov_look(item, on_looked, NULL);
    assert_int_equal(looked.err, HT_EUNVERIFIED);
    assert_string_equal(looked.code, "proxy_changed");
    assert_int_equal(community->standing, HT_GOV_STANDS_NOT);
    assert_int_equal(item->provenance, HT_GOV_UNVERIFIED);
}

static void words_that_cannot_be_a_proposal_are_not_shown(void **state) {
    uint8_t word[32];
    ht_hash32 slot, key;
    const ht_u256 id = ht_u256_of(9);
    const struct ht_gov_seen seen = {.id = &id};
    (void)state;
    struct ht_community *community = gw_community(1);
    memset(word, 0xff, sizeof word);
    ht_u256_to_be(key.b, &id);
    ht_gov_slot_map(&slot, &key, &community->profile.layout.base[HT_GOV_PROPOSALS]);
    gw_set(&slot, word);
    struct ht_gov_item *item = ht_gov_item_see(community, &seen);
    ht_gov_look(item, on_looked, NULL);
    assert_int_equal(looked.err, HT_EUNVERIFIED);
    assert_string_equal(looked.code, "wrong_layout");
    assert_int_equal(item->provenance, HT_GOV_UNVERIFIED);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, gw_start, gw_end)

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_state_is_told_once),
        cmocka_unit_test(what_was_decided_before_it_was_seen_is_no_news),
        cmocka_unit_test(a_deadline_is_told_a_day_and_an_hour_before),
        cmocka_unit_test(who_cannot_vote_or_has_voted_hears_of_no_deadline),
        cmocka_unit_test(a_proposal_that_is_gone_is_not_told_of),
        TEST(a_look_proves_the_state_at_the_head),
        TEST(another_code_drops_the_profile_and_all_that_was_proven_with_it),
        TEST(an_upgraded_implementation_drops_the_profile),
        TEST(words_that_cannot_be_a_proposal_are_not_shown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
