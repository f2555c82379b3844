/* Attestations that are heard in the feeds: which of them are looked at. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "identity/attest/attest_impl.h"
#include "identity/attest/attest_share.h"
#include "identity/eas/offchain.h"
#include "identity/keys/accounts.h"
#include "identity/trust/link.h"
#include "identity/trust/trust.h"
#include "tests/unit/eas_sample.h"

#define TEXT_MAX 65536U

static struct {
    struct ht_identity identity;
    struct ht_attest attest;
    struct ht_eas_offchain package;
    struct ht_buf text;
    char d[HT_ATTEST_D_SIZE];
    bool vouches;                   /* its schema does */
    ht_addr20 ours, circle, linked; /* zero: nobody */
    unsigned taken;
} world;

static bool is(const ht_addr20 *a, const ht_addr20 *b) {
    return memcmp(a->b, b->b, sizeof a->b) == 0;
}

/* --- the rest of the module ------------------------------------------------------------------- */

const struct ht_account_info *ht_accounts_find(const struct ht_identity *identity,
                                               const ht_addr20 *address) {
    static const struct ht_account_info account;
    (void)identity;
    return is(address, &world.ours) ? &account : NULL;
}

const struct ht_id_link *ht_id_link_of_address(const struct ht_identity *identity,
                                               const ht_addr20 *address) {
    static const struct ht_id_link link;
    (void)identity;
    return is(address, &world.linked) ? &link : NULL;
}

bool ht_trust_knows(const struct ht_identity *identity, const ht_addr20 *address) {
    (void)identity;
    return is(address, &world.circle);
}

bool ht_trust_is_vouching(const struct ht_identity *identity, const ht_hash32 *schema) {
    (void)identity, (void)schema;
    return world.vouches;
}

void ht_attest_take(struct ht_identity *identity, ht_bytes package_json) {
    (void)identity;
    assert_true(ht_bytes_equal(package_json, ht_buf_view(&world.text)));
    world.taken++;
}

enum ht_err ht_attest_package(ht_bytes *json, const struct ht_identity *identity,
                              const ht_addr20 *attester, const ht_hash32 *uid, struct ht_why *why) {
    (void)json, (void)identity, (void)attester, (void)uid, (void)why;
    return HT_EBUG;
}

static int begin(void **state) {
    json_t *typed = NULL;
    (void)state;
    memset(&world, 0, sizeof world);
    world.identity.attest = &world.attest;
    world.package = (struct ht_eas_offchain){.attestation = eas_sample(),
                                             .has_salt = true,
                                             .domain_version = "1.4.0",
                                             .chain_id = 1,
                                             .contract = eas_address_of(0xe0)};
    world.package.attestation.time = world.package.attestation.expiration_time = 1700000000;
    if (ht_eas_offchain_typed(&typed, &world.package, NULL) != HT_OK) return -1;
    json_decref(typed);
    json_t *json = ht_eas_offchain_json(&world.package);
    ht_buf_init(&world.text, TEXT_MAX);
    if (ht_json_dump_compact(&world.text, json) != HT_OK) return -1;
    json_decref(json);
    ht_attest_d(world.d, &world.package.attestation.attester, &world.package.attestation.uid);
    return 0;
}

static int end(void **state) {
    (void)state;
    ht_buf_fini(&world.text);
    return 0;
}

static bool hears_under(const char *d) {
    json_t *tags = json_pack("[[s,s]]", "d", d);
    const struct ht_feed_event event = {
        .kind = HT_ID_LINK_KIND, .content = ht_buf_view(&world.text), .tags = tags};
    world.taken = 0;
    ht_attest_heard(&world.identity, &event);
    json_decref(tags);
    return world.taken == 1;
}

static bool hears(void) {
    return hears_under(world.d);
}

static void attestations_that_concern_nobody_here_are_left_alone(void **state) {
    (void)state;
    assert_false(hears());
}

static void attestations_that_could_matter_are_looked_at(void **state) {
    static const ht_addr20 nobody;
    const struct ht_attestation *its = &world.package.attestation;
    ht_addr20 *const known[] = {&world.ours, &world.circle, &world.linked};
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        *known[i] = its->attester;
        assert_true(hears());
        *known[i] = its->recipient;
        assert_true(hears());
        *known[i] = nobody;
    }
    world.vouches = true;
    assert_true(hears());
}

static void attestations_of_strangers_take_no_more_than_half_of_the_room(void **state) {
    (void)state;
    world.vouches = true;
    world.ours = world.package.attestation.recipient;
    world.attest.count = HT_ATTEST_MAX / 2;
    assert_false(hears());
    world.circle = world.package.attestation.attester;
    assert_true(hears());
}

static void attestations_under_another_name_are_left_alone(void **state) {
    const struct ht_attestation *its = &world.package.attestation;
    char other[HT_ATTEST_D_SIZE];
    (void)state;
    world.vouches = true;
    ht_attest_d(other, &its->recipient, &its->uid);
    assert_false(hears_under(other));
    ht_attest_d(other, &its->attester, &its->schema);
    assert_false(hears_under(other));
    assert_false(hears_under("hearth:attestation:"));
    assert_false(hears_under("something else"));
    assert_true(hears());
}

static void what_is_no_package_is_left_alone(void **state) {
    (void)state;
    world.vouches = true;
    ht_buf_clear(&world.text);
    assert_int_equal(ht_buf_add(&world.text, ht_bytes_str("{\"sig\":{}}")), HT_OK);
    assert_false(hears());
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(attestations_that_concern_nobody_here_are_left_alone),
        TEST(attestations_that_could_matter_are_looked_at),
        TEST(attestations_of_strangers_take_no_more_than_half_of_the_room),
        TEST(attestations_under_another_name_are_left_alone),
        TEST(what_is_no_package_is_left_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
