/* Sync committee signatures with keys made here: both ways of summing keys, and every reason. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "node/crypto/bls.h"

#define SIZE 32U

static const char DST[] = "BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_";
static const ht_hash32 message = {{1, 2, 3}};

static blst_scalar secrets[SIZE];
static struct ht_bls_committee *committee;

static int make_committee(void **state) {
    (void)state;
    uint8_t pubkeys[SIZE][48], aggregate[48];
    blst_p1 sum = {0};
    committee = calloc(1, sizeof *committee);
    if (committee == NULL) return 1;
    for (size_t i = 0; i < SIZE; i++) {
        uint8_t material[32] = {7, (uint8_t)i};
        blst_p1 key;
        blst_keygen(&secrets[i], material, sizeof material, NULL, 0);
        blst_sk_to_pk_in_g1(&key, &secrets[i]);
        blst_p1_compress(pubkeys[i], &key);
        blst_p1_add_or_double(&sum, &sum, &key);
    }
    blst_p1_compress(aggregate, &sum);
    ht_bls_committee_init(committee, pubkeys[0], SIZE, aggregate);
    return 0;
}

static int free_committee(void **state) {
    (void)state;
    free(committee);
    return 0;
}

/* The sum of the participants' signatures over the message. */
static void sign(uint8_t out[96], const uint8_t bits[4], const ht_hash32 *over) {
    blst_p2 hash, sum = {0};
    blst_hash_to_g2(&hash, over->b, sizeof over->b, (const uint8_t *)DST, sizeof DST - 1, NULL, 0);
    for (size_t i = 0; i < SIZE; i++) {
        if (!ht_bit_at(bits, i)) continue;
        blst_p2 signature;
        blst_sign_pk_in_g1(&signature, &hash, &secrets[i]);
        blst_p2_add_or_double(&sum, &sum, &signature);
    }
    blst_p2_compress(out, &sum);
}

static size_t decompressed_keys(void) {
    size_t n = 0;
    for (size_t i = 0; i < SIZE; i++) n += committee->has_affine[i];
    return n;
}

static void expect_refused(const uint8_t *bits, const uint8_t *signature, const char *code) {
    struct ht_why why = {.code = "accepted"};
    assert_int_equal(ht_bls_committee_verify(committee, bits, &message, signature, &why),
                     HT_EUNVERIFIED);
    assert_string_equal(why.code, code);
    assert_int_equal(ht_bls_committee_verify(committee, bits, &message, signature, NULL),
                     HT_EUNVERIFIED);
}

static void expect_accepted(const uint8_t *bits) {
    uint8_t signature[96];
    struct ht_why why = {.text = ""};
    sign(signature, bits, &message);
    if (ht_bls_committee_verify(committee, bits, &message, signature, &why) != HT_OK) {
        fail_msg("%02x%02x%02x%02x: %s", bits[0], bits[1], bits[2], bits[3], why.text);
    }
}

static void full_committee_needs_no_key_but_the_aggregate(void **state) {
    (void)state;
    expect_accepted((const uint8_t[4]){0xff, 0xff, 0xff, 0xff});
    assert_true(committee->has_aggregate);
    assert_int_equal(decompressed_keys(), 0);
}

static void majority_is_the_aggregate_minus_the_absentees(void **state) {
    (void)state;
    expect_accepted((const uint8_t[4]){0xfe, 0xff, 0xff, 0x7f});
    assert_int_equal(decompressed_keys(), 2);
    assert_true(committee->has_affine[0] && committee->has_affine[31]);
    expect_accepted((const uint8_t[4]){0x01, 0xff, 0x0f, 0xff}); /* 21 of 32 */
    expect_accepted((const uint8_t[4]){0x01, 0xff, 0xff, 0x00}); /* 17 of 32 */
}

static void minority_is_the_plain_sum(void **state) {
    (void)state;
    expect_accepted((const uint8_t[4]){0x00, 0x10, 0x00, 0x02});
    assert_false(committee->has_aggregate);
    assert_int_equal(decompressed_keys(), 2);
    expect_accepted((const uint8_t[4]){0xff, 0xff, 0x00, 0x00}); /* 16 of 32: half is no majority */
    assert_false(committee->has_aggregate);
}

static void only_a_majority_is_checked_against_the_aggregate_key(void **state) {
    (void)state;
    committee->aggregate_pubkey[0] ^= 0x20; /* the sign: minus the aggregate */
    expect_accepted((const uint8_t[4]){0xff, 0x00, 0x00, 0xff});
    const uint8_t bits[4] = {0xff, 0x01, 0x00, 0xff};
    uint8_t signature[96];
    sign(signature, bits, &message);
    expect_refused(bits, signature, "bad_signature");
}

static void keys_are_kept_until_the_committee_is_set_again(void **state) {
    (void)state;
    expect_accepted((const uint8_t[4]){0xfe, 0xff, 0xff, 0xff});
    assert_int_equal(decompressed_keys(), 1);
    uint8_t pubkeys[SIZE][48], aggregate[48];
    memcpy(pubkeys, committee->pubkeys, sizeof pubkeys);
    memcpy(aggregate, committee->aggregate_pubkey, sizeof aggregate);
    ht_bls_committee_init(committee, pubkeys[0], SIZE, aggregate);
    assert_int_equal(decompressed_keys(), 0);
    assert_false(committee->has_aggregate);
}

static void no_bit_set_is_no_participants(void **state) {
    (void)state;
    uint8_t signature[96];
    sign(signature, (const uint8_t[4]){1, 0, 0, 0}, &message);
    expect_refused((const uint8_t[4]){0, 0, 0, 0}, signature, "no_participants");
}

static void signature_of_another_message_is_bad(void **state) {
    (void)state;
    const uint8_t bits[4] = {0xff, 0xff, 0xff, 0xff};
    const ht_hash32 other = {{1, 2, 4}};
    uint8_t signature[96];
    sign(signature, bits, &other);
    expect_refused(bits, signature, "bad_signature");
}

static void signature_of_other_participants_is_bad(void **state) {
    (void)state;
    uint8_t signature[96];
    sign(signature, (const uint8_t[4]){0xfe, 0xff, 0xff, 0xff}, &message);
    expect_refused((const uint8_t[4]){0xff, 0xff, 0xff, 0xff}, signature, "bad_signature");
    expect_refused((const uint8_t[4]){0xfd, 0xff, 0xff, 0xff}, signature, "bad_signature");
}

static void bytes_that_are_no_point_are_malformed(void **state) {
    (void)state;
    const uint8_t bits[4] = {0xff, 0xff, 0xff, 0xff};
    uint8_t signature[96] = {0};
    expect_refused(bits, signature, "signature_malformed"); /* not marked as compressed */
    memset(signature, 0xff, sizeof signature);
    expect_refused(bits, signature, "signature_malformed"); /* x is no field element */
}

static void point_at_infinity_is_malformed(void **state) {
    (void)state;
    uint8_t signature[96] = {0xc0};
    expect_refused((const uint8_t[4]){0xff, 0xff, 0xff, 0xff}, signature, "signature_malformed");
}

static void point_outside_of_the_group_is_refused(void **state) {
    (void)state;
    uint8_t signature[96] = {0x80};
    blst_p2_affine point;
    unsigned found = 0;
    for (unsigned x = 1; x < 40; x++) {
        signature[95] = (uint8_t)x;
        if (blst_p2_uncompress(&point, signature) != BLST_SUCCESS) continue;
        assert_false(blst_p2_affine_in_g2(&point));
        expect_refused((const uint8_t[4]){0xff, 0xff, 0xff, 0xff}, signature,
                       "signature_not_in_subgroup");
        found++;
    }
    assert_true(found > 5);
}

static void key_that_is_no_point_is_malformed(void **state) {
    (void)state;
    uint8_t signature[96];
    const uint8_t minority[4] = {0x03, 0, 0, 0}, majority[4] = {0xfc, 0xff, 0xff, 0xff};
    memset(committee->pubkeys[1], 0xff, 48);
    sign(signature, minority, &message);
    expect_refused(minority, signature, "pubkey_malformed");
    sign(signature, majority, &message);
    expect_refused(majority, signature, "pubkey_malformed");
    expect_accepted((const uint8_t[4]){0x05, 0, 0, 0});
}

static void key_at_infinity_is_malformed(void **state) {
    (void)state;
    uint8_t signature[96];
    const uint8_t bits[4] = {0x03, 0, 0, 0};
    sign(signature, bits, &message);
    memset(committee->pubkeys[0], 0, 48);
    committee->pubkeys[0][0] = 0xc0;
    expect_refused(bits, signature, "pubkey_malformed");
}

/* The key of a member and its negative cancel out; there is nobody whose signature it could be. */
static void participants_that_cancel_out_are_bad(void **state) {
    (void)state;
    const uint8_t bits[4] = {0x03, 0, 0, 0};
    uint8_t signature[96];
    memcpy(committee->pubkeys[1], committee->pubkeys[0], 48);
    committee->pubkeys[1][0] ^= 0x20;
    sign(signature, bits, &message);
    expect_refused(bits, signature, "bad_signature");
}

static void bits_are_counted_up_to_the_count(void **state) {
    (void)state;
    const uint8_t bits[2] = {0x81, 0xff};
    assert_int_equal(ht_bits_count(bits, 0), 0);
    assert_int_equal(ht_bits_count(bits, 7), 1);
    assert_int_equal(ht_bits_count(bits, 8), 2);
    assert_int_equal(ht_bits_count(bits, 11), 5);
    assert_true(ht_bit_at(bits, 7));
    assert_false(ht_bit_at(bits, 6));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_committee, free_committee)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(full_committee_needs_no_key_but_the_aggregate),
        TEST(majority_is_the_aggregate_minus_the_absentees),
        TEST(minority_is_the_plain_sum),
        TEST(only_a_majority_is_checked_against_the_aggregate_key),
        TEST(keys_are_kept_until_the_committee_is_set_again),
        TEST(no_bit_set_is_no_participants),
        TEST(signature_of_another_message_is_bad),
        TEST(signature_of_other_participants_is_bad),
        TEST(bytes_that_are_no_point_are_malformed),
        TEST(point_at_infinity_is_malformed),
        TEST(point_outside_of_the_group_is_refused),
        TEST(key_that_is_no_point_is_malformed),
        TEST(key_at_infinity_is_malformed),
        TEST(participants_that_cancel_out_are_bad),
        TEST(bits_are_counted_up_to_the_count),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
