/* Reading, judging and writing delegated requests. What a request says of its own types is never
 * signed for: the typed data are made anew, and compared. */
#include "identity/eas/delegated.h"

#include <inttypes.h>

#include "node/codec/abi_word.h"
#include "node/codec/address.h"
#include "node/codec/eip712.h"

#define DOMAIN_NAME "EAS"
#define TYPES_ARENA ((size_t)64 << 10)

static enum ht_err no_memory(struct ht_why *why) {
    return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
}

/* --- reading ---------------------------------------------------------------------------------- */

static enum ht_err read_domain(const struct ht_eas_contract *contract, const json_t *document,
                               struct ht_why *why) {
    const char *name, *version;
    uint64_t chain_id;
    ht_addr20 verifier;
    enum ht_err err = ht_json_text(&name, document, "domain.name", why);
    if (err == HT_OK) err = ht_json_text(&version, document, "domain.version", why);
    if (err == HT_OK) err = ht_json_u64(&chain_id, document, "domain.chainId", why);
    if (err == HT_OK)
        err = ht_json_hex(verifier.b, sizeof verifier.b, document, "domain.verifyingContract", why);
    if (err != HT_OK) return err;
    if (strcmp(name, DOMAIN_NAME) != 0)
        return ht_fail(why, HT_EUNVERIFIED, "eas_domain", "it was signed for something else");
    if (chain_id != contract->chain_id)
        return ht_fail(why, HT_EUNVERIFIED, "eas_domain", "it was signed for another chain");
    if (memcmp(verifier.b, contract->eas.b, sizeof verifier.b) != 0)
        return ht_fail(why, HT_EUNVERIFIED, "eas_domain", "it was signed for another contract");
    if (strcmp(version, contract->version) != 0)
        return ht_fail(why, HT_EUNVERIFIED, "eas_version",
                       "it was signed for another version of the contract, which is %s",
                       contract->version);
    return HT_OK;
}

static enum ht_err read_kind(bool *is_revocation, const json_t *document, struct ht_why *why) {
    const char *kind;
    enum ht_err err = ht_json_text(&kind, document, "primaryType", why);
    if (err != HT_OK) return err;
    *is_revocation = strcmp(kind, "Revoke") == 0;
    if (*is_revocation || strcmp(kind, "Attest") == 0) return HT_OK;
    return ht_fail(why, HT_EINPUT, "eas_json", "it asks neither to attest nor to revoke");
}

static enum ht_err read_data(ht_bytes *out, struct ht_arena *arena, const json_t *message,
                             struct ht_why *why) {
    struct ht_buf data;
    ht_buf_init(&data, HT_EAS_DATA_MAX);
    enum ht_err err = ht_json_hex_buf(&data, message, "data", why);
    uint8_t *copy = err == HT_OK ? ht_arena_alloc(arena, data.n + 1) : NULL;
    if (err == HT_OK && copy == NULL) err = no_memory(why);
    if (err == HT_OK) {
        if (data.n > 0) memcpy(copy, data.p, data.n);
        *out = ht_bytes_of(copy, data.n);
    }
    ht_buf_fini(&data);
    return err;
}

static enum ht_err read_attestation(struct ht_attestation *out, struct ht_arena *arena,
                                    const json_t *message, struct ht_why *why) {
    enum ht_err err = ht_json_hex(out->attester.b, 20, message, "attester", why);
    if (err == HT_OK) err = ht_json_hex(out->recipient.b, 20, message, "recipient", why);
    if (err == HT_OK) err = ht_json_u64(&out->expiration_time, message, "expirationTime", why);
    if (err == HT_OK) err = ht_json_bool(&out->is_revocable, message, "revocable", why);
    if (err == HT_OK) err = ht_json_hex(out->ref_uid.b, 32, message, "refUID", why);
    return err == HT_OK ? read_data(&out->data, arena, message, why) : err;
}

static enum ht_err read_optional(uint64_t *out, const json_t *message, const char *key,
                                 struct ht_why *why) {
    *out = 0;
    return ht_json_member(message, key) != NULL ? ht_json_u64(out, message, key, why) : HT_OK;
}

static enum ht_err read_message(struct ht_eas_delegated *out, struct ht_arena *arena,
                                const json_t *message, struct ht_why *why) {
    struct ht_attestation *one = &out->attestation;
    uint64_t value = 0;
    enum ht_err err = ht_json_hex(one->schema.b, 32, message, "schema", why);
    if (err == HT_OK && out->is_revocation) {
        err = ht_json_hex(one->uid.b, 32, message, "uid", why);
        if (err == HT_OK) err = ht_json_hex(one->attester.b, 20, message, "revoker", why);
    } else if (err == HT_OK) {
        err = read_attestation(one, arena, message, why);
    }
    if (err == HT_OK) err = ht_json_u64(&out->nonce, message, "nonce", why);
    if (err == HT_OK) err = read_optional(&out->deadline, message, "deadline", why);
    if (err == HT_OK) err = read_optional(&value, message, "value", why);
    if (err != HT_OK || value == 0) return err;
    return ht_fail(why, HT_EINPUT, "eas_value", "it wants ether to be sent with it");
}

static enum ht_err read_signature(struct ht_ecdsa_signature *out, const json_t *document,
                                  struct ht_why *why) {
    uint64_t v = 0;
    enum ht_err err = ht_json_hex(out->r, 32, document, "signature.r", why);
    if (err == HT_OK) err = ht_json_hex(out->s, 32, document, "signature.s", why);
    if (err == HT_OK) err = ht_json_u64(&v, document, "signature.v", why);
    if (err != HT_OK) return err;
    if (v > 1 && v != 27 && v != 28)
        return ht_fail(why, HT_EUNVERIFIED, "eas_signature", "v is none of 0, 1, 27 and 28");
    out->y_parity = (uint8_t)(v > 1 ? v - 27 : v);
    return HT_OK;
}

static enum ht_err check_types(const json_t *typed, const json_t *document, bool is_revocation,
                               struct ht_why *why) {
    const char *primary = is_revocation ? "Revoke" : "Attest";
    const json_t *mine = ht_json_member(ht_json_member(typed, "types"), primary);
    const json_t *theirs = ht_json_member(ht_json_member(document, "types"), primary);
    if (theirs == NULL)
        return ht_fail(why, HT_EINPUT, "eas_json", "it has no types of %s", primary);
    if (json_equal(mine, theirs)) return HT_OK;
    return ht_fail(why, HT_EUNVERIFIED, "eas_types",
                   "what was signed is not of the form that this contract takes");
}

static enum ht_err digest_of(ht_hash32 *out, const json_t *typed, struct ht_why *why) {
    struct ht_eip712 data;
    struct ht_arena arena;
    ht_hash32 domain, message;
    ht_arena_init(&arena, TYPES_ARENA);
    enum ht_err err = ht_eip712_read(&data, &arena, typed, why);
    if (err == HT_OK) err = ht_eip712_domain_separator(&domain, &data, why);
    if (err == HT_OK) err = ht_eip712_struct_hash(&message, &data, why);
    if (err == HT_OK) ht_eip712_digest(out, &domain, &message);
    ht_arena_fini(&arena);
    return err;
}

static enum ht_err read_any(struct ht_eas_signed *out, struct ht_arena *arena,
                            const json_t *document, struct ht_why *why) {
    struct ht_eas_delegated *request = &out->request;
    const json_t *message = ht_json_member(document, "message");
    json_t *typed = NULL;
    enum ht_err err = read_domain(request->contract, document, why);
    if (err == HT_OK) err = read_kind(&request->is_revocation, document, why);
    if (err == HT_OK) err = read_message(request, arena, message, why);
    if (err == HT_OK) err = read_signature(&out->signature, document, why);
    if (err == HT_OK) err = ht_eas_delegated_typed(&typed, request, why);
    if (err == HT_OK) err = check_types(typed, document, request->is_revocation, why);
    if (err == HT_OK) err = digest_of(&out->digest, typed, why);
    json_decref(typed);
    return err;
}

enum ht_err ht_eas_delegated_read(struct ht_eas_signed *out, struct ht_arena *arena,
                                  const struct ht_eas_contract *contract, const json_t *document,
                                  struct ht_why *why) {
    struct ht_why inner = {.code = ""};
    struct ht_eas_signed read = {.request = {.contract = contract}};
    enum ht_err err = read_any(&read, arena, document, &inner);
    if (err == HT_OK) {
        *out = read;
        return HT_OK;
    }
    const char *code = inner.code;
    if (strncmp(code, "json_", 5) == 0) code = err == HT_ELIMIT ? "eas_too_large" : "eas_json";
    return ht_fail(why, err, code, "%s", inner.text);
}

/* --- judging ---------------------------------------------------------------------------------- */

enum ht_err ht_eas_delegated_signer(const struct ht_eas_signed *request, struct ht_why *why) {
    ht_addr20 signer;
    struct ht_why inner = {.code = ""};
    enum ht_err err = ht_ecdsa_recover_address(&signer, &request->digest, &request->signature,
                                               HT_ECDSA_LOW_S, &inner);
    if (err == HT_EUNVERIFIED) return ht_fail(why, err, "eas_signature", "%s", inner.text);
    if (err != HT_OK) return ht_fail(why, err, inner.code, "%s", inner.text);
    const ht_addr20 *attester = &request->request.attestation.attester;
    if (memcmp(signer.b, attester->b, sizeof signer.b) == 0) return HT_OK;
    return ht_fail(why, HT_EUNVERIFIED, "eas_signer",
                   "another than who attests or revokes signed it, or something else was signed");
}

enum ht_err ht_eas_delegated_timely(const struct ht_eas_delegated *request, uint64_t nonce,
                                    uint64_t now_s, struct ht_why *why) {
    if (request->nonce < nonce)
        return ht_fail(why, HT_ESTALE, "nonce_used",
                       "its nonce %" PRIu64 " is used already: the next one is %" PRIu64,
                       request->nonce, nonce);
    if (request->nonce > nonce)
        return ht_fail(why, HT_EINPUT, "nonce_ahead",
                       "its nonce %" PRIu64 " is not next: that is %" PRIu64, request->nonce,
                       nonce);
    if (request->deadline == 0 || request->deadline >= now_s) return HT_OK;
    return ht_fail(why, HT_EINPUT, "deadline_passed", "its deadline has passed");
}

/* --- writing ---------------------------------------------------------------------------------- */

void ht_eas_delegated_bytes(uint8_t out[static 65], const struct ht_ecdsa_signature *signature) {
    memcpy(out, signature->r, 32);
    memcpy(out + 32, signature->s, 32);
    out[64] = (uint8_t)(27 + signature->y_parity);
}

enum ht_err ht_eas_delegated_json(json_t **out, const struct ht_eas_delegated *request,
                                  const struct ht_ecdsa_signature *signature, struct ht_why *why) {
    json_t *whole = NULL;
    enum ht_err err = ht_eas_delegated_typed(&whole, request, why);
    if (err != HT_OK) return err;
    const struct ht_eas_contract *contract = request->contract;
    json_t *signed_by =
        json_pack("{s:o, s:o, s:i}", "r", ht_abi_hex(HT_BYTES(signature->r)), "s",
                  ht_abi_hex(HT_BYTES(signature->s)), "v", 27 + signature->y_parity);
    /* The SDK compares the contract's address as text, with its checksum. */
    int failed = json_object_set_new(json_object_get(whole, "domain"), "verifyingContract",
                                     ht_address_json(&contract->eas));
    failed |= json_object_set_new(json_object_get(whole, "message"),
                                  request->is_revocation ? "revoker" : "attester",
                                  ht_address_json(&request->attestation.attester));
    failed |= json_object_set_new(whole, "signature", signed_by);
    failed |= json_object_set_new(whole, "version", json_string(contract->version));
    if (failed != 0) {
        json_decref(whole);
        return no_memory(why);
    }
    *out = whole;
    return HT_OK;
}
