/* The forks' rules as data. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "node/evm/rules.h"

static unsigned count_ops(enum ht_evm_fork fork) {
    unsigned count = 0;
    for (unsigned i = 0; i < 256; i++) count += ht_evm_rules_of(fork)->ops[i].name != NULL;
    return count;
}

static bool has_op(enum ht_evm_fork fork, uint8_t op) {
    return ht_evm_rules_of(fork)->ops[op].name != NULL;
}

static void each_fork_has_its_opcodes(void **state) {
    (void)state;
    assert_int_equal(count_ops(HT_EVM_OSAKA), 150); /* with INVALID */
    assert_int_equal(count_ops(HT_EVM_PRAGUE), 149);
    assert_int_equal(count_ops(HT_EVM_CANCUN), 149);
    assert_int_equal(count_ops(HT_EVM_SHANGHAI), 144);
    assert_int_equal(count_ops(HT_EVM_PARIS), 143);
    assert_int_equal(count_ops(HT_EVM_BERLIN), 142);
    assert_false(has_op(HT_EVM_PARIS, 0x5f));
    assert_true(has_op(HT_EVM_SHANGHAI, 0x5f));
    assert_false(has_op(HT_EVM_PRAGUE, 0x1e));
    assert_true(has_op(HT_EVM_OSAKA, 0x1e));
    assert_false(has_op(HT_EVM_OSAKA, 0x0c));
    assert_string_equal(ht_evm_rules_of(HT_EVM_LONDON)->ops[0x44].name, "DIFFICULTY");
    assert_string_equal(ht_evm_rules_of(HT_EVM_PARIS)->ops[0x44].name, "PREVRANDAO");
}

static void opcodes_take_and_put_what_the_yellow_paper_says(void **state) {
    (void)state;
    const struct ht_evm_op *ops = ht_evm_rules_of(HT_EVM_OSAKA)->ops;
    for (int n = 1; n <= 16; n++) {
        assert_int_equal(ops[0x7f + n].stack_in, n);
        assert_int_equal(ops[0x7f + n].stack_change, 1);
        assert_int_equal(ops[0x8f + n].stack_in, n + 1);
        assert_int_equal(ops[0x8f + n].stack_change, 0);
    }
    for (int n = 0; n <= 4; n++) {
        assert_int_equal(ops[0xa0 + n].stack_in, 2 + n);
        assert_int_equal(ops[0xa0 + n].stack_change, -2 - n);
        assert_int_equal(ops[0xa0 + n].gas, 375 * (n + 1));
        assert_true(ops[0xa0 + n].is_write);
    }
    assert_int_equal(ops[0xf1].stack_in, 7);
    assert_int_equal(ops[0xf1].stack_change, -6);
    assert_int_equal(ops[0x54].gas, HT_GAS_WARM);
    assert_false(ops[0xf1].is_write);
    assert_true(ops[0xff].is_write);
}

static void names_are_found_whatever_their_case(void **state) {
    (void)state;
    assert_int_equal(ht_evm_rules_find("osaka")->fork, HT_EVM_OSAKA);
    assert_int_equal(ht_evm_rules_find("Berlin")->fork, HT_EVM_BERLIN);
    assert_int_equal(ht_evm_rules_find("Merge")->fork, HT_EVM_PARIS);
    for (char n = '1'; n <= '5'; n++) {
        char name[] = "bpo0";
        name[3] = n;
        assert_int_equal(ht_evm_rules_find(name)->fork, HT_EVM_OSAKA);
    }
}

static void forks_that_do_not_run_here_are_not_found(void **state) {
    (void)state;
    assert_null(ht_evm_rules_find("Istanbul"));
    assert_null(ht_evm_rules_find("ConstantinopleFix"));
    assert_null(ht_evm_rules_find("BPO6"));
    assert_null(ht_evm_rules_find(""));
}

static void numbers_change_with_the_fork_that_changed_them(void **state) {
    (void)state;
    const struct ht_evm_rules *berlin = ht_evm_rules_of(HT_EVM_BERLIN);
    const struct ht_evm_rules *cancun = ht_evm_rules_of(HT_EVM_CANCUN);
    const struct ht_evm_rules *osaka = ht_evm_rules_of(HT_EVM_OSAKA);
    assert_int_equal(berlin->refund_quotient, 2);
    assert_int_equal(berlin->sstore_clear_refund, 15000);
    assert_int_equal(berlin->selfdestruct_refund, 24000);
    assert_int_equal(berlin->init_code_max, 0);
    assert_false(berlin->refuses_ef_code);
    assert_int_equal(cancun->refund_quotient, 5);
    assert_int_equal(cancun->sstore_clear_refund, 4800);
    assert_int_equal(cancun->selfdestruct_refund, 0);
    assert_int_equal(cancun->init_code_max, 49152);
    assert_int_equal(cancun->precompile_count, 10);
    assert_true(cancun->has_selfdestruct_only_new);
    assert_false(cancun->has_delegation);
    assert_int_equal(osaka->code_max, 24576);
    assert_int_equal(osaka->precompile_count, 17);
    assert_int_equal(osaka->modexp, HT_EVM_MODEXP_EIP7883);
    assert_int_equal(osaka->modexp_length_max, 1024);
    assert_true(osaka->has_p256verify);
    assert_true(osaka->has_delegation);
    assert_string_equal(osaka->tx->name, "Osaka");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_fork_has_its_opcodes),
        cmocka_unit_test(opcodes_take_and_put_what_the_yellow_paper_says),
        cmocka_unit_test(names_are_found_whatever_their_case),
        cmocka_unit_test(forks_that_do_not_run_here_are_not_found),
        cmocka_unit_test(numbers_change_with_the_fork_that_changed_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
