/* Votes that a look proves on the way: a delegate's is told without any log, the owner's own keeps
 * the reminder away. */
#include "governance/community/notices_votes.h"
#include "governance/look/look_marks.h"
#include "governance/look/look_own.h"
#include "governance/watch/watch_delegates.h"
#define GW_HAS_BLOCKS
#include "tests/unit/gov_world.h"

static const ht_addr20 DELEGATE = {{0xde, [19] = 1}}, OWN = {{0x03, [19] = 3}};
static const uint8_t YES[32] = {[31] = 1};

static void publish(const struct ht_host *host, const char *topic) {
    (void)host, (void)topic;
}

static size_t accounts(void *self, struct ht_wallet_account *out, size_t max) {
    (void)self, (void)max;
    out[0].address = OWN;
    return 1;
}
static const struct ht_wallet WALLET = {.accounts = accounts};

static const struct ht_wallet *wallet(const struct ht_host *host) {
    (void)host;
    return &WALLET;
}

static int start(void **state) {
    if (gw_start(state) != 0) return -1;
    gw.host.publish = publish;
    gw.host.wallet = wallet;
    return ht_gov_notices_new(&gw.governance, gw.db, &gw.why) == HT_OK ? 0 : -1;
}

static int end(void **state) {
    ht_gov_notices_free(&gw.governance);
    return gw_end(state);
}

static void on_looked(void *user, struct ht_gov_item *item, enum ht_err err,
                      const struct ht_why *why) {
    (void)user, (void)item, (void)why;
    assert_int_equal(err, HT_OK);
}

/* A proposal from block 990 on, at head 1000. */
static struct ht_gov_item *proposal(struct ht_community *community, uint64_t duration) {
    const ht_u256 id = ht_u256_of(9);
    const struct ht_gov_seen seen = {.id = &id};
    community->profile.quorum = HT_GOV_QUORUM_CONSTANT;
    community->profile.fixed_quorum = ht_u256_of(1);
    gw_store(community, &id, 990, duration);
    return ht_gov_item_see(community, &seen);
}

static void look(struct ht_gov_item *item) {
    ht_gov_look(item, on_looked, NULL);
    gw.head.header.number++;
    gw.head.hash.b[1]++;
}

static void vote(const struct ht_gov_item *item, const ht_addr20 *voter) {
    ht_hash32 slot;
    ht_gov_slot_voter(&slot, &item->community->profile.layout, &item->id, voter);
    gw_set(&slot, YES);
}

static json_t *notices(void) {
    json_t *result = NULL;
    assert_int_equal(ht_gov_notices_list(&gw.governance, &result, NULL, &gw.why), HT_OK);
    json_t *list = json_incref(json_object_get(result, "notices"));
    json_decref(result);
    return list;
}

static void expect_notices(size_t count, const char *word) {
    json_t *list = notices();
    assert_int_equal(json_array_size(list), count);
    const char *text = json_string_value(json_object_get(json_array_get(list, 0), "text"));
    if (word != NULL) assert_non_null(strstr(text, word));
    json_decref(list);
}

static void a_delegates_vote_is_told_as_soon_as_storage_has_it(void **state) {
    (void)state;
    struct ht_community *community = gw_community(1);
    struct ht_gov_item *item = proposal(community, 100);
    ht_gov_set_delegates(community, &DELEGATE, 1);
    look(item);
    expect_notices(0, NULL);
    assert_true(ht_gov_wants_marks(item));
    vote(item, &DELEGATE);
    unsigned reads = gw.state_reads;
    look(item);
    assert_int_equal(gw.state_reads, reads + 1); /* in the proof of the proposal's words */
    expect_notices(1, "has voted on a proposal");
    assert_false(ht_gov_wants_marks(item));
    look(item);
    expect_notices(1, NULL);
}

static void a_vote_that_was_told_is_not_told_again_after_a_restart(void **state) {
    (void)state;
    struct ht_community *community = gw_community(1);
    struct ht_gov_item *item = proposal(community, 100);
    ht_gov_set_delegates(community, &DELEGATE, 1);
    vote(item, &DELEGATE);
    look(item);
    expect_notices(1, NULL);
    ht_gov_notices_free(&gw.governance);
    gw_restart();
    assert_int_equal(ht_gov_notices_new(&gw.governance, gw.db, &gw.why), HT_OK);
    community = ht_community_at(&gw.governance, 0);
    item = proposal(community, 100);
    ht_gov_set_delegates(community, &DELEGATE, 1);
    assert_true(ht_gov_wants_marks(item));
    look(item);
    assert_false(ht_gov_wants_marks(item));
    expect_notices(1, NULL);
}

static void a_vote_in_the_last_blocks_is_found_after_the_end_once(void **state) {
    (void)state;
    struct ht_community *community = gw_community(1);
    struct ht_gov_item *item = proposal(community, 5);
    look(item); /* whose delegates nobody knew yet */
    assert_int_equal(item->state, HT_GOV_DEFEATED);
    ht_gov_set_delegates(community, &DELEGATE, 1);
    assert_true(ht_gov_wants_marks(item));
    look(item);
    assert_false(ht_gov_wants_marks(item)); /* nothing comes after the end */
    expect_notices(0, NULL);
}

static void what_ended_long_ago_is_not_looked_at_for_votes(void **state) {
    (void)state;
    struct ht_community *community = gw_community(1);
    struct ht_gov_item *item = proposal(community, 5);
    look(item);
    item->as_of.number += HT_GOV_TELL_VOTES_S;
    item->as_of.timestamp += 12 * (uint64_t)HT_GOV_TELL_VOTES_S;
    ht_gov_set_delegates(community, &DELEGATE, 1);
    assert_false(ht_gov_wants_marks(item));
}

static void a_choice_that_storage_keeps_is_told_at_once(void **state) {
    const struct ht_gov_mark mark = {.has_voted = true, .has_support = true, .support = 0};
    (void)state;
    struct ht_gov_item *item = proposal(gw_community(1), 100);
    ht_gov_tell_delegate_mark(item, &DELEGATE, &mark);
    expect_notices(1, "voted against on a proposal");
}

static void the_count_completes_the_notice_and_adds_none(void **state) {
    const struct ht_gov_mark mark = {.has_voted = true};
    (void)state;
    struct ht_gov_item *item = proposal(gw_community(1), 100);
    ht_gov_tell_delegate_mark(item, &DELEGATE, &mark);
    expect_notices(1, "has voted");
    ht_gov_notice_vote(item, &DELEGATE, "Your delegate voted for on it, saying: \"trees\"", true);
    expect_notices(1, "saying: \"trees\"");
    ht_gov_tell_delegate_mark(item, &DELEGATE, &mark);
    ht_gov_notice_vote(item, &DELEGATE, "Something else", true);
    expect_notices(1, "saying: \"trees\"");
    ht_gov_notices_free(&gw.governance);
    assert_int_equal(ht_gov_notices_new(&gw.governance, gw.db, &gw.why), HT_OK);
    expect_notices(1, "saying: \"trees\"");
}

/* One checkpoint of the owner's account, before the snapshot. */
static void give(struct ht_community *community, uint8_t votes) {
    uint8_t one[32] = {[31] = 1}, checkpoint[32] = {[25] = votes, [30] = 1, [31] = 44};
    ht_hash32 key = {{0}}, array, slot;
    community->profile.token_layout = ht_gov_token_layout_upgradeable;
    memcpy(key.b + 12, OWN.b, 20);
    ht_gov_slot_map(&array, &key, &community->profile.token_layout.checkpoints);
    gw_set(&array, one);
    ht_gov_slot_data(&slot, &array);
    gw_set(&slot, checkpoint);
}

static void know_power(struct ht_gov_item *item) {
    struct ht_gov_own *own = ht_gov_own_new(&gw.governance);
    ht_gov_own_want(own, item);
    ht_gov_own_free(own);
}

static void the_owners_own_vote_is_proven_before_a_reminder(void **state) {
    (void)state;
    struct ht_community *community = gw_community(1);
    struct ht_gov_item *item = proposal(community, 100);
    give(community, 5);
    look(item);
    assert_false(ht_gov_knows_own_vote(item)); /* its power at the snapshot is not known yet */
    know_power(item);
    assert_true(ht_gov_own_may_vote(item));
    assert_false(ht_gov_knows_own_vote(item));
    look(item);
    assert_true(ht_gov_knows_own_vote(item));
    assert_false(item->has_my_vote);
    vote(item, &OWN);
    look(item);
    assert_true(item->has_my_vote);
    expect_notices(0, NULL); /* what the owner did is no news */
}

static void power_that_came_after_the_snapshot_is_none(void **state) {
    (void)state;
    struct ht_community *community = gw_community(1);
    struct ht_gov_item *item = proposal(community, 100);
    community->has_mine = true;
    community->my_power = ht_u256_of(5);
    give(community, 0);
    look(item);
    know_power(item);
    assert_true(ht_gov_own_is_known(item));
    assert_false(ht_gov_own_may_vote(item));
    assert_true(ht_gov_knows_own_vote(item));
    assert_int_equal(item->own_marked_at, 0); /* whose vote nobody waits for */
}

static void without_accounts_there_is_nothing_to_know(void **state) {
    (void)state;
    struct ht_gov_item *item = proposal(gw_community(1), 100);
    gw.host.wallet = NULL;
    look(item);
    assert_true(ht_gov_knows_own_vote(item));
    assert_false(ht_gov_own_may_vote(item));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_delegates_vote_is_told_as_soon_as_storage_has_it),
        TEST(a_vote_that_was_told_is_not_told_again_after_a_restart),
        TEST(a_vote_in_the_last_blocks_is_found_after_the_end_once),
        TEST(what_ended_long_ago_is_not_looked_at_for_votes),
        TEST(a_choice_that_storage_keeps_is_told_at_once),
        TEST(the_count_completes_the_notice_and_adds_none),
        TEST(the_owners_own_vote_is_proven_before_a_reminder),
        TEST(power_that_came_after_the_snapshot_is_none),
        TEST(without_accounts_there_is_nothing_to_know),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
