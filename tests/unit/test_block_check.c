/* Whole blocks against their headers: one that is right, and each way to be wrong. */
#include "tests/unit/block_run_world.h"

#include "node/l1/execution/trie.h"

static const ht_hash32 NO_OMMERS = {{0x1d, 0xcc, 0x4d, 0xe8, 0xde, 0xc7, 0x5d, 0x7a,
                                     0xab, 0x85, 0xb5, 0x67, 0xb6, 0xcc, 0xd4, 0x1a,
                                     0xd3, 0x12, 0x45, 0x1b, 0x94, 0x8a, 0x74, 0x13,
                                     0xf0, 0xa1, 0x42, 0xfd, 0x40, 0xd4, 0x93, 0x47}};
static const uint8_t LOGS[] = {0x5f, 0x5f, 0xa0};

static struct {
    struct ht_exec_header parent, header;
    struct ht_transaction transactions[2];
    ht_addr20 senders[2];
    struct ht_withdrawal withdrawals[1];
    struct ht_block_content content;
} block;

static void make_parent(void) {
    block.parent = (struct ht_exec_header){.layout = HT_EXEC_LAYOUT_PRAGUE,
                                           .number = 7,
                                           .timestamp = 990,
                                           .gas_limit = BW_GAS_LIMIT,
                                           .gas_used = BW_GAS_LIMIT / 2,
                                           .base_fee_per_gas = ht_u256_of(7)};
}

/* The header of the block that executing the content makes. */
static void make_header(void) {
    struct ht_block_run run;
    struct ht_exec_header *header = &block.header;
    *header = (struct ht_exec_header){.layout = HT_EXEC_LAYOUT_PRAGUE,
                                      .ommers_hash = NO_OMMERS,
                                      .coinbase = BW_MINER,
                                      .number = 8,
                                      .timestamp = 1000,
                                      .gas_limit = BW_GAS_LIMIT,
                                      .base_fee_per_gas = ht_u256_of(7)};
    assert_int_equal(ht_exec_header_hash(&header->parent_hash, &block.parent), HT_OK);
    assert_int_equal(
        ht_block_transactions_root(&header->transactions_root, block.transactions, 2, NULL), HT_OK);
    assert_int_equal(
        ht_block_withdrawals_root(&header->withdrawals_root, block.withdrawals, 1, NULL), HT_OK);
    bw_begin();
    assert_int_equal(ht_block_run_begin(&run, bw.evm, bw.world, &bw.rules, BW_GAS_LIMIT,
                                        &header->parent_hash, &header->parent_beacon_block_root,
                                        NULL),
                     HT_OK);
    for (size_t i = 0; i < 2; i++) {
        struct ht_evm_outcome outcome;
        assert_int_equal(ht_block_run_transaction(&run, &outcome, &block.transactions[i],
                                                  &BW_SENDER, NULL, NULL),
                         HT_OK);
    }
    assert_int_equal(ht_block_run_end(&run, block.withdrawals, 1, NULL), HT_OK);
    assert_int_equal(ht_world_root(&header->state_root, &bw.state, bw.world, NULL), HT_OK);
    header->gas_used = run.gas_used;
    header->receipts_root = run.receipts_root;
    header->requests_hash = run.requests_hash;
    memcpy(header->logs_bloom, run.logs_bloom, sizeof header->logs_bloom);
    ht_block_run_fini(&run);
}

static int setup(void **state) {
    (void)state;
    bw_init(HT_EVM_PRAGUE);
    bw_code(&BW_CONTRACT, HT_BYTES(LOGS));
    make_parent();
    block.transactions[0] = bw_transaction(0, &BW_MINER, (ht_bytes){0});
    block.transactions[1] = bw_transaction(1, &BW_CONTRACT, (ht_bytes){0});
    block.senders[0] = block.senders[1] = BW_SENDER;
    block.withdrawals[0] = (struct ht_withdrawal){.index = 5, .address = BW_MINER, .amount = 9};
    block.content = (struct ht_block_content){.transactions = block.transactions,
                                              .senders = block.senders,
                                              .count = 2,
                                              .withdrawals = block.withdrawals,
                                              .withdrawal_count = 1};
    make_header();
    return 0;
}

static enum ht_err execute(struct ht_why *why) {
    bw_begin();
    return ht_block_execute(bw.evm, bw.world, &bw.state, &bw.rules, &block.header, &block.parent,
                            &block.content, NULL, why);
}

static void refused(enum ht_err err, const char *code) {
    struct ht_why why = {.code = ""};
    enum ht_err got = execute(&why);
    if (got != err || strcmp(why.code, code) != 0) {
        fail_msg("want %s, got error %d, %s: %s", code, (int)got, why.code, why.text);
    }
}

static void a_block_that_is_what_executing_gives_is_accepted(void **state) {
    (void)state;
    struct ht_why why = {0};
    enum ht_err err = execute(&why);
    if (err != HT_OK) fail_msg("%s: %s", why.code, why.text);
}

static void what_executing_does_not_give_is_refused_by_its_name(void **state) {
    (void)state;
    const struct {
        uint8_t *byte;
        const char *code;
    } damages[] = {
        {(uint8_t *)&block.header.gas_used, "block_gas_used"},
        {block.header.receipts_root.b, "block_receipts"},
        {block.header.logs_bloom, "block_bloom"},
        {block.header.requests_hash.b, "block_requests"},
        {block.header.state_root.b, "block_state_root"},
        {block.header.transactions_root.b, "block_transactions"},
        {block.header.withdrawals_root.b, "block_withdrawals"},
        {(uint8_t *)&block.header.blob_gas_used, "block_blob_gas_used"},
        {(uint8_t *)&block.header.excess_blob_gas, "block_excess_blob_gas"},
        {(uint8_t *)&block.header.base_fee_per_gas, "block_base_fee"},
        {block.header.parent_hash.b, "block_parent"},
        {(uint8_t *)&block.header.number, "block_parent"},
        {block.header.ommers_hash.b, "block_fields"},
        {block.header.nonce, "block_fields"},
        {(uint8_t *)&block.header.difficulty, "block_fields"},
    };
    for (size_t i = 0; i < sizeof damages / sizeof *damages; i++) {
        *damages[i].byte ^= 1;
        refused(HT_EUNVERIFIED, damages[i].code);
        *damages[i].byte ^= 1;
    }
}

static void bounds_of_gas_time_and_blobs_are_kept(void **state) {
    (void)state;
    block.header.gas_limit = BW_GAS_LIMIT + BW_GAS_LIMIT / 1024;
    refused(HT_EUNVERIFIED, "block_gas_limit");
    block.header.gas_limit = BW_GAS_LIMIT;
    block.header.gas_used = BW_GAS_LIMIT + 1;
    refused(HT_EUNVERIFIED, "block_gas_limit");
    make_header();
    block.header.timestamp = block.parent.timestamp;
    refused(HT_EUNVERIFIED, "block_parent");
    make_header();
    block.header.blob_gas_used = 10 * HT_GAS_PER_BLOB;
    refused(HT_EUNVERIFIED, "block_blobs");
}

static void blocks_from_before_the_merge_are_not_executed(void **state) {
    (void)state;
    bw.rules.evm = ht_evm_rules_of(HT_EVM_LONDON);
    refused(HT_EDENIED, "fork_not_run");
    struct ht_why why = {.code = ""};
    bw.rules.evm = NULL; /* a fork that is not known */
    assert_int_equal(ht_block_check_header(&block.header, &block.parent, &bw.rules, &why),
                     HT_EDENIED);
    assert_string_equal(why.code, "fork_not_run");
}

static void a_header_of_another_fork_is_refused(void **state) {
    (void)state;
    block.header.layout = HT_EXEC_LAYOUT_CANCUN;
    refused(HT_EUNVERIFIED, "block_fields");
}

static void a_transaction_that_the_block_cannot_hold_is_named(void **state) {
    (void)state;
    struct ht_why why = {.code = ""};
    block.transactions[1].nonce = 9;
    assert_int_equal(
        ht_block_transactions_root(&block.header.transactions_root, block.transactions, 2, NULL),
        HT_OK);
    assert_int_equal(execute(&why), HT_EDENIED);
    assert_string_equal(why.code, "tx_nonce_mismatch");
    assert_non_null(strstr(why.text, "transaction 1"));
}

static void the_block_that_code_sees_is_the_headers(void **state) {
    (void)state;
    struct ht_evm_block out;
    block.header.prev_randao = (ht_hash32){{9}};
    assert_int_equal(ht_block_of_header(&out, &block.header, &bw.rules, NULL), HT_OK);
    assert_int_equal(out.number, 8);
    assert_int_equal(out.chain_id, 1);
    assert_memory_equal(out.prev_randao.b, block.header.prev_randao.b, 32);
    assert_int_equal(out.blob_base_fee.limb[0], 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, bw_end)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_block_that_is_what_executing_gives_is_accepted),
        TEST(what_executing_does_not_give_is_refused_by_its_name),
        TEST(bounds_of_gas_time_and_blobs_are_kept),
        TEST(blocks_from_before_the_merge_are_not_executed),
        TEST(a_header_of_another_fork_is_refused),
        TEST(a_transaction_that_the_block_cannot_hold_is_named),
        TEST(the_block_that_code_sees_is_the_headers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
