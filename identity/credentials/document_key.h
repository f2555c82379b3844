/* Which keys of a DID document may do something, and whether one of them signed a token. Pure; any
 * thread.
 *
 * Verification methods say their key in many forms, all of which are read: publicKeyJwk,
 * publicKeyMultibase (with or without multicodec), publicKeyBase58, publicKeyHex, publicKeyBase64,
 * and the address of a secp256k1 key as blockchainAccountId (CAIP-10) or ethereumAddress. Methods
 * of other curves or kinds count as not there. */
#ifndef HT_IDENTITY_CREDENTIALS_DOCUMENT_KEY_H
#define HT_IDENTITY_CREDENTIALS_DOCUMENT_KEY_H

#include "identity/credentials/jwt.h"

#define HT_DOCUMENT_METHOD_MAX 600U /* bytes of a method's id, with the zero */
#define HT_DOCUMENT_TRIES_MAX 64U   /* keys tried when the token names none */

/* The key of a verification method. HT_ENOTFOUND "vc_key" when it has none of those above, or one
 * that is no point of its curve (or when there is no memory to read it). */
enum ht_err ht_document_key(struct ht_jwt_key *out, const json_t *method,
                            struct ht_why *why) HT_MUST_USE;

/* Whether two texts are the same DID: byte by byte, but for the addresses of did:ethr and did:pkh,
 * where the case of letters is a checksum. */
bool ht_document_same_did(ht_bytes a, ht_bytes b);

/* Whether a key that the document lists under `relation` ("assertionMethod", "authentication")
 * signed the token: the one that `kid` names, or without it any one. `kid` is "#fragment", or a DID
 * URL of the same DID. method_id: which one it was. HT_EUNVERIFIED "vc_key": none may, or not the
 * one that is named; "jwt_signature": it did not. */
enum ht_err ht_document_verify(char method_id[static HT_DOCUMENT_METHOD_MAX],
                               const struct ht_jwt *jwt, const json_t *document, const char *did,
                               const char *relation, struct ht_why *why) HT_MUST_USE;

#endif
