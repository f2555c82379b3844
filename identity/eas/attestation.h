/* Attestations as the Ethereum Attestation Service has them: what they hold and how they are named.
 * Pure; any thread. Source: eas-contracts (EAS.sol 0.26, 1.0.1, 1.4.0), eas-sdk's off-chain form.
 *
 * An off-chain uid does not bind the attester, so an attestation is known by (attester, uid). */
#ifndef HT_IDENTITY_EAS_ATTESTATION_H
#define HT_IDENTITY_EAS_ATTESTATION_H

#include "node/base/arena.h"

#define HT_EAS_DATA_MAX ((size_t)64 << 10) /* bytes of an attestation's data */
#define HT_EAS_BUMPS_MAX 16U               /* tried when a uid on chain is computed again */

struct ht_attestation {
    ht_hash32 uid, schema, ref_uid;
    uint64_t time, expiration_time, revocation_time; /* seconds; 0: never */
    ht_addr20 recipient, attester;
    bool is_revocable;
    ht_bytes data; /* borrowed */
};

enum ht_eas_version { HT_EAS_OFFCHAIN_V0, HT_EAS_OFFCHAIN_V1, HT_EAS_OFFCHAIN_V2 };

/* keccak256(schema text || resolver || revocable). */
void ht_eas_schema_uid(ht_hash32 *out, ht_bytes schema, const ht_addr20 *resolver,
                       bool is_revocable);
/* The uid on chain with that bump, a number that tells equal attestations of one block apart. */
void ht_eas_uid(ht_hash32 *out, const struct ht_attestation *attestation, uint32_t bump);
/* Whether some bump below HT_EAS_BUMPS_MAX gives the attestation's uid. */
bool ht_eas_uid_is_own(const struct ht_attestation *attestation);
/* The uid off chain. schema_text: the schema's hash as it was written, "0x" and 64 digits, whose
 * case counts. salt: of version 2, else NULL. */
void ht_eas_offchain_uid(ht_hash32 *out, enum ht_eas_version version,
                         const struct ht_attestation *attestation, ht_bytes schema_text,
                         const ht_hash32 *salt);

/* What an attestation is worth at a time, apart from its signature or proof. */
enum ht_eas_status {
    HT_EAS_VALID,
    HT_EAS_REVOKED,
    HT_EAS_EXPIRED,     /* expiration_time <= now */
    HT_EAS_FROM_FUTURE, /* time > now */
};
enum ht_eas_status ht_eas_status_at(const struct ht_attestation *attestation, uint64_t now_s);
const char *ht_eas_status_name(enum ht_eas_status status); /* "valid", "revoked", … */

#endif
