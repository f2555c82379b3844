/* Communities and their proposals: kept, found again, forgotten. */
#include "tests/unit/gov_world.h"

static struct ht_gov_item *see(struct ht_community *community, const char *text,
                               bool is_certified) {
    struct ht_buf data;
    struct ht_arena arena;
    ht_u256 id;
    struct ht_gov_proposal *proposal = calloc(1, sizeof *proposal);
    gw_log(&data, &id, NULL, text, 990, 1090);
    ht_arena_init(&arena, 65536);
    assert_int_equal(ht_gov_proposal_read(proposal, &arena, ht_buf_view(&data), NULL), HT_OK);
    const struct ht_gov_seen seen = {.id = &proposal->id,
                                     .proposal = proposal,
                                     .data = ht_buf_view(&data),
                                     .is_certified = is_certified,
                                     .has_block = true,
                                     .block = 980,
                                     .time_s = 5};
    struct ht_gov_item *item = ht_gov_item_see(community, &seen);
    ht_arena_fini(&arena);
    ht_buf_fini(&data);
    free(proposal);
    return item;
}

static void a_community_is_there_after_a_restart(void **state) {
    (void)state;
    struct ht_community *community = gw_community(1);
    (void)snprintf(community->label, sizeof community->label, "ours");
    community->has_scanned = community->has_asked = true;
    community->scanned_from = 3, community->scanned_to = 9;
    community->asked_from = 0, community->asked_to = 12;
    ht_community_keep(community, NULL, NULL);
    const ht_addr20 address = community->address;
    gw_restart();
    community = ht_community_find(&gw.governance, &address);
    assert_non_null(community);
    assert_string_equal(community->label, "ours");
    assert_int_equal(community->standing, HT_GOV_STANDS_PROBED);
    assert_int_equal(community->profile.layout.kind, HT_GOV_OZ5);
    assert_true(community->has_scanned && community->scanned_from == 3 &&
                community->scanned_to == 9);
    assert_true(community->has_asked && community->asked_to == 12);
}

static void the_same_community_is_not_followed_twice(void **state) {
    (void)state;
    struct ht_community *first = gw_community(1), *again = NULL;
    assert_int_equal(ht_community_new(&again, &gw.governance, &first->address, &gw.why), HT_EINPUT);
    assert_string_equal(gw.why.code, "already_followed");
}

static void there_is_room_for_so_many_communities(void **state) {
    struct ht_community *one = NULL;
    (void)state;
    for (unsigned i = 0; i < HT_COMMUNITIES_MAX; i++) (void)gw_community((uint8_t)i);
    const ht_addr20 more = {{1}};
    assert_int_equal(ht_community_new(&one, &gw.governance, &more, &gw.why), HT_ELIMIT);
    assert_string_equal(gw.why.code, "too_many_communities");
}

static void a_proposal_and_what_was_proven_of_it_are_there_after_a_restart(void **state) {
    (void)state;
    struct ht_community *community = gw_community(1);
    const ht_addr20 address = community->address;
    struct ht_gov_item *item = see(community, "# Plant a tree\nmore", true);
    assert_non_null(item);
    const ht_u256 id = item->id;
    item->provenance = HT_GOV_BY_PROOF;
    item->state = HT_GOV_EXECUTED;
    item->facts.in_favour = ht_u256_of(77);
    item->facts.deadline = 1090;
    item->has_quorum = true;
    item->quorum = ht_u256_of(5);
    item->as_of = (struct ht_gov_as_of){.number = 1000, .timestamp = 9, .is_final = true};
    item->told = 0x51;
    ht_gov_item_changed(item);
    gw_restart();
    item = ht_gov_item_find(ht_community_find(&gw.governance, &address), &id);
    assert_non_null(item);
    assert_string_equal(item->title, "Plant a tree");
    assert_true(item->is_certified && item->has_block && item->created_block == 980);
    assert_int_equal(item->provenance, HT_GOV_BY_PROOF);
    assert_int_equal(item->state, HT_GOV_EXECUTED);
    assert_int_equal(item->facts.in_favour.limb[0], 77);
    assert_true(item->has_quorum && item->quorum.limb[0] == 5);
    assert_int_equal(item->told, 0x51);
}

static void what_was_proven_with_a_profile_that_is_dropped_is_unverified(void **state) {
    struct ht_why why;
    (void)state;
    struct ht_community *community = gw_community(1);
    struct ht_gov_item *item = see(community, "x", true);
    item->provenance = HT_GOV_BY_PROOF;
    community->is_enumerated = true;
    (void)ht_fail(&why, HT_EUNVERIFIED, "code_changed", "another code");
    ht_community_distrust(community, &why);
    assert_int_equal(community->standing, HT_GOV_STANDS_NOT);
    assert_int_equal(item->provenance, HT_GOV_UNVERIFIED);
    assert_string_equal(item->why.code, "code_changed");
    assert_false(community->is_enumerated);
    const ht_addr20 address = community->address;
    const ht_u256 id = item->id;
    gw_restart();
    item = ht_gov_item_find(ht_community_find(&gw.governance, &address), &id);
    assert_int_equal(item->provenance, HT_GOV_UNVERIFIED);
}

static void a_forgotten_community_takes_its_proposals_with_it(void **state) {
    (void)state;
    struct ht_community *community = gw_community(1);
    const ht_addr20 address = community->address;
    const ht_u256 id = see(community, "gone", true)->id;
    ht_community_forget(community, NULL, NULL);
    assert_null(ht_community_find(&gw.governance, &address));
    assert_true(community->is_forgotten);
    struct ht_buf data;
    ht_buf_init(&data, 65536);
    assert_int_equal(ht_gov_item_sql_data(gw.db, &data, &address, &id, &gw.why), HT_ENOTFOUND);
    assert_string_equal(gw.why.code, "no_text");
    ht_buf_fini(&data);
}

static void a_community_that_is_followed_again_keeps_what_is_found_again(void **state) {
    struct ht_community *again = NULL;
    (void)state;
    struct ht_community *community = gw_community(1);
    const ht_addr20 address = community->address;
    (void)see(community, "twice", true);
    ht_community_forget(community, NULL, NULL);
    assert_int_equal(ht_community_new(&again, &gw.governance, &address, &gw.why), HT_OK);
    assert_ptr_equal(again, community);
    ht_community_keep(again, NULL, NULL);
    const ht_u256 id = see(again, "twice", true)->id;
    gw_restart();
    const struct ht_gov_item *item =
        ht_gov_item_find(ht_community_find(&gw.governance, &address), &id);
    assert_non_null(item);
    assert_string_equal(item->title, "twice");
}

static void times_of_blocks_are_estimates_and_times_of_seconds_are_not(void **state) {
    bool is_estimate = false;
    (void)state;
    struct ht_community *community = gw_community(1);
    const struct ht_gov_as_of as_of = {.number = 100, .timestamp = 5000};
    assert_int_equal(ht_gov_time_of(community, 110, &as_of, &is_estimate), 5120);
    assert_true(is_estimate);
    assert_int_equal(ht_gov_time_of(community, 90, &as_of, &is_estimate), 4880);
    assert_int_equal(ht_gov_time_of(community, 100, &as_of, &is_estimate), 5000);
    assert_false(is_estimate);
    community->profile.layout.clock = HT_GOV_TIME;
    assert_int_equal(ht_gov_time_of(community, 7777, &as_of, &is_estimate), 7777);
    assert_false(is_estimate);
}

static void params_name_a_community_and_a_proposal_or_are_refused(void **state) {
    struct ht_community *found = NULL;
    struct ht_gov_item *item = NULL;
    (void)state;
    (void)gw_community(1);
    json_t *params =
        json_pack("{s:s, s:s}", "address", "0xda00010000000000000000000000000000000000", "id", "5");
    assert_int_equal(ht_community_param(&found, NULL, &gw.governance, params, &gw.why), HT_OK);
    assert_int_equal(ht_community_param(&found, &item, &gw.governance, params, &gw.why),
                     HT_ENOTFOUND);
    assert_string_equal(gw.why.code, "no_such_proposal");
    json_object_set_new(params, "address",
                        json_string("0xda00020000000000000000000000000000000000"));
    assert_int_equal(ht_community_param(&found, NULL, &gw.governance, params, &gw.why),
                     HT_ENOTFOUND);
    assert_string_equal(gw.why.code, "no_such_community");
    json_decref(params);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, gw_start, gw_end)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_community_is_there_after_a_restart),
        TEST(the_same_community_is_not_followed_twice),
        TEST(there_is_room_for_so_many_communities),
        TEST(a_proposal_and_what_was_proven_of_it_are_there_after_a_restart),
        TEST(what_was_proven_with_a_profile_that_is_dropped_is_unverified),
        TEST(a_forgotten_community_takes_its_proposals_with_it),
        TEST(a_community_that_is_followed_again_keeps_what_is_found_again),
        TEST(times_of_blocks_are_estimates_and_times_of_seconds_are_not),
        TEST(params_name_a_community_and_a_proposal_or_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
