/* Bundles of attestations. */
#include "identity/proof/bundle_claims_eas.h"

#include "identity/eas/private_data.h"

static enum ht_err no_memory(struct ht_why *why) {
    return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
}

static bool is_zero(const uint8_t value[static 32]) {
    static const uint8_t zero[32];
    return memcmp(value, zero, sizeof zero) == 0;
}

static enum ht_err need_eas(const struct ht_making *making, struct ht_why *why) {
    if (making->contracts.has_eas) return HT_OK;
    return ht_fail(why, HT_ENOTFOUND, "no_contract", "no contract of EAS is known on this network");
}

/* What is disclosed is checked before anything is asked for. */
static enum ht_err put_disclosure(struct ht_making *making, ht_bytes data, struct ht_why *why) {
    const json_t *disclosure = json_object_get(making->claim, "disclosure");
    ht_hash32 root;
    if (disclosure == NULL) return HT_OK;
    if (data.n != sizeof root.b) {
        return ht_fail(why, HT_EUNVERIFIED, "private_root",
                       "the attestation is of no private data");
    }
    memcpy(root.b, data.p, sizeof root.b);
    return ht_private_verify(disclosure, &root, why);
}

/* A claim of that kind with the disclosure of the parameters, if they have one. */
static enum ht_err new_claim(struct ht_making *making, enum ht_bundle_kind kind,
                             const json_t *params, struct ht_why *why) {
    const json_t *disclosure = ht_json_member(params, "disclosure");
    making->claim = json_pack("{s:s}", "kind", ht_bundle_kind_name(kind));
    if (making->claim == NULL) return no_memory(why);
    if (disclosure == NULL) return HT_OK;
    if (!json_is_object(disclosure)) {
        return ht_fail(why, HT_EINPUT, "private_json", "that is no disclosure");
    }
    json_t *copy = json_deep_copy(disclosure);
    return json_object_set_new(making->claim, "disclosure", copy) == 0 ? HT_OK : no_memory(why);
}

/* --- the schema ------------------------------------------------------------------------------- */

static enum ht_err schema_text_done(struct ht_making *making, struct ht_why *why) {
    struct ht_eas_schema_record record;
    enum ht_err err = ht_eas_schema_from_storage(
        &record, &making->arena, &making->schema, (const uint8_t(*)[32])making->values,
        (const uint8_t(*)[32])making->values + HT_EAS_SCHEMA_SLOTS,
        making->count - HT_EAS_SCHEMA_SLOTS, why);
    if (err == HT_OK && json_object_get(making->claim, "disclosure") != NULL &&
        !ht_bytes_equal(record.text, ht_bytes_str(HT_BUNDLE_PRIVATE_SCHEMA))) {
        err = ht_fail(why, HT_EUNVERIFIED, "disclosure_schema",
                      "the attestation is not of the schema of private data");
    }
    if (err == HT_OK) err = ht_making_put(making, "schema", why);
    return err == HT_OK ? ht_making_finish(making, why) : err;
}

static enum ht_err schema_done(struct ht_making *making, struct ht_why *why) {
    ht_hash32 *slots;
    void *list = NULL;
    size_t more = 0;
    enum ht_err err = ht_eas_schema_text_slots(&more, (const uint8_t(*)[32])making->values, why);
    making->next = schema_text_done;
    if (err != HT_OK || more == 0) return err != HT_OK ? err : schema_text_done(making, why);
    err = ht_arena_array(&list, &making->arena, more, sizeof *slots, why);
    if (err != HT_OK) return err;
    slots = list;
    for (size_t i = 0; i < more; i++) ht_eas_schema_text_slot(&slots[i], &making->schema, i);
    return ht_making_read_more(making, slots, HT_EAS_SCHEMA_SLOTS, more, why);
}

static enum ht_err read_schema(struct ht_making *making, struct ht_why *why) {
    ht_hash32 slots[HT_EAS_SCHEMA_SLOTS];
    ht_eas_schema_slots(slots, &making->schema);
    return ht_making_read(making, &making->contracts.eas.registry, slots, HT_EAS_SCHEMA_SLOTS,
                          schema_done, why);
}

/* --- on chain --------------------------------------------------------------------------------- */

static enum ht_err onchain_data_done(struct ht_making *making, struct ht_why *why) {
    struct ht_attestation attestation;
    enum ht_err err = ht_eas_from_storage(
        &attestation, &making->arena, &making->uid, (const uint8_t(*)[32])making->values,
        (const uint8_t(*)[32])making->values + HT_EAS_SLOTS, making->count - HT_EAS_SLOTS, why);
    if (err == HT_OK) err = put_disclosure(making, attestation.data, why);
    if (err != HT_OK) return err;
    if (json_object_set_new(making->claim, "attestation",
                            ht_bundle_attestation_json(&attestation)) != 0) {
        return no_memory(why);
    }
    making->schema = attestation.schema;
    err = ht_making_put(making, NULL, why);
    return err == HT_OK ? read_schema(making, why) : err;
}

static enum ht_err onchain_done(struct ht_making *making, struct ht_why *why) {
    void *list = NULL;
    size_t more = 0;
    if (is_zero(making->values[0])) {
        enum ht_err put = ht_making_put(making, NULL, why);
        return put == HT_OK ? ht_making_finish(making, why) : put;
    }
    enum ht_err err = ht_eas_data_slots(&more, (const uint8_t(*)[32])making->values, why);
    making->next = onchain_data_done;
    if (err != HT_OK || more == 0) return err != HT_OK ? err : onchain_data_done(making, why);
    err = ht_arena_array(&list, &making->arena, more, sizeof(ht_hash32), why);
    if (err != HT_OK) return err;
    ht_hash32 *slots = list;
    for (size_t i = 0; i < more; i++) {
        ht_eas_data_slot(&slots[i], making->contracts.eas.layout, &making->uid, i);
    }
    return ht_making_read_more(making, slots, HT_EAS_SLOTS, more, why);
}

enum ht_err ht_making_claim_onchain(struct ht_making *making, const json_t *params,
                                    struct ht_why *why) {
    ht_hash32 slots[HT_EAS_SLOTS];
    enum ht_err err = need_eas(making, why);
    if (err == HT_OK) err = ht_json_hex(making->uid.b, 32, params, "uid", why);
    if (err == HT_OK) err = new_claim(making, HT_BUNDLE_EAS_ONCHAIN, params, why);
    if (err != HT_OK) return err;
    if (json_object_set_new(making->claim, "uid", ht_abi_hex(HT_BYTES(making->uid.b))) != 0) {
        return no_memory(why);
    }
    ht_eas_slots(slots, making->contracts.eas.layout, &making->uid);
    return ht_making_read(making, &making->contracts.eas.eas, slots, HT_EAS_SLOTS, onchain_done,
                          why);
}

/* --- off chain -------------------------------------------------------------------------------- */

static enum ht_err revocation_done(struct ht_making *making, struct ht_why *why) {
    enum ht_err err = ht_making_put(making, NULL, why);
    if (err != HT_OK) return err;
    making->schema = making->package.attestation.schema;
    return ht_hash32_is_zero(&making->schema) ? ht_making_finish(making, why)
                                              : read_schema(making, why);
}

static enum ht_err read_revocation(struct ht_making *making, struct ht_why *why) {
    const struct ht_attestation *attestation = &making->package.attestation;
    ht_hash32 slot;
    ht_eas_revoked_slot(&slot, making->contracts.eas.layout, &attestation->attester,
                        &attestation->uid);
    return ht_making_read(making, &making->contracts.eas.eas, &slot, 1, revocation_done, why);
}

static enum ht_err attester_done(struct ht_making *making, struct ht_why *why) {
    if (!making->has_code) {
        return ht_fail(why, HT_EUNVERIFIED, "eas_signer", "the attester has not signed it");
    }
    enum ht_err err = ht_making_put(making, "attester", why);
    return err == HT_OK ? read_revocation(making, why) : err;
}

/* As the SDK's JSON, whatever form it came in. */
static enum ht_err read_package(struct ht_making *making, const json_t *params,
                                struct ht_why *why) {
    const json_t *package = NULL;
    struct ht_buf text;
    enum ht_err err = ht_json_get(&package, params, "package", why);
    if (err != HT_OK) return err;
    ht_buf_init(&text, HT_EAS_PACKAGE_MAX);
    if (json_is_string(package)) {
        err =
            ht_buf_add(&text, ht_bytes_of(json_string_value(package), json_string_length(package)));
    } else {
        err = ht_json_dump_compact(&text, package);
    }
    if (err != HT_OK) {
        (void)ht_fail(why, err, "eas_too_large", "the attestation is too large");
    } else {
        err = ht_eas_offchain_read(&making->package, &making->arena, ht_buf_view(&text), why);
    }
    ht_buf_fini(&text);
    if (err != HT_OK) return err;
    json_t *json = ht_eas_offchain_json(&making->package);
    return json_object_set_new(making->claim, "package", json) == 0 ? HT_OK : no_memory(why);
}

enum ht_err ht_making_claim_offchain(struct ht_making *making, const json_t *params,
                                     struct ht_why *why) {
    struct ht_why said = {.code = ""};
    enum ht_err err = need_eas(making, why);
    if (err == HT_OK) err = new_claim(making, HT_BUNDLE_EAS_OFFCHAIN, params, why);
    if (err == HT_OK) err = read_package(making, params, why);
    if (err == HT_OK) err = put_disclosure(making, making->package.attestation.data, why);
    if (err != HT_OK) return err;
    err = ht_eas_offchain_verify(&making->package, making->identity->host->network->chain_id,
                                 &making->contracts.eas.eas, false, &said);
    if (err == HT_OK) return read_revocation(making, why);
    if (strcmp(said.code, "eas_signer") != 0 && strcmp(said.code, "eas_signature") != 0) {
        *why = said;
        return err;
    }
    /* A contract's, perhaps. */
    return ht_making_read(making, &making->package.attestation.attester, NULL, 0, attester_done,
                          why);
}
