/* A node that is to ask nobody but peers: what --no-providers does to the settings. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "node/app/config.h"

static char dir[64];
static struct ht_config config;
static struct ht_why why;

static int start(void **state) {
    (void)state;
    (void)snprintf(dir, sizeof dir, "/tmp/ht_near_config.XXXXXX");
    assert_non_null(mkdtemp(dir));
    why = (struct ht_why){.code = ""};
    return 0;
}

static int end(void **state) {
    char path[96];
    (void)state;
    ht_config_free(&config);
    (void)snprintf(path, sizeof path, "%s/%s", dir, HT_CONFIG_FILE);
    (void)unlink(path);
    (void)rmdir(dir);
    return 0;
}

static void it_has_no_servers_then_although_the_network_has_some(void **state) {
    (void)state;
    const struct ht_config_flags flags = {
        .network = "mainnet", .data_dir = dir, .no_providers = true};
    assert_int_equal(ht_config_load(&config, &flags, &why), HT_OK);
    assert_true(config.has_no_providers);
    assert_int_equal(config.beacon.count + config.execution.count + config.checkpoint.count, 0);
}

static void sources_of_a_starting_point_may_still_be_named(void **state) {
    (void)state;
    const struct ht_config_flags flags = {.network = "mainnet",
                                          .data_dir = dir,
                                          .no_providers = true,
                                          .checkpoint_source = {"http://127.0.0.1:9"},
                                          .checkpoint_source_count = 1};
    assert_int_equal(ht_config_load(&config, &flags, &why), HT_OK);
    assert_int_equal(config.checkpoint.count, 1);
}

static void it_goes_with_no_server_that_is_named_beside_it(void **state) {
    (void)state;
    const struct ht_config_flags flags = {.network = "mainnet",
                                          .data_dir = dir,
                                          .no_providers = true,
                                          .beacon = {"http://127.0.0.1:9"},
                                          .beacon_count = 1};
    assert_int_equal(ht_config_load(&config, &flags, &why), HT_EINPUT);
    assert_string_equal(why.code, "no_providers");
}

static void the_settings_file_keeps_it_and_a_named_server_ends_it(void **state) {
    (void)state;
    struct ht_config_flags flags = {.network = "mainnet", .data_dir = dir, .no_providers = true};
    assert_int_equal(ht_config_load(&config, &flags, &why), HT_OK);
    assert_int_equal(ht_config_save(&config, false, &why), HT_OK);
    ht_config_free(&config);
    flags.no_providers = false;
    assert_int_equal(ht_config_load(&config, &flags, &why), HT_OK);
    assert_true(config.has_no_providers);
    assert_int_equal(config.beacon.count, 0);
    ht_config_free(&config);
    flags.beacon[0] = "http://127.0.0.1:9";
    flags.beacon_count = 1;
    assert_int_equal(ht_config_load(&config, &flags, &why), HT_OK);
    assert_false(config.has_no_providers);
    assert_int_equal(config.beacon.count, 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(it_has_no_servers_then_although_the_network_has_some, start,
                                        end),
        cmocka_unit_test_setup_teardown(sources_of_a_starting_point_may_still_be_named, start, end),
        cmocka_unit_test_setup_teardown(it_goes_with_no_server_that_is_named_beside_it, start, end),
        cmocka_unit_test_setup_teardown(the_settings_file_keeps_it_and_a_named_server_ends_it,
                                        start, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
