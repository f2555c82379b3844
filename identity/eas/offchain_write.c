/* Packages as text: typed data to sign, the SDK's JSON, its compact array, its share URL. */
#include "identity/eas/offchain_write.h"

#include <inttypes.h>
#include <stdio.h>

#include "identity/eas/offchain_form.h"
#include "identity/eas/offchain_pack.h"
#include "node/codec/abi_word.h"
#include "node/codec/address.h"

#define SAFE_INTEGER ((uint64_t)1 << 53) /* JavaScript's numbers are exact below it */

static enum ht_err no_memory(struct ht_why *why) {
    return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
}

static json_t *number(uint64_t value) {
    char text[24];
    (void)snprintf(text, sizeof text, "%" PRIu64, value);
    return json_string(text);
}

static json_t *hash(const ht_hash32 *value) {
    return ht_abi_hex(HT_BYTES(value->b));
}

static json_t *word(const uint8_t bytes[static 32]) {
    return ht_abi_hex(ht_bytes_of(bytes, 32));
}

static json_int_t v_of(const struct ht_eas_offchain *package) {
    return 27 + package->signature.y_parity;
}

/* --- the JSON object -------------------------------------------------------------------------- */

/* {"domain", "primaryType", "types", "message"}: what is signed. */
static json_t *typed(const struct ht_eas_offchain *package) {
    const struct ht_attestation *one = &package->attestation;
    json_t *message = json_pack(
        "{s:I, s:s, s:o, s:o, s:o, s:b, s:o, s:o}", "version", (json_int_t)package->version,
        "schema", package->schema_text, "recipient", ht_address_json(&one->recipient), "time",
        number(one->time), "expirationTime", number(one->expiration_time), "revocable",
        (int)one->is_revocable, "refUID", hash(&one->ref_uid), "data", ht_abi_hex(one->data));
    bool is_whole = message != NULL;
    if (package->has_salt && json_object_set_new(message, "salt", hash(&package->salt)) != 0) {
        is_whole = false;
    }
    json_t *all =
        json_pack("{s:{s:s, s:s, s:o, s:o}, s:s, s:o, s:O}", "domain", "name", package->domain_name,
                  "version", package->domain_version, "chainId", number(package->chain_id),
                  "verifyingContract", ht_address_json(&package->contract), "primaryType",
                  package->primary_type, "types",
                  ht_eas_form_types(package->version, package->type_name), "message", message);
    json_decref(message);
    if (is_whole) return all;
    json_decref(all);
    return NULL;
}

enum ht_err ht_eas_offchain_typed(json_t **out, struct ht_eas_offchain *package,
                                  struct ht_why *why) {
    struct ht_attestation *one = &package->attestation;
    ht_assert(package->has_salt);
    if (one->data.n > HT_EAS_DATA_MAX) {
        return ht_fail(why, HT_ELIMIT, "eas_too_large", "%zu bytes of data, at most %zu",
                       one->data.n, HT_EAS_DATA_MAX);
    }
    const struct ht_eas_form *form = ht_eas_form_compact(HT_EAS_OFFCHAIN_V2);
    package->version = form->version;
    package->primary_type = form->primary_type;
    package->type_name = form->type_name;
    package->domain_name = HT_EAS_DOMAIN_NAME;
    ht_hex_write(package->schema_text, HT_BYTES(one->schema.b));
    ht_eas_offchain_uid(&one->uid, package->version, one, ht_bytes_str(package->schema_text),
                        &package->salt);
    json_t *document = typed(package);
    if (document == NULL) return no_memory(why);
    *out = document;
    return HT_OK;
}

json_t *ht_eas_offchain_json(const struct ht_eas_offchain *package) {
    json_t *sig = typed(package);
    json_t *more =
        json_pack("{s:I, s:o, s:{s:I, s:o, s:o}}", "version", (json_int_t)package->version, "uid",
                  hash(&package->attestation.uid), "signature", "v", v_of(package), "r",
                  word(package->signature.r), "s", word(package->signature.s));
    json_t *all = NULL;
    if (sig != NULL && more != NULL && json_object_update(sig, more) == 0) {
        all = json_pack("{s:O, s:o}", "sig", sig, "signer",
                        ht_address_json(&package->attestation.attester));
    }
    json_decref(sig);
    json_decref(more);
    return all;
}

/* --- the compact array ------------------------------------------------------------------------ */

static json_t *short_address(const ht_addr20 *address) {
    static const ht_addr20 nobody;
    bool is_zero = memcmp(address->b, nobody.b, sizeof nobody.b) == 0;
    return is_zero ? json_string("0") : ht_address_json(address);
}

static json_t *short_hash(const ht_hash32 *value) {
    return ht_hash32_is_zero(value) ? json_string("0") : hash(value);
}

enum ht_err ht_eas_offchain_compact(json_t **out, const struct ht_eas_offchain *package,
                                    struct ht_why *why) {
    const struct ht_attestation *one = &package->attestation;
    const struct ht_eas_form *form = ht_eas_form_compact(package->version);
    if (strcmp(form->type_name, package->type_name) != 0 ||
        strcmp(package->domain_name, HT_EAS_DOMAIN_NAME) != 0) {
        return ht_fail(why, HT_EINPUT, "eas_types", "an attestation of that form has no share URL");
    }
    if (one->time >= SAFE_INTEGER || one->expiration_time >= SAFE_INTEGER) {
        return ht_fail(why, HT_ELIMIT, "eas_too_large", "a time past 2^53 has no share URL");
    }
    json_t *list = json_pack(
        "[s, o, o, o, o, I, o, o, s, o, I, I, o, b, o, i, I, o]", package->domain_version,
        number(package->chain_id), ht_address_json(&package->contract), word(package->signature.r),
        word(package->signature.s), v_of(package), ht_address_json(&one->attester), hash(&one->uid),
        package->schema_text, short_address(&one->recipient), (json_int_t)one->time,
        (json_int_t)one->expiration_time, short_hash(&one->ref_uid), (int)one->is_revocable,
        ht_abi_hex(one->data), 0, (json_int_t)package->version,
        package->has_salt ? hash(&package->salt) : json_null());
    if (list == NULL) return no_memory(why);
    *out = list;
    return HT_OK;
}

enum ht_err ht_eas_offchain_url(struct ht_buf *out, const struct ht_eas_offchain *package,
                                struct ht_why *why) {
    json_t *list = NULL;
    struct ht_buf text;
    ht_buf_init(&text, HT_EAS_PACKAGE_MAX);
    enum ht_err err = ht_eas_offchain_compact(&list, package, why);
    if (err == HT_OK) {
        err = ht_json_dump_compact(&text, list);
        if (err != HT_OK) (void)ht_fail(why, err, "eas_too_large", "the package is too large");
    }
    if (err == HT_OK) err = ht_eas_pack(out, ht_buf_view(&text), why);
    json_decref(list);
    ht_buf_fini(&text);
    return err;
}
