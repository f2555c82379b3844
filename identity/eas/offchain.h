/* Off-chain attestations in the EAS SDK's forms: read, verified, made, written. Pure; any thread.
 * Source: eas-sdk 2.10.0 (offchain.ts, typed-data-handler.ts, offchain-utils.ts), EIP-712.
 *
 * Read are the SDK's JSON ({"sig": {…}, "signer"}, also with r, s and v beside "uid" as its first
 * versions had them), its compact array (16 to 18 parts, the version and salt being the last two)
 * and a share URL or the base64 in it (zlib, bounded while it grows). Types never come from the
 * package: only the known ones count. Verified here is the signature and the uid; what the chain
 * says (schema, revocation, contract attesters) and what the time is are the caller's to ask.
 *
 * Reasons: HT_EINPUT "eas_json", "eas_url", "eas_types" (no types that are known), "eas_version"
 * (none that is known, or two of them); HT_ELIMIT "eas_too_large"; HT_EUNVERIFIED "eas_uid",
 * "eas_domain", "eas_attester" (the zero address), "eas_signature" (high s or no point),
 * "eas_signer" (another's); HT_ENOMEM. */
#ifndef HT_IDENTITY_EAS_OFFCHAIN_H
#define HT_IDENTITY_EAS_OFFCHAIN_H

#include "identity/eas/attestation.h"
#include "node/base/hex.h"
#include "node/codec/json.h"
#include "node/crypto/secp256k1.h"

#define HT_EAS_PACKAGE_MAX ((size_t)256 << 10) /* bytes of a package, also when inflated */
#define HT_EAS_DOMAIN_NAME "EAS Attestation"

struct ht_eas_offchain {
    enum ht_eas_version version;
    struct ht_attestation attestation; /* attester: who is said to have signed */
    char schema_text[HT_HEX_SIZE(32)]; /* as it was written, whose case the uid has in it */
    bool has_salt;
    ht_hash32 salt;
    const char *domain_name, *domain_version;
    uint64_t chain_id;
    ht_addr20 contract;
    const char *primary_type; /* "Attest" or "Attestation" */
    const char *type_name;    /* the key of types: version 0 has three forms */
    struct ht_ecdsa_signature signature;
};

/* Reads any of the three forms. Everything is copied into the arena, which needs the package's
 * size at most; with less it is HT_ENOMEM. */
enum ht_err ht_eas_offchain_read(struct ht_eas_offchain *out, struct ht_arena *arena,
                                 ht_bytes package, struct ht_why *why) HT_MUST_USE;
/* What is signed (EIP-712). type_name and has_salt must be those of the version, as they are in
 * what was read or made. */
void ht_eas_offchain_digest(ht_hash32 *out, const struct ht_eas_offchain *package);
/* uid, domain (name, chain and contract must be those given; its version is the signer's),
 * signature by the attester. skip_signature: the attester has code, whoever calls asks it
 * (ERC-1271). */
enum ht_err ht_eas_offchain_verify(const struct ht_eas_offchain *package, uint64_t chain_id,
                                   const ht_addr20 *contract, bool skip_signature,
                                   struct ht_why *why) HT_MUST_USE;

/* The typed data (EIP-712) that a wallet signs to make one of version 2; a new reference. Given
 * are the attestation, its attester, salt, domain_version, chain_id and contract; the rest is set
 * here, the uid among it. HT_ELIMIT for more than HT_EAS_DATA_MAX of data. */
enum ht_err ht_eas_offchain_typed(json_t **out, struct ht_eas_offchain *package,
                                  struct ht_why *why) HT_MUST_USE;
/* The SDK's JSON, as its own code reads it; a new reference, NULL without memory. */
json_t *ht_eas_offchain_json(const struct ht_eas_offchain *package);
/* Appends "/offchain/url/#attestation=…". HT_EINPUT "eas_types" for what the compact array has no
 * place for: another domain's name, a type_name "Attestation"; HT_ELIMIT for times past 2^53. */
enum ht_err ht_eas_offchain_url(struct ht_buf *out, const struct ht_eas_offchain *package,
                                struct ht_why *why) HT_MUST_USE;

#endif
