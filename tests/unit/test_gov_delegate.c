/* What the owner's delegates voted: told once, in words. */
#include "governance/community/notices_votes.h"
#include "governance/watch/watch_delegates.h"
#define GW_HAS_BLOCKS
#include "tests/unit/gov_world.h"

static const ht_addr20 DELEGATE = {{0xde, [19] = 1}}, OTHER = {{0x0e, [19] = 2}},
                       OWN = {{0x03, [19] = 3}};
static unsigned published;

static void publish(const struct ht_host *host, const char *topic) {
    (void)host, (void)topic;
    published++;
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

/* A proposal whose count has one vote, of the delegate, for, as of the head. */
static struct ht_gov_item *counted(struct ht_community *community, const ht_addr20 *voter) {
    static uint8_t data[192];
    const ht_u256 id = ht_u256_of(9);
    const struct ht_gov_seen seen = {.id = &id};
    struct ht_gov_item *item = ht_gov_item_see(community, &seen);
    ht_hash32 topics[2] = {ht_gov_topic_vote_cast};
    memcpy(topics[1].b + 12, voter->b, 20);
    data[31] = 9, data[63] = 1, data[95] = 60, data[127] = 128, data[159] = 5;
    memcpy(data + 160, "trees", 5);
    const struct ht_gov_log log = {
        .address = community->address, .topics = topics, .topic_count = 2, .data = HT_BYTES(data)};
    static const uint8_t bloom[HT_BLOOM_SIZE];
    const struct ht_gov_block block = {.number = 995,
                                       .time_s = GW_TIME - 60,
                                       .bloom = bloom,
                                       .has_receipts = true,
                                       .logs = &log,
                                       .log_count = 1};
    item->recount = calloc(1, sizeof *item->recount);
    item->recount->shown = calloc(1, sizeof *item->recount->shown);
    struct ht_gov_counted *shown = item->recount->shown;
    shown->facts = (struct ht_gov_facts){.exists = true, .start = 990, .deadline = 1090};
    shown->as_of = (struct ht_gov_as_of){.number = GW_HEAD, .timestamp = GW_TIME};
    assert_int_equal(
        ht_gov_count_new(&shown->count, &community->profile.layout, &community->address, &id),
        HT_OK);
    assert_int_equal(ht_gov_count_block(shown->count, &block, &gw.why), HT_OK);
    return item;
}

static json_t *notices(void) {
    json_t *result = NULL;
    assert_int_equal(ht_gov_notices_list(&gw.governance, &result, NULL, &gw.why), HT_OK);
    json_t *list = json_incref(json_object_get(result, "notices"));
    json_decref(result);
    return list;
}

static void expect_notices(size_t count) {
    json_t *list = notices();
    assert_int_equal(json_array_size(list), count);
    json_decref(list);
}

static void a_delegates_vote_is_told_with_who_how_and_why(void **state) {
    (void)state;
    struct ht_community *community = gw_community(1);
    (void)counted(community, &DELEGATE);
    ht_gov_set_delegates(community, &DELEGATE, 1);
    json_t *list = notices();
    assert_int_equal(json_array_size(list), 1);
    const json_t *notice = json_array_get(list, 0);
    assert_string_equal(json_string_value(json_object_get(notice, "kind")), "delegate_voted");
    assert_string_equal(json_string_value(json_object_get(notice, "proposal")), "9");
    const char *text = json_string_value(json_object_get(notice, "text"));
    assert_non_null(strstr(text, "voted for on a proposal, saying: \"trees\""));
    assert_non_null(strstr(text, "Your delegate 0x"));
    json_decref(list);
    ht_gov_tell_delegate_votes(community);
    expect_notices(1);
}

static void it_is_told_once_whatever_is_counted_again_and_after_a_restart(void **state) {
    (void)state;
    struct ht_community *community = gw_community(1);
    struct ht_gov_item *item = counted(community, &DELEGATE);
    ht_gov_set_delegates(community, &DELEGATE, 1);
    item->recount->shown->told_version = 0;
    ht_gov_tell_delegate_votes(community);
    expect_notices(1);
    ht_gov_notices_free(&gw.governance);
    assert_int_equal(ht_gov_notices_new(&gw.governance, gw.db, &gw.why), HT_OK);
    item->recount->shown->told_version = 0;
    ht_gov_tell_delegate_votes(community);
    expect_notices(1);
}

static void votes_of_others_and_of_the_owner_are_not_told(void **state) {
    const ht_addr20 list[3] = {OTHER, OWN, OTHER};
    (void)state;
    struct ht_community *community = gw_community(1);
    (void)counted(community, &OWN);
    ht_gov_set_delegates(community, list, 3);
    assert_int_equal(community->my_delegate_count, 1);
    expect_notices(0);
}

static void a_new_delegate_is_looked_for_in_what_was_counted(void **state) {
    (void)state;
    struct ht_community *community = gw_community(1);
    (void)counted(community, &DELEGATE);
    ht_gov_set_delegates(community, &OTHER, 1);
    expect_notices(0);
    ht_gov_set_delegates(community, &DELEGATE, 1);
    expect_notices(1);
}

static void votes_of_long_ago_are_no_news(void **state) {
    (void)state;
    struct ht_community *community = gw_community(1);
    struct ht_gov_item *item = counted(community, &DELEGATE);
    community->profile.layout.clock = HT_GOV_TIME;
    item->recount->shown->facts.deadline = GW_TIME - HT_GOV_TELL_VOTES_S - 1;
    ht_gov_set_delegates(community, &DELEGATE, 1);
    expect_notices(0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_delegates_vote_is_told_with_who_how_and_why),
        TEST(it_is_told_once_whatever_is_counted_again_and_after_a_restart),
        TEST(votes_of_others_and_of_the_owner_are_not_told),
        TEST(a_new_delegate_is_looked_for_in_what_was_counted),
        TEST(votes_of_long_ago_are_no_news),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
