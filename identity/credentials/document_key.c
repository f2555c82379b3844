/* Keys out of verification methods, and choosing among them. The document is somebody's own word on
 * their keys; that it is really theirs is the resolver's matter. */
#include "identity/credentials/document_key.h"

#include <stdio.h>
#include <strings.h>

#include "node/base/hex.h"
#include "node/codec/base58.h"
#include "node/codec/base64.h"
#include "node/codec/json.h"
#include "node/crypto/secp256k1.h"

#define MATERIAL_MAX 128U /* bytes of a key, however written */
#define ENTRIES_MAX 1000U /* of a relation that are looked at when no key is named */

enum curve { CURVE_NONE, CURVE_SECP256K1, CURVE_ED25519 };

static enum ht_err no_key(struct ht_why *why) {
    return ht_fail(why, HT_ENOTFOUND, "vc_key", "the method has no key of a kind that is known");
}

static ht_bytes text_of(const json_t *object, const char *key) {
    const json_t *value = ht_json_member(object, key);
    return ht_bytes_of(json_string_value(value), json_string_length(value));
}

static bool is_text(ht_bytes got, const char *want) {
    return ht_bytes_equal(got, ht_bytes_str(want));
}

static bool takes(ht_bytes *text, const char *start) {
    size_t n = strlen(start);
    if (text->n < n || memcmp(text->p, start, n) != 0) return false;
    *text = ht_bytes_of(text->p + n, text->n - n);
    return true;
}

/* --- forms of keys ---------------------------------------------------------------------------- */

static bool take_key(struct ht_jwt_key *out, enum curve curve, ht_bytes bytes) {
    struct ht_jwt_key key = {.kind = HT_JWT_KEY_ED25519};
    if (curve == CURVE_SECP256K1) {
        key.kind = HT_JWT_KEY_SECP256K1;
        if (ht_secp256k1_read_public_key(key.key, bytes, NULL) != HT_OK) return false;
    } else {
        if (curve != CURVE_ED25519 || bytes.n != 32) return false;
        memcpy(key.key, bytes.p, bytes.n);
    }
    *out = key;
    return true;
}

static enum curve curve_of_type(ht_bytes type) {
    static const struct {
        const char *name;
        enum curve curve;
    } types[] = {
        {"EcdsaSecp256k1VerificationKey2019", CURVE_SECP256K1},
        {"EcdsaSecp256k1VerificationKey2020", CURVE_SECP256K1},
        {"EcdsaSecp256k1RecoveryMethod2020", CURVE_SECP256K1},
        {"Secp256k1VerificationKey2018", CURVE_SECP256K1},
        {"Secp256k1SignatureVerificationKey2018", CURVE_SECP256K1},
        {"EcdsaPublicKeySecp256k1", CURVE_SECP256K1},
        {"Ed25519VerificationKey2018", CURVE_ED25519},
        {"Ed25519VerificationKey2020", CURVE_ED25519},
        {"ED25519SignatureVerification", CURVE_ED25519},
    };
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        if (is_text(type, types[i].name)) return types[i].curve;
    }
    return CURVE_NONE;
}

/* What a key of such a type may be used for at all: others, of key agreement among them, are not
 * for signing, whatever bytes they hold. */
static bool is_signing_type(ht_bytes type) {
    return curve_of_type(type) != CURVE_NONE || is_text(type, "JsonWebKey2020") ||
           is_text(type, "JsonWebKey") || is_text(type, "Multikey");
}

static bool read_jwk(struct ht_jwt_key *out, const json_t *jwk) {
    uint8_t bytes[65] = {4};
    struct ht_buf x, y;
    ht_bytes kty = text_of(jwk, "kty"), crv = text_of(jwk, "crv");
    bool is_ed = is_text(kty, "OKP") && is_text(crv, "Ed25519");
    bool is_secp = is_text(kty, "EC") && is_text(crv, "secp256k1");
    bool is_good = false;
    ht_buf_init(&x, 32);
    ht_buf_init(&y, 32);
    if (ht_base64_read(&x, HT_BASE64_URL, text_of(jwk, "x")) == HT_OK && x.n == 32) {
        memcpy(bytes + 1, x.p, 32);
        if (is_ed) is_good = take_key(out, CURVE_ED25519, ht_bytes_of(bytes + 1, 32));
    }
    if (is_secp && x.n == 32 && ht_base64_read(&y, HT_BASE64_URL, text_of(jwk, "y")) == HT_OK &&
        y.n == 32) {
        memcpy(bytes + 33, y.p, 32);
        is_good = take_key(out, CURVE_SECP256K1, HT_BYTES(bytes));
    }
    ht_buf_fini(&x);
    ht_buf_fini(&y);
    return is_good;
}

/* Base58btc, with a multicodec in front or the bare bytes of what the type says. */
static bool read_base58(struct ht_jwt_key *out, enum curve curve, ht_bytes text) {
    struct ht_buf bytes;
    ht_buf_init(&bytes, MATERIAL_MAX);
    bool is_good = ht_base58_read(&bytes, text, NULL) == HT_OK;
    ht_bytes key = ht_buf_view(&bytes);
    if (is_good && key.n == 35 && key.p[0] == 0xe7 && key.p[1] == 0x01 && curve != CURVE_ED25519) {
        is_good = take_key(out, CURVE_SECP256K1, ht_bytes_of(key.p + 2, 33));
    } else if (is_good && key.n == 34 && key.p[0] == 0xed && key.p[1] == 0x01 &&
               curve != CURVE_SECP256K1) {
        is_good = take_key(out, CURVE_ED25519, ht_bytes_of(key.p + 2, 32));
    } else if (is_good) {
        is_good = take_key(out, curve, key);
    }
    ht_buf_fini(&bytes);
    return is_good;
}

static bool read_hex(struct ht_jwt_key *out, enum curve curve, ht_bytes text) {
    uint8_t bytes[65];
    (void)takes(&text, "0x");
    size_t n = text.n / 2;
    if (n > sizeof bytes || ht_hex_read(bytes, n, text) != HT_OK) return false;
    return take_key(out, curve, ht_bytes_of(bytes, n));
}

static bool read_base64(struct ht_jwt_key *out, enum curve curve, ht_bytes text) {
    struct ht_buf bytes;
    ht_buf_init(&bytes, MATERIAL_MAX);
    bool is_good = ht_base64_read(&bytes, HT_BASE64_STD, text) == HT_OK &&
                   take_key(out, curve, ht_buf_view(&bytes));
    ht_buf_fini(&bytes);
    return is_good;
}

/* "0x…", "eip155:1:0x…" (CAIP-10) or "0x…@eip155:1" as it was before. */
static bool read_account(struct ht_jwt_key *out, ht_bytes text) {
    struct ht_jwt_key key = {.kind = HT_JWT_KEY_ADDRESS};
    if (takes(&text, "eip155:")) {
        const uint8_t *colon = text.n > 0 ? memchr(text.p, ':', text.n) : NULL;
        if (colon == NULL) return false;
        text = ht_bytes_of(colon + 1, text.n - (size_t)(colon + 1 - text.p));
    } else if (text.n > 42) {
        ht_bytes rest = ht_bytes_of(text.p + 42, text.n - 42);
        if (!takes(&rest, "@eip155:")) return false;
        text.n = 42;
    }
    bool is_good = text.n == 42 && ht_hex_read(key.address.b, sizeof key.address.b, text) == HT_OK;
    if (is_good) *out = key;
    return is_good;
}

enum ht_err ht_document_key(struct ht_jwt_key *out, const json_t *method, struct ht_why *why) {
    ht_bytes type = text_of(method, "type");
    enum curve curve = curve_of_type(type);
    ht_bytes multibase = text_of(method, "publicKeyMultibase");
    ht_bytes account = text_of(method, "blockchainAccountId");
    bool is_good = false;
    if (!is_signing_type(type)) return no_key(why);
    if (account.n == 0) account = text_of(method, "ethereumAddress");
    if (ht_json_member(method, "publicKeyJwk") != NULL) {
        is_good =
            read_jwk(out, ht_json_member(method, "publicKeyJwk")) &&
            (curve == CURVE_NONE || (curve == CURVE_ED25519) == (out->kind == HT_JWT_KEY_ED25519));
    } else if (takes(&multibase, "z")) {
        is_good = read_base58(out, curve, multibase);
    } else if (text_of(method, "publicKeyBase58").n > 0) {
        is_good = read_base58(out, curve, text_of(method, "publicKeyBase58"));
    } else if (text_of(method, "publicKeyHex").n > 0) {
        is_good = read_hex(out, curve, text_of(method, "publicKeyHex"));
    } else if (text_of(method, "publicKeyBase64").n > 0) {
        is_good = read_base64(out, curve, text_of(method, "publicKeyBase64"));
    } else if (curve == CURVE_SECP256K1) {
        is_good = read_account(out, account);
    }
    return is_good ? HT_OK : no_key(why);
}

/* --- DID URLs --------------------------------------------------------------------------------- */

static bool has_no_case(ht_bytes did) {
    return takes(&did, "did:ethr:") || takes(&did, "did:pkh:eip155:");
}

bool ht_document_same_did(ht_bytes a, ht_bytes b) {
    if (ht_bytes_equal(a, b)) return true;
    return a.n == b.n && a.n > 0 && has_no_case(a) && has_no_case(b) &&
           strncasecmp((const char *)a.p, (const char *)b.p, a.n) == 0;
}

struct url {
    ht_bytes did; /* of the document, when the text is only "#…" */
    ht_bytes fragment;
};

static bool read_url(struct url *out, ht_bytes text, ht_bytes did) {
    const uint8_t *hash = text.n > 0 ? memchr(text.p, '#', text.n) : NULL;
    if (hash == NULL) return false;
    size_t n = (size_t)(hash - text.p);
    out->did = n > 0 ? ht_bytes_of(text.p, n) : did;
    out->fragment = ht_bytes_of(hash + 1, text.n - n - 1);
    return out->fragment.n > 0;
}

/* Whether both name the same method of that DID. */
static bool is_same_method(ht_bytes a, ht_bytes b, ht_bytes did) {
    struct url left, right;
    return read_url(&left, a, did) && read_url(&right, b, did) &&
           ht_document_same_did(left.did, did) && ht_document_same_did(right.did, did) &&
           ht_bytes_equal(left.fragment, right.fragment);
}

/* --- choosing --------------------------------------------------------------------------------- */

struct choice {
    const struct ht_jwt *jwt;
    const json_t *document;
    ht_bytes did;
    unsigned tried;
    bool is_good;
    char *method_id;
};

static const json_t *find_method(const struct choice *choice, ht_bytes id) {
    static const char *const lists[] = {"verificationMethod", "publicKey"};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        size_t index = 0;
        const json_t *method = NULL;
        const json_t *list = ht_json_member(choice->document, lists[i]);
        json_array_foreach(list, index, method) {
            if (index == ENTRIES_MAX) break;
            if (is_same_method(text_of(method, "id"), id, choice->did)) return method;
        }
    }
    return NULL;
}

/* entry: of a relation, the id of a method or a method itself. */
static void try_entry(struct choice *choice, const json_t *entry, ht_bytes id) {
    struct ht_jwt_key key;
    struct url url;
    const json_t *method = json_is_object(entry) ? entry : find_method(choice, id);
    if (method == NULL || ht_document_key(&key, method, NULL) != HT_OK) return;
    if (!ht_jwt_fits(choice->jwt, &key) || !read_url(&url, id, choice->did)) return;
    choice->tried++;
    if (ht_jwt_verify(choice->jwt, &key, NULL) != HT_OK) return;
    int n =
        snprintf(choice->method_id, HT_DOCUMENT_METHOD_MAX, "%.*s#%.*s", (int)choice->did.n,
                 (const char *)choice->did.p, (int)url.fragment.n, (const char *)url.fragment.p);
    choice->is_good = n > 0 && (unsigned)n < HT_DOCUMENT_METHOD_MAX;
}

static void choose(struct choice *choice, const json_t *relation, const json_t *kid) {
    size_t index = 0;
    const json_t *entry = NULL;
    ht_bytes named = ht_bytes_of(json_string_value(kid), json_string_length(kid));
    json_array_foreach(relation, index, entry) {
        bool is_over = choice->tried == HT_DOCUMENT_TRIES_MAX || index == ENTRIES_MAX;
        if (choice->is_good || is_over) break;
        ht_bytes id = json_is_object(entry)
                          ? text_of(entry, "id")
                          : ht_bytes_of(json_string_value(entry), json_string_length(entry));
        if (kid != NULL && !is_same_method(id, named, choice->did)) continue;
        try_entry(choice, entry, id);
    }
}

enum ht_err ht_document_verify(char method_id[static HT_DOCUMENT_METHOD_MAX],
                               const struct ht_jwt *jwt, const json_t *document, const char *did,
                               const char *relation, struct ht_why *why) {
    const json_t *kid = ht_json_member(jwt->header, "kid");
    struct choice choice = {
        .jwt = jwt, .document = document, .did = ht_bytes_str(did), .method_id = method_id};
    if (!ht_document_same_did(text_of(document, "id"), choice.did)) {
        return ht_fail(why, HT_EUNVERIFIED, "vc_key", "the document is another's");
    }
    choose(&choice, ht_json_member(document, relation), kid);
    if (choice.is_good) return HT_OK;
    if (choice.tried > 0) {
        return ht_fail(why, HT_EUNVERIFIED, "jwt_signature",
                       "no key of %s under %s has this signature", did, relation);
    }
    if (kid != NULL) {
        return ht_fail(why, HT_EUNVERIFIED, "vc_key",
                       "the key that \"kid\" names is no %s of %s that fits", relation, did);
    }
    return ht_fail(why, HT_EUNVERIFIED, "vc_key", "no key of %s is for %s and fits", did, relation);
}
