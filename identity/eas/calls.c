/* What is sent to EAS and to its schema registry, and what delegates sign. */
#include "identity/eas/calls.h"

#include <inttypes.h>
#include <stdio.h>

#include "identity/eas/schema.h"
#include "node/codec/abi.h"
#include "node/codec/abi_word.h"

#define TYPE_ARENA ((size_t)32 << 10)

/* (recipient, expirationTime, revocable, refUID, data, value) */
#define ATTEST_DATA "(address,uint64,bool,bytes32,bytes,uint256)"
#define REVOKE_DATA "(bytes32,uint256)"
#define SIGNATURE "(uint8,bytes32,bytes32)"

static enum ht_err no_memory(struct ht_why *why) {
    return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
}

/* Appends the selector of name and types, and the encoding of values, which are taken over. */
static enum ht_err call(struct ht_buf *out, const char *name, const char *types, json_t *values,
                        struct ht_why *why) {
    char signature[512];
    uint8_t selector[4];
    struct ht_arena arena;
    struct ht_abi_type type;
    size_t before = out->n;
    if (values == NULL) return no_memory(why);
    int n = snprintf(signature, sizeof signature, "%s%s", name, types);
    ht_assert(n > 0 && (size_t)n < sizeof signature);
    ht_abi_selector(selector, signature);
    ht_arena_init(&arena, TYPE_ARENA);
    enum ht_err err = ht_abi_type_read(&type, &arena, ht_bytes_str(types), why);
    if (err == HT_OK && ht_buf_add(out, HT_BYTES(selector)) != HT_OK) err = no_memory(why);
    if (err == HT_OK) err = ht_abi_encode(out, &type, values, why);
    if (err != HT_OK) out->n = before;
    ht_arena_fini(&arena);
    json_decref(values);
    return err;
}

static json_t *number(uint64_t value) {
    char text[24];
    (void)snprintf(text, sizeof text, "%" PRIu64, value);
    return json_string(text);
}

static json_t *hash(const ht_hash32 *value) {
    return ht_abi_hex(HT_BYTES(value->b));
}

static json_t *address(const ht_addr20 *value) {
    return ht_abi_hex(HT_BYTES(value->b));
}

static json_t *attest_data(const struct ht_attestation *one) {
    return json_pack("[o, o, b, o, o, s]", address(&one->recipient), number(one->expiration_time),
                     one->is_revocable, hash(&one->ref_uid), ht_abi_hex(one->data), "0");
}

static json_t *revoke_data(const struct ht_attestation *one) {
    return json_pack("[o, s]", hash(&one->uid), "0");
}

/* --- the owner's own -------------------------------------------------------------------------- */

enum ht_err ht_eas_call_register(struct ht_buf *out, ht_bytes schema, const ht_addr20 *resolver,
                                 bool is_revocable, struct ht_why *why) {
    if (schema.n > HT_SCHEMA_TEXT_MAX) {
        return ht_fail(why, HT_ELIMIT, "schema_too_large", "a schema of %zu bytes, at most %u",
                       schema.n, HT_SCHEMA_TEXT_MAX);
    }
    json_t *text = json_stringn(schema.n > 0 ? (const char *)schema.p : "", schema.n);
    if (text == NULL) {
        return ht_fail(why, HT_EINPUT, "schema_syntax", "the schema is not UTF-8");
    }
    json_t *values = json_pack("[o, o, b]", text, address(resolver), is_revocable);
    return call(out, "register", "(string,address,bool)", values, why);
}

/* [(schema, [data])], a group for each run of one schema. */
static json_t *groups(const struct ht_attestation *list, size_t count,
                      json_t *(*data)(const struct ht_attestation *one)) {
    json_t *all = json_array();
    int failed = all == NULL;
    for (size_t i = 0; i < count && failed == 0;) {
        json_t *members = json_array();
        const ht_hash32 *schema = &list[i].schema;
        for (; i < count && ht_hash32_equal(&list[i].schema, schema); i++) {
            failed |= json_array_append_new(members, data(&list[i]));
        }
        failed |= json_array_append_new(all, json_pack("[o, o]", hash(schema), members));
    }
    json_t *values = failed == 0 ? json_pack("[O]", all) : NULL;
    json_decref(all);
    return values;
}

static enum ht_err check_count(size_t count, struct ht_why *why) {
    if (count > 0 && count <= HT_EAS_MANY_MAX) return HT_OK;
    return ht_fail(why, HT_ELIMIT, "eas_too_large", "one call has 1 to %u of them",
                   HT_EAS_MANY_MAX);
}

static enum ht_err check_data(const struct ht_attestation *one, struct ht_why *why) {
    if (one->data.n <= HT_EAS_DATA_MAX) return HT_OK;
    return ht_fail(why, HT_ELIMIT, "eas_too_large", "%zu bytes of data, at most %zu", one->data.n,
                   HT_EAS_DATA_MAX);
}

enum ht_err ht_eas_call_attest(struct ht_buf *out, const struct ht_attestation *list, size_t count,
                               struct ht_why *why) {
    enum ht_err err = check_count(count, why);
    for (size_t i = 0; err == HT_OK && i < count; i++) err = check_data(&list[i], why);
    if (err != HT_OK) return err;
    if (count > 1) {
        return call(out, "multiAttest", "((bytes32," ATTEST_DATA "[])[])",
                    groups(list, count, attest_data), why);
    }
    json_t *values = json_pack("[[o, o]]", hash(&list->schema), attest_data(list));
    return call(out, "attest", "((bytes32," ATTEST_DATA "))", values, why);
}

enum ht_err ht_eas_call_revoke(struct ht_buf *out, const struct ht_attestation *list, size_t count,
                               struct ht_why *why) {
    enum ht_err err = check_count(count, why);
    if (err != HT_OK) return err;
    if (count > 1) {
        return call(out, "multiRevoke", "((bytes32," REVOKE_DATA "[])[])",
                    groups(list, count, revoke_data), why);
    }
    json_t *values = json_pack("[[o, o]]", hash(&list->schema), revoke_data(list));
    return call(out, "revoke", "((bytes32," REVOKE_DATA "))", values, why);
}

/* name(bytes32), or its plural of an array. */
static enum ht_err call_hashes(struct ht_buf *out, const char *one, const char *many,
                               const ht_hash32 *list, size_t count, struct ht_why *why) {
    enum ht_err err = check_count(count, why);
    if (err != HT_OK) return err;
    if (count == 1) return call(out, one, "(bytes32)", json_pack("[o]", hash(list)), why);
    json_t *all = json_array();
    int failed = all == NULL;
    for (size_t i = 0; i < count; i++) failed |= json_array_append_new(all, hash(&list[i]));
    json_t *values = failed == 0 ? json_pack("[O]", all) : NULL;
    json_decref(all);
    return call(out, many, "(bytes32[])", values, why);
}

enum ht_err ht_eas_call_revoke_offchain(struct ht_buf *out, const ht_hash32 *uids, size_t count,
                                        struct ht_why *why) {
    return call_hashes(out, "revokeOffchain", "multiRevokeOffchain", uids, count, why);
}

enum ht_err ht_eas_call_timestamp(struct ht_buf *out, const ht_hash32 *data, size_t count,
                                  struct ht_why *why) {
    return call_hashes(out, "timestamp", "multiTimestamp", data, count, why);
}

/* --- delegated -------------------------------------------------------------------------------- */

/* Which form a contract of that version asks for. */
enum form { FORM_LEGACY, FORM_VALUE, FORM_SIGNER };

/* A number of 1 to 4 digits; NULL when there is none, else what follows. */
static const char *read_number(unsigned *out, const char *text) {
    size_t n = strspn(text, "0123456789");
    if (n == 0 || n > 4) return NULL;
    *out = 0;
    for (size_t i = 0; i < n; i++) *out = *out * 10 + (unsigned)(text[i] - '0');
    return text + n;
}

static enum ht_err form_of(enum form *out, const char *version, struct ht_why *why) {
    unsigned major = 0, minor = 0;
    const char *rest = read_number(&major, version);
    rest = rest != NULL && *rest == '.' ? read_number(&minor, rest + 1) : NULL;
    if (rest == NULL || (*rest != 0 && *rest != '.')) {
        return ht_fail(why, HT_EINPUT, "eas_version", "that is no version of EAS");
    }
    bool has_value = major > 1 || (major == 1 && minor >= 2);
    bool has_signer = major > 1 || (major == 1 && minor >= 3);
    *out = has_signer ? FORM_SIGNER : has_value ? FORM_VALUE : FORM_LEGACY;
    return HT_OK;
}

/* The form, when the request can be one of it. */
static enum ht_err form_for(enum form *out, const struct ht_eas_delegated *request,
                            struct ht_why *why) {
    enum ht_err err = form_of(out, request->contract->version, why);
    if (err == HT_OK) err = check_data(&request->attestation, why);
    if (err != HT_OK || *out != FORM_LEGACY || request->deadline == 0) return err;
    return ht_fail(why, HT_EINPUT, "eas_deadline",
                   "what is signed for a contract of version %s cannot have a deadline",
                   request->contract->version);
}

struct typed {
    json_t *types, *message;
    int failed;
};

static void add(struct typed *typed, const char *type, const char *name, json_t *value) {
    typed->failed |=
        json_array_append_new(typed->types, json_pack("{s:s, s:s}", "name", name, "type", type));
    typed->failed |= json_object_set_new(typed->message, name, value);
}

static void add_attestation(struct typed *typed, const struct ht_attestation *one, enum form form) {
    if (form == FORM_SIGNER) add(typed, "address", "attester", address(&one->attester));
    add(typed, "bytes32", "schema", hash(&one->schema));
    add(typed, "address", "recipient", address(&one->recipient));
    add(typed, "uint64", "expirationTime", number(one->expiration_time));
    add(typed, "bool", "revocable", json_boolean(one->is_revocable));
    add(typed, "bytes32", "refUID", hash(&one->ref_uid));
    add(typed, "bytes", "data", ht_abi_hex(one->data));
}

static void add_revocation(struct typed *typed, const struct ht_attestation *one, enum form form) {
    if (form == FORM_SIGNER) add(typed, "address", "revoker", address(&one->attester));
    add(typed, "bytes32", "schema", hash(&one->schema));
    add(typed, "bytes32", "uid", hash(&one->uid));
}

enum ht_err ht_eas_delegated_typed(json_t **out, const struct ht_eas_delegated *request,
                                   struct ht_why *why) {
    enum form form;
    const struct ht_eas_contract *contract = request->contract;
    enum ht_err err = form_for(&form, request, why);
    if (err != HT_OK) return err;
    const char *primary = request->is_revocation ? "Revoke" : "Attest";
    struct typed typed = {json_array(), json_object(), 0};
    if (request->is_revocation) {
        add_revocation(&typed, &request->attestation, form);
    } else {
        add_attestation(&typed, &request->attestation, form);
    }
    if (form != FORM_LEGACY) add(&typed, "uint256", "value", json_string("0"));
    add(&typed, "uint256", "nonce", number(request->nonce));
    if (form != FORM_LEGACY) add(&typed, "uint64", "deadline", number(request->deadline));
    json_t *whole =
        json_pack("{s:{s:O}, s:s, s:{s:s, s:s, s:o, s:o}, s:O}", "types", primary, typed.types,
                  "primaryType", primary, "domain", "name", "EAS", "version", contract->version,
                  "chainId", number(contract->chain_id), "verifyingContract",
                  address(&contract->eas), "message", typed.message);
    json_decref(typed.types);
    json_decref(typed.message);
    if (whole == NULL || typed.failed != 0) {
        json_decref(whole);
        return no_memory(why);
    }
    *out = whole;
    return HT_OK;
}

static json_t *signature_json(const uint8_t signature[static 65]) {
    return json_pack("[i, o, o]", signature[64] < 27 ? signature[64] + 27 : signature[64],
                     ht_abi_hex(ht_bytes_of(signature, 32)),
                     ht_abi_hex(ht_bytes_of(signature + 32, 32)));
}

enum ht_err ht_eas_delegated_call(struct ht_buf *out, const struct ht_eas_delegated *request,
                                  const uint8_t signature[static 65], struct ht_why *why) {
    enum form form;
    const struct ht_attestation *one = &request->attestation;
    enum ht_err err = form_for(&form, request, why);
    if (err != HT_OK) return err;
    bool has_deadline = form != FORM_LEGACY;
    json_t *values = json_pack("[[o, o, o, o]]", hash(&one->schema),
                               request->is_revocation ? revoke_data(one) : attest_data(one),
                               signature_json(signature), address(&one->attester));
    json_t *request_json = json_array_get(values, 0);
    if (values != NULL && has_deadline &&
        json_array_append_new(request_json, number(request->deadline)) != 0) {
        json_decref(values);
        values = NULL;
    }
    if (request->is_revocation) {
        return call(out, "revokeByDelegation",
                    has_deadline ? "((bytes32," REVOKE_DATA "," SIGNATURE ",address,uint64))"
                                 : "((bytes32," REVOKE_DATA "," SIGNATURE ",address))",
                    values, why);
    }
    return call(out, "attestByDelegation",
                has_deadline ? "((bytes32," ATTEST_DATA "," SIGNATURE ",address,uint64))"
                             : "((bytes32," ATTEST_DATA "," SIGNATURE ",address))",
                values, why);
}
