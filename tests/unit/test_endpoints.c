/* The built-in servers: every network that is built in has enough of them, and each is usable. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "node/app/config.h"
#include "node/app/endpoints.h"
#include "node/net/provider.h"

static void every_built_in_network_has_beacons_and_a_quorum_of_sources(void **state) {
    (void)state;
    for (size_t i = 0; ht_network_at(i) != NULL; i++) {
        const struct ht_endpoints *known = ht_endpoints_find(ht_network_at(i)->name);
        size_t beacons = 0, sources = 0;
        assert_non_null(known);
        while (known->beacon[beacons] != NULL) beacons++;
        while (known->checkpoint[sources] != NULL) sources++;
        assert_in_range(beacons, 1, HT_CONFIG_URLS_MAX);
        assert_in_range(sources, 2, HT_CONFIG_URLS_MAX);
    }
}

static void every_address_can_be_a_provider_and_none_is_there_twice(void **state) {
    (void)state;
    for (size_t i = 0; ht_network_at(i) != NULL; i++) {
        const struct ht_endpoints *known = ht_endpoints_find(ht_network_at(i)->name);
        struct ht_providers all = {.count = 0};
        size_t added = 0;
        for (size_t j = 0; known->beacon[j] != NULL; j++, added++) {
            assert_int_equal(ht_providers_add(&all, HT_PROVIDER_BEACON, known->beacon[j], NULL),
                             HT_OK);
        }
        for (size_t j = 0; known->checkpoint[j] != NULL; j++, added++) {
            assert_int_equal(
                ht_providers_add(&all, HT_PROVIDER_CHECKPOINT, known->checkpoint[j], NULL), HT_OK);
        }
        assert_int_equal(all.count, added);
    }
}

static void checkpoint_sources_are_asked_with_encryption(void **state) {
    (void)state;
    for (size_t i = 0; ht_network_at(i) != NULL; i++) {
        const struct ht_endpoints *known = ht_endpoints_find(ht_network_at(i)->name);
        for (size_t j = 0; known->checkpoint[j] != NULL; j++) {
            assert_int_equal(strncmp(known->checkpoint[j], "https://", 8), 0);
        }
    }
}

static void a_custom_network_has_none(void **state) {
    (void)state;
    assert_null(ht_endpoints_find("devnet"));
    assert_null(ht_endpoints_find(""));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_built_in_network_has_beacons_and_a_quorum_of_sources),
        cmocka_unit_test(every_address_can_be_a_provider_and_none_is_there_twice),
        cmocka_unit_test(checkpoint_sources_are_asked_with_encryption),
        cmocka_unit_test(a_custom_network_has_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
