/* Sets of objects with a JSON manifest that tells what each file is and what to expect of it.
 *
 * Every file is tried on every store that could check it; stores grow out of the bootstraps by the
 * updates that are expected to be valid. */
#include <stdio.h>
#include <stdlib.h>

#include "node/base/hex.h"
#include "node/l1/consensus/decode.h"
#include "tests/vectors/light_kinds.h"
#include "tests/vectors/light_network.h"
#include "tests/vectors/light_store.h"

#define STORES_MAX 64U
#define ENTRIES_MAX 1024U

struct entry {
    const json_t *json;
    const char *file;
    const char *expect;
    bool is_found;
    struct ht_lc_object *object; /* NULL when it does not decode */
    struct ht_why why;
};

struct set {
    const struct ht_lv_tree *tree;
    const struct ht_lv_file *manifest_file;
    struct ht_network network;
    struct entry *entries;
    size_t entry_count;
    struct ht_lc_store *stores[STORES_MAX];
    size_t store_count;
    struct ht_lc_store *copy;
    struct ht_vec_report *report;
};

/* --- the manifest ----------------------------------------------------------------------------- */

/* The manifest's networks and forks in the form of a config. */
static enum ht_err read_network(struct set *set, const json_t *manifest, struct ht_why *why) {
    const char *network = json_string_value(ht_json_member(manifest, "network"));
    const char *root = json_string_value(ht_json_member(manifest, "genesis_validators_root"));
    const json_t *forks = ht_json_member(manifest, "forks");
    if (root == NULL) return ht_fail(why, HT_EINPUT, "manifest", "no genesis_validators_root");
    bool is_minimal = network != NULL && strstr(network, "minimal") != NULL;
    json_t *config = json_pack("{s:s}", "PRESET_BASE", is_minimal ? "minimal" : "mainnet");
    for (unsigned fork = HT_PHASE0; fork < HT_FORK_COUNT; fork++) {
        const json_t *entry = ht_json_member(forks, ht_fork_specs[fork].name);
        const char *upper[HT_FORK_COUNT] = {"GENESIS", "ALTAIR",  "BELLATRIX", "CAPELLA",
                                            "DENEB",   "ELECTRA", "FULU",      "GLOAS"};
        char key[48];
        const json_t *epoch = ht_json_member(entry, "epoch");
        const json_t *version = ht_json_member(entry, "version");
        if (epoch != NULL) {
            (void)snprintf(key, sizeof key, "%s_FORK_EPOCH", upper[fork]);
            (void)json_object_set_new(config, key, json_deep_copy(epoch));
        }
        if (version != NULL) {
            (void)snprintf(key, sizeof key, "%s_FORK_VERSION", upper[fork]);
            (void)json_object_set_new(config, key, json_deep_copy(version));
        }
    }
    enum ht_err err = ht_lv_network(&set->network, config, root, why);
    json_decref(config);
    return err;
}

static bool keep_first(void *user, size_t position, const struct ht_lc_object *object) {
    if (position == 0) *(struct ht_lc_object *)user = *object;
    return position == 0;
}

static enum ht_err decode_entry(struct set *set, struct entry *entry, struct ht_lc_object *object,
                                ht_bytes bytes) {
    const char *type = json_string_value(ht_json_member(entry->json, "type"));
    const char *fork_name = json_string_value(ht_json_member(entry->json, "fork"));
    enum ht_fork fork;
    if (type == NULL || fork_name == NULL || ht_fork_by_name(&fork, fork_name) != HT_OK) {
        return ht_fail(&entry->why, HT_EINPUT, "manifest", "names no type and fork");
    }
    enum ht_lc_kind kind = HT_LC_BOOTSTRAP;
    while (kind < HT_LC_KIND_COUNT && strcmp(ht_lc_kind_name(kind), type) != 0) kind++;
    if (kind == HT_LC_KIND_COUNT) {
        return ht_fail(&entry->why, HT_EINPUT, "manifest", "names an unknown type");
    }
    if (ht_lv_has_suffix(entry->file, ".ssz")) {
        return ht_lc_decode_ssz(object, &set->network, kind, fork, bytes, &entry->why);
    }
    enum ht_err err = ht_lc_decode_all(&set->network, bytes, keep_first, object, &entry->why);
    if (err == HT_OK && (object->kind != kind || object->fork != fork)) {
        err = ht_fail(&entry->why, HT_EINPUT, "manifest", "holds another object than it says");
    }
    return err;
}

static void read_entry(struct set *set, struct entry *entry, const json_t *json) {
    *entry = (struct entry){.json = json,
                            .file = json_string_value(ht_json_member(json, "file")),
                            .expect = json_string_value(ht_json_member(json, "expect"))};
    if (entry->file == NULL || entry->expect == NULL) {
        (void)ht_fail(&entry->why, HT_EINPUT, "manifest", "has no file or expect");
        entry->file = "entry without a file";
        return;
    }
    char path[4096];
    (void)snprintf(path, sizeof path, "%.*s/%s", (int)set->manifest_file->folder_len,
                   set->manifest_file->path, entry->file);
    struct ht_lv_file *file = NULL;
    for (size_t i = 0; file == NULL && i < set->tree->count; i++) {
        if (strcmp(set->tree->files[i].path, path) == 0) file = &set->tree->files[i];
    }
    if (file == NULL) {
        (void)ht_fail(&entry->why, HT_ENOTFOUND, "no_such_file", "the file is missing");
        return;
    }
    file->is_used = true;
    entry->is_found = true;
    struct ht_buf bytes;
    struct ht_lc_object *object = ht_lv_new_object();
    enum ht_err err = ht_lv_read(&bytes, file, &entry->why);
    if (err == HT_OK) err = decode_entry(set, entry, object, ht_buf_view(&bytes));
    ht_buf_fini(&bytes);
    if (err == HT_OK) {
        entry->object = object;
    } else {
        free(object);
    }
}

/* --- expectations ----------------------------------------------------------------------------- */

static bool expects_too_few(const struct entry *entry) {
    return strstr(entry->expect, "below 2/3") != NULL;
}

static bool expects_valid(const struct entry *entry) {
    return strncmp(entry->expect, "valid", 5) == 0 && !expects_too_few(entry);
}

/* The reason that an expectation in words names; NULL when it names none. */
static const char *expected_code(const struct entry *entry) {
    static const struct {
        const char *words, *code;
    } reasons[] = {
        {"current sync committee", "bad_current_committee_branch"},
        {"next sync committee", "bad_next_committee_branch"},
        {"finality", "bad_finality_branch"},
        {"execution", "bad_execution_branch"},
        {"trusted", "wrong_trusted_root"},
        {"subgroup", "signature_not_in_subgroup"},
        {"participant", "no_participants"},
        {"signature", "bad_signature"},
    };
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++) {
        if (strstr(entry->expect, reasons[i].words) != NULL) return reasons[i].code;
    }
    return NULL;
}

static bool root_is(const json_t *json, const char *key, const ht_hash32 *got) {
    ht_hash32 listed;
    if (ht_json_member(json, key) == NULL) return true;
    return ht_json_hex(listed.b, 32, json, key, NULL) == HT_OK && ht_hash32_equal(&listed, got);
}

static bool number_is(const json_t *json, const char *key, uint64_t got) {
    uint64_t listed;
    if (ht_json_member(json, key) == NULL) return true;
    return ht_json_u64(&listed, json, key, NULL) == HT_OK && listed == got;
}

/* What the manifest lists about an update against what we read and compute. */
static const char *find_difference(const struct set *set, const struct entry *entry) {
    const struct ht_lc_update *update = &entry->object->update;
    ht_hash32 root, signing_root;
    ht_lv_header_root(&root, &update->attested_header.beacon);
    ht_lv_signing_root(&signing_root, &set->network, &root, update->signature_slot);
    size_t participants = ht_bits_count(update->sync_aggregate.sync_committee_bits,
                                        set->network.preset->sync_committee_size);
    const json_t *json = entry->json;
    if (!number_is(json, "attested_slot", update->attested_header.beacon.slot)) {
        return "attested_slot";
    }
    if (!number_is(json, "finalized_slot", update->finalized_header.beacon.slot)) {
        return "finalized_slot";
    }
    if (!number_is(json, "signature_slot", update->signature_slot)) return "signature_slot";
    if (!number_is(json, "participants", participants)) return "participants";
    if (!root_is(json, "attested_root", &root)) return "attested_root";
    return root_is(json, "signing_root", &signing_root) ? NULL : "signing_root";
}

/* --- running ---------------------------------------------------------------------------------- */

static bool can_check(const struct ht_lc_store *store, const struct ht_lc_update *update) {
    uint64_t period = ht_period_at_slot(store->network, update->signature_slot);
    uint64_t store_period = ht_lc_store_period(store);
    return store->finalized.beacon.slot < update->attested_header.beacon.slot &&
           (period == store_period || (store->has_next_committee && period == store_period + 1));
}

static void keep_store(struct set *set, const struct ht_lc_store *store) {
    for (size_t i = 0; i < set->store_count; i++) {
        if (ht_lv_same_finality(set->stores[i], store)) return;
    }
    if (set->store_count == STORES_MAX) return;
    struct ht_lc_store *kept = ht_lv_new_store();
    memcpy(kept, store, sizeof *kept);
    set->stores[set->store_count++] = kept;
}

static enum ht_err run_bootstrap(struct set *set, struct entry *entry) {
    const struct ht_lc_bootstrap *bootstrap = &entry->object->bootstrap;
    ht_hash32 trusted;
    ht_lv_header_root(&trusted, &bootstrap->header.beacon);
    if (ht_json_member(entry->json, "trusted_block_root") != NULL) {
        enum ht_err err =
            ht_json_hex(trusted.b, 32, entry->json, "trusted_block_root", &entry->why);
        if (err != HT_OK) return err;
    }
    if (!number_is(entry->json, "slot", bootstrap->header.beacon.slot)) {
        return ht_fail(&entry->why, HT_EINPUT, "differs", "slot is not the one listed");
    }
    enum ht_err err =
        ht_lc_store_init(set->copy, &set->network, &trusted, entry->object, &entry->why);
    if (err == HT_OK) keep_store(set, set->copy);
    return err;
}

/* Tries the update on one store; true when that did what the manifest expects. */
static bool try_update(struct set *set, struct entry *entry, const struct ht_lc_store *store) {
    struct ht_lc_outcome outcome = {0};
    memcpy(set->copy, store, sizeof *store);
    enum ht_err err = ht_lc_process(set->copy, &outcome, entry->object,
                                    entry->object->update.signature_slot, &entry->why);
    if (expects_valid(entry)) return err == HT_OK;
    if (expects_too_few(entry)) {
        bool is_below =
            outcome.is_below_threshold || entry->object->kind == HT_LC_OPTIMISTIC_UPDATE;
        if (err == HT_OK) (void)ht_fail(&entry->why, err, "moved", "finality moved on");
        return err == HT_OK && is_below && !outcome.finalized_advanced &&
               ht_lv_same_finality(set->copy, store);
    }
    const char *code = expected_code(entry);
    if (err == HT_OK) {
        (void)ht_fail(&entry->why, err, "accepted", "was accepted");
        return false;
    }
    if (!ht_lv_stores_equal(set->copy, store)) {
        (void)ht_fail(&entry->why, err, "changed", "was refused but changed the store");
        return false;
    }
    return code == NULL || strcmp(code, entry->why.code) == 0;
}

static enum ht_err run_update(struct set *set, struct entry *entry) {
    /* An invalid object may differ from what is listed in just what makes it invalid. */
    bool is_as_listed = expects_valid(entry) || expects_too_few(entry);
    const char *differs = is_as_listed ? find_difference(set, entry) : NULL;
    if (differs != NULL) {
        return ht_fail(&entry->why, HT_EINPUT, "differs", "%s is not the one listed", differs);
    }
    size_t tries = 0, stores_before = set->store_count;
    for (size_t i = 0; i < stores_before; i++) {
        if (!can_check(set->stores[i], &entry->object->update)) continue;
        tries++;
        if (!try_update(set, entry, set->stores[i])) return HT_EUNVERIFIED;
        if (expects_valid(entry)) keep_store(set, set->copy);
    }
    if (tries > 0) return HT_OK;
    return ht_fail(&entry->why, HT_ENOTFOUND, "no_store", "no valid bootstrap leads to it");
}

static void run_entry(struct set *set, struct entry *entry) {
    enum ht_err err = HT_EINPUT;
    bool is_bootstrap = entry->object != NULL && entry->object->kind == HT_LC_BOOTSTRAP;
    if (entry->object != NULL) {
        err = is_bootstrap ? run_bootstrap(set, entry) : run_update(set, entry);
    }
    if (is_bootstrap && !expects_valid(entry)) {
        const char *code = expected_code(entry);
        bool is_refused = err != HT_OK && (code == NULL || strcmp(code, entry->why.code) == 0);
        err = is_refused ? HT_OK : HT_EUNVERIFIED;
    }
    /* What is said to be broken in a way that has no reason code may fail to decode. */
    if (entry->object == NULL && entry->is_found && !expects_valid(entry) &&
        !expects_too_few(entry) && expected_code(entry) == NULL) {
        err = HT_OK;
    }
    char name[2 * HT_LV_NAME_MAX];
    ht_lv_folder_name(name, set->tree, set->manifest_file);
    size_t n = strlen(name);
    (void)snprintf(name + n, sizeof name - n, "/%s", entry->file);
    if (err == HT_OK) {
        ht_vec_pass(set->report, name);
    } else {
        ht_vec_fail(set->report, name, "expected \"%s\", got %s: %s",
                    entry->expect != NULL ? entry->expect : "?",
                    entry->why.code != NULL ? entry->why.code : ht_err_name(err), entry->why.text);
    }
}

/* Bootstraps, then valid updates by slot so that stores grow, then what must not move them. */
static int order_of(const struct entry *entry) {
    if (entry->object == NULL) return 4;
    if (!expects_valid(entry)) return 3;
    if (entry->object->kind == HT_LC_BOOTSTRAP) return 0;
    return entry->object->kind == HT_LC_UPDATE ? 1 : 2;
}

static int compare_entries(const void *left, const void *right) {
    const struct entry *a = left, *b = right;
    int order_a = order_of(a), order_b = order_of(b);
    if (order_a != order_b) return order_a - order_b;
    if (a->object == NULL) return 0;
    uint64_t slot_a = ht_lc_object_slot(a->object), slot_b = ht_lc_object_slot(b->object);
    return slot_a < slot_b ? -1 : slot_a > slot_b;
}

static void run_set(struct ht_lv_tree *tree, struct ht_lv_file *file, const json_t *manifest,
                    struct ht_vec_report *report) {
    struct set *set = calloc(1, sizeof *set);
    const json_t *files = ht_json_member(manifest, "files");
    size_t count = json_array_size(files);
    struct ht_why why;
    ht_assert(set != NULL);
    set->tree = tree;
    set->manifest_file = file;
    set->report = report;
    file->is_used = true;
    if (count > ENTRIES_MAX || read_network(set, manifest, &why) != HT_OK) {
        ht_vec_fail(report, ht_lv_name(tree, file), "%s",
                    count > ENTRIES_MAX ? "too many files" : why.text);
        free(set);
        return;
    }
    set->entries = calloc(count + 1, sizeof *set->entries);
    set->copy = ht_lv_new_store();
    ht_assert(set->entries != NULL);
    for (size_t i = 0; i < count; i++) {
        read_entry(set, &set->entries[set->entry_count++], json_array_get(files, i));
    }
    qsort(set->entries, count, sizeof *set->entries, compare_entries);
    for (size_t i = 0; i < count; i++) run_entry(set, &set->entries[i]);
    for (size_t i = 0; i < count; i++) free(set->entries[i].object);
    for (size_t i = 0; i < set->store_count; i++) free(set->stores[i]);
    free(set->entries);
    free(set->copy);
    free(set);
}

void ht_lv_run_manifests(struct ht_lv_tree *tree, struct ht_vec_report *report) {
    for (size_t i = 0; i < tree->count; i++) {
        struct ht_lv_file *file = &tree->files[i];
        if (file->is_used || !ht_lv_has_suffix(file->name, ".json")) continue;
        json_t *manifest = ht_lv_read_json(file);
        bool is_ours = json_is_array(ht_json_member(manifest, "files")) &&
                       json_is_object(ht_json_member(manifest, "forks")) &&
                       ht_json_member(manifest, "genesis_validators_root") != NULL;
        if (is_ours) run_set(tree, file, manifest, report);
        json_decref(manifest);
    }
}
