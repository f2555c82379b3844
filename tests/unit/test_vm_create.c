/* Creations: addresses, deposits, refusals, and SELFDESTRUCT. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "node/base/hex.h"
#include "node/crypto/keccak.h"
#include "tests/unit/evm_bench.h"

#define PLENTY 10000000U
/* Creates with init code of up to 32 bytes, which stands in slot 0 of the creator, left-aligned. */
#define CREATE_FROM_SLOT "PUSH1 00 SLOAD PUSH1 00 MSTORE PUSH1 20 PUSH1 00 PUSH1 00 CREATE"
#define CREATE2_FROM_SLOT \
    "PUSH1 00 SLOAD PUSH1 00 MSTORE PUSH1 07 PUSH1 20 PUSH1 00 PUSH1 00 CREATE2"

static int set_up(void **state) {
    static struct evm_bench bench;
    evm_bench_init(&bench, HT_EVM_OSAKA);
    *state = &bench;
    return 0;
}

static int tear_down(void **state) {
    evm_bench_fini(*state);
    return 0;
}

static struct ht_evm_object *find(struct evm_bench *bench, ht_addr20 address) {
    struct ht_evm_object *object = NULL;
    assert_int_equal(ht_evm_world_find(&object, bench->world, &address, NULL), HT_OK);
    return object;
}

/* A creating transaction, whose sender's nonce is counted. */
static enum ht_evm_status create(struct evm_bench *bench, const char *init_code, uint64_t gas) {
    uint8_t code[4096];
    struct ht_evm_message message = {
        .kind = HT_EVM_CREATE,
        .sender = evm_address(0xaa),
        .gas = gas,
        .input = {code, evm_assemble(code, sizeof code, init_code)},
    };
    struct ht_evm_object *sender = find(bench, evm_address(0xaa));
    assert_int_equal(ht_evm_world_set_nonce(bench->world, sender, sender->account.nonce + 1),
                     HT_OK);
    assert_int_equal(evm_send(bench, &message), HT_OK);
    return bench->result.status;
}

/* An account that runs the program, with the init code in its slot 0. */
static struct ht_evm_object *put_creator(struct evm_bench *bench, const char *text,
                                         const char *init_code) {
    uint8_t word[32] = {0};
    (void)evm_assemble(word, sizeof word, init_code);
    struct ht_evm_object *object = evm_put(bench, evm_address(1), 0, text);
    ht_u256 key = ht_u256_of(0);
    ht_u256 value = ht_u256_from_be32(word);
    assert_int_equal(ht_evm_world_override_slot(bench->world, object, &key, &value), HT_OK);
    return object;
}

static ht_addr20 read_address(const char *hex) {
    ht_addr20 address;
    assert_int_equal(ht_hex_read(address.b, sizeof address.b, ht_bytes_str(hex)), HT_OK);
    return address;
}

/* --- addresses --------------------------------------------------------------------------------*/

static void create_addresses_come_of_sender_and_nonce(void **state) {
    (void)state;
    /* The published example: the first contracts of one account. */
    ht_addr20 sender = read_address("0x6ac7ea33f8831ea9dcc53393aaa88b25a785dbf0");
    static const char *const expected[] = {"0xcd234a471b72ba2f1ccf0a70fcaba648a5eecd8d",
                                           "0x343c43a37d37dff08ae8c4a11544c718abb4fcf8"};
    for (uint64_t nonce = 0; nonce < 2; nonce++) {
        ht_addr20 got;
        ht_addr20 want = read_address(expected[nonce]);
        ht_evm_create_address(&got, &sender, nonce);
        assert_memory_equal(got.b, want.b, sizeof got.b);
    }
}

/* What is hashed, written out: nonces of one byte, of a length byte and more, of eight. */
static void nonces_of_every_length_are_written_as_rlp(void **state) {
    (void)state;
    static const struct {
        uint64_t nonce;
        size_t n;
        uint8_t tail[9];
    } cases[] = {
        {0x7f, 1, {0x7f}},
        {0x80, 2, {0x81, 0x80}},
        {0x100, 3, {0x82, 0x01, 0x00}},
        {UINT64_MAX - 1, 9, {0x88, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe}},
    };
    ht_addr20 sender = evm_address(0xaa);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint8_t list[40] = {(uint8_t)(0xc0 + 21 + cases[i].n), 0x94};
        memcpy(list + 2, sender.b, sizeof sender.b);
        memcpy(list + 22, cases[i].tail, cases[i].n);
        ht_hash32 hash;
        ht_keccak256(&hash, ht_bytes_of(list, 22 + cases[i].n));
        ht_addr20 got;
        ht_evm_create_address(&got, &sender, cases[i].nonce);
        assert_memory_equal(got.b, hash.b + 12, sizeof got.b);
    }
}

static void create2_addresses_are_those_of_eip_1014(void **state) {
    (void)state;
    ht_addr20 sender = read_address("0xdeadbeef00000000000000000000000000000000");
    ht_addr20 want = read_address("0xb928f69bb1d91cd65274e3c79d8986362984fda3");
    static const uint8_t init_code[1] = {0};
    ht_hash32 salt = {{0}};
    ht_hash32 hash;
    ht_addr20 got;
    ht_keccak256(&hash, HT_BYTES(init_code));
    ht_evm_create2_address(&got, &sender, &salt, &hash);
    assert_memory_equal(got.b, want.b, sizeof got.b);
}

/* --- what is created --------------------------------------------------------------------------*/

static void a_creation_deposits_what_its_code_returns(void **state) {
    struct evm_bench *b = *state;
    ht_addr20 sender = evm_address(0xaa);
    ht_addr20 expected;
    ht_evm_create_address(&expected, &sender, 0);
    assert_int_equal(create(b, "PUSH1 01 PUSH1 00 MSTORE8 PUSH1 01 PUSH1 00 RETURN", 100000),
                     HT_EVM_SUCCESS);
    assert_memory_equal(b->result.created.b, expected.b, sizeof expected.b);
    /* 5 pushes, MSTORE8 with a word of memory, 200 a byte. */
    assert_int_equal(100000 - b->result.gas_left, 4 * 3 + 3 + 3 + 200);
    struct ht_evm_object *object = find(b, expected);
    assert_int_equal(object->account.nonce, 1);
    assert_int_equal(object->code_bytes.n, 1);
    assert_int_equal(object->code_bytes.p[0], 1);
    assert_true(object->is_created);
}

static void init_code_has_no_call_data(void **state) {
    struct evm_bench *b = *state;
    assert_int_equal(create(b, "CALLDATASIZE PUSH1 04 JUMPI STOP", 100000), HT_EVM_SUCCESS);
    assert_int_equal(create(b, "PUSH1 00 CALLDATALOAD PUSH1 ff JUMPI STOP", 100000),
                     HT_EVM_SUCCESS);
    assert_int_equal(create(b,
                            "PUSH1 20 PUSH1 00 PUSH1 00 CALLDATACOPY PUSH1 00 MLOAD PUSH1 ff "
                            "JUMPI STOP",
                            100000),
                     HT_EVM_SUCCESS);
}

static void code_that_begins_with_ef_is_refused(void **state) {
    struct evm_bench *b = *state;
    const char *returns_ef = "PUSH1 ef PUSH1 00 MSTORE8 PUSH1 01 PUSH1 00 RETURN";
    assert_int_equal(create(b, returns_ef, 100000), HT_EVM_CODE_REFUSED);
    assert_int_equal(b->result.gas_left, 0);
    assert_int_equal(find(b, b->result.created)->account.nonce, 0);
    b->fork = HT_EVM_BERLIN;
    evm_bench_set(b);
    assert_int_equal(create(b, returns_ef, 100000), HT_EVM_SUCCESS);
}

static void code_of_more_than_24576_bytes_is_refused(void **state) {
    struct evm_bench *b = *state;
    assert_int_equal(create(b, "PUSH2 60 00 PUSH1 00 RETURN", PLENTY), HT_EVM_SUCCESS);
    assert_int_equal(create(b, "PUSH2 60 01 PUSH1 00 RETURN", PLENTY), HT_EVM_CODE_REFUSED);
}

static void code_that_is_not_paid_for_is_out_of_gas(void **state) {
    struct evm_bench *b = *state;
    const char *returns_ten = "PUSH1 0a PUSH1 00 RETURN";
    assert_int_equal(create(b, returns_ten, 6 + 3 + 2000), HT_EVM_SUCCESS);
    assert_int_equal(create(b, returns_ten, 6 + 3 + 1999), HT_EVM_OUT_OF_GAS);
}

static void a_creator_gets_address_or_reason(void **state) {
    struct evm_bench *b = *state;
    /* Return data is the reason of a REVERT only. */
    (void)put_creator(b, CREATE_FROM_SLOT " RETURNDATASIZE ADD" EVM_RETURN,
                      "PUSH1 05 PUSH1 00 REVERT");
    assert_int_equal(evm_call(b, evm_address(1), PLENTY), HT_EVM_SUCCESS);
    assert_int_equal(evm_output(b).limb[0], 5);
    struct ht_evm_object *creator = put_creator(
        b, CREATE_FROM_SLOT " RETURNDATASIZE ADD" EVM_RETURN, "PUSH1 05 PUSH1 00 RETURN");
    assert_int_equal(evm_call(b, evm_address(1), PLENTY), HT_EVM_SUCCESS);
    ht_addr20 expected;
    ht_evm_create_address(&expected, &creator->address, 0);
    assert_memory_equal(b->result.output.p + 12, expected.b, sizeof expected.b);
    assert_int_equal(creator->account.nonce, 1);
}

static void a_second_contract_at_one_address_is_a_collision(void **state) {
    struct evm_bench *b = *state;
    (void)put_creator(b, CREATE2_FROM_SLOT " " CREATE2_FROM_SLOT EVM_RETURN, "STOP");
    assert_int_equal(evm_call(b, evm_address(1), 1000000), HT_EVM_SUCCESS);
    assert_int_equal(evm_output(b).limb[0], 0);
    assert_in_range(b->result.gas_left, 1, 1000000 / 64); /* it burnt its share */
    ht_addr20 sender = evm_address(0xaa);
    ht_addr20 taken;
    ht_evm_create_address(&taken, &sender, 0);
    (void)evm_put(b, taken, 0, "STOP");
    assert_int_equal(create(b, "STOP", 50000), HT_EVM_COLLISION);
    assert_int_equal(b->result.gas_left, 0);
    assert_memory_equal(b->result.created.b, taken.b, sizeof taken.b);
}

static void init_code_over_its_bound_is_out_of_gas(void **state) {
    struct evm_bench *b = *state;
    const char *largest = "PUSH2 c0 00 PUSH1 00 PUSH1 00 CREATE";
    const char *larger = "PUSH2 c0 01 PUSH1 00 PUSH1 00 CREATE";
    (void)evm_put(b, evm_address(1), 0, largest);
    (void)evm_put(b, evm_address(2), 0, larger);
    (void)evm_put(b, evm_address(3), 0, largest);
    assert_int_equal(evm_call(b, evm_address(1), PLENTY), HT_EVM_SUCCESS);
    uint64_t with = PLENTY - b->result.gas_left;
    assert_int_equal(evm_call(b, evm_address(2), PLENTY), HT_EVM_OUT_OF_GAS);
    b->fork = HT_EVM_PARIS;
    evm_bench_set(b);
    assert_int_equal(evm_call(b, evm_address(2), PLENTY), HT_EVM_SUCCESS);
    assert_int_equal(evm_call(b, evm_address(3), PLENTY), HT_EVM_SUCCESS);
    assert_int_equal(with - (PLENTY - b->result.gas_left), 2 * 0xc000 / 32); /* EIP-3860 */
}

static void a_nonce_at_its_end_creates_nothing(void **state) {
    struct evm_bench *b = *state;
    struct ht_evm_object *creator = put_creator(b, CREATE_FROM_SLOT EVM_RETURN, "STOP");
    struct ht_evm_account account = creator->account;
    account.nonce = UINT64_MAX;
    assert_int_equal(ht_evm_world_override(b->world, creator, &account, NULL), HT_OK);
    assert_int_equal(evm_call(b, evm_address(1), PLENTY), HT_EVM_SUCCESS);
    assert_int_equal(evm_output(b).limb[0], 0);
    assert_true(creator->account.nonce == UINT64_MAX);
    assert_in_range(b->result.gas_left, PLENTY - 40000, PLENTY); /* given back */
}

static void a_failed_creation_still_counts_the_nonce(void **state) {
    struct evm_bench *b = *state;
    struct ht_evm_object *creator = put_creator(b, CREATE_FROM_SLOT EVM_RETURN, "INVALID");
    assert_int_equal(evm_call(b, evm_address(1), PLENTY), HT_EVM_SUCCESS);
    assert_int_equal(evm_output(b).limb[0], 0);
    assert_int_equal(creator->account.nonce, 1);
}

/* --- SELFDESTRUCT -----------------------------------------------------------------------------*/

static void since_cancun_only_what_is_new_is_destroyed(void **state) {
    struct evm_bench *b = *state;
    struct ht_evm_object *old = evm_put(b, evm_address(2), 9, "PUSH1 77 SELFDESTRUCT");
    assert_int_equal(evm_call(b, evm_address(2), 100000), HT_EVM_SUCCESS);
    assert_false(old->is_destroyed);
    assert_true(ht_u256_is_zero(&old->account.balance));
    assert_int_equal(create(b, "PUSH1 77 SELFDESTRUCT", 100000), HT_EVM_SUCCESS);
    assert_true(find(b, b->result.created)->is_destroyed);
    b->fork = HT_EVM_SHANGHAI;
    evm_bench_set(b);
    assert_int_equal(evm_call(b, evm_address(2), 100000), HT_EVM_SUCCESS);
    assert_true(old->is_destroyed);
}

static void wei_sent_to_itself_stay_unless_the_account_goes(void **state) {
    struct evm_bench *b = *state;
    struct ht_evm_object *old = evm_put(b, evm_address(2), 9, "ADDRESS SELFDESTRUCT");
    assert_int_equal(evm_call(b, evm_address(2), 100000), HT_EVM_SUCCESS);
    assert_int_equal(old->account.balance.limb[0], 9);
    b->fork = HT_EVM_SHANGHAI;
    evm_bench_set(b);
    assert_int_equal(evm_call(b, evm_address(2), 100000), HT_EVM_SUCCESS);
    assert_true(ht_u256_is_zero(&old->account.balance));
}

static void a_beneficiary_costs_by_what_it_is(void **state) {
    struct evm_bench *b = *state;
    (void)evm_put(b, evm_address(2), 9, "ORIGIN SELFDESTRUCT");
    assert_int_equal(evm_call(b, evm_address(2), 100000), HT_EVM_SUCCESS);
    assert_int_equal(100000 - b->result.gas_left, 2 + 5000 + 2600);
    (void)evm_put(b, evm_address(2), 9, "PUSH1 77 SELFDESTRUCT");
    assert_int_equal(evm_call(b, evm_address(2), 100000), HT_EVM_SUCCESS);
    assert_int_equal(100000 - b->result.gas_left, 3 + 5000 + 2600 + 25000);
    (void)evm_put(b, evm_address(2), 0, "PUSH1 78 SELFDESTRUCT");
    assert_int_equal(evm_call(b, evm_address(2), 100000), HT_EVM_SUCCESS);
    assert_int_equal(100000 - b->result.gas_left, 3 + 5000 + 2600);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(create_addresses_come_of_sender_and_nonce),
        cmocka_unit_test(nonces_of_every_length_are_written_as_rlp),
        cmocka_unit_test(create2_addresses_are_those_of_eip_1014),
        TEST(a_creation_deposits_what_its_code_returns),
        TEST(init_code_has_no_call_data),
        TEST(code_that_begins_with_ef_is_refused),
        TEST(code_of_more_than_24576_bytes_is_refused),
        TEST(code_that_is_not_paid_for_is_out_of_gas),
        TEST(a_creator_gets_address_or_reason),
        TEST(a_second_contract_at_one_address_is_a_collision),
        TEST(init_code_over_its_bound_is_out_of_gas),
        TEST(a_nonce_at_its_end_creates_nothing),
        TEST(a_failed_creation_still_counts_the_nonce),
        TEST(since_cancun_only_what_is_new_is_destroyed),
        TEST(wei_sent_to_itself_stay_unless_the_account_goes),
        TEST(a_beneficiary_costs_by_what_it_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
