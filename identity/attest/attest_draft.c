/* Attestations in the making, and which may be revoked. */
#include "identity/attest/attest_draft.h"

#include "identity/attest/attest_json.h"
#include "identity/attest/attest_list.h"
#include "identity/eas/private_data.h"
#include "identity/eas/schema.h"
#include "node/base/hex.h"

#define PRIVATE_SCHEMA "bytes32 privateData"

static enum ht_err no_memory(struct ht_why *why) {
    return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
}

static bool has(const json_t *params, const char *key) {
    const json_t *value = ht_json_member(params, key);
    return value != NULL && !json_is_null(value);
}

void ht_attest_draft_init(struct ht_attest_draft *draft) {
    ht_buf_init(&draft->data, HT_EAS_DATA_MAX);
}

void ht_attest_draft_fini(struct ht_attest_draft *draft) {
    ht_buf_fini(&draft->data);
    json_decref(draft->leaves);
    draft->leaves = NULL;
}

/* --- what it says ----------------------------------------------------------------------------- */

enum ht_err ht_attest_draft_read(struct ht_attest_draft *draft, const struct ht_identity *identity,
                                 const json_t *params, struct ht_why *why) {
    struct ht_attestation *to = &draft->attestation;
    enum ht_err err = HT_OK;
    if (has(params, "recipient")) err = ht_json_hex(to->recipient.b, 20, params, "recipient", why);
    if (err == HT_OK && has(params, "ref_uid"))
        err = ht_json_hex(to->ref_uid.b, 32, params, "ref_uid", why);
    if (err == HT_OK && has(params, "expiration_time"))
        err = ht_json_u64(&to->expiration_time, params, "expiration_time", why);
    draft->has_revocable = has(params, "revocable");
    if (err == HT_OK && draft->has_revocable)
        err = ht_json_bool(&to->is_revocable, params, "revocable", why);
    if (err != HT_OK) return err;
    uint64_t now_s = (uint64_t)(ht_wall_ms(identity->host->clock) / 1000);
    if (to->expiration_time == 0 || to->expiration_time > now_s) return HT_OK;
    return ht_fail(why, HT_EINPUT, "already_expired", "it would have expired already");
}

/* A salt of its own for each leaf, so that nobody can guess what is not disclosed. */
static enum ht_err make_leaves(struct ht_attest_draft *draft, struct ht_arena *arena,
                               const struct ht_random *random, const json_t *given,
                               struct ht_why *why) {
    if (!json_is_array(given) || json_array_size(given) == 0 ||
        json_array_size(given) > HT_PRIVATE_LEAVES_MAX)
        return ht_fail(why, HT_EINPUT, "private_json", "private is a list of leaves, at most %u",
                       HT_PRIVATE_LEAVES_MAX);
    draft->leaves = json_deep_copy(given);
    if (draft->leaves == NULL) return no_memory(why);
    for (size_t i = 0; i < json_array_size(draft->leaves); i++) {
        uint8_t salt[32];
        char text[HT_HEX_SIZE(32)];
        ht_random_fill(random, salt, sizeof salt);
        ht_hex_write(text, HT_BYTES(salt));
        json_t *leaf = json_array_get(draft->leaves, i);
        if (json_object_set_new(leaf, "salt", json_string(text)) != 0)
            return ht_fail(why, HT_EINPUT, "private_json", "a leaf is an object");
    }
    struct ht_private_leaf *leaves;
    size_t count;
    enum ht_err err = ht_private_leaves_read(&leaves, &count, arena, draft->leaves, why);
    if (err == HT_OK) err = ht_private_root(&draft->root, leaves, count, why);
    if (err == HT_OK && ht_buf_add(&draft->data, HT_BYTES(draft->root.b)) != HT_OK)
        err = no_memory(why);
    return err;
}

static enum ht_err make_data(struct ht_attest_draft *draft, struct ht_arena *arena,
                             const struct ht_identity *identity,
                             const struct ht_eas_schema_record *record, const json_t *params,
                             struct ht_why *why) {
    const json_t *values = ht_json_member(params, "values");
    const json_t *leaves = ht_json_member(params, "private");
    bool has_data = ht_json_member(params, "data") != NULL;
    if ((values != NULL) + (leaves != NULL) + (int)has_data != 1)
        return ht_fail(why, HT_EINPUT, "attest_values", "give one of values, data and private");
    if (has_data) return ht_json_hex_buf(&draft->data, params, "data", why);
    if (leaves != NULL) {
        if (!ht_bytes_equal(record->text, ht_bytes_str(PRIVATE_SCHEMA)))
            return ht_fail(why, HT_EINPUT, "not_private", "the schema for private data is \"%s\"",
                           PRIVATE_SCHEMA);
        return make_leaves(draft, arena, identity->host->random, leaves, why);
    }
    struct ht_schema schema;
    enum ht_err err = ht_schema_read(&schema, arena, record->text, why);
    return err == HT_OK ? ht_schema_encode(&draft->data, &schema, values, why) : err;
}

enum ht_err ht_attest_draft_fill(struct ht_attest_draft *draft, struct ht_arena *arena,
                                 const struct ht_identity *identity,
                                 const struct ht_eas_schema_record *record, const json_t *params,
                                 struct ht_why *why) {
    struct ht_attestation *attestation = &draft->attestation;
    if (!draft->has_revocable) attestation->is_revocable = record->is_revocable;
    if (attestation->is_revocable && !record->is_revocable)
        return ht_fail(why, HT_EINPUT, "schema_not_revocable",
                       "attestations of this schema cannot be revoked");
    enum ht_err err = make_data(draft, arena, identity, record, params, why);
    attestation->schema = record->uid;
    attestation->data = ht_buf_view(&draft->data);
    return err;
}

/* --- revoking --------------------------------------------------------------------------------- */

enum ht_err ht_attest_revocable(const struct ht_attest_item **out,
                                const struct ht_identity *identity, const json_t *params,
                                struct ht_why *why) {
    const struct ht_attest_item *item;
    enum ht_err err = ht_attest_named(&item, identity, params, why);
    if (err != HT_OK) return err;
    const struct ht_attestation *its = &item->row.attestation;
    if ((ht_attest_roles(identity, its) & HT_ATTEST_ISSUED) == 0)
        return ht_fail(why, HT_EDENIED, "not_attester", "no account of this wallet attested it");
    if (!its->is_revocable)
        return ht_fail(why, HT_EDENIED, "not_revocable", "it cannot be revoked");
    if (its->revocation_time != 0)
        return ht_fail(why, HT_EDENIED, "already_revoked", "it is revoked already");
    *out = item;
    return HT_OK;
}
