/* A signed delegation of somebody's: what is wrong with it, by itself and against the chain. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above */
#include <cmocka.h>

#include "governance/act/act_delegation.h"
#include "node/crypto/secp256k1.h"

#define CHAIN 31337U
#define NOW_S 1800000000U

static const struct ht_gov_domain DOMAIN = {.name = "Seed",
                                            .version = "1",
                                            .has_version = true,
                                            .chain_id = CHAIN,
                                            .contract = {{0x70, [19] = 1}}};
static struct ht_why why;

/* Signed with the key that is one. */
static void sign(struct ht_gov_ballot *ballot) {
    const uint8_t key[32] = {[31] = 1};
    struct ht_ecdsa_signature signature;
    ht_hash32 digest;
    assert_int_equal(ht_gov_ballot_digest(&digest, ballot), HT_OK);
    assert_int_equal(ht_ecdsa_sign(&signature, &digest, key, NULL), HT_OK);
    assert_int_equal(
        ht_ecdsa_recover_address(&ballot->voter, &digest, &signature, HT_ECDSA_LOW_S, NULL), HT_OK);
    memcpy(ballot->signature, signature.r, 32);
    memcpy(ballot->signature + 32, signature.s, 32);
    ballot->signature[64] = (uint8_t)(27 + signature.y_parity);
    ballot->signature_n = 65;
}

static struct ht_gov_ballot delegation(void) {
    struct ht_gov_ballot ballot = {.form = HT_GOV_DELEGATION,
                                   .domain = DOMAIN,
                                   .nonce = ht_u256_of(3),
                                   .expiry = ht_u256_of(NOW_S + 60),
                                   .delegatee = {{0xde}}};
    sign(&ballot);
    return ballot;
}

static void expect_alone(const struct ht_gov_ballot *ballot, enum ht_err err, const char *code) {
    assert_int_equal(ht_gov_delegation_alone(ballot, CHAIN, NOW_S, &why), err);
    assert_string_equal(why.code, code);
}

static void expect_at(const struct ht_gov_ballot *ballot, uint64_t next, enum ht_err err,
                      const char *code) {
    ht_u256 nonce = ht_u256_of(next);
    assert_int_equal(ht_gov_delegation_at(ballot, &DOMAIN, &nonce, &why), err);
    assert_string_equal(why.code, code);
}

static void a_good_one_is_good_until_the_second_it_expires(void **state) {
    (void)state;
    struct ht_gov_ballot ballot = delegation();
    ht_u256 nonce = ht_u256_of(3);
    assert_int_equal(ht_gov_delegation_alone(&ballot, CHAIN, NOW_S, &why), HT_OK);
    assert_int_equal(ht_gov_delegation_alone(&ballot, CHAIN, NOW_S + 60, &why), HT_OK);
    assert_int_equal(ht_gov_delegation_at(&ballot, &DOMAIN, &nonce, &why), HT_OK);
    assert_int_equal(ht_gov_delegation_alone(&ballot, CHAIN, NOW_S + 61, &why), HT_ESTALE);
    assert_string_equal(why.code, "expired");
}

static void one_of_another_chain_is_told_as_such(void **state) {
    (void)state;
    struct ht_gov_ballot ballot = delegation();
    ballot.domain.chain_id = 1;
    expect_alone(&ballot, HT_EUNVERIFIED, "wrong_chain");
    sign(&ballot); /* even if it is signed well */
    expect_alone(&ballot, HT_EUNVERIFIED, "wrong_chain");
}

static void whatever_is_altered_breaks_the_signature(void **state) {
    (void)state;
    struct ht_gov_ballot ballot = delegation();
    ballot.delegatee.b[0] ^= 1;
    expect_alone(&ballot, HT_EUNVERIFIED, "bad_signature");
    ballot = delegation();
    ballot.nonce = ht_u256_of(4);
    expect_alone(&ballot, HT_EUNVERIFIED, "bad_signature");
    ballot = delegation();
    ballot.expiry = ht_u256_of(NOW_S + 600);
    expect_alone(&ballot, HT_EUNVERIFIED, "bad_signature");
    ballot = delegation();
    ballot.voter.b[0] ^= 1;
    expect_alone(&ballot, HT_EUNVERIFIED, "bad_signature");
    ballot = delegation();
    ballot.signature_n = 64;
    expect_alone(&ballot, HT_EUNVERIFIED, "bad_signature");
}

static void a_nonce_must_be_the_next_one(void **state) {
    (void)state;
    const struct ht_gov_ballot ballot = delegation();
    expect_at(&ballot, 4, HT_ESTALE, "nonce_used");
    expect_at(&ballot, 2, HT_EAGAIN, "nonce_early");
}

static void another_contracts_is_not_this_tokens(void **state) {
    (void)state;
    struct ht_gov_ballot ballot = delegation();
    ballot.domain.contract.b[19]++;
    expect_at(&ballot, 3, HT_EUNVERIFIED, "wrong_domain");
    ballot = delegation();
    ballot.domain.name[0] = 'W';
    expect_at(&ballot, 3, HT_EUNVERIFIED, "wrong_domain");
    ballot = delegation();
    ballot.domain.has_version = false;
    expect_at(&ballot, 3, HT_EUNVERIFIED, "wrong_domain");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_one_is_good_until_the_second_it_expires),
        cmocka_unit_test(one_of_another_chain_is_told_as_such),
        cmocka_unit_test(whatever_is_altered_breaks_the_signature),
        cmocka_unit_test(a_nonce_must_be_the_next_one),
        cmocka_unit_test(another_contracts_is_not_this_tokens),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
