/* The envelope of a token: reading it, its signature, writing it. What it says is credential.c's.
 */
#include "identity/credentials/jwt.h"

#include <sodium.h>

#include "node/codec/base64.h"
#include "node/codec/json.h"
#include "node/crypto/secp256k1.h"
#include "node/crypto/sha256.h"

#define HEADER_MAX 8192U /* letters */

static const char *const ALGORITHMS[] = {
    [HT_JWT_ES256K] = "ES256K", [HT_JWT_ES256K_R] = "ES256K-R", [HT_JWT_EDDSA] = "EdDSA"};
#define ALGORITHM_COUNT (sizeof ALGORITHMS / sizeof *ALGORITHMS)

static enum ht_err no_memory(struct ht_why *why) {
    return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
}

static size_t signature_size(enum ht_jwt_alg alg) {
    return alg == HT_JWT_ES256K_R ? 65 : 64;
}

/* --- reading ---------------------------------------------------------------------------------- */

/* header, payload, signature */
static bool split(ht_bytes parts[static 3], ht_bytes text) {
    for (size_t i = 0; i < 2; i++) {
        const uint8_t *dot = text.n > 0 ? memchr(text.p, '.', text.n) : NULL;
        if (dot == NULL) return false;
        parts[i] = ht_bytes_of(text.p, (size_t)(dot - text.p));
        text = ht_bytes_of(dot + 1, text.n - parts[i].n - 1);
    }
    parts[2] = text;
    return text.n == 0 || memchr(text.p, '.', text.n) == NULL;
}

static enum ht_err read_part(json_t **out, ht_bytes letters, const char *name, struct ht_why *why) {
    struct ht_why inner = {.code = "", .text = ""};
    struct ht_buf text;
    json_t *object = NULL;
    ht_buf_init(&text, HT_JWT_MAX);
    enum ht_err err = ht_base64_read(&text, HT_BASE64_URL, letters);
    if (err == HT_ENOMEM) {
        (void)no_memory(why);
    } else if (err != HT_OK) {
        err = ht_fail(why, err, "jwt_base64", "the %s is not strictly base64url", name);
    } else {
        err = ht_json_parse(&object, ht_buf_view(&text), HT_JWT_MAX, &inner);
        if (err != HT_OK) (void)ht_fail(why, err, "jwt_json", "the %s: %s", name, inner.text);
    }
    ht_buf_fini(&text);
    if (err == HT_OK && !json_is_object(object)) {
        json_decref(object);
        return ht_fail(why, HT_EINPUT, "jwt_json", "the %s is no object", name);
    }
    if (err == HT_OK) *out = object;
    return err;
}

static bool is_text_or_absent(const json_t *header, const char *key) {
    const json_t *value = ht_json_member(header, key);
    return value == NULL ||
           (json_is_string(value) && strlen(json_string_value(value)) == json_string_length(value));
}

static enum ht_err read_alg(enum ht_jwt_alg *out, const json_t *header, struct ht_why *why) {
    const json_t *alg = ht_json_member(header, "alg");
    ht_bytes name = ht_bytes_of(json_string_value(alg), json_string_length(alg));
    for (size_t i = 0; i < ALGORITHM_COUNT; i++) {
        if (!ht_bytes_equal(name, ht_bytes_str(ALGORITHMS[i]))) continue;
        *out = (enum ht_jwt_alg)i;
        return HT_OK;
    }
    return ht_fail(why, HT_EINPUT, "jwt_alg",
                   "only ES256K, ES256K-R and EdDSA are taken as a token's algorithm");
}

static enum ht_err check_header(const json_t *header, struct ht_why *why) {
    if (ht_json_member(header, "crit") != NULL || ht_json_member(header, "b64") != NULL) {
        return ht_fail(why, HT_EINPUT, "jwt_header",
                       "the header has \"crit\" or \"b64\", which are not understood here");
    }
    if (is_text_or_absent(header, "typ") && is_text_or_absent(header, "kid")) return HT_OK;
    return ht_fail(why, HT_EINPUT, "jwt_header", "\"typ\" and \"kid\" are texts");
}

static enum ht_err read_signature(struct ht_jwt *out, ht_bytes letters, struct ht_why *why) {
    struct ht_buf bytes;
    ht_buf_init(&bytes, 2 * sizeof out->signature);
    size_t want = signature_size(out->alg);
    enum ht_err err = ht_base64_read(&bytes, HT_BASE64_URL, letters);
    if (err == HT_EINPUT) {
        (void)ht_fail(why, err, "jwt_base64", "the signature is not strictly base64url");
    } else if (err == HT_ELIMIT || (err == HT_OK && bytes.n != want)) {
        err = ht_fail(why, HT_EINPUT, "jwt_form", "a signature of %s has %zu bytes",
                      ALGORITHMS[out->alg], want);
    } else if (err != HT_OK) {
        (void)no_memory(why);
    } else {
        memcpy(out->signature, bytes.p, want);
        out->signature_size = want;
    }
    ht_buf_fini(&bytes);
    return err;
}

enum ht_err ht_jwt_read(struct ht_jwt *out, ht_bytes text, struct ht_why *why) {
    struct ht_jwt jwt = {.alg = HT_JWT_ES256K};
    ht_bytes parts[3];
    if (text.n > HT_JWT_MAX) {
        return ht_fail(why, HT_ELIMIT, "jwt_too_large", "a token of over %zu bytes", HT_JWT_MAX);
    }
    if (!split(parts, text)) {
        return ht_fail(why, HT_EINPUT, "jwt_form", "a token has three parts with dots between");
    }
    if (parts[0].n > HEADER_MAX) {
        return ht_fail(why, HT_ELIMIT, "jwt_too_large", "a header of over %u letters", HEADER_MAX);
    }
    enum ht_err err = read_part(&jwt.header, parts[0], "header", why);
    if (err == HT_OK) err = read_alg(&jwt.alg, jwt.header, why);
    if (err == HT_OK) err = check_header(jwt.header, why);
    if (err == HT_OK) err = read_signature(&jwt, parts[2], why);
    if (err == HT_OK) err = read_part(&jwt.payload, parts[1], "payload", why);
    if (err != HT_OK) {
        ht_jwt_fini(&jwt);
        return err;
    }
    jwt.signed_part = ht_bytes_of(text.p, parts[0].n + 1 + parts[1].n);
    *out = jwt;
    return HT_OK;
}

void ht_jwt_fini(struct ht_jwt *jwt) {
    json_decref(jwt->header);
    json_decref(jwt->payload);
    jwt->header = jwt->payload = NULL;
}

/* --- the signature ---------------------------------------------------------------------------- */

void ht_jwt_digest(ht_hash32 *out, ht_bytes signed_part) {
    ht_sha256(out, signed_part);
}

bool ht_jwt_fits(const struct ht_jwt *jwt, const struct ht_jwt_key *key) {
    return (jwt->alg == HT_JWT_EDDSA) == (key->kind == HT_JWT_KEY_ED25519);
}

/* Whether the key that this signature has with this parity is the one meant. */
static bool recovers(const struct ht_ecdsa_signature *signature, const ht_hash32 *digest,
                     const struct ht_jwt_key *key) {
    uint8_t point[HT_SECP256K1_PUBKEY_SIZE];
    ht_addr20 address;
    if (ht_ecdsa_recover(point, digest, signature, HT_ECDSA_ANY_S, NULL) != HT_OK) return false;
    if (key->kind == HT_JWT_KEY_SECP256K1) {
        return key->key[0] == (2 | (point[63] & 1)) && memcmp(key->key + 1, point, 32) == 0;
    }
    ht_secp256k1_address(&address, point);
    return memcmp(address.b, key->address.b, sizeof address.b) == 0;
}

static bool is_ecdsa_signature(const struct ht_jwt *jwt, const struct ht_jwt_key *key) {
    struct ht_ecdsa_signature signature = {.y_parity = 0};
    ht_hash32 digest;
    memcpy(signature.r, jwt->signature, 32);
    memcpy(signature.s, jwt->signature + 32, 32);
    ht_jwt_digest(&digest, jwt->signed_part);
    if (jwt->alg == HT_JWT_ES256K_R) {
        signature.y_parity = jwt->signature[64];
        return recovers(&signature, &digest, key);
    }
    if (key->kind == HT_JWT_KEY_SECP256K1) {
        return ht_ecdsa_verify(&signature, &digest, key->key, HT_ECDSA_ANY_S, NULL) == HT_OK;
    }
    bool is_even = recovers(&signature, &digest, key);
    signature.y_parity = 1;
    return is_even || recovers(&signature, &digest, key);
}

enum ht_err ht_jwt_verify(const struct ht_jwt *jwt, const struct ht_jwt_key *key,
                          struct ht_why *why) {
    if (!ht_jwt_fits(jwt, key)) {
        return ht_fail(why, HT_EUNVERIFIED, "jwt_signature", "%s does not go by a key of this kind",
                       ALGORITHMS[jwt->alg]);
    }
    bool is_good = jwt->alg == HT_JWT_EDDSA
                       ? crypto_sign_verify_detached(jwt->signature, jwt->signed_part.p,
                                                     jwt->signed_part.n, key->key) == 0
                       : is_ecdsa_signature(jwt, key);
    if (is_good) return HT_OK;
    return ht_fail(why, HT_EUNVERIFIED, "jwt_signature", "the signature is not the key's");
}

/* --- writing ---------------------------------------------------------------------------------- */

static enum ht_err make_header(json_t **out, enum ht_jwt_alg alg, const json_t *extra,
                               struct ht_why *why) {
    const char *key = NULL;
    json_t *value = NULL;
    json_t *header = json_pack("{s:s, s:s}", "alg", ALGORITHMS[alg], "typ", "JWT");
    if (header == NULL) return no_memory(why);
    enum ht_err err = HT_OK;
    json_object_foreach((json_t *)(uintptr_t)extra, key, value) {
        bool is_ours = strcmp(key, "alg") == 0;
        if (err == HT_OK && is_ours)
            err = ht_fail(why, HT_EINPUT, "jwt_header", "the algorithm is not for it to say");
        if (err == HT_OK && json_object_set(header, key, value) != 0) err = no_memory(why);
    }
    if (err == HT_OK) err = check_header(header, why);
    if (err == HT_OK) {
        *out = header;
    } else {
        json_decref(header);
    }
    return err;
}

static enum ht_err add_part(struct ht_buf *out, const json_t *object, struct ht_why *why) {
    struct ht_buf text;
    ht_buf_init(&text, HT_JWT_MAX);
    enum ht_err err = ht_json_dump_compact(&text, object);
    if (err == HT_OK) err = ht_base64_write(out, HT_BASE64_URL, ht_buf_view(&text));
    ht_buf_fini(&text);
    if (err == HT_ELIMIT)
        return ht_fail(why, err, "jwt_too_large", "a token of over %zu bytes", HT_JWT_MAX);
    return err == HT_OK ? err : ht_fail(why, err, "jwt_json", "it cannot be written as JSON");
}

enum ht_err ht_jwt_begin(struct ht_buf *out, enum ht_jwt_alg alg, const json_t *header_extra,
                         const json_t *payload, struct ht_why *why) {
    json_t *header = NULL;
    size_t before = out->n;
    if (!json_is_object(payload)) {
        return ht_fail(why, HT_EINPUT, "jwt_json", "the payload is no object");
    }
    enum ht_err err = make_header(&header, alg, header_extra, why);
    if (err == HT_OK) err = add_part(out, header, why);
    if (err == HT_OK) {
        err = ht_buf_add_str(out, ".");
        if (err != HT_OK) (void)ht_fail(why, err, "jwt_too_large", "there is no room for it");
    }
    if (err == HT_OK) err = add_part(out, payload, why);
    if (err != HT_OK) out->n = before;
    json_decref(header);
    return err;
}

enum ht_err ht_jwt_end(struct ht_buf *out, ht_bytes signature) {
    size_t before = out->n;
    enum ht_err err = ht_buf_add_str(out, ".");
    if (err == HT_OK) err = ht_base64_write(out, HT_BASE64_URL, signature);
    if (err != HT_OK) out->n = before;
    return err;
}
