/* Delegated requests as they travel: what somebody signed so that another sends it (and pays for
 * it), in the EAS SDK's JSON. Pure; any thread.
 *
 *   {"version": the contract's, "domain": {"name", "version", "chainId", "verifyingContract"},
 *    "primaryType": "Attest" | "Revoke", "types": {…}, "message": {"attester" | "revoker",
 * "schema", "recipient", "expirationTime", "revocable", "refUID", "data" | "uid", "value", "nonce",
 *    "deadline"}, "signature": {"r", "s", "v"}}
 *
 * Numbers are decimal text or integers. The signer is in the message, also for contracts below
 * 1.3.0 that do not have it signed; value and deadline are not there below 1.2.0. What is signed is
 * made anew for the contract that the reader trusts; the request's own domain and types must be the
 * same, so that a difference has its own reason.
 *
 * Reasons, besides those of calls.h: HT_EINPUT "eas_json" (misshapen), "eas_value" (ether with it,
 * which is not sent from here); HT_ELIMIT "eas_too_large"; HT_EUNVERIFIED "eas_domain" (for another
 * chain or contract), "eas_version" (for another version of the contract), "eas_types" (signed in
 * the form of another version), "eas_signature" (it is none, or has the high s), "eas_signer"
 * (another than the attester's key signed it); HT_EINPUT "deadline_passed"; HT_ESTALE "nonce_used",
 * HT_EINPUT "nonce_ahead". */
#ifndef HT_IDENTITY_EAS_DELEGATED_H
#define HT_IDENTITY_EAS_DELEGATED_H

#include "identity/eas/calls.h"
#include "node/crypto/secp256k1.h"

struct ht_eas_signed {
    struct ht_eas_delegated request; /* its data is the arena's */
    struct ht_ecdsa_signature signature;
    ht_hash32 digest; /* what has been signed, for request.contract */
};

/* Reads a request for that contract, which must outlive *out. The signature is not looked at. */
enum ht_err ht_eas_delegated_read(struct ht_eas_signed *out, struct ht_arena *arena,
                                  const struct ht_eas_contract *contract, const json_t *document,
                                  struct ht_why *why) HT_MUST_USE;
/* Whether the attester's own key signed it. On "eas_signer" a contract may still say that it did:
 * from 1.0 on (contract->layout) EAS asks it by ERC-1271. */
enum ht_err ht_eas_delegated_signer(const struct ht_eas_signed *request,
                                    struct ht_why *why) HT_MUST_USE;
/* Whether the contract would still take it: the attester's next nonce there, and the time in
 * seconds. Deadlines are good to the second that they name. */
enum ht_err ht_eas_delegated_timely(const struct ht_eas_delegated *request, uint64_t nonce,
                                    uint64_t now_s, struct ht_why *why) HT_MUST_USE;
/* r, s, and v as the contract wants it, 27 or 28. */
void ht_eas_delegated_bytes(uint8_t out[static 65], const struct ht_ecdsa_signature *signature);
/* The JSON; a new reference. */
enum ht_err ht_eas_delegated_json(json_t **out, const struct ht_eas_delegated *request,
                                  const struct ht_ecdsa_signature *signature,
                                  struct ht_why *why) HT_MUST_USE;

#endif
