/* Weights at the snapshot, proven together and compared with what the logs say. */
#include "governance/community/notices.h"
#include "governance/recount/recount_weights.h"
#include "governance/watch/watch.h"
#define GW_HAS_BLOCKS
#include "tests/unit/gov_world.h"

#define VOTERS 40U
#define SNAPSHOT 800U

static void publish(const struct ht_host *host, const char *topic) {
    (void)host, (void)topic;
}

static int start(void **state) {
    if (gw_start(state) != 0) return -1;
    gw.host.publish = publish;
    return ht_gov_notices_new(&gw.governance, gw.db, &gw.why) == HT_OK ? 0 : -1;
}

static int end(void **state) {
    ht_gov_notices_free(&gw.governance);
    return gw_end(state);
}

static ht_addr20 voter_of(size_t i) {
    return (ht_addr20){{0xa0, [18] = (uint8_t)(i >> 8), [19] = (uint8_t)i}};
}

/* One checkpoint, of votes since a block before the snapshot. */
static void give(const struct ht_community *community, const ht_addr20 *voter, uint8_t votes) {
    uint8_t one[32] = {[31] = 1}, checkpoint[32] = {[25] = votes, [30] = 1, [31] = 44};
    ht_hash32 key = {{0}}, array, slot;
    memcpy(key.b + 12, voter->b, 20);
    ht_gov_slot_map(&array, &key, &community->profile.token_layout.checkpoints);
    gw_set(&array, one);
    ht_gov_slot_data(&slot, &array);
    gw_set(&slot, checkpoint);
}

static struct ht_community *community_with_token(void) {
    struct ht_community *community = gw_community(1);
    community->profile.token.b[0] = 0x70;
    community->profile.token_layout = ht_gov_token_layout_upgradeable;
    return community;
}

/* A proposal at whose count `count` voters cast `each`, for. */
static struct ht_gov_item *counted(struct ht_community *community, size_t count, uint8_t each) {
    static uint8_t data[VOTERS][160];
    static ht_hash32 topics[VOTERS][2];
    static struct ht_gov_log logs[VOTERS];
    static const uint8_t bloom[HT_BLOOM_SIZE];
    const ht_u256 id = ht_u256_of(9);
    const struct ht_gov_seen seen = {.id = &id};
    struct ht_gov_item *item = ht_gov_item_see(community, &seen);
    memset(data, 0, sizeof data);
    for (size_t i = 0; i < count; i++) {
        ht_addr20 voter = voter_of(i);
        topics[i][0] = ht_gov_topic_vote_cast;
        memset(&topics[i][1], 0, 32);
        memcpy(topics[i][1].b + 12, voter.b, 20);
        data[i][31] = 9, data[i][63] = 1, data[i][95] = each, data[i][127] = 128;
        logs[i] = (struct ht_gov_log){.address = community->address,
                                      .topics = topics[i],
                                      .topic_count = 2,
                                      .data = HT_BYTES(data[i]),
                                      .log = (uint32_t)i};
    }
    const struct ht_gov_block block = {.number = 995,
                                       .time_s = GW_TIME - 60,
                                       .bloom = bloom,
                                       .has_receipts = true,
                                       .logs = logs,
                                       .log_count = count};
    item->provenance = HT_GOV_BY_PROOF;
    item->facts = (struct ht_gov_facts){.exists = true, .start = SNAPSHOT, .deadline = 1090};
    item->as_of = (struct ht_gov_as_of){.number = GW_HEAD, .timestamp = GW_TIME};
    item->recount = calloc(1, sizeof *item->recount);
    item->recount->shown = calloc(1, sizeof *item->recount->shown);
    struct ht_gov_counted *shown = item->recount->shown;
    shown->facts = item->facts;
    shown->as_of = item->as_of;
    shown->result.tally_proven = true;
    shown->result.votes = shown->result.voters = count;
    assert_int_equal(
        ht_gov_count_new(&shown->count, &community->profile.layout, &community->address, &id),
        HT_OK);
    assert_int_equal(ht_gov_count_block(shown->count, &block, &gw.why), HT_OK);
    return item;
}

static json_int_t number(const struct ht_gov_item *item, const char *name) {
    json_t *json = ht_gov_weights_json(item);
    json_int_t value = json_integer_value(json_object_get(json, name));
    json_decref(json);
    return value;
}

static void a_short_list_is_weighed_by_itself_in_few_proofs(void **state) {
    (void)state;
    struct ht_community *community = community_with_token();
    for (size_t i = 0; i < 30; i++) {
        ht_addr20 voter = voter_of(i);
        give(community, &voter, 5);
    }
    struct ht_gov_item *item = counted(community, 30, 5);
    ht_gov_weigh(item);
    /* The numbers of checkpoints, then the checkpoints. */
    assert_int_equal(gw.state_reads, 2);
    assert_int_equal(number(item, "done"), 30);
    assert_int_equal(number(item, "differ"), 0);
    size_t n = 0;
    json_t *row = json_object();
    const struct ht_gov_vote *votes = ht_gov_count_votes(item->recount->shown->count, &n);
    ht_gov_put_weight(row, item, &votes[3]);
    assert_true(json_is_true(json_object_get(row, "weight_proven")));
    assert_string_equal(json_string_value(json_object_get(row, "weight_at_snapshot")), "5");
    assert_string_equal(json_string_value(json_object_get(row, "weight_provenance")), "proven");
    json_decref(row);
    unsigned reads = gw.state_reads;
    ht_gov_weigh(item); /* what is long past is not asked again */
    assert_int_equal(gw.state_reads, reads);
}

static void a_weight_that_differs_is_an_alarm_and_one_notice(void **state) {
    json_t *result = NULL;
    const ht_addr20 liar = voter_of(1), fine = voter_of(0);
    (void)state;
    struct ht_community *community = community_with_token();
    give(community, &fine, 5);
    give(community, &liar, 4);
    struct ht_gov_item *item = counted(community, 2, 5);
    ht_gov_weigh(item);
    assert_int_equal(number(item, "differ"), 1);
    json_t *alarms = ht_gov_alarms_json(item);
    assert_int_equal(json_array_size(alarms), 1);
    const json_t *alarm = json_array_get(alarms, 0);
    assert_string_equal(json_string_value(json_object_get(alarm, "code")), "weight_differs");
    const char *voter = json_string_value(json_object_get(alarm, "voter"));
    assert_string_equal(voter + 40, "01");
    const char *text = json_string_value(json_object_get(alarm, "text"));
    assert_non_null(strstr(text, voter));
    assert_non_null(strstr(text, "weight of 5, but the token's own history gives it 4"));
    json_decref(alarms);
    ht_gov_weigh(item);
    assert_int_equal(ht_gov_notices_list(&gw.governance, &result, NULL, &gw.why), HT_OK);
    const json_t *list = json_object_get(result, "notices");
    assert_int_equal(json_array_size(list), 1);
    assert_string_equal(json_string_value(json_object_get(json_array_get(list, 0), "kind")),
                        "weight_differs");
    json_decref(result);
    assert_true((item->told & HT_GOV_TOLD_WEIGHT) != 0);
}

static void nothing_is_weighed_before_the_tally_is_proven(void **state) {
    (void)state;
    struct ht_gov_item *item = counted(community_with_token(), 2, 5);
    item->recount->shown->result.tally_proven = false;
    ht_gov_weigh(item);
    assert_int_equal(gw.state_reads, 0);
    assert_int_equal(number(item, "done"), 0);
}

static void a_longer_list_waits_until_it_is_asked_for(void **state) {
    (void)state;
    struct ht_gov_item *item = counted(community_with_token(), 2, 5);
    item->recount->shown->result.voters = HT_GOV_WEIGHTS_MAX + 1;
    ht_gov_weigh(item);
    assert_int_equal(gw.state_reads, 0);
}

static void what_may_be_reorganised_is_proven_again_later(void **state) {
    const ht_addr20 voter = voter_of(0);
    (void)state;
    struct ht_community *community = community_with_token();
    give(community, &voter, 5);
    struct ht_gov_item *item = counted(community, 1, 5);
    item->facts.start = item->recount->shown->facts.start = GW_HEAD - 10;
    ht_gov_weigh(item);
    unsigned reads = gw.state_reads;
    assert_true(reads > 0);
    ht_gov_weigh(item);
    assert_int_equal(gw.state_reads, reads);
    item->as_of.number += 100;
    gw.head.header.number += 100;
    ht_gov_weigh(item);
    assert_true(gw.state_reads > reads);
}

static struct {
    unsigned done;
    enum ht_err err;
    const char *code;
    size_t count;
} asked;

static void on_weighed(void *user, enum ht_err err, const struct ht_why *why,
                       const struct ht_gov_weight *weights, size_t count) {
    (void)user, (void)weights;
    asked.done++;
    asked.err = err;
    asked.code = why->code;
    asked.count = count;
}

static void what_is_asked_for_is_kept_with_the_rest(void **state) {
    const ht_addr20 voter = voter_of(1);
    (void)state;
    struct ht_community *community = community_with_token();
    give(community, &voter, 5);
    struct ht_gov_item *item = counted(community, 2, 5);
    ht_gov_weigh_these(item, &voter, 1, on_weighed, NULL);
    assert_int_equal(asked.err, HT_OK);
    assert_int_equal(asked.count, 1);
    assert_int_equal(number(item, "done"), 1);
    assert_null(ht_gov_weighed_of(item, &(ht_addr20){{0xa0}}));
    assert_non_null(ht_gov_weighed_of(item, &voter));
}

static void a_snapshot_to_come_has_no_weights(void **state) {
    const ht_addr20 voter = voter_of(1);
    (void)state;
    struct ht_gov_item *item = counted(community_with_token(), 2, 5);
    item->facts.start = GW_HEAD;
    ht_gov_weigh_these(item, &voter, 1, on_weighed, NULL);
    assert_int_equal(asked.err, HT_EAGAIN);
    assert_string_equal(asked.code, "snapshot_in_future");
}

static void so_many_voters_are_weighed_at_once(void **state) {
    static ht_addr20 voters[HT_GOV_WEIGHTS_MAX + 1];
    (void)state;
    struct ht_gov_item *item = counted(community_with_token(), 2, 5);
    ht_gov_weigh_these(item, voters, HT_GOV_WEIGHTS_MAX + 1, on_weighed, NULL);
    assert_int_equal(asked.err, HT_ELIMIT);
    assert_string_equal(asked.code, "too_many_voters");
}

static void one_voter_whose_history_makes_no_sense_keeps_nobody_else_out(void **state) {
    uint8_t senseless[32] = {[0] = 1};
    ht_hash32 key = {{0}}, array;
    const ht_addr20 fine = voter_of(0), odd = voter_of(1);
    (void)state;
    struct ht_community *community = community_with_token();
    give(community, &fine, 5);
    memcpy(key.b + 12, odd.b, 20);
    ht_gov_slot_map(&array, &key, &community->profile.token_layout.checkpoints);
    gw_set(&array, senseless);
    struct ht_gov_item *item = counted(community, 2, 5);
    ht_gov_weigh(item);
    assert_int_equal(number(item, "done"), 1);
    assert_int_equal(number(item, "differ"), 0);
    const struct ht_gov_weighed_voter *voter = ht_gov_weighed_of(item, &odd);
    assert_int_equal(voter->weight.err, HT_EUNVERIFIED);
    assert_string_equal(voter->weight.why.code, "wrong_layout");
}

/* --- what agrees ------------------------------------------------------------------------------ */

static void votes_in_parts_agree_up_to_the_whole(void **state) {
    struct ht_gov_vote vote = {.weight = ht_u256_of(3)};
    const ht_u256 five = ht_u256_of(5);
    struct ht_gov_cast cast = {.sum = ht_u256_of(5)};
    (void)state;
    assert_int_equal(ht_gov_weight_says(HT_GOV_SIMPLE, &vote, &cast, &five), HT_GOV_WEIGHT_DIFFERS);
    assert_int_equal(ht_gov_weight_says(HT_GOV_FRACTIONAL, &vote, &cast, &five),
                     HT_GOV_WEIGHT_AGREES);
    ht_gov_cast_add(&cast, &vote);
    assert_int_equal(ht_gov_weight_says(HT_GOV_FRACTIONAL, &vote, &cast, &five),
                     HT_GOV_WEIGHT_DIFFERS);
}

static void more_than_256_bits_are_more_than_anybody_has(void **state) {
    struct ht_gov_vote vote = {.weight = {{~0ULL, ~0ULL, ~0ULL, ~0ULL}}};
    const ht_u256 power = vote.weight;
    struct ht_gov_cast cast = {.is_over = false};
    (void)state;
    ht_gov_cast_add(&cast, &vote);
    assert_int_equal(ht_gov_weight_says(HT_GOV_OVERRIDABLE, &vote, &cast, &power),
                     HT_GOV_WEIGHT_AGREES);
    ht_gov_cast_add(&cast, &vote);
    assert_int_equal(ht_gov_weight_says(HT_GOV_OVERRIDABLE, &vote, &cast, &power),
                     HT_GOV_WEIGHT_DIFFERS);
}

static void overrides_are_not_judged_by_votes(void **state) {
    const struct ht_gov_vote vote = {.weight = ht_u256_of(3), .is_override = true};
    const ht_u256 one = ht_u256_of(1);
    struct ht_gov_cast cast = {.is_over = false};
    (void)state;
    ht_gov_cast_add(&cast, &vote);
    assert_true(ht_u256_is_zero(&cast.sum));
    assert_int_equal(ht_gov_weight_says(HT_GOV_OVERRIDABLE, &vote, &cast, &one),
                     HT_GOV_WEIGHT_UNKNOWN);
    assert_int_equal(ht_gov_weight_says(HT_GOV_SIMPLE, &vote, &cast, NULL), HT_GOV_WEIGHT_UNKNOWN);
    assert_int_equal(ht_gov_weighed_says(HT_GOV_SIMPLE, &vote, NULL), HT_GOV_WEIGHT_UNKNOWN);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_short_list_is_weighed_by_itself_in_few_proofs),
        TEST(a_weight_that_differs_is_an_alarm_and_one_notice),
        TEST(nothing_is_weighed_before_the_tally_is_proven),
        TEST(a_longer_list_waits_until_it_is_asked_for),
        TEST(what_may_be_reorganised_is_proven_again_later),
        TEST(what_is_asked_for_is_kept_with_the_rest),
        TEST(a_snapshot_to_come_has_no_weights),
        TEST(so_many_voters_are_weighed_at_once),
        TEST(one_voter_whose_history_makes_no_sense_keeps_nobody_else_out),
        cmocka_unit_test(votes_in_parts_agree_up_to_the_whole),
        cmocka_unit_test(more_than_256_bits_are_more_than_anybody_has),
        cmocka_unit_test(overrides_are_not_judged_by_votes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
