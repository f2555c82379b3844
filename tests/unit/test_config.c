/* Settings: what wins, what is refused, what is written. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "node/app/config.h"
#include "node/app/endpoints.h"

#define ROOT "0x00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define VERSIONS                                                                      \
    "\"GENESIS_FORK_VERSION\":\"0x10000038\",\"ALTAIR_FORK_VERSION\":\"0x11000038\"," \
    "\"ALTAIR_FORK_EPOCH\":\"0\""
#define NETWORK(name)                                                                      \
    "{\"CONFIG_NAME\":\"" name "\",\"PRESET_BASE\":\"minimal\",\"GENESIS_TIME\":\"1000\"," \
    "\"GENESIS_VALIDATORS_ROOT\":\"" ROOT "\",\"SLOT_DURATION_MS\":\"2000\","              \
    "\"DEPOSIT_CHAIN_ID\":\"31337\"," VERSIONS "}"

struct home {
    char dir[64];
    char settings[96];
    char network[96];
};

static int make_home(void **state) {
    struct home *h = calloc(1, sizeof *h);
    assert_non_null(h);
    (void)snprintf(h->dir, sizeof h->dir, "/tmp/ht_config.XXXXXX");
    assert_non_null(mkdtemp(h->dir));
    (void)snprintf(h->settings, sizeof h->settings, "%s/%s", h->dir, HT_CONFIG_FILE);
    (void)snprintf(h->network, sizeof h->network, "%s/net.json", h->dir);
    assert_int_equal(setenv("XDG_DATA_HOME", h->dir, 1), 0);
    *state = h;
    return 0;
}

static int remove_home(void **state) {
    struct home *h = *state;
    (void)rmdir(h->settings);
    (void)unlink(h->settings);
    (void)unlink(h->network);
    assert_int_equal(rmdir(h->dir), 0);
    free(h);
    return 0;
}

static void write_file(const char *path, const char *text) {
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void load(struct ht_config *config, const struct ht_config_flags *flags) {
    struct ht_why why = {.code = "", .text = ""};
    if (ht_config_load(config, flags, &why) != HT_OK) fail_msg("%s: %s", why.code, why.text);
}

static struct ht_why expect_error(const struct ht_config_flags *flags, enum ht_err err,
                                  const char *code) {
    struct ht_config config;
    struct ht_why why = {.code = "accepted", .text = ""};
    assert_int_equal(ht_config_load(&config, flags, &why), err);
    if (strcmp(why.code, code) != 0) fail_msg("%s, not %s: %s", why.code, code, why.text);
    assert_int_equal(config.beacon.count + config.checkpoint.count, 0);
    return why;
}

/* The settings file alone is wrong in this way. */
static void expect_bad_settings(struct home *h, const char *settings, const char *code) {
    struct ht_config_flags flags = {.data_dir = h->dir};
    write_file(h->settings, settings);
    struct ht_why why = expect_error(&flags, HT_EINPUT, code);
    if (strstr(why.text, h->settings) == NULL) fail_msg("does not name the file: %s", why.text);
}

/* --- where ------------------------------------------------------------------------------------ */

static void mainnet_and_its_table_are_the_default(void **state) {
    struct home *h = *state;
    struct ht_config config;
    struct ht_config_flags flags = {.network = NULL};
    char expected[128];
    load(&config, &flags);
    const struct ht_endpoints *known = ht_endpoints_find("mainnet");
    (void)snprintf(expected, sizeof expected, "%s/hearth/mainnet", h->dir);
    assert_string_equal(config.network.name, "mainnet");
    assert_string_equal(config.network_source, "mainnet");
    assert_string_equal(config.data_dir, expected);
    assert_int_equal(config.port, 8420);
    assert_int_equal(config.checkpoint_quorum, 2);
    assert_false(config.has_checkpoint);
    assert_false(config.accept_old_checkpoint);
    assert_string_equal(config.beacon.list[0], known->beacon[0]);
    assert_string_equal(config.checkpoint.list[0], known->checkpoint[0]);
    assert_null(known->beacon[config.beacon.count]);
    assert_null(known->checkpoint[config.checkpoint.count]);
    ht_config_free(&config);
}

static void home_is_used_when_xdg_names_no_absolute_path(void **state) {
    struct home *h = *state;
    struct ht_config config;
    struct ht_config_flags flags = {.network = "hoodi"};
    char expected[128];
    assert_int_equal(setenv("XDG_DATA_HOME", "relative", 1), 0);
    assert_int_equal(setenv("HOME", h->dir, 1), 0);
    load(&config, &flags);
    (void)snprintf(expected, sizeof expected, "%s/.local/share/hearth/hoodi", h->dir);
    assert_string_equal(config.data_dir, expected);
    ht_config_free(&config);
}

static void without_a_home_the_directory_must_be_given(void **state) {
    (void)state;
    struct ht_config_flags flags = {.network = "hoodi"};
    assert_int_equal(unsetenv("XDG_DATA_HOME"), 0);
    assert_int_equal(unsetenv("HOME"), 0);
    (void)expect_error(&flags, HT_EINPUT, "no_data_dir");
}

static void a_directory_path_that_does_not_fit_is_refused(void **state) {
    (void)state;
    static char dir[5000];
    memset(dir, 'a', sizeof dir - 1);
    struct ht_config_flags flags = {.data_dir = dir};
    (void)expect_error(&flags, HT_EINPUT, "path_too_long");
}

static void path_that_does_not_fit_is_refused(void **state) {
    (void)state;
    struct ht_config config = {.data_dir = "/tmp/somewhere"};
    char out[20];
    struct ht_why why = {.code = ""};
    assert_int_equal(ht_config_path(out, sizeof out, &config, "name", &why), HT_OK);
    assert_string_equal(out, "/tmp/somewhere/name");
    assert_int_equal(ht_config_path(out, sizeof out, &config, "name2", &why), HT_EINPUT);
    assert_string_equal(why.code, "path_too_long");
}

static void unknown_networks_are_not_found(void **state) {
    struct home *h = *state;
    struct ht_config_flags flags = {.network = "no-such-net", .data_dir = h->dir};
    struct ht_why why = expect_error(&flags, HT_ENOTFOUND, "no_such_network");
    assert_non_null(strstr(why.text, "no-such-net"));
    flags.network = h->network; /* a file that is not there */
    (void)expect_error(&flags, HT_ENOTFOUND, "no_such_network");
}

static void a_network_file_gives_a_network_without_servers(void **state) {
    struct home *h = *state;
    struct ht_config config;
    struct ht_config_flags flags = {.network = h->network, .data_dir = h->dir};
    write_file(h->network, NETWORK("testnet-1"));
    load(&config, &flags);
    assert_string_equal(config.network.name, "testnet-1");
    assert_string_equal(config.network_source, h->network);
    assert_int_equal(config.beacon.count, 0);
    ht_config_free(&config);
}

static void a_wrong_network_file_is_refused_for_its_own_reason(void **state) {
    struct home *h = *state;
    struct ht_config_flags flags = {.network = h->network, .data_dir = h->dir};
    write_file(h->network, "{\"PRESET_BASE\":\"huge\"}");
    (void)expect_error(&flags, HT_EINPUT, "bad_network");
}

/* --- settings file ---------------------------------------------------------------------------- */

static void settings_replace_the_table(void **state) {
    struct home *h = *state;
    struct ht_config config;
    struct ht_config_flags flags = {.data_dir = h->dir};
    write_file(h->settings, "{\"network\":\"sepolia\",\"beacon\":[\"http://a\",\"http://b\"],"
                            "\"checkpoint_sources\":[\"http://c\"],\"checkpoint_quorum\":1,"
                            "\"port\":0,\"checkpoint\":\"" ROOT "\"}");
    load(&config, &flags);
    assert_string_equal(config.network.name, "sepolia");
    assert_int_equal(config.beacon.count, 2);
    assert_string_equal(config.beacon.list[1], "http://b");
    assert_int_equal(config.checkpoint.count, 1);
    assert_string_equal(config.checkpoint.list[0], "http://c");
    assert_int_equal(config.checkpoint_quorum, 1);
    assert_int_equal(config.port, 0);
    assert_true(config.has_checkpoint);
    assert_int_equal(config.checkpoint_root.b[1], 0x11);
    ht_config_free(&config);
}

static void settings_of_the_network_s_own_directory_are_read(void **state) {
    struct home *h = *state;
    struct ht_config config;
    struct ht_config_flags flags = {.network = "hoodi"};
    char dir[200], path[220];
    (void)snprintf(dir, sizeof dir, "%s/hearth", h->dir);
    assert_int_equal(mkdir(dir, 0700), 0);
    (void)snprintf(dir, sizeof dir, "%s/hearth/hoodi", h->dir);
    assert_int_equal(mkdir(dir, 0700), 0);
    (void)snprintf(path, sizeof path, "%s/%s", dir, HT_CONFIG_FILE);
    write_file(path, "{\"port\":\"9000\"}");
    load(&config, &flags);
    assert_int_equal(config.port, 9000);
    ht_config_free(&config);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(dir), 0);
    dir[strlen(dir) - strlen("/hoodi")] = '\0';
    assert_int_equal(rmdir(dir), 0);
}

static void flags_win_over_settings(void **state) {
    struct home *h = *state;
    struct ht_config config;
    struct ht_config_flags flags = {
        .network = "hoodi",
        .data_dir = h->dir,
        .beacon = {"http://x", "http://y"},
        .beacon_count = 2,
        .checkpoint_source = {"http://z"},
        .checkpoint_source_count = 1,
        .checkpoint = "0x"
                      "ff112233445566778899aabbccddeeff00112233445566778899aabbccddeeff",
        .checkpoint_quorum = "3",
        .accept_old_checkpoint = true,
        .port = "65535",
    };
    write_file(h->settings, "{\"network\":\"sepolia\",\"beacon\":[\"http://a\"],"
                            "\"checkpoint_sources\":[\"http://c\",\"http://d\"],"
                            "\"checkpoint_quorum\":1,\"port\":7,\"checkpoint\":\"" ROOT "\"}");
    load(&config, &flags);
    assert_string_equal(config.network.name, "hoodi");
    assert_int_equal(config.beacon.count, 2);
    assert_string_equal(config.beacon.list[0], "http://x");
    assert_int_equal(config.checkpoint.count, 1);
    assert_string_equal(config.checkpoint.list[0], "http://z");
    assert_int_equal(config.checkpoint_quorum, 3);
    assert_int_equal(config.port, 65535);
    assert_int_equal(config.checkpoint_root.b[0], 0xff);
    assert_true(config.accept_old_checkpoint);
    ht_config_free(&config);
}

static void own_beacons_are_asked_for_the_starting_point_too(void **state) {
    struct home *h = *state;
    struct ht_config config;
    struct ht_config_flags flags = {.data_dir = h->dir, .beacon = {"http://x"}, .beacon_count = 1};
    load(&config, &flags);
    assert_int_equal(config.beacon.count, 1);
    assert_int_equal(config.checkpoint.count, 0);
    ht_config_free(&config);
}

static void bad_settings_are_refused_with_file_and_reason(void **state) {
    struct home *h = *state;
    expect_bad_settings(h, "{", "json_syntax");
    expect_bad_settings(h, "", "json_syntax");
    expect_bad_settings(h, "[]", "bad_settings");
    expect_bad_settings(h, "{\"port\":1,\"port\":2}", "json_duplicate_key");
    expect_bad_settings(h, "{\"port\":65536}", "bad_number");
    expect_bad_settings(h, "{\"port\":-1}", "json_value");
    expect_bad_settings(h, "{\"port\":true}", "json_type");
    expect_bad_settings(h, "{\"checkpoint_quorum\":0}", "bad_number");
    expect_bad_settings(h, "{\"checkpoint_quorum\":17}", "bad_number");
    expect_bad_settings(h, "{\"beacon\":\"http://a\"}", "json_type");
    expect_bad_settings(h, "{\"beacon\":[7]}", "json_type");
    expect_bad_settings(h, "{\"checkpoint_sources\":{}}", "json_type");
    expect_bad_settings(h, "{\"checkpoint\":\"0x12\"}", "bad_root");
}

static void too_many_addresses_are_a_limit(void **state) {
    struct home *h = *state;
    struct ht_config_flags flags = {.data_dir = h->dir};
    char settings[400] = "{\"beacon\":[\"http://a\"";
    for (int i = 0; i < HT_CONFIG_URLS_MAX; i++) {
        (void)snprintf(settings + strlen(settings), sizeof settings - strlen(settings),
                       ",\"http://b%d\"", i);
    }
    (void)snprintf(settings + strlen(settings), sizeof settings - strlen(settings), "]}");
    write_file(h->settings, settings);
    (void)expect_error(&flags, HT_ELIMIT, "too_many_urls");
}

static void settings_that_cannot_be_read_are_a_storage_error(void **state) {
    struct home *h = *state;
    struct ht_config_flags flags = {.data_dir = h->dir};
    char *loop = h->settings;
    assert_int_equal(symlink(loop, loop), 0); /* also root cannot read this */
    (void)expect_error(&flags, HT_ESTORE, "settings_unreadable");
}

static void an_unknown_network_in_the_settings_is_not_found(void **state) {
    struct home *h = *state;
    struct ht_config_flags flags = {.data_dir = h->dir};
    write_file(h->settings, "{\"network\":\"nowhere\"}");
    (void)expect_error(&flags, HT_ENOTFOUND, "no_such_network");
}

/* --- flags ------------------------------------------------------------------------------------ */

static void bad_flags_are_refused_each_by_name(void **state) {
    struct home *h = *state;
    static const char *const ports[] = {
        "", "x", "-1", "+1", " 1", "1 ", "65536", "0x10", "99999999999999999999"};
    static const char *const quorums[] = {"0", "17", "two"};
    static const char *const roots[] = {"", "0x", "0x12", ROOT "00", "zz"};
    for (size_t i = 0; i < sizeof ports / sizeof *ports; i++) {
        struct ht_config_flags flags = {.data_dir = h->dir, .port = ports[i]};
        assert_non_null(strstr(expect_error(&flags, HT_EINPUT, "bad_number").text, "--port"));
    }
    for (size_t i = 0; i < sizeof quorums / sizeof *quorums; i++) {
        struct ht_config_flags flags = {.data_dir = h->dir, .checkpoint_quorum = quorums[i]};
        assert_non_null(strstr(expect_error(&flags, HT_EINPUT, "bad_number").text, "quorum"));
    }
    for (size_t i = 0; i < sizeof roots / sizeof *roots; i++) {
        struct ht_config_flags flags = {.data_dir = h->dir, .checkpoint = roots[i]};
        (void)expect_error(&flags, HT_EINPUT, "bad_root");
    }
}

/* --- saving ----------------------------------------------------------------------------------- */

static void what_is_saved_is_loaded_again(void **state) {
    struct home *h = *state;
    struct ht_config first, second;
    struct ht_config_flags flags = {.network = h->network,
                                    .data_dir = h->dir,
                                    .beacon = {"http://mara:secret@a", "http://b"},
                                    .beacon_count = 2,
                                    .checkpoint_source = {"http://c"},
                                    .checkpoint_source_count = 1,
                                    .checkpoint = ROOT,
                                    .checkpoint_quorum = "1",
                                    .port = "8421",
                                    .relay_port = "7",
                                    .relay_host = {"relay.example"},
                                    .relay_host_count = 1,
                                    .no_relay = true};
    struct ht_config_flags only_dir = {.data_dir = h->dir};
    write_file(h->network, NETWORK("testnet-1"));
    load(&first, &flags);
    assert_int_equal(ht_config_save(&first, false, NULL), HT_OK);
    load(&second, &only_dir);
    assert_string_equal(second.network.name, "testnet-1");
    assert_string_equal(second.network_source, first.network_source);
    assert_int_equal(second.beacon.count, 2);
    assert_string_equal(second.beacon.list[0], "http://mara:secret@a");
    assert_int_equal(second.checkpoint.count, 1);
    assert_int_equal(second.checkpoint_quorum, 1);
    assert_int_equal(second.port, 8421);
    assert_int_equal(second.relay_port, 7);
    assert_true(second.is_relay_off);
    assert_int_equal(second.relay_host.count, 1);
    assert_true(second.has_checkpoint);
    assert_memory_equal(&second.checkpoint_root, &first.checkpoint_root, 32);
    ht_config_free(&first);
    ht_config_free(&second);
}

static void the_relay_listens_on_loopback_unless_told_otherwise(void **state) {
    (void)state;
    struct ht_config config;
    struct ht_config_flags flags = {.network = "mainnet"};
    load(&config, &flags);
    assert_int_equal(config.relay_port, 8421);
    assert_string_equal(config.relay_listen, "127.0.0.1");
    assert_false(config.is_relay_off || config.is_relay_port_given);
    ht_config_free(&config);
    flags = (struct ht_config_flags){.network = "mainnet",
                                     .relay_port = "7",
                                     .relay_listen = "0.0.0.0",
                                     .relay_host = {"relay.example"},
                                     .relay_host_count = 1,
                                     .no_relay = true};
    load(&config, &flags);
    assert_int_equal(config.relay_port, 7);
    assert_true(config.is_relay_off && config.is_relay_port_given);
    assert_string_equal(config.relay_listen, "0.0.0.0");
    assert_string_equal(config.relay_host.list[0], "relay.example");
    ht_config_free(&config);
    struct ht_why why = {0};
    flags = (struct ht_config_flags){.network = "mainnet", .relay_port = "65536"};
    assert_int_equal(ht_config_load(&config, &flags, &why), HT_EINPUT);
    assert_string_equal(why.code, "bad_number");
    flags = (struct ht_config_flags){.network = "mainnet", .relay_listen = ""};
    assert_int_equal(ht_config_load(&config, &flags, &why), HT_EINPUT);
    assert_string_equal(why.code, "bad_address");
}

static void saved_settings_are_the_owner_s_alone(void **state) {
    struct home *h = *state;
    struct ht_config config;
    struct ht_config_flags flags = {.data_dir = h->dir};
    struct stat info;
    load(&config, &flags);
    assert_int_equal(ht_config_save(&config, false, NULL), HT_OK);
    assert_int_equal(stat(h->settings, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
    ht_config_free(&config);
}

static void settings_that_are_there_are_replaced_only_when_told(void **state) {
    struct home *h = *state;
    struct ht_config config, again;
    struct ht_config_flags flags = {.data_dir = h->dir};
    struct ht_why why = {.code = ""};
    write_file(h->settings, "{\"port\":1}");
    load(&config, &flags);
    config.port = 2;
    assert_int_equal(ht_config_save(&config, false, &why), HT_EDENIED);
    assert_string_equal(why.code, "settings_exist");
    load(&again, &flags);
    assert_int_equal(again.port, 1);
    ht_config_free(&again);
    assert_int_equal(ht_config_save(&config, true, &why), HT_OK);
    load(&again, &flags);
    assert_int_equal(again.port, 2);
    ht_config_free(&again);
    ht_config_free(&config);
}

static void saving_into_no_directory_is_a_storage_error(void **state) {
    struct home *h = *state;
    struct ht_config config;
    char dir[100];
    (void)snprintf(dir, sizeof dir, "%s/not-there", h->dir);
    struct ht_config_flags flags = {.data_dir = dir};
    struct ht_why why = {.code = ""};
    load(&config, &flags);
    assert_int_equal(ht_config_save(&config, false, &why), HT_ESTORE);
    assert_string_equal(why.code, "settings_not_written");
    ht_config_free(&config);
}

static void a_save_that_fails_leaves_nothing_behind(void **state) {
    struct home *h = *state;
    struct ht_config config;
    struct ht_config_flags flags = {.data_dir = h->dir};
    struct ht_why why = {.code = ""};
    char left[120];
    load(&config, &flags);
    assert_int_equal(mkdir(h->settings, 0700), 0); /* nothing can be renamed over it */
    assert_int_equal(ht_config_save(&config, true, &why), HT_ESTORE);
    assert_string_equal(why.code, "settings_not_written");
    (void)snprintf(left, sizeof left, "%s.new", h->settings);
    assert_int_not_equal(access(left, F_OK), 0);
    ht_config_free(&config);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_home, remove_home)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(mainnet_and_its_table_are_the_default),
        TEST(home_is_used_when_xdg_names_no_absolute_path),
        TEST(without_a_home_the_directory_must_be_given),
        TEST(a_directory_path_that_does_not_fit_is_refused),
        TEST(path_that_does_not_fit_is_refused),
        TEST(unknown_networks_are_not_found),
        TEST(a_network_file_gives_a_network_without_servers),
        TEST(a_wrong_network_file_is_refused_for_its_own_reason),
        TEST(settings_replace_the_table),
        TEST(settings_of_the_network_s_own_directory_are_read),
        TEST(flags_win_over_settings),
        TEST(own_beacons_are_asked_for_the_starting_point_too),
        TEST(bad_settings_are_refused_with_file_and_reason),
        TEST(too_many_addresses_are_a_limit),
        TEST(settings_that_cannot_be_read_are_a_storage_error),
        TEST(an_unknown_network_in_the_settings_is_not_found),
        TEST(bad_flags_are_refused_each_by_name),
        TEST(what_is_saved_is_loaded_again),
        TEST(the_relay_listens_on_loopback_unless_told_otherwise),
        TEST(saved_settings_are_the_owner_s_alone),
        TEST(settings_that_are_there_are_replaced_only_when_told),
        TEST(saving_into_no_directory_is_a_storage_error),
        TEST(a_save_that_fails_leaves_nothing_behind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
