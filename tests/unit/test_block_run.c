/* Blocks step by step. */
#include "tests/unit/block_run_world.h"

#include "node/crypto/sha256.h"
#include "node/l1/execution/trie.h"

static const ht_hash32 PARENT = {{0xaa, 1}}, BEACON = {{0xbb, 2}};

/* Writes its input's first word to slot 0. */
static const uint8_t KEEPS[] = {0x5f, 0x35, 0x5f, 0x55};
/* Logs its input under the topic of a deposit. */
static const uint8_t DEPOSITS[] = {0x36, 0x5f, 0x5f, 0x37, 0x7f, 0x64, 0x9b, 0xbc, 0x62, 0xd0,
                                   0xe3, 0x13, 0x42, 0xaf, 0xea, 0x4e, 0x5c, 0xd8, 0x2d, 0x40,
                                   0x49, 0xe7, 0xe1, 0xee, 0x91, 0x2f, 0xc0, 0x88, 0x9a, 0xa7,
                                   0x90, 0x80, 0x3b, 0xe3, 0x90, 0x38, 0xc5, 0x36, 0x5f, 0xa1};
/* Answers one byte, 0x07, to whoever asks. */
static const uint8_t ASKS[] = {0x60, 0x07, 0x5f, 0x53, 0x60, 0x01, 0x5f, 0xf3};
static const uint8_t FAILS[] = {0xfe};

static void begin(struct ht_block_run *run) {
    struct ht_why why = {0};
    bw_begin();
    assert_int_equal(
        ht_block_run_begin(run, bw.evm, bw.world, &bw.rules, BW_GAS_LIMIT, &PARENT, &BEACON, &why),
        HT_OK);
}

static void transact(struct ht_block_run *run, const struct ht_transaction *tx) {
    struct ht_evm_outcome outcome;
    struct ht_why why = {0};
    enum ht_err err = ht_block_run_transaction(run, &outcome, tx, &BW_SENDER, NULL, &why);
    if (err != HT_OK) fail_msg("%s: %s", why.code, why.text);
}

static void end(struct ht_block_run *run) {
    struct ht_why why = {0};
    enum ht_err err = ht_block_run_end(run, NULL, 0, &why);
    if (err != HT_OK) fail_msg("%s: %s", why.code, why.text);
}

static void no_requests(ht_hash32 *out) {
    ht_sha256(out, (ht_bytes){0});
}

static void a_block_begins_by_telling_its_parents_to_the_protocols_contracts(void **state) {
    (void)state;
    struct ht_block_run run;
    bw_init(HT_EVM_PRAGUE);
    bw_code(&BW_BEACON_ROOTS, HT_BYTES(KEEPS));
    bw_code(&ht_history_address, HT_BYTES(KEEPS));
    begin(&run);
    ht_u256 beacon = bw_slot(&BW_BEACON_ROOTS, 0), parent = bw_slot(&ht_history_address, 0);
    ht_hash32 word;
    ht_u256_to_be(word.b, &beacon);
    assert_memory_equal(word.b, BEACON.b, 32);
    ht_u256_to_be(word.b, &parent);
    assert_memory_equal(word.b, PARENT.b, 32);
    ht_block_run_fini(&run);
}

static void before_their_forks_they_are_told_nothing(void **state) {
    (void)state;
    struct ht_block_run run;
    bw_init(HT_EVM_SHANGHAI);
    bw_code(&BW_BEACON_ROOTS, HT_BYTES(KEEPS));
    bw_code(&ht_history_address, HT_BYTES(KEEPS));
    begin(&run);
    ht_u256 beacon = bw_slot(&BW_BEACON_ROOTS, 0), parent = bw_slot(&ht_history_address, 0);
    assert_true(ht_u256_is_zero(&beacon) && ht_u256_is_zero(&parent));
    end(&run);
    assert_true(ht_hash32_is_zero(&run.requests_hash));
    ht_block_run_fini(&run);
}

static void an_empty_block_has_the_empty_roots(void **state) {
    (void)state;
    struct ht_block_run run;
    ht_hash32 none;
    bw_init(HT_EVM_PRAGUE);
    begin(&run);
    end(&run);
    no_requests(&none);
    assert_memory_equal(run.receipts_root.b, ht_trie_empty_root.b, 32);
    assert_memory_equal(run.requests_hash.b, none.b, 32);
    assert_int_equal(run.gas_used, 0);
    ht_block_run_fini(&run);
}

static void gas_adds_up_over_the_transactions(void **state) {
    (void)state;
    struct ht_block_run run;
    bw_init(HT_EVM_PRAGUE);
    begin(&run);
    for (uint64_t nonce = 0; nonce < 3; nonce++) {
        const struct ht_transaction tx = bw_transaction(nonce, &BW_MINER, (ht_bytes){0});
        transact(&run, &tx);
        assert_int_equal(run.gas_used, 21000 * (nonce + 1));
    }
    ht_block_run_fini(&run);
}

static void a_transaction_over_the_gas_that_is_left_is_refused(void **state) {
    (void)state;
    struct ht_block_run run;
    struct ht_evm_outcome outcome;
    struct ht_why why = {0};
    bw_init(HT_EVM_CANCUN);
    begin(&run);
    struct ht_transaction tx = bw_transaction(0, &BW_MINER, (ht_bytes){0});
    transact(&run, &tx);
    tx = bw_transaction(1, &BW_MINER, (ht_bytes){0});
    tx.gas_limit = BW_GAS_LIMIT - 20999;
    assert_int_equal(ht_block_run_transaction(&run, &outcome, &tx, &BW_SENDER, NULL, &why),
                     HT_EDENIED);
    assert_string_equal(why.code, "tx_gas_over_block");
    tx.gas_limit = BW_GAS_LIMIT - 21000;
    transact(&run, &tx);
    ht_block_run_fini(&run);
}

static void withdrawals_are_gwei_and_leave_no_empty_accounts(void **state) {
    (void)state;
    const struct ht_withdrawal withdrawals[] = {{.address = BW_MINER, .amount = 3},
                                                {.address = BW_MINER, .amount = 2},
                                                {.address = {{0x77}}, .amount = 0}};
    struct ht_block_run run;
    struct ht_evm_object *object = NULL;
    bw_init(HT_EVM_SHANGHAI);
    begin(&run);
    assert_int_equal(ht_block_run_end(&run, withdrawals, 3, NULL), HT_OK);
    assert_int_equal(ht_evm_world_find(&object, bw.world, &BW_MINER, NULL), HT_OK);
    assert_int_equal(object->account.balance.limb[0], 5000000000U);
    assert_int_equal(ht_evm_world_find(&object, bw.world, &withdrawals[2].address, NULL), HT_OK);
    assert_false(object->account.exists);
    ht_block_run_fini(&run);
}

/* --- requests ----------------------------------------------------------------------------------*/

/* The data of a deposit's log: parts filled with their own number. */
static void make_deposit(uint8_t data[static 576], uint8_t request[static 192]) {
    static const struct {
        size_t offset, n;
    } parts[] = {{160, 48}, {256, 32}, {320, 8}, {384, 96}, {512, 8}};
    memset(data, 0, 576);
    for (size_t i = 0; i < 5; i++) {
        data[32 * i + 30] = (uint8_t)(parts[i].offset >> 8);
        data[32 * i + 31] = (uint8_t)parts[i].offset;
        data[parts[i].offset + 31] = (uint8_t)parts[i].n;
        memset(data + parts[i].offset + 32, (int)i + 1, parts[i].n);
        memset(request, (int)i + 1, parts[i].n);
        request += parts[i].n;
    }
}

static void requests_hash(ht_hash32 *out, uint8_t type, ht_bytes data) {
    uint8_t request[200] = {type};
    ht_hash32 one;
    memcpy(request + 1, data.p, data.n);
    ht_sha256(&one, ht_bytes_of(request, data.n + 1));
    ht_sha256(out, HT_BYTES(one.b));
}

static void logs_of_deposits_become_requests(void **state) {
    (void)state;
    uint8_t data[576], request[192];
    struct ht_block_run run;
    ht_hash32 want;
    bw_init(HT_EVM_PRAGUE);
    bw_code(&BW_CONTRACT, HT_BYTES(DEPOSITS));
    begin(&run);
    make_deposit(data, request);
    const struct ht_transaction tx = bw_transaction(0, &BW_CONTRACT, HT_BYTES(data));
    transact(&run, &tx);
    end(&run);
    requests_hash(&want, 0, HT_BYTES(request));
    assert_memory_equal(run.requests_hash.b, want.b, 32);
    ht_block_run_fini(&run);
}

static void a_log_of_another_shape_from_the_deposit_contract_breaks_the_block(void **state) {
    (void)state;
    static const struct { size_t at, n; } damages[] = {{31, 576}, {160 + 31, 576}, {0, 575}};
    for (size_t i = 0; i < 3; i++) {
        uint8_t data[576], request[192];
        struct ht_block_run run;
        struct ht_evm_outcome outcome;
        struct ht_why why = {0};
        bw_init(HT_EVM_PRAGUE);
        bw_code(&BW_CONTRACT, HT_BYTES(DEPOSITS));
        begin(&run);
        make_deposit(data, request);
        data[damages[i].at] ^= damages[i].n == 576 ? 1 : 0;
        const struct ht_transaction tx =
            bw_transaction(0, &BW_CONTRACT, ht_bytes_of(data, damages[i].n));
        assert_int_equal(ht_block_run_transaction(&run, &outcome, &tx, &BW_SENDER, NULL, &why),
                         HT_EUNVERIFIED);
        assert_string_equal(why.code, "block_deposit");
        ht_block_run_fini(&run);
        (void)bw_end(NULL);
    }
}

static void what_the_withdrawal_contract_answers_is_a_request(void **state) {
    (void)state;
    static const uint8_t seven[] = {7};
    struct ht_block_run run;
    ht_hash32 want;
    bw_init(HT_EVM_PRAGUE);
    bw_code(&BW_WITHDRAWALS, HT_BYTES(ASKS));
    begin(&run);
    end(&run);
    requests_hash(&want, 1, HT_BYTES(seven));
    assert_memory_equal(run.requests_hash.b, want.b, 32);
    ht_block_run_fini(&run);
}

static void a_request_contract_that_fails_breaks_the_block(void **state) {
    (void)state;
    struct ht_block_run run;
    struct ht_why why = {0};
    bw_init(HT_EVM_PRAGUE);
    bw_code(&BW_WITHDRAWALS, HT_BYTES(FAILS));
    begin(&run);
    assert_int_equal(ht_block_run_end(&run, NULL, 0, &why), HT_EUNVERIFIED);
    assert_string_equal(why.code, "block_system_call");
    ht_block_run_fini(&run);
}

static void deposit_contracts_of_public_networks_are_known(void **state) {
    (void)state;
    assert_non_null(ht_block_deposit_contract(1));
    assert_ptr_equal(ht_block_deposit_contract(1), ht_block_deposit_contract(560048));
    assert_non_null(ht_block_deposit_contract(11155111));
    assert_null(ht_block_deposit_contract(31337));
}

#define TEST(name) cmocka_unit_test_teardown(name, bw_end)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_block_begins_by_telling_its_parents_to_the_protocols_contracts),
        TEST(before_their_forks_they_are_told_nothing),
        TEST(an_empty_block_has_the_empty_roots),
        TEST(gas_adds_up_over_the_transactions),
        TEST(a_transaction_over_the_gas_that_is_left_is_refused),
        TEST(withdrawals_are_gwei_and_leave_no_empty_accounts),
        TEST(logs_of_deposits_become_requests),
        TEST(a_log_of_another_shape_from_the_deposit_contract_breaks_the_block),
        TEST(what_the_withdrawal_contract_answers_is_a_request),
        TEST(a_request_contract_that_fails_breaks_the_block),
        cmocka_unit_test(deposit_contracts_of_public_networks_are_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
