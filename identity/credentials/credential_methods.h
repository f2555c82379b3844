/* Verifiable credentials (credentials/credential.h) of the wallet's identities, and checking those
 * of others over the proven chain.
 *
 *   credential.issue {"credential": {…}, "from": address | DID, "account"?: address, "alg"?:
 * "ES256K" | "ES256K-R"} -> {"token", "issuer", "method", "alg", "expires": s | null, "as_of"}
 *   credential.present {"tokens": [text], "from", "challenge"?, "domain"?, "account"?, "alg"?} ->
 *     {"token", "holder", "method", "alg", "expires", "as_of"}
 *     from: an address stands for its did:ethr. The DID's document is fetched first, and the key
 *     that signs is one of it: account's, or the first of this wallet's under assertionMethod or
 *     authentication, so also a delegate's. What is signed is shown in words (explain_credential.h)
 *     and confirmed in the queue; the token is checked against the document before it is given out.
 *     alg: ES256K-R unless the document has the public key itself.
 *   credential.verify {"token", "challenge"?, "domain"?, "block"?: "latest" | "finalized"} ->
 *     {"verdict", "code", "why", "kind": "credential" | "presentation" | null, "claims": {…} |
 * null, "issuer": DID | null, "holder": DID | null, "method", "expires", "is_bound": bool | null,
 *     "steps": [{"step", "ok": bool | null, "text"}], "as_of": {"number", "hash", "timestamp",
 *     "level": "finalized" | "head"} | null}
 *     verdict: "valid"; "invalid": that is certain; "expired", "not_yet" (its signature was not
 *       looked at); "unverified": something could not be told, code and why say what: a document
 *       that could not be fetched or proven, or "vc_status": all else holds, but the issuer may
 *       have taken it back in a list that nobody here has asked.
 *     claims: with "valid" and "vc_status" alone. is_bound: of a presentation, whether the subject
 *       of each credential is who presents it. as_of: null when no document needed the chain.
 *     A challenge or domain that is asked for is answered by presentations only.
 *
 * Errors of the first two, besides those of credentials/, did/did_resolve.h, send.h, queue.h and
 * explain_credential.h: HT_EDENIED "vc_no_key" (no account of this wallet, or not that one, may
 * sign for the DID); HT_EINPUT "vc_alg", "vc_from", "already_expired", "vc_text" (a challenge or
 * domain of no or over HT_CREDENTIAL_TEXT_MAX bytes); HT_ELIMIT "jwt_too_large". Loop thread. */
#ifndef HT_IDENTITY_CREDENTIALS_CREDENTIAL_METHODS_H
#define HT_IDENTITY_CREDENTIALS_CREDENTIAL_METHODS_H

#include "identity/identity.h"

#define HT_CREDENTIAL_TEXT_MAX 1024U

/* NULL when it is not there or null. HT_EINPUT "vc_text", and that it is no text. */
enum ht_err ht_credential_text(const char **out, const json_t *params, const char *key,
                               struct ht_why *why) HT_MUST_USE;

#endif
