/* Attestations and schemas as JSON. */
#include "identity/attest/attest_json.h"

#include <stdlib.h>

#include "identity/eas/schema.h"
#include "identity/keys/accounts.h"
#include "node/base/hex.h"
#include "node/codec/address.h"

#define SCHEMA_ARENA_MAX ((size_t)1 << 20)

json_t *ht_attest_hex_json(ht_bytes bytes) {
    char *text = malloc(HT_HEX_SIZE(bytes.n));
    if (text == NULL) return NULL;
    ht_hex_write(text, bytes);
    json_t *json = json_string(text);
    free(text);
    return json;
}

/* Seconds of strangers may be over what JSON holds exactly: those are text. */
static json_t *seconds(uint64_t value) {
    if (value <= (uint64_t)1 << 53) return json_integer((json_int_t)value);
    char text[HT_U256_DECIMAL_SIZE];
    ht_u256 wide = ht_u256_of(value);
    (void)ht_u256_to_decimal(text, &wide);
    return json_string(text);
}

unsigned ht_attest_roles(const struct ht_identity *identity,
                         const struct ht_attestation *attestation) {
    unsigned roles = HT_ATTEST_OTHER;
    if (ht_accounts_find(identity, &attestation->recipient) != NULL) roles |= HT_ATTEST_RECEIVED;
    if (ht_accounts_find(identity, &attestation->attester) != NULL) roles |= HT_ATTEST_ISSUED;
    return roles;
}

const char *ht_attest_row_verdict(const struct ht_identity *identity,
                                  const struct ht_attest_row *row) {
    uint64_t now_s = (uint64_t)(ht_wall_ms(identity->host->clock) / 1000);
    return ht_attest_verdict((enum ht_attest_standing)row->standing, &row->attestation,
                             row->attestation.revocation_time, now_s);
}

/* --- values ----------------------------------------------------------------------------------- */

/* A schema that nobody can read, and data that are none of it, have no values. */
static json_t *values_json(const struct ht_eas_schema_record *record, ht_bytes data) {
    struct ht_arena arena;
    struct ht_schema schema;
    json_t *values = NULL;
    ht_arena_init(&arena, SCHEMA_ARENA_MAX);
    enum ht_err err = ht_schema_read(&schema, &arena, record->text, NULL);
    if (err == HT_OK) err = ht_schema_decode(&values, &schema, data, NULL);
    ht_arena_fini(&arena);
    return err == HT_OK ? values : json_null();
}

static json_t *text_json(ht_bytes text) {
    json_t *json = json_stringn((const char *)text.p, text.n);
    return json != NULL ? json : json_null();
}

json_t *ht_attest_schema_json(const struct ht_eas_schema_record *record) {
    struct ht_arena arena;
    struct ht_schema schema;
    struct ht_why why = {0};
    json_t *fields = json_null(), *reason = json_null();
    ht_arena_init(&arena, SCHEMA_ARENA_MAX);
    if (ht_schema_read(&schema, &arena, record->text, &why) == HT_OK) {
        fields = ht_schema_json(&schema);
    } else {
        reason = json_string(why.text);
    }
    ht_arena_fini(&arena);
    return json_pack("{s:o, s:o, s:o, s:b, s:o, s:o}", "uid",
                     ht_attest_hex_json(HT_BYTES(record->uid.b)), "text", text_json(record->text),
                     "resolver", ht_address_json(&record->resolver), "revocable",
                     (int)record->is_revocable, "fields", fields, "why", reason);
}

/* --- attestations ----------------------------------------------------------------------------- */

static const char *role_name(unsigned roles) {
    static const char *const NAMES[] = {"other", "received", "issued", "both"};
    return NAMES[roles & 3U];
}

json_t *ht_attest_as_of_json(const struct ht_attest *attest) {
    if (!attest->has_as_of) return json_null();
    return json_pack("{s:I, s:o, s:I}", "number", (json_int_t)attest->as_of, "hash",
                     ht_attest_hex_json(HT_BYTES(attest->as_of_hash.b)), "timestamp",
                     (json_int_t)attest->as_of_s);
}

static json_t *block_json(const struct ht_attest_row *row) {
    if (!row->has_block) return json_null();
    return json_pack("{s:I, s:o, s:I, s:s}", "number", (json_int_t)row->block, "hash",
                     ht_attest_hex_json(HT_BYTES(row->block_hash.b)), "timestamp",
                     (json_int_t)row->block_s, "level", row->is_final ? "finalized" : "head");
}

static json_t *fields_json(const struct ht_attestation *attestation) {
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:b}", "uid",
                     ht_attest_hex_json(HT_BYTES(attestation->uid.b)), "attester",
                     ht_address_json(&attestation->attester), "recipient",
                     ht_address_json(&attestation->recipient), "schema",
                     ht_attest_hex_json(HT_BYTES(attestation->schema.b)), "ref_uid",
                     ht_attest_hex_json(HT_BYTES(attestation->ref_uid.b)), "data",
                     ht_attest_hex_json(attestation->data), "time", seconds(attestation->time),
                     "expiration_time", seconds(attestation->expiration_time), "revocation_time",
                     seconds(attestation->revocation_time), "revocable",
                     (int)attestation->is_revocable);
}

/* The names of what can be disclosed. */
static json_t *leaf_names(const json_t *leaves) {
    json_t *names = json_array();
    for (size_t i = 0; i < json_array_size(leaves); i++) {
        json_t *name = json_object_get(json_array_get(leaves, i), "name");
        (void)json_array_append(names, name);
    }
    return names;
}

json_t *ht_attest_row_json(const struct ht_identity *identity, const struct ht_attest_row *row) {
    const struct ht_attestation *attestation = &row->attestation;
    const struct ht_eas_schema_record *record = ht_attest_schema_of(identity, &attestation->schema);
    const json_t *leaves = ht_attest_leaves_of(identity, attestation);
    json_t *json = fields_json(attestation);
    json_t *more = json_pack(
        "{s:s, s:s, s:o, s:o, s:b, s:o, s:s, s:s?, s:s?, s:o, s:I}", "kind",
        row->is_onchain ? "onchain" : "offchain", "role",
        role_name(ht_attest_roles(identity, attestation)), "schema_text",
        record != NULL ? text_json(record->text) : json_null(), "values",
        record != NULL ? values_json(record, attestation->data) : json_null(), "private",
        leaves != NULL, "leaves", leaves != NULL ? leaf_names(leaves) : json_null(), "verdict",
        ht_attest_row_verdict(identity, row), "code", row->code[0] != '\0' ? row->code : NULL,
        "why", row->why[0] != '\0' ? row->why : NULL, "as_of", block_json(row), "added_ms",
        (json_int_t)row->added_ms);
    if (json == NULL || more == NULL || json_object_update(json, more) != 0) {
        json_decref(json);
        json = NULL;
    }
    json_decref(more);
    return json;
}

/* A schema that was never met here has just been proven by the check. */
static json_t *checked_json(const struct ht_attest_check *check, const struct ht_attest_row *row) {
    json_t *json = ht_attest_row_json(check->identity, row);
    if (json == NULL || !check->has_record) return json;
    (void)json_object_set_new(json, "schema_text", text_json(check->record.text));
    (void)json_object_set_new(json, "values", values_json(&check->record, row->attestation.data));
    return json;
}

json_t *ht_attest_check_json(const struct ht_attest_check *check, ht_bytes package) {
    struct ht_attest_row row;
    ht_attest_row_of(&row, check, package);
    const char *verdict = ht_attest_row_verdict(check->identity, &row);
    return json_pack("{s:o, s:O, s:s, s:s?, s:s?}", "attestation",
                     check->has_attestation ? checked_json(check, &row) : json_null(), "steps",
                     check->steps, "verdict", verdict, "code",
                     row.code[0] != '\0' ? row.code : NULL, "why",
                     row.why[0] != '\0' ? row.why : NULL);
}
