/* Transactions on a world: who may send, what is paid, what is refunded, what is left out. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "node/crypto/keccak.h"
#include "node/evm/transaction.h"
#include "tests/unit/evm_bench.h"

#define ETHER 1000000000000000000U
#define GWEI 1000000000U

static const struct ht_evm_leave_out NOTHING;

struct bench {
    struct evm_bench vm;
    struct ht_transaction tx;
    struct ht_evm_outcome outcome;
    ht_addr20 sender, to, coinbase;
};

/* A sender with an ether, a coinbase, 10 wei of base fee; the transaction is one that is taken. */
static void start(struct bench *bench, enum ht_evm_fork fork) {
    *bench = (struct bench){
        .sender = evm_address(0xaa), .to = evm_address(0xbb), .coinbase = evm_address(0xcc)};
    evm_bench_init(&bench->vm, fork);
    bench->vm.block.base_fee = ht_u256_of(10);
    bench->vm.block.blob_base_fee = ht_u256_of(3);
    bench->vm.block.coinbase = bench->coinbase;
    evm_bench_set(&bench->vm);
    (void)evm_put(&bench->vm, bench->sender, ETHER, NULL);
    bench->tx = (struct ht_transaction){.type = HT_TX_FEE_MARKET,
                                        .has_chain_id = true,
                                        .chain_id = 1,
                                        .gas_limit = 100000,
                                        .max_fee_per_gas = ht_u256_of(30),
                                        .max_priority_fee_per_gas = ht_u256_of(2),
                                        .to = bench->to};
}

static void stop(struct bench *bench) {
    evm_bench_fini(&bench->vm);
}

static struct ht_evm_object *find(struct bench *bench, ht_addr20 address) {
    struct ht_evm_object *object = NULL;
    assert_int_equal(ht_evm_world_find(&object, bench->vm.world, &address, NULL), HT_OK);
    return object;
}

static uint64_t wei_of(struct bench *bench, ht_addr20 address) {
    const struct ht_evm_object *object = find(bench, address);
    assert_true(ht_u256_is_u64(&object->account.balance));
    return object->account.balance.limb[0];
}

static enum ht_err send(struct bench *bench, const struct ht_evm_leave_out *leave_out) {
    return ht_evm_transact(bench->vm.evm, &bench->outcome, &bench->tx, &bench->sender, leave_out,
                           &bench->vm.why);
}

static void must_send(struct bench *bench) {
    if (send(bench, NULL) != HT_OK) fail_msg("%s: %s", bench->vm.why.code, bench->vm.why.text);
}

/* Refused for this reason, and the sender's account is as it was. */
static void must_refuse(struct bench *bench, const char *code) {
    struct ht_evm_account before = find(bench, bench->sender)->account;
    bench->vm.why.code = "";
    assert_int_equal(send(bench, NULL), HT_EDENIED);
    assert_string_equal(bench->vm.why.code, code);
    const struct ht_evm_account *after = &find(bench, bench->sender)->account;
    assert_int_equal(after->nonce, before.nonce);
    assert_true(ht_u256_equal(&after->balance, &before.balance));
}

static void set_nonce(struct bench *bench, ht_addr20 address, uint64_t nonce) {
    struct ht_evm_object *object = find(bench, address);
    struct ht_evm_account account = object->account;
    account.nonce = nonce;
    account.exists = true;
    assert_int_equal(ht_evm_world_override(bench->vm.world, object, &account, NULL), HT_OK);
}

static void transfer_pays_tip_to_the_coinbase_and_burns_the_base_fee(void **state) {
    (void)state;
    struct bench bench;
    start(&bench, HT_EVM_OSAKA);
    bench.tx.value = ht_u256_of(1000);
    must_send(&bench);
    assert_int_equal(bench.outcome.result.status, HT_EVM_SUCCESS);
    assert_int_equal(bench.outcome.gas_used, 21000);
    assert_int_equal(bench.outcome.effective_gas_price.limb[0], 12);
    assert_int_equal(wei_of(&bench, bench.sender), ETHER - 1000 - 21000 * 12);
    assert_int_equal(wei_of(&bench, bench.to), 1000);
    assert_int_equal(wei_of(&bench, bench.coinbase), 21000 * 2);
    assert_int_equal(find(&bench, bench.sender)->account.nonce, 1);
    stop(&bench);
}

static void before_london_the_coinbase_gets_all_of_it(void **state) {
    (void)state;
    struct bench bench;
    start(&bench, HT_EVM_BERLIN);
    bench.tx.type = HT_TX_LEGACY;
    bench.tx.gas_price = ht_u256_of(5); /* below what would be a base fee */
    bench.tx.max_fee_per_gas = bench.tx.max_priority_fee_per_gas = ht_u256_of(0);
    must_send(&bench);
    assert_int_equal(wei_of(&bench, bench.coinbase), 21000 * 5);
    stop(&bench);
}

static void coinbase_without_a_tip_does_not_come_into_being(void **state) {
    (void)state;
    struct bench bench;
    start(&bench, HT_EVM_OSAKA);
    bench.tx.max_fee_per_gas = ht_u256_of(10);
    bench.tx.max_priority_fee_per_gas = ht_u256_of(0);
    must_send(&bench);
    assert_false(find(&bench, bench.coinbase)->account.exists);
    stop(&bench);
}

static void failed_code_costs_all_gas_but_the_nonce_counts(void **state) {
    (void)state;
    struct bench bench;
    start(&bench, HT_EVM_OSAKA);
    (void)evm_put(&bench.vm, bench.to, 0, "PUSH1 01 PUSH1 00 SSTORE INVALID");
    bench.tx.value = ht_u256_of(7);
    must_send(&bench);
    assert_int_equal(bench.outcome.result.status, HT_EVM_BAD_INSTRUCTION);
    assert_int_equal(bench.outcome.gas_used, 100000);
    assert_int_equal(wei_of(&bench, bench.to), 0);
    assert_int_equal(wei_of(&bench, bench.sender), ETHER - 100000 * 12);
    assert_int_equal(find(&bench, bench.sender)->account.nonce, 1);
    stop(&bench);
}

static void what_accounts_say_against_a_transaction_refuses_it(void **state) {
    (void)state;
    struct bench bench;
    start(&bench, HT_EVM_OSAKA);
    set_nonce(&bench, bench.sender, 5);
    bench.tx.nonce = 4;
    must_refuse(&bench, "tx_nonce_too_low");
    bench.tx.nonce = 6;
    must_refuse(&bench, "tx_nonce_mismatch");
    bench.tx.nonce = 5;
    bench.tx.value = ht_u256_of(ETHER);
    must_refuse(&bench, "tx_no_funds");
    bench.tx.value = ht_u256_of(ETHER - 100000 * 30 + 1);
    must_refuse(&bench, "tx_no_funds"); /* the highest price counts */
    bench.tx.value = ht_u256_of(ETHER - 100000 * 30);
    must_send(&bench);
    (void)evm_put(&bench.vm, bench.sender, ETHER, "STOP");
    bench.tx.nonce = 0;
    bench.tx.value = ht_u256_of(0);
    must_refuse(&bench, "tx_sender_has_code");
    stop(&bench);
}

static void what_the_block_says_against_a_transaction_refuses_it(void **state) {
    (void)state;
    struct bench bench;
    start(&bench, HT_EVM_PRAGUE);
    bench.tx.max_fee_per_gas = ht_u256_of(9);
    must_refuse(&bench, "tx_fee_too_low");
    bench.tx.max_fee_per_gas = ht_u256_of(10);
    bench.tx.gas_limit = 30000001;
    must_refuse(&bench, "tx_gas_over_block");
    bench.tx.gas_limit = 20999;
    must_refuse(&bench, "tx_gas_too_low");
    bench.tx.gas_limit = 21000;
    bench.tx.chain_id = 2;
    must_refuse(&bench, "tx_wrong_chain");
    bench.tx.chain_id = 1;
    const ht_hash32 hash = {{1}};
    bench.tx.type = HT_TX_BLOB;
    bench.tx.blob_versioned_hashes = &hash;
    bench.tx.blob_count = 1;
    bench.tx.max_fee_per_blob_gas = ht_u256_of(2);
    must_refuse(&bench, "tx_blob_fee_too_low");
    bench.tx.max_fee_per_blob_gas = ht_u256_of(3);
    must_send(&bench);
    stop(&bench);
}

static void blobs_are_paid_for_and_burnt(void **state) {
    (void)state;
    struct bench bench;
    const ht_hash32 hashes[] = {{{1, 1}}, {{1, 2}}};
    start(&bench, HT_EVM_CANCUN);
    (void)evm_put(&bench.vm, bench.to, 0, "PUSH1 01 BLOBHASH PUSH1 00 SSTORE INVALID");
    bench.tx.type = HT_TX_BLOB;
    bench.tx.blob_versioned_hashes = hashes;
    bench.tx.blob_count = 2;
    bench.tx.max_fee_per_blob_gas = ht_u256_of(100);
    must_send(&bench);
    assert_int_equal(bench.outcome.blob_gas_used, 2 * HT_GAS_PER_BLOB);
    assert_int_equal(wei_of(&bench, bench.sender),
                     ETHER - 100000 * 12 - UINT64_C(3) * 2 * HT_GAS_PER_BLOB);
    assert_int_equal(wei_of(&bench, bench.coinbase), 100000 * 2);
    stop(&bench);
}

/* Clears ten slots: 4,800 of refund each since London, 15,000 before. */
static void run_clearing(struct bench *bench, enum ht_evm_fork fork) {
    start(bench, fork);
    struct ht_evm_object *object =
        evm_put(&bench->vm, bench->to, 0,
                "PUSH0 PUSH1 00 SSTORE PUSH0 PUSH1 01 SSTORE PUSH0 PUSH1 02 SSTORE "
                "PUSH0 PUSH1 03 SSTORE PUSH0 PUSH1 04 SSTORE PUSH0 PUSH1 05 SSTORE "
                "PUSH0 PUSH1 06 SSTORE PUSH0 PUSH1 07 SSTORE PUSH0 PUSH1 08 SSTORE");
    for (uint64_t i = 0; i < 9; i++) {
        ht_u256 key = ht_u256_of(i), one = ht_u256_of(1);
        assert_int_equal(ht_evm_world_override_slot(bench->vm.world, object, &key, &one), HT_OK);
    }
    must_send(bench);
    assert_int_equal(bench->outcome.result.status, HT_EVM_SUCCESS);
}

static void refund_is_a_fifth_of_the_gas_at_most(void **state) {
    (void)state;
    struct bench bench;
    run_clearing(&bench, HT_EVM_SHANGHAI);
    assert_int_equal(bench.outcome.gas_spent, 21000 + 9 * (2 + 3 + 5000));
    assert_int_equal(bench.outcome.gas_refunded, bench.outcome.gas_spent / 5);
    assert_int_equal(bench.outcome.gas_used, bench.outcome.gas_spent - bench.outcome.gas_refunded);
    assert_int_equal(wei_of(&bench, bench.sender), ETHER - bench.outcome.gas_used * 12);
    stop(&bench);
}

static void data_costs_its_floor_after_refunds(void **state) {
    (void)state;
    struct bench bench;
    static uint8_t data[1000];
    memset(data, 1, sizeof data);
    start(&bench, HT_EVM_PRAGUE);
    bench.tx.data = HT_BYTES(data);
    must_send(&bench);
    assert_int_equal(bench.outcome.gas_spent, 21000 + 16 * 1000);
    assert_int_equal(bench.outcome.gas_used, 21000 + 40 * 1000);
    bench.tx.nonce = 1;
    bench.tx.gas_limit = 21000 + 40 * 1000 - 1;
    must_refuse(&bench, "tx_gas_too_low");
    struct ht_evm_leave_out call = NOTHING;
    call.floor = true;
    assert_int_equal(send(&bench, &call), HT_OK);
    assert_int_equal(bench.outcome.gas_used, 21000 + 16 * 1000);
    stop(&bench);
}

static void creation_puts_code_at_the_address_of_the_nonce(void **state) {
    (void)state;
    struct bench bench;
    uint8_t code[64];
    ht_addr20 want;
    start(&bench, HT_EVM_OSAKA);
    size_t n = evm_assemble(code, sizeof code, "PUSH1 5b PUSH0 MSTORE8 PUSH1 01 PUSH0 RETURN");
    set_nonce(&bench, bench.sender, 4);
    bench.tx.is_creation = true;
    bench.tx.nonce = 4;
    bench.tx.value = ht_u256_of(9);
    bench.tx.data = ht_bytes_of(code, n);
    must_send(&bench);
    ht_evm_create_address(&want, &bench.sender, 4);
    assert_true(bench.outcome.has_created);
    assert_memory_equal(bench.outcome.result.created.b, want.b, 20);
    const struct ht_evm_object *object = find(&bench, want);
    assert_int_equal(object->account.nonce, 1);
    assert_int_equal(object->code_bytes.n, 1);
    assert_int_equal(wei_of(&bench, want), 9);
    assert_int_equal(find(&bench, bench.sender)->account.nonce, 5);
    stop(&bench);
}

static void access_list_and_coinbase_are_warm(void **state) {
    (void)state;
    struct bench bench;
    start(&bench, HT_EVM_OSAKA);
    const ht_hash32 keys[] = {{{[31] = 7}}};
    const struct ht_tx_access access[] = {{bench.to, keys, 1}, {evm_address(0x55), NULL, 0}};
    (void)evm_put(&bench.vm, bench.to, 0, "COINBASE BALANCE PUSH1 01 BALANCE PUSH1 07 SLOAD STOP");
    must_send(&bench);
    assert_int_equal(bench.outcome.gas_used, 21000 + 2 + 100 + 3 + 100 + 3 + 2100);
    bench.tx.nonce = 1;
    bench.tx.access_list = access;
    bench.tx.access_count = 2;
    must_send(&bench);
    assert_int_equal(bench.outcome.gas_used, 21000 + 2 * 2400 + 1900 + 2 + 100 + 3 + 100 + 3 + 100);
    stop(&bench);
}

static void calls_leave_out_what_they_are_told_to(void **state) {
    (void)state;
    struct bench bench;
    start(&bench, HT_EVM_OSAKA);
    struct ht_evm_leave_out call = {.fees = true, .nonce = true, .balance = true};
    (void)evm_put(&bench.vm, bench.to, 0,
                  "GASPRICE PUSH0 MSTORE CALLVALUE PUSH1 20 MSTORE "
                  "PUSH1 40 PUSH0 RETURN");
    bench.sender = evm_address(0x44); /* has nothing */
    bench.tx.nonce = 77;
    bench.tx.value = ht_u256_of(GWEI);
    unsigned asked = bench.vm.asked;
    assert_int_equal(send(&bench, &call), HT_OK);
    assert_int_equal(bench.vm.asked, asked + 1); /* of the sender; not of the coinbase */
    assert_int_equal(bench.outcome.result.output.n, 64);
    assert_int_equal(bench.outcome.result.output.p[31], 12);
    assert_int_equal(wei_of(&bench, bench.to), GWEI);
    assert_int_equal(wei_of(&bench, bench.sender), 0);
    call.balance = false;
    assert_int_equal(send(&bench, &call), HT_EDENIED);
    assert_string_equal(bench.vm.why.code, "tx_no_funds");
    call.balance = true;
    bench.tx.gas_limit = (1U << 24) + 1;
    assert_int_equal(send(&bench, &call), HT_EDENIED);
    assert_string_equal(bench.vm.why.code, "tx_gas_over_cap");
    call.gas_cap = true;
    assert_int_equal(send(&bench, &call), HT_OK);
    (void)evm_put(&bench.vm, bench.sender, 0, "STOP");
    assert_int_equal(send(&bench, &call), HT_EDENIED);
    assert_string_equal(bench.vm.why.code, "tx_sender_has_code");
    call.sender_code = true;
    assert_int_equal(send(&bench, &call), HT_OK);
    stop(&bench);
}

static void error_of_the_source_leaves_the_world_as_it_was(void **state) {
    (void)state;
    struct bench bench;
    start(&bench, HT_EVM_OSAKA);
    (void)evm_put(&bench.vm, bench.to, 0, "PUSH1 01 PUSH0 SSTORE PUSH1 99 BALANCE");
    bench.tx.value = ht_u256_of(5);
    bench.vm.is_broken = true;
    assert_int_equal(send(&bench, NULL), HT_EAGAIN);
    assert_string_equal(bench.vm.why.code, "missing");
    bench.vm.is_broken = false;
    assert_int_equal(wei_of(&bench, bench.sender), ETHER);
    assert_int_equal(wei_of(&bench, bench.to), 0);
    assert_int_equal(find(&bench, bench.sender)->account.nonce, 0);
    must_send(&bench);
    stop(&bench);
}

static void system_call_runs_for_nothing_and_does_nothing_without_code(void **state) {
    (void)state;
    struct bench bench;
    struct ht_evm_result result;
    const uint8_t input[32] = {[31] = 42};
    start(&bench, HT_EVM_PRAGUE);
    assert_int_equal(
        ht_evm_system_call(bench.vm.evm, &result, &bench.to, HT_BYTES(input), &bench.vm.why),
        HT_OK);
    assert_int_equal(result.status, HT_EVM_SUCCESS);
    assert_int_equal(result.output.n, 0);
    assert_false(find(&bench, bench.to)->account.exists);
    (void)evm_put(&bench.vm, bench.to, 0, "PUSH0 CALLDATALOAD CALLER SSTORE");
    assert_int_equal(
        ht_evm_system_call(bench.vm.evm, &result, &bench.to, HT_BYTES(input), &bench.vm.why),
        HT_OK);
    assert_int_equal(result.status, HT_EVM_SUCCESS);
    const struct ht_evm_slot *slot = find(&bench, bench.to)->all_slots;
    assert_non_null(slot);
    assert_int_equal(slot->value.limb[0], 42);
    assert_int_equal(slot->key.limb[0], 0xfffffffffffffffeU);
    assert_int_equal(find(&bench, bench.sender)->account.nonce, 0);
    stop(&bench);
}

/* --- EIP-7702 ---------------------------------------------------------------------------------*/

/* Signed with the key of ones for a nonce and chain. */
static struct ht_tx_authorization authorize(ht_addr20 address, uint64_t chain_id, uint64_t nonce) {
    struct ht_tx_authorization authorization = {
        .chain_id = ht_u256_of(chain_id), .address = address, .nonce = nonce};
    struct ht_ecdsa_signature signature;
    uint8_t key[32];
    uint8_t bytes[64] = {0x05};
    size_t n = 2;
    memset(key, 1, sizeof key);
    /* rlp([chain_id, address, nonce]) behind the magic byte, numbers below 0x80 */
    bytes[n++] = chain_id == 0 ? 0x80 : (uint8_t)chain_id;
    bytes[n++] = 0x94;
    memcpy(bytes + n, address.b, 20);
    n += 20;
    bytes[n++] = nonce == 0 ? 0x80 : (uint8_t)nonce;
    bytes[1] = (uint8_t)(0xc0 + n - 2);
    ht_hash32 digest;
    ht_keccak256(&digest, ht_bytes_of(bytes, n));
    assert_int_equal(ht_ecdsa_sign(&signature, &digest, key, NULL), HT_OK);
    authorization.y_parity = signature.y_parity;
    authorization.r = ht_u256_from_be32(signature.r);
    authorization.s = ht_u256_from_be32(signature.s);
    return authorization;
}

static ht_addr20 authority_of(const struct ht_tx_authorization *authorization) {
    ht_addr20 address;
    assert_int_equal(ht_tx_authority(&address, authorization, NULL), HT_OK);
    return address;
}

static void set_code_tx(struct bench *bench, const struct ht_tx_authorization *list, size_t count) {
    bench->tx.type = HT_TX_SET_CODE;
    bench->tx.authorization_list = list;
    bench->tx.authorization_count = count;
    bench->tx.gas_limit = 200000;
}

static void authorization_sets_code_and_nonce_even_when_the_code_fails(void **state) {
    (void)state;
    struct bench bench;
    start(&bench, HT_EVM_PRAGUE);
    (void)evm_put(&bench.vm, bench.to, 0, "INVALID");
    const struct ht_tx_authorization list[] = {authorize(bench.to, 1, 0)};
    ht_addr20 authority = authority_of(list), delegate;
    set_code_tx(&bench, list, 1);
    must_send(&bench);
    const struct ht_evm_object *object = find(&bench, authority);
    assert_int_equal(object->account.nonce, 1);
    assert_true(ht_evm_code_delegate(&delegate, object->code_bytes));
    assert_memory_equal(delegate.b, bench.to.b, 20);
    assert_int_equal(bench.outcome.result.status, HT_EVM_BAD_INSTRUCTION);
    stop(&bench);
}

static void existing_authority_is_refunded_and_new_one_is_not(void **state) {
    (void)state;
    struct bench bench;
    start(&bench, HT_EVM_PRAGUE);
    const struct ht_tx_authorization list[] = {authorize(bench.to, 0, 0)};
    ht_addr20 authority = authority_of(list);
    set_code_tx(&bench, list, 1);
    must_send(&bench);
    assert_int_equal(bench.outcome.gas_used, 21000 + 25000);
    stop(&bench);
    start(&bench, HT_EVM_PRAGUE);
    (void)evm_put(&bench.vm, authority, 1, NULL);
    set_code_tx(&bench, list, 1);
    must_send(&bench);
    assert_int_equal(bench.outcome.gas_refunded, (21000 + 25000) / 5);
    stop(&bench);
}

static void authorizations_that_do_not_hold_are_passed_over(void **state) {
    (void)state;
    struct bench bench;
    start(&bench, HT_EVM_PRAGUE);
    struct ht_tx_authorization list[] = {
        authorize(bench.to, 2, 0), /* another chain */
        authorize(bench.to, 1, 1), /* another nonce */
        authorize(bench.to, 1, 0), /* no signature, see below */
    };
    ht_addr20 authority = authority_of(&list[1]);
    list[2].r = ht_u256_of(0);
    set_code_tx(&bench, list, 3);
    must_send(&bench);
    assert_false(find(&bench, authority)->account.exists);
    assert_int_equal(find(&bench, authority)->account.nonce, 0);
    stop(&bench);
    start(&bench, HT_EVM_PRAGUE);
    list[0] = authorize(bench.to, 1, 0);
    (void)evm_put(&bench.vm, authority, 1, "STOP"); /* a contract cannot delegate */
    set_code_tx(&bench, list, 1);
    must_send(&bench);
    assert_int_equal(find(&bench, authority)->code_bytes.n, 1);
    stop(&bench);
}

static void delegation_to_nobody_takes_the_code_away_and_delegated_may_send(void **state) {
    (void)state;
    struct bench bench;
    start(&bench, HT_EVM_PRAGUE);
    const struct ht_tx_authorization list[] = {authorize(bench.to, 1, 0),
                                               authorize((ht_addr20){{0}}, 1, 2)};
    ht_addr20 authority = authority_of(list);
    (void)evm_put(&bench.vm, authority, ETHER, NULL);
    set_code_tx(&bench, list, 1);
    must_send(&bench);
    assert_true(ht_evm_object_has_code(find(&bench, authority)));
    bench.sender = authority;
    bench.tx.nonce = 1;
    set_code_tx(&bench, list + 1, 1);
    must_send(&bench);
    assert_false(ht_evm_object_has_code(find(&bench, authority)));
    assert_int_equal(find(&bench, authority)->account.nonce, 3);
    stop(&bench);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(transfer_pays_tip_to_the_coinbase_and_burns_the_base_fee),
        cmocka_unit_test(before_london_the_coinbase_gets_all_of_it),
        cmocka_unit_test(coinbase_without_a_tip_does_not_come_into_being),
        cmocka_unit_test(failed_code_costs_all_gas_but_the_nonce_counts),
        cmocka_unit_test(what_accounts_say_against_a_transaction_refuses_it),
        cmocka_unit_test(what_the_block_says_against_a_transaction_refuses_it),
        cmocka_unit_test(blobs_are_paid_for_and_burnt),
        cmocka_unit_test(refund_is_a_fifth_of_the_gas_at_most),
        cmocka_unit_test(data_costs_its_floor_after_refunds),
        cmocka_unit_test(creation_puts_code_at_the_address_of_the_nonce),
        cmocka_unit_test(access_list_and_coinbase_are_warm),
        cmocka_unit_test(calls_leave_out_what_they_are_told_to),
        cmocka_unit_test(error_of_the_source_leaves_the_world_as_it_was),
        cmocka_unit_test(system_call_runs_for_nothing_and_does_nothing_without_code),
        cmocka_unit_test(authorization_sets_code_and_nonce_even_when_the_code_fails),
        cmocka_unit_test(existing_authority_is_refunded_and_new_one_is_not),
        cmocka_unit_test(authorizations_that_do_not_hold_are_passed_over),
        cmocka_unit_test(delegation_to_nobody_takes_the_code_away_and_delegated_may_send),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
