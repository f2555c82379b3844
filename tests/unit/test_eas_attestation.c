/* Attestations: their uids on and off the chain, and what they are worth at a time. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/unit/eas_sample.h"

#define SCHEMA "0x5151515151515151515151515151515151515151515151515151515151515151"

static void expect(const ht_hash32 *got, const char *hex) {
    ht_hash32 want = eas_hash(hex);
    assert_memory_equal(got->b, want.b, sizeof want.b);
}

static void schema_uid_is_of_text_resolver_and_revocability(void **state) {
    (void)state;
    ht_addr20 resolver = eas_address_of(0xe5);
    ht_hash32 uid;
    ht_eas_schema_uid(&uid, ht_bytes_str("uint8 warmth"), &resolver, true);
    expect(&uid, "0xc1932b53ebd0cc19ce7bd3c0e3a3de10612c1b07b2cdb5753c1de3ad920a4869");
    ht_eas_schema_uid(&uid, ht_bytes_str("uint8 warmth"), &resolver, false);
    expect(&uid, "0xfd20e2a4241e2e890f3d2cf9b66b9c20e9f624581600c2ef6afa8006fd65d057");
}

static void uid_on_chain_is_the_one_of_the_contract(void **state) {
    (void)state;
    struct ht_attestation sample = eas_sample();
    ht_hash32 uid;
    ht_eas_uid(&uid, &sample, 0);
    expect(&uid, "0xde10ac1da8e9f9c6f632ccc7d7698d177c36093b47a57979d521dd9f70398b37");
    ht_eas_uid(&uid, &sample, 0x01020304);
    expect(&uid, "0x0d46712f892afc36903ea4806e92b2bf0a373373301c37e0da0f26c30f98fb87");
}

static void uid_is_recognized_with_any_bump_that_is_tried(void **state) {
    (void)state;
    struct ht_attestation sample = eas_sample();
    for (uint32_t bump = 0; bump < HT_EAS_BUMPS_MAX; bump++) {
        ht_eas_uid(&sample.uid, &sample, bump);
        assert_true(ht_eas_uid_is_own(&sample));
    }
    ht_eas_uid(&sample.uid, &sample, HT_EAS_BUMPS_MAX);
    assert_false(ht_eas_uid_is_own(&sample));
}

static void uid_is_not_own_when_any_field_is_another(void **state) {
    (void)state;
    struct ht_attestation sample = eas_sample();
    ht_eas_uid(&sample.uid, &sample, 0);
    struct ht_attestation others[9];
    for (size_t i = 0; i < 9; i++) others[i] = sample;
    others[0].uid.b[31] ^= 1;
    others[1].schema.b[0] ^= 1;
    others[2].ref_uid.b[0] ^= 1;
    others[3].time++;
    others[4].expiration_time++;
    others[5].recipient.b[0] ^= 1;
    others[6].attester.b[19] ^= 1;
    others[7].is_revocable = false;
    others[8].data = ht_bytes_str("hearth is warn");
    for (size_t i = 0; i < 9; i++) assert_false(ht_eas_uid_is_own(&others[i]));
    /* A revocation happens later and changes no uid. */
    sample.revocation_time = 5;
    assert_true(ht_eas_uid_is_own(&sample));
}

static void uid_off_chain_is_the_sdk_s_in_each_version(void **state) {
    (void)state;
    static const char *const WANT[] = {
        [HT_EAS_OFFCHAIN_V0] = "0xddba8f89ea8e4241c34ad0ee6d6375d2d8eb9573ee854f042af12448f68e7ab9",
        [HT_EAS_OFFCHAIN_V1] = "0x951807f7b6c64c0233cf351e4ebf3369f29047fd1eeaf77485cb65a7780396f1",
        [HT_EAS_OFFCHAIN_V2] = "0x0c6d35bc52ee0748ce699f298f59116a893a07c29591b74fff3be798ec23ab36",
    };
    struct ht_attestation sample = eas_sample();
    ht_hash32 salt = eas_hash_of(0xd4);
    ht_hash32 uid;
    for (int i = 0; i < 3; i++) {
        ht_eas_offchain_uid(&uid, (enum ht_eas_version)i, &sample, ht_bytes_str(SCHEMA), &salt);
        expect(&uid, WANT[i]);
    }
    ht_eas_offchain_uid(&uid, HT_EAS_OFFCHAIN_V1, &sample, ht_bytes_str(SCHEMA), NULL);
    expect(&uid, WANT[HT_EAS_OFFCHAIN_V1]);
}

static void uid_off_chain_does_not_bind_the_attester_but_the_schema_s_spelling(void **state) {
    (void)state;
    struct ht_attestation sample = eas_sample();
    ht_hash32 salt = eas_hash_of(0xd4);
    ht_hash32 first, second;
    ht_bytes lower =
        ht_bytes_str("0xabababababababababababababababababababababababababababababababab");
    ht_bytes mixed =
        ht_bytes_str("0xABabababababababababababababababababababababababababababababababab");
    ht_eas_offchain_uid(&first, HT_EAS_OFFCHAIN_V2, &sample, lower, &salt);
    sample.attester.b[0] ^= 1;
    ht_eas_offchain_uid(&second, HT_EAS_OFFCHAIN_V2, &sample, lower, &salt);
    assert_true(ht_hash32_equal(&first, &second));
    ht_eas_offchain_uid(&second, HT_EAS_OFFCHAIN_V2, &sample, ht_bytes_of(mixed.p, lower.n), &salt);
    assert_false(ht_hash32_equal(&first, &second));
}

static void status_expires_at_its_time_and_begins_at_its_time(void **state) {
    (void)state;
    struct ht_attestation sample = {.time = 100, .expiration_time = 200};
    assert_int_equal(ht_eas_status_at(&sample, 99), HT_EAS_FROM_FUTURE);
    assert_int_equal(ht_eas_status_at(&sample, 100), HT_EAS_VALID);
    assert_int_equal(ht_eas_status_at(&sample, 199), HT_EAS_VALID);
    assert_int_equal(ht_eas_status_at(&sample, 200), HT_EAS_EXPIRED);
    sample.expiration_time = 0;
    assert_int_equal(ht_eas_status_at(&sample, UINT64_MAX), HT_EAS_VALID);
}

static void status_of_what_was_revoked_is_revoked_whatever_else_holds(void **state) {
    (void)state;
    struct ht_attestation sample = {.time = 100, .expiration_time = 200, .revocation_time = 150};
    assert_int_equal(ht_eas_status_at(&sample, 120), HT_EAS_REVOKED);
    assert_int_equal(ht_eas_status_at(&sample, 50), HT_EAS_REVOKED);
    assert_int_equal(ht_eas_status_at(&sample, 300), HT_EAS_REVOKED);
}

static void status_names_are_words_of_the_interface(void **state) {
    (void)state;
    assert_string_equal(ht_eas_status_name(HT_EAS_VALID), "valid");
    assert_string_equal(ht_eas_status_name(HT_EAS_REVOKED), "revoked");
    assert_string_equal(ht_eas_status_name(HT_EAS_EXPIRED), "expired");
    assert_string_equal(ht_eas_status_name(HT_EAS_FROM_FUTURE), "from_future");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(schema_uid_is_of_text_resolver_and_revocability),
        cmocka_unit_test(uid_on_chain_is_the_one_of_the_contract),
        cmocka_unit_test(uid_is_recognized_with_any_bump_that_is_tried),
        cmocka_unit_test(uid_is_not_own_when_any_field_is_another),
        cmocka_unit_test(uid_off_chain_is_the_sdk_s_in_each_version),
        cmocka_unit_test(uid_off_chain_does_not_bind_the_attester_but_the_schema_s_spelling),
        cmocka_unit_test(status_expires_at_its_time_and_begins_at_its_time),
        cmocka_unit_test(status_of_what_was_revoked_is_revoked_whatever_else_holds),
        cmocka_unit_test(status_names_are_words_of_the_interface),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
