/* Which types count, as tables: the members of all versions are one row with its ends left out. */
#include "identity/eas/offchain_form.h"

#include "node/crypto/keccak.h"

static const struct ht_eas_form FORMS[] = {
    {HT_EAS_OFFCHAIN_V2, "Attest", "Attest"},
    {HT_EAS_OFFCHAIN_V1, "Attest", "Attest"},
    {HT_EAS_OFFCHAIN_V0, "Attestation", "Attest"},
    {HT_EAS_OFFCHAIN_V0, "Attestation", "Attestation"},
    {HT_EAS_OFFCHAIN_V0, "Attest", "Attest"},
};
#define FORM_COUNT (sizeof FORMS / sizeof *FORMS)

struct member {
    const char *type, *name;
};
static const struct member MEMBERS[] = {
    {"uint16", "version"},        {"bytes32", "schema"},
    {"address", "recipient"},     {"uint64", "time"},
    {"uint64", "expirationTime"}, {"bool", "revocable"},
    {"bytes32", "refUID"},        {"bytes", "data"},
    {"bytes32", "salt"},
};
#define MEMBER_COUNT (sizeof MEMBERS / sizeof *MEMBERS)

/* Version 0 has no number in it, and only version 2 a salt. */
static size_t first_of(enum ht_eas_version version) {
    return version == HT_EAS_OFFCHAIN_V0 ? 1 : 0;
}

static size_t end_of(enum ht_eas_version version) {
    return version == HT_EAS_OFFCHAIN_V2 ? MEMBER_COUNT : MEMBER_COUNT - 1;
}

static bool is_text(const json_t *value, const char *text) {
    size_t n = strlen(text);
    return json_is_string(value) && json_string_length(value) == n &&
           memcmp(json_string_value(value), text, n) == 0;
}

static bool are_members(const json_t *list, enum ht_eas_version version) {
    size_t first = first_of(version), count = end_of(version) - first;
    if (!json_is_array(list) || json_array_size(list) != count) return false;
    for (size_t i = 0; i < count; i++) {
        const json_t *one = json_array_get(list, i);
        const struct member *member = &MEMBERS[first + i];
        if (json_object_size(one) != 2 || !is_text(json_object_get(one, "name"), member->name) ||
            !is_text(json_object_get(one, "type"), member->type)) {
            return false;
        }
    }
    return true;
}

const struct ht_eas_form *ht_eas_form_find(enum ht_eas_version version, const char *primary_type,
                                           const json_t *types) {
    if (json_object_size(types) != 1) return NULL;
    for (size_t i = 0; i < FORM_COUNT; i++) {
        const struct ht_eas_form *form = &FORMS[i];
        if (form->version == version && strcmp(form->primary_type, primary_type) == 0 &&
            are_members(json_object_get(types, form->type_name), version)) {
            return form;
        }
    }
    return NULL;
}

const struct ht_eas_form *ht_eas_form_compact(enum ht_eas_version version) {
    const struct ht_eas_form *form = FORMS;
    while (form->version != version) form++;
    return form;
}

json_t *ht_eas_form_types(enum ht_eas_version version, const char *type_name) {
    json_t *list = json_array();
    int failed = list == NULL;
    for (size_t i = first_of(version); i < end_of(version); i++) {
        json_t *one = json_pack("{s:s, s:s}", "name", MEMBERS[i].name, "type", MEMBERS[i].type);
        failed |= json_array_append_new(list, one);
    }
    json_t *types = failed == 0 ? json_pack("{s:O}", type_name, list) : NULL;
    json_decref(list);
    return types;
}

static void add(struct ht_keccak256 *hash, const char *text) {
    ht_keccak256_update(hash, ht_bytes_str(text));
}

void ht_eas_form_type_hash(ht_hash32 *out, enum ht_eas_version version, const char *type_name) {
    struct ht_keccak256 hash;
    ht_keccak256_init(&hash);
    add(&hash, type_name);
    for (size_t i = first_of(version); i < end_of(version); i++) {
        add(&hash, i == first_of(version) ? "(" : ",");
        add(&hash, MEMBERS[i].type);
        add(&hash, " ");
        add(&hash, MEMBERS[i].name);
    }
    add(&hash, ")");
    ht_keccak256_final(out, &hash);
}
