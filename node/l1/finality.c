/* Keeping the updates that finalize blocks, and reading those of others. */
#include "node/l1/finality.h"

#include "node/l1/execution/rpc_json.h"

#define JSON_SSZ_MAX HT_LC_SSZ_MAX

enum ht_err ht_finality_set(struct ht_finality *finality, const struct ht_network *network,
                            const struct ht_lc_object *object, const ht_hash32 *block_hash) {
    ht_finality_fini(finality);
    finality->kind = object->kind;
    finality->fork = object->fork;
    finality->signature_slot = object->update.signature_slot;
    finality->finalized_slot = object->update.finalized_header.beacon.slot;
    finality->block_hash = *block_hash;
    ht_buf_init(&finality->ssz, HT_LC_SSZ_MAX);
    enum ht_err err = ht_ssz_encode(
        &finality->ssz, ht_lc_type(network->preset, object->fork, object->kind), &object->update);
    if (err != HT_OK) ht_finality_fini(finality);
    return err;
}

enum ht_err ht_finality_copy(struct ht_finality *out, const struct ht_finality *from) {
    struct ht_buf ssz;
    ht_buf_init(&ssz, HT_LC_SSZ_MAX);
    enum ht_err err = ht_buf_add(&ssz, ht_buf_view(&from->ssz));
    if (err != HT_OK) return err;
    *out = *from;
    out->ssz = ssz;
    return HT_OK;
}

void ht_finality_fini(struct ht_finality *finality) {
    if (finality == NULL) return;
    ht_buf_fini(&finality->ssz);
    *finality = (struct ht_finality){0};
}

json_t *ht_finality_json(const struct ht_finality *finality) {
    json_t *out = json_object();
    int failed = json_object_set_new(out, "fork", json_string(ht_fork_specs[finality->fork].name));
    failed |= json_object_set_new(out, "kind", json_string(ht_lc_kind_name(finality->kind)));
    failed |= json_object_set_new(out, "ssz", ht_rpc_data(ht_buf_view(&finality->ssz)));
    if (failed == 0) return out;
    json_decref(out);
    return NULL;
}

static enum ht_err read_kind(enum ht_lc_kind *out, const json_t *json, struct ht_why *why) {
    const char *name = NULL;
    enum ht_err err = ht_json_text(&name, json, "kind", why);
    if (err != HT_OK) return err;
    for (enum ht_lc_kind kind = HT_LC_UPDATE; kind <= HT_LC_FINALITY_UPDATE; kind++) {
        if (strcmp(name, ht_lc_kind_name(kind)) != 0) continue;
        *out = kind;
        return HT_OK;
    }
    return ht_fail(why, HT_EINPUT, "finality_form", "that is no update that finalizes a block");
}

enum ht_err ht_finality_read(struct ht_lc_object *out, const struct ht_network *network,
                             const json_t *json, struct ht_why *why) {
    enum ht_lc_kind kind = HT_LC_FINALITY_UPDATE;
    enum ht_fork fork;
    const char *name = NULL;
    struct ht_buf ssz;
    enum ht_err err = read_kind(&kind, json, why);
    if (err == HT_OK) err = ht_json_text(&name, json, "fork", why);
    if (err != HT_OK) return err;
    if (ht_fork_by_name(&fork, name) != HT_OK || fork < HT_ALTAIR) {
        return ht_fail(why, HT_EINPUT, "finality_form", "a fork that is not known");
    }
    ht_buf_init(&ssz, JSON_SSZ_MAX);
    err = ht_json_hex_buf(&ssz, json, "ssz", why);
    if (err == HT_OK) err = ht_lc_decode_ssz(out, network, kind, fork, ht_buf_view(&ssz), why);
    ht_buf_fini(&ssz);
    return err;
}
