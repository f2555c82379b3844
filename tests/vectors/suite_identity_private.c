/* Two groups of the identity suite that need no chain, found in any document:
 *   disclosures  {"cases": [{"id", "root", "proof": {"leaves", "proof", "proofFlags"},
 *                "expected": "valid" | "invalid"}]}
 *   trees        {"cases": [{"id", "full": {"values": [leaf]}, "root"}]}: the root is made again,
 *                and every single leaf, every second one and all of them are disclosed
 *   delegated    {"cases": [{"id", "signer", "request": {"domain", "primaryType", "message",
 * "types", "signature": {"v", "r", "s"}}, "typeString", "domainSeparator", "digest"}]} */
#include <stdlib.h>

#include "identity/eas/calls.h"
#include "identity/eas/private_data.h"
#include "node/codec/eip712.h"
#include "node/crypto/secp256k1.h"
#include "tests/vectors/suite_identity.h"

static const char *name_of(const json_t *one) {
    const char *id = json_string_value(ht_json_member(one, "id"));
    return id != NULL ? id : "?";
}

static enum ht_err same_hex(const json_t *one, const char *path, const uint8_t *got, size_t n,
                            struct ht_why *why) {
    uint8_t want[32];
    ht_assert(n <= sizeof want);
    enum ht_err err = ht_json_hex(want, n, one, path, why);
    if (err != HT_OK || memcmp(want, got, n) == 0) return err;
    return ht_identity_differs(path, why);
}

/* --- private data -----------------------------------------------------------------------------*/

static bool is_disclosure(const json_t *one) {
    return json_is_string(ht_json_member(one, "root")) &&
           json_is_array(ht_json_member(ht_json_member(one, "proof"), "proofFlags"));
}

static bool is_tree(const json_t *one) {
    return json_is_string(ht_json_member(one, "root")) &&
           json_is_array(ht_json_member(ht_json_member(one, "full"), "values"));
}

static enum ht_err judge_disclosure(const json_t *one, struct ht_why *why) {
    ht_hash32 root;
    const char *expected = "";
    enum ht_err err = ht_json_hex(root.b, sizeof root.b, one, "root", why);
    if (err == HT_OK) err = ht_json_text(&expected, one, "expected", why);
    if (err != HT_OK) return err;
    err = ht_private_verify(ht_json_member(one, "proof"), &root, why);
    if (strcmp(expected, "valid") == 0) return err;
    if (strcmp(expected, "invalid") != 0) return ht_identity_differs("kind of verdict", why);
    if (err == HT_EUNVERIFIED || err == HT_EINPUT) return HT_OK;
    return ht_identity_differs("verdict", why);
}

struct tree {
    struct ht_private_leaf *leaves;
    size_t count;
    ht_hash32 root;
};

static enum ht_err disclose(const struct tree *tree, size_t first, size_t step,
                            struct ht_why *why) {
    size_t chosen[HT_PRIVATE_LEAVES_MAX];
    size_t count = 0;
    json_t *out = NULL;
    for (size_t i = first; i < tree->count; i += step) chosen[count++] = i;
    enum ht_err err = ht_private_disclose(&out, tree->leaves, tree->count, chosen, count, why);
    if (err == HT_OK) err = ht_private_verify(out, &tree->root, why);
    if (err == HT_OK && json_array_size(ht_json_member(out, "leaves")) != count) {
        err = ht_identity_differs("number of disclosed leaves", why);
    }
    json_decref(out);
    return err;
}

static enum ht_err judge_tree(const json_t *one, struct ht_why *why) {
    struct ht_arena arena;
    struct tree tree;
    ht_arena_init(&arena, HT_PRIVATE_LEAVES_MAX * sizeof *tree.leaves + 4096);
    const json_t *values = ht_json_member(ht_json_member(one, "full"), "values");
    enum ht_err err = ht_private_leaves_read(&tree.leaves, &tree.count, &arena, values, why);
    if (err == HT_OK) err = ht_private_root(&tree.root, tree.leaves, tree.count, why);
    if (err == HT_OK) err = same_hex(one, "root", tree.root.b, sizeof tree.root.b, why);
    if (err == HT_OK) err = disclose(&tree, 0, 1, why);
    if (err == HT_OK) err = disclose(&tree, 0, 2, why);
    for (size_t i = 0; err == HT_OK && i < tree.count; i++) {
        err = disclose(&tree, i, tree.count, why);
    }
    ht_arena_fini(&arena);
    return err;
}

void ht_identity_run_private(struct ht_identity_run *run, const json_t *document) {
    size_t index = 0;
    const json_t *one = NULL;
    json_array_foreach(ht_json_member(document, "cases"), index, one) {
        struct ht_why why = {.code = "", .text = ""};
        if (is_disclosure(one)) {
            ht_identity_report(run, name_of(one), judge_disclosure(one, &why), &why);
        } else if (is_tree(one)) {
            ht_identity_report(run, name_of(one), judge_tree(one, &why), &why);
        }
    }
}

/* --- delegated requests -----------------------------------------------------------------------*/

static bool is_delegated(const json_t *one) {
    const json_t *request = ht_json_member(one, "request");
    return json_is_object(ht_json_member(request, "domain")) &&
           json_is_string(ht_json_member(ht_json_member(request, "message"), "nonce")) &&
           json_is_string(ht_json_member(one, "typeString"));
}

static enum ht_err read_contract(struct ht_eas_contract *out, const json_t *request,
                                 struct ht_why *why) {
    const char *version = "";
    *out = (struct ht_eas_contract){.chain_id = 0};
    enum ht_err err = ht_json_text(&version, request, "domain.version", why);
    if (err == HT_OK) err = ht_json_u64(&out->chain_id, request, "domain.chainId", why);
    if (err == HT_OK) {
        err = ht_json_hex(out->eas.b, sizeof out->eas.b, request, "domain.verifyingContract", why);
    }
    if (err != HT_OK) return err;
    size_t n = strlen(version);
    if (n >= sizeof out->version) return ht_identity_differs("kind of version", why);
    memcpy(out->version, version, n + 1);
    return HT_OK;
}

static enum ht_err read_attestation(struct ht_attestation *out, struct ht_buf *data,
                                    const json_t *message, struct ht_why *why) {
    enum ht_err err = ht_json_hex(out->attester.b, 20, message, "attester", why);
    if (err == HT_OK) err = ht_json_hex(out->recipient.b, 20, message, "recipient", why);
    if (err == HT_OK) err = ht_json_u64(&out->expiration_time, message, "expirationTime", why);
    if (err == HT_OK) err = ht_json_bool(&out->is_revocable, message, "revocable", why);
    if (err == HT_OK) err = ht_json_hex(out->ref_uid.b, 32, message, "refUID", why);
    if (err == HT_OK) err = ht_json_hex_buf(data, message, "data", why);
    out->data = ht_buf_view(data);
    return err;
}

static enum ht_err read_request(struct ht_eas_delegated *out, struct ht_buf *data,
                                const json_t *request, struct ht_why *why) {
    const json_t *message = ht_json_member(request, "message");
    struct ht_attestation *attestation = &out->attestation;
    const char *primary = "";
    enum ht_err err = ht_json_text(&primary, request, "primaryType", why);
    out->is_revocation = strcmp(primary, "Revoke") == 0;
    if (err == HT_OK) err = ht_json_hex(attestation->schema.b, 32, message, "schema", why);
    if (err == HT_OK) err = ht_json_u64(&out->nonce, message, "nonce", why);
    if (err == HT_OK && ht_json_member(message, "deadline") != NULL) {
        err = ht_json_u64(&out->deadline, message, "deadline", why);
    }
    if (err != HT_OK) return err;
    if (!out->is_revocation) return read_attestation(attestation, data, message, why);
    err = ht_json_hex(attestation->uid.b, 32, message, "uid", why);
    if (err == HT_OK) err = ht_json_hex(attestation->attester.b, 20, message, "revoker", why);
    return err;
}

static enum ht_err judge_signer(const ht_hash32 *digest, const json_t *one, struct ht_why *why) {
    struct ht_ecdsa_signature signature;
    uint64_t v = 0;
    ht_addr20 signer;
    enum ht_err err = ht_json_hex(signature.r, 32, one, "request.signature.r", why);
    if (err == HT_OK) err = ht_json_hex(signature.s, 32, one, "request.signature.s", why);
    if (err == HT_OK) err = ht_json_u64(&v, one, "request.signature.v", why);
    signature.y_parity = (uint8_t)(v - 27);
    if (err == HT_OK) {
        err = ht_ecdsa_recover_address(&signer, digest, &signature, HT_ECDSA_LOW_S, why);
    }
    if (err == HT_OK) err = same_hex(one, "signer", signer.b, sizeof signer.b, why);
    return err;
}

static enum ht_err judge_typed(const json_t *typed, const json_t *one, struct ht_why *why) {
    struct ht_eip712 data;
    struct ht_arena arena;
    struct ht_buf text;
    ht_bytes want = {0};
    ht_hash32 domain, message, digest;
    ht_arena_init(&arena, (size_t)64 << 10);
    ht_buf_init(&text, HT_EIP712_TYPE_TEXT_MAX);
    enum ht_err err = ht_eip712_read(&data, &arena, typed, why);
    if (err == HT_OK) err = ht_eip712_encode_type(&text, &data, data.primary_type, why);
    if (err == HT_OK) err = ht_json_str(&want, one, "typeString", why);
    if (err == HT_OK && !ht_bytes_equal(want, ht_buf_view(&text))) {
        err = ht_identity_differs("type", why);
    }
    if (err == HT_OK) err = ht_eip712_domain_separator(&domain, &data, why);
    if (err == HT_OK) err = ht_eip712_struct_hash(&message, &data, why);
    if (err == HT_OK) err = same_hex(one, "domainSeparator", domain.b, sizeof domain.b, why);
    if (err == HT_OK) {
        ht_eip712_digest(&digest, &domain, &message);
        err = same_hex(one, "digest", digest.b, sizeof digest.b, why);
    }
    if (err == HT_OK) err = judge_signer(&digest, one, why);
    ht_buf_fini(&text);
    ht_arena_fini(&arena);
    return err;
}

static enum ht_err judge_delegated(const json_t *one, struct ht_why *why) {
    const json_t *json = ht_json_member(one, "request");
    struct ht_eas_contract contract;
    struct ht_eas_delegated request = {.contract = &contract};
    struct ht_buf data;
    json_t *typed = NULL;
    ht_buf_init(&data, HT_EAS_DATA_MAX);
    enum ht_err err = read_contract(&contract, json, why);
    if (err == HT_OK) err = read_request(&request, &data, json, why);
    if (err == HT_OK) err = ht_eas_delegated_typed(&typed, &request, why);
    if (err == HT_OK) err = judge_typed(typed, one, why);
    json_decref(typed);
    ht_buf_fini(&data);
    return err;
}

void ht_identity_run_delegated(struct ht_identity_run *run, const json_t *document) {
    size_t index = 0;
    const json_t *one = NULL;
    json_array_foreach(ht_json_member(document, "cases"), index, one) {
        struct ht_why why = {.code = "", .text = ""};
        if (!is_delegated(one)) continue;
        ht_identity_report(run, name_of(one), judge_delegated(one, &why), &why);
    }
}
