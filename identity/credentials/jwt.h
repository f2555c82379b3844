/* JSON web tokens as credentials have them (RFC 7515, 7519): three parts, ES256K (RFC 8812),
 * ES256K-R or EdDSA (RFC 8037). Pure; any thread. The key comes from a DID document, never from the
 * token: "jwk", "jku", "x5c" and their like are not looked at. Other algorithms, none and HS256
 * among them, are refused before anything else is looked at, and so are headers with "crit" or
 * "b64", which change what is signed.
 *
 * Reasons: HT_EINPUT "jwt_form" (not three parts, or a signature of another length), "jwt_base64",
 * "jwt_json" (no object, a member twice), "jwt_alg", "jwt_header"; HT_ELIMIT "jwt_too_large";
 * HT_EUNVERIFIED "jwt_signature"; HT_ENOMEM. */
#ifndef HT_IDENTITY_CREDENTIALS_JWT_H
#define HT_IDENTITY_CREDENTIALS_JWT_H

#include <jansson.h>

#include "node/base/arena.h"

#define HT_JWT_MAX ((size_t)256 << 10)

enum ht_jwt_alg { HT_JWT_ES256K, HT_JWT_ES256K_R, HT_JWT_EDDSA };

struct ht_jwt {
    enum ht_jwt_alg alg;
    json_t *header, *payload; /* new references, dropped by ht_jwt_fini */
    ht_bytes signed_part;     /* "header.payload", borrowed from the text */
    uint8_t signature[65];
    size_t signature_size; /* 64, 65 with ES256K-R */
};

/* Reads a token; nothing of it is checked yet. *out is written with HT_OK only. */
enum ht_err ht_jwt_read(struct ht_jwt *out, ht_bytes text, struct ht_why *why) HT_MUST_USE;
void ht_jwt_fini(struct ht_jwt *jwt);

/* A public key to check against, or the address of one. */
struct ht_jwt_key {
    enum { HT_JWT_KEY_SECP256K1, HT_JWT_KEY_ADDRESS, HT_JWT_KEY_ED25519 } kind;
    uint8_t key[33]; /* compressed; 32 bytes of Ed25519 */
    ht_addr20 address;
};
/* Whether the key is of the kind that the token's algorithm has. */
bool ht_jwt_fits(const struct ht_jwt *jwt, const struct ht_jwt_key *key);
/* ES256K and ES256K-R take either s and go by a public key or an address; an ES256K-R signature
 * says which of two keys it is of, and must say it right. HT_EUNVERIFIED "jwt_signature", also for
 * a key that does not fit. */
enum ht_err ht_jwt_verify(const struct ht_jwt *jwt, const struct ht_jwt_key *key,
                          struct ht_why *why) HT_MUST_USE;

/* Appends "header.payload" of a token that is to be signed: {"alg", "typ": "JWT"} with the members
 * of header_extra (an object, or NULL; "typ" and "kid" are for it to say) and the payload. What is
 * appended is then the whole of out, and what ht_jwt_digest and ht_jwt_end go by. HT_EINPUT
 * "jwt_header" when it would bring another "alg", "crit" or "b64", "jwt_json" when the payload is
 * no object; HT_ELIMIT, HT_ENOMEM. */
enum ht_err ht_jwt_begin(struct ht_buf *out, enum ht_jwt_alg alg, const json_t *header_extra,
                         const json_t *payload, struct ht_why *why) HT_MUST_USE;
/* SHA-256 of it: what ES256K and ES256K-R sign. EdDSA signs the part itself. */
void ht_jwt_digest(ht_hash32 *out, ht_bytes signed_part);
/* Appends "." and the signature's base64url: 64 bytes, 65 with ES256K-R. */
enum ht_err ht_jwt_end(struct ht_buf *out, ht_bytes signature) HT_MUST_USE;

#endif
