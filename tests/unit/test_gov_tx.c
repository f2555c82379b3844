/* Hashes of the transactions in which votes are: only where the block has the vote. */
#include "governance/governor/votes.h"
#include "governance/methods_tx.h"
#include "tests/unit/gov_world.h"

static struct {
    struct ht_gov_tx tx;
    struct ht_gov_item *item;
    struct ht_log log;
    struct ht_receipt receipts[2];
    ht_hash32 hashes[2];
    uint8_t data[96];
    unsigned done;
} at;

static const ht_addr20 VOTER = {{0x70, [19] = 0x07}};

static void on_done(struct ht_gov_tx *tx) {
    (void)tx;
    at.done++;
}

/* The second transaction of the block at the head has a vote of VOTER on proposal 9. */
static void begin(void) {
    const ht_u256 id = ht_u256_of(9);
    const struct ht_gov_seen seen = {.id = &id};
    memset(&at, 0, sizeof at);
    struct ht_community *community = gw_community(1);
    at.item = ht_gov_item_see(community, &seen);
    at.log.address = community->address;
    at.log.topic_count = 2;
    at.log.topics[0] = ht_gov_topic_vote_cast;
    memcpy(at.log.topics[1].b + 12, VOTER.b, 20);
    at.data[31] = 9;
    at.log.data = HT_BYTES(at.data);
    at.receipts[1].logs = &at.log;
    at.receipts[1].log_count = 1;
    at.hashes[1].b[0] = 0xab;
    gw.receipts.list = at.receipts;
    gw.receipts.count = gw.body.count = 2;
    gw.body.hashes = at.hashes;
    at.tx = (struct ht_gov_tx){.item = at.item, .done = on_done};
}

static json_t *want(uint64_t block, uint32_t transaction) {
    const struct ht_gov_vote vote = {.voter = VOTER, .block = block, .transaction = transaction};
    json_t *row = json_pack("{s:n}", "tx");
    ht_gov_tx_want(&at.tx, row, &vote);
    return row;
}

static void expect_no_tx(json_t *row) {
    ht_gov_tx_read(&at.tx);
    assert_int_equal(at.done, 1);
    assert_true(json_is_null(json_object_get(row, "tx")));
    json_decref(row);
}

static void a_vote_has_the_hash_of_its_transaction(void **state) {
    (void)state;
    begin();
    json_t *row = want(GW_HEAD, 1);
    ht_gov_tx_read(&at.tx);
    assert_int_equal(at.done, 1);
    assert_string_equal(json_string_value(json_object_get(row, "tx")),
                        "0xab00000000000000000000000000000000000000000000000000000000000000");
    json_decref(row);
}

static void votes_of_one_block_share_one_read(void **state) {
    (void)state;
    begin();
    json_t *first = want(GW_HEAD, 1), *second = want(GW_HEAD, 1);
    ht_gov_tx_read(&at.tx);
    assert_int_equal(gw.block_reads, 1);
    assert_true(json_is_string(json_object_get(first, "tx")));
    assert_true(json_is_string(json_object_get(second, "tx")));
    json_decref(first);
    json_decref(second);
}

static void a_transaction_without_that_vote_is_not_named(void **state) {
    (void)state;
    begin();
    expect_no_tx(want(GW_HEAD, 0));
}

static void a_vote_on_another_proposal_is_not_taken_for_it(void **state) {
    (void)state;
    begin();
    at.data[31] = 8;
    expect_no_tx(want(GW_HEAD, 1));
}

static void a_vote_of_somebody_else_is_not_taken_for_it(void **state) {
    (void)state;
    begin();
    at.log.topics[1].b[31] ^= 1;
    expect_no_tx(want(GW_HEAD, 1));
}

static void an_index_beyond_the_block_is_left_out(void **state) {
    (void)state;
    begin();
    expect_no_tx(want(GW_HEAD, 2));
}

static void a_body_that_cannot_be_read_leaves_null(void **state) {
    (void)state;
    begin();
    gw.block_err = HT_ENET;
    expect_no_tx(want(GW_HEAD, 1));
}

static void at_most_so_many_blocks_are_read(void **state) {
    (void)state;
    begin();
    for (uint64_t i = 0; i < HT_GOV_TX_BLOCKS_MAX + 5; i++) json_decref(want(i + 1, 9));
    ht_gov_tx_read(&at.tx);
    assert_int_equal(at.done, 1);
    assert_int_equal(gw.block_reads, HT_GOV_TX_BLOCKS_MAX);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, gw_start, gw_end)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_vote_has_the_hash_of_its_transaction),
        TEST(votes_of_one_block_share_one_read),
        TEST(a_transaction_without_that_vote_is_not_named),
        TEST(a_vote_on_another_proposal_is_not_taken_for_it),
        TEST(a_vote_of_somebody_else_is_not_taken_for_it),
        TEST(an_index_beyond_the_block_is_left_out),
        TEST(a_body_that_cannot_be_read_leaves_null),
        TEST(at_most_so_many_blocks_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
