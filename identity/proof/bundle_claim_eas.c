/* Claims about attestations: on chain, off chain, and when each counts. */
#include "identity/proof/bundle_claim_eas.h"

#include <stdio.h>

#include "identity/eas/schema.h"
#include "identity/proof/bundle_claim.h"
#include "identity/proof/bundle_text.h"
#include "node/codec/abi_word.h"

static enum ht_err no_memory(struct ht_why *why) {
    return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
}

static bool is_zero(const uint8_t *p, size_t n) {
    for (size_t i = 0; i < n; i++) {
        if (p[i] != 0) return false;
    }
    return true;
}

static const struct ht_eas_contract *eas_of(const struct ht_bundle_run *run) {
    return &run->judge->contracts.eas;
}

/* --- which slots ------------------------------------------------------------------------------ */

/* Slots of the schema's record, as long as the section says its text is. */
static enum ht_err schema_parts(struct ht_bundle_run *run, const ht_hash32 *schema,
                                struct ht_why *why) {
    struct ht_bundle_parts *parts = &run->parts;
    const struct ht_get_proof *section = &run->bundle.schema;
    const uint8_t(*values)[32] = NULL;
    void *slots = NULL;
    size_t more = 0;
    parts->wants_schema = true;
    parts->registry = eas_of(run)->registry;
    if (!run->bundle.has_schema) {
        return ht_fail(why, HT_EUNVERIFIED, "schema_missing", "nothing in it shows its schema");
    }
    enum ht_err err = ht_bundle_values(&values, run->arena, section, why);
    if (err == HT_OK && section->slot_count >= HT_EAS_SCHEMA_SLOTS) {
        err = ht_eas_schema_text_slots(&more, values, why);
    }
    if (err != HT_OK) return err;
    parts->schema_count = HT_EAS_SCHEMA_SLOTS + more;
    err = ht_arena_array(&slots, run->arena, parts->schema_count, sizeof(ht_hash32), why);
    if (err != HT_OK) return err;
    parts->schema_slots = slots;
    ht_eas_schema_slots(parts->schema_slots, schema);
    for (size_t i = 0; i < more; i++) {
        ht_eas_schema_text_slot(&parts->schema_slots[HT_EAS_SCHEMA_SLOTS + i], schema, i);
    }
    return HT_OK;
}

static enum ht_err onchain_parts(struct ht_bundle_run *run, struct ht_why *why) {
    static const char *const MEMBERS[] = {"kind", "uid", "attestation", "disclosure", NULL};
    struct ht_bundle_parts *parts = &run->parts;
    const struct ht_get_proof *section = &run->bundle.contract;
    const enum ht_eas_layout layout = eas_of(run)->layout;
    const uint8_t(*values)[32] = NULL;
    void *slots = NULL;
    ht_hash32 uid, schema;
    size_t more = 0;
    enum ht_err err = ht_bundle_only(run->bundle.claim, MEMBERS, why);
    if (err == HT_OK) err = ht_json_hex(uid.b, 32, run->bundle.claim, "uid", why);
    if (err == HT_OK) err = ht_bundle_values(&values, run->arena, section, why);
    bool is_whole = err == HT_OK && section->slot_count >= HT_EAS_SLOTS;
    if (is_whole) err = ht_eas_data_slots(&more, values, why);
    if (err != HT_OK) return err;
    parts->count = HT_EAS_SLOTS + more;
    err = ht_arena_array(&slots, run->arena, parts->count, sizeof(ht_hash32), why);
    if (err != HT_OK) return err;
    parts->slots = slots;
    ht_eas_slots(parts->slots, layout, &uid);
    for (size_t i = 0; i < more; i++) {
        ht_eas_data_slot(&parts->slots[HT_EAS_SLOTS + i], layout, &uid, i);
    }
    if (!is_whole || is_zero(values[0], 32)) return HT_OK;
    memcpy(schema.b, values[1], 32);
    return schema_parts(run, &schema, why);
}

static enum ht_err read_package(struct ht_bundle_run *run, struct ht_why *why) {
    const json_t *package = ht_json_member(run->bundle.claim, "package");
    struct ht_buf text;
    if (!json_is_object(package)) {
        return ht_fail(why, HT_EINPUT, "claim_form", "the attestation is missing");
    }
    run->package = ht_arena_alloc(run->arena, sizeof *run->package);
    if (run->package == NULL) return no_memory(why);
    ht_buf_init(&text, HT_EAS_PACKAGE_MAX);
    enum ht_err err = ht_json_dump_compact(&text, package);
    if (err != HT_OK) {
        (void)ht_fail(why, err, "eas_too_large", "the attestation is too large");
    } else {
        err = ht_eas_offchain_read(run->package, run->arena, ht_buf_view(&text), why);
    }
    ht_buf_fini(&text);
    return err;
}

static enum ht_err offchain_parts(struct ht_bundle_run *run, struct ht_why *why) {
    static const char *const MEMBERS[] = {"kind", "package", "disclosure", NULL};
    struct ht_bundle_parts *parts = &run->parts;
    enum ht_err err = ht_bundle_only(run->bundle.claim, MEMBERS, why);
    if (err == HT_OK) err = read_package(run, why);
    if (err != HT_OK) return err;
    const struct ht_attestation *attestation = &run->package->attestation;
    parts->takes_attester = true;
    parts->attester = attestation->attester;
    parts->count = 1;
    parts->slots = ht_arena_alloc(run->arena, sizeof(ht_hash32));
    if (parts->slots == NULL) return no_memory(why);
    ht_eas_revoked_slot(parts->slots, eas_of(run)->layout, &attestation->attester,
                        &attestation->uid);
    return ht_hash32_is_zero(&attestation->schema) ? HT_OK
                                                   : schema_parts(run, &attestation->schema, why);
}

enum ht_err ht_bundle_eas_parts(struct ht_bundle_run *run, struct ht_why *why) {
    if (!run->judge->contracts.has_eas) {
        return ht_fail(why, HT_EUNVERIFIED, "contract_unknown",
                       "no contract of EAS is known on this network");
    }
    run->parts.address = eas_of(run)->eas;
    return run->bundle.kind == HT_BUNDLE_EAS_ONCHAIN ? onchain_parts(run, why)
                                                     : offchain_parts(run, why);
}

/* --- what they say ---------------------------------------------------------------------------- */

static enum ht_err read_schema(struct ht_bundle_run *run, struct ht_why *why) {
    const uint8_t(*values)[32] = NULL;
    enum ht_err err = ht_bundle_values(&values, run->arena, &run->bundle.schema, why);
    if (err == HT_OK) {
        err = ht_eas_schema_from_storage(&run->schema, run->arena, &run->attestation.schema, values,
                                         values + HT_EAS_SCHEMA_SLOTS,
                                         run->parts.schema_count - HT_EAS_SCHEMA_SLOTS, why);
    }
    run->has_schema = err == HT_OK;
    return err;
}

static json_t *schema_json(const struct ht_bundle_run *run) {
    const struct ht_eas_schema_record *schema = &run->schema;
    if (!run->has_schema) return json_null();
    json_t *text = json_stringn((const char *)schema->text.p, schema->text.n);
    /* Strangers write schemas: what is no UTF-8 is shown as bytes. */
    if (text == NULL) text = ht_abi_hex(schema->text);
    return json_pack("{s:o, s:o, s:o, s:b}", "uid", ht_abi_hex(HT_BYTES(schema->uid.b)), "text",
                     text, "resolver", ht_abi_hex(HT_BYTES(schema->resolver.b)), "revocable",
                     (int)schema->is_revocable);
}

/* The data by the schema; null when they do not fit, which is nobody's lie. */
static json_t *fields_json(const struct ht_bundle_run *run) {
    struct ht_schema schema;
    json_t *out = NULL;
    if (!run->has_schema) return json_null();
    if (ht_schema_read(&schema, run->arena, run->schema.text, NULL) != HT_OK ||
        ht_schema_decode(&out, &schema, run->attestation.data, NULL) != HT_OK) {
        return json_null();
    }
    return out;
}

static enum ht_err show(struct ht_bundle_run *run, struct ht_why *why) {
    json_t *attestation = ht_bundle_attestation_json(&run->attestation);
    run->shown = json_pack("{s:o, s:o, s:o}", "attestation", attestation, "schema",
                           schema_json(run), "fields", fields_json(run));
    return run->shown != NULL ? HT_OK : no_memory(why);
}

static enum ht_err compare_claim(const struct ht_bundle_run *run, struct ht_why *why) {
    const json_t *claimed = ht_json_member(run->bundle.claim, "attestation");
    json_t *proven = ht_bundle_attestation_json(&run->attestation);
    if (proven == NULL) return no_memory(why);
    bool is_equal = claimed != NULL && json_equal(proven, claimed) == 1;
    json_decref(proven);
    if (is_equal) return HT_OK;
    return ht_fail(why, HT_EUNVERIFIED, "claim_differs",
                   "the attestation on chain is not the one that is claimed");
}

static enum ht_err check_onchain(struct ht_bundle_run *run, struct ht_why *why) {
    const uint8_t(*values)[32] = NULL;
    ht_hash32 uid;
    enum ht_err err = ht_bundle_values(&values, run->arena, &run->bundle.contract, why);
    if (err == HT_OK) err = ht_json_hex(uid.b, 32, run->bundle.claim, "uid", why);
    if (err == HT_OK) {
        err = ht_eas_from_storage(&run->attestation, run->arena, &uid, values,
                                  values + HT_EAS_SLOTS, run->parts.count - HT_EAS_SLOTS, why);
    }
    if (err == HT_OK) err = compare_claim(run, why);
    if (err == HT_OK) err = read_schema(run, why);
    (void)snprintf(run->said, sizeof run->said,
                   "The contract has this attestation, and its fields give its uid.");
    return err;
}

static enum ht_err read_revocation(struct ht_bundle_run *run, struct ht_why *why) {
    const uint8_t *value = run->bundle.contract.slots[0].value;
    uint64_t time = 0;
    if (!is_zero(value, 24)) {
        return ht_fail(why, HT_EUNVERIFIED, "eas_layout",
                       "what the contract keeps there has not the form of EAS");
    }
    for (size_t i = 24; i < 32; i++) time = time << 8 | value[i];
    run->attestation.revocation_time = time;
    return HT_OK;
}

/* A contract's signature is what its code says at the time: no file can show it. */
static enum ht_err check_signature(struct ht_bundle_run *run, struct ht_why *why) {
    struct ht_why said = {.code = ""};
    enum ht_err err = ht_eas_offchain_verify(run->package, run->judge->network->chain_id,
                                             &run->parts.address, false, &said);
    bool is_of_no_key =
        strcmp(said.code, "eas_signer") == 0 || strcmp(said.code, "eas_signature") == 0;
    if (err == HT_EUNVERIFIED && is_of_no_key && run->attester_has_code) {
        return ht_fail(why, HT_EUNVERIFIED, "contract_attester",
                       "a contract attests it; whether it does is told by its code alone");
    }
    if (err != HT_OK && why != NULL) *why = said;
    return err;
}

static enum ht_err check_offchain(struct ht_bundle_run *run, struct ht_why *why) {
    run->attestation = run->package->attestation;
    enum ht_err err = check_signature(run, why);
    if (err == HT_OK) err = read_revocation(run, why);
    if (err == HT_OK && run->parts.wants_schema) err = read_schema(run, why);
    (void)snprintf(run->said, sizeof run->said,
                   "The attester has signed it, and its fields give its uid.");
    return err;
}

enum ht_err ht_bundle_eas_check(struct ht_bundle_run *run, struct ht_why *why) {
    enum ht_err err = run->bundle.kind == HT_BUNDLE_EAS_ONCHAIN ? check_onchain(run, why)
                                                                : check_offchain(run, why);
    if (err == HT_OK) err = show(run, why);
    run->has_attestation = err == HT_OK;
    return err;
}

/* --- when it counts --------------------------------------------------------------------------- */

enum ht_err ht_bundle_now_check(struct ht_bundle_run *run, struct ht_why *why) {
    const struct ht_attestation *attestation = &run->attestation;
    char text[HT_BUNDLE_TIME_SIZE];
    if (!run->has_attestation) return HT_OK;
    switch (ht_eas_status_at(attestation, (uint64_t)(run->judge->now_ms / 1000))) {
    case HT_EAS_REVOKED:
        ht_bundle_time_text(text, attestation->revocation_time);
        return ht_fail(why, HT_ESTALE, "revoked", "it was revoked at %s", text);
    case HT_EAS_EXPIRED:
        ht_bundle_time_text(text, attestation->expiration_time);
        return ht_fail(why, HT_ESTALE, "expired", "it ended at %s", text);
    case HT_EAS_FROM_FUTURE:
        ht_bundle_time_text(text, attestation->time);
        return ht_fail(why, HT_ESTALE, "from_future", "it begins at %s only", text);
    case HT_EAS_VALID: break;
    }
    if (attestation->expiration_time == 0) {
        (void)snprintf(run->said, sizeof run->said,
                       "It was not revoked as of that block, and has no end.");
    } else {
        ht_bundle_time_text(text, attestation->expiration_time);
        (void)snprintf(run->said, sizeof run->said,
                       "It was not revoked as of that block, and ends at %s.", text);
    }
    return HT_OK;
}
