/* Updates in the form of the first light clients (Bellatrix): headers without execution data, the
 * next committee and the finalized header each in a pair with its branch, and beside them the
 * committee that signed, the genesis_validators_root and the signing root. */
#include <stdlib.h>

#include "node/codec/ssz_json.h"
#include "node/l1/consensus/decode.h"
#include "tests/vectors/light_kinds.h"
#include "tests/vectors/light_network.h"
#include "tests/vectors/light_store.h"

struct flat {
    struct ht_lv_tree *tree;
    size_t first, end; /* files of the folder */
    const struct ht_network *network;
    struct ht_lc_object *object;
    struct ht_lc_store *store;
    struct ht_why why;
};

static bool is_flat_update(const json_t *json) {
    const json_t *header = ht_json_member(json, "attested_header");
    return ht_json_member(header, "slot") != NULL && ht_json_member(header, "beacon") == NULL;
}

static const json_t *first_of(const json_t *json, const char *key) {
    return json_array_get(ht_json_member(json, key), 0);
}

static const json_t *second_of(const json_t *json, const char *key) {
    return json_array_get(ht_json_member(json, key), 1);
}

/* The object as the Beacon API has it since. */
static json_t *unflatten(const json_t *flat) {
    return json_pack("{s:{s:O?}, s:O?, s:O?, s:{s:O?}, s:O?, s:O?, s:O?}",                 /* */
                     "attested_header", "beacon", ht_json_member(flat, "attested_header"), /* */
                     "next_sync_committee", first_of(flat, "next_sync_committee"),
                     "next_sync_committee_branch", second_of(flat, "next_sync_committee"),
                     "finalized_header", "beacon", first_of(flat, "finalized_header"),
                     "finality_branch", second_of(flat, "finalized_header"), "sync_aggregate",
                     ht_json_member(flat, "sync_aggregate"), "signature_slot",
                     ht_json_member(flat, "signature_slot"));
}

/* Verifies with any committee file of the folder. */
static enum ht_err verify(struct flat *flat) {
    const struct ht_lc_update *update = &flat->object->update;
    enum ht_err err = ht_fail(&flat->why, HT_ENOTFOUND, "no_committee", "no committee beside it");
    for (size_t i = flat->first; i < flat->end && err != HT_OK; i++) {
        json_t *json = ht_lv_read_json(&flat->tree->files[i]);
        static struct ht_sync_committee committee;
        if (ht_json_member(json, "pubkeys") != NULL) {
            flat->tree->files[i].is_used = true;
            err = ht_ssz_from_json(&committee, ht_sync_committee_type(flat->network->preset), json,
                                   &flat->why);
            if (err == HT_OK) {
                ht_lv_store_of_committee(flat->store, flat->network, &committee,
                                         update->attested_header.beacon.slot,
                                         update->signature_slot);
                err = ht_lc_process(flat->store, NULL, flat->object, update->signature_slot,
                                    &flat->why);
            }
        }
        json_decref(json);
    }
    return err;
}

/* The signing root has to be one of those recorded in the folder. */
static enum ht_err check_signing_root(struct flat *flat) {
    const struct ht_lc_update *update = &flat->object->update;
    ht_hash32 root, signing_root;
    ht_lv_header_root(&root, &update->attested_header.beacon);
    ht_lv_signing_root(&signing_root, flat->network, &root, update->signature_slot);
    for (size_t i = flat->first; i < flat->end; i++) {
        json_t *json = ht_lv_read_json(&flat->tree->files[i]);
        ht_hash32 recorded;
        bool is_root = json_is_string(json) && ht_json_hex(recorded.b, 32, json, "", NULL) == HT_OK;
        json_decref(json);
        if (is_root) flat->tree->files[i].is_used = true;
        if (is_root && ht_hash32_equal(&recorded, &signing_root)) return HT_OK;
    }
    return ht_fail(&flat->why, HT_EUNVERIFIED, "signing_root",
                   "the signing root is none of those recorded");
}

/* The built-in network with the genesis_validators_root of a file in the folder. */
static const struct ht_network *find_network(const struct flat *flat) {
    ht_hash32 root = {{0}};
    for (size_t i = flat->first; i < flat->end; i++) {
        json_t *json = ht_lv_read_json(&flat->tree->files[i]);
        if (ht_json_member(json, "genesis_validators_root") != NULL) {
            (void)!ht_json_hex(root.b, 32, json, "genesis_validators_root", NULL);
        }
        json_decref(json);
    }
    for (size_t i = 0; ht_network_at(i) != NULL; i++) {
        const struct ht_network *network = ht_network_at(i);
        if (ht_hash32_equal(&network->genesis_validators_root, &root)) return network;
    }
    return NULL;
}

static void run_update(struct flat *flat, const struct ht_lv_file *file, const json_t *json,
                       struct ht_vec_report *report) {
    flat->network = find_network(flat);
    json_t *modern = unflatten(json);
    enum ht_err err = HT_OK;
    if (flat->network == NULL) {
        err = ht_fail(&flat->why, HT_ENOTFOUND, "wrong_network", "of no network we know");
    }
    if (err == HT_OK) {
        err = ht_lc_decode_json(flat->object, flat->network, modern, &flat->why);
    }
    if (err == HT_OK) err = verify(flat);
    if (err == HT_OK) err = check_signing_root(flat);
    if (err == HT_OK) {
        ht_vec_pass(report, ht_lv_name(flat->tree, file));
    } else {
        ht_vec_fail(report, ht_lv_name(flat->tree, file), "%s: %s", flat->why.code, flat->why.text);
    }
    json_decref(modern);
}

void ht_lv_run_flat(struct ht_lv_tree *tree, struct ht_vec_report *report) {
    struct flat flat = {.tree = tree, .object = ht_lv_new_object(), .store = ht_lv_new_store()};
    for (flat.first = 0; flat.first < tree->count; flat.first = flat.end) {
        flat.end = ht_lv_folder_end(tree, flat.first);
        for (size_t i = flat.first; i < flat.end; i++) {
            struct ht_lv_file *file = &tree->files[i];
            if (file->is_used || !ht_lv_has_suffix(file->name, ".json")) continue;
            json_t *json = ht_lv_read_json(file);
            if (is_flat_update(json)) {
                file->is_used = true;
                run_update(&flat, file, json, report);
            }
            json_decref(json);
        }
    }
    free(flat.object);
    free(flat.store);
}
