/* Bringing config files of all ages into the form that ht_network_from_json reads. */
#include "tests/vectors/light_network.h"

#include <ctype.h>
#include <stdio.h>

#include "node/crypto/sha256.h"
#include "node/l1/consensus/network_file.h"

static void set_text(json_t *config, const char *key, const char *text) {
    ht_assert(json_object_set_new(config, key, json_string(text)) == 0);
}

static void set_default(json_t *config, const char *key, const char *text) {
    if (ht_json_member(config, key) == NULL) set_text(config, key, text);
}

static void fork_key(char out[static 48], enum ht_fork fork, const char *suffix) {
    size_t n = 0;
    for (const char *name = ht_fork_specs[fork].name; name[n] != '\0' && n < 16; n++) {
        out[n] = (char)toupper((unsigned char)name[n]);
    }
    (void)snprintf(out + n, 48 - n, "%s", suffix);
}

/* A fork that the config does not name but a later one follows: skipped at that one's epoch. */
static void fill_skipped_forks(json_t *config) {
    const json_t *next_epoch = NULL;
    for (unsigned fork = HT_GLOAS; fork >= HT_ALTAIR; fork--) {
        char key[48];
        fork_key(key, (enum ht_fork)fork, "_FORK_EPOCH");
        const json_t *epoch = ht_json_member(config, key);
        if (epoch != NULL) {
            next_epoch = epoch;
        } else if (next_epoch != NULL) {
            ht_assert(json_object_set_new(config, key, json_deep_copy(next_epoch)) == 0);
            fork_key(key, (enum ht_fork)fork, "_FORK_VERSION");
            set_default(config, key, "0x00000000");
        }
    }
}

static void drop_blobs_that_never_come(json_t *config) {
    const json_t *schedule = ht_json_member(config, "BLOB_SCHEDULE");
    json_t *kept = json_array();
    for (size_t i = 0; i < json_array_size(schedule); i++) {
        const json_t *entry = json_array_get(schedule, i);
        uint64_t epoch;
        if (ht_json_u64(&epoch, entry, "EPOCH", NULL) == HT_OK && epoch != HT_FAR_FUTURE_EPOCH) {
            ht_assert(json_array_append_new(kept, json_deep_copy(entry)) == 0);
        }
    }
    ht_assert(json_object_set_new(config, "BLOB_SCHEDULE", kept) == 0);
}

enum ht_err ht_lv_network(struct ht_network *out, const json_t *config,
                          const char *genesis_validators_root, struct ht_why *why) {
    if (!json_is_object(config)) {
        return ht_fail(why, HT_EINPUT, "bad_network", "the config is no object");
    }
    json_t *clean = json_deep_copy(config);
    ht_assert(clean != NULL);
    set_text(clean, "CONFIG_NAME", "vectors");
    set_text(clean, "GENESIS_TIME", "0");
    set_text(clean, "GENESIS_VALIDATORS_ROOT", genesis_validators_root);
    set_default(clean, "DEPOSIT_CHAIN_ID", "1");
    set_default(clean, "GENESIS_FORK_VERSION", "0x00000000");
    if (ht_json_member(clean, "SECONDS_PER_SLOT") == NULL) {
        set_default(clean, "SLOT_DURATION_MS", "12000");
    }
    fill_skipped_forks(clean);
    drop_blobs_that_never_come(clean);
    enum ht_err err = ht_network_from_json(out, clean, why);
    json_decref(clean);
    return err;
}

void ht_lv_signing_root(ht_hash32 *out, const struct ht_network *network,
                        const ht_hash32 *block_root, uint64_t signature_slot) {
    ht_hash32 domain;
    ht_sync_committee_domain(&domain, network, signature_slot);
    ht_sha256_pair(out, block_root, &domain);
}
