/* Calls: whose storage and wei, how much gas, what comes back, and who is told. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

#include "tests/unit/evm_bench.h"

/* Operands of calls to the address that ends in 02, without input: 32 bytes of output to 0. */
#define NO_INPUT "PUSH1 20 PUSH1 00 PUSH1 00 PUSH1 00 "
#define OTHER "PUSH20 11 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 02 "
#define CALL_OTHER NO_INPUT "PUSH1 00 " OTHER "GAS CALL"
#define STATICCALL_OTHER NO_INPUT OTHER "GAS STATICCALL"
#define DELEGATECALL_OTHER NO_INPUT OTHER "GAS DELEGATECALL"
#define CALLCODE_OTHER NO_INPUT "PUSH1 00 " OTHER "GAS CALLCODE"
#define ITS_WORD " POP PUSH1 00 MLOAD"

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

static uint64_t balance_of(struct evm_bench *bench, uint8_t last) {
    struct ht_evm_object *object = NULL;
    ht_addr20 address = evm_address(last);
    assert_int_equal(ht_evm_world_find(&object, bench->world, &address, NULL), HT_OK);
    return object->account.balance.limb[0];
}

static void a_call_answers_with_its_output(void **state) {
    struct evm_bench *b = *state;
    (void)evm_put(b, evm_address(2), 0, "PUSH1 2a" EVM_RETURN);
    assert_int_equal(evm_eval_u64(b, CALL_OTHER), 1);
    assert_int_equal(evm_eval_u64(b, CALL_OTHER ITS_WORD), 42);
    assert_int_equal(evm_eval_u64(b, CALL_OTHER " RETURNDATASIZE"), 32);
    assert_int_equal(evm_eval_u64(b, CALL_OTHER " PUSH1 1f PUSH1 01 PUSH1 01 RETURNDATACOPY "
                                                "PUSH1 01 MLOAD PUSH1 08 SHR"),
                     42);
}

static void return_data_is_the_last_calls(void **state) {
    struct evm_bench *b = *state;
    (void)evm_put(b, evm_address(2), 0, "PUSH1 2a" EVM_RETURN);
    assert_int_equal(evm_eval_u64(b, "RETURNDATASIZE"), 0);
    /* An account without code answers nothing. */
    assert_int_equal(evm_eval_u64(b, CALL_OTHER " PUSH1 00 PUSH1 00 PUSH1 00 PUSH1 00 PUSH1 00 "
                                                "PUSH1 77 GAS CALL POP RETURNDATASIZE"),
                     0);
}

static void reading_behind_the_return_data_burns_the_gas(void **state) {
    struct evm_bench *b = *state;
    (void)evm_put(b, evm_address(2), 0, "PUSH1 2a" EVM_RETURN);
    static const char *const bad[] = {
        "PUSH1 20 PUSH1 01 PUSH1 00 RETURNDATACOPY",
        "PUSH1 00 PUSH1 21 PUSH1 00 RETURNDATACOPY",
        "PUSH1 01 PUSH1 00 NOT PUSH1 00 RETURNDATACOPY",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char text[400];
        (void)snprintf(text, sizeof text, CALL_OTHER " %s", bad[i]);
        (void)evm_put(b, evm_address(1), 0, text);
        assert_int_equal(evm_call(b, evm_address(1), 1000000), HT_EVM_RETURN_DATA_BOUNDS);
    }
    assert_int_equal(evm_eval_u64(b, CALL_OTHER " PUSH1 00 PUSH1 20 PUSH1 00 RETURNDATACOPY"), 1);
}

static void a_revert_gives_gas_and_reason_back(void **state) {
    struct evm_bench *b = *state;
    (void)evm_put(b, evm_address(2), 0,
                  "PUSH1 01 PUSH1 05 SSTORE PUSH1 2a PUSH1 00 MSTORE "
                  "PUSH1 20 PUSH1 00 REVERT");
    assert_int_equal(evm_eval_u64(b, CALL_OTHER), 0);
    assert_int_equal(evm_eval_u64(b, CALL_OTHER ITS_WORD), 42);
    uint64_t gas = evm_gas(b, CALL_OTHER);
    assert_in_range(gas, 22100 + 2600, 22100 + 2600 + 100);
    assert_int_equal(evm_call(b, evm_address(2), 100000), HT_EVM_REVERT);
    assert_int_equal(evm_output(b).limb[0], 42);
    assert_in_range(b->result.gas_left, 77000, 77900);
}

static void a_failed_call_burns_what_it_was_given(void **state) {
    struct evm_bench *b = *state;
    (void)evm_put(b, evm_address(2), 0, "INVALID");
    assert_int_equal(evm_eval_u64(b, CALL_OTHER), 0);
    assert_int_equal(evm_eval_u64(b, CALL_OTHER " POP RETURNDATASIZE"), 0);
    /* A 64th stays (EIP-150). */
    (void)evm_put(b, evm_address(1), 0, CALL_OTHER " POP GAS" EVM_RETURN);
    assert_int_equal(evm_call(b, evm_address(1), 100000), HT_EVM_SUCCESS);
    assert_in_range(evm_output(b).limb[0], (100000 - 2700) / 64 - 4, (100000 - 2600) / 64);
}

static void a_call_gets_no_more_gas_than_asked(void **state) {
    struct evm_bench *b = *state;
    (void)evm_put(b, evm_address(2), 0, "GAS" EVM_RETURN);
    assert_int_equal(evm_eval_u64(b, NO_INPUT "PUSH1 00 " OTHER "PUSH2 13 88 CALL" ITS_WORD),
                     5000 - 2);
}

static void wei_move_with_a_call_and_carry_a_stipend(void **state) {
    struct evm_bench *b = *state;
    (void)evm_put(b, evm_address(2), 5, "GAS" EVM_RETURN);
    (void)evm_put(b, evm_address(1), 100,
                  NO_INPUT "PUSH1 07 " OTHER "PUSH1 00 CALL POP PUSH1 00 "
                           "MLOAD" EVM_RETURN);
    assert_int_equal(evm_call(b, evm_address(1), 100000), HT_EVM_SUCCESS);
    assert_int_equal(evm_output(b).limb[0], 2300 - 2);
    assert_int_equal(balance_of(b, 1), 93);
    assert_int_equal(balance_of(b, 2), 12);
}

static void wei_that_are_not_there_are_not_sent(void **state) {
    struct evm_bench *b = *state;
    (void)evm_put(b, evm_address(2), 5, "INVALID");
    (void)evm_put(b, evm_address(1), 6, NO_INPUT "PUSH1 07 " OTHER "PUSH2 ff ff CALL" EVM_RETURN);
    assert_int_equal(evm_call(b, evm_address(1), 100000), HT_EVM_SUCCESS);
    assert_int_equal(evm_output(b).limb[0], 0);
    assert_int_equal(balance_of(b, 1), 6);
    assert_in_range(b->result.gas_left, 80000, 100000); /* it was given back */
    struct ht_evm_message message = {.kind = HT_EVM_CALL,
                                     .sender = evm_address(0xaa),
                                     .to = evm_address(2),
                                     .code = evm_address(2),
                                     .value = ht_u256_of(1000001),
                                     .gas = 5000};
    assert_int_equal(evm_send(b, &message), HT_OK);
    assert_int_equal(b->result.status, HT_EVM_BALANCE_TOO_LOW);
    assert_int_equal(b->result.gas_left, 5000);
}

static void a_new_account_costs_more_when_wei_are_sent_to_it(void **state) {
    struct evm_bench *b = *state;
    struct ht_evm_object *rich =
        evm_put(b, evm_address(1), 100, NO_INPUT "PUSH1 01 " OTHER "PUSH1 00 CALL");
    assert_int_equal(evm_call(b, evm_address(1), 100000), HT_EVM_SUCCESS);
    uint64_t fresh = 100000 - b->result.gas_left;
    assert_int_equal(rich->account.balance.limb[0], 99);
    assert_int_equal(evm_call(b, evm_address(1), 100000), HT_EVM_SUCCESS);
    assert_int_equal(fresh - (100000 - b->result.gas_left), 25000);
}

static void a_delegatecall_runs_code_as_its_caller(void **state) {
    struct evm_bench *b = *state;
    (void)evm_put(b, evm_address(2), 0, "ADDRESS PUSH1 ff AND" EVM_RETURN);
    assert_int_equal(evm_eval_u64(b, CALL_OTHER ITS_WORD), 2);
    assert_int_equal(evm_eval_u64(b, DELEGATECALL_OTHER ITS_WORD), 1);
    assert_int_equal(evm_eval_u64(b, CALLCODE_OTHER ITS_WORD), 1);
    (void)evm_put(b, evm_address(2), 0, "CALLER PUSH1 ff AND" EVM_RETURN);
    assert_int_equal(evm_eval_u64(b, CALL_OTHER ITS_WORD), 1);
    assert_int_equal(evm_eval_u64(b, DELEGATECALL_OTHER ITS_WORD), 0xaa);
    assert_int_equal(evm_eval_u64(b, CALLCODE_OTHER ITS_WORD), 1);
    (void)evm_put(b, evm_address(2), 0, "PUSH1 09 PUSH1 05 SSTORE");
    assert_int_equal(evm_eval_u64(b, DELEGATECALL_OTHER " POP PUSH1 05 SLOAD"), 9);
    assert_int_equal(evm_eval_u64(b, CALL_OTHER " POP PUSH1 05 SLOAD"), 9);
}

static void a_static_call_writes_nothing(void **state) {
    struct evm_bench *b = *state;
    static const char *const writes[] = {
        "PUSH1 01 PUSH1 01 SSTORE",
        "PUSH1 01 PUSH1 01 TSTORE",
        "PUSH1 00 PUSH1 00 LOG0",
        "PUSH1 00 PUSH1 00 PUSH1 00 CREATE",
        "PUSH1 00 PUSH1 00 PUSH1 00 PUSH1 00 CREATE2",
        "PUSH1 00 SELFDESTRUCT",
        "PUSH1 00 PUSH1 00 PUSH1 00 PUSH1 00 PUSH1 01 PUSH1 77 GAS CALL",
    };
    for (size_t i = 0; i < sizeof writes / sizeof *writes; i++) {
        (void)evm_put(b, evm_address(2), 10, writes[i]);
        assert_int_equal(evm_eval_u64(b, STATICCALL_OTHER), 0);
        assert_int_equal(evm_eval_u64(b, CALL_OTHER), 1);
        struct ht_evm_message message = {.kind = HT_EVM_CALL,
                                         .sender = evm_address(0xaa),
                                         .to = evm_address(2),
                                         .code = evm_address(2),
                                         .is_static = true,
                                         .gas = 1000000};
        assert_int_equal(evm_send(b, &message), HT_OK);
        assert_int_equal(b->result.status, HT_EVM_STATIC_WRITE);
        assert_int_equal(b->result.gas_left, 0);
    }
    (void)evm_put(b, evm_address(2), 10,
                  "PUSH1 00 PUSH1 00 PUSH1 00 PUSH1 00 PUSH1 00 PUSH1 77 GAS CALL");
    assert_int_equal(evm_eval_u64(b, STATICCALL_OTHER), 1);
}

static void calls_go_1024_deep(void **state) {
    struct evm_bench *b = *state;
    /* Counts its depth in slot 0 and calls itself with nearly all gas. */
    (void)evm_put(b, evm_address(1), 0,
                  "PUSH1 00 SLOAD PUSH1 01 ADD PUSH1 00 SSTORE PUSH1 00 PUSH1 00 PUSH1 00 "
                  "PUSH1 00 PUSH1 00 ADDRESS GAS CALL POP PUSH1 00 SLOAD" EVM_RETURN);
    /* The 64ths that stay behind leave a ten-millionth for the deepest. */
    assert_int_equal(evm_call(b, evm_address(1), (uint64_t)1 << 42), HT_EVM_SUCCESS);
    assert_int_equal(evm_output(b).limb[0], 1025);
}

static void a_precompile_is_called_like_a_contract(void **state) {
    struct evm_bench *b = *state;
    (void)evm_put(b, evm_address(1), 0,
                  "PUSH1 2a PUSH1 00 MSTORE PUSH1 20 PUSH1 40 PUSH1 20 PUSH1 00 PUSH1 04 GAS "
                  "STATICCALL PUSH1 40 MLOAD ADD" EVM_RETURN);
    b->asked = 0;
    assert_int_equal(evm_call(b, evm_address(1), 100000), HT_EVM_SUCCESS);
    assert_int_equal(evm_output(b).limb[0], 43);
    assert_int_equal(b->asked, 0); /* nobody was asked for the account of a precompile */
    assert_int_equal(evm_eval_u64(b, "PUSH1 00 PUSH1 00 PUSH1 20 PUSH1 00 PUSH1 04 PUSH1 11 "
                                     "STATICCALL"),
                     0); /* 17 gas, 18 are needed */
}

static void put_delegation(struct evm_bench *b, uint8_t from, uint8_t to) {
    uint8_t code[23] = {0xef, 0x01, 0x00};
    ht_addr20 target = evm_address(to);
    memcpy(code + 3, target.b, sizeof target.b);
    (void)evm_put_code(b, evm_address(from), HT_BYTES(code));
}

static void a_delegation_is_followed_one_step(void **state) {
    struct evm_bench *b = *state;
    put_delegation(b, 2, 3);
    (void)evm_put(b, evm_address(3), 0, "ADDRESS PUSH1 ff AND" EVM_RETURN);
    assert_int_equal(evm_eval_u64(b, CALL_OTHER ITS_WORD), 2);
    /* Both accounts are cold. */
    uint64_t delegating = evm_gas(b, CALL_OTHER);
    (void)evm_put(b, evm_address(2), 0, "ADDRESS PUSH1 ff AND" EVM_RETURN);
    assert_int_equal(delegating - evm_gas(b, CALL_OTHER), 2600);
    /* The second indicator is code, and no good one. */
    put_delegation(b, 2, 3);
    put_delegation(b, 3, 4);
    assert_int_equal(evm_eval_u64(b, CALL_OTHER), 0);
    assert_int_equal(evm_call(b, evm_address(2), 100000), HT_EVM_BAD_INSTRUCTION);
    /* Its code is the indicator to all who look (EIP-7702). */
    assert_int_equal(evm_eval_u64(b, OTHER "EXTCODESIZE"), 23);
}

static void code_that_its_caller_chose_is_not_followed(void **state) {
    struct evm_bench *b = *state;
    put_delegation(b, 2, 3);
    (void)evm_put(b, evm_address(3), 0, "ADDRESS PUSH1 ff AND" EVM_RETURN);
    struct ht_evm_message message = {.kind = HT_EVM_CALL,
                                     .sender = evm_address(0xaa),
                                     .to = evm_address(2),
                                     .code = evm_address(3),
                                     .gas = 100000};
    assert_int_equal(evm_send(b, &message), HT_OK);
    assert_int_equal(b->result.status, HT_EVM_SUCCESS);
    assert_int_equal(evm_output(b).limb[0], 2);
    message.to = evm_address(9);
    message.code = evm_address(2);
    assert_int_equal(evm_send(b, &message), HT_OK);
    assert_int_equal(b->result.status, HT_EVM_BAD_INSTRUCTION);
    /* Nor does a precompile run for somebody else. */
    message.code = (ht_addr20){.b = {[19] = 4}};
    assert_int_equal(evm_send(b, &message), HT_OK);
    assert_int_equal(b->result.status, HT_EVM_SUCCESS);
    assert_int_equal(b->result.gas_left, 100000);
}

static void a_precompile_can_be_moved(void **state) {
    struct evm_bench *b = *state;
    const struct ht_evm_precompile_place places[] = {{evm_address(2), 4}, {{.b = {[19] = 4}}, 0}};
    ht_evm_set_precompiles(b->evm, places, 2);
    (void)evm_put(b, evm_address(1), 0,
                  "PUSH1 2a PUSH1 00 MSTORE PUSH1 20 PUSH1 20 PUSH1 20 PUSH1 00 " OTHER
                  "GAS STATICCALL POP PUSH1 20 MLOAD" EVM_RETURN);
    assert_int_equal(evm_call(b, evm_address(1), 100000), HT_EVM_SUCCESS);
    assert_int_equal(evm_output(b).limb[0], 42);
    const char *old_place = "PUSH1 00 PUSH1 00 PUSH1 20 PUSH1 00 PUSH1 04 GAS STATICCALL POP "
                            "RETURNDATASIZE";
    assert_int_equal(evm_eval_u64(b, old_place), 0);
    evm_bench_set(b);
    assert_int_equal(evm_eval_u64(b, old_place), 32);
}

static void an_error_inside_a_creation_leaves_a_machine_as_good_as_new(void **state) {
    struct evm_bench *b = *state;
    (void)evm_put(b, evm_address(2), 0, "PUSH1 2a" EVM_RETURN);
    (void)evm_put(b, evm_address(1), 0, /* the init code is PUSH1 77 BALANCE */
                  "PUSH3 60 77 31 PUSH1 00 MSTORE PUSH1 03 PUSH1 1d PUSH1 00 CREATE");
    ht_addr20 creator = evm_address(1);
    ht_addr20 created;
    struct ht_evm_object *object = NULL;
    ht_evm_create_address(&created, &creator, 0);
    assert_int_equal(ht_evm_world_find(&object, b->world, &created, NULL), HT_OK);
    struct ht_evm_message message = {.kind = HT_EVM_CALL,
                                     .sender = evm_address(0xaa),
                                     .to = creator,
                                     .code = creator,
                                     .gas = 1000000};
    b->is_broken = true;
    assert_int_equal(evm_send(b, &message), HT_EAGAIN);
    b->is_broken = false;
    assert_int_equal(object->account.nonce, 0);
    assert_false(object->is_created);
    assert_int_equal(evm_eval_u64(b, CALL_OTHER ITS_WORD), 42);
}

static void before_prague_a_delegation_is_bad_code(void **state) {
    struct evm_bench *b = *state;
    put_delegation(b, 2, 3);
    b->fork = HT_EVM_CANCUN;
    evm_bench_set(b);
    assert_int_equal(evm_call(b, evm_address(2), 100000), HT_EVM_BAD_INSTRUCTION);
}

static void an_error_of_the_source_leaves_the_world_as_it_was(void **state) {
    struct evm_bench *b = *state;
    (void)evm_put(b, evm_address(1), 50,
                  "PUSH1 01 PUSH1 00 SSTORE " NO_INPUT "PUSH1 07 " OTHER "GAS CALL");
    struct ht_evm_message message = {.kind = HT_EVM_CALL,
                                     .sender = evm_address(0xaa),
                                     .to = evm_address(1),
                                     .code = evm_address(1),
                                     .value = ht_u256_of(5),
                                     .gas = 1000000};
    b->is_broken = true;
    assert_int_equal(evm_send(b, &message), HT_EAGAIN);
    assert_string_equal(b->why.code, "missing");
    assert_int_equal(balance_of(b, 1), 50);
    assert_int_equal(balance_of(b, 0xaa), 1000000);
    b->is_broken = false;
    assert_int_equal(evm_eval_u64(b, "PUSH1 00 SLOAD"), 0);
}

/* --- who is told ------------------------------------------------------------------------------*/

static char told[1000];

static void tell(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static void tell(const char *fmt, ...) {
    va_list ap;
    va_start(ap, fmt);
    size_t n = strlen(told);
    (void)vsnprintf(told + n, sizeof told - n, fmt, ap);
    va_end(ap);
}

static void on_enter(void *user, unsigned depth, const struct ht_evm_message *message) {
    (void)user;
    tell("%u>%02x:%d ", depth, message->to.b[19], (int)message->kind);
}

static void on_leave(void *user, unsigned depth, const struct ht_evm_result *result,
                     uint64_t gas_used) {
    (void)user;
    tell("%u<%d,%zu,%llu ", depth, (int)result->status, result->output.n,
         (unsigned long long)gas_used);
}

static void on_log(void *user, unsigned depth, const struct ht_evm_log *log) {
    (void)user;
    tell("%u log %zu %02x ", depth, log->topic_count, log->topics[0].b[31]);
}

static void on_destroy(void *user, unsigned depth, const ht_addr20 *account,
                       const ht_addr20 *beneficiary, const ht_u256 *wei) {
    (void)user;
    tell("%u %02x->%02x %llu ", depth, account->b[19], beneficiary->b[19],
         (unsigned long long)wei->limb[0]);
}

static void an_observer_sees_each_frame(void **state) {
    struct evm_bench *b = *state;
    b->observer = (struct ht_evm_observer){on_enter, on_leave, on_log, on_destroy, NULL};
    evm_bench_set(b);
    (void)evm_put(b, evm_address(2), 3, "PUSH1 05 PUSH1 00 PUSH1 00 LOG1 PUSH1 09 SELFDESTRUCT");
    (void)evm_put(b, evm_address(1), 0,
                  CALL_OTHER " POP PUSH1 00 PUSH1 00 PUSH1 00 PUSH1 00 PUSH1 04 PUSH2 01 00 "
                             "STATICCALL POP " NO_INPUT "PUSH1 01 " OTHER "PUSH1 00 CALL");
    told[0] = '\0';
    assert_int_equal(evm_call(b, evm_address(1), 1000000), HT_EVM_SUCCESS);
    assert_non_null(strstr(told, "0>01:0 1>02:0 1 log 1 05 1 02->09 3 1<0,0,"));
    /* The last call is refused: there is no wei to send. */
    assert_non_null(strstr(told, "1>02:0 1<13,0,0 0<0,0,"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_call_answers_with_its_output),
        TEST(return_data_is_the_last_calls),
        TEST(reading_behind_the_return_data_burns_the_gas),
        TEST(a_revert_gives_gas_and_reason_back),
        TEST(a_failed_call_burns_what_it_was_given),
        TEST(a_call_gets_no_more_gas_than_asked),
        TEST(wei_move_with_a_call_and_carry_a_stipend),
        TEST(wei_that_are_not_there_are_not_sent),
        TEST(a_new_account_costs_more_when_wei_are_sent_to_it),
        TEST(a_delegatecall_runs_code_as_its_caller),
        TEST(a_static_call_writes_nothing),
        TEST(calls_go_1024_deep),
        TEST(a_precompile_is_called_like_a_contract),
        TEST(a_delegation_is_followed_one_step),
        TEST(code_that_its_caller_chose_is_not_followed),
        TEST(a_precompile_can_be_moved),
        TEST(an_error_inside_a_creation_leaves_a_machine_as_good_as_new),
        TEST(before_prague_a_delegation_is_bad_code),
        TEST(an_error_of_the_source_leaves_the_world_as_it_was),
        TEST(an_observer_sees_each_frame),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
