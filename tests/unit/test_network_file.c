/* Custom networks: what a config file has to have, and what it may not say. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "node/l1/consensus/network_file.h"

#define ROOT "0xd42cb4659a31058ea2fe924aeaada0f8619dd1d6cd4f687b380d89250dc60fc1"

static json_t *good_config(void) {
    json_t *config = json_pack(
        "{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "PRESET_BASE",
        "minimal", "GENESIS_TIME", "1700000000", "GENESIS_VALIDATORS_ROOT", ROOT,
        "SECONDS_PER_SLOT", "6", "DEPOSIT_CHAIN_ID", "1337", "GENESIS_FORK_VERSION", "0x00000001",
        "ALTAIR_FORK_VERSION", "0x01000001", "ALTAIR_FORK_EPOCH", "0", "BELLATRIX_FORK_VERSION",
        "0x02000001", "BELLATRIX_FORK_EPOCH", "0", "CAPELLA_FORK_VERSION", "0x03000001",
        "CAPELLA_FORK_EPOCH", "10", "DENEB_FORK_EPOCH", "18446744073709551615");
    assert_non_null(config);
    return config;
}

static void set(json_t *config, const char *key, const char *json_text) {
    json_t *value = json_loads(json_text, JSON_DECODE_ANY, NULL);
    assert_non_null(value);
    assert_int_equal(json_object_set_new(config, key, value), 0);
}

static void expect_refused(json_t *config, enum ht_err err, const char *code, const char *word) {
    struct ht_network network;
    struct ht_why why = {.code = "accepted", .text = ""};
    memset(&network, 0x55, sizeof network);
    assert_int_equal(ht_network_from_json(&network, config, &why), err);
    assert_string_equal(why.code, code);
    if (strstr(why.text, word) == NULL) fail_msg("\"%s\" does not name %s", why.text, word);
    assert_int_equal((uint8_t)network.name[0], 0x55); /* written only on success */
    json_decref(config);
}

static struct ht_network must_read(json_t *config) {
    struct ht_network network;
    struct ht_why why = {.text = ""};
    if (ht_network_from_json(&network, config, &why) != HT_OK) fail_msg("%s", why.text);
    json_decref(config);
    return network;
}

static void config_of_strings_is_read(void **state) {
    (void)state;
    struct ht_network network = must_read(good_config());
    assert_ptr_equal(network.preset, &ht_preset_minimal);
    assert_string_equal(network.name, "custom");
    assert_int_equal(network.chain_id, 1337);
    assert_true(network.genesis_time_ms == 1700000000000);
    assert_int_equal(network.slot_duration_ms, 6000);
    assert_int_equal(network.genesis_validators_root.b[0], 0xd4);
    assert_int_equal(network.forks[HT_CAPELLA].epoch, 10);
    assert_int_equal(network.forks[HT_CAPELLA].version[0], 3);
    assert_true(network.forks[HT_DENEB].epoch == HT_FAR_FUTURE_EPOCH);
    assert_true(network.forks[HT_GLOAS].epoch == HT_FAR_FUTURE_EPOCH);
    assert_int_equal(network.max_blobs_per_block_electra, 9);
    assert_int_equal(network.blob_schedule_count, 0);
    assert_true(network.weak_subjectivity_ms == 336ULL * 3600000);
}

static void numbers_and_newer_keys_are_read_too(void **state) {
    (void)state;
    json_t *config = good_config();
    set(config, "CAPELLA_FORK_EPOCH", "10");
    set(config, "SLOT_DURATION_MS", "\"4000\"");
    set(config, "CONFIG_NAME", "\"dev-net_1.0\"");
    set(config, "PRESET_BASE", "\"mainnet\"");
    set(config, "WEAK_SUBJECTIVITY_HOURS", "24");
    set(config, "MAX_BLOBS_PER_BLOCK_ELECTRA", "12");
    set(config, "BLOB_SCHEDULE",
        "[{\"EPOCH\":\"20\",\"MAX_BLOBS_PER_BLOCK\":\"15\"},"
        "{\"EPOCH\":30,\"MAX_BLOBS_PER_BLOCK\":21}]");
    struct ht_network network = must_read(config);
    assert_int_equal(network.slot_duration_ms, 4000);
    assert_string_equal(network.name, "dev-net_1.0");
    assert_ptr_equal(network.preset, &ht_preset_mainnet);
    assert_int_equal(network.weak_subjectivity_ms, 24 * 3600000);
    assert_int_equal(network.max_blobs_per_block_electra, 12);
    assert_int_equal(network.blob_schedule_count, 2);
    assert_int_equal(network.blob_schedule[1].epoch, 30);
    assert_int_equal(network.blob_schedule[1].max_blobs_per_block, 21);
}

static void each_missing_key_is_named(void **state) {
    (void)state;
    const char *keys[] = {"PRESET_BASE",          "GENESIS_TIME",       "GENESIS_VALIDATORS_ROOT",
                          "SECONDS_PER_SLOT",     "DEPOSIT_CHAIN_ID",   "GENESIS_FORK_VERSION",
                          "CAPELLA_FORK_VERSION", "ALTAIR_FORK_VERSION"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        json_t *config = good_config();
        assert_int_equal(json_object_del(config, keys[i]), 0);
        expect_refused(config, HT_EINPUT, "json_missing", keys[i]);
    }
}

struct bad_value {
    const char *key, *value, *code, *word;
};

static void values_that_cannot_be_are_refused(void **state) {
    (void)state;
    const struct bad_value values[] = {
        {"PRESET_BASE", "\"gnosis\"", "bad_network", "PRESET_BASE"},
        {"PRESET_BASE", "1", "json_type", "PRESET_BASE"},
        {"CONFIG_NAME", "\"\"", "bad_network", "CONFIG_NAME"},
        {"CONFIG_NAME", "\"../up\"", "bad_network", "CONFIG_NAME"},
        {"CONFIG_NAME", "\".hidden\"", "bad_network", "CONFIG_NAME"},
        {"CONFIG_NAME", "\"a name that is far too long to be one\"", "bad_network", "CONFIG_NAME"},
        {"GENESIS_TIME", "\"99999999999999\"", "bad_network", "time"},
        {"GENESIS_TIME", "\"-1\"", "json_value", "GENESIS_TIME"},
        {"SECONDS_PER_SLOT", "\"0\"", "bad_network", "time"},
        {"SLOT_DURATION_MS", "\"3600001\"", "bad_network", "time"},
        {"WEAK_SUBJECTIVITY_HOURS", "1000001", "bad_network", "time"},
        {"GENESIS_VALIDATORS_ROOT", "\"0x00\"", "json_value", "GENESIS_VALIDATORS_ROOT"},
        {"CAPELLA_FORK_VERSION", "\"0x030001\"", "json_value", "CAPELLA_FORK_VERSION"},
        {"BELLATRIX_FORK_EPOCH", "\"11\"", "bad_network", "CAPELLA_FORK_EPOCH"},
        {"ELECTRA_FORK_EPOCH", "\"11\"", "bad_network", "ELECTRA_FORK_EPOCH"},
        {"BLOB_SCHEDULE", "{}", "json_type", "BLOB_SCHEDULE"},
        {"BLOB_SCHEDULE", "[{\"EPOCH\":1}]", "json_missing", "MAX_BLOBS_PER_BLOCK"},
        {"BLOB_SCHEDULE",
         "[{\"EPOCH\":2,\"MAX_BLOBS_PER_BLOCK\":1},{\"EPOCH\":2,\"MAX_BLOBS_PER_BLOCK\":2}]",
         "bad_network", "order"},
    };
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        json_t *config = good_config();
        set(config, values[i].key, values[i].value);
        expect_refused(config, HT_EINPUT, values[i].code, values[i].word);
    }
}

static void blob_schedule_has_a_maximum(void **state) {
    (void)state;
    json_t *config = good_config(), *schedule = json_array();
    for (json_int_t i = 0; i <= HT_BLOB_SCHEDULE_MAX; i++) {
        (void)json_array_append_new(schedule,
                                    json_pack("{s:I, s:i}", "EPOCH", i, "MAX_BLOBS_PER_BLOCK", 9));
    }
    assert_int_equal(json_object_set_new(config, "BLOB_SCHEDULE", schedule), 0);
    expect_refused(config, HT_ELIMIT, "bad_network", "BLOB_SCHEDULE");
}

static void file_is_read_like_its_json(void **state) {
    (void)state;
    char path[] = P_tmpdir "/network-XXXXXX";
    int file = mkstemp(path);
    assert_true(file >= 0);
    json_t *config = good_config();
    char *text = json_dumps(config, 0);
    assert_int_equal(write(file, text, strlen(text)), (ssize_t)strlen(text));
    struct ht_network network;
    assert_int_equal(ht_network_from_file(&network, path, NULL), HT_OK);
    assert_int_equal(network.chain_id, 1337);
    assert_int_equal(ftruncate(file, 20), 0);
    struct ht_why why;
    assert_int_equal(ht_network_from_file(&network, path, &why), HT_EINPUT);
    assert_string_equal(why.code, "json_syntax");
    (void)close(file);
    (void)unlink(path);
    assert_int_equal(ht_network_from_file(&network, path, &why), HT_ENOTFOUND);
    assert_string_equal(why.code, "no_such_network");
    free(text);
    json_decref(config);
}

#define EAS "\"eas\": \"0x0101010101010101010101010101010101010101\", "
#define REGISTRY "\"schema_registry\": \"0x0202020202020202020202020202020202020202\", "

static void contracts_that_are_named_are_read(void **state) {
    (void)state;
    assert_int_equal(must_read(good_config()).contracts.eas.b[0], 0);
    json_t *config = good_config();
    set(config, "contracts",
        "{" EAS REGISTRY "\"eas_version\": \"1.4.0\", \"did_registry_is_legacy\": true,"
        " \"did_registry\": \"0x0303030303030303030303030303030303030303\"}");
    struct ht_network network = must_read(config);
    assert_int_equal(network.contracts.eas.b[0], 1);
    assert_int_equal(network.contracts.schema_registry.b[19], 2);
    assert_string_equal(network.contracts.eas_version, "1.4.0");
    assert_int_equal(network.contracts.did_registry.b[5], 3);
    assert_true(network.contracts.did_registry_is_legacy);
    assert_int_equal(network.contracts.ens_registry.b[0], 0);
}

static void contracts_that_cannot_be_are_refused(void **state) {
    (void)state;
    static const char *const cases[][2] = {
        {"{" EAS REGISTRY "\"ens_registry\": \"0x0303030303030303030303030303030303030303\"}",
         "together"},
        {"{" EAS REGISTRY "\"eas_version\": \"one\"}", "eas_version"},
        {"{" EAS REGISTRY "\"eas_version\": \"1.4.0.1.4.0.1.4.0\"}", "eas_version"},
        {"{\"did_registry\": \"0x0000000000000000000000000000000000000000\"}", "did_registry"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        json_t *config = good_config();
        set(config, "contracts", cases[i][0]);
        expect_refused(config, HT_EINPUT, "bad_network", cases[i][1]);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(config_of_strings_is_read),
        cmocka_unit_test(numbers_and_newer_keys_are_read_too),
        cmocka_unit_test(each_missing_key_is_named),
        cmocka_unit_test(values_that_cannot_be_are_refused),
        cmocka_unit_test(blob_schedule_has_a_maximum),
        cmocka_unit_test(file_is_read_like_its_json),
        cmocka_unit_test(contracts_that_are_named_are_read),
        cmocka_unit_test(contracts_that_cannot_be_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
