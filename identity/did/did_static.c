/* The documents of did:key and did:pkh. */
#include "identity/did/did_static.h"

#include <stdio.h>

#include <sodium.h>

#include "node/codec/base58.h"

#define ID_MAX (2U * HT_DID_TEXT_MAX + 2U)
#define PKH_PREFIX "did:pkh:"
#define KEY_PREFIX "did:key:"

bool ht_did_agreement_key(uint8_t out[static 32], const uint8_t key[static 32]) {
    return crypto_sign_ed25519_pk_to_curve25519(out, key) == 0;
}

/* --- did:key ---------------------------------------------------------------------------------- */

static json_t *base58_text(ht_bytes key) {
    struct ht_buf text;
    ht_buf_init(&text, HT_BASE58_TEXT_MAX);
    json_t *out = NULL;
    if (ht_base58_write(&text, key) == HT_OK) {
        out = json_stringn((const char *)text.p, text.n);
    }
    ht_buf_fini(&text);
    return out;
}

static json_t *key_agreement(const struct ht_did *did) {
    uint8_t key[32];
    struct ht_buf text;
    json_t *out = NULL;
    char id[ID_MAX];
    /* Reading the DID has tried it. */
    bool is_point = ht_did_agreement_key(key, did->key);
    ht_assert(is_point);
    ht_buf_init(&text, HT_BASE58_TEXT_MAX);
    if (ht_multikey_write(&text, HT_MULTICODEC_X25519, HT_BYTES(key)) == HT_OK) {
        (void)snprintf(id, sizeof id, "%s#%.*s", did->text, (int)text.n, (const char *)text.p);
        out = json_pack("[{s:s, s:s, s:s, s:o}]", "id", id, "type", "X25519KeyAgreementKey2019",
                        "controller", did->text, "publicKeyBase58", base58_text(HT_BYTES(key)));
    }
    ht_buf_fini(&text);
    return out;
}

static json_t *key_document(const struct ht_did *did) {
    bool is_ed25519 = did->key_kind == HT_DID_ED25519;
    const char *type = is_ed25519 ? "Ed25519VerificationKey2018" : "Secp256k1VerificationKey2018";
    ht_bytes key = ht_bytes_of(did->key, is_ed25519 ? 32 : 33);
    char id[ID_MAX];
    (void)snprintf(id, sizeof id, "%s#%s", did->text, did->text + strlen(KEY_PREFIX));
    json_t *out =
        json_pack("{s:s, s:[{s:s, s:s, s:s, s:o}], s:[s], s:[s], s:[s], s:[s]}", "id", did->text,
                  "verificationMethod", "id", id, "type", type, "controller", did->text,
                  "publicKeyBase58", base58_text(key), "authentication", id, "assertionMethod", id,
                  "capabilityDelegation", id, "capabilityInvocation", id);
    if (!is_ed25519 || json_object_set_new(out, "keyAgreement", key_agreement(did)) == 0) {
        return out;
    }
    json_decref(out);
    return NULL;
}

/* --- did:pkh ---------------------------------------------------------------------------------- */

static json_t *pkh_document(const struct ht_did *did) {
    static const char *const type = "EcdsaSecp256k1RecoveryMethod2020";
    char id[ID_MAX];
    (void)snprintf(id, sizeof id, "%s#blockchainAccountId", did->text);
    return json_pack("{s:[s, {s:s, s:s}], s:s, s:[{s:s, s:s, s:s, s:s}], s:[s], s:[s]}", "@context",
                     "https://www.w3.org/ns/did/v1", "blockchainAccountId",
                     "https://w3id.org/security#blockchainAccountId", type,
                     "https://identity.foundation/EcdsaSecp256k1RecoverySignature2020"
                     "#EcdsaSecp256k1RecoveryMethod2020",
                     "id", did->text, "verificationMethod", "id", id, "type", type, "controller",
                     did->text, "blockchainAccountId", did->text + strlen(PKH_PREFIX),
                     "authentication", id, "assertionMethod", id);
}

json_t *ht_did_static_document(const struct ht_did *did) {
    ht_assert(did->method != HT_DID_ETHR);
    return did->method == HT_DID_KEY ? key_document(did) : pkh_document(did);
}
