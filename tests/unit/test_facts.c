/* Facts: what is wanted, what is known, guesses, and the bounds. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "node/crypto/keccak.h"
#include "node/l1/facts.h"

static const ht_addr20 ALICE = {{0xa1}}, BOB = {{0xb0}};
static const ht_u256 SEVEN = {{7}};
static const uint8_t CODE[] = {0x60, 0x01};

static struct ht_facts facts;
static struct ht_evm_source source;

static int set_up(void **state) {
    (void)state;
    ht_facts_init(&facts);
    ht_facts_begin_run(&facts, &source);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    ht_facts_fini(&facts);
    return 0;
}

static struct ht_fact_account *want(const ht_addr20 *address, bool wants_code) {
    struct ht_fact_account *fact = NULL;
    assert_int_equal(ht_facts_want_account(&fact, &facts, address, wants_code, NULL), HT_OK);
    return fact;
}

static struct ht_account contract(void) {
    struct ht_account account;
    ht_account_init_empty(&account);
    account.nonce = 1;
    account.balance[31] = 9;
    account.storage_root.b[0] = 1;
    ht_keccak256(&account.code_hash, HT_BYTES(CODE));
    return account;
}

static void know(const ht_addr20 *address, const struct ht_account *account, bool exists) {
    ht_facts_know_account(&facts, want(address, false), account, exists);
}

static void what_is_not_known_is_guessed_to_be_nothing_and_is_missing_then(void **state) {
    (void)state;
    struct ht_evm_account account;
    ht_u256 value = SEVEN;
    assert_int_equal(source.account(source.user, &account, &ALICE, NULL), HT_OK);
    assert_false(account.exists);
    assert_true(ht_u256_is_zero(&account.balance));
    assert_memory_equal(account.code_hash.b, ht_evm_no_code_hash.b, 32);
    assert_int_equal(facts.missing, 1);
    assert_int_equal(source.slot(source.user, &value, &ALICE, &SEVEN, NULL), HT_OK);
    assert_true(ht_u256_is_zero(&value));
    assert_int_equal(facts.missing, 2);
    assert_int_equal(facts.guesses, 2);
}

static void what_is_known_is_answered_and_no_guess(void **state) {
    (void)state;
    struct ht_account proven = contract();
    struct ht_evm_account account;
    struct ht_fact_slot *slot = NULL;
    const ht_hash32 key = {.b = {[31] = 7}};
    const uint8_t stored[32] = {[0] = 1, [31] = 5};
    ht_u256 value;
    know(&ALICE, &proven, true);
    assert_int_equal(ht_facts_want_slot(&slot, &facts, &ALICE, &key, NULL), HT_OK);
    assert_int_equal(facts.missing, 1);
    ht_facts_know_slot(&facts, slot, stored);
    assert_int_equal(facts.missing, 0);
    assert_int_equal(source.account(source.user, &account, &ALICE, NULL), HT_OK);
    assert_true(account.exists && account.has_storage);
    assert_int_equal(account.nonce, 1);
    assert_int_equal(account.balance.limb[0], 9);
    assert_int_equal(source.slot(source.user, &value, &ALICE, &SEVEN, NULL), HT_OK);
    assert_int_equal(value.limb[0], 5);
    assert_int_equal(value.limb[3], (uint64_t)1 << 56);
    assert_int_equal(facts.guesses, 0);
}

static void code_is_wanted_once_it_is_asked_for_and_known_with_its_bytes(void **state) {
    (void)state;
    struct ht_account proven = contract();
    ht_bytes code;
    know(&ALICE, &proven, true);
    assert_int_equal(facts.missing, 0);
    assert_int_equal(source.code(source.user, &code, &ALICE, &proven.code_hash, NULL), HT_OK);
    assert_int_equal(code.n, 0);
    assert_int_equal(facts.missing, 1);
    assert_int_equal(ht_facts_know_code(&facts, want(&ALICE, true), HT_BYTES(CODE), NULL), HT_OK);
    assert_int_equal(facts.missing, 0);
    assert_int_equal(source.code(source.user, &code, &ALICE, &proven.code_hash, NULL), HT_OK);
    assert_int_equal(code.n, sizeof CODE);
    assert_memory_equal(code.p, CODE, sizeof CODE);
    assert_int_equal(facts.guesses, 1);
}

static void an_account_that_is_not_there_has_no_code_and_only_zeros(void **state) {
    (void)state;
    struct ht_account nobody;
    struct ht_fact_slot *slot = NULL;
    const ht_hash32 key = {{1}}, other = {{2}};
    ht_account_init_empty(&nobody);
    (void)want(&ALICE, true);
    assert_int_equal(ht_facts_want_slot(&slot, &facts, &ALICE, &key, NULL), HT_OK);
    assert_int_equal(facts.missing, 3);
    know(&ALICE, &nobody, false);
    assert_int_equal(facts.missing, 0);
    assert_true(slot->is_known && want(&ALICE, true)->has_code);
    assert_int_equal(ht_facts_want_slot(&slot, &facts, &ALICE, &other, NULL), HT_OK);
    assert_true(slot->is_known);
    assert_int_equal(facts.missing, 0);
}

static void knowing_a_thing_twice_counts_once(void **state) {
    (void)state;
    struct ht_account proven = contract();
    (void)want(&BOB, false);
    know(&ALICE, &proven, true);
    know(&ALICE, &proven, true);
    assert_int_equal(facts.missing, 1);
    assert_ptr_equal(ht_facts_find_account(&facts, &ALICE), want(&ALICE, false));
    assert_int_equal(facts.account_count, 2);
}

static void what_was_never_wanted_is_not_found(void **state) {
    (void)state;
    assert_null(ht_facts_find_account(&facts, &ALICE));
    (void)want(&BOB, false);
    assert_null(ht_facts_find_account(&facts, &ALICE));
}

static void hashes_of_blocks_are_wanted_by_number(void **state) {
    (void)state;
    struct ht_fact_block *block = NULL;
    const ht_hash32 hash = {{0x77}};
    ht_hash32 out;
    assert_int_equal(source.block_hash(source.user, &out, 17, NULL), HT_OK);
    assert_int_equal(facts.missing, 1);
    assert_int_equal(ht_facts_want_block(&block, &facts, 17, NULL), HT_OK);
    ht_facts_know_block(&facts, block, &hash);
    assert_int_equal(facts.missing, 0);
    assert_int_equal(source.block_hash(source.user, &out, 17, NULL), HT_OK);
    assert_memory_equal(out.b, hash.b, 32);
}

static void after_so_many_guesses_a_run_is_stopped(void **state) {
    (void)state;
    struct ht_why why = {0};
    ht_u256 value, key = {{0}};
    for (unsigned i = 0; i < HT_FACTS_GUESSES; i++) {
        key.limb[0] = i;
        assert_int_equal(source.slot(source.user, &value, &ALICE, &key, &why), HT_OK);
    }
    key.limb[0] = HT_FACTS_GUESSES;
    assert_int_equal(source.slot(source.user, &value, &ALICE, &key, &why), HT_EAGAIN);
    assert_string_equal(why.code, "missing");
    ht_facts_begin_run(&facts, &source);
    assert_int_equal(source.slot(source.user, &value, &ALICE, &key, &why), HT_OK);
}

static void more_accounts_than_the_bound_are_refused(void **state) {
    (void)state;
    struct ht_why why = {0};
    struct ht_fact_account *fact = NULL;
    ht_addr20 address = {{0}};
    for (uint32_t i = 0; i < HT_FACTS_ACCOUNTS_MAX; i++) {
        ht_write_u32_le(address.b, i);
        (void)want(&address, false);
    }
    ht_write_u32_le(address.b, HT_FACTS_ACCOUNTS_MAX);
    assert_int_equal(ht_facts_want_account(&fact, &facts, &address, false, &why), HT_ELIMIT);
    assert_string_equal(why.code, "too_much_state");
    ht_write_u32_le(address.b, 0);
    (void)want(&address, true);
}

static void more_slots_than_the_bound_are_refused(void **state) {
    (void)state;
    struct ht_why why = {0};
    struct ht_fact_slot *slot = NULL;
    ht_hash32 key = {{0}};
    for (uint32_t i = 0; i < HT_FACTS_SLOTS_MAX; i++) {
        ht_write_u32_le(key.b, i);
        assert_int_equal(ht_facts_want_slot(&slot, &facts, &ALICE, &key, NULL), HT_OK);
    }
    ht_write_u32_le(key.b, HT_FACTS_SLOTS_MAX);
    assert_int_equal(ht_facts_want_slot(&slot, &facts, &ALICE, &key, &why), HT_ELIMIT);
    assert_string_equal(why.code, "too_much_state");
}

static void what_is_missing_is_told_in_a_few_words(void **state) {
    (void)state;
    char text[400];
    struct ht_account proven = contract();
    ht_u256 value;
    know(&ALICE, &proven, true);
    (void)want(&ALICE, true);
    (void)want(&BOB, false);
    assert_int_equal(source.slot(source.user, &value, &ALICE, &SEVEN, NULL), HT_OK);
    ht_facts_tell_missing(&facts, text, sizeof text);
    assert_string_equal(
        text, "code of 0xa100000000000000000000000000000000000000, "
              "account 0xb000000000000000000000000000000000000000, "
              "slot 0x0000000000000000000000000000000000000000000000000000000000000007 of "
              "0xa100000000000000000000000000000000000000");
    ht_facts_tell_missing(&facts, text, 10);
    assert_string_equal(text, "code of 0");
    tear_down(NULL);
    set_up(NULL);
    ht_facts_tell_missing(&facts, text, sizeof text);
    assert_string_equal(text, "");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(what_is_not_known_is_guessed_to_be_nothing_and_is_missing_then),
        TEST(what_is_known_is_answered_and_no_guess),
        TEST(code_is_wanted_once_it_is_asked_for_and_known_with_its_bytes),
        TEST(an_account_that_is_not_there_has_no_code_and_only_zeros),
        TEST(knowing_a_thing_twice_counts_once),
        TEST(what_was_never_wanted_is_not_found),
        TEST(hashes_of_blocks_are_wanted_by_number),
        TEST(after_so_many_guesses_a_run_is_stopped),
        TEST(more_accounts_than_the_bound_are_refused),
        TEST(more_slots_than_the_bound_are_refused),
        TEST(what_is_missing_is_told_in_a_few_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
