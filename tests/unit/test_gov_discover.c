/* Proposals that somebody claims there are: taken when they prove themselves, else refused. */
#include "governance/discovery/claim.h"
#include "governance/discovery/discover.h"
#include "governance/governor/votes.h"
#include "tests/unit/gov_world.h"

static struct {
    unsigned done;
    enum ht_err err;
    const char *code;
    struct ht_gov_item *item;
} got;

static void on_claimed(void *user, enum ht_err err, const struct ht_why *why,
                       struct ht_gov_item *item) {
    (void)user;
    got.done++;
    got.err = err;
    got.code = why->code;
    got.item = item;
}

static void claim(struct ht_community *community, ht_bytes data, uint64_t block) {
    const struct ht_gov_claim_of of = {.data = data, .block = block};
    memset(&got, 0, sizeof got);
    ht_gov_claim(community, &of, on_claimed, NULL);
    assert_int_equal(got.done, 1);
}

static void a_preimage_whose_hash_is_the_id_and_that_is_stored_is_taken_from_anybody(void **state) {
    struct ht_buf data;
    ht_u256 id;
    (void)state;
    struct ht_community *community = gw_community(1);
    gw_log(&data, &id, NULL, "# Dig a well", 990, 1090);
    gw_store(community, &id, 990, 100);
    claim(community, ht_buf_view(&data), 0);
    assert_int_equal(got.err, HT_OK);
    assert_string_equal(got.item->title, "Dig a well");
    assert_true(got.item->is_certified);
    assert_int_equal(gw.block_reads, 0);
    ht_buf_fini(&data);
}

static void one_that_is_not_stored_in_the_governor_is_refused(void **state) {
    struct ht_buf data;
    ht_u256 id;
    (void)state;
    struct ht_community *community = gw_community(1);
    gw_log(&data, &id, NULL, "never proposed", 990, 1090);
    claim(community, ht_buf_view(&data), 0);
    assert_int_equal(got.err, HT_EUNVERIFIED);
    assert_string_equal(got.code, "not_there");
    assert_int_equal(community->item_count, 0);
    ht_buf_fini(&data);
}

static void another_text_under_a_stored_id_is_refused(void **state) {
    struct ht_buf data, other;
    ht_u256 id, unused;
    (void)state;
    struct ht_community *community = gw_community(1);
    gw_log(&data, &id, NULL, "the true text", 990, 1090);
    gw_store(community, &id, 990, 100);
    gw_log(&other, &unused, &id, "a false text", 990, 1090);
    claim(community, ht_buf_view(&other), 0);
    assert_int_equal(got.err, HT_EUNVERIFIED);
    assert_string_equal(got.code, "proposal_hash");
    assert_int_equal(community->item_count, 0);
    ht_buf_fini(&data);
    ht_buf_fini(&other);
}

static void another_window_than_the_stored_one_is_refused(void **state) {
    struct ht_buf data;
    ht_u256 id;
    (void)state;
    struct ht_community *community = gw_community(1);
    gw_log(&data, &id, NULL, "shifted", 980, 1080);
    gw_store(community, &id, 990, 100);
    claim(community, ht_buf_view(&data), 0);
    assert_int_equal(got.err, HT_EUNVERIFIED);
    assert_string_equal(got.code, "proposal_state");
    ht_buf_fini(&data);
}

static void a_governor_with_another_code_is_not_believed(void **state) {
    struct ht_buf data;
    ht_u256 id;
    (void)state;
    struct ht_community *community = gw_community(1);
    gw_log(&data, &id, NULL, "x", 990, 1090);
    gw_store(community, &id, 990, 100);
    gw.code_hash.b[0] = 0xbb;
    claim(community, ht_buf_view(&data), 0);
    assert_int_equal(got.err, HT_EUNVERIFIED);
    assert_string_equal(got.code, "code_changed");
    ht_buf_fini(&data);
}

static void ids_that_are_numbers_need_their_block(void **state) {
    struct ht_buf data;
    ht_u256 hash, id = ht_u256_of(7);
    (void)state;
    struct ht_community *community = gw_community(1);
    community->profile.is_sequential = true;
    gw_log(&data, &hash, &id, "number seven", 990, 1090);
    gw_store(community, &id, 990, 100);
    claim(community, ht_buf_view(&data), 0);
    assert_string_equal(got.code, "needs_block");
    claim(community, ht_buf_view(&data), 980);
    assert_string_equal(got.code, "log_not_in_receipt");

    struct ht_log log = {.address = community->address,
                         .topic_count = 1,
                         .topics = {ht_gov_topic_proposal_created},
                         .data = ht_buf_view(&data)};
    const struct ht_receipt receipt = {.logs = &log, .log_count = 1};
    gw.receipts.list = &receipt;
    gw.receipts.count = 1;
    claim(community, ht_buf_view(&data), 980);
    assert_int_equal(got.err, HT_OK);
    assert_true(got.item->has_block && got.item->created_block == 980);
    assert_int_equal(got.item->created_s, GW_TIME);
    ht_buf_fini(&data);
}

static void a_look_alike_log_of_another_contract_proves_nothing(void **state) {
    struct ht_buf data;
    ht_u256 hash, id = ht_u256_of(7);
    (void)state;
    struct ht_community *community = gw_community(1);
    community->profile.is_sequential = true;
    gw_log(&data, &hash, &id, "number seven", 990, 1090);
    gw_store(community, &id, 990, 100);
    struct ht_log log = {.address = {{0xee}},
                         .topic_count = 1,
                         .topics = {ht_gov_topic_proposal_created},
                         .data = ht_buf_view(&data)};
    const struct ht_receipt receipt = {.logs = &log, .log_count = 1};
    gw.receipts.list = &receipt;
    gw.receipts.count = 1;
    claim(community, ht_buf_view(&data), 980);
    assert_string_equal(got.code, "log_not_in_receipt");
    assert_int_equal(community->item_count, 0);
    ht_buf_fini(&data);
}

static void junk_is_refused_without_a_question(void **state) {
    static const uint8_t junk[64] = {1, 2, 3};
    (void)state;
    struct ht_community *community = gw_community(1);
    claim(community, HT_BYTES(junk), 980);
    assert_int_equal(got.err, HT_EINPUT);
    assert_string_equal(got.code, "bad_proposal_log");
    assert_int_equal(gw.state_reads + gw.block_reads, 0);
}

static void a_list_is_complete_by_count_or_by_all_blocks_and_else_says_why_not(void **state) {
    struct ht_why why;
    (void)state;
    struct ht_community *community = gw_community(1);
    community->as_of.number = 1000;
    assert_false(ht_gov_discover_is_complete(community, &why));
    assert_string_equal(why.code, "not_looked");
    community->has_asked = true;
    assert_false(ht_gov_discover_is_complete(community, &why));
    assert_string_equal(why.code, "providers_word");
    community->has_scanned = true;
    community->scanned_from = 500, community->scanned_to = 990;
    assert_false(ht_gov_discover_is_complete(community, &why));
    assert_string_equal(why.code, "not_all_blocks");
    community->scanned_from = 0;
    assert_true(ht_gov_discover_is_complete(community, &why));
    community->has_scanned = false;
    community->is_enumerated = true;
    assert_true(ht_gov_discover_is_complete(community, &why));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, gw_start, gw_end)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_preimage_whose_hash_is_the_id_and_that_is_stored_is_taken_from_anybody),
        TEST(one_that_is_not_stored_in_the_governor_is_refused),
        TEST(another_text_under_a_stored_id_is_refused),
        TEST(another_window_than_the_stored_one_is_refused),
        TEST(a_governor_with_another_code_is_not_believed),
        TEST(ids_that_are_numbers_need_their_block),
        TEST(a_look_alike_log_of_another_contract_proves_nothing),
        TEST(junk_is_refused_without_a_question),
        TEST(a_list_is_complete_by_count_or_by_all_blocks_and_else_says_why_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
