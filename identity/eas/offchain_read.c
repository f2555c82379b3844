/* From the SDK's JSON object or compact array to a struct: every part has its place and its size,
 * and what is not hashed is not looked at. */
#include "identity/eas/offchain_read.h"

#include "identity/eas/offchain_form.h"

/* The parts of a compact array. */
enum part {
    DOMAIN_VERSION,
    CHAIN_ID,
    CONTRACT,
    SIGNATURE_R,
    SIGNATURE_S,
    SIGNATURE_V,
    SIGNER,
    UID,
    SCHEMA,
    RECIPIENT,
    TIME,
    EXPIRATION_TIME,
    REF_UID,
    REVOCABLE,
    DATA,
    NONCE, /* always 0, and hashed nowhere */
    VERSION,
    SALT,
    PART_COUNT,
};

static enum ht_err no_memory(struct ht_why *why) {
    return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
}

static bool is_absent(const json_t *value) {
    return value == NULL || json_is_null(value);
}

/* --- single values ---------------------------------------------------------------------------- */

static enum ht_err read_text(const char **out, struct ht_arena *arena, const json_t *root,
                             const char *path, struct ht_why *why) {
    const char *text;
    enum ht_err err = ht_json_text(&text, root, path, why);
    if (err != HT_OK) return err;
    *out = ht_arena_copy_str(arena, ht_bytes_str(text));
    return *out != NULL ? HT_OK : no_memory(why);
}

static enum ht_err read_version(enum ht_eas_version *out, const json_t *value, struct ht_why *why) {
    static const enum ht_eas_version VERSIONS[] = {HT_EAS_OFFCHAIN_V0, HT_EAS_OFFCHAIN_V1,
                                                   HT_EAS_OFFCHAIN_V2};
    uint64_t number = 0;
    enum ht_err err = is_absent(value) ? HT_OK : ht_json_u64(&number, value, "", why);
    if (err != HT_OK) return err;
    if (number >= sizeof VERSIONS / sizeof *VERSIONS) {
        return ht_fail(why, HT_EINPUT, "eas_version", "no version of attestations that is known");
    }
    *out = VERSIONS[number];
    return HT_OK;
}

/* The schema as a hash and as it stands there. */
static enum ht_err read_schema(struct ht_eas_offchain *out, const json_t *root, const char *path,
                               struct ht_why *why) {
    ht_bytes text;
    enum ht_err err = ht_json_str(&text, root, path, why);
    if (err == HT_OK) err = ht_json_hex(out->attestation.schema.b, 32, root, path, why);
    if (err != HT_OK) return err;
    if (text.n != sizeof out->schema_text - 1 || text.p[1] != 'x') {
        return ht_fail(why, HT_EINPUT, "eas_json", "%s is not written with \"0x\"", path);
    }
    memcpy(out->schema_text, text.p, text.n);
    out->schema_text[text.n] = '\0';
    return HT_OK;
}

static enum ht_err read_data(ht_bytes *out, struct ht_arena *arena, const json_t *root,
                             const char *path, struct ht_why *why) {
    ht_bytes text;
    enum ht_err err = ht_json_str(&text, root, path, why);
    if (err != HT_OK) return err;
    if (text.n < 2 || memcmp(text.p, "0x", 2) != 0 || text.n % 2 != 0) {
        return ht_fail(why, HT_EINPUT, "eas_json", "%s is no hex with \"0x\"", path);
    }
    size_t n = text.n / 2 - 1;
    if (n > HT_EAS_DATA_MAX) {
        return ht_fail(why, HT_ELIMIT, "eas_too_large", "%zu bytes of data, at most %zu", n,
                       HT_EAS_DATA_MAX);
    }
    uint8_t *data = ht_arena_alloc(arena, n + 1);
    if (data == NULL) return no_memory(why);
    if (ht_hex_read(data, n, text) != HT_OK) {
        return ht_fail(why, HT_EINPUT, "eas_json", "%s is no hex with \"0x\"", path);
    }
    *out = ht_bytes_of(data, n);
    return HT_OK;
}

static enum ht_err read_v(uint8_t *y_parity, const json_t *root, const char *path,
                          struct ht_why *why) {
    uint64_t v;
    enum ht_err err = ht_json_u64(&v, root, path, why);
    if (err != HT_OK) return err;
    uint64_t parity = v >= 27 ? v - 27 : v;
    if (parity > 1) {
        return ht_fail(why, HT_EINPUT, "eas_json", "%s is none of 27, 28, 0 and 1", path);
    }
    *y_parity = (uint8_t)parity;
    return HT_OK;
}

/* Version 2 has a salt, the others have none. */
static enum ht_err read_salt(struct ht_eas_offchain *out, const json_t *value, struct ht_why *why) {
    out->has_salt = out->version == HT_EAS_OFFCHAIN_V2;
    if (!out->has_salt) return HT_OK;
    if (value == NULL) return ht_fail(why, HT_EINPUT, "eas_json", "salt is missing");
    return ht_json_hex(out->salt.b, sizeof out->salt.b, value, "", why);
}

static void take_form(struct ht_eas_offchain *out, const struct ht_eas_form *form) {
    out->primary_type = form->primary_type;
    out->type_name = form->type_name;
}

/* --- the JSON object -------------------------------------------------------------------------- */

static enum ht_err read_form(struct ht_eas_offchain *out, const json_t *sig, struct ht_why *why) {
    const json_t *inner = json_object_get(json_object_get(sig, "message"), "version");
    const json_t *outer = json_object_get(sig, "version");
    enum ht_eas_version beside;
    const char *primary_type;
    enum ht_err err = read_version(&out->version, is_absent(inner) ? outer : inner, why);
    if (err == HT_OK) err = read_version(&beside, is_absent(outer) ? inner : outer, why);
    if (err == HT_OK) err = ht_json_text(&primary_type, sig, "primaryType", why);
    if (err != HT_OK) return err;
    if (beside != out->version) {
        return ht_fail(why, HT_EINPUT, "eas_version", "it names two versions");
    }
    const struct ht_eas_form *form =
        ht_eas_form_find(out->version, primary_type, json_object_get(sig, "types"));
    if (form == NULL) {
        return ht_fail(why, HT_EINPUT, "eas_types",
                       "its types are not those of attestations of its version");
    }
    take_form(out, form);
    return HT_OK;
}

static enum ht_err read_domain(struct ht_eas_offchain *out, struct ht_arena *arena,
                               const json_t *sig, struct ht_why *why) {
    const json_t *domain = json_object_get(sig, "domain");
    enum ht_err err = read_text(&out->domain_name, arena, sig, "domain.name", why);
    if (err == HT_OK) err = read_text(&out->domain_version, arena, sig, "domain.version", why);
    if (err == HT_OK) err = ht_json_u64(&out->chain_id, sig, "domain.chainId", why);
    if (err == HT_OK) {
        err = ht_json_hex(out->contract.b, 20, sig, "domain.verifyingContract", why);
    }
    if (err != HT_OK || json_object_size(domain) == 4) return err;
    return ht_fail(why, HT_EINPUT, "eas_types", "its domain has more than the four known members");
}

static enum ht_err read_message(struct ht_eas_offchain *out, struct ht_arena *arena,
                                const json_t *sig, struct ht_why *why) {
    struct ht_attestation *one = &out->attestation;
    enum ht_err err = read_schema(out, sig, "message.schema", why);
    if (err == HT_OK) err = ht_json_hex(one->recipient.b, 20, sig, "message.recipient", why);
    if (err == HT_OK) err = ht_json_u64(&one->time, sig, "message.time", why);
    if (err == HT_OK) err = ht_json_u64(&one->expiration_time, sig, "message.expirationTime", why);
    if (err == HT_OK) err = ht_json_bool(&one->is_revocable, sig, "message.revocable", why);
    if (err == HT_OK) err = ht_json_hex(one->ref_uid.b, 32, sig, "message.refUID", why);
    if (err == HT_OK) err = read_data(&one->data, arena, sig, "message.data", why);
    if (err != HT_OK) return err;
    return read_salt(out, json_object_get(json_object_get(sig, "message"), "salt"), why);
}

static enum ht_err read_signature(struct ht_eas_offchain *out, const json_t *sig,
                                  struct ht_why *why) {
    const json_t *signature = json_object_get(sig, "signature");
    if (is_absent(signature)) signature = sig;
    enum ht_err err = ht_json_hex(out->signature.r, 32, signature, "r", why);
    if (err == HT_OK) err = ht_json_hex(out->signature.s, 32, signature, "s", why);
    return err == HT_OK ? read_v(&out->signature.y_parity, signature, "v", why) : err;
}

static enum ht_err read_object(struct ht_eas_offchain *out, struct ht_arena *arena,
                               const json_t *document, struct ht_why *why) {
    const json_t *sig = NULL;
    enum ht_err err = ht_json_get(&sig, document, "sig", why);
    if (err == HT_OK) err = ht_json_hex(out->attestation.attester.b, 20, document, "signer", why);
    if (err == HT_OK) err = read_form(out, sig, why);
    if (err == HT_OK) err = ht_json_hex(out->attestation.uid.b, 32, sig, "uid", why);
    if (err == HT_OK) err = read_domain(out, arena, sig, why);
    if (err == HT_OK) err = read_message(out, arena, sig, why);
    return err == HT_OK ? read_signature(out, sig, why) : err;
}

/* --- the compact array ------------------------------------------------------------------------ */

/* Bytes in hex, or "0" for all zero. */
static enum ht_err read_short(uint8_t *out, size_t n, const json_t *value, struct ht_why *why) {
    if (json_is_string(value) && strcmp(json_string_value(value), "0") == 0) {
        memset(out, 0, n);
        return HT_OK;
    }
    return ht_json_hex(out, n, value, "", why);
}

static enum ht_err read_parts(struct ht_eas_offchain *out, struct ht_arena *arena,
                              const json_t *const *part, struct ht_why *why) {
    struct ht_attestation *one = &out->attestation;
    enum ht_err err = read_text(&out->domain_version, arena, part[DOMAIN_VERSION], "", why);
    if (err == HT_OK) err = ht_json_u64(&out->chain_id, part[CHAIN_ID], "", why);
    if (err == HT_OK) err = ht_json_hex(out->contract.b, 20, part[CONTRACT], "", why);
    if (err == HT_OK) err = ht_json_hex(out->signature.r, 32, part[SIGNATURE_R], "", why);
    if (err == HT_OK) err = ht_json_hex(out->signature.s, 32, part[SIGNATURE_S], "", why);
    if (err == HT_OK) err = read_v(&out->signature.y_parity, part[SIGNATURE_V], "", why);
    if (err == HT_OK) err = ht_json_hex(one->attester.b, 20, part[SIGNER], "", why);
    if (err == HT_OK) err = ht_json_hex(one->uid.b, 32, part[UID], "", why);
    if (err == HT_OK) err = read_schema(out, part[SCHEMA], "", why);
    if (err == HT_OK) err = read_short(one->recipient.b, 20, part[RECIPIENT], why);
    if (err == HT_OK) err = ht_json_u64(&one->time, part[TIME], "", why);
    if (err == HT_OK) err = ht_json_u64(&one->expiration_time, part[EXPIRATION_TIME], "", why);
    if (err == HT_OK) err = read_short(one->ref_uid.b, 32, part[REF_UID], why);
    if (err == HT_OK) err = ht_json_bool(&one->is_revocable, part[REVOCABLE], "", why);
    if (err == HT_OK) err = read_data(&one->data, arena, part[DATA], "", why);
    if (err == HT_OK) err = read_version(&out->version, part[VERSION], why);
    return err == HT_OK ? read_salt(out, part[SALT], why) : err;
}

static enum ht_err read_array(struct ht_eas_offchain *out, struct ht_arena *arena,
                              const json_t *document, struct ht_why *why) {
    const json_t *part[PART_COUNT];
    size_t count = json_array_size(document);
    if (count < VERSION || count > PART_COUNT) {
        return ht_fail(why, HT_EINPUT, "eas_json", "an array of %zu parts, not of 16 to 18", count);
    }
    for (size_t i = 0; i < PART_COUNT; i++) part[i] = json_array_get(document, i);
    enum ht_err err = read_parts(out, arena, part, why);
    if (err != HT_OK) return err;
    out->domain_name = HT_EAS_DOMAIN_NAME;
    take_form(out, ht_eas_form_compact(out->version));
    return HT_OK;
}

enum ht_err ht_eas_offchain_read_json(struct ht_eas_offchain *out, struct ht_arena *arena,
                                      const json_t *document, struct ht_why *why) {
    return json_is_array(document) ? read_array(out, arena, document, why)
                                   : read_object(out, arena, document, why);
}
