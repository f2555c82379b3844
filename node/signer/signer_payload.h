/* What may be signed, and as what: each kind of request has a prefix or a shape of its own, so that
 * no request can stand for another.
 *
 * A transaction begins with 1, 2, 4 or a list's head (0xc0 to 0xff), an authorization with 5, text
 * and typed data with 0x19 (EIP-191); the prefixes of the last three are put here, never given. A
 * token is signed by its SHA-256, everything else of Ethereum by its Keccak-256. Pure. */
#ifndef HT_SIGNER_SIGNER_PAYLOAD_H
#define HT_SIGNER_SIGNER_PAYLOAD_H

#include "node/signer/protocol.h"

#define HT_SIGNER_JWT_MAX ((size_t)255 << 10)

/* The digest that the request signs for its data (HT_SIGNER_SIGN_TX to HT_SIGNER_SIGN_EVENT).
 *
 * SIGN_TX: an unsigned transaction as EIP-2718 has it, of types 0 (six fields, or with EIP-155's
 * chain id and two zeros behind), 1, 2 or 4. SIGN_TEXT: any bytes. SIGN_TYPED: 64 bytes.
 * SIGN_AUTHORIZATION: rlp([chain_id, address, nonce]). SIGN_JWT: what RFC 7515 signs of a token,
 * whole: the base64url of a header, which says ES256K or ES256K-R and has no "crit" or "b64", a
 * point, and that of a payload, both objects; 65 to HT_SIGNER_JWT_MAX bytes. SIGN_EVENT: 32 bytes,
 * as they are.
 *
 * Reasons, HT_EINPUT: "tx_type" (no transaction or one of another type), "tx_shape" (fields that
 * are missing, too many or impossible; 32 bytes), "typed_size", "authorization_shape",
 * "jwt_shape" (also without memory to read it), "event_size". */
enum ht_err ht_signer_digest(ht_hash32 *out, enum ht_signer_request request, ht_bytes data,
                             struct ht_why *why) HT_MUST_USE;

#endif
