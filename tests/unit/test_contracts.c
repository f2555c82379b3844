/* Which contracts are meant on a network. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above */
#include <cmocka.h>

#include "identity/attest/attest_check.h"
#include "identity/wallet/contracts.h"

static void mainnet_has_the_old_layout_and_the_old_registry(void **state) {
    (void)state;
    const struct ht_network *network = ht_network_find("mainnet");
    struct ht_eas_contract eas;
    struct ht_did_registry registry;
    assert_int_equal(ht_contracts_eas(&eas, network, NULL), HT_OK);
    assert_int_equal(eas.layout, HT_EAS_0_26);
    assert_string_equal(eas.version, "0.26");
    assert_int_equal(eas.eas.b[0], 0xa1);
    assert_int_equal(ht_contracts_did(&registry, network, NULL), HT_OK);
    assert_true(registry.is_legacy);
    assert_int_equal(registry.address.b[0], 0xdc);
}

static void what_the_network_names_comes_first(void **state) {
    (void)state;
    struct ht_network network = *ht_network_find("mainnet");
    struct ht_eas_contract eas;
    struct ht_did_registry registry;
    memset(network.contracts.eas.b, 1, 20);
    memset(network.contracts.schema_registry.b, 2, 20);
    memset(network.contracts.did_registry.b, 3, 20);
    memcpy(network.contracts.eas_version, "1.4.0", 6);
    assert_int_equal(ht_contracts_eas(&eas, &network, NULL), HT_OK);
    assert_int_equal(eas.layout, HT_EAS_1_4);
    assert_string_equal(eas.version, "1.4.0");
    assert_int_equal(eas.registry.b[19], 2);
    assert_int_equal(eas.chain_id, 1);
    assert_int_equal(ht_contracts_did(&registry, &network, NULL), HT_OK);
    assert_false(registry.is_legacy);
    assert_int_equal(registry.address.b[0], 3);
}

static void a_chain_where_nothing_is_known_has_none(void **state) {
    (void)state;
    struct ht_network network = *ht_network_find("mainnet");
    struct ht_why why;
    struct ht_eas_contract eas;
    struct ht_did_registry registry;
    network.chain_id = 424242;
    assert_int_equal(ht_contracts_eas(&eas, &network, &why), HT_ENOTFOUND);
    assert_string_equal(why.code, "no_eas");
    assert_int_equal(ht_contracts_did(&registry, &network, &why), HT_ENOTFOUND);
    assert_string_equal(why.code, "no_did_registry");
}

static void only_what_holds_is_ever_valid(void **state) {
    (void)state;
    struct ht_attestation attestation = {.time = 100, .expiration_time = 200};
    static const char *const others[] = {"pending", "not_there", "invalid", "unverified"};
    for (int standing = HT_ATTEST_PENDING; standing <= HT_ATTEST_UNVERIFIED; standing++) {
        assert_string_equal(
            ht_attest_verdict((enum ht_attest_standing)standing, &attestation, 0, 150),
            others[standing - 1]);
        /* Also when it is revoked or expired. */
        assert_string_equal(
            ht_attest_verdict((enum ht_attest_standing)standing, &attestation, 120, 900),
            others[standing - 1]);
    }
    assert_string_equal(ht_attest_verdict(HT_ATTEST_HOLDS, &attestation, 0, 199), "valid");
    assert_string_equal(ht_attest_verdict(HT_ATTEST_HOLDS, &attestation, 0, 200), "expired");
    assert_string_equal(ht_attest_verdict(HT_ATTEST_HOLDS, &attestation, 0, 99), "from_future");
    assert_string_equal(ht_attest_verdict(HT_ATTEST_HOLDS, &attestation, 120, 150), "revoked");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mainnet_has_the_old_layout_and_the_old_registry),
        cmocka_unit_test(what_the_network_names_comes_first),
        cmocka_unit_test(a_chain_where_nothing_is_known_has_none),
        cmocka_unit_test(only_what_holds_is_ever_valid),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
