/* Custom networks: reading the configuration that a Beacon API or a testnet's files give. */
#include "node/l1/consensus/network_file.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>

#define FILE_MAX (256U * 1024U)
#define DEFAULT_WEAK_SUBJECTIVITY_HOURS 336U

static enum ht_err read_preset(struct ht_network *out, const json_t *json, struct ht_why *why) {
    const char *preset;
    enum ht_err err = ht_json_text(&preset, json, "PRESET_BASE", why);
    if (err != HT_OK) return err;
    if (strcmp(preset, "mainnet") == 0) {
        out->preset = &ht_preset_mainnet;
    } else if (strcmp(preset, "minimal") == 0) {
        out->preset = &ht_preset_minimal;
    } else {
        return ht_fail(why, HT_EINPUT, "bad_network", "PRESET_BASE is neither mainnet nor minimal");
    }
    return HT_OK;
}

static enum ht_err read_name(struct ht_network *out, const json_t *json, struct ht_why *why) {
    const char *name = "custom";
    enum ht_err err = HT_OK;
    if (ht_json_member(json, "CONFIG_NAME") != NULL) {
        err = ht_json_text(&name, json, "CONFIG_NAME", why);
    }
    if (err != HT_OK) return err;
    size_t n = strlen(name);
    bool is_good = n > 0 && n < sizeof out->name;
    for (size_t i = 0; i < n; i++) {
        is_good = is_good && (isalnum((unsigned char)name[i]) || strchr("-_.", name[i]) != NULL);
    }
    if (!is_good || name[0] == '.') {
        return ht_fail(why, HT_EINPUT, "bad_network",
                       "CONFIG_NAME has letters, digits, '-', '_' and '.', at most %zu",
                       sizeof out->name - 1);
    }
    memcpy(out->name, name, n + 1);
    return HT_OK;
}

static enum ht_err read_times(struct ht_network *out, const json_t *json, struct ht_why *why) {
    uint64_t genesis_s, hours = DEFAULT_WEAK_SUBJECTIVITY_HOURS;
    enum ht_err err = ht_json_u64(&genesis_s, json, "GENESIS_TIME", why);
    if (err != HT_OK) return err;
    if (ht_json_member(json, "SLOT_DURATION_MS") != NULL) {
        err = ht_json_u64(&out->slot_duration_ms, json, "SLOT_DURATION_MS", why);
    } else {
        err = ht_json_u64(&out->slot_duration_ms, json, "SECONDS_PER_SLOT", why);
        if (err == HT_OK && out->slot_duration_ms < 3600) out->slot_duration_ms *= 1000;
    }
    if (err == HT_OK && ht_json_member(json, "WEAK_SUBJECTIVITY_HOURS") != NULL) {
        err = ht_json_u64(&hours, json, "WEAK_SUBJECTIVITY_HOURS", why);
    }
    if (err != HT_OK) return err;
    if (genesis_s > UINT32_MAX * 64ULL || hours > 1000000 || out->slot_duration_ms < 50 ||
        out->slot_duration_ms > 3600000) {
        return ht_fail(why, HT_EINPUT, "bad_network", "a time of the network is out of range");
    }
    out->genesis_time_ms = genesis_s * 1000;
    out->weak_subjectivity_ms = hours * 3600000;
    return HT_OK;
}

static enum ht_err read_fork(struct ht_network *out, const json_t *json, enum ht_fork fork,
                             struct ht_why *why) {
    char key[48];
    char upper[16] = "";
    const char *name = fork == HT_PHASE0 ? "genesis" : ht_fork_specs[fork].name;
    for (size_t i = 0; name[i] != '\0'; i++) upper[i] = (char)toupper((unsigned char)name[i]);
    out->forks[fork].epoch = fork == HT_PHASE0 ? 0 : HT_FAR_FUTURE_EPOCH;
    (void)snprintf(key, sizeof key, "%s_FORK_EPOCH", upper);
    if (fork != HT_PHASE0 && ht_json_member(json, key) != NULL) {
        enum ht_err err = ht_json_u64(&out->forks[fork].epoch, json, key, why);
        if (err != HT_OK) return err;
    }
    if (fork != HT_PHASE0 && out->forks[fork].epoch < out->forks[fork - 1].epoch) {
        return ht_fail(why, HT_EINPUT, "bad_network", "%s comes before the fork it follows", key);
    }
    (void)snprintf(key, sizeof key, "%s_FORK_VERSION", upper);
    if (out->forks[fork].epoch == HT_FAR_FUTURE_EPOCH && ht_json_member(json, key) == NULL) {
        return HT_OK;
    }
    return ht_json_hex(out->forks[fork].version, 4, json, key, why);
}

static enum ht_err read_blob_schedule(struct ht_network *out, const json_t *json,
                                      struct ht_why *why) {
    out->max_blobs_per_block_electra = 9;
    enum ht_err err = HT_OK;
    if (ht_json_member(json, "MAX_BLOBS_PER_BLOCK_ELECTRA") != NULL) {
        err = ht_json_u64(&out->max_blobs_per_block_electra, json, "MAX_BLOBS_PER_BLOCK_ELECTRA",
                          why);
    }
    if (err != HT_OK || ht_json_member(json, "BLOB_SCHEDULE") == NULL) return err;
    const json_t *schedule;
    err = ht_json_array(&schedule, json, "BLOB_SCHEDULE", why);
    if (err != HT_OK) return err;
    size_t count = json_array_size(schedule);
    if (count > HT_BLOB_SCHEDULE_MAX) {
        return ht_fail(why, HT_ELIMIT, "bad_network", "BLOB_SCHEDULE has over %d entries",
                       HT_BLOB_SCHEDULE_MAX);
    }
    for (size_t i = 0; i < count && err == HT_OK; i++) {
        const json_t *entry = json_array_get(schedule, i);
        struct ht_blob_parameters *to = &out->blob_schedule[i];
        err = ht_json_u64(&to->epoch, entry, "EPOCH", why);
        if (err == HT_OK) {
            err = ht_json_u64(&to->max_blobs_per_block, entry, "MAX_BLOBS_PER_BLOCK", why);
        }
        if (err == HT_OK && i > 0 && to->epoch <= to[-1].epoch) {
            err = ht_fail(why, HT_EINPUT, "bad_network", "BLOB_SCHEDULE is not in order of epochs");
        }
    }
    out->blob_schedule_count = count;
    return err;
}

static enum ht_err read_address(ht_addr20 *out, const json_t *json, const char *key,
                                struct ht_why *why) {
    if (ht_json_member(json, key) == NULL) return HT_OK;
    enum ht_err err = ht_json_hex(out->b, sizeof out->b, json, key, why);
    static const ht_addr20 zero;
    if (err != HT_OK || memcmp(out->b, zero.b, sizeof zero.b) != 0) return err;
    return ht_fail(why, HT_EINPUT, "bad_network", "%s is the zero address", key);
}

static enum ht_err read_eas(struct ht_network_contracts *out, const json_t *json,
                            struct ht_why *why) {
    const char *version = "";
    size_t named = (ht_json_member(json, "eas") != NULL) +
                   (size_t)(ht_json_member(json, "schema_registry") != NULL) +
                   (size_t)(ht_json_member(json, "eas_version") != NULL);
    if (named == 0) return HT_OK;
    if (named != 3) {
        return ht_fail(why, HT_EINPUT, "bad_network",
                       "eas, schema_registry and eas_version are named together");
    }
    enum ht_err err = read_address(&out->eas, json, "eas", why);
    if (err == HT_OK) err = read_address(&out->schema_registry, json, "schema_registry", why);
    if (err == HT_OK) err = ht_json_text(&version, json, "eas_version", why);
    if (err != HT_OK) return err;
    size_t n = strlen(version);
    if (n == 0 || n >= sizeof out->eas_version || strspn(version, "0123456789.") != n)
        return ht_fail(why, HT_EINPUT, "bad_network", "eas_version is as \"1.4.0\"");
    memcpy(out->eas_version, version, n + 1);
    return HT_OK;
}

static enum ht_err read_contracts(struct ht_network *net, const json_t *json, struct ht_why *why) {
    const json_t *contracts = ht_json_member(json, "contracts");
    if (contracts == NULL) return HT_OK;
    struct ht_network_contracts *out = &net->contracts;
    enum ht_err err = read_eas(out, contracts, why);
    if (err == HT_OK) err = read_address(&out->did_registry, contracts, "did_registry", why);
    if (err == HT_OK) err = read_address(&out->ens_registry, contracts, "ens_registry", why);
    if (err == HT_OK && ht_json_member(contracts, "did_registry_is_legacy") != NULL) {
        err = ht_json_bool(&out->did_registry_is_legacy, contracts, "did_registry_is_legacy", why);
    }
    return err;
}

enum ht_err ht_network_from_json(struct ht_network *out, const json_t *json, struct ht_why *why) {
    struct ht_network net = {0};
    enum ht_err err = read_preset(&net, json, why);
    if (err == HT_OK) err = read_name(&net, json, why);
    if (err == HT_OK) err = read_times(&net, json, why);
    if (err == HT_OK) {
        err = ht_json_hex(net.genesis_validators_root.b, 32, json, "GENESIS_VALIDATORS_ROOT", why);
    }
    if (err == HT_OK) err = ht_json_u64(&net.chain_id, json, "DEPOSIT_CHAIN_ID", why);
    for (enum ht_fork fork = HT_PHASE0; err == HT_OK && fork < HT_FORK_COUNT; fork++) {
        err = read_fork(&net, json, fork, why);
    }
    if (err == HT_OK) err = read_blob_schedule(&net, json, why);
    if (err == HT_OK) err = read_contracts(&net, json, why);
    if (err == HT_OK) *out = net;
    return err;
}

enum ht_err ht_network_from_file(struct ht_network *out, const char *path, struct ht_why *why) {
    FILE *file = fopen(path, "rbe");
    if (file == NULL) {
        return ht_fail(why, HT_ENOTFOUND, "no_such_network", "cannot read %s: %s", path,
                       strerror(errno));
    }
    struct ht_buf text;
    ht_buf_init(&text, FILE_MAX + 1);
    uint8_t *room = ht_buf_reserve(&text, FILE_MAX + 1);
    enum ht_err err = HT_ENOMEM;
    if (room != NULL) {
        text.n = fread(room, 1, FILE_MAX + 1, file);
        json_t *json = NULL;
        err = ht_json_parse(&json, ht_buf_view(&text), FILE_MAX, why);
        if (err == HT_OK) err = ht_network_from_json(out, json, why);
        json_decref(json);
        if (err != HT_OK) ht_why_context(why, "%s", path);
    }
    (void)fclose(file);
    ht_buf_fini(&text);
    return err;
}
